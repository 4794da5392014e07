"""One life in several calendars: what takes time in another account is held, without a word, where colleagues look.

A hold says that the time is taken, and nothing else: no title, no text, no number (what touches becomes one hold).
What some unbusy made, what a mirror tool has copied from here, and what colleagues see anyway is never held, so that
no two mirrors ever feed each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple, Self

from msgspec import Meta, field

from daemon.model.event import CalendarId, CountsAs, Event, ShowAs
from daemon.model.options import PolicyOptions
from daemon.model.owner import named
from daemon.model.proposal import Content, Fixed, Level, Role, Want
from daemon.model.protocols import PolicyKind
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import MINUTE, TimeRange, local_day, merged, minus, within

POLICY = "mirror"
MARGIN = 30 * MINUTE
"""Holds reach so far beyond the working time of a day."""
RENEWALS = 5
"""So often a source that has changed is held again beside holds that the user has moved."""
OPAQUE = frozenset({CountsAs.MEETING, CountsAs.BUSY, CountsAs.FOCUS})
REASON = "This time is taken in another calendar of yours ({}); nobody else is told more."


class MirrorOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.mirror]`."""

    sources: Annotated[
        tuple[str, ...], Meta(description="The accounts whose busy time is held.", examples=[["home"]])
    ] = field(default=(), name="from")
    title: Annotated[str, Meta(min_length=1, max_length=40, description="The title of a hold.")] = "Busy"


class Holds(NamedTuple):
    """What stands of ours, by key.

    `settled`: those that no longer follow what they stand for, since the user has moved them, or they have begun; each
    with the time that is settled by it.  `gone`: those that stay away, with their time as far as that is known.
    """

    standing: Mapping[str, OwnEvent]
    settled: Mapping[str, TimeRange]
    gone: Mapping[str, TimeRange | None]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Those of a calendar; what `undo` has put back is no move of the user's."""
        standing = {o.mark.key: o for o in snapshot.own(POLICY)}
        begun = {key: o.event.span for key, o in standing.items() if snapshot.begun(o.event)}
        moved = {k: o.asked.span(snapshot.zone) for k, o in standing.items() if o.pinned and not o.taken_back}
        gone = {s.key: s.when for s in snapshot.skips if s.policy == POLICY}
        return cls(standing, begun | moved, gone)

    @property
    def over(self) -> tuple[TimeRange, ...]:
        """The times in which nothing is held (again), whatever the hold was named after."""
        return (*self.settled.values(), *filter(None, self.gone.values()))

    def name(self, names: Sequence[str]) -> str:
        """The one of these names that a hold goes by: that under which it stands, else that under which it went."""
        known = [n for n in names if n in self.standing] or [n for n in names if n in self.gone and not self.gone[n]]
        return next(iter([*known, *names]), "")

    def has(self, name: str) -> bool:
        """Whether one stands for an event of that name."""
        return any(key[:LENGTH] == name[:LENGTH] for key in self.standing)


class Piece(NamedTuple):
    """The part of an event that is to be held on one day; `key`: see `keys`."""

    span: TimeRange
    key: str
    calendar: CalendarId


def propose(snapshot: Snapshot, options: MirrorOptions) -> Iterator[Want]:
    """A hold for each stretch of time that is taken elsewhere, from now on."""
    holds = Holds.of(snapshot)
    used: set[str] = set()
    for pieces in _stretches(_to_hold(snapshot, options, holds)):
        names = [name for piece in pieces for name in _renewed(piece.key) if name not in holds.settled.keys() | used]
        if key := holds.name(names):
            used.add(key)
            span = TimeRange(pieces[0].span.start, max(piece.span.end for piece in pieces))
            yield Want(
                policy=POLICY, key=key, content=_content(options, pieces), when=Fixed(span), level=Level.LUNCH,
                source=frozenset(piece.calendar for piece in pieces),
            )  # fmt: skip


def keys(snapshot: Snapshot, options: MirrorOptions) -> Iterator[str]:
    """The name of an event; on its later days with the day, and with a number where it is held once more."""
    days = (d for w in snapshot.all_weeks for d in w.days)
    frames = {day: _frames(snapshot, day) for day in days}
    names = (p.key for e in snapshot.events if _is_of(e, options.sources) for p in _pieces(e, frames, snapshot))
    for name in dict.fromkeys(names):
        yield from _renewed(name)


def _content(options: MirrorOptions, pieces: Iterable[Piece]) -> Content:
    accounts = sorted({_account(piece.calendar) for piece in pieces})
    reason = REASON.format(" and ".join(accounts))
    return Content(title=options.title, reason=reason, show_as=ShowAs.BUSY, silent=True)


# -- what is held -----------------------------------------------------------------------------------------------------


def _to_hold(snapshot: Snapshot, options: MirrorOptions, holds: Holds) -> list[Piece]:
    """The parts of events that are still ahead, but for what a hold has settled."""
    frames = {d: _frames(snapshot, d) for w in snapshot.weeks for d in w.days if d >= snapshot.today}
    main = _account(snapshot.main)
    there = {(e.span, e.counts_as) for e in snapshot.events if _account(e.ref.calendar) == main}
    events = [e for e in snapshot.events if _takes(e, options.sources, main) and not _stands(e, there, holds)]
    pieces = (piece for e in events if not _is_copy(e, holds) for piece in _pieces(e, frames, snapshot))
    ahead = (piece for piece in pieces if piece.span.start > snapshot.now)
    return sorted(p for p in ahead if not any(done.covers(p.span) for done in holds.over))


def _takes(event: Event, sources: Iterable[str], main: str) -> bool:
    """Whether an event of one of these accounts is to be held at all.

    Not one that stands in the account of our calendar, too: colleagues see that.  Nor anything that an unbusy made,
    ours or another one: a hold of a hold would never end.
    """
    shown = any(_account(calendar) == main for calendar in (event.ref.calendar, *event.also))
    made = event.mark is not None or bool(named(event.ref.uid))
    return _is_of(event, sources) and event.counts_as in OPAQUE and not event.all_day and not shown and not made


def _is_of(event: Event, sources: Iterable[str]) -> bool:
    return _account(event.ref.calendar) in sources


def _stands(event: Event, there: Collection[tuple[TimeRange, CountsAs]], holds: Holds) -> bool:
    """Whether its very time is taken in our calendar already: by a meeting, or by what was there before a hold of it.

    A hold that stands is not taken back for another one: two mirrors of one calendar would drive each other out.
    """
    if (event.span, CountsAs.MEETING) in there:
        return True
    return not holds.has(event.ref.key) and any((event.span, kind) in there for kind in OPAQUE)


def _is_copy(event: Event, holds: Holds) -> bool:
    """Whether a mirror tool has made it of a hold: at its time, after it, and not what it stands for."""
    return event.counts_as is CountsAs.BUSY and any(
        own.event.span == event.span
        and key[:LENGTH] != event.ref.key[:LENGTH]
        and not (event.created and own.event.created and event.created < own.event.created)
        for key, own in holds.standing.items()
    )


def _frames(snapshot: Snapshot, day: date) -> tuple[TimeRange, ...]:
    """The times of a day in which colleagues could book: working time and a little more, but for absence."""
    wide = (TimeRange(r.start - MARGIN, r.end + MARGIN) for r in snapshot.working(day))
    return minus(merged(wide), snapshot.away)


def _pieces(event: Event, frames: Mapping[date, tuple[TimeRange, ...]], snapshot: Snapshot) -> Iterator[Piece]:
    first, last = (local_day(at, snapshot.zone) for at in (event.span.start, event.span.end))
    days = (d for d in frames if first <= d <= last)
    for day in days:
        for n, span in enumerate(within([event.span], frames[day])):
            later = f"/{day}" * (day != first) + f"/{n}" * bool(n)
            yield Piece(span, f"{event.ref.key}{later}", event.ref.calendar)


def _stretches(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Those that touch or overlap, together: their number is nobody's business."""
    row: list[Piece] = []
    for piece in pieces:
        if row and piece.span.start > max(p.span.end for p in row):
            yield tuple(row)
            row = []
        row.append(piece)
    if row:
        yield tuple(row)


# -- names ------------------------------------------------------------------------------------------------------------

LENGTH = 16
"""Characters of what stands for a UID: that itself can be longer than a mark, and is nobody's business either."""


def _renewed(key: str) -> tuple[str, ...]:
    return (key, *(f"{key}+{n}" for n in range(1, RENEWALS + 1)))


def _account(calendar: CalendarId) -> str:
    return calendar.partition("/")[0]


KIND = PolicyKind(
    options=MirrorOptions, propose=propose, roles={"": Role.HOLD}, keys=keys, accounts=lambda o: ("from", o.sources)
)
