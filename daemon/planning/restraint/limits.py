"""What one run may do at most.  A plan over the limits is shown and not carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from daemon.model.owner import Field, Wish
from daemon.model.plan import Action, Change, Unplaced
from daemon.model.proposal import Level
from daemon.model.snapshot import Snapshot

MANY = 10
"""From so many standing events of ours on, a run changes no more than half of them."""


def too_much(snapshot: Snapshot, changes: Iterable[Change], max_changes: int) -> str:
    """Why this plan must be confirmed with `--force`, or ''.

    Moves and deletions count, as far as the user did not order them; other words and colours do no harm.
    """
    counted = [c for c in changes if (_moves(c) or c.action is Action.DELETE) and not c.cause.ordered]
    standing = sum(not snapshot.begun(o.event) for o in snapshot.ours)
    if len(counted) > max_changes:
        return f"it would move or delete {len(counted)} of our events, over {max_changes} (`max_changes`)"
    if standing >= MANY and len(counted) * 2 > standing:
        return f"it would move or delete {len(counted)} of our {standing} events, over half of them"
    return ""


def _moves(change: Change) -> bool:
    return change.action is Action.UPDATE and Field.WHEN in change.fields


def per_day(
    snapshot: Snapshot, changes: Iterable[Change], levels: Mapping[Wish, Level], most: int
) -> tuple[tuple[Change, ...], tuple[Unplaced, ...]]:
    """At most so many events of ours begin on a day: of the new ones the least important go, and are explained.

    What only stands for an event of another calendar is none of them (`Role.counts`).
    """
    changes = list(changes)
    counted = [c for c in changes if snapshot.roles.of(c.wish).counts]
    places = {o.event.ref.uid: o.event.when for o in snapshot.ours if snapshot.role(o).counts}
    places |= {c.uid: c.when for c in counted if c.action is Action.UPDATE}
    gone = {c.uid for c in changes if c.action is Action.DELETE}
    days = Counter(when.first_day(snapshot.zone) for uid, when in places.items() if uid not in gone)
    back = (s for s in snapshot.skips if s.taken_back and snapshot.role(s).counts)
    days.update(s.day for s in back)  # or others would come in their place
    dropped: list[Change] = []
    new = [c for c in counted if c.action is Action.CREATE and c.uid not in gone]  # the others only move
    for c in sorted(new, key=lambda c: (levels[c.wish], c.wish.key)):
        day = c.when.first_day(snapshot.zone)
        if days[day] >= most:
            dropped.append(c)
        else:
            days[day] += 1
    why = f"no more than {most} events of unbusy a day (`max_per_day`)"
    unplaced = tuple(Unplaced(*c.wish, why) for c in dropped)
    return tuple(c for c in changes if c not in dropped), unplaced
