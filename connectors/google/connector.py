"""Google Calendar, through its API v3.

An href is the id of an event or a series, a version its ETag.  Our events carry ids of ours, so that an insert whose
answer was lost is found and not repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from connectors.google import calendars, replies, sync, watch
from connectors.google.api import Api, ForbiddenError, RefusedBodyError, TakenError
from connectors.google.calendars import PRIMARY
from connectors.google.codec import MARK, Bundle, Item, body_of, calendar_of, new_body, visibility
from connectors.google.login import examine, login
from connectors.google.options import GoogleOptions
from connectors.google.settings import known
from connectors.rfc5545 import codec
from connectors.rfc5545.patch import COMMAND
from daemon.model.errors import (
    DeletedError,
    ExistsError,
    GoneError,
    LostRaceError,
    UnbusyError,
    UnreadableError,
)
from daemon.model.event import CalendarId, EventRef, EventType, PartStat, ResourceRef, ShowAs
from daemon.model.options import shown
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import UID_PREFIX, Field, named
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Notes, Peek, Reading, Resource, Seen, Watched
from daemon.model.times import TimeRange

_CALENDARS, _NO_FOCUS, _SHARED = "calendars", "no focus time", "shared"
_DECLINES = {
    "none": "declineNone", "new": "declineOnlyNewConflictingInvitations", "all": "declineAllConflictingInvitations"
}  # fmt: skip
_TYPES = frozenset(EventType)
_ROLES = ("owner", "writer", "reader")


class Google(Struct):
    """One account."""

    account: str
    options: GoogleOptions
    clock: Callable[[], datetime]
    notes: Notes
    api: Api
    _listed: dict[CalendarId, CalendarInfo] = field(default_factory=dict)
    _shared: frozenset[str] | None = None

    def skew(self) -> timedelta | None:
        """See `daemon.model.protocols.Timed`."""
        return self.api.skew

    @property
    def me(self) -> str:
        """What stands for the user among attendees: what Google calls self."""
        return self.options.emails[0].lower() if self.options.emails else ""

    def close(self) -> None:
        """Close the connection."""
        self.api.close()

    # -- for a company's leaders: see `daemon.model.protocols.Pushing` ------------------------------------------------

    def asked(self, words: str) -> bool:
        """Whether an event of the user's own, alone, is titled so."""
        return watch.asked(self.api, words)

    def watch(self, calendar: CalendarId, channel: str, address: str, token: str) -> Watched:
        """Have Google tell an address when a calendar changes."""
        return watch.watch(self.api, calendar.partition("/")[2], channel, address, token)

    def unwatch(self, channel: str, resource: str) -> None:
        """No longer."""
        watch.unwatch(self.api, channel, resource)

    # -- reading ------------------------------------------------------------------------------------------------------

    def calendars(self) -> Sequence[CalendarInfo]:
        """The calendars in the user's list whose events can be read; those of others are not `owned`."""
        if not self._listed:
            now = self.clock()
            rows = calendars.remembered(self.notes.get(_CALENDARS), now)
            if not rows or not self.options.are_among(self.account, [word for row in rows for word in row[:2]]):
                rows = [calendars.row_of(c) for c in sync.listed(self.api) if c["accessRole"] in _ROLES]
                self.notes.put(_CALENDARS, json.dumps({"at": now.isoformat(), "rows": rows}))
            native = self.options.focus_time and not self.notes.get(_NO_FOCUS)
            infos = [calendars.info_of(self.account, *row, native=native) for row in rows]
            self._listed = {i.id: i for i in infos}
            self._shared = frozenset(i.id.partition("/")[2] for i in infos if i.shared)
            self.notes.put(_SHARED, " ".join(sorted(self._shared)))
        return list(self._listed.values())

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """See `google_sync.changes`.  A calendar that is not found is looked for again the next time."""
        try:
            return sync.changes(self._calendar(calendar), seen)
        except UnreadableError:
            self.notes.put(_CALENDARS, "")
            raise

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        try:
            return codec.peek(calendar_of(Bundle.parse(payload), self.me))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Peek()

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`; with the types that only Google knows."""
        try:
            bundle = Bundle.parse(resource.payload)
            said = calendar_of(bundle, "" if self._is_shared(resource.ref.calendar) else self.me)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            where = f"{resource.ref.calendar}/{resource.ref.href}"
            return Reading(problems=(Problem(where, f"cannot be read ({type(error).__name__})"),), whole=False)
        reading = codec.reading(Resource(resource.ref, said), window, zone)
        kind = _type(bundle)
        return replace(reading, events=tuple(replace(e, type=kind) for e in reading.events)) if kind else reading

    def _is_shared(self, calendar: CalendarId) -> bool:
        """Whether it is somebody else's: what Google calls self there is that calendar, and not the user."""
        if self._shared is None:
            self._shared = frozenset(self.notes.get(_SHARED).split())
        return calendar.partition("/")[2] in self._shared

    # -- writing ------------------------------------------------------------------------------------------------------

    def create(self, draft: Draft) -> Resource:
        """Insert under our id; ExistsError when it is taken by something else, DeletedError when it was deleted."""
        calendar = self._calendar(draft.calendar)
        plain = new_body(draft)
        if self._native(draft, calendar):
            try:
                item = self._inserted(calendar, draft, plain | self._focus())
            except (RefusedBodyError, ForbiddenError):
                item = self._inserted(calendar, draft, plain)
                self.notes.put(_NO_FOCUS, "refused")
            if item.get("eventType") != EventType.FOCUS_TIME:
                self.notes.put(_NO_FOCUS, "refused")
        else:
            item = self._inserted(calendar, draft, plain)
        return _resource(calendar, item)

    def _native(self, draft: Draft, calendar: sync.Calendar) -> bool:
        timed = not draft.when.all_day
        able = self.options.focus_time and not self.notes.get(_NO_FOCUS)
        return able and draft.focus and timed and calendar.name == PRIMARY and draft.show_as is ShowAs.BUSY

    def _focus(self) -> Item:
        chat = "doNotDisturb" if self.options.do_not_disturb else "available"
        properties = {"autoDeclineMode": _DECLINES[self.options.decline], "chatStatus": chat}
        return {"eventType": EventType.FOCUS_TIME.value, "focusTimeProperties": properties, "status": "confirmed"}

    def _inserted(self, calendar: sync.Calendar, draft: Draft, body: Item) -> Item:
        events = calendar.api.service.events()
        request = events.insert(calendarId=calendar.name, body=body, sendUpdates="none")
        try:
            return dict(calendar.api.call(request, f"{draft.title} in {calendar.id}"))
        except TakenError as error:
            standing = self._got(calendar, draft.mark.digits)
            mark = read_mark(_mark_line(standing))
            if standing.get("status") == "cancelled" and mark and mark.digits == draft.mark.digits:
                raise DeletedError(f"{draft.uid} was deleted in {calendar.id}") from error
            if _mark_line(standing) != write_mark(draft.mark):
                raise ExistsError(f"{draft.uid} exists already in {calendar.id}") from error
            return standing  # an answer was lost: it is ours as it was asked for

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Write these fields and the mark, on the condition that it still is that version."""
        item, body = _own(Bundle.parse(resource.payload), resource.ref), body_of(draft, fields)
        if item.get("eventType") == EventType.FOCUS_TIME and Field.SHOW_AS in fields:
            body |= {"transparency": "opaque", "status": "confirmed"}  # focus time is nothing else
        return self._patched(resource, item, body)

    def delete(self, ref: ResourceRef) -> None:
        """Remove the event, on the condition that it still is that version."""
        calendar = self._calendar(ref.calendar)
        standing = self._got(calendar, ref.href)
        if standing.get("status") == "cancelled":
            raise GoneError(f"{ref.href} is gone from {calendar.id}")
        if standing.get("etag") != ref.version:
            raise LostRaceError(f"{ref.calendar}/{ref.href} was changed by somebody else")
        _own(Bundle(standing), ref)
        request = calendar.api.service.events().delete(calendarId=calendar.name, eventId=ref.href, sendUpdates="none")
        try:
            calendar.api.call(request, f"{ref.calendar}/{ref.href}", etag=ref.version)
        except LostRaceError:
            if not calendar.api.repeated or self._stands(calendar, ref.href):
                raise  # else it was our own hand: the first answer was lost

    def _stands(self, calendar: sync.Calendar, event: str) -> bool:
        try:
            return self._got(calendar, event).get("status") != "cancelled"
        except GoneError:
            return False

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        """Write another description into the user's own command."""
        import html

        item = Bundle.parse(resource.payload).main or {}
        title = str(item.get("summary", "")).strip().lower()
        if not title.startswith(COMMAND) or item.get("attendees") or not (item.get("organizer") or {}).get("self"):
            raise UnbusyError("this is not a command to unbusy; it was left as it is")
        body = {"description": html.escape(text, quote=False)}
        return self._patched(resource, item, body | visibility(item, private=private))

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        """Write this reply into the user's own entry, and no other one; the organizer is told as of any reply."""
        calendar, bundle = self._calendar(resource.ref.calendar), Bundle.parse(resource.payload)
        item, primary = replies.asked(bundle, invitation), calendar.name == PRIMARY
        body = replies.body_of(replies.own_entry(item, me, primary=primary), answer, comment)
        try:
            return self._patched(resource, item, body, tell="all")
        except LostRaceError:
            if not calendar.api.repeated:
                raise
            standing = self._got(calendar, str(item["id"]))  # perhaps it was our own hand: the first answer was lost
            found = replies.own_entry(standing, me, primary=primary, answered=True)
            if found.get("responseStatus") != replies.word(answer):
                raise
            return _with(resource, bundle, standing)

    def _patched(self, resource: Resource, item: Item, body: Item, tell: str = "none") -> Resource:
        calendar, ref = self._calendar(resource.ref.calendar), resource.ref
        events, event = calendar.api.service.events(), str(item.get("id") or ref.href)
        request = events.patch(calendarId=calendar.name, eventId=event, body=body, sendUpdates=tell)
        try:
            written = calendar.api.call(request, f"{ref.calendar}/{ref.href}", etag=str(item.get("etag", "")) or "none")
        except UnreadableError as error:
            raise GoneError(f"{ref.href} is gone from {calendar.id}") from error
        return _with(resource, Bundle.parse(resource.payload), dict(written))

    def _got(self, calendar: sync.Calendar, event: str) -> Item:
        try:
            request = calendar.api.service.events().get(calendarId=calendar.name, eventId=event)
            return dict(calendar.api.call(request, f"{calendar.id}/{event}"))
        except UnreadableError as error:
            raise GoneError(f"{event} is gone from {calendar.id}") from error

    def _calendar(self, calendar: CalendarId) -> sync.Calendar:
        if calendar not in {i.id for i in self.calendars()}:
            have = ", ".join(sorted(i.name for i in self._listed.values())) or "none"
            raise UnreadableError(
                f"{self.account} has no calendar {shown(calendar.partition('/')[2])}; it has: {have}",
                "bring it back, or correct `read` and `write` of this account",
            )
        return sync.Calendar(self.api, calendar, calendar.partition("/")[2])


def _type(bundle: Bundle) -> EventType | None:
    kind = str((bundle.main or next(iter(bundle.exceptions.values()), {})).get("eventType", ""))
    return EventType(kind) if kind in _TYPES and kind != EventType.DEFAULT else None


def _mark_line(item: Item) -> str:
    return str(((item.get("extendedProperties") or {}).get("private") or {}).get(MARK, ""))


def _own(bundle: Bundle, ref: ResourceRef) -> Item:
    """One of ours, by its id.  Anything else is refused, whoever asks: it is never written to."""
    item = bundle.main or {}
    name = named(f"{UID_PREFIX}{item.get('id', '')}")
    guests = any(not a.get("self") and not a.get("resource") for a in item.get("attendees") or ())
    others = guests or not (item.get("organizer") or {}).get("self", True) or bundle.exceptions
    if not name or ref.href != name or others:
        raise UnbusyError(f"{ref.calendar}/{ref.href} is not an event of unbusy; it was left as it is")
    return item


def _with(resource: Resource, bundle: Bundle, item: Item) -> Resource:
    """A resource with the event, or the one exception, as it is now."""
    if bundle.main is None or bundle.main.get("id") != item.get("id"):
        new = replace(bundle, exceptions={**bundle.exceptions, str(item["id"]): item})
    else:
        new = replace(bundle, main=item)
    return Resource(ResourceRef(resource.ref.calendar, resource.ref.href, new.version), new.dump())


def _resource(calendar: sync.Calendar, item: Item) -> Resource:
    bundle = Bundle(item)
    return Resource(ResourceRef(calendar.id, str(item["id"]), bundle.version), bundle.dump())


# -- the list of calendars --------------------------------------------------------------------------------------------


def _open(
    account: str, options: GoogleOptions, clock: Callable[[], datetime], secret: Callable[[], str], notes: Notes
) -> Google:
    return Google(account, options, clock, notes, Api(options, clock, secret))


KIND = ConnectorKind(GoogleOptions, _open, writes=True, login=login, examine=examine, known=known)
