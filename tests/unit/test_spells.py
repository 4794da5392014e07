"""Spells of busy weeks: which week of one has a flag, what ends it; and which days have one of their own."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.snapshot import OwnEvent, Skip
from daemon.model.times import DAY, TimeRange, Week
from making import MONDAY, day, meeting, moment, own, snapshot
from policies.overload.options import POLICY, OverloadOptions
from policies.overload.policy import propose
from policies.overload.spells import Weeks

CLOCKS = ("09:00-10:00", "10:10-11:10", "11:20-12:20", "13:30-14:30", "14:40-15:40", "15:50-16:50")
HOURS = OverloadOptions(week_long_blocks=0, week_share=0)
W49, W50 = "week/2026-W49", "week/2026-W50"


def loaded(week: int, hours: int, **more: object) -> list[Event]:
    """So many hours in the week that lies so many after this one, in pieces of one hour with breaks."""
    places = [f"{name}{week:+d} {clock}" for clock in CLOCKS for name in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    return [meeting(place, f"M{n}", **more) for n, place in enumerate(places[:hours])]


def weeks(*hours: int) -> list[Event]:
    """Those before this one, the last one first."""
    return [e for n, count in enumerate(hours, 1) for e in loaded(-n, count)]


def flags(*events: Event, options: OverloadOptions = HOURS, **more: object) -> set[str]:
    return {want.key for want in propose(snapshot(*events, **more), options)}  # type: ignore[arg-type]  # as snapshot


SPELLS = {
    # the three weeks before (the last one first), this one, the next; which is flagged
    "the first week over a limit": ((10, 10, 10), 20, 0, {W49}),
    "under it": ((10, 10, 10), 19, 0, set()),
    "a later week that rises above what is usual": ((20, 10, 10), 20, 0, {W49}),
    "one that does not": ((20, 20, 20), 24, 0, set()),
    "one that rises by 25 %": ((20, 20, 20), 25, 0, {W49}),
    "a spell goes on at 90 %": ((18, 20, 20), 20, 0, set()),
    "it ends under 90 %": ((17, 20, 20), 20, 0, {W49}),
    "what did not break a limit is no spell": ((18, 18, 18), 20, 0, {W49}),
    "the next week, before this one is full": ((10, 10, 10), 5, 20, {W50}),
    "after a first one it has to rise, too": ((18, 18, 18), 20, 20, {W49}),
    "and does so": ((16, 16, 16), 20, 20, {W49, W50}),
    "but not above the weeks before this one alone": ((20, 14, 14), 20, 20, {W49}),
    "a week that has yet to fill up ends no spell": ((20, 20, 20), 2, 20, set()),
}


@pytest.mark.parametrize(("before", "this", "then", "expected"), SPELLS.values(), ids=SPELLS)
def test_which_weeks_are_flagged(before: tuple[int, ...], this: int, then: int, expected: set[str]) -> None:
    assert flags(*weeks(*before), *loaded(0, this), *loaded(1, then)) == expected


def test_no_flag_needs_to_stand_for_a_spell() -> None:
    """Nor does one that stands make one."""
    busy, calm = [*weeks(20, 20, 20), *loaded(0, 20)], loaded(0, 20)
    w48 = own("Mon-1..Fri-1", POLICY, "week/2026-W48", title="Busy week")
    assert flags(*busy) == flags(*busy, ours=[w48]) == set()
    assert flags(*calm) == flags(*calm, ours=[w48]) == {W49}


def test_a_week_of_leave_ends_no_spell() -> None:
    away = [TimeRange(moment("Tue-1 12:00"), moment("Sat-1 00:00"))]
    busy = [*weeks(0, 20, 20), *loaded(0, 20)]
    assert flags(*busy) == {W49}
    assert flags(*busy, away=away) == set()


def test_a_count_ends_it_at_its_limit() -> None:
    """There is no 90 % of two free stretches."""
    options = OverloadOptions(week_meetings=0, week_share=0)  # type: ignore[arg-type]  # as the config says it
    cuts = ("10:30-11:10", "13:00-13:15", "15:00-15:40")
    before = [
        *loaded(-3, 30),
        *loaded(-2, 30),
        *(e for name in ("Mon-1", "Tue-1", "Wed-1", "Thu-1") for e in on(name, *cuts)),
    ]
    two, one = ([*loaded(0, 30), *before, meeting(f"Fri-1 {clocks}")] for clocks in ("11:00-15:30", "10:59-15:30"))
    assert flags(*two, options=options) == {W49}
    assert flags(*one, options=options) == set()


@pytest.mark.parametrize(("now", "left", "expected"), [("Mon 07:00", 1, {W49}), ("Mon 09:00", 1, set()),
                                                       ("Mon 09:00", 0, {W49})])  # fmt: skip
def test_once_the_week_runs_it_has_one_only_without_any_long_stretch(now: str, left: int, expected: set[str]) -> None:
    options = OverloadOptions(week_meetings=0, week_share=0)  # type: ignore[arg-type]  # as the config says it
    friday = [e for e in loaded(0, 30) if not left or e.span.start < moment("Fri 14:35")]
    assert flags(*friday, options=options, now=now) & {W49} == expected


# -- standing series -----------------------------------------------------------------------------------------------


def evenings(week: int, *uids: str, series: bool = True) -> list[Event]:
    """Two calls after hours, 1 h each."""
    days = zip(("Tue", "Thu"), uids or ("call", "call"), strict=True)
    return [meeting(f"{name}{week:+d} 18:00-19:00", f"Call {name}", uid=uid, series=series) for name, uid in days]


def test_what_the_same_series_break_each_week_is_said_once() -> None:
    before = [*weeks(10, 10, 10), *evenings(-3), *evenings(-2)]  # none in W48, which ends the spell
    assert flags(*before, *evenings(0), *loaded(0, 10)) == set()
    assert flags(*before, *evenings(0, "new", "newer"), *loaded(0, 10)) == {W49}
    assert flags(*before, *evenings(0, series=False), *loaded(0, 10)) == {W49}
    assert flags(*before, *evenings(0), *loaded(0, 20)) == {W49}, "another limit is broken, too"


def test_evenings_that_are_usual_are_no_rise_whatever_else_the_week_holds() -> None:
    """Far from the limit in hours, a week with half as much again in meetings is none to flag for its evenings."""
    before = [*weeks(8, 8, 8, 8), *(e for n in (1, 2, 3, 4) for e in evenings(-n))]
    assert flags(*before, *evenings(0), *loaded(0, 12)) == set()
    more = [meeting(f"{d} 19:00-20:00", f"Late {d}") for d in ("Mon", "Wed")]
    assert flags(*before, *evenings(0), *more, *loaded(0, 8)) == {W49}


def test_a_single_meeting_beside_them_is_something_else() -> None:
    before = [*weeks(10, 10, 10), *evenings(-3), *evenings(-2)]
    half = [evenings(0)[0], meeting("Wed 18:00-19:00", "Escalation")]
    assert flags(*before, *half, *loaded(0, 10)) == {W49}


# -- days ----------------------------------------------------------------------------------------------------------

FULL = ("09:00-10:30", "11:00-12:30", "13:00-14:30", "15:00-16:30")  # 6 h
WEDNESDAY = "day/2026-12-02"


def on(name: str, *clocks: str) -> list[Event]:
    return [meeting(f"{name} {clock}") for clock in clocks]


LATELY = {
    "above each of the days before": (on("Tue-1", *FULL[:3]), {WEDNESDAY}),
    "as much as one of them": (on("Tue-1", *FULL), set()),
    "twenty working days ago": (on("Wed-4", *FULL), set()),
    "before that": (on("Tue-4", *FULL), {WEDNESDAY}),
    "on the day before it": (on("Tue", *FULL), {"day/2026-12-01"}),
    "a day off is none of them": (on("Sat-1", *FULL, "17:00-18:00"), {WEDNESDAY}),
}


@pytest.mark.parametrize(("before", "expected"), LATELY.values(), ids=LATELY)
def test_a_day_has_a_flag_above_each_of_the_last_twenty(before: list[Event], expected: set[str]) -> None:
    at = snapshot(*before, *on("Wed", *FULL))
    at = replace(at, window=TimeRange(moment("Mon-5 00:00"), at.window.end))
    assert {want.key for want in propose(at, HOURS)} == expected


def test_it_goes_by_the_figure_that_is_over() -> None:
    """A day before with longer meetings, and a shorter run."""
    options = OverloadOptions(day_meetings=0, day_share=0)  # type: ignore[arg-type]  # as the config says it
    assert flags(*on("Tue-1", *FULL), *on("Wed", "09:00-12:00"), options=options) == {WEDNESDAY}
    assert flags(*on("Tue-1", "13:00-16:00"), *on("Wed", "09:00-12:00"), options=options) == set()


HARD = {
    "6 h 30 in a week without a flag": (0, ("17:00-17:30",), {WEDNESDAY}),
    "in a week with one": (20, ("17:00-17:30",), {W49}),
    "7 h in it": (20, ("17:00-18:00",), {W49, WEDNESDAY}),
}


@pytest.mark.parametrize(("hours", "more", "expected"), HARD.values(), ids=HARD)
def test_in_a_week_with_a_flag_the_limits_are_harder(hours: int, more: tuple[str, ...], expected: set[str]) -> None:
    others = [e for e in loaded(0, 30) if e.span.start.date() != date(2026, 12, 2)][:hours]
    assert flags(*others, *on("Wed", *FULL, *more)) == expected


def test_so_they_are_where_the_flag_was_deleted() -> None:
    busy = [*weeks(20, 20, 20), *loaded(0, 20), meeting("Wed 17:00-18:00"), meeting("Wed 18:10-19:10")]
    assert flags(*busy) == {WEDNESDAY}
    skip = Skip(POLICY, W49, MONDAY, 0)
    assert flags(*busy, skips=[skip]) == set()


def test_three_hours_without_a_break_are_none_in_it() -> None:
    four_a_day = [meeting(f"{name} {c}") for name in ("Mon", "Wed", "Thu", "Fri") for c in CLOCKS[:4]]
    tuesday = on("Tue", "09:00-12:00", "13:30-14:30")
    assert flags(*four_a_day, *tuesday, options=OverloadOptions()) == {W49}
    four_hours = on("Tue", "09:00-13:00")
    assert flags(*four_a_day, *four_hours, options=OverloadOptions()) == {W49, "day/2026-12-01"}


def test_a_flag_of_a_day_that_stands_is_not_taken_back_by_one_of_its_week() -> None:
    stands: list[OwnEvent] = [own("Wed", POLICY, WEDNESDAY, title="Full day")]
    busy = [*on("Wed", *FULL), *(e for e in loaded(0, 30) if e.span.start.date() != date(2026, 12, 2))]
    assert flags(*busy, ours=stands) == {W49, WEDNESDAY}
    assert flags(*busy, ours=stands, now="Wed 08:00") == {W49, WEDNESDAY}


# -- what is known -------------------------------------------------------------------------------------------------


def test_half_of_a_week_is_enough_to_be_there() -> None:
    """21 h 15 of 42 h 30."""
    for end, there in (("Wed-1 13:15", True), ("Wed-1 13:16", False)):
        at = snapshot(away=[TimeRange(moment("Mon-1 00:00"), moment(end))])
        assert (Week(MONDAY - 7 * DAY) in Weeks(at, HOURS).past) == there
    assert day("Mon-1") == MONDAY - 7 * DAY
