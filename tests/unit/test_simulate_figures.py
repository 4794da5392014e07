"""What a simulated year is measured by: pure functions of days, flags, questions and blocks, as tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from simulate.calendars.calendar import Calendar
from simulate.engine import Limits, Own
from simulate.figures.days import (
    Span,
    free,
    has_lunch,
    long_minutes,
    long_stretches,
    longest_run,
    lunch_lost,
    merged,
    minutes,
)  # fmt: skip
from simulate.figures.flags import Day, flagged, over, risen
from simulate.figures.questions import asked, template
from simulate.figures.verdicts import LATE_WHY, verdict
from simulate.figures.yearly import blocks, side
from simulate.history import Busy, History, Life, Place, Write, begins, changed
from simulate.people import DAY, clock, minute, parameters

MONDAY = date(2025, 3, 3)
WORK = (540, 1050)
PARAMS = parameters()


def at(text: str) -> Span:
    """'10:00-12:00'."""
    start, _, end = text.partition("-")
    return minute(start), minute(end)


def spans(text: str) -> list[Span]:
    return [at(one) for one in text.split()]


def block(when: str, day: date = MONDAY, **more: object) -> Own:
    start, end = at(when) if when else (0, 0)
    values: dict[str, object] = {
        "uid": f"unbusy-{day}-{when}", "policy": "focus", "key": "2025-W10/1", "day": day, "last": day,
        "start": start, "end": end, "show": "busy", "title": "Focus", "text": "",
    }  # fmt: skip
    return Own(**(values | more))  # type: ignore[arg-type]  # a table of keyword arguments


def life(*seen: Own, by: str = "us", since: datetime = datetime(2025, 3, 1, 7)) -> Life:
    """The first was made by us, each further one a day's half later by `by`."""
    rows = [(since + n * timedelta(hours=6), "us" if n == 0 else by, own) for n, own in enumerate(seen)]
    return Life(seen=rows)


def history(meetings: str = "", *lives: Life, days: int = 7, **more: object) -> History:
    """'Mon 10:00-11:00 Tue 09:00-10:00 …' in the week of MONDAY; the director's hours."""
    words = meetings.split()
    busy: dict[date, tuple[Busy, ...]] = {}
    for name, when in zip(words[::2], words[1::2], strict=True):
        day = MONDAY + ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(name) * DAY
        start, end = at(when)
        busy[day] = (*busy.get(day, ()), Busy(day=day, start=start, end=end, others=2, title="Meeting"))
    values: dict[str, object] = {
        "leader": PARAMS.leader("director"), "off": frozenset(), "absent": {},
        "days": [MONDAY + n * DAY for n in range(days)], "busy": busy,
        "lives": {one.last.uid: one for one in lives},
    }  # fmt: skip
    return History(**(values | more))  # type: ignore[arg-type]  # as above


# -- days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("busy", "long", "stretches"),
    [
        ("", 510, 4),
        ("11:00-11:30", 120 + 360, 4),
        ("10:30-11:00 13:00-13:30 15:00-15:30 17:00-17:30", 120, 1),
        ("09:00-11:00 12:59-17:30", 0, 0),
        ("09:00-11:00 13:00-17:30", 120, 1),
        ("08:00-10:00 09:30-12:00 17:00-19:00", 300, 2),
    ],
    ids=[
        "an empty day is one stretch, with room for four times two hours",
        "two hours to the minute count",
        "stretches under two hours do not",
        "nor do two hours less a minute",
        "two hours between two meetings do",
        "meetings may overlap, and lie outside of working hours",
    ],
)
def test_two_hour_time(busy: str, long: int, stretches: int) -> None:
    assert (long_minutes(WORK, spans(busy)), long_stretches(WORK, spans(busy))) == (long, stretches)


def test_time_that_is_covered_twice_counts_once_and_order_does_not_matter() -> None:
    assert merged(spans("11:00-12:00 09:00-10:00 09:30-11:00")) == [at("09:00-12:00")]
    assert minutes(spans("11:00-12:00 09:00-10:00 09:30-10:30")) == 150
    assert free(at("09:00-12:00"), spans("09:00-09:30 11:00-12:30")) == [at("09:30-11:00")]


@pytest.mark.parametrize(
    ("busy", "run"),
    [("", 0), ("09:00-10:00 10:04-11:00", 120), ("09:00-10:00 10:05-11:00", 60)],
    ids=["no meeting, no run", "four minutes are no break", "five minutes are one"],
)
def test_a_run_goes_on_without_a_break(busy: str, run: int) -> None:
    assert longest_run(spans(busy)) == run


@pytest.mark.parametrize(
    ("others", "ours", "lost"),
    [
        ("", "12:00-14:00", False),
        ("11:30-12:00", "12:00-14:00", True),
        ("11:30-12:00", "12:30-14:00", False),
        ("11:30-12:01", "12:30-14:00", True),
        ("11:30-14:00", "09:00-10:00", False),
        ("11:00-13:15", "13:20-14:30", True),
    ],
    ids=[
        "half an hour before noon is left",
        "a block over all that meetings leave takes it",
        "half an hour to the minute is lunch",
        "a minute less is none",
        "where meetings leave none, ours takes none",
        "two pieces under half an hour are none",
    ],
)
def test_lunch_is_lost_to_us_only_where_there_would_be_one(others: str, ours: str, lost: bool) -> None:
    assert lunch_lost(spans(others), spans(ours)) is lost
    assert has_lunch([*spans(others), *spans(ours)]) is (not lost and others != "11:30-14:00")


# -- what came of blocks ----------------------------------------------------------------------------------------------


def test_what_is_kept_of_blocks_and_in_which_pieces() -> None:
    whole, cut = life(block("09:00-11:00")), life(block("13:00-16:00", uid="cut"))
    got = blocks(history("Mon 13:30-14:00", whole, cut), [(whole, whole.last), (cut, cut.last)])
    assert (got.booked, got.kept, got.count) == (5.0, 4.5, 2)
    assert got.kept_long == pytest.approx(240 / 270)  # 30 minutes before the meeting are none
    assert (got.lengths, got.hours, got.short) == ({"120": 1, "180": 1}, {"09": 1, "13": 1}, 0)


def test_a_block_on_a_day_off_keeps_nothing() -> None:
    one = life(block("09:00-11:00"))
    assert blocks(history("", one, off=frozenset({MONDAY})), [(one, one.last)]).kept == 0


@pytest.mark.parametrize(
    ("seen", "by", "moves", "placed"),
    [
        (["09:00-11:00"], "us", 0, "us"),
        (["09:00-11:00", "10:00-12:00", "13:00-15:00"], "us", 2, "us"),
        (["09:00-11:00", "09:00-10:00"], "us", 1, "us"),
        (["09:00-11:00", "14:00-16:00"], "user", 0, "user"),
    ],
    ids=["stays", "moved twice", "another length is a move", "the user's move is none of ours"],
)
def test_moves(seen: list[str], by: str, moves: int, placed: str) -> None:
    one = life(*(block(when, uid="one") for when in seen), by=by)
    assert (one.moves, one.placed_by) == (moves, placed)


def test_what_was_gone_before_its_time_did_not_come() -> None:
    one = life(block("09:00-11:00"))
    assert one.came == one.last
    one.gone = (begins(one.last) - timedelta(minutes=1), "us")
    assert one.came is None
    one.gone = (begins(one.last) + timedelta(minutes=1), "us")
    assert one.came == one.last


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"text": "b"}, "text"),
        ({"show": "free"}, "show"),
        ({"show": "free", "text": "b"}, "other"),
        ({"title": "b", "text": "b"}, "other"),
        ({"start": 600, "text": "b"}, "move"),
    ],
    ids=["text", "show", "both", "title", "whatever else changes, a move is a move"],
)
def test_kinds_of_writes(fields: dict[str, object], kind: str) -> None:
    assert changed(block("09:00-11:00", text="a"), block("09:00-11:00", **({"text": "a"} | fields))) == kind


def test_a_week_is_as_long_as_the_leader_works() -> None:
    got = side(history("Mon 09:00-12:00 Mon 18:00-19:00 Tue 10:00-17:30", absent={MONDAY + 4 * DAY: "Vacation"}))
    assert got.meetings == 11.5  # four days are the longest week that there is
    assert (got.evening, got.two_hours, got.thin) == (1.0, 5.5 + 2 * 8.5, 0)


# -- verdicts ---------------------------------------------------------------------------------------------------------


def _verdict(when: str, meetings: str = "", busy_then: str = "", **more: object) -> tuple[tuple[str, ...], bool]:
    one = life(block(when))
    week = [MONDAY + n * DAY for n in range(7)]
    then = {d: tuple(spans(busy_then)) for d in week}
    place = Place(at=datetime(2025, 3, 2, 7), own=one.last, busy=then, ours=dict.fromkeys(week, ()))
    one.places.append(place)
    found = verdict(history(meetings, one, **more), one, one.last)
    return found.why, found.kept_if_late_counts


@pytest.mark.parametrize(
    ("when", "meetings", "then", "why", "if_late_counts"),
    [
        ("09:00-11:00", "", "", (), True),
        ("09:00-10:15", "", "", ("under 90 min",), False),
        ("12:00-14:00", "Mon 11:00-12:00", "", ("takes the last half hour for lunch",), False),
        ("09:00-11:00", "Mon 11:00-14:00", "", (), True),
        ("16:00-17:30", "", "", (LATE_WHY,), False),
        ("16:00-17:30", "Mon 10:30-12:00 Mon 13:30-15:00", "", (LATE_WHY,), True),
        ("16:00-17:30", "Mon 10:30-12:00 Mon 13:30-15:00", "09:00-15:45", (), True),
        ("10:00-12:00", "Mon 12:30-17:30 Mon 09:00-10:00", "", ("fills the last free hour of a full day",), False),
        ("09:00-11:00", "Mon 12:30-17:30", "", (), True),
    ],
    ids=[
        "a good one",
        "short",
        "over lunch",
        "meetings over lunch",
        "late while the week was free",
        "late, and the day has no other two hours",
        "late, and nothing else was free",
        "the last free hour of a day with six hours of meetings",
        "an hour and more is left",
    ],
)
def test_verdicts(when: str, meetings: str, then: str, why: tuple[str, ...], if_late_counts: bool) -> None:
    assert _verdict(when, meetings, then) == (why, if_late_counts)


def test_another_block_of_the_day_that_takes_lunch_is_no_fault_of_this_one() -> None:
    one, noon = life(block("09:00-11:00")), life(block("11:00-14:00", uid="noon"))
    lived = history("", one, noon)
    assert verdict(lived, one, one.last).kept
    assert verdict(lived, noon, noon.last).why == ("takes the last half hour for lunch",)


def test_a_block_on_a_day_off_is_not_kept() -> None:
    assert _verdict("09:00-11:00", off=frozenset({MONDAY})) == (("on a day off",), False)


# -- questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What helped in Thursday 09:00 ‘Vendor’?", "What helped in Mon 14:30 ‘Board’?", True),
        ("You wrote “a”, “b”. And now?", "You wrote “c”. And now?", True),
        ("What went well?", "What went badly?", False),
        ("After 3 lost blocks, what next?", "After 12 lost blocks, what next?", True),
    ],
    ids=["of another meeting", "of other words", "another one", "of another number"],
)
def test_which_questions_are_the_same(one: str, other: str, same: bool) -> None:
    assert (template(one) == template(other)) is same


def test_questions_that_come_again() -> None:
    days = [0, 28, 57]
    got = asked([(MONDAY + n * DAY, "What went well?") for n in days] + [(MONDAY, "Where did you stop?")] * 5)
    assert (got.count, got.again, got.most) == (3, 1, 3)  # after 29 days it is new, and the fixed one is not counted
    assert asked([]).most == 0


# -- flags ------------------------------------------------------------------------------------------------------------

LIMITS = Limits(
    day_meetings=360, day_share=0.75, day_run=120, week_meetings=1200, week_share=0.5, week_after_hours=120,
    week_long=2, near=0.9,
)  # fmt: skip


def _day(meetings: str, n: int = 0) -> Day:
    met = tuple(spans(meetings))
    return Day(day=MONDAY + n * DAY, within=WORK, meetings=met, busy=met)


@pytest.mark.parametrize(
    ("meetings", "week", "said"),
    [
        ("09:00-10:00 11:00-12:00", False, False),
        ("09:00-10:48", False, True),
        ("09:00-10:47", False, False),
        ("09:00-10:00 10:10-11:10 11:20-12:20 13:00-14:00 14:10-15:10 15:20-15:44", False, True),
        ("09:00-10:00", True, False),
        ("18:00-19:48", True, True),
        ("10:00-10:30 12:00-12:30 14:00-14:30 16:00-16:30", True, True),
    ],
    ids=[
        "two hours with a break are no full day",
        "a run near its limit is true",
        "a minute less is not",
        "hours near their limit are true",
        "a calm week",
        "evenings near their limit are true",
        "a week without two stretches is true",
    ],
)
def test_whether_a_flag_is_true(meetings: str, week: bool, said: bool) -> None:
    assert over([_day(meetings)], LIMITS, week=week) is said


def _flag(key: str, day: date, **more: object) -> Own:
    return block("", day, policy="overload", key=key, uid=f"unbusy-{key}-{more.pop('n', 0)}", title="Busy", **more)


def test_flags_that_stood_went_and_came_again() -> None:
    week = life(_flag("week/2025-W10", MONDAY, last=MONDAY + 4 * DAY))
    false = life(_flag("day/2025-03-04", MONDAY + DAY))
    gone = life(_flag("day/2025-03-05", MONDAY + 2 * DAY))
    gone.gone = (datetime(2025, 3, 4, 7), "us")
    back = life(_flag("day/2025-03-06", MONDAY + 3 * DAY))
    back.gone = (datetime(2025, 3, 3, 7), "us")
    again = life(_flag("day/2025-03-06", MONDAY + 3 * DAY, n=1), since=datetime(2025, 3, 4, 7))
    deleted = life(_flag("day/2025-03-07", MONDAY + 4 * DAY))
    deleted.gone = (datetime(2025, 3, 4, 7), "user")
    beyond = life(_flag("week/2025-W11", MONDAY + 7 * DAY, last=MONDAY + 11 * DAY))
    full = "Mon 09:00-15:00 Tue 09:00-10:00 Wed 09:00-15:00 Thu 09:00-15:00 Fri 09:00-15:00"
    got = flagged(history(full, week, false, gone, back, again, deleted, beyond), LIMITS)
    assert (got.true, got.false, got.withdrawn, got.flapped) == (3, 1, 1, 1)  # week, Thursday, what the user deleted
    assert (got.days, got.weeks, got.level_days, got.level_weeks) == (5, 1, 4, 1)  # Wednesday is a rise


def test_a_rise_is_a_quarter_over_the_median_before() -> None:
    weeks = {MONDAY + 7 * n * DAY: m for n, m in enumerate([100, 100, 300, 125, 124, 500])}
    assert {(w - MONDAY).days // 7 for w in risen(weeks, 4)} == {2, 3, 5}


def test_writes_are_by_us_alone() -> None:
    lived = history("")
    one = block("09:00-11:00")
    lived.saw("us", datetime(2025, 3, 3, 7), {}, {one.uid: one}, _nothing())
    moved = block("10:00-12:00", uid=one.uid)
    lived.saw("user", datetime(2025, 3, 3, 8), {one.uid: one}, {one.uid: moved}, _nothing())
    lived.saw("us", datetime(2025, 3, 3, 12), {one.uid: moved}, {}, _nothing())
    first, last = datetime(2025, 3, 3, 7), datetime(2025, 3, 3, 12)
    assert lived.writes == [
        Write(at=first, kind="create", uid=one.uid), Write(at=last, kind="delete", uid=one.uid)
    ]  # fmt: skip
    assert lived.lives[one.uid].gone == (last, "us")


def _nothing() -> Calendar:
    return Calendar(zone="Europe/Warsaw")


def test_clocks() -> None:
    assert [clock(minute(t)) for t in ("09:05", "17:30")] == ["09:05", "17:30"]
