"""When a block gives way to something else of its own day: to what took it, or to a review that finds no room."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.proposal import Flexible
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import local_day
from daemon.planning.placement.minutes import SLOT, Span, cut, to_span
from daemon.planning.placement.score import MIDDLING


def is_over(snapshot: Snapshot, block: OwnEvent) -> bool:
    """Whether its day has come and too little is left of it: invitations without an answer take nothing here."""
    if snapshot.now < snapshot.morning(local_day(block.event.span.start, snapshot.zone)):
        return False
    left = cut([to_span(block.event.span)], map(to_span, snapshot.busy_beside_unanswered))
    return all(b - a < MIDDLING for a, b in left)


def is_settled(block: OwnEvent) -> bool:
    """Whether a block keeps its place until something is booked over it: it was moved once, or an older version's."""
    return block.mark.moves > 0 or block.old


def ends(block: Span, spec: Flexible) -> Iterator[Span]:
    """The minutes at its end that it may give to an event, from few to many: an hour and a half of it stays."""
    start, end = block
    yield from ((end - n, end) for n in range(SLOT, min(spec.cuts, end - start - MIDDLING) + 1, SLOT))


def may_end_earlier(snapshot: Snapshot, block: OwnEvent | None) -> bool:
    """Whether nobody has had a hand in it yet; a new one is None."""
    return block is None or not (block.edited or snapshot.firm(block) or is_settled(block))
