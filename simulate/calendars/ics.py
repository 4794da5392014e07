"""Meetings as colleagues' programs write them: one resource each, a series with what differs from it (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from icalendar import Timezone

from simulate.people import DAY, ME

if TYPE_CHECKING:
    from simulate.calendars.calendar import Meeting


def written(folder: Path, name: str, payload: str) -> None:
    """Put a file there as a whole: beside the old one, then in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}.new"
    beside.write_bytes(payload.encode())
    beside.replace(folder / f"{name}.ics")


def single(meeting: Meeting, zone: str) -> str:
    """A meeting that stands for itself."""
    lines = (*_moments(zone, meeting.day, meeting.start, meeting.end), *_people(meeting))
    return _resource([_event(meeting.uid, meeting, lines)], zone)


def series(meetings: Sequence[Meeting], every: int, minutes: int, zone: str) -> str:
    """The rule; EXDATE for each meeting that was called off, RECURRENCE-ID for each that lies elsewhere or differs."""
    first = meetings[0]
    day, start = first.origin
    gone = [m for m in meetings if not m.on and not m.declined]
    rule = (
        *_moments(zone, day, start, start + minutes),
        f"RRULE:FREQ=WEEKLY;INTERVAL={every};COUNT={len(meetings)}",
        *(f"EXDATE{_at(zone, *m.origin)}" for m in gone),
        *_people(first, declined=False),
    )
    other = (m for m in meetings if m.declined or (m.on and (*m.origin, minutes) != (m.day, m.start, m.minutes)))
    exceptions = (
        (f"RECURRENCE-ID{_at(zone, *m.origin)}", *_moments(zone, m.day, m.start, m.end), *_people(m)) for m in other
    )
    return _resource((_event(first.series, first, lines) for lines in (rule, *exceptions)), zone)


def absence(
    first: date, last: date, title: str, made: datetime, *, free: bool = False, description: str = ""
) -> str:  # fmt: skip
    """All-day, both days included."""
    lines = [
        "BEGIN:VEVENT", f"UID:{title.partition(' ')[0].lower()}-{first:%Y%m%d}@example.com",
        f"DTSTAMP:{made:%Y%m%dT%H%M%SZ}", f"SUMMARY:{title}", f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}", f"TRANSP:{'TRANSPARENT' if free else 'OPAQUE'}",
    ]  # fmt: skip
    return _resource(["\r\n".join([*lines, *([f"DESCRIPTION:{description}"] if description else []), "END:VEVENT"])])


def _event(uid: str, meeting: Meeting, lines: Iterable[str]) -> str:
    made = f"{meeting.made:%Y%m%dT%H%M%SZ}"
    head = ("BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{made}", f"CREATED:{made}", f"SUMMARY:{meeting.title}")
    return "\r\n".join((*head, *lines, "END:VEVENT"))


def _people(meeting: Meeting, *, declined: bool | None = None) -> Iterator[str]:
    """Organizer and attendees; none for a hold."""
    if not meeting.others:
        return
    alone = meeting.series if meeting.others == 1 else ""  # whom one meets alone each week is one person
    others = [f"{alone or f'p{n}'}@example.com" for n in range(1, meeting.others + 1)]
    answer = "DECLINED" if (meeting.declined if declined is None else declined) else "ACCEPTED"
    yield f"ORGANIZER:mailto:{ME if meeting.mine else others[0]}"
    yield f"ATTENDEE;PARTSTAT={answer};ROLE={'OPT' if meeting.optional else 'REQ'}-PARTICIPANT:mailto:{ME}"
    yield from (f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{one}" for one in others)


def _moments(zone: str, day: date, start: int, end: int) -> tuple[str, str]:
    return f"DTSTART{_at(zone, day, start)}", f"DTEND{_at(zone, day, end)}"


def _at(zone: str, day: date, minute: int) -> str:
    return f";TZID={zone}:{day:%Y%m%d}T{minute // 60:02}{minute % 60:02}00"


def _resource(events: Iterable[str], zone: str = "") -> str:
    rules = [_timezone(zone)] if zone else []
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//unbusy//simulate//EN")
    return "\r\n".join((*head, *rules, *events, "END:VCALENDAR", ""))


@cache
def _timezone(zone: str) -> str:
    found = Timezone.from_tzid(zone, first_date=date(2024, 1, 1), last_date=date(2027, 1, 1))
    return bytes(found.to_ical()).decode().strip()
