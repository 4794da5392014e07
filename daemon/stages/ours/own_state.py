"""What is known of our own events beside what the window shows: which stand, which the user has turned down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from daemon.ledger import OwnRow
from daemon.ledger.ports import Own
from daemon.model.event import CalendarId, Event
from daemon.model.ours.mark_line import read_mark
from daemon.model.owner import UID_PREFIX, Field, Mark, Names, OwnState, Wish, named
from daemon.model.plan import Plan
from daemon.model.profile import Profile
from daemon.model.proposal import Want
from daemon.model.protocols import Resource
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import TimeRange, local_day, read_stamp
from daemon.planning import turned_down
from daemon.planning.snapshots import skip_of
from daemon.stages.ours.names import line_of
from daemon.stages.owners import place_now
from daemon.stages.runtime import Runtime

AWAY = frozenset({OwnState.SKIPPED, OwnState.TAKEN_BACK, OwnState.SPENT})
"""What stays away, unless it is found standing."""


def deleted_by_user(
    runtime: Runtime, found: set[Wish], complete: Collection[CalendarId], unreadable: Collection[str], *, certain: bool
) -> tuple[dict[Wish, OwnRow], tuple[OwnRow, ...]]:
    """Which of ours the user has deleted: known to have stood, and absent from a complete listing.

    All rows, and those to be noted.  `complete`: those of the writing account that were listed.  Nothing is noted
    unless it is `certain`, since what is gone may lie in a calendar that cannot be read; nor is what is there by its
    name, with content that cannot be read (`unreadable`: see `unreadable_names`).
    """
    own = runtime.ledger.own.rows()
    renamed = {row.calendar for wish, row in own.items() if wish in found}  # what stood there is here now
    listed = {c for c in renamed if place_now(runtime.config, c) in complete}
    skipped = [
        replace(row, status=OwnState.SKIPPED)
        for wish, row in own.items()
        if row.status is OwnState.STANDING and wish not in found and row.calendar in listed.union(complete)
    ]
    back = [
        replace(own[w], status=OwnState.STANDING, taken_back=own[w].in_part)
        for w in found
        if w in own and own[w].status in AWAY
    ]
    return own | {r.wish: r for r in [*skipped, *back]}, tuple(
        r for r in skipped if certain and uid_of(r, runtime.profile) not in unreadable
    )


def unreadable_names(runtime: Runtime, calendars: Iterable[CalendarId]) -> frozenset[str]:
    """The names of files that are like those of ours, and hold nothing that can be read."""
    return frozenset(href.partition(".")[0] for href in runtime.ledger.mirror.nameless(calendars, UID_PREFIX))


def skipped_in_place(
    runtime: Runtime, snapshot: Snapshot, own: dict[Wish, OwnRow], skipped: tuple[OwnRow, ...]
) -> tuple[dict[Wish, OwnRow], tuple[OwnRow, ...]]:
    """The same, with those that stand there declined, cancelled or with `#skip`."""
    known = runtime.ledger.own.rows()
    rows = {
        o.wish: replace(row_of(o, own.get(o.wish), runtime.profile), status=OwnState.SKIPPED) for o in snapshot.skipped
    }
    new = (row for wish, row in rows.items() if wish not in known or known[wish].status is not OwnState.SKIPPED)
    return own | rows, (*skipped, *new)


def standing(runtime: Runtime, calendars: Collection[CalendarId], names: Names) -> list[tuple[Wish, Resource]]:
    """What is ours in these calendars, in the window or not, with its wish; `names`: what may stand without a mark."""
    mirror, owners = runtime.ledger.mirror, runtime.profile.owners
    unmarked = ((names[name].wish, found) for name, found in mirror.unmarked(calendars) if name in names)
    return [*mirror.marked(calendars, owners), *unmarked]


def ours_of_any_age(
    runtime: Runtime, now: datetime, calendars: Collection[CalendarId], names: Names,
    among: Collection[Wish] | None = None,
) -> Iterator[Event]:  # fmt: skip
    """What is ours in these calendars, as events that carry their marks; `among`: only those of these wishes."""
    ever = TimeRange(now - timedelta(days=366 * 50), now + timedelta(days=366 * 50))
    for wish, resource in standing(runtime, calendars, names):
        if among is None or wish in among:
            for event in runtime.writer.read(resource, ever, runtime.profile.zone).events[:1]:
                yield replace(event, mark=event.mark or names.get(named(event.ref.uid)))


def outside_window(
    runtime: Runtime, now: datetime, calendars: Collection[CalendarId], names: Names, unseen: set[Wish]
) -> tuple[OwnRow, ...]:
    """Those that cannot be seen in the window, as far as they are not known to stand.

    Without them a new ledger would take it for no deletion when the user deletes one before it comes into the window.
    """
    known, who = runtime.ledger.own.rows(), runtime.profile
    unknown = {w for w in unseen if w not in known or known[w].status is not OwnState.STANDING}
    events = ours_of_any_age(runtime, now, calendars, names, unknown) if unknown else ()
    back = {uid_of(row, who): row.taken_back for row in known.values() if row.taken_back}
    ours = (OwnEvent(event=e, mark=e.mark, taken_back=back.get(e.ref.uid)) for e in events if e.mark)
    return tuple(row_of(o, known.get(o.wish), who) for o in ours)


def is_new(own: Own) -> bool:
    """Whether a ledger has yet to see an event of ours: it knows what the journal tells at most."""
    turned_down = (OwnState.SKIPPED, OwnState.TAKEN_BACK)
    return all(row.status in turned_down or not row.calendar for row in own.rows().values())


def missing(
    snapshot: Snapshot, known: Mapping[Wish, OwnState], wants: Iterable[Want], made: Plan
) -> tuple[OwnRow, ...]:
    """What a new ledger is to know of wishes that have no event: see `daemon.planning.turned_down`.

    What is asked for in vain, since it may be there and cannot be read, is not gone.
    """
    today = local_day(made.now, snapshot.zone)
    there = known.keys() | {u.wish for u in made.unplaced}
    found = turned_down.missing(snapshot.ours, there, wants, made.changes, snapshot.zone)
    skips = [_gone(s.wish, OwnState.SKIPPED, s.day, s.minutes) for s in found.skips]
    return (*skips, *(_gone(wish, OwnState.WITHDRAWN, today, 0) for wish in found.withdrawn))


def _gone(wish: Wish, status: OwnState, day: date, minutes: int) -> OwnRow:
    return OwnRow(
        policy=wish.policy, key=wish.key, generation=0, status=status, calendar="", title="", day=day, minutes=minutes
    )


def row_of(own: OwnEvent, before: OwnRow | None, who: Profile) -> OwnRow:
    """What is to be remembered of an event of ours that stands: where it was last *asked for*."""
    skip = skip_of(own, who)
    return OwnRow(
        policy=own.mark.policy, key=own.mark.key, generation=own.mark.generation, status=OwnState.STANDING,
        calendar=own.event.ref.calendar, title=own.event.summary, day=skip.day, minutes=skip.minutes,
        text_day=before.text_day if before else None, read_back=before.read_back if before else None,
        taken_back=own.taken_back,
        mark=line_of(own.mark, before),
    )  # fmt: skip


def skips(own: Iterable[OwnRow]) -> tuple[Skip, ...]:
    """What stays away: turned down by the user, taken back, or spent."""
    return tuple(skip(row) for row in own if row.status in AWAY)


def skip(row: OwnRow) -> Skip:
    """What stays away, as the snapshot has it."""
    spent = row.status is OwnState.SPENT
    return Skip(row.policy, row.key, row.day, row.minutes, _taken_back_on(row), spent=spent, when=_asked(row))


def _asked(row: OwnRow) -> TimeRange | None:
    """Where it was last asked for, if that is known."""
    mark = read_mark(row.mark)
    when = read_stamp(mark.base[Field.WHEN]) if mark else None
    return when if isinstance(when, TimeRange) else None


def _taken_back_on(row: OwnRow) -> date | None:
    return row.taken_back.on if row.taken_back and row.status is OwnState.TAKEN_BACK else None


def uid_of(row: OwnRow, who: Profile) -> str:
    """The UID of an event of ours that is known; under another name, if it was written under that."""
    last = read_mark(row.mark)
    if last and last.owner in who.owners and (last.wish, last.generation) == (row.wish, row.generation):
        return last.uid
    return Mark(who.owner, row.policy, row.key, row.generation, {}).uid
