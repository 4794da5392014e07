"""The search for the fewest meetings without which some days are within their bounds.

Meetings are gone through by their start, and each is kept or dropped.  What was decided so far matters to the rest only
through its `_State` and through the figures reached.  So from the end backwards it is known for each state and each
number of drops what the rest adds at least; where one way is no better in any figure than another, it is given up.  This
gives the smallest number.  Then, forwards, the same with the meetings' ranks, along the ways that come out at that
number.  Nothing is estimated: the outcome is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from daemon.model.event import EventRef
from daemon.model.measure import BREAK, Grid, MinuteSet, figures, long_blocks, stretches, union

WIDTH = 500
"""So many ways to one state are followed at once."""


class Reached(NamedTuple):
    """What some days come to together, as `DayFigures` has it: minutes, and the number of long blocks."""

    meeting: int
    in_hours: int
    after_hours: int
    longest_run: int
    long_blocks: int


def reached(days: Iterable[Grid]) -> Reached:
    """The sums over some days, and the longest run in them."""
    rows = [figures(grid) for grid in days]
    return Reached(
        meeting=sum(row.meeting for row in rows),
        in_hours=sum(row.in_hours for row in rows),
        after_hours=sum(row.after_hours for row in rows),
        longest_run=max((row.longest_run for row in rows), default=0),
        long_blocks=sum(row.long_blocks for row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Minutes that some days together must not reach, None for no such bound; `long_blocks`: the least number."""

    meeting: int | None = None
    in_hours: int | None = None
    after_hours: int | None = None
    longest_run: int | None = None
    long_blocks: int = 0

    def broken(self, by: Reached) -> tuple[str, ...]:
        """The names of the bounds that are not kept."""
        ceilings = (f.name for f in fields(self) if f.name != "long_blocks")
        over = tuple(
            name for name in ceilings if (most := getattr(self, name)) is not None and getattr(by, name) >= most
        )
        return (*over, "long_blocks") if by.long_blocks < self.long_blocks else over


class _Item(NamedTuple):
    """Meeting time in a row on one day, by minute of the day.  The last item of a day has no length.

    `bit`: of the meeting that may go, 0 for time that stays.
    """

    day: int
    start: int
    end: int
    bit: int


class _State(NamedTuple):
    """What the rest needs to know, on one day.

    `covered`: the end of the meeting time so far.  `since`: the start of the run that it ends.  `gone`: the meetings
    that were dropped and of which a part comes later (parted by midnight or absence).
    """

    covered: int
    since: int
    gone: int


_Figures = tuple[int, int, int, int, int]
"""Minutes in meetings, in hours, after hours; long blocks and dropped bits, both negative: less is better in each."""


class _Step(NamedTuple):
    """One way on from a state: `drops` 1 meeting, `bit`, or none."""

    drops: int
    bit: int
    to: _State
    adds: _Figures


_Layers = Sequence[Mapping[_State, Sequence[_Step]]]
_Row = Sequence[Mapping[_State, Sequence[_Figures]]]
"""For each item and each state before it: what the rest may add, without what is no better than another."""

_NOTHING = -BREAK
_FRESH = _State(_NOTHING, _NOTHING, 0)
_CLOSE = 2048
"""After any minute of a day."""
_NO_BOUND = 1 << 30
_NONE: _Figures = (0, 0, 0, 0, 0)


def fewest(days: Sequence[Grid], bits: Mapping[EventRef, int], bounds: Bounds) -> tuple[int, bool]:
    """The bits of the smallest set that is enough, of several that with the largest sum; and whether that is sure.

    All of them together must be enough.  It is unsure only if there were more than `WIDTH` ways to weigh.
    """
    if bounds.long_blocks <= reached(days).long_blocks:
        bounds = replace(bounds, long_blocks=0)
    ceilings = (bounds.meeting, bounds.in_hours, bounds.after_hours)
    meeting, in_hours, after_hours = (_NO_BOUND if c is None else c - 1 for c in ceilings)
    most = (meeting, in_hours, after_hours, -bounds.long_blocks, 0)
    layers = _layers(days, _items(days, bits), bounds)
    rows = [_row(layers, None, most)]
    while not any(rest[3] <= most[3] for rest in rows[-1][0].get(_FRESH, ())):
        rows.append(_row(layers, rows[-1], most))
    return _best(layers, rows, most)


def _items(days: Sequence[Grid], bits: Mapping[EventRef, int]) -> list[_Item]:
    out = []
    for day, grid in enumerate(days):
        stays = union(m for e, m in grid.meetings if e.ref not in bits)
        pieces = [(stays, 0), *((m, bits[e.ref]) for e, m in grid.meetings if e.ref in bits)]
        out += [_Item(day, start, end, bit) for minutes, bit in pieces for start, end in stretches(minutes)]
        out.append(_Item(day, _CLOSE, _CLOSE, 0))
    return sorted(out)


def _layers(days: Sequence[Grid], items: Sequence[_Item], bounds: Bounds) -> _Layers:
    """For each item: the states in which it may be met, and the ways on from each."""
    later = [0]
    for item in reversed(items):
        later.append(later[-1] | item.bit)
    later.reverse()
    layers: list[Mapping[_State, Sequence[_Step]]] = []
    states, seen = {_FRESH}, 0
    for n, item in enumerate(items):
        follows = items[n + 1] if n + 1 < len(items) else None
        ways = {}
        for state in states:
            ways[state] = [
                step._replace(to=_what_matters(step.to, item, follows, later[n + 1], bounds))
                for step in _steps(state, item, item.bit & seen, days[item.day], bounds)
            ]
        layers.append(ways)
        states = {step.to for steps in ways.values() for step in steps}
        seen |= item.bit
    return layers


def _steps(state: _State, item: _Item, decided: int, grid: Grid, bounds: Bounds) -> Iterator[_Step]:
    """Drop it or keep it; a meeting of which a part was met before is as it was decided then."""
    gone = item.bit & state.gone
    if item.bit and (gone or not decided):
        yield _Step(int(not gone), item.bit, state._replace(gone=state.gone | item.bit), _NONE)
    if not gone:
        since = state.since if item.start - state.covered < BREAK else item.start
        covered = max(state.covered, item.end)
        if bounds.longest_run is None or covered - since < bounds.longest_run:
            yield _Step(0, 0, _State(covered, since, state.gone), _adds(state, item, grid, bounds))


def _adds(state: _State, item: _Item, grid: Grid, bounds: Bounds) -> _Figures:
    """What keeping it adds: its time that was not covered, and the long blocks in the free time that it ends."""
    new = _between(max(state.covered, item.start), item.end)
    in_hours = (new & grid.working).bit_count()
    blocks = 0
    if bounds.long_blocks:
        blocks = long_blocks(_between(max(state.covered, 0), item.start) & grid.working & ~grid.solo)
    return new.bit_count(), in_hours, new.bit_count() - in_hours, -blocks, 0


def _between(start: int, end: int) -> MinuteSet:
    return (1 << end) - (1 << start) if start < end else 0


def _what_matters(state: _State, item: _Item, follows: _Item | None, later: int, bounds: Bounds) -> _State:
    """The state without what can no longer make a difference, so that more ways meet in it."""
    gone = state.gone & later
    if follows is None or follows.day != item.day:
        return _FRESH._replace(gone=gone)
    needed = bounds.longest_run is not None
    if not bounds.long_blocks and follows.start - state.covered >= (BREAK if needed else 0):
        return _FRESH._replace(gone=gone)
    return _State(state.covered, state.since if needed else _NOTHING, gone)


def _row(layers: _Layers, fewer: _Row | None, most: _Figures) -> _Row:
    """What the rest may add from each state with one drop more than in `fewer`; with none, if that is None."""
    row: list[dict[_State, Sequence[_Figures]]] = [{} for _ in layers]
    row.append({_FRESH: (_NONE,)})
    for n in reversed(range(len(layers))):
        for state, steps in layers[n].items():
            found: list[_Figures] = []
            for step in steps:
                after = fewer if step.drops else row
                found += _added(after[n + 1].get(step.to, ()), step.adds, most) if after else ()
            row[n][state] = _unbeaten(found)
    return row


def _best(layers: _Layers, rows: Sequence[_Row], most: _Figures) -> tuple[int, bool]:
    """Of the sets of `len(rows) - 1` meetings that are enough, the one with the largest sum of bits."""
    keep_all = _row(layers, None, (_NO_BOUND,) * 5)
    ways: Mapping[tuple[_State, int], Sequence[_Figures]] = {(_FRESH, len(rows) - 1): [_NONE]}
    sure = all(len(rest) < WIDTH for row in rows for states in row for rest in states.values())
    for n, layer in enumerate(layers):
        after: defaultdict[tuple[_State, int], list[_Figures]] = defaultdict(list)
        for (state, left), here in ways.items():
            for step in layer[state]:
                if left >= step.drops:
                    moved = _added(here, (*step.adds[:4], -step.bit), most)
                    rest = rows[left - step.drops][n + 1].get(step.to, ())
                    full = keep_all[n + 1].get(step.to, ())
                    after[step.to, left - step.drops] += _completable(moved, rest, full, most)
        ways = {place: _unbeaten(found) for place, found in after.items()}
        sure = sure and all(len(found) < WIDTH for found in ways.values())
    return -min(way[4] for found in ways.values() for way in found), sure


def _added(ways: Iterable[_Figures], more: _Figures, most: _Figures) -> list[_Figures]:
    """The figures with more added to each, without those that are already too much."""
    a, b, c, d, e = more
    w, x, y, _, _ = most
    return [(f + a, g + b, h + c, i + d, j + e) for f, g, h, i, j in ways if f + a <= w and g + b <= x and h + c <= y]


def _completable(
    ways: Iterable[_Figures], rest: Sequence[_Figures], keep_all: Sequence[_Figures], most: _Figures
) -> Iterator[_Figures]:
    """Those with which the rest can end within `most`.

    Figures so low that keeping all the rest is within it are as good as any lower ones, and made equal.
    """
    (a, b, c, d, _), (w, x, y, z, _) = keep_all[0] if keep_all else (_NO_BOUND,) * 5, most
    for f, g, h, i, gone in ways:
        if any(f + j <= w and g + k <= x and h + m <= y and i + n <= z for j, k, m, n, _ in rest):
            yield max(f, w - a), max(g, x - b), max(h, y - c), max(i, z - d), gone


def _unbeaten(ways: list[_Figures]) -> Sequence[_Figures]:
    """At most `WIDTH` of those that no other one equals or betters in every figure."""
    out: list[_Figures] = []
    for way in sorted(ways):
        a, b, c, d, e = way
        if not any(v <= a and w <= b and x <= c and y <= d and z <= e for v, w, x, y, z in out):
            out.append(way)
            if len(out) == WIDTH:
                break
    return out
