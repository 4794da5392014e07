"""What a week is for: one objective, in the user's words.

It has no event of its own.  The weekly review asks for it, the focus blocks of its week carry it, and the next review
asks whether it landed; all of them read it off the calendar and the journal here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from daemon.model.figures.told import Aim, Told
from daemon.model.proposal import Want
from daemon.model.protocols import PolicyKind
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from policies.objectives.options import ObjectivesOptions
from policies.objectives.said import landed, objective


def propose(snapshot: Snapshot, options: ObjectivesOptions) -> tuple[Want, ...]:
    """Nothing: it rides on the reviews and on the focus blocks."""
    del snapshot, options
    return ()


def keys(snapshot: Snapshot, options: ObjectivesOptions) -> Iterable[str]:
    """None."""
    del snapshot, options
    return ()


def tell(snapshot: Snapshot, options: ObjectivesOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it."""
    del options
    rows = ((week, objective(snapshot, week)) for week in weeks)
    return Told(aims=tuple(Aim(week, words, landed(snapshot, week)) for week, words in rows if words))


KIND = PolicyKind(options=ObjectivesOptions, propose=propose, roles={}, keys=keys, tell=tell)
