"""Ledger, journal and lease in memory: the same ports as those of the program, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from msgspec.structs import replace

from daemon.ledger import ChangeRow, OwnRow, RunRow
from daemon.ledger.rows import taken_up
from daemon.model.errors import TemporaryError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Wish
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted


@dataclass
class Kept:
    """A resource in the mirror; without a payload, where that was not kept."""

    version: str
    payload: bytes | None = None
    peek: Peek = field(default_factory=Peek)


@dataclass
class Calendar:
    name: str = ""
    state: str = ""
    since: int | None = None
    read_at: datetime | None = None
    kept: dict[str, Kept] = field(default_factory=dict)


class Intake:
    def __init__(self, mirror: Mirror, calendar: CalendarId, since: int) -> None:
        self.mirror, self.id, self.since = mirror, calendar, since
        here = mirror.all.get(calendar, Calendar())
        self.new: dict[str, Kept] = {}
        self.state = here.state if here.since is not None and here.since <= since else ""

    def _here(self) -> dict[str, Kept]:
        return self.mirror.all.get(self.id, Calendar()).kept

    def versions(self) -> Mapping[str, str]:
        return {
            h: k.version
            for h, k in self._here().items()
            if k.payload is not None or (k.peek.last is not None and k.peek.last < self.since)
        }

    def payload(self, href: str) -> bytes | None:
        return self._here()[href].payload if href in self._here() else None

    def put(self, resource: Resource, peek: Peek) -> None:
        old = not peek.name and peek.last is not None and peek.last < self.since
        self.new[resource.ref.href] = Kept(resource.ref.version, None if old else resource.payload, peek)

    def commit(self, name: str, changes: Changes, state: str, now: datetime | None) -> None:
        here = self.mirror.all.setdefault(self.id, Calendar())
        here.name, here.state = name, state
        here.kept |= self.new
        if now:
            here.read_at = now.astimezone(UTC)
        if changes.present is not None:
            here.since = self.since if now else here.since
            here.kept = {h: k for h, k in here.kept.items() if h in changes.present}


class Mirror:
    def __init__(self) -> None:
        self.all: dict[CalendarId, Calendar] = {}

    def intake(self, calendar: CalendarId, since: int) -> Intake:
        return Intake(self, calendar, since)

    def read_at(self, calendar: CalendarId) -> datetime | None:
        return self.all.get(calendar, Calendar()).read_at

    def calendars(self, account: str) -> tuple[CalendarInfo, ...]:
        found = sorted((i, c.name) for i, c in self.all.items() if i.startswith(f"{account}/") and c.name)
        return tuple(CalendarInfo(id=i, name=name) for i, name in found)

    def forget(self, calendar: CalendarId) -> None:
        self.all.pop(calendar, None)

    def put_resource(self, resource: Resource, peek: Peek) -> None:
        here = self.all.setdefault(resource.ref.calendar, Calendar()).kept
        here[resource.ref.href] = Kept(resource.ref.version, resource.payload, peek)

    def drop_resource(self, ref: ResourceRef) -> None:
        self.all.get(ref.calendar, Calendar()).kept.pop(ref.href, None)

    def resources(self, calendar: CalendarId, first: int, last: int) -> Iterator[Resource]:
        for href, k in sorted(self.all.get(calendar, Calendar()).kept.items()):
            touches = (k.peek.first is None or k.peek.first <= last) and (k.peek.last is None or k.peek.last >= first)
            if k.payload is not None and touches:
                yield Resource(ResourceRef(calendar, href, k.version), k.payload)

    def resource(self, ref: ResourceRef) -> Resource | None:
        found = self.all.get(ref.calendar, Calendar()).kept.get(ref.href)
        return (
            Resource(ref, found.payload)
            if found and found.version == ref.version and found.payload is not None
            else None
        )

    def unmarked(self, calendars: Iterable[CalendarId]) -> list[tuple[str, Resource]]:
        found = []
        for calendar in sorted(set(calendars)):
            kept = self.all.get(calendar, Calendar()).kept
            for name, href, k in sorted(
                (k.peek.name, h, k) for h, k in kept.items() if k.peek.name and not k.peek.mark
            ):
                assert k.payload is not None
                found.append((name, Resource(ResourceRef(calendar, href, k.version), k.payload)))
        return found

    def marked(self, calendars: Iterable[CalendarId], owners: Collection[str]) -> list[tuple[Wish, Resource]]:
        found = []
        for calendar in sorted(set(calendars)):
            ours = [(k.peek.mark, h, k) for h, k in self.all.get(calendar, Calendar()).kept.items() if k.peek.mark]
            ours = [row for row in ours if row[0].owner in owners]
            for mark, href, k in sorted(ours, key=lambda row: (row[0].policy, row[0].key, row[0].generation)):
                assert k.payload is not None
                found.append((mark.wish, Resource(ResourceRef(calendar, href, k.version), k.payload)))
        return found

    def owners(self, calendars: Iterable[CalendarId]) -> Mapping[str, int]:
        kept = (k for c in set(calendars) for k in self.all.get(c, Calendar()).kept.values())
        return Counter(k.peek.mark.owner for k in kept if k.peek.mark)

    def nameless(self, calendars: Iterable[CalendarId], prefix: str) -> frozenset[str]:
        return frozenset(
            href
            for calendar in calendars
            for href, k in self.all.get(calendar, Calendar()).kept.items()
            if href.startswith(prefix) and k.payload is not None and k.peek.mark is None and k.peek.first is None
        )


class Own:
    def __init__(self) -> None:
        self.all: dict[Wish, OwnRow] = {}
        self.fresh = True

    def rows(self) -> dict[Wish, OwnRow]:
        return dict(sorted(self.all.items()))

    def remember(self, rows: Iterable[OwnRow | None]) -> None:
        self.all |= {r.wish: r for r in rows if r}

    def take_up(self, skips: Iterable[Skip], taken_back: Iterable[Noted] = ()) -> None:
        self.remember(taken_up(skips, taken_back))
        self.fresh = False


class Runs:
    def __init__(self, own: Own) -> None:
        self.own = own
        self.all: dict[int, RunRow] = {}
        self.changes: dict[tuple[int, int], ChangeRow] = {}

    def begin(self, command: str, now: datetime, undoes: int | None = None) -> int:
        run = max(self.all, default=0) + 1
        self.all[run] = RunRow(
            id=run, at=now.astimezone(UTC), command=command, outcome="", changes=(), undoes=undoes
        )  # fmt: skip
        return run

    def intend(self, run: int, seq: int, change: ChangeRow, own: OwnRow | None) -> None:
        self.changes[run, seq] = change
        self.own.remember([own])

    def conclude(self, run: int, seq: int, outcome: str, own: OwnRow | None) -> None:
        self.changes[run, seq] = replace(self.changes[run, seq], outcome=outcome)
        self.own.remember([own])

    def retract(self, run: int, seq: int, own: OwnRow | None, wish: Wish) -> None:
        del self.changes[run, seq]
        self.own.all.pop(wish, None)
        self.own.remember([own])

    def finish(self, run: int, outcome: str) -> None:
        self.all[run] = replace(self.all[run], outcome=outcome)
        if not self._of(run):
            del self.all[run]

    def _of(self, run: int) -> tuple[ChangeRow, ...]:
        return tuple(c for (r, _), c in sorted(self.changes.items(), key=lambda item: item[0]) if r == run)

    def latest(self, most: int) -> tuple[RunRow, ...]:
        wrote = [replace(row, changes=self._of(row.id)) for row in reversed(self.all.values()) if self._of(row.id)]
        return tuple(wrote[:most])

    def done_since(self, since: datetime) -> list[tuple[datetime, ChangeRow]]:
        return [
            (row.at, c)
            for row in self.all.values()
            for c in self._of(row.id)
            if row.at >= since and c.outcome in ("done", "")
        ]

    def thin(self, before: datetime, keep: int) -> None:
        newest = set(sorted(self.all)[-keep:])
        for run in [r.id for r in self.all.values() if r.at < before and r.id not in newest]:
            del self.all[run]
            self.changes = {place: c for place, c in self.changes.items() if place[0] != run}


class Drawer:
    def __init__(self) -> None:
        self.all: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self.all.get(name, "")

    def put(self, name: str, value: str) -> None:
        self.all[name] = value


class InMemory:
    """See `daemon.ledger.Ledger`."""

    notice = ""
    size = 0

    def __init__(self) -> None:
        self.mirror, self.own, self.drawer = Mirror(), Own(), Drawer()
        self.runs = Runs(self.own)

    def close(self) -> None:
        pass


class JournalInMemory:
    """See `daemon.journal.Journal`."""

    def __init__(self) -> None:
        self.all: dict[date, str] = {}

    def pages(self, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str]]:
        yield from ((day, text) for day, text in sorted(self.all.items()) if first <= day <= last)

    def rewrite(self, day: date, change: Callable[[str], str]) -> None:
        before = self.all.get(day, "")
        after = change(before or f"# {day.isoformat()}\n\n")
        if after != before:
            self.all[day] = after


class LeaseInMemory:
    """See `daemon.system.lock.Lease`; whoever holds it gives it up for nobody."""

    def __init__(self) -> None:
        self.by = ""

    def holder(self) -> str:
        return self.by

    @contextmanager
    def hold(self, holder: str) -> Iterator[None]:
        if self.by:
            raise TemporaryError(f"{self.by} holds the lease", "wait until it is done")
        self.by = holder
        try:
            yield
        finally:
            self.by = ""
