"""A day or a week to be judged: what it comes to, and the limits that it is held against."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from msgspec import Struct

from daemon.model.figures.measure import DayMinutes, day_minutes, long_blocks
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.words import day
from policies.overload.bounds import Bounds, Reached, reached
from policies.overload.options import OverloadOptions

QUIET_AT = 0.8
"""The part of each limit in hours under which a week is calm enough to look back at busy ones."""

WELL_AT = 1.1
"""The part of each limit in hours from which a week that has begun is worth a flag still."""


class Span(Struct, frozen=True, kw_only=True):
    """Days with their limits, and with the lower ones under which they are calm again.

    `share`: the limit of that name, from which the one for `in_hours` comes.
    """

    key: str
    name: str
    days: tuple[DayMinutes, ...]
    share: float
    limits: Bounds
    leave: Bounds

    @property
    def figures(self) -> Reached:
        """What its days come to."""
        return reached(self.days)

    @property
    def working(self) -> int:
        """Minutes of working time in which the user is there."""
        return sum(grid.working.bit_count() for grid in self.days)

    @property
    def over(self) -> tuple[str, ...]:
        """The limits that it breaks."""
        return self.limits.broken(self.figures)

    @property
    def calm(self) -> bool:
        """Whether it is under the lower ones, all of them."""
        return not self.leave.broken(self.figures)


def day_span(options: OverloadOptions, grid: DayMinutes) -> Span:
    """A day by its own limits."""

    def bounds(part: float) -> Bounds:
        return Bounds(
            meeting=_minutes(options.day_meetings * part),
            in_hours=_minutes(options.day_share * grid.working.bit_count() * part),
            longest_run=_minutes(options.day_run * part),
        )

    return Span(
        key=f"day/{grid.day}", name=day(grid.day), days=(grid,), share=options.day_share, limits=bounds(1),
        leave=bounds(options.leave_at),
    )  # fmt: skip


def hard_limits(options: OverloadOptions) -> Bounds:
    """Those of a day in a week that has a flag."""
    return Bounds(meeting=_minutes(options.day_hard), longest_run=_minutes(options.day_run_hard))


def week_span(snapshot: Snapshot, options: OverloadOptions, week: Week) -> Span:
    """A week.  Of long blocks no more are asked for than there would be without any meeting; a count has no 90 %."""
    days = day_minutes(snapshot, week.days)
    return Span(
        key=week_key(week), name=f"Week {int(week.key[-2:])}", days=days, share=options.week_share,
        limits=_week_bounds(options, days, 1), leave=_week_bounds(options, days, options.leave_at),
    )  # fmt: skip


def quiet(options: OverloadOptions, span: Span) -> bool:
    """Whether a week is under 80 % of each limit in hours."""
    broken = _week_bounds(options, span.days, QUIET_AT).broken(span.figures)
    return not set(broken) - {"long_blocks"}


def well_over(options: OverloadOptions, span: Span) -> bool:
    """Whether a week is over a limit in hours by a tenth, or has no long stretch left of those that it needs."""
    broken = _week_bounds(options, span.days, WELL_AT).broken(span.figures)
    return bool(set(broken) - {"long_blocks"}) or ("long_blocks" in broken and not span.figures.long_blocks)


def _week_bounds(options: OverloadOptions, days: Iterable[DayMinutes], part: float) -> Bounds:
    days = tuple(days)
    possible = sum(long_blocks(grid.working & ~grid.solo) for grid in days)
    working = sum(grid.working.bit_count() for grid in days)
    return Bounds(
        meeting=_minutes(options.week_meetings * part),
        in_hours=_minutes(options.week_share * working * part),
        after_hours=_minutes(options.week_after_hours * part),
        long_blocks=min(options.week_long_blocks, possible),
    )


def week_key(week: Week) -> str:
    """'week/2026-W49'."""
    return f"week/{week.key}"


def _minutes(limit: float) -> int | None:
    """The first whole minute that reaches a limit; None for no limit."""
    return ceil(limit - 1e-9) if limit else None
