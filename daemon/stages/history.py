"""What past runs tell that no calendar does: the places that blocks had to leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from daemon.ledger import ChangeRow
from daemon.model.snapshot import GivenUp
from daemon.model.times import TimeRange

BOOKED = "was booked "
"""In the reason of every change that a collision made; the title of an event stands in no other reason of a move."""


def given_up(changes: Iterable[tuple[datetime, ChangeRow]]) -> tuple[GivenUp, ...]:
    """The timed places that events left because they were booked over.  `changes`: oldest first, with their moments."""
    came: dict[str, datetime] = {}
    out = []
    for at, change in changes:
        before, after = _when(change.before), _when(change.after)
        if before == after:
            continue
        if before and BOOKED in change.reason:
            out.append(GivenUp(key=change.key, when=before, left=at, since=came.get(change.key)))
        came[change.key] = at
    return tuple(out)


def written(changes: Iterable[tuple[datetime, ChangeRow]]) -> dict[str, list[dict[str, str]]]:
    """By UID: the base of each write that was taken, newest first; {} for a deletion.  `changes`: oldest first."""
    out: dict[str, list[dict[str, str]]] = {}
    for change in (c for _, c in changes if c.outcome):
        base = change.after.get("base")
        out.setdefault(change.uid, []).insert(0, dict(base) if isinstance(base, dict) else {})
    return out


def _when(fields: Mapping[str, object]) -> TimeRange | None:
    """The span in the fields of a change; None for days, and where there is nothing."""
    pair = fields.get("when")
    start, end = map(str, pair if isinstance(pair, list) else ("", ""))
    return TimeRange(datetime.fromisoformat(start), datetime.fromisoformat(end)) if "T" in start else None
