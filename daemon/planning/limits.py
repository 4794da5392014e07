"""What one run may do at most.  A plan over the limits is shown and not carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from daemon.model.owner import Field
from daemon.model.plan import Change, Create, Delete, Unplaced, Update
from daemon.model.proposal import Level
from daemon.model.snapshot import Snapshot
from daemon.model.times import DateRange, TimeRange, local_day
from daemon.planning.diff import mark_of

MANY = 10
"""From so many standing events of ours on, a run changes no more than half of them."""


def too_much(snapshot: Snapshot, changes: Iterable[Change], max_changes: int) -> str:
    """Why this plan must be confirmed with `--force`, or ''.

    Moves and deletions count, as far as the user did not order them; other words and colours do no harm.
    """
    counted = [c for c in changes if _moves(c) or (isinstance(c, Delete) and not c.ordered)]
    standing = sum(not snapshot.begun(o.event) for o in snapshot.ours)
    if len(counted) > max_changes:
        return f"it would move or delete {len(counted)} of our events, over {max_changes} (`max_changes`)"
    if standing >= MANY and len(counted) * 2 > standing:
        return f"it would move or delete {len(counted)} of our {standing} events, over half of them"
    return ""


def _moves(change: Change) -> bool:
    return isinstance(change, Update) and Field.WHEN in change.fields


def per_day(
    snapshot: Snapshot, changes: Iterable[Change], levels: dict[tuple[str, str], Level], most: int
) -> tuple[tuple[Change, ...], tuple[Unplaced, ...]]:
    """At most so many events of ours begin on a day: of the new ones the least important go, and are explained."""
    changes = list(changes)
    days: Counter[date] = Counter(_day(o.event.when, snapshot) for o in snapshot.ours)
    gone = (c.before for c in changes if isinstance(c, Update | Delete))
    days.subtract(_day(o.event.when, snapshot) for o in gone if o not in snapshot.turned_down)
    days.update(_day(c.draft.when, snapshot) for c in changes if isinstance(c, Update))
    moving = {mark_of(c).uid for c in changes if isinstance(c, Delete)}
    dropped: list[Create] = []
    new = [c for c in changes if isinstance(c, Create) and c.draft.uid not in moving]
    for c in sorted(new, key=lambda c: (levels[c.draft.mark.policy, c.draft.mark.key], c.draft.mark.key)):
        day = _day(c.draft.when, snapshot)
        if days[day] >= most:
            dropped.append(c)
        else:
            days[day] += 1
    why = f"no more than {most} events of unbusy a day (`max_per_day`)"
    unplaced = tuple(Unplaced(mark_of(c).policy, mark_of(c).key, why) for c in dropped)
    return tuple(c for c in changes if c not in dropped), unplaced


def _day(when: TimeRange | DateRange, snapshot: Snapshot) -> date:
    return when.first if isinstance(when, DateRange) else local_day(when.start, snapshot.zone)
