"""Spans, days, weeks and working hours: as sets of minutes, and where the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model.times import (
    DAY,
    MINUTE,
    DateRange,
    TimeRange,
    Week,
    When,
    WorkingHours,
    at,
    local_day,
    merged,
    minus,
    minutes_of,
    utc,
    week_of,
    weeks_in,
    within,
)

WARSAW = ZoneInfo("Europe/Warsaw")
SANTIAGO = ZoneInfo("America/Santiago")  # its clock changes at midnight
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock changes by half an hour
MON, SUN = 0, 6
ZERO = datetime(2026, 11, 30, tzinfo=UTC)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # the clock changes in Warsaw


def r(start: int, end: int) -> TimeRange:
    """Minutes after an arbitrary zero."""
    return TimeRange(ZERO + start * MINUTE, ZERO + end * MINUTE)


def rs(*pairs: tuple[int, int]) -> tuple[TimeRange, ...]:
    return tuple(r(*pair) for pair in pairs)


def minutes(ranges: tuple[TimeRange, ...] | list[TimeRange]) -> set[int]:
    """The minutes that ranges cover: what they mean, in the plainest form."""
    return {n for x in ranges for n in range((x.start - ZERO) // MINUTE, (x.end - ZERO) // MINUTE)}


lists = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: r(p[0], p[0] + p[1])), max_size=6)
days = st.dates(date(2000, 1, 1), date(2050, 12, 31))
zones = st.sampled_from([WARSAW, SANTIAGO, LORD_HOWE, ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")])


# Instants.


def test_instants_are_held_in_utc() -> None:
    assert utc(datetime(2026, 12, 3, 9, tzinfo=WARSAW)) == datetime(2026, 12, 3, 8, tzinfo=UTC)
    span = TimeRange(datetime(2026, 12, 3, 9, tzinfo=WARSAW), datetime(2026, 12, 3, 9, tzinfo=timezone(timedelta())))
    assert (span.start.tzinfo, span.end.tzinfo, span.minutes) == (UTC, UTC, 60)


def test_a_naive_time_names_no_instant() -> None:
    with pytest.raises(ValueError, match="names no instant"):
        TimeRange(datetime(2026, 12, 3, 9), datetime(2026, 12, 3, 10))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        pytest.param(date(2026, 12, 3), time(9), datetime(2026, 12, 3, 8), id="winter"),
        pytest.param(date(2026, 7, 3), time(9), datetime(2026, 7, 3, 7), id="summer"),
        pytest.param(SPRING, time(2, 30), datetime(2026, 3, 29, 1, 30), id="a gap: the offset before it"),
        pytest.param(AUTUMN, time(2, 30), datetime(2026, 10, 25, 0, 30), id="a fold: the first one"),
        pytest.param(AUTUMN, time(3), datetime(2026, 10, 25, 2), id="after a fold"),
    ],
)
def test_local_wall_times(day: date, clock: time, expected: datetime) -> None:
    assert at(day, clock, WARSAW) == expected.replace(tzinfo=UTC)


def test_the_local_day_of_an_instant() -> None:
    assert local_day(datetime(2026, 12, 3, 22, 59, tzinfo=UTC), WARSAW) == date(2026, 12, 3)
    assert local_day(datetime(2026, 12, 3, 23, 0, tzinfo=UTC), WARSAW) == date(2026, 12, 4)


# Ranges.


def test_a_range_must_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        r(2, 1)
    assert r(2, 2).minutes == 0


def test_minutes_are_elapsed_not_wall_clock() -> None:
    night = [
        TimeRange(at(d, time(0), WARSAW), at(d, time(6), WARSAW)).minutes for d in (SPRING, AUTUMN, date(2026, 12, 3))
    ]
    assert night == [300, 420, 360]


@pytest.mark.parametrize(
    ("a", "b", "common", "covers"),
    [
        pytest.param((0, 10), (5, 15), (5, 10), False, id="overlapping"),
        pytest.param((0, 10), (10, 20), None, False, id="touching is not sharing"),
        pytest.param((0, 10), (2, 8), (2, 8), True, id="inside"),
        pytest.param((0, 10), (0, 10), (0, 10), True, id="equal"),
        pytest.param((0, 10), (12, 20), None, False, id="apart"),
        pytest.param((2, 8), (0, 10), (2, 8), False, id="around"),
    ],
)
def test_two_ranges(a: tuple[int, int], b: tuple[int, int], common: tuple[int, int] | None, covers: bool) -> None:
    assert r(*a).common(r(*b)) == (r(*common) if common else None) == r(*b).common(r(*a))
    assert r(*a).overlaps(r(*b)) is r(*b).overlaps(r(*a)) is (common is not None)
    assert r(*a).covers(r(*b)) is covers


def test_a_range_holds_its_start_and_not_its_end() -> None:
    assert r(0, 10).start in r(0, 10)
    assert r(0, 10).end not in r(0, 10)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(5, 5)], [], id="empty ones vanish"),
        pytest.param([(5, 9), (0, 3)], [(0, 3), (5, 9)], id="sorted"),
        pytest.param([(0, 5), (5, 9)], [(0, 9)], id="touching ones join"),
        pytest.param([(0, 5), (3, 9)], [(0, 9)], id="overlapping ones join"),
        pytest.param([(0, 9), (3, 5)], [(0, 9)], id="one inside another vanishes"),
        pytest.param([(0, 5), (5, 5), (6, 9)], [(0, 5), (6, 9)], id="an empty one joins nothing"),
    ],
)
def test_merged(ranges: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert merged(rs(*ranges)) == rs(*expected)


@pytest.mark.parametrize(
    ("ranges", "holes", "expected"),
    [
        pytest.param([(0, 10)], [], [(0, 10)], id="no hole"),
        pytest.param([(0, 10)], [(3, 5)], [(0, 3), (5, 10)], id="a hole in the middle"),
        pytest.param([(0, 10)], [(0, 3)], [(3, 10)], id="a hole at the start"),
        pytest.param([(0, 10)], [(8, 12)], [(0, 8)], id="a hole over the end"),
        pytest.param([(0, 10)], [(0, 10)], [], id="all of it"),
        pytest.param([(0, 10)], [(10, 20)], [(0, 10)], id="a touching hole"),
        pytest.param([(0, 10)], [(5, 5)], [(0, 10)], id="an empty hole"),
        pytest.param([(0, 4), (6, 10)], [(3, 7)], [(0, 3), (7, 10)], id="one hole in two ranges"),
        pytest.param([(0, 10), (5, 15)], [(1, 2), (1, 3)], [(0, 1), (3, 15)], id="overlapping on both sides"),
    ],
)
def test_minus(ranges: list[tuple[int, int]], holes: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert minus(rs(*ranges), rs(*holes)) == rs(*expected)


@pytest.mark.parametrize(
    ("ranges", "bounds", "expected"),
    [
        pytest.param([(0, 10)], [], [], id="no bounds"),
        pytest.param([(0, 10)], [(5, 20)], [(5, 10)], id="cut"),
        pytest.param([(0, 10)], [(1, 2), (4, 5)], [(1, 2), (4, 5)], id="two bounds in one range"),
        pytest.param([(0, 10)], [(10, 20)], [], id="touching"),
        pytest.param([(0, 6), (4, 10)], [(2, 5), (4, 8)], [(2, 8)], id="overlapping on both sides"),
    ],
)
def test_within(ranges: list[tuple[int, int]], bounds: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert within(rs(*ranges), rs(*bounds)) == rs(*expected)


@given(lists)
def test_merged_means_the_union_with_gaps_between(ranges: list[TimeRange]) -> None:
    union = merged(ranges)
    assert minutes(union) == minutes(ranges)
    assert all(a.end < b.start for a, b in pairwise(union))
    assert all(x.start < x.end for x in union)
    assert minutes_of(ranges) == len(minutes(ranges))
    assert merged(reversed(ranges)) == union == merged(union)


@given(lists, lists)
def test_minus_and_within_mean_difference_and_intersection(a: list[TimeRange], b: list[TimeRange]) -> None:
    left, common = minus(a, b), within(a, b)
    assert minutes(left) == minutes(a) - minutes(b)
    assert minutes(common) == minutes(a) & minutes(b)
    assert left == merged(left)
    assert common == merged(common) == within(b, a)
    assert merged([*left, *common]) == merged(a)


# Days.


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        pytest.param(date(2026, 12, 3), WARSAW, 24, id="a plain day"),
        pytest.param(SPRING, WARSAW, 23, id="the clock goes forward"),
        pytest.param(AUTUMN, WARSAW, 25, id="the clock goes back"),
        pytest.param(date(2026, 9, 6), SANTIAGO, 23, id="forward at midnight, which does not exist"),
        pytest.param(date(2026, 4, 4), SANTIAGO, 25, id="back at midnight"),
        pytest.param(date(2026, 10, 4), LORD_HOWE, 23.5, id="forward by half an hour"),
    ],
)
def test_how_long_a_day_is(day: date, zone: ZoneInfo, hours: float) -> None:
    span = DateRange(day, day + DAY).span(zone)
    assert span.minutes == hours * 60
    assert local_day(span.start, zone) == day == local_day(span.end - MINUTE, zone)


@given(days, zones)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    today, tomorrow = (DateRange(d, d + DAY).span(zone) for d in (day, day + DAY))
    assert today.end == tomorrow.start
    assert DateRange(day, day + 2 * DAY).span(zone) == TimeRange(today.start, tomorrow.end)


def test_the_end_of_an_all_day_event_is_exclusive() -> None:
    assert DateRange(date(2026, 12, 31), date(2027, 1, 2)).days == (date(2026, 12, 31), date(2027, 1, 1))
    assert DateRange(date(2026, 12, 31), date(2026, 12, 31)).days == ()


# Weeks.


@pytest.mark.parametrize(
    ("first", "key"),
    [
        pytest.param(date(2026, 11, 30), "2026-W49", id="a week from Monday"),
        pytest.param(date(2026, 11, 29), "2026-W49", id="from the Sunday before it: the same name"),
        pytest.param(date(2026, 11, 28), "2026-W49", id="from the Saturday before it: the same name"),
        pytest.param(date(2026, 12, 28), "2026-W53", id="a year of 53 weeks"),
        pytest.param(date(2026, 12, 27), "2026-W53", id="its last week from Sunday"),
        pytest.param(date(2027, 1, 4), "2027-W01", id="the first week of a year"),
        pytest.param(date(2027, 1, 3), "2027-W01", id="the same from Sunday"),
        pytest.param(date(2024, 12, 30), "2025-W01", id="a week that begins in the year before its own"),
        pytest.param(date(2024, 12, 29), "2025-W01", id="the same from Sunday, three days of it in 2024"),
        pytest.param(date(2022, 12, 26), "2022-W52", id="a week that ends in the year after its own"),
    ],
)
def test_names_of_weeks(first: date, key: str) -> None:
    assert Week(first).key == key


@pytest.mark.parametrize(
    ("day", "week_starts", "first"),
    [
        pytest.param(date(2026, 11, 30), MON, date(2026, 11, 30), id="Monday, from Monday"),
        pytest.param(date(2026, 12, 6), MON, date(2026, 11, 30), id="Sunday, from Monday"),
        pytest.param(date(2026, 12, 6), SUN, date(2026, 12, 6), id="Sunday, from Sunday"),
        pytest.param(date(2026, 12, 5), SUN, date(2026, 11, 29), id="Saturday, from Sunday"),
        pytest.param(date(2027, 1, 1), MON, date(2026, 12, 28), id="over the year's end"),
    ],
)
def test_the_week_of_a_day(day: date, week_starts: int, first: date) -> None:
    assert week_of(day, week_starts) == Week(first)


@given(days, st.integers(0, 6))
def test_every_day_lies_in_one_week_that_begins_as_the_user_says(day: date, week_starts: int) -> None:
    week = week_of(day, week_starts)
    assert week.first.weekday() == week_starts
    assert len(week.days) == 7
    assert day in week.days
    assert {week_of(d, week_starts) for d in week.days} == {week}
    assert week.next() == week_of(day + 7 * DAY, week_starts)


@given(days, st.integers(0, 6))
def test_names_of_weeks_grow_with_time(day: date, week_starts: int) -> None:
    weeks = [week_of(day + n * 7 * DAY, week_starts) for n in range(60)]
    keys = [w.key for w in weeks]
    assert keys == sorted(set(keys))


def test_a_week_in_which_the_clock_changes() -> None:
    hours = [
        Week(first).span(WARSAW).minutes / 60 for first in (date(2026, 3, 23), date(2026, 10, 19), date(2026, 11, 30))
    ]
    assert hours == [167, 169, 168]


@pytest.mark.parametrize(
    ("start", "end", "keys"),
    [
        pytest.param(datetime(2026, 12, 3, 9), datetime(2026, 12, 3, 10), ["2026-W49"], id="inside one"),
        pytest.param(datetime(2026, 12, 3), datetime(2026, 12, 7), ["2026-W49"], id="to its end"),
        pytest.param(datetime(2026, 12, 3), datetime(2026, 12, 7, 0, 1), ["2026-W49", "2026-W50"], id="a minute more"),
        pytest.param(datetime(2026, 12, 7), datetime(2026, 12, 7), [], id="an empty span touches none"),
        pytest.param(
            datetime(2026, 12, 24), datetime(2027, 1, 5), ["2026-W52", "2026-W53", "2027-W01"], id="a year's end"
        ),
    ],
)
def test_weeks_of_a_span(start: datetime, end: datetime, keys: list[str]) -> None:
    span = TimeRange(start.replace(tzinfo=WARSAW), end.replace(tzinfo=WARSAW))
    assert [w.key for w in weeks_in(span, WARSAW, MON)] == keys


@given(days, st.integers(1, 60 * 24 * 40), zones, st.integers(0, 6))
def test_weeks_of_a_span_follow_each_other_and_cover_it(
    day: date, length: int, zone: ZoneInfo, week_starts: int
) -> None:
    start = at(day, time(13), zone)
    span = TimeRange(start, start + length * MINUTE)
    weeks = weeks_in(span, zone, week_starts)
    assert TimeRange(weeks[0].span(zone).start, weeks[-1].span(zone).end).covers(span)
    assert all(w.span(zone).overlaps(span) for w in weeks)
    assert all(a.next() == b for a, b in pairwise(weeks))


# Working hours.

HOURS = WorkingHours(
    (
        ((time(9), time(12)), (time(13), time(17, 30))),
        ((time(18), time()),),
        ((time(), time()),),
        ((time(1), time(4)),),
        (),
        (),
        ((time(1), time(4)),),
    )
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 11, 30), [("09:00", "12:00"), ("13:00", "17:30")], id="two spans"),
        pytest.param(date(2026, 12, 1), [("18:00", "00:00")], id="to midnight"),
        pytest.param(date(2026, 12, 2), [("00:00", "00:00")], id="around the clock"),
        pytest.param(date(2026, 12, 4), [], id="a day off"),
    ],
)
def test_working_hours(day: date, expected: list[tuple[str, str]]) -> None:
    spans = HOURS.on(day, WARSAW)
    assert [(f"{s.start.astimezone(WARSAW):%H:%M}", f"{s.end.astimezone(WARSAW):%H:%M}") for s in spans] == expected
    assert all(local_day(s.start, WARSAW) == day == local_day(s.end - MINUTE, WARSAW) for s in spans)


@pytest.mark.parametrize(
    ("day", "elapsed"),
    [
        pytest.param(date(2026, 12, 6), 180, id="a plain Sunday"),
        pytest.param(SPRING, 120, id="the clock goes forward in it"),
        pytest.param(AUTUMN, 240, id="the clock goes back in it"),
    ],
)
def test_working_hours_on_a_night_when_the_clock_changes(day: date, elapsed: int) -> None:
    assert minutes_of(HOURS.on(day, WARSAW)) == elapsed


# -- any kind of time -------------------------------------------------------------------------------------------------

LATE = TimeRange(datetime(2026, 12, 2, 23, 30, tzinfo=UTC), datetime(2026, 12, 3, 1, 0, tzinfo=UTC))
DATES = DateRange(date(2026, 12, 3), date(2026, 12, 5))


@pytest.mark.parametrize(
    ("when", "first", "minutes", "ends", "stamp"),
    [
        pytest.param(
            LATE, date(2026, 12, 3), 90, ("2026-12-03T00:30:00+01:00", "2026-12-03T02:00:00+01:00"),
            "20261202T233000Z/20261203T010000Z", id="instants are of the local day on which they begin",
        ),
        pytest.param(
            DATES, date(2026, 12, 3), 0, ("2026-12-03", "2026-12-05"), "20261203/20261205",
            id="days take no time of the day, and their end is exclusive",
        ),
    ],
)  # fmt: skip
def test_both_kinds_of_time_answer_alike(
    when: When, first: date, minutes: int, ends: tuple[str, str], stamp: str
) -> None:  # fmt: skip
    zone = ZoneInfo("Europe/Warsaw")
    assert (when.first_day(zone), when.minutes, when.stamp) == (first, minutes, stamp)
    assert tuple(end.isoformat() for end in when.ends(zone)) == ends
    assert when.all_day is (when.dates is not None)
    assert when.dates in (None, when)
    assert when.span(zone) == (when if not when.dates else when.dates.span(zone))


@pytest.mark.parametrize(
    ("when", "now", "begun"),
    [
        pytest.param(LATE, "2026-12-02T23:29+00:00", False, id="instants: before the start"),
        pytest.param(LATE, "2026-12-02T23:30+00:00", True, id="instants: at the start"),
        pytest.param(DATES, "2026-12-04T22:59+00:00", False, id="days: to the end of the last one, by the local clock"),
        pytest.param(DATES, "2026-12-04T23:00+00:00", True, id="days: the midnight after it"),
    ],
)
def test_when_it_has_begun(when: When, now: str, begun: bool) -> None:
    assert when.begun(datetime.fromisoformat(now), ZoneInfo("Europe/Warsaw")) is begun
