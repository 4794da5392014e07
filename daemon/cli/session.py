"""What every command shares: the config that was asked for, the moment, and how failures are told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from daemon.model.errors import ConfigError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.config import Config
    from daemon.stages.runtime import Runtime


class Session(NamedTuple):
    """The options that stand before the command.  `now` is as it was typed, '' for the clock."""

    config_path: str | None
    now_text: str
    verbose: bool

    def config(self) -> Config:
        """The config; ConfigError, with what to do, when there is none."""
        from daemon.config import NO_CONFIG, find, load

        path = find(self.config_path)
        if path is None:
            raise ConfigError(NO_CONFIG)
        return load(path)

    def now(self, zone: ZoneInfo) -> datetime:
        """The moment of this run, in UTC; `--now` without an offset is local time."""
        if not self.now_text:
            return datetime.now(UTC)
        try:
            moment = datetime.fromisoformat(self.now_text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            if not 1971 <= moment.year <= 2199:
                raise ValueError(moment)  # noqa: TRY301  one remedy for all of it
            return moment.astimezone(UTC)
        except ValueError:
            raise ConfigError(
                f"{self.now_text!r} is not a moment", "write it like 2026-12-01T09:00 or 2026-12-01T09:00+01:00"
            ) from None

    @contextmanager
    def runtime(self, config: Config | None = None) -> Iterator[tuple[Runtime, datetime]]:
        """Config (the one that is given, if any), accounts and state, and the moment of this run."""
        from daemon.config import profile
        from daemon.stages.runtime import open_runtime

        config = config or self.config()
        moment = self.now(profile(config).zone)
        fixed = bool(self.now_text)
        now = (lambda: moment) if fixed else (lambda: datetime.now(UTC))
        with open_runtime(config, now, told=fixed) as runtime:
            if notice := runtime.ledger.notice:
                say(f"unbusy: {notice}")
            yield runtime, moment


def interactive() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def say(text: str) -> None:
    """Talk goes to standard error; data goes to standard output.  What servers said may be in it: no line commands."""
    from daemon.cli.terminal import put
    from daemon.model.words import harmless

    for line in text.split("\n"):
        put(harmless(line), err=True)


def home(path: Path) -> str:
    """A path as people write it."""
    return str(path).replace(str(Path.home()), "~", 1) if str(Path.home()) != "/" else str(path)
