"""The search for the fewest meetings without which some days are within their bounds.

Meetings are gone through by their start, and each is kept or dropped.  What was decided so far matters to the rest only
through its `_State` and through the figures reached.  So of two ways to a state with equally many drops the one that is
no better in any figure is given up, and so is one that can no longer end within the bounds.  The first number of drops
with a way to the end is the smallest.  Then the same is done backwards, from there along all that may lead there, with
the ranks of the meetings as one more figure.  Nothing is estimated: the outcome is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from daemon.model.event import EventRef
from daemon.model.figures.measure import BREAK, DayMinutes, MinuteSet, long_blocks, stretches, union
from policies.overload.bounds import Bounds, reached

WIDTH = 500
"""So many ways to one state are followed at once."""


class _Day(NamedTuple):
    """What of a day matters here: its working time, what of it only meetings can take, and time in meetings.

    `pieces`: the minutes of each meeting that may go, with its bit; those of all others together, with 0.
    """

    working: MinuteSet
    open: MinuteSet
    pieces: tuple[tuple[MinuteSet, int], ...]


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
    """One way on from a state: drops the meeting `bit`, 0 for none."""

    bit: int
    to: _State
    adds: _Figures

    @property
    def drops(self) -> int:
        """How many meetings: 1 or 0."""
        return int(self.bit > 0)


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
_TOO_MUCH: _Figures = (_NO_BOUND * 2, _NO_BOUND * 2, _NO_BOUND * 2, _NO_BOUND * 2, 0)


def fewest(days: Sequence[DayMinutes], bits: Mapping[EventRef, int], bounds: Bounds) -> tuple[int, bool]:
    """The bits of the smallest set that is enough, of several that with the largest sum; and whether that is sure.

    It is unsure only if there were more than `WIDTH` ways to weigh.  ValueError if all of them are not enough.
    """
    if bounds.long_blocks <= reached(days).long_blocks:
        bounds = replace(bounds, long_blocks=0)
    return _solved(tuple(_day(grid, bits) for grid in days), bounds, len(bits))


def _day(grid: DayMinutes, bits: Mapping[EventRef, int]) -> _Day:
    stays = union(m for e, m in grid.meetings if e.ref not in bits)
    pieces = ((m, bits[e.ref]) for e, m in grid.meetings if e.ref in bits)
    return _Day(grid.working, grid.working & ~grid.solo, ((stays, 0), *pieces))


@lru_cache(maxsize=128)
def _solved(days: tuple[_Day, ...], bounds: Bounds, count: int) -> tuple[int, bool]:
    """The same of days as numbers; a daemon asks it again at every cycle."""
    ceilings = (bounds.meeting, bounds.in_hours, bounds.after_hours)
    meeting, in_hours, after_hours = (_NO_BOUND if c is None else c - 1 for c in ceilings)
    most = (meeting, in_hours, after_hours, -bounds.long_blocks, 0)
    layers = _layers(days, _items(days), bounds)
    least: list[_Least] = []
    for _ in range(count + 1):
        least.append(_least(layers, least[-1] if least else None))
        ways = _forwards(layers, least, most)
        if ways:
            return _backwards(layers, ways, most)
    raise ValueError("all of them together are not enough")


def _items(days: Sequence[_Day]) -> list[_Item]:
    out = []
    for n, day in enumerate(days):
        out += [_Item(n, start, end, bit) for minutes, bit in day.pieces for start, end in stretches(minutes)]
        out.append(_Item(n, _CLOSE, _CLOSE, 0))
    return sorted(out)


def _layers(days: Sequence[_Day], items: Sequence[_Item], bounds: Bounds) -> _Layers:
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


def _steps(state: _State, item: _Item, decided: int, day: _Day, bounds: Bounds) -> Iterator[_Step]:
    """Drop it or keep it; a meeting of which a part was met before is as it was decided then."""
    gone = item.bit & state.gone
    if item.bit and (gone or not decided):
        yield _Step(0 if gone else item.bit, state._replace(gone=state.gone | item.bit), _NONE)
    if not gone:
        since = state.since if item.start - state.covered < BREAK else item.start
        covered = max(state.covered, item.end)
        if bounds.longest_run is None or covered - since < bounds.longest_run:
            yield _Step(0, _State(covered, since, state.gone), _adds(state, item, day, bounds))


def _adds(state: _State, item: _Item, day: _Day, bounds: Bounds) -> _Figures:
    """What keeping it adds: its time that was not covered, and the long blocks in the free time that it ends."""
    new = _between(max(state.covered, item.start), item.end)
    in_hours = (new & day.working).bit_count()
    blocks = 0
    if bounds.long_blocks:
        blocks = long_blocks(_between(max(state.covered, 0), item.start) & day.open)
    return new.bit_count(), in_hours, new.bit_count() - in_hours, -blocks, 0


def _between(start: int, end: int) -> MinuteSet:
    return (1 << end) - (1 << start) if start < end else 0


def _what_matters(state: _State, item: _Item, follows: _Item | None, later: int, day: _Day, bounds: Bounds) -> _State:
    """The state without what can no longer make a difference, so that more ways meet in it."""
    covered, since, gone = state.covered, state.since, state.gone & later
    if follows is None or follows.day != item.day:
        return _FRESH._replace(gone=gone)
    if bounds.longest_run is not None:
        apart = follows.start - covered >= BREAK and not bounds.long_blocks
        return _FRESH._replace(gone=gone) if apart else _State(covered, since, gone)
    if covered <= follows.start:
        free = _between(max(covered, 0), follows.start) & day.open
        begins = (free & -free).bit_length() - 1 if free else follows.start
        covered = begins if bounds.long_blocks else _NOTHING
    return _State(covered, _NOTHING, gone)


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

    A figure so low that keeping all the rest breaks no bound is as good as any lower one, and made equal.
    """
    out: list[_Ways] = [{(_FRESH, len(least) - 1): [_NONE]}]
    for n, layer in enumerate(layers):
        found: defaultdict[tuple[_State, int], list[_Figures]] = defaultdict(list)
        for (state, left), here in out[-1].items():
            for step in layer[state]:
                rest = least[left - step.drops][n + 1].get(step.to) if left >= step.drops else None
                if rest:
                    low = _minus(most, least[0][n + 1].get(step.to, _TOO_MUCH))
                    found[step.to, left - step.drops] += _moved(here, step.adds, low, _minus(most, rest))
        out.append({place: _unbeaten(ways) for place, ways in found.items() if ways})
    return out if out[-1] else ()


def _backwards(layers: _Layers, ways: Sequence[_Ways], most: _Figures) -> tuple[int, bool]:
    """The largest sum of bits along the ways, and whether none of them was left out."""
    ends: _Ways = {place: [_NONE] for place in ways[-1]}
    sure = True
    for n in reversed(range(len(layers))):
        found: dict[tuple[_State, int], Sequence[_Figures]] = {}
        for (state, left), here in ways[n].items():
            ahead = [
                (a + f, b + g, c + h, d + i, gone - step.bit)
                for step in layers[n][state]
                for a, b, c, d, _ in (step.adds,)
                for f, g, h, i, gone in ends.get((step.to, left - step.drops), ())
            ]
            found[state, left] = _unbeaten(_within(ahead, here, most))
        ends = found
        sure = sure and all(len(some) < WIDTH for some in (*ways[n].values(), *ends.values()))
    return -min(end[4] for some in ends.values() for end in some), sure


def _minus(a: _Figures, b: _Figures) -> _Figures:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], 0


def _moved(ways: Iterable[_Figures], adds: _Figures, low: _Figures, high: _Figures) -> list[_Figures]:
    """The figures with more added to each; without those that are too high then, and the too low ones raised."""
    a, b, c, d, _ = adds
    p, q, r, s, _ = low
    w, x, y, z, _ = high
    return [
        (max(k, p), max(m, q), max(n, r), max(o, s), 0)
        for f, g, h, i, _ in ways
        if (k := f + a) <= w and (m := g + b) <= x and (n := h + c) <= y and (o := i + d) <= z
    ]


def _within(ends: Iterable[_Figures], ways: Sequence[_Figures], most: _Figures) -> Iterator[_Figures]:
    """Those with which at least one of the ways ends within bounds."""
    p, q, r, s, _ = most
    for end in ends:
        a, b, c, d, _ = end
        w, x, y, z = p - a, q - b, r - c, s - d
        for f, g, h, i, _ in ways:
            if f <= w and g <= x and h <= y and i <= z:
                yield end
                break


def _unbeaten(ways: Iterable[_Figures]) -> Sequence[_Figures]:
    """At most `WIDTH` of those that no other one equals or betters in every figure."""
    out: list[_Figures] = []
    for way in sorted(ways):
        a, b, c, d, e = way
        for v, w, x, y, z in out:
            if z <= e and x <= c and w <= b and v <= a and y <= d:
                break
        else:
            out.append(way)
            if len(out) == WIDTH:
                break
    return out
