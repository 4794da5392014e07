"""The way out of a busy day or week: the fewest changes with which it is within its bounds again.

It is exact; `policies.overload.fewest` finds it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import Event, EventRef, ParticipationRole
from daemon.model.figures.measure import LONG, DayMinutes, MinuteSet, day_minutes, stretches
from daemon.model.snapshot import Snapshot
from policies.overload.bounds import Bounds, reached
from policies.overload.fewest import fewest

MOST = 40
"""So many meetings are looked at, the longest first."""


class Relief(Struct, frozen=True, kw_only=True):
    """The meetings to drop or to shorten, the most rewarding first.

    `clears`: whether that is enough; if not, no choice is, and `drop` holds the one meeting that takes most time, if
    any.  `exact`: whether no smaller choice is enough, nor a better one of that size; false only beyond `MOST`
    meetings, and where figures are as if made to defeat it.
    """

    drop: tuple[Event, ...]
    clears: bool
    exact: bool


def relief(
    snapshot: Snapshot, days: Sequence[date], bounds: Bounds, keeps: Mapping[EventRef, int] | None = None
) -> Relief:
    """The smallest set of meetings that have not begun whose change brings these days (in a row) within bounds.

    Of several such sets it is the one with the most rewarding meeting (`reward`), then the next, and so on.  `keeps`:
    the meetings that may change, and how many of their first minutes stay; None: all, and nothing stays.
    """
    plain = day_minutes(snapshot, days)
    measured = parted(plain, keeps) if keeps else plain
    ahead = {e.ref: e for grid in plain for e, _ in grid.meetings if not snapshot.begun(e)}
    if keeps is not None:
        ahead = {ref: e for ref, e in ahead.items() if ref in keeps}
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


def parted(days: Iterable[DayMinutes], keeps: Mapping[EventRef, int]) -> tuple[DayMinutes, ...]:
    """The days with some meetings in two: their first minutes, which stay, and the rest, which keeps the name."""
    out, left = [], dict(keeps)
    for grid in days:
        meetings: list[tuple[Event, MinuteSet]] = []
        for event, minutes in grid.meetings:
            first = _first(minutes, left.get(event.ref, 0))
            if first:
                left[event.ref] -= first.bit_count()
                meetings.append((replace(event, ref=_stays(event.ref)), first))
            meetings.append((event, minutes & ~first))
        out.append(replace(grid, meetings=tuple(meetings)))
    return tuple(out)


def _first(minutes: MinuteSet, count: int) -> MinuteSet:
    first = 0
    for start, end in stretches(minutes) if count > 0 else ():
        first |= (1 << min(end, start + count)) - (1 << start)
        count -= min(end - start, count)
        if not count:
            break
    return first


def _stays(ref: EventRef) -> EventRef:
    """A name for the part of a meeting that stays; no event has it."""
    return replace(ref, recurrence_id=f"{ref.recurrence_id} stays")


def without(days: Iterable[DayMinutes], gone: Container[EventRef]) -> tuple[DayMinutes, ...]:
    """The days as they would be without some meetings."""
    return tuple(replace(g, meetings=tuple((e, m) for e, m in g.meetings if e.ref not in gone)) for g in days)


def given_back(days: Iterable[DayMinutes], gone: Container[EventRef]) -> int:
    """Minutes of focus time that some meetings destroy together."""
    days = tuple(days)
    return sum(map(_focus, without(days, gone))) - sum(map(_focus, days))


def _focus(grid: DayMinutes) -> int:
    return _fit_for_focus(grid.free)


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
