"""The leaders of a company: who takes part, since when, and when each is due; their table."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psycopg
from msgspec import Struct
from psycopg.rows import dict_row

from daemon.model.errors import ConfigError, UnbusyError
from daemon.postgres import Seal, new_key, translated

Connection = psycopg.Connection[Any]

PARKED = 3
"""So many mistakes of the program in a row, and a leader is served no more until somebody has looked."""


class Status(StrEnum):
    """Where somebody stands."""

    INVITED = "invited"  # nothing is read but whether they have asked to join
    ACTIVE = "active"
    PAUSED = "paused"  # by the administrator, or since their account refuses us
    LEAVING = "leaving"  # every trace goes


class Leader(Struct, frozen=True, kw_only=True):
    """One row.  `key` opens what is kept of them, and is sealed itself; so is `secret`, where they have one.

    `trouble`: the kind of the last failure, '' for none; `failures`: how many in a row.
    """

    id: int
    address: str
    cohort: str
    status: str
    key: bytes
    secret: bytes | None
    due: datetime
    served: datetime | None
    synced: bool
    forced: bool
    stopped: datetime | None
    failures: int
    trouble: str

    def seal(self, fleet: Seal) -> Seal:
        """What opens what is kept of them."""
        return Seal(fleet.open(self.key))


def normal(address: str) -> str:
    """An address as it is kept; ConfigError for what is none."""
    found = address.strip().lower()
    name, at, domain = found.partition("@")
    if not (name and at and "." in domain and found.isprintable() and " " not in found and len(found) <= 254):
        raise ConfigError(f"{address!r} is not an address", "write it like ada@example.com")
    return found


def invite(connection: Connection, fleet: Seal, address: str, cohort: str, secret: str, by: str) -> int:
    """Somebody is asked to take part; the same again changes their cohort and secret, and nothing else."""
    with translated(), connection.transaction():
        sealed = fleet.shut(secret.encode()) if secret else None
        row = connection.execute(
            "INSERT INTO leader (address, cohort, status, key, secret) VALUES (%s, %s, 'invited', %s, %s)"
            " ON CONFLICT (address) DO UPDATE SET cohort = excluded.cohort,"
            " secret = coalesce(excluded.secret, leader.secret) RETURNING id, xmax = 0",
            (normal(address), cohort, fleet.shut(new_key()), sealed),
        ).fetchone()
        number, new = row or (0, False)
        record(connection, number, "invited" if new else "changed", by)
    return int(number)


def record(connection: Connection, leader: int, what: str, by: str) -> None:
    """A line of the audit."""
    connection.execute("INSERT INTO audit (leader, what, by) VALUES (%s, %s, %s)", (leader, what, by))


def get(connection: Connection, number: int) -> Leader | None:
    """One by number."""
    with translated(), connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM leader WHERE id = %s", (number,)).fetchone()
    return Leader(**row) if row else None


def named(connection: Connection, address: str) -> Leader:
    """One by address; ConfigError for nobody."""
    with translated(), connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM leader WHERE address = %s", (normal(address),)).fetchone()
    if not row:
        raise ConfigError(f"{address} takes no part", "`unbusy fleet status` says who does")
    return Leader(**row)


def set_status(connection: Connection, leader: int, status: Status, by: str) -> None:
    """From now on; and due at once.  Who leaves does not come back so."""
    with translated(), connection.transaction():
        done = connection.execute(
            "UPDATE leader SET status = %s, due = now(), failures = 0, trouble = ''"
            " WHERE id = %s AND status <> 'leaving' AND status <> %s",
            (status.value, leader, status.value),
        )
        if done.rowcount:
            record(connection, leader, status.value, by)


def force(connection: Connection, leader: int, by: str) -> None:
    """The limits do not count in the next cycle."""
    with translated(), connection.transaction():
        connection.execute("UPDATE leader SET forced = true, due = now() WHERE id = %s", (leader,))
        record(connection, leader, "forced", by)


# -- when -------------------------------------------------------------------------------------------------------------

_DUE = """
WITH due AS (
    SELECT id FROM leader WHERE due <= now() AND (status <> 'paused') AND (failures < %(parked)s)
    ORDER BY due LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE leader SET due = now() + make_interval(secs => 60 * (CASE
        WHEN EXISTS (SELECT FROM channel WHERE channel.leader = leader.id AND until > now()) THEN %(pushed)s
        ELSE %(minutes)s END) * (0.9 + 0.2 * mod(hashint4(leader.id + extract(epoch FROM now())::integer / 60) & 1023,
        1000) / 1000.0))
    FROM due WHERE leader.id = due.id RETURNING leader.id, leader.status, leader.synced
"""


def take_due(connection: Connection, most: int, minutes: int, pushed: int) -> list[tuple[int, str, bool]]:
    """Who is due, most overdue first: each with status and whether they were ever read in full; due again later."""
    values = {"most": most, "minutes": minutes, "pushed": pushed, "parked": PARKED}
    with translated():
        return connection.execute(_DUE, values).fetchall()


def due_at(connection: Connection, leader: int, when: timedelta) -> None:
    """At the latest in so long."""
    with translated():
        connection.execute("UPDATE leader SET due = least(due, now() + %s) WHERE id = %s", (when, leader))


def served(connection: Connection, leader: int, *, stopped: bool, trouble: str) -> None:
    """A cycle came to its end; `stopped`: by a limit.  `trouble`: what the administrator has to know of it, by kind."""
    with translated():
        connection.execute(
            "UPDATE leader SET served = now(), synced = true, forced = false, failures = 0, trouble = %s,"
            " stopped = CASE WHEN %s THEN now() ELSE stopped END WHERE id = %s",
            (trouble, stopped, leader),
        )


def failed(connection: Connection, leader: int, error: Exception, again: timedelta | None) -> None:
    """One did not; `again`: when it is tried, None for whenever it is due."""
    kind = type(error).__name__
    counts = 0 if isinstance(error, UnbusyError) else 1
    with translated():
        connection.execute(
            "UPDATE leader SET trouble = %s, failures = failures + %s, due = least(due, now() + %s) WHERE id = %s",
            (kind, counts, again or timedelta(days=1), leader),
        )


# -- the brake --------------------------------------------------------------------------------------------------------

_BRAKE = """
INSERT INTO brake (one) SELECT true FROM leader WHERE status = 'active' HAVING
    count(*) FILTER (WHERE stopped > now() - interval '1 hour') > greatest(2, %s * count(*))
ON CONFLICT (one) DO NOTHING
"""


def brake_if(connection: Connection, share: float) -> None:
    """Stop all writing where more than this share of the leaders met their limits in an hour."""
    with translated():
        connection.execute(_BRAKE, (share,))


def braked(connection: Connection) -> bool:
    """Whether all writing stands still."""
    with translated():
        return connection.execute("SELECT 1 FROM brake").fetchone() is not None


def release(connection: Connection, by: str) -> None:
    """Let them write again."""
    with translated(), connection.transaction():
        connection.execute("DELETE FROM brake")
        connection.execute("UPDATE leader SET stopped = NULL")
        record(connection, 0, "brake released", by)
