"""What a new ledger can tell of blocks that the user deleted before there was one.  Pure.

The mark of every block names the highest ordinal that its week had when it was written.  An ordinal up to that of which
nothing is known was deleted, by the user or by unbusy itself; where the week would get a block in its place, it counts
as turned down, else as withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import tzinfo

from msgspec import Struct

from daemon.model.owner import Wish
from daemon.model.plan import Change, Create
from daemon.model.proposal import Blocks, Want
from daemon.model.snapshot import OwnEvent, Skip


class Missing(Struct, frozen=True):
    """Wishes of which only the marks of others tell: those that count as turned down, and the rest."""

    skips: tuple[Skip, ...] = ()
    withdrawn: tuple[Wish, ...] = ()


def missing(
    ours: Iterable[OwnEvent], known: Collection[Wish], wants: Iterable[Want], changes: Iterable[Change], zone: tzinfo
) -> Missing:
    """`known`: every wish of which anything is known.  `wants`, `changes`: what would be done without this.

    A skip has the ideal length, at most that of the block in its place, and the day of that.
    """
    ideal = {w.wish: w.when.ideal for w in wants if isinstance(w.when, Blocks)}
    made: dict[Wish, list[Create]] = defaultdict(list)
    for change in changes:
        if isinstance(change, Create) and change.wish.want in ideal:
            made[change.wish.want].append(change)
    skips: list[Skip] = []
    withdrawn: list[Wish] = []
    for want, highest in _highest(ours).items():
        gone = [Wish(want.policy, f"{want.key}/{n}") for n in range(1, highest + 1)]
        gone = [wish for wish in gone if wish not in known]
        for wish, new in zip(gone, made[want], strict=False):
            skips.append(Skip(*wish, new.when.first_day(zone), min(ideal[want], new.when.minutes)))
        withdrawn += gone[len(made[want]) :]
    return Missing(tuple(skips), tuple(withdrawn))


def _highest(ours: Iterable[OwnEvent]) -> dict[Wish, int]:
    """The highest ordinal of each week's blocks that a mark names."""
    highest: dict[Wish, int] = {}
    for own in ours:
        if own.mark.highest:
            highest[own.wish.want] = max(own.mark.highest, highest.get(own.wish.want, 0))
    return highest
