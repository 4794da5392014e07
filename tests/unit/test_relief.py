"""The way out: what it names is enough, nothing smaller is, and of several equal ones it is the most rewarding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crowded import LARGE, WEEK, WEEK_BOUNDS, at, busy_week
from daemon.model.event import CountsAs, Event, PartStat
from daemon.model.figures.measure import day_minutes
from daemon.model.snapshot import Snapshot
from effort import statements
from making import MONDAY, day, event, meeting, snapshot, span
from policies.overload.bounds import Bounds, reached
from policies.overload.fewest import _solved
from policies.overload.relief import MOST, Relief, relief, reward

TUESDAY = (day("Tue"),)
DAYS = (day("Mon"), day("Tue"), day("Wed"))
DAY_BOUNDS = Bounds(meeting=324, in_hours=345, longest_run=108)


def dropped(found: Relief) -> list[str]:
    return [e.summary for e in found.drop]


def without(at_: Snapshot, gone: Iterable[Event]) -> Snapshot:
    refs = {e.ref for e in gone}
    return replace(at_, events=tuple(e for e in at_.events if e.ref not in refs))


def enough(at_: Snapshot, days: tuple[date, ...], gone: Iterable[Event], bounds: Bounds) -> bool:
    """Whether it is, when everything is measured again."""
    return not bounds.broken(reached(day_minutes(without(at_, gone), days)))


def by_trying_all(at_: Snapshot, days: tuple[date, ...], bounds: Bounds) -> tuple[Event, ...] | None:
    """The first set in order of size and then of rank that is enough."""
    measured = day_minutes(at_, days)
    ahead = {e.ref: e for grid in measured for e, _ in grid.meetings if not at_.begun(e)}
    ranked = sorted(ahead.values(), key=lambda e: (reward(at_, measured, e), e.span.start, e.ref))
    choices = (c for size in range(len(ranked) + 1) for c in combinations(ranked, size))
    return next((c for c in choices if enough(at_, days, c, bounds)), None)


# -- worked examples -----------------------------------------------------------------------------------------------

ROWS = {
    "nothing to do": ([meeting("Tue 09:00-10:00", "A")], Bounds(meeting=61), []),
    "the longest is enough": (
        [meeting("Tue 09:00-10:00", "A"), meeting("Tue 11:00-13:00", "B"), meeting("Tue 14:00-14:45", "C")],
        Bounds(meeting=106),
        ["B"],
    ),
    "a double booking goes as a pair": (
        [meeting("Tue 09:00-11:00", "A"), meeting("Tue 09:00-11:00", "B"), meeting("Tue 12:00-13:00", "C")],
        Bounds(meeting=61),
        ["A", "B"],
    ),
    "or not at all, if one elsewhere is enough": (
        [meeting("Tue 09:00-11:00", "A"), meeting("Tue 09:00-11:00", "B"), meeting("Tue 12:00-13:00", "C")],
        Bounds(meeting=121),
        ["C"],
    ),
    "a run is broken in its middle": (
        [meeting(f"Tue {h:02}:00-{h + 1:02}:00", f"{h}") for h in range(9, 12)],
        Bounds(longest_run=120),
        ["10"],
    ),
    "a run needs a gap of 5 minutes": (
        [meeting("Tue 09:00-10:00", "A"), meeting("Tue 10:00-10:04", "B"), meeting("Tue 10:04-11:00", "C")],
        Bounds(longest_run=120),
        ["C"],
    ),
    "rather the short one that splits a long block": (
        [
            meeting("Tue 09:45-10:15", "split"), event("Tue 11:00-12:00"), meeting("Tue 12:00-13:30", "long"),
            event("Tue 13:30-17:30"),
        ],
        Bounds(meeting=100),
        ["split"],
    ),
    "two meetings for one long block": (
        [meeting("Tue 09:30-10:00", "A"), meeting("Tue 10:30-11:00", "B"), event("Tue 11:00-17:30")],
        Bounds(long_blocks=1),
        ["A", "B"],
    ),
    "a long block, where runs are short enough": (
        [
            meeting("Tue 09:45-10:15", "A"), meeting("Tue 11:00-11:50", "B"), meeting("Tue 11:55-12:45", "C"),
            event("Tue 12:45-17:30"),
        ],
        Bounds(longest_run=60, long_blocks=1),
        ["A"],
    ),
    "after hours": (
        [meeting("Tue 17:00-18:30", "late"), meeting("Tue 09:00-12:00", "early")],
        Bounds(after_hours=60),
        ["late"],
    ),
    "one meeting serves several limits": (
        [meeting("Tue 09:00-10:00", "A"), meeting("Tue 16:30-18:30", "B"), meeting("Tue 12:00-13:00", "C")],
        Bounds(meeting=180, after_hours=30),
        ["B"],
    ),
    "one over midnight is one": (
        [at(0, 23 * 60, 120, title="night"), meeting("Tue 09:00-09:30", "A"), meeting("Tue 10:00-10:30", "B")],
        Bounds(after_hours=60),
        ["night"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "bounds", "expected"), ROWS.values(), ids=ROWS)
def test_worked_examples(events: list[Event], bounds: Bounds, expected: list[str]) -> None:
    found = relief(snapshot(*events), TUESDAY, bounds)
    assert (dropped(found), found.clears, found.exact) == (expected, True, True)


EARLY, LATE = "Tue 07:00-08:00", "Tue 19:00-20:00"
RANKS = {
    "the focus that it destroys": ({"optional": True}, {"when": "Tue 13:00-14:00"}),
    "then optional": ({"others": 9}, {"optional": True}),
    "then large": ({"series": True}, {"others": 3, "mine": True}),
    "then recurring": ({}, {"series": True, "mine": True}),
    "then not mine": ({"mine": True}, {}),
    "then the earlier": ({"when": LATE}, {"when": EARLY}),
}


@pytest.mark.parametrize(("other", "better"), RANKS.values(), ids=RANKS)
def test_of_equal_ones_the_better_is_named(other: dict[str, object], better: dict[str, object]) -> None:
    rows = {"other": {"when": EARLY} | other, "better": {"when": LATE} | better}
    events = [meeting(str(row.pop("when")), name, **row) for name, row in rows.items()]
    assert dropped(relief(snapshot(*events), TUESDAY, Bounds(meeting=61))) == ["better"]


def test_minutes_on_one_day_and_a_long_block_on_the_other() -> None:
    """Either day could give either; the optional ones decide which gives what."""
    events = [
        meeting("Mon 09:45-10:15", "A", optional=True), event("Mon 11:00-11:10"),
        meeting("Mon 11:10-12:50", "B"), event("Mon 12:50-17:30"),
        meeting("Tue 09:45-10:15", "C"), event("Tue 11:00-11:10"),
        meeting("Tue 11:10-12:50", "D", optional=True), event("Tue 12:50-17:30"),
    ]  # fmt: skip
    assert dropped(relief(snapshot(*events), DAYS[:2], Bounds(meeting=131, long_blocks=1))) == ["A", "D"]


def test_they_are_ranked() -> None:
    events = [
        meeting("Tue 07:00-08:00", "small"),
        meeting("Tue 13:00-13:30", "splits"),
        meeting("Tue 19:00-20:00", "optional", optional=True),
    ]
    assert dropped(relief(snapshot(*events), TUESDAY, Bounds(meeting=1))) == ["splits", "optional", "small"]


def test_what_has_begun_stays() -> None:
    events = [meeting("Tue 09:00-12:00", "A"), meeting("Tue 13:00-14:00", "B"), meeting("Tue 15:00-15:30", "C")]
    found = relief(snapshot(*events, now="Tue 09:00"), TUESDAY, Bounds(meeting=215))
    assert (dropped(found), found.clears) == (["B"], True)


def test_where_nothing_is_enough_it_names_what_helps_most() -> None:
    events = [meeting("Tue 09:00-12:00", "A"), meeting("Tue 13:00-14:00", "B"), meeting("Tue 15:00-16:30", "C")]
    found = relief(snapshot(*events, now="Tue 10:00"), TUESDAY, Bounds(meeting=100))
    assert (dropped(found), found.clears) == (["C"], False)


def test_where_all_has_begun_it_names_nothing() -> None:
    found = relief(snapshot(meeting("Tue 09:00-12:00"), now="Tue 10:00"), TUESDAY, Bounds(meeting=100))
    assert (found.drop, found.clears) == ((), False)


def test_a_meeting_may_keep_its_first_half() -> None:
    """Then only the other half can go, and what that is not enough for takes another one."""
    events = [meeting("Tue 09:00-11:00", "A"), meeting("Tue 13:00-14:00", "B")]
    at_ = snapshot(*events)
    keeps = {events[0].ref: 60, events[1].ref: 0}
    assert dropped(relief(at_, TUESDAY, Bounds(meeting=121), keeps)) == ["A"]
    assert sorted(dropped(relief(at_, TUESDAY, Bounds(meeting=61), keeps))) == ["A", "B"]
    assert not relief(at_, TUESDAY, Bounds(meeting=60), keeps).clears
    assert dropped(relief(at_, TUESDAY, Bounds(meeting=121), {events[1].ref: 0})) == ["B"]


# -- against trying all sets ---------------------------------------------------------------------------------------


@st.composite
def problems(draw: st.DrawFn) -> tuple[Snapshot, Bounds]:
    """Monday to Wednesday: meetings of any length anywhere, also over midnight; holds, absence, some of it begun."""
    spans = st.tuples(
        st.integers(0, 2), st.integers(0, 287).map(lambda n: 5 * n), st.integers(0, 60).map(lambda n: 5 * n)
    )
    kinds = st.fixed_dictionaries({"optional": st.booleans(), "series": st.booleans(), "others": st.integers(1, 3)})
    rows = draw(st.lists(st.tuples(spans, kinds), max_size=7))
    events = [at(*when, uid=f"m{n}", **more) for n, (when, more) in enumerate(rows)]
    holds = [
        at(*when, uid=f"h{n}", counts_as=CountsAs.BUSY) for n, when in enumerate(draw(st.lists(spans, max_size=2)))
    ]
    away = [at(*when).span for when in draw(st.lists(spans, max_size=1))]
    now = draw(st.sampled_from(["Mon 00:00", "Mon 00:00", "Mon 12:00", "Tue 10:00"]))

    at_ = snapshot(*events, *holds, now=now, away=away)
    full, free = reached(day_minutes(at_, DAYS)), reached(day_minutes(replace(at_, events=tuple(holds)), DAYS))

    def ceiling(figure: int) -> int | None:
        """None, or one that is just kept, or broken."""
        return draw(st.none() | st.integers(1, figure + 1))

    return at_, Bounds(
        meeting=ceiling(full.meeting),
        in_hours=ceiling(full.in_hours),
        after_hours=ceiling(full.after_hours),
        longest_run=ceiling(full.longest_run),
        long_blocks=draw(st.integers(full.long_blocks, free.long_blocks)),
    )


@settings(max_examples=150)
@given(problem=problems())
def test_it_is_what_trying_all_sets_finds(problem: tuple[Snapshot, Bounds]) -> None:
    at_, bounds = problem
    expected = by_trying_all(at_, DAYS, bounds)
    found = relief(at_, DAYS, bounds)
    assert found.exact
    assert found.clears == (expected is not None)
    if expected is not None:
        assert found.drop == expected


@pytest.mark.parametrize("seed", range(4))
def test_it_is_so_for_twelve_meetings_of_a_week(seed: int) -> None:
    at_ = snapshot(*busy_week(seed, 12))
    bounds = Bounds(meeting=360, in_hours=300, after_hours=45, long_blocks=16)
    found = relief(at_, WEEK, bounds)
    assert found.drop == by_trying_all(at_, WEEK, bounds)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_so_for_twelve_meetings_of_a_day(seed: int) -> None:
    at_ = snapshot(*busy_week(seed, 12, days=1))
    found = relief(at_, (MONDAY,), DAY_BOUNDS)
    assert found.drop == by_trying_all(at_, (MONDAY,), DAY_BOUNDS)


# -- as large as it gets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_forty_meetings_a_week(make: Callable[[int], list[Event]], seed: int) -> None:
    """Found by a short search, enough, and nothing in it is superfluous."""
    at_ = snapshot(*make(seed), now="Mon 00:00")
    _solved.cache_clear()
    assert statements(lambda: relief(at_, WEEK, WEEK_BOUNDS)) < 300_000
    found = relief(at_, WEEK, WEEK_BOUNDS)
    assert (found.clears, found.exact) == (True, True)
    assert enough(at_, WEEK, found.drop, WEEK_BOUNDS)
    for event_ in found.drop:
        assert not enough(at_, WEEK, [e for e in found.drop if e != event_], WEEK_BOUNDS)


def test_forty_meetings_on_one_day() -> None:
    at_ = snapshot(*busy_week(1, 40, days=1))
    found = relief(at_, (MONDAY,), DAY_BOUNDS)
    assert (found.clears, found.exact) == (True, True)
    assert enough(at_, (MONDAY,), found.drop, DAY_BOUNDS)


def test_of_more_it_looks_at_the_longest_and_says_so() -> None:
    long_ones = [at(n % 5, 540 + 60 * (n // 5), 45, title="long", uid=f"l{n}") for n in range(MOST)]
    short = [at(n % 5, 600 + 60 * (n // 5), 10, title="short", uid=f"s{n}") for n in range(15)]
    at_ = snapshot(*long_ones, *short)
    found = relief(at_, WEEK, Bounds(meeting=151))
    assert (found.clears, found.exact, dropped(found)) == (True, False, ["long"] * MOST)
    hopeless = relief(at_, WEEK, Bounds(meeting=150))
    assert (hopeless.clears, dropped(hopeless)) == (False, ["long"])


def test_hundreds_of_meetings_do_no_harm() -> None:
    """Twice as many take twice the work."""
    some, twice = snapshot(*busy_week(1, 200)), snapshot(*busy_week(1, 400))
    assert not relief(twice, WEEK, WEEK_BOUNDS).clears
    assert statements(lambda: relief(twice, WEEK, WEEK_BOUNDS)) < 2.1 * statements(
        lambda: relief(some, WEEK, WEEK_BOUNDS)
    )


def test_the_unanswered_may_go_and_the_declined_are_none() -> None:
    open_, declined = PartStat.NEEDS_ACTION, PartStat.DECLINED
    events = [meeting("Tue 09:00-10:00", "A", reply=open_), meeting("Tue 11:00-12:00", "B", reply=declined)]
    assert dropped(relief(snapshot(*events), TUESDAY, Bounds(meeting=1))) == ["A"]


def test_what_lies_in_an_absence_is_not_named() -> None:
    """A meeting that lies in it takes no time, so its end gives none."""
    at_ = snapshot(meeting("Tue 09:00-10:00", "A"), meeting("Tue 13:00-14:00", "B"), away=[span("Tue 12:00-17:30")])
    assert dropped(relief(at_, TUESDAY, Bounds(meeting=1))) == ["A"]
