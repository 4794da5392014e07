"""What a policy still owes of a goal: the goal, less what is settled.

Whoever wants so much of something in a week or a day asks here, so that no policy subtracts by itself what the user has
pinned, what has begun, and what they turned down.  Nothing here depends on events that placement may still move: asking
again once they stand gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import TimeRange, minus, minutes_of, within


class Settled(Struct, frozen=True, kw_only=True):
    """Minutes that are not owed (again).

    `kept`: of events in the span that no longer move, begun or pinned, without what is booked over them.  `skipped`:
    of those that the user turned down, or that `undo` took back, whole or in part.  `moved_out`: of those that the user
    moved out of the span.
    """

    kept: int
    skipped: int
    moved_out: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.kept + self.skipped + self.moved_out


def owed(snapshot: Snapshot, goal: int, span: TimeRange, *, policy: str, keys: str, of: str = "") -> int:
    """Minutes that movable events of a policy should come to in a span, 0 to `goal`; see `settled`."""
    return max(0, goal - settled(snapshot, span, policy=policy, keys=keys, of=of).total)


def settled(snapshot: Snapshot, span: TimeRange, *, policy: str, keys: str, of: str = "") -> Settled:
    """What is settled of a policy's events in a span, such as those of a week.

    `keys`: how the keys of the events begin that are asked for in it ('walk/2026-W49/', the key of the want and a
    slash): these are given back when the user skips one or moves it out.  `of`: how the keys of all events begin that
    count towards the goal, whenever they were asked for ('walk/'): one that the user moved in counts where it lies.
    """
    mine = snapshot.own(policy)
    asked = [own for own in mine if own.mark.key.startswith(keys)]
    out = (minus(snapshot.time_of(own.event), [span]) for own in asked if own.pinned)
    return Settled(
        kept=minutes_of(within(_kept(snapshot, (own for own in mine if own.mark.key.startswith(of))), [span])),
        skipped=sum(s.minutes for s in snapshot.skips if s.policy == policy and s.key.startswith(keys))
        + sum(max(0, own.asked.minutes - own.event.when.minutes) for own in asked if own.put_back),
        moved_out=sum(map(minutes_of, out)),
    )


def _kept(snapshot: Snapshot, events: Iterable[OwnEvent]) -> tuple[TimeRange, ...]:
    """The time of events that no longer move; what is booked over is not kept, unless the user says so.

    Nor does anything take its place where `undo` has put it back there.
    """
    firm = [own for own in events if snapshot.firm(own) and not own.extra]
    done = [r for own in firm if own.done or own.put_back for r in snapshot.time_of(own.event)]
    return (*done, *minus((r for own in firm for r in snapshot.time_of(own.event)), snapshot.busy))
