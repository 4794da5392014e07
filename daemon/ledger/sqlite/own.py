"""What is known of ours, in SQLite; see `daemon.ledger.ports`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from daemon.ledger.notes import SKIPS_TAKEN_UP
from daemon.ledger.rows import OwnRow, taken_up
from daemon.ledger.sqlite.database import Database
from daemon.ledger.sqlite.drawer import SqliteDrawer, put_note
from daemon.model.owner import Field, OwnState, Wish
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted, TakenBack

_PUT = "INSERT OR REPLACE INTO own VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"


class SqliteOwn:
    """See `Own`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rows(self) -> dict[Wish, OwnRow]:
        """All of it."""
        rows = self._db.rows("SELECT * FROM own ORDER BY policy, key")
        with self._db.understanding():
            return {row.wish: row for row in map(own_row, rows)}

    def remember(self, rows: Iterable[OwnRow]) -> None:
        """In place of what was known of the same wishes."""
        if rows := list(rows):
            with self._db.transaction() as db:
                put_own(db, rows)

    @property
    def fresh(self) -> bool:
        """Until `take_up`."""
        return not SKIPS_TAKEN_UP.get(SqliteDrawer(self._db))

    def take_up(self, skips: Iterable[Skip], taken_back: Iterable[Noted] = ()) -> None:
        """With the note that it was done."""
        rows = taken_up(skips, taken_back)
        with self._db.transaction() as db:
            put_own(db, rows)
            put_note(db, SKIPS_TAKEN_UP.name, SKIPS_TAKEN_UP.text(value=True))


def put_own(db: sqlite3.Connection, rows: Iterable[OwnRow | None]) -> None:
    """Write these rows, in a transaction of the caller's."""
    db.executemany(_PUT, map(_values, filter(None, rows)))


def _values(r: OwnRow) -> tuple[object, ...]:
    return (
        r.policy, r.key, r.generation, r.status.value, r.calendar, r.title, r.day.isoformat(), r.minutes,
        r.text_day.isoformat() if r.text_day else "", json.dumps(dict(r.read_back or {})),
        msgspec.json.encode(r.taken_back).decode() if r.taken_back else "",
        r.mark,
    )  # fmt: skip


def own_row(row: Sequence[object]) -> OwnRow:
    """A line of the table `own`."""
    policy, key, generation, status, calendar, title, day, minutes, text_day, read_back, taken_back, mark = row
    return OwnRow(
        policy=str(policy), key=str(key), generation=int(str(generation)), status=OwnState(str(status)),
        calendar=str(calendar), title=str(title), day=date.fromisoformat(str(day)), minutes=int(str(minutes)),
        text_day=date.fromisoformat(str(text_day)) if text_day else None,
        read_back={Field(f): v for f, v in json.loads(str(read_back)).items()} or None,
        taken_back=msgspec.json.decode(str(taken_back), type=TakenBack) if taken_back else None,
        mark=str(mark),
    )  # fmt: skip
