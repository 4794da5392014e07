"""The score: what a placement is worth, in points.  A pure function, so that any solver can be held against it.

A minute of focus time in a stretch of two hours is worth 100 points.  All terms are integers.

- length: two hours or nothing.  100 points a minute from 120 minutes on; between 90 and 120 the worth of a minute
  grows from 50 to 100; under 90 a minute is worth 1.
- preferred: 25 points for each minute in preferred time.
- keep: 6,000 points for a block that stays exactly as it stands (an hour of two-hour time), 1,000 if it has less than
  90 minutes.  Nothing for a part of it: half booked over, it moves whole.
- crumbs: 500 points less for each leftover under 30 minutes between a block and the end of the free time around it.
- each: 3,000 points for a block of a kind of which the number counts (a walk is none the worse for its 45 minutes).

A single event has no such lengths: 3,000 points for a place at all, which is more than the worst place in a week can
cost, 100 for each minute, 100 for each in which it stands already, and one point less for each 5 minutes away from the
better end of its windows.

Each block and each event has its points by itself, whatever else is placed.  So the best placement is still the best
once it stands, or once a part of it is frozen: running again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from daemon.planning.placement.minutes import FINE, SLOT, Span, shared

MINUTE_POINTS = 100
MIDDLING_POINTS = 50
SHORT_POINTS = 1
WHOLE, MIDDLING = 120, 90
"""Minutes of a block from which a minute of it is worth all that it can be, and from which it is worth half."""

PREFER_POINTS = 25
KEEP_POINTS = 100
SAME_POINTS = 6000
SAME_SHORT_POINTS = 1000
PLACE_POINTS = 3000
CRUMB_POINTS = 500
CRUMB = 30
SPACING = SLOT
"""Minutes that two blocks of one policy are apart at the least."""


class DayProblem(Struct, frozen=True):
    """Where blocks may lie on one day: inside `gaps` (disjoint, sorted), at most `cap` minutes in all.

    `lunch`: one of these spans stays free; none, where nothing has to.
    """

    gaps: tuple[Span, ...]
    cap: int
    lunch: tuple[Span, ...] = ()


class BlockProblem(Struct, frozen=True, kw_only=True):
    """One policy's blocks in one week: at most `total` minutes in all.

    A block starts on the 15-minute grid, lasts a multiple of 15 from `shortest` to `longest`, lies inside one gap,
    and is `SPACING` from the next.  `free`: the stretches of free time in which leftovers are measured, as they are
    without anything that is placed at this level or below; a gap that is in none of them stands for itself.
    `standing`: where blocks of the policy stand that may be moved.  `one_a_day`: there is at most one on a day.
    `each`: points for each block, whatever its length.
    """

    days: tuple[DayProblem, ...]
    total: int
    shortest: int
    ideal: int
    longest: int
    free: tuple[Span, ...] = ()
    prefer: tuple[Span, ...] = ()
    standing: tuple[Span, ...] = ()
    one_a_day: bool = False
    each: int = 0

    @property
    def lengths(self) -> range:
        """The lengths that a block may have, in minutes."""
        return range(-(-self.shortest // SLOT) * SLOT, self.longest // SLOT * SLOT + 1, SLOT)


def length_points(length: int) -> int:
    """What a block's length is worth by itself."""
    if length >= WHOLE:
        return length * MINUTE_POINTS
    if length < MIDDLING:
        return length * SHORT_POINTS
    growth = (MINUTE_POINTS - MIDDLING_POINTS) * (length - MIDDLING) // (WHOLE - MIDDLING)
    return length * (MIDDLING_POINTS + growth)


def same_points(span: Span, problem: BlockProblem) -> int:
    """What it is worth that a block stays exactly where it stands."""
    if span not in problem.standing:
        return 0
    return SAME_POINTS if span[1] - span[0] >= MIDDLING else SAME_SHORT_POINTS


def place_points(span: Span, problem: BlockProblem) -> int:
    """What a block is worth for where it lies, crumbs apart."""
    return PREFER_POINTS * shared(span, problem.prefer) + same_points(span, problem)


def crumb_points(leftover: int) -> int:
    """What a leftover of so many minutes costs (0 or less)."""
    return -CRUMB_POINTS if 0 < leftover < CRUMB else 0


def around(span: Span, problem: BlockProblem) -> Span:
    """The stretch of free time in which a block, or a gap, lies."""
    stretches = (*problem.free, *(gap for day in problem.days for gap in day.gaps))
    return next((a, b) for a, b in stretches if a <= span[0] and span[1] <= b)


def block_points(span: Span, problem: BlockProblem) -> int:
    """The points of one block; it lies inside a gap."""
    start, end = around(span, problem)
    crumbs = crumb_points(span[0] - start) + crumb_points(end - span[1])
    return problem.each + length_points(span[1] - span[0]) + place_points(span, problem) + crumbs


def block_score(blocks: Iterable[Span], problem: BlockProblem) -> int:
    """The points of a whole placement.  The blocks lie inside gaps and do not overlap."""
    return sum(block_points(block, problem) for block in blocks)


class SlotProblem(Struct, frozen=True, kw_only=True):
    """One single event: `minutes` long, inside one of `gaps`, best near one end of the `bounds` of its windows."""

    minutes: int
    gaps: tuple[Span, ...]
    bounds: Span
    late: bool = False
    standing: Span | None = None

    @property
    def step(self) -> int:
        """The grid of its starts."""
        return FINE if self.minutes < 30 else SLOT


def slot_score(start: int, problem: SlotProblem) -> int:
    """The points of a single event that starts at that minute."""
    span = (start, start + problem.minutes)
    away = problem.bounds[1] - span[1] if problem.late else start - problem.bounds[0]
    kept = shared(span, [problem.standing] if problem.standing else ())
    return PLACE_POINTS + MINUTE_POINTS * problem.minutes + KEEP_POINTS * kept - away // FINE


def slots_score(starts: Sequence[int | None], problems: Sequence[SlotProblem]) -> int:
    """The points of several single events; None for one that has no place."""
    return sum(slot_score(s, p) for s, p in zip(starts, problems, strict=True) if s is not None)
