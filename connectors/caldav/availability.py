"""Working hours as a CalDAV server has them: the weekly rules of a calendar-availability (RFC 7953)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

Hours = tuple[tuple[int, int, int], ...]
"""See `Known.hours`."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_AVAILABLE = re.compile(r"^BEGIN:AVAILABLE$(.*?)^END:AVAILABLE$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_LINE = re.compile(r"^(DTSTART|DTEND|DURATION|RRULE)((?:;[^:\n]*)?):(.*)$", re.MULTILINE | re.IGNORECASE)
_LOCAL = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)\d\d")
_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:0S)?")
_MOST = 100


def hours_of(text: str) -> Hours:
    """Those of the available times that come back every week on the clock of a zone; () where there are none.

    Of several availabilities all count: who has more than one has to look at what is proposed.
    """
    plain = re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n")
    found = dict.fromkeys(hours for part in _AVAILABLE.findall(plain)[:_MOST] for hours in _weekly(part))
    return tuple(sorted(found))


def _weekly(part: str) -> Iterator[tuple[int, int, int]]:
    said = {name.upper(): value.strip().upper() for name, _, value in _LINE.findall(part)}
    rule = dict(pair.split("=", 1) for pair in said.get("RRULE", "").split(";") if "=" in pair)
    start = _LOCAL.fullmatch(said.get("DTSTART", ""))
    if not start or rule.get("FREQ") != "WEEKLY" or rule.get("INTERVAL", "1") != "1":
        return
    begins = int(start[4]) * 60 + int(start[5])
    ends = _end(said, begins)
    for day in rule["BYDAY"].split(",") if "BYDAY" in rule else [_weekday(start)]:
        if day in _DAYS and ends is not None:
            yield _DAYS.index(day), begins, ends


def _end(said: dict[str, str], begins: int) -> int | None:
    """Of the same day; midnight is its end."""
    if end := _LOCAL.fullmatch(said.get("DTEND", "")):
        return int(end[4]) * 60 + int(end[5]) or 24 * 60
    if long := _DURATION.fullmatch(said.get("DURATION", "")):
        return begins + int(long[1] or 0) * 60 + int(long[2] or 0)
    return None


def _weekday(start: re.Match[str]) -> str:
    try:
        return _DAYS[date(int(start[1]), int(start[2]), int(start[3])).weekday()]
    except ValueError:
        return ""
