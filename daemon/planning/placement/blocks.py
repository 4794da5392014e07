"""The exact placement of one policy's blocks in a week, by dynamic programming.

Per gap: over slots, with the slots used so far as state.  Then gaps make a day under its cap, and days make a week
under its total; every table says, for each amount of time used, the best that can be had with it.  The answer is
the optimum of `score.block_score`; the tests hold it against an independent exact solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec.structs import replace

from daemon.planning.placement.minutes import SLOT, Span, ceil_to, cut, hits, shared
from daemon.planning.placement.score import (
    PREFER_POINTS,
    SPACING,
    BlockProblem,
    DayProblem,
    around,
    crumb_points,
    length_points,
    same_points,
)

Path = tuple["Path", "Path"] | Span | None
"""The blocks chosen so far, as a tree with the blocks as its leaves."""

Table = list[tuple[int, Path] | None]
"""For each number of slots used: the best value, and the blocks that have it."""

TIE = 1 << 20
"""Values are points × TIE less the tie-break, so ties are broken by adding up too: first the lengths nearest to the
ideal, then the earliest starts."""


@lru_cache(maxsize=64)
def solve(problem: BlockProblem) -> tuple[Span, ...]:
    """The best blocks, by start; equal input gives equal output, whatever order it came in."""
    room = problem.total // SLOT
    origin = min((g[0] for g in (*problem.free, *(g for d in problem.days for g in d.gaps))), default=0)
    week: Table = [(0, None)]
    for day in problem.days:
        week = _merge(week, _day(_alone(day, problem), origin), room)
    best = max((row for row in week if row), key=lambda row: row[0])
    return tuple(sorted(_unlink(best[1])))


def _alone(day: DayProblem, problem: BlockProblem) -> BlockProblem:
    """The problem of one day, and nothing of the others: a week that is asked again has mostly the same days."""
    reach = (day.gaps[0][0], day.gaps[-1][1]) if day.gaps else (0, 0)
    free, prefer, standing = (
        tuple(s for s in spans if hits(s, [reach])) for spans in (problem.free, problem.prefer, problem.standing)
    )
    total = min(day.cap, problem.total)
    return replace(problem, days=(day,), total=total, free=free, prefer=prefer, standing=standing)


@lru_cache(maxsize=128)
def _day(problem: BlockProblem, origin: int) -> Table:
    """The table of the only day of a problem; nobody changes it afterwards.

    Where one of several spans has to stay free, it is the best of the days in which each of them does.
    """
    (day,) = problem.days
    if not any(hits(span, day.gaps) for span in day.lunch) or any(not hits(span, day.gaps) for span in day.lunch):
        return _free_day(day.gaps, problem, origin)
    table: Table = [(0, None)]
    for gaps in dict.fromkeys(tuple(cut(day.gaps, [span])) for span in day.lunch):
        table = _either(table, _free_day(gaps, problem, origin))
    return table


def _free_day(gaps: Iterable[Span], problem: BlockProblem, origin: int) -> Table:
    cap = problem.total // SLOT
    table: Table = [(0, None)]
    for gap in gaps:
        if gap[1] - gap[0] >= problem.shortest and cap > 0:
            other = _gap(gap, problem, cap, origin)
            table = _either(table, other) if problem.one_a_day else _merge(table, other, cap)
    return table


def _either(left: Table, right: Table) -> Table:
    """The better of both tables for each amount of time, and not both at once."""
    table = [*left, *([None] * (len(right) - len(left)))]
    _improve(table, right)
    return table


def _merge(left: Table, right: Table, room: int) -> Table:
    """Both tables side by side: for each amount of time the best split between them."""
    out: Table = [None] * min(room + 1, len(left) + len(right) - 1)
    for i, a in enumerate(left):
        if a is None:
            continue
        for j, b in enumerate(right[: len(out) - i] if i < len(out) else ()):
            if b is None:
                continue
            value, have = a[0] + b[0], out[i + j]
            if have is None or value > have[0]:
                out[i + j] = (value, (a[1], b[1]) if b[1] else a[1])
    return out


def _gap(gap: Span, problem: BlockProblem, cap: int, origin: int) -> Table:
    """The best blocks inside one gap, for each number of slots used."""
    first = ceil_to(gap[0], SLOT)
    count = (gap[1] - first) // SLOT
    free = around(gap, problem)
    worth = _worth(first, count, problem)
    lengths = [(n // SLOT, problem.each + length_points(n), abs(n - problem.ideal)) for n in problem.lengths]
    # done[t][u]: the last block ends at slot t or before, and u slots are used.
    done: list[Table] = [[(0, None), *([None] * cap)] for _ in range(count + 1)]
    for t in range(count):
        begin = done[0] if problem.one_a_day else done[max(0, t - SPACING // SLOT)]
        start = first + t * SLOT
        before = crumb_points(start - free[0]) - worth[t]
        for size, value, off in lengths:
            if t + size > count:
                break
            block = (start, start + size * SLOT)
            same = same_points(block, problem)
            points = value + before + worth[t + size] + same + crumb_points(free[1] - block[1])
            _extend(done[t + size], begin, size, points * TIE - off * SLOT - (start - origin) // SLOT, block)
        _improve(done[t + 1], done[t])
    return done[count]


def _worth(first: int, count: int, problem: BlockProblem) -> list[int]:
    """Running sums of what each slot is worth for where it lies."""
    gap = (first, first + count * SLOT)
    prefer = [p for p in problem.prefer if shared(gap, [p])]
    sums = [0]
    for t in range(count):
        slot = (first + t * SLOT, first + (t + 1) * SLOT)
        sums.append(sums[-1] + PREFER_POINTS * shared(slot, prefer))
    return sums


def _improve(table: Table, other: Table) -> None:
    """Take from the other table whatever is better."""
    for u, row in enumerate(other):
        if row is not None:
            have = table[u]
            if have is None or row[0] > have[0]:
                table[u] = row


def _extend(table: Table, begin: Table, size: int, gain: int, block: Span) -> None:
    """Put one more block behind everything in `begin`."""
    for u in range(len(table) - size):
        row = begin[u]
        if row is not None:
            have = table[u + size]
            if have is None or row[0] + gain > have[0]:
                table[u + size] = (row[0] + gain, (row[1], block))


def _unlink(path: Path) -> Iterator[Span]:
    match path:
        case (int(start), int(end)):
            yield start, end
        case (left, right):
            yield from _unlink(left)
            yield from _unlink(right)
