"""A sum over the file, so that it is known whether it still says what was last written into it.

SQLite knows pages that are out of order, and not a letter that has become another one: a flipped bit in the name of a
skip would bring an event back, and one in a start would move a block.  So a ledger that is closed is sealed: with the
sum of its bytes, and the count of changes that SQLite keeps in its header
(https://sqlite.org/fileformat2.html#file_change_counter).  Whatever is written later counts on, so that nobody has to
break the seal.  It goes with the file, in a table that has a page to itself: that page, and what each commit changes in
the header, are left out of the sum, and writing the seal changes nothing else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from daemon.system.state_files import open_file

_COUNT = slice(24, 28)
_COUNTED = ((_COUNT.start, _COUNT.stop), (92, 100))
"""Where the header counts changes, and says after which of them, and by which SQLite, the rest of it was written."""

_AT_ONCE = 2**16  # bytes


def seal(db: sqlite3.Connection, path: Path) -> None:
    """Seal a ledger that is about to be closed.  Where that cannot be written, it stays without."""
    with suppress(sqlite3.Error, OSError):
        if db.in_transaction:
            return
        with _reading(db, path, "BEGIN IMMEDIATE") as file:
            changes = _changes(file)
            if _seal(db)[0] != changes:
                values = (changes + 1, _sum(db, file))  # the commit is one more
                db.execute("DELETE FROM seal")
                db.execute("INSERT INTO seal VALUES (?, ?)", values)
                db.execute("COMMIT")


def holds(db: sqlite3.Connection, path: Path) -> bool | None:
    """Whether the file is as it was sealed; None where it has no seal, or was written to since.

    sqlite3.Error and OSError where it cannot be read.
    """
    with _reading(db, path, "BEGIN") as file:
        changes, total = _seal(db)
        return _sum(db, file) == total if changes == _changes(file) else None


@contextmanager
def _reading(db: sqlite3.Connection, path: Path, begin: str) -> Iterator[BinaryIO]:
    """The file itself, while nobody writes to it.

    It is closed last: with any descriptor of a file the locks of its process go, those of SQLite too
    (https://sqlite.org/howtocorrupt.html#posix_close_bug).
    """
    with os.fdopen(open_file(path, os.O_RDONLY, make=False), "rb", buffering=0) as file:
        db.execute(begin)
        try:
            yield file
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


def _seal(db: sqlite3.Connection) -> tuple[int, int]:
    """After how many changes, and the sum then; -1 for no seal."""
    found: tuple[int, int] = db.execute("SELECT changes, sum FROM seal").fetchone() or (-1, 0)
    return found


def _changes(file: BinaryIO) -> int:
    file.seek(0)
    return int.from_bytes(file.read(_COUNT.stop)[_COUNT])


def _sum(db: sqlite3.Connection, file: BinaryIO) -> int:
    (page,) = db.execute("SELECT CAST(rootpage AS INTEGER) FROM sqlite_schema WHERE name = 'seal'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    end, total = file.seek(0, os.SEEK_END), 0
    for (_, start), (stop, _) in pairwise([(0, 0), *_COUNTED, ((page - 1) * size, page * size), (end, end)]):
        at = file.seek(start)
        while at < stop and (some := file.read(min(_AT_ONCE, stop - at))):
            total = crc32(some, total)
            at += len(some)
    return total
