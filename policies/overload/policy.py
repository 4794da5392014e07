"""Busy mode: says ahead of time which weeks and days are out of the ordinary, what made them so, and the way out.

A flag that always stands is wallpaper: so there is one where a spell of busy weeks begins or rises, and on the few days
that are beyond all that has been lately.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from msgspec.structs import replace

from daemon.model.figures.long_runs import only_break
from daemon.model.figures.measure import DayMinutes, day_minutes
from daemon.model.proposal import Content, Fixed, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import READ
from daemon.model.times import DAY, DateRange, Week
from policies.overload.bounds import reached
from policies.overload.causes import said
from policies.overload.look_back import drawn, look_back, rule_before
from policies.overload.options import POLICY, OverloadOptions
from policies.overload.spans import Span, day_span, hard_limits, week_key, well_over
from policies.overload.spells import Weeks
from policies.overload.way_out import advice
from policies.questions.prompts import Evidence

__all__ = ["POLICY", "OverloadOptions", "keys", "moments", "propose"]

LATELY = 20
"""A day has a flag only above each of so many working days before it."""
AHEAD = 2 * DAY
"""A day has its flag so long before at most: what is further ahead still changes."""
WEEKS = 2
"""A week has it in the week before at most."""


def propose(snapshot: Snapshot, options: OverloadOptions) -> tuple[Want, ...]:
    """The flags of the days and weeks to come, those that stand, and the look back once the busy weeks are over."""
    weeks = Weeks(snapshot, options)
    standing = {own.mark.key: own for own in snapshot.own(POLICY)}
    flags = tuple(_week_flags(weeks, standing))
    turned_down = {skip.key for skip in snapshot.skips if skip.policy == POLICY}
    busy = {want.key for want in flags} | turned_down
    return (*_day_flags(weeks, standing, busy), *flags, *look_back(snapshot, options, weeks))


def keys(snapshot: Snapshot, options: OverloadOptions) -> Iterator[str]:
    """`day/2026-12-03`, `week/2026-W49`, and `after/2026-W49` for the look back."""
    del options
    for week in snapshot.all_weeks:
        yield from (f"day/{day}" for day in week.days)
        yield from (f"{name}/{week.key}" for name in ("week", "after"))


def moments(snapshot: Snapshot, options: OverloadOptions) -> Iterator[datetime]:
    """When the work of today begins: from then on no flag comes for it, and none that stands goes."""
    del options
    yield snapshot.begins(snapshot.today)


def _goes(snapshot: Snapshot, span: Span, own: OwnEvent) -> bool:
    """Whether a flag that stands is taken back: once, in the morning of its first day, if all is calm again.

    Never on the day on which it was made: a flag that comes and goes says nothing.
    """
    day = own.asked.first_day(snapshot.zone)
    made = own.event.created
    morning = snapshot.morning(day) <= snapshot.now < snapshot.begins(day)
    return morning and span.calm and not (made and made.astimezone(snapshot.zone).date() >= snapshot.today)


# -- weeks -------------------------------------------------------------------------------------------------------


def _week_flags(weeks: Weeks, standing: dict[str, OwnEvent]) -> Iterator[Want]:
    snapshot = weeks.snapshot
    for n, week in enumerate(snapshot.weeks):
        own = standing.get(week_key(week))
        span = weeks.span(week)
        when = own.asked if own else _ahead(snapshot, week) if n < WEEKS and _there(span, snapshot) else None
        if when and (not _goes(snapshot, span, own) if own else _comes(weeks, week)):
            yield Want(policy=POLICY, key=span.key, content=_of_week(weeks, week), when=Fixed(when))


def _comes(weeks: Weeks, week: Week) -> bool:
    """Whether a week gets a flag: once it has begun only if it is well over; so none comes that has just gone."""
    snapshot, span = weeks.snapshot, weeks.span(week)
    first = next((day for day in week.days if snapshot.present(day)), week.first)
    return weeks.speaks(week) and (snapshot.now < snapshot.begins(first) or well_over(weeks.options, span))


def _there(span: Span, snapshot: Snapshot) -> bool:
    """Whether the user is there at all; without working hours nobody knows."""
    return bool(span.working) or not any(snapshot.working(grid.day) for grid in span.days)


def _ahead(snapshot: Snapshot, week: Week) -> DateRange | None:
    """From the first working day whose work has not begun to the last one; None where that is past."""
    days = [d for d in week.days if snapshot.present(d)] or [d for d in week.days if snapshot.working(d)] or week.days
    left = [day for day in days if snapshot.now < snapshot.begins(day)]
    return DateRange(left[0], days[-1] + DAY) if left else None


def _of_week(weeks: Weeks, week: Week) -> Content:
    """The first week of a spell asks how to go into it, and recalls the rule that the last one has led to."""
    snapshot, options, span = weeks.snapshot, weeks.options, weeks.span(week)
    parts = (said(weeks, span), rule_before(weeks, week), advice(snapshot, options, span))
    asked = () if weeks.before(week) or not options.questions else drawn(Evidence.OVERLOAD_BEGINS, week)
    return Content(
        title=options.week_title,
        reason="\n\n".join(filter(None, parts)),
        questions=tuple(q.text for q in asked),
        question_ids=tuple(q.id for q in asked),
        last=READ,
    )


# -- days --------------------------------------------------------------------------------------------------------


def _day_flags(weeks: Weeks, standing: dict[str, OwnEvent], busy: Collection[str]) -> Iterator[Want]:
    snapshot = weeks.snapshot
    for week in snapshot.weeks:
        for grid in day_minutes(snapshot, week.days):
            own = standing.get(f"day/{grid.day}")
            span = _span(weeks.options, grid, hard=week_key(week) in busy, stands=bool(own))
            soon = grid.day <= snapshot.today + AHEAD
            comes = soon and snapshot.now < snapshot.begins(grid.day) and _there(span, snapshot)
            if grid.day >= snapshot.today and (
                not _goes(snapshot, day_span(weeks.options, grid), own) if own else comes and _beyond(weeks, span, grid)
            ):
                when = own.asked if own else DateRange(grid.day, grid.day + DAY)
                yield Want(policy=POLICY, key=span.key, content=_of_day(weeks, span), when=Fixed(when))


def _span(options: OverloadOptions, grid: DayMinutes, *, hard: bool, stands: bool) -> Span:
    """A day by the limits that count: in a week that has a flag the hard ones, unless its own came before."""
    span = day_span(options, grid)
    harder = replace(span, limits=hard_limits(options))
    return harder if hard and (harder.over or not stands) else span


def _beyond(weeks: Weeks, span: Span, grid: DayMinutes) -> bool:
    """Whether it breaks a limit by more than each of the user's last days came to."""
    before = [reached((g,)) for g in _lately(weeks.snapshot, grid.day)]
    figures = span.figures
    return any(all(getattr(figures, name) > getattr(day, name) for day in before) for name in span.over)


def _lately(snapshot: Snapshot, day: date) -> tuple[DayMinutes, ...]:
    days = [d for week in snapshot.all_weeks for d in week.days if d < day and snapshot.present(d)]
    return day_minutes(snapshot, days[-LATELY:]) if days else ()


def _of_day(weeks: Weeks, span: Span) -> Content:
    options = weeks.options
    title = options.run_title if span.over == ("longest_run",) else options.day_title
    parts = (said(weeks, span), only_break(weeks.snapshot, span.days[0].day), advice(weeks.snapshot, options, span))
    return Content(title=title, reason="\n\n".join(filter(None, parts)), last=READ)
