"""What people do with their calendars elsewhere: on another device, or as somebody else.

They go through the same rules as a request does, and through no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gcal import times, writing
from gcal.world import Body, World
from gcal.writing import Actor

EVERYTHING: Mapping[str, Any] = {"conferenceDataVersion": 1, "supportsAttachments": True}


def span(start: datetime | date, end: datetime | date, zone: str = "Europe/Warsaw") -> Body:
    """The start and end of an event, timed or all-day (end exclusive)."""
    if isinstance(start, datetime):
        return {k: {"dateTime": v.isoformat(), "timeZone": zone} for k, v in (("start", start), ("end", end))}
    return {"start": {"date": start.isoformat()}, "end": {"date": end.isoformat()}}


@dataclass(frozen=True)
class Person:
    """Somebody, in a calendar that they may write ('primary' is their own)."""

    world: World
    email: str
    calendar: str = "primary"

    @property
    def actor(self) -> Actor:
        return Actor(self.world, self.world.accounts[self.email], self.world.calendar(self.calendar, self.email))

    def get(self, event: str) -> Body:
        return writing.stored(self.actor.calendar, event)

    def insert(self, body: Body) -> Body:
        return writing.insert(self.actor, body, EVERYTHING)

    def patch(self, event: str, **fields: Any) -> Body:
        return writing.patch(self.actor, event, fields, EVERYTHING, "")

    def delete(self, event: str) -> None:
        """Delete an event, a series, or one instance of it; an invitation only for oneself."""
        writing.delete(self.actor, event, "")

    def retitle(self, event: str, title: str) -> Body:
        return self.patch(event, summary=title)

    def move(self, event: str, start: datetime | date, end: datetime | date | None = None) -> Body:
        """To another start; without an end it keeps its length.  All-day where dates are given."""
        current = self.get(event)
        if end is None:
            first, last = (times.read(current[k], k) for k in ("start", "end"))
            length: timedelta = last - first  # type: ignore[operator]  # both are of one kind
            end = start + length
        other = {"date": None} if isinstance(start, datetime) else {"dateTime": None, "timeZone": None}
        new = span(start, end, current["start"].get("timeZone", "Europe/Warsaw"))
        return self.patch(event, **{k: other | v for k, v in new.items()})

    def append(self, event: str, text: str) -> Body:
        """Type below the description, as the web client does: it stores HTML."""
        old = self.get(event).get("description", "")
        return self.patch(event, description=f"{old}<br>{text}" if old else text)

    def invite(self, title: str, start: datetime, end: datetime, guests: list[str], **more: Any) -> Body:
        """A meeting of one's own; one is among its attendees, as the web client has it."""
        entries = [{"email": self.email, "responseStatus": "accepted"}, *({"email": g} for g in guests)]
        return self.insert({"summary": title, **span(start, end), "attendees": entries, **more})

    def reply(self, event: str, answer: str, comment: str = "") -> Body:
        """Answer an invitation."""
        mine = {"email": self.email, "responseStatus": answer} | ({"comment": comment} if comment else {})
        return self.patch(event, attendeesOmitted=True, attendees=[mine])
