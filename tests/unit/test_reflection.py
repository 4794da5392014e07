"""Which slots for reflection there are, when they are, and what they say and ask, given the calendar."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import decode
from daemon.model.owner import Field, fingerprints
from daemon.model.profile import Profile
from daemon.model.proposal import Flexible, Level, Rank, Want, text_of
from daemon.model.snapshot import GivenUp, OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, MINUTE, TimeRange, WorkingHours, local_day
from daemon.model.user.calendars import CalendarState
from daemon.model.user.entry import Entry
from making import CALENDAR, DAYS, ZONE, day, event, meeting, moment, own, profile, snapshot, span
from policies.questions.prompts import Evidence, Tone, library
from policies.reflection import ReflectionOptions
from policies.reflection.policy import propose
from policies.reflection.weekly_page import page

BY_ID = {p.id: p for p in library()}
CHRISTMAS, NEW_YEAR, OCTOBER = date(2026, 12, 21), date(2026, 12, 28), date(2026, 10, 26)
WED, THU, FRI = "day/2026-12-02", "day/2026-12-03", "day/2026-12-04"
WEEK, MONTH, QUARTER = "week/2026-W49", "month/2026-11", "quarter/2026-Q4"
FULL_DAY = ((time(9), time(17, 30)),)


def options(**values: object) -> ReflectionOptions:
    """As the config file says it."""
    return msgspec.convert(values, ReflectionOptions, dec_hook=decode)


def wants(at: Snapshot, **values: object) -> dict[str, Want]:
    return {want.key: want for want in propose(at, options(**values))}


def day_of(want: Want) -> str:
    (on,) = {local_day(w.start, ZONE) for w in want.when.windows}
    return f"{on:%a %d %b}"


def clocks(want: Want) -> list[str]:
    return [f"{w.start.astimezone(ZONE):%a %H:%M}-{w.end.astimezone(ZONE):%H:%M}" for w in want.when.windows]


def kinds(want: Want) -> list[str]:
    """The kinds of evidence that its questions are about."""
    return [str(BY_ID[name].evidence) for name in want.content.question_ids]


def said(key: str, text: str, *, calendar: str = CALENDAR, policy: str = "reflection", **more: object) -> Entry:
    """An answer in the journal; that of a day stands on its page."""
    on = date.fromisoformat(key[4:]) if key.startswith("day/") else day("Mon")
    values = {"day": on, "at": f"{on}T17:00", "event": "Journal", "evidence": "", "question": "What moved forward?"}
    return Entry(policy=policy, key=key, text=text, calendar=calendar, **{**values, **more})


def knowing(at: Snapshot, *entries: Entry, main: str = CALENDAR) -> Snapshot:
    return replace(at, entries=entries, main=main)


def standing(want: Want, at: Snapshot) -> OwnEvent:
    """The event that is made for a want, by the new version."""
    start = want.when.windows[-1].end - want.when.minutes * MINUTE
    text = text_of(want.content)
    made = own("Mon 09:00-10:00", "reflection", want.key, title=want.content.title, text=text)
    there = TimeRange(start, start + want.when.minutes * MINUTE)
    moved = replace(made.event, span=there, created=at.now, show_as=want.content.show_as)
    return replace(made, event=moved, mark=replace(made.mark, questions=want.content.question_ids))


def journals(*days: str) -> list[OwnEvent]:
    """Journal slots of past days: 'Mon-1', 'Tue-1'."""
    return [own(f"{d} 17:20-17:30", "reflection", f"day/{day(d)}", title="Journal") for d in days]


# -- made late --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "made"),
    [
        ("Thu 06:59", []),
        ("Thu 07:00", [THU]),
        ("Thu 17:20", [THU]),
        ("Thu 17:21", []),
        ("Thu 23:00", []),
        ("Fri 07:00", [WEEK]),
        ("Sat 12:00", []),
    ],
)
def test_a_slot_is_made_in_the_morning_of_its_day_while_it_still_fits(now: str, made: list[str]) -> None:
    assert list(wants(snapshot(now=now))) == made


def test_a_journal_is_ten_minutes_as_late_as_can_be_in_the_last_ninety_with_two_questions() -> None:
    want = wants(snapshot(now="Thu 07:00"))[THU]
    assert isinstance(want.when, Flexible)
    assert (want.policy, want.level, want.calendar) == ("reflection", Level.REVIEW, None)
    assert (want.when.minutes, want.when.late, clocks(want)) == (10, True, ["Thu 16:00-17:30"])
    assert (want.content.title, want.content.show_as, want.content.reminder) == ("Journal", ShowAs.FREE, None)
    assert len(want.content.questions) == len(want.content.question_ids) == 2
    assert not want.content.revised
    assert want.rank is Rank.JOURNAL


def test_a_weekly_review_is_twenty_five_minutes_with_two_questions() -> None:
    want = wants(snapshot(now="Fri 07:00"))[WEEK]
    assert (want.when.minutes, clocks(want), len(want.content.questions)) == (25, ["Fri 13:30-17:30"], 2)


def test_what_stands_ahead_stays_as_it_is() -> None:
    """An older version has made it; so the first run of this one takes nothing away and changes no word."""
    old = [own("Thu 17:20-17:30", "reflection", THU, title="Journal", text="A few lines.\n\n▸ What went well?")]
    old += [own("Fri 17:05-17:30", "reflection", WEEK, title="Weekly review", text="A look.\n\n▸ What went well?")]
    found = wants(snapshot(now="Wed 07:00", ours=old))
    assert found.keys() == {WED, THU, WEEK}
    assert found[THU].content.questions == ("What went well?",)
    assert found[THU].content.reason == "A few lines."


def test_what_an_older_version_wrote_ahead_gets_its_questions_in_the_morning_of_its_day() -> None:
    old = own("Thu 17:20-17:30", "reflection", THU, title="Journal", text="A few lines.\n\n▸ What went well?")
    want = wants(snapshot(now="Thu 07:00", ours=[old]))[THU]
    assert want.content.question_ids
    assert "no meetings" in want.content.reason


@pytest.mark.parametrize("now", ["Thu 17:21", "Thu 17:25", "Thu 23:00"])
def test_a_slot_that_stands_is_wanted_until_its_day_is_over(now: str) -> None:
    stands = own("Thu 17:20-17:30", "reflection", THU, title="Journal")
    assert THU in wants(snapshot(now=now, ours=[stands]))
    assert THU not in wants(snapshot(now="Fri 00:00", ours=[stands]))


def test_a_standing_slot_goes_when_its_day_is_away() -> None:
    stands = own("Thu 17:20-17:30", "reflection", THU, title="Journal")
    assert THU not in wants(snapshot(ours=[stands], away=[span("Thu 00:00-23:00")]))


@pytest.mark.parametrize(
    ("kind", "now", "monday"),
    [("daily", "Thu 07:00", day("Mon")), ("weekly", "Fri 07:00", day("Mon")), ("monthly", "Mon 07:00", day("Mon")),
     ("quarterly", "Thu 07:00", NEW_YEAR)],
)  # fmt: skip
def test_each_can_be_switched_off(kind: str, now: str, monday: date) -> None:
    begins = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}[kind]
    at = snapshot(now=now, monday=monday)
    assert [key.partition("/")[0] for key in wants(at)] == [begins]
    assert begins not in {key.partition("/")[0] for key in wants(at, **{kind: False})}


def test_every_number_is_an_option() -> None:
    found = wants(
        snapshot(now="Thu 07:00"), daily_length="20m", daily_within="1h", daily_questions=1, show_as="tentative"
    )
    assert (found[THU].when.minutes, clocks(found[THU])) == (20, ["Thu 16:30-17:30"])
    assert (len(found[THU].content.questions), found[THU].content.show_as) == (1, ShowAs.TENTATIVE)
    found = wants(
        snapshot(now="Wed 07:00"), weekly_length="1h", weekly_day="wed", review_within="2h", review_questions=1
    )
    assert (found[WEEK].when.minutes, clocks(found[WEEK]), len(found[WEEK].content.questions)) == (
        60, ["Wed 15:30-17:30"], 1,
    )  # fmt: skip
    assert wants(snapshot(), monthly_length="50m")[MONTH].when.minutes == 50


@pytest.mark.parametrize(("now", "key"), [("Thu 07:00", THU), ("Fri 07:00", WEEK), ("Mon 07:00", MONTH)])
def test_more_than_three_questions_are_never_asked(now: str, key: str) -> None:
    many = wants(snapshot(now=now), daily_questions=10, review_questions=10)[key]
    assert len(many.content.questions) == 3


@pytest.mark.parametrize(
    ("values", "text"),
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
def test_options_that_make_no_sense_are_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=re.escape(text)):
        options(**values)


def test_every_option_is_explained() -> None:
    shared = {"enabled", "calendar"}
    for field in msgspec.inspect.type_info(ReflectionOptions).fields:
        explained = field.type.extra_json_schema if isinstance(field.type, msgspec.inspect.Metadata) else None
        assert field.name in shared or explained["description"].endswith("."), field.name


# -- where ------------------------------------------------------------------------------------------------------------


def test_no_working_hours_at_all_mean_no_slot_at_all() -> None:
    assert wants(snapshot(who=profile(hours=WorkingHours(((),) * 7)))) == {}


def test_a_day_that_is_fully_booked_still_wants_its_slot() -> None:
    """Whether there is room for it is for the placement to say."""
    found = wants(snapshot(*(meeting(f"{d} 09:00-17:30", "Sync") for d in DAYS[:5]), now="Thu 07:00"))
    assert clocks(found[THU]) == ["Thu 16:00-17:30"]


def test_half_a_day_away_ends_the_day_at_noon() -> None:
    assert clocks(wants(snapshot(away=[span("Thu 12:00-18:00")], now="Thu 07:00"))[THU]) == ["Thu 10:30-12:00"]


def test_working_time_in_pieces_is_counted_back_from_the_end() -> None:
    hours = WorkingHours((((time(9), time(12)), (time(13), time(14))),) * 5 + ((),) * 2)
    found = wants(snapshot(who=profile(hours=hours), now="Thu 07:00"))
    assert clocks(found[THU]) == ["Thu 11:30-12:00", "Thu 13:00-14:00"]


def test_a_piece_that_is_too_short_is_no_place() -> None:
    hours = WorkingHours((((time(9), time(12)), (time(13), time(13, 5))),) * 5 + ((),) * 2)
    assert clocks(wants(snapshot(who=profile(hours=hours), now="Thu 07:00"))[THU]) == ["Thu 10:35-12:00"]


def test_the_part_of_the_day_is_never_shorter_than_the_slot() -> None:
    assert clocks(wants(snapshot(now="Thu 07:00"), daily_within="5m")[THU]) == ["Thu 17:20-17:30"]


@pytest.mark.parametrize(
    ("monday", "now", "key", "expected"),
    [
        (date(2026, 10, 19), "Sun 00:00", "day/2026-10-25", "2026-10-25 01:30+00:00 2026-10-25 03:00+00:00"),
        (date(2026, 10, 19), "Sat 00:00", "day/2026-10-24", "2026-10-24 00:30+00:00 2026-10-24 02:00+00:00"),
        (date(2027, 3, 22), "Sun 00:00", "day/2027-03-28", "2027-03-28 00:30+00:00 2027-03-28 02:00+00:00"),
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


MON_TO_THU = WorkingHours((FULL_DAY,) * 4 + ((),) * 3)
SUN_TO_THU = WorkingHours((FULL_DAY,) * 4 + ((), (), FULL_DAY))


@pytest.mark.parametrize(
    ("who", "away", "values", "now"),
    [
        pytest.param(profile(), [], {}, "Fri 07:00", id="Friday"),
        pytest.param(profile(hours=MON_TO_THU), [], {}, "Thu 07:00", id="Friday is no working day"),
        pytest.param(profile(), ["Fri 00:00-23:00"], {}, "Thu 07:00", id="Friday is away"),
        pytest.param(profile(), [], {"weekly_day": "wed"}, "Wed 07:00", id="by Wednesday"),
        pytest.param(profile(week_starts=6), [], {}, "Fri 07:00", id="weeks from Sunday"),
        pytest.param(profile(week_starts=6, hours=SUN_TO_THU), [], {}, "Thu 07:00", id="Sunday to Thursday"),
    ],
)
def test_the_week_is_reviewed_on_its_last_working_day_up_to_friday(
    who: Profile, away: list[str], values: dict[str, object], now: str
) -> None:
    at = snapshot(now=now, who=who, away=[span(a) for a in away])
    assert list(wants(at, **values)) == [WEEK]
    before = replace(at, now=at.now - DAY)
    assert WEEK not in wants(before, **values)


@pytest.mark.parametrize(
    ("monday", "now", "keys"),
    [
        pytest.param(OCTOBER, "Fri 07:00", ["month/2026-10"], id="month ends on a Saturday"),
        pytest.param(OCTOBER, "Sat 07:00", [], id="and on that Saturday it is over"),
        pytest.param(NEW_YEAR, "Thu 07:00", [QUARTER], id="quarter ends"),
        pytest.param(NEW_YEAR, "Thu 16:55", ["month/2026-12"], id="no time left for 45 minutes"),
        pytest.param(date(2027, 2, 22), "Fri 07:00", ["month/2027-02"], id="month ends on a Sunday"),
    ],
)
def test_months_and_quarters_are_reviewed_on_their_last_working_day(monday: date, now: str, keys: list[str]) -> None:
    assert list(wants(snapshot(now=now, monday=monday))) == keys


def test_before_a_holiday_week_the_month_is_reviewed_on_the_last_day_of_work() -> None:
    off = event("Mon+1..Sun+1", "Holidays", counts_as=CountsAs.AWAY, monday=CHRISTMAS)
    assert list(wants(snapshot(off, now="Fri 07:00", away=[off.span], monday=CHRISTMAS))) == [QUARTER]
    assert wants(snapshot(off, now="Tue+1 07:00", away=[off.span], monday=CHRISTMAS)) == {}


# -- the table of the specification -----------------------------------------------------------------------------------


def test_the_last_working_day_of_a_month_has_its_review_and_no_journal_and_nothing_stands_ahead() -> None:
    assert list(wants(snapshot(now="Mon 07:00"))) == [MONTH]


def test_a_day_has_its_journal() -> None:
    assert list(wants(snapshot(now="Tue 07:00"))) == ["day/2026-12-01"]


SILENT = ("Mon-1", "Tue-1", "Wed-1", "Thu-1", "Tue")


@pytest.mark.parametrize(
    ("passed", "entries", "now", "comes"),
    [
        (SILENT[:4], (), "Tue 07:00", True),
        (SILENT, (), "Wed 07:00", False),
        (SILENT, (), "Thu 07:00", True),
        (SILENT, (), "Tue+1 07:00", True),
        (SILENT, (), "Wed+1 07:00", False),
        (SILENT, (said("day/2026-12-01", "Yes."),), "Wed 07:00", True),
        (SILENT, (said("2026-W49/1", "Page 7", policy="focus", day=day("Wed")),), "Wed 07:00", False),
        (SILENT, (said("2026-W49/1", "Page 7", policy="focus", day=day("Wed")),), "Thu 07:00", True),
        (SILENT, (said("2026-W50/1", "Ahead", policy="focus", day=day("Mon+1")),), "Wed 07:00", True),
        (("Tue-2", "Wed-2", *SILENT), (said("day/2026-11-18", "Old."),), "Wed 07:00", False),
    ],
    ids=[
        "four", "five: not on Wednesday", "but on Thursday", "and on the next Tuesday", "and no other day",
        "after an answer", "typed today: from tomorrow", "that is, on Thursday", "typed into what lies ahead",
        "an answer before the five",
    ],
)  # fmt: skip
def test_five_slots_without_a_word_make_the_journal_rarer_and_any_word_brings_it_back(
    passed: tuple[str, ...], entries: tuple[Entry, ...], now: str, comes: bool
) -> None:
    found = wants(knowing(snapshot(now=now, ours=journals(*passed)), *entries))
    assert any(key.startswith("day/") for key in found) is comes
    assert any(key.startswith("day/") for key in wants(snapshot(now=now, ours=journals(*passed)), fade=False)) is True


FADED = ("Mon-3", "Tue-3", "Wed-3", "Thu-3", "Mon-2", "Tue-2", "Thu-2", "Tue-1", "Thu-1", "Tue")


def test_five_more_leave_the_weekly_review_alone() -> None:
    assert list(wants(snapshot(now="Thu 07:00", ours=journals(*FADED[1:])))) == [THU]
    assert list(wants(snapshot(now="Thu 07:00", ours=journals(*FADED)))) == []
    assert list(wants(snapshot(now="Fri 07:00", ours=journals(*FADED)))) == [WEEK]


def test_a_slot_that_was_deleted_passed_without_a_word_too() -> None:
    gone = Skip("reflection", "day/2026-12-01", day("Tue"), 10)
    four = journals(*SILENT[:4])
    assert wants(snapshot(now="Wed 07:00", ours=four, skips=[gone])) == {}
    assert WED in wants(snapshot(now="Wed 07:00", ours=four, skips=[replace_skip(gone)]))


def replace_skip(skip: Skip) -> Skip:
    return replace(skip, taken_back=day("Tue"))


def test_where_no_slot_is_left_the_journal_stays_as_rare_as_it_was() -> None:
    reviews = [
        own(f"Fri-{n} 17:05-17:30", "reflection", f"week/2026-W{49 - n}", title="Weekly review") for n in (1, 2, 3)
    ]
    assert wants(snapshot(now="Thu 07:00", ours=reviews)) == {}
    assert THU in wants(snapshot(now="Thu 07:00", ours=reviews[:1])), "it has only just begun"
    assert THU in wants(knowing(snapshot(now="Thu 07:00", ours=reviews), said("day/2026-11-20", "Yes.")))
    early = journals("Tue-5", "Thu-5", "Tue-4")
    assert wants(snapshot(now="Thu 07:00", ours=[*early, *reviews])) == {}, "the others are out of sight"


def test_at_most_two_questions_a_week_are_about_the_same_kind_of_evidence() -> None:
    meetings = [
        meeting(f"{d} {clock}", f"{title} {d}", others=1, series=True, uid=f"{title}{d}")
        for d in DAYS[:5]
        for title, clock in (("Tom", "09:00-09:30"), ("Go/no-go", "10:00-11:00"))
    ]
    stands: list[OwnEvent] = []
    asked: list[str] = []
    for d in DAYS[:5]:
        at = snapshot(*meetings, now=f"{d} 07:00", ours=stands)
        for want in propose(at, options(monthly=False)):
            if want.key not in {o.mark.key for o in stands}:
                stands.append(standing(want, at))
                asked += kinds(want)
    assert asked.count("one_on_one") == 2
    assert asked.count("decision_meeting") == 2
    assert asked.count("always") >= 5, "one general question a day"


@pytest.mark.parametrize(
    ("calendar", "typed_in", "quoted"),
    [
        ("", CALENDAR, True),
        ("", "work/Private", False),
        ("Private", "work/Private", True),
        ("Private", CALENDAR, False),
        ("", "", False),
    ],
    ids=["its own", "another", "another that it writes to", "the main one, then", "nobody knows which"],
)
def test_words_do_not_cross_calendars(calendar: str, typed_in: str, quoted: bool) -> None:
    at = snapshot(now="Fri 07:00")
    states = tuple(CalendarState(id=f"work/{name}", name=name, read_at=at.now) for name in ("Work", "Private"))
    at = replace(knowing(at, said("day/2026-12-01", "Nobody owns it.", calendar=typed_in)), calendars=states)
    assert ("Nobody owns it." in wants(at, calendar=calendar)[WEEK].content.reason) is quoted


def test_the_largest_look_back_of_a_day_takes_in_the_others() -> None:
    at = snapshot(now="Thu 07:00", monday=NEW_YEAR)
    assert list(wants(at, weekly_day="thu")) == [QUARTER]
    assert list(wants(at, weekly_day="thu", quarterly=False)) == ["month/2026-12"]
    assert list(wants(at, weekly_day="thu", quarterly=False, monthly=False)) == ["week/2026-W53"]
    assert "Week 53: 0 min in meetings" in wants(at, weekly_day="thu")[QUARTER].content.reason


def test_what_stands_already_is_not_taken_away_by_a_larger_one_and_has_no_smaller_one_beside_it() -> None:
    journal = own("Mon 17:20-17:30", "reflection", "day/2026-11-30", title="Journal")
    review = own("Mon 17:00-17:30", "reflection", MONTH, title="Monthly review")
    assert wants(snapshot(now="Mon 07:00", ours=[journal, review])).keys() == {"day/2026-11-30", MONTH}
    assert wants(snapshot(now="Mon 07:00", ours=[review])).keys() == {MONTH}


CITED = meeting("Thu 10:00-11:00", "Go/no-go", uid="gate")


@pytest.mark.parametrize(
    ("now_there", "replaced"),
    [
        pytest.param([], True, id="cancelled"),
        pytest.param([meeting("Thu 10:00-11:00", "Go/no-go", reply=PartStat.DECLINED)], True, id="declined"),
        pytest.param([meeting("Fri 10:00-11:00", "Go/no-go")], True, id="moved to another day"),
        pytest.param([meeting("Thu 11:00-12:00", "Go/no-go")], False, id="moved within the day"),
        pytest.param([CITED, meeting("Thu 12:00-13:00", "Outage")], False, id="something else comes up"),
    ],
)
def test_a_question_about_a_meeting_that_is_gone_is_replaced_once(now_there: list[Event], replaced: bool) -> None:
    at = snapshot(CITED, now="Thu 07:00")
    made = wants(at)[THU]
    assert kinds(made) == ["decision_meeting", "always"]
    later = snapshot(*now_there, now="Thu 15:00", ours=[standing(made, at)])
    after = wants(later)[THU]
    assert after.content.revised is replaced
    if replaced:
        assert kinds(after) == ["always", "always"]
        assert after.content.questions[0] == made.content.questions[1]
        again = wants(replace(later, ours=(standing(after, later),)))[THU]
        assert again.content == replace(after.content, revised=False)
    else:
        assert after.content == made.content


def test_an_invitation_that_was_answered_needs_no_answer() -> None:
    waiting = meeting("Fri 10:00-11:00", "Offsite", reply=PartStat.NEEDS_ACTION)
    at = snapshot(waiting, now="Thu 07:00")
    made = wants(at)[THU]
    assert kinds(made)[0] == "unanswered"
    later = snapshot(meeting("Fri 10:00-11:00", "Offsite"), now="Thu 15:00", ours=[standing(made, at)])
    assert wants(later)[THU].content.revised


# -- what calls a question --------------------------------------------------------------------------------------------

BLOCK = own("Thu 09:00-11:00", created="Mon 08:00")
VENDOR = meeting("Thu 09:00-10:00", "Vendor escalation")


def thu(*events: Event) -> Snapshot:
    return snapshot(*events, now="Thu 07:00")


@pytest.mark.parametrize(
    ("at", "kind", "text"),
    [
        pytest.param(thu(VENDOR), "tense_meeting", "‘Vendor escalation’ (Thu 09:00)", id="tense"),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Outage")), "incident", "‘Outage’", id="incident"),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Störung Login")), "incident", "‘Störung Login’", id="in German"),
        pytest.param(
            thu(meeting("Thu 09:00-10:00", "1:1 Dana", others=1)), "one_on_one", "‘1:1 Dana’", id="a 1:1 by its title"
        ),
        pytest.param(
            thu(meeting("Thu 09:00-10:00", "Sign-off: hiring")), "decision_meeting", "‘Sign-off",
            id="decision",
        ),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Board")), "high_stakes", "‘Board’", id="stakes"),
        pytest.param(
            thu(meeting("Thu 09:00-10:00", "Tom", others=1, series=True)), "one_on_one", "‘Tom’",
            id="a series of two people",
        ),
        pytest.param(
            thu(meeting("Thu 09:00-16:00", "Workshop"), meeting("Mon 09:00-12:00")), "overloaded_day",
            "Thursday had 7 h of meetings.", id="a full day",
        ),
        pytest.param(
            thu(meeting("Wed 18:00-19:00", "Late sync")), "after_hours", "‘Late sync’",
            id="the evening before",
        ),
        pytest.param(
            thu(meeting("Fri 10:00-11:00", "Offsite", reply=PartStat.NEEDS_ACTION)), "unanswered",
            "‘Offsite’ (Fri 10:00)", id="an invitation for the days ahead",
        ),
        pytest.param(
            snapshot(VENDOR, now="Thu 09:30", ours=[BLOCK]), "unfinished", "What is unfinished", id="a lost block"
        ),
        pytest.param(
            thu(meeting("Thu 09:00-10:00", "Outage A"), meeting("Thu 11:00-12:00", "Outage B")),
            "unfinished", "What is unfinished", id="two incidents",
        ),
        pytest.param(
            replace(
                snapshot(now="Thu 12:00"),
                given_up=(GivenUp(key="2026-W49/1", when=span("Thu 09:00-11:00"), left=moment("Thu 08:00")),),
            ),
            "unfinished", "What is unfinished", id="a block that was taken back",
        ),
    ],
)  # fmt: skip
def test_what_the_day_shows_is_asked_about_first(at: Snapshot, kind: str, text: str) -> None:
    want = wants(at)[THU]
    assert kinds(want)[0] == kind
    assert text in want.content.questions[0]


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(thu(meeting("Thu 18:00-19:00", "Escalation")), id="not yet held by then"),
        pytest.param(thu(meeting("Fri 09:00-10:00", "Escalation")), id="of another day"),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Escalation", reply=PartStat.DECLINED)), id="declined"),
        pytest.param(
            thu(meeting("Thu 09:00-10:00", "Escalation", spoken="")),
            id="private, or of another account",
        ),
        pytest.param(
            snapshot(meeting("Thu 09:00-10:00", "Escalation"), now="Thu 12:30", away=[span("Thu 08:00-12:00")]),
            id="while away",
        ),
        pytest.param(thu(event("Thu 09:00-10:00", "Escalation notes")), id="a note to oneself"),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Tom", others=1)), id="two people, once"),
        pytest.param(thu(meeting("Thu 09:00-10:00", "Sprint review")), id="decides nothing"),
        pytest.param(
            snapshot(now="Thu 07:00", skips=[Skip("focus", "2026-W49/3", day("Thu"), 120)]), id="deleted by hand"
        ),
        pytest.param(
            snapshot(meeting("Thu 09:00-10:00", "Sync"), now="Thu 07:00", ours=[BLOCK]),
            id="a block ahead, which may yet be moved",
        ),
    ],
)
def test_what_is_no_evidence(at: Snapshot) -> None:
    (want,) = wants(at).values()
    assert set(kinds(want)) == {"always"}


def test_the_longest_meeting_of_a_kind_is_asked_about_then_the_first() -> None:
    at = snapshot(
        meeting("Thu 09:00-10:00", "Escalation A"),
        meeting("Thu 11:00-12:30", "Escalation B"),
        meeting("Thu 13:00-14:30", "Escalation C"),
        now="Thu 07:00",
    )
    assert "‘Escalation B’ (Thu 11:00)" in wants(at)[THU].content.questions[0]


def test_titles_that_tell_are_options() -> None:
    at = snapshot(meeting("Thu 09:00-10:00", "Grillage d'équipe"), now="Thu 07:00")
    assert kinds(wants(at, tense_titles=["GRILL*"])[THU])[0] == "tense_meeting"
    assert kinds(wants(at, tense_titles=[])[THU]) == ["always", "always"]


def test_after_a_full_day_only_one_question_is_asked() -> None:
    at = snapshot(meeting("Thu 09:00-16:00", "Workshop"), meeting("Mon 09:00-12:00"), now="Thu 07:00")
    assert kinds(wants(at)[THU]) == ["overloaded_day"]


@pytest.mark.parametrize(
    "heavy",
    [
        meeting("Thu 09:00-09:30", "Layoff talk", others=1),
        meeting("Thu 09:00-09:30", "Exit talk: Tom", others=2),
        meeting("Thu 09:00-09:30", "Sync", mine=True, description="bring tissues #heavy"),
        meeting("Thu 09:00-09:30", "Sync", categories=("Heavy",)),
    ],
    ids=["by title", "with two others", "the user says so", "by category"],
)
def test_after_a_heavy_talk_one_question_is_asked_that_is_gentle_and_does_not_name_it(heavy: Event) -> None:
    for n in range(30):
        monday = day("Mon") + 7 * n * DAY
        shift = timedelta(weeks=n)
        here = replace(heavy, span=TimeRange(heavy.span.start + shift, heavy.span.end + shift))
        at = snapshot(
            here, meeting("Thu 10:00-11:00", "Vendor escalation", monday=monday), now="Thu 07:00", monday=monday
        )
        told = wants(at, tense_titles=["escalat*", "layoff*", "exit*", "sync"], monthly=False, quarterly=False)
        (name,) = told[f"day/{day('Thu', monday)}"].content.question_ids
        assert BY_ID[name].evidence is Evidence.ALWAYS
        assert not BY_ID[name].is_hard


def test_no_review_names_a_heavy_talk_either() -> None:
    talk = meeting("Tue 09:00-09:30", "Layoff talk", others=1)
    want = wants(snapshot(talk, now="Fri 07:00"), tense_titles=["layoff*"], quiet_share=0)[WEEK]
    assert kinds(want) == ["always", "always"]


def test_a_meeting_of_many_about_layoffs_is_no_heavy_talk() -> None:
    """Its day is no heavy one; but no question names it."""
    at = snapshot(meeting("Thu 09:00-09:30", "Layoff plan", others=4), now="Thu 07:00")
    assert kinds(wants(at)[THU]) == ["always", "always"]


def test_what_is_asked_of_a_report_is_not_asked_of_the_boss() -> None:
    one = meeting("Thu 09:00-09:30", "Grace / Ada", others=1, series=True)
    with_boss = profile(groups={"boss": frozenset({"p1@example.com"})})
    assert "one_on_one" in kinds(wants(snapshot(one, now="Thu 07:00"))[THU])
    assert "one_on_one" not in kinds(wants(snapshot(one, now="Thu 07:00", who=with_boss))[THU])


def test_of_a_meeting_at_which_one_listens_no_stakes_are_asked() -> None:
    for others, asked in ((19, True), (20, False)):
        at = snapshot(meeting("Thu 09:00-10:00", "All-hands", others=others), now="Thu 07:00")
        assert ("high_stakes" in kinds(wants(at)[THU])) is asked


def test_a_review_comes_earlier_where_its_last_hours_are_taken() -> None:
    """By meetings, or by what stands of ours; and it stays there."""
    full = meeting("Fri 13:30-17:20", "Offsite")
    assert clocks(wants(snapshot(full, now="Fri 07:00"))[WEEK]) == ["Fri 09:00-17:30"]
    walk = own("Fri 17:10-17:30", "habits", "walk/2026-W49/1", title="Walk")
    part = meeting("Fri 13:30-17:00", "Offsite")
    assert clocks(wants(snapshot(part, now="Fri 07:00"))[WEEK]) == ["Fri 13:30-17:30"]
    at = snapshot(part, now="Fri 07:00", ours=[walk])
    assert clocks(wants(at)[WEEK]) == ["Fri 09:00-17:30"]
    review = standing(wants(at)[WEEK], at)
    early = replace(review, event=replace(review.event, span=span("Fri 13:05-13:30")))
    there = replace(at, ours=(walk, early))
    assert clocks(wants(there)[WEEK]) == ["Fri 09:00-17:30"]


def test_a_light_week_hears_nothing_of_load() -> None:
    for n in range(1, 12):
        for want in propose(snapshot(now=f"Tue+{n} 07:00"), options(fade=False)):
            assert not any(Tone.LOAD in BY_ID[name].tone for name in want.content.question_ids)


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
    want = wants(snapshot(meeting("Thu 09:00-10:00", title), now="Thu 07:00"))[THU]
    assert f"‘{shown}’ (Thu 09:00)" in want.content.questions[0]
    assert kinds(want)[0] == "tense_meeting"


# -- what a review says -----------------------------------------------------------------------------------------------


def test_the_weekly_review_begins_with_three_lines_of_figures_and_last_week_beside() -> None:
    at = snapshot(
        meeting("Mon-1 09:00-10:00"), meeting("Mon 09:00-12:00"), meeting("Wed 10:00-18:30"), now="Fri 07:00",
        ours=[
            own("Thu 09:00-11:00"), own("Tue-1 09:00-12:00", key="2026-W48/1"),
            own("Fri 12:00-14:00", key="2026-W49/2"),
        ],
    )  # fmt: skip
    assert wants(at)[WEEK].content.reason.split("\n\n")[0].split("\n") == [
        "Week 49: 11 h 30 in meetings; the week before 1 h.",
        "Longest free stretch: 8 h 30; the week before 8 h 30.",
        "Focus kept: 2 h; the week before 3 h.",
    ]


def test_a_weekly_review_asks_about_what_went_well() -> None:
    for n in range(8):
        outage = meeting("Thu 10:00-11:00", "Outage", monday=day("Mon") + 7 * n * DAY)
        at = snapshot(outage, now="Fri 07:00", monday=day("Mon") + 7 * n * DAY)
        for want in propose(at, options(monthly=False, quarterly=False)):
            assert kinds(want)[0] == "incident"
            assert any(Tone.WELL in BY_ID[name].tone for name in want.content.question_ids)


def test_a_week_away_is_not_compared_with() -> None:
    at = snapshot(now="Fri 07:00", away=[TimeRange(moment("Mon-1 00:00"), moment("Mon 00:00"))])
    assert wants(at)[WEEK].content.reason.startswith("Week 49: 0 min in meetings.\n")


def test_below_the_figures_stands_the_week_as_a_picture() -> None:
    at = snapshot(meeting("Tue 09:00-14:45"), now="Fri 07:00", ours=[own("Wed 09:00-11:00")])
    assert wants(at)[WEEK].content.reason.split("\n\n")[1].split("\n") == [
        "█ meeting, ▒ focus, ░ free; half hours from 09:00.",
        "░░░░░░░░░░░░░░░░░ Mon",
        "████████████░░░░░ Tue, 5 h 45",
        "▒▒▒▒░░░░░░░░░░░░░ Wed",
        "░░░░░░░░░░░░░░░░░ Thu",
        "░░░░░░░░░░░░░░░░░ Fri",
    ]
    assert "█" not in wants(at, picture=False)[WEEK].content.reason


def test_where_there_is_a_page_it_is_named_without_its_folder() -> None:
    at = snapshot(now="Fri 07:00")
    reason = wants(at, page="~/secret/unbusy")[WEEK].content.reason
    assert "The week as a page: unbusy-2026-W49.html" in reason.split("\n")
    assert "secret" not in wants(at, page="~/secret/unbusy")[WEEK].content.reason
    assert "page" not in wants(at)[WEEK].content.reason


PAGES = {
    "none that nobody has asked for": ("Fri 12:00", {"page": ""}, None),
    "not before its day": ("Thu 23:59", {}, None),
    "nor before its morning": ("Fri 06:59", {}, None),
    "from its morning on": ("Fri 07:00", {}, "Fri 07:00"),
    "on the day of the review, whichever that is": ("Thu 07:00", {"weekly_day": "thu"}, "Thu 07:00"),
    "also where there is no review": ("Fri 12:00", {"weekly": False}, "Fri 07:00"),
    "anew once the review begins": ("Fri 17:05", {}, "Fri 17:05"),
}


@pytest.mark.parametrize(("now", "values", "since"), PAGES.values(), ids=PAGES)
def test_when_there_is_a_page(now: str, values: dict[str, object], since: str | None) -> None:
    review = own("Fri 17:05-17:30", "reflection", WEEK, title="Weekly review")
    journal = own("Fri 15:00-15:10", "reflection", "day/2026-12-04", title="Journal")
    found = page(snapshot(now=now, ours=[review, journal]), options(**{"page": "/pages", **values}))
    assert (found.since if found else None) == (moment(since) if since else None)
    assert found is None or (found.folder, found.name) == ("/pages", "unbusy-2026-W49.html")


def test_who_is_away_all_week_has_no_page() -> None:
    at = snapshot(now="Fri 12:00", away=[TimeRange(moment("Mon 00:00"), moment("Mon+1 00:00"))])
    assert page(at, options(page="/pages")) is None


def test_then_the_words_of_the_week_each_beside_the_load_of_its_day() -> None:
    at = knowing(
        snapshot(meeting("Tue 09:00-14:45"), now="Fri 07:00"),
        said("day/2026-12-02", "Ask Tom.\nAnd Eva."),
        said("day/2026-12-01", "Roadmap: nobody owns the cut list. I do now."),
        said("day/2026-12-01", "#done", question="And?"),
        said("day/2026-11-26", "of another week"),
        said("2026-W49/1", "of a focus block", policy="focus"),
    )
    want = wants(at)[WEEK]
    assert want.content.reason.split("\n\n")[2].split("\n") == [
        "Tue 1 Dec, 5 h 45 in meetings: “Roadmap: nobody owns the cut list. I do now.”",
        "Wed 2 Dec, no meetings: “Ask Tom. And Eva.”",
    ]
    assert "answered" in kinds(want)


def blocks(early: int, late: int, *, booked: int = 0) -> tuple[list[OwnEvent], list[Event]]:
    """Focus blocks of the weeks before, mornings and afternoons; some of the latter booked over."""
    days = [f"{d}-{week}" for week in (1, 2, 3) for d in DAYS[:5]]
    made = [own(f"{d} 09:00-11:00", key=f"2026-W4{n}/1", created="Mon-9 08:00") for n, d in enumerate(days[-early:])]
    made += [own(f"{d} 13:00-15:00", key=f"2026-W4{n}/2", created="Mon-9 08:00") for n, d in enumerate(days[-late:])]
    return made, [meeting(f"{d} 14:00-15:00", uid=d) for d in days[-late:][:booked]]


@pytest.mark.parametrize(
    ("early", "late", "booked", "line"),
    [
        (9, 7, 5, "Of 9 blocks before noon 9 stayed whole, of 7 after noon 2."),
        (5, 4, 4, "Of 5 blocks before noon 5 stayed whole, of 4 after noon none."),
        (9, 3, 0, ""),
    ],
    ids=["counted", "none", "too few of one kind"],
)
def test_then_one_insight_that_is_counted_with_four_weeks_behind_it(
    early: int, late: int, booked: int, line: str
) -> None:
    made, over = blocks(early, late, booked=booked)
    reason = wants(snapshot(*over, now="Fri 07:00", ours=made))[WEEK].content.reason
    assert (line in reason) if line else ("before noon" not in reason)


def test_blocks_from_before_the_meetings_that_are_known_do_not_count() -> None:
    made, _ = blocks(9, 7)
    old = [own(f"{d}-5 09:00-11:00", key=f"2026-W44/{n}") for n, d in enumerate(DAYS[:3])]
    reason = wants(snapshot(now="Fri 07:00", ours=[*made, *old]))[WEEK].content.reason
    assert "Of 9 blocks before noon 9" in reason


def test_an_insight_waits_until_there_are_four_weeks() -> None:
    made = [own(f"{d}-1 {c}", key=f"2026-W48/{d}{c[:2]}") for d in DAYS[:4] for c in ("09:00-10:00", "14:00-15:00")]
    assert "before noon" not in wants(snapshot(now="Fri 07:00", ours=made))[WEEK].content.reason


RARER = "The journal comes on fewer days from now on."


def test_the_weekly_review_says_once_that_the_journal_has_become_rarer() -> None:
    faded = journals("Tue-1", "Wed-1", "Thu-1", "Mon", "Tue")
    review = wants(snapshot(now="Fri 07:00", ours=faded))[WEEK]
    assert review.content.reason.endswith(f"{RARER} Whatever you type, on any event, brings it back.")
    at = snapshot(now="Fri 07:00", ours=journals("Tue-2", "Wed-2", "Thu-2", "Mon-1", "Tue-1", "Thu-1"))
    assert RARER not in wants(at)[WEEK].content.reason, "it was so before this week"
    assert RARER not in wants(snapshot(now="Fri 07:00", ours=faded), fade=False)[WEEK].content.reason
    assert RARER not in wants(snapshot(now="Fri 07:00", ours=faded[1:]))[WEEK].content.reason


PROMISE = "If the migration slips again I will stop it."


@pytest.mark.parametrize(
    ("entries", "echo"),
    [
        ([said("day/2026-10-26", f"Long day.\n{PROMISE}")], f"On 26 Oct you wrote: “{PROMISE}” What happened?"),
        ([said("day/2026-10-28", "We decided to wait."), said("day/2026-10-26", PROMISE)], "On 26 Oct"),
        ([said("day/2026-10-26", "Wir haben beschlossen zu warten.")], "On 26 Oct"),
        ([said("day/2026-10-26", "A long day.")], ""),
        ([said("day/2026-10-18", PROMISE)], ""),
        ([said("day/2026-11-03", PROMISE)], ""),
        ([said("day/2026-10-26", PROMISE, calendar="work/Private")], ""),
        ([said("day/2026-10-26", PROMISE), said("month/2026-10", "Yes.", question=f"“{PROMISE}” What happened?")], ""),
    ],
    ids=[
        "a promise", "the oldest", "in another language", "no promise", "too long ago", "too new",
        "of another calendar", "returned before",
    ],
)  # fmt: skip
def test_a_monthly_review_returns_the_oldest_promise_of_four_to_six_weeks_before(
    entries: list[Entry], echo: str
) -> None:
    want = wants(knowing(snapshot(now="Mon 07:00"), *entries))[MONTH]
    assert [q for q in want.content.questions if "you wrote" in q and echo in q] or not echo
    assert ("echo" in kinds(want)) is bool(echo)
    assert "echo" not in kinds(wants(knowing(snapshot(now="Mon 07:00"), *entries), echo=False)[MONTH])


def test_a_quarterly_review_has_a_line_of_each_month_and_what_the_users_own_meetings_cost() -> None:
    staff = [
        meeting(f"Tue-{n} 10:00-11:00", "Staff", others=5, mine=True, series=True, uid="staff", monday=NEW_YEAR)
        for n in range(4)
    ]
    theirs = meeting("Wed-1 10:00-11:00", "All hands", others=9, series=True, monday=NEW_YEAR)
    at = knowing(
        snapshot(*staff, theirs, now="Thu 07:00", monday=NEW_YEAR),
        said("day/2026-10-05", "Slow start."),
        said("day/2026-10-07", "I will hand over the roadmap."),
        said("day/2026-11-02", "Hired Eva."),
        said("day/2026-09-30", "of the quarter before"),
    )
    want = wants(at)[QUARTER]
    assert want.content.reason.split("\n\n")[1:3] == [
        "October: “I will hand over the roadmap.”\nNovember: “Hired Eva.”",
        "‘Staff’: 24 people-hours in four weeks",
    ]
    assert kinds(want)[0] == "own_series"
    assert len(want.content.questions) == 3


def test_the_first_line_of_every_slot_is_short() -> None:
    for now, monday in (
        ("Thu 07:00", day("Mon")),
        ("Fri 07:00", day("Mon")),
        ("Mon 07:00", day("Mon")),
        ("Thu 07:00", NEW_YEAR),
    ):
        for want in wants(snapshot(meeting("Thu 09:00-11:30"), now=now, monday=monday)).values():
            assert len(want.content.reason.split("\n")[0]) < 120
            assert len(want.content.title) < 40


# -- what was asked ---------------------------------------------------------------------------------------------------


def test_what_was_asked_is_read_off_our_events_and_the_journal() -> None:
    at = snapshot(now="Thu 07:00")
    first = wants(at)[THU].content
    before = own("Tue 17:20-17:30", "reflection", "day/2026-12-01", text=text_of(first))
    marked = replace(before, mark=replace(before.mark, questions=first.question_ids))
    entry = said("day/2026-12-01", "x", question=first.questions[0])
    reworded = said("day/2026-12-01", "x", question="In other words?", question_id=first.question_ids[0])
    seen = [
        wants(replace(at, ours=(before,))),
        wants(replace(at, ours=(marked,))),
        wants(knowing(at, entry)),
        wants(knowing(at, reworded)),
    ]
    assert all(first.question_ids[0] not in found[THU].content.question_ids for found in seen)
    assert all(first.question_ids[1] not in found[THU].content.question_ids for found in seen[:2])


def test_what_a_flag_asks_counts_once_it_has_begun() -> None:
    """Before that it may go in the same run, and a run that was cut short would lead elsewhere."""
    at = snapshot(now="Thu 07:00")
    first = wants(at)[THU].content
    flag = own("Mon..Fri", "overload", "week/2026-W49", text=text_of(first))
    assert wants(replace(at, ours=(flag,)))[THU].content == first
    over = own("Mon..Wed", "overload", "week/2026-W49", text=text_of(first))
    assert not set(wants(replace(at, ours=(over,)))[THU].content.question_ids) & set(first.question_ids)


# -- coming to rest ---------------------------------------------------------------------------------------------------

TITLES = st.sampled_from(["Sync", "Escalation", "Incident", "Board", "Sign-off", "Performance", "Layoff talk"])


@st.composite
def calendars(draw: st.DrawFn) -> Snapshot:
    """Some meetings of this and the week before, at a moment of this one, and what was typed."""
    starts = st.tuples(st.sampled_from(DAYS), st.sampled_from(["", "-1", "+1"]), st.integers(8, 18), st.integers(1, 3))
    meetings = [
        meeting(
            f"{d}{week} {hour:02}:00-{hour + hours:02}:00", draw(TITLES), uid=str(n), others=draw(st.integers(1, 2)),
            series=draw(st.booleans()),
        )
        for n, (d, week, hour, hours) in enumerate(draw(st.lists(starts, max_size=12)))
    ]  # fmt: skip
    now = moment("Mon 00:00") + draw(st.integers(0, 7 * 24 * 60 - 1)) * timedelta(minutes=1)
    entries = draw(st.lists(st.sampled_from([said("day/2026-11-30", "I will."), said("day/2026-10-28", PROMISE)])))
    passed = draw(st.sets(st.sampled_from(SILENT)))
    return knowing(snapshot(*meetings, now=now, ours=journals(*passed)), *dict.fromkeys(entries))


@given(at=calendars())
def test_what_a_run_makes_changes_nothing_for_the_next_run(at: Snapshot) -> None:
    wanted = propose(at, ReflectionOptions())
    there = {o.mark.key for o in at.ours}
    slots = [standing(want, at) for want in wanted if want.key not in there]
    focus = own("Fri 09:00-11:00", key="2026-W49/9", created="Mon 08:00")
    again = {w.key: w for w in propose(replace(at, ours=(*at.ours, *slots, focus)), ReflectionOptions())}
    for want in wanted:
        if want.key not in there:
            assert again[want.key] == want


@given(at=calendars(), later=st.integers(1, 24 * 60))
def test_neither_time_nor_new_meetings_change_a_text_that_stands(at: Snapshot, later: int) -> None:
    slots = {w.key: standing(w, at) for w in propose(at, ReflectionOptions())}
    more = meeting("Wed 09:00-12:00", "Incident", uid="new")
    after = replace(at, now=at.now + later * MINUTE, ours=tuple(slots.values()), events=(*at.events, more))
    for want in propose(after, ReflectionOptions()):
        if want.key in slots and slots[want.key].mark.questions:
            assert text_of(want.content) == slots[want.key].event.description
            assert not want.content.revised


@given(at=calendars())
def test_every_window_lies_in_working_time_of_one_day_that_is_not_over(at: Snapshot) -> None:
    for want in propose(at, ReflectionOptions()):
        (on,) = {local_day(w.start, ZONE) for w in want.when.windows}
        assert on >= at.today
        assert all(any(free.covers(w) for free in at.present(on)) for w in want.when.windows)
        assert all(w.minutes >= want.when.minutes for w in want.when.windows)


@given(at=calendars())
def test_each_wish_has_a_key_of_its_own_and_no_day_two_new_ones(at: Snapshot) -> None:
    keys = [want.key for want in propose(at, ReflectionOptions())]
    assert len(set(keys)) == len(keys)
    assert len(set(keys) - {o.mark.key for o in at.ours}) <= 1


def test_the_marks_of_these_tests_are_those_of_the_product() -> None:
    """What stands counts as ours, so that its words are not taken for the user's."""
    at = snapshot(now="Thu 07:00")
    made = standing(wants(at)[THU], at)
    found = fingerprints(
        when=made.event.when, calendar=CALENDAR, title="Journal", show_as=made.event.show_as, reminder=None, colour="",
        text=made.event.description,
    )  # fmt: skip
    assert found[Field.TEXT] == made.mark.base[Field.TEXT]


# -- half a year ------------------------------------------------------------------------------------------------------


def half_a_year(answers: int = 0) -> tuple[list[OwnEvent], int]:
    """All slots of 26 weeks of a leader who answers every so many-th prompt, and how often the journal's pace was said.

    Events of ours are in sight for 42 days, as they are in the product; what was answered is in the journal.
    """
    made: list[OwnEvent] = []
    filed: list[Entry] = []
    for n in range(26):
        monday = day("Mon") + 7 * n * DAY
        meetings = [
            meeting(f"{d} {c}", title, others=others, series=True, uid=title, monday=monday)
            for d, c, title, others in (
                ("Mon", "10:00-10:30", "Tom", 1), ("Tue", "10:00-10:30", "Eva", 1),
                ("Tue", "13:00-14:00", "Go/no-go", 4),
                ("Wed", "09:00-16:00", "Workshop", 6), ("Thu", "10:00-11:00", "Steering", 6),
            )
        ]  # fmt: skip
        for d in DAYS[:5]:
            at = snapshot(*meetings, now=f"{d} 07:00", monday=monday)
            seen = [o for o in made if at.now - o.event.span.start < 42 * DAY]
            at = knowing(replace(at, ours=tuple(seen)), *filed)
            for want in propose(at, ReflectionOptions()):
                if want.key not in {o.mark.key for o in seen}:
                    made.append(standing(want, at))
                    if answers and len(made) % answers == 0:
                        entry = said(want.key, "Yes.", day=day(d, monday), question=want.content.questions[0])
                        filed.append(replace(entry, question_id=want.content.question_ids[0]))
    return made, sum(RARER in o.event.description for o in made)


def test_who_answers_every_third_prompt_sees_no_question_twice_in_six_weeks() -> None:
    made, rarer = half_a_year(answers=3)
    assert rarer == 0
    assert sum(o.mark.key.startswith("day/") for o in made) > 26 * 3
    last: dict[str, date] = {}
    asked = again = 0
    for own_event in made:
        on = local_day(own_event.event.span.start, ZONE)
        for name in own_event.mark.questions:
            if not BY_ID[name].evidence.fixed:
                asked += 1
                again += name in last and on - last[name] < 42 * DAY
                assert name not in last or on - last[name] >= 21 * DAY, name
            last[name] = on
    assert again <= asked / 10
    assert all(1 <= len(o.mark.questions) <= 3 for o in made)


def test_who_never_answers_is_left_alone_but_for_the_weekly_review_and_is_told_once() -> None:
    made, rarer = half_a_year()
    fifth = day("Mon") + 28 * DAY
    late = [o for o in made if local_day(o.event.span.start, ZONE) >= fifth]
    assert not [o.mark.key for o in late if o.mark.key.startswith("day/")]
    fridays = [o for o in late if local_day(o.event.span.start, ZONE).weekday() == 4]
    assert len(fridays) == 26 - 4, "one look back a week, and those of months and quarters"
    assert not [o.mark.key for o in late if o not in fridays and o.mark.key.startswith("week/")]
    assert rarer == 1
