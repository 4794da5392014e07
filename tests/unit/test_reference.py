"""When events take place: series, zones, and the files that break programs.

Times are in UTC: Warsaw is an hour ahead of it in the winter, two in the summer.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545 import reference
from connectors.rfc5545.reference import Occurrence, Unreadable, expand
from daemon.model.times import DAY, DateRange, TimeRange
from making import ZONE
from payloads import ics, vevent

YEAR = TimeRange(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
START = "DTSTART;TZID=Europe/Warsaw:20260302T090000"
END = "DTEND;TZID=Europe/Warsaw:20260302T100000"
CUSTOM = """\
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE"""


def found(payload: bytes, window: TimeRange = YEAR, zone: ZoneInfo = ZONE) -> list[Occurrence]:
    """The occurrences of a payload without problems, by start."""
    out: list[Occurrence] = []
    for one in expand(payload, window, zone):
        assert isinstance(one, Occurrence), one
        out.append(one)
    return sorted(out, key=lambda o: (o.when.first if isinstance(o.when, DateRange) else o.when.start).isoformat())


def whens(payload: bytes, **more: TimeRange) -> list[str]:
    """'0302 0800-0900' for each occurrence, or '0302..0304' (exclusive) for days."""
    return [shown(o.when) for o in found(payload, **more)]


def shown(when: TimeRange | DateRange) -> str:
    if isinstance(when, DateRange):
        return f"{when.first:%m%d}..{when.end:%m%d}"
    end = f"{when.end:%H%M}" if when.end.date() == when.start.date() else f"{when.end:%m%d %H%M}"
    return f"{when.start:%m%d %H%M}-{end}"


def series(*lines: str, start: str = START, end: str = END) -> bytes:
    return ics(vevent(*lines, start=start, end=end))


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "0302 0900-1000"),
        (START, END, "0302 0800-0900"),
        (START, "DTEND;TZID=America/New_York:20260302T050000", "0302 0800-1000"),
        ("DTSTART;TZID=W. Europe Standard Time:20260302T090000", "DURATION:PT90M", "0302 0800-0930"),
        ("DTSTART;TZID=/example.com/Europe/Berlin:20260302T090000", "DURATION:PT1H", "0302 0800-0900"),
        ("DTSTART:20260302T090000", "DTEND:20260302T100000", "0302 0800-0900"),
        (START, "", "0302 0800-0800"),
        (START, "DTEND;TZID=Europe/Warsaw:20260302T090000", "0302 0800-0800"),
        (START, f"{END}\nDURATION:PT3H", "0302 0800-0900"),
        ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304", "0302..0304"),
        ("DTSTART;VALUE=DATE:20260302", "", "0302..0303"),
        ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302", "0302..0303"),
        ("DTSTART;VALUE=DATE:20260302", "DURATION:P2D", "0302..0304"),
        ("DTSTART:20260302", "", "0302..0303"),
        ("DTSTART:20260302T090000Z ", "DURATION:PT1H\t", "0302 0900-1000"),
        (f"{START}\nDTSTART:20260402T090000Z", END, "0302 0800-0900"),
    ],
)  # fmt: skip
def test_a_single_event(start: str, end: str, when: str) -> None:
    (one,) = found(series(start=start, end=end))
    assert (shown(one.when), one.recurrence_id, one.series, one.uncertain) == (when, "", False, False)


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("20261025T023000", "DTEND:20261025T031500", "1025 0030-0215"),  # 02:30 is the first of two: RFC 5545, 3.3.5
        ("20261025T013000", "DTEND:20261025T023000", "1024 2330-1025 0030"),
        ("20261025T013000", "DURATION:PT2H", "1024 2330-1025 0130"),  # hours are exact, days nominal: 3.3.6
        ("20261024T090000", "DURATION:P1D", "1024 0700-1025 0800"),
        ("20260329T023000", "DTEND:20260329T040000", "0329 0130-0200"),  # 02:30 does not exist: the offset before it
        ("20260329T013000", "DTEND:20260329T033000", "0329 0030-0130"),
    ],
)
def test_a_single_event_at_a_change_of_the_clock(start: str, end: str, when: str) -> None:
    zone = ";TZID=Europe/Warsaw"
    payload = series(start=f"DTSTART{zone}:{start}", end=end.replace("DTEND", f"DTEND{zone}"))
    assert whens(payload) == [when]


@pytest.mark.parametrize(
    ("lines", "starts"),
    [
        (["RRULE:FREQ=WEEKLY;COUNT=5"], ["0302 0800", "0309 0800", "0316 0800", "0323 0800", "0330 0700"]),
        (["RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260306T080000Z"], ["0302 0800", "0304 0800", "0306 0800"]),
        (["RRULE:FREQ=DAILY;UNTIL=20260304"], ["0302 0800", "0303 0800", "0304 0800"]),
        (["RRULE:FREQ=DAILY;UNTIL=20260304T090000"], ["0302 0800", "0303 0800", "0304 0800"]),
        (["RRULE:FREQ=DAILY;UNTIL=20260304T083000"], ["0302 0800", "0303 0800"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Warsaw:20260303T090000"], ["0302 0800", "0304 0800"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T080000Z"], ["0302 0800", "0304 0800"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303"], ["0302 0800", "0304 0800"]),
        (["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260302T080000Z"], ["0303 0800"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260302T080000Z", "EXDATE:20260303T080000Z"], ["0304 0800"]),
        (["RDATE;TZID=Europe/Warsaw:20260305T140000,20260302T090000"], ["0302 0800", "0305 1300"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"], ["0302 0800", "0327 0800", "0424 0700"]),
        (["RRULE:FREQ=YEARLY"], ["0302 0800"]),
    ],
    ids=lambda value: " ".join(value) if "R" in value[0] else "",
)  # fmt: skip
def test_a_series(lines: list[str], starts: list[str]) -> None:
    assert [w.partition("-")[0] for w in whens(series(*lines))] == starts


def test_a_period_brings_its_own_end() -> None:
    assert whens(series("RDATE;VALUE=PERIOD:20260305T100000Z/PT3H")) == ["0302 0800-0900", "0305 1000-1300"]


def test_a_series_of_days() -> None:
    payload = series("RRULE:FREQ=WEEKLY;COUNT=2", start="DTSTART;VALUE=DATE:20260302", end="DTEND;VALUE=DATE:20260304")
    assert [(shown(o.when), o.recurrence_id) for o in found(payload)] == [
        ("0302..0304", "20260302"),
        ("0309..0311", "20260309"),
    ]


def test_each_instance_is_known_by_its_original_start_in_utc() -> None:
    moved = vevent(
        "RECURRENCE-ID;TZID=Europe/Warsaw:20260309T090000", "SUMMARY:Moved",
        start="DTSTART:20260310T120000Z", end="DTEND:20260310T123000Z",
    )  # fmt: skip
    payload = ics(vevent("RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Weekly", start=START, end=END), moved)
    assert [(shown(o.when), o.recurrence_id, o.source.text("SUMMARY")) for o in found(payload)] == [
        ("0302 0800-0900", "20260302T080000Z", "Weekly"),
        ("0310 1200-1230", "20260309T080000Z", "Moved"),
        ("0316 0800-0900", "20260316T080000Z", "Weekly"),
    ]
    assert all(o.series for o in found(payload))


def test_a_move_of_all_that_follows() -> None:
    later = vevent(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Warsaw:20260309T090000", "SUMMARY:Later",
        start="DTSTART;TZID=Europe/Warsaw:20260310T110000", end="DTEND;TZID=Europe/Warsaw:20260310T113000",
    )  # fmt: skip
    payload = ics(vevent("RRULE:FREQ=WEEKLY;COUNT=4", start=START, end=END), later)
    assert [(shown(o.when), o.recurrence_id) for o in found(payload)] == [
        ("0302 0800-0900", "20260302T080000Z"),
        ("0310 1000-1030", "20260309T080000Z"),
        ("0317 1000-1030", "20260316T080000Z"),
        ("0324 1000-1030", "20260323T080000Z"),
    ]


def test_an_override_without_its_series_is_an_event() -> None:
    (one,) = found(ics(vevent("RECURRENCE-ID:20260301T080000Z", start=START, end=END)))
    assert (shown(one.when), one.recurrence_id, one.series) == ("0302 0800-0900", "20260301T080000Z", True)


def test_of_two_overrides_the_newer_counts() -> None:
    both = [
        vevent(
            "RECURRENCE-ID:20260309T080000Z", f"SEQUENCE:{n}", start=f"DTSTART:20260309T1{n}0000Z", end="DURATION:PT1H"
        )
        for n in (2, 1)
    ]
    payload = ics(vevent("RRULE:FREQ=WEEKLY;COUNT=2", start=START, end=END), *both)
    assert whens(payload) == ["0302 0800-0900", "0309 1200-1300"]


@pytest.mark.parametrize(
    ("window", "count"),
    [
        (("09:00", "10:00"), 1),
        (("09:59", "12:00"), 1),
        (("08:00", "09:01"), 1),
        (("10:00", "11:00"), 0),
        (("08:00", "09:00"), 0),
    ],
)
@pytest.mark.parametrize("rule", ["", "RRULE:FREQ=DAILY;COUNT=2"])
def test_the_window_is_half_open(window: tuple[str, str], count: int, rule: str) -> None:
    span = TimeRange(*(datetime.combine(date(2026, 3, 2), time.fromisoformat(t), UTC) for t in window))
    payload = series(rule, start="DTSTART:20260302T090000Z", end="DTEND:20260302T100000Z")
    assert len(found(payload, span)) == count


def test_an_event_without_length_is_in_the_window_in_which_it_begins() -> None:
    payload = series(start="DTSTART:20260302T090000Z", end="")
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert len(found(payload, TimeRange(nine, nine + timedelta(hours=1)))) == 1
    assert not found(payload, TimeRange(nine - timedelta(hours=1), nine))


def test_days_are_in_the_window_as_the_user_has_them() -> None:
    payload = series(start="DTSTART;VALUE=DATE:20260302", end="")
    evening = TimeRange(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), datetime(2026, 3, 3, 1, tzinfo=UTC))
    assert not found(payload, evening, ZoneInfo("Europe/Warsaw"))
    assert found(payload, evening, ZoneInfo("America/New_York"))
    weekly = series("RRULE:FREQ=WEEKLY", start="DTSTART;VALUE=DATE:20260223", end="")
    noon_before = TimeRange(datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC))
    assert not found(weekly, noon_before, ZoneInfo("Europe/Warsaw"))
    assert found(weekly, noon_before, ZoneInfo("Pacific/Kiritimati"))


# --- zones ---------------------------------------------------------------------------------------------------


def test_floating_times_are_those_of_the_calendar_or_of_the_user() -> None:
    floating = vevent(start="DTSTART:20260302T090000", end="DTEND:20260302T100000")
    assert whens(ics(floating)) == ["0302 0800-0900"]
    assert whens(ics("X-WR-TIMEZONE:America/New_York", floating)) == ["0302 1400-1500"]
    assert whens(ics("X-WR-TIMEZONE:Nowhere/Else", floating)) == ["0302 0800-0900"]


def test_a_calendars_zone_moves_no_instant() -> None:
    payload = ics(
        "X-WR-TIMEZONE:America/New_York", vevent("RRULE:FREQ=DAILY;COUNT=1", start="DTSTART:20260302T090000Z")
    )
    assert [w.partition("-")[0] for w in whens(payload)] == ["0302 0900"]


def test_a_time_in_an_unknown_zone_is_uncertain() -> None:
    start = "DTSTART;TZID=Nowhere/Else:20260302T090000"
    for rule in ("", "RRULE:FREQ=DAILY;COUNT=1"):
        (one,) = found(series(rule, start=start, end="DURATION:PT1H"))
        assert (shown(one.when), one.uncertain) == ("0302 0800-0900", True)


def custom(offset: str) -> bytes:
    event = vevent(start="DTSTART;TZID=Customized Time Zone:20260302T090000", end="DURATION:PT1H")
    return ics(CUSTOM.format(offset), event)


def test_a_zone_is_that_of_its_own_file_whatever_was_read_before() -> None:
    assert whens(custom("+0900")) == ["0302 0000-0100"]
    assert whens(custom("-0500")) == ["0302 1400-1500"]
    (unknown,) = found(series(start="DTSTART;TZID=Customized Time Zone:20260302T090000", end="DURATION:PT1H"))
    assert unknown.uncertain


def test_a_zone_may_follow_its_events() -> None:
    event, zone = (
        vevent(start="DTSTART;TZID=Customized Time Zone:20260302T090000", end="DURATION:PT1H"),
        CUSTOM.format("-0500"),
    )
    assert whens(ics(event, zone)) == ["0302 1400-1500"]


def test_zones_stay_apart_in_several_threads() -> None:
    def check(offset: str, expected: str) -> Callable[[], None]:
        return lambda: wrong.extend(w for _ in range(60) for w in whens(custom(offset)) if w != expected)

    wrong: list[str] = []
    threads = [
        threading.Thread(target=check(offset, expected))
        for offset, expected in (("+0900", "0302 0000-0100"), ("-0500", "0302 1400-1500"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_known_name_is_that_of_the_zone_database() -> None:
    for offset in ("+0900", "junk"):
        wrong = CUSTOM.format(offset).replace("Customized Time Zone", "Europe/Warsaw")
        assert whens(ics(wrong, vevent(start=START, end=END))) == ["0302 0800-0900"]


def test_a_zone_that_says_nothing_is_unknown() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nEND:VTIMEZONE"
    event = vevent(start="DTSTART;TZID=Customized Time Zone:20260302T090000", end="DURATION:PT1H")
    (one,) = found(ics(zone, event))
    assert one.uncertain


# --- hostile files ---------------------------------------------------------------------------------------------


def test_an_end_before_the_start_leaves_a_moment_and_a_word() -> None:
    for end in ("DTEND;TZID=Europe/Warsaw:20260302T080000", "DURATION:-PT1H"):
        for rule in ("", "RRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=Europe/Warsaw:20260303T090000"):
            problem, one = expand(series(rule, end=end), YEAR, ZONE)
            assert isinstance(problem, Unreadable)
            assert isinstance(one, Occurrence)
            assert "ends before it begins" in problem.why
            assert shown(one.when) == "0302 0800-0800"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMONTHDAY=1,2,3,4,5,6",
    ],
)
def test_a_series_that_runs_away_is_stopped(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "SERIES_CALLS", 200_000)
    before = sys.getprofile()
    bad, good = vevent(f"RRULE:{rule}", uid="bad", start=START, end=END), vevent("RRULE:FREQ=DAILY;COUNT=2", uid="good")
    results = list(expand(ics(bad, good), YEAR, ZONE))
    assert [r.uid for r in results] == ["bad", "good", "good"]
    assert "costly" in getattr(results[0], "why", "")
    assert sys.getprofile() is before


def test_many_series_together_have_a_budget_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "RESOURCE_CALLS", 100_000)
    payload = ics(*(vevent("RRULE:FREQ=WEEKLY", uid=str(n), start=START, end=END) for n in range(20)))
    results = list(expand(payload, YEAR, ZONE))
    assert 0 < len({r.uid for r in results if isinstance(r, Unreadable)}) < 20


def test_long_series_are_read() -> None:
    week = TimeRange(YEAR.start, YEAR.start + 7 * DAY)
    assert len(found(series("RRULE:FREQ=DAILY", start="DTSTART:19260101T090000Z", end="DURATION:PT1H"), week)) == 7
    assert len(found(series("RRULE:FREQ=HOURLY", start="DTSTART:20250101T000000Z", end="DURATION:PT1H"), week)) == 168


@pytest.mark.parametrize(
    "start",
    ["DTSTART:00010101T000000Z", "DTSTART:99991231T235900Z", "DTSTART;TZID=Asia/Tokyo:00010101T000000"],
)
@pytest.mark.parametrize("more", ["", "RRULE:FREQ=YEARLY", "DURATION:P9999999W"])
def test_times_at_the_edges_of_the_calendar_are_harmless(start: str, more: str) -> None:
    list(expand(series(more, start=start, end=""), YEAR, ZONE))


def test_an_event_without_a_uid_is_named_by_its_content() -> None:
    first, again, other = (found(ics(vevent(f"SUMMARY:{t}", uid="", start=START, end=END)))[0].uid for t in "AAB")
    assert first == again != other


def test_a_bad_alarm_or_line_beside_the_times_does_no_harm() -> None:
    lines = ("GEO:nowhere", "BEGIN:VALARM\nTRIGGER:soon\nEND:VALARM", "no colon at all", 'ATTACH;X=":"')
    assert whens(series(*lines)) == ["0302 0800-0900"]


def test_several_calendars_in_one_file_are_read() -> None:
    assert [o.uid for o in found(ics(vevent(uid="a")) + ics(vevent(uid="b")))] == ["a", "b"]
