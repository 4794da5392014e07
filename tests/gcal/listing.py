"""events.list, events.instances and events.get: selection, pages, sync tokens, and what each reader may see."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gcal import series, times
from gcal.answers import bad, full_sync
from gcal.world import Body, Calendar, World
from gcal.writing import stored

NOT_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
FREE = ("pageToken", "syncToken", "maxResults", "showDeleted", "prettyPrint", "alt", "quotaUser", "fields", "key",
        "oauth_token", "userIp", "calendarId")  # fmt: skip
"""Parameters that may differ from the request that a token came from."""

LARGEST, USUAL = 2500, 250
FAR = timedelta(days=800)
"""Instances of a series without an end are listed no further than that."""


@dataclass
class Pages:
    """How results are cut into pages, and what is left for which token.

    `size`: no page is larger; `holes`: every second page is empty.
    """

    size: int = LARGEST
    holes: bool = False
    left: dict[str, tuple[Any, list[Any], int]] = field(default_factory=dict)

    def cut(self, key: Any, items: list[Any], serial: int, largest: int, token: str) -> tuple[list[Any], str, int]:
        """A page, the token of the next one ('' after the last), and the serial at which the listing began."""
        hole = False
        if token:
            if token not in self.left or self.left[token][0] != key:
                raise bad("Invalid page token value.", "invalid", "parameter pageToken")
            _, items, serial = self.left[token]
            hole = self.holes and int(token.rpartition("-")[2]) % 2 == 1
        size = 0 if hole else min(largest, self.size)
        page, rest = items[:size], items[size:]
        if not rest and not (self.holes and page):
            return page, "", serial
        name = f"page-{len(self.left) + 1}-{int(token.rpartition('-')[2]) + 1 if token else 1}"
        self.left[name] = (key, rest, serial)
        return page, name, serial


@dataclass(frozen=True)
class Reader:
    """Who reads which calendar, with what right."""

    world: World
    calendar: Calendar
    role: str


def events(reader: Reader, given: Mapping[str, Any], pages: Pages) -> Body:
    """A page of events.list."""
    calendar, world = reader.calendar, reader.world
    _check(given)
    key = (calendar.id, fingerprint(given))
    token, page_token = given.get("syncToken", ""), given.get("pageToken", "")
    since = read_token(token, calendar.id, calendar.epoch, key) if token else None
    found = [] if page_token else [b["id"] for b in _selected(calendar, given, since)]
    frozen = (*key, token)
    page, next_page, serial = pages.cut(frozen, found, world.serial, _largest(given), page_token)
    zone = given.get("timeZone", calendar.zone)
    times.zone(zone, "list")
    body = {
        "kind": "calendar#events", "etag": f'"p{serial}-{calendar.epoch}"', "summary": calendar.summary,
        "description": "", "updated": world.now(), "timeZone": calendar.zone, "accessRole": reader.role,
        "defaultReminders": [{"method": "popup", "minutes": 10}],
        "items": [shown(reader, stored(calendar, name), zone, given) for name in page],
    }  # fmt: skip
    if next_page:
        body["nextPageToken"] = next_page
    elif not any(given.get(name) for name in NOT_WITH_TOKEN):
        body["nextSyncToken"] = token_of(calendar.id, calendar.epoch, serial, key)
    return body


def instances(reader: Reader, given: Mapping[str, Any], pages: Pages) -> Body:
    """A page of events.instances."""
    master = stored(reader.calendar, given["eventId"])
    if "recurrence" not in master:
        raise bad("The event is not recurring.")
    single = {"singleEvents": True}
    found = [b for b in _expanded(reader.calendar, [master], given) if _listed(reader.calendar, b, given | single)]
    if wanted := given.get("originalStart"):
        found = [b for b in found if wanted in b["originalStartTime"].values()]
    page, next_page, _ = pages.cut(("instances", given["eventId"], fingerprint(given)), found, 0, _largest(given),
                                   given.get("pageToken", ""))  # fmt: skip
    zone = given.get("timeZone", reader.calendar.zone)
    body = {"kind": "calendar#events", "timeZone": reader.calendar.zone, "accessRole": reader.role,
            "items": [shown(reader, one, zone, given) for one in page]}  # fmt: skip
    return body | ({"nextPageToken": next_page} if next_page else {})


# -- tokens -----------------------------------------------------------------------------------------------------------


def fingerprint(given: Mapping[str, Any]) -> str:
    return repr(sorted((k, v) for k, v in given.items() if k not in FREE))


def token_of(name: str, epoch: int, serial: int, key: Any) -> str:
    return "=".join((hashlib.sha256(repr((name, key)).encode()).hexdigest()[:12], str(epoch), str(serial)))


def read_token(token: str, name: str, epoch: int, key: Any) -> int:
    """The serial since which changes are wanted."""
    parts = token.split("=")
    if len(parts) != 3 or not parts[1].isdigit() or not parts[2].isdigit():
        raise bad("Invalid sync token value.", "invalid", "parameter syncToken")
    if int(parts[1]) != epoch:
        raise full_sync()
    if token != token_of(name, epoch, int(parts[2]), key):
        raise bad("Sync token was not made for this request.", "invalid", "parameter syncToken")
    return int(parts[2])


def _check(given: Mapping[str, Any]) -> None:
    if given.get("syncToken"):
        for name in NOT_WITH_TOKEN:
            if name in given:
                raise bad(f"Sync token cannot be used with {name}.", "invalidParameter", f"parameter {name}")
        if given.get("showDeleted") is False:
            raise bad("Sync token cannot be used with showDeleted=false.", "invalidParameter", "parameter showDeleted")
    if given.get("orderBy") == "startTime" and not given.get("singleEvents"):
        raise bad("The requested ordering is not available for the particular query.", "invalid", "parameter orderBy")
    low, high = given.get("timeMin"), given.get("timeMax")
    if low and high and datetime.fromisoformat(low) >= datetime.fromisoformat(high):
        raise bad("The specified time range is empty.", "timeRangeEmpty", "parameter timeMax")
    for name in ("privateExtendedProperty", "sharedExtendedProperty"):
        if not all("=" in one for one in given.get(name, ())):
            raise bad("Bad Request", "badRequest", f"parameter {name}")


def _largest(given: Mapping[str, Any]) -> int:
    return min(given.get("maxResults", USUAL), LARGEST)


# -- selection --------------------------------------------------------------------------------------------------------


def _selected(calendar: Calendar, given: Mapping[str, Any], since: int | None) -> Iterator[Body]:
    """Bodies (or instances) that the request asks for, in a stable order or in the one that it names."""
    chosen = [s.body for s in calendar.events.values() if since is None or s.changed > since]
    if given.get("singleEvents"):
        masters = [b for b in chosen if "recurrence" in b]
        changed = {b["id"] for b in masters}
        chosen = [b for b in chosen if "recurrence" not in b and b.get("recurringEventId") not in changed]
        chosen += _expanded(calendar, masters, given)
    deleted = since is not None or given.get("showDeleted", False)
    found = [b for b in chosen if _listed(calendar, b, given | {"showDeleted": deleted})]
    match given.get("orderBy"):
        case "startTime":
            found.sort(key=lambda b: times.instant(b["start"], calendar.zone))
        case "updated":
            found.sort(key=lambda b: b.get("updated", ""))
    yield from found


def _expanded(calendar: Calendar, masters: Iterable[Body], given: Mapping[str, Any]) -> Iterator[Body]:
    for master in masters:
        low = datetime.fromisoformat(given.get("timeMin", "1970-01-02T00:00:00Z"))
        first = times.instant(master["start"], calendar.zone)
        high = datetime.fromisoformat(given["timeMax"]) if "timeMax" in given else max(first, low) + FAR
        instead = {b["id"]: b for b in calendar.exceptions(master["id"])}
        for start in series.between(master, low, high):
            if series.instance_id(master["id"], start) not in instead:
                yield series.instance(master, start)
        yield from instead.values()


def _listed(calendar: Calendar, event: Body, given: Mapping[str, Any]) -> bool:
    if event["status"] == "cancelled" and not given.get("showDeleted"):
        keeps = "recurringEventId" in event and not given.get("singleEvents")
        return keeps and "timeMin" not in given and "timeMax" not in given
    if "updatedMin" in given and event.get("updated", "") < given["updatedMin"]:
        return bool(event["status"] == "cancelled")
    return _asked(event, given) and _in_span(calendar, event, given)


def _asked(event: Body, given: Mapping[str, Any]) -> bool:
    """Whether it has the type, name, words and properties that are asked for."""
    text = " ".join(_searched(event)).lower()
    return (
        event.get("eventType") in given.get("eventTypes", (event.get("eventType"),))
        and event.get("iCalUID") == given.get("iCalUID", event.get("iCalUID"))
        and given.get("q", "").lower() in text
        and all(
            event.get("extendedProperties", {}).get(name, {}).get(pair.partition("=")[0]) == pair.partition("=")[2]
            for name in ("private", "shared")
            for pair in given.get(f"{name}ExtendedProperty", ())
        )
    )


def _in_span(calendar: Calendar, event: Body, given: Mapping[str, Any]) -> bool:
    """Whether its end lies after timeMin and its start before timeMax; for a series: of any instance."""
    if "timeMin" not in given and "timeMax" not in given:
        return True
    if "start" not in event:
        return False
    low = datetime.fromisoformat(given.get("timeMin", "1970-01-01T00:00:00Z"))
    high = datetime.fromisoformat(given.get("timeMax", "2199-01-01T00:00:00Z"))
    spans = [event]
    if "recurrence" in event:
        spans = [series.instance(event, start) for start in series.between(event, low, min(high, low + FAR))]
    return any(
        times.instant(b["end"], calendar.zone) > low.astimezone(UTC)
        and times.instant(b["start"], calendar.zone) < high.astimezone(UTC)
        for b in spans
    )


def _searched(event: Body) -> Iterator[str]:
    yield from (event.get(k, "") for k in ("summary", "description", "location"))
    for one in (*event.get("attendees", ()), event.get("organizer", {})):
        yield from (one.get("displayName", ""), one.get("email", ""))


# -- what is seen -----------------------------------------------------------------------------------------------------

TIMES = ("start", "end", "originalStartTime")
FREE_BUSY = ("kind", "etag", "id", "status", "start", "end", "recurrence", "recurringEventId", "originalStartTime",
             "transparency", "iCalUID", "updated", "eventType")  # fmt: skip


def shown(reader: Reader, event: Body, zone: str, given: Mapping[str, Any]) -> Body:
    """An event as the reader may see it, in a zone."""
    new = copy.deepcopy(event)
    if event["status"] != "cancelled":
        hidden = event.get("visibility") in {"private", "confidential"} and reader.role == "reader"
        if reader.role == "freeBusyReader" or hidden:
            new = {k: v for k, v in new.items() if k in FREE_BUSY} | {"visibility": "private"}
        limit = given.get("maxAttendees")
        if limit is not None and len(new.get("attendees", ())) > limit:
            new["attendees"] = [a for a in new["attendees"] if a.get("self")]
            new["attendeesOmitted"] = True
    for name in TIMES:
        if name in new:
            new[name] = times.shown(new[name], reader.calendar.zone, zone)
    return new
