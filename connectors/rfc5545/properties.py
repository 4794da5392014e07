"""What an event says besides its time, as fields of `Event`: each property in its normal form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from connectors.rfc5545.clocks import instant, local_of, wall
from connectors.rfc5545.lines import Component, Line
from connectors.rfc5545.moments import Frame, Occurrence, read_duration, read_moment
from daemon.model.event import Attendee, EventType, ParticipationRole, PartStat, ShowAs
from daemon.model.ours.mark_line import read_mark
from daemon.model.times import MINUTE, DateRange

_NAME = 200
"""Most characters of somebody's name that are kept."""
_COMMA = re.compile(r"(?<!\\),")
_NOT_PEOPLE = frozenset({"ROOM", "RESOURCE"})
_CANCELLED = ("CANCELLED", "CANCELED")
_PARTSTATS = frozenset(PartStat)
_ROLES = frozenset(ParticipationRole)
_TYPES = {"OOF": EventType.OUT_OF_OFFICE, "WORKINGELSEWHERE": EventType.WORKING_LOCATION}


def facts_of(part: Component, *, cancelled: bool) -> dict[str, Any]:
    """What an event says besides its time, as keywords of `Event`; the same for all instances of a component."""
    lines = part.lines
    status = part.value("STATUS").upper()
    organizer = _organizer(lines["ORGANIZER"][0]) if "ORGANIZER" in lines else ("", "")
    return {
        "summary": part.text("SUMMARY"),
        "description": part.text("DESCRIPTION"),
        "location": part.text("LOCATION"),
        "categories": tuple(c for line in lines.get("CATEGORIES", ()) for c in _list(line)),
        "show_as": ShowAs.FREE if _free(part) else ShowAs.TENTATIVE if status == "TENTATIVE" else ShowAs.BUSY,
        "cancelled": cancelled or status in _CANCELLED,
        "organizer": organizer[0],
        "organizer_name": organizer[1],
        "attendees": tuple(map(_attendee, lines.get("ATTENDEE", ()))),
        "type": _type_of(part),
        # A class that is not known counts as private (RFC 5545, 3.8.1.3).
        "private": part.value("CLASS").upper() not in ("", "PUBLIC"),
        "created": _stamp(part.value("CREATED")),
        "modified": _stamp(part.value("LAST-MODIFIED")),
        "sequence": _sequence(part.value("SEQUENCE")),
        "override": "RECURRENCE-ID" in lines and not lines["RECURRENCE-ID"][0].param("RANGE"),
        "reminder": reminder(part.parts),
        "colour": part.text("COLOR").strip(),
        "mark": read_mark(part.value("X-UNBUSY")) if "X-UNBUSY" in lines else None,
    }


def _list(line: Line) -> list[str]:
    """The values of a list of texts."""
    return [text for v in _COMMA.split(line.value) if (text := Line(line.params, v).text().strip())]


def address_of(line: Line) -> str:
    """An address, lower case, without its scheme; EMAIL where the value is none (RFC 7986, 6.2)."""
    value = line.value.strip().lower()
    if not value.startswith("mailto:") and (email := line.param("EMAIL")):
        value = email.strip().lower()
    return value.removeprefix("mailto:").strip()


@lru_cache(maxsize=1024)
def _organizer(line: Line) -> tuple[str, str]:
    """Address and name."""
    return address_of(line), line.param("CN")[:_NAME]


@lru_cache(maxsize=1024)
def _attendee(line: Line) -> Attendee:
    params = line.parameters()
    status, role = params.get("PARTSTAT", "").upper(), params.get("ROLE", "").upper()
    return Attendee(
        address_of(line),
        params.get("CN", "")[:_NAME],
        PartStat(status) if status in _PARTSTATS else PartStat.NEEDS_ACTION,
        ParticipationRole(role) if role in _ROLES else ParticipationRole.REQUIRED,
        person=params.get("CUTYPE", "").upper() not in _NOT_PEOPLE,
    )


def _stamp(text: str) -> datetime | None:
    try:
        moment, kind = wall(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if kind == "utc" else None


def _sequence(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def reminder(parts: Iterable[Component]) -> int | None:
    """Minutes before the start at which the first alarm is shown, wherever in the file it stands; None for none."""
    return max((ahead for part in parts if (ahead := lead(part)) is not None), default=None)


def lead(alarm: Component) -> int | None:
    """Minutes before the start; None for an alarm that is not shown, or not set by the start."""
    trigger = alarm.first("TRIGGER")
    if alarm.name != "VALARM" or alarm.value("ACTION").upper() != "DISPLAY" or not trigger:
        return None
    try:
        length = read_duration(trigger.value)
    except ValueError:
        return None
    ahead = -(length.exact + timedelta(days=length.days))
    return int(ahead // MINUTE) if ahead >= timedelta() and trigger.param("RELATED").upper() != "END" else None


def _free(part: Component) -> bool:
    """TRANSP, or Outlook's word for it; of days that do not say it is free, as calendars show busy ones as such."""
    said, status = part.value("TRANSP").upper(), _busy_status(part)
    if said or status:
        return said == "TRANSPARENT" or (not said and status == "FREE")
    try:
        return wall(part.value("DTSTART"))[1] == "date"
    except ValueError:
        return False


# -- what Outlook and Exchange write beside the RFC (MS-OXCICAL, 2.1.3.1.1.20) ---------------------------------------


def _busy_status(part: Component) -> str:
    """FREE, TENTATIVE, BUSY, OOF or WORKINGELSEWHERE, in capitals; '' where it says nothing."""
    return _said(part, "BUSYSTATUS")


def _type_of(part: Component) -> EventType:
    """Out of office, or working elsewhere."""
    return _TYPES.get(_busy_status(part), EventType.DEFAULT)


def days_of(o: Occurrence, frame: Frame) -> DateRange | None:
    """The days of a timed occurrence that is marked as all-day and runs between midnights of its zone; else None.

    Where these are the user's own midnights, too, its instants are its days, and nothing is to be turned into any.
    """
    if o.date or _said(o.part, "ALLDAYEVENT") != "TRUE":
        return None
    try:
        zone = read_moment(o.part.lines["DTSTART"][0], frame.zones).zone
    except (KeyError, ValueError, OverflowError):
        return None
    start, end = (local_of(moment, zone) for moment in (o.start, o.end))
    if start.time() != time() or end.time() != time() or start >= end:
        return None
    here = (instant(datetime.combine(at.date(), time()), frame.home) for at in (start, end))
    return None if tuple(here) == (o.start, o.end) else DateRange(start.date(), end.date())


def _said(part: Component, name: str) -> str:
    """A property of Exchange's, by the older name of Hotmail's where there is no other."""
    said = part.value(f"X-MICROSOFT-CDO-{name}") or part.value(f"X-MICROSOFT-MSNCALENDAR-{name}")
    return said.strip().upper()
