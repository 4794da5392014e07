"""From a series (a master and what overrides it) to its occurrences in a window, by the text of RFC 5545 (3.8.4, 3.8.5).

Inside, an instant is a naive datetime in UTC and an all-day occurrence runs between naive midnights: both compare,
add and hash without a zone, and a zone is asked once for each occurrence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.lines import Component, Line
from connectors.rules import Budget, Rule, RunawayError, between, counted, parse
from connectors.zones import EARLIEST, LAST, LATEST, Zones, in_gap, instant, local_of, skips, wall

_DAY = timedelta(days=1)
_ZERO = timedelta()
_LONGEST = timedelta(days=3_660_000)
_DURATION = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class Moment(NamedTuple):
    """A DTSTART or its like: a local time, or a day (at midnight); its zone, None where that is not known."""

    local: datetime
    zone: tzinfo | None
    date: bool

    @property
    def instant(self) -> datetime:
        """As naive UTC; of a day and in an unknown zone the local time itself."""
        return self.local if self.date or self.zone is None else instant(self.local, self.zone)


class Length(NamedTuple):
    """How long each instance is (3.8.5.3): `exact` elapsed time, after nominal `days` on the local clock."""

    days: int
    exact: timedelta

    def end(self, local: datetime, start: datetime, zone: tzinfo | None) -> datetime:
        """The end of an instance that starts at a local time, which is the instant `start`."""
        if not self.days:
            return later(start, self.exact)
        end = later(local, timedelta(days=self.days))
        return later(instant(end, zone) if zone else end, self.exact)


class Occurrence(NamedTuple):
    """Start and end as naive UTC, or as midnights if `date`; `id` is the canonical RECURRENCE-ID, '' outside series."""

    part: Component
    start: datetime
    end: datetime
    date: bool
    id: str = ""
    uncertain: bool = False


@dataclass(slots=True)
class Frame:
    """What every series of a calendar is expanded in.  `low`, `high`: the window as naive UTC; `home`: the user's zone."""

    zones: Zones
    home: ZoneInfo
    low: datetime
    high: datetime
    problems: list[str] = field(default_factory=list)

    def shows(self, o: Occurrence) -> bool:
        """Whether an occurrence touches the window; one without length does if it lies in [low, high)."""
        start, end = o.start, o.end
        if o.date:
            start, end = instant(start, self.home), instant(max(end, later(start, _DAY)), self.home)
        elif o.uncertain:
            start, end = later(start, -EARLIEST), later(end, LATEST)
        return start < self.high and (end > self.low or start == end == self.low)


def read_moment(line: Line, zones: Zones) -> Moment:
    """A DATE or DATE-TIME; ValueError for anything else.  UTC wins over a TZID (3.2.19)."""
    return _moment(line.value, line, zones, zones.floating)


def _moment(text: str, line: Line, zones: Zones, floating: tzinfo | None) -> Moment:
    local, kind = wall(text)
    if kind == "date":
        return Moment(local, UTC, date=True)
    tzid = line.param("TZID") if kind == "local" and line.params else ""
    return Moment(local, UTC if kind == "utc" else zones.named(tzid) if tzid else floating, date=False)


def read_duration(text: str) -> Length:
    """A DURATION (3.3.6): weeks and days are nominal, the rest is exact, but PT24H is P1D, as everybody has it.

    ValueError for anything else.
    """
    found = _DURATION.fullmatch(text.strip().upper())
    if not found or not any(found.groups()[1:]) or max(map(len, filter(None, found.groups()))) > 12:
        raise ValueError(f"no duration: {text[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    exact = hours * 3600 + minutes * 60 + seconds
    days += 7 * weeks
    if exact % 86400 == 0:
        days, exact = days + exact // 86400, 0
    return Length(sign * min(days, _LONGEST.days), sign * timedelta(seconds=min(exact, _LONGEST.days * 86400)))


def identity(moment: Moment) -> str:
    """The canonical RECURRENCE-ID: '20261203', or '20261203T090000Z'."""
    return _identity(moment.instant, date=moment.date)


def _identity(moment: datetime, *, date: bool) -> str:
    text = moment.isoformat().replace("-", "").replace(":", "")
    return text[:8] if date else text[:15] + "Z"


def later(moment: datetime, span: timedelta) -> datetime:
    """The sum, clipped to the years 1 to 9999."""
    try:
        return moment + span
    except OverflowError:
        return LAST if span > _ZERO else datetime.min


# --- one component -----------------------------------------------------------------------------------------


class Timed(NamedTuple):
    """A component with its start and its length; `known` is false where either hangs on an unknown zone."""

    part: Component
    start: Moment
    length: Length
    known: bool

    def at(self, local: datetime, moment: datetime) -> tuple[datetime, datetime]:
        """Start and end of an instance."""
        return moment, self.length.end(local, moment, None if self.start.date else self.start.zone)

    def itself(self, identity: str = "") -> Occurrence:
        """The occurrence at its own DTSTART."""
        start, end = self.at(self.start.local, self.start.instant)
        return Occurrence(self.part, start, end, self.start.date, identity, not self.known)


def timed(part: Component, frame: Frame, instead: Moment | None = None) -> Timed | None:
    """A component's time; None, and a problem, where its start cannot be read and there is none `instead`."""
    line = part.first("DTSTART")
    try:
        start = read_moment(line, frame.zones) if line else instead
    except (ValueError, OverflowError) as error:
        frame.problems.append(f"DTSTART: {error}")
        start = instead
    else:
        if start is None:
            frame.problems.append("an event has no DTSTART")
    if start is None:
        return None
    length, zone = _length(part, start, frame)
    return Timed(part, start, length, known=start.date or (start.zone is not None and zone is not None))


def _length(part: Component, start: Moment, frame: Frame) -> tuple[Length, tzinfo | None]:
    """The length, and the zone of the end: by DTEND, else DURATION, else a day or nothing (3.6.1)."""
    for name, measure in (("DTEND", _by_end), ("DURATION", _by_duration)):
        if line := part.first(name):
            try:
                return measure(line, start, frame)
            except (ValueError, OverflowError) as error:
                frame.problems.append(f"{name}: {error}")
    return Length(1 if start.date else 0, _ZERO), start.zone


def _by_end(line: Line, start: Moment, frame: Frame) -> tuple[Length, tzinfo | None]:
    end = read_moment(line, frame.zones)
    length = _until_end(start, end)
    if end.date == start.date and end.instant < start.instant and length == (0, _ZERO):
        frame.problems.append("an event ends before it starts; it is taken as a moment")
    return length, end.zone


def _by_duration(line: Line, start: Moment, frame: Frame) -> tuple[Length, tzinfo | None]:
    length = read_duration(line.value)
    if length.days < 0 or length.exact < _ZERO:
        frame.problems.append("an event has a negative duration; it is taken as a moment")
        length = Length(0, _ZERO)
    if start.date:
        length = Length(length.days - (-length.exact // _DAY), _ZERO)
    return length, start.zone


def _until_end(start: Moment, end: Moment) -> Length:
    """By DTEND: whole days of an all-day event, else exact.

    An end that lies after the start on the clock, but not in time, because the clocks jump between the two, is
    taken by the clock: an appointment is no moment because its zone skips an hour.
    """
    if start.date:
        return Length(max(0, -((start.local - end.local) // _DAY)), _ZERO)
    if end.date or start.zone is None or end.zone is None:
        end = Moment(end.local, start.zone, date=False)
    if start.zone is None:
        return Length(0, max(_ZERO, end.local - start.local))
    exact = end.instant - start.instant
    if exact <= _ZERO and start.zone == end.zone:
        exact = end.local - start.local
    return Length(0, max(_ZERO, exact))


# --- a series ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Override:
    """An override (3.8.4.4): the instance that it replaces, and its own time."""

    id: Moment
    own: Timed
    future: bool


def expand(masters: list[Component], overrides: list[Component], frame: Frame, budget: Budget) -> list[Occurrence]:
    """The occurrences of one UID in the frame's window.  What cannot be understood goes to the frame's problems."""
    master = timed(max(masters, key=_version), frame) if masters else None
    changes = _overrides(overrides, master, frame)
    shown = {key: o for key, c in changes.items() if frame.shows(o := c.own.itself(identity(c.id)))}
    if not master:
        return list(shown.values())
    try:
        series = Series(master, _holes(master, frame), frame, budget)
        found = _instances(series, changes)
        found += [o for key, o in shown.items() if _stands(changes[key], series)]
    except RunawayError:
        frame.problems.append("a recurrence rule has more instances than can be listed; only its start is")
        found = [master.itself(identity(master.start)), *shown.values()]
    return [o for o in found if frame.shows(o)]


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
    moment = _moment(
        text, line, frame.zones, master.start.zone if master and not master.start.date else frame.zones.floating
    )
    if master and master.start.date and not moment.date:
        return Moment(datetime.combine(moment.local, time()), UTC, date=True)
    if master and moment.date and not master.start.date:
        return Moment(datetime.combine(moment.local, master.start.local.time()), master.start.zone, date=False)
    return moment


@dataclass(slots=True)
class Series:
    """A master, what its EXDATEs take away, and what it is expanded in."""

    master: Timed
    holes: Holes
    frame: Frame
    budget: Budget


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
    if not part.lines.keys() & _REPEATS:
        return [] if start.instant in changes else [master.itself()]
    futures = sorted((o for o in changes.values() if o.future), key=lambda o: o.id.instant)
    shifts = [_shift(o, master) for o in futures]
    reach = max([master.length, *(o.own.length for o in futures)], key=_rough)
    slack = 2 * _DAY + max((abs(s) for s in shifts), default=_ZERO)
    low, high = later(frame.low, -slack - _rough(reach)), later(frame.high, slack)
    out = []
    for moment, (local, length) in _starts(series, low, high).items():
        if moment in changes:
            continue
        one = Timed(part, start, length or master.length, master.known)
        last = max((n for n, o in enumerate(futures) if o.id.instant < moment), default=-1)
        name = _identity(moment, date=start.date)
        doubt = last >= 0 and "RRULE" in futures[last].own.part.lines
        if last < 0 or doubt:
            out.append(Occurrence(part, *one.at(local, moment), start.date, name, doubt or not one.known))
        if last >= 0:
            out.append(_shifted(futures[last].own, local + shifts[last], start, name, doubt=doubt))
    return out


_REPEATS = frozenset({"RRULE", "RDATE"})


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


Starts = dict[datetime, tuple[datetime, Length | None]]
"""A recurrence set: instant → (local time, own length if it has one)."""


def _starts(series: Series, low: datetime, high: datetime) -> Starts:
    """The recurrence set in [low, high], and all of RDATE (3.8.5).

    DTSTART is in it, also where its rule does not give it, unless the rule ends before it or it takes no time.
    """
    master, frame = series.master, series.frame
    start, lines = master.start, master.part.lines
    starts: Starts = {}
    ended = False
    for line in lines.get("RRULE", ()):
        if not line.value.strip():
            continue
        try:
            rule = parse(line.value)
            last, until = _end(rule, date=start.date)
            starts |= _ruled(rule, start, low, min(high, last), until, series.budget)
            ended = ended or last < start.local or until < start.instant
        except (ValueError, OverflowError) as error:
            frame.problems.append(str(error))
    counts = start.date or master.length != (0, _ZERO) or "RRULE" not in lines
    if low <= start.local <= high and counts and not ended:
        starts.setdefault(start.instant, (start.local, None))
    for line in lines.get("RDATE", ()):
        for text in filter(None, line.value.split(",")):
            _add(text, line, series, starts)
    if series.holes:
        return {m: found for m, found in starts.items() if not series.holes.take(m, found[0])}
    return starts


def _ruled(rule: Rule, start: Moment, low: datetime, high: datetime, until: datetime, budget: Budget) -> Starts:
    """The instances of one rule.  Those that the zone's clock jumps over are left out, and not counted (3.3.10)."""
    if high < low:
        return {}
    zone = UTC if start.date or start.zone is None else start.zone
    gaps = None
    if zone is not UTC:
        clock = None if rule.hours or rule.freq in ("HOURLY", "MINUTELY", "SECONDLY") else start.local.time()
        first = start.local.year if rule.count else max(low, start.local).year
        if skips(zone, clock, first, high.year):
            gaps = lambda local: in_gap(local, zone)  # noqa: E731 it is None as often as not
    if rule.count:
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
        return datetime.max, datetime.max
    until, kind = wall(rule.until)
    if date:
        return datetime.combine(until, time.max), datetime.max
    return (later(until, _DAY), until) if kind == "utc" else (until, datetime.max)


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
            length = _until_end(moment, _in_series(rest, line, master, frame))
    except (ValueError, OverflowError) as error:
        frame.problems.append(f"RDATE: {error}")
        return
    if length is not None or moment.instant not in starts:
        local = moment.local
        if not moment.date and moment.zone and master.start.zone and moment.zone != master.start.zone:
            local = local_of(moment.instant, master.start.zone)
        starts[moment.instant] = (local, length)


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


def _holes(master: Timed, frame: Frame) -> Holes:
    """The EXDATEs of a series: a DATE-TIME takes that instant, a DATE the local day of a timed series."""
    instants, days = set(), set()
    for line in master.part.lines.get("EXDATE", ()):
        for text in filter(None, line.value.split(",")):
            try:
                if not master.start.date and wall(text)[1] == "date":
                    days.add(wall(text)[0].date())
                else:
                    instants.add(_in_series(text, line, master, frame).instant)
            except (ValueError, OverflowError) as error:
                frame.problems.append(f"EXDATE: {error}")
    return Holes(frozenset(instants), frozenset(days))
