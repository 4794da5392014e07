"""The way out: which meetings are named, what is to be done about each, and whether that is enough."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from daemon.model.event import Attendee, Event, PartStat
from daemon.model.figures.measure import day_minutes
from daemon.model.profile import Lunch
from daemon.model.snapshot import Snapshot
from making import ME, day, event, meeting, profile, snapshot
from policies.overload.options import OverloadOptions
from policies.overload.relief import frees
from policies.overload.spans import Span, day_span, week_span
from policies.overload.way_out import WayOut, advice, way_out

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
GUEST = Attendee("eve@elsewhere.net", "Eve", PartStat.ACCEPTED)
BEN = Attendee("ben@example.com", "Ben", PartStat.ACCEPTED)
GROUPS = {"reports": frozenset({"p1@example.com"}), "boss": frozenset({"boss@example.com"})}
WE = profile(internal=frozenset({"example.com"}), groups=GROUPS)


def options(**values: object) -> OverloadOptions:
    return OverloadOptions(**{"messages": False, **values})  # type: ignore[arg-type]  # a table of keyword arguments


def of_day(at: Snapshot, name: str = "Tue", **values: object) -> tuple[WayOut | None, Span]:
    span = day_span(options(**values), *day_minutes(at, (day(name),)))
    return way_out(at, options(**values), span), span


def of_week(at: Snapshot, **values: object) -> WayOut | None:
    return way_out(at, options(**values), week_span(at, options(**values), at.this_week))


def named(found: WayOut | None) -> list[tuple[str, str]]:
    return [(w.verb, w.event.summary) for w in found.ways] if found else []


# -- one verb ------------------------------------------------------------------------------------------------------

VERBS: Mapping[str, tuple[Event, str]] = {
    "I am optional": (meeting("Tue 09:00-15:00", optional=True), "decline"),
    "eight people": (meeting("Tue 09:00-15:00", others=7), "decline"),
    "seven, in a series": (meeting("Tue 09:00-15:00", others=6, series=True), "skip"),
    "a series of mine": (meeting("Tue 09:00-15:00", mine=True, series=True), "shorten"),
    "eight people, mine": (meeting("Tue 09:00-15:00", mine=True, others=7), "shorten"),
    "a single one with my delegate": (
        meeting("Tue 09:00-15:00", attendees=(Attendee(ME, "Ada", PartStat.ACCEPTED), BEN)),
        "hand_over",
    ),
    "single, somebody else's": (meeting("Tue 09:00-15:00"), ""),
}


@pytest.mark.parametrize(("one", "verb"), VERBS.values(), ids=VERBS)
def test_the_first_verb_that_fits(one: Event, verb: str) -> None:
    found, _ = of_day(snapshot(one), delegates=(BEN.address,))
    assert [w.verb.value for w in found.ways if found] == [verb] if verb else found is None


@pytest.mark.parametrize(("minutes", "half"), [("45", 25), ("60", 30), ("75", 40), ("90", 45)])
def test_half_of_a_meeting_is_a_multiple_of_five(minutes: str, half: int) -> None:
    hours, rest = divmod(9 * 60 + int(minutes), 60)
    at = snapshot(meeting(f"Tue 09:00-{hours:02}:{rest:02}", mine=True))
    found, _ = of_day(at, day_meetings=45)
    assert found
    assert [(w.verb.value, w.keeps) for w in found.ways] == [("shorten", half)]


def test_under_45_minutes_a_meeting_of_mine_is_not_cut() -> None:
    assert of_day(snapshot(meeting("Tue 09:00-09:44", mine=True)), day_meetings=30)[0] is None


MOVES = {
    # what else there is; where it moves to
    "beside another meeting": ([meeting("Wed 10:00-11:00", others=1)], "Wed 2 Dec 09:00"),
    "not where there is none": ([], None),
    "after it, where before it there is something": (
        [meeting("Wed 10:00-11:00", others=1), event("Wed 09:30-10:00")],
        "Wed 2 Dec 11:00",
    ),
    "on a day that stays calm": ([meeting("Wed 09:00-16:30"), meeting("Thu 10:00-11:00")], "Thu 3 Dec 09:00"),
    "not over noon": ([meeting("Wed 13:00-14:00", others=1), event("Wed 14:00-15:00")], None),
    "not after work": ([meeting("Wed 16:00-17:30", others=1), event("Wed 15:00-16:00")], None),
    "within a week": ([meeting("Tue+1 10:00-11:00")], "Tue 8 Dec 09:00"),
    "not later": ([meeting("Wed+1 10:00-11:00")], None),
}


@pytest.mark.parametrize(("others", "slot"), MOVES.values(), ids=MOVES)
def test_where_it_moves_to(others: list[Event], slot: str | None) -> None:
    """Beside it stands a meeting of 8 h, for which there is no room elsewhere."""
    at = snapshot(meeting("Tue 08:30-09:30", "Vendor"), meeting("Tue 09:30-17:30"), *others, who=profile(lunch=Lunch()))
    limits = {"day_meetings": 540, "day_run": 0, "day_share": 0}
    text = advice(at, options(**limits), of_day(at, **limits)[1])
    expected = f"– Move to {slot}: Tue 1 Dec 08:30 ‘Vendor’, 1 h"
    assert text.splitlines() == (["One change clears it:", expected] if slot else [])


def test_a_move_inside_a_week_is_no_less_of_it() -> None:
    """But it is where it was after hours."""
    full = [meeting(f"{name} {clock}") for name in WEEKDAYS for clock in ("09:00-11:00", "13:00-15:00")]
    assert of_week(snapshot(*full)) is None
    late = [meeting("Tue 18:00-19:00", "A"), meeting("Thu 18:00-19:00", "B"), meeting("Wed 10:00-11:00", "C", others=1)]
    found = of_week(snapshot(*late))
    assert named(found) == [("move", "A")]


# -- which ---------------------------------------------------------------------------------------------------------


def series(when: str, title: str, **more: object) -> Event:
    return meeting(when, title, series=True, **more)


def test_a_week_of_meetings_that_others_count_on() -> None:
    """21 h, of it five one-to-ones with reports and a panel: none of these six."""
    kept = [
        *(series(f"{name} 09:00-10:00", "1:1", others=1) for name in WEEKDAYS),
        series("Mon 10:10-11:10", "Hiring panel", organizer="p2@example.com"),
    ]
    others = [
        series(f"{name} {clock}", f"{name} sync", organizer="p2@example.com")
        for name in WEEKDAYS for clock in ("11:20-12:20", "13:00-14:00", "14:10-15:10")
    ]  # fmt: skip
    found = of_week(snapshot(*kept, *others, who=WE))
    assert found
    assert len(found.ways) == 3
    assert all("sync" in title for _, title in named(found))


def full_week() -> list[Event]:
    """26 h of series of others."""
    clocks = ("09:00-10:00", "10:40-11:40", "12:00-13:00", "13:40-14:20", "15:00-16:00", "16:30-17:10")
    return [series(f"{name} {clock}", f"{name} {clock}", others=5) for name in WEEKDAYS for clock in clocks]


PROTECTED: Mapping[str, Event] = {
    "a one-to-one with a report": series("Tue 09:00-12:00", "1:1", others=1),
    "an interview": series("Tue 09:00-12:00", "Vorstellungsgespräch: Backend"),
    "an incident": series("Tue 09:00-12:00", "Incident review"),
    "a guest": series("Tue 09:00-12:00", "Renewal", attendees=(Attendee(ME, "Ada", PartStat.ACCEPTED), GUEST)),
    "all-hands": series("Tue 09:00-12:00", "All-hands", others=30),
    "the board": series("Tue 09:00-12:00", "Board prep"),
    "calibration": series("Tue 09:00-12:00", "Performance calibration"),
    "what the boss calls": series("Tue 09:00-12:00", "Quarter planning", organizer="boss@example.com"),
    "an escalation": series("Tue 09:00-12:00", "Escalation: Northwind"),
    "what says so": meeting("Tue 09:00-12:00", "Mine", mine=True, description="Never without me. #keep"),
    "what the config names": series("Tue 09:00-12:00", "Choir"),
}


@pytest.mark.parametrize("one", PROTECTED.values(), ids=PROTECTED)
def test_what_is_left_alone_unless_nothing_else_helps(one: Event) -> None:
    other = [series(f"Tue {c}", "Sync", organizer="p2@example.com") for c in ("12:30-14:00", "14:30-16:00")]
    assert {title for _, title in named(of_day(snapshot(one, *other, who=WE), protect=("choir",))[0])} == {"Sync"}
    alone = of_day(snapshot(one, who=WE), day_meetings=180, protect=("choir",))[0]
    assert [title for _, title in named(alone)] == [one.summary]


def test_only_what_lowers_a_figure_that_is_broken() -> None:
    """A run of 3 h; the meeting after it is longer and would give back more."""
    events = [series("Tue 09:00-10:30", "A"), series("Tue 10:30-12:00", "B"), series("Tue 14:00-16:30", "C")]
    found, _ = of_day(snapshot(*events))
    assert found
    assert found.clears
    assert {title for _, title in named(found)} <= {"A", "B"}


def test_by_the_focus_that_they_free() -> None:
    at = snapshot(*full_week())
    found, days = of_week(at), day_minutes(at, at.this_week.days)
    assert found
    gains = [frees(days, e) for e in at.events]
    assert [frees(days, w.event) for w in found.ways] == sorted(gains, reverse=True)[:3]


def test_what_has_begun_is_past_advice() -> None:
    events = [series("Tue 09:00-12:00", "A"), series("Tue 12:10-14:00", "B"), series("Tue 14:10-16:00", "C")]
    early, late = (of_day(snapshot(*events, now=now))[0] for now in ("Tue 08:00", "Tue 12:30"))
    assert "A" in {title for _, title in named(early)}
    assert {title for _, title in named(late)} == {"C"}
    assert of_day(snapshot(*events, now="Tue 15:00"))[0] is None


# -- words ---------------------------------------------------------------------------------------------------------


def test_where_three_are_not_enough_it_says_what_it_takes() -> None:
    at = snapshot(*full_week())
    lines = advice(at, options(), week_span(at, options(), at.this_week)).splitlines()
    found = of_week(at)
    assert found
    assert lines[0].startswith(f"Clearing it takes {found.takes} changes; these 3 give back ")
    assert len(lines) == 4


def test_where_no_set_is_enough_it_says_so() -> None:
    fixed = [meeting(f"Tue {clock}") for clock in ("09:00-12:00", "13:00-16:00")]
    at = snapshot(*fixed, series("Tue 16:10-17:10", "Sync"))
    assert advice(at, options(), of_day(at)[1]).splitlines() == [
        "No set of changes clears it; what helps most:",
        "– Skip once: Tue 1 Dec 16:10 ‘Sync’, 1 h",
    ]


def test_each_names_verb_day_local_time_and_what_it_gives() -> None:
    events = [
        meeting("Tue 09:45-10:15", "Sync\nwith\tAda", optional=True), series("Tue 19:00-20:30", ""),
        event("Tue 11:00-17:30"), meeting("Tue 06:00-07:00", "Early", mine=True),
    ]  # fmt: skip
    at = snapshot(*events)
    chosen = options(day_meetings=1)
    assert advice(at, chosen, of_day(at, day_meetings=1)[1]).splitlines() == [
        "No set of changes clears it; these 3 give back 2 h for focus:",
        "– Decline: Tue 1 Dec 09:45 ‘Sync with Ada’, 30 min, frees 2 h for focus",
        "– Skip once: Tue 1 Dec 19:00 ‘(no title)’, 1 h 30",
        "– Shorten to 30 min: Tue 1 Dec 06:00 ‘Early’, 1 h",
    ]


def test_how_many_is_an_option() -> None:
    assert len(named(of_week(snapshot(*full_week()), suggestions=5))) == 5
    assert of_week(snapshot(*full_week()), suggestions=0) is None


# -- messages ------------------------------------------------------------------------------------------------------

MESSAGES: Mapping[str, tuple[Event, str]] = {
    "decline": (
        meeting("Tue 09:00-15:00", "Staff", optional=True, organizer_name="Dana Lee"),
        "Hi Dana, I'll skip ‘Staff’ on Tue 1 Dec 09:00 and read the notes. Tell me if you need me for one point.",
    ),
    "skip once": (
        meeting("Tue 09:00-15:00", "Staff", series=True),
        "Hi there, this week I'd rather not come to ‘Staff’; is anything on the list that needs me?",
    ),
    "hand over": (
        meeting("Tue 09:00-15:00", "Staff", attendees=(Attendee(ME, "Ada", PartStat.ACCEPTED), BEN)),
        "Ben will speak for us in ‘Staff’.",
    ),
    "shorten": (
        meeting("Tue 09:00-15:00", "Staff", mine=True),
        "Let's try ‘Staff’ in 3 h; I'll send the question ahead.",
    ),
}


@pytest.mark.parametrize(("one", "text"), MESSAGES.values(), ids=MESSAGES)
def test_each_has_a_message_ready_to_copy(one: Event, text: str) -> None:
    chosen = {"delegates": (BEN.address.upper(),)}
    at = snapshot(one)
    span = of_day(at, **chosen)[1]
    assert advice(at, options(messages=True, **chosen), span).splitlines()[2:] == [text]
    assert len(advice(at, options(**chosen), span).splitlines()) == 2


def test_a_move_names_the_time_and_words_of_the_user_come_first() -> None:
    who = profile(courtesy={"move": "{title}: {slot}?"})
    at = snapshot(
        meeting("Tue 18:00-19:00", "A"), meeting("Thu 18:00-19:00"), meeting("Wed 10:00-11:00", others=1), who=who
    )
    text = advice(at, options(messages=True), week_span(at, options(), at.this_week))
    assert "\n‘A’: Wed 2 Dec 09:00?" in text
