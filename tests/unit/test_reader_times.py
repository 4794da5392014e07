"""When an event is: zones and their names, gaps and folds, ends and durations, days (RFC 5545, 3.3, 3.6.5, 3.8.2)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import icalendar.timezone.windows_to_olson
import pytest

from connectors.rfc5545.zones.law import windows
from connectors.rfc5545.zones.windows_zones import WINDOWS_ZONES
from reading import BERLIN, events, ics, reading, told

ALL_2026 = "2026-01-01..2027-01-01"


def zone_of(tzid: str, standard: str, daylight: str = "") -> tuple[str, ...]:
    """A VTIMEZONE that changes as Europe does, or not at all."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{tzid}"]
    if daylight:
        lines += ["BEGIN:DAYLIGHT", "DTSTART:19810329T020000", f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{daylight}"]
        lines += ["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT"]
    lines += ["BEGIN:STANDARD", "DTSTART:19961027T030000", f"TZOFFSETFROM:{daylight or standard}"]
    lines += [
        f"TZOFFSETTO:{standard}",
        *(["RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"] if daylight else []),
        "END:STANDARD",
    ]
    return (*lines, "END:VTIMEZONE")


GAPS = [
    # zone, local start in the gap, end: the offset before the gap counts (3.3.5)
    ("Europe/Berlin", "20260329T023000", "20260329T034500", "03-29 01:30 15"),
    ("America/New_York", "20260308T023000", "20260308T040000", "03-08 07:30 30"),
    ("Australia/Lord_Howe", "20261004T021500", "20261004T030000", "10-03 15:45 15"),
    ("Africa/Casablanca", "20260322T023000", "20260322T040000", "03-22 02:30 30"),
]
FOLDS = [
    # zone, local start that occurs twice, end: the first one counts (3.3.5)
    ("Europe/Berlin", "20261025T023000", "20261025T031500", "10-25 00:30 105"),
    ("America/New_York", "20261101T013000", "20261101T020000", "11-01 05:30 90"),
    ("Australia/Lord_Howe", "20260405T014500", "20260405T020000", "04-04 14:45 45"),
    ("Africa/Casablanca", "20260215T023000", "20260215T030000", "02-15 01:30 90"),
    ("Asia/Kathmandu", "20260329T023000", "20260329T033000", "03-28 20:45 60"),
]


@pytest.mark.parametrize(("zone", "start", "end", "expected"), [*GAPS, *FOLDS])
def test_a_time_in_a_gap_or_fold(zone: str, start: str, end: str, expected: str) -> None:
    payload = ics(f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{end}")
    assert told(payload, ALL_2026) == [expected]


OWN = {"Europe/Berlin": zone_of("Mine", "+0100", "+0200"), "Asia/Kathmandu": zone_of("Mine", "+0545")}


@pytest.mark.parametrize(("zone", "start", "end"), [row[:3] for row in [*GAPS, *FOLDS] if row[0] in OWN])
def test_a_vtimezone_of_ones_own_has_the_same_gaps_and_folds(zone: str, start: str, end: str) -> None:
    named = ics(f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{end}")
    own = ics(f"DTSTART;TZID=Mine:{start}", f"DTEND;TZID=Mine:{end}", frame=OWN[zone])
    assert told(own, ALL_2026) == told(named, ALL_2026)


def test_an_appointment_that_lies_in_a_gap_is_no_moment() -> None:
    payload = ics("DTSTART;TZID=Europe/Berlin:20260329T020000", "DTEND;TZID=Europe/Berlin:20260329T030000")
    assert told(payload, ALL_2026) == ["03-29 01:00 60"]


@pytest.mark.parametrize(
    ("zone", "first", "days", "expected"),
    [
        ("Europe/Berlin", "20260328T023000", 3, "03-28 01:30, 03-30 00:30"),
        ("America/New_York", "20260307T023000", 3, "03-07 07:30, 03-09 06:30"),
        ("Australia/Lord_Howe", "20261003T021500", 3, "10-02 15:45, 10-04 15:15"),
        ("Africa/Casablanca", "20260321T023000", 3, "03-21 02:30, 03-23 01:30"),
        ("Asia/Kathmandu", "20260328T023000", 3, "03-27 20:45, 03-28 20:45, 03-29 20:45"),
        ("Europe/Berlin", "20261024T023000", 3, "10-24 00:30, 10-25 00:30, 10-26 01:30"),
    ],
)
def test_an_instance_in_a_gap_is_left_out(zone: str, first: str, days: int, expected: str) -> None:
    until = f"{first[:6]}{int(first[6:8]) + days - 1:02}{first[8:]}"
    payload = ics(f"DTSTART;TZID={zone}:{first}", "DURATION:PT1H", f"RRULE:FREQ=DAILY;UNTIL={until}")
    assert ", ".join(t.rsplit(" ", 1)[0] for t in told(payload, ALL_2026)) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Mine"])
def test_an_instance_in_a_gap_is_not_counted(zone: str) -> None:
    start = f"DTSTART;TZID={zone}:20260328T023000"
    payload = ics(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", frame=OWN["Europe/Berlin"])
    assert told(payload, ALL_2026) == ["03-28 01:30 60", "03-30 00:30 60", "03-31 00:30 60"]


def test_a_zone_that_skips_a_day() -> None:
    payload = ics("DTSTART;TZID=Pacific/Apia:20111229T120000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
    assert told(payload, "2011-12-01..2012-02-01") == ["12-29 22:00 60", "12-30 22:00 60", "12-31 22:00 60"]


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("DTEND;TZID=Europe/Berlin:20260322T010000", ["03-21 22:00 120", "03-28 22:00 120"]),
        ("DURATION:PT5H", ["03-21 22:00 300", "03-28 22:00 300"]),
        ("DURATION:P1D", ["03-21 22:00 1440", "03-28 22:00 1380"]),
        ("DURATION:P1W", ["03-21 22:00 10080", "03-28 22:00 10020"]),
        ("DURATION:P1DT1H", ["03-21 22:00 1500", "03-28 22:00 1440"]),
        ("DURATION:PT24H", ["03-21 22:00 1440", "03-28 22:00 1380"]),
        ("DTEND;TZID=Europe/Berlin:20260322T230000", ["03-21 22:00 1440", "03-28 22:00 1440"]),
    ],
)
def test_dtend_is_exact_and_days_of_a_duration_are_nominal(length: str, expected: list[str]) -> None:
    payload = ics("DTSTART;TZID=Europe/Berlin:20260321T230000", length, "RRULE:FREQ=WEEKLY;COUNT=2")
    assert told(payload, ALL_2026) == expected


@pytest.mark.parametrize(
    ("lines", "expected", "problems"),
    [
        (["DTSTART:20260302T090000Z"], "03-02 09:00 0", 0),
        (["DTSTART:20260302T090000Z", "DTEND:20260302T090000Z"], "03-02 09:00 0", 0),
        (["DTSTART:20260302T090000Z", "DTEND:20260302T080000Z"], "03-02 09:00 0", 1),
        (["DTSTART:20260302T090000Z", "DURATION:-PT1H"], "03-02 09:00 0", 1),
        (["DTSTART:20260302T090000Z", "DTEND:20260302T100000Z", "DURATION:PT5H"], "03-02 09:00 60", 0),
        (["DTSTART:20260302T090000Z", "DTEND:soon", "DURATION:PT5H"], "03-02 09:00 300", 1),
        (["DTSTART:20260302T090000Z", "DTEND:soon"], "03-02 09:00 0", 1),
        (["DTSTART:20260302T235960Z", "DURATION:PT1H"], "03-03 00:00 60", 0),
        (["DTSTART:20260302T240000Z", "DURATION:PT1H"], "03-03 00:00 60", 0),
        (["DTSTART;TZID=Europe/Berlin:20260302T090000Z", "DURATION:PT1H"], "03-02 09:00 60", 0),
        (["DTSTART;VALUE=DATE:20260302"], "03-02..03-03", 0),
        (["DTSTART:20260302"], "03-02..03-03", 0),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304"], "03-02..03-04", 0),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302"], "03-02..03-02", 0),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:P2D"], "03-02..03-04", 0),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:PT36H"], "03-02..03-04", 0),
        (["DTSTART;VALUE=DATE:20260302", "DTEND:20260303T120000Z"], "03-02..03-04", 0),
        (["DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;VALUE=DATE:20260303"], "03-02 08:00 900", 0),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)
def test_the_end(lines: list[str], expected: str, problems: int) -> None:
    seen = reading(ics(*lines), ALL_2026)
    assert told(ics(*lines), ALL_2026) == [expected]
    assert len(seen.problems) == problems


@pytest.mark.parametrize(
    ("first", "hours"), [("20260329", 23), ("20261025", 25), ("20260302", 24)], ids=["23 h", "25 h", "24 h"]
)
def test_a_day_is_as_long_as_it_is_where_the_user_lives(first: str, hours: int) -> None:
    [event] = events(ics(f"DTSTART;VALUE=DATE:{first}"), ALL_2026)
    assert event.span.minutes == hours * 60
    assert event.all_day


def test_a_day_whose_end_is_its_start_is_busy_all_day() -> None:
    [event] = events(ics("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302"), ALL_2026)
    assert (f"{event.span.start:%d %H:%M}", event.span.minutes) == ("01 23:00", 1440)
    assert (
        len(told(ics("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302"), "2026-03-02 12:00..2026-03-03")) == 1
    )


@pytest.mark.parametrize("window", ["2026-03-01..2026-03-02 09:00", "2026-03-02 10:00..2026-03-09"])
def test_an_event_that_only_touches_the_window_is_not_in_it(window: str) -> None:
    assert told(ics("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z"), window) == []


@pytest.mark.parametrize(("window", "seen"), [("2026-03-02 09:00..2026-03-03", 1), ("2026-03-01..2026-03-02 09:00", 0)])
def test_a_moment_is_in_the_window_that_begins_with_it(window: str, seen: int) -> None:
    assert len(told(ics("DTSTART:20260302T090000Z"), window)) == seen


# --- names of zones ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tzid", "expected"),
    [
        ("Europe/Berlin", "08:00"),
        ("Europe/Kiev", "07:00"),
        ("US/Eastern", "14:00"),
        ("UTC", "09:00"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "08:00"),
        ("/softwarestudio.org/Olson_20011030_5/America/New_York", "14:00"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "12:00"),
        ("/America/New_York", "14:00"),
        ('"Europe/Berlin"', "08:00"),
        ("W. Europe Standard Time", "08:00"),
        ("w. europe standard time", "08:00"),
        ('"Eastern Standard Time 1"', "14:00"),
        ("India Standard Time", "03:30"),
        ("europe/berlin", "08:00"),
        ("Europe/Berlin/", "08:00"),
        ("right/Europe/Berlin", "08:00"),
        ("mozilla.org/20050126_1/Europe/Berlin", "08:00"),
        ('"tzone://Microsoft/Utc"', "09:00"),
        ("Europe-Berlin", "08:00"),
        ("america_argentina_buenos_aires", "12:00"),
        ("US/Pacific-New", "17:00"),
        ("W.Europe Standard Time", "08:00"),
        ("Eastern Daylight Time", "14:00"),
        ("UTC-11", "20:00"),
        ("Russia Time Zone 3 1", "05:00"),
        ("Mexico Standard Time 2", "16:00"),
        ("UTC+3", "06:00"),
        ("GMT+0530", "03:30"),
        ("-0230", "11:30"),
        ('"(GMT-05:00)"', "14:00"),
        ('"(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "08:00"),
        ("(GMT+01.00) Sarajevo/Warsaw/Zagreb", "08:00"),
        ('"(UTC-11:00) Coordinated Universal Time-11"', "20:00"),
        ('"(GMT) Greenwich Mean Time : Dublin, Lisbon"', "09:00"),
        ("(UTC+09:00) Nowhere", "00:00"),
        ('"Eastern Time (US & Canada)"', "14:00"),
        ("PST", "17:00"),
        ("CEST", "08:00"),
        ("Mitteleuropäische Zeit 1", "08:00"),
        ("Hora estándar romance", "08:00"),
        ("東京 (標準時)", "00:00"),
        ("Europe\\/Berlin", "08:00"),
    ],
)
def test_the_name_of_a_zone(tzid: str, expected: str) -> None:
    payload = ics(f"DTSTART;TZID={tzid}:20260302T090000", "DURATION:PT1H")
    assert told(payload, ALL_2026, ZoneInfo("Asia/Tokyo")) == [f"03-02 {expected} 60"]
    assert not events(payload, ALL_2026)[0].uncertain


UNKNOWN = [
    "Nowhere/Middle", "localtime", "posixrules", "Europe", "../../etc/passwd", "/etc/localtime", "Customized Time Zone",
    "5", "Local", "UTC+25", "x" * 500,
]  # fmt: skip


@pytest.mark.parametrize("tzid", UNKNOWN)
def test_an_unknown_zone_is_that_of_the_user_and_says_so(tzid: str) -> None:
    payload = ics(f"DTSTART;TZID={tzid}:20260302T090000", "DURATION:PT1H")
    [event] = events(payload, ALL_2026)
    assert event.uncertain
    assert told(payload, ALL_2026) == ["03-02 08:00 60"]
    [problem] = reading(payload, ALL_2026).problems
    assert tzid[:60] in problem.what
    assert "Europe/Berlin" in problem.what
    assert problem.remedy


OTHERS = ("BEGIN:VEVENT", "UID:o", "DTSTART;TZID=Asia/Tokyo:20250302T090000", "END:VEVENT")
TWICE = ("BEGIN:VEVENT", "UID:t", "DTSTART;TZID=UTC:20250302T090000", "DTEND;TZID=UTC:20250302T100000", "END:VEVENT")


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (zone_of("Nowhere", "-0500"), "14:00"),
        (zone_of("NOWHERE ", "-0500"), "14:00"),
        ((*zone_of("Nowhere", "-0500"), "X-WR-TIMEZONE:Asia/Tokyo"), "14:00"),
        (("X-WR-TIMEZONE:Asia/Kolkata", *OTHERS), "03:30"),
        (OTHERS, "00:00"),
        ((*OTHERS, *TWICE), "09:00"),
        ((*zone_of("Mine", "-0500"), *OTHERS), "00:00"),
        (zone_of("Mine", "-0500"), "14:00"),
        ((), "08:00"),
    ],
    ids=["the VTIMEZONE", "one in another case", "the VTIMEZONE before the calendar's zone", "the calendar's zone",
         "that of the other event", "that of most times", "that of others before that of no event",
         "the only one described", "the user's"],
)  # fmt: skip
def test_what_stands_in_for_an_unknown_zone(frame: tuple[str, ...], expected: str) -> None:
    payload = ics("DTSTART;TZID=Nowhere:20260302T090000", "DURATION:PT1H", frame=frame)
    assert told(payload, ALL_2026) == [f"03-02 {expected} 60"]


def test_an_unknown_zone_of_what_lies_elsewhere_is_no_problem_here() -> None:
    payload = ics("DTSTART;TZID=Nowhere:20260302T090000", "DURATION:PT1H")
    assert reading(payload, "2026-05-01..2026-06-01").problems == ()


def test_the_files_own_zone_comes_before_the_windows_name() -> None:
    frame = zone_of("Eastern Standard Time", "+0900")
    assert told(ics("DTSTART;TZID=Eastern Standard Time:20260302T090000", frame=frame), ALL_2026) == ["03-02 00:00 0"]


def test_the_law_comes_before_what_it_was_under_a_windows_name() -> None:
    frame = zone_of("Central Standard Time (Mexico)", "-0600", "-0500")
    payload = ics("DTSTART;TZID=Central Standard Time (Mexico):20260715T090000", frame=frame)
    assert told(payload, ALL_2026) == ["07-15 15:00 0"]


@pytest.mark.parametrize("name", icalendar.timezone.windows_to_olson.WINDOWS_TO_OLSON)
def test_each_windows_name_is_known_as_it_is_written(name: str) -> None:
    zone = WINDOWS_ZONES[name.lower()]
    assert zone == icalendar.timezone.windows_to_olson.WINDOWS_TO_OLSON[name]
    assert windows(name) == ZoneInfo(zone)


def test_the_table_of_windows_names_is_that_of_the_library() -> None:
    assert WINDOWS_ZONES.keys() == {name.lower() for name in icalendar.timezone.windows_to_olson.WINDOWS_TO_OLSON}
    assert len(WINDOWS_ZONES) == 139


def test_the_iana_zone_comes_before_the_files_own() -> None:
    frame = zone_of("Europe/Berlin", "+0900")
    assert told(ics("DTSTART;TZID=Europe/Berlin:20260302T090000", frame=frame), ALL_2026) == ["03-02 08:00 0"]


def test_one_name_means_two_zones_in_two_calendars_whichever_is_read_first() -> None:
    tokyo = ics("DTSTART;TZID=Customized Time Zone:20260302T090000", frame=zone_of("Customized Time Zone", "+0900"))
    york = ics("DTSTART;TZID=Customized Time Zone:20260302T090000", frame=zone_of("Customized Time Zone", "-0500"))
    unknown = ics("DTSTART;TZID=Customized Time Zone:20260302T090000")
    for _ in range(2):
        assert told(tokyo, ALL_2026) == ["03-02 00:00 0"]
        assert told(york, ALL_2026) == ["03-02 14:00 0"]
        assert [e.uncertain for e in events(unknown, ALL_2026)] == [True]
    assert told(tokyo + york.replace(b"UID:u", b"UID:v"), ALL_2026) == ["03-02 00:00 0", "03-02 14:00 0"]


@pytest.mark.parametrize(
    ("local", "expected"),
    [("20260115T120000", "01-15 11:00 0"), ("20260715T120000", "07-15 10:00 0"), ("19700101T120000", "01-01 11:00 0")],
)
def test_a_vtimezone_changes_and_holds_before_its_first_change(local: str, expected: str) -> None:
    payload = ics(f"DTSTART;TZID=Mine:{local}", frame=zone_of("Mine", "+0100", "+0200"))
    assert told(payload, "1969-01-01..2027-01-01") == [expected]


def test_a_vtimezone_whose_rule_ended_keeps_its_last_offset() -> None:
    frame = tuple(
        line.replace("-1SU", "-1SU;UNTIL=20051231T000000Z") if "RRULE" in line else line
        for line in zone_of("Mine", "+0100", "+0200")
    )
    assert told(ics("DTSTART;TZID=Mine:20260715T120000", frame=frame), ALL_2026) == ["07-15 11:00 0"]


def test_a_vtimezone_by_rdate() -> None:
    frame = (
        "BEGIN:VTIMEZONE",
        "TZID:Mine",
        "BEGIN:STANDARD",
        "DTSTART:20200101T000000",
        "RDATE:20260301T000000,20260901T000000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0300",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
    assert told(ics("DTSTART;TZID=Mine:20260302T090000", frame=frame), ALL_2026) == ["03-02 06:00 0"]


@pytest.mark.parametrize(
    "broken",
    [
        ("BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+9959", "END:STANDARD"),
        ("BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:later", "END:STANDARD"),
        ("BEGIN:STANDARD", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD"),
        (
            "BEGIN:STANDARD",
            "DTSTART:20200101T000000",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "RRULE:FREQ=SECONDLY",
            "END:STANDARD",
        ),
        ("BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:STANDARD") * 301,
    ],
    ids=["a day or more", "no offset", "no start", "every second", "no end of parts"],
)
def test_a_broken_vtimezone_is_an_unknown_zone(broken: tuple[str, ...]) -> None:
    frame = ("BEGIN:VTIMEZONE", "TZID:Mine", *broken, "END:VTIMEZONE")
    assert [e.uncertain for e in events(ics("DTSTART;TZID=Mine:20260302T090000", frame=frame), ALL_2026)] == [True]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ((), "03-02 08:00 60"),
        (("X-WR-TIMEZONE:Asia/Tokyo",), "03-02 00:00 60"),
        (("X-WR-TIMEZONE;VALUE=TEXT:Tokyo Standard Time",), "03-02 00:00 60"),
        ((*zone_of("Mine", "+0300"), "X-WR-TIMEZONE:Mine"), "03-02 06:00 60"),
    ],
    ids=["the user's", "X-WR-TIMEZONE", "a Windows name", "the file's own"],
)
def test_a_time_without_a_zone_is_in_the_calendars(frame: tuple[str, ...], expected: str) -> None:
    assert told(ics("DTSTART:20260302T090000", "DURATION:PT1H", frame=frame), ALL_2026, BERLIN) == [expected]


def test_x_wr_timezone_leaves_utc_and_days_alone() -> None:
    frame = ("X-WR-TIMEZONE:Asia/Tokyo",)
    utc = ics("DTSTART:20260325T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2", frame=frame)
    assert told(utc, ALL_2026) == ["03-25 09:00 60", "04-01 09:00 60"]
    assert told(ics("DTSTART;VALUE=DATE:20260302", frame=frame), ALL_2026) == ["03-02..03-03"]


def test_an_unknown_x_wr_timezone_leaves_times_in_doubt() -> None:
    seen = events(ics("DTSTART:20260302T090000", frame=("X-WR-TIMEZONE:Middle Earth",)), ALL_2026)
    assert [e.uncertain for e in seen] == [True]


def test_the_clock_of_a_series_does_not_move_with_the_seasons() -> None:
    payload = ics("DTSTART;TZID=Europe/Berlin:19960104T093000", "DURATION:PT30M", "RRULE:FREQ=WEEKLY")
    clocks = {f"{e.span.start.astimezone(BERLIN):%a %H:%M}" for e in events(payload, ALL_2026)}
    assert clocks == {"Thu 09:30"}


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:99991231T233000Z", "DURATION:PT2H"],
        ["DTSTART;TZID=America/New_York:99991231T120000", "DURATION:P1W"],
        ["DTSTART;VALUE=DATE:99991231"],
        ["DTSTART;TZID=Asia/Tokyo:00010101T000000", "DURATION:PT1H"],
        ["DTSTART;TZID=Nowhere:00010101T000000", "DURATION:PT1H"],
        ["DTSTART:20260302T090000Z", "DURATION:P999999999W"],
        ["DTSTART:20260302T090000Z", "DURATION:PT99999999999H", "RRULE:FREQ=YEARLY"],
    ],
    ids=" ".join,
)
def test_the_ends_of_time(lines: list[str]) -> None:
    assert reading(ics(*lines), "0001-01-01..9999-12-31 23:59:59").events
