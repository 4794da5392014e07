"""Which days and weeks are flagged, when the flags come and go, what they say, and what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time

import msgspec
import pytest

from daemon.model import words
from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import decode
from daemon.model.proposal import Fixed, Flexible, Level, Want, text_of
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, WorkingHours
from making import MONDAY, ZONE, day, event, meeting, moment, own, profile, snapshot, span
from policies.overload.policy import POLICY, OverloadOptions, propose

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
OCTOBER, MARCH = date(2026, 10, 19), date(2026, 3, 23)
TUE, WED, WEEK = "day/2026-12-01", "day/2026-12-02", "week/2026-W49"
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


def flag(when: str, key: str) -> OwnEvent:
    """A flag that stands."""
    return own(when, POLICY, key, title="Overloaded")


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
    "a run of 2 h": (snapshot(*meetings(["Tue"], "09:00-10:00", "10:04-11:00")), {TUE}),
    "with a break of 5 minutes": (snapshot(*meetings(["Tue"], "09:00-10:00", "10:05-11:00")), set()),
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
        {TUE, WEEK},
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
        snapshot(*meetings(["Sat"], "18:00-18:58", "19:02-20:00")),
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
    "today is a day off": (snapshot(*meetings(["Sat", "Mon+1"], *SIX_HOURS), now="Sat 08:00"), {"day/2026-12-07"}),
    "a fully booked week": (
        snapshot(*meetings(WEEKDAYS, "09:00-17:30")),
        {WEEK, "day/2026-11-30", TUE, WED, "day/2026-12-03", "day/2026-12-04"},
    ),
    "the same, first run on Thursday": (
        snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Thu 08:00"),
        {WEEK, "day/2026-12-03", "day/2026-12-04"},
    ),
    "the same, on Saturday": (snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Sat 08:00"), set()),
    "as far ahead as the window goes": (
        snapshot(*meetings(["Sun+2", "Mon+3"], "10:00-12:30")),
        {"day/2026-12-20", "week/2026-W51"},
    ),
    "the clocks go back, and a night meeting lasts an hour longer": (
        snapshot(
            *meetings(["Tue"], *SIX_HOURS, monday=OCTOBER), *meetings(["Sun"], "01:30-03:00", monday=OCTOBER),
            monday=OCTOBER,
        ),
        {"day/2026-10-20", "day/2026-10-25", "week/2026-W43"},
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

HYSTERESIS = {
    # what the day comes to, whether its flag stands, now; whether it is wanted
    "it comes at the limit": ("6 h", False, "Mon 07:00", True),
    "not below it": ("5 h 59", False, "Mon 07:00", False),
    "it stays down to 90 %": ("5 h 24", True, "Mon 07:00", True),
    "it goes below": ("5 h 23", True, "Mon 07:00", False),
    "it may still come early on its day": ("6 h", False, "Tue 08:59", True),
    "and go": ("5 h 23", True, "Tue 08:59", False),
    "once the day has begun it does not come": ("6 h", False, "Tue 09:00", False),
    "nor go": ("5 h 23", True, "Tue 09:00", True),
    "whatever happens": ("nothing", True, "Tue 16:00", True),
    "later it is history": ("6 h", True, "Wed 00:00", False),
}


@pytest.mark.parametrize(("load", "stands", "now", "wanted"), HYSTERESIS.values(), ids=HYSTERESIS)
def test_a_day_comes_and_goes(load: str, stands: bool, now: str, wanted: bool) -> None:
    events = meetings(["Tue"], *SIX_HOURS[:3], LAST[load]) if LAST[load] else []
    at = snapshot(*events, now=now, ours=[flag("Tue", TUE)] if stands else [])
    assert (TUE in wants(at)) == wanted


def test_on_a_day_off_the_day_begins_at_midnight() -> None:
    events = meetings(["Sat"], *SIX_HOURS)
    assert "day/2026-12-05" in wants(snapshot(*events, now="Fri 23:59"))
    assert "day/2026-12-05" not in wants(snapshot(*events, now="Sat 00:00"))


@pytest.mark.parametrize(
    ("evening", "stands", "wanted"),
    [
        ("19:00-20:00", False, True),
        ("19:00-19:59", False, False),
        ("19:00-19:48", True, True),
        ("19:00-19:47", True, False),
    ],
    ids=["it comes at the limit", "not below it", "it stays down to 90 %", "it goes below"],
)
def test_a_week_comes_and_goes_on_any_day(evening: str, stands: bool, wanted: bool) -> None:
    events = [*meetings(["Tue"], "18:00-19:00"), *meetings(["Thu"], evening)]
    at = snapshot(*events, now="Wed 14:00", ours=[flag("Mon..Fri", WEEK)] if stands else [])
    assert (WEEK in wants(at)) == wanted


def test_leaving_is_an_option() -> None:
    at = snapshot(*meetings(["Tue"], *SIX_HOURS[:3], LAST["5 h 59"]), ours=[flag("Tue", TUE)])
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
        ({"week_meetings": "70h"}, "75 h in meetings (limit 70 h)"),
        ({"week_share": 0.95}, "100 % of its working time in meetings (limit 95 %)"),
        ({"week_after_hours": "1h"}, "32 h 30 in meetings after hours (limit 1 h)"),
        ({"week_long_blocks": 7}, "0 of the 7 free stretches of 2 h that it needs"),
    ],
    ids=["day_meetings", "day_share", "day_run", "week_meetings", "week_share", "week_after_hours", "week_long_blocks"],
)
def test_each_limit_is_an_option(option: dict[str, object], cause: str) -> None:
    found = wants(snapshot(*meetings(WEEKDAYS, "07:00-22:00")), **OFF | option)
    kind = next(iter(option)).partition("_")[0]
    assert {key.partition("/")[0] for key in found} == {kind}
    assert all(f" has {cause}." in want.content.reason for want in found.values())


# -- where they stand, what they say -------------------------------------------------------------------------------


def test_a_flag_is_an_all_day_event_shown_as_free() -> None:
    found = wants(snapshot(*meetings(WEEKDAYS, "09:00-17:30"), now="Thu 08:00"))
    assert found["day/2026-12-03"].when == Fixed(DateRange(day("Thu"), day("Fri")))
    assert found[WEEK].when == Fixed(DateRange(MONDAY, day("Sat")))
    assert {want.content.show_as for want in found.values()} == {ShowAs.FREE}
    assert {want.content.title for want in found.values()} == {"Overloaded day", "Overloaded week"}


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


def test_titles_are_options() -> None:
    at = snapshot(*meetings(WEEKDAYS, "09:00-17:30"))
    found = wants(at, day_title="Too much", week_title="Far too much")
    assert {want.content.title for want in found.values()} == {"Too much", "Far too much"}


def test_a_day_says_what_made_it_so_and_the_way_out() -> None:
    events = [
        meeting("Tue 09:00-11:00", "Planning"),
        meeting("Tue 11:30-14:30", "Workshop", others=9),
        meeting("Tue 16:00-17:30", "Staff"),
    ]
    assert wants(snapshot(*events))[TUE].content.reason.splitlines() == [
        (
            "Tue 1 Dec has 6 h 30 in meetings (limit 6 h), 76 % of its working time in meetings (limit 75 %) "
            "and 3 h in meetings without a break (limit 2 h)."
        ),
        "",
        "Within its limits again without 2 meetings. Drop, shorten or hand over:",
        "– Tue 1 Dec 11:30 ‘Workshop’, 3 h, frees 5 h for focus",
        "– Tue 1 Dec 09:00 ‘Planning’, 2 h, frees 2 h 30 for focus",
    ]


def test_a_week_says_the_same_and_what_is_usual() -> None:
    before = [
        *meetings(["Mon-1", "Tue-1"], "09:00-10:00"),
        *meetings(["Mon-2"], "09:00-12:00"),
        *meetings(["Mon-3"], "09:00-10:00"),
    ]
    at = snapshot(*before, *meetings(["Tue"], "18:00-19:00"), *meetings(["Thu"], "18:00-19:30"))
    assert wants(at)[WEEK].content.reason.splitlines() == [
        (
            "Week 2026-W49 has 2 h 30 in meetings after hours (limit 2 h). "
            "The median of the 3 weeks up to 2026-W48 is 2 h."
        ),
        "",
        "Within its limits again without one meeting. Drop, shorten or hand over:",
        "– Tue 1 Dec 18:00 ‘Tue 18:00-19:00’, 1 h",
    ]
    assert "median" not in wants(at, compare_weeks=0)[WEEK].content.reason
    assert "the 2 weeks up to 2026-W48 is 2 h 30" in wants(at, compare_weeks=2)[WEEK].content.reason


def test_weeks_wholly_away_are_no_measure_of_what_is_usual() -> None:
    before = [
        *meetings(["Mon-1"], "09:00-10:00"),
        *meetings(["Mon-2"], "09:00-12:00"),
        *meetings(["Mon-3"], "09:00-10:00"),
    ]
    away = [TimeRange(moment("Mon-2 00:00"), moment("Mon-1 00:00"))]
    at = snapshot(*before, *meetings(["Tue", "Thu"], "18:00-19:00"), away=away)
    assert "The median of the 2 weeks up to 2026-W48 is 1 h." in wants(at)[WEEK].content.reason


@pytest.mark.parametrize(
    "at",
    [
        snapshot(*meetings(WEEKDAYS, "09:00-12:00", "12:30-14:00", "13:00-17:30", "19:00-20:00"), now="Tue 10:00"),
        snapshot(*meetings(["Tue"], "09:00-10:00", "09:30-11:30", "11:00-12:00", "13:00-16:00", "16:00-18:30")),
        snapshot(*meetings(["Sat", "Sun"], "09:00-10:00", "11:00-12:00", "13:30-14:00")),
    ],
    ids=["a full week, in the middle of it", "a day full of double bookings", "a weekend"],
)
def test_without_the_meetings_that_it_names_the_standing_flag_goes(at: Snapshot) -> None:
    """And with any one of them it stays."""
    for key, want in wants(at).items():
        if want.when.when.first <= at.today and key.startswith("day/"):
            continue
        named = re.findall(r"^– (\w{3} \d+ \w{3} \S+) ‘(.*)’, ", want.content.reason, re.MULTILINE)
        gone = [e for e in at.events if (words.moment(e.span.start, ZONE), e.summary) in named]
        assert len(gone) == len(named) > 0
        for kept in (None, *gone):
            left = [e for e in at.events if e is kept or e not in gone]
            after = replace(at, events=tuple(left), ours=(standing(want),))
            assert (key in wants(after)) == (kept is not None)


def test_in_the_middle_of_a_meeting_only_what_is_ahead_is_named() -> None:
    """The first one would be the better choice: without it there would be a long block more."""
    events = meetings(["Tue"], "11:00-13:00", "13:10-15:10", "15:20-17:20")
    early, late = (snapshot(*events, now=now, ours=[flag("Tue", TUE)]) for now in ("Tue 08:00", "Tue 12:00"))
    assert "11:00-13:00" in wants(early)[TUE].content.reason
    assert "11:00-13:00" not in wants(late)[TUE].content.reason
    assert "13:10-15:10" in wants(late)[TUE].content.reason


def test_in_the_middle_of_a_focus_block_nothing_changes() -> None:
    events = [meeting("Tue 14:00-14:30"), event("Tue 09:00-11:00", "Focus", counts_as=CountsAs.FOCUS)]
    assert wants(snapshot(*events, now="Tue 10:00")) == {}


def test_where_all_has_begun_it_says_so() -> None:
    at = snapshot(*meetings(["Tue"], *SIX_HOURS), now="Tue 17:00", ours=[flag("Tue", TUE)])
    assert wants(at)[TUE].content.reason.endswith("\n\nNo meeting is left that could bring it within its limits.")


def test_a_day_that_got_better_says_so() -> None:
    at = snapshot(now="Tue 12:00", ours=[flag("Tue", TUE)])
    assert wants(at)[TUE].content.reason == (
        "Tue 1 Dec is within its limits again. Its flag stays until the day is over."
    )


def test_times_are_local_also_when_the_clocks_change() -> None:
    at = snapshot(*meetings(["Fri", "Mon+1"], "18:00-20:00", monday=OCTOBER), monday=OCTOBER)
    found = wants(at)
    assert "– Fri 23 Oct 18:00 ‘" in found["week/2026-W43"].content.reason
    assert "– Mon 26 Oct 18:00 ‘" in found["week/2026-W44"].content.reason


def test_somebody_elses_title_stays_one_line() -> None:
    title = "Call\r\n– Mon 2026-11-30 09:00 ‘nothing’\x00" + "x" * 500
    (line,) = wants(snapshot(meeting("Tue 09:00-17:00", title)))[TUE].content.reason.splitlines()[3:]
    assert len(line) < 150


# -- beginning and end ---------------------------------------------------------------------------------------------

EVENINGS = ("18:00-19:00", "20:00-21:00")


def test_the_first_of_several_weeks_asks_how_to_go_into_them() -> None:
    found = wants(snapshot(*meetings(["Tue", "Tue+1"], *EVENINGS)))
    assert len(found[WEEK].content.questions) == 2
    assert found["week/2026-W50"].content.questions == ()


def test_after_a_week_that_was_flagged_there_is_nothing_to_ask() -> None:
    at = snapshot(*meetings(["Tue"], *EVENINGS), ours=[flag("Mon-1..Fri-1", "week/2026-W48")])
    assert wants(at)[WEEK].content.questions == ()


def test_so_it_is_where_weeks_begin_on_sunday() -> None:
    at = snapshot(*meetings(["Tue", "Tue+1"], *EVENINGS), who=profile(week_starts=6))
    assert [len(wants(at)[key].content.questions) for key in (WEEK, "week/2026-W50")] == [2, 0]


def test_another_time_it_asks_something_else() -> None:
    first, second = (wants(snapshot(*meetings([f"Tue+{n}"], *EVENINGS)), questions=1) for n in (1, 2))
    assert first["week/2026-W50"].content.questions != second["week/2026-W51"].content.questions


def test_how_many_questions_is_an_option() -> None:
    at = snapshot(*meetings(["Tue"], *EVENINGS))
    assert len(wants(at, questions=3)[WEEK].content.questions) == 3
    assert wants(at, questions=0)[WEEK].content.questions == ()


def test_days_ask_nothing() -> None:
    assert wants(snapshot(*meetings(["Tue"], *SIX_HOURS)))[TUE].content.questions == ()


def looked_back(at: Snapshot, **values: object) -> list[tuple[str, str]]:
    """Key and day of the look back."""
    return [
        (key, f"{want.when.windows[0].start.astimezone(ZONE):%a %H:%M}")
        for key, want in wants(at, **values).items()
        if isinstance(want.when, Flexible)
    ]


W47, W48 = flag("Mon-2..Fri-2", "week/2026-W47"), flag("Mon-1..Fri-1", "week/2026-W48")
LOOKS = {
    "the morning after": (snapshot(ours=[W48]), [("after/2026-W48", "Mon 09:00")]),
    "later that day": (snapshot(ours=[W48], now="Mon 15:00"), [("after/2026-W48", "Mon 09:00")]),
    "not on the day after that": (snapshot(ours=[W48], now="Tue 07:00"), []),
    "the last of several weeks counts": (snapshot(ours=[W47, W48]), [("after/2026-W48", "Mon 09:00")]),
    "an older one has had its own": (snapshot(ours=[W47]), []),
    "before, that week is not over": (snapshot(ours=[W48], now="Sun-1 20:00"), []),
    "this week is one too": (snapshot(*meetings(["Tue"], *EVENINGS), ours=[W48]), []),
    "or was flagged as one, and is near it": (
        snapshot(*meetings(["Tue"], "18:00-19:55"), ours=[W48, flag("Mon..Fri", WEEK)]),
        [],
    ),
    "the next one will be": (snapshot(*meetings(["Tue+1"], *EVENINGS), ours=[W48]), [("after/2026-W48", "Mon 09:00")]),
    "after days away": (
        snapshot(ours=[W48], away=[TimeRange(moment("Sat-1 00:00"), moment("Wed 12:00"))]),
        [("after/2026-W48", "Wed 12:00")],
    ),
    "after a week away": (
        snapshot(ours=[W47], away=[TimeRange(moment("Sat-2 00:00"), moment("Mon 00:00"))]),
        [("after/2026-W47", "Mon 09:00")],
    ),
    "no flag": (snapshot(*meetings(["Tue-1"], *EVENINGS)), []),
}


@pytest.mark.parametrize(("at", "expected"), LOOKS.values(), ids=LOOKS)
def test_the_look_back(at: Snapshot, expected: list[tuple[str, str]]) -> None:
    assert looked_back(at) == expected


def test_what_the_look_back_says() -> None:
    want = wants(snapshot(*meetings(["Tue-1"], *EVENINGS), ours=[W48]))["after/2026-W48"]
    assert want.content.title == "After the overload"
    assert want.content.reason == (
        "Week 2026-W48 was overloaded: 2 h in meetings after hours (limit 2 h). "
        "A moment to see what made it so and what prevents the next."
    )
    assert (want.when.minutes, want.when.late, want.level, len(want.content.questions)) == (15, False, Level.REVIEW, 2)
    begins = wants(snapshot(*meetings(["Tue"], *EVENINGS)))[WEEK]
    assert set(want.content.questions).isdisjoint(begins.content.questions)


def test_a_past_week_that_got_better_has_no_figures_to_show() -> None:
    assert wants(snapshot(ours=[W48]))["after/2026-W48"].content.reason.startswith(
        "Week 2026-W48 was overloaded. A moment"
    )


def test_the_look_back_is_an_option() -> None:
    at = snapshot(ours=[W48])
    assert wants(at, look_back="20m")["after/2026-W48"].when.minutes == 20
    assert wants(at, look_back="0m") == {}
    assert wants(at, look_back_title="Why?")["after/2026-W48"].content.title == "Why?"
    with pytest.raises(msgspec.ValidationError, match="look_back = 4m: a slot takes 5m to 4h"):
        options(look_back="4m")


# -- rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [at for at, _ in [*TABLE.values(), *LOOKS.values()]], ids=[*TABLE, *LOOKS])
def test_asked_again_it_wants_the_same(at: Snapshot) -> None:
    """Also once what it wanted stands."""
    first = propose(at, OverloadOptions())
    assert propose(at, OverloadOptions()) == first
    ours = {o.mark.key: o for o in (*at.ours, *map(standing, first))}
    assert propose(replace(at, ours=tuple(ours.values())), OverloadOptions()) == first


@pytest.mark.parametrize("at", [at for at, _ in TABLE.values()], ids=TABLE)
def test_no_text_holds_a_relative_time(at: Snapshot) -> None:
    for want in propose(at, OverloadOptions()):
        assert not re.search(
            r"\b(today|tomorrow|yesterday|this week|next week|last week|ago)\b", text_of(want.content), re.IGNORECASE
        )
