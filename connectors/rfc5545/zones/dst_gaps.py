"""The times of day that the clocks of a zone jump over: an instance there is left out (RFC 5545, 3.3.10)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from connectors.rfc5545.clocks import offset_of
from connectors.rfc5545.recurrence.rules import Budget
from connectors.rfc5545.zones.names import Guess
from connectors.rfc5545.zones.vtimezone import FileZone

_WEEK = timedelta(weeks=1)


def skips(zone: tzinfo, clock: time | None, first: int, last: int, budget: Budget) -> bool:
    """Whether the clocks of a zone jump over a time of day (None: any) in some of the years [first, last].

    No clock was changed before 1850, and what is in force in 2100 is taken to stay so.
    """
    zone = zone.zone if isinstance(zone, Guess) else zone
    if zone is UTC or isinstance(zone, timezone):
        return False
    years = range(min(max(first, 1850), 2100), min(last, 2100) + 1)
    budget.spend(len(years) * (len(zone.observances) if isinstance(zone, FileZone) else 1))
    return any(
        clock is None or (low <= clock < high if low < high else clock >= low or clock < high)
        for year in years
        for low, high in _gaps_of(zone, year)
    )


def _gaps_of(zone: tzinfo, year: int) -> tuple[tuple[time, time], ...]:
    """See `_gaps`.  A zone of a file remembers its own, and lives no longer than its calendar."""
    if not isinstance(zone, FileZone):
        return _iana_gaps(zone, year)
    if year not in zone.gaps:
        zone.gaps[year] = _gaps(zone, year)
    return zone.gaps[year]


@lru_cache(maxsize=1024)
def _iana_gaps(zone: tzinfo, year: int) -> tuple[tuple[time, time], ...]:
    return _gaps(zone, year)


def _gaps(zone: tzinfo, year: int) -> tuple[tuple[time, time], ...]:
    """The gaps of a year as times of day [low, high); one of a day or more is ('00:00', '00:00'), all of the day."""
    out, end = [], datetime(year + 1, 1, 1)
    now = datetime(year, 1, 1)
    offset = offset_of(now, zone)
    while now < end:
        later = min(now + _WEEK, end)
        new = offset_of(later, zone)
        if new > offset:
            edge = _change(now, later, zone, new)
            low = edge - (new - offset)
            out.append((low.time(), edge.time()) if new - offset < timedelta(days=1) else (time(), time()))
        now, offset = later, new
    return tuple(out)


def _change(low: datetime, high: datetime, zone: tzinfo, new: timedelta) -> datetime:
    """The first local second in (low, high] that has the offset `new`."""
    span = int((high - low).total_seconds())
    left, right = 0, span
    while right - left > 1:
        middle = (left + right) // 2
        if offset_of(low + timedelta(seconds=middle), zone) == new:
            right = middle
        else:
            left = middle
    return low + timedelta(seconds=right)
