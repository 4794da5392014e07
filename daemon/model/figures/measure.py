"""How days and weeks are measured: in minutes of the day, as sets of bits.

Bit n of a set is the n-th minute after local midnight (elapsed, so days with a DST change have 1380 or 1500), and a
minute that is touched counts whole.  Unions, cuts and sums of such sets are single operations on integers, and whoever
asks what would be without a meeting asks the very same functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from msgspec import Struct

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.figures.metrics import DayFigures, Metrics, WeekFigures
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, Week

BREAK = 5
"""Meetings with a shorter gap between them are one run."""
FRAGMENT = 60
"""A free gap under this is a fragment."""
LONG = 120
"""The length of a long block."""

MinuteSet = int
"""A set of minutes of one day, as bits."""


class DayMinutes(Struct, frozen=True, kw_only=True, dict=True):
    """One day as sets of minutes.  Absence is cut out of all of them: who is away is in no meeting.

    `working`: working time.  `solo`: foreign busy time that is neither meeting nor focus.  `focus`: ours and
    hand-made; `done`: what of it the user says was kept, whatever was booked over it.  `meetings`: those that take
    time on this day, by start, each with its minutes.
    """

    day: date
    working: MinuteSet
    solo: MinuteSet
    focus: MinuteSet
    done: MinuteSet
    meetings: tuple[tuple[Event, MinuteSet], ...]

    @cached_property
    def met(self) -> MinuteSet:
        """Minutes in meetings; double bookings fall together."""
        return union(minutes for _, minutes in self.meetings)

    @cached_property
    def free(self) -> MinuteSet:
        """Working time without meetings and other busy time."""
        return self.working & ~self.met & ~self.solo

    @cached_property
    def taken_alone(self) -> Mapping[EventRef, MinuteSet]:
        """The minutes that each meeting takes and no other one: they would be without a meeting if just it went."""
        taken: dict[EventRef, MinuteSet] = {}
        for event, minutes in self.meetings:
            taken[event.ref] = taken.get(event.ref, 0) | minutes
        once = twice = 0
        for minutes in taken.values():
            twice |= once & minutes
            once |= minutes
        return {ref: minutes & ~twice for ref, minutes in taken.items()}


def measure_day(snapshot: Snapshot, day: date) -> DayFigures:
    """The figures of one local day."""
    return figures(*day_minutes(snapshot, (day,)))


def measure_week(snapshot: Snapshot, week: Week) -> WeekFigures:
    """The figures of a week and of each of its days."""
    days = tuple(map(figures, day_minutes(snapshot, week.days)))
    return WeekFigures(week=week, days=days, long_blocks=sum(day.long_blocks for day in days))


def measure(snapshot: Snapshot) -> Metrics:
    """Every week from the current one to the end of the window, past days of the current one included."""
    weeks = tuple(measure_week(snapshot, week) for week in snapshot.weeks)
    return Metrics(days=tuple(day for week in weeks for day in week.days), weeks=weeks)


def day_minutes(snapshot: Snapshot, days: Sequence[date]) -> tuple[DayMinutes, ...]:
    """The days (in a row, in order) as sets of minutes."""
    known = snapshot.by_day(DayMinutes)
    if new := [day for day in days if day not in known]:
        span = DateRange(new[0], new[-1] + DAY).span(snapshot.zone)
        near = [e for e in snapshot.events if e.counts_as in _MEASURED and e.span.overlaps(span)]
        near += [o.event for o in snapshot.in_role(Role.FOCUS) if o.event.span.overlaps(span)]
        done = frozenset(o.event.ref for o in snapshot.in_role(Role.FOCUS) if o.done)
        known.update((day, _grid(snapshot, day, near, done)) for day in new)
    return tuple(known[day] for day in days)


_MEASURED = frozenset({CountsAs.MEETING, CountsAs.BUSY, CountsAs.FOCUS})


def _grid(snapshot: Snapshot, day: date, events: Iterable[Event], done: frozenset[EventRef]) -> DayMinutes:
    bounds = DateRange(day, day + DAY).span(snapshot.zone)
    away = union(minute_set(r, bounds) for r in snapshot.away)
    working = union(minute_set(r, bounds) for r in snapshot.working(day)) & ~away
    near = (e for e in events if e.span.overlaps(bounds))
    here = [(e, minute_set(e.span, bounds) & (working if e.all_day else ~away)) for e in near]
    return DayMinutes(
        day=day,
        working=working,
        solo=union(m for e, m in here if e.counts_as is CountsAs.BUSY),
        focus=union(m for e, m in here if e.counts_as in (CountsAs.FOCUS, CountsAs.OURS)),
        done=union(m for e, m in here if e.ref in done),
        meetings=tuple((e, m) for e, m in here if e.counts_as is CountsAs.MEETING and m),
    )


def minute_set(span: TimeRange, bounds: TimeRange) -> MinuteSet:
    """The minutes of a day (`bounds`) that a span touches; none for a span without length."""
    start, end = max(span.start, bounds.start), min(span.end, bounds.end)
    if start >= end:
        return 0
    return (1 << -((bounds.start - end) // MINUTE)) - (1 << (start - bounds.start) // MINUTE)


def figures(grid: DayMinutes) -> DayFigures:
    """What a day comes to."""
    met, in_hours = grid.met.bit_count(), (grid.met & grid.working).bit_count()
    return DayFigures(
        day=grid.day,
        working=grid.working.bit_count(),
        meeting=met,
        in_hours=in_hours,
        longest_run=longest_run(grid.met),
        breaks=_breaks(grid.met, grid.working),
        fragments=sum(end - start < FRAGMENT for start, end in stretches(grid.free)),
        after_hours=met - in_hours,
        focus_booked=grid.focus.bit_count(),
        focus_kept=(grid.focus & ~grid.met | grid.done).bit_count(),
        switches=sum(not _same_topic(a, b) for (a, _), (b, _) in pairwise(grid.meetings)),
        long_blocks=long_blocks(grid.free),
    )


def union(sets: Iterable[MinuteSet]) -> MinuteSet:
    """The minutes that are in any of them."""
    out = 0
    for minutes in sets:
        out |= minutes
    return out


def stretches(minutes: MinuteSet) -> Iterator[tuple[int, int]]:
    """Its stretches of minutes in a row, as [start, end), in order."""
    start = 0
    while minutes:
        gap = (minutes & -minutes).bit_length() - 1
        length = (~(minutes >> gap) & ((minutes >> gap) + 1)).bit_length() - 1
        yield start + gap, start + gap + length
        minutes >>= gap + length
        start += gap + length


def runs(met: MinuteSet) -> Iterator[tuple[int, int]]:
    """From the start of a meeting to the end of the last that follows without a break, as [start, end)."""
    spread = union(met << n for n in range(BREAK))
    closed = spread
    for n in range(1, BREAK):
        closed &= spread >> n
    return stretches(closed)


@lru_cache(maxsize=4096)
def longest_run(met: MinuteSet) -> int:
    """The length of the longest run, 0 without meetings."""
    return max((end - start for start, end in runs(met)), default=0)


@lru_cache(maxsize=4096)
def long_blocks(free: MinuteSet) -> int:
    """How many long blocks fit into it."""
    return sum((end - start) // LONG for start, end in stretches(free))


@lru_cache(maxsize=1024)
def _breaks(met: MinuteSet, working: MinuteSet) -> int:
    """Gaps between runs with at least a break's length of working time in them."""
    gaps = (((1 << start) - (1 << end)) & working for (_, end), (start, _) in pairwise(runs(met)))
    return sum(gap.bit_count() >= BREAK for gap in gaps)


def _same_topic(a: Event, b: Event) -> bool:
    """One series, or titles of the same words; figures and the order of words say nothing ('1:1 Ben', 'Ben 1:1')."""
    if a.ref.uid == b.ref.uid:
        return True
    words = _words(a.summary)
    return bool(words) and words == _words(b.summary)


@lru_cache(maxsize=2048)
def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", title.casefold()))
