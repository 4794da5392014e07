"""Short texts by name, in SQLite; see `daemon.ledger.ports`."""

from __future__ import annotations

import sqlite3

from daemon.ledger.sqlite.database import Database


class SqliteDrawer:
    """See `Drawer`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str) -> str:
        """What lies under this name."""
        rows = self._db.rows("SELECT value FROM note WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def put(self, name: str, value: str) -> None:
        """In place of what lay there."""
        if self.get(name) != value:
            with self._db.transaction() as db:
                put_note(db, name, value)


def put_note(db: sqlite3.Connection, name: str, value: str) -> None:
    """Write a text, or take it out ('')."""
    if value:
        db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))
    else:
        db.execute("DELETE FROM note WHERE name = ?", (name,))
