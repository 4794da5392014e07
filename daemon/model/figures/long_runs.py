"""Long runs of meetings: where they end, what is free after them, and where one could breathe in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from msgspec import Struct

from daemon.model.event import CountsAs, Event
from daemon.model.figures.measure import day_minutes, runs, union
from daemon.model.snapshot import Snapshot
from daemon.model.times import MINUTE, TimeRange, at, minus, within
from daemon.model.words import time_of_day, title

LONG_RUN = 120
"""Minutes with two others and more from which a run is long."""
TEN = timedelta(minutes=10)
"""A break that is worth its name."""
NEAR = timedelta(minutes=15)
"""Time alone that begins so soon after a run is break enough."""
GRID = 5
"""Minutes past the hour at which a break begins."""


class LongRun(Struct, frozen=True):
    """Meetings without a break between them, by start.  `first`, `last`: of all meetings of its day."""

    span: TimeRange
    meetings: tuple[Event, ...]
    first: bool
    last: bool


def long_runs(snapshot: Snapshot, day: date) -> tuple[LongRun, ...]:
    """The runs of a day with two hours and more in meetings with two or more others, in order."""
    (grid,) = day_minutes(snapshot, (day,))
    unbroken = [(start, end) for start, end in runs(grid.met) if end - start >= LONG_RUN]
    if not unbroken:
        return ()  # most days: who was there does not matter
    met = union(minutes for e, minutes in grid.meetings if len(snapshot.people.others(e)) > 1)
    midnight, first, last = at(day, time(), snapshot.zone), grid.met & -grid.met, grid.met.bit_length()
    return tuple(
        LongRun(
            TimeRange(midnight + start * MINUTE, midnight + end * MINUTE),
            tuple(e for e, minutes in grid.meetings if minutes & _bits(start, end)),
            first=bool(first >> start & 1),
            last=end == last,
        )
        for start, end in unbroken
        if (met & _bits(start, end)).bit_count() >= LONG_RUN
    )


def _bits(start: int, end: int) -> int:
    return (1 << end) - (1 << start)


def breather(snapshot: Snapshot, run: LongRun, day: date, lengths: Sequence[int]) -> TimeRange | None:
    """Right after a run, the first of these lengths (minutes) for which the working time is free of other events.

    None without room, or where the user has time alone soon.
    """
    end = run.span.end
    alone = (e for e in snapshot.events if e.counts_as in (CountsAs.FOCUS, CountsAs.BUSY) and not e.all_day)
    if any(end <= e.span.start < end + NEAR for e in alone):
        return None
    start = end + (-end.minute % GRID) * MINUTE
    free = end + _free_after(snapshot, run, day, start - end + max(lengths) * MINUTE)
    return next((TimeRange(start, start + n * MINUTE) for n in lengths if start + n * MINUTE <= free), None)


def _free_after(snapshot: Snapshot, run: LongRun, day: date, most: timedelta) -> timedelta:
    after = TimeRange(run.span.end, run.span.end + most)
    free = within(minus([after], snapshot.busy), snapshot.present(day))
    return next((r.end - r.start for r in free if r.start == run.span.end), timedelta())


def only_break(snapshot: Snapshot, day: date) -> str:
    """Where a day's longest run has no room after it: the one meeting that could end early; '' for none.

    'Ending ‘Staff’ at 10:50 would give the only break before 13:00.'
    """
    run = max(long_runs(snapshot, day), key=lambda r: (r.span.minutes, -r.span.start.timestamp()), default=None)
    if run is None or _free_after(snapshot, run, day, TEN) >= TEN:
        return ""
    middle = run.span.start + (run.span.end - run.span.start) / 2
    ends = [(abs(e.span.end - middle), e.span.end, e) for e in run.meetings if _could_end(e, run)]
    if not ends:
        return ""
    _, end, event = min(ends, key=lambda row: (row[0], row[1], row[2].ref))

    begins, ends_at, earlier = (time_of_day(at, snapshot.zone) for at in (run.span.start, run.span.end, end - TEN))
    when = f"before {ends_at}" if run.first else f"between {begins} and {ends_at}"
    return f"Ending {title(event, snapshot.zone)} at {earlier} would give the only break {when}."


def _could_end(event: Event, run: LongRun) -> bool:
    """Whether its last ten minutes are nobody else's, inside the run, and a small part of it."""
    last = TimeRange(event.span.end - TEN, event.span.end)
    others = (e for e in run.meetings if e.ref != event.ref)
    return (
        event.span.end < run.span.end
        and event.span.end - event.span.start >= 3 * TEN
        and not any(e.span.overlaps(last) for e in others)
    )
