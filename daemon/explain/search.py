"""Why no block of ours is at some moment, and the smallest change that would bring one.

A change is made of things: an event to drop, a setting to change.  The smallest change has the fewest of them, and of
those it is the one that changes least, in minutes.  Changes are tried in that order, by planning with them, until a
block comes; the things in that one are what keeps a block away now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import combinations, islice, product

from msgspec import Struct

from daemon.explain import remedies
from daemon.explain.remedies import Limits, Obstacle, Remedy, RemedyParts
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day
from daemon.model.words import AGAIN, taken_back

TRIES = 1000
"""So many changes are tried in order; beyond, larger ones of which nothing can be left out."""


class Absence(Struct, frozen=True):
    """Why nothing is there.  `remedy` None: no change of settings and events that is known would bring a block."""

    obstacles: tuple[Obstacle, ...]
    remedy: Remedy | None


Comes = Callable[[Remedy], bool]
"""Whether a block comes to the moment after a change."""


def absence(snapshot: Snapshot, limits: Limits, moment: datetime, needed: RemedyParts, comes: Comes) -> Absence:
    """Why no block is at a moment that is free.  `needed`: what must be changed in any case."""
    ways = remedies.ways(snapshot, limits, moment)
    if not ways:
        return Absence((Obstacle("new events begin at least an hour ahead", "name a later moment"),), None)
    day = local_day(moment, snapshot.zone)
    if on := _taken_back(snapshot, limits, day):
        return Absence((Obstacle(f"what stood in this week was {taken_back(on)}", AGAIN),), None)
    mine = [s for s in snapshot.skips if s.policy == limits.policy and not s.spent]
    if any(moment in s.when if s.when else s.day == day for s in mine):
        return Absence((Obstacle("you deleted one here, so no other comes here", "put one here yourself"),), None)
    levers = [lever for lever in remedies.levers(snapshot, limits, moment) if lever]
    found = smallest([(*needed, *way) for way in ways], levers, lambda steps: comes(_remedy(steps)))
    if found is None:
        return Absence((remedies.beside(snapshot, limits, moment),), None)
    return Absence(tuple(step.obstacle for step in found), _remedy(found))


def _taken_back(snapshot: Snapshot, limits: Limits, day: date) -> date | None:
    """When `undo` last took back what this day or its week had; None for never."""
    mine = (s for s in snapshot.skips if s.policy == limits.policy)
    near = (s for s in mine if s.day == day or s.key.startswith(f"{limits.week.key}/"))
    return max((s.taken_back for s in near if s.taken_back), default=None)


def _remedy(steps: RemedyParts) -> Remedy:
    """All of the steps at once."""
    parts = [step.part for step in steps]
    return Remedy(
        drop=frozenset(ref for part in parts for ref in part.drop),
        work=next((part.work for part in parts if part.work), None),
        present=next((part.present for part in parts if part.present), None),
        settings=tuple(setting for part in parts for setting in part.settings),
    )


# -- the search -------------------------------------------------------------------------------------------------------


def smallest(
    ways: Sequence[RemedyParts], levers: Sequence[RemedyParts], works: Callable[[RemedyParts], bool]
) -> RemedyParts | None:
    """A way, and a step of some levers, that work: the fewest in all, then the fewest minutes."""
    for steps in islice(_in_order(ways, levers), TRIES):
        if works(steps):
            return steps
    some = [levers, *combinations(levers, len(levers) - 1)]
    widest = ((*way, *(lever[-1] for lever in chosen)) for way in sorted(ways, key=len) for chosen in some)
    return next((_pared(steps, levers, works) for steps in widest if works(steps)), None)


def _in_order(ways: Sequence[RemedyParts], levers: Sequence[RemedyParts]) -> Iterator[RemedyParts]:
    for size in range(max(map(len, ways)) + len(levers) + 1):
        found = (
            (*way, *steps)
            for way in ways
            if len(way) <= size
            for chosen in combinations(levers, size - len(way))
            for steps in product(*chosen)
        )
        yield from sorted(found, key=_amount)


def _amount(steps: RemedyParts) -> int:
    return sum(step.minutes for step in steps)


def _pared(steps: RemedyParts, levers: Sequence[RemedyParts], works: Callable[[RemedyParts], bool]) -> RemedyParts:
    """The same change, made less until nothing can be left out of it and no setting can change by less."""
    while less := next(filter(works, _less(steps, levers)), None):
        steps = less
    return steps


def _less(steps: RemedyParts, levers: Sequence[RemedyParts]) -> Iterator[RemedyParts]:
    for n, step in enumerate(steps):
        yield (*steps[:n], *steps[n + 1 :])
        smaller = next((lever[: lever.index(step)] for lever in levers if step in lever), ())
        yield from ((*steps[:n], other, *steps[n + 1 :]) for other in smaller)
