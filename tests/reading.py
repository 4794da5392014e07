"""Short ways to say an iCalendar resource and what is read from it, for the tests of our own reader."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545 import reference
from connectors.rfc5545.reader import NO_UID, read
from daemon.model.event import Event, ResourceRef
from daemon.model.protocols import Reading
from daemon.model.times import TimeRange

BERLIN = ZoneInfo("Europe/Berlin")
REF = ResourceRef("work/Work", "a.ics", "1")
SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = Path(os.environ.get("UNBUSY_CORPUS", SHARED / "corpus"))
MAKE_CALENDAR = SHARED / "tools" / "make_calendar.py"

needs_corpus = pytest.mark.skipif(
    not (CORPUS / "expected.json").exists(), reason=f"no corpus of calendars in {CORPUS} (see UNBUSY_CORPUS)"
)
needs_generator = pytest.mark.skipif(not MAKE_CALENDAR.exists(), reason=f"no generator of calendars: {MAKE_CALENDAR}")


def ics(*lines: str, frame: tuple[str, ...] = ()) -> bytes:
    """A calendar with one event 'u' of these lines; `frame` stands before it."""
    return calendar(*frame, "BEGIN:VEVENT", "UID:u", *lines, "END:VEVENT")


def calendar(*lines: str) -> bytes:
    """A calendar with these lines in it."""
    return "".join(f"{line}\r\n" for line in ("BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR")).encode()


def utc(text: str) -> datetime:
    """'2026-03-02 09:00', with seconds if need be, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(text: str) -> TimeRange:
    """'2026-03-01..2026-04-01', both in UTC."""
    start, _, end = text.partition("..")
    return TimeRange(utc(start), utc(end))


def reading(payload: bytes, window: str, zone: ZoneInfo = BERLIN) -> Reading:
    """What is read in a window."""
    return read(payload, REF, span(window), zone)


def events(payload: bytes, window: str, zone: ZoneInfo = BERLIN) -> list[Event]:
    """Likewise, the events alone, by start."""
    return sorted(reading(payload, window, zone).events, key=lambda e: (e.span, e.ref))


def told(payload: bytes, window: str, zone: ZoneInfo = BERLIN) -> list[str]:
    """Each occurrence as '03-02 08:00 60' (UTC and minutes), or '03-02..03-03' for days."""
    return [tell(e) for e in events(payload, window, zone)]


def tell(event: Event) -> str:
    """One of them."""
    if event.dates:
        return f"{event.dates.first:%m-%d}..{event.dates.end:%m-%d}"
    return f"{event.span.start:%m-%d %H:%M} {event.span.minutes}"


def uid_of(event: Event) -> str:
    """The UID in the file, '' where it has none."""
    return "" if event.ref.uid.startswith(NO_UID) else event.ref.uid


def differ(payload: bytes, when: TimeRange, zone: ZoneInfo) -> bool:
    """Whether our reader, where it does not itself fall back, says something else than the path through `icalendar`."""
    ours = read(payload, REF, when, zone)
    return ours.whole and _rows(ours) != _rows(reference.read(payload, REF, when, zone))


def _rows(seen: Reading) -> list[tuple[str, str, TimeRange, str, str]]:
    known = (e for e in seen.events if not e.uncertain)
    return sorted((uid_of(e), e.ref.recurrence_id, e.span, str(e.dates), _said(e)) for e in known)


def _said(event: Event) -> str:
    """What it tells of the people in it, and of when it was made."""
    people = event.organizer, event.organizer_name, event.attendees
    return repr((*people, event.created, event.modified, event.sequence))
