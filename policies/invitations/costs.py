"""What it costs to say yes: focus time, a limit of a day or a week, an evening, or the time to prepare for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct, structs
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.figures.measure import LONG, DayMinutes, MinuteSet, day_minutes, long_blocks, stretches
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, local_day, merged, minutes_of, week_of, within
from daemon.model.words import clock, hours, lasting, weekday
from policies.overload.causes import figure, limit
from policies.overload.options import POLICY as OVERLOAD
from policies.overload.options import OverloadOptions
from policies.overload.spans import Span, day_span, week_span

SHORT = timedelta(hours=24)
"""Who is asked so late has little choice."""
_WAITING = frozenset({CountsAs.MEETING, CountsAs.FREE})


class Cost(Struct, frozen=True):
    """`focus`: minutes of focus time that it takes; `why`: a part of a sentence for each thing that it costs."""

    focus: int
    why: tuple[str, ...]


def unanswered(snapshot: Snapshot, event: Event) -> bool:
    """Whether it is an invitation to an hour that waits for the user's answer, in a time in which they are there."""
    asked = event.reply is PartStat.NEEDS_ACTION and event.counts_as in _WAITING and event.show_as is not ShowAs.FREE
    timed = not event.all_day and event.span.start < event.span.end <= event.span.start + DAY
    return asked and timed and not event.uncertain and not within([event.span], snapshot.away)


def cost(snapshot: Snapshot, event: Event) -> Cost:
    """What it would cost as it stands; nothing where `why` is empty."""
    taken = focus_blocks(snapshot, event)
    ends = None if taken else only_stretch(snapshot, event)
    why = (
        *(f"takes a focus block, {clock(r, snapshot.zone)}" for r in taken),
        *([f"ends the only stretch of {hours(ends)} on {weekday(day_of(snapshot, event))}"] if ends else ()),
        *_limits(snapshot, event),
        *(["lies after hours"] if after_hours(snapshot, event) else ()),
        *([f"comes {lasting(left)} ahead"] if (left := notice(snapshot, event)) and left < SHORT else ()),
    )
    return Cost(minutes_of(taken) or ends or 0, why)


def day_of(snapshot: Snapshot, event: Event) -> date:
    """The local day on which it begins."""
    return local_day(event.span.start, snapshot.zone)


# -- focus -----------------------------------------------------------------------------------------------------------


def focus_blocks(snapshot: Snapshot, event: Event) -> tuple[TimeRange, ...]:
    """The focus blocks that it lies over, and those that had to leave that place since it is there."""
    stands = [o.event.span for o in snapshot.in_role(Role.FOCUS) if not snapshot.begun(o.event)]
    theirs = [e.span for e in snapshot.hand_made]
    since = event.created or snapshot.window.start
    left = [g.when for g in snapshot.given_up if g.left >= since and g.when.start > snapshot.now]
    return merged(r for r in (*stands, *theirs, *left) if r.overlaps(event.span))


def only_stretch(snapshot: Snapshot, event: Event) -> int | None:
    """The minutes of the one stretch for focus that its day has without it and loses; None where it leaves another."""
    without, there = beside(snapshot, event)
    if long_blocks(there.free) or not long_blocks(without.free):
        return None
    return max(end - start for start, end in stretches(without.free) if end - start >= LONG)


def beside(snapshot: Snapshot, event: Event) -> tuple[DayMinutes, DayMinutes]:
    """Its day without it, and with it."""
    (grid,) = day_minutes(snapshot, (day_of(snapshot, event),))
    others = tuple((e, minutes) for e, minutes in grid.meetings if e.ref != event.ref)
    there = (event, _minutes(event.span, grid.day, snapshot))
    return replace(grid, meetings=others), replace(grid, meetings=(*others, there))


def _minutes(span: TimeRange, day: date, snapshot: Snapshot) -> MinuteSet:
    begins, ends = DateRange(day, day + DAY).span(snapshot.zone).start, span.end
    first, last = (span.start - begins) // MINUTE, -((begins - ends) // MINUTE)
    return (1 << last) - (1 << first)


# -- limits ----------------------------------------------------------------------------------------------------------


def _limits(snapshot: Snapshot, event: Event) -> Iterator[str]:
    """The limits of `overload` that its day and its week keep without it, and break with it."""
    options = snapshot.options_of(OVERLOAD, OverloadOptions)
    if options is None:
        return
    without, there = beside(snapshot, event)
    before, after = day_span(options, without), day_span(options, there)
    yield from _crossed(before, after, weekday(there.day))
    week = week_span(snapshot, options, week_of(there.day, snapshot.profile.week_starts))
    before, after = (replace(week, days=_with(week.days, grid)) for grid in (without, there))
    yield from _crossed(before, after, "the week")


def _with(days: Sequence[DayMinutes], grid: DayMinutes) -> tuple[DayMinutes, ...]:
    return tuple(grid if day.day == grid.day else day for day in days)


def _crossed(before: Span, after: Span, called: str) -> Iterator[str]:
    """Of several limits of one span the first."""
    new = [name for name in after.over if name not in before.over]
    if new and new[0] == "long_blocks":
        yield f"leaves {called} {figure(after, new[0])}"
    elif new:
        yield f"brings {called} to {figure(after, new[0])}, and your limit is {limit(after, new[0])}"


# -- its time --------------------------------------------------------------------------------------------------------


def after_hours(snapshot: Snapshot, event: Event) -> bool:
    """Whether it begins before the work of its day, ends after it, or lies on a day without any."""
    working = snapshot.working(day_of(snapshot, event))
    return not working or event.span.start < working[0].start or event.span.end > working[-1].end


def notice(snapshot: Snapshot, event: Event) -> timedelta | None:
    """How long before it the user was asked; None where that is not known."""
    made: datetime | None = event.created
    return event.span.start - made if made and made <= snapshot.now and made < event.span.start else None


def moved(event: Event, span: TimeRange) -> Event:
    """The same at another time, asked for in time."""
    return structs.replace(event, span=span, created=None)
