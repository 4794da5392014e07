"""The placement of blocks is the optimum of the score: held here against every possible placement."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.planning.placement import blocks
from daemon.planning.placement.minutes import Span, ceil_to
from daemon.planning.placement.score import SPACING, BlockProblem, DayProblem, block_score

NINE, DAY = 9 * 60, 24 * 60


def problem(*days: tuple[Span, ...], cap: int = 240, **more: object) -> BlockProblem:
    values: dict[str, object] = {"total": 480, "shortest": 60, "ideal": 120, "longest": 180}
    return BlockProblem(days=tuple(DayProblem(d, cap) for d in days), **(values | more))  # type: ignore[arg-type]


def hours(*spans: tuple[float, float], day: int = 0) -> tuple[Span, ...]:
    return tuple((round(day * DAY + a * 60), round(day * DAY + b * 60)) for a, b in spans)


def week(*spans: tuple[float, float]) -> list[tuple[Span, ...]]:
    return [hours(*spans, day=d) for d in range(5)]


MORNINGS = tuple(s for d in week((9, 12)) for s in d)


@pytest.mark.parametrize(
    ("given_problem", "expected"),
    [
        pytest.param(problem(), (), id="no day, no block"),
        pytest.param(problem(hours((9, 9.9))), (), id="no gap is long enough"),
        pytest.param(problem(hours((9, 11))), hours((9, 11)), id="a gap of the ideal length is filled"),
        pytest.param(problem(hours((9, 10.25))), hours((9, 10.25)), id="shorter is better than nothing"),
        pytest.param(problem(hours((9, 17)), total=120), hours((9, 11)), id="no more than is owed"),
        pytest.param(problem(hours((9, 17)), total=59), (), id="owed less than the shortest"),
        pytest.param(problem(hours((9 + 1 / 12, 12)), total=120), hours((10, 12)), id="on the grid, leaving no crumb"),
        pytest.param(
            problem(*week((9, 17.5)), prefer=MORNINGS),
            tuple(s for d in range(4) for s in hours((9, 11), day=d)),
            id="a free week: the ideal length on the first four mornings",
        ),
        pytest.param(
            problem(hours((9, 17)), cap=120, total=480), hours((9, 11)), id="no more on a day than its cap allows"
        ),
        pytest.param(
            problem(hours((9, 17)), total=120, standing=hours((14, 16))), hours((14, 16)), id="what stands stays"
        ),
        pytest.param(
            problem(hours((9, 10.5), (11, 17)), total=120, standing=hours((9, 11))),
            hours((11, 13)),
            id="half booked over, it moves whole rather than being shortened",
        ),
    ],
)
def test_table(given_problem: BlockProblem, expected: tuple[Span, ...]) -> None:
    assert blocks.solve(given_problem) == expected


def test_two_blocks_of_a_day_are_a_quarter_apart() -> None:
    first, second = blocks.solve(problem(hours((9, 13.25)), total=240))
    assert second[0] - first[1] >= SPACING


minute = st.integers(0, 20).map(lambda n: n * 5)
MANY = 4_000
"""More placements than this are not tried one by one."""


@st.composite
def small_problems(draw: st.DrawFn) -> BlockProblem:
    days = []
    for d in range(draw(st.integers(1, 2))):
        at, gaps = d * DAY + NINE, []
        for _ in range(draw(st.integers(1, 3))):
            start = at + draw(minute)
            end = start + 15 + draw(minute)
            gaps.append((start, end))
            at = end + 5 + draw(minute)
        days.append(DayProblem(tuple(gaps), draw(st.sampled_from([60, 120, 180, 240]))))
    shortest = draw(st.sampled_from([45, 60]))
    ideal = shortest + draw(st.sampled_from([0, 15, 30, 60]))
    where = [g for d in days for g in d.gaps]
    at = draw(st.sampled_from(where))[0]
    return BlockProblem(
        days=tuple(days), total=draw(st.sampled_from([30, 60, 120, 240, 480])), shortest=shortest, ideal=ideal,
        longest=ideal + draw(st.sampled_from([0, 30, 60])), prefer=((at, at + draw(minute)),),
        standing=((ceil_to(at, 15), ceil_to(at, 15) + draw(st.sampled_from([0, 30, 60, 90]))),),
    )  # fmt: skip


def placements(p: BlockProblem) -> Iterator[tuple[Span, ...]]:
    """Every placement that keeps the rules."""
    spans = [
        (d, i, (s, s + n))
        for d, day in enumerate(p.days)
        for i, (a, b) in enumerate(day.gaps)
        for s in range(ceil_to(a, 15), b, 15)
        for n in p.lengths
        if s + n <= b
    ]

    def grow(
        at: int, chosen: tuple[tuple[int, int, Span], ...], used: Counter[int]
    ) -> Iterator[tuple[tuple[int, int, Span], ...]]:
        yield chosen
        for n in range(at, len(spans)):
            d, i, (a, b) = spans[n]
            apart = all(a >= y + SPACING or x >= b + SPACING for c, j, (x, y) in chosen if (c, j) == (d, i))
            if apart and used.total() + b - a <= p.total and used[d] + b - a <= p.days[d].cap:
                yield from grow(n + 1, (*chosen, spans[n]), used + Counter({d: b - a}))

    for chosen in grow(0, (), Counter()):
        yield tuple(s for _, _, s in chosen)


def keeps_the_rules(found: tuple[Span, ...], p: BlockProblem) -> None:
    assert sum(b - a for a, b in found) <= p.total
    for a, b in found:
        assert a % 15 == 0
        assert b - a in p.lengths
        assert any(x <= a and b <= y for d in p.days for x, y in d.gaps)
    for day in p.days:
        inside = [(a, b) for a, b in found for x, y in day.gaps if x <= a and b <= y]
        assert sum(b - a for a, b in inside) <= day.cap
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(found))


@settings(max_examples=80, suppress_health_check=[HealthCheck.filter_too_much])
@given(small_problems())
def test_nothing_is_better(p: BlockProblem) -> None:
    found = blocks.solve(p)
    keeps_the_rules(found, p)
    every = list(islice(placements(p), MANY))
    assume(len(every) < MANY)
    assert block_score(found, p) == max(block_score(s, p) for s in every)


@settings(max_examples=150)
@given(small_problems())
def test_what_was_placed_is_placed_again_once_it_stands(p: BlockProblem) -> None:
    found = blocks.solve(p)
    assert blocks.solve(replace(p, standing=found)) == found
