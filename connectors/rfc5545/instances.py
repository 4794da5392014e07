"""The recurrence set of one master: what its rules and dates give, and what takes instances away (RFC 5545, 3.8.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from connectors.rfc5545.clocks import LAST, in_gap, instant, later, local_of, wall
from connectors.rfc5545.lines import Line
from connectors.rfc5545.moments import Frame, Length, Moment, TimedComponent, moment_of, read_duration, until_end
from connectors.rfc5545.recurrence.rules import Budget, Rule, RunawayError, parse
from connectors.rfc5545.recurrence.starts import between, counted
from connectors.rfc5545.zones.dst_gaps import skips

_DAY = timedelta(days=1)
_ZERO = timedelta()
_LIST = re.compile(r"[,;]")


class Holes(NamedTuple):
    """What EXDATE takes away (3.8.5.1): instants, and days with all that starts on them."""

    instants: frozenset[datetime]
    days: frozenset[date]

    def take(self, moment: datetime, local: datetime) -> bool:
        """Whether they take an instance away."""
        return moment in self.instants or local.date() in self.days

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.instants or self.days)


class Series(Struct, dict=True):
    """A master, and what it is expanded in."""

    master: TimedComponent
    frame: Frame
    budget: Budget
    alone: bool = True
    """Whether its UID is its own, as it should be (3.8.4.7)."""

    @cached_property
    def holes(self) -> Holes:
        """What its EXDATEs take away; most series have no instance in the window that asks for it."""
        return _holes(self.master, self.frame)


Starts = dict[datetime, tuple[datetime, Length | None]]
"""A recurrence set: instant → (local time, own length if it has one)."""


def in_series(text: str, line: Line, master: TimedComponent | None, frame: Frame) -> Moment:
    """A RECURRENCE-ID, EXDATE or RDATE as the series counts: in its kind, and in its zone where it names none."""
    moment = _written(text, line, master, frame)
    if master and moment.date and not master.start.date:
        return Moment(datetime.combine(moment.local, master.start.local.time()), master.start.zone, date=False)
    return moment


def _written(text: str, line: Line, master: TimedComponent | None, frame: Frame) -> Moment:
    """The same, but that a day of a timed series is left a day."""
    timed = master and not master.start.date
    moment = moment_of(text, line, frame.zones, master.start.zone if master and timed else frame.zones.floating)
    if master and not timed and not moment.date:
        return Moment(datetime.combine(moment.local, time()), UTC, date=True)
    return moment


def starts_of(series: Series, low: datetime, high: datetime) -> Starts:
    """The recurrence set in [low, high], and all of RDATE (3.8.5).

    DTSTART is in it, also where its rule does not give it, unless the rule ends before it or it takes no time.
    """
    master, frame = series.master, series.frame
    start, lines = master.start, master.part.lines
    starts: Starts = {}
    counts = low <= start.local <= high and (start.date or master.length != (0, _ZERO) or "RRULE" not in lines)
    for line in lines.get("RRULE", ()):
        if not line.value.strip():
            continue
        try:
            rule = parse(line.value)
            last, until = _end(rule, date=start.date)
            if last >= low:
                starts |= _ruled(rule, start, low, min(high, last), until, series.budget)
            counts = counts and last >= start.local and until >= start.instant
        except (ValueError, OverflowError) as error:
            frame.note(str(error))
    if counts:
        starts.setdefault(start.instant, (start.local, None))
    for line in lines.get("RDATE", ()):
        for text in values(line):
            _add(text, line, series, starts)
    if starts and "EXRULE" in lines:
        _except(series, starts)
    if starts and series.holes:
        return {m: found for m, found in starts.items() if not series.holes.take(m, found[0])}
    return starts


def goes_on(series: Series, local: datetime) -> bool:
    """Whether a rule of the series has an instance at that local time or after it."""
    start = series.master.start
    for line in series.master.part.lines.get("RRULE", ()):
        try:
            rule = parse(line.value)
            last, _ = _end(rule, date=start.date)
            if rule.times:
                last = min(last, counted(rule, start.local, later(local, _DAY), series.budget))
        except (ValueError, OverflowError):
            continue
        if last >= local:
            return True
    return False


def values(line: Line) -> Iterator[str]:
    """The values of a list, which some writers part by semicolons."""
    return filter(None, _LIST.split(line.value))


def _except(series: Series, starts: Starts) -> None:
    """Take away, in place, what an EXRULE gives (RFC 2445, 4.8.5.2); one that cannot be followed takes nothing."""
    start, own = series.master.start, Budget(series.budget.left // 2)
    series.budget.spend(own.left)
    low, high = (edge(local for local, _ in starts.values()) for edge in (min, max))
    for line in series.master.part.lines["EXRULE"]:
        try:
            rule = parse(line.value)
            last, until = _end(rule, date=start.date)
            gone = _ruled(rule, start, low, min(high, last), until, own) if last >= low else {}
        except (ValueError, OverflowError) as error:
            series.frame.note(f"EXRULE: {error}")
            continue
        except RunawayError:
            series.frame.note("an EXRULE has more instances than can be listed; it takes nothing away")
            break
        for moment in gone:
            starts.pop(moment, None)
    series.budget.left += max(0, own.left)


def _ruled(rule: Rule, start: Moment, low: datetime, high: datetime, until: datetime, budget: Budget) -> Starts:
    """The instances of one rule.  Those that the zone's clock jumps over are left out, and not counted (3.3.10)."""
    zone = start.zone
    gaps = None
    if zone is not UTC:
        clock = None if rule.hours or rule.freq in ("HOURLY", "MINUTELY", "SECONDLY") else start.local.time()
        first = start.local.year if rule.times else max(low, start.local).year
        if skips(zone, clock, first, high.year, budget):
            gaps = lambda local: in_gap(local, zone)  # noqa: E731 it is None as often as not
    if rule.times:
        high = min(high, counted(rule, start.local, high, budget, gaps))
    found = [m for m in between(rule, start.local, low, high, budget) if not (gaps and gaps(m))]
    if zone is UTC:
        return {m: (m, None) for m in found if m <= until}
    return {i: (m, None) for m in found if (i := instant(m, zone)) <= until}


def _end(rule: Rule, *, date: bool) -> tuple[datetime, datetime]:
    """UNTIL, which is inclusive: the last local time, and the last instant that it lets through.

    An all-day series looks at the day only.  UTC is compared as an instant; a DATE means all of that day.
    """
    if not rule.until:
        return LAST, LAST
    until, kind = wall(rule.until)
    if date or kind == "date":
        return datetime.combine(until, time.max), LAST
    return (later(until, _DAY), until) if kind == "utc" else (until, LAST)


def _add(text: str, line: Line, series: Series, starts: Starts) -> None:
    """One value of RDATE, which may be a PERIOD with its own length (3.3.9)."""
    master, frame = series.master, series.frame
    first, slash, rest = text.partition("/")
    try:
        moment = in_series(first, line, master, frame)
        length = None
        if slash and rest.strip()[:1] in "P+-":
            length = read_duration(rest)
        elif slash:
            length = until_end(moment, in_series(rest, line, master, frame))
    except (ValueError, OverflowError) as error:
        frame.note(f"RDATE: {error}")
        return
    if length is not None or moment.instant not in starts:
        local = moment.local
        if not moment.date and moment.zone != master.start.zone:
            local = local_of(moment.instant, master.start.zone)
        starts[moment.instant] = (local, length)


def _holes(master: TimedComponent, frame: Frame) -> Holes:
    """The EXDATEs of a series: a DATE-TIME takes that instant, a DATE the local day of a timed series."""
    instants, days = set(), set()
    for line in master.part.lines.get("EXDATE", ()):
        for text in values(line):
            try:
                moment = _written(text, line, master, frame)
            except (ValueError, OverflowError) as error:
                frame.note(f"EXDATE: {error}")
                continue
            if moment.date and not master.start.date:
                days.add(moment.local.date())
            else:
                instants.add(moment.instant)
    return Holes(frozenset(instants), frozenset(days))
