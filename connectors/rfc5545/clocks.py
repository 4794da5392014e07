"""Local times and instants (RFC 5545, 3.3.5).

Inside the reader a local time is a naive datetime, and so is an instant, in UTC: both compare, add and hash without
a zone, and a zone is asked once for each occurrence.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

FIRST = datetime(1, 1, 1)
LAST = datetime(9999, 12, 31, 23, 59, 59)
"""The first and the last instant that there is."""
_ISO = (
    r"(?a)(\d{4})([-/.]?)(\d\d)\2(\d\d)"
    r"(?:(?:\s*T\s*|\s+)(\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?|))?"
)
"""A day or a time in the forms of ISO 8601, and between them; compiled where it is met."""


def wall(text: str) -> tuple[datetime, str]:
    """A DATE or DATE-TIME value, and its kind: 'date', 'local' or 'utc'.  Hour 24 and second 60 are the next one.

    ValueError for anything else (RFC 5545, 3.3.4, 3.3.5, 3.3.12).
    """
    plain = text[:-1] if text[15:] == "Z" else text
    if len(plain) == 15 and plain[8] == "T" and plain.isascii() and (plain[:8] + plain[9:]).isdigit():
        try:
            return datetime.fromisoformat(plain), "local" if plain is text else "utc"
        except ValueError:
            return _odd_wall(text)
    if len(text) == 8 and text.isascii() and text.isdigit():
        return datetime(int(text[:4]), int(text[4:6]), int(text[6:])), "date"
    return _odd_wall(text)


def _odd_wall(text: str) -> tuple[datetime, str]:
    """The same for hour 24, and for whatever is written in another way: as ISO 8601 has it, or in quotes.

    A time with an offset is one in UTC.  Fractions of a second are cut off.
    """
    found = re.fullmatch(_ISO, text.strip(" \t\r\n\"'").replace("−", "-").upper())
    if not found:
        raise ValueError(f"no date or time: {text[:40]!r}")
    year, _, month, day, hour, _, minute, second, offset = found.groups()
    local = datetime(int(year), int(month), int(day))
    if hour is None:
        return local, "date"
    clock = int(hour), int(minute or 0), int(second or 0)
    if clock[0] > 24 or clock[1] > 59 or clock[2] > 60:
        raise ValueError(f"no time of day: {text[:40]!r}")
    span = timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
    if offset[:1] in ("+", "-"):
        size = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:].lstrip(":") or 0))
        span += size if offset[0] == "-" else -size
    try:
        return local + span, "utc" if offset else "local"
    except OverflowError:
        raise ValueError(f"a time beyond the calendar: {text[:40]!r}") from None


def instant(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local time, as naive UTC; clipped to the years 1 to 9999.

    A time that occurs twice is the first one; a time in a gap counts with the offset before it (RFC 5545, 3.3.5).
    """
    if zone is UTC:
        return local
    try:
        return local - (local.replace(tzinfo=zone).utcoffset() or timedelta())
    except OverflowError:
        return LAST if local.year > 5000 else FIRST


def local_of(moment: datetime, zone: tzinfo) -> datetime:
    """The local time of an instant (naive UTC)."""
    offset = offset_of(moment, zone)
    for _ in range(2):
        offset = offset_of(moment + offset, zone)
    return moment + offset


def in_gap(local: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of the zone jump over a local time."""
    before, after = (local.replace(tzinfo=zone, fold=f).utcoffset() or timedelta() for f in (0, 1))
    return before < after


def offset_of(local: datetime, zone: tzinfo) -> timedelta:
    """The offset of a zone from UTC at a local time."""
    return local.replace(tzinfo=zone).utcoffset() or timedelta()


def later(moment: datetime, span: timedelta) -> datetime:
    """The sum, clipped to the years 1 to 9999."""
    try:
        return moment + span
    except OverflowError:
        return LAST if span > timedelta() else FIRST
