"""Recurrence rules by the text of RFC 5545 (3.3.10), on local times without a zone.

A rule is a grid of periods (days, weeks, months, years, or hours, minutes, seconds); each holds a small set of
starts.  The periods of a window are found by arithmetic, so a series from decades ago costs what one from last week
does.  What has to be counted from the start is counted by arithmetic too, where each period holds as many starts as
any other, else one by one.  All of it is paid from a budget: a rule that would run away raises `RunawayError`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta

CANDIDATES = 10_000
"""How many candidates one series may cost in one window."""

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_UNITS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
_LISTS = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_MOST = 10**12
_STEP = timedelta(days=1)
_LAST = date(MAXYEAR, 12, 31).toordinal()


class RunawayError(Exception):
    """The rule needs more candidates than its budget holds."""


class Budget:
    """Counts candidates down; deterministic, unlike a clock."""

    __slots__ = ("left",)

    def __init__(self, candidates: int = CANDIDATES) -> None:
        """With so many candidates to spend."""
        self.left = candidates

    def spend(self, candidates: int) -> None:
        """RunawayError when it is used up."""
        self.left -= candidates
        if self.left < 0:
            raise RunawayError


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed RRULE.  `until` as written; `days` are (n, weekday), n = 0 for every one; empty tuples: no such part."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    wkst: int = 0
    days: tuple[tuple[int, int], ...] = ()
    months: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weeknos: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    setpos: tuple[int, ...] = ()


def parse(text: str) -> Rule:
    """An RRULE's value.  ValueError says what is wrong with it; unknown parts are ignored (RFC 5545, 3.3.10)."""
    parts = dict(
        p.split("=", 1)
        for p in text.upper().replace(" ", "").replace("\\;", ";").replace("\\,", ",").split(";")
        if "=" in p
    )
    freq = parts.get("FREQ", "")
    if freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY", *_UNITS):
        raise ValueError(f"no recurrence rule that is known: {text[:60]!r}")
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError(f"a rule of the {parts['RSCALE'][:20]!r} calendar")
    lists = {name: _numbers(parts[name], *_LISTS[name]) for name in _LISTS.keys() & parts.keys()}
    return Rule(
        freq,
        interval=_positive(parts.get("INTERVAL", "1"), "INTERVAL"),
        count=_positive(parts["COUNT"], "COUNT") if "COUNT" in parts else None,
        until=parts.get("UNTIL", ""),
        wkst=WEEKDAYS.get(parts.get("WKST", "MO"), 0),
        days=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        months=lists.get("BYMONTH", ()),
        monthdays=lists.get("BYMONTHDAY", ()),
        yeardays=lists.get("BYYEARDAY", ()),
        weeknos=lists.get("BYWEEKNO", ()),
        hours=lists.get("BYHOUR", ()),
        minutes=lists.get("BYMINUTE", ()),
        seconds=lists.get("BYSECOND", ()),
        setpos=lists.get("BYSETPOS", ()),
    )


def _positive(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 1000 or int(text) < 1:
        raise ValueError(f"{name} of a recurrence rule is {text[:20]!r}; it must be 1 or more")
    return min(int(text), _MOST)


def _numbers(text: str, low: int, high: int) -> tuple[int, ...]:
    """A list of a BY part, sorted; zero and what is out of bounds are refused (RFC 5545, 3.3.10)."""
    try:
        numbers = sorted({int(n) for n in text.split(",") if n})
    except ValueError:
        raise ValueError(f"no list of numbers: {text[:40]!r}") from None
    if not numbers or numbers[0] < low or numbers[-1] > high or (low and 0 in numbers):
        raise ValueError(f"numbers out of bounds in a recurrence rule: {text[:40]!r}")
    return tuple(numbers)


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BYDAY.fullmatch(d) for d in text.split(",") if d]
    if not found or None in found:
        raise ValueError(f"no list of weekdays: {text[:40]!r}")
    return tuple((int(m[1] or 0), WEEKDAYS[m[2]]) for m in found if m)


# --- expansion ---------------------------------------------------------------------------------------------


def between(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """The starts of a rule in [low, high], ascending; its COUNT and UNTIL are not looked at.

    `start` is DTSTART; an all-day series has its days at midnight.  Nothing before `start` is given.
    """
    low = max(low, start)
    if low > high:
        return iter(())
    if rule.freq in _UNITS:
        return _subdaily(rule, start, low, high, budget)
    if rule.setpos or rule.hours or rule.minutes or rule.seconds:
        return _timed(rule, start, low, high, budget)
    return _daily(rule, start, low, high, budget)


def _daily(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """Every day of the rule at the time of DTSTART."""
    first = start.toordinal()
    bottom, top = low.toordinal(), high.toordinal()
    for days in _periods(rule, start, bottom, top, budget):
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
    for days in _periods(rule, start, low.toordinal(), high.toordinal(), budget):
        budget.spend(len(days) * len(clocks))
        moments = [datetime.combine(date.fromordinal(day), clock) for day in days for clock in clocks]
        yield from (m for m in _picked(moments, rule.setpos) if low <= m <= high)


def _picked(moments: list[datetime], setpos: tuple[int, ...]) -> list[datetime]:
    """Those that BYSETPOS picks; all where there is none."""
    if not setpos:
        return moments
    size = len(moments)
    return [moments[n] for n in sorted({p - 1 if p > 0 else size + p for p in setpos}) if 0 <= n < size]


def _periods(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    """The sets of days (ordinals) of the periods that touch the days [bottom, top]."""
    match rule.freq:
        case "DAILY":
            return _days(rule, start, bottom, top, budget)
        case "WEEKLY":
            return _weeks(rule, start, bottom, top, budget)
        case "MONTHLY":
            return _months(rule, start, bottom, top, budget)
        case _:
            return _years(rule, start, bottom, top, budget)


def _days(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, step = start.toordinal(), rule.interval
    limited = rule.days or rule.months or rule.monthdays or rule.yeardays
    for day in range(first - (first - bottom) // step * step if bottom > first else first, min(top, _LAST) + 1, step):
        budget.spend(1)
        if not limited or _allowed(rule, date.fromordinal(day)):
            yield [day]


def _weeks(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, step = start.toordinal(), 7 * rule.interval
    week = first - (start.weekday() - rule.wkst) % 7
    offsets = sorted({(d - rule.wkst) % 7 for _, d in rule.days}) or [first - week]
    week += max(0, bottom - week) // step * step
    for monday in range(week, min(top, _LAST) + 1, step):
        budget.spend(len(offsets))
        days = [monday + o for o in offsets if monday + o <= _LAST]
        if rule.months:
            days = [d for d in days if d > 0 and date.fromordinal(d).month in rule.months]
        yield days


def _months(rule: Rule, start: datetime, bottom: int, top: int, budget: Budget) -> Iterator[list[int]]:
    first, low, high = start.year * 12 + start.month - 1, date.fromordinal(bottom), date.fromordinal(min(top, _LAST))
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
    low, high = date.fromordinal(bottom), date.fromordinal(min(top, _LAST))
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
    if rule.monthdays:
        numbers = {n if n > 0 else size + 1 + n for n in rule.monthdays}
        if rule.days:
            numbers &= _nth(rule.days, weekday, size)
    elif rule.days:
        numbers = _nth(rule.days, weekday, size)
    else:
        numbers = {day}
    zero = date(year, month, 1).toordinal() - 1
    return sorted(zero + n for n in numbers if 0 < n <= size)


def _nth(days: Iterable[tuple[int, int]], weekday: int, size: int) -> set[int]:
    """The days 1 … `size` of a span that begins on `weekday`, which BYDAY names: each, the nth, the nth from its end."""
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
        out = [d for d in out if _allowed(plain, date.fromordinal(d))]
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


def _allowed(rule: Rule, day: date) -> bool:
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


def _subdaily(rule: Rule, start: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """HOURLY, MINUTELY, SECONDLY: steps through the grid, over whole days, hours and minutes that have no part in it."""
    step = timedelta(seconds=min(_UNITS[rule.freq] * rule.interval, _MOST))
    unit = timedelta(seconds=_UNITS[rule.freq])
    base = start.replace(minute=0, second=0) if rule.freq == "HOURLY" else start
    base = base.replace(second=0) if rule.freq == "MINUTELY" else base
    now = base + (low - base) // step * step
    while now <= high:
        budget.spend(1)
        if (skip := _skipped(rule, now)) is None:
            yield from (m for m in _picked(_within(rule, start, now, unit), rule.setpos) if low <= m <= high)
            skip = _after(now, step)
        ahead = -((base - skip) // step) * step
        if ahead > datetime.max - base:
            return
        now = base + ahead


def _skipped(rule: Rule, now: datetime) -> datetime | None:
    """None where a moment is in the rule's grid, else the first moment after the day, hour, … that is not."""
    if not _allowed(rule, now.date()):
        return datetime.combine(now, time()) + _STEP if now.toordinal() < _LAST else datetime.max
    if rule.hours and now.hour not in rule.hours:
        return _after(now.replace(minute=0, second=0), timedelta(hours=1))
    if rule.freq != "HOURLY" and rule.minutes and now.minute not in rule.minutes:
        return _after(now.replace(second=0), timedelta(minutes=1))
    if rule.freq == "SECONDLY" and rule.seconds and now.second not in rule.seconds:
        return _after(now, timedelta(seconds=1))
    return None


def _after(now: datetime, step: timedelta) -> datetime:
    return now + step if step <= datetime.max - now else datetime.max


def _within(rule: Rule, start: datetime, now: datetime, unit: timedelta) -> list[datetime]:
    """The starts of one hour, minute or second."""
    minutes = (rule.minutes or (start.minute,)) if unit.seconds == 3600 else (now.minute,)
    seconds = (rule.seconds or (start.second,)) if unit.seconds >= 60 else (now.second,)
    return [now.replace(minute=m, second=min(s, 59)) for m in minutes for s in seconds]


# --- counting ----------------------------------------------------------------------------------------------


def counted(
    rule: Rule, start: datetime, high: datetime, budget: Budget, missing: Callable[[datetime], bool] | None = None
) -> datetime:
    """The last start that COUNT lets through, or some moment from `high` on when that comes later.

    A `start` that the rule does not give is not counted, nor are starts that are `missing`, in a gap of the zone's
    clock (RFC 5545, 3.3.10).
    """
    count = rule.count or 1
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
    if rule.freq in _UNITS:
        steps = (count - 1) * _UNITS[rule.freq] * rule.interval
        return start + timedelta(seconds=steps) if steps < (high - start).total_seconds() else high
    first = next(_periods(rule, start, start.toordinal(), start.toordinal(), budget))
    head = [d for d in first if d >= start.toordinal()]
    if count <= len(head):
        return start + _STEP * (head[count - 1] - start.toordinal())
    periods, place = divmod(count - len(head) - 1, size)
    day = _period_start(rule, start, periods + 1)
    if day is None or day > high.toordinal():
        return high
    days = next(_periods(rule, start, day, day, budget))
    return start + _STEP * (days[place] - start.toordinal())


def _period_start(rule: Rule, start: datetime, periods: int) -> int | None:
    """A day of the period that comes so many after that of DTSTART, None past the year 9999."""
    steps = periods * rule.interval
    match rule.freq:
        case "DAILY":
            day = start.toordinal() + steps
        case "WEEKLY":
            day = start.toordinal() - (start.weekday() - rule.wkst) % 7 + 7 * steps
        case _:
            months = start.year * 12 + start.month - 1 + steps * (1 if rule.freq == "MONTHLY" else 12)
            return date(months // 12, months % 12 + 1, 1).toordinal() if months // 12 <= MAXYEAR else None
    return day if day <= _LAST - 7 else None


def _size(rule: Rule, start: datetime) -> int | None:
    """How many starts each whole period holds, if all hold as many."""
    if rule.setpos or rule.hours or rule.minutes or rule.seconds or rule.yeardays or rule.weeknos:
        return None
    if rule.freq in ("DAILY", *_UNITS):
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
