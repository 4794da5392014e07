"""iCalendar (RFC 5545) to and from what the program knows: any event is read, only our own are written.

Shared by every connector whose store speaks iCalendar.  No I/O.  What cannot be understood of a payload is a problem
with a name, never an exception.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.lines import Component, Line, calendars, components, normal
from connectors.recurrence import Occurrence, Parsed, Unreadable, expand, flat
from connectors.scan import reach
from daemon.model.event import Attendee, Event, EventRef, EventType, PartStat, ResourceRef, Role, ShowAs
from daemon.model.owner import Field, Mark, read_mark, write_mark
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import Peek, Reading, Resource
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange

PRODID = "-//unbusy//unbusy//EN"
MARK = "X-UNBUSY"

_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.ASCII
)
_ITEM = re.compile(r"(?:\\.|[^\\,])+", re.DOTALL)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
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


def one_line(text: object, limit: int = 200) -> str:
    """Foreign text as it may stand in a message: one line, no control characters, not long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


# --- reading -------------------------------------------------------------------------------------------------


def reading(resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
    """The occurrences of a resource that touch the window, by start: `Connector.read`."""
    ref, events, details = resource.ref, [], dict[int, dict[str, Any]]()
    where = one_line(f"{ref.calendar}/{ref.href}")
    try:
        problems = [Problem(where, doubt) for doubt in _doubts(resource.payload)]
        for found in expand(resource.payload, window, zone):
            if isinstance(found, Unreadable):
                problems.append(Problem(where, one_line(f"event {found.uid}: {found.why}")))
                continue
            if id(found.source) not in details:
                details[id(found.source)] = _details(found.source)
            events.append(_event(found, ref, zone, details[id(found.source)]))
    except Exception as error:  # noqa: BLE001 on hostile input the libraries raise more than they document
        return Reading(problems=(Problem(where, one_line(str(error) or type(error).__name__)),))
    return Reading(events=tuple(sorted(events, key=lambda e: (e.span, e.ref))), problems=tuple(problems))


def _doubts(payload: bytes) -> list[str]:
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return []  # UTF-16
    if b"\0" in payload:
        raise ValueError("holds NUL bytes, so it is damaged or no calendar file")
    try:
        payload.replace(b"\r", b"").replace(b"\n ", b"").replace(b"\n\t", b"").decode()
    except UnicodeDecodeError as error:
        return [f"is not in UTF-8 (byte {error.start}); it is read as Windows-1252"]
    return []


def _event(found: Occurrence, ref: ResourceRef, zone: ZoneInfo, details: dict[str, Any]) -> Event:
    return Event(
        ref=EventRef(ref.calendar, found.uid, found.recurrence_id),
        resource=ref,
        span=found.when.span(zone) if isinstance(found.when, DateRange) else found.when,
        dates=found.when if isinstance(found.when, DateRange) else None,
        series=found.series,
        uncertain=found.uncertain,
        **details,
    )


def _details(source: Component) -> dict[str, Any]:
    """All fields of an event that do not depend on when it is."""
    status = source.value("STATUS").upper()
    free = source.value("TRANSP").upper() == "TRANSPARENT"
    away = source.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() == "OOF"
    return {
        "summary": source.text("SUMMARY"),
        "description": source.text("DESCRIPTION"),
        "location": source.text("LOCATION"),
        "categories": tuple(c for line in source.lines.get("CATEGORIES", ()) for c in _items(line)),
        "show_as": ShowAs.FREE if free else ShowAs.TENTATIVE if status == "TENTATIVE" else ShowAs.BUSY,
        "cancelled": status == "CANCELLED",
        "organizer": _address(source.lines["ORGANIZER"][0]) if "ORGANIZER" in source.lines else "",
        "attendees": tuple(map(_attendee, source.lines.get("ATTENDEE", ()))),
        "type": EventType.OUT_OF_OFFICE if away else EventType.DEFAULT,
        # A class that is not known counts as private (RFC 5545, 3.8.1.3).
        "private": source.value("CLASS").upper() not in {"", "PUBLIC"},
        "created": _created(source.value("CREATED")),
        "reminder": _reminder(source),
        "colour": source.value("COLOR"),
        "mark": read_mark(source.value(MARK)) if MARK in source.lines else None,
    }


def _items(line: Line) -> list[str]:
    """A comma-separated list of TEXT."""
    found = (Line("", item).text().strip() for item in _ITEM.findall(line.value))
    return [item for item in found if item]


def _address(line: Line) -> str:
    """Lower case without `mailto:`; the EMAIL parameter (RFC 7986, 6.2) where the value is no mail address."""
    value = line.value.strip().lower()
    if not value.startswith("mailto:") and (email := line.param("EMAIL")):
        return email.lower()
    return value.removeprefix("mailto:")


def _attendee(line: Line) -> Attendee:
    """A participant; values that are not known mean the defaults of RFC 5545, 3.2.12 and 3.2.16."""
    partstat, role = line.param("PARTSTAT").upper(), line.param("ROLE").upper()
    return Attendee(
        address=_address(line),
        name=line.param("CN"),
        partstat=PartStat(partstat) if partstat in list(PartStat) else PartStat.NEEDS_ACTION,
        role=Role(role) if role in list(Role) else Role.REQUIRED,
        person=line.param("CUTYPE").upper() not in {"ROOM", "RESOURCE"},
    )


def _created(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _reminder(source: Component) -> int | None:
    """Minutes before the start at which the first shown alarm goes off, wherever in the file it stands."""
    return max((lead for alarm in source.parts if (lead := _lead(alarm)) is not None), default=None)


def _lead(alarm: Component) -> int | None:
    """Minutes before the start; None for an alarm that is not shown, comes later, or is set by the clock or the end."""
    trigger = alarm.first("TRIGGER")
    if alarm.name != "VALARM" or alarm.value("ACTION").upper() != "DISPLAY" or not trigger:
        return None
    found = _DURATION.fullmatch(trigger.value.strip().upper())
    if not found or trigger.param("RELATED").upper() == "END":
        return None
    weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length // MINUTE if found[1] == "-" or not length else None


# --- our own -------------------------------------------------------------------------------------------------


def own_mark(payload: bytes) -> Mark | None:
    """The mark of a resource that is ours and nothing else: one event, and its mark yields its UID.

    Overrides of that event may stand beside it, should the user have made a series of it.
    """
    return found[2] if MARK.encode() in payload and (found := _own(payload)) else None


def peek(payload: bytes) -> Peek:
    """As `Connector.peek` has it."""
    first, last = reach(payload) or (None, None)
    return Peek(first=first, last=last, mark=own_mark(payload))


def _own(payload: bytes) -> tuple[Component, Component, Mark] | None:
    """Calendar, event and mark of one of ours."""
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
    mark = read_mark(masters[0].value(MARK))
    return (calendar, masters[0], mark) if mark and mark.uid == masters[0].text("UID") else None


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
    texts = {"SUMMARY": _escaped(draft.title), "DESCRIPTION": _escaped(draft.text), "TRANSP": transp, "STATUS": status}
    for name, value in (texts | {"CLASS": "PRIVATE", "COLOR": draft.colour, MARK: write_mark(draft.mark)}).items():
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

    ValueError when the payload is not the draft's event.
    """
    if not (found := _own(payload)) or found[2].uid != draft.uid:
        raise ValueError(f"is not the event {draft.uid}")
    if not (fresh := _own(written(draft, now, _sequence(found[1]) + 1))):
        raise ValueError(f"the mark of {draft.uid} cannot be read back")
    calendar, event, _ = found
    names = {*_STAMPS, *(name for f in fields for name in _PROPERTIES[f])}
    kept = {name: lines for name, lines in event.lines.items() if name not in names}
    event.lines = kept | {name: lines for name, lines in fresh[1].lines.items() if name in names}
    if Field.REMINDER in fields and (shown := _reminder(event)) is not None:
        event.parts = [part for part in event.parts if _lead(part) != shown]
    if Field.REMINDER in fields:
        event.parts += fresh[1].parts
    if Field.WHEN in fields:
        there = {part.text("TZID") for part in calendar.parts if part.name == "VTIMEZONE"}
        zones = [part for part in fresh[0].parts if part.name == "VTIMEZONE" and part.text("TZID") not in there]
        calendar.parts = zones + calendar.parts
    return _folded(calendar)


def _sequence(event: Component) -> int:
    number = event.value("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _folded(component: Component) -> bytes:
    from icalendar.parser import Contentline, Contentlines

    lines: Parsed = Contentlines(map(Contentline, flat(component)))
    return bytes(lines.to_ical())


def _escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); control characters, which it cannot hold, are left out."""
    lines = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", lines).replace("\n", r"\n")


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
    alarm.add("DESCRIPTION", vInline(_escaped(draft.title)), encode=False)
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    return alarm
