"""Which days and weeks are flagged, when the flags come and go, what they say, and what follows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

import msgspec
import pytest

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import decode
from daemon.model.proposal import Fixed, Flexible, Want, text_of
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, WorkingHours
from making import MONDAY, ZONE, day, event, meeting, moment, own, profile, snapshot, span
from policies.overload.policy import POLICY, OverloadOptions, propose

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
OCTOBER, MARCH = date(2026, 10, 19), date(2026, 3, 23)
TUE, WED, WEEK = "day/2026-12-01", "day/2026-12-02", "week/2026-W49"
SATURDAY_EVENINGS = profile(hours=WorkingHours((((time(9), time(17, 30)),),) * 5 + (((time(18), time(21)),), ())))
MORNINGS = profile(hours=WorkingHours((((time(9), time(13)),),) * 5 + ((),) * 2))
SHORT_DAYS = profile(hours=WorkingHours((((time(9), time(15)),),) * 5 + ((),) * 2))


def options(**values: object) -> OverloadOptions:
    """As the config file says it."""
    return msgspec.convert(values, OverloadOptions, dec_hook=decode)


def wants(at: Snapshot, **values: object) -> dict[str, Want]:
    return {want.key: want for want in propose(at, options(**values))}


def meetings(days: Iterable[str], *clocks: str, **more: object) -> list[Event]:
    """The same meetings on several days."""
    return [meeting(f"{name} {clock}", f"{name} {clock}", **more) for name in days for clock in clocks]


def standing(want: Want, *, monday: date = MONDAY) -> OwnEvent:
    """The event that a want has become."""
    if isinstance(want.when, Fixed) and isinstance(want.when.when, DateRange):
        dates = want.when.when
        where = {"dates": dates, "span": dates.span(ZONE)}
    else:
        assert isinstance(want.when, Flexible)
        start = want.when.windows[0].start
        where = {
            "dates": None,
            "span": TimeRange(start, start + want.when.minutes * (moment("Mon 00:01") - moment("Mon 00:00"))),
        }
    content = want.content
    return own("Mon", POLICY, want.key, title=content.title, text=text_of(content), monday=monday, **where)


def flag(when: str, key: str, **more: object) -> OwnEvent:
    """A flag that stands."""
    return own(when, POLICY, key, title="Overloaded", **more)


# 4 h a day, which leaves two long blocks, and no run of 2 h.
FOUR_HOURS = ("09:00-10:40", "10:50-12:30", "12:40-13:20")
SPRINKLED = ("10:30-10:45", "12:00-12:15", "13:45-14:00", "15:45-16:00")  # which leave none
SIX_HOURS = ("09:00-10:30", "10:40-12:10", "12:20-13:50", "14:00-15:30")

TABLE: dict[str, tuple[Snapshot, set[str]]] = {
    "an empty calendar": (snapshot(), set()),
    "a day with 6 h": (snapshot(*meetings(["Tue"], *SIX_HOURS)), {TUE}),
    "with less": (snapshot(*meetings(["Tue"], *SIX_HOURS[:3], "14:00-15:29")), set()),
    "a day with 75 % of its working time": (
        snapshot(*meetings(["Tue"], "09:00-10:30", "10:40-12:10"), who=MORNINGS),
        {TUE},
    ),
    "with less than that": (snapshot(*meetings(["Tue"], "09:00-10:30", "10:40-12:09"), who=MORNINGS), set()),
    "a run of 3 h": (snapshot(*meetings(["Tue"], "09:00-10:00", "10:04-12:00")), {TUE}),
    "with a break of 5 minutes": (snapshot(*meetings(["Tue"], "09:00-10:00", "10:05-12:05")), set()),
    "a run of 2 h 10": (snapshot(*meetings(["Mon"], "09:00-11:10")), set()),
    "a week with 20 h": (snapshot(*meetings(WEEKDAYS, *FOUR_HOURS)), {WEEK}),
    "with less in the week": (
        snapshot(*meetings(WEEKDAYS[1:], *FOUR_HOURS), *meetings(["Mon"], *FOUR_HOURS[:2], "12:40-13:19")),
        set(),
    ),
    "a week with 50 % of its working time": (
        snapshot(*meetings(WEEKDAYS, "09:00-10:30", "10:40-12:10"), who=SHORT_DAYS),
        {WEEK},
    ),
    "a week with 2 h after hours": (snapshot(*meetings(["Tue", "Thu"], "18:00-19:00")), {WEEK}),
    "with one long block": (
        snapshot(*meetings(WEEKDAYS[:4], *SPRINKLED), *meetings(["Fri"], "11:00-11:15", "13:00-13:15", "15:00-15:45")),
        {WEEK},
    ),
    "with two": (
        snapshot(*meetings(WEEKDAYS[:4], *SPRINKLED), *meetings(["Fri"], "11:00-11:15", "13:00-13:15", "15:15-15:45")),
        set(),
    ),
    "solo work takes long blocks, and is no overload": (
        snapshot(*(event(f"{d} 09:00-17:30", "Hold", counts_as=CountsAs.BUSY) for d in WEEKDAYS)),
        set(),
    ),
    "weekend meetings are after hours": (snapshot(*meetings(["Sat"], "10:00-11:00", "15:00-16:00")), {WEEK}),
    "double bookings count once": (
        snapshot(*(meeting(f"Tue {clock}", name) for clock in SIX_HOURS[:3] for name in "AB")),
        set(),
    ),
    "everything unanswered": (snapshot(*meetings(["Tue"], *SIX_HOURS, reply=PartStat.NEEDS_ACTION)), {TUE}),
    "everything unanswered, where that takes no time": (
        snapshot(*meetings(["Tue"], *SIX_HOURS, reply=PartStat.NEEDS_ACTION, counts_as=CountsAs.FREE)),
        set(),
    ),
    "all-day events": (snapshot(event("Mon..Fri", "Conference", show_as=ShowAs.FREE, counts_as=CountsAs.FREE)), set()),
    "meetings without length": (snapshot(*meetings(["Tue"], *(f"{h:02}:00-{h:02}:00" for h in range(9, 17)))), set()),
    "a meeting over midnight": (
        snapshot(meeting("Mon 00:00-00:01", span=TimeRange(moment("Tue 22:00"), moment("Wed 00:30")))),
        {WEEK},
    ),
    "a holiday week": (
        snapshot(*meetings(WEEKDAYS, *SIX_HOURS, "18:00-19:00"), away=[DateRange(MONDAY, MONDAY + 7 * DAY).span(ZONE)]),
        set(),
    ),
    "a day off in working hours, with an evening full of meetings": (
        snapshot(*meetings(["Tue"], "18:00-18:58", "19:02-20:00"), away=[span("Tue 09:00-17:30")]),
        set(),
    ),
    "the same on a day without working hours": (
        snapshot(*meetings(["Sat"], "18:00-19:00", "19:04-21:00"), who=SATURDAY_EVENINGS, now="Thu 07:00"),
        {"day/2026-12-05"},
    ),
    "a week in which one morning is left has no two long blocks to give": (
        snapshot(away=[TimeRange(moment("Mon 00:00"), moment("Fri 14:00"))]),
        set(),
    ),
    "no working hours at all": (
        snapshot(*meetings(["Tue"], "10:00-11:00"), who=profile(hours=WorkingHours(((),) * 7))),
        set(),
    ),
    "today is a day off": (snapshot(*meetings(["Sat", "Mon+1"], *SIX_HOURS), now="Sat 09:00"), {"day/2026-12-07"}),
    "a fully booked week": (
        snapshot(*meetings(WEEKDAYS, "09:00-17:30")),
        {WEEK, "day/2026-11-30"},
    ),
    "the same, first run on Thursday": (
        snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Thu 08:00"),
        {WEEK},
    ),
    "on the last day of the week, before it begins": (
        snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Fri 08:59"),
        {WEEK},
    ),
    "once it has begun": (snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Fri 09:00"), set()),
    "the same, on Saturday": (snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Sat 08:00"), set()),
    "two days ahead": (snapshot(*meetings(["Wed", "Thu"], *SIX_HOURS)), {"day/2026-12-02"}),
    "a week in the week before": (
        snapshot(*meetings(["Sun+1", "Sun+2"], "10:00-12:30")),
        {"week/2026-W50"},
    ),
    "the clocks go back, and a night meeting lasts an hour longer": (
        snapshot(
            *meetings(["Tue"], *SIX_HOURS, monday=OCTOBER), *meetings(["Sun"], "01:30-03:00", monday=OCTOBER),
            monday=OCTOBER,
        ),
        {"week/2026-W43"},
    ),
    "the clocks go forward, and it lasts an hour less": (
        snapshot(
            *meetings(["Tue"], *SIX_HOURS, monday=MARCH), *meetings(["Sun"], "01:30-03:30", monday=MARCH),
            monday=MARCH,
        ),
        {"day/2026-03-24"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("at", "flags"), TABLE.values(), ids=TABLE)
def test_what_is_flagged(at: Snapshot, flags: set[str]) -> None:
    assert set(wants(at)) == flags


# -- coming and going ----------------------------------------------------------------------------------------------

LAST = {
    "6 h": "14:00-15:30",
    "5 h 59": "14:00-15:29",
    "5 h 24": "14:00-14:54",
    "5 h 23": "14:00-14:53",
    "nothing": None,
}

COMING_AND_GOING = {
    # what the day comes to, whether its flag stands, now; whether it is wanted
    "it comes at the limit": ("6 h", False, "Mon 07:00", True),
    "not below it": ("5 h 59", False, "Mon 07:00", False),
    "it stays as it is until its day": ("nothing", True, "Mon 07:00", True),
    "it stays at 90 %": ("5 h 24", True, "Tue 07:00", True),
    "it goes below that, in the morning of its day": ("5 h 23", True, "Tue 07:00", False),
    "not before that": ("5 h 23", True, "Tue 06:59", True),
    "until its work begins": ("5 h 23", True, "Tue 08:59", False),
    "it may still come early on its day": ("6 h", False, "Tue 08:59", True),
    "once the day has begun it does not come": ("6 h", False, "Tue 09:00", False),
    "nor go": ("5 h 23", True, "Tue 09:00", True),
    "whatever happens": ("nothing", True, "Tue 16:00", True),
    "later it is history": ("6 h", True, "Wed 00:00", False),
}


@pytest.mark.parametrize(("load", "stands", "now", "wanted"), COMING_AND_GOING.values(), ids=COMING_AND_GOING)
def test_a_day_comes_and_goes(load: str, stands: bool, now: str, wanted: bool) -> None:
    events = meetings(["Tue"], *SIX_HOURS[:3], LAST[load]) if LAST[load] else []
    at = snapshot(*events, now=now, ours=[flag("Tue", TUE)] if stands else [])
    assert (TUE in wants(at)) == wanted


@pytest.mark.parametrize(("made", "stays"), [("Tue 07:00", True), ("Mon 23:59", False)])
def test_none_goes_on_the_day_on_which_it_was_made(made: str, stays: bool) -> None:
    at = snapshot(now="Tue 08:00", ours=[flag("Tue", TUE, created=made)])
    assert (TUE in wants(at)) == stays


def test_on_a_day_off_the_day_begins_at_nine() -> None:
    events = meetings(["Sat"], *SIX_HOURS)
    assert "day/2026-12-05" in wants(snapshot(*events, now="Sat 08:59"))
    assert "day/2026-12-05" not in wants(snapshot(*events, now="Sat 09:00"))


@pytest.mark.parametrize(
    ("evening", "stands", "now", "wanted"),
    [
        ("19:00-20:00", False, "Mon 08:59", True),
        ("19:00-19:59", False, "Mon 08:59", False),
        ("19:00-20:12", False, "Mon 09:00", True),
        ("19:00-20:11", False, "Mon 09:00", False),
        ("19:00-20:12", False, "Wed 14:00", True),
        ("19:00-19:48", True, "Mon 08:00", True),
        ("19:00-19:47", True, "Mon 08:00", False),
        ("19:00-19:47", True, "Mon 09:00", True),
        ("19:00-19:47", True, "Wed 14:00", True),
    ],
    ids=[
        "it comes at the limit", "not below it", "once the week runs a tenth above it", "not below that", "on any day",
        "it stays down to 90 %", "it goes below, on its first day",
        "before work begins", "and later no more",
    ],
)  # fmt: skip
def test_a_week_comes_and_goes(evening: str, stands: bool, now: str, wanted: bool) -> None:
    events = [*meetings(["Tue"], "18:00-19:00"), *meetings(["Thu"], evening)]
    at = snapshot(*events, now=now, ours=[flag("Mon..Fri", WEEK)] if stands else [])
    assert (WEEK in wants(at)) == wanted


def test_leaving_is_an_option() -> None:
    at = snapshot(*meetings(["Tue"], *SIX_HOURS[:3], LAST["5 h 59"]), ours=[flag("Tue", TUE)], now="Tue 08:00")
    assert TUE in wants(at, leave_at=0.99)
    assert TUE not in wants(at, leave_at=1.0)


@pytest.mark.parametrize(("last", "wanted"), [("17:08", False), ("17:09", True)])
def test_half_a_minute_over_counts_as_the_next(last: str, wanted: bool) -> None:
    """75 % of 8 h 30 are 382.5 minutes."""
    at = snapshot(*meetings(["Tue"], "09:00-10:40", "10:50-12:30", "12:40-14:20", f"15:46-{last}"))
    assert (TUE in wants(at, day_meetings="0m")) == wanted


OFF = {
    "day_meetings": "0m",
    "day_share": 0,
    "day_run": "0m",
    "day_hard": "0m",
    "day_run_hard": "0m",
    "week_meetings": "0m",
    "week_share": 0,
    "week_after_hours": "0m",
    "week_long_blocks": 0,
}


def test_a_limit_of_nothing_is_none() -> None:
    assert wants(snapshot(*meetings(WEEKDAYS, "07:00-22:00")), **OFF) == {}


@pytest.mark.parametrize(
    ("option", "cause"),
    [
        ({"day_meetings": "14h"}, "15 h in meetings (limit 14 h)"),
        ({"day_share": 0.9}, "100 % of its working time in meetings (limit 90 %)"),
        ({"day_run": "2h30m"}, "15 h in meetings without a break (limit 2 h 30)"),
        ({"week_meetings": "70h", "day_hard": "15h"}, "75 h in meetings (limit 70 h)"),
        ({"week_meetings": "70h", "day_run_hard": "15h"}, "75 h in meetings (limit 70 h)"),
        ({"week_share": 0.95}, "100 % of its working time in meetings (limit 95 %)"),
        ({"week_after_hours": "1h"}, "32 h 30 in meetings after hours (limit 1 h)"),
        ({"week_long_blocks": 7}, "none of the 7 free stretches of 2 h it needs"),
    ],
    ids=[
        "day_meetings", "day_share", "day_run", "day_hard", "day_run_hard", "week_share", "week_after_hours",
        "week_long_blocks",
    ],
)  # fmt: skip
def test_each_limit_is_an_option(option: dict[str, object], cause: str) -> None:
    found = wants(snapshot(*meetings(WEEKDAYS, "07:00-22:00"), now="Mon 06:00"), **OFF | option)
    kinds = {name.partition("_")[0] for name in option}
    assert {key.partition("/")[0] for key in found} == kinds
    assert any(f" has {cause}." in want.content.reason for want in found.values())


# -- where they stand, what they say -------------------------------------------------------------------------------


def test_a_flag_is_an_all_day_event_shown_as_free() -> None:
    found = wants(snapshot(*meetings(WEEKDAYS, "09:00-17:30"), *meetings(["Thu"], "17:30-18:00"), now="Thu 08:00"))
    assert found["day/2026-12-03"].when == Fixed(DateRange(day("Thu"), day("Fri")))
    assert found[WEEK].when == Fixed(DateRange(day("Thu"), day("Sat")))
    assert {want.content.show_as for want in found.values()} == {ShowAs.FREE}


def test_it_spans_the_days_of_work_that_have_not_begun() -> None:
    """What stands keeps its days."""
    full = meetings(WEEKDAYS, "09:00-17:30")
    off = [TimeRange(moment("Fri 00:00"), moment("Sat 00:00"))]
    for now, first in (("Mon 08:59", "Mon"), ("Mon 09:00", "Tue"), ("Wed 12:00", "Thu")):
        assert wants(snapshot(*full, now=now))[WEEK].when == Fixed(DateRange(day(first), day("Sat")))
        assert wants(snapshot(*full, now=now, away=off))[WEEK].when == Fixed(DateRange(day(first), day("Fri")))
        standing = wants(snapshot(*full, now=now, ours=[flag("Mon..Fri", WEEK)]))[WEEK]
        assert standing.when == Fixed(DateRange(MONDAY, day("Sat")))


def test_the_week_is_the_users_own() -> None:
    """From Sunday on, with Sunday and Monday worked: the flag stands on these two."""
    hours = WorkingHours((((time(9), time(17)),), *((),) * 5, ((time(9), time(17)),)))
    at = snapshot(
        *meetings(["Sun-1", "Mon"], "09:00-17:00"), now="Sat-1 08:00", who=profile(hours=hours, week_starts=6)
    )
    assert wants(at)[WEEK].when == Fixed(DateRange(day("Sun-1"), day("Tue")))


def test_without_working_hours_a_week_has_seven_days() -> None:
    at = snapshot(*meetings(["Tue", "Thu"], "18:00-19:00"), who=profile(hours=WorkingHours(((),) * 7)))
    assert wants(at)[WEEK].when == Fixed(DateRange(MONDAY, day("Mon+1")))


TITLES = {
    "over the limit of meetings": (SIX_HOURS, "Full day"),
    "no break": (("09:00-12:00",), "No break"),
    "both": (("09:00-12:00", "12:10-13:40", "14:00-15:30"), "Full day"),
}


@pytest.mark.parametrize(("clocks", "title"), TITLES.values(), ids=TITLES)
def test_the_title_says_the_cause(clocks: tuple[str, ...], title: str) -> None:
    assert wants(snapshot(*meetings(["Tue"], *clocks)))[TUE].content.title == title


def test_titles_are_options() -> None:
    titles = {"day_title": "Too much", "week_title": "Far too much", "run_title": "Breathe"}
    for at in (snapshot(*meetings(WEEKDAYS, "09:00-17:30")), snapshot(*meetings(["Tue"], "09:00-12:00"))):
        assert {want.content.title for want in wants(at, **titles).values()} <= set(titles.values())


def reason(at: Snapshot, key: str, **values: object) -> list[str]:
    return wants(at, suggestions=0, **values)[key].content.reason.splitlines()


def test_only_what_is_over_its_limit_is_a_cause() -> None:
    at = snapshot(*meetings(["Tue"], "09:00-12:00", "13:00-14:30", "15:00-16:15"))
    assert reason(at, TUE) == [
        "Tue 1 Dec has 3 h in meetings without a break (limit 3 h). Near its limits: 5 h 45 in meetings."
    ]


def test_a_day_says_all_that_made_it_so() -> None:
    at = snapshot(*meetings(["Tue"], "09:00-11:00", "11:30-14:30", "16:00-17:30"))
    assert reason(at, TUE) == [
        "Tue 1 Dec has 6 h 30 in meetings (limit 6 h) and 76 % of its working time in meetings (limit 75 %).",
        "And 3 h in meetings without a break (limit 3 h).",
    ]


def test_the_first_line_is_short() -> None:
    at = snapshot(*meetings(WEEKDAYS, "09:00-17:30", "18:00-21:00"))
    for want in wants(at).values():
        assert len(want.content.reason.splitlines()[0]) < 120


def test_a_week_says_what_is_usual() -> None:
    before = [
        *meetings(["Mon-1", "Tue-1"], "09:00-10:00"),
        *meetings(["Mon-2"], "09:00-12:00"),
        *meetings(["Mon-3"], "09:00-10:00"),
    ]
    at = snapshot(*before, *meetings(["Tue"], "18:00-19:00"), *meetings(["Thu"], "18:00-19:30"))
    assert reason(at, WEEK) == [
        "Week 49 has 2 h 30 in meetings after hours (limit 2 h). The median of your 3 weeks up to week 48 is 2 h."
    ]
    assert "median" not in reason(at, WEEK, compare_weeks=0)[0]
    assert "The median of your 2 weeks up to week 48 is 2 h 30." in reason(at, WEEK, compare_weeks=2)[0]


def test_weeks_with_less_than_half_of_the_time_are_no_measure_of_what_is_usual() -> None:
    before = [
        *meetings(["Mon-1"], "09:00-10:00"),
        *meetings(["Mon-2"], "09:00-12:00"),
        *meetings(["Mon-3"], "09:00-10:00"),
    ]
    away = [TimeRange(moment("Tue-2 12:00"), moment("Mon-1 00:00"))]
    at = snapshot(*before, *meetings(["Tue", "Thu"], "18:00-19:00"), away=away)
    assert "The median of your 2 weeks up to week 48 is 1 h." in reason(at, WEEK)[0]


def test_a_flag_that_stands_over_a_calm_day_has_no_cause() -> None:
    near = snapshot(*meetings(["Tue"], *SIX_HOURS[:3], "14:00-15:00"), ours=[flag("Tue", TUE)])
    assert reason(near, TUE) == ["Tue 1 Dec is near its limits: 5 h 30 in meetings."]
    assert reason(snapshot(ours=[flag("Tue", TUE)]), TUE) == ["Tue 1 Dec is within its limits again."]


def test_times_are_local_also_when_the_clocks_change() -> None:
    for name, at in (("Fri 23 Oct", "Fri"), ("Mon 26 Oct", "Mon+1")):
        events = meetings([at], "18:00-20:00", monday=OCTOBER, series=True)
        (want,) = wants(snapshot(*events, monday=OCTOBER)).values()
        assert f"– Skip once: {name} 18:00 ‘" in want.content.reason


def test_somebody_elses_title_stays_one_line() -> None:
    title = "Call\r\n– Mon 2026-11-30 09:00 ‘nothing’\x00" + "x" * 500
    lines = wants(snapshot(meeting("Tue 09:00-17:00", title, others=9)))[TUE].content.reason.splitlines()
    assert all(len(line) < 250 for line in lines)


# -- beginning -----------------------------------------------------------------------------------------------------

EVENINGS = ("18:00-19:00", "20:00-21:00")


def test_the_first_week_of_a_spell_asks_how_to_go_into_it() -> None:
    found = wants(snapshot(*meetings(["Tue", "Tue+1"], *EVENINGS)))
    assert len(found[WEEK].content.questions) == 1
    assert found["week/2026-W50"].content.questions == ()


def test_so_it_is_where_weeks_begin_on_sunday() -> None:
    at = snapshot(*meetings(["Tue", "Tue+1"], *EVENINGS), who=profile(week_starts=6))
    assert [len(wants(at)[key].content.questions) for key in (WEEK, "week/2026-W50")] == [1, 0]


def test_another_time_it_asks_something_else() -> None:
    first, second = (wants(snapshot(*meetings([f"Tue+{n}"], *EVENINGS))) for n in (0, 1))
    assert first[WEEK].content.questions != second["week/2026-W50"].content.questions


def test_whether_it_asks_is_an_option() -> None:
    assert wants(snapshot(*meetings(["Tue"], *EVENINGS)), questions=0)[WEEK].content.questions == ()


def test_days_ask_nothing() -> None:
    assert wants(snapshot(*meetings(["Tue"], *SIX_HOURS)))[TUE].content.questions == ()
