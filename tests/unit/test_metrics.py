"""What days and weeks come to."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, PartStat
from daemon.model.figures.measure import day_minutes, figures, measure, measure_day, measure_week, runs, stretches
from daemon.model.figures.metrics import DayFigures
from daemon.model.owner import Field
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, WorkingHours, at, minus, minutes_of, within
from making import MONDAY, NINE_TO_FIVE, ZONE, day, event, meeting, moment, own, profile, snapshot, span

TUESDAY = day("Tue")
EMPTY = {"working": 510, "long_blocks": 4}


def solo(when: str) -> Event:
    return event(when, "Dentist", counts_as=CountsAs.BUSY)


def by_hand(when: str) -> Event:
    return event(when, "Focus: strategy", counts_as=CountsAs.FOCUS)


def lasting(start: str, length: timedelta) -> Event:
    """A meeting from a moment on, however long."""
    return meeting("Mon 00:00-00:01", span=TimeRange(moment(start), moment(start) + length))


def met(minutes: int, **more: int) -> dict[str, int]:
    """An ordinary day with so many minutes in meetings, all of it in hours and in one run."""
    return {"meeting": minutes, "in_hours": minutes, "longest_run": minutes, "long_blocks": 3} | more


DAYS = {
    "empty": ([], {}),
    "one meeting": ([meeting("Tue 10:00-11:00")], met(60)),
    "double booked": (
        [meeting("Tue 10:00-11:00", "A"), meeting("Tue 10:30-11:30", "B"), meeting("Tue 10:30-11:00", "A")],
        met(90, switches=1),
    ),
    "4 minutes are no break": (
        [meeting("Tue 09:00-10:00"), meeting("Tue 10:04-11:00")],
        met(116, longest_run=120, fragments=1),
    ),
    "5 minutes are one": (
        [meeting("Tue 09:00-10:00"), meeting("Tue 10:05-11:00")],
        met(115, longest_run=60, breaks=1, fragments=1),
    ),
    "an evening gap is none": (
        [meeting("Tue 18:00-18:30"), meeting("Tue 19:00-19:30")],
        met(60, in_hours=0, after_hours=60, longest_run=30, long_blocks=4),
    ),
    "59 free minutes are a fragment": (
        [meeting("Tue 09:00-10:00"), meeting("Tue 10:59-15:30")],
        met(331, longest_run=271, breaks=1, fragments=1, long_blocks=1),
    ),
    "60 are not": (
        [meeting("Tue 09:00-10:00"), meeting("Tue 11:00-15:30")],
        met(330, longest_run=270, breaks=1, long_blocks=1),
    ),
    "119 free minutes are no long block": ([meeting("Tue 10:59-17:30")], met(391, long_blocks=0)),
    "120 are one": ([meeting("Tue 11:00-17:30")], met(390, long_blocks=1)),
    "239 are one": ([meeting("Tue 12:59-17:30")], met(271, long_blocks=1)),
    "240 are two": ([meeting("Tue 13:00-17:30")], met(270, long_blocks=2)),
    "early and late": (
        [meeting("Tue 08:30-09:30"), meeting("Tue 17:00-18:00")],
        met(120, in_hours=60, after_hours=60, longest_run=60, breaks=1),
    ),
    "over midnight": (
        [lasting("Mon 23:00", timedelta(minutes=105))],
        met(45, in_hours=0, after_hours=45, long_blocks=4),
    ),
    "without length": ([lasting("Tue 10:00", timedelta())], {}),
    "a minute that is touched counts": ([lasting("Tue 10:00", timedelta(minutes=30, seconds=1))], met(31)),
    "unanswered": ([meeting("Tue 10:00-11:00", reply=PartStat.NEEDS_ACTION)], met(60)),
    "declined": ([meeting("Tue 10:00-11:00", reply=PartStat.DECLINED)], {}),
    "other busy time": ([solo("Tue 10:15-16:00")], {"long_blocks": 0}),
    "all-day, shown as free": ([event("Tue", counts_as=CountsAs.FREE)], {}),
    "focus by hand": ([by_hand("Tue 10:00-12:00")], {"focus_booked": 120, "focus_kept": 120}),
    "a meeting in it": (
        [by_hand("Tue 09:00-11:00"), meeting("Tue 10:00-10:30")],
        met(30, focus_booked=120, focus_kept=90),
    ),
    "one series, one topic": (
        [meeting("Tue 10:00-10:15", "Standup", uid="s"), meeting("Tue 12:00-12:15", "Daily", uid="s")],
        met(30, longest_run=15, breaks=1, long_blocks=2),
    ),
    "the same words, one topic": (
        [meeting("Tue 10:00-10:15", "1:1 Ben / Ada"), meeting("Tue 12:00-12:15", "Ada & ben (2)")],
        met(30, longest_run=15, breaks=1, long_blocks=2),
    ),
    "no words, no common topic": (
        [meeting("Tue 10:00-10:15", "1:1"), meeting("Tue 12:00-12:15", "2:2")],
        met(30, longest_run=15, breaks=1, switches=1, long_blocks=2),
    ),
}


@pytest.mark.parametrize(("events", "expected"), DAYS.values(), ids=DAYS)
def test_a_day(events: list[Event], expected: dict[str, int]) -> None:
    assert measure_day(snapshot(*events), TUESDAY) == DayFigures(day=TUESDAY, **EMPTY | expected)


def test_our_focus_blocks_count_and_take_no_long_block_away() -> None:
    found = measure_day(snapshot(meeting("Tue 10:30-11:30"), ours=[own("Tue 09:00-11:00")]), TUESDAY)
    assert (found.focus_booked, found.focus_kept, found.long_blocks) == (120, 90, 3)


def test_one_that_the_user_made_all_day_stands_for_its_working_time() -> None:
    found = measure_day(snapshot(ours=[own("Tue", edited=[Field.WHEN])]), TUESDAY)
    assert found.focus_booked == 510


def test_our_other_events_are_no_focus() -> None:
    assert (
        measure_day(snapshot(ours=[own("Tue 09:00-09:15", "reflection", "day/2026-12-01")]), TUESDAY).focus_booked == 0
    )


def test_who_is_away_is_in_no_meeting() -> None:
    events = [meeting("Tue 09:00-10:00"), meeting("Tue 12:30-14:00"), meeting("Tue 20:00-21:00")]
    found = measure_day(snapshot(*events, away=[span("Tue 13:00-23:00")]), TUESDAY)
    assert found == DayFigures(
        day=TUESDAY, working=240, meeting=90, in_hours=90, longest_run=60, breaks=1, switches=0, long_blocks=1
    )


def test_a_day_off_has_no_share() -> None:
    found = measure_day(snapshot(meeting("Sat 10:00-11:00")), day("Sat"))
    assert (found.working, found.after_hours, found.share) == (0, 60, 0.0)


def test_the_share_counts_working_time_only() -> None:
    found = measure_day(snapshot(meeting("Tue 07:00-10:42")), TUESDAY)
    assert found.share == 102 / 510


def test_two_spans_of_working_time_are_two_stretches() -> None:
    hours = WorkingHours((((time(9), time(12)), (time(13), time(16))),) * 7)
    found = measure_day(snapshot(meeting("Tue 13:00-13:30"), who=profile(hours=hours)), TUESDAY)
    assert (found.working, found.long_blocks, found.fragments) == (360, 2, 0)


@pytest.mark.parametrize(
    ("sunday", "minutes"),
    [(date(2026, 3, 29), 300), (date(2026, 10, 25), 420), (date(2026, 11, 1), 360)],
    ids=["an hour less", "an hour more", "as ever"],
)
def test_a_day_on_which_the_clocks_change(sunday: date, minutes: int) -> None:
    hours = WorkingHours((((time(), time(6)),),) * 7)
    night = TimeRange(at(sunday, time(), ZONE), at(sunday, time(6), ZONE))
    monday = sunday - 6 * DAY
    events = [meeting("Mon 00:00-00:01", span=night), meeting("Mon 00:00-00:01", monday=monday)]
    found = measure_day(snapshot(*events, monday=monday, who=profile(hours=hours)), sunday)
    assert (found.working, found.meeting, found.in_hours, found.longest_run) == (minutes,) * 4


def test_a_week_is_the_sum_of_its_days() -> None:
    events = [
        meeting("Mon 09:00-10:00"),
        meeting("Wed 10:30-11:00"),
        meeting("Sun 23:30-23:45"),
        meeting("Mon+1 09:00-17:30"),
    ]
    found = measure_week(snapshot(*events), Week(MONDAY))
    assert [d.day for d in found.days] == list(Week(MONDAY).days)
    assert (found.total("meeting"), found.total("after_hours"), found.total("working")) == (105, 15, 5 * 510)
    assert (found.long_blocks, found.share) == (3 + 4 + 3 + 4 + 4, 90 / 2550)


def test_a_week_may_begin_on_sunday() -> None:
    found = measure(snapshot(meeting("Sun-1 10:00-11:00"), who=profile(week_starts=6))).weeks[0]
    assert (found.week.key, found.days[0].day, found.total("meeting")) == ("2026-W49", day("Sun-1"), 60)


def test_all_weeks_from_this_one_on_are_measured() -> None:
    found = measure(snapshot(meeting("Mon-1 09:00-10:00"), meeting("Mon 09:00-10:00"), now="Thu 12:00"))
    assert [w.week.key for w in found.weeks] == ["2026-W49", "2026-W50", "2026-W51"]
    assert [d.day for d in found.days] == [MONDAY + n * DAY for n in range(21)]
    assert sum(d.meeting for d in found.days) == 60


# -- the same with spans instead of bits ---------------------------------------------------------------------------


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A busy Tuesday, with what lies around its midnights."""

    def some(most: int) -> list[TimeRange]:
        start = st.integers(-120, 1500)
        made = draw(st.lists(st.tuples(start, st.integers(0, 200)), max_size=most))
        return [
            TimeRange(begin := moment("Tue 00:00") + timedelta(minutes=a), begin + timedelta(minutes=b))
            for a, b in made
        ]

    kinds = {CountsAs.MEETING: 8, CountsAs.BUSY: 2, CountsAs.FOCUS: 2, CountsAs.FREE: 1}
    events = [
        meeting("Mon 00:00-00:01", uid=f"{kind}{n}", span=r, counts_as=kind)
        for kind, most in kinds.items()
        for n, r in enumerate(some(most))
    ]
    return snapshot(*events, away=some(1), who=profile(hours=NINE_TO_FIVE))


@given(at_=snapshots())
def test_bits_and_spans_agree(at_: Snapshot) -> None:
    found = measure_day(at_, TUESDAY)
    today = [DateRange(TUESDAY, TUESDAY + DAY).span(ZONE)]

    def of(*kinds: CountsAs) -> tuple[TimeRange, ...]:
        return within(minus([e.span for e in at_.events if e.counts_as in kinds], at_.away), today)

    meetings, working = of(CountsAs.MEETING), at_.present(TUESDAY)
    free = minus(working, [*meetings, *of(CountsAs.BUSY)])
    assert found.working == minutes_of(working)
    assert found.meeting == minutes_of(meetings)
    assert found.in_hours == minutes_of(within(meetings, working))
    assert found.after_hours == minutes_of(minus(meetings, working))
    assert found.focus_booked == minutes_of(of(CountsAs.FOCUS))
    assert found.focus_kept == minutes_of(minus(of(CountsAs.FOCUS), meetings))
    assert found.fragments == sum(r.minutes < 60 for r in free)
    assert found.long_blocks == sum(r.minutes // 120 for r in free)


@given(at_=snapshots(), which=st.integers(0, 7))
def test_dropping_a_meeting_makes_no_figure_worse(at_: Snapshot, which: int) -> None:
    (grid,) = day_minutes(at_, (TUESDAY,))
    before = figures(grid)
    after = figures(replace(grid, meetings=grid.meetings[:which] + grid.meetings[which + 1 :]))
    assert after.meeting <= before.meeting
    assert after.in_hours <= before.in_hours
    assert after.after_hours <= before.after_hours
    assert after.longest_run <= before.longest_run
    assert after.long_blocks >= before.long_blocks


@given(minutes=st.sets(st.integers(0, 80)))
def test_stretches_and_runs_hold_what_they_are_made_of(minutes: set[int]) -> None:
    bits = sum(1 << n for n in minutes)
    assert {n for a, b in stretches(bits) for n in range(a, b)} == minutes
    ends = list(runs(bits))
    assert all(later[0] - earlier[1] >= 5 for earlier, later in pairwise(ends))
    assert {a for a, _ in ends} | {b - 1 for _, b in ends} <= minutes
    inside = {n for a, b in ends for n in range(a, b)} - minutes
    assert all(
        any(m in minutes for m in range(n - 4, n)) and any(m in minutes for m in range(n + 1, n + 5)) for n in inside
    )
