"""The events that another program writes, too, as the ledger remembers them from one cycle to the next."""

from __future__ import annotations

from msgspec.structs import replace

from daemon.ledger.notes import CONTESTS
from daemon.ledger.ports import Ledger
from daemon.model.plan import Action, Plan
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY
from daemon.planning.restraint.rewrite_wars import uncontested
from daemon.stages import history
from daemon.stages.doubt import installation


def settled(ledger: Ledger, plan: Plan, snapshot: Snapshot, *, insist: bool = False) -> Plan:
    """The plan without what is written by others again and again.  `insist`: the user wants it written all the same.

    What is found is remembered, so that it rests after the second day.
    """
    if insist or all(c.action is Action.CREATE for c in plan.changes):
        return plan
    written = history.written(ledger.runs.done_since(plan.now - DAY))
    known, there = CONTESTS.get(ledger.drawer) or {}, {o.event.ref.uid for o in snapshot.ours}
    found = uncontested(plan.changes, written, known, snapshot.zone, installation.name(ledger.drawer))
    CONTESTS.put(ledger.drawer, {uid: c for uid, c in found.contests.items() if uid in there} or None)
    return replace(plan, changes=found.changes, problems=(*plan.problems, *found.problems)) if found.problems else plan
