"""Why there is no block of ours at some moment, and the smallest change that would bring one.

What lies in the way at that very place (working hours, meetings, too little room) is read off.  What weighs over the
week (the goal, the caps, better times) is found by placing again with more and more of it lifted: what is said here
was tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.proposal import Blocks, Want
from daemon.model.snapshot import TAKING, Snapshot
from daemon.model.times import TimeRange, merged, minus
from daemon.planning.grid import SLOT, Span, ceil_to, hits, shared, to_range, to_span
from daemon.planning.placement import NOTICE, Placement, freeze_end, place
from daemon.planning.wording import clock, hours, title

GOAL_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A change that the user could make; each part may be empty.

    `drop`: events that would have to go.  `work`: a span that would have to be working time.  `shortest`: of blocks,
    in minutes.  `goal`: minutes more.  `per_day`: minutes in all.  `fill`: the new share.  `prefer`: a time to prefer.
    """

    drop: frozenset[EventRef] = frozenset()
    work: TimeRange | None = None
    shortest: int | None = None
    goal: int = 0
    per_day: int | None = None
    fill: float | None = None
    prefer: TimeRange | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way, and what would take it out of the way."""

    because: str
    change: str


@dataclass(frozen=True, slots=True)
class Absence:
    """Why nothing is there.  `remedy` None: nothing that the user could change would bring a block there."""

    obstacles: tuple[Obstacle, ...]
    remedy: Remedy | None


def absence(
    snapshot: Snapshot, wants: Sequence[Want], want: Want, spec: Blocks, *, fill: float, moment: datetime
) -> Absence:
    """Why no block of `want`, whose time is `spec`, covers the moment."""
    if moment < snapshot.now + NOTICE:
        return Absence((Obstacle("new events begin at least an hour ahead", "name a later moment"),), None)
    here, local, remedy = _place(snapshot, spec, moment)
    for wider, more in _escalations(snapshot, spec, here, remedy, fill):
        changed, fuller = _applied(snapshot, remedy=wider), _wanted(want, spec, wider)
        again = [fuller if w is want else w for w in wants]
        if _covers(place(changed, again, fill=wider.fill or fill), want, moment):
            return Absence((*local, *more), wider)
    stuck = Obstacle("no change of goal, caps and preferences alone brings a block here", "move one here yourself")
    return Absence((*local, stuck), None)


def _covers(placement: Placement, want: Want, moment: datetime) -> bool:
    return any(
        p.want.policy == want.policy and isinstance(p.when, TimeRange) and moment in p.when for p in placement.placed
    )


# -- at that place ----------------------------------------------------------------------------------------------------


def _place(snapshot: Snapshot, spec: Blocks, moment: datetime) -> tuple[Span, list[Obstacle], Remedy]:
    """A block that would cover the moment, what is in its way there, and what would take that out of the way."""
    minute = to_span(TimeRange(moment, moment))[0]
    length = ceil_to(spec.shortest, SLOT)
    gap = _gap(snapshot, spec, minute)
    if gap[1] - gap[0] >= length:
        start = max(gap[0], min(minute // SLOT * SLOT, gap[1] - length))
        return (start, start + length), [], Remedy()
    if gap[1] - gap[0] >= SLOT:
        free = hours(gap[1] - gap[0])
        because = f"only {free} are free between other things, and a block takes {hours(spec.shortest)}"
        return gap, [Obstacle(because, f"allow shorter blocks (`block.min`: {free})")], Remedy(shortest=gap[1] - gap[0])
    starts = range(ceil_to(minute - length + 1, SLOT), minute + 1, SLOT)
    here = min(((s, s + length) for s in starts), key=lambda b: (_cost(snapshot, spec, b), b))
    return here, *_in_its_way(snapshot, spec, here)


def _gap(snapshot: Snapshot, spec: Blocks, minute: int) -> Span:
    """The free working time around a minute, on the grid; empty where it is not free."""
    free = [to_span(r) for r in minus(spec.windows, [e.span for e in _fixed(snapshot)])]
    wide = [(a + (spec.buffer if a else 0), b - spec.buffer) for a, b in free]
    grid = [(ceil_to(a, SLOT), b // SLOT * SLOT) for a, b in wide]
    return next(((a, b) for a, b in grid if a <= minute < b), (minute, minute))


def _fixed(snapshot: Snapshot) -> list[Event]:
    """Foreign events that take time, and ours that are not moved."""
    frozen = freeze_end(snapshot).end
    ours = (o for o in snapshot.ours if not o.event.all_day and (o.pinned or o.event.span.start < frozen))
    return [*(e for e in snapshot.events if e.counts_as in TAKING), *(o.event for o in ours)]


def _cost(snapshot: Snapshot, spec: Blocks, block: Span) -> int:
    """Minutes in the way, working hours and events alike."""
    outside = block[1] - block[0] - shared(block, [to_span(w) for w in spec.windows])
    return outside + sum(shared(block, [to_span(e.span)]) for e in _fixed(snapshot))


def _in_its_way(snapshot: Snapshot, spec: Blocks, block: Span) -> tuple[list[Obstacle], Remedy]:
    zone, when = snapshot.zone, to_range(block)
    near = (block[0] - spec.buffer, block[1] + spec.buffer)
    way = [e for e in _fixed(snapshot) if hits(near, [to_span(e.span)])]
    absent = [a for a in snapshot.away if a.overlaps(when)]
    outside = minus([when], [*spec.windows, *absent])
    found = [Obstacle(f"you are away on {clock(a, zone)}", "take the absence out") for a in absent]
    found += [Obstacle(f"{clock(r, zone)} is outside your working hours", "widen `working_hours`") for r in outside]
    timed = [e for e in way if e.counts_as is not CountsAs.AWAY]
    found += [Obstacle(f"{title(e)} is on {clock(e.when, zone)}", "drop or move it") for e in timed]
    return found, Remedy(drop=frozenset(e.ref for e in way), work=when if outside or absent else None)


# -- over the week ----------------------------------------------------------------------------------------------------


def _escalations(
    snapshot: Snapshot, spec: Blocks, here: Span, base: Remedy, fill: float
) -> Iterator[tuple[Remedy, list[Obstacle]]]:
    """Wider and wider changes: nothing, one thing, two things, …, each with a larger and larger goal."""
    length = base.shortest or ceil_to(spec.shortest, SLOT)
    goals = [length * n for n in range(1, GOAL_STEPS + 1)]
    day, prefer = 24 * 60, to_range(here)
    yield base, []
    yield replace(base, prefer=prefer), [_prefer(snapshot, here)]
    for goal in goals:
        yield replace(base, goal=goal), [_goal(spec, goal)]
    for goal in goals:
        yield replace(base, goal=goal, prefer=prefer), [_goal(spec, goal), _prefer(snapshot, here)]
    for per_day in range(spec.per_day + 15, spec.per_day + 8 * 60, 15):
        yield replace(base, per_day=per_day), [_cap(spec, per_day)]
        yield replace(base, per_day=per_day, goal=length), [_goal(spec, length), _cap(spec, per_day)]
    for share in (s / 20 for s in range(int(fill * 20) + 1, 21)):
        yield replace(base, fill=share), [_fill(share)]
        yield replace(base, fill=share, goal=length), [_goal(spec, length), _fill(share)]
    for goal in goals:
        wide = replace(base, goal=goal, per_day=day, fill=1.0, prefer=prefer)
        yield wide, [_goal(spec, goal), _cap(spec, day), _fill(1.0), _prefer(snapshot, here)]


def _goal(spec: Blocks, more: int) -> Obstacle:
    because = f"what week {spec.week.key} owes you is placed at better times"
    return Obstacle(because, f"raise `weekly_goal` by {hours(more)}")


def _prefer(snapshot: Snapshot, here: Span) -> Obstacle:
    return Obstacle("other times of the week are worth more", f"prefer {clock(to_range(here), snapshot.zone)}")


def _cap(spec: Blocks, to: int) -> Obstacle:
    return Obstacle(f"no more than {hours(spec.per_day)} of it a day", f"raise `per_day` to {hours(to)}")


def _fill(to: float) -> Obstacle:
    return Obstacle("unbusy leaves part of each week's free time alone", f"raise `fill` to {to:g}")


def _applied(snapshot: Snapshot, remedy: Remedy) -> Snapshot:
    """The same calendar after the change."""
    events = tuple(e for e in snapshot.events if e.ref not in remedy.drop)
    ours = tuple(o for o in snapshot.ours if o.event.ref not in remedy.drop)
    away = minus(snapshot.away, [remedy.work] if remedy.work else [])
    return replace(snapshot, events=events, ours=ours, away=away)


def _wanted(want: Want, spec: Blocks, remedy: Remedy) -> Want:
    """The same want after the change."""
    shortest = remedy.shortest or spec.shortest
    return replace(
        want,
        when=replace(
            spec,
            total=spec.total + remedy.goal,
            shortest=shortest,
            per_day=remedy.per_day or spec.per_day,
            windows=_more(spec.windows, remedy.work),
            prefer=_more(spec.prefer, remedy.prefer),
        ),
    )


def _more(spans: Iterable[TimeRange], span: TimeRange | None) -> tuple[TimeRange, ...]:
    return merged([*spans, span]) if span else tuple(spans)
