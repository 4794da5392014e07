"""The file: opened if it is sound, migrated if it is older, made if there is none, set aside if it is of no use."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from msgspec import Struct

from daemon.ledger.sqlite.checks import as_written, whole
from daemon.ledger.sqlite.database import Database
from daemon.ledger.sqlite.drawer import SqliteDrawer
from daemon.ledger.sqlite.failures import NOT_OURS, REMEDY, SetAside, Unusable, code, translated
from daemon.ledger.sqlite.migrations import APPLICATION, VERSION, copied_aside, migrate
from daemon.ledger.sqlite.mirror import SqliteMirror
from daemon.ledger.sqlite.own import SqliteOwn
from daemon.ledger.sqlite.runs import SqliteRuns
from daemon.model.errors import UnbusyError
from daemon.system.state_files import check_file, is_unchanged, make_folder, open_file


class SqliteLedger:
    """See `Ledger`.

    `set_aside`: the file that stood in its place.  `copy`: where it lies as it was before it was migrated.
    """

    def __init__(self, db: Database, set_aside: SetAside | None = None, copy: Path | None = None) -> None:
        self.database = db
        self.set_aside = set_aside
        self.copy = copy
        self.mirror = SqliteMirror(db)
        self.own = SqliteOwn(db)
        self.runs = SqliteRuns(db)
        self.drawer = SqliteDrawer(db)

    @property
    def path(self) -> Path:
        """The file."""
        return self.database.path

    @property
    def notice(self) -> str:
        """What happened when it was opened."""
        copied = f"the ledger was of an older version and is migrated; as it was it is kept as {self.copy}"
        return str(self.set_aside or (copied if self.copy else ""))

    @property
    def size(self) -> int:
        """Of the file."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Close the file."""
        self.database.close()


class _Found(Struct, frozen=True):
    """What stands in the place of the ledger: a connection and its version, 0 where nothing is; or a fault."""

    db: sqlite3.Connection | None = None
    version: int = 0
    fault: Unusable | None = None


def open_ledger(folder: Path, wait: float = 5.0) -> SqliteLedger:
    """Open or make the ledger in a state directory (mode 0700).

    An older one is copied aside and migrated.  What stands in its place and is damaged, or was written by a newer
    version, is set aside under a name that says so; everything but the history of runs comes back from the calendars
    and the journal.  `wait`: seconds for which each statement waits for other processes; then TemporaryError.
    """
    path = folder / "ledger.sqlite"
    try:
        make_folder(folder)
        for end in ("", "-journal", "-wal", "-shm"):  # what SQLite opens by itself
            check_file(path.with_name(path.name + end))
        with translated(path):
            found = _found(path, wait)
            if found.db and found.version == VERSION:
                return SqliteLedger(Database(found.db, path))
            if found.db:
                found.db.close()
            with _alone(path):
                return _made_current(path, wait)
    except OSError as e:
        raise UnbusyError(f"cannot use the ledger {path}: {e.strerror}", REMEDY) from e


def _made_current(path: Path, wait: float) -> SqliteLedger:
    """The same, with nobody else about: another process may just have made or migrated it."""
    found, aside, copy = _found(path, wait), None, None
    if (db := found.db) and found.version < VERSION:
        try:
            copy = copied_aside(db, path, found.version)
            migrate(db, found.version)
            if not as_written(db, path):
                db.close()
                found = _Found(fault=Unusable.DAMAGED)
        except sqlite3.DatabaseError as e:
            db.close()
            if code(e) not in NOT_OURS:
                raise
            found = _Found(fault=Unusable.DAMAGED)  # sound, but its tables are not those of its version
    if found.fault:
        aside = SetAside(_set_aside(path), found.fault)
    return SqliteLedger(Database(found.db or _made(path, wait), path), aside, copy)


def _found(path: Path, wait: float) -> _Found:
    """What stands there; a ledger from version 2 on carries the sign of ours."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return _Found()
    if not path.is_file():
        return _Found(fault=Unusable.DAMAGED)
    ours, checked = False, is_unchanged(path)
    db = _connected(path, wait)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if checked or (as_written(db, path) if version == VERSION else whole(db)):
            ours = version == 1 or (version > 1 and db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION)
        if ours and version <= VERSION:
            _set_up(db)
            return _Found(db, version)
    except UnicodeDecodeError:  # SQLite quotes the damaged bytes
        ours = False
    except sqlite3.DatabaseError as e:
        if code(e) not in (*NOT_OURS, 0):  # 0: text that cannot be decoded
            db.close()
            raise
        ours = False
    except (OSError, UnbusyError):
        db.close()
        raise
    db.close()
    return _Found(fault=Unusable.NEWER if ours else Unusable.DAMAGED)


def _made(path: Path, wait: float) -> sqlite3.Connection:
    """A connection to a new ledger."""
    os.close(open_file(path, os.O_WRONLY))
    db = _connected(path, wait)
    try:
        _set_up(db)
        migrate(db, 0)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _connected(path: Path, wait: float) -> sqlite3.Connection:
    path.chmod(0o600)
    return sqlite3.connect(path, isolation_level=None, timeout=wait)


def _set_up(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")


def _set_aside(path: Path) -> Path:
    """Give what stands there another name, with what a crash has left of its last transaction."""
    names = (path.with_name(f"{path.name}.set-aside-{n}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    for end in ("-journal", "-wal", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While a ledger is made or set aside, other processes that want to open it wait."""
    fd = open_file(path.with_name(f"{path.name}.lock"), os.O_WRONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
