"""The first half of a cycle: read what changed into the mirror, and make a snapshot of it.

Not readable is not empty: a calendar that fails stands as it was last read, and is marked stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from daemon.config import away, writing
from daemon.journal import answers, pages
from daemon.journal.taken_back import note
from daemon.ledger import OwnRow
from daemon.model.errors import UnbusyError, UnreadableError
from daemon.model.event import CalendarId, Event, ResourceRef
from daemon.model.owner import Names, OwnState, Wish
from daemon.model.plan import Problem
from daemon.model.proposal import Role
from daemon.model.protocols import CalendarInfo, Reader, Resource, Seen
from daemon.model.snapshot import GivenUp, Skip, Snapshot
from daemon.model.times import TimeRange, local_day
from daemon.planning import harvest
from daemon.planning.overridden import in_force
from daemon.planning.snapshots import Memory, build, window
from daemon.stages import backoff, calendars, history, owners, taken_back
from daemon.stages.doubt import taken
from daemon.stages.ours import names, own_state
from daemon.stages.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was read.

    `events`: every occurrence as it was read.  `main`: the calendar that wants go to by default.  `calendars`: those
    of the writing account, by name.  `stale`: calendars that could not be read now.  `own`: what is known of our
    wishes, with skips found just now.  `new_skips`: those skips, as far as they are certain and not yet recorded.
    `unseen`: wishes whose event is there but cannot be seen in the window.  `outside_window`: those of them that were
    not known to stand.  `native`: calendars that know focus time as a kind of event.  `unreadable_names`: see
    `own_state.unreadable_names`.  `wanted_again`: what had been taken back, and no longer is.  `names`: the marks of
    what stands without one.  `missing`: see `own_state.missing`.  `left`: see `owners.elsewhere`.
    `taken`: what has a UID of ours and is somebody else's.
    """

    snapshot: Snapshot
    events: tuple[Event, ...]
    problems: tuple[Problem, ...]
    main: CalendarId
    calendars: Mapping[str, CalendarId]
    stale: frozenset[CalendarId]
    own: Mapping[Wish, OwnRow]
    new_skips: tuple[OwnRow, ...]
    unseen: frozenset[Wish]
    outside_window: tuple[OwnRow, ...]
    native: frozenset[CalendarId] = frozenset()
    unreadable_names: frozenset[str] = frozenset()
    wanted_again: tuple[OwnRow, ...] = ()
    names: Names = field(default_factory=dict)
    missing: tuple[OwnRow, ...] = ()
    left: tuple[OwnRow, ...] = ()
    taken: Mapping[Wish, Event] = field(default_factory=dict)

    def knowing(self, missing: tuple[OwnRow, ...]) -> Observation:
        """The same, with what a new ledger can tell of wishes without events."""
        snapshot = replace(self.snapshot, skips=(*self.snapshot.skips, *own_state.skips(missing)))
        return replace(self, snapshot=snapshot, own={**self.own, **{r.wish: r for r in missing}}, missing=missing)

    @property
    def states(self) -> Mapping[Wish, OwnState]:
        """What has become of every wish that ever was asked for: as the ledger knows it, then as it is seen."""
        known = {wish: row.status for wish, row in self.own.items()}
        return known | dict.fromkeys(self.unseen, OwnState.UNSEEN) | {o.wish: o.state for o in self.snapshot.ours}


@dataclass(frozen=True, slots=True)
class _Read:
    info: CalendarInfo
    account: str
    stale: bool


@dataclass(frozen=True, slots=True)
class _Pass:
    """What the reading of every calendar shares; `problems`, `unreadable` and `listed` are filled on the way."""

    runtime: Runtime
    now: datetime
    span: TimeRange
    accept_empty: bool
    patient: bool
    problems: list[Problem]
    unreadable: set[ResourceRef]
    listed: set[CalendarId] = field(default_factory=set)
    everything: bool = False


def observe(
    runtime: Runtime, now: datetime, *, span: TimeRange | None = None, accept_empty: bool = False,
    patient: bool = False, again: bool = False, everything: bool = False, beat: Callable[[], None] = lambda: None,
) -> Observation:  # fmt: skip
    """Read every account and make the snapshot of `now`.

    `span`: another window than the usual one.  `accept_empty`: a calendar that has lost all its events is taken to
    be empty (else: to be unreadable).  `patient`: an account that has failed is left alone until its rest is over.
    `again`: what the last undos took back is wanted again.  `everything`: also the calendars of the writing account
    that are not read otherwise.  ConfigError when the calendar to write to does not exist.
    """
    who, config, usual = runtime.profile, runtime.config, span is None
    span = span or window(now, who, timedelta(days=config.lookback), timedelta(days=config.horizon))
    this = _Pass(runtime, now, span, accept_empty, patient, [], set(), everything=everything)
    reads: list[_Read] = []
    for name in config.accounts:
        reads += _read_account(this, name)
        beat()
    main, ours = calendars.to_write(config, [r.info for r in reads])
    events = tuple(_events(this, reads))
    beat()
    who = calendars.named(config, who, runtime.ledger.drawer, [r.info for r in reads])
    may_keep = ((r.info, usual and not r.stale) for r in reads)
    written = calendars.written(config, main, ours)
    uses = calendars.uses_of(config, runtime.ledger.drawer, may_keep, written, events, who)
    stale = frozenset(r.info.id for r in reads if r.stale)
    bare = Memory(
        writing=frozenset(ours.values()), main=main, unreadable=stale | this.unreadable, roles=runtime.roles,
        calendars=tuple(calendars.state_of(runtime.ledger, r.info, uses[r.info.id], stale=r.stale) for r in reads),
    )  # fmt: skip
    known = names.known(runtime, bare.writing, lambda: build(now, span, who, events, bare))
    found = {wish for wish, _ in own_state.standing(runtime, bare.writing, known)}
    complete = bare.writing - stale
    certain = not any(r.stale for r in reads if r.account == writing(config)[0])
    unreadable = own_state.unreadable_names(runtime, ours.values())
    own, new_skips = own_state.deleted_by_user(runtime, found, complete, unreadable, certain=certain)
    wanted_again = taken_back.wanted_again(runtime, own, again=again)
    own |= {row.wish: row for row in wanted_again}
    memory = replace(
        bare,
        away=away(config, who.zone),
        skips=own_state.skips(own.values()),
        given_up=_given_up(runtime, span),
        read_back={own_state.uid_of(r, who): r.read_back for r in own.values() if r.read_back},
        taken_back={own_state.uid_of(r, who): r.taken_back for r in own.values() if r.taken_back},
        names=known,
    )
    snapshot = build(now, span, who, events, memory)
    own, new_skips = own_state.skipped_in_place(runtime, snapshot, own, new_skips)
    blocks = answers.with_entries(answers.read(runtime.journal, _since(snapshot)), harvest.entries(snapshot))
    snapshot = replace(snapshot, answers=answers.answers(blocks.values()))
    seen = {o.wish for o in (*snapshot.ours, *snapshot.skipped)}
    others = taken.by_others(runtime, now, bare.writing - stale, known, found - seen)
    seen |= others.keys()
    there = {r.info.id for r in reads}
    lost = {w for w, r in own.items() if r.status is OwnState.STANDING and w not in found and r.calendar in there}
    return Observation(
        snapshot=snapshot, events=events, problems=tuple(dict.fromkeys(this.problems)), main=main, calendars=ours,
        stale=stale, own=own, new_skips=new_skips, unseen=frozenset((found | lost) - seen),
        outside_window=own_state.outside_window(runtime, now, bare.writing - stale, known, found - seen), names=known,
        taken=others, native=frozenset(r.info.id for r in reads if r.info.focus_time), unreadable_names=unreadable,
        wanted_again=wanted_again, left=owners.elsewhere(
            config, (r for w, r in own.items() if w not in found and r.day >= snapshot.today), bare.writing, this.listed
        ),
    )  # fmt: skip


def _since(snapshot: Snapshot) -> date:
    """The day from which answers are looked at: a quarter brings those of its months back."""
    today = snapshot.today
    quarter = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    return min(quarter, local_day(snapshot.window.start, snapshot.zone))


def _given_up(runtime: Runtime, span: TimeRange) -> tuple[GivenUp, ...]:
    """The places that focus blocks had to leave.  Those in the span were left in it, or within its length before."""
    done = runtime.ledger.runs.done_since(span.start - (span.end - span.start))
    return history.given_up((at, c) for at, c in done if runtime.roles.of(c.wish) is Role.FOCUS)


# -- accounts ---------------------------------------------------------------------------------------------------------


def _read_account(this: _Pass, account: str) -> list[_Read]:
    """Its calendars, as far as they could be read.  An account that fails as a whole is left alone for a while."""
    runtime, drawer = this.runtime, this.runtime.ledger.drawer
    if not this.patient:
        backoff.forget(drawer, account)
    if rest := backoff.active_rest(drawer, account, this.now):
        return _unread(this, account, rest.error(this.now, runtime.profile.zone))
    interval = timedelta(minutes=runtime.config.interval)
    try:
        infos = runtime.connectors[account].calendars()
    except UnbusyError as e:
        backoff.failed(drawer, account, e, this.now, interval)
        return _unread(this, account, e)
    reads = [_Read(i, account, stale=True) for i in _vanished(this, account, infos)]
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
            _read_calendar(this, runtime.connectors[account], info)
            reads.append(_Read(info, account, stale=False))
        except UnbusyError as e:
            if info in extra and not runtime.ledger.mirror.read_at(info.id) and not backoff.asks_for_rest(e):
                calendars.note_unread(drawer, info.id, this.now, e)
                continue
            errors.append(e)
            this.problems.append(Problem(info.id, e.what, e.remedy, e.code))
            reads.append(_Read(info, account, stale=True))
    if errors and (len(errors) == len(chosen) or backoff.asks_for_rest(errors[-1])):
        backoff.failed(drawer, account, errors[-1], this.now, interval)
    else:
        backoff.forget(drawer, account)
    return reads


def _unread(this: _Pass, account: str, error: UnbusyError) -> list[_Read]:
    """An account that said nothing: its calendars as they were last read; one of unknown ones, if it never was."""
    known, write = this.runtime.ledger.mirror.calendars(account), this.runtime.config.accounts[account].write
    if write and all(write not in (i.name, i.id.partition("/")[2]) for i in known):
        raise error  # nothing is known of the calendar to write to
    this.problems.append(Problem(account, error.what, error.remedy, error.code))
    return [_Read(i, account, stale=True) for i in known or (CalendarInfo(id=f"{account}/", name=account),)]


def _vanished(this: _Pass, account: str, infos: Iterable[CalendarInfo]) -> list[CalendarInfo]:
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


def _read_calendar(this: _Pass, connector: Reader, info: CalendarInfo) -> None:
    since = this.span.start.toordinal()
    intake = this.runtime.ledger.mirror.intake(info.id, since)
    seen = Seen(window=this.span, recall=intake.versions, state=intake.state, payload=intake.payload)
    changes = connector.changes(info.id, seen)
    if changes.present == frozenset() and seen.versions and not this.accept_empty:
        raise UnreadableError(
            f"{info.name} is empty, but had {len(seen.versions)} events before",
            "if it is really empty now, run `unbusy apply --force` once",
        )
    after = changes.state
    for item in changes.changed:
        if isinstance(item, Problem):
            this.problems.append(item)
        elif (known := seen.versions.get(item.ref.href)) is not None and not _understood(this, connector, item, known):
            after = seen.state  # so that it is asked for again
        else:
            intake.put(item, connector.peek(item.payload))
    intake.commit(info.name, changes, after, this.now)


def _understood(this: _Pass, connector: Reader, resource: Resource, known: str) -> bool:
    """Whether a resource that was read before can be understood as it is now; if not, it stands as it was."""
    reading = connector.read(resource, this.span, this.runtime.profile.zone)
    if reading.whole and (reading.events or not reading.problems):
        return True
    this.problems.extend(reading.problems)
    this.unreadable.add(replace(resource.ref, version=known))
    return False


def _events(this: _Pass, reads: Iterable[_Read]) -> Iterable[Event]:
    first, last = this.span.start.toordinal() - 1, this.span.end.toordinal() + 1
    zone = this.runtime.profile.zone
    for read in reads:
        connector = this.runtime.connectors[read.account]
        resources = this.runtime.ledger.mirror.resources(read.info.id, first, last)
        readings = [connector.read(resource, this.span, zone) for resource in resources]
        this.problems.extend(problem for reading in readings for problem in reading.problems)
        yield from in_force(readings)


# -- what is remembered ----------------------------------------------------------------------------------------------


def remember(runtime: Runtime, observation: Observation, now: datetime) -> None:
    """Record what the calendars say of ours: skips and answers (in the journal first), and what stands.

    A calendar that cannot be read says nothing new.
    """
    zone = runtime.profile.zone
    ours = (o for o in observation.snapshot.ours if o.event.ref.calendar not in observation.stale)
    rows = [own_state.row_of(o, observation.own.get(o.wish), runtime.profile) for o in ours]
    known = runtime.ledger.own.rows()
    found = [*observation.wanted_again, *observation.missing, *observation.outside_window, *rows]
    new = [r for r in [*found, *observation.new_skips] if known.get(r.wish) != r]
    day = now.astimezone(zone).date()
    skips = [(Skip(r.policy, r.key, r.day, r.minutes), r.title) for r in observation.new_skips]
    answers.file(runtime.journal, harvest.entries(observation.snapshot), _since(observation.snapshot))
    pages.note_skips(runtime.journal, day, skips)
    note(runtime.journal, day, map(taken_back.as_known, observation.wanted_again))
    runtime.ledger.own.remember(new)
