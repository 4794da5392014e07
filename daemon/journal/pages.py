"""The journal: Markdown files, one a day, that the user may read, keep and search without unbusy.

It also remembers what a calendar cannot say, an event that the user deleted, so that losing the ledger brings
nothing back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from daemon.model.errors import UnbusyError
from daemon.model.owner import Wish
from daemon.model.snapshot import Skip
from daemon.model.words import hours, one_line
from daemon.system.state_files import make_folder, open_file, sync_folder

_SKIP = re.compile(r"^- Skipped: .* <!-- unbusy skip (\S+) -->[ \t\r]*$", re.MULTILINE)
_PAGE = re.compile(r"\d{4}-\d\d-\d\d\.md", re.ASCII)
_LONGEST = 7 * 24 * 60  # minutes of a skipped event


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
    line = in_markdown(one_line(f"{title} ({skip.wish}, {hours(skip.minutes)})"))
    return f"- Skipped: {line} <!-- unbusy skip {packed} -->\n"


def read_skips(folder: Path) -> tuple[Skip, ...]:
    """Every skip that the journal knows, as last noted; lines that the user has mangled are passed over."""
    found: dict[Wish, Skip] = {}
    for _, page in pages(folder):
        for packed in _SKIP.findall(page):
            found |= {skip.wish: skip for skip in _unpack(packed)}
    return tuple(found.values())


def _unpack(packed: str) -> Iterator[Skip]:
    pairs = dict(parse_qsl(packed))
    try:
        skip = Skip(pairs["policy"], pairs["key"], date.fromisoformat(pairs["day"]), int(pairs["minutes"]))
    except (KeyError, ValueError):
        return
    if 0 <= skip.minutes <= _LONGEST:
        yield skip


def append(folder: Path, day: date, text: str) -> None:
    """Add to a day's file what does not stand there yet."""
    rewrite(folder, day, lambda before: before if text in before else f"{ended(before)}{text}")


def ended(text: str) -> str:
    """The same with a line feed at its end, so that more can follow."""
    return text if text.endswith("\n") or not text else f"{text}\n"


def rewrite(folder: Path, day: date, change: Callable[[str], str]) -> None:
    """Make something else of a day's file; it is whole at every moment, also after a power cut.

    `change` gets what stands there, or the heading of a new file; bytes that are no UTF-8 come as lone surrogates.
    """
    path = folder / f"{day.isoformat()}.md"
    try:
        make_folder(folder)
        before = read(path) if path.exists() else ""
        after = change(before or f"# {day.isoformat()}\n\n")
        if after != before:
            _write_atomically(path, after.encode(errors="surrogateescape"))
    except OSError as e:
        raise UnbusyError(f"cannot write the journal {path}: {e.strerror}", "free some space or mend its rights") from e


def pages(folder: Path, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str]]:
    """What stands in the files of these days, in order; UnbusyError where one cannot be read."""
    try:
        names = sorted(p.name for p in folder.iterdir() if _PAGE.fullmatch(p.name)) if folder.exists() else ()
        for name in names:
            with suppress(ValueError):  # no day of any calendar
                day = date.fromisoformat(name[:10])
                if first <= day <= last:
                    yield day, read(folder / name)
    except OSError as e:
        raise UnbusyError(f"cannot read the journal {e.filename or folder}: {e.strerror}", "mend its rights") from e


def read(path: Path) -> str:
    """A file as text; bytes that are no UTF-8 come as lone surrogates.  OSError as it comes."""
    return path.read_bytes().decode(errors="surrogateescape")


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
    sync_folder(path.parent)


def in_markdown(line: str) -> str:
    """A line as Markdown that shows just that."""
    return re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", line)
