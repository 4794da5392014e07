"""What a week still owes in focus time, and the room that is left for it.

Nothing here depends on blocks that placement may still move: asking again once they stand gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time

from daemon.model.figures import owing
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import TimeRange, Week, at, local_day, minus, minutes_of, within
from daemon.model.user.command import Command, Verb
from policies.focus.options import SLOT, FocusOptions

POLICY = "focus"
NOTHING: Mapping[str, int] = {}


def owed(snapshot: Snapshot, goal: int, week: Week, served: Mapping[str, int] = NOTHING) -> int:
    """Minutes that movable blocks should come to in a week, 0 to `goal`.

    That is the goal, as much less as the user is not there, less what is settled (`owing`), what they made by hand
    (`_hand_made`), and what they asked for by name, as far as no block serves that (`served`, by the command's key).
    Nothing is carried over from one week to the next.
    """
    share = goal_of(snapshot, goal, week)
    mine = named(snapshot, week)
    by_name = sum(max(0, c.minutes - _settled(snapshot, c).kept - served.get(c.key, 0)) for c in mine)
    rest = share - _hand_made(snapshot, week) - by_name
    return owing.owed(snapshot, rest, week.span(snapshot.zone), policy=POLICY, keys=f"{week.key}/")


def goal_of(snapshot: Snapshot, goal: int, week: Week) -> int:
    """The goal of a week, as much less as the user is not there, in whole quarters of an hour."""
    working = tuple(r for day in week.days for r in snapshot.working(day))
    if not working:
        return 0
    there, all_of_it = minutes_of(minus(working, _absent(snapshot, week))), minutes_of(working)
    return goal if there == all_of_it else goal * there // all_of_it // SLOT * SLOT


def held(snapshot: Snapshot, week: Week) -> int:
    """Minutes of focus time in a week that stay whatever is placed: begun or pinned, or made by hand."""
    kept = owing.settled(snapshot, week.span(snapshot.zone), policy=POLICY, keys=f"{week.key}/").kept
    return kept + _hand_made(snapshot, week)


def windows(snapshot: Snapshot, week: Week) -> tuple[TimeRange, ...]:
    """The working time of a week, from now on, in which the user is there."""
    past = TimeRange(min(snapshot.now, week.span(snapshot.zone).start), snapshot.now)
    return tuple(r for day in week.days for r in minus(snapshot.present(day), [past]))


def room(snapshot: Snapshot, spans: Iterable[TimeRange], *, shortest: int, buffer: int) -> int:
    """Minutes in which focus is possible: gaps of at least `shortest` minutes between foreign busy time.

    Our own events take none of it away.
    """
    return sum(gap.minutes for gap in minus(spans, snapshot.busy_with(buffer)) if gap.minutes >= shortest)


def rests(snapshot: Snapshot, options: FocusOptions, week: Week) -> bool:
    """Whether nothing is wanted in a week as long as it has room enough."""
    if options.mode != "scarce" or asked(snapshot, week):
        return False
    free = room(snapshot, windows(snapshot, week), shortest=options.shortest, buffer=options.buffer)
    return free >= options.scarce_below


def asked(snapshot: Snapshot, week: Week) -> tuple[OwnEvent, ...]:
    """The blocks of ours that were asked for in a week, wherever they lie by now."""
    return tuple(own for own in snapshot.own(POLICY) if own.mark.key.startswith(f"{week.key}/"))


def named(snapshot: Snapshot, week: Week) -> tuple[Command, ...]:
    """The focus time that the user asked for by name, with a week in which its last day lies."""
    return tuple(c for c in snapshot.commands if c.verb is Verb.FOCUS and c.by in week.days)


def missing(snapshot: Snapshot, command: Command, served: int = 0) -> int:
    """Minutes of it that movable blocks of its own should come to.

    What was kept, is pinned or was skipped is not asked again, nor what other blocks serve.
    """
    return max(0, command.minutes - _settled(snapshot, command).total - served)


def _settled(snapshot: Snapshot, command: Command) -> owing.Settled:
    """What is settled of it, wherever it lies."""
    keys = f"{command.key}/"
    return owing.settled(snapshot, snapshot.window, policy=POLICY, keys=keys, of=keys)


def _absent(snapshot: Snapshot, week: Week) -> tuple[TimeRange, ...]:
    """Away, and the days of the week before the one on which unbusy made its first event."""
    born = min([snapshot.now, *(own.event.created or own.event.span.start for own in snapshot.ours)])
    arrival = at(local_day(born, snapshot.zone), time(), snapshot.zone)
    start = week.span(snapshot.zone).start
    return (*snapshot.away, TimeRange(min(start, arrival), arrival))


def _hand_made(snapshot: Snapshot, week: Week) -> int:
    """Minutes of the user's own focus blocks in the week, without what meetings or absence take of them."""
    made = [r for e in snapshot.hand_made for r in snapshot.time_of(e)]
    if not made:
        return 0
    lost = (*(e.span for e in snapshot.meetings), *_absent(snapshot, week))
    return minutes_of(within(minus(made, lost), [week.span(snapshot.zone)]))
