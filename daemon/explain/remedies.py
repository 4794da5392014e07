"""What can be in the way of a block at some moment, and the changes that would take each of these things away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from msgspec import Struct

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.options import ClockRange, ClockRanges, Minutes
from daemon.model.proposal import BlockLimits, Option, Switch
from daemon.model.snapshot import ABSENCE, TAKING, Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, Week, local_day, minus, minutes_of
from daemon.model.words import clock, hours, share, title
from daemon.planning.placement.giving_way import is_settled
from daemon.planning.placement.levels import NOTICE, freeze_end
from daemon.planning.placement.lunch import noon, slots
from daemon.planning.placement.minutes import SLOT, Span, ceil_to, hits, to_range, to_span, union
from daemon.planning.placement.score import SPACING


class Limits(Struct, frozen=True, kw_only=True):
    """What the config says that can keep a block away.

    `policy`: whose blocks these are.  `own`: what its options say.  `away`: the days away of the config.  `most`,
    `most_a_week`: events of ours on a day and in a week.
    """

    policy: str
    week: Week
    own: BlockLimits
    fill: float
    away: tuple[TimeRange, ...]
    most: int
    most_a_week: int

    @property
    def preferred(self) -> tuple[Span, ...]:
        """The better times, in minutes of the day."""
        return tuple(minutes_of_day(span) for span in self.own.preferred)


def minutes_of_day(span: ClockRange) -> Span:
    """From the first minute to the one after the last, by the clock."""
    start = span.start.hour * 60 + span.start.minute
    return start, start + span.minutes


TOP = ("fill", "max_per_day", "max_per_week", "lunch")
"""Settings that stand above all sections."""


class Remedy(Struct, frozen=True, kw_only=True):
    """A change that the user could make.

    `drop`: events that would have to go.  `work`: time that would have to be working time, on that day of each week.
    `present`: a day to take out of `[[away]]`.  `settings`: options of the policy ('weekly_goal', 'block.min'), and
    those of the top of the config that are `TOP`, each with the value that it would have.
    """

    drop: frozenset[EventRef] = frozenset()
    work: TimeRange | None = None
    present: date | None = None
    settings: tuple[tuple[str, object], ...] = ()


class Obstacle(Struct, frozen=True):
    """One thing in the way, and what would take it out of the way."""

    because: str
    change: str


class RemedyPart(Struct, frozen=True):
    """One thing to change (one part of a remedy), and how much of a change that is, in minutes."""

    part: Remedy
    minutes: int
    obstacle: Obstacle


RemedyParts = tuple[RemedyPart, ...]

# -- room for a block -------------------------------------------------------------------------------------------------


def ways(snapshot: Snapshot, limits: Limits, moment: datetime) -> list[RemedyParts]:
    """What would make room for a block that covers the moment, in all ways; () alone where there is room."""
    minute = to_span(TimeRange(moment, moment))[0]
    soonest = to_span(TimeRange(snapshot.now, snapshot.now + NOTICE))[1]
    day = local_day(moment, snapshot.zone)
    whole = to_span(DateRange(day, day + DAY).span(snapshot.zone))
    blocks = [
        (start, start + length)
        for length in range(SLOT, ceil_to(limits.own.shortest.minutes, SLOT) + 1, SLOT)
        for start in range(ceil_to(max(minute - length + 1, soonest, whole[0]), SLOT), minute + 1, SLOT)
        if start + length <= whole[1]
    ]
    found = list(dict.fromkeys(way for block in blocks for way in _room(snapshot, limits, block, day)))
    return [way for way in found if not any(set(other) < set(way) for other in found)]


def _room(snapshot: Snapshot, limits: Limits, block: Span, day: date) -> Iterator[RemedyParts]:
    """What is in the way of this very block; with a buffer, two ways to get rid of what is too near."""
    when, length = to_range(block), block[1] - block[0]
    steps = [_shorter(limits, length)] if length < limits.own.shortest.minutes else []
    if any(r.overlaps(when) for r in limits.away):
        steps.append(_present(snapshot, day))
    if outside := minus([when], snapshot.working(day)):
        steps.append(_work(snapshot, TimeRange(outside[0].start, outside[-1].end)))
    hole = noon(snapshot, day, [to_span(r) for r in snapshot.busy])
    if hole and hits(hole, [block]):
        steps.append(_no_lunch(limits, snapshot, f"{clock(to_range(hole), snapshot.zone)} is kept free for lunch"))
    gaps = [(_distance(limits, block, e), e) for e in _fixed(snapshot)]
    over = [_drop(snapshot, e) for gap, e in gaps if gap < 0]
    near = [(gap, e) for gap, e in gaps if 0 <= gap < limits.own.buffer.minutes and e.counts_as is not CountsAs.OURS]
    yield (*steps, *over, *(_drop(snapshot, e) for _, e in near))
    if near:
        gap, event = min(near, key=lambda row: row[0])
        yield (*steps, *over, _nearer(limits, gap, title(event, snapshot.zone)))


def _fixed(snapshot: Snapshot) -> Iterator[Event]:
    """What takes time and is not moved: foreign events, and ours that are pinned, settled or stand in the freeze."""
    yield from (e for e in snapshot.events if e.counts_as in TAKING)
    until = freeze_end(snapshot).end
    yield from (
        o.event
        for o in snapshot.ours
        if not o.event.all_day and (o.pinned or o.event.span.start < until or is_settled(o))
    )


def _distance(limits: Limits, block: Span, event: Event) -> int:
    """Minutes between a block and an event; under 0 where they collide, blocks of one policy nearer than `SPACING`."""
    start, end = to_span(event.span)
    gap = max(start - block[1], block[0] - end)
    sibling = event.mark is not None and event.counts_as is CountsAs.OURS and event.mark.policy == limits.policy
    return -1 if sibling and gap < SPACING else gap


def beside(snapshot: Snapshot, limits: Limits, moment: datetime) -> Obstacle:
    """What is said where no change helps: most often a block stands right beside that moment and is best there."""
    near = SPACING * MINUTE
    blocks = (o.event for o in snapshot.own(limits.policy) if not o.event.all_day)
    for event in blocks:
        if event.span.start - near <= moment < event.span.end + near:
            because = f"{title(event)} stands right beside it, on {clock(event.when, snapshot.zone)}"
            return Obstacle(because, "move or stretch that one yourself")
    return Obstacle("none of the settings that unbusy knows brings a block here", "move one here yourself")


def _drop(snapshot: Snapshot, event: Event) -> RemedyPart:
    name, when = title(event), clock(event.when, snapshot.zone)
    away = {CountsAs.AWAY: "you are away, ", CountsAs.HOLIDAY: "it is a day off, "}.get(event.counts_as, "")
    because = f"{away}{name} is on {when}"
    change = "delete or move it" if event.counts_as is CountsAs.OURS else "drop or move it"
    return RemedyPart(Remedy(drop=frozenset({event.ref})), event.span.minutes, Obstacle(because, change))


def _nearer(limits: Limits, gap: int, name: str) -> RemedyPart:
    buffer = limits.own.buffer
    because = f"{name} is nearer than {hours(buffer.minutes)} (`{buffer.name}`)"
    return _option(buffer, gap, because, "lower")


def _shorter(limits: Limits, length: int) -> RemedyPart:
    shortest = limits.own.shortest
    because = f"a block takes {hours(shortest.minutes)}, and no more than {hours(length)} would be free here"
    return _option(shortest, length, because, "lower")


def _present(snapshot: Snapshot, day: date) -> RemedyPart:
    because = f"you are away on {clock(DateRange(day, day + DAY), snapshot.zone)}"
    obstacle = Obstacle(because, "take that day out of `[[away]]`")
    return RemedyPart(Remedy(present=day), minutes_of(snapshot.working(day)), obstacle)


def _work(snapshot: Snapshot, when: TimeRange) -> RemedyPart:
    obstacle = Obstacle(f"{clock(when, snapshot.zone)} is outside your working hours", "widen `working_hours` to it")
    return RemedyPart(Remedy(work=when), when.minutes, obstacle)


# -- what weighs over the week ----------------------------------------------------------------------------------------


def levers(snapshot: Snapshot, limits: Limits, moment: datetime) -> Iterator[RemedyParts]:
    """Settings that bring more blocks or move them, each with steps from small to large."""
    day = local_day(moment, snapshot.zone)
    yield tuple(_goal(limits, goal) for goal in limits.own.goals())
    caps = range(limits.own.per_day.minutes + SLOT, _free(snapshot, [day]) + SLOT, SLOT)
    yield tuple(_per_day(limits, cap) for cap in caps)
    if limits.own.prefer:
        yield tuple(sorted(_prefers(snapshot, limits, moment), key=lambda step: step.minutes))
    free = _free(snapshot, limits.week.days)
    yield tuple(_fill(limits, n / 20, free) for n in range(int(limits.fill * 20) + 1, 21))
    days = [local_day(o.event.span.start, snapshot.zone) for o in snapshot.ours if snapshot.role(o).counts]
    yield tuple(_most(limits, most) for most in range(limits.most + 1, days.count(day) + 4))
    standing = sum(d in limits.week.days for d in days)
    yield tuple(_most_a_week(limits, most) for most in range(limits.most_a_week + 1, standing + 8))
    yield tuple(_switch(switch) for switch in limits.own.may_help)
    if snapshot.profile.lunch and slots(snapshot, day, map(to_span, snapshot.busy)):
        because = f"a block here would take the last {hours(snapshot.profile.lunch.minutes)} for lunch"
        yield (_no_lunch(limits, snapshot, because),)


def _free(snapshot: Snapshot, days: Iterable[date]) -> int:
    """Minutes of working time that are free of foreign events, absence included."""
    events = [e.span for e in snapshot.events if e.counts_as in TAKING - ABSENCE]
    return minutes_of(minus((r for d in days for r in snapshot.working(d)), events))


def _switch(switch: Switch) -> RemedyPart:
    obstacle = Obstacle(switch.because, switch.change)
    return RemedyPart(Remedy(settings=((switch.option, switch.value),)), SLOT, obstacle)


def _goal(limits: Limits, goal: int) -> RemedyPart:
    short = limits.own.owed < limits.own.shortest.minutes
    because = "nothing more is owed in" if short else "what is owed is placed at better times of"
    return _option(limits.own.goal, goal, f"{because} week {limits.week.key}", "raise")


def _per_day(limits: Limits, cap: int) -> RemedyPart:
    because = f"{limits.own.role} time on one day is limited to {hours(limits.own.per_day.minutes)}"
    return _option(limits.own.per_day, cap, because, "raise")


def _prefers(snapshot: Snapshot, limits: Limits, moment: datetime) -> Iterator[RemedyPart]:
    """The hours from the moment on as better times, beside those that there are or in their place."""
    local = moment.astimezone(snapshot.zone)
    start = (local.hour * 60 + local.minute) // SLOT * SLOT
    for length in sorted({limits.own.shortest.minutes, limits.own.ideal}):
        here = (start, min(start + length, 24 * 60))
        for spans in (union([*limits.preferred, here]), [here]):
            changed = 2 * _sum(union([*limits.preferred, here])) - _sum(union(limits.preferred)) - _sum(spans)
            times = ClockRanges.parse(",".join(f"{_clock(a)}-{_clock(b)}" for a, b in spans))
            yield _setting(limits.own.prefer, times, changed, "other times of the week are worth more", "set")


def _fill(limits: Limits, part: float, free: int) -> RemedyPart:
    because = f"unbusy takes no more than {share(limits.fill)} of a week's free time"
    return _setting("fill", part, round((part - limits.fill) * free), because, "raise")


def _most(limits: Limits, most: int) -> RemedyPart:
    because = f"events of unbusy on one day are limited to {limits.most}"
    return _setting("max_per_day", most, (most - limits.most) * limits.own.shortest.minutes, because, "raise")


def _most_a_week(limits: Limits, most: int) -> RemedyPart:
    because = f"events of unbusy in one week are limited to {limits.most_a_week}"
    changed = (most - limits.most_a_week) * limits.own.shortest.minutes
    return _setting("max_per_week", most, changed, because, "raise")


def _no_lunch(limits: Limits, snapshot: Snapshot, because: str) -> RemedyPart:
    """As much of a change as all lunches of the week."""
    window = snapshot.profile.lunch.between if snapshot.profile.lunch else ()
    minutes = len(limits.week.days) * (ClockRange(*window).minutes if window else 0)
    return RemedyPart(Remedy(settings=(("lunch", False),)), minutes, Obstacle(because, "set `lunch = false`"))


def _option(option: Option, minutes: int, because: str, verb: str) -> RemedyPart:
    return _setting(option.name, Minutes(minutes), abs(minutes - option.minutes), because, verb)


def _setting(key: str, value: object, minutes: int, because: str, verb: str) -> RemedyPart:
    return RemedyPart(Remedy(settings=((key, value),)), minutes, Obstacle(because, f"{verb} `{key}` to {value}"))


def _sum(spans: Iterable[Span]) -> int:
    return sum(b - a for a, b in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
