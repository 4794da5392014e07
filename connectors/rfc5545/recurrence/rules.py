"""Recurrence rules as they are written (RFC 5545, 3.3.10), and the budget that expanding one may cost."""

from __future__ import annotations

import re
from typing import NamedTuple

CANDIDATES = 10_000
"""How many candidates one series may cost in one window."""
WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
UNITS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
MOST = 10**12
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY", *UNITS})
_LISTS = {
    "BYMONTH": ("months", 1, 12),
    "BYMONTHDAY": ("monthdays", -31, 31),
    "BYYEARDAY": ("yeardays", -366, 366),
    "BYWEEKNO": ("weeknos", -53, 53),
    "BYHOUR": ("hours", 0, 23),
    "BYMINUTE": ("minutes", 0, 59),
    "BYSECOND": ("seconds", 0, 60),
    "BYSETPOS": ("setpos", -366, 366),
}
_SKIPS = {"OMIT": "", "BACKWARD": "BACKWARD", "FORWARD": "FORWARD"}
_GREGORIAN = ("GREGORIAN", "GREGORY")
_BYDAY = re.compile(r"([+-]?\d{1,2})?([A-Z]{2,9})")
_NAMES = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_ODD = r"^(?:\s*(?:RRULE|EXRULE):)+|^\s+|\s+$|\s*(?=[;=,])|(?<=[;=,])\s+|[\\\"]"
"""What some writers have beside a rule: its name once more, blanks, quotes, and backslashes as in a text."""


class RunawayError(Exception):
    """The rule needs more candidates than its budget holds."""


class Budget:
    """Counts candidates down; deterministic, unlike a clock."""

    __slots__ = ("left",)

    def __init__(self, candidates: int = CANDIDATES) -> None:
        """With so many candidates to spend."""
        self.left = candidates

    def spend(self, candidates: int) -> None:
        """RunawayError when it is used up."""
        self.left -= candidates
        if self.left < 0:
            raise RunawayError


class Rule(NamedTuple):
    """A parsed RRULE: `times` is its COUNT, `until` as written; `days` are (n, weekday), n = 0 for every one.

    `skip` says where an instance goes whose day does not exist (RFC 7529, 4.1): 'BACKWARD' to the day before,
    'FORWARD' to the day after, '' nowhere.  Empty tuples: there is no such part.
    """

    freq: str
    interval: int = 1
    times: int | None = None
    until: str = ""
    wkst: int = 0
    days: tuple[tuple[int, int], ...] = ()
    months: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weeknos: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    setpos: tuple[int, ...] = ()
    skip: str = ""


def parse(text: str) -> Rule:
    """An RRULE's value.  ValueError says what is wrong with it; unknown parts are ignored (RFC 5545, 3.3.10).

    The Gregorian calendar may be named, and what becomes of days that it does not have (RFC 7529); no other can.
    """
    text = text.upper()
    if " " in text or ":" in text or "\\" in text or '"' in text or "\t" in text:
        text = re.sub(_ODD, "", text)
    parts = dict(p.split("=", 1) for p in text.split(";") if "=" in p)
    freq = parts.get("FREQ", "")
    if freq not in _FREQUENCIES:
        raise ValueError(f"no recurrence rule that is known: {text[:60]!r}")
    if parts.get("RSCALE", "GREGORIAN") not in _GREGORIAN:
        raise ValueError(f"a rule of the {parts['RSCALE'][:20]!r} calendar")
    lists = {field: _numbers(parts[name], low, high) for name, (field, low, high) in _LISTS.items() if name in parts}
    return Rule(
        freq,
        _positive(parts["INTERVAL"], "INTERVAL") if "INTERVAL" in parts else 1,
        _positive(parts["COUNT"], "COUNT") if "COUNT" in parts else None,
        parts.get("UNTIL", ""),
        WEEKDAYS.get(parts.get("WKST", "MO"), 0),
        _weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        **lists,
        skip=_SKIPS.get(parts["SKIP"], "") if "SKIP" in parts else "",
    )


def _positive(text: str, name: str) -> int:
    whole = text if text.isdecimal() else text.rstrip("0").removesuffix(".")  # 1.0
    if not whole.isdecimal() or len(whole) > 1000 or int(whole) < 1:
        raise ValueError(f"{name} of a recurrence rule is {text[:20]!r}; it must be 1 or more")
    return min(int(whole), MOST)


def _numbers(text: str, low: int, high: int) -> tuple[int, ...]:
    """A list of a BY part, sorted; zero and what is out of bounds are refused (RFC 5545, 3.3.10)."""
    try:
        numbers = sorted({int(n.removesuffix(".0")) for n in text.split(",") if n})
    except ValueError:
        raise ValueError(f"no list of numbers: {text[:40]!r}") from None
    if not numbers or numbers[0] < low or numbers[-1] > high or (low and 0 in numbers):
        raise ValueError(f"numbers out of bounds in a recurrence rule: {text[:40]!r}")
    return tuple(numbers)


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    """A list of BYDAY, also with longer names ('MON', 'Monday')."""
    days = [_weekday(day) for day in text.split(",") if day]
    found = tuple(day for day in days if day)
    if not found or len(found) < len(days):
        raise ValueError(f"no list of weekdays: {text[:40]!r}")
    return found


def _weekday(text: str) -> tuple[int, int] | None:
    found = _BYDAY.fullmatch(text)
    day = WEEKDAYS.get(found[2][:2]) if found else None
    return (int(found[1] or 0), day) if found and day is not None and _NAMES[day].startswith(found[2]) else None
