"""Many events in one stream: each UID of each VCALENDAR is a resource of its own, with the zones of its calendar.

So mirror and index work as for any other store.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from connectors.rfc5545.lines import Component, Stream, calendars, components, decoded, flat
from connectors.rfc5545.reader import uid_of
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.protocols import Changes, Resource, Seen

_UID = re.compile(rb"\nUID:([^\n\\]+)\n(?![ \t])")
_BEGIN, _END = b"\nBEGIN:VEVENT", b"\nEND:VEVENT"
MOST = 100_000
"""Events of one stream."""

LINES = 200_000
"""Lines of it that stand around events, or in long ones."""

LONG = 2**20
"""Bytes from which on the lines of an event count."""

_REMEDY = "correct `path` of this account, or bring the file back"


class _Place(NamedTuple):
    """Where the events of one UID stand in the file (those that broke its grammar: as text), and their calendar."""

    head: bytes
    events: list[tuple[int, int]]
    odd: list[bytes]


def changes_of(calendar: CalendarId, stream: Stream, seen: Seen, state: str) -> Changes:
    """What is new in a stream: one resource for each UID of each VCALENDAR, made as it is asked for.

    UnreadableError for what is no calendar, or was cut off.
    """
    places = _places(calendar, stream)
    resources = (_resource(calendar, href, place, stream) for href, place in places.items())
    changed = (r for r in resources if seen.versions.get(r.ref.href) != r.ref.version)
    return Changes(changed=changed, present=frozenset(places), state=state)


def _places(calendar: CalendarId, stream: Stream) -> dict[str, _Place]:
    """Each UID of each VCALENDAR, by its href."""
    _bounded(calendar, stream)
    found = calendars(stream)
    if not any(c.frame.name for c in found):
        raise UnreadableError(f"{calendar} is not a calendar file: it holds no VCALENDAR", _REMEDY)
    if not all(c.frame.closed for c in found if c.frame.name):
        raise UnreadableError(f"{calendar} is cut off: the end of a calendar is missing", "wait until it is whole")
    places: dict[str, _Place] = {}
    for number, one in enumerate(found):
        head = _head(one.frame)

        def place(uid: str, number: int = number, head: bytes = head) -> _Place:
            href = f"{hashlib.sha256(f'{number}/{uid}'.encode(errors='surrogatepass')).hexdigest()[:32]}.ics"
            return places.setdefault(href, _Place(head, [], []))

        for begin, end in one.events:
            place(_uid(stream[begin:end])).events.append((begin, end))
        for part in one.frame.parts:
            if part.name == "VEVENT":
                text = "".join(f"{line}\r\n" for line in flat(part))
                place(uid_of(part)).odd.append(text.encode(errors="surrogatepass"))
    return places


def _bounded(calendar: CalendarId, stream: Stream) -> None:
    """UnreadableError for what would take far more memory than room: lines around events are kept, each by itself.

    It looks for events as `calendars` does.
    """
    events = lines = at = end = 0
    begin = stream.find(_BEGIN)
    while begin >= 0 and events <= MOST and lines <= LINES:
        lines += stream[at:begin].count(b"\n")
        following = stream.find(_BEGIN, begin + 1)
        end = stream.find(_END, begin) if 0 <= end < begin else end
        whole = end >= 0 and not 0 <= following < end
        at = end + len(_END) if whole else following if following > 0 else len(stream)
        events += 1
        if not whole or at - begin > LONG:
            lines += stream[begin:at].count(b"\n")
        begin = following
    if events > MOST or lines + stream[at:].count(b"\n") > LINES:
        raise UnreadableError(
            f"{calendar} has over {MOST} events, or over {LINES} lines around them and in very long ones",
            "divide that calendar, or leave it out",
        )


def _resource(calendar: CalendarId, href: str, place: _Place, stream: Stream) -> Resource:
    """The events of one UID as they stand in the file, with the properties and the zones of their calendar."""
    pieces = [stream[begin:end] for begin, end in place.events]
    whole = [piece if piece.endswith(b"\n") else piece + b"\r\n" for piece in pieces]
    payload = b"".join([place.head, *whole, *place.odd, b"END:VCALENDAR\r\n"])
    return Resource(ResourceRef(calendar, href, hashlib.blake2b(payload, digest_size=12).hexdigest()), payload)


def _head(frame: Component) -> bytes:
    """A calendar's own lines and its time zones."""
    zones = [part for part in frame.parts if part.name == "VTIMEZONE"]
    lines = list(flat(Component("VCALENDAR", lines=frame.lines, parts=zones)))[:-1]
    return "".join(f"{line}\r\n" for line in lines).encode(errors="surrogatepass")


def _uid(piece: bytes) -> str:
    """The UID of an event; the event is taken apart only where the line is not alone, or not plain."""
    found = _UID.search(piece) if piece.lower().count(b"\nuid") == 1 else None
    if found and (uid := decoded(found[1].replace(b"\r", b""))).strip():
        return uid
    return next((uid_of(part) for part in components(piece)), "")
