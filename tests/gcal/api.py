"""Each method of the API that this server has, by its id; and who may call it on which calendar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gcal import listing, writing
from gcal.answers import Refusal, bad, forbidden, full_sync, not_found, unscoped
from gcal.channels import Channels
from gcal.discovery import Call
from gcal.listing import Pages, Reader
from gcal.oauth import SCOPE, Grant
from gcal.world import EVENT_COLORS, ROLES, Body, Calendar, World
from gcal.writing import Actor

LIST_COLORS = {"1": "#ac725e", "9": "#7bd148", "14": "#9fe1e7", "16": "#4986e7"}
ANY_CALENDAR = frozenset(SCOPE + s for s in ("calendar", "calendar.events"))
READ_ANY = ANY_CALENDAR | {SCOPE + s for s in ("calendar.readonly", "calendar.events.readonly")}
OWNED = frozenset({SCOPE + "calendar.events.owned"})
READ_OWNED = OWNED | {SCOPE + "calendar.events.owned.readonly"}
FREE_BUSY = frozenset({SCOPE + "calendar.events.freebusy"})


@dataclass(frozen=True)
class Request:
    """A call, by whom it is made, and its condition: If-Match, If-None-Match."""

    call: Call
    grant: Grant
    match: str = ""
    none_match: str = ""

    @property
    def given(self) -> Mapping[str, Any]:
        return self.call.given


class Unchanged(Exception):  # noqa: N818  it is an answer
    """304."""


@dataclass
class Api:
    """The methods, on a world."""

    world: World
    pages: Pages
    channels: Channels

    def serve(self, request: Request) -> Body | None:
        """The answer to a request; None where it has no body."""
        method = request.call.method
        if not method.scopes & request.grant.scopes:
            raise unscoped()
        if method.id not in METHODS:
            raise Refusal(501, "notImplemented", f"These tests need no {method.id} yet.")
        answer = METHODS[method.id](self, request)
        if answer is not None and request.none_match and request.none_match == answer.get("etag"):
            raise Unchanged
        return answer

    # -- rights ---------------------------------------------------------------------------------------------------

    def _reader(self, request: Request) -> Reader:
        """What the role and the scopes let somebody see of a calendar."""
        calendar = self.world.calendar(request.given["calendarId"], request.grant.email)
        role, scopes = calendar.role(request.grant.email), request.grant.scopes
        if scopes & READ_ANY or (scopes & READ_OWNED and role == "owner"):
            return Reader(self.world, calendar, role)
        if scopes & FREE_BUSY:
            return Reader(self.world, calendar, "freeBusyReader")
        raise unscoped()

    def _actor(self, request: Request) -> Actor:
        """Somebody who may write into a calendar."""
        calendar = self.world.calendar(request.given["calendarId"], request.grant.email)
        role, scopes = calendar.role(request.grant.email), request.grant.scopes
        if not scopes & ANY_CALENDAR and not (scopes & OWNED and role == "owner"):
            raise unscoped()
        if ROLES.index(role) < ROLES.index("writer"):
            raise forbidden("You need to have writer access to this calendar.", "requiredAccessLevel")
        account = self.world.accounts[request.grant.email]
        return Actor(self.world, account, calendar, invites=not request.grant.service)

    # -- events ---------------------------------------------------------------------------------------------------

    def list_events(self, request: Request) -> Body:
        return listing.events(self._reader(request), request.given, self.pages)

    def instances(self, request: Request) -> Body:
        return listing.instances(self._reader(request), request.given, self.pages)

    def get_event(self, request: Request) -> Body:
        reader = self._reader(request)
        return self._shown(reader, writing.stored(reader.calendar, request.given["eventId"]), request)

    def insert(self, request: Request) -> Body:
        actor = self._actor(request)
        return self._shown(self._reader(request), writing.insert(actor, request.call.body, request.given), request)

    def update(self, request: Request) -> Body:
        return self._changed(request, writing.update)

    def patch(self, request: Request) -> Body:
        return self._changed(request, writing.patch)

    def delete(self, request: Request) -> None:
        writing.delete(self._actor(request), request.given["eventId"], request.match)

    def _changed(self, request: Request, change: Callable[..., Body]) -> Body:
        actor, given = self._actor(request), request.given
        new = change(actor, given["eventId"], self._own_form(actor.calendar, request), given, request.match)
        return self._shown(self._reader(request), new, request)

    def _own_form(self, calendar: Calendar, request: Request) -> Body:
        """The body with the original start, where it only repeats it, in the form in which they are stored."""
        body = dict(request.call.body)
        current = writing.stored(calendar, request.given["eventId"])
        told = self._shown(self._reader(request), current, request)
        if "originalStartTime" in body and body["originalStartTime"] == told.get("originalStartTime"):
            body["originalStartTime"] = current["originalStartTime"]
        return body

    def _shown(self, reader: Reader, event: Body, request: Request) -> Body:
        return listing.shown(reader, event, request.given.get("timeZone", reader.calendar.zone), request.given)

    # -- notices --------------------------------------------------------------------------------------------------

    def watch(self, request: Request) -> Body:
        return self.channels.watch(self._reader(request).calendar.id, request.grant.email, request.call.body)

    def stop(self, request: Request) -> None:
        self.channels.stop(request.grant.email, request.call.body)

    # -- calendars, settings, colours -----------------------------------------------------------------------------

    def calendar_list(self, request: Request) -> Body:
        email, given = request.grant.email, request.given
        account = self.world.accounts[email]
        token = given.get("syncToken", "")
        if token and "minAccessRole" in given:
            raise bad("Sync token cannot be used with minAccessRole.", "invalidParameter", "parameter syncToken")
        key = ("calendarList", email)
        since = listing.read_token(token, email, 0, key) if token else None
        found = [
            name for name, entry in account.listed.items()
            if (since is None or entry.changed > since)
            and (not entry.body.get("deleted") or token or given.get("showDeleted"))
            and (not entry.body.get("hidden") or given.get("showHidden"))
            and ROLES.index(self.world.calendars[name].role(email)) >= ROLES.index(given.get("minAccessRole", "none"))
        ]  # fmt: skip
        page, next_page, serial = self.pages.cut(
            (key, token), found, self.world.serial, min(given.get("maxResults", 100), 250), given.get("pageToken", "")
        )
        body: Body = {"kind": "calendar#calendarList", "etag": f'"l{serial}"',
                      "items": [self._entry(email, name) for name in page]}  # fmt: skip
        if next_page:
            return body | {"nextPageToken": next_page}
        token_of = {} if "minAccessRole" in given else {"nextSyncToken": listing.token_of(email, 0, serial, key)}
        return body | token_of

    def calendar_entry(self, request: Request) -> Body:
        email = request.grant.email
        calendar = self.world.calendar(request.given["calendarId"], email)
        if calendar.id not in self.world.accounts[email].listed:
            raise not_found()
        return self._entry(email, calendar.id)

    def _entry(self, email: str, name: str) -> Body:
        calendar, entry = self.world.calendars[name], self.world.accounts[email].listed[name]
        if entry.body.get("deleted"):
            return {"kind": "calendar#calendarListEntry", "etag": f'"{entry.changed}"', "id": name, "deleted": True}
        own = {"primary": True} if name == email else {}
        held = {} if calendar.primary else {"dataOwner": calendar.owner}
        return {
            "kind": "calendar#calendarListEntry", "etag": f'"{entry.changed}"', "id": name, "summary": calendar.summary,
            "timeZone": calendar.zone, "colorId": "14", "backgroundColor": "#9fe1e7", "foregroundColor": "#000000",
            "selected": True, "accessRole": calendar.role(email), "defaultReminders": [],
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        } | own | held | entry.body  # fmt: skip

    def calendar(self, request: Request) -> Body:
        calendar = self.world.calendar(request.given["calendarId"], request.grant.email)
        hours = {} if calendar.hours is None else {"workingHours": calendar.hours}
        return {"kind": "calendar#calendar", "etag": f'"c{calendar.epoch}"', "id": calendar.id,
                "summary": calendar.summary, "timeZone": calendar.zone} | hours  # fmt: skip

    def settings(self, request: Request) -> Body:
        if request.given.get("syncToken"):
            raise full_sync()
        items = [self._setting(name, value) for name, value in self._settings(request).items()]
        page, next_page, _ = self.pages.cut(
            ("settings", request.grant.email), items, 0, min(request.given.get("maxResults", 100), 250),
            request.given.get("pageToken", ""),
        )  # fmt: skip
        last = {"nextPageToken": next_page} if next_page else {"nextSyncToken": "settings"}
        return {"kind": "calendar#settings", "etag": '"s1"', "items": page} | last

    def setting(self, request: Request) -> Body:
        found = self._settings(request)
        name = request.given["setting"]
        if name not in found:
            raise not_found()
        return self._setting(name, found[name])

    def _settings(self, request: Request) -> dict[str, str]:
        zone = self.world.accounts[request.grant.email].zone
        return {"timezone": zone, "weekStart": "1", "format24HourTime": "true", "locale": "en", "dateFieldOrder": "DMY"}

    @staticmethod
    def _setting(name: str, value: str) -> Body:
        return {"kind": "calendar#setting", "etag": f'"{name}"', "id": name, "value": value}

    def colors(self, _request: Request) -> Body:
        def table(of: Mapping[str, str]) -> Body:
            return {k: {"background": v, "foreground": "#1d1d1d"} for k, v in of.items()}

        return {"kind": "calendar#colors", "updated": "2012-02-14T00:00:00.000Z", "calendar": table(LIST_COLORS),
                "event": table(EVENT_COLORS)}  # fmt: skip


METHODS: Mapping[str, Callable[[Api, Request], Body | None]] = {
    "calendar.events.list": Api.list_events,
    "calendar.events.instances": Api.instances,
    "calendar.events.get": Api.get_event,
    "calendar.events.insert": Api.insert,
    "calendar.events.update": Api.update,
    "calendar.events.patch": Api.patch,
    "calendar.events.delete": Api.delete,
    "calendar.calendarList.list": Api.calendar_list,
    "calendar.calendarList.get": Api.calendar_entry,
    "calendar.calendars.get": Api.calendar,
    "calendar.settings.list": Api.settings,
    "calendar.settings.get": Api.setting,
    "calendar.colors.get": Api.colors,
    "calendar.events.watch": Api.watch,
    "calendar.channels.stop": Api.stop,
}
