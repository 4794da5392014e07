"""The days on which a recurrence rule has its starts, period by period (RFC 5545, 3.3.10, the table of BY parts).

Days are ordinals (`date.toordinal`); the periods of a window are found by arithmetic.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, date, datetime

from connectors.rfc5545.recurrence.rules import Budget, Rule

LAST_DAY = date(MAXYEAR, 12, 31).toordinal()


def periods(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    """The sets of days (ordinals) of the periods that touch the days [bottom, top]."""
    match rule.freq:
        case "DAILY":
            return _days(rule, start, bottom, top, budget)
        case "WEEKLY":
            return _weeks(rule, start, bottom, top, budget)
        case _ if rule.skip:
            return _skipping(rule, start, bottom, top, budget)
        case "MONTHLY":
            return _months(rule, start, bottom, top, budget)
        case _:
            return _years(rule, start, bottom, top, budget)


def _skipping(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    """Months or years of which a day that does not exist may have moved into a neighbour; no day comes twice."""
    make = _months if rule.freq == "MONTHLY" else _years
    latest = 0
    for days in make(rule, start, max(1, bottom - 1), min(top + 1, LAST_DAY), budget):
        fresh = [d for d in days if latest < d <= LAST_DAY]
        latest = max(latest, *days, 0)
        yield fresh


def _days(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, step = start.toordinal(), rule.interval
    limited = rule.days or rule.months or rule.monthdays or rule.yeardays
    for day in range(
        first - (first - bottom) // step * step if bottom > first else first, min(top, LAST_DAY) + 1, step
    ):
        budget.spend(1)
        if not limited or allowed(rule, date.fromordinal(day)):
            yield [day]


def _weeks(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, step = start.toordinal(), 7 * rule.interval
    week = first - (start.weekday() - rule.wkst) % 7
    offsets = sorted({(d - rule.wkst) % 7 for _, d in rule.days}) or [first - week]
    week += max(0, bottom - week) // step * step
    for monday in range(week, min(top, LAST_DAY) + 1, step):
        budget.spend(len(offsets))
        days = [monday + o for o in offsets if monday + o <= LAST_DAY]
        if rule.months:
            days = [d for d in days if d > 0 and date.fromordinal(d).month in rule.months]
        yield days


def _months(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, low, high = start.year * 12 + start.month - 1, date.fromordinal(bottom), date.fromordinal(min(top, LAST_DAY))
    month = first + max(0, low.year * 12 + low.month - 1 - first) // rule.interval * rule.interval
    while month <= high.year * 12 + high.month - 1:
        year, number = divmod(month, 12)
        if not rule.months or number + 1 in rule.months:
            days = _month(rule, year, number + 1, start.day)
            budget.spend(1 + len(days))
            yield days
        else:
            budget.spend(1)
        month += rule.interval


def _years(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    low, high = date.fromordinal(bottom), date.fromordinal(min(top, LAST_DAY))
    whole = rule.weeknos or rule.yeardays or (rule.days and not (rule.months or rule.monthdays))
    months = rule.months or (range(1, 13) if rule.monthdays else (start.month,))
    year = start.year + max(0, low.year - start.year) // rule.interval * rule.interval
    while year <= high.year:
        if whole:
            days = _year(rule, year, start)
            budget.spend(40)
        else:
            days = [d for m in months for d in _month(rule, year, m, start.day)]
            budget.spend(1 + len(days))
        yield days
        year += rule.interval


def _month(rule: Rule, year: int, month: int, day: int) -> list[int]:
    """The days of a rule in a month: BYMONTHDAY, limited by BYDAY; else BYDAY; else the day of DTSTART."""
    weekday, size = monthrange(year, month)
    zero = date(year, month, 1).toordinal() - 1
    if rule.skip and (rule.monthdays or not rule.days):
        return _moved(rule, rule.monthdays or (day,), zero, size)
    if rule.monthdays:
        numbers = {n if n > 0 else size + 1 + n for n in rule.monthdays}
        if rule.days:
            numbers &= _nth(rule.days, weekday, size)
    elif rule.days:
        numbers = _nth(rule.days, weekday, size)
    else:
        numbers = {day}
    return sorted(zero + n for n in numbers if 0 < n <= size)


def _moved(rule: Rule, numbers: Iterable[int], zero: int, size: int) -> list[int]:
    """The days with these numbers in a span of `size` days after the day `zero`; one that it does not have moves.

    SKIP comes before BYDAY, which limits what it leaves (RFC 7529, 4.1).
    """
    days = set()
    for n in numbers:
        number = n if n > 0 else size + 1 + n
        low, high = (1, size + 1) if rule.skip == "FORWARD" else (0, size)
        days.add(zero + min(max(number, low), high))
    plain = Rule("DAILY", days=rule.days)
    return sorted(d for d in days if 0 < d <= LAST_DAY and allowed(plain, date.fromordinal(d)))


def _nth(days: Iterable[tuple[int, int]], weekday: int, size: int) -> set[int]:
    """The days of a span of `size` days from a `weekday` on that BYDAY names: each, the nth, the nth from its end."""
    out: set[int] = set()
    for n, day in days:
        every = range(1 + (day - weekday) % 7, size + 1, 7)
        if n == 0:
            out.update(every)
        elif -len(every) <= n <= len(every):
            out.add(every[n - 1 if n > 0 else n])
    return out


def _year(rule: Rule, year: int, start: datetime) -> list[int]:
    """The days of a rule in a year where weeks, days of the year or the nth weekday of the year are asked for."""
    zero = date(year, 1, 1).toordinal() - 1
    size = 366 if monthrange(year, 2)[1] == 29 else 365
    numbers = set(range(1, size + 1))
    if rule.yeardays and rule.skip and not (rule.weeknos or rule.months or rule.monthdays):
        return _moved(rule, rule.yeardays, zero, size)
    if rule.yeardays:
        numbers &= {n if n > 0 else size + 1 + n for n in rule.yeardays}
    if rule.weeknos:
        numbers &= _weeks_of(rule, year, zero, size)
        if not (rule.days or rule.monthdays or rule.yeardays):
            numbers = {n for n in numbers if (zero + n - 1) % 7 == start.weekday()}
    if rule.days:
        days = [(0, d) for _, d in rule.days] if rule.weeknos else rule.days
        if rule.months:
            spans = [(date(year, m, 1), monthrange(year, m)[1]) for m in rule.months]
        else:
            spans = [(date(year, 1, 1), size)]
        numbers &= {s.toordinal() - zero - 1 + n for s, length in spans for n in _nth(days, s.weekday(), length)}
    out = [zero + n for n in sorted(numbers)]
    if rule.months or rule.monthdays:
        plain = Rule("YEARLY", months=rule.months, monthdays=rule.monthdays)
        out = [d for d in out if allowed(plain, date.fromordinal(d))]
    return out


def _weeks_of(rule: Rule, year: int, zero: int, size: int) -> set[int]:
    """The days of a year that lie in weeks of BYWEEKNO; week 1 is the first with four days in the year."""
    out: set[int] = set()
    for owner in (year - 1, year, year + 1):
        if not MINYEAR <= owner < MAXYEAR:
            continue
        first = _first_week(owner, rule.wkst)
        weeks = (_first_week(owner + 1, rule.wkst) - first) // 7
        for n in rule.weeknos:
            number = n if n > 0 else weeks + 1 + n
            if 1 <= number <= weeks:
                monday = first + 7 * (number - 1) - zero
                out.update(range(max(monday, 1), min(monday + 7, size + 1)))
    return out


def _first_week(year: int, wkst: int) -> int:
    """The ordinal on which week 1 of a year begins: that of 4 January."""
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - wkst) % 7


def allowed(rule: Rule, day: date) -> bool:
    """Whether a day passes BYMONTH, BYMONTHDAY, BYYEARDAY and BYDAY, where these only limit."""
    if rule.months and day.month not in rule.months:
        return False
    if rule.days and day.weekday() not in {d for _, d in rule.days}:
        return False
    if rule.monthdays:
        size = monthrange(day.year, day.month)[1]
        if day.day not in rule.monthdays and day.day - size - 1 not in rule.monthdays:
            return False
    if rule.yeardays:
        number, size = day.timetuple().tm_yday, 366 if monthrange(day.year, 2)[1] == 29 else 365
        return number in rule.yeardays or number - size - 1 in rule.yeardays
    return True
