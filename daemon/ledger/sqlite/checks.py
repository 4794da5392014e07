"""Whether a file says what was last written into it.

One that was closed is sealed with a sum of all that it holds.  One that a crash has left open, or that another program
has written to, has no seal: it must at least be whole, have the tables of its version, and each row must be understood.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from daemon.ledger.sqlite.failures import NOT_UNDERSTOOD
from daemon.ledger.sqlite.migrations import migrate
from daemon.ledger.sqlite.own import own_row
from daemon.ledger.sqlite.runs import CHANGE, change_row
from daemon.ledger.sqlite.seal import holds
from daemon.model.event import ShowAs
from daemon.model.times import DateRange, TimeRange


def as_written(db: sqlite3.Connection, path: Path) -> bool:
    """Whether it does, of a ledger of this version.  sqlite3.Error and OSError where it cannot be read."""
    held = holds(db, path)
    return whole(db) and _same_tables(db) and _understood(db) if held is None else held


def whole(db: sqlite3.Connection) -> bool:
    """Whether SQLite finds its pages in order.  sqlite3.Error where they cannot be read."""
    return bool(db.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")


def _same_tables(db: sqlite3.Connection) -> bool:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        migrate(new, 0)
        return _tables(db) == _tables(new)


def _tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    return [" ".join(sql.split()) for (sql,) in rows]


def _understood(db: sqlite3.Connection) -> bool:
    try:
        for row in db.execute("SELECT * FROM own"):
            own_row(row)
        for row in db.execute(f"SELECT {CHANGE} FROM change"):  # noqa: S608  names of columns
            change = change_row(row)
            _fields(change.before)
            _fields(change.after)
        for table in ("calendar", "resource", "note"):
            for _ in db.execute(f"SELECT * FROM {table}"):  # noqa: S608  a name from here; every text is decoded
                pass
        for (at,) in db.execute("SELECT at FROM run UNION ALL SELECT read_at FROM calendar WHERE read_at != ''"):
            datetime.fromisoformat(at)
    except NOT_UNDERSTOOD:
        return False
    return True


_FIELDS = {"generation", "base", "calendar", "when", "title", "show_as", "reminder", "colour", "text", "visible"}


def _fields(fields: Mapping[str, object]) -> None:
    """ValueError or TypeError for a name that no field has, or a time that is none."""
    if not fields.keys() <= _FIELDS:
        raise ValueError(fields)
    start, end = map(str, pair) if isinstance(pair := fields.get("when", ["", ""]), list) else ("x", "x")
    if "T" in start:
        TimeRange(datetime.fromisoformat(start), datetime.fromisoformat(end))
    elif start:
        DateRange(date.fromisoformat(start), date.fromisoformat(end))
    ShowAs(str(fields.get("show_as", ShowAs.BUSY.value)))
