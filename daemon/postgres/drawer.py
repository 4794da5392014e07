"""Short texts by name, in PostgreSQL; see `daemon.ledger.ports`."""

from __future__ import annotations

from daemon.postgres.database import Database, Writing
from daemon.postgres.seal import Seal, digest

NOTES = "notes"
_PUT = (
    "INSERT INTO note (tenant, id, text) VALUES (%(tenant)s, %(id)s, %(text)s)"
    " ON CONFLICT (tenant, id) DO UPDATE SET text = excluded.text"
)


class PostgresDrawer:
    """See `Drawer`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str) -> str:
        """What lies under this name."""
        text = self._one(name) if self._db.fence is None else self._db.known(NOTES, self._all).get(digest(name))
        return self._db.seal.open(text)[len(name.encode()) + 1 :].decode() if text else ""

    def _one(self, name: str) -> bytes | None:
        rows = self._db.rows("SELECT text FROM note WHERE tenant = %(tenant)s AND id = %(id)s", id=digest(name))
        return rows[0][0] if rows else None

    def _all(self) -> dict[bytes, bytes]:
        return dict(self._db.rows("SELECT id, text FROM note WHERE tenant = %(tenant)s"))

    def put(self, name: str, value: str) -> None:
        """In place of what lay there."""
        if self.get(name) != value:
            self._db.changes(NOTES)
            with self._db.transaction() as db:
                put_note(db, self._db.seal, name, value)


def put_note(db: Writing, seal: Seal, name: str, value: str) -> None:
    """Write a text with its name, or take it out ('')."""
    if value:
        db.execute(_PUT, id=digest(name), text=seal.shut(f"{name}\0{value}".encode()))
    else:
        db.execute("DELETE FROM note WHERE tenant = %(tenant)s AND id = %(id)s", id=digest(name))
