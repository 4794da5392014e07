"""The two plugs of the house: a connector talks to a kind of store, a policy wishes events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from daemon.model.event import CalendarId, Event, ResourceRef
from daemon.model.options import AccountOptions, PolicyOptions
from daemon.model.owner import Field, Mark
from daemon.model.plan import Draft, Problem
from daemon.model.proposal import Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import TimeRange


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarInfo:
    """A calendar as its store names it.  `owned`: the user's own (others are read only if the config names them)."""

    id: CalendarId
    name: str
    owned: bool = True
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Resource:
    """One stored object: where it is, and its content in the store's own form, opaque outside its connector."""

    ref: ResourceRef
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is new in a calendar since it was last read.

    `changed`: new and changed resources.  `present`: the hrefs of *every* resource there, so that absence is
    judged by a complete listing; the unreadable ones are in it too.  `problems`: resources that could not be
    fetched.  `state`: the store's own memory (sync token, ctag), given back at the next read.
    """

    changed: tuple[Resource, ...]
    present: frozenset[str]
    state: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a payload says in a window: its occurrences (any order), and what of it could not be understood.

    `whole`: False when it was cut off or some of it was beyond reading; what it said before is the better word.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """What a cheap look at a payload tells, for the index.

    `first`, `last`: ordinals of the first and last day that it can touch (None: unknown, it must be read).  `mark`:
    the mark that it carries, if its UID is the one that the mark yields.
    """

    first: int | None = None
    last: int | None = None
    mark: Mark | None = None


class Connector(Protocol):
    """One account of one kind of store.  Every method may raise an `UnbusyError`, and nothing else."""

    def calendars(self) -> Sequence[CalendarInfo]:
        """All calendars that the account shows."""
        ...

    def changes(self, calendar: CalendarId, known: Mapping[str, str], state: str) -> Changes:
        """What changed since a read that saw the versions `known` (href → version) and left `state`."""
        ...

    def peek(self, payload: bytes) -> Peek:
        """What the index needs to know of a resource.  No I/O; fails open."""
        ...

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """The occurrences of a resource that touch the window; floating times are taken in `zone`.  No I/O."""
        ...

    def create(self, draft: Draft) -> Resource:
        """Write a new event of ours; ExistsError when something with its name is there already."""
        ...

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Write these fields and the mark, keep all else; LostRaceError when it is no longer that version."""
        ...

    def delete(self, ref: ResourceRef) -> None:
        """Remove an event of ours; LostRaceError when it is no longer that version, GoneError when it is gone."""
        ...


Propose = Callable[[Snapshot, Any], Iterable[Want]]
"""A policy: a pure function from a snapshot and its own options to everything that it wants in the window."""


@dataclass(frozen=True, slots=True)
class PolicyKind:
    """A row of the table of policies: what `[policies.NAME]` holds, and the policy."""

    options: type[PolicyOptions]
    propose: Propose


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """A row of the table of connectors: what `[accounts.NAME]` with that `type` holds, and how to open it.

    `open` takes the account's name, its options and a clock (now, in UTC); it does no I/O yet.
    """

    options: type[AccountOptions]
    open: Callable[[str, Any, Callable[[], datetime]], Connector]
