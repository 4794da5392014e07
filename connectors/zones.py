"""What a TZID means: an IANA zone, the file's own VTIMEZONE, a Windows name, or nothing that is known.

Resolved for each VCALENDAR by itself: two calendars may give one name to two zones, and Exchange does.  The only
thing that is remembered from one calendar to the next is what IANA names mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.lines import Component
from connectors.rules import Budget, Rule, RunawayError, between, counted, parse

EARLIEST, LATEST = timedelta(hours=14), timedelta(hours=12)
"""How far a local time of an unknown zone may lie before and after the same time in UTC."""

LAST = datetime.max.replace(microsecond=0)
"""The last instant that there is."""

_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_NO_ZONES = ("localtime", "posixrules", "factory", "right", "posix")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_LOCAL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?(Z?)")
_WEEK = timedelta(weeks=1)
_YEAR = timedelta(days=366)


def wall(text: str) -> tuple[datetime, str]:
    """A DATE or DATE-TIME value, and its kind: 'date', 'local' or 'utc'.  Hour 24 and second 60 are the next one.

    ValueError for anything else (RFC 5545, 3.3.4, 3.3.5, 3.3.12).
    """
    found = _LOCAL.fullmatch(text.strip().upper())
    if not found:
        raise ValueError(f"no date or time: {text[:40]!r}")
    year, month, day, hour, minute, second = (int(n or 0) for n in found.groups()[:6])
    if found[4] is None:
        return datetime(year, month, day), "date"  # noqa: DTZ001 local times have no zone
    over = timedelta(days=hour == 24, seconds=second == 60)
    moment = datetime(year, month, day, hour % 24 if over.days else hour, minute, second - over.seconds)  # noqa: DTZ001
    return moment + over if over else moment, "utc" if found[7] else "local"


def instant(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local time, as naive UTC; clipped to the years 1 to 9999.

    A time that occurs twice is the first one; a time in a gap counts with the offset before it (RFC 5545, 3.3.5).
    """
    if zone is UTC:
        return local
    try:
        return local - (local.replace(tzinfo=zone).utcoffset() or timedelta())
    except OverflowError:
        return LAST if local.year > 5000 else datetime.min


def local_of(moment: datetime, zone: tzinfo) -> datetime:
    """The local time of an instant (naive UTC)."""
    offset = _offset_of(moment, zone)
    for _ in range(2):
        offset = _offset_of(moment + offset, zone)
    return moment + offset


def in_gap(local: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of the zone jump over a local time."""
    before, after = (local.replace(tzinfo=zone, fold=f).utcoffset() or timedelta() for f in (0, 1))
    return before < after


def skips(zone: tzinfo, clock: time | None, first: int, last: int) -> bool:
    """Whether the clocks of a zone jump over a time of day (None: any) in some of the years [first, last]."""
    if zone is UTC or isinstance(zone, timezone):
        return False
    return any(
        clock is None or (low <= clock < high if low < high else clock >= low or clock < high)
        for year in range(max(first, 1), min(last, 9998) + 1)
        for low, high in (zone.gaps(year) if isinstance(zone, FileZone) else _gaps(zone, year))
    )


@lru_cache(maxsize=1024)
def _gaps(zone: tzinfo, year: int) -> tuple[tuple[time, time], ...]:
    """The gaps of a year as times of day [low, high); one of a day or more is ('00:00', '00:00'), all of the day."""
    out, end = [], datetime(year + 1, 1, 1)  # noqa: DTZ001 local times
    now = datetime(year, 1, 1)  # noqa: DTZ001
    offset = _offset_of(now, zone)
    while now < end:
        later = min(now + _WEEK, end)
        new = _offset_of(later, zone)
        if new > offset:
            edge = _change(now, later, zone, new)
            low = edge - (new - offset)
            out.append((low.time(), edge.time()) if new - offset < timedelta(days=1) else (time(), time()))
        now, offset = later, new
    return tuple(out)


def _offset_of(local: datetime, zone: tzinfo) -> timedelta:
    return local.replace(tzinfo=zone).utcoffset() or timedelta()


def _change(low: datetime, high: datetime, zone: tzinfo, new: timedelta) -> datetime:
    """The first local second in (low, high] that has the offset `new`."""
    span = int((high - low).total_seconds())
    left, right = 0, span
    while right - left > 1:
        middle = (left + right) // 2
        if _offset_of(low + timedelta(seconds=middle), zone) == new:
            right = middle
        else:
            left = middle
    return low + timedelta(seconds=right)


@dataclass(slots=True)
class Zones:
    """The zones of one VCALENDAR: what its TZIDs mean, and the zone of times that name none."""

    files: dict[str, Component]
    floating: tzinfo | None
    known: dict[str, tzinfo | None] = field(default_factory=dict)

    def named(self, tzid: str) -> tzinfo | None:
        """What a TZID means here, None where that cannot be known."""
        if tzid not in self.known:
            self.known[tzid] = self._find(tzid)
        return self.known[tzid]

    def _find(self, tzid: str) -> tzinfo | None:
        name = tzid.strip().strip('"')
        zone = iana(name)
        if zone is None and name in self.files:
            zone = file_zone(self.files[name])
        return zone or windows(name)


def zones_of(frame: Component, default: ZoneInfo) -> Zones:
    """The zones of a calendar by its VTIMEZONEs and X-WR-TIMEZONE; times without a zone are in `default` else."""
    files: dict[str, Component] = {}
    for part in frame.parts:
        if part.name == "VTIMEZONE":
            files.setdefault(part.text("TZID").strip(), part)
    zones = Zones(files, default)
    if own := frame.text("X-WR-TIMEZONE").strip():
        zones.floating = zones.named(own)
    return zones


def iana(name: str) -> tzinfo | None:
    """The IANA zone of a name or alias; vendor prefixes ('/mozilla.org/20050126_1/Europe/Paris') are stripped."""
    parts = name.strip("/").split("/")
    names = [name] if not name.startswith("/") else ["/".join(parts[-n:]) for n in (3, 2, 1) if n <= len(parts)]
    return next((z for n in names if (z := _iana(n))), None)


@lru_cache(maxsize=1024)
def _iana(name: str) -> tzinfo | None:
    if name.upper() in ("UTC", "Z"):
        return UTC
    if len(name) > 40 or not _IANA.fullmatch(name) or name.lower().split("/")[0] in _NO_ZONES:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such name, a folder of names, a damaged file
        return None


def windows(name: str) -> tzinfo | None:
    """The zone of a Windows name, which Outlook may have numbered ('Eastern Standard Time 1')."""
    from connectors.windows_zones import WINDOWS_ZONES  # noqa: PLC0415 most calendars never need the table

    found = WINDOWS_ZONES.get(name.rstrip(" 0123456789").lower())
    return iana(found) if found else None


# --- VTIMEZONE ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observance:
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
                low = max(self.start, top - back) if top - datetime.min > back else self.start
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
        self.known_gaps: dict[int, tuple[tuple[time, time], ...]] = {}

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

    def tzname(self, moment: datetime | None) -> str:
        """The TZID."""
        return self.name

    def gaps(self, year: int) -> tuple[tuple[time, time], ...]:
        """See `_gaps`; remembered by the zone itself, which lives no longer than its calendar."""
        if year not in self.known_gaps:
            self.known_gaps[year] = _gaps.__wrapped__(self, year)
        return self.known_gaps[year]

    def _year(self, year: int) -> tuple[timedelta, list[tuple[datetime, timedelta, timedelta]]]:
        """The offset two days before a year, and the changes until two days after it."""
        if year not in self.years:
            low = datetime(year, 1, 1) - timedelta(days=2) if year > 1 else datetime.min  # noqa: DTZ001 local times
            high = datetime(year + 1, 1, 3) if year < 9999 else datetime.max  # noqa: DTZ001
            before = [(onset, o.after) for o in self.observances if (onset := o.last(low))]
            offset = max(before, key=lambda b: b[0])[1] if before else self.earliest
            self.years[year] = offset, sorted(self._changes(low, high))
        return self.years[year]

    def _changes(self, low: datetime, high: datetime) -> set[tuple[datetime, timedelta, timedelta]]:
        out = set()
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
    try:
        return FileZone(part.text("TZID"), map(_observance, parts))
    except (ValueError, RunawayError, OverflowError):
        return None


def _observance(part: Component) -> Observance:
    start, _ = wall(part.value("DTSTART"))
    before, after = _offset(part.value("TZOFFSETFROM")), _offset(part.value("TZOFFSETTO"))
    rules = tuple(_ruled(line.value, start, before) for line in part.lines.get("RRULE", ()))
    values = [v for line in part.lines.get("RDATE", ()) for v in line.value.split(",") if v]
    more = [_onset(v.partition("/")[0], before) for v in values]
    return Observance(start, before, after, rules, tuple(more))


def _ruled(text: str, start: datetime, before: timedelta) -> tuple[Rule, datetime]:
    """A rule of onsets, and its end: UNTIL (in UTC, by the offset before the onset) or COUNT."""
    rule = parse(text)
    if rule.freq not in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY"):
        raise ValueError("no clock is changed every hour")
    end = _onset(rule.until, before) if rule.until else datetime.max
    if rule.count:
        end = min(end, counted(rule, start, datetime.max, Budget()))
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
