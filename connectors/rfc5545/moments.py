"""When one event of a calendar is: its start, its length, its zone (RFC 5545, 3.3, 3.6.1, 3.8.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from connectors.rfc5545.clocks import instant, later, wall
from connectors.rfc5545.lines import Component, Line
from connectors.rfc5545.zones.names import Guess, Zones, name_of

_DAY = timedelta(days=1)
_ZERO = timedelta()
_LONGEST = timedelta(days=3_660_000)
_TRAVEL = "X-APPLE-TRAVEL-DURATION"
_DURATION = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class Note(NamedTuple):
    """What could not be understood, or only guessed, and what the user can do about it."""

    what: str
    remedy: str = ""


class Moment(NamedTuple):
    """A DTSTART or its like: a local time and its zone, or a day (at midnight, in UTC)."""

    local: datetime
    zone: tzinfo
    date: bool

    @property
    def instant(self) -> datetime:
        """As naive UTC; of a day the midnight itself."""
        return instant(self.local, self.zone)


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
    """Start and end as naive UTC, or as midnights if `date`; `id` is the canonical RECURRENCE-ID, '' outside series.

    `doubt`: why its time is not certain.
    """

    part: Component
    start: datetime
    end: datetime
    date: bool
    id: str = ""
    doubt: Note | None = None


class Frame(Struct):
    """What every series of a calendar is expanded in.

    `home` is the user's zone; `low` and `high` are the window as naive UTC.  `overrides`: see `Reading`.
    """

    zones: Zones
    home: ZoneInfo
    low: datetime
    high: datetime
    problems: list[Note] = field(default_factory=list)
    overrides: set[tuple[str, str]] = field(default_factory=set)

    def note(self, what: str) -> None:
        """File a problem."""
        self.problems.append(Note(what))

    def shows(self, o: Occurrence) -> bool:
        """Whether an occurrence touches the window; one without length does if it lies in [low, high)."""
        start, end = o.start, o.end
        if o.date:
            start, end = instant(start, self.home), instant(max(end, later(start, _DAY)), self.home)
        return start < self.high and (end > self.low or start == end == self.low)


def read_moment(line: Line, zones: Zones) -> Moment:
    """A DATE or DATE-TIME; ValueError for anything else.  UTC wins over a TZID (3.2.19)."""
    return moment_of(line.value, line, zones, zones.floating)


def moment_of(text: str, line: Line, zones: Zones, floating: tzinfo) -> Moment:
    """One value of a line, with the line's TZID; `floating` is the zone of a time that has none."""
    local, kind = wall(text)
    if kind == "date":
        return Moment(local, UTC, date=True)
    tzid = line.param("TZID") if kind == "local" and line.params else ""
    return Moment(local, UTC if kind == "utc" else zones.named(tzid) if tzid else floating, date=False)


def until_end(start: Moment, end: Moment) -> Length:
    """By DTEND: whole days of an all-day event, else exact.

    An end that lies after the start on the clock, but not in time, because the clocks jump between the two, is
    taken by the clock: an appointment is no moment because its zone skips an hour.
    """
    if start.date:
        return Length(max(0, -((start.local - end.local) // _DAY)), _ZERO)
    if end.date or isinstance(start.zone, Guess) or isinstance(end.zone, Guess):
        end = Moment(end.local, start.zone, date=False)
    exact = end.instant - start.instant
    if exact <= _ZERO and start.zone == end.zone:
        exact = end.local - start.local
    return Length(0, max(_ZERO, exact))


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
    return identity_of(moment.instant, date=moment.date)


def identity_of(moment: datetime, *, date: bool) -> str:
    """The same of an instant, or of a midnight."""
    text = moment.isoformat().replace("-", "").replace(":", "")
    return text[:8] if date else text[:15] + "Z"


class TimedComponent(NamedTuple):
    """A component with its start and its length; `doubt` where either hangs on an unknown zone.

    `travel`: how long before the start the user is on the way.
    """

    part: Component
    start: Moment
    length: Length
    doubt: Note | None = None
    travel: timedelta = _ZERO

    def at(self, local: datetime, moment: datetime) -> tuple[datetime, datetime]:
        """From when and until when an instance takes time."""
        end = self.length.end(local, moment, None if self.start.date else self.start.zone)
        return (later(moment, -self.travel) if self.travel else moment), end

    def itself(self, identity: str = "") -> Occurrence:
        """The occurrence at its own DTSTART."""
        start, end = self.at(self.start.local, self.start.instant)
        return Occurrence(self.part, start, end, self.start.date, identity, self.doubt)


def timed(part: Component, frame: Frame, instead: Moment | None = None) -> TimedComponent | None:
    """A component's time; None, and a problem, where its start cannot be read and there is none `instead`."""
    line = part.first("DTSTART")
    try:
        start = read_moment(line, frame.zones) if line else instead
    except (ValueError, OverflowError) as error:
        frame.note(f"DTSTART: {error}")
        start = instead
    else:
        if start is None:
            frame.note("an event has no DTSTART")
    if start is None:
        return None
    length, zone = _length(part, start, frame)
    if start.date:
        return TimedComponent(part, start, length)
    travel = _travel(part, frame) if _TRAVEL in part.lines else _ZERO
    guess = start.zone if isinstance(start.zone, Guess) else zone
    return TimedComponent(part, start, length, _doubt(guess) if isinstance(guess, Guess) else None, travel)


def _doubt(zone: Guess) -> Note:
    return Note(
        f"the time zone {zone.name[:60]!r} is not known; its times are taken as those of {name_of(zone.zone)}",
        "choose a time zone by its place, as Europe/Berlin, in the program that this event comes from",
    )


def _travel(part: Component, frame: Frame) -> timedelta:
    """The time on the way to an event, as Apple's calendar writes it; a day at most."""
    try:
        length = read_duration(part.value(_TRAVEL))
    except ValueError as error:
        frame.note(f"{_TRAVEL}: {error}")
        return _ZERO
    return min(_DAY, max(_ZERO, length.exact + length.days * _DAY))


def _length(part: Component, start: Moment, frame: Frame) -> tuple[Length, tzinfo]:
    """The length, and the zone of the end: by DTEND, else DURATION, else a day or nothing (3.6.1)."""
    for name, measure in (("DTEND", _by_end), ("DURATION", _by_duration)):
        if line := part.first(name):
            try:
                return measure(line, start, frame)
            except (ValueError, OverflowError) as error:
                frame.note(f"{name}: {error}")
    return Length(1 if start.date else 0, _ZERO), start.zone


def _by_end(line: Line, start: Moment, frame: Frame) -> tuple[Length, tzinfo]:
    end = read_moment(line, frame.zones)
    length = until_end(start, end)
    if length == (0, _ZERO) and end.date == start.date and end.instant < start.instant:
        frame.note("an event ends before it starts; it is taken as a moment")
    return length, end.zone


def _by_duration(line: Line, start: Moment, frame: Frame) -> tuple[Length, tzinfo]:
    length = read_duration(line.value)
    if length.days < 0 or length.exact < _ZERO:
        frame.note("an event has a negative duration; it is taken as a moment")
        length = Length(0, _ZERO)
    if start.date:
        length = Length(length.days - (-length.exact // _DAY), _ZERO)
    return length, start.zone
