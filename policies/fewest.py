"""The search for the fewest meetings without which some days are within their bounds.

Meetings are gone through by their start, and each is kept or dropped.  What was decided so far matters to the rest only
through its `_State` and through the figures reached.  So of two ways to a state with equally many drops the one that is
no better in any figure is given up, and so is one that can no longer end within the bounds.  The first number of drops
with a way to the end is the smallest.  Then the same is done backwards, along the ways that got there, with the ranks of
the meetings as one more figure.  Nothing is estimated: the outcome is exact.
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
_Least = Sequence[Mapping[_State, _Figures]]
"""For each item, by the state before it: the least that the rest adds, figure by figure."""

_Ways = Mapping[tuple[_State, int], Sequence[_Figures]]
"""By state and number of drops left: figures of which none is better than another."""

_NOTHING = -BREAK
_FRESH = _State(_NOTHING, _NOTHING, 0)
_CLOSE = 2048
"""After any minute of a day."""
_NO_BOUND = 1 << 30
_NONE: _Figures = (0, 0, 0, 0, 0)
_TOO_MUCH: _Figures = (_NO_BOUND * 4,) * 4 + (0,)
_SO_MUCH = _TOO_MUCH


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
    least: list[_Least] = []
    while True:
        least.append(_least(layers, least[-1] if least else None))
        ways = _forwards(layers, least, most)
        if ways:
            return _backwards(layers, ways, most)


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
                step._replace(to=_what_matters(step.to, item, follows, later[n + 1], days[item.day], bounds))
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


def _what_matters(state: _State, item: _Item, follows: _Item | None, later: int, grid: Grid, bounds: Bounds) -> _State:
    """The state without what can no longer make a difference, so that more ways meet in it."""
    gone = state.gone & later
    if follows is None or follows.day != item.day:
        return _FRESH._replace(gone=gone)
    needed = bounds.longest_run is not None
    covered = state.covered
    if bounds.long_blocks and covered < follows.start:
        open_ = _between(max(covered, 0), follows.start) & grid.working & ~grid.solo
        covered = (open_ & -open_).bit_length() - 1 if open_ else follows.start
        if not needed:
            state = state._replace(covered=covered)
    if not bounds.long_blocks and follows.start - state.covered >= (BREAK if needed else 0):
        return _FRESH._replace(gone=gone)
    return _State(state.covered, state.since if needed else _NOTHING, gone)


def _least(layers: _Layers, fewer: _Least | None) -> _Least:
    """With one drop more than in `fewer`; with none, if that is None."""
    row: list[dict[_State, _Figures]] = [{} for _ in layers]
    row.append({_FRESH: _NONE})
    for n in reversed(range(len(layers))):
        for state, steps in layers[n].items():
            for step in steps:
                after = fewer if step.drops else row
                rest = after[n + 1].get(step.to) if after else None
                if rest:
                    (a, b, c, d, _), (f, g, h, i, _) = step.adds, rest
                    w, x, y, z, _ = row[n].get(state, _TOO_MUCH)
                    row[n][state] = min(a + f, w), min(b + g, x), min(c + h, y), min(d + i, z), 0
    return row


def _forwards(layers: _Layers, least: Sequence[_Least], most: _Figures) -> Sequence[_Ways]:
    """Before each item and after the last: the ways that lead there with at most `len(least) - 1` drops; () for none.

    Figures so low that keeping all the rest is within bounds are as good as any lower ones, and made equal.
    """
    out: list[_Ways] = [{(_FRESH, len(least) - 1): [_NONE]}]
    for n, layer in enumerate(layers):
        found: defaultdict[tuple[_State, int], list[_Figures]] = defaultdict(list)
        for (state, left), here in out[-1].items():
            for step in layer[state]:
                rest = least[left - step.drops][n + 1].get(step.to) if left >= step.drops else None
                if rest:
                    enough = _minus(most, least[0][n + 1].get(step.to, _TOO_MUCH))
                    moved = _added(here, step.adds, _minus(most, rest), enough)
                    found[step.to, left - step.drops] += moved
        out.append({place: _unbeaten(ways) for place, ways in found.items() if ways})
    return out if out[-1] else ()


def _backwards(layers: _Layers, ways: Sequence[_Ways], most: _Figures) -> tuple[int, bool]:
    """The largest sum of bits along the ways, and whether none of them was left out."""
    rests: dict[tuple[_State, int], Sequence[_Figures]] = {place: [_NONE] for place in ways[-1]}
    sure = True
    for n in reversed(range(len(layers))):
        found = {}
        for (state, left), here in ways[n].items():
            moved = [
                way
                for step in layers[n][state]
                for rest in [rests.get((step.to, left - step.drops), ())]
                for way in _added(rest, (*step.adds[:4], -step.bit), _SO_MUCH, _minus(_NONE, _SO_MUCH))
            ]
            found[state, left] = _unbeaten(_completable(moved, here, most))
        rests = {place: rest for place, rest in found.items() if rest}
        sure = sure and all(len(some) < WIDTH for some in (*ways[n].values(), *rests.values()))
    return -min(rest[4] for found in rests.values() for rest in found), sure


def _minus(a: _Figures, b: _Figures) -> _Figures:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], 0


def _added(ways: Iterable[_Figures], more: _Figures, most: _Figures, least: _Figures) -> list[_Figures]:
    """The figures with more added to each; without those that are too much then, and none under `least`."""
    a, b, c, d, e = more
    w, x, y, z, _ = most
    p, q, r, s, _ = least
    return [
        (max(f + a, p), max(g + b, q), max(h + c, r), max(i + d, s), j + e)
        for f, g, h, i, j in ways
        if f + a <= w and g + b <= x and h + c <= y and i + d <= z
    ]


def _completable(rests: Iterable[_Figures], ways: Sequence[_Figures], most: _Figures) -> list[_Figures]:
    """The rests that end one of the ways within bounds; those that end all of them in a figure are made equal in it."""
    w, x, y, z, _ = most
    p=q=r=s=-(1<<40)
    return [
        (max(f, p), max(g, q), max(h, r), max(i, s), gone)
        for f, g, h, i, gone in rests
        if any(f + j <= w and g + k <= x and h + m <= y and i + n <= z for j, k, m, n, _ in ways)
    ]


def _unbeaten(ways: Iterable[_Figures]) -> Sequence[_Figures]:
    """At most `WIDTH` of those that no other one equals or betters in every figure."""
    out: list[_Figures] = []
    for way in sorted(ways):
        a, b, c, d, e = way
        if not any(v <= a and w <= b and x <= c and y <= d and z <= e for v, w, x, y, z in out):
            out.append(way)
            if len(out) == WIDTH:
                break
    return out
