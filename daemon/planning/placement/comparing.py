"""Why a block stands where it does, compared with the rest of its week, in one line that names what is in the way.

It is written once, when the block is made, and read off the calendar from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from daemon.model.event import Event
from daemon.model.proposal import Blocks
from daemon.model.snapshot import TAKING, Snapshot
from daemon.model.times import TimeRange, local_day, minus, within
from daemon.model.words import hours, in_week, names, weekdays

LONGEST = 118
"""Characters of the first line of a text; what makes it longer is left out."""
NOON = 12


def compared(snapshot: Snapshot, spec: Blocks, when: TimeRange, free: Sequence[TimeRange], held: int) -> str:
    """'Fri 14:30: the only two hours left before the weekend; Tue mornings are taken by ‘Staff’. 4 of 8 h.'.

    `free`: the free stretches of the week's working time.  `held`: minutes of the goal that are kept now; all of it
    is not worth a word.
    """
    goal = f" {_of(held, spec.goal)}." if held < spec.goal else ""
    said = f"{in_week(when.start, snapshot.zone)}: {_place(snapshot, spec, when, free)}"
    longer = f"{said}; {taken}" if (taken := _taken(snapshot, spec, when, free)) else said
    return f"{longer if len(longer) + len(goal) < LONGEST else said}.{goal}"


def _of(held: int, goal: int) -> str:
    """'4 of 8 h', '4 h 30 of 8 h'."""
    if held % 60 or goal % 60:
        return f"{hours(held)} of {hours(goal)}"
    return f"{held // 60} of {goal // 60} h"


def _place(snapshot: Snapshot, spec: Blocks, when: TimeRange, free: Sequence[TimeRange]) -> str:
    two = "two hours" if spec.shortest == 120 else hours(spec.shortest)
    long = [r for r in free if r.minutes >= spec.shortest]
    better = _better(spec, when)
    if len(long) == 1 and long[0].minutes < 2 * spec.shortest:
        last = local_day(when.start, snapshot.zone) == max(local_day(w.start, snapshot.zone) for w in spec.windows)
        return f"the only {two} left {'before the weekend' if last and _is_friday(snapshot, when) else 'this week'}"
    if better and sum(r.minutes >= spec.shortest for r in within(free, spec.prefer)) == 1:
        return f"the only {two} left of the times that you prefer"
    if better:
        return (
            f"{two} of the times that you prefer" if when.minutes == spec.shortest else "in the times that you prefer"
        )
    return f"{hours(when.minutes)} without a meeting"


def _is_friday(snapshot: Snapshot, when: TimeRange) -> bool:
    return when.start.astimezone(snapshot.zone).weekday() == 4


def _better(spec: Blocks, when: TimeRange) -> bool:
    """Whether it lies in preferred time."""
    return not minus([when], spec.prefer)


def _taken(snapshot: Snapshot, spec: Blocks, when: TimeRange, free: Sequence[TimeRange]) -> str:
    """What has taken the better times, where the block has none of them."""
    if not spec.prefer or _better(spec, when):
        return ""
    lost = [(d, span) for d, span in _preferred(snapshot, spec) if _fits(span, spec) and not _free(span, spec, free)]
    over = sorted((e for _, span in lost for e in _over(snapshot, span)), key=lambda e: (e.span, e.ref))
    if not over:
        return ""
    days = tuple(dict.fromkeys(d for d, _ in lost))
    every = len(days) > 1 and len(lost) == len(list(_preferred(snapshot, spec)))
    half = _half(snapshot, [span for _, span in lost])
    verb = f"{half}s are" if days[1:] else f"{half} is"
    return f"{'all' if every else weekdays(days)} {verb} taken by {names(over, snapshot.zone)}"


def _preferred(snapshot: Snapshot, spec: Blocks) -> Iterator[tuple[date, TimeRange]]:
    """The better times that are working time, from now on, each with its day."""
    yield from ((local_day(r.start, snapshot.zone), r) for r in within(spec.windows, spec.prefer))


def _fits(span: TimeRange, spec: Blocks) -> bool:
    return span.minutes >= spec.shortest


def _free(span: TimeRange, spec: Blocks, free: Sequence[TimeRange]) -> bool:
    return any(r.minutes >= spec.shortest for r in within(free, [span]))


def _over(snapshot: Snapshot, span: TimeRange) -> Iterator[Event]:
    yield from (e for e in snapshot.events if e.counts_as in TAKING and e.span.overlaps(span))


def _half(snapshot: Snapshot, spans: Sequence[TimeRange]) -> str:
    ends = [(r.start.astimezone(snapshot.zone).hour, r.end.astimezone(snapshot.zone)) for r in spans]
    if all((end.hour, end.minute) <= (NOON, 0) for _, end in ends):
        return "morning"
    return "afternoon" if all(start >= NOON for start, _ in ends) else "better time"
