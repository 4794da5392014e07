"""Noon and lunch: time that stays free of ours, with no policy switched on for it.

Noon is never ours on a day on which foreign events leave enough of it for a meal.  Beyond that one stretch for lunch
stays free, if there is one: colleagues need room at noon, too.  What the user has chosen or what has begun stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from daemon.model.profile import Lunch
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import clock_span, local_day
from daemon.planning.placement.minutes import SLOT, Span, ceil_to, cut, hits, to_span


def noon(snapshot: Snapshot, day: date, busy: Collection[Span]) -> Span | None:
    """The span of a day that is never ours; None where foreign events leave no meal of it."""
    lunch = snapshot.profile.lunch
    if lunch is None:
        return None
    span = to_span(clock_span(day, *lunch.noon, snapshot.zone))
    return span if any(b - a >= lunch.minutes for a, b in cut([span], busy)) else None


def slots(snapshot: Snapshot, day: date, taken: Iterable[Span], step: int = SLOT) -> tuple[Span, ...]:
    """Where lunch can still be on a day, in working time or not: stretches of its length that are free.

    Enough of them for a grid of `step` minutes: if any stretch is free between what is taken and events on the grid,
    one of these is.
    """
    lunch = snapshot.profile.lunch
    if lunch is None:
        return ()
    window = to_span(clock_span(day, *lunch.between, snapshot.zone))
    return tuple(s for piece in cut([window], taken) for s in _slots(piece, lunch, step))


def _slots(piece: Span, lunch: Lunch, step: int) -> Iterator[Span]:
    first, last = piece[0], piece[1] - lunch.minutes
    starts = {first, last, *range(ceil_to(first, step), last + 1, step)}
    yield from ((s, s + lunch.minutes) for s in sorted(starts) if first <= s <= last)


def beside(gap: Span, minutes: int, meals: Collection[Span]) -> list[Span]:
    """The parts of a gap in which an event of so many minutes leaves one of these meals free; all of it without any.

    They may overlap: an event has to be whole in one of them.
    """
    if not meals:
        return [gap]
    return sorted({part for meal in meals for part in cut([gap], [meal]) if part[1] - part[0] >= minutes})


def over_lunch(snapshot: Snapshot, day: date, hard: Collection[Span], soft: Collection[OwnEvent]) -> list[OwnEvent]:
    """Those that have come to stand over the last lunch of a day, and must leave: as few as it takes.

    `hard`: what stays.  `soft`: events of ours that may be moved.
    """
    free = slots(snapshot, day, hard)
    spans = {o.event.ref: to_span(o.event.span) for o in soft}
    if not free or not all(hits(slot, spans.values()) for slot in free):
        return []
    over = {slot: [o for o in soft if hits(slot, [spans[o.event.ref]])] for slot in free}
    return min(over.values(), key=lambda some: (len(some), [-spans[o.event.ref][0] for o in some]))


def days_of(snapshot: Snapshot, events: Iterable[OwnEvent]) -> dict[date, list[OwnEvent]]:
    """Timed events of ours by the local day on which they begin."""
    days: dict[date, list[OwnEvent]] = {}
    for o in events:
        if not o.event.all_day:
            days.setdefault(local_day(o.event.span.start, snapshot.zone), []).append(o)
    return days
