"""What colleagues ask for in a year: drawn once for a seed, the same whatever the calendar shows.

Only where a meeting comes to lie depends on the calendar: see `simulate.colleagues`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random

from msgspec import Struct

from simulate.people import DAY, DAYS, Colleagues, Leader, Parameters, Standing, chance, minute, vacation

FAR_HOURS = (15 * 60, 20 * 60)
"""When somebody seven hours behind is at work."""
GRID = 30
A_MONDAY = date(2025, 1, 6)
AHEAD = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 25))
"""Working days ahead, in the order of the shares in the parameters."""


class Request(Struct, frozen=True, kw_only=True):
    """A meeting that somebody wants, on the `ahead`-th working day from `made` on.

    `double`, `yielding`: numbers from 0 to 1; under the shares of the parameters it takes a slot with another meeting,
    and that of a block where nothing is left but the evening.  `patience`: working days until then.  `weeks`: how often
    it is held, week by week.  `fate`: 'cancelled', 'moved' (to a day `again` working days later) or '', at `at` (from 0
    to 1) of the time from its making to its start.
    """

    uid: str
    title: str
    made: datetime
    ahead: int
    minutes: int
    others: int
    double: float
    patience: int
    yielding: float = 1.0
    mine: bool = False
    optional: bool = False
    far: bool = False
    weeks: int = 1
    incident: bool = False
    fate: str = ""
    at: float = 0.5
    again: int = 1


class Series(Struct, frozen=True, kw_only=True):
    """A weekly meeting that stands all year; without others it is a hold of the leader's own."""

    uid: str
    title: str
    weekday: int
    start: int
    minutes: int
    others: int
    every: int
    mine: bool


class Demand(Struct, frozen=True, kw_only=True):
    """All of it: `sick` days are known in their morning, `errands` are private appointments."""

    requests: tuple[Request, ...]
    series: tuple[Series, ...]
    sick: frozenset[date]
    errands: tuple[tuple[date, int, int], ...]


def demand(params: Parameters, leader: Leader, seed: int, weeks: int) -> Demand:
    """So many weeks of one leader's year, and the warm-up before them: the first ones of the whole year."""
    first = params.year.first - params.year.warm_up * 7 * DAY
    year = [first + n * 7 * DAY for n in range(params.year.warm_up + params.year.weeks)]
    mondays = year[: params.year.warm_up + weeks]
    rng = Random(f"{seed}/{leader.name}")
    drawn = [*_single(params.colleagues, leader, mondays, rng), *_projects(params.colleagues, leader, year, seed)]
    drawn += _incidents(leader, mondays, seed)
    return Demand(
        requests=tuple(
            sorted((r for r in drawn if r.made.date() < mondays[-1] + 7 * DAY), key=lambda r: (r.made, r.uid))
        ),
        series=tuple(_series(params.colleagues, leader, seed)),
        sick=_sick(leader, params.year.first, weeks, seed),
        errands=tuple(_errands(leader, mondays, seed)),
    )


# -- single meetings --------------------------------------------------------------------------------------------------


def _single(colleagues: Colleagues, leader: Leader, mondays: list[date], rng: Random) -> Iterator[Request]:
    for monday in mondays:
        week = monday.isocalendar().week
        season = next((s.factor for s in colleagues.seasons if week in s.weeks), 1.0)
        expected = leader.requests * season * exp(rng.gauss(0, colleagues.week_spread))
        for n in range(_poisson(rng, expected)):
            yield _request(colleagues, leader, f"ask-{monday:%Y%m%d}-{n:02}", monday, rng)


def _poisson(rng: Random, expected: float) -> int:
    """Knuth's way: how many draws it takes until their product falls under e^-expected."""
    limit, product, count = exp(-expected), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _request(colleagues: Colleagues, leader: Leader, uid: str, monday: date, rng: Random) -> Request:
    kind = rng.choices(colleagues.kinds, [k.share for k in colleagues.kinds])[0]
    shares = [colleagues.same_day, colleagues.next_day, colleagues.days_2_to_4, colleagues.days_5_to_9]
    ahead = rng.randint(*rng.choices(AHEAD, [*shares, colleagues.days_10_to_25])[0])
    mine = rng.random() < colleagues.mine
    fate = rng.random()
    return Request(
        uid=uid,
        title=f"{kind.title} {rng.randint(1, 40)}",
        made=_moment(monday + rng.randrange(5) * DAY, rng.randrange(8 * 60, 17 * 60)),
        ahead=ahead,
        minutes=rng.choice(kind.minutes),
        others=rng.randint(*kind.others),
        double=rng.random(),
        patience=_patience(colleagues, ahead, rng.random()),
        yielding=rng.random(),
        mine=mine,
        optional=not mine and rng.random() < colleagues.optional,
        far=rng.random() < leader.far,
        fate=_fate(fate, colleagues.cancelled, colleagues.moved),
        at=0.1 + 0.8 * rng.random(),
        again=rng.randint(1, 4),
    )


def _patience(theirs: Colleagues, ahead: int, drawn: float) -> int:
    if ahead < 2:
        return theirs.patience_soon if drawn < theirs.pressing_soon else theirs.patience
    return theirs.patience_later if drawn < theirs.pressing_later else theirs.patience


def _fate(drawn: float, cancelled: float, moved: float) -> str:
    return "cancelled" if drawn < cancelled else "moved" if drawn < cancelled + moved else ""


def _moment(day: date, at: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=at)


def _projects(colleagues: Colleagues, leader: Leader, mondays: list[date], seed: int) -> Iterator[Request]:
    """Series that begin in the year: the first meeting finds a slot as any other does, the rest follow weekly."""
    rng = Random(f"{seed}/{leader.name}/projects")
    for n in range(leader.projects):
        yield Request(
            uid=f"project-{n}",
            title=f"Project {n + 1}",
            made=_moment(rng.choice(mondays[1:]) + rng.randrange(5) * DAY, 600),
            ahead=rng.randint(5, 9),
            minutes=60,
            others=rng.randint(3, 7),
            double=rng.random(),
            patience=colleagues.patience,
            weeks=rng.randint(6, 10),
        )


def _incidents(leader: Leader, mondays: list[date], seed: int) -> Iterator[Request]:
    """Calls that begin at once, whatever stands there."""
    rng = Random(f"{seed}/{leader.name}/incidents")
    for n, monday in enumerate(mondays):
        on_call = leader.on_call and n % leader.on_call == 0
        for i in range(_poisson(rng, leader.incidents * (1 if on_call else 0.2)) if leader.incidents else 0):
            day, at = monday + rng.randrange(5) * DAY, rng.randrange(*leader.span)
            yield Request(
                uid=f"incident-{monday:%Y%m%d}-{i}", title=f"Incident {rng.randint(1, 99)}", made=_moment(day, at),
                ahead=0, minutes=rng.choice((30, 60, 90)), others=rng.randint(2, 5), double=0,
                patience=0, incident=True,
            )  # fmt: skip


# -- what stands all year ---------------------------------------------------------------------------------------------


def _series(colleagues: Colleagues, leader: Leader, seed: int) -> Iterator[Series]:
    """Each on a day and at an hour that is wanted and not yet taken by another one."""
    rng = Random(f"{seed}/{leader.name}/series")
    taken: set[tuple[int, int]] = set()
    for number, kind in enumerate(sorted(leader.standing, key=lambda s: (not s.daily, not s.start, not s.fixed))):
        for n, (weekday, start) in enumerate(_places(kind, colleagues, leader, taken, rng)):
            taken |= _quarters(weekday, start, kind.minutes)
            others = rng.randint(*kind.others)
            yield Series(
                uid=f"series-{number}-{n}", title=f"{kind.title} {n + 1}" if kind.times > 1 else kind.title,
                weekday=weekday, start=start, minutes=kind.minutes, others=others, every=kind.every,
                mine=others == 1 or (others > 0 and rng.random() < 0.3),
            )  # fmt: skip


def _places(
    kind: Standing, colleagues: Colleagues, leader: Leader, taken: set[tuple[int, int]], rng: Random
) -> Iterator[tuple[int, int]]:  # fmt: skip
    """Weekday and start of each; where the time is given or the same each day, only the days are drawn."""
    days = [n for n in range(5) if leader.works(A_MONDAY + n * DAY)]
    fixed = [DAYS.index(kind.fixed)] if kind.fixed else days
    if kind.daily:
        start = rng.choice((leader.span[0], leader.span[0] + 30, leader.span[0] + 60))
        yield from ((day, start) for day in days)
    elif kind.start:
        yield from ((day, minute(kind.start)) for day in sorted(rng.sample(fixed, kind.times)))
    else:
        for _ in range(kind.times):
            open_ = [p for p in _starts(fixed, leader, kind.minutes) if taken.isdisjoint(_quarters(*p, kind.minutes))]
            place = rng.choices(open_, [colleagues.wanted(start) for _, start in open_])[0]
            taken |= _quarters(*place, kind.minutes)
            yield place


def _starts(days: list[int], leader: Leader, minutes: int) -> Iterator[tuple[int, int]]:
    first, last = leader.span
    return ((day, start) for day in days for start in range(first, last - minutes + 1, GRID))


def _quarters(weekday: int, start: int, minutes: int) -> set[tuple[int, int]]:
    return {(weekday, m) for m in range(start, start + minutes, 15)}


def _sick(leader: Leader, first: date, weeks: int, seed: int) -> frozenset[date]:
    """Single days, as many as in a whole year on average."""
    days = [first + n * DAY for n in range(7 * weeks)]
    there = [d for d in days if leader.works(d) and d not in vacation(leader)]
    return frozenset(d for d in there if chance(seed, leader.name, "sick", d) < leader.sick / 220)


def _errands(leader: Leader, mondays: list[date], seed: int) -> Iterator[tuple[date, int, int]]:
    """Private appointments of an hour in working time, at most one a week."""
    rng = Random(f"{seed}/{leader.name}/errands")
    for monday in mondays:
        day, start = monday + rng.randrange(len(DAYS) - 2) * DAY, rng.randrange(9 * 60, 16 * 60, GRID)
        if rng.random() < leader.errands:
            yield day, start, start + 60
