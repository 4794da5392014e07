"""What a cycle asks of the ledger, in four parts, each no larger than those need who take it.

Behind them stands SQLite (`daemon.ledger.sqlite`); tests/contract/test_ledger.py holds whatever else may.  Every method
may raise an `UnbusyError`, a TemporaryError where the ledger is in use by somebody else.  What one call writes is there
as a whole or not at all, and no call leaves anything locked behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from daemon.ledger.rows import ChangeRow, OwnRow, RunRow
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Wish
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted


class Intake(Protocol):
    """A calendar that is read again: what is known of it, and what comes in.  From `Mirror.intake`, for one reading.

    Nothing is locked until `commit`, however long the reading takes.
    """

    @property
    def state(self) -> str:
        """What the store left with us the last time; '' where contents are missing, so that all has to be listed."""
        ...

    def versions(self) -> Mapping[str, str]:
        """The versions of the resources by href; without those that have to be fetched again."""
        ...

    def payload(self, href: str) -> bytes | None:
        """The content of a resource as it was last read; None where it was not kept."""
        ...

    def put(self, resource: Resource, peek: Peek) -> None:
        """A resource that is new or has changed.

        Much of it may be written before the end: then the state is forgotten, and only `commit` sets it again.
        """
        ...

    def commit(self, name: str, changes: Changes, state: str, now: datetime | None) -> None:
        """The end: what was put, what is gone, and the state for the next time.  `now`: None if it was not in full."""
        ...


class Mirror(Protocol):
    """The resources as they were last read, with an index of the days that each can touch and of the marks on them."""

    def intake(self, calendar: CalendarId, since: int) -> Intake:
        """A calendar is read.

        A payload that ends before the day `since` (an ordinal) is kept only if it is named as ours are.
        """
        ...

    def read_at(self, calendar: CalendarId) -> datetime | None:
        """When a calendar was last read in full, or None for never."""
        ...

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        """The calendars of an account that were ever read, by id."""
        ...

    def forget(self, calendar: CalendarId) -> None:
        """A calendar that is gone for good."""
        ...

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        """One resource, right after our own write."""
        ...

    def drop_resource(self, ref: ResourceRef) -> None:
        """One resource, right after our own deletion."""
        ...

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        """The resources of a calendar that may touch the days from `first` to `last` (ordinals), by href."""
        ...

    def resource(self, ref: ResourceRef) -> Resource | None:
        """One resource, if it was last read in this version."""
        ...

    def marked(self, calendars: Iterable[CalendarId], owners: Collection[str]) -> list[tuple[Wish, Resource]]:
        """Every resource of these calendars that carries a mark of these owners, of any age, with its policy and key.

        Those that an older version read are of the one owner that it had.
        """
        ...

    def unmarked(self, calendars: Iterable[CalendarId]) -> list[tuple[str, Resource]]:
        """Every resource of these calendars that is named as ours are and carries no such mark, with its digits."""
        ...

    def owners(self, calendars: Iterable[CalendarId]) -> Mapping[str, int]:
        """How many resources of these calendars carry a mark, by the owner on it."""
        ...

    def nameless(self, calendars: Iterable[CalendarId], prefix: str) -> frozenset[str]:
        """The hrefs with this prefix in these calendars whose content says nothing, not even when it is."""
        ...


class Own(Protocol):
    """What is known of every wish that ever had an event."""

    def rows(self) -> dict[Wish, OwnRow]:
        """All of it, by policy and key."""
        ...

    def remember(self, rows: Iterable[OwnRow]) -> None:
        """Write what is known of some wishes."""
        ...

    @property
    def fresh(self) -> bool:
        """Whether the skips of the journal are still to be taken up."""
        ...

    def take_up(self, skips: Iterable[Skip], taken_back: Iterable[Noted] = ()) -> None:
        """Take up what the journal remembers; it is no longer fresh then."""
        ...


class Runs(Protocol):
    """The history: what each run wrote, said before it is written and again when it is known what came of it."""

    def begin(self, command: str, now: datetime, undoes: int | None = None) -> int:
        """A new run; `undoes`: the one that it takes back."""
        ...

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        """Say what is about to be written, before it is; with what is known of its wish until the outcome is."""
        ...

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        """Say what came of it."""
        ...

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: Wish) -> None:
        """Forget an intent of which it is certain that nothing came; `own` is what stood before it."""
        ...

    def finish(self, run: int, outcome: str) -> None:
        """Close a run; one without any change leaves no trace."""
        ...

    def latest(self, most: int) -> tuple[RunRow, ...]:
        """The latest runs that wrote, newest first, with their changes."""
        ...

    def done_since(self, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        """What was done in runs from `since` on, oldest first, each with the moment of its run.

        Also what a crash left open: it may have been done.
        """
        ...

    def thin(self, before: datetime, keep: int) -> None:
        """Forget what runs before a moment wrote, but for the `keep` newest of all."""
        ...


class Drawer(Protocol):
    """Short texts by name.  What they are is said in one place: daemon/ledger/notes.py."""

    def get(self, name: str) -> str:
        """A text, '' for none."""
        ...

    def put(self, name: str, value: str) -> None:
        """Keep a text, '' for none; the same again writes nothing."""
        ...


class Ledger(Protocol):
    """The four parts.  One thread uses it.

    `notice`: what its user should know of how it was opened, '' for nothing.
    """

    @property
    def mirror(self) -> Mirror:
        """What was read of the calendars."""
        ...

    @property
    def own(self) -> Own:
        """What is known of our own events."""
        ...

    @property
    def runs(self) -> Runs:
        """What past runs did."""
        ...

    @property
    def drawer(self) -> Drawer:
        """Small notes, by their names."""
        ...

    @property
    def notice(self) -> str:
        """What became of an unusable or older ledger, in words; '' for nothing."""
        ...

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...
