"""Writing to a CalDAV server so that nobody's change is lost, also where the server does not keep to its conditions.

Each write is made on a condition, after a look at what stands there now, and is looked at afterwards: some servers
ignore the condition, rewrite what they store, or give no version.  What is asked for twice is found, not made twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.caldav.dav import UID_TAKEN, conditions, failed
from connectors.caldav.sync import Calendar, digest
from connectors.http.web import Answer
from connectors.rfc5545 import codec
from daemon.model.errors import (
    ExistsError,
    GoneError,
    LostRaceError,
    TemporaryError,
    UnbusyError,
    UnreadableError,
)
from daemon.model.event import ResourceRef
from daemon.model.protocols import Resource

EXTENSION = ".ics"


def create(calendar: Calendar, name: str, payload: bytes) -> Resource:
    """A new resource; ExistsError when something stands there."""
    path = calendar.where(name)
    standing = _get(calendar, name)
    if standing.status == 200:
        raise ExistsError(f"{calendar.id}/{name} exists already")
    if standing.status not in (404, 410):
        raise failed(standing, f"{calendar.id}/{name} could not be looked at before it is written")
    answer = calendar.dav.put(path, payload, {"If-None-Match": "*"})
    if answer.status == 412 and not _says(answer):
        raise ExistsError(f"{calendar.id}/{name} exists already")
    _stored(calendar, name, answer)
    return _looked(calendar, name)


def replace(calendar: Calendar, resource: Resource, make: Callable[[bytes], bytes]) -> Resource:
    """A resource with another content, made from what stands there, if that is still the version that was read."""
    ref = resource.ref
    standing = _standing(calendar, ref, resource.payload)
    answer = calendar.dav.put(calendar.where(ref.href), make(standing.body), _condition(standing))
    if answer.status == 412 and not _says(answer):
        raise LostRaceError(f"{calendar.id}/{ref.href} was changed by somebody else")
    _stored(calendar, ref.href, answer)
    return _looked(calendar, ref.href)


def delete(calendar: Calendar, ref: ResourceRef) -> None:
    """Remove an event of ours, if it is still the version that was read."""
    standing = _standing(calendar, ref, None)
    own(standing.body, ref)
    answer = calendar.dav.delete(calendar.where(ref.href), _condition(standing, schedule=False))
    if answer.status in (404, 410):
        raise GoneError(f"{calendar.id}/{ref.href} is gone")
    if answer.status == 412:
        raise LostRaceError(f"{calendar.id}/{ref.href} was changed by somebody else")
    if not 200 <= answer.status < 300:
        raise failed(answer, f"{calendar.id}/{ref.href} could not be deleted")


def own(payload: bytes, ref: ResourceRef) -> bytes:
    """One of ours, by its UID.  Anything else is refused, whoever asks: it is never written to."""
    if not codec.own_name(payload) or "/" in ref.href:
        raise UnbusyError(f"{ref.calendar}/{ref.href} is not an event of unbusy; it was left as it is")
    return payload


def _get(calendar: Calendar, name: str) -> Answer:
    """A resource; any status.  What a server forbids and does not list is not there."""
    answer = calendar.dav.get(calendar.where(name))
    if answer.status != 403:
        return answer
    listed = {calendar.name(row) for row in calendar.dav.listed(calendar.path, ["D:getetag"]) if row.status < 400}
    return answer if name in listed else Answer(404, answer.headers, answer.body, answer.url)


def _standing(calendar: Calendar, ref: ResourceRef, payload: bytes | None) -> Answer:
    """What stands there; LostRaceError when it is not what was read, by version or else by content."""
    answer = _get(calendar, ref.href)
    if answer.status in (404, 410):
        raise GoneError(f"{calendar.id}/{ref.href} is gone")
    if answer.status != 200 or not _is_calendar(answer):
        raise failed(answer, f"{calendar.id}/{ref.href} could not be read")
    version = answer.headers.get("etag", "")
    same = _strong(version) == _strong(ref.version) if version else ref.version == digest(answer.body)
    if not same and (payload is None or _content(payload) != _content(answer.body)):
        raise LostRaceError(f"{calendar.id}/{ref.href} was changed by somebody else")
    return answer


def _condition(standing: Answer, *, schedule: bool = True) -> dict[str, str]:
    """The strongest condition that goes with what was seen; weak versions are never sent (RFC 9110, 13.1.1)."""
    if schedule and (tag := standing.headers.get("schedule-tag", "")):
        return {"If-Schedule-Tag-Match": tag}
    version = standing.headers.get("etag", "")
    return {"If-Match": version} if version and not version.startswith("W/") else {}


def _looked(calendar: Calendar, name: str) -> Resource:
    """What the server has made of it.  TemporaryError where that is not to be had: it is written, all the same."""
    try:
        answer = _get(calendar, name)
    except UnbusyError as error:
        raise TemporaryError(f"{calendar.id}/{name} was written, and not read back: {error.what}") from error
    if answer.status in (404, 410):
        raise GoneError(f"{calendar.id}/{name} is gone again")
    if answer.status != 200 or not _is_calendar(answer):
        raise TemporaryError(
            f"{calendar.id}/{name} was written, and not read back: the server answered {answer.status}"
        )
    version = answer.headers.get("etag", "") or digest(answer.body)
    return Resource(ResourceRef(calendar.id, name, version), answer.body)


def _stored(calendar: Calendar, name: str, answer: Answer) -> None:
    """Pass when the write was taken; else the failure as one of the kinds that a cycle knows."""
    if 200 <= answer.status < 300:
        return
    what = f"{calendar.id}/{name} could not be written"
    named = conditions(answer)
    if named & UID_TAKEN:
        raise ExistsError(f"{what}: its UID is taken in this calendar")
    error = failed(answer, what)
    if answer.status in (404, 405, 409) and not named:
        raise UnreadableError(error.what, "the calendar may be gone, or cannot be written to")
    raise error


def _is_calendar(answer: Answer) -> bool:
    """Whether what came is a whole calendar, and not a page that asks for a login."""
    return b"BEGIN:VCALENDAR" in answer.body and b"END:VCALENDAR" in answer.body


def _says(answer: Answer) -> bool:
    """Whether a refusal has another reason than the condition that we set."""
    return bool(conditions(answer))


def _strong(version: str) -> str:
    """A version without what proxies add to it (RFC 9110, 8.8.3)."""
    return version.removeprefix("W/").replace('-gzip"', '"').strip('"')


def _content(payload: bytes) -> list[bytes]:
    """Content lines, whatever the line ends and folds."""
    return sorted(line for line in re.sub(rb"\r?\n[ \t]", b"", payload).splitlines() if line)
