"""A Google Calendar as a shelf: `Life` and its tests speak iCalendar, and this says it in Google's words.

What the user and other people do goes straight into the stored event, as their own clients would have it.  Private
extended properties appear as lines `X-NAME:value`; what neither form can say is left out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gcal import times
from gcal.server import GoogleServer
from gcal.world import Body

REPLIES = {"needsAction": "NEEDS-ACTION", "declined": "DECLINED", "tentative": "TENTATIVE", "accepted": "ACCEPTED"}
COLOURS = {"red": "11", "blue": "9", "green": "10", "yellow": "5", "orange": "6", "gray": "8", "turquoise": "7"}
OWN = "X-UNBUSY"
ZONE = ZoneInfo("Europe/Warsaw")
LINE = re.compile(r'((?:[^":]|"[^"]*")+):(.*)')


class GoogleShelf:
    """The user's primary calendar, called Work, or another one of theirs.

    `native`: focus time as Google's own kind of event.  `secret`: what unbusy has stored of the user's consent.
    """

    connector = None

    def __init__(self, server: GoogleServer, *, native: bool = False, calendar: str = "") -> None:
        self.server = server
        self.calendar = server.world.calendars[calendar or server.user]
        self.calendar.summary = self.calendar.summary if calendar else "Work"
        self.account = f'type = "google"\nendpoint = "{server.url}"\nfocus_time = {str(native).lower()}'
        self.files: dict[str, str] = {}
        self.secret = json.dumps(server.secret())

    def follow(self, clock: Callable[[], datetime]) -> None:
        """Let it be the same moment there."""
        self.server.clock.source = clock

    def _named(self) -> dict[str, Body]:
        """Events by their file names; exceptions and tombstones have none."""
        live = (b for b in self.server.live(self.calendar.id).values() if "recurringEventId" not in b)
        return {self.files.get(b["id"], f"{uid_of(b)}.ics"): b for b in live}

    def names(self) -> list[str]:
        return sorted(self._named())

    def get(self, name: str) -> bytes:
        return written(self._named()[name])

    def put(self, name: str, payload: bytes) -> None:
        uid = name.removesuffix(".ics")
        ours = re.fullmatch(r"unbusy-([a-v0-9]{32})", uid)
        given = read(payload.decode(), self.server.user)
        event = ours[1] if ours else base64.b32hexencode(hashlib.sha256(uid.encode()).digest()[:10]).decode().lower()
        if given["status"] == "cancelled":
            pytest.skip("what is cancelled is deleted here")
        self.files[event] = name
        before = self._named().get(name)
        own = {"email": self.calendar.id, "self": True}
        usual: Body = {"id": event, "iCalUID": f"{event}@google.com", "eventType": "default",
                       "created": self.server.world.now(), "organizer": own, "creator": own}  # fmt: skip
        kept = {k: v for k, v in (before or {}).items() if k not in SAID}
        given = {k: v for k, v in given.items() if k != "iCalUID" or not ours}
        self.server.world.put(self.calendar, usual | kept | given)

    def remove(self, name: str) -> None:
        body = self._named()[name]
        if body["organizer"].get("self") and self.calendar.primary:
            self.server.device.delete(body["id"])
        else:  # whoever has organized it takes it back
            self.server.world.bury(self.calendar, body["id"])

    def another(self, calendar: str) -> GoogleShelf:
        return GoogleShelf(self.server, calendar=self.server.add_calendar(calendar))

    def renamed(self, calendar: str) -> GoogleShelf:
        """Its id stays."""
        self.calendar.summary = calendar
        return self


def uid_of(body: Body) -> str:
    """What unbusy calls it."""
    private = body.get("extendedProperties", {}).get("private", {})
    own = body["iCalUID"] == f"{body['id']}@google.com" and len(body["id"]) == 32 and private
    return f"unbusy-{body['id']}" if own else str(body["iCalUID"])


# -- as iCalendar -----------------------------------------------------------------------------------------------------

SAID = frozenset({
    "start", "end", "summary", "description", "location", "transparency", "status", "recurrence", "visibility",
    "colorId", "reminders", "attendees", "organizer", "extendedProperties", "sequence",
})  # fmt: skip
"""What the two forms have in common."""


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def _stamp(name: str, value: Body) -> str:
    at = times.read(value, name)
    if not isinstance(at, datetime):
        return f"{name};VALUE=DATE:{at:%Y%m%d}"
    if value.get("timeZone") == "UTC":
        return f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={ZONE.key}:{at.astimezone(ZONE):%Y%m%dT%H%M%S}"


def written(body: Body) -> bytes:
    """An event as a calendar with one component."""
    lines = [f"UID:{uid_of(body)}", "DTSTAMP:20261101T000000Z", _stamp("DTSTART", body["start"]),
             _stamp("DTEND", body["end"]), f"SEQUENCE:{body.get('sequence', 0)}"]  # fmt: skip
    lines += [
        f"{name.upper()}:{escaped(body[name])}" for name in ("summary", "description", "location") if name in body
    ]
    lines += [f"TRANSP:{body.get('transparency', 'opaque').upper()}", f"STATUS:{body['status'].upper()}"]
    lines += body.get("recurrence", [])
    lines += ["CLASS:PRIVATE"] if body.get("visibility") == "private" else []
    lines += [f"COLOR:{name}" for name, number in COLOURS.items() if body.get("colorId") == number]
    private = body.get("extendedProperties", {}).get("private", {})
    lines += [f"X-{key.upper()};KEY={key}:{value}" for key, value in sorted(private.items())]
    if body.get("attendees") or not body["organizer"].get("self"):
        lines.append(f"ORGANIZER:mailto:{body['organizer']['email']}")
    lines += [
        f"ATTENDEE;PARTSTAT={REPLIES[a['responseStatus']]}:mailto:{a['email']}" for a in body.get("attendees", ())
    ]
    for one in body["reminders"].get("overrides", ()):
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{one['minutes']}M", "DESCRIPTION:Soon", "END:VALARM"]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


def read(text: str, me: str) -> Body:
    """The event of a calendar with one component."""
    lines = list(_lines(text))
    one = {name: value for name, _, value in lines}
    zones = {name: parameters.get("TZID", "") for name, parameters, _ in lines}
    body: Body = {k: _moment(one[n], zones[n]) for k, n in (("start", "DTSTART"), ("end", "DTEND"))}
    body |= {name.lower(): plain(one[name]) for name in ("SUMMARY", "DESCRIPTION", "LOCATION") if name in one}
    body |= {"status": one.get("STATUS", "CONFIRMED").lower(), "transparency": one.get("TRANSP", "OPAQUE").lower()}
    body |= {"iCalUID": plain(one["UID"])} if "UID" in one else {}
    body |= {"created": f"{_stamped(one['CREATED']):%Y-%m-%dT%H:%M:%S}.000Z"} if "CREATED" in one else {}
    body["sequence"] = int(one.get("SEQUENCE", 0))
    body |= {"visibility": "private"} if one.get("CLASS") == "PRIVATE" else {}
    body |= {"colorId": COLOURS[one["COLOR"]]} if one.get("COLOR") in COLOURS else {}
    rules = [f"{name}:{value}" for name, _, value in lines if name in {"RRULE", "RDATE", "EXDATE"}]
    body |= {"recurrence": rules} if rules else {}
    private = {
        parameters.get("KEY", name[2:].lower()): value for name, parameters, value in lines if name.startswith(OWN)
    }
    body |= {"extendedProperties": {"private": private}} if private else {}
    minutes = [int(value[3:-1]) for name, _, value in lines if name == "TRIGGER" and re.fullmatch(r"-PT\d+M", value)]
    body["reminders"] = {"useDefault": False, "overrides": [{"method": "popup", "minutes": n} for n in minutes]}
    organizer = one.get("ORGANIZER", "").lower().removeprefix("mailto:")
    body |= {"organizer": {"email": organizer} | ({"self": True} if organizer == me else {})} if organizer else {}
    attendees = [_attendee(parameters, value) for name, parameters, value in lines if name == "ATTENDEE"]
    for guest in attendees:
        guest.update({"self": True} if guest["email"] == me else {})
        guest.update({"organizer": True} if guest["email"] == organizer else {})
    body |= {"attendees": attendees} if attendees else {}
    return body


def _lines(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Name, parameters and value of each line; of alarms the trigger only."""
    within = text.replace("\r\n", "\n").replace("\n ", "").partition("BEGIN:VEVENT\n")[2].partition("END:VEVENT")[0]
    alarm = False
    for line in within.splitlines():
        head, value = LINE.fullmatch(line).groups()  # type: ignore[union-attr]  # tests write such lines
        name, *parameters = head.split(";")
        alarm = (alarm or name == "BEGIN") and name != "END"
        if not alarm or name == "TRIGGER":
            yield name, dict(p.split("=", 1) for p in parameters if "=" in p), value


def _attendee(parameters: dict[str, str], value: str) -> Body:
    email = value.lower().removeprefix("mailto:")
    said = {v: k for k, v in REPLIES.items()}[parameters.get("PARTSTAT", "NEEDS-ACTION")]
    room = {"resource": True} if parameters.get("CUTYPE") == "ROOM" else {}
    return {"email": email, "responseStatus": said, **room}


def _moment(value: str, zone: str) -> dict[str, Any]:
    if len(value) == 8:
        return {"date": date.fromisoformat(value).isoformat()}
    at = _stamped(value, ZoneInfo(zone) if zone else UTC)
    return {"dateTime": at.isoformat(), "timeZone": zone or "UTC"}


def _stamped(value: str, zone: tzinfo = UTC) -> datetime:
    return datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=zone)
