"""What is known of ours, in PostgreSQL; see `daemon.ledger.ports`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from daemon.ledger.notes import SKIPS_TAKEN_UP
from daemon.ledger.rows import OwnRow, taken_up
from daemon.model.owner import Wish
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted
from daemon.postgres.database import Database, Writing, translated
from daemon.postgres.drawer import NOTES, PostgresDrawer, put_note
from daemon.postgres.seal import Seal, digest

OWN = "own"
_PUT = (
    "INSERT INTO own (tenant, id, row) VALUES (%(tenant)s, %(id)s, %(row)s)"
    " ON CONFLICT (tenant, id) DO UPDATE SET row = excluded.row"
)


class PostgresOwn:
    """See `Own`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rows(self) -> dict[Wish, OwnRow]:
        """All of it."""
        return dict(self._db.known(OWN, self._read))

    def _read(self) -> dict[Wish, OwnRow]:
        found, opened = self._db.rows("SELECT row FROM own WHERE tenant = %(tenant)s"), self._db.seal.open
        with translated():
            rows = (msgspec.json.decode(opened(row), type=OwnRow) for (row,) in found)
            return {row.wish: row for row in sorted(rows, key=lambda row: row.wish)}

    def remember(self, rows: Iterable[OwnRow]) -> None:
        """In place of what was known of the same wishes."""
        if rows := list(rows):
            self._db.changes(OWN)
            with self._db.transaction() as db:
                put_own(db, self._db.seal, rows)

    @property
    def fresh(self) -> bool:
        """Until `take_up`."""
        return not SKIPS_TAKEN_UP.get(PostgresDrawer(self._db))

    def take_up(self, skips: Iterable[Skip], taken_back: Iterable[Noted] = ()) -> None:
        """With the note that it was done."""
        rows = taken_up(skips, taken_back)
        self._db.changes(OWN)
        self._db.changes(NOTES)
        with self._db.transaction() as db:
            put_own(db, self._db.seal, rows)
            put_note(db, self._db.seal, SKIPS_TAKEN_UP.name, SKIPS_TAKEN_UP.text(value=True))


def put_own(db: Writing, seal: Seal, rows: Iterable[OwnRow | None]) -> None:
    """Write these rows, in a transaction of the caller's."""
    db.many(_PUT, ({"id": digest(*row.wish), "row": seal.shut(_encoded(row))} for row in rows if row))


def _encoded(row: OwnRow) -> bytes:
    return msgspec.json.encode(replace(row, read_back=row.read_back or None))
