"""Flags: whether what they said came true, whether they were taken back, and how many days stood under one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from statistics import median

from msgspec import Struct

from simulate.engine import Limits
from simulate.figures.days import Span, inside, long_stretches, longest_run, minutes
from simulate.history import History, Life
from simulate.people import DAY

RISE = 1.25
"""A week or day with so many times the median before it is a rise."""
WEEKS, DAYS = 4, 20
"""Of so many weeks, or days, at which the leader was there."""


class Flagged(Struct, frozen=True, kw_only=True):
    """`true`, `false`: periods whose flag stood when they ended; `withdrawn`: it was taken back before.

    `flapped`: it came again after that.  `days`, `weeks`: that stood under a flag; `level_days`, `level_weeks`: those
    of them without a rise over the leader's own median.
    """

    true: int
    false: int
    withdrawn: int
    flapped: int
    days: int
    weeks: int
    level_days: int
    level_weeks: int


class Day(Struct, frozen=True, kw_only=True):
    """A day on which the leader works: working hours, meetings, and everything that takes time."""

    day: date
    within: Span
    meetings: tuple[Span, ...]
    busy: tuple[Span, ...]


def working_days(history: History) -> tuple[Day, ...]:
    """Those of the year on which the leader was there."""
    return tuple(
        Day(
            day=day,
            within=history.leader.span,
            meetings=tuple((b.start, b.end) for b in history.busy.get(day, ()) if b.others),
            busy=tuple((b.start, b.end) for b in history.busy.get(day, ())),
        )
        for day in history.days
        if history.present(day)
    )


def over(days: Sequence[Day], limits: Limits, *, week: bool) -> bool:
    """Whether days come near enough to one of the limits that a flag on them is true."""
    if not days:
        return False
    met = sum(minutes(d.meetings) for d in days)
    hours = sum(minutes(inside(d.meetings, d.within)) for d in days)
    share = hours / sum(d.within[1] - d.within[0] for d in days)

    def reaches(figure: float, limit: float) -> bool:
        return bool(limit) and figure >= limit * limits.near

    if not week:
        run = max(longest_run(d.meetings) for d in days)
        return (
            reaches(met, limits.day_meetings) or reaches(share, limits.day_share) or reaches(run, limits.day_run)
        )  # fmt: skip
    few = sum(long_stretches(d.within, d.busy) for d in days) < limits.week_long
    late = reaches(met - hours, limits.week_after_hours)
    return reaches(met, limits.week_meetings) or reaches(share, limits.week_share) or late or few


def flagged(history: History, limits: Limits) -> Flagged:
    """The account of a year; periods that had not ended with it are left out."""
    days = working_days(history)
    by_week = weeks_of(days)
    periods: dict[tuple[str, date], list[Life]] = defaultdict(list)
    for life in history.lives.values():
        if life.last.all_day and (kind := life.last.key.partition("/")[0]) in ("day", "week"):
            first = life.last.day if kind == "day" else _monday(life.last.day)
            periods[kind, first].append(life)
    counts = dict.fromkeys(("true", "false", "withdrawn", "flapped"), 0)
    for (kind, first), lives in periods.items():
        row = [d for d in days if d.day == first] if kind == "day" else by_week.get(first, [])
        if first + (7 if kind == "week" else 1) * DAY > history.days[-1] + DAY or not row:
            continue
        lives.sort(key=lambda life: life.seen[0][0])
        counts["flapped"] += len(lives) > 1
        if (gone := lives[-1].gone) and gone[1] == "us" and gone[0].date() <= row[-1].day:
            counts["withdrawn"] += 1
        else:
            counts["true" if over(row, limits, week=kind == "week") else "false"] += 1
    return Flagged(**counts, **_standing(days, by_week, [life for row in periods.values() for life in row]))


def _standing(days: Sequence[Day], by_week: Mapping[date, Sequence[Day]], lives: Iterable[Life]) -> dict[str, int]:
    """How many days and weeks stood under a flag, with and without a rise."""
    lives = list(lives)
    risen_weeks = risen({w: sum(minutes(d.meetings) for d in row) for w, row in by_week.items()}, WEEKS)
    risen_days = risen({d.day: minutes(d.meetings) for d in days}, DAYS)
    under: dict[date, set[str]] = {}
    for d in days:
        stands = [life.at(datetime.combine(d.day, time(18))) for life in lives]
        under[d.day] = {o.key.partition("/")[0] for o in stands if o and o.day <= d.day <= o.last}
    flagged_days = [d for d in under if under[d]]
    flagged_weeks = {_monday(d) for d in flagged_days if "week" in under[d]}
    level = [d for d in flagged_days if _monday(d) not in risen_weeks and d not in risen_days]
    return {
        "days": len(flagged_days), "weeks": len(flagged_weeks), "level_days": len(level),
        "level_weeks": len(flagged_weeks - risen_weeks),
    }  # fmt: skip


def risen(figures: Mapping[date, int], before: int) -> set[date]:
    """Those that are a rise over the median of so many before them; the first has none to rise over."""
    out, names = set(), sorted(figures)
    for n, name in enumerate(names):
        known = [figures[k] for k in names[max(0, n - before) : n]]
        if known and figures[name] >= RISE * median(known):
            out.add(name)
    return out


def weeks_of(days: Iterable[Day]) -> dict[date, list[Day]]:
    """The days of each week, by its Monday."""
    weeks: dict[date, list[Day]] = defaultdict(list)
    for d in days:
        weeks[_monday(d.day)].append(d)
    return weeks


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
