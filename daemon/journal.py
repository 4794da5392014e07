"""The journal: Markdown files, one a day, that the user may read, keep and search without unbusy.

It also remembers what a calendar cannot say, an event that the user deleted, so that losing the ledger brings
nothing back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from daemon.model.errors import UnbusyError
from daemon.model.snapshot import OwnEvent, Skip
from daemon.model.text import plain_text
from daemon.private import make_folder, open_file

_SKIP = re.compile(r"^- Skipped: .* <!-- unbusy skip (\S+) -->[ \t\r]*$", re.MULTILINE)
_LONGEST = 7 * 24 * 60  # minutes of a skipped event

_CONTROLS = {n: "\N{REPLACEMENT CHARACTER}" for n in (*range(32), *range(127, 160)) if chr(n) not in "\t\n"}
"""Characters that a terminal would obey, and what stands for them."""


def note_skips(folder: Path, today: date, skips: Iterable[tuple[Skip, str]]) -> None:
    """Add a line for each skip and its title to today's file; a skip that is noted already is left out."""
    skips = list(skips)
    known = read_skips(folder) if skips else ()
    lines = [_skip_line(s, title) for s, title in skips if s not in known]
    if lines:
        append(folder, today, "".join(lines))


def _skip_line(skip: Skip, title: str) -> str:
    packed = urlencode(
        {"policy": skip.policy, "key": skip.key, "day": skip.day.isoformat(), "minutes": skip.minutes}, safe="/:"
    )
    said = one_line(f"{title} ({skip.policy} {skip.key}, {skip.minutes} min)")
    return f"- Skipped: {said} <!-- unbusy skip {packed} -->\n"


def read_skips(folder: Path) -> tuple[Skip, ...]:
    """Every skip that the journal knows, as last noted; lines that the user has mangled are passed over."""
    found: dict[tuple[str, str], Skip] = {}
    try:
        paths = sorted(p for p in folder.iterdir() if p.match("????-??-??.md")) if folder.exists() else ()
        for path in paths:
            for packed in _SKIP.findall(path.read_bytes().decode(errors="replace")):
                found |= {(skip.policy, skip.key): skip for skip in _unpack(packed)}
    except OSError as e:
        raise UnbusyError(f"cannot read the journal {e.filename or folder}: {e.strerror}", "mend its rights") from e
    return tuple(found.values())


def _unpack(packed: str) -> Iterator[Skip]:
    pairs = dict(parse_qsl(packed))
    try:
        skip = Skip(pairs["policy"], pairs["key"], date.fromisoformat(pairs["day"]), int(pairs["minutes"]))
    except (KeyError, ValueError):
        return
    if 0 <= skip.minutes <= _LONGEST:
        yield skip


def note_text(folder: Path, now: datetime, own: OwnEvent) -> None:
    """File what stands in the description of one of ours, word for word, before the event goes."""
    text = plain_text(own.event.description).translate(_CONTROLS)
    if not text:
        return
    quoted = "".join(f"> {line}\n" if line else ">\n" for line in text.split("\n"))
    day = own.event.span.start.astimezone(now.tzinfo).date()
    title = one_line(f"{own.event.summary}, {day} ({own.mark.policy} {own.mark.key})")
    append(folder, now.date(), f"\n## {title}\n\n{quoted}")


def append(folder: Path, day: date, text: str) -> None:
    """Add to a day's file what does not stand there yet; the file is whole at every moment, also after a power cut."""
    path = folder / f"{day.isoformat()}.md"
    added = text.encode()
    try:
        make_folder(folder)
        before = path.read_bytes() if path.exists() else f"# {day.isoformat()}\n\n".encode()
        if added not in before:
            _write_atomically(path, before + (b"" if before.endswith(b"\n") else b"\n") + added)
    except OSError as e:
        raise UnbusyError(f"cannot write the journal {path}: {e.strerror}", "free some space or mend its rights") from e


def _write_atomically(path: Path, data: bytes) -> None:
    """Temporary file beside it, fsync, rename, fsync of the folder.  OSError as it comes; nothing is left behind."""
    temporary = path.with_name(f".{path.name}.tmp")
    fd = open_file(temporary, os.O_WRONLY | os.O_TRUNC)
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def one_line(text: str) -> str:
    """Text from a calendar, safe in one line of Markdown."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", plain)
