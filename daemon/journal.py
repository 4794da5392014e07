"""The journal: Markdown files, one a day, that the user may read, keep and search without unbusy.

It also remembers what a calendar cannot say, an event that the user deleted, so that losing the ledger brings
nothing back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from daemon.model.errors import UnbusyError
from daemon.model.owner import normal_text
from daemon.model.snapshot import OwnEvent, Skip

_SKIP = re.compile(r"<!-- unbusy skip (\S+) -->")


def note_skips(folder: Path, today: date, skips: list[tuple[Skip, str]]) -> None:
    """Add a line for each skip and its title to today's file; a skip that is noted already is left out."""
    known = {(s.policy, s.key) for s in read_skips(folder)}
    lines = [_skip_line(s, title) for s, title in skips if (s.policy, s.key) not in known]
    if lines:
        append(folder, today, "".join(lines))


def _skip_line(skip: Skip, title: str) -> str:
    packed = urlencode(
        {"policy": skip.policy, "key": skip.key, "day": skip.day.isoformat(), "minutes": skip.minutes}, safe="/:"
    )
    return (
        f"- Skipped: {one_line(title)} ({skip.policy} {skip.key}, {skip.minutes} min) <!-- unbusy skip {packed} -->\n"
    )


def read_skips(folder: Path) -> tuple[Skip, ...]:
    """Every skip that the journal knows; lines that the user has mangled are passed over."""
    found: dict[tuple[str, str], Skip] = {}
    for path in sorted(folder.glob("????-??-??.md")) if folder.is_dir() else ():
        for packed in _SKIP.findall(path.read_text(encoding="utf-8", errors="replace")):
            for skip in _unpack(packed):
                found[skip.policy, skip.key] = skip
    return tuple(found.values())


def _unpack(packed: str) -> Iterator[Skip]:
    pairs = dict(parse_qsl(packed))
    try:
        yield Skip(pairs["policy"], pairs["key"], date.fromisoformat(pairs["day"]), int(pairs["minutes"]))
    except (KeyError, ValueError):
        return


def note_text(folder: Path, now: datetime, own: OwnEvent) -> None:
    """File what stands in the description of one of ours, word for word, before the event goes."""
    text = normal_text(own.event.description)
    quoted = "".join(f"> {line}\n" if line else ">\n" for line in text.split("\n"))
    day = own.event.span.start.astimezone(now.tzinfo).date()
    append(
        folder, now.date(), f"\n## {one_line(own.event.summary)}, {day} ({own.mark.policy} {own.mark.key})\n\n{quoted}"
    )


def append(folder: Path, day: date, text: str) -> None:
    """Add to a day's file, atomically: the file is whole at every moment, also after a power cut."""
    path = folder / f"{day.isoformat()}.md"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else f"# {day.isoformat()}\n\n"
        write_atomically(path, f"{before}{text}".encode())
    except OSError as e:
        raise UnbusyError(f"cannot write the journal {path}: {e.strerror}", "free some space or mend its rights") from e


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Temporary file beside it, fsync, rename, fsync of the folder.  OSError as it comes; nothing is left behind."""
    temporary = path.with_name(f".{path.name}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def one_line(text: str) -> str:
    """Text from a calendar, safe in one line of Markdown."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", plain)
