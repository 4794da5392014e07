"""How the daemon is, for those who watch it: a file for Prometheus, and an address that is asked for.

Neither has a title, a name or a reason in it.  What fails here is named once in the log and fails no cycle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from daemon.config import Config
from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.words import one_line
from daemon.stages.runtime import Runtime
from daemon.system.state_files import write_beside
from daemon.views.health import Verdict, accounts, judge, sight

PATIENCE = 5.0
"""Seconds for the whole of a ping."""

_READABLE = 0o644  # for everybody: node_exporter is another user


class Monitor:
    """Tells after each cycle; `log` hears what is wrong with that, once when it begins and once when it ends."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._wrong: dict[str, str] = {}

    def tell(self, runtime: Runtime, now: datetime) -> None:
        """How things are after a cycle."""
        options = runtime.config.monitor
        if not (options.textfile or options.ping):
            return
        verdict = judge(sight(runtime), now, runtime.profile.zone)
        if options.textfile:
            self._note("the file for Prometheus", _written(Path(options.textfile), text(runtime, verdict, now)))
        if options.ping:
            self._note("the ping", _pinged(runtime.config, well=verdict.code in (0, TemporaryError.code)))

    def _note(self, what: str, wrong: str) -> None:
        before = self._wrong.pop(what, "")
        if wrong:
            self._wrong[what] = wrong
            self._log.log(logging.DEBUG if before else logging.WARNING, f"{what}: {one_line(wrong)}")
        elif before:
            self._log.info(f"{what}: well again")


def text(runtime: Runtime, verdict: Verdict, now: datetime) -> str:
    """In the exposition format; an account goes by its place in the config."""
    return "".join(f"{line}\n" for line in _lines(runtime, verdict, now))


def _lines(runtime: Runtime, verdict: Verdict, now: datetime) -> Iterator[str]:
    last, drawn = sight(runtime).last, list(accounts(runtime, now))
    yield from _gauge("code", "What `unbusy status` exits with.", {"": verdict.code})
    yield from _gauge(
        "problems", "Problems of the last cycle.", {"": sum(1 for t in last.troubles if t.code)} if last else {}
    )
    yield from _gauge("cycle_timestamp_seconds", "When the last cycle began.", {"": _seconds(last.at)} if last else {})
    focus = {'{kind="booked"}': last.booked * 60, '{kind="kept"}': last.kept * 60} if last else {}
    yield from _gauge("focus_seconds", "What is booked and kept in this week.", focus)
    reads = {f'{{account="{n}"}}': _seconds(a.read) for n, a in enumerate(drawn, 1) if a.read}
    yield from _gauge("read_timestamp_seconds", "The oldest of the last good reads of an account.", reads)
    rests = {f'{{account="{n}"}}': int(bool(a.rest)) for n, a in enumerate(drawn, 1)}
    yield from _gauge("resting", "Whether an account is left alone for now.", rests)
    yield from _gauge("ledger_bytes", "The size of the ledger.", {"": runtime.ledger.size})


def _gauge(name: str, meaning: str, values: dict[str, int]) -> Iterator[str]:
    if values:
        yield f"# HELP unbusy_{name} {meaning}"
        yield f"# TYPE unbusy_{name} gauge"
        yield from (f"unbusy_{name}{labels} {value}" for labels, value in values.items())


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _written(path: Path, content: str) -> str:
    """What is wrong, '' for nothing.  Whoever reads it sees the old or the new one, whole."""
    try:
        write_beside(path, content.encode(), _READABLE)
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    return ""


def _pinged(config: Config, *, well: bool) -> str:
    """What is wrong, '' for nothing.  Nothing is sent but the request itself."""
    from connectors.http.web import Web  # noqa: PLC0415  few have asked for it

    url = config.monitor.ping.rstrip("/")
    web = Web(url, lambda: datetime.now(UTC), timeout=PATIENCE)
    try:
        answer = web.ask("GET", url if well else f"{url}/fail")
    except UnbusyError as error:
        return error.what
    finally:
        web.close()
    return "" if answer.status < 300 else f"the server answered {answer.status}"
