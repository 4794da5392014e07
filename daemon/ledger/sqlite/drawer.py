"""Short texts by name, in SQLite; see `daemon.ledger.ports`."""

from __future__ import annotations

from daemon.ledger.sqlite.database import Database


class SqliteDrawer:
    """See `Drawer`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str) -> str:
        """What lies under this name."""
        rows = self._db.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def put(self, name: str, value: str) -> None:
        """In place of what lay there."""
        if self.get(name) != value:
            with self._db.transaction() as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
