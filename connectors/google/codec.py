"""Events of the Google Calendar API as iCalendar and back: pure.

What is read goes through the same reader as all else, so that series, exceptions and marks mean the same everywhere.
A resource is a single event, or a series with its exceptions, as JSON.
https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from connectors.rfc5545.lines import escaped
from daemon.model.event import EventType, PartStat, ShowAs
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import UID_PREFIX, Field
from daemon.model.plan import Draft
from daemon.model.times import DateRange

Item = dict[str, Any]

MARK, COLOUR, WAS = "unbusy", "unbusyColour", "unbusyWas"
"""Private extended properties: the mark, the colour that was asked for beside the number that was written, and the
visibility that a command had before an answer stood under it."""

COLOURS = {
    "lavender": "1", "sage": "2", "grape": "3", "flamingo": "4", "banana": "5", "tangerine": "6", "peacock": "7",
    "graphite": "8", "blueberry": "9", "basil": "10", "tomato": "11", "red": "11", "blue": "9", "green": "10",
    "yellow": "5", "orange": "6", "gray": "8", "grey": "8", "turquoise": "7", "teal": "7", "purple": "3",
    "violet": "3", "pink": "4", "cyan": "7", "navy": "9",
}  # fmt: skip
"""Names of colours (Google's own, and those of CSS that come near) and the number of the event colour."""

REPLIES = {
    "needsAction": PartStat.NEEDS_ACTION, "accepted": PartStat.ACCEPTED, "declined": PartStat.DECLINED,
    "tentative": PartStat.TENTATIVE,
}  # fmt: skip
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_RULE = re.compile(r"(?:RRULE|RDATE|EXDATE|EXRULE)[;:][^\r\n]*")
_FREE_TYPES = (EventType.WORKING_LOCATION, EventType.BIRTHDAY)


class Bundle(Struct, frozen=True):
    """A resource: the event or the series (None: not visible to the user), and its exceptions by id."""

    main: Item | None = None
    exceptions: Mapping[str, Item] = field(default_factory=dict)

    @classmethod
    def parse(cls, payload: bytes) -> Bundle:
        """From what `dump` gave; ValueError, TypeError or KeyError for anything else."""
        said = dict(json.loads(payload))
        return cls(said["main"], dict(said["exceptions"]))

    def dump(self) -> bytes:
        """As it is kept."""
        return json.dumps({"main": self.main, "exceptions": self.exceptions}, sort_keys=True).encode()

    @property
    def version(self) -> str:
        """The ETag of a single event; of a series with exceptions, one made of all."""
        etags = [str((self.main or {}).get("etag", "")), *(str(e.get("etag", "")) for e in self.exceptions.values())]
        return etags[0] if len(etags) == 1 else hashlib.sha256("\0".join(sorted(etags)).encode()).hexdigest()

    @property
    def items(self) -> Iterator[Item]:
        """The main event first."""
        if self.main:
            yield self.main
        yield from self.exceptions.values()


# -- to iCalendar -----------------------------------------------------------------------------------------------------


def calendar_of(bundle: Bundle, me: str) -> bytes:
    """A VCALENDAR that says the same.  `me`: what stands for the user among the attendees, '' to leave it."""
    main = bundle.main
    uid = _uid(main or next(iter(bundle.exceptions.values()), {}))
    gone = [e for e in bundle.exceptions.values() if e.get("status") == "cancelled"]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    if main:
        lines += _event(main, uid, me)
        lines[-1:] = [*(_time("EXDATE", e["originalStartTime"]) for e in gone if e.get("originalStartTime")), lines[-1]]
    for one in bundle.exceptions.values():
        if one.get("status") != "cancelled" and one.get("originalStartTime"):
            lines += _event(one, uid, me)
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _uid(item: Item) -> str:
    mark = read_mark(_private(item).get(MARK, ""))
    if mark and mark.digits == item.get("id"):
        return UID_PREFIX + mark.digits
    return str(item.get("iCalUID") or item.get("id", ""))


def _private(item: Item) -> Mapping[str, str]:
    found = (item.get("extendedProperties") or {}).get("private") or {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _event(item: Item, uid: str, me: str) -> list[str]:
    kind = str(item.get("eventType", ""))
    free = item.get("transparency") == "transparent" or kind in _FREE_TYPES or (not me and _declined(item))
    texts = {
        "UID": escaped(uid),
        "SUMMARY": escaped(str(item.get("summary") or "")),
        "DESCRIPTION": escaped(plain(str(item.get("description") or ""))),
        "LOCATION": escaped(str(item.get("location") or "")),
        "STATUS": {"tentative": "TENTATIVE", "cancelled": "CANCELLED"}.get(str(item.get("status")), "CONFIRMED"),
        "TRANSP": "TRANSPARENT" if free else "OPAQUE",
        "CLASS": "PRIVATE" if item.get("visibility") in ("private", "confidential") else "",
        "CREATED": _stamp(item.get("created")),
        "LAST-MODIFIED": _stamp(item.get("updated")),
        "SEQUENCE": str(item["sequence"]) if isinstance(item.get("sequence"), int) else "",
        "COLOR": escaped(_colour(item)),
        "X-UNBUSY": escaped(_private(item).get(MARK, "")),
        "X-MICROSOFT-CDO-BUSYSTATUS": "OOF" if kind == EventType.OUT_OF_OFFICE else "",
    }
    lines = ["BEGIN:VEVENT", _time("DTSTART", item["start"]), _time("DTEND", item.get("end") or item["start"])]
    if original := item.get("originalStartTime"):
        lines.append(_time("RECURRENCE-ID", original))
    lines += [f"{name}:{value}" for name, value in texts.items() if value]
    rules = [str(r).strip() for r in item.get("recurrence") or ()]
    lines += [r for r in rules if _RULE.fullmatch(r)] if "recurringEventId" not in item else []
    lines += _people(item, me)
    lines += _alarms(item)
    return [*lines, "END:VEVENT"]


def _declined(item: Item) -> bool:
    """Whether the one whom Google calls self said no; without an address of theirs nothing else tells it."""
    return any(a.get("self") and a.get("responseStatus") == "declined" for a in item.get("attendees") or ())


def _time(name: str, when: Mapping[str, str]) -> str:
    """A start or an end; an instant is written in its zone, where one is given."""
    if day := when.get("date"):
        return f"{name};VALUE=DATE:{_digits(day)}"
    moment = datetime.fromisoformat(when["dateTime"])
    zone = when.get("timeZone", "")
    if moment.tzinfo is None:
        return f"{name};TZID={_param(zone)}:{moment:%Y%m%dT%H%M%S}"
    if zone and (local := _local(moment, zone)):
        return f"{name};TZID={_param(zone)}:{local:%Y%m%dT%H%M%S}"
    return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _local(moment: datetime, zone: str) -> datetime | None:
    """In a zone, where that says it without loss."""
    from zoneinfo import ZoneInfo

    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ValueError, OSError, KeyError):
        return None
    return local if not local.fold else None


def _digits(day: str) -> str:
    return re.sub(r"[^0-9]", "", day)[:8]


def _stamp(text: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(text)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    except ValueError:
        return ""


def _param(text: str) -> str:
    return '"' + re.sub(r'[\x00-\x1f"]', "", text) + '"'


def _colour(item: Item) -> str:
    number = str(item.get("colorId", ""))
    name, _, written = _private(item).get(COLOUR, "").rpartition("=")
    return name if name and written == number else next((n for n, c in COLOURS.items() if c == number), number)


def _people(item: Item, me: str) -> Iterator[str]:
    organizer = item.get("organizer") or {}
    attendees = item.get("attendees") or []
    if organizer.get("email") and (attendees or not organizer.get("self")) and item.get("eventType") != "birthday":
        yield f"ORGANIZER{_name(organizer)}:mailto:{_address(organizer, me)}"
    for one in attendees:
        reply = REPLIES.get(str(one.get("responseStatus")), PartStat.NEEDS_ACTION)
        parts = [f"PARTSTAT={reply}", "ROLE=OPT-PARTICIPANT" if one.get("optional") else "",
                 "CUTYPE=RESOURCE" if one.get("resource") else ""]  # fmt: skip
        yield f"ATTENDEE;{';'.join(filter(None, parts))}{_name(one)}:mailto:{_address(one, me)}"


def _name(person: Mapping[str, Any]) -> str:
    """Their name as a parameter, '' for none."""
    return f";CN={_param(str(person['displayName']))}" if person.get("displayName") else ""


def _address(person: Mapping[str, Any], me: str) -> str:
    address = me if person.get("self") and me else str(person.get("email") or person.get("id") or "nobody@invalid")
    return re.sub(r"[\x00-\x20]", "", address)


def _alarms(item: Item) -> Iterator[str]:
    reminders = item.get("reminders") or {}
    for one in reminders.get("overrides") or () if not reminders.get("useDefault") else ():
        if one.get("method") == "popup" and isinstance(one.get("minutes"), int):
            yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", f"TRIGGER:-PT{one['minutes']}M",
                        "END:VALARM")  # fmt: skip


def plain(description: str) -> str:
    """A description without what escaping has put into it; one with tags in it stays as it is, tags and all."""
    return description if _TAG.search(description) else html.unescape(description)


# -- from a draft -----------------------------------------------------------------------------------------------------


def body_of(draft: Draft, fields: frozenset[Field]) -> Item:
    """These fields of a draft, and its mark, as an event resource or a part of one."""
    private = {MARK: write_mark(draft.mark)}
    body: Item = {}
    if Field.WHEN in fields:
        body |= _times(draft)
    if Field.TITLE in fields:
        body["summary"] = draft.title
    if Field.TEXT in fields:
        body["description"] = html.escape(draft.text, quote=False)
    if Field.SHOW_AS in fields:
        body["transparency"] = "transparent" if draft.show_as is ShowAs.FREE else "opaque"
        body["status"] = "tentative" if draft.show_as is ShowAs.TENTATIVE else "confirmed"
    if Field.REMINDER in fields:
        alarms = [] if draft.reminder is None else [{"method": "popup", "minutes": draft.reminder}]
        body["reminders"] = {"useDefault": False, "overrides": alarms}
    if Field.COLOUR in fields:
        number = COLOURS.get(draft.colour.lower(), "")
        body["colorId"] = number or None
        private[COLOUR] = f"{draft.colour}={number}" if draft.colour else ""
    return body | {"extendedProperties": {"private": private}}


def new_body(draft: Draft) -> Item:
    """A whole new event."""
    body = {k: v for k, v in body_of(draft, frozenset(Field)).items() if v is not None}
    private = {k: v for k, v in body["extendedProperties"]["private"].items() if v}
    return body | {
        "id": draft.mark.digits, "visibility": "public" if draft.visible else "private",
        "extendedProperties": {"private": private},
    }  # fmt: skip


def visibility(item: Item, *, private: bool) -> Item:
    """What makes an event private, or makes it again what it was before that; {} where it is so."""
    now, was = str(item.get("visibility") or "default"), _private(item).get(WAS, "")
    if private and now in ("default", "public"):
        return {"visibility": "private", "extendedProperties": {"private": {WAS: now}}}
    if private or not was or now != "private":
        return {}
    return {"visibility": was, "extendedProperties": {"private": {WAS: ""}}}


def _times(draft: Draft) -> Item:
    if isinstance(draft.when, DateRange):
        start: Item = {"date": draft.when.first.isoformat(), "dateTime": None, "timeZone": None}
        return {"start": start, "end": start | {"date": draft.when.end.isoformat()}}
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(draft.zone)
    both = (draft.when.start, draft.when.end)
    start, end = (
        {"dateTime": m.astimezone(zone).isoformat(), "timeZone": draft.zone, "date": None} for m in both
    )  # fmt: skip
    return {"start": start, "end": end}
