"""The config of a running daemon: read again when its file changes; one that is wrong leaves the old one in force.

With the files of secrets beside it: whoever mends a password or the config wants every account asked now.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from daemon.config import Config, included
from daemon.model.errors import ConfigError
from daemon.model.plan import Problem
from daemon.system.secrets import name_of

Stamp = tuple[tuple[str, int, int, int] | tuple[str], ...]
"""Of each file its path, and where it is there the time of its last change, its size and its inode."""


class Look(Struct, frozen=True):
    """The config in force.  `anew`: it or a secret has changed, or somebody asked; `problem`: what is wrong with it."""

    config: Config
    anew: bool
    problem: Problem | None = None


class Source:
    """Where a daemon's config comes from, cycle by cycle.

    `find`: the file, None for none; `load`: reads it, ConfigError with all that is wrong.
    """

    def __init__(self, find: Callable[[], Path | None], load: Callable[[], Config]) -> None:
        self._find = find
        self._load = load
        self._config = load()
        self._stamp = _stamp(self._files())
        self._problem: Problem | None = None
        self._anew = True

    @property
    def config(self) -> Config:
        """As it is in force."""
        return self._config

    def renew(self) -> None:
        """Somebody has asked: look at all of it again."""
        self._anew = True

    def look(self) -> Look:
        """Before a cycle."""
        stamp = _stamp(self._files())
        anew, self._anew = self._anew or stamp != self._stamp, False
        if anew:
            self._read()
            self._stamp = _stamp(self._files())
        return Look(self._config, anew, self._problem)

    def _read(self) -> None:
        try:
            self._config, self._problem = self._load(), None
        except ConfigError as e:
            what = f"{e.what.splitlines()[0]}; the config of before stays in force"
            self._problem = Problem("config", what, e.remedy or "`unbusy check` shows all that is wrong", e.code)

    def _files(self) -> Iterator[str]:
        if found := self._find():
            yield str(found)
            yield from included(found, self._config)
        yield "/etc/localtime"
        credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
        for account, options in self._config.accounts.items():
            if credentials:
                yield f"{credentials}/{name_of(account)}"
            yield from (word for word in getattr(options, "password_command", ())[1:] if word.startswith("/"))


def _stamp(files: Iterable[str]) -> Stamp:
    return tuple(map(_of_file, files))


def _of_file(path: str) -> tuple[str, int, int, int] | tuple[str]:
    try:
        at = os.stat(path)  # noqa: PTH116  Path's raises for a name with NUL
    except (OSError, ValueError):
        return (path,)
    return path, at.st_mtime_ns, at.st_size, at.st_ino
