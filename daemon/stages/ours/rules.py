"""By which set of rules ours were made: that it has changed is said once, before the first run that goes by another."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.ledger import Ledger
from daemon.ledger.notes import RULES
from daemon.model.owner import UNKNOWN, Mark
from daemon.model.snapshot import OwnEvent

VERSION = 2
"""Of the rules by which plans are made; 1 was version 0.1."""

CHANGED = (
    "the rules by which unbusy plans have changed since its last run: what stands is kept, and new events follow them"
)


def changed(ledger: Ledger, ours: Iterable[OwnEvent]) -> tuple[str, ...]:
    """The line that says so; () where nothing was written by other rules, or where it was said before."""
    if (known := RULES.get(ledger.drawer)) is not None:
        return (CHANGED,) if known < VERSION else ()
    older = ledger.runs.latest(1) or any(_is_older(o.mark) for o in ours)
    return (CHANGED,) if older else ()


def note(ledger: Ledger) -> None:
    """From now on, what is written goes by these."""
    RULES.put(ledger.drawer, VERSION)


def _is_older(mark: Mark) -> bool:
    """Whether it was written before marks named the installation; of some, nobody knows how they were written."""
    return not mark.by and UNKNOWN not in mark.base.values()
