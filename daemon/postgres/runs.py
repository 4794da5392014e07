"""The history in PostgreSQL; see `daemon.ledger.ports`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from daemon.ledger.rows import ChangeRow, OwnRow, RunRow
from daemon.model.owner import Wish
from daemon.postgres.database import Database, translated
from daemon.postgres.own import OWN, put_own
from daemon.postgres.seal import Seal, digest

_BEGIN = (
    "INSERT INTO run (tenant, id, at, command, outcome, undoes) SELECT %(tenant)s,"
    " (SELECT coalesce(max(id), 0) + 1 FROM run WHERE tenant = %(tenant)s), %(at)s, %(command)s, '', %(undoes)s"
    " RETURNING id"
)
_PUT = (
    "INSERT INTO change (tenant, run, seq, action, policy, key, uid, words, outcome, cause) VALUES (%(tenant)s,"
    " %(run)s, %(seq)s, %(action)s, %(policy)s, %(key)s, %(uid)s, %(words)s, %(outcome)s, %(cause)s)"
)
_CONCLUDE = "UPDATE change SET outcome = %(outcome)s WHERE tenant = %(tenant)s AND run = %(run)s AND seq = %(seq)s"
_FINISH = "UPDATE run SET outcome = %(outcome)s WHERE tenant = %(tenant)s AND id = %(run)s"
_OF_RUN = "WHERE tenant = %(tenant)s AND run = %(run)s"
_EMPTY = (
    "DELETE FROM run WHERE tenant = %(tenant)s AND id = %(run)s"
    " AND NOT EXISTS (SELECT FROM change WHERE tenant = %(tenant)s AND run = %(run)s)"
)
_CHANGE = "action, policy, key, uid, words, change.outcome, cause"
_LATEST = (
    f"SELECT id, at, command, run.outcome, undoes, {_CHANGE} FROM run JOIN change"
    " ON change.tenant = run.tenant AND run = id WHERE run.tenant = %(tenant)s AND id IN (SELECT id FROM run WHERE"
    " tenant = %(tenant)s AND EXISTS (SELECT FROM change WHERE tenant = %(tenant)s AND change.run = run.id)"
    " ORDER BY id DESC LIMIT %(most)s) ORDER BY id DESC, seq"
)
_DONE_SINCE = (
    f"SELECT at, {_CHANGE} FROM run JOIN change ON change.tenant = run.tenant AND run = id"
    " WHERE run.tenant = %(tenant)s AND at >= %(since)s AND change.outcome IN ('done', '') ORDER BY run, seq"
)
_OLD = (
    "SELECT id FROM run WHERE tenant = %(tenant)s AND at < %(before)s"
    " AND id NOT IN (SELECT id FROM run WHERE tenant = %(tenant)s ORDER BY id DESC LIMIT %(keep)s)"
)


class PostgresRuns:
    """See `Runs`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, command: str, now: datetime, undoes: int | None = None) -> int:
        """A new row, with the next number of this leader."""
        with self._db.transaction() as db:
            row = db.row(_BEGIN, at=now, command=command, undoes=undoes)
        return int(row[0]) if row else 0

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        """Before it is written."""
        self._db.changes(OWN)
        with self._db.transaction() as db:
            db.execute(
                _PUT, run=run, seq=seq, action=change.action, policy=change.policy, key=change.key, uid=change.uid,
                words=_words(self._db.seal, change), outcome=change.outcome, cause=change.cause,
            )  # fmt: skip
            put_own(db, self._db.seal, [own])

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """After it was."""
        self._db.changes(OWN)
        with self._db.transaction() as db:
            db.execute(_CONCLUDE, outcome=outcome, run=run, seq=seq)
            put_own(db, self._db.seal, [own])

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: Wish) -> None:
        """As if it had never been said."""
        self._db.changes(OWN)
        with self._db.transaction() as db:
            db.execute(f"DELETE FROM change {_OF_RUN} AND seq = %(seq)s", run=run, seq=seq)
            db.execute("DELETE FROM own WHERE tenant = %(tenant)s AND id = %(id)s", id=digest(*wish))
            put_own(db, self._db.seal, [own])

    def finish(self, run: int, outcome: str) -> None:
        """The last that is said of it."""
        with self._db.transaction() as db:
            db.execute(_FINISH, outcome=outcome, run=run)
            db.execute(_EMPTY, run=run)

    def latest(self, most: int) -> tuple[RunRow, ...]:
        """With their changes."""
        found = []
        for (i, at, command, outcome, undoes), rows in groupby(self._db.rows(_LATEST, most=most), lambda row: row[:5]):
            changes = tuple(self._change(row[5:]) for row in rows)
            run = RunRow(
                id=i, at=at.astimezone(UTC), command=command, outcome=outcome, undoes=undoes, changes=changes
            )  # fmt: skip
            found.append(run)
        return tuple(found)

    def done_since(self, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        """By run and place."""
        rows = self._db.rows(_DONE_SINCE, since=since)
        return [(at.astimezone(UTC), self._change(row)) for at, *row in rows]

    def thin(self, before: datetime, keep: int) -> None:
        """Most often there is nothing to forget, and nothing is written."""
        if old := self._db.rows(_OLD, before=before, keep=keep):
            with self._db.transaction() as db:
                for (run,) in old:
                    db.execute(f"DELETE FROM change {_OF_RUN}", run=run)
                    db.execute("DELETE FROM run WHERE tenant = %(tenant)s AND id = %(run)s", run=run)

    def _change(self, row: Sequence[Any]) -> ChangeRow:
        action, policy, key, uid, words, outcome, cause = row
        with translated():
            before, after, reason = json.loads(self._db.seal.open(words))
        return ChangeRow(
            action=action, policy=policy, key=key, uid=uid, before=before, after=after, reason=reason, outcome=outcome,
            cause=cause,
        )  # fmt: skip


def _words(seal: Seal, change: ChangeRow) -> bytes:
    """What the change says in words, sealed."""
    return seal.shut(json.dumps((dict(change.before), dict(change.after), change.reason)).encode())
