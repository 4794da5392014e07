"""What changed in a Google calendar: one unfiltered stream of events, put together into resources.

https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from connectors.google.api import Api, TokenError
from connectors.google.codec import Bundle, Item
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.protocols import Changes, Resource, Seen

PAGE = 2500
"""The most events that Google gives at once; pages may be shorter, or empty."""

PAGES = 400
"""No calendar has more."""


class Calendar(Struct, frozen=True):
    """A calendar that is read: `name` is its id at Google."""

    api: Api
    id: CalendarId
    name: str


def changes(calendar: Calendar, seen: Seen) -> Changes:
    """What is new by the sync token in `state`; everything where there is none, or it is void."""
    if seen.state:
        try:
            items, token = _stream(calendar, seen.state)
            found = _merged(items, seen)
            if found is not None:
                return _told(calendar, found, seen, token)
        except TokenError:
            pass  # it is too old, or rights have changed: everything is read again, now
    items, token = _stream(calendar, "")
    return _everything(calendar, items, seen, token)


def _stream(calendar: Calendar, token: str) -> tuple[list[Item], str]:
    """All pages, and the token that the last one gives."""
    events = calendar.api.service.events()
    more = {"syncToken": token} if token else {}
    request = events.list(
        calendarId=calendar.name, maxResults=PAGE, singleEvents=False, showDeleted=True, **more
    )  # fmt: skip
    items: list[Item] = []
    for _ in range(PAGES):
        page = calendar.api.call(request, f"the events of {calendar.id}")
        items += [i for i in _rows(page) if i.get("id")]
        after = events.list_next(request, page)
        if after is None:
            return items, str(page.get("nextSyncToken", ""))
        request = after
    raise UnreadableError(f"{calendar.id} has no end")


def _everything(calendar: Calendar, items: Iterable[Item], seen: Seen, token: str) -> Changes:
    bundles: dict[str, Bundle] = {}
    for item in items:
        _add(bundles, item)
    here = {href: b for href, b in bundles.items() if _stands(b)}
    new = [r for href, b in here.items() if (r := _resource(calendar, href, b)).ref.version != seen.versions.get(href)]
    return Changes(changed=new, present=frozenset(here), state=token)


def _merged(items: Iterable[Item], seen: Seen) -> dict[str, Bundle] | None:
    """The resources that the items change, as they are now; None where what they change is not known any more."""
    bundles: dict[str, Bundle] = {}
    for item in (_placed(i, seen) for i in items):
        href = str(item.get("recurringEventId") or item["id"])
        if href not in bundles:
            known = seen.payload(href)
            if known is None and href in seen.versions and "recurringEventId" in item:
                return None
            bundles[href] = Bundle.parse(known) if known else Bundle()
        _add(bundles, item)
    return bundles


def _placed(item: Item, seen: Seen) -> Item:
    """With its series, where an instance that stood without it is gone: no more than the id of such a one is told."""
    series, line, _ = str(item["id"]).rpartition("_")
    known = line and item.get("status") == "cancelled" and "recurringEventId" not in item and seen.payload(series)
    return item | {"recurringEventId": series} if known and item["id"] in Bundle.parse(known).exceptions else item


def _rows(page: Mapping[str, Any]) -> Iterator[Item]:
    """What a page lists, and nothing that is no row."""
    found = page.get("items")
    return (i for i in found if isinstance(i, dict)) if isinstance(found, list) else iter(())


def _add(bundles: dict[str, Bundle], item: Item) -> None:
    """Put an item into its resource.  An exception that is cancelled stays in it: it takes an instance away."""
    if parent := item.get("recurringEventId"):
        found = bundles.get(str(parent), Bundle())
        bundles[str(parent)] = replace(found, exceptions={**found.exceptions, str(item["id"]): item})
        return
    found = bundles.get(str(item["id"]), Bundle())
    if item.get("status") == "cancelled":
        bundles[str(item["id"])] = Bundle()
    else:
        bundles[str(item["id"])] = replace(found, main=item)


def _told(calendar: Calendar, bundles: Mapping[str, Bundle], seen: Seen, token: str) -> Changes:
    gone = {href for href, b in bundles.items() if not _stands(b)}
    here = {href: b for href, b in bundles.items() if href not in gone}
    return Changes(
        changed=[_resource(calendar, href, b) for href, b in here.items()],
        present=(frozenset(seen.versions) | frozenset(here)) - gone,
        state=token,
    )


def _stands(bundle: Bundle) -> bool:
    """Whether there is anything: an event, or an instance of a series that the user cannot see as a whole."""
    return bool(bundle.main) or any(e.get("status") != "cancelled" for e in bundle.exceptions.values())


def _resource(calendar: Calendar, href: str, bundle: Bundle) -> Resource:
    return Resource(ResourceRef(calendar.id, href, bundle.version), bundle.dump())


def listed(api: Api) -> Iterator[Mapping[str, Any]]:
    """The calendars in the user's list, page by page."""
    calendars = api.service.calendarList()
    request = calendars.list(maxResults=250)
    for _ in range(PAGES):
        page = api.call(request, "the list of calendars")
        yield from (c for c in _rows(page) if {"id", "accessRole"} <= c.keys())
        request = calendars.list_next(request, page)
        if request is None:
            return
