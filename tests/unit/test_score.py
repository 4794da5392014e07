"""What each constant of the score decides: weeks on either side of it, whose plan changes when the constant does.

The exact solver that placement is held against shares the score, so what it is worth is pinned here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from daemon.planning.placement import blocks, score, slots
from daemon.planning.placement.minutes import Span, to_range, to_span
from daemon.planning.placement.score import BlockProblem, DayProblem, SlotProblem
from living import local
from making import span


def spans(texts: Iterable[str]) -> tuple[Span, ...]:
    return tuple(to_span(span(text)) for text in texts)


def week(
    *gaps: str, prefer: Iterable[str] = (), standing: Iterable[str] = (), total: int = 120, shortest: int = 60,
) -> BlockProblem:  # fmt: skip
    """Blocks of one to three hours, best two, in one gap a day."""
    days = tuple(DayProblem((gap,), 240) for gap in spans(gaps))
    return BlockProblem(
        days=days,
        total=total,
        shortest=shortest,
        ideal=120,
        longest=180,
        prefer=spans(prefer),
        standing=spans(standing),
    )


BLOCKS = {
    "29 minutes left over are a crumb": (week("Mon 09:00-11:29", "Tue 09:00-11:00"), ["Tue 09:00-11:00"]),
    "30 are none": (week("Mon 09:00-11:30", "Tue 09:00-11:00"), ["Mon 09:00-11:00"]),
    "21 minutes of preferred time are worth a crumb": (
        week("Mon 09:00-11:00", "Tue 09:00-11:05", prefer=["Tue 09:00-09:21"]),
        ["Tue 09:00-11:00"],
    ),
    "19 are not": (
        week("Mon 09:00-11:00", "Tue 09:00-11:05", prefer=["Tue 09:00-09:19"]),
        ["Mon 09:00-11:00"],
    ),
    "what stands is worth an hour of two-hour time": (
        week("Mon 09:00-11:00", "Tue 09:00-12:00", standing=["Mon 09:00-11:00"], prefer=["Mon 09:00-09:19"],
             total=180, shortest=120),
        ["Mon 09:00-11:00"],
    ),
    "but not a quarter of an hour of preferred time beside": (
        week("Mon 09:00-11:00", "Tue 09:00-12:00", standing=["Mon 09:00-11:00"], prefer=["Tue 09:00-09:19"],
             total=180, shortest=120),
        ["Tue 09:00-12:00"],
    ),
    "a short one that stands is worth 39 minutes of preferred time": (
        week("Mon 09:00-10:15", "Tue 09:00-10:15", standing=["Mon 09:00-10:15"], prefer=["Tue 09:00-09:39"], total=75),
        ["Mon 09:00-10:15"],
    ),
    "but not 41": (
        week("Mon 09:00-10:15", "Tue 09:00-10:15", standing=["Mon 09:00-10:15"], prefer=["Tue 09:00-09:41"], total=75),
        ["Tue 09:00-10:15"],
    ),
    "an hour and a half that stands, with 21 preferred minutes, is worth two hours with crumbs": (
        week("Mon 09:00-10:30", "Tue 09:05-11:20", standing=["Mon 09:00-10:30"], prefer=["Mon 09:00-09:21"]),
        ["Mon 09:00-10:30"],
    ),
    "not with 19": (
        week("Mon 09:00-10:30", "Tue 09:05-11:20", standing=["Mon 09:00-10:30"], prefer=["Mon 09:00-09:19"]),
        ["Tue 09:15-11:15"],
    ),
    "two hours with crumbs are worth more than the best hour and three quarters": (
        week("Mon 09:00-10:45", "Tue 09:05-11:20", prefer=["Mon 09:00-10:45"]),
        ["Tue 09:15-11:15"],
    ),
    "a short one is worth little": (
        week("Mon 09:00-10:15", "Tue 09:00-10:00", prefer=["Tue 09:00-09:01"], total=75),
        ["Tue 09:00-10:00"],
    ),
    "but something": (week("Mon 09:00-10:00"), ["Mon 09:00-10:00"]),
    "two blocks are a quarter apart": (
        week("Mon 09:00-13:45", total=240),
        ["Mon 09:00-11:00", "Mon 11:15-13:15"],
    ),
}  # fmt: skip


def slot(gap: Span, minutes: int, *, since: int = 0, standing: int | None = None) -> SlotProblem:
    """A single event that is best early; `since`: where its windows begin."""
    stands = None if standing is None else (standing, standing + minutes)
    return SlotProblem(minutes=minutes, gaps=(gap,), bounds=(since, gap[1]), standing=stands)


def pair_or_one(at: int) -> list[SlotProblem]:
    """Two of five minutes each, or one of ten at the best time; there is room for ten minutes."""
    return [slot((at, at + 5), 5), slot((at + 5, at + 10), 5), slot((0, 10), 10)]


def long_or_short(since: int) -> list[SlotProblem]:
    """One of ten minutes, whose windows begin then, or one of five in the same place, which is its best."""
    return [slot((2500, 2510), 10, since=since), slot((2500, 2505), 5, since=2500)]


SLOTS = {
    "a second place is worth 2,991 steps of five minutes": (pair_or_one(7475), {0: 7475, 1: 7480}),
    "but not 3,009": (pair_or_one(7520), {2: 0}),
    "five minutes more are worth 499 steps": (long_or_short(5), {0: 2500}),
    "but not 501": (long_or_short(-5), {1: 2500}),
    "ten minutes kept are worth 998 steps": ([slot((0, 6000), 10, standing=4990)], {0: 4990}),
    "but not 1,002": ([slot((0, 6000), 10, standing=5010)], {0: 0}),
}


def planned(problem: BlockProblem) -> list[str]:
    return [local(to_range(block)) for block in blocks.solve(problem)]


@pytest.mark.parametrize(("problem", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(problem: BlockProblem, expected: list[str]) -> None:
    assert planned(problem) == expected


@pytest.mark.parametrize(("problems", "expected"), SLOTS.values(), ids=SLOTS)
def test_single_events(problems: list[SlotProblem], expected: dict[int, int]) -> None:
    assert slots.solve(problems, 10) == expected


# -- that the weeks tell ----------------------------------------------------------------------------------------------

OTHERS = {
    "MINUTE_POINTS": (95, 105), "MIDDLING_POINTS": (45, 55), "SHORT_POINTS": (0, 2), "PREFER_POINTS": (23, 27),
    "KEEP_POINTS": (95, 105), "SAME_POINTS": (5500, 6500), "SAME_SHORT_POINTS": (950, 1050), "WHOLE": (105, 135),
    "MIDDLING": (75, 105), "PLACE_POINTS": (2900, 3100), "CRUMB_POINTS": (470, 530), "CRUMB": (29, 31),
    "SPACING": (0, 30),
}  # fmt: skip
"""Each constant, a little less and a little more."""


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    for solved in (blocks.solve, blocks._day):
        solved.cache_clear()
    yield
    for solved in (blocks.solve, blocks._day):
        solved.cache_clear()


def test_every_constant_has_its_weeks() -> None:
    assert OTHERS.keys() == {name for name in vars(score) if name.endswith("_POINTS")} | {
        "CRUMB",
        "SPACING",
        "WHOLE",
        "MIDDLING",
    }


@pytest.mark.parametrize(("constant", "value"), [(c, v) for c, values in OTHERS.items() for v in values], ids=str)
def test_with_another_constant_some_plan_is_another(monkeypatch: pytest.MonkeyPatch, constant: str, value: int) -> None:
    for module in (score, blocks):
        monkeypatch.setattr(module, constant, value, raising=False)
    same = [planned(problem) == expected for problem, expected in BLOCKS.values()]
    same += [slots.solve(problems, 10) == expected for problems, expected in SLOTS.values()]
    assert not all(same)
