"""The starts of a recurrence rule, by the text of RFC 5545 (3.3.10), on local times without a zone.

A rule is a grid of periods (days, weeks, months, years, or hours, minutes, seconds); each holds a small set of
starts.  The periods of a window are found by arithmetic, so a series from decades ago costs what one from last week
does.  What has to be counted from the start is counted by arithmetic too, where each period holds as many starts as
any other, else one by one.  All of it is paid from a budget: a rule that would run away raises `RunawayError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta

from connectors.rfc5545.clocks import LAST
from connectors.rfc5545.recurrence.days import LAST_DAY, allowed, periods
from connectors.rfc5545.recurrence.rules import MOST, UNITS, Budget, Rule

_STEP = timedelta(days=1)


def between(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """The starts of a rule in [low, high], ascending; its COUNT and UNTIL are not looked at.

    `start` is DTSTART; an all-day series has its days at midnight.  Nothing before `start` is given.
    """
    low = max(low, start)
    if low > high:
        return iter(())
    if rule.freq in UNITS:
        return _subdaily(rule, start, low, high, budget)
    if rule.setpos or rule.hours or rule.minutes or rule.seconds:
        return _timed(rule, start, low, high, budget)
    return _daily(rule, start, low, high, budget)


def _daily(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """Every day of the rule at the time of DTSTART."""
    first = start.toordinal()
    bottom, top = low.toordinal(), high.toordinal()
    for days in periods(rule, start, bottom, top, budget):
        for day in days:
            if bottom <= day <= top and low <= (moment := start + _STEP * (day - first)) <= high:
                yield moment


def _timed(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """The same with BYHOUR, BYMINUTE, BYSECOND and BYSETPOS, which picks among the starts of a period."""
    clocks = [
        time(h, m, min(s, 59))
        for h in rule.hours or (start.hour,)
        for m in rule.minutes or (start.minute,)
        for s in rule.seconds or (start.second,)
    ]
    for days in periods(rule, start, low.toordinal(), high.toordinal(), budget):
        budget.spend(len(days) * len(clocks))
        moments = [datetime.combine(date.fromordinal(day), clock) for day in days for clock in clocks]
        yield from (m for m in _picked(moments, rule.setpos) if low <= m <= high)


def _picked(moments: list[datetime], setpos: tuple[int, ...]) -> list[datetime]:
    """Those that BYSETPOS picks; all where there is none."""
    if not setpos:
        return moments
    size = len(moments)
    return [moments[n] for n in sorted({p - 1 if p > 0 else size + p for p in setpos}) if 0 <= n < size]


def _subdaily(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """HOURLY, MINUTELY, SECONDLY: steps through the grid, past days, hours and minutes that have no part in it."""
    step = timedelta(seconds=min(UNITS[rule.freq] * rule.interval, MOST))
    unit = timedelta(seconds=UNITS[rule.freq])
    base = start.replace(minute=0, second=0) if rule.freq == "HOURLY" else start
    base = base.replace(second=0) if rule.freq == "MINUTELY" else base
    now = base + (low - base) // step * step
    while now <= high:
        budget.spend(1)
        if (skip := _skipped(rule, now)) is None:
            yield from (m for m in _picked(_within(rule, start, now, unit), rule.setpos) if low <= m <= high)
            skip = _after(now, step)
        ahead = -((base - skip) // step) * step
        if ahead > LAST - base:
            return
        now = base + ahead


def _skipped(rule: Rule, now: datetime) -> datetime | None:
    """None where a moment is in the rule's grid, else the first moment after the day, hour, … that is not."""
    if not allowed(rule, now.date()):
        return datetime.combine(now, time()) + _STEP if now.toordinal() < LAST_DAY else LAST
    if rule.hours and now.hour not in rule.hours:
        return _after(now.replace(minute=0, second=0), timedelta(hours=1))
    if rule.freq != "HOURLY" and rule.minutes and now.minute not in rule.minutes:
        return _after(now.replace(second=0), timedelta(minutes=1))
    if rule.freq == "SECONDLY" and rule.seconds and now.second not in rule.seconds:
        return _after(now, timedelta(seconds=1))
    return None


def _after(now: datetime, step: timedelta) -> datetime:
    return now + step if step <= LAST - now else LAST


def _within(rule: Rule, start: datetime, now: datetime, unit: timedelta) -> list[datetime]:
    """The starts of one hour, minute or second."""
    minutes = (rule.minutes or (start.minute,)) if unit.seconds == 3600 else (now.minute,)
    seconds = (rule.seconds or (start.second,)) if unit.seconds >= 60 else (now.second,)
    return [now.replace(minute=m, second=min(s, 59)) for m in minutes for s in seconds]


def counted(
    rule: Rule, start: datetime, high: datetime, budget: Budget, missing: Callable[[datetime], bool] | None = None
) -> datetime:
    """The last start that COUNT lets through, or some moment from `high` on when that comes later.

    A `start` that the rule does not give is not counted, nor are starts that are `missing`, in a gap of the zone's
    clock (RFC 5545, 3.3.10).
    """
    count = rule.times or 1
    if missing is None and (last := _nth_start(rule, start, count, high, budget)):
        return last
    for moment in between(rule, start, start, high, budget):
        count -= not (missing and moment != start and missing(moment))
        if count == 0:
            return moment
    return high


def _nth_start(rule: Rule, start: datetime, count: int, high: datetime, budget: Budget) -> datetime | None:
    """The start with that number, by arithmetic; None where periods differ in size, `high` where it lies beyond."""
    size = _size(rule, start)
    if size is None:
        return None
    if rule.freq in UNITS:
        steps = (count - 1) * UNITS[rule.freq] * rule.interval
        return start + timedelta(seconds=steps) if steps < (high - start).total_seconds() else high
    first = next(periods(rule, start, start.toordinal(), start.toordinal(), budget))
    head = [d for d in first if d >= start.toordinal()]
    if count <= len(head):
        return start + _STEP * (head[count - 1] - start.toordinal())
    full, place = divmod(count - len(head) - 1, size)
    day = _period_start(rule, start, full + 1)
    if day is None or day > high.toordinal():
        return high
    days = next(periods(rule, start, day, day, budget))
    return start + _STEP * (days[place] - start.toordinal())


def _period_start(rule: Rule, start: datetime, number: int) -> int | None:
    """A day of the period that comes so many after that of DTSTART, None past the year 9999."""
    steps = number * rule.interval
    match rule.freq:
        case "DAILY":
            day = start.toordinal() + steps
        case "WEEKLY":
            day = start.toordinal() - (start.weekday() - rule.wkst) % 7 + 7 * steps
        case _:
            months = start.year * 12 + start.month - 1 + steps * (1 if rule.freq == "MONTHLY" else 12)
            return date(months // 12, months % 12 + 1, 1).toordinal() if months // 12 <= MAXYEAR else None
    return day if day <= LAST_DAY - 7 else None


def _size(rule: Rule, start: datetime) -> int | None:
    """How many starts each whole period holds, if all hold as many."""
    if rule.setpos or rule.hours or rule.minutes or rule.seconds or rule.yeardays or rule.weeknos or rule.skip:
        return None
    if rule.freq in ("DAILY", *UNITS):
        return None if rule.days or rule.months or rule.monthdays else 1
    if rule.freq == "WEEKLY":
        return None if rule.months else len({d for _, d in rule.days}) or 1
    if rule.freq == "MONTHLY":
        return None if rule.months else _size_of_month(rule, start)
    if rule.days and not rule.months:
        return None
    months = len(rule.months) or (12 if rule.monthdays else 1)
    size = _size_of_month(rule, start)
    return size and months * size


def _size_of_month(rule: Rule, start: datetime) -> int | None:
    """The same for a month: one day that every month has, or one weekday by its number."""
    if rule.days:
        return 1 if not rule.monthdays and len(rule.days) == 1 and 0 < abs(rule.days[0][0]) < 5 else None
    days = rule.monthdays or (start.day,)
    return 1 if len(days) == 1 and abs(days[0]) <= 28 else None
