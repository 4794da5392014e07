"""The weeks behind in figures, and the one ahead: how full of meetings they were, and what became of focus time.

These are the facts.  `text` puts them on a terminal, `page` on a page, `daemon.cli.looking` makes JSON of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from daemon.config import registry
from daemon.model.figures.erosion import Erosion, Loss, Share, erosion, shares
from daemon.model.figures.heat import HeatDay, heat_map
from daemon.model.figures.measure import measure_week
from daemon.model.figures.metrics import WeekFigures
from daemon.model.figures.series import SeriesCost, series_costs
from daemon.model.figures.strips import strips
from daemon.model.figures.told import Told, together
from daemon.model.plan import Problem
from daemon.model.snapshot import Snapshot
from daemon.model.times import TimeRange, Week, local_day, week_of
from daemon.planning.snapshots import window
from daemon.stages.observe import observe
from daemon.stages.runtime import Runtime

TRENDS = (4, 12)
"""So many whole weeks a trend goes back."""
COSTS = timedelta(weeks=4)
"""So far back series are counted, up to the end of this week."""


class ReportedWeek(Struct, frozen=True):
    """One week.  Meetings count as they are booked, also ahead; focus time counts once it has come."""

    figures: WeekFigures
    focus: Erosion


class Kept(NamedTuple):
    """Minutes of focus kept in a week, and what was wanted: 0 where nothing was, as before unbusy came."""

    week: Week
    kept: int
    goal: int


class Trend(NamedTuple):
    """Focus kept in some of the last whole weeks: those of at most `back` in which anything was wanted."""

    back: int
    weeks: tuple[Kept, ...]

    @property
    def kept(self) -> int:
        """Minutes in all of them."""
        return sum(w.kept for w in self.weeks)

    @property
    def goal(self) -> int:
        """Likewise, what was wanted."""
        return sum(w.goal for w in self.weeks)


class Report(Struct, frozen=True):
    """Oldest week first; the last one is that of `now`.  `me`: the user's own addresses.

    `heat`: this week, by its days; `strips`: the same as lines of text.  `past`: the weeks before it, as far as the
    longest trend goes.  `ahead`: the next week.  `costs`: series, those first that took longest.  `told`: what policies
    add.
    """

    now: datetime
    rows: tuple[ReportedWeek, ...]
    me: frozenset[str]
    problems: tuple[Problem, ...] = ()
    heat: tuple[HeatDay, ...] = ()
    strips: tuple[str, ...] = ()
    past: tuple[Kept, ...] = ()
    ahead: WeekFigures | None = None
    costs: tuple[SeriesCost, ...] = ()
    told: Told = Told()

    @property
    def week(self) -> Week:
        """That of `now`."""
        return self.rows[-1].figures.week

    @property
    def goal(self) -> int:
        """Minutes of focus that are wanted this week."""
        return self.told.goals.get(self.week, 0)

    @property
    def trends(self) -> tuple[Trend, ...]:
        """Those behind which there is any week, the shorter first; one that says no more than a shorter is none."""
        found = (Trend(n, tuple(w for w in self.past[-n:] if w.goal)) for n in TRENDS)
        return tuple({trend.weeks: trend for trend in reversed([*found]) if trend.weeks}.values())[::-1]

    @property
    def total(self) -> tuple[int, int, int, int]:
        """Minutes of focus booked, taken, repaid and kept in all of these weeks."""
        focus = [row.focus for row in self.rows]
        return (
            sum(f.booked for f in focus), sum(f.taken for f in focus), sum(f.repaid for f in focus),
            sum(f.kept for f in focus),
        )  # fmt: skip

    def shares(self, by: Callable[[Loss], str]) -> tuple[Share, ...]:
        """Who took how much in all of these weeks, most first."""
        return shares(chain.from_iterable(row.focus.losses for row in self.rows), by)


def report(runtime: Runtime, now: datetime, weeks: int, *, patient: bool = False) -> Report:
    """The week of `now` and those before it, `weeks` in all.  Writes to no calendar.  `patient`: see `observe`."""
    who, config = runtime.profile, runtime.config
    usual = window(now, who, timedelta(days=config.lookback), timedelta(days=config.horizon))
    this = week_of(local_day(now, who.zone), who.week_starts)
    first = Week(this.first - timedelta(weeks=max(weeks - 1, *TRENDS))).span(who.zone).start
    span = TimeRange(min(usual.start, first), max(usual.end, this.next().span(who.zone).end))
    observation = observe(runtime, now, span=span, patient=patient)
    return reported(observation.snapshot, weeks, observation.problems)


def reported(snapshot: Snapshot, weeks: int, problems: Sequence[Problem] = ()) -> Report:
    """The report of a snapshot that reaches over these weeks and the longest trend, and over the next week."""
    this = snapshot.this_week
    past, asked = _before(this, max(TRENDS)), (*_before(this, weeks - 1), this)
    every = tuple(dict.fromkeys(sorted([*past, *asked, this.next()])))
    told = _told(snapshot, every)
    accounts = {week: erosion(snapshot, week) for week in every}
    return Report(
        now=snapshot.now,
        rows=tuple(ReportedWeek(measure_week(snapshot, week), accounts[week]) for week in asked),
        me=snapshot.profile.me,
        problems=tuple(problems),
        heat=heat_map(snapshot, this),
        strips=strips(snapshot, this),
        past=tuple(Kept(week, accounts[week].kept, told.goals.get(week, 0)) for week in past),
        ahead=measure_week(snapshot, this.next()),
        costs=series_costs(snapshot, this.next().first - COSTS, this.next().first),
        told=told,
    )


def _before(week: Week, count: int) -> tuple[Week, ...]:
    return tuple(Week(week.first - timedelta(weeks=n)) for n in range(count, 0, -1))


def _told(snapshot: Snapshot, weeks: Sequence[Week]) -> Told:
    kinds = ((registry.policy(name), options) for name, options in snapshot.policies.items())
    return together(kind.tell(snapshot, options, weeks) for kind, options in kinds if kind.tell)
