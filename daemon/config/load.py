"""Reads a config file; whatever is wrong in it is reported at once, each fault at its line with what would be valid."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from daemon.config.check import Fault, built, faults
from daemon.config.places import written_out
from daemon.config.schema import NAME, Config
from daemon.config.values import Where
from daemon.model.errors import ConfigError
from daemon.model.options import Included, shown

LIMIT = 100_000
"""Bytes; no config is larger."""
INCLUDED: tuple[Where, ...] = (("courtesy",), ("policies", "reflection", "questions"))
"""The options that name a file."""


def load(path: Path) -> Config:
    """Read a config file; ConfigError with all that is wrong in it, a line for each: 'file:line: key: text'."""
    text = _text(path)
    try:
        data = _parsed(path, text)
        unread = list(_included(path, data))
        if found := [*unread, *faults(data)]:
            raise ConfigError("\n".join(_located(path, text, found)))
        return built(data)
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply; no option needs more than a table in a table") from None


def _included(path: Path, data: dict[str, Any]) -> Iterator[Fault]:
    """Put the texts of the files that a config names in their places; what is wrong where one cannot be read.

    A name is one from the folder of the config, from / or from ~.
    """
    for place in INCLUDED:
        table = _table_at(data, place[:-1])
        key = str(place[-1])
        if table is None or not isinstance(name := table.get(key), str) or not name:
            continue
        try:
            table[key] = Included(name, _text(path.parent / written_out(name)))
        except ConfigError as error:
            yield Fault(place, f"{error.what}; name a file of at most {LIMIT // 1000} kB beside this one")


def included(path: Path, config: Config) -> Iterator[str]:
    """The files that were read with a config, the one that names them left out."""
    for place in INCLUDED:
        found: Any = config
        for key in place:
            found = found.get(key) if isinstance(found, Mapping) else getattr(found, str(key), None)
        if found:
            yield str(path.parent / written_out(str(found)))


def _table_at(data: dict[str, Any], path: Where) -> dict[str, Any] | None:
    found: Any = data
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: {reason}", "name a config file that can be read, with --config") from error
    if len(raw) > LIMIT:
        raise ConfigError(f"{path}: over {LIMIT // 1000} kB, which no config is", "name another with --config")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: byte 0x{raw[error.start]:02x}; save the file as UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of the file; ConfigError 'file:line:column: text' where it is not TOML."""
    try:
        return tomllib.loads(text)
    except ValueError as error:
        what, _, where = str(error).partition(" (at ")
        place = ":".join(re.findall(r"\d+", where)) or text.count("\n") + 1
        raise ConfigError(f"{path}:{place}: {what}; write TOML, see https://toml.io") from error


def _located(path: Path, text: str, found: Iterable[Fault]) -> Iterator[str]:
    """The faults in the order of the file; what is missing stands where its table does, or on line 1."""
    from daemon.config.positions import lines  # noqa: PLC0415 only a fault needs it

    at = {(): 1} | lines(text)
    placed = [(at[next(p for p in _upwards(fault.path) if p in at)], fault) for fault in found]
    for line, fault in sorted(placed, key=lambda place: place[0]):
        yield f"{path}:{line}: {_dotted(fault.path)}{fault.text}"


def _upwards(path: Where) -> Iterator[Where]:
    return (path[:length] for length in range(len(path), -1, -1))


def _dotted(path: Where) -> str:
    parts = (f"[{p + 1}]" if isinstance(p, int) else f".{p if NAME.fullmatch(p) else shown(p)}" for p in path)
    return "".join(parts).removeprefix(".") + (": " if path else "")
