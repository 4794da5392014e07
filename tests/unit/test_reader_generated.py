"""Generated calendars with a known truth, and other engines beside us, occurrence by occurrence."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

import spelling
from connectors.rfc5545.reader import read
from connectors.rfc5545.scan import reach
from daemon.model.event import Event, ResourceRef
from daemon.model.times import TimeRange, at
from reading import BERLIN, MAKE_CALENDAR, calendar, differ, events, ics, needs_generator, reading, span

ANCHOR = date(2026, 3, 2)


def window(days: int) -> TimeRange:
    midnight = datetime.min.time()
    return TimeRange(at(ANCHOR, midnight, BERLIN), at(ANCHOR + timedelta(days=days), midnight, BERLIN))


def row(event: Event) -> tuple[str, str, str, bool]:
    if event.dates:
        return event.ref.uid, str(event.dates.first), str(event.dates.end), event.cancelled
    start, end = (f"{m:%Y-%m-%dT%H:%M:%SZ}" for m in (event.span.start, event.span.end))
    return event.ref.uid, start, end, event.cancelled


def made(folder: Path, layout: str, *, seed: int, days: int) -> list[tuple[str, str, str, bool]]:
    """Write a calendar; its truth."""
    out, truth = folder / "cal", folder / "truth"
    command = [
        sys.executable,
        MAKE_CALENDAR,
        "--events",
        "600",
        "--years",
        "4",
        "--layout",
        layout,
        "--seed",
        str(seed),
    ]
    subprocess.run([*command, "--days", str(days), "--truth", truth, "--out", out], check=True, capture_output=True)
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    return sorted((r["uid"], r["start"], r["end"], r["cancelled"]) for r in rows)


@needs_generator
@pytest.mark.parametrize(("seed", "days"), [(1, 28), (2, 28), (3, 1), (4, 40)])
def test_a_folder_is_read_as_it_was_made(tmp_path: Path, seed: int, days: int) -> None:
    truth, when, seen = made(tmp_path, "vdir", seed=seed, days=days), window(days), []
    for path in (tmp_path / "cal").iterdir():
        payload = path.read_bytes()
        found, near = read(payload, ResourceRef("a/b", path.name, ""), when, BERLIN), reach(payload)
        assert near is not None
        assert not found.problems
        if near[0] > when.end.toordinal() or near[1] < when.start.toordinal():
            assert not found.events
        seen += map(row, found.events)
    assert sorted(seen) == truth
    assert truth


@needs_generator
def test_the_library_reads_the_same(tmp_path: Path) -> None:
    made(tmp_path, "vdir", seed=3, days=28)
    when = window(28)
    payloads = [p.read_bytes() for p in (tmp_path / "cal").iterdir()]
    near = [p for p in payloads if read(p, ResourceRef("a/b", "c.ics", ""), when, BERLIN).events]
    assert len(near) > 10
    assert not any(differ(p, when, BERLIN) for p in near)


@needs_generator
def test_one_file_is_read_as_the_folder_is(tmp_path: Path) -> None:
    truth = made(tmp_path, "single", seed=5, days=28)
    found = read((tmp_path / "cal").read_bytes(), ResourceRef("a/b", "cal", ""), window(28), BERLIN)
    assert sorted(map(row, found.events)) == truth


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
RULES = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=30",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        "FREQ=DAILY;UNTIL=20260401T120000Z",
    ]
)


@settings(max_examples=60)
@given(
    zone=ZONES,
    rule=RULES,
    start=st.datetimes(datetime(2025, 6, 1), datetime(2026, 3, 20)),
    hour=st.integers(4, 22),
    minutes=st.sampled_from([15, 60, 90]),
    skipped=st.sets(st.integers(0, 40), max_size=4),
    moved=st.integers(0, 40),
)
def test_series_are_read_as_by_recurring_ical_events(
    zone: str, rule: str, start: datetime, hour: int, minutes: int, skipped: set[int], moved: int
) -> None:
    """At hours that no zone skips or repeats: there the other engine has its own rules."""
    begin = start.replace(hour=hour, minute=0, second=0, microsecond=0)
    tz = ZoneInfo(zone)

    def local(name: str, moment: datetime) -> str:
        return f"{name}:{moment:%Y%m%dT%H%M%S}Z" if zone == "UTC" else f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"

    stamp = "DTSTAMP:20250101T000000Z"
    lines = [
        "BEGIN:VEVENT",
        "UID:s",
        stamp,
        local("DTSTART", begin),
        local("DTEND", begin + timedelta(minutes=minutes)),
        f"RRULE:{rule}",
    ]
    lines += [local("EXDATE", begin + timedelta(days=n)) for n in sorted(skipped - {moved})] + ["END:VEVENT"]
    payload = calendar(*lines)
    ids = {e.ref.recurrence_id for e in events(payload, "2025-01-01..2027-01-01", tz)}
    instance = begin + timedelta(days=moved)
    if f"{instance.replace(tzinfo=tz).astimezone(UTC):%Y%m%dT%H%M%SZ}" in ids:
        new = instance + timedelta(hours=30)
        override = [
            "BEGIN:VEVENT",
            "UID:s",
            stamp,
            local("RECURRENCE-ID", instance),
            local("DTSTART", new),
            local("DTEND", new),
            "END:VEVENT",
        ]
        payload = calendar(*lines, *override)
    when = span("2026-03-01..2026-05-01")
    theirs = recurring_ical_events.of(icalendar.Calendar.from_ical(payload)).between(when.start, when.end)
    other = sorted((e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in theirs)
    ours = sorted((e.span.start, e.span.end) for e in read(payload, ResourceRef("a/b", "c", ""), when, tz).events)
    assert ours == other


@settings(max_examples=150, deadline=None)
@given(spelling.events())
def test_what_is_written_oddly_is_read_as_it_should_have_been_written(lines: tuple[list[str], list[str]]) -> None:
    """And what should have been written is read as the library reads it."""
    plain, odd = (ics(*written, frame=("X-WR-CALNAME:a",)) for written in lines)
    window = "2025-06-01..2026-06-01"
    meant, seen = reading(plain, window), reading(odd, window)
    assert [(e.ref, e.span, e.uncertain) for e in seen.events] == [(e.ref, e.span, False) for e in meant.events]
    assert seen.problems == meant.problems == ()
    assert not differ(plain, span(window), BERLIN)
    if (days := reach(odd)) and seen.events:
        assert days[0] <= min(e.span.start for e in seen.events).toordinal()
        assert days[1] >= max(e.span.end for e in seen.events).toordinal()
