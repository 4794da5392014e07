"""Reading: what has changed since the last time, of every account, into the mirror; and what is then there.

Not readable is not empty: a calendar that fails stands as it was last read, and is marked stale.  So is one of which
one reading does not take in everything, until a later one has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.ledger import notes
from daemon.ledger.readings import readings
from daemon.model.errors import TemporaryError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, Event, ResourceRef
from daemon.model.plan import Problem
from daemon.model.protocols import CalendarInfo, Changes, End, Reader, Reading, Resource, Seen
from daemon.model.times import TimeRange
from daemon.planning.overridden import in_force
from daemon.stages import backoff, calendars
from daemon.stages.runtime import Runtime
from daemon.system.side_by_side import Task, at_home, together

T = TypeVar("T")

READ_ON = "the next run reads on"

_OURS = b"unbusy"
"""In every resource that carries a mark of ours, or one of our UIDs."""


_AT_ONCE, _SIZE = 64, 2**18
"""So many resources of a stream, or so many bytes of them, are taken out of it in one step."""

LONGEST = timedelta(days=1)
"""No account is left alone for longer; what says so was noted under another clock."""

_TIMES = 10
"""How often an account may take as long in all as one answer of its server."""


class CalendarRead(Struct, frozen=True):
    """A calendar, the name of its account, and whether it stands as it was last read, or was read in part."""

    info: CalendarInfo
    account: str
    stale: bool


class Round(Struct, frozen=True, kw_only=True):
    """One reading of every account.

    `accept_empty`, `patient` and `everything`: see `observe`.  `usual`: the window is that of every cycle.  `problems`,
    `unreadable` (resources that stand as they were last read, or could never be read whole) and `listed` (calendars
    that their account names) are filled on the way.
    """

    runtime: Runtime
    now: datetime
    span: TimeRange
    accept_empty: bool
    patient: bool
    everything: bool
    usual: bool
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[ResourceRef] = field(default_factory=set)
    listed: set[CalendarId] = field(default_factory=set)


def read_accounts(this: Round, done: Callable[[], None]) -> list[CalendarRead]:
    """The calendars of every account, those with a server side by side; what is said of them in the config's order.

    `done` is called after each account.
    """
    runtime, accounts = this.runtime, this.runtime.config.accounts
    apart = {name: replace(this, problems=[], unreadable=set(), listed=set()) for name in accounts}
    reads = side_by_side(runtime, {name: _account(own, name) for name, own in apart.items()}, done)
    for own in apart.values():
        this.problems.extend(own.problems)
        this.unreadable.update(own.unreadable)
        this.listed.update(own.listed)
    return [read for name in accounts for read in reads[name]]


def side_by_side(runtime: Runtime, tasks: Mapping[str, Task[T]], done: Callable[[], None]) -> dict[str, T]:
    """What comes of a task for each account, those with a server side by side."""
    timeouts = {name: getattr(runtime.config.accounts[name], "timeout", 0) for name in tasks}
    patience = {name: float(_TIMES * timeout) for name, timeout in timeouts.items() if timeout}
    return together(tasks, patience, leave=runtime.renew, done=done, tick=runtime.waiting)


def _account(this: Round, account: str) -> Task[list[CalendarRead]]:
    """Its calendars, as far as they could be read.  An account that fails as a whole is left alone for a while."""
    runtime, drawer = this.runtime, this.runtime.ledger.drawer
    if not this.patient:
        backoff.forget(drawer, account)
    if (unasked := _unasked(this, account)) is not None:
        return unasked
    interval = timedelta(minutes=runtime.config.interval)
    try:
        infos = yield runtime.connectors[account].calendars
    except UnbusyError as e:
        backoff.failed(drawer, account, e, this.now, interval)
        return _unread(this, account, e)
    reads = [CalendarRead(i, account, stale=True) for i in _vanished(this, account, infos)]
    chosen, extra = calendars.chosen(runtime.config, account, infos, this.problems)
    chosen += (i for i in extra if not calendars.unread(drawer, i.id, this.now))
    if this.everything and runtime.config.accounts[account].write:
        chosen = list(dict.fromkeys([*chosen, *infos]))
    this.listed.update(i.id for i in infos)
    errors: list[UnbusyError] = []
    for info in chosen:
        try:
            if errors and backoff.asks_for_rest(errors[-1]):
                raise errors[-1]
            whole = yield from _calendar(this, runtime.connectors[account], info)
            reads.append(CalendarRead(info, account, stale=not whole))
        except UnbusyError as e:
            if info in extra and not runtime.ledger.mirror.read_at(info.id) and not backoff.asks_for_rest(e):
                calendars.note_unread(drawer, info.id, this.now, e)
                continue
            errors.append(e)
            this.problems.append(Problem(info.id, e.what, e.remedy, e.code))
            reads.append(CalendarRead(info, account, stale=True))
    if errors and (len(errors) == len(chosen) or backoff.asks_for_rest(errors[-1])):
        backoff.failed(drawer, account, errors[-1], this.now, interval)
    else:
        backoff.forget(drawer, account)
        _leave(this, account, reads)
    return reads


def _unasked(this: Round, account: str) -> list[CalendarRead] | None:
    """The calendars of one that is not to be asked now: it rests, or was well when it was asked not long ago."""
    drawer = this.runtime.ledger.drawer
    if rest := backoff.active_rest(drawer, account, this.now):
        return _unread(this, account, rest.error(this.now, this.runtime.profile.zone))
    if (before := notes.asked(account).get(drawer)) and this.now < before.due <= this.now + LONGEST:
        this.listed.update(before.listed)
        return [CalendarRead(info, account, stale=False) for info in before.read]
    return None


def _leave(this: Round, account: str, reads: Iterable[CalendarRead]) -> None:
    """An account with an interval of its own is left alone for so long, as long as all is well there."""
    interval: int | None = getattr(this.runtime.config.accounts[account], "interval", None)
    if interval and not this.problems and not this.everything:
        asked = notes.Asked(
            due=this.now + timedelta(minutes=interval), read=tuple(r.info for r in reads), listed=tuple(this.listed)
        )
        notes.asked(account).put(this.runtime.ledger.drawer, asked)


def _unread(this: Round, account: str, error: UnbusyError) -> list[CalendarRead]:
    """An account that said nothing: its calendars as they were last read; one of unknown ones, if it never was."""
    known, write = this.runtime.ledger.mirror.calendars(account), this.runtime.config.accounts[account].write
    if write and all(write not in (i.name, i.id.partition("/")[2]) for i in known):
        raise error  # nothing is known of the calendar to write to
    this.problems.append(Problem(account, error.what, error.remedy, error.code))
    return [CalendarRead(i, account, stale=True) for i in known or (CalendarInfo(id=f"{account}/", name=account),)]


def _vanished(this: Round, account: str, infos: Iterable[CalendarInfo]) -> list[CalendarInfo]:
    """Calendars that were read before and are not listed now: unreadable, until the user says that they are gone."""
    mirror, read = this.runtime.ledger.mirror, this.runtime.config.accounts[account].read_names
    listed = {i.id for i in infos}
    lost = [i for i in mirror.calendars(account) if i.id not in listed]
    lost = [i for i in lost if not read or not calendars.names_of(i).isdisjoint(read)]
    if this.accept_empty:
        for info in lost:
            mirror.forget(info.id)
        return []
    for info in lost:
        what = f"the calendar {info.name} is no longer there; its time stays busy"
        this.problems.append(Problem(info.id, what, "bring it back, or run `unbusy apply --force` once", 1))
    return lost


def _calendar(this: Round, connector: Reader, info: CalendarInfo) -> Task[bool]:
    """Read what is new into the mirror; whether that was all of it, or some is left for the next time."""
    since = this.span.start.toordinal()
    intake = this.runtime.ledger.mirror.intake(info.id, since)
    seen = Seen(
        window=this.span, recall=lambda: at_home(intake.versions), state=intake.state,
        payload=lambda href: at_home(lambda: intake.payload(href)),
    )  # fmt: skip
    changes: Changes = yield lambda: connector.changes(info.id, seen)
    if changes.present == frozenset() and seen.versions and not this.accept_empty:
        raise UnreadableError(
            f"{info.name} is empty, but had {len(seen.versions)} events before",
            "if it is really empty now, run `unbusy apply --force` once",
        )
    end, doubted, stream = End(changes.state), False, iter(changes.changed)
    while items := (yield partial(some, stream)):
        for item in items:
            if isinstance(item, UnbusyError):
                raise item
            if isinstance(item, End):
                end = item
            elif isinstance(item, Problem):
                this.problems.append(item)
            elif (known := seen.versions.get(item.ref.href)) is None or _understood(this, connector, item, known):
                intake.put(item, connector.peek(item.payload))
            else:
                doubted = True
    state = seen.state if doubted else end.state  # so that it is asked for again
    note, drawer = notes.part(info.id), this.runtime.ledger.drawer
    if not end.left:
        intake.commit(info.name, changes, state, this.now)
        note.put(drawer, None)
        return True
    part = notes.Part(read=(count := len(changes.present or ())) - end.left, of=count)
    note.put(drawer, part)
    intake.commit(info.name, changes, state, None)
    what = f"{part}; until it is read, nothing new is placed"
    this.problems.append(Problem(info.id, what, READ_ON, TemporaryError.code))
    return False


def some(stream: Iterator[Resource | Problem | End]) -> list[Resource | Problem | End | UnbusyError]:
    """The next of a stream; none when it is at its end.  What was read before it failed is kept, then the error."""
    found, size = list[Resource | Problem | End | UnbusyError](), 0
    try:
        for item in stream:
            found.append(item)
            size += len(item.payload) if isinstance(item, Resource) else 0
            if len(found) == _AT_ONCE or size >= _SIZE:
                break
    except UnbusyError as error:
        found.append(error)
    return found


def _understood(this: Round, connector: Reader, resource: Resource, known: str) -> bool:
    """Whether a resource that was read before can be understood as it is now; if not, it stands as it was."""
    reading = connector.read(resource, this.span, this.runtime.profile.zone)
    if reading.whole and (reading.events or not reading.problems):
        return True
    this.problems.extend(reading.problems)
    this.unreadable.add(replace(resource.ref, version=known))
    return False


def events_of(this: Round, reads: Iterable[CalendarRead]) -> Iterable[Event]:
    """Every occurrence of these calendars in the span; what cannot be understood is named in `problems`."""
    first, last = this.span.start.toordinal() - 1, this.span.end.toordinal() + 1
    for read in reads:
        there = this.runtime.ledger.mirror.resources(read.info.id, first, last)
        found = list(_readings(this, read, there, this.span))
        this.unreadable.update(resource.ref for resource, reading in found if not reading.whole)
        this.problems.extend(problem for _, reading in found for problem in reading.problems)
        yield from in_force([reading for _, reading in found])


def own_before(
    this: Round, reads: Iterable[CalendarRead], calendars: Collection[CalendarId], since: datetime
) -> Iterator[Event]:
    """Occurrences from `since` to the span in these calendars, of what may be ours by its content alone.

    Whatever cannot be understood there is history, and no problem.
    """
    start = this.span.start
    first, last = since.toordinal() - 1, start.toordinal()
    for read in reads:
        if read.info.id in calendars and since < start:
            there = this.runtime.ledger.mirror.resources(read.info.id, first, last)
            ours = (resource for resource in there if _OURS in resource.payload)
            for _, reading in _readings(this, read, ours, TimeRange(since, start)):
                yield from (e for e in reading.events if e.span.end <= start)


def _readings(
    this: Round, read: CalendarRead, resources: Iterable[Resource], span: TimeRange
) -> Iterator[tuple[Resource, Reading]]:
    """What resources say in a span.  In the windows of every cycle, what was read before is not read again."""
    connector, zone = this.runtime.connectors[read.account], this.runtime.profile.zone
    if not this.usual:
        return ((resource, connector.read(resource, span, zone)) for resource in resources)
    name = notes.readings(read.info.id, before=span != this.span)
    return readings(this.runtime.ledger.drawer, name, connector, resources, span, zone)
