"""The value types of the config, shared by whoever has options: each says how it is written and what is valid.

`parse` takes the string of the config file and raises ValueError with a sentence that says what would be valid.
Structs validate types, bounds and unknown keys through msgspec.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import msgspec

from daemon.model.times import DAY, TimeRange, at

_DURATION = re.compile(r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*m(?:in)?)?")
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Minutes(int):
    """A duration in minutes, written '8h', '90m' or '1h30m'."""

    __slots__ = ()
    pattern = r"^(\d+h)?\s*(\d+m)?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '1h30m'."""
        found = _DURATION.fullmatch(text.strip().lower())
        if not found or not any(found.groups()):
            raise ValueError(f"{text!r} is no duration; write it like '90m', '8h' or '1h30m'")
        return cls(int(found[1] or 0) * 60 + int(found[2] or 0))

    def __str__(self) -> str:
        """As it is written in the config."""
        hours, minutes = divmod(int(self), 60)
        return f"{hours}h{minutes:02}m" if hours and minutes else f"{hours}h" if hours else f"{minutes}m"


class ClockRange(NamedTuple):
    """Local wall times of one day, written '09:00-12:00'; '24:00' is the midnight after."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '09:00-12:00'."""
        parts = text.replace("–", "-").split("-")
        try:
            start, end = (time() if p.strip() == "24:00" else time.fromisoformat(p.strip()) for p in parts)
        except ValueError:
            raise ValueError(f"{text!r} is no span of clock times; write it like '09:00-12:00'") from None
        if start.tzinfo or end.tzinfo:
            raise ValueError(f"{text!r} names a zone; write local times like '09:00-12:00'")
        if start >= end and end != time():
            raise ValueError(f"{text!r} ends before it begins; write the earlier time first")
        return cls(start, end)

    def on(self, day: date, zone: ZoneInfo) -> TimeRange:
        """As instants on a day."""
        return TimeRange(at(day, self.start, zone), at(day + DAY if self.end == time() else day, self.end, zone))

    def __str__(self) -> str:
        """As it is written in the config."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}".replace("-00:00", "-24:00")


class Weekdays(frozenset[int]):
    """Days of the week (Monday = 0), written 'mon', 'mon-thu' or 'mon,wed,fri'."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'mon-thu' or 'mon,wed'."""
        days: set[int] = set()
        try:
            for part in text.lower().split(","):
                first, _, last = part.strip().partition("-")
                a, b = DAY_NAMES.index(first.strip()), DAY_NAMES.index((last or first).strip())
                days.update(range(a, b + 1) if a <= b else {*range(a, 7), *range(b + 1)})
        except ValueError:
            raise ValueError(f"{text!r} names no days; write them like 'mon', 'mon-thu' or 'mon,wed,fri'") from None
        return cls(days)

    def __str__(self) -> str:
        """As it is written in the config."""
        return ",".join(DAY_NAMES[d] for d in sorted(self))


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every table of the config."""


class PolicyOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every policy has: it can be switched off, and may write to another calendar of the writing account."""

    enabled: bool = True
    calendar: str = ""


class AccountOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every account has.

    `emails`: who "I" am among the attendees.  `write`: our main calendar (in exactly one account).  `read`: default
    all calendars that the user owns.
    """

    emails: tuple[str, ...] = ()
    write: str = ""
    read: tuple[str, ...] = ()


VALUE_TYPES: tuple[type[Any], ...] = (Minutes, ClockRange, Weekdays)


def decode(kind: type, value: object) -> object:
    """The hook that gives msgspec our value types (`dec_hook`)."""
    if kind in VALUE_TYPES:
        if isinstance(value, str):
            return kind.parse(value)
        raise ValueError(f"expected a string such as {EXAMPLES[kind]!r}, got {value!r}")
    raise NotImplementedError(kind)


def encode(value: object) -> object:
    """The reverse (`enc_hook`): as it is written in the config."""
    if isinstance(value, VALUE_TYPES):
        return str(value)
    raise NotImplementedError(type(value))


EXAMPLES: dict[type, str] = {Minutes: "1h30m", ClockRange: "09:00-12:00", Weekdays: "mon-thu"}
