"""The file: opened if it is sound and of this version, made if there is none, set aside if it is neither."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from daemon.ledger.failures import DAMAGE, REMEDY, code, translated
from daemon.ledger.store import Ledger
from daemon.model.errors import UnbusyError
from daemon.system.state_files import is_unchanged, make_folder, open_file

VERSION = 1

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE calendar (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, read_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE resource (
    calendar TEXT NOT NULL, href TEXT NOT NULL, version TEXT NOT NULL, first INTEGER, last INTEGER,
    policy TEXT, key TEXT, generation INTEGER, payload BLOB,
    PRIMARY KEY (calendar, href)
) STRICT;
CREATE INDEX resource_marked ON resource (policy, key) WHERE policy IS NOT NULL;
CREATE TABLE own (
    policy TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, status TEXT NOT NULL,
    calendar TEXT NOT NULL, title TEXT NOT NULL, day TEXT NOT NULL, minutes INTEGER NOT NULL,
    text_day TEXT NOT NULL, read_back TEXT NOT NULL,
    PRIMARY KEY (policy, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (id INTEGER PRIMARY KEY, at TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE change (
    run INTEGER NOT NULL REFERENCES run, seq INTEGER NOT NULL, action TEXT NOT NULL, policy TEXT NOT NULL,
    key TEXT NOT NULL, uid TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
"""


def open_ledger(folder: Path, wait: float = 5.0) -> Ledger:
    """Open or make the ledger in a state directory (mode 0700).

    What stands in its place and is damaged, or was written by a newer version, is set aside under a name that says
    so; everything but the history of runs comes back from the calendars and the journal.  `wait`: seconds for which
    each statement waits for other processes; then TemporaryError.
    """
    path = folder / "ledger.sqlite"
    try:
        make_folder(folder)
        with translated(path):
            if db := _opened(path, wait):
                return Ledger(db, path)
            with _alone(path):
                db, aside = _opened(path, wait), None  # another process may just have made it
                if db is None:
                    aside = _set_aside(path)
                    db = _made(path, wait)
                return Ledger(db, path, aside)
    except OSError as e:
        raise UnbusyError(f"cannot use the ledger {path}: {e.strerror}", REMEDY) from e


def _opened(path: Path, wait: float) -> sqlite3.Connection | None:
    """A connection to a sound ledger of this version; None where there is no such thing."""
    if not path.is_file():
        return None
    checked = is_unchanged(path)
    db = _connected(path, wait)
    try:
        sound = checked or db.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
        if sound and db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            _set_up(db)
            return db
    except UnicodeDecodeError:  # SQLite quotes the damaged bytes
        pass
    except sqlite3.DatabaseError as e:
        if code(e) not in (*DAMAGE, sqlite3.SQLITE_ERROR):
            db.close()
            raise
    db.close()
    return None


def _made(path: Path, wait: float) -> sqlite3.Connection:
    """A connection to a new ledger."""
    os.close(open_file(path, os.O_WRONLY))
    db = _connected(path, wait)
    try:
        _set_up(db)
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
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


def _set_aside(path: Path) -> Path | None:
    """Give what stands there another name, with what a crash has left of its last transaction."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return None
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
