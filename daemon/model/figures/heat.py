"""What the time of a day was: each of its minutes is one thing, as a heat map shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from daemon.model.figures.erosion import erosion
from daemon.model.figures.measure import DayMinutes, MinuteSet, day_minutes, minute_set, stretches, union
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week


class Heat(StrEnum):
    """What a minute was, or will be as far as it is booked."""

    LOST = "focus lost"  # to a meeting
    KEPT = "focus kept"
    AHEAD = "focus ahead"
    MEETING = "meeting"
    LATE = "after hours"  # a meeting outside of working time
    BUSY = "other busy time"
    FREE = "free"  # working time


class Stretch(Struct, frozen=True, order=True):
    """Time in a row that was one thing."""

    span: TimeRange
    heat: Heat


class HeatDay(Struct, frozen=True):
    """A day in order; what is in no stretch is neither working time nor taken, or the user is away."""

    day: date
    stretches: tuple[Stretch, ...] = ()

    def minutes(self, heat: Heat) -> int:
        """How much of it there is."""
        return sum(s.span.minutes for s in self.stretches if s.heat is heat)


def heat_map(snapshot: Snapshot, week: Week) -> tuple[HeatDay, ...]:
    """The seven days of a week."""
    lost = tuple(span for loss in erosion(snapshot, week).losses for span in loss.spans)
    return tuple(_day(snapshot, grid, lost) for grid in day_minutes(snapshot, week.days))


def _day(snapshot: Snapshot, grid: DayMinutes, lost: Iterable[TimeRange]) -> HeatDay:
    bounds = DateRange(grid.day, grid.day + DAY).span(snapshot.zone)
    past = minute_set(TimeRange(bounds.start, max(bounds.start, min(snapshot.now, bounds.end))), bounds)
    rest, found = ~0, list[Stretch]()
    for heat, minutes in _layers(grid, union(minute_set(span, bounds) for span in lost), past):
        for start, end in stretches(minutes & rest):
            span = TimeRange(bounds.start + timedelta(minutes=start), bounds.start + timedelta(minutes=end))
            found.append(Stretch(span, heat))
        rest &= ~minutes
    return HeatDay(grid.day, tuple(sorted(found)))


def _layers(grid: DayMinutes, lost: MinuteSet, past: MinuteSet) -> tuple[tuple[Heat, MinuteSet], ...]:
    """What lies over what, the uppermost first."""
    focus = grid.done | (grid.focus & ~grid.met)
    return (
        (Heat.LOST, lost & grid.met & ~grid.done),
        (Heat.KEPT, focus & past),
        (Heat.AHEAD, focus),
        (Heat.MEETING, grid.met & grid.working),
        (Heat.LATE, grid.met),
        (Heat.BUSY, grid.solo),
        (Heat.FREE, grid.working),
    )
