"""Spans of time, and the days and weeks that people name them by.

Instants are UTC inside the program: two aware datetimes of one zone subtract as wall-clock times in Python,
which is wrong by an hour across a DST change.  A zone comes in only where a person's day is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import force_setattr

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive datetime, which names no instant."""
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"naive datetime {moment} names no instant")
    return moment.astimezone(UTC)


def at(day: date, clock: time, zone: tzinfo) -> datetime:
    """The instant of a local wall time.

    A time that occurs twice is the first one; a time in a gap counts with the offset before the gap
    (RFC 5545, 3.3.5).
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def clock_span(day: date, start: time, end: time, zone: tzinfo) -> TimeRange:
    """The instants between two local wall times of a day; an end of 00:00 is the midnight after.

    Empty where the clocks are put forward over all of it.
    """
    last = at(day + DAY if end == time() else day, end, zone)
    return TimeRange(min(at(day, start, zone), last), last)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The local calendar day on which an instant lies."""
    return moment.astimezone(zone).date()


class TimeRange(Struct, frozen=True, order=True):
    """Half-open span [start, end) of instants, held in UTC.  ValueError when naive or when it ends before it starts.

    `TimeRange` and `DateRange` have one interface for what is asked of any `When`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            force_setattr(self, "start", utc(self.start))
            force_setattr(self, "end", utc(self.end))
        if self.end < self.start:
            raise ValueError(f"ends before it starts: {self.start} to {self.end}")

    @property
    def dates(self) -> DateRange | None:
        """None: it is a matter of instants."""
        return None

    @property
    def all_day(self) -> bool:
        """False: likewise."""
        return False

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return int((self.end - self.start) // MINUTE)

    @property
    def stamp(self) -> str:
        """'20261203T080000Z/20261203T100000Z'."""
        return f"{self.start:%Y%m%dT%H%M%SZ}/{self.end:%Y%m%dT%H%M%SZ}"

    def first_day(self, zone: tzinfo) -> date:
        """The local day on which it begins."""
        return local_day(self.start, zone)

    def span(self, zone: tzinfo) -> TimeRange:  # noqa: ARG002  instants are the same in every zone
        """Itself."""
        return self

    def ends(self, zone: tzinfo) -> tuple[date, date]:
        """Start and end as local datetimes."""
        return self.start.astimezone(zone), self.end.astimezone(zone)

    def begun(self, now: datetime, zone: tzinfo) -> bool:  # noqa: ARG002  likewise
        """Whether its start has come."""
        return self.start <= now

    def overlaps(self, other: TimeRange) -> bool:
        """Whether the two share any instant."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: TimeRange) -> bool:
        """Whether all of the other lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def __contains__(self, moment: datetime) -> bool:
        """Whether an instant lies in [start, end)."""
        return self.start <= moment < self.end

    def common(self, other: TimeRange) -> TimeRange | None:
        """The shared part, or None where there is none (touching is not sharing)."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return TimeRange(start, end) if start < end else None


class DateRange(Struct, frozen=True, order=True):
    """Half-open span of days [first, end) of an all-day event, as RFC 5545 has it: DTEND is exclusive."""

    first: date
    end: date

    @property
    def dates(self) -> DateRange | None:
        """Itself: it is a matter of days."""
        return self

    @property
    def all_day(self) -> bool:
        """True: likewise."""
        return True

    @property
    def minutes(self) -> int:
        """0: days take no time of the day."""
        return 0

    @property
    def days(self) -> tuple[date, ...]:
        """Each day in it."""
        return tuple(self.first + n * DAY for n in range((self.end - self.first).days))

    @property
    def stamp(self) -> str:
        """'20261203/20261204'."""
        return f"{self.first:%Y%m%d}/{self.end:%Y%m%d}"

    def first_day(self, zone: tzinfo) -> date:  # noqa: ARG002  a day has the same name in every zone
        """Its first day."""
        return self.first

    def span(self, zone: tzinfo) -> TimeRange:
        """From the first local midnight to the last; such a day has 23, 24 or 25 hours."""
        return TimeRange(at(self.first, time(), zone), at(self.end, time(), zone))

    def ends(self, zone: tzinfo) -> tuple[date, date]:  # noqa: ARG002  likewise
        """First day, and the day after the last."""
        return self.first, self.end

    def begun(self, now: datetime, zone: tzinfo) -> bool:
        """Whether its last day has passed: until then it can still be changed."""
        return self.end <= local_day(now, zone)


When = TimeRange | DateRange
"""When an event is: instants or days."""


def read_stamp(line: str) -> When | None:
    """The reverse of `When.stamp`, also where '@' and something else follow; None for anything else."""
    start, _, end = line.partition("@")[0].partition("/")
    try:
        if len(start) == 8:
            days = DateRange(_read(start, "%Y%m%d").date(), _read(end, "%Y%m%d").date())
            return days if days.first <= days.end else None
        return TimeRange(_read(start, "%Y%m%dT%H%M%SZ"), _read(end, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return None


def _read(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def merged(ranges: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """The union, as sorted ranges that neither overlap nor touch; empty ranges vanish."""
    out: list[TimeRange] = []
    for r in sorted(ranges):
        if r.start == r.end:
            continue
        if out and r.start <= out[-1].end:
            if r.end > out[-1].end:
                out[-1] = TimeRange(out[-1].start, r.end)
        else:
            out.append(r)
    return tuple(out)


def minus(ranges: Iterable[TimeRange], holes: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """What is left of the union of `ranges` after `holes` are cut out of it."""
    out: list[TimeRange] = []
    cuts = merged(holes)
    for r in merged(ranges):
        start = r.start
        for hole in cuts:
            if hole.end <= start:
                continue
            if hole.start >= r.end:
                break
            if hole.start > start:
                out.append(TimeRange(start, hole.start))
            start = hole.end
        if start < r.end:
            out.append(TimeRange(start, r.end))
    return tuple(out)


def within(ranges: Iterable[TimeRange], bounds: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """The part of the union of `ranges` that lies inside the union of `bounds`."""
    edges = merged(bounds)
    return tuple(c for r in merged(ranges) for b in edges if (c := r.common(b)))


def minutes_of(ranges: Iterable[TimeRange]) -> int:
    """Elapsed minutes of the union: time that is covered twice counts once."""
    return sum(r.minutes for r in merged(ranges))


class Week(Struct, frozen=True, order=True):
    """Seven days from the user's first day of the week."""

    first: date

    @property
    def key(self) -> str:
        """ISO 8601 name, '2026-W49': that of the day in its middle, so a week from Sunday is named as people expect."""
        year, number, _ = (self.first + 3 * DAY).isocalendar()
        return f"{year}-W{number:02}"

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days in order."""
        return tuple(self.first + n * DAY for n in range(7))

    def span(self, zone: tzinfo) -> TimeRange:
        """From local midnight to local midnight."""
        return DateRange(self.first, self.first + 7 * DAY).span(zone)

    def next(self) -> Week:
        """The week after it."""
        return Week(self.first + 7 * DAY)


def week_of(day: date, week_starts: int) -> Week:
    """The week in which a day lies; `week_starts` counts from Monday = 0."""
    return Week(day - ((day.weekday() - week_starts) % 7) * DAY)


def weeks_in(span: TimeRange, zone: tzinfo, week_starts: int) -> tuple[Week, ...]:
    """Every week that the span touches, in order."""
    week, out = week_of(local_day(span.start, zone), week_starts), []
    while week.span(zone).start < span.end:
        out.append(week)
        week = week.next()
    return tuple(out)


class WorkingHours(Struct, frozen=True):
    """The local wall times at which the user works: for each weekday (Monday first) pairs of start and end."""

    week: tuple[tuple[tuple[time, time], ...], ...]

    def on(self, day: date, zone: tzinfo) -> tuple[TimeRange, ...]:
        """That day's working time as instants; empty on a day off.  An end of 00:00 is the midnight after."""
        return tuple(clock_span(day, start, end, zone) for start, end in self.week[day.weekday()])
