"""What the weekly review may say of a habit that the user lets go: another window, once, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from daemon.model.options import ClockRange
from daemon.model.owner import Wish
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, clock_span, local_day, minus, within
from daemon.model.words import quoted
from policies.habits.options import HabitsOptions
from policies.habits.policy import POLICY
from policies.habits.presets import Habit

IN_A_ROW = 3
BACK = timedelta(days=28)
"""So far back it is counted on which days a window was free."""
SAID = "another time may suit it better"


def offers(snapshot: Snapshot, options: HabitsOptions, on: date) -> tuple[str, ...]:
    """A line for each habit of which the last three before a day were turned down, if no event of ours says it yet.

    '‘Walk’: another time may suit it better. 16:00-17:30 was free on 14 of the last 20 working days (`between`).'
    """
    return tuple(
        line for habit in options.habits if _let_go(snapshot, habit, on) for line in _line(snapshot, habit, on)
    )


def _let_go(snapshot: Snapshot, habit: Habit, on: date) -> bool:
    """Whether the last three of it were turned down; what `undo` took back is no word of the user's."""
    name = f"{habit.name}/"
    skips = {s.wish: s.day for s in snapshot.skips if s.taken_back is None}
    stood = {o.wish: local_day(o.event.span.start, snapshot.zone) for o in snapshot.own(POLICY)}
    rows = sorted((day, wish) for wish, day in {**stood, **skips}.items() if _is_of(wish, name) and day < on)
    return len(rows) >= IN_A_ROW and all(wish in skips for _, wish in rows[-IN_A_ROW:])


def _is_of(wish: Wish, name: str) -> bool:
    return wish.policy == POLICY and wish.key.startswith(name)


def _line(snapshot: Snapshot, habit: Habit, on: date) -> Iterator[str]:
    begins = f"{quoted(habit.title)}: {SAID}."
    said = (o for o in snapshot.ours if local_day(o.event.span.start, snapshot.zone) < on)
    if any(begins in o.event.description for o in said):
        return
    days = [d for n in range(1, BACK.days + 1) if snapshot.present(d := on - n * DAY)]
    free = [(sum(_free(snapshot, habit, span, day) for day in days), span) for span in _others(habit)]
    count, best = max(free, key=lambda row: (row[0], -row[1].start.hour), default=(0, None))
    if best and count:
        yield f"{begins} {best} was free on {count} of the last {len(days)} working days (`between`)."


def _others(habit: Habit) -> Iterator[ClockRange]:
    """Windows of the day, longer than the habit by half an hour, that are not its own."""
    length = habit.minutes + 30
    for start in range(8 * 60, 19 * 60 - length + 1, 60):
        span = ClockRange(time(*divmod(start, 60)), time(*divmod(start + length, 60)))
        if not any(span.start < own.end and own.start < span.end for own in habit.between.spans):
            yield span


def _free(snapshot: Snapshot, habit: Habit, span: ClockRange, day: date) -> bool:
    """Whether it had room there in working time."""
    whole = clock_span(day, span.start, span.end, snapshot.zone)
    return any(gap.minutes >= habit.minutes for gap in minus(within([whole], snapshot.working(day)), snapshot.busy))
