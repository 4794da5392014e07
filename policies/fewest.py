"""The search for the fewest meetings without which some days are within their bounds.

Meetings are gone through by their start, and each is kept or dropped.  What was decided so far matters to the rest only
through its `_State` and through the figures reached.  So of two ways to one state, the one that is no better in any
figure is given up, and so is a way from which the bounds can no longer be met; what is left is exact.  It rests on
dropping never making a figure worse: unions and runs of meetings only shrink, free stretches only grow.
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


_Figures = tuple[int, int, int, int]
"""Minutes in meetings, in hours, after hours; and the long blocks, negative, so that less is better in all of them."""


class _Step(NamedTuple):
    """One way on from a state: `drops` 1 meeting, `bit`, or none."""

    drops: int
    bit: int
    to: _State
    adds: _Figures


_Layers = Sequence[Mapping[_State, Sequence[_Step]]]
_Row = Sequence[Mapping[_State, _Figures]]

_NOTHING = -BREAK
_FRESH = _State(_NOTHING, _NOTHING, 0)
_CLOSE = 2048
"""After any minute of a day."""
_NO_BOUND = 1 << 30


def fewest(days: Sequence[Grid], bits: Mapping[EventRef, int], bounds: Bounds) -> tuple[int, bool]:
    """The bits of the smallest set, of several that with the largest sum; and whether that is sure.

    All of them together must be enough.
    """
    if bounds.long_blocks <= reached(days).long_blocks:
        bounds = replace(bounds, long_blocks=0)
    ceilings = (bounds.meeting, bounds.in_hours, bounds.after_hours)
    meeting, in_hours, after_hours = (_NO_BOUND if c is None else c - 1 for c in ceilings)
    most = (min(meeting, in_hours + after_hours), in_hours, after_hours, -bounds.long_blocks)
    layers = _layers(days, _items(days, bits), bounds)
    rows: list[_Row] = []
    sure = True
    while True:
        rows.append(_row(layers, rows[-1] if rows else None))
        found, whole = _sweep(layers, rows, most)
        sure = sure and whole
        if found is not None:
            return found, sure


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
        yield _Step(int(not gone), item.bit, state._replace(gone=state.gone | item.bit), (0, 0, 0, 0))
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
    return new.bit_count(), in_hours, new.bit_count() - in_hours, -blocks


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


def _row(layers: _Layers, fewer: _Row | None) -> _Row:
    """The least that each figure, by itself, can still grow from each state, with one drop more than in `fewer`."""
    row: list[dict[_State, _Figures]] = [{} for _ in layers]
    row.append({_FRESH: (0, 0, 0, 0)})
    for n in reversed(range(len(layers))):
        for state, steps in layers[n].items():
            for step in steps:
                ahead = row if not step.drops else fewer
                rest = ahead[n + 1].get(step.to) if ahead else None
                if rest is None:
                    continue
                (a, b, c, d), (e, f, g, h) = step.adds, rest
                grown = (a + e, b + f, c + g, d + h)
                best = row[n].get(state, grown)
                row[n][state] = (
                    min(grown[0], best[0]), min(grown[1], best[1]), min(grown[2], best[2]), min(grown[3], best[3]),
                )  # fmt: skip
    return row


_Way = tuple[int, int, int, int, int, int]
"""How many more may be dropped, the figures so far, and the bits that were dropped."""


def _sweep(layers: _Layers, rows: Sequence[_Row], most: _Figures) -> tuple[int | None, bool]:
    """The best set of at most `len(rows) - 1` meetings, None if there is none; and whether every way was followed."""
    ways: Mapping[_State, Sequence[_Way]] = {_FRESH: [(len(rows) - 1, 0, 0, 0, 0, 0)]}
    whole = True
    for n, layer in enumerate(layers):
        after: defaultdict[_State, list[_Way]] = defaultdict(list)
        for state, here in ways.items():
            for step in layer[state]:
                after[step.to] += _extended(here, step, [row[n + 1].get(step.to) for row in rows], most)
        ways = {state: _fittest(found) for state, found in after.items() if found}
        whole = whole and all(len(found) <= WIDTH for found in ways.values())
        ways = {state: found[:WIDTH] for state, found in ways.items()}
    return max((way[5] for found in ways.values() for way in found), default=None), whole


def _extended(ways: Iterable[_Way], step: _Step, least: Sequence[_Figures | None], most: _Figures) -> Iterator[_Way]:
    """The ways one step on, without those that cannot be completed.

    A figure so low that keeping all the rest cannot break its bound is as good as any lower one.
    """
    drops, bit, _, (a, b, c, d) = step
    w, x, y, z = most
    enough = tuple(cap - rest for cap, rest in zip(most, least[0], strict=True)) if least[0] else None
    for left, meeting, in_hours, after_hours, blocks, gone in ways:
        rest = least[left - drops] if left >= drops else None
        if rest is None:
            continue
        e, f, g, h = meeting + a, in_hours + b, after_hours + c, blocks + d
        if e + rest[0] > w or f + rest[1] > x or g + rest[2] > y or h + rest[3] > z:
            continue
        if enough:
            e, f, g, h = max(e, enough[0]), max(f, enough[1]), max(g, enough[2]), max(h, enough[3])
        yield left - drops, e, f, g, h, gone | bit


def _fittest(ways: list[_Way]) -> list[_Way]:
    """Without those that another one beats or equals in every figure.

    One that has used more drops is beaten whatever it has dropped: completed alike, the other would be smaller, and
    smaller sets have been tried before.
    """
    ways.sort(key=lambda way: (-way[0], -way[5], way[1], way[2]))
    out: list[_Way] = []
    for way in ways:
        left, a, b, c, d, gone = way
        if not any(
            v <= a and w <= b and x <= c and y <= d and (more > left or rank >= gone) for more, v, w, x, y, rank in out
        ):
            out.append(way)
    return out
