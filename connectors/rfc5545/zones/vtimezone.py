"""The zone that a VTIMEZONE describes (RFC 5545, 3.6.5), for names that mean nothing outside their file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

from msgspec import Struct

from connectors.rfc5545.clocks import FIRST, LAST, wall
from connectors.rfc5545.lines import Component
from connectors.rfc5545.recurrence.rules import Budget, Rule, RunawayError, parse
from connectors.rfc5545.recurrence.starts import between, counted

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_MOST_OBSERVANCES = 300
_MOST_ONSETS = 1000
_YEAR = timedelta(days=366)


class Observance(Struct, frozen=True):
    """A STANDARD or DAYLIGHT part (RFC 5545, 3.6.5): from each onset on, `after` holds; before it, `before` did."""

    start: datetime
    before: timedelta
    after: timedelta
    rules: tuple[tuple[Rule, datetime], ...]
    more: tuple[datetime, ...]

    def last(self, local: datetime) -> datetime | None:
        """The latest onset at or before a local time."""
        found = [m for m in (self.start, *self.more) if m <= local]
        for rule, end in self.rules:
            top, back = min(local, end), _YEAR
            while top >= self.start:
                low = max(self.start, top - back) if top - FIRST > back else self.start
                if onsets := list(between(rule, self.start, low, top, Budget())):
                    found.append(onsets[-1])
                    break
                if low == self.start:
                    break
                back *= 4
        return max(found, default=None)


class FileZone(tzinfo):
    """The zone that a VTIMEZONE describes; before its first onset, the offset that this one replaced."""

    def __init__(self, name: str, observances: Iterable[Observance]) -> None:
        """By its observances, of which there must be one at least."""
        self.name = name
        self.observances = tuple(observances)
        self.earliest = min(self.observances, key=lambda o: o.start).before
        self.years: dict[int, tuple[timedelta, list[tuple[datetime, timedelta, timedelta]]]] = {}
        self.gaps: dict[int, tuple[tuple[time, time], ...]] = {}

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """As PEP 495 has it: `fold` chooses in times that occur twice, and tells gaps."""
        if moment is None:
            return self.earliest
        local = moment.replace(tzinfo=None)
        offset, changes = self._year(local.year)
        for onset, before, after in changes:
            if onset + (max if moment.fold == 0 else min)(after - before, timedelta()) > local:
                break
            offset = after
        return offset

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not known."""

    def tzname(self, moment: datetime | None) -> str:  # noqa: ARG002 the same at all times
        """The TZID."""
        return self.name

    def _year(self, year: int) -> tuple[timedelta, list[tuple[datetime, timedelta, timedelta]]]:
        """The offset two days before a year, and the changes until two days after it."""
        if year not in self.years:
            low = datetime(year, 1, 1) - timedelta(days=2) if year > 1 else FIRST
            high = datetime(year + 1, 1, 3) if year < 9999 else LAST
            before = [(onset, o.after) for o in self.observances if (onset := o.last(low))]
            offset = max(before, key=lambda b: b[0])[1] if before else self.earliest
            self.years[year] = offset, sorted(self._changes(low, high))
        return self.years[year]

    def _changes(self, low: datetime, high: datetime) -> set[tuple[datetime, timedelta, timedelta]]:
        out: set[tuple[datetime, timedelta, timedelta]] = set()
        for o in self.observances:
            onsets = {m for m in (o.start, *o.more) if low < m <= high}
            for rule, end in o.rules:
                onsets.update(m for m in between(rule, o.start, low, min(high, end), Budget()) if m > low)
            out.update((m, o.before, o.after) for m in onsets)
        return out


def file_zone(part: Component) -> tzinfo | None:
    """The zone of a VTIMEZONE, None where it cannot be read; one without any offset has that of UTC."""
    parts = [p for p in part.parts if p.name in ("STANDARD", "DAYLIGHT")]
    if not parts:
        return UTC
    if len(parts) > _MOST_OBSERVANCES:
        return None
    try:
        return FileZone(part.text("TZID"), map(_observance, parts))
    except (ValueError, RunawayError, OverflowError):
        return None


def _observance(part: Component) -> Observance:
    start, _ = wall(part.value("DTSTART"))
    before, after = _offset(part.value("TZOFFSETFROM")), _offset(part.value("TZOFFSETTO"))
    rules = tuple(_ruled(line.value, start, before) for line in part.lines.get("RRULE", ()))
    values = [v for line in part.lines.get("RDATE", ()) for v in line.value.split(",") if v]
    more = [_onset(v.partition("/")[0], before) for v in values[:_MOST_ONSETS]]
    return Observance(start, before, after, rules, tuple(more))


def _ruled(text: str, start: datetime, before: timedelta) -> tuple[Rule, datetime]:
    """A rule of onsets, and its end: UNTIL (in UTC, by the offset before the onset) or COUNT."""
    rule = parse(text)
    if rule.freq != "YEARLY" or max(map(len, (rule.hours, rule.minutes, rule.seconds))) > 1:
        raise ValueError("no clock is changed more than a few times a year")
    end = _onset(rule.until, before) if rule.until else LAST
    if rule.times:
        end = min(end, counted(rule, start, LAST, Budget()))
    return rule, end


def _onset(text: str, before: timedelta) -> datetime:
    """A value of UNTIL or RDATE in the local time before the onset."""
    moment, kind = wall(text)
    return moment + before if kind == "utc" else moment


def _offset(text: str) -> timedelta:
    """A UTC-OFFSET (RFC 5545, 3.3.14), of less than a day."""
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        raise ValueError(f"no offset from UTC: {text[:20]!r}")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if size >= timedelta(days=1):
        raise ValueError(f"an offset of a day or more: {text[:20]!r}")
    return size if found[1] == "+" else -size
