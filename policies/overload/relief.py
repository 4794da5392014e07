"""The way out of an overloaded day or week: the fewest meetings without which it is within its bounds again.

It is exact; `policies.overload.fewest` finds it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from daemon.model.event import Event, EventRef, ParticipationRole
from daemon.model.figures.measure import LONG, DayMinutes, MinuteSet, day_minutes, stretches
from daemon.model.snapshot import Snapshot
from daemon.model.words import hours, moment, title
from policies.overload.bounds import Bounds, reached
from policies.overload.fewest import fewest

MOST = 40
"""So many meetings are looked at, the longest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What to drop, shorten or hand over, the most rewarding first.

    `clears`: whether that is enough; if not, no choice is, and `drop` holds the one meeting that takes most time, if
    any.  `exact`: whether no smaller choice is enough, nor a better one of that size; false only beyond `MOST`
    meetings, and where figures are as if made to defeat it.
    """

    drop: tuple[Event, ...]
    clears: bool
    exact: bool


def relief(snapshot: Snapshot, days: Sequence[date], bounds: Bounds) -> Relief:
    """The smallest set of meetings that have not begun whose dropping brings these days (in a row) within bounds.

    Of several such sets it is the one with the most rewarding meeting (`reward`), then the next, and so on.
    """
    measured = day_minutes(snapshot, days)
    ahead = {e.ref: e for grid in measured for e, _ in grid.meetings if not snapshot.begun(e)}
    longest = sorted(ahead.values(), key=lambda e: (-e.span.minutes, e.ref))[:MOST]
    ranked = sorted(longest, key=lambda e: (reward(snapshot, measured, e), e.span.start, e.ref))
    whole = len(longest) == len(ahead)
    if bounds.broken(reached(without(measured, {e.ref for e in ranked}))):
        best = max(ranked, key=lambda e: sum(g.taken_alone.get(e.ref, 0).bit_count() for g in measured), default=None)
        return Relief(drop=(best,) if best else (), clears=False, exact=whole)
    bits = {e.ref: 1 << n for n, e in enumerate(reversed(ranked))}
    found, exact = fewest(measured, bits, bounds)
    drop = tuple(e for e in ranked if bits[e.ref] & found)
    return Relief(drop=drop, clears=True, exact=whole and exact)


def without(days: Iterable[DayMinutes], gone: Container[EventRef]) -> tuple[DayMinutes, ...]:
    """The days as they would be without some meetings."""
    return tuple(replace(g, meetings=tuple((e, m) for e, m in g.meetings if e.ref not in gone)) for g in days)


def frees(days: Iterable[DayMinutes], event: Event) -> int:
    """Minutes of focus time that one meeting destroys: what stretches fit for it would gain if just that one went.

    A 30-minute meeting in the middle of two hours frees 120.
    """
    return sum(
        _fit_for_focus(g.free | left & g.working & ~g.solo) - _fit_for_focus(g.free)
        for g in days
        if (left := g.taken_alone.get(event.ref, 0))
    )


@lru_cache(maxsize=4096)
def _fit_for_focus(free: MinuteSet) -> int:
    return sum(end - start for start, end in stretches(free) if end - start >= LONG)


def optional(snapshot: Snapshot, event: Event) -> bool:
    """Whether the user is invited as an optional attendee."""
    return any(snapshot.profile.is_me(a.address) and a.role is ParticipationRole.OPTIONAL for a in event.attendees)


def reward(snapshot: Snapshot, days: Iterable[DayMinutes], event: Event) -> tuple[int, bool, int, bool, bool]:
    """Sorts meetings by what their end would give: focus time first, then optional, large, recurring, not mine."""
    people = sum(a.person for a in event.attendees)
    return -frees(days, event), not optional(snapshot, event), -people, not event.series, event.mine


# -- words -------------------------------------------------------------------------------------------------------


def way_out(snapshot: Snapshot, days: Sequence[DayMinutes], found: Relief) -> str:
    """One sentence, and a line for each meeting that it is about."""
    if found.clears:
        count = "one meeting" if len(found.drop) == 1 else f"{len(found.drop)} meetings"
        said = f"Within its limits again without {count}. Drop, shorten or hand over:"
    elif found.drop:
        which = "meetings" if found.exact else f"{MOST} longest meetings"
        said = f"No choice of the {which} that have not begun brings it within its limits. What helps most:"
    else:
        said = "No meeting is left that could bring it within its limits."
    return "\n".join([said, *(f"– {_named(snapshot, days, event)}" for event in found.drop)])


def _named(snapshot: Snapshot, days: Iterable[DayMinutes], event: Event) -> str:
    """'Tue 1 Dec 14:00 ‘Planning’, 1 h, frees 2 h for focus, optional', in local time."""
    freed = frees(days, event)
    return ", ".join(
        [
            f"{moment(event.span.start, snapshot.zone)} {title(event)}",
            hours(event.span.minutes),
            *([f"frees {hours(freed)} for focus"] if freed else []),
            *(["optional"] if optional(snapshot, event) else []),
        ]
    )
