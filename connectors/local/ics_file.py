"""A single .ics file, read only: an export, what another program keeps up to date, or a web address.

The file is mapped, not loaded.  Each UID in it is a resource of its own, with the properties and the zones of its
calendar, so that mirror and index work as for any other store.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

from msgspec import Meta

from connectors.local import files
from connectors.rfc5545 import codec
from connectors.rfc5545.lines import Component, Stream, calendars, components, decoded, flat, normal
from connectors.rfc5545.reader import uid_of
from daemon.model.errors import ConfigError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, PartStat, ResourceRef
from daemon.model.options import RemoteOptions, shown
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Notes, Peek, Reading, Resource, Seen, Talk
from daemon.model.times import TimeRange

FILE_LIMIT = 512 * 2**20
"""Bytes of the file; a larger one is not read."""

_UID = re.compile(rb"\nUID:([^\n\\]+)\n(?![ \t])")
_REMEDY = "correct `path` of this account, or bring the file back"


class IcsOptions(RemoteOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[accounts.NAME]` with `type = "ics"`."""

    path: Annotated[str, Meta(description="An .ics file; it is only read.", examples=["~/export.ics"])] = ""
    url: Annotated[str, Meta(description="Or the address of one.", examples=["https://example.com/holidays.ics"])] = ""
    username: Annotated[str, Meta(description="Your name there; empty where no login is asked for.")] = ""

    def __post_init__(self) -> None:
        """A daemon has no folder of its own from which a relative path could start, and nothing is written here."""
        if bool(self.path) == bool(self.url):
            raise ValueError("path or url is missing" if not self.path else "url beside path; write one of them")
        if self.path and not self.path.startswith(("/", "~")):
            raise ValueError(f"path = {shown(self.path)} is relative; write it from / or from ~")
        if self.url:
            _check(self.url)
        if self.write:
            raise ValueError(f"write = {shown(self.write)}: a single file is only read; write to another account")


def _check(url: str) -> None:
    """ValueError for what is no address, or one that anybody on the way could read."""
    from connectors.http.web import origin

    try:
        origin(https(url))
    except ConfigError as error:
        raise ValueError(f"url = {error.what}; {error.remedy}") from None
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("url has a name or password in it; write `username`, and run `unbusy login` for the secret")


def https(url: str) -> str:
    """The address; `webcal` is another word for https."""
    scheme, _, rest = url.partition("://")
    return f"https://{rest}" if scheme.lower() == "webcal" else url


@dataclass(frozen=True, slots=True)
class Ics:
    """One account with one calendar, named after its file."""

    account: str
    options: IcsOptions
    clock: Callable[[], datetime]

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.options.path).expanduser()

    @property
    def name(self) -> str:
        """What the calendar is called: after its file."""
        return self.path.stem

    def close(self) -> None:
        """Nothing is held open."""

    def calendars(self) -> Sequence[CalendarInfo]:
        """The one that the file is."""
        return [CalendarInfo(id=f"{self.account}/{self.name}", name=self.name, writable=False)]

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """Everything that is new in the file; nothing is read while its time, size and inode stay."""
        found, data = _mapped(self.path)
        version = files.version_at(found, time.time_ns())
        if version == seen.state:
            return Changes(changed=(), present=None, state=version)
        return changes_of(calendar, normal(data), seen, version)

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`."""
        return codec.reading(resource, window, zone)

    def create(self, draft: Draft) -> Resource:
        """Refused."""
        self._refuse(draft.title)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Refused."""
        del resource, fields
        self._refuse(draft.title)

    def delete(self, ref: ResourceRef) -> None:
        """Refused."""
        self._refuse(ref.href)

    def annotate(self, resource: Resource, text: str) -> Resource:
        """Refused."""
        del text
        self._refuse(resource.ref.href)

    def respond(self, resource: Resource, me: frozenset[str], answer: PartStat) -> Resource:
        """Refused."""
        del me, answer
        self._refuse(resource.ref.href)

    def _refuse(self, what: str) -> NoReturn:
        raise UnbusyError(f"{self.name} is only read; {what!r} was not written", "write to another account")


class _Place(NamedTuple):
    """Where the events of one UID stand in the file (those that broke its grammar: as text), and their calendar."""

    head: bytes
    events: list[tuple[int, int]]
    odd: list[bytes]


def _mapped(path: Path) -> tuple[os.stat_result, Stream]:
    """The file and its state; UnreadableError, with a remedy, for whatever is no such file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {files.reason(error)}", _REMEDY) from error
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError(f"{path} is no regular file", _REMEDY)
        if not 0 < found.st_size <= FILE_LIMIT:
            raise UnreadableError(f"{path} is empty, or larger than {FILE_LIMIT // 2**20} MiB", _REMEDY)
        return found, mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(fd)


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
    found = calendars(stream)
    if not any(c.frame.name for c in found):
        raise UnreadableError(f"{calendar} is no calendar file: it holds no VCALENDAR", _REMEDY)
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


def _opened(
    account: str, options: IcsOptions, clock: Callable[[], datetime], secret: Callable[[], str], _notes: Notes
) -> Ics:
    if not options.url:
        return Ics(account, options, clock)
    from connectors.local.ics_web import Address

    return Address(account, options, clock, secret)


def _login(account: str, options: IcsOptions, talk: Talk) -> str:
    """Ask for the password of an address, and try it."""
    from connectors.local.ics_web import login

    return login(account, options, talk)


KIND = ConnectorKind(IcsOptions, _opened, login=_login)
