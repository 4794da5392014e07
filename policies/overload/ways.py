"""What can be done about one meeting: whether it is better left alone, and the one verb that fits it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.courtesy.messages import Message, half
from daemon.model.event import Event
from daemon.model.figures.measure import day_minutes
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, clock_span, local_day, minus, within
from daemon.model.titles.kinds import Kind, shows, words
from daemon.model.user.gesture import OwnWord, own_words
from daemon.model.user.people import BOSS
from policies.overload.options import OverloadOptions
from policies.overload.relief import optional
from policies.overload.spans import Span, day_span

MANY = 8
"""With so many people, one of them may stay away."""
LONG_ENOUGH = 45
"""Minutes from which a meeting can be shorter."""
AHEAD = 7
"""Days within which a meeting may be moved."""
BY_MOVING = frozenset({"after_hours", "long_blocks"})
"""The limits of a week that a meeting helps to keep though it stays in that week."""


KEPT = (Kind.PROTECTED, Kind.INTERVIEW, Kind.INCIDENT, Kind.TENSE)
"""Kinds of titles of meetings that are not the first to leave out: all-hands, board, calibration, and these three."""


class Way(Struct, frozen=True, kw_only=True):
    """One meeting, and what to do about it.

    `keeps`: the minutes of it that stay.  `delegate`: whoever takes it over; `slot`: where it moves to.
    """

    event: Event
    verb: Message
    keeps: int = 0
    delegate: str = ""
    slot: TimeRange | None = None


def protected(snapshot: Snapshot, options: OverloadOptions, event: Event) -> bool:
    """Whether somebody counts on it more than on others: it is left alone as long as anything else helps.

    One-to-ones with reports, what the boss calls, guests from outside, what its title shows, and what says `#keep`.
    """
    people = snapshot.people
    called = event.organizer in people.group(BOSS)
    alone = people.is_one_to_one(event) or bool(people.external(event)) or OwnWord.KEEP in own_words(event)
    return called or alone or shows(event.summary, (*options.protect, *words(*KEPT)))


def way(snapshot: Snapshot, options: OverloadOptions, span: Span, event: Event) -> Way | None:
    """The first of the table that fits; None where nothing does."""
    people = sum(a.person for a in event.attendees)
    speaks = {address.lower() for address in options.delegates}
    delegate = next((a.name or a.address for a in event.attendees if a.person and a.address in speaks), "")
    if not event.mine and (optional(snapshot, event) or people >= MANY):
        return Way(event=event, verb=Message.DECLINE)
    if not event.mine and event.series:
        return Way(event=event, verb=Message.SKIP)
    if delegate:
        return Way(event=event, verb=Message.HAND_OVER, delegate=delegate)
    if event.mine and event.span.minutes >= LONG_ENOUGH:
        return Way(event=event, verb=Message.SHORTEN, keeps=half(event.span.minutes))
    slot = _slot(snapshot, options, span, event)
    return Way(event=event, verb=Message.MOVE, slot=slot) if slot else None


def _slot(snapshot: Snapshot, options: OverloadOptions, span: Span, event: Event) -> TimeRange | None:
    """The first free time beside another meeting that makes no day of its own full: working time of another day.

    For a week: of the same one, where it was after hours or between long stretches.
    """
    week = len(span.days) > 1
    if week and not set(span.over) <= BY_MOVING:
        return None
    days = {grid.day for grid in span.days}
    home = local_day(event.span.start, snapshot.zone)
    first = max(snapshot.today, min(days))
    for day in (first + n * DAY for n in range(AHEAD + 1)):
        if (day in days) == week and (day != home or not snapshot.working(day)):
            for slot in _beside(snapshot, event, day):
                if not _fills(snapshot, options, event, day, slot):
                    return slot
    return None


def _beside(snapshot: Snapshot, event: Event, day: date) -> Iterator[TimeRange]:
    """Free working time of its length that touches another meeting, in order."""
    length = event.span.end - event.span.start
    gone = [TimeRange(min(snapshot.now, event.span.start), snapshot.now)]
    free = minus(snapshot.present(day), [*snapshot.busy, *gone, *_noon(snapshot, day)])
    near = [e.span for e in snapshot.meetings_on.get(day, ()) if e.ref != event.ref]
    ends = (TimeRange(span.end, span.end + length) for span in near)
    begins = (TimeRange(span.start - length, span.start) for span in near)
    fitting = (s for s in (*ends, *begins) if length and s.start > snapshot.now and within([s], free) == (s,))
    yield from sorted(fitting)


def _noon(snapshot: Snapshot, day: date) -> tuple[TimeRange, ...]:
    lunch = snapshot.profile.lunch
    return (clock_span(day, *lunch.noon, snapshot.zone),) if lunch else ()


def _fills(snapshot: Snapshot, options: OverloadOptions, event: Event, day: date, slot: TimeRange) -> bool:
    """Whether the day would come near a limit of its own with the meeting there."""
    (grid,) = day_minutes(snapshot, (day,))
    begins = (slot.start - DateRange(day, day + DAY).span(snapshot.zone).start) // MINUTE
    others = tuple((e, minutes) for e, minutes in grid.meetings if e.ref != event.ref)
    there = (event, ((1 << slot.minutes) - 1) << begins)
    return not day_span(options, replace(grid, meetings=(*others, there))).calm
