"""The plug of a connector, which talks to a kind of store: it reads it and perhaps writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.model.event import CalendarId, Event, EventRef, PartStat, ResourceRef
from daemon.model.options import AccountOptions
from daemon.model.owner import Field, Mark
from daemon.model.plan import Draft, Problem
from daemon.model.times import TimeRange


class CalendarInfo(Struct, frozen=True, kw_only=True):
    """A calendar as its store names it.

    `owned`: the user's own (others are read only if the config names them).  `shared`: the store says that somebody
    else owns it.  `principal`: how the store names the user, '' where it does not tell.  `addresses`: those of the
    user, lower case, as the store tells them.  `focus_time`: the store has events of that kind there, which are busy
    from the start.  `comments`: a reply there may have words beside it.
    """

    id: CalendarId
    name: str
    owned: bool = True
    shared: bool = False
    principal: str = ""
    addresses: tuple[str, ...] = ()
    writable: bool = True
    focus_time: bool = False
    comments: bool = False


class Watched(Struct, frozen=True):
    """That a store tells of changes: how it calls what is watched, and until when it tells."""

    resource: str
    until: datetime


class Resource(Struct, frozen=True):
    """One stored object: where it is, and its content in the store's own form, opaque outside its connector."""

    ref: ResourceRef
    payload: bytes


class Seen(Struct, frozen=True, kw_only=True, dict=True):
    """What the mirror holds of a calendar that is about to be read again.

    `state`: the store's own memory (sync token, ctag), as the last read left it.  `window`: the span that matters now;
    what lies in it is wanted first.  `payload`: the content of a resource as it was last read, None where it
    was not kept.  `recall` gives `versions`, which a store that knows by its state that nothing has changed need not
    look at.
    """

    window: TimeRange
    recall: Callable[[], Mapping[str, str]] = dict
    state: str = ""
    payload: Callable[[str], bytes | None] = lambda _href: None

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Href → version, of every resource."""
        return self.recall()


class End(NamedTuple):
    """The last of a stream that was read as it was gone through: the `state` to which it has led.

    `left`: how many resources are there that were neither given now nor before; they come with the next reads.
    """

    state: str
    left: int = 0


class Changes(Struct, frozen=True, kw_only=True):
    """What is new in a calendar since it was last read.

    `changed`: new and changed resources, and a problem in place of each that could not be fetched; a stream, to be
    gone through once.  `present`: the hrefs of *every* resource there, so that absence is judged by a complete
    listing; the unreadable ones are in it too; None, when nothing at all has changed.  `state`: what `Seen` gives back
    the next time, unless the stream says it at its end.
    """

    changed: Iterable[Resource | Problem | End]
    present: frozenset[str] | None
    state: str = ""


class Reading(Struct, frozen=True, kw_only=True):
    """What a payload says in a window: its occurrences (any order), and what of it could not be understood.

    `whole`: False when it was cut off or some of it was beyond reading; what it said before is the better word.
    `overrides`: UID and recurrence id of the instances that it describes by themselves, in the window or not; they
    take the place of those that another resource of the calendar gives by a rule.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True
    overrides: frozenset[tuple[str, str]] = frozenset()


class Peek(Struct, frozen=True, kw_only=True):
    """What a cheap look at a payload tells, for the index.

    `first`, `last`: ordinals of the first and last day that it can touch (None: unknown, it must be read).  `name`: the
    digits of a lone event that is named as ours are, whoever made it; '' for any other.  `mark`: the mark that it
    carries, if that yields this name.
    """

    first: int | None = None
    last: int | None = None
    name: str = ""
    mark: Mark | None = None


class Reader(Protocol):
    """One account of one kind of store.  Every method may raise an `UnbusyError`, and nothing else."""

    def close(self) -> None:
        """Give back what is held open; raises nothing."""
        ...

    def calendars(self) -> Sequence[CalendarInfo]:
        """All calendars that the account shows."""
        ...

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """What changed since it was last seen."""
        ...

    def peek(self, payload: bytes) -> Peek:
        """What the index needs to know of a resource.  No I/O; fails open."""
        ...

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """The occurrences of a resource that touch the window; floating times are taken in `zone`.  No I/O."""
        ...


@runtime_checkable
class Writer(Reader, Protocol):
    """An account that can be written to, on a condition each time: nothing goes over what was not seen."""

    def create(self, draft: Draft) -> Resource:
        """Write a new event of ours.

        ExistsError when something with its name is there already, DeletedError when the store says that it was there
        and was deleted.
        """
        ...

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Write these fields and the mark, keep all else; LostRaceError when it is no longer that version."""
        ...

    def delete(self, ref: ResourceRef) -> None:
        """Remove an event of ours; LostRaceError when it is no longer that version, GoneError when it is gone."""
        ...

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        """Write `text` as the description of the user's own event titled `unbusy: …`.

        `private`: others shall not read it, where the store can keep it from them; else who may read it is again as
        it was before it was made private here.  Nothing else is written.

        Refused for anything else, and where there are attendees; LostRaceError as for `update`.
        """
        ...

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        """Answer an invitation: on the attendee lines of these addresses (lower case), and nothing else.

        `invitation`: an event or a series as a whole; with a recurrence id, an instance that stands in the resource
        without its series and alone.  `comment`: for the organizer, where the store has a place for it.
        Refused where there is no such line that has no answer yet, the user is the organizer, or it is not clear which
        line is meant; LostRaceError as for `update`.
        """
        ...


@runtime_checkable
class Pushing(Protocol):
    """An account whose server can tell of changes, and look for words by itself; only a fleet asks for it."""

    def asked(self, words: str) -> bool:
        """Whether an event of the user's own, alone, is titled so (lower case)."""
        ...

    def watch(self, calendar: CalendarId, channel: str, address: str, token: str) -> Watched:
        """Have the server tell this address of changes: it names the channel, and shows the token."""
        ...

    def unwatch(self, channel: str, resource: str) -> None:
        """No longer."""
        ...


@runtime_checkable
class Timed(Protocol):
    """An account on a server that says what time it is."""

    def skew(self) -> timedelta | None:
        """How far our clock was ahead of the server's at its last answer; None where it has not said."""
        ...


class Notes(Protocol):
    """What a connector remembers of its account from one run to the next.  It makes things faster and adds nothing."""

    def get(self, name: str) -> str:
        """What was noted under a name, '' for nothing."""
        ...

    def put(self, name: str, value: str) -> None:
        """Note something, in place of what was noted before."""
        ...


class Talk(Protocol):
    """Somebody at a terminal.  Without one, `ask` and `agree` raise ConfigError."""

    def say(self, text: str) -> None:
        """Tell something."""
        ...

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Ask for a line; `hidden`: without showing what is typed."""
        ...

    def agree(self, question: str) -> bool:
        """Ask for a yes."""
        ...


class Known(NamedTuple):
    """What a store knows of its user, '' and () for what it does not tell.

    `zone`: an IANA zone.  `week_starts`: 'monday', 'sunday' or 'saturday'.  `hours`: working hours as (weekday from
    Monday = 0, first minute of the day, minute after the last), as the store has them: not yet checked.
    """

    zone: str = ""
    week_starts: str = ""
    hours: tuple[tuple[int, int, int], ...] = ()


Step = tuple[str, Problem | None]
"""A step of a check, and what is wrong with it, if anything."""


class ConnectorKind(Struct, frozen=True):
    """A row of the table of connectors: what `[accounts.NAME]` with that `type` holds, and how to open it.

    `open` takes the account's name, its options, a clock (now, in UTC), a look-up of its secret (RefusedError when
    there is none) and its notes; it does no I/O yet.  `writes`: what it gives is a `Writer`.  `login` asks for a
    secret, tries it, and returns what is to be stored; None where there is nothing to log in to.  `examine` goes
    through the steps of a connection with that secret, each as it is taken.  `known`: what the store knows of its
    user, for a first config.  `server`: the address of the server of whoever has this address of mail, '' for none.
    `make`: makes a new calendar with this name.
    """

    options: type[AccountOptions]
    open: Callable[[str, Any, Callable[[], datetime], Callable[[], str], Notes], Reader]
    writes: bool = False
    login: Callable[[str, Any, Talk], str] | None = None
    examine: Callable[[Any, Callable[[], str], Talk], Iterable[Step]] | None = None
    known: Callable[[Any, Callable[[], str]], Known] | None = None
    server: Callable[[str], str] | None = None
    make: Callable[[Any, Callable[[], str], str], None] | None = None
