"""Another time for a meeting: one that would cost the user nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from daemon.model.event import Event
from daemon.model.figures.measure import long_blocks
from daemon.model.snapshot import TAKING, Snapshot
from daemon.model.times import DAY, TimeRange, clock_span, minus
from policies.invitations.costs import beside, cost, day_of, focus_blocks, moved

AHEAD = 7
"""Days after its own within which a meeting may be moved."""
GRID = timedelta(minutes=15)


class Slot(Struct, frozen=True):
    """`free`: it costs nothing at all, and not only no focus time."""

    span: TimeRange
    free: bool = True


def elsewhere(snapshot: Snapshot, event: Event) -> Slot | None:
    """The first time on its own day that costs nothing, else no focus time; else one on the next days; never today."""
    first = max(day_of(snapshot, event), snapshot.today + DAY)
    here = [slot for slot in _free(snapshot, event, first) if _keeps_stretches(snapshot, moved(event, slot))]
    for slot in here:
        if not cost(snapshot, moved(event, slot)).why:
            return Slot(slot)
    if here and cost(snapshot, event).focus:
        return Slot(here[0], free=False)
    later = (slot for n in range(1, AHEAD + 1) for slot in _free(snapshot, event, first + n * DAY))
    return next((Slot(slot) for slot in later if _costs_nothing(snapshot, moved(event, slot))), None)


def _free(snapshot: Snapshot, event: Event, day: date) -> Iterator[TimeRange]:
    """Working time of its length that nothing takes, neither anybody nor ours."""
    length, own = event.span.end - event.span.start, (o.event.span for o in snapshot.ours if not o.event.all_day)
    taken = (e.span for e in snapshot.events if e.counts_as in TAKING and e.ref != event.ref)
    for gap in minus(snapshot.present(day), [*taken, *own, *_noon(snapshot, day), event.span]):
        start = gap.start
        while start + length <= gap.end:
            yield TimeRange(start, start + length)
            start += GRID


def _noon(snapshot: Snapshot, day: date) -> tuple[TimeRange, ...]:
    lunch = snapshot.profile.lunch
    return (clock_span(day, *lunch.noon, snapshot.zone),) if lunch else ()


def _costs_nothing(snapshot: Snapshot, event: Event) -> bool:
    return _keeps_stretches(snapshot, event) and not cost(snapshot, event).why


def _keeps_stretches(snapshot: Snapshot, event: Event) -> bool:
    """Whether as many long stretches are left with it as without it, and no focus block is under it."""
    without, there = beside(snapshot, event)
    return long_blocks(without.free) == long_blocks(there.free) and not focus_blocks(snapshot, event)
