"""iCalendar (RFC 5545) to and from what the program knows: any event is read, only our own are written.

Shared by every connector whose store speaks iCalendar.  No I/O.  What cannot be understood of a payload is a problem
with a name, never an exception.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from connectors.rfc5545.lines import Component, calendars, components, escaped, flat, normal
from daemon.model.errors import UnbusyError
from daemon.model.event import Event, ShowAs
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import UID_PREFIX, Field, Mark, named
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import Peek, Reading, Resource
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange
from daemon.model.words import one_line

PRODID = "-//unbusy//unbusy//EN"
MARK = "X-UNBUSY"
_GOOGLE = re.compile(rb"[0-9a-v]{32}@google\.com")

_NOTE = 200  # characters of what is told of a resource
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII
)
_PROGRAM = re.compile(rb"(?im)^PRODID(?:;[^:\n]*)?:([^\n]*(?:\n[ \t][^\n]*)*)")
_ITEM = re.compile(r"(?:\\.|[^\\,])+", re.DOTALL)
_STAMPS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", MARK)
_PROPERTIES = {
    Field.WHEN: ("DTSTART", "DTEND", "DURATION"),
    Field.TITLE: ("SUMMARY",),
    Field.SHOW_AS: ("TRANSP", "STATUS"),
    Field.REMINDER: (),
    Field.COLOUR: ("COLOR",),
    Field.TEXT: ("DESCRIPTION",),
}
_SHOWN = {
    ShowAs.FREE: ("TRANSPARENT", "CONFIRMED"),
    ShowAs.TENTATIVE: ("OPAQUE", "TENTATIVE"),
    ShowAs.BUSY: ("OPAQUE", "CONFIRMED"),
}


# --- reading -------------------------------------------------------------------------------------------------


def reading(resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
    """The occurrences of a resource that touch the window, by start: `Reader.read`.

    By our own reader; what is beyond it, by the reference.
    """
    from connectors.rfc5545.reader import read

    found = read(resource.payload, resource.ref, window, zone)
    if not found.whole:
        from connectors.rfc5545 import reference

        again = reference.read(resource.payload, resource.ref, window, zone)
        better = len(again.events) > len(found.events)
        found = replace(again, whole=False, overrides=found.overrides) if better else found
    where = one_line(f"{resource.ref.calendar}/{resource.ref.href}", _NOTE)
    doubts = [Problem(where, note) for note in _doubts(resource.payload)]
    told = [replace(p, where=where, what=one_line(p.what, _NOTE)) for p in found.problems]
    events = tuple(sorted(found.events, key=lambda e: (e.span, e.ref)))
    if any(map(_named_as_ours, events)):
        program = _program(resource.payload)
        events = tuple(replace(e, program=program) if _named_as_ours(e) else e for e in events)
    return replace(found, events=events, problems=tuple(dict.fromkeys([*doubts, *told])))


def _named_as_ours(event: Event) -> bool:
    return event.ref.uid.startswith(UID_PREFIX)


def _program(payload: bytes) -> str:
    """The product identifier of a resource (RFC 5545, 3.7.3) on one line; '' where it has none."""
    found = _PROGRAM.search(bytes(normal(payload)[:]))
    return one_line(re.sub(rb"\r?\n[ \t]", b"", found[1]).decode(errors="replace"), _NOTE) if found else ""


def _doubts(payload: bytes) -> Iterator[str]:
    """What is odd about the bytes; what can be understood of them is read all the same."""
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return  # UTF-16
    if b"\0" in payload:
        yield "holds NUL bytes, so it is damaged or no calendar file"
    with suppress(UnicodeDecodeError):
        payload.decode()
        return
    try:  # folds may stand inside a character
        payload.replace(b"\r", b"").replace(b"\n ", b"").replace(b"\n\t", b"").decode()
    except UnicodeDecodeError as error:
        yield f"is not in UTF-8 (byte {error.start})"


# --- our own -------------------------------------------------------------------------------------------------


def own_name(payload: bytes) -> str:
    """The digits of a resource that is one event, named as ours are, and nothing else; '' for any other.

    Overrides of that event may stand beside it, should the user have made a series of it.  Whether it carries a mark
    does not matter: many clients and servers drop what they do not know.
    """
    return found.name if (found := _own(payload)) else ""


def peek(payload: bytes) -> Peek:
    """As `Reader.peek` has it."""
    from connectors.rfc5545.scan import reach

    first, last = reach(payload) or (None, None)
    found = _own(payload)
    return Peek(first=first, last=last, name=found.name, mark=found.mark) if found else Peek(first=first, last=last)


class _Own(NamedTuple):
    """Calendar and event of what may be one of ours; the digits of its UID; its mark, if that yields them."""

    calendar: Component
    event: Component
    name: str
    mark: Mark | None


def _own(payload: bytes) -> _Own | None:
    if not _may_be_ours(payload):
        return None  # most of what is read
    data = bytes(normal(payload)[:])
    found = calendars(data)
    if len(found) != 1 or found[0].frame.name != "VCALENDAR" or not found[0].frame.closed:
        return None
    calendar = found[0].frame
    calendar.parts += [part for begin, end in found[0].events for part in components(data[begin:end])]
    things = [part for part in calendar.parts if part.name != "VTIMEZONE"]
    masters = [part for part in things if "RECURRENCE-ID" not in part.lines]
    if len(masters) != 1 or masters[0].name != "VEVENT" or len({part.text("UID") for part in things}) != 1:
        return None
    if not (name := named(masters[0].text("UID"))):
        return None
    mark = read_mark(masters[0].value(MARK))
    return _Own(calendar, masters[0], name, mark if mark and mark.digits == name else None)


def _may_be_ours(payload: bytes) -> bool:
    """Whether it may have a UID of ours; by the first one, where that is the event's: the others are to be the same."""
    at = payload.find(b"\nUID:")
    if at >= 0 and payload.startswith(b"\nBEGIN:VEVENT", payload.rfind(b"\nBEGIN:", 0, at)):
        payload = payload[at : at + _LONGEST_UID]
    return UID_PREFIX.encode() in payload or (b"@google.com" in payload and bool(_GOOGLE.search(payload)))


_LONGEST_UID = 100
"""Bytes of a line with a UID of ours, folded or not."""

Parsed = Any
"""A component of `icalendar`, whose own types say no more of a property than that it is one of thirty."""


def written(draft: Draft, now: datetime, sequence: int = 0) -> bytes:
    """A new event of ours as a whole resource.  The same draft and moment give the same bytes.

    ValueError when the mark is too long.
    """
    import icalendar
    from icalendar.prop import vInline

    event = icalendar.Event()
    event.add("UID", draft.uid)
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        event.add(name, now)
    event.add("SEQUENCE", sequence)
    start, end = _ends(draft)
    event.add("DTSTART", start)
    event.add("DTEND", end)
    transp, status = _SHOWN[draft.show_as]
    texts = {"SUMMARY": escaped(draft.title), "DESCRIPTION": escaped(draft.text), "TRANSP": transp, "STATUS": status}
    texts |= {"CLASS": "PUBLIC" if draft.visible else "PRIVATE"}
    for name, value in (texts | {"COLOR": draft.colour, MARK: write_mark(draft.mark)}).items():
        if value:
            event.add(name, vInline(value), encode=False)
    if draft.reminder is not None:
        event.add_component(_alarm(draft, draft.reminder))
    calendar = icalendar.Calendar(VERSION="2.0", PRODID=PRODID)
    if isinstance(start, datetime) and isinstance(start.tzinfo, ZoneInfo):
        calendar.add_component(_zone(start.tzinfo, start.year))
    calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=False))


def edited(payload: bytes, draft: Draft, fields: frozenset[Field], now: datetime) -> bytes:
    """One of ours with these fields and the mark as the draft has them; all else in it stays.

    Refused for any other event.
    """
    from connectors.rfc5545.properties import lead, reminder

    if not (found := _own(payload)) or found.name != draft.mark.digits:
        raise UnbusyError(f"this is not the event {draft.uid}; it was left as it is")
    calendar, event = found.calendar, found.event
    fresh = _own(written(draft, now, _sequence(event) + 1))
    if not (fresh and fresh.mark):
        raise ValueError(f"the mark of {draft.uid} cannot be read back")
    names = {*_STAMPS, *(name for f in fields for name in _PROPERTIES[f])}
    kept = {name: lines for name, lines in event.lines.items() if name not in names}
    event.lines = kept | {name: lines for name, lines in fresh.event.lines.items() if name in names}
    if Field.REMINDER in fields and (shown := reminder(event.parts)) is not None:
        event.parts = [part for part in event.parts if lead(part) != shown]
    if Field.REMINDER in fields:
        event.parts += fresh.event.parts
    if Field.WHEN in fields:
        there = {part.text("TZID") for part in calendar.parts if part.name == "VTIMEZONE"}
        zones = [part for part in fresh.calendar.parts if part.name == "VTIMEZONE" and part.text("TZID") not in there]
        calendar.parts = zones + calendar.parts
    return _folded(calendar)


def _sequence(event: Component) -> int:
    number = event.value("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _folded(component: Component) -> bytes:
    from icalendar.parser import Contentline, Contentlines

    lines: Parsed = Contentlines(map(Contentline, flat(component)))
    return bytes(lines.to_ical())


def _ends(draft: Draft) -> tuple[date, date]:
    """Start and end in the draft's zone; in UTC where the local clock shows one of the two times twice."""
    if isinstance(draft.when, DateRange):
        return draft.when.first, draft.when.end
    zone = ZoneInfo(draft.zone)
    start, end = draft.when.start.astimezone(zone), draft.when.end.astimezone(zone)
    if draft.zone in {"UTC", "Etc/UTC"} or start.fold or end.fold:
        return draft.when.start, draft.when.end
    return start, end


def _zone(zone: ZoneInfo, year: int) -> Parsed:
    """A VTIMEZONE (RFC 5545, 3.6.5) for a year and the next: the offset at its beginning, then each change of it."""
    import icalendar

    component = icalendar.Timezone(TZID=zone.key)
    first, last = datetime(year - 1, 12, 31, tzinfo=UTC), datetime(year + 2, 1, 1, tzinfo=UTC)
    before = first.astimezone(zone).utcoffset()
    for onset in (first, *_changes(zone, first, last)):
        local = onset.astimezone(zone)
        part = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
        part.add("DTSTART", (onset + (before or timedelta())).replace(tzinfo=None))  # on the clock before the change
        part.add("TZOFFSETFROM", before)
        part.add("TZOFFSETTO", before := local.utcoffset())
        part.add("TZNAME", local.tzname())
        component.add_component(part)
    return component


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The minutes at which a zone changes its offset."""
    for day in (first + n * DAY for n in range((last - first) // DAY)):
        before = day.astimezone(zone).utcoffset()
        if (day + DAY).astimezone(zone).utcoffset() != before:
            minutes = [day + n * MINUTE for n in range(1, 1441)]
            yield minutes[bisect_left(minutes, True, key=lambda at: at.astimezone(zone).utcoffset() != before)]  # noqa: FBT003


def _alarm(draft: Draft, minutes: int) -> Parsed:
    from icalendar import Alarm
    from icalendar.prop import vInline

    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", vInline(escaped(draft.title)), encode=False)
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    return alarm
