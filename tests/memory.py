"""A store that lives in memory: the same protocol, payloads and refusals as a real one, without its I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from connectors.rfc5545 import codec
from connectors.rfc5545.patch import annotated, responded
from daemon.model.errors import ExistsError, GoneError, LostRaceError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, EventRef, PartStat, ResourceRef
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Changes, Peek, Reading, Resource, Seen
from daemon.model.times import TimeRange

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass
class Memory:
    """One account.  A test may look at `stored` and change it as a user would; `down` calendars cannot be read."""

    account: str = "work"
    names: Iterable[str] = ("Work",)
    clock: Callable[[], datetime] = lambda: NOW
    stored: dict[CalendarId, dict[str, Resource]] = field(default_factory=dict)
    down: set[CalendarId] = field(default_factory=set)
    writes: list[str] = field(default_factory=list)
    """'create', 'update', 'delete' and the href, for each write that was carried out."""

    def __post_init__(self) -> None:
        self._versions = count(1)
        self.stored = {f"{self.account}/{name}": {} for name in self.names} | self.stored

    def put(self, calendar: CalendarId, href: str, payload: bytes) -> Resource:
        """Store a payload, whoever wrote it."""
        resource = Resource(ResourceRef(calendar, href, str(next(self._versions))), payload)
        self.stored[calendar][href] = resource
        return resource

    def close(self) -> None:
        pass

    def calendars(self) -> Sequence[CalendarInfo]:
        return [CalendarInfo(id=c, name=c.partition("/")[2]) for c in self.stored]

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        there = self._calendar(calendar)
        changed = tuple(r for href, r in sorted(there.items()) if seen.versions.get(href) != r.ref.version)
        return Changes(changed=changed, present=frozenset(there), state="1")

    def peek(self, payload: bytes) -> Peek:
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        return codec.reading(resource, window, zone)

    def create(self, draft: Draft) -> Resource:
        href = f"{draft.uid}.ics"
        if href in self._calendar(draft.calendar):
            raise ExistsError(f"{draft.calendar}/{href} exists already")
        self.writes.append(f"create {href}")
        return self.put(draft.calendar, href, codec.written(draft, self.clock()))

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        payload = codec.edited(self._own(resource.ref), draft, fields, self.clock())
        self.writes.append(f"update {resource.ref.href}")
        return self.put(resource.ref.calendar, resource.ref.href, payload)

    def delete(self, ref: ResourceRef) -> None:
        self._own(ref)
        self.writes.append(f"delete {ref.href}")
        del self.stored[ref.calendar][ref.href]

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        payload = annotated(self._same(resource.ref), text, private=private)
        self.writes.append(f"annotate {resource.ref.href}")
        return self.put(resource.ref.calendar, resource.ref.href, payload)

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        payload = responded(self._same(resource.ref), invitation, me, answer)
        self.writes.append(f"respond {resource.ref.href}")
        return self.put(resource.ref.calendar, resource.ref.href, payload)

    def _calendar(self, calendar: CalendarId) -> dict[str, Resource]:
        if calendar in self.down or calendar not in self.stored:
            raise UnreadableError(f"{calendar} cannot be read", "bring it back")
        return self.stored[calendar]

    def _same(self, ref: ResourceRef) -> bytes:
        found = self._calendar(ref.calendar).get(ref.href)
        if not found:
            raise GoneError(f"{ref.href} is gone")
        if found.ref.version != ref.version:
            raise LostRaceError(f"{ref.href} was changed by somebody else")
        return found.payload

    def _own(self, ref: ResourceRef) -> bytes:
        payload = self._same(ref)
        if not codec.own_name(payload):
            raise UnbusyError(f"{ref.href} is not an event of unbusy; it was left as it is")
        return payload
