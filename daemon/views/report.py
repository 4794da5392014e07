"""The weeks behind in figures: how full of meetings they were, and what became of focus time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain

from msgspec import Struct

from daemon.model.figures.erosion import Erosion, Loss, Share, erosion, shares
from daemon.model.figures.measure import measure_week
from daemon.model.figures.metrics import WeekFigures
from daemon.model.plan import Problem
from daemon.model.times import TimeRange, Week, local_day, week_of
from daemon.planning.snapshots import window
from daemon.stages.observe import observe
from daemon.stages.runtime import Runtime


class ReportedWeek(Struct, frozen=True):
    """One week.  Meetings count as they are booked, also ahead; focus time counts once it has come."""

    figures: WeekFigures
    focus: Erosion


class Report(Struct, frozen=True):
    """Oldest week first; the last one is that of `now`.  `me`: the user's own addresses."""

    now: datetime
    rows: tuple[ReportedWeek, ...]
    me: frozenset[str]
    problems: tuple[Problem, ...] = ()

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


def report(runtime: Runtime, now: datetime, weeks: int) -> Report:
    """The week of `now` and those before it, `weeks` in all.  Writes to no calendar."""
    who, config = runtime.profile, runtime.config
    usual = window(now, who, timedelta(days=config.lookback), timedelta(days=config.horizon))
    this = week_of(local_day(now, who.zone), who.week_starts)
    asked = tuple(Week(this.first - timedelta(weeks=n)) for n in reversed(range(weeks)))
    observation = observe(runtime, now, span=TimeRange(min(usual.start, asked[0].span(who.zone).start), usual.end))
    rows = tuple(
        ReportedWeek(measure_week(observation.snapshot, week), erosion(observation.snapshot, week)) for week in asked
    )
    return Report(now, rows, who.me, observation.problems)
