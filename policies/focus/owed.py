"""What a week still owes in focus time, and the room that is left for it.

Nothing here depends on blocks that placement may still move: asking again once they stand gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from daemon.model.event import CountsAs, Event
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import MINUTE, TimeRange, Week, at, local_day, minus, minutes_of, within
from daemon.model.user.command import Command, Verb

POLICY = "focus"


def owed(snapshot: Snapshot, goal: int, week: Week) -> int:
    """Minutes that movable blocks should come to in a week, 0 to `goal`.

    That is the goal, as much less as the user is not there, less what stands without them (`_settled`, `_hand_made`),
    what the user asked for by name, and what they took away (`_taken_away`).  Nothing is carried over from one week to
    the next.
    """
    working = tuple(r for day in week.days for r in snapshot.working(day))
    if not working:
        return 0
    present = minus(working, _absent(snapshot, week))
    share = goal * minutes_of(present) // minutes_of(working)
    spent = _settled(snapshot, week) + _hand_made(snapshot, week) + _taken_away(snapshot, week)
    by_name = sum(max(0, c.minutes - _kept(snapshot, c)) for c in named(snapshot, week))
    return max(0, share - spent - by_name)


def windows(snapshot: Snapshot, week: Week) -> tuple[TimeRange, ...]:
    """The working time of a week, from now on, in which the user is there."""
    past = TimeRange(min(snapshot.now, week.span(snapshot.zone).start), snapshot.now)
    return tuple(r for day in week.days for r in minus(snapshot.present(day), [past]))


def room(snapshot: Snapshot, spans: Iterable[TimeRange], *, shortest: int, buffer: int) -> int:
    """Minutes in which focus is possible: gaps of at least `shortest` minutes between foreign busy time.

    Our own events take none of it away.
    """
    pad = buffer * MINUTE
    taken = (TimeRange(busy.start - pad, busy.end + pad) for busy in snapshot.busy)
    return sum(gap.minutes for gap in minus(spans, taken) if gap.minutes >= shortest)


def asked(snapshot: Snapshot, week: Week) -> tuple[OwnEvent, ...]:
    """The blocks of ours that were asked for in a week, wherever they lie by now."""
    return tuple(own for own in snapshot.own(POLICY) if own.mark.key.startswith(f"{week.key}/"))


def named(snapshot: Snapshot, week: Week) -> tuple[Command, ...]:
    """The focus time that the user asked for by name, with a week in which its last day lies."""
    return tuple(c for c in snapshot.commands if c.verb is Verb.FOCUS and c.by in week.days)


def missing(snapshot: Snapshot, command: Command) -> int:
    """Minutes of it that movable blocks should come to: what was kept, is pinned or was skipped is not asked again."""
    prefix = f"{command.key}/"
    skipped = sum(s.minutes for s in snapshot.skips if s.policy == POLICY and s.key.startswith(prefix))
    return max(0, command.minutes - _kept(snapshot, command) - skipped)


def _kept(snapshot: Snapshot, command: Command) -> int:
    prefix = f"{command.key}/"
    return minutes_of(_firm(snapshot, (own for own in snapshot.own(POLICY) if own.mark.key.startswith(prefix))))


def _firm(snapshot: Snapshot, blocks: Iterable[OwnEvent]) -> tuple[TimeRange, ...]:
    """The time of blocks that no longer move: begun or pinned.

    What is booked over is not kept, unless the user says so.
    """
    firm = [own for own in blocks if snapshot.firm(own)]
    done = [r for own in firm if own.done for r in _time(snapshot, own.event)]
    return (*done, *minus((r for own in firm if not own.done for r in _time(snapshot, own.event)), snapshot.busy))


def _absent(snapshot: Snapshot, week: Week) -> tuple[TimeRange, ...]:
    """Away, and the days of the week before the one on which unbusy made its first event."""
    born = min([snapshot.now, *(own.event.created or own.event.span.start for own in snapshot.ours)])
    arrival = at(local_day(born, snapshot.zone), time(), snapshot.zone)
    start = week.span(snapshot.zone).start
    return (*snapshot.away, TimeRange(min(start, arrival), arrival))


def _settled(snapshot: Snapshot, week: Week) -> int:
    """Minutes of blocks of ours that lie in the week and no longer move."""
    return minutes_of(within(_firm(snapshot, snapshot.own(POLICY)), [week.span(snapshot.zone)]))


def _hand_made(snapshot: Snapshot, week: Week) -> int:
    """Minutes of the user's own focus blocks in the week, without what meetings or absence take of them."""
    made = (r for e in snapshot.events if e.counts_as is CountsAs.FOCUS for r in _time(snapshot, e))
    lost = (*(e.span for e in snapshot.meetings), *_absent(snapshot, week))
    return minutes_of(within(minus(made, lost), [week.span(snapshot.zone)]))


def _taken_away(snapshot: Snapshot, week: Week) -> int:
    """Minutes of the week's blocks that the user skipped, or moved to other weeks: not owed again."""
    skipped = sum(s.minutes for s in snapshot.skips if s.policy == POLICY and s.key.startswith(f"{week.key}/"))
    out = (minus(_time(snapshot, own.event), [week.span(snapshot.zone)]) for own in asked(snapshot, week) if own.pinned)
    return skipped + sum(map(minutes_of, out))


def _time(snapshot: Snapshot, event: Event) -> tuple[TimeRange, ...]:
    """The time that a focus block stands for; an all-day one means the working time of its days."""
    return tuple(r for day in event.days() for r in snapshot.working(day)) if event.all_day else (event.span,)
