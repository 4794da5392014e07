"""What can go wrong with the file, in the words of the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from msgspec import MsgspecError, Struct

from daemon.model.errors import TemporaryError, UnbusyError

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError, MsgspecError)
"""What is met in reading a row whose text has become another one."""

NOT_OURS = (*DAMAGE, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT)
"""What is met where the tables are not those that they should be."""

REMEDY = "check the disk and the rights of its folder, or name another folder with `state` in the config"


class Unusable(StrEnum):
    """Why what stands in the place of the ledger cannot be used."""

    DAMAGED = "damaged"
    NEWER = "newer"


class SetAside(Struct, frozen=True):
    """Where the file went that stood in the place of the ledger, and why."""

    path: Path
    fault: Unusable

    def __str__(self) -> str:
        """What happened, and what can be done about it."""
        if self.fault is Unusable.NEWER:
            what = "the ledger was written by a newer version of unbusy, which this one cannot read"
            return f"{what}; it is kept as {self.path}: put it back when that version runs again"
        return f"the ledger was damaged, or was none; it is kept as {self.path}"


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, once (https://sqlite.org/rescode.html)."""
    try:
        yield
    except sqlite3.DatabaseError as e:
        if code(e) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise TemporaryError(f"the ledger {path} is in use by another process", "try again") from e
        if code(e) in DAMAGE or "Could not decode" in str(e):  # text of which a bit has flipped
            raise damaged(path, e) from e
        if getattr(e, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            raise UnbusyError(f"the ledger {path} was moved or deleted while in use", "start unbusy again") from e
        if isinstance(e, sqlite3.OperationalError):
            raise UnbusyError(f"cannot use the ledger {path}: {e}", REMEDY) from e
        raise


def damaged(path: Path, error: Exception) -> UnbusyError:
    """What is met in a ledger that was sound when it was opened; the next one to open it checks it again."""
    return UnbusyError(f"the ledger {path} is damaged: {error}", "run again: it is set aside and rebuilt")


def code(error: sqlite3.DatabaseError) -> int:
    """The primary result code; 0 for an error of the Python module itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
