"""What past runs tell that no calendar does: the places that blocks had to leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from daemon.ledger import ChangeRow
from daemon.model.plan import Cause
from daemon.model.snapshot import GivenUp
from daemon.model.times import TimeRange
from daemon.planning.restraint.rewrite_wars import Write
from daemon.stages import fields

_TAKEN = frozenset({Cause.BOOKED_OVER.value, Cause.BOOKED_OVER_AGAIN.value})
_ORDERED = frozenset(cause.value for cause in Cause if cause.ordered)


def given_up(changes: Iterable[tuple[datetime, ChangeRow]]) -> tuple[GivenUp, ...]:
    """The timed places that events left because they were booked over.  `changes`: oldest first, with their moments."""
    came: dict[str, datetime] = {}
    out = []
    for at, change in changes:
        before, after = fields.when(change.before), fields.when(change.after)
        if before == after:
            continue
        if isinstance(before, TimeRange) and change.cause in _TAKEN:
            out.append(GivenUp(key=change.key, when=before, left=at, since=came.get(change.key)))
        came[change.key] = at
    return tuple(out)


def written(changes: Iterable[tuple[datetime, ChangeRow]]) -> dict[str, list[Write]]:
    """By UID: each write that was taken, oldest first, as `changes` are."""
    out: dict[str, list[Write]] = {}
    for at, c in changes:
        if c.outcome:
            write = Write(at, fields.base(c.before), fields.base(c.after), ordered=c.cause in _ORDERED)
            out.setdefault(c.uid, []).append(write)
    return out
