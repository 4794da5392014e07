"""The score: what a placement is worth, in points.  A pure function, so that any solver can be held against it.

A minute of ideal focus time is worth 100 points.  All terms are integers.

- value: a block of `ideal` minutes or more is worth 100 points a minute; from there the worth of a minute falls
  evenly to 50 in a block of `shortest` minutes.
- preferred: 25 points for each minute in preferred time.
- keep: 100 points for each minute in which a block of the same policy stands already, and 6,000 for each that stays
  exactly as it stands.  Both compare the new placement with the standing one and nothing else, so what was the best
  placement is still the best once it stands: running again changes nothing.
- crumbs: 500 points less for each leftover under 30 minutes between a block and whatever is next to it.

A single event has no ideal length: 100 points for each minute that is placed, `keep` as above, and one point less
for each 5 minutes away from the better end of its windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.planning.grid import FINE, SLOT, Span, shared

MINUTE_POINTS = 100
SHORT_POINTS = 50
PREFER_POINTS = 25
KEEP_POINTS = 100
SAME_POINTS = 6000
CRUMB_POINTS = 500
CRUMB = 30
SPACING = SLOT
"""Minutes that two blocks of one policy are apart at the least."""


@dataclass(frozen=True, slots=True)
class DayProblem:
    """Where blocks may lie on one day: inside `gaps` (disjoint, sorted), at most `cap` minutes in all."""

    gaps: tuple[Span, ...]
    cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockProblem:
    """One policy's blocks in one week: at most `total` minutes in all.

    A block starts on the 15-minute grid, lasts a multiple of 15 from `shortest` to `longest`, lies inside one gap,
    and is `SPACING` from the next.  `standing`: where blocks of the policy stand that may be moved.
    """

    days: tuple[DayProblem, ...]
    total: int
    shortest: int
    ideal: int
    longest: int
    prefer: tuple[Span, ...] = ()
    standing: tuple[Span, ...] = ()

    @property
    def lengths(self) -> range:
        """The lengths that a block may have, in minutes."""
        return range(-(-self.shortest // SLOT) * SLOT, self.longest // SLOT * SLOT + 1, SLOT)


def length_points(length: int, problem: BlockProblem) -> int:
    """What a block's length is worth by itself."""
    if length >= problem.ideal:
        return length * MINUTE_POINTS
    growth = (MINUTE_POINTS - SHORT_POINTS) * (length - problem.shortest) // (problem.ideal - problem.shortest)
    return length * (SHORT_POINTS + growth)


def place_points(span: Span, problem: BlockProblem) -> int:
    """What a block is worth for where it lies."""
    same = SAME_POINTS if span in problem.standing else 0
    return PREFER_POINTS * shared(span, problem.prefer) + KEEP_POINTS * shared(span, problem.standing) + same


def crumb_points(leftover: int) -> int:
    """What a leftover of so many minutes costs (0 or less)."""
    return -CRUMB_POINTS if 0 < leftover < CRUMB else 0


def block_score(blocks: Iterable[Span], problem: BlockProblem) -> int:
    """The points of a whole placement.  The blocks lie inside gaps and do not overlap."""
    points, taken = 0, sorted(blocks)
    for day in problem.days:
        for gap in day.gaps:
            inside = [b for b in taken if gap[0] <= b[0] and b[1] <= gap[1]]
            points += sum(length_points(b - a, problem) + place_points((a, b), problem) for a, b in inside)
            edges = [gap[0], *(edge for block in inside for edge in block), gap[1]]
            if inside:
                points += sum(crumb_points(b - a) for a, b in zip(edges[::2], edges[1::2], strict=True))
    return points


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotProblem:
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
    return MINUTE_POINTS * problem.minutes + KEEP_POINTS * kept - away // FINE


def slots_score(starts: Sequence[int | None], problems: Sequence[SlotProblem]) -> int:
    """The points of several single events; None for one that has no place."""
    return sum(slot_score(s, p) for s, p in zip(starts, problems, strict=True) if s is not None)
