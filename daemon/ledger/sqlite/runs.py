"""The history in SQLite; see `daemon.ledger.ports`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from daemon.ledger.rows import ChangeRow, OwnRow, RunRow, iso
from daemon.ledger.sqlite.database import Database
from daemon.ledger.sqlite.own import put_own
from daemon.model.owner import Wish

_PUT = (
    "INSERT INTO change (run, seq, action, policy, key, uid, before, after, reason, outcome, cause)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
_LATEST = (
    "SELECT id, at, command, outcome, undoes FROM run WHERE id IN (SELECT run FROM change) ORDER BY id DESC LIMIT ?"
)
CHANGE = "action, policy, key, uid, before, after, reason, outcome, cause"
"""The columns of `change_row`."""

_CHANGES_OF = f"SELECT {CHANGE} FROM change WHERE run = ? ORDER BY seq"  # noqa: S608  names of columns
_DONE_SINCE = (
    "SELECT at, action, policy, key, uid, before, after, reason, change.outcome, cause FROM run JOIN change ON run = id"
    " WHERE at >= ? AND change.outcome IN ('done', '') ORDER BY run, seq"
)
_OLD = "SELECT id FROM run WHERE at < ? AND id NOT IN (SELECT id FROM run ORDER BY id DESC LIMIT ?)"


class SqliteRuns:
    """See `Runs`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, command: str, now: datetime, undoes: int | None = None) -> int:
        """A new row."""
        values = (iso(now), command, undoes)
        with self._db.transaction() as db:
            row = db.execute("INSERT INTO run (at, command, outcome, undoes) VALUES (?, ?, '', ?)", values)
        return int(row.lastrowid or 0)

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        """Before it is written."""
        with self._db.transaction() as db:
            db.execute(_PUT, _values(run, seq, change))
            put_own(db, [own])

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """After it was."""
        with self._db.transaction() as db:
            db.execute("UPDATE change SET outcome = ? WHERE run = ? AND seq = ?", (outcome, run, seq))
            put_own(db, [own])

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: Wish) -> None:
        """It was not."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM change WHERE run = ? AND seq = ?", (run, seq))
            db.execute("DELETE FROM own WHERE policy = ? AND key = ?", wish)
            put_own(db, [own])

    def finish(self, run: int, outcome: str) -> None:
        """The last that is said of it."""
        with self._db.transaction() as db:
            db.execute("UPDATE run SET outcome = ? WHERE id = ?", (outcome, run))
            db.execute("DELETE FROM run WHERE id = ? AND id NOT IN (SELECT run FROM change)", (run,))

    def latest(self, most: int) -> tuple[RunRow, ...]:
        """With their changes."""
        rows = self._db.rows(_LATEST, most)
        with self._db.understanding():
            return tuple(
                RunRow(id=i, at=datetime.fromisoformat(at), command=c, outcome=o, undoes=u, changes=self._changes(i))
                for i, at, c, o, u in rows
            )

    def done_since(self, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        """By run and place."""
        rows = self._db.rows(_DONE_SINCE, iso(since))
        with self._db.understanding():
            return [(datetime.fromisoformat(at), change_row(row)) for at, *row in rows]

    def thin(self, before: datetime, keep: int) -> None:
        """Most often there is nothing to forget, and nothing is written."""
        if old := self._db.rows(_OLD, iso(before), keep):
            with self._db.transaction() as db:
                db.executemany("DELETE FROM change WHERE run = ?", old)
                db.executemany("DELETE FROM run WHERE id = ?", old)

    def _changes(self, run: int) -> tuple[ChangeRow, ...]:
        return tuple(map(change_row, self._db.rows(_CHANGES_OF, run)))


def _values(run: int, seq: int, c: ChangeRow) -> tuple[object, ...]:
    before, after = json.dumps(c.before), json.dumps(c.after)
    return run, seq, c.action, c.policy, c.key, c.uid, before, after, c.reason, c.outcome, c.cause


def change_row(row: Sequence[str]) -> ChangeRow:
    """A line of the table `change`, without its run and place."""
    action, policy, key, uid, before, after, reason, outcome, cause = row
    return ChangeRow(
        action=action, policy=policy, key=key, uid=uid, before=json.loads(before), after=json.loads(after),
        reason=reason, outcome=outcome, cause=cause,
    )  # fmt: skip
