"""What only a fleet asks of Google: to be told of changes, and whether somebody has asked for something by an event.

https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from connectors.google.api import Api
from connectors.google.calendars import PRIMARY
from daemon.model.errors import UnreadableError
from daemon.model.protocols import Watched

LIVES = timedelta(days=7)
"""So long a channel is asked for; Google gives it for less where it likes."""


def watch(api: Api, calendar: str, channel: str, address: str, token: str) -> Watched:
    """Open a channel."""
    now = api.clock()
    body = {
        "id": channel, "type": "web_hook", "address": address, "token": token,
        "expiration": str(_milliseconds(now + LIVES)),
    }  # fmt: skip
    said = api.call(api.service.events().watch(calendarId=calendar, body=body), f"changes of {calendar}")
    try:
        until = datetime.fromtimestamp(int(said["expiration"]) / 1000, UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        until = now + LIVES
    return Watched(str(said.get("resourceId", "")), until)


def unwatch(api: Api, channel: str, resource: str) -> None:
    """Close one; one that is gone is closed."""
    request = api.service.channels().stop(body={"id": channel, "resourceId": resource})
    with suppress(UnreadableError):
        api.call(request, "the channel")


def asked(api: Api, words: str) -> bool:
    """Whether an event that the user has made for themselves is titled so; nothing else is asked for, nor kept."""
    events = api.service.events()
    request = events.list(calendarId=PRIMARY, q=words.partition(":")[0], singleEvents=False, maxResults=50)
    found = api.call(request, "whether they have asked to join").get("items", ())
    return any(
        " ".join(str(one.get("summary", "")).split()).casefold() == words
        and one.get("status") != "cancelled"
        and not one.get("attendees")
        and (one.get("organizer") or {}).get("self")
        for one in found
        if isinstance(one, dict)
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
