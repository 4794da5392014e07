"""The placement of single events is the optimum of the score, and stays put once it stands."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.planning.placement import slots
from daemon.planning.placement.minutes import ceil_to
from daemon.planning.placement.score import SlotProblem, slots_score


def slot(*gaps: tuple[int, int], minutes: int = 10, late: bool = False, **more: object) -> SlotProblem:
    bounds = (gaps[0][0], gaps[-1][1]) if gaps else (0, 0)
    return SlotProblem(minutes=minutes, gaps=gaps, late=late, **({"bounds": bounds} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problems", "room", "expected"),
    [
        pytest.param([slot((0, 60))], 100, {0: 0}, id="early by default"),
        pytest.param([slot((0, 60), late=True)], 100, {0: 50}, id="late where that is asked for"),
        pytest.param([slot((3, 60))], 100, {0: 5}, id="on the grid of five minutes"),
        pytest.param([slot((3, 60), minutes=30)], 100, {0: 15}, id="long ones on the grid of fifteen"),
        pytest.param([slot()], 100, {}, id="no gap, no place"),
        pytest.param([slot((0, 60))], 5, {}, id="no room in the week"),
        pytest.param([slot((0, 20)), slot((0, 20))], 100, {0: 0, 1: 10}, id="two share a gap"),
        pytest.param([slot((0, 10)), slot((0, 10), minutes=5)], 100, {0: 0}, id="the longer one wins the only place"),
        pytest.param([slot((0, 60), standing=(30, 40))], 100, {0: 30}, id="what stands stays"),
    ],
)
def test_table(problems: list[SlotProblem], room: int, expected: dict[int, int]) -> None:
    assert slots.solve(problems, room) == expected


@st.composite
def small(draw: st.DrawFn) -> SlotProblem:
    start = draw(st.integers(0, 8)) * 5
    gap = (start, start + draw(st.integers(1, 14)) * 5)
    minutes = draw(st.sampled_from([5, 10, 25, 30]))
    stands = draw(st.none() | st.integers(0, 20).map(lambda n: (n * 5, n * 5 + minutes)))
    return slot(gap, minutes=minutes, late=draw(st.booleans()), standing=stands)


def best(problems: list[SlotProblem], room: int) -> int:
    """By trying everything."""
    options = [
        [None, *(s for a, b in p.gaps for s in range(ceil_to(a, p.step), b - p.minutes + 1, p.step))] for p in problems
    ]
    top = 0
    for starts in product(*options):
        taken = sorted((s, s + p.minutes) for s, p in zip(starts, problems, strict=True) if s is not None)
        fits = all(b <= c for (_, b), (c, _) in pairwise(taken))
        if fits and sum(b - a for a, b in taken) <= room:
            top = max(top, slots_score(starts, problems))
    return top


@settings(max_examples=200)
@given(st.lists(small(), min_size=1, max_size=3), st.sampled_from([20, 40, 100]))
def test_nothing_is_better(problems: list[SlotProblem], room: int) -> None:
    chosen = slots.solve(problems, room)
    starts = [chosen.get(i) for i in range(len(problems))]
    taken = sorted((s, s + p.minutes) for s, p in zip(starts, problems, strict=True) if s is not None)
    assert all(b <= c for (_, b), (c, _) in pairwise(taken))
    assert sum(b - a for a, b in taken) <= room
    assert slots_score(starts, problems) == best(problems, room)


@settings(max_examples=200)
@given(st.lists(small(), min_size=1, max_size=3))
def test_what_was_placed_is_placed_again_once_it_stands(problems: list[SlotProblem]) -> None:
    chosen = slots.solve(problems, 100)
    again = [
        replace(p, standing=(chosen[i], chosen[i] + p.minutes)) if i in chosen else replace(p, standing=None)
        for i, p in enumerate(problems)
    ]
    assert slots.solve(again, 100) == chosen
