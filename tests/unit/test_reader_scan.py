"""The cheap scan tells days only where it is sure, and never hides an occurrence from a window that it touches."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.rfc5545.reader import read
from connectors.rfc5545.scan import FOREVER, reach
from daemon.model.times import TimeRange
from reading import REF, calendar, ics, utc

WHEN = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
BERLIN_9 = ("DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;TZID=Europe/Berlin:20260302T100000")


def days(first: str, last: str) -> tuple[int, int]:
    """With the day of margin on each side."""
    return date.fromisoformat(first).toordinal() - 1, date.fromisoformat(last).toordinal() + 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (WHEN, days("2026-03-02", "2026-03-02")),
        (BERLIN_9, days("2026-03-02", "2026-03-02")),
        (("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260305"), days("2026-03-02", "2026-03-05")),
        (("DTSTART:20260302T090000Z",), days("2026-03-02", "2026-03-02")),
        ((*WHEN, "RECURRENCE-ID:20260220T090000Z"), days("2026-02-20", "2026-03-02")),
        ((*WHEN, "RRULE:FREQ=DAILY;UNTIL=20260310T000000Z"), days("2026-03-02", "2026-03-10")),
        ((*WHEN, "RRULE:FREQ=DAILY;UNTIL=20200101"), days("2026-03-02", "2026-03-02")),
        ((*WHEN, "RRULE:FREQ=YEARLY"), (days("2026-03-02", "2026-03-02")[0], FOREVER)),
        ((*WHEN, "RRULE:FREQ=YEARLY;COUNT=2"), (days("2026-03-02", "2026-03-02")[0], FOREVER)),
        ((*WHEN, "RRULE:FREQ=WEEKLY;COUNT=2"), days("2026-03-02", "2026-04-13")),
        ((*WHEN, "SUMMARY:DTSTART:19990101T000000Z", "X-dtstart:19990101"), days("2026-03-02", "2026-03-02")),
        ((*WHEN, "DESCRIPTION:a", " DTSTART:19990101T000000Z"), days("2026-03-02", "2026-03-02")),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) and isinstance(v[0], str) else None,
)
def test_the_days_of_a_plain_resource(lines: tuple[str, ...], expected: tuple[int, int]) -> None:
    assert reach(ics(*lines)) == expected
    assert reach(ics(*lines).replace(b"\r\n", b"\n")) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        calendar(),
        calendar("BEGIN:VTODO", "DTSTART:20260302T090000Z", "END:VTODO"),
        ics(),
        ics("DTSTART:20260302T090000Z", "DURATION:P400D"),
        ics(*WHEN, "RDATE:20300101T000000Z"),
        ics(*WHEN, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT20H"),
        ics(*WHEN, "EXRULE:FREQ=DAILY"),
        ics("DTSTART:2026-03-02"),
        ics(*WHEN, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260220T090000Z"),
        ics(*WHEN, "RRULE:FREQ=HOURLY;INTERVAL=0"),
        ics(*WHEN, "RRULE:FREQ=DAILY;COUNT=1", " 00"),
        ics(*WHEN, "RRULE:FREQ=DAILY;UNTIL=20260303", " T000000;COUNT=3"),
        ics("DTSTART:202603", " 02T090000Z"),
        ics("DTST", " ART:20260302T090000Z"),
        ics(*WHEN, "rrule:FREQ=DAILY"),
        ics(*WHEN, "RRule:FREQ=DAILY"),
        ics(*WHEN, "RRULE :FREQ=DAILY"),
        ics(*WHEN, "\rRRULE:FREQ=DAILY"),
        ics(*WHEN, "RRU\rLE:FREQ=DAILY"),
        ics("DTSTART:2026-03-02T09:00"),
        ics("DTSTART:99999999"),
        ics(*WHEN).replace(b"END:VEVENT\r\n", b""),
        ics(*WHEN).replace(b"END:VCALENDAR\r\n", b""),
        ics(*WHEN).replace(b"\r\n", b"\r"),
        ics(*WHEN).decode().encode("utf-16"),
        ics(*WHEN, frame=("begin:vevent", "DTSTART:20300101", "end:vevent")),
        ics(*WHEN, frame=("BEGIN:VEV", " ENT", "DTSTART:20300101", "END:VEVENT")),
        ics(*WHEN, "END:VEVENT", "Begin:vEvent", "DTSTART:20300101"),
        ics(*WHEN, "END:VEVENT", "BEGIN:VEV", " ENT", "DTSTART:20300101"),
        ics(*WHEN, "BEGIN:VEVENT", "DTSTART:20300101"),
    ],
    ids=range(31),
)
def test_whatever_is_unusual_must_be_read(payload: bytes) -> None:
    assert reach(payload) is None


def test_several_events_are_taken_together() -> None:
    payload = calendar("BEGIN:VEVENT", *WHEN, "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20280101", "END:VEVENT")
    assert reach(payload) == days("2026-03-02", "2028-01-01")


STARTS = (
    st.builds(
        lambda day, hour, zone: f"DTSTART{zone[0]}:{day:%Y%m%d}T{hour:02}3000{zone[1]}",
        st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        st.integers(0, 23),
        st.sampled_from(
            [
                ("", "Z"),
                ("", ""),
                (";TZID=Europe/Berlin", ""),
                (";TZID=Pacific/Kiritimati", ""),
                (";TZID=Nowhere", ""),
                (";TZID=UTC+14:00", ""),
                (";TZID=tzone://Microsoft/Utc", ""),
                ("", "+2359"),
                ("", "-2359"),
                ("", "-12:00"),
            ]
        ),
    )
    | st.builds(
        lambda day, form: f"DTSTART:{day:{form}}",
        st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        st.sampled_from(
            [
                "%Y-%m-%d",
                "%Y-%m-%dT10:00",
                "%Y%m%dT1000",
                '"%Y%m%dT100000"',
                "%Y%m%d 1000",
                "TZID=Asia/Tokyo:%Y%m%dT1000",
            ]
        ),
    )
    | st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(lambda d: f"DTSTART;VALUE=DATE:{d:%Y%m%d}")
)
MORE = st.sampled_from(
    [
        "RRULE:FREQ=DAILY;COUNT=9",
        "RRULE:FREQ=DAILY;INTERVAL=28;COUNT=20",
        "RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=40",
        "RRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=SU,SA;COUNT=20",
        "RRULE:FREQ=MONTHLY;BYDAY=-1SU;COUNT=8",
        "RRULE:FREQ=YEARLY;COUNT=2",
        "RRULE:FREQ=DAILY;UNTIL=20260401",
        "RRULE:FREQ=DAILY;UNTIL=20260328T223000Z",
        "RRULE:FREQ=DAILY;BYDAY=MO;COUNT=50",
        "RRULE:FREQ=WEEKLY",
        "DTEND:20260501T000000Z",
        "DTEND;TZID=America/New_York:20260329T023000",
        "RECURRENCE-ID:20260601T000000Z",
        "RDATE:20260601T000000Z",
        "DURATION:P3W",
        "EXDATE:20260601T000000Z",
        "RRULE:FREQ=DAILY;UNTIL=2026-04-01",
        "RRULE:RRULE:FREQ=DAILY;COUNT=9",
        "RRULE:FREQ=DAILY;INTERVAL=2.0;COUNT=9",
        "RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=31;COUNT=5",
        "RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=-31;UNTIL=20260401",
        "EXRULE:FREQ=WEEKLY",
        "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT23H",
        "DTEND;TZID=UTC-11:00:20260501T000000",
        "DTEND:2026-05-01T00:00:00-11:00",
        "RECURRENCE-ID;TZID=GMT+05:30:20260601T000000",
    ]
)


@settings(max_examples=300)
@given(
    events=st.lists(st.tuples(STARTS, st.lists(MORE, max_size=2)), min_size=1, max_size=3),
    first=st.dates(date(2024, 12, 1), date(2027, 12, 31)),
    length=st.integers(1, 40),
    zone=st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)
def test_what_a_window_holds_is_within_reach(events: list, first: date, length: int, zone: str) -> None:
    lines = [
        line
        for n, (start, more) in enumerate(events)
        for line in ("BEGIN:VEVENT", f"UID:{n}", start, *more, "END:VEVENT")
    ]
    payload = calendar(*lines)
    window = TimeRange(utc(f"{first}"), utc(f"{first + timedelta(days=length)}"))
    found = reach(payload)
    if read(payload, REF, window, ZoneInfo(zone)).events and found:
        assert found[0] <= window.end.toordinal()
        assert found[1] >= window.start.toordinal()
