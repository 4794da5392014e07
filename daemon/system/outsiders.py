"""A connector of somebody else's package: what it raises costs its own account, and never the run.

`Reader` says that nothing but an `UnbusyError` leaves a connector; of ours the tests hold it, of others this does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.model.errors import ConfigError, TemporaryError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, EventRef, PartStat, ResourceRef
from daemon.model.owner import UID_PREFIX, Field
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import (
    CalendarInfo,
    Changes,
    ConnectorKind,
    End,
    Notes,
    Peek,
    Reader,
    Reading,
    Resource,
    Seen,
    Timed,
    Writer,
)  # fmt: skip
from daemon.model.times import TimeRange
from daemon.model.words import one_line

_LONG = 200  # characters of what is told of an error


class Guarded:
    """A `Reader`.  `inner`: the connector itself; `kind`: the `type` of its account."""

    def __init__(self, inner: Reader, kind: str) -> None:
        self.inner = inner
        self.kind = kind

    def close(self) -> None:
        """Raises nothing."""
        with suppress(Exception):
            self.inner.close()

    def skew(self) -> timedelta | None:
        """As it says, where it says so."""
        with suppress(Exception):
            return self.inner.skew() if isinstance(self.inner, Timed) else None
        return None

    def calendars(self) -> Sequence[CalendarInfo]:
        """UnreadableError for what has no name that is text."""
        with said(self.kind, UnreadableError):
            found = list(self.inner.calendars())
            for info in found:
                _text(info.id, info.name)
            return found

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """A resource whose name or content cannot be kept is a problem in its place."""
        with said(self.kind, UnreadableError):
            found = self.inner.changes(calendar, seen)
            _text(found.state)
            present = None if found.present is None else frozenset(found.present)
            return replace(found, changed=self._stream(calendar, found.changed), present=present)

    def peek(self, payload: bytes) -> Peek:
        """Fails open."""
        try:
            return self.inner.peek(payload)
        except Exception:  # noqa: BLE001  anybody's code
            return Peek()

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """What it raises is a problem of the resource, which is then beyond reading.

        Where that may be one of ours nothing can be planned: UnreadableError.
        """
        try:
            return self.inner.read(resource, window, zone)
        except Exception as error:
            if UID_PREFIX.encode() in resource.payload:
                with said(self.kind, UnreadableError):
                    raise
            where = one_line(f"{resource.ref.calendar}/{resource.ref.href}", _LONG)
            return Reading(problems=(Problem(where, f"cannot be read: {_reason(error)}"),), whole=False)

    def _stream(
        self, calendar: CalendarId, changed: Iterable[Resource | Problem | End]
    ) -> Iterator[Resource | Problem | End]:
        with said(self.kind, UnreadableError):
            for item in changed:
                yield self._sound(calendar, item) if isinstance(item, Resource) else item

    def _sound(self, calendar: CalendarId, resource: Resource) -> Resource | Problem:
        try:
            _text(resource.ref.href, resource.ref.version)
            memoryview(resource.payload)
        except (TypeError, ValueError) as error:
            where = one_line(f"{calendar}/{resource.ref.href}", _LONG)
            return Problem(where, f"cannot be kept: {_reason(error)}")
        return resource


class GuardedWriter(Guarded):
    """A `Writer`.  After an error that says nothing the write may have been done: the next cycle looks."""

    inner: Writer

    def create(self, draft: Draft) -> Resource:
        """See `Writer`."""
        with said(self.kind, TemporaryError):
            return self.inner.create(draft)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """See `Writer`."""
        with said(self.kind, TemporaryError):
            return self.inner.update(resource, draft, fields)

    def delete(self, ref: ResourceRef) -> None:
        """See `Writer`."""
        with said(self.kind, TemporaryError):
            self.inner.delete(ref)

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        """See `Writer`."""
        with said(self.kind, TemporaryError):
            return self.inner.annotate(resource, text, private=private)

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        """See `Writer`."""
        with said(self.kind, TemporaryError):
            return self.inner.respond(resource, invitation, me, answer, comment=comment)


def held(kind: ConnectorKind, name: str) -> ConnectorKind:
    """The same kind, whose connectors are held to what is promised of them."""

    def opened(
        account: str, options: object, clock: Callable[[], datetime], secret: Callable[[], str], notes: Notes
    ) -> Guarded:
        with said(name, ConfigError):
            inner = kind.open(account, options, clock, secret, notes)
        return GuardedWriter(inner, name) if isinstance(inner, Writer) else Guarded(inner, name)

    return replace(kind, open=opened)


@contextmanager
def said(kind: str, error: type[ConfigError | TemporaryError | UnreadableError]) -> Iterator[None]:
    """Whatever is raised here is an UnbusyError: the one that was said, or this one in its place."""
    try:
        yield
    except UnbusyError:
        raise
    except Exception as e:
        raise error(f"the connector {kind} failed: {_reason(e)}", "update its package, or tell whoever made it") from e


def _reason(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}", _LONG)


def _text(*words: str) -> None:
    """TypeError and UnicodeEncodeError for what is no text: neither ledger nor journal could keep it."""
    for word in words:
        str.encode(word)
