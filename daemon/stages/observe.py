"""The first half of a cycle: what was read becomes a snapshot; and the last, what it says of ours is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.config import away, writing
from daemon.journal import answers, pages
from daemon.journal.taken_back import note
from daemon.ledger import OwnRow
from daemon.model.event import CalendarId, Event, ResourceRef
from daemon.model.owner import Names, OwnState, Wish
from daemon.model.plan import Problem
from daemon.model.profile import Profile
from daemon.model.proposal import Role
from daemon.model.snapshot import GivenUp, Snapshot
from daemon.model.times import DAY, TimeRange, local_day
from daemon.model.user.never import Never, in_force
from daemon.planning import harvest
from daemon.planning.counting.ours import mark_of
from daemon.planning.snapshots import Memory, build, window
from daemon.stages import calendars, history, owners, taken_back
from daemon.stages.doubt import taken
from daemon.stages.ours import names, nevers, own_state, replies
from daemon.stages.past.contacts import Light, last_seen
from daemon.stages.reading import Round, events_of, own_before, read_accounts
from daemon.stages.runtime import Runtime

OWN_LOOKBACK = 42
"""Days for which ours are looked at: no question comes again within them."""


class Observation(Struct, frozen=True, kw_only=True):
    """What was read.

    `events`: every occurrence as it was read.  `main`: the calendar that wants go to by default.  `calendars`: those
    of the writing account, by name.  `stale`: calendars that could not be read whole now.  `own`: what is known of our
    wishes, with skips found just now.  `new_skips`: those skips, as far as they are certain and not yet recorded.
    `unseen`: wishes whose event is there but cannot be seen in the window.  `outside_window`: those of them that were
    not known to stand.  `native`: calendars that know focus time as a kind of event.  `unreadable_names`: see
    `own_state.unreadable_names`.  `wanted_again`: what had been taken back, and no longer is.  `names`: the marks of
    what stands without one.  `missing`: see `own_state.missing`.  `left`: see `owners.elsewhere`.
    `cut_off`: what could not be read whole, or stands as it was read before.
    `taken`: what has a UID of ours and is somebody else's.  `nevers`: what was said with `#never` and is not recorded.
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
    cut_off: frozenset[ResourceRef] = frozenset()
    taken: Mapping[Wish, Event] = field(default_factory=dict)
    nevers: tuple[Never, ...] = ()

    def knowing(self, missing: tuple[OwnRow, ...]) -> Observation:
        """The same, with what a new ledger can tell of wishes without events."""
        snapshot = replace(self.snapshot, skips=(*self.snapshot.skips, *own_state.skips(missing)))
        return replace(self, snapshot=snapshot, own={**self.own, **{r.wish: r for r in missing}}, missing=missing)

    @property
    def states(self) -> Mapping[Wish, OwnState]:
        """What has become of every wish that ever was asked for: as the ledger knows it, then as it is seen."""
        known = {wish: row.status for wish, row in self.own.items()}
        return known | dict.fromkeys(self.unseen, OwnState.UNSEEN) | {o.wish: o.state for o in self.snapshot.ours}


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
    planned = window(now, who, timedelta(days=config.lookback), timedelta(days=config.horizon))
    span = span or planned
    this = Round(
        runtime=runtime, now=now, span=span, accept_empty=accept_empty, patient=patient, everything=everything,
        usual=usual,
    )  # fmt: skip
    reads = read_accounts(this, beat)
    main, ours = calendars.to_write(config, [r.info for r in reads])
    events = tuple(events_of(this, reads))
    beat()
    who = calendars.named(config, who, runtime.ledger.drawer, [r.info for r in reads])
    may_keep = ((r.info, usual and not r.stale) for r in reads)
    written = calendars.written(config, main, ours)
    uses = calendars.uses_of(config, runtime.ledger.drawer, may_keep, written, events, who)
    stale = frozenset(r.info.id for r in reads if r.stale)
    bare = Memory(
        writing=frozenset(ours.values()), main=main, unreadable=stale | this.unreadable, roles=runtime.roles,
        policies={name: options for name, options in config.policies.items() if options.enabled},
        calendars=tuple(calendars.state_of(runtime.ledger, r.info, uses[r.info.id], stale=r.stale) for r in reads),
    )  # fmt: skip
    known = names.known(runtime, bare.writing, lambda: build(now, span, who, events, bare))
    if usual:
        earlier = own_before(this, reads, bare.writing, _own_since(now, who))
        events += tuple(e for e in earlier if mark_of(e, who, bare.writing, known))
    found = {wish for wish, _ in own_state.standing(runtime, bare.writing, known)}
    found -= (foreign := taken.of_what_is_away(runtime, now, bare.writing, known, found)).keys()
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
        left=history.left(runtime.ledger.runs.done_since(now - DAY), own.values(), local_day(now, who.zone)),
        read_back={own_state.uid_of(r, who): r.read_back for r in own.values() if r.read_back},
        taken_back={own_state.uid_of(r, who): r.taken_back for r in own.values() if r.taken_back},
        names=known,
    )
    snapshot = build(now, span, who, events, memory)
    own, new_skips = own_state.skipped_in_place(runtime, snapshot, own, new_skips)
    blocks = answers.with_entries(answers.read(runtime.journal, _since(snapshot)), harvest.entries(snapshot))
    before = nevers.known(runtime)
    never = nevers.new(snapshot, before)
    said = tuple(block.entry for block in blocks.values())
    snapshot = replace(
        snapshot, answers=answers.answers(blocks.values()), entries=said, nevers=in_force((*before, *never)),
        replies=replies.known(runtime),
    )  # fmt: skip
    if span.covers(planned):
        light = Light(this=this, who=who, reads=tuple(reads), writing=bare.writing, names=known)
        snapshot = replace(snapshot, last_seen=last_seen(light, snapshot))
    this.problems.extend(nevers.unclear(snapshot))
    seen = {o.wish for o in (*snapshot.ours, *snapshot.skipped)}
    others = taken.by_others(runtime, now, bare.writing - stale, known, found - seen)
    others |= {row.wish: foreign[row.wish] for row in wanted_again if row.wish in foreign}
    seen |= others.keys()
    there = {r.info.id for r in reads}
    lost = {w for w, r in own.items() if r.status is OwnState.STANDING and w not in found and r.calendar in there}
    unseen = frozenset((found | lost) - seen)
    snapshot = replace(snapshot, unread=unseen | names.wishes_of(runtime, snapshot, unreadable))
    return Observation(
        snapshot=snapshot, events=events, problems=tuple(dict.fromkeys(this.problems)), main=main, calendars=ours,
        stale=stale, own=own, new_skips=new_skips, unseen=unseen,
        outside_window=own_state.outside_window(runtime, now, bare.writing - stale, known, found - seen), names=known,
        cut_off=frozenset(this.unreadable), taken=others,
        native=frozenset(r.info.id for r in reads if r.info.focus_time), unreadable_names=unreadable,
        nevers=never, wanted_again=wanted_again, left=owners.elsewhere(
            config, (r for w, r in own.items() if w not in found and r.day >= snapshot.today), bare.writing, this.listed
        ),
    )  # fmt: skip


def _since(snapshot: Snapshot) -> date:
    """The day from which answers are looked at: a quarter brings those of its months back."""
    today = snapshot.today
    quarter = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    start = min(snapshot.window.start, _own_since(snapshot.now, snapshot.profile))
    return min(quarter, local_day(start, snapshot.zone))


def _own_since(now: datetime, who: Profile) -> datetime:
    """From when on ours are looked at: longer than others', since what was asked is not to be asked again."""
    return window(now, who, timedelta(days=OWN_LOOKBACK), timedelta()).start


def _given_up(runtime: Runtime, span: TimeRange) -> tuple[GivenUp, ...]:
    """The places that focus blocks had to leave.  Those in the span were left in it, or within its length before."""
    done = runtime.ledger.runs.done_since(span.start - (span.end - span.start))
    return history.given_up((at, c) for at, c in done if runtime.roles.of(c.wish) is Role.FOCUS)


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
    skips = [(own_state.skip(r), r.title) for r in observation.new_skips]
    answers.file(runtime.journal, harvest.entries(observation.snapshot), _since(observation.snapshot))
    pages.note_skips(runtime.journal, day, skips)
    nevers.note(runtime, day, observation.nevers)
    replies.settle(runtime, observation.snapshot, now)
    note(runtime.journal, day, map(taken_back.as_known, observation.wanted_again))
    runtime.ledger.own.remember(new)
    if any(o.mark.owner == runtime.profile.owner for o in observation.snapshot.ours):
        owners.note(runtime.ledger, runtime.profile)  # a new ledger goes on with what it has not written itself
