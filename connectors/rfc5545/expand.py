"""From a series (a master and what overrides it) to its occurrences in a window (RFC 5545, 3.8.4, 3.8.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from connectors.rfc5545.clocks import LAST, in_gap, instant, later, local_of, wall
from connectors.rfc5545.lines import Component, Line
from connectors.rfc5545.moments import (
    Frame,
    Length,
    Moment,
    Occurrence,
    Timed,
    identity,
    identity_of,
    moment_of,
    read_duration,
    timed,
    until_end,
)
from connectors.rfc5545.recurrence.rules import Budget, Rule, RunawayError, parse
from connectors.rfc5545.recurrence.starts import between, counted
from connectors.rfc5545.zones.dst_gaps import skips

_DAY = timedelta(days=1)
_ZERO = timedelta()
_UNTIL = re.compile(r"(?:^|;)UNTIL=([0-9]{8})(?![0-9])")
_REPEATS = frozenset({"RRULE", "RDATE"})


@dataclass(slots=True)
class Override:
    """An override (3.8.4.4): the instance that it replaces, and its own time."""

    id: Moment
    own: Timed
    future: bool


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


@dataclass
class Series:
    """A master, and what it is expanded in."""

    master: Timed
    frame: Frame
    budget: Budget

    @cached_property
    def holes(self) -> Holes:
        """What its EXDATEs take away; most series have no instance in the window that asks for it."""
        return _holes(self.master, self.frame)


Starts = dict[datetime, tuple[datetime, Length | None]]
"""A recurrence set: instant → (local time, own length if it has one)."""


def expand(masters: list[Component], overrides: list[Component], frame: Frame, budget: Budget) -> list[Occurrence]:
    """The occurrences of one UID in the frame's window.  What cannot be understood goes to the frame's problems."""
    newest = masters[0] if len(masters) == 1 else max(reversed(masters), key=_version, default=None)
    if newest and not overrides and _is_over(newest, frame):
        return []
    master = timed(newest, frame) if newest else None
    changes = _overrides(overrides, master, frame)
    shown = {key: o for key, c in changes.items() if frame.shows(o := c.own.itself(identity(c.id)))}
    if not master:
        return list(shown.values())
    try:
        series = Series(master, frame, budget)
        found = _instances(series, changes)
        found += [o for key, o in shown.items() if _stands(changes[key], series)]
    except RunawayError:
        frame.problems.append("a recurrence rule has more instances than can be listed; only its start is")
        found = [master.itself(identity(master.start)), *shown.values()]
    return [o for o in found if frame.shows(o)]


def _is_over(part: Component, frame: Frame) -> bool:
    """Whether a series of short events ended days before the window, by the digits of its lines; most series did."""
    lines = part.lines
    if len(lines.get("RRULE", ())) != 1 or "RDATE" in lines:
        return False
    start, end = part.value("DTSTART")[:8], part.value("DTEND")[:8]
    until = _UNTIL.search(part.value("RRULE"))
    return until is not None and start == end and start.isdigit() and max(start, until[1]) < _long_ago(frame.low)


@lru_cache(maxsize=64)
def _long_ago(low: datetime) -> str:
    """A day before which nothing that is over within a day can touch what begins at `low`, in any zone."""
    return later(low, -4 * _DAY).isoformat().replace("-", "")[:8]


def _version(part: Component) -> tuple[int, str]:
    """What makes one of two descriptions of one event the newer: SEQUENCE, then DTSTAMP (RFC 5546, 2.1.5)."""
    number = part.value("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0, part.value("DTSTAMP")


def _overrides(parts: Iterable[Component], master: Timed | None, frame: Frame) -> dict[datetime, Override]:
    """The overrides by the instant of the instance that each replaces; of two for one instance the newer."""
    out: dict[datetime, Override] = {}
    for part in sorted(parts, key=_version):
        line = part.first("RECURRENCE-ID")
        try:
            identity = _in_series(line.value, line, master, frame) if line else None
        except (ValueError, OverflowError) as error:
            frame.problems.append(f"RECURRENCE-ID: {error}")
            continue
        if identity and (own := timed(part, frame, identity)):
            future = line is not None and line.param("RANGE").upper() == "THISANDFUTURE"
            out[identity.instant] = Override(identity, own, future)
    return out


def _in_series(text: str, line: Line, master: Timed | None, frame: Frame) -> Moment:
    """A RECURRENCE-ID, EXDATE or RDATE as the series counts: in its kind, and in its zone where it names none."""
    moment = moment_of(
        text, line, frame.zones, master.start.zone if master and not master.start.date else frame.zones.floating
    )
    if master and master.start.date and not moment.date:
        return Moment(datetime.combine(moment.local, time()), UTC, date=True)
    if master and moment.date and not master.start.date:
        return Moment(datetime.combine(moment.local, master.start.local.time()), master.start.zone, date=False)
    return moment


def _stands(override: Override, series: Series) -> bool:
    """Whether an override is in force: EXDATE takes it away too, and so does a newer master without that instance."""
    moment, local = override.id.instant, override.id.local
    if series.holes.take(moment, local):
        return False
    if _version(override.own.part)[0] >= _version(series.master.part)[0]:
        return True
    return moment in _starts(series, local - _DAY, local + _DAY)


def _instances(series: Series, changes: dict[datetime, Override]) -> list[Occurrence]:
    """The instances of the master that no override replaces; those after a THISANDFUTURE are as it says."""
    master, frame = series.master, series.frame
    part, start = master.part, master.start
    if _REPEATS.isdisjoint(part.lines):
        return [] if start.instant in changes else [master.itself()]
    futures = [o for o in changes.values() if o.future]
    futures.sort(key=lambda o: o.id.instant)
    shifts = [_shift(o, master) for o in futures]
    slack, length = 2 * _DAY, _rough(master.length)
    if futures:
        slack += max(map(abs, shifts))
        length = max(length, *(_rough(o.own.length) for o in futures))
    low, high = later(frame.low, -slack - length), later(frame.high, slack)
    out = []
    for moment, (local, own) in _starts(series, low, high).items():
        if moment in changes:
            continue
        one = Timed(part, start, own or master.length, master.known)
        last = max((n for n, o in enumerate(futures) if o.id.instant < moment), default=-1)
        name = identity_of(moment, date=start.date)
        doubt = last >= 0 and "RRULE" in futures[last].own.part.lines
        if last < 0 or doubt:
            out.append(Occurrence(part, *one.at(local, moment), start.date, name, doubt or not one.known))
        if last >= 0:
            out.append(_shifted(futures[last].own, local + shifts[last], start, name, doubt=doubt))
    return out


def _rough(length: Length) -> timedelta:
    return length.exact + timedelta(days=length.days)


def _shift(override: Override, master: Timed) -> timedelta:
    """By how much a THISANDFUTURE moves the instances after it, on the clock of the series (3.2.13)."""
    zone = master.start.zone
    old, new = (
        m.local if m.date or m.zone is None or zone is None or m.zone == zone else local_of(m.instant, zone)
        for m in (override.id, override.own.start)
    )
    return new - old


def _shifted(own: Timed, local: datetime, start: Moment, name: str, *, doubt: bool) -> Occurrence:
    """An instance after a THISANDFUTURE: its content and length, its shift."""
    moment = local if start.date or start.zone is None else instant(local, start.zone)
    end = own.length.end(local, moment, None if start.date else start.zone)
    return Occurrence(own.part, moment, end, start.date, name, doubt or not own.known)


def _starts(series: Series, low: datetime, high: datetime) -> Starts:
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
            frame.problems.append(str(error))
    if counts:
        starts.setdefault(start.instant, (start.local, None))
    for line in lines.get("RDATE", ()):
        for text in filter(None, line.value.split(",")):
            _add(text, line, series, starts)
    if starts and series.holes:
        return {m: found for m, found in starts.items() if not series.holes.take(m, found[0])}
    return starts


def _ruled(rule: Rule, start: Moment, low: datetime, high: datetime, until: datetime, budget: Budget) -> Starts:
    """The instances of one rule.  Those that the zone's clock jumps over are left out, and not counted (3.3.10)."""
    zone = UTC if start.date or start.zone is None else start.zone
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

    An all-day series looks at the day only.  UTC is compared as an instant; a DATE is the midnight that begins it.
    """
    if not rule.until:
        return LAST, LAST
    until, kind = wall(rule.until)
    if date:
        return datetime.combine(until, time.max), LAST
    return (later(until, _DAY), until) if kind == "utc" else (until, LAST)


def _add(text: str, line: Line, series: Series, starts: Starts) -> None:
    """One value of RDATE, which may be a PERIOD with its own length (3.3.9)."""
    master, frame = series.master, series.frame
    first, slash, rest = text.partition("/")
    try:
        moment = _in_series(first, line, master, frame)
        length = None
        if slash and rest.strip()[:1] in "P+-":
            length = read_duration(rest)
        elif slash:
            length = until_end(moment, _in_series(rest, line, master, frame))
    except (ValueError, OverflowError) as error:
        frame.problems.append(f"RDATE: {error}")
        return
    if length is not None or moment.instant not in starts:
        local = moment.local
        if not moment.date and moment.zone and master.start.zone and moment.zone != master.start.zone:
            local = local_of(moment.instant, master.start.zone)
        starts[moment.instant] = (local, length)


def _holes(master: Timed, frame: Frame) -> Holes:
    """The EXDATEs of a series: a DATE-TIME takes that instant, a DATE the local day of a timed series."""
    instants, days = set(), set()
    for line in master.part.lines.get("EXDATE", ()):
        for text in filter(None, line.value.split(",")):
            try:
                if not master.start.date and "T" not in text.upper():
                    days.add(wall(text)[0].date())
                else:
                    instants.add(_in_series(text, line, master, frame).instant)
            except (ValueError, OverflowError) as error:
                frame.problems.append(f"EXDATE: {error}")
    return Holes(frozenset(instants), frozenset(days))
