"""What one run may do at most.  A plan over the limits is shown and not carried out."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.model.owner import Field
from daemon.model.plan import Action, Change
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
