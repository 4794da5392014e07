"""Calendars on any CalDAV server (RFC 4791)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from connectors.caldav import sync, write
from connectors.caldav.check import examine, login
from connectors.caldav.dav import Dav
from connectors.caldav.discovery import Found, discover, note_of, remembered
from connectors.caldav.library import make_calendar, server_of
from connectors.caldav.options import CaldavOptions, web_of
from connectors.caldav.settings import known
from connectors.rfc5545 import codec
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId, EventRef, PartStat, ResourceRef
from daemon.model.options import shown
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Notes, Peek, Reading, Resource, Seen
from daemon.model.times import TimeRange

_CALENDARS = "calendars"


class Caldav(Struct):
    """One account.  The id of a calendar is the last part of its path, an href the name of a resource in it."""

    account: str
    options: CaldavOptions
    clock: Callable[[], datetime]
    notes: Notes
    dav: Dav
    _found: dict[CalendarId, Found] = field(default_factory=dict)

    def close(self) -> None:
        """Close the connection."""
        self.dav.web.close()

    def skew(self) -> timedelta | None:
        """See `daemon.model.protocols.Timed`."""
        return self.dav.web.skew

    def calendars(self) -> Sequence[CalendarInfo]:
        """All calendars for events; those of others are not `owned`."""
        return [
            CalendarInfo(
                id=i,
                name=f.name,
                owned=f.owned,
                shared=f.shared,
                principal=f.principal,
                addresses=f.addresses,
                writable=f.writable is not False,
            )
            for i, f in self._calendars().items()
        ]

    def _calendars(self) -> dict[CalendarId, Found]:
        if not self._found:
            now, url = self.clock(), self.options.url
            known = named(remembered(self.notes.get(_CALENDARS), url, now))
            if not known or not self.options.are_among(self.account, [*known, *(f.name for f in known.values())]):
                found = discover(self.dav, url)
                self.notes.put(_CALENDARS, note_of(found, url, now))
                known = named(found)
            self._found = {f"{self.account}/{name}": f for name, f in known.items()}
        return self._found

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """See `sync.changes`.  A calendar that is not found is looked for again the next time."""
        try:
            return sync.changes(self._calendar(calendar), seen, self.clock())
        except UnreadableError:
            self.notes.put(_CALENDARS, "")
            raise

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`."""
        return codec.reading(resource, window, zone)

    def create(self, draft: Draft) -> Resource:
        """Write UID.ics; ExistsError when there is such a resource, or its UID is taken."""
        payload = codec.written(draft, self.clock())
        return write.create(self._calendar(draft.calendar), f"{draft.uid}{write.EXTENSION}", payload)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Write these fields and the mark into what stands there."""

        def change(payload: bytes) -> bytes:
            return codec.edited(write.own(payload, resource.ref), draft, fields, self.clock())

        return self._replaced(resource, change)

    def delete(self, ref: ResourceRef) -> None:
        """Remove the resource."""
        write.delete(self._calendar(ref.calendar), ref)

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        """Write another description."""
        from connectors.rfc5545.patch import annotated

        return self._replaced(resource, lambda payload: annotated(payload, text, private=private))

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        """Write this reply; the server tells the organizer, where it schedules (RFC 6638)."""
        from connectors.rfc5545.patch import responded

        del comment  # of an attendee's own it lets nothing else be written (3.2.2.1)
        return self._replaced(resource, lambda payload: responded(payload, invitation, me, answer))

    def _replaced(self, resource: Resource, make: Callable[[bytes], bytes]) -> Resource:
        return write.replace(self._calendar(resource.ref.calendar), resource, make)

    def _calendar(self, calendar: CalendarId) -> sync.Calendar:
        found = self._calendars().get(calendar)
        if not found:
            have = ", ".join(sorted(f.name for f in self._found.values())) or "none"
            raise UnreadableError(
                f"{self.account} has no calendar {shown(calendar.partition('/')[2])}; it has: {have}",
                "bring it back, or correct `read` and `write` of this account",
            )
        return sync.Calendar(self.dav, calendar, found.path)


def named(found: Sequence[Found]) -> dict[str, Found]:
    """Calendars by the last part of their path; where two have the same, by the whole of it."""
    short = [f.path.strip("/").rpartition("/")[2] for f in found]
    return {s if short.count(s) == 1 else f.path.strip("/"): f for s, f in zip(short, found, strict=True)}


def _open(
    account: str, options: CaldavOptions, clock: Callable[[], datetime], secret: Callable[[], str], notes: Notes
) -> Caldav:
    return Caldav(account, options, clock, notes, Dav(web_of(options, clock, secret)))


KIND = ConnectorKind(
    CaldavOptions, _open, writes=True, login=login, examine=examine, known=known, server=server_of, make=make_calendar
)
