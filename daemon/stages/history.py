"""What past runs tell that no calendar does: the places that blocks have left, or had to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from daemon.ledger import ChangeRow, OwnRow
from daemon.model.ours.mark_line import read_mark
from daemon.model.owner import Field, normal_title
from daemon.model.plan import Cause
from daemon.model.snapshot import GivenUp
from daemon.model.times import TimeRange, When, read_stamp
from daemon.planning.counting.copies import Stood
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


def left(
    changes: Iterable[tuple[datetime, ChangeRow]], rows: Iterable[OwnRow], today: date
) -> dict[When, frozenset[Stood]]:
    """Where ours have stood lately: before these changes, and as those ahead were asked for.

    What the user has moved or deleted has left that place.
    """
    found: dict[When, set[Stood]] = {}
    for _, change in changes:
        if (when := fields.when(change.before)) and fields.base(change.before):
            found.setdefault(when, set()).add(Stood(normal_title(str(change.before["title"])), change.key))
    for row in (r for r in rows if r.day >= today):
        if (mark := read_mark(row.mark)) and (when := read_stamp(mark.base[Field.WHEN])):
            found.setdefault(when, set()).add(Stood(normal_title(row.title), row.key))
    return {when: frozenset(stood) for when, stood in found.items()}


def written(changes: Iterable[tuple[datetime, ChangeRow]]) -> dict[str, list[Write]]:
    """By UID: each write that was taken, oldest first, as `changes` are."""
    out: dict[str, list[Write]] = {}
    for at, c in changes:
        if c.outcome:
            write = Write(at, fields.base(c.before), fields.base(c.after), ordered=c.cause in _ORDERED)
            out.setdefault(c.uid, []).append(write)
    return out
