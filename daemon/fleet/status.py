"""What an administrator is told: who takes part and whether it works; of nobody a title, a text or a figure.

Figures are of ten people or more, or they are not given.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from daemon.fleet.leaders import Connection, braked, named
from daemon.postgres import translated

FEWEST = 10
"""People of whom there has to be a figure."""

_LEADERS = """
SELECT address, cohort, status, served, trouble, failures, trouble = '' AND (status <> 'active' OR
    coalesce(served, due) > now() - make_interval(mins => 4 * %s)) AS works FROM leader ORDER BY address
"""
_LATE = "SELECT count(*), max(now() - due) FROM leader WHERE status = 'active' AND due < now() - interval '1 minute'"
_JOBS = "SELECT status::text, count(*) FROM procrastinate_jobs WHERE task_name <> 'tick' GROUP BY status"
_BUCKETS = "SELECT name, tokens, rests > now() FROM bucket ORDER BY name"
_RUNS = "SELECT id, at, command, outcome FROM run WHERE tenant = %s ORDER BY id DESC LIMIT %s"
_CHANGES = "SELECT action, policy, cause, outcome FROM change WHERE tenant = %s AND run = %s ORDER BY seq"
_AUDIT = "SELECT at, what, by FROM audit WHERE leader = %s ORDER BY id DESC LIMIT %s"


def summary(connection: Connection, minutes: int) -> dict[str, Any]:
    """All of the fleet, as JSON has it."""
    with translated():
        rows = connection.execute(_LEADERS, (minutes,)).fetchall()
        late, longest = connection.execute(_LATE).fetchone() or (0, None)
        jobs = dict(connection.execute(_JOBS).fetchall())
        buckets = connection.execute(_BUCKETS).fetchall()
    people = [
        {"address": a, "cohort": c, "status": s, "served": _iso(at), "trouble": t, "parked": f >= 3, "works": w}
        for a, c, s, at, t, f, w in rows
    ]
    active = sum(one["status"] == "active" for one in people)
    return {
        "braked": braked(connection),
        "leaders": people,
        "figures": {
            "active": of_many(active, active),
            "late": of_many(late, active),
            "longest_late_seconds": of_many(int(longest.total_seconds()) if longest else 0, active),
        },
        "jobs": {"waiting": jobs.get("todo", 0), "running": jobs.get("doing", 0)},
        "buckets": [{"host": n, "left": round(left), "resting": rests} for n, left, rests in buckets],
    }


def of_many(figure: int, people: int) -> int | None:
    """A figure over so many people; None where they are too few to be told apart from one of them."""
    return figure if people >= FEWEST else None


def audit(connection: Connection, address: str, most: int) -> dict[str, Any]:
    """What was done to one leader's calendar and row: kinds and times, no words."""
    leader = named(connection, address)
    with translated():
        connection.execute("SELECT set_config('unbusy.tenant', %s, false)", (str(leader.id),))
        runs = connection.execute(_RUNS, (leader.id, most)).fetchall()
        found = [
            {
                "run": number, "at": _iso(at), "command": command, "outcome": outcome,
                "changes": [
                    {"action": a, "policy": p, "cause": c, "outcome": o}
                    for a, p, c, o in connection.execute(_CHANGES, (leader.id, number)).fetchall()
                ],
            }
            for number, at, command, outcome in runs
        ]  # fmt: skip
        lines = connection.execute(_AUDIT, (leader.id, most)).fetchall()
    return {
        "address": leader.address,
        "status": leader.status,
        "runs": found,
        "audit": [{"at": _iso(at), "what": what, "by": by} for at, what, by in lines],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
