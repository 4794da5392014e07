"""Which slots for reflection there are, when they are, and what they ask, given the calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import decode
from daemon.model.profile import Profile
from daemon.model.proposal import Flexible, Level, Want, text_of
from daemon.model.snapshot import GivenUp, OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, WorkingHours, local_day
from making import DAYS, ZONE, day, event, meeting, moment, own, profile, snapshot, span
from policies.questions.evidence import matches
from policies.questions.prompts import Evidence, Prompt, library
from policies.reflection import ReflectionOptions, propose

CHRISTMAS = date(2026, 12, 21)
AROUND_NEW_YEAR = (
    "2026-12-24", "2026-12-25", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07", "2027-01-08",
)  # fmt: skip
THU, FRI = "day/2026-12-03", "day/2026-12-04"
WEEK = "week/2026-W49"
FULL_DAY = ((time(9), time(17, 30)),)


def options(**values: object) -> ReflectionOptions:
    """As the config file says it."""
    return msgspec.convert(values, ReflectionOptions, dec_hook=decode)


def wants(at: Snapshot, **values: object) -> dict[str, Want]:
    return {want.key: want for want in propose(at, options(**values))}


def days_of(found: dict[str, Want], kind: str) -> list[str]:
    """'2026-W49 Fri 04 Dec' for each want of a kind."""
    out = []
    for key, want in found.items():
        if key.startswith(f"{kind}/"):
            (on,) = {local_day(w.start, ZONE) for w in want.when.windows}
            out.append(f"{key.partition('/')[2]} {on:%a %d %b}")
    return out


def clocks(want: Want) -> list[str]:
    return [f"{w.start.astimezone(ZONE):%a %H:%M}-{w.end.astimezone(ZONE):%H:%M}" for w in want.when.windows]


def called(want: Want) -> dict[str, str]:
    """The kinds of evidence that its questions are about, each with what the question names."""
    found = (
        (prompt, re.fullmatch(_pattern(prompt), q, re.DOTALL)) for q in want.content.questions for prompt in EVIDENT
    )
    return {prompt.evidence.value: "".join(match.groups()) for prompt, match in found if match}


def said(answers: dict[str, str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Answers as the snapshot has them; another policy's under the same keys are nobody's business."""
    theirs = {("overload", key): ("of another policy",) for key in answers}
    return theirs | {("reflection", key): tuple(text.split("\f")) for key, text in answers.items()}


EVIDENT = [prompt for prompt in library() if prompt.evidence is not Evidence.ALWAYS]


def _pattern(prompt: Prompt) -> str:
    return re.escape(prompt.text).replace(r"\{event\}", "(.+)", 1).replace(r"\{answers\}", "(.+)")


# -- which slots there are, and when -------------------------------------------------------------------------


def test_a_fortnight_from_monday_has_a_journal_each_day_a_review_each_week_and_one_of_the_month() -> None:
    found = wants(snapshot())
    assert len(days_of(found, "day")) == 15
    assert days_of(found, "week") == ["2026-W49 Fri 04 Dec", "2026-W50 Fri 11 Dec", "2026-W51 Fri 18 Dec"]
    assert days_of(found, "month") == ["2026-11 Mon 30 Nov"]
    assert days_of(found, "quarter") == []
    assert len(found) == 19


def test_a_journal_is_ten_minutes_as_late_as_can_be_in_the_last_ninety_with_three_questions() -> None:
    want = wants(snapshot())[THU]
    assert isinstance(want.when, Flexible)
    assert (want.policy, want.level, want.calendar) == ("reflection", Level.REVIEW, None)
    assert (want.when.minutes, want.when.late, clocks(want)) == (10, True, ["Thu 16:00-17:30"])
    assert (want.content.title, want.content.show_as, want.content.reminder) == ("Journal", ShowAs.FREE, None)
    assert len(want.content.questions) == 3


def test_a_weekly_review_is_twenty_five_minutes_with_five_questions() -> None:
    want = wants(snapshot())[WEEK]
    assert (want.when.minutes, clocks(want)) == (25, ["Fri 13:30-17:30"])
    assert len(want.content.questions) == 5


@pytest.mark.parametrize(
    ("values", "gone"),
    [
        ({"daily": False}, {"day"}),
        ({"weekly": False}, {"week"}),
        ({"monthly": False}, {"month"}),
        ({"quarterly": False}, {"quarter"}),
        ({"daily": False, "weekly": False, "monthly": False, "quarterly": False}, {"day", "week", "month", "quarter"}),
    ],
    ids=["daily", "weekly", "monthly", "quarterly", "all"],
)
def test_each_can_be_switched_off(values: dict[str, object], gone: set[str]) -> None:
    found = wants(snapshot(now="Mon+3 07:00"), **values)
    assert {key.partition("/")[0] for key in found} == {"day", "week", "month", "quarter"} - gone


def test_every_number_is_an_option() -> None:
    found = wants(
        snapshot(),
        daily_length="20m", daily_within="1h", daily_questions=1, weekly_length="1h", weekly_day="wed",
        review_within="2h", review_questions=2, monthly_length="50m", show_as="tentative",
    )  # fmt: skip
    assert (found[THU].when.minutes, clocks(found[THU])) == (20, ["Thu 16:30-17:30"])
    assert len(found[THU].content.questions) == 1
    assert (found[WEEK].when.minutes, clocks(found[WEEK])) == (60, ["Wed 15:30-17:30"])
    assert len(found[WEEK].content.questions) == 2
    assert found["month/2026-11"].when.minutes == 50
    assert found[WEEK].content.show_as is ShowAs.TENTATIVE


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"daily_length": "0m"}, "daily_length = 0m: a slot takes 5m to 4h"),
        ({"weekly_length": "5h"}, "weekly_length = 5h"),
        ({"monthly_length": "1m"}, "monthly_length"),
        ({"quarterly_length": "9h"}, "quarterly_length"),
        ({"weekly_day": "friday"}, "friday"),
        ({"daily_questions": 0}, "daily_questions"),
        ({"overloaded_share": 75}, "overloaded_share"),
        ({"quiet_share": -1}, "quiet_share"),
        ({"daly": True}, "daly"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=re.escape(said)):
        options(**values)


def test_every_option_is_explained() -> None:
    shared = {"enabled", "calendar"}
    for field in msgspec.inspect.type_info(ReflectionOptions).fields:
        explained = field.type.extra_json_schema if isinstance(field.type, msgspec.inspect.Metadata) else None
        assert field.name in shared or explained["description"].endswith("."), field.name


# -- the calendars of other people's lives -------------------------------------------------------------------


def test_an_empty_calendar_has_slots_and_questions_like_any_other() -> None:
    found = wants(snapshot())
    assert all(len(want.content.questions) in (3, 5) for want in found.values())
    assert all(called(want) == {} for key, want in found.items() if key != WEEK)


def test_a_holiday_week_has_no_slot_and_the_month_is_reviewed_before_it() -> None:
    off = event("Mon+1..Sun+1", "Holidays", counts_as=CountsAs.AWAY, monday=CHRISTMAS)
    found = wants(snapshot(off, now="Thu 07:00", away=[off.span], monday=CHRISTMAS))
    assert days_of(found, "day") == [f"{d} {d:%a %d %b}" for d in map(date.fromisoformat, AROUND_NEW_YEAR)]
    assert days_of(found, "week") == ["2026-W52 Fri 25 Dec", "2027-W01 Fri 08 Jan"]
    assert days_of(found, "month") == ["2026-12 Fri 25 Dec"]
    assert days_of(found, "quarter") == ["2026-Q4 Fri 25 Dec"]


def test_no_working_hours_on_the_day_means_no_slot_on_it() -> None:
    found = wants(snapshot(now="Sat 08:00"))
    assert days_of(found, "day")[0] == "2026-12-07 Mon 07 Dec"
    assert days_of(found, "week")[0] == "2026-W50 Fri 11 Dec"


def test_no_working_hours_at_all_mean_no_slot_at_all() -> None:
    assert wants(snapshot(who=profile(hours=WorkingHours(((),) * 7)))) == {}


def test_a_fully_booked_week_still_wants_its_slots() -> None:
    found = wants(snapshot(*(meeting(f"{d} 09:00-17:30", "Sync") for d in DAYS[:5])))
    assert len(days_of(found, "day")) == 15
    assert called(found[THU]) == {"overloaded_day": "Thu 3 Dec 09:00 ‘Sync’"}


def test_an_unanswered_week_asks_about_answers_and_nothing_else() -> None:
    titles = ("Vendor escalation", "Incident review", "Board", "Architecture review", "Tom")
    found = wants(
        snapshot(
            *(
                meeting(f"{d} 18:00-19:00", title, others=1, reply=PartStat.NEEDS_ACTION)
                for d, title in zip(DAYS, titles, strict=False)
            )
        )
    )
    assert called(found[THU]) == {"unanswered": "Thu 3 Dec 18:00 ‘Architecture review’"}
    assert called(found[WEEK]) == {"unanswered": "Mon 30 Nov 18:00 ‘Vendor escalation’", "quiet_week": ""}


def test_a_first_run_on_a_thursday_wants_nothing_of_the_days_before() -> None:
    found = wants(snapshot(now="Thu 09:00"))
    assert days_of(found, "day")[:2] == ["2026-12-03 Thu 03 Dec", "2026-12-04 Fri 04 Dec"]
    assert days_of(found, "week")[0] == "2026-W49 Fri 04 Dec"
    assert days_of(found, "month") == []


def test_half_a_day_away_ends_the_day_at_noon() -> None:
    found = wants(snapshot(away=[span("Thu 12:00-18:00")]))
    assert clocks(found[THU]) == ["Thu 10:30-12:00"]


def test_working_time_in_pieces_is_counted_back_from_the_end() -> None:
    hours = WorkingHours((((time(9), time(12)), (time(13), time(14))),) * 5 + ((),) * 2)
    assert clocks(wants(snapshot(who=profile(hours=hours)))[THU]) == ["Thu 11:30-12:00", "Thu 13:00-14:00"]


def test_a_piece_that_is_too_short_is_no_place() -> None:
    hours = WorkingHours((((time(9), time(12)), (time(13), time(13, 5))),) * 5 + ((),) * 2)
    assert clocks(wants(snapshot(who=profile(hours=hours)))[THU]) == ["Thu 10:35-12:00"]


def test_the_part_of_the_day_is_never_shorter_than_the_slot() -> None:
    assert clocks(wants(snapshot(), daily_within="5m")[THU]) == ["Thu 17:20-17:30"]


@pytest.mark.parametrize(
    ("monday", "now", "key", "expected"),
    [
        (date(2026, 10, 19), "Mon 07:00", "day/2026-10-25", "2026-10-25 01:30+00:00 2026-10-25 03:00+00:00"),
        (date(2026, 10, 19), "Mon 07:00", "day/2026-10-24", "2026-10-24 00:30+00:00 2026-10-24 02:00+00:00"),
        (date(2027, 3, 22), "Mon 07:00", "day/2027-03-28", "2027-03-28 00:30+00:00 2027-03-28 02:00+00:00"),
    ],
    ids=["clocks go back", "the day before", "clocks go forward"],
)
def test_the_last_ninety_minutes_are_elapsed_minutes_on_days_with_a_dst_change(
    monday: date, now: str, key: str, expected: str
) -> None:
    hours = WorkingHours((((time(0), time(4)),),) * 7)
    (window,) = wants(snapshot(now=now, monday=monday, who=profile(hours=hours)))[key].when.windows
    assert f"{window.start:%Y-%m-%d %H:%M+00:00} {window.end:%Y-%m-%d %H:%M+00:00}" == expected
    assert window.minutes == 90


# -- now -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wanted"),
    [("Thu 07:00", True), ("Thu 16:30", True), ("Thu 17:20", True), ("Thu 17:21", False), ("Thu 23:00", False)],
)
def test_the_slot_of_the_day_is_wanted_while_it_still_fits(now: str, wanted: bool) -> None:
    assert (THU in wants(snapshot(now=now))) is wanted


@pytest.mark.parametrize("now", ["Thu 17:21", "Thu 17:25", "Thu 23:00"])
def test_a_slot_that_stands_is_wanted_until_its_day_is_over(now: str) -> None:
    standing = own("Thu 17:20-17:30", "reflection", THU, title="Journal")
    assert THU in wants(snapshot(now=now, ours=[standing]))
    assert THU not in wants(snapshot(now="Fri 00:00", ours=[standing]))


def test_a_standing_slot_goes_when_its_day_is_away() -> None:
    standing = own("Thu 17:20-17:30", "reflection", THU, title="Journal")
    assert THU not in wants(snapshot(ours=[standing], away=[span("Thu 00:00-23:00")]))


# -- the day of a review -------------------------------------------------------------------------------------

MON_TO_THU = WorkingHours((FULL_DAY,) * 4 + ((),) * 3)
SUN_TO_THU = WorkingHours((FULL_DAY,) * 4 + ((), (), FULL_DAY))


@pytest.mark.parametrize(
    ("who", "away", "values", "expected"),
    [
        pytest.param(profile(), [], {}, "2026-W49 Fri 04 Dec", id="Friday"),
        pytest.param(profile(hours=MON_TO_THU), [], {}, "2026-W49 Thu 03 Dec", id="Friday is no working day"),
        pytest.param(profile(), ["Fri 00:00-23:00"], {}, "2026-W49 Thu 03 Dec", id="Friday is away"),
        pytest.param(profile(), [], {"weekly_day": "wed"}, "2026-W49 Wed 02 Dec", id="by Wednesday"),
        pytest.param(profile(week_starts=6), [], {}, "2026-W49 Fri 04 Dec", id="weeks from Sunday"),
        pytest.param(
            profile(week_starts=6, hours=SUN_TO_THU), [], {}, "2026-W49 Thu 03 Dec", id="Sunday to Thursday"
        ),
        pytest.param(
            profile(week_starts=6, hours=SUN_TO_THU), [], {"weekly_day": "sun"}, "2026-W50 Sun 06 Dec",
            id="by Sunday, where weeks start with it",
        ),
    ],
)  # fmt: skip
def test_the_week_is_reviewed_on_its_last_working_day_up_to_friday(
    who: Profile, away: list[str], values: dict[str, object], expected: str
) -> None:
    at = snapshot(now="Mon 07:00", who=who, away=[span(a) for a in away])
    assert days_of(wants(at, **values), "week")[0] == expected


@pytest.mark.parametrize(
    ("monday", "now", "month", "quarter"),
    [
        pytest.param(date(2026, 10, 26), "Mon 07:00", ["2026-10 Fri 30 Oct"], [], id="month ends on a Saturday"),
        pytest.param(date(2026, 10, 26), "Sat 07:00", [], [], id="and on that Saturday it is over"),
        pytest.param(
            date(2026, 12, 28), "Mon 07:00", ["2026-12 Thu 31 Dec"], ["2026-Q4 Thu 31 Dec"], id="quarter ends"
        ),
        pytest.param(date(2026, 12, 28), "Thu 17:00", ["2026-12 Thu 31 Dec"], [], id="no room left for 45 minutes"),
        pytest.param(date(2027, 1, 4), "Mon 07:00", [], [], id="end of the month is beyond the window"),
        pytest.param(date(2027, 2, 22), "Mon 07:00", ["2027-02 Fri 26 Feb"], [], id="month ends on a Sunday"),
    ],
)
def test_months_and_quarters_are_reviewed_on_their_last_working_day(
    monday: date, now: str, month: list[str], quarter: list[str]
) -> None:
    found = wants(snapshot(now=now, monday=monday))
    assert days_of(found, "month") == month
    assert days_of(found, "quarter") == quarter


# -- evidence ------------------------------------------------------------------------------------------------

FOCUS = own("Thu 09:00-11:00", created="Mon 08:00")
OF_FRIDAY = own("Fri 09:00-11:00", key="2026-W49/5")
FLAG = own("Thu", "overload", THU, title="Overloaded", created="Wed 08:00")
LATER = "Thu 12:00"


def two(a: Snapshot, b: Snapshot, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the same slot asks about in two calendars; their questions must differ."""
    left, right = wants(a)[key], wants(b)[key]
    assert left.content.questions != right.content.questions
    return called(left), called(right)


@pytest.mark.parametrize("key", [THU, WEEK])
@pytest.mark.parametrize(
    ("plain", "telling", "kind"),
    [
        (meeting("Thu 09:00-10:00", "Vendor sync"), meeting("Thu 09:00-10:00", "Vendor escalation"), "tense_meeting"),
        (meeting("Thu 09:00-10:00", "Sync"), meeting("Thu 09:00-10:00", "Incident review"), "incident"),
        (meeting("Thu 09:00-10:00", "Sync"), meeting("Thu 09:00-10:00", "Go/no-go 4.2"), "decision_meeting"),
        (meeting("Thu 09:00-10:00", "Onboarding"), meeting("Thu 09:00-10:00", "Board: budget"), "high_stakes"),
        (meeting("Thu 09:00-10:00", "Tom"), meeting("Thu 09:00-10:00", "Tom", others=1), "one_on_one"),
        (meeting("Thu 16:30-17:30"), meeting("Thu 16:30-17:31"), "after_hours"),
        (meeting("Thu 09:00-10:00"), meeting("Thu 09:00-10:00", reply=PartStat.NEEDS_ACTION), "unanswered"),
        (meeting("Thu 09:00-15:00"), meeting("Thu 09:00-15:30"), "overloaded_day"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_one_fact_more_asks_another_question_that_names_its_event(
    key: str, plain: Event, telling: Event, kind: str
) -> None:
    before, after = two(snapshot(plain), snapshot(telling), key)
    start = telling.span.start.astimezone(ZONE)
    assert kind not in before
    assert after[kind] == f"Thu 3 Dec {start:%H:%M} ‘{telling.summary}’"


@pytest.mark.parametrize("key", [THU, WEEK])
@pytest.mark.parametrize(
    ("plain", "telling", "kind", "about"),
    [
        pytest.param(
            snapshot(meeting("Thu 12:00-13:00"), now=LATER),
            snapshot(meeting("Thu 12:00-13:00"), now=LATER, ours=[FLAG]),
            "overloaded_day", "Thu 3 Dec 12:00 ‘Meeting’", id="a flag stands on the day",
        ),
        pytest.param(
            snapshot(meeting("Thu 11:00-12:00"), now=LATER, ours=[FOCUS]),
            snapshot(meeting("Thu 10:30-12:00"), now=LATER, ours=[FOCUS]),
            "failed_plan", "Thu 3 Dec 09:00 ‘Focus’", id="a focus block was booked over",
        ),
        pytest.param(
            snapshot(now=LATER),
            snapshot(now=LATER, skips=[Skip("focus", "2026-W49/4", day("Thu"), 120)]),
            "failed_plan", "Thursday’s focus block", id="a focus block was deleted",
        ),
        pytest.param(
            snapshot(event("Thu 09:00-10:00", "Busy"), now=LATER),
            snapshot(
                event("Thu 09:00-10:00", "Deep work", counts_as=CountsAs.FOCUS), meeting("Thu 09:30-10:00"), now=LATER
            ),
            "failed_plan", "Thu 3 Dec 09:00 ‘Deep work’", id="a focus block made by hand was booked over",
        ),
    ],
)  # fmt: skip
def test_history_that_went_otherwise_asks_another_question(
    key: str, plain: Snapshot, telling: Snapshot, kind: str, about: str
) -> None:
    before, after = two(plain, telling, key)
    assert kind not in before
    assert after[kind] == about


@pytest.mark.parametrize(
    ("plain", "telling", "kind", "about"),
    [
        pytest.param(
            snapshot(*(meeting(f"{d} 09:00-11:00") for d in DAYS[:5])),
            snapshot(*(meeting(f"{d} 09:00-10:30") for d in DAYS[:5])),
            "quiet_week", "", id="a quiet week",
        ),
        pytest.param(
            snapshot(meeting("Thu 10:00-11:00"), now="Fri 07:00", ours=[FOCUS]),
            snapshot(meeting("Thu 09:00-11:00"), now="Fri 07:00", ours=[FOCUS]),
            "no_focus_kept", "Thu 3 Dec 09:00 ‘Focus’", id="no focus kept",
        ),
        pytest.param(
            snapshot(meeting("Thu 10:00-11:00"), now="Fri 07:00", ours=[FOCUS, OF_FRIDAY]),
            snapshot(meeting("Thu 09:00-11:00"), now="Fri 07:00", ours=[FOCUS, OF_FRIDAY]),
            "no_focus_kept", "Thu 3 Dec 09:00 ‘Focus’", id="no focus kept before the day of the review",
        ),
        pytest.param(
            snapshot(now="Fri 07:00"),
            replace(
                snapshot(now="Fri 07:00"),
                answers=said({THU: "Said no\nto Tom. ", "day/2026-11-26": "x", FRI: " "}),
            ),
            "answered", "Thu 3 Dec: “Said no to Tom.”", id="the user's own answers",
        ),
        pytest.param(
            snapshot(now="Fri 07:00"),
            replace(snapshot(now="Fri 07:00"), answers=said({THU: "Said no.\fAsk Tom.\f#done", FRI: "#pin #done."})),
            "answered", "Thu 3 Dec: “Said no.”\nThu 3 Dec: “Ask Tom.”",
            id="two of their answers are two lines, and an order is none",
        ),
    ],
)  # fmt: skip
def test_the_week_as_a_whole_asks_another_question(plain: Snapshot, telling: Snapshot, kind: str, about: str) -> None:
    before, after = two(plain, telling, WEEK)
    assert kind not in before
    assert after[kind] == about


@pytest.mark.parametrize(
    ("at", "absent"),
    [
        pytest.param(snapshot(now=LATER, ours=[FLAG]), "overloaded_day", id="a flag without a meeting to name"),
        pytest.param(
            snapshot(meeting("Thu 12:00-13:00"), now=LATER, ours=[own("Thu", "overload", THU, created="Thu 08:00")]),
            "overloaded_day", id="a flag raised on the very day",
        ),
        pytest.param(
            snapshot(meeting("Thu 12:00-13:00"), now=LATER, ours=[own("Wed", "overload", "day/2026-12-02")]),
            "overloaded_day", id="a flag on another day",
        ),
        pytest.param(
            snapshot(meeting("Thu 10:30-12:00"), now="Wed 12:00", ours=[FOCUS]),
            "failed_plan", id="a focus block ahead is booked over, and may yet be moved",
        ),
        pytest.param(
            snapshot(skips=[Skip("reflection", THU, day("Thu"), 10)]),
            "failed_plan", id="a journal slot was deleted",
        ),
        pytest.param(
            snapshot(skips=[Skip("focus", "2026-W49/3", day("Wed"), 120)]),
            "failed_plan", id="a focus block of another day was deleted",
        ),
        pytest.param(
            snapshot(meeting("Thu 09:00-10:00", "Escalation"), away=[span("Thu 08:00-12:00")]),
            "tense_meeting", id="a meeting while away",
        ),
        pytest.param(
            snapshot(meeting("Wed 09:00-10:00", "Escalation")), "tense_meeting", id="a meeting of another day"
        ),
        pytest.param(
            snapshot(meeting("Thu 09:00-10:00", "Escalation", reply=PartStat.DECLINED)),
            "tense_meeting", id="a declined meeting",
        ),
        pytest.param(
            snapshot(meeting("Thu 09:00-10:00", "Escalation", others=1)),
            "one_on_one", id="two people with something more telling to talk about",
        ),
        pytest.param(snapshot(event("Thu 09:00-10:00", "Escalation notes")), "tense_meeting", id="a note to oneself"),
    ],
)  # fmt: skip
def test_what_is_no_evidence_for_the_day(at: Snapshot, absent: str) -> None:
    assert absent not in called(wants(at)[THU])


@pytest.mark.parametrize("now", ["Mon 07:00", "Thu 16:00"])
def test_focus_is_judged_and_answers_are_quoted_on_the_day_of_the_review_only(now: str) -> None:
    lost = [own("Mon 09:00-10:00", key="2026-W49/1")]
    at = snapshot(meeting("Mon 09:00-10:00"), now=now, ours=lost)
    answered = replace(at, answers=said({"day/2026-11-30": "No."}))
    assert {"no_focus_kept", "answered"}.isdisjoint(called(wants(answered)[WEEK]))


def test_a_meeting_on_a_day_off_is_outside_working_hours() -> None:
    assert called(wants(snapshot(meeting("Sat 10:00-11:00")))[WEEK])["after_hours"] == "Sat 5 Dec 10:00 ‘Meeting’"


def test_a_week_ahead_is_not_quiet_it_has_yet_to_fill_up() -> None:
    found = wants(snapshot())
    assert "quiet_week" in called(found[WEEK])
    assert called(found["week/2026-W50"]) == {}


def test_the_most_telling_evidence_wins() -> None:
    at = snapshot(
        meeting("Thu 09:00-10:00", "Tom", others=1),
        meeting("Thu 10:00-11:00", "RFC 12"),
        meeting("Thu 11:00-12:00", "Customer council"),
        meeting("Thu 12:00-13:00", "Outage"),
        meeting("Thu 13:00-14:00", "Conflict in the team"),
        meeting("Thu 18:00-19:00", "Late sync"),
    )
    assert list(called(wants(at)[THU])) == ["tense_meeting", "incident", "decision_meeting"]
    assert set(called(wants(at, daily_questions=10)[THU])) == {
        "tense_meeting", "incident", "decision_meeting", "high_stakes", "after_hours", "one_on_one",
    }  # fmt: skip


def test_the_longest_meeting_of_a_kind_is_asked_about_then_the_first() -> None:
    at = snapshot(
        meeting("Thu 09:00-10:00", "Escalation A"),
        meeting("Thu 11:00-12:30", "Escalation B"),
        meeting("Thu 13:00-14:30", "Escalation C"),
    )
    assert called(wants(at)[THU])["tense_meeting"] == "Thu 3 Dec 11:00 ‘Escalation B’"


def test_titles_that_tell_are_options() -> None:
    at = snapshot(meeting("Thu 09:00-10:00", "Grillage d'équipe"))
    title = "Grillage d\N{MODIFIER LETTER APOSTROPHE}équipe"
    assert called(wants(at, tense_titles=["GRILL*"])[THU]) == {"tense_meeting": f"Thu 3 Dec 09:00 ‘{title}’"}
    assert called(wants(at, tense_titles=[])[THU]) == {}


@pytest.mark.parametrize(
    ("title", "pattern", "fits"),
    [
        ("Board: Q4", "board", True),
        ("Onboarding", "board", False),
        ("Onboarding", "*board*", True),
        ("ESCALATED: vendor", "escalat*", True),
        ("Go/No-Go", "go/no-go", True),
        ("(RFC-12)", "rfc*", True),
        ("1:1 with Tom", "1:1*", True),
        ("Talk with Tom", "*with tom", True),
        ("SEV2 bridge", "sev[0-9]", True),
        ("Several topics", "sev[0-9]", False),
        ("", "board", False),
    ],
)
def test_a_pattern_fits_the_title_or_one_of_its_words(title: str, pattern: str, fits: bool) -> None:
    assert matches(title, (pattern,)) is fits
    assert matches(title, ("nonsense", pattern)) is fits


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Escalation", "Escalation"),
        ("Escalation\r\nDTEND:20261203\t\x00!", "Escalation DTEND:20261203 !"),
        ("Escalation \u202etxt.exe \ud800", "Escalation txt.exe \ufffd"),
        ("Escalation " + "x" * 80, "Escalation " + "x" * 48 + "…"),
        ("Escalation {event} %s", "Escalation {event} %s"),
        ("Escalation 👩\u200d💻", "Escalation 👩\u200d💻"),
    ],
)
def test_titles_of_others_are_shown_on_one_line_and_cut(title: str, shown: str) -> None:
    found = called(wants(snapshot(meeting("Thu 09:00-10:00", title)))[THU])
    assert found == {"tense_meeting": f"Thu 3 Dec 09:00 ‘{shown}’"}


def test_a_meeting_without_a_title_can_be_named() -> None:
    found = called(wants(snapshot(meeting("Thu 09:00-10:00", "\u200b", others=1)))[THU])
    assert found == {"one_on_one": "Thu 3 Dec 09:00 ‘(no title)’"}


# -- what else a review says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        pytest.param(
            snapshot(), "A look back at week 49. Meetings take 0 min (0 %) of its working time.", id="no meetings"
        ),
        pytest.param(
            snapshot(meeting("Mon 09:00-12:00"), meeting("Wed 10:00-18:30")),
            "A look back at week 49. Meetings take 10 h 30 (25 %) of its working time, and 1 h outside it.",
            id="past and future meetings as they are booked",
        ),
        pytest.param(
            snapshot(meeting("Thu 10:00-12:00"), now="Thu 07:00", ours=[FOCUS]),
            "A look back at week 49. Meetings take 2 h (5 %) of its working time.",
            id="no focus before the day of the review",
        ),
        pytest.param(
            snapshot(meeting("Thu 10:00-12:00"), now="Fri 07:00", ours=[FOCUS, OF_FRIDAY]),
            "A look back at week 49. Meetings take 2 h (5 %) of its working time. Focus kept before Friday: 1 h of 2 h."
            " Meetings took 1 h; most of all ‘Meeting’, 1 h.",
            id="focus on the day of the review",
        ),
        pytest.param(
            snapshot(now="Fri 12:00", ours=[FOCUS, OF_FRIDAY]),
            "A look back at week 49. Meetings take 0 min (0 %) of its working time."
            " Focus kept before Friday: 2 h of 2 h.",
            id="what came on that day is left for later: the text stands all day",
        ),
        pytest.param(
            replace(
                snapshot(meeting("Wed 10:00-11:00", "Vendor"), now="Fri 07:00", ours=[FOCUS]),
                given_up=(GivenUp(key="2026-W49/1", when=span("Wed 09:00-11:00"), left=moment("Tue 12:00")),),
            ),
            "A look back at week 49. Meetings take 1 h (2 %) of its working time. Focus kept before Friday: 2 h of 2 h."
            " Meetings took 1 h, of which 1 h came back; most of all ‘Vendor’, 1 h.",
            id="a block that had to move",
        ),
    ],
)
def test_a_weekly_review_brings_the_figures_of_the_week(at: Snapshot, reason: str) -> None:
    assert wants(at)[WEEK].content.reason == reason


def test_weeks_ahead_have_no_figures_yet() -> None:
    assert wants(snapshot(meeting("Mon+1 09:00-12:00")))["week/2026-W50"].content.reason == "A look back at week 50."


def test_the_other_slots_say_why_they_are_there() -> None:
    found = wants(snapshot(now="Mon 07:00", monday=date(2026, 12, 28)))
    assert found["day/2026-12-31"].content.reason == "A few lines at the end of Thursday, while it is fresh."
    assert found["month/2026-12"].content.reason.startswith("A look back at December 2026,")
    assert found["quarter/2026-Q4"].content.reason.startswith("A look back at Q4 2026,")


def test_months_and_quarters_bring_the_answers_of_their_parts_back() -> None:
    at = replace(
        snapshot(now="Thu 07:00", monday=date(2026, 12, 28)),
        answers=said({
            "week/2026-W48": "of November", "week/2026-W49": "One", "week/2026-W51": "Three", "month/2026-10": "Oct",
            "month/2026-09": "of Q3", THU: "a day",
        }),
    )  # fmt: skip
    found = wants(at)
    assert called(found["month/2026-12"]) == {"answered": "2026-W49: “One”\n2026-W51: “Three”"}
    assert called(found["quarter/2026-Q4"]) == {"answered": "2026-10: “Oct”"}


def test_a_week_belongs_to_the_month_in_which_its_middle_lies() -> None:
    answers = {f"week/2026-W{n}": f"W{n}" for n in range(43, 51)}
    (answered,) = called(wants(replace(snapshot(), answers=said(answers)))["month/2026-11"]).values()
    assert [line[:8] for line in answered.splitlines()] == ["2026-W45", "2026-W46", "2026-W47", "2026-W48"]


@pytest.mark.parametrize(
    ("now", "key", "later", "next_key"),
    [
        ("Wed 07:00", "day/2026-12-02", "Wed 07:00", THU),
        ("Wed 07:00", "day/2026-12-04", "Wed 07:00", "day/2026-12-07"),
        ("Mon+1 07:00", "week/2026-W50", "Mon+1 07:00", "week/2026-W51"),
        ("Mon 07:00", "month/2026-11", "Mon+4 07:00", "month/2026-12"),
        ("Mon-9 07:00", "quarter/2026-Q3", "Mon+4 07:00", "quarter/2026-Q4"),
    ],
    ids=["days", "over a weekend", "weeks", "months", "quarters"],
)
def test_a_slot_does_not_repeat_what_the_one_before_it_asked(now: str, key: str, later: str, next_key: str) -> None:
    busy = [meeting(f"{d}+1 09:00-12:00") for d in DAYS[:5]]
    first, second = wants(snapshot(*busy, now=now))[key], wants(snapshot(*busy, now=later))[next_key]
    assert not set(first.content.questions) & set(second.content.questions)


# -- coming to rest ------------------------------------------------------------------------------------------

TITLES = st.sampled_from(["Sync", "Escalation", "Incident", "Board", "RFC 1", "Performance"])


@st.composite
def calendars(draw: st.DrawFn) -> Snapshot:
    """Some meetings of this and the coming week, at a moment of this one."""
    starts = st.tuples(st.sampled_from(DAYS), st.sampled_from(["", "+1"]), st.integers(8, 18), st.integers(1, 3))
    meetings = [
        meeting(
            f"{d}{week} {hour:02}:00-{hour + hours:02}:00", draw(TITLES), uid=str(n), others=draw(st.integers(1, 2))
        )
        for n, (d, week, hour, hours) in enumerate(draw(st.lists(starts, max_size=12)))
    ]
    now = moment("Mon 00:00") + draw(st.integers(0, 7 * 24 * 60 - 1)) * timedelta(minutes=1)
    return snapshot(*meetings, now=now)


def placed(own_event: OwnEvent, when: TimeRange, at: Snapshot) -> OwnEvent:
    """It, created at the moment of the run."""
    return replace(own_event, event=structs.replace(own_event.event, span=when, created=at.now))


@given(at=calendars())
def test_what_a_run_makes_changes_nothing_for_the_next_run(at: Snapshot) -> None:
    wanted = propose(at, ReflectionOptions())
    hour = timedelta(hours=1)
    slots = [
        placed(
            own("Mon 09:00-10:00", "reflection", want.key, text=text_of(want.content)),
            TimeRange(want.when.windows[0].start, want.when.windows[0].start + want.when.minutes * MINUTE),
            at,
        )
        for want in wanted
    ]
    flags = [
        placed(own("Mon", "overload", f"day/{d}"), DateRange(d, d + DAY).span(ZONE), at)
        for d in (at.today + n * DAY for n in range(14))
    ]
    focus = placed(own("Mon 09:00-10:00", key="2026-W49/9"), TimeRange(at.now + hour, at.now + 3 * hour), at)
    assert propose(replace(at, ours=(*slots, *flags, focus)), ReflectionOptions()) == wanted


@given(at=calendars())
def test_time_alone_changes_no_text(at: Snapshot) -> None:
    """Within a week, nothing that is said depends on the moment of the run."""
    later = replace(at, now=at.now + timedelta(hours=1))
    first, second = wants(at), wants(later)
    if at.this_week == later.this_week:
        assert all(first[key].content == second[key].content for key in first.keys() & second.keys())


@given(at=calendars())
def test_every_window_lies_in_working_time_of_one_day_that_is_not_over(at: Snapshot) -> None:
    for want in propose(at, ReflectionOptions()):
        (on,) = {local_day(w.start, ZONE) for w in want.when.windows}
        assert on >= at.today
        assert all(any(free.covers(w) for free in at.present(on)) for w in want.when.windows)
        assert all(w.minutes >= want.when.minutes for w in want.when.windows)


@given(at=calendars())
def test_each_wish_has_a_key_of_its_own(at: Snapshot) -> None:
    keys = [want.key for want in propose(at, ReflectionOptions())]
    assert len(set(keys)) == len(keys)
