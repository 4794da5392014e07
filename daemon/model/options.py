"""The value types of the config, shared by whoever has options: each says how it is written and what is valid.

`parse` takes the string of the config file and raises ValueError with a sentence that says what would be valid.
Structs validate types, bounds and unknown keys through msgspec; what several options must fulfil together they check
in `__post_init__`, with a FaultsError that names the option to blame.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, time
from itertools import groupby
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field

from daemon.model.event import ReadAs
from daemon.model.times import TimeRange, clock_span

_DURATION = re.compile(r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*m(?:in)?)?", re.ASCII)
_CADENCE = re.compile(r"(\d{1,3})\s*([dw])", re.ASCII)
_CLOCKS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class FaultsError(ValueError):
    """What is wrong with a table: at which of its keys, as they are written in the config."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Keep them apart, so that each is reported at its line."""
        super().__init__("; ".join(f"{key} = {text}" for key, text in faults.items()))
        self.faults = faults


def shown(value: object) -> str:
    """A value as a message quotes it: never long, and no more of a list or a table than that it is one."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number without measure"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 60 else f"{text[:59]}…"


def string(pattern: str, *examples: str) -> Mapping[str, Any]:
    """The JSON Schema of a value type that is written as a string."""
    return {"type": "string", "pattern": f"^{pattern}$", "examples": list(examples)}


class Included(str):
    """The name of a file beside the config, with the text that was in it when the config was read."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, name: str, text: str) -> Self:
        """Like the name alone, wherever that is enough."""
        made = super().__new__(cls, name)
        made.text = text
        return made


class Folder(str):
    """A folder on this machine, absolute or in the user's home; empty where it is not set."""

    __slots__ = ()
    schema = string(r"(/.*|~(/.*)?)?", "~/unbusy")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '~/unbusy'."""
        if "\0" in text or (text not in {"", "~"} and not text.startswith(("/", "~/"))):
            raise ValueError(f"{shown(text)} is not an absolute path; begin it with / or ~/")
        return cls(text)


class Minutes(int):
    """A duration in minutes, written '8h', '90m' or '1h30m'."""

    __slots__ = ()
    schema = string(r"(\d{1,4}\s*h\s*)?(\d{1,5}\s*m(in)?)?", "1h30m")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '1h30m'."""
        found = _DURATION.fullmatch(text.strip().lower())
        if not found or not any(found.groups()):
            raise ValueError(f"{shown(text)} is not a duration; write it like '90m', '8h' or '1h30m'")
        return cls(int(found[1] or 0) * 60 + int(found[2] or 0))

    def __str__(self) -> str:
        """As it is written in the config."""
        hours, minutes = divmod(int(self), 60)
        return f"{hours}h{minutes:02}m" if hours and minutes else f"{hours}h" if hours else f"{minutes}m"


class Interval(Minutes):
    """The time from one cycle to the next, written '5m'."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '5m'."""
        minutes = super().parse(text)
        if not 1 <= minutes <= 24 * 60:
            raise ValueError(f"{shown(text)} is not an interval for cycles; write 1m to 24h")
        return minutes


class Cadence(int):
    """How often, or for how long: a number of days, 1 to 730, written '6w' or '10d'."""

    __slots__ = ()
    schema = string(r"\s*\d{1,3}\s*[dw]\s*", "6w", "10d")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '6w'."""
        found = _CADENCE.fullmatch(text.strip().lower())
        days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
        if not 1 <= days <= 730:
            raise ValueError(f"{shown(text)} is not a number of weeks or days; write it like '6w' or '10d', up to 730d")
        return cls(days)

    def __str__(self) -> str:
        """As it is written in the config."""
        return f"{int(self)}d" if int(self) % 7 else f"{int(self) // 7}w"


class ClockRange(tuple[time, time]):
    """Local wall times of one day, start and end, written '09:00-12:00'; '24:00' is the midnight after."""

    __slots__ = ()
    schema = string(r"\s*\d?\d:\d\d\s*[-–]\s*\d?\d:\d\d\s*", "09:00-12:00")

    def __new__(cls, start: time, end: time) -> Self:
        """Two parameters, so that it reads like what it is."""
        return super().__new__(cls, (start, end))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '09:00-12:00'."""
        found = _CLOCKS.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{shown(text)} is not a span of clock times; write it like '09:00-12:00'")
        start, end = time(int(found[1]), int(found[2])), time(int(found[3] or 0), int(found[4] or 0))
        if start >= end and (end, found[3]) != (time(), None):
            raise ValueError(f"{shown(text)} ends before it begins; write the earlier time first, midnight as 24:00")
        return cls(start, end)

    @property
    def start(self) -> time:
        """The first moment of it."""
        return self[0]

    @property
    def end(self) -> time:
        """The first moment after it; 00:00 is the midnight after."""
        return self[1]

    @property
    def minutes(self) -> int:
        """Its length by the clock, as on a day without a change of it."""
        start, end = (clock.hour * 60 + clock.minute for clock in self)
        return (end or 24 * 60) - start

    def on(self, day: date, zone: ZoneInfo) -> TimeRange:
        """As instants on a day."""
        return clock_span(day, self.start, self.end, zone)

    def __str__(self) -> str:
        """As it is written in the config."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}".replace("-00:00", "-24:00")


class ClockRanges(str):
    """Spans of one day, written '09:00-12:00', or several as '09:00-12:00,14:00-16:00' or as a list; '' is none.

    Held as it is written: msgspec reads and writes a tuple by itself and would never ask our hooks.
    """

    __slots__ = ()
    written = (str, list)
    schema: Mapping[str, Any] = {
        "type": ["string", "array"],
        "items": ClockRange.schema,
        "examples": ["09:00-12:00"],
    }

    @classmethod
    def parse(cls, written: str | list[object]) -> Self:
        """Read '09:00-12:00,14:00-16:00' or ['09:00-12:00', '14:00-16:00']."""
        text = written if isinstance(written, str) else ",".join(map(str, written))
        return cls(",".join(str(ClockRange.parse(part)) for part in text.split(",") if part.strip()))

    @property
    def spans(self) -> tuple[ClockRange, ...]:
        """Each of them, in the order in which they are written."""
        return tuple(ClockRange.parse(part) for part in self.split(",") if part)

    def on(self, day: date, zone: ZoneInfo) -> tuple[TimeRange, ...]:
        """As instants on a day."""
        return tuple(span.on(day, zone) for span in self.spans)


class Weekdays(frozenset[int]):
    """Days of the week (Monday = 0), written 'mon', 'mon-thu' or 'mon,wed,fri'."""

    __slots__ = ()
    schema = string(r"[A-Za-z,\s-]+", "mon-thu")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'mon-thu' or 'mon,wed'."""
        days: set[int] = set()
        try:
            for part in text.lower().split(","):
                first, dash, last = (word.strip() for word in part.partition("-"))
                a, b = DAY_NAMES.index(first), DAY_NAMES.index(last if dash else first)
                days.update(range(a, b + 1) if a <= b else {*range(a, 7), *range(b + 1)})
        except ValueError:
            raise ValueError(f"{shown(text)} names no days; write 'mon', 'mon-thu' or 'mon,wed,fri'") from None
        return cls(days)

    def __str__(self) -> str:
        """As it is written in the config; three days and more in a row as a span."""
        rows = (tuple(day for _, day in row) for _, row in groupby(enumerate(sorted(self)), lambda at: at[1] - at[0]))
        words = (tuple(DAY_NAMES[day] for day in row) for row in rows)
        return ",".join(f"{w[0]}-{w[-1]}" if len(w) > 2 else ",".join(w) for w in words)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every table of the config."""


class PolicyOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every policy has: it can be switched off, and may write to another calendar of the writing account."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = True
    calendar: Annotated[str, Meta(description="Another calendar of the writing account for its events.")] = ""


Address = Annotated[str, Meta(pattern=r"^[^@\s:<>]+@[^@\s:<>]+$", examples=["ada@example.com"])]


class ReadOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar to read, and whose it is."""

    name: Annotated[str, Meta(min_length=1, description="The calendar, by its name.", examples=["Team"])]
    read_as: Annotated[
        ReadAs,
        Meta(description="Events in which you have no part are yours, others' (take no time), busy, or holidays."),
    ] = field(name="as")


class AccountOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every account has; `type` names its row in the table of connectors."""

    type: Annotated[str, Meta(description="The kind of store.")] = ""
    emails: Annotated[tuple[Address, ...], Meta(description='Who "I" am among the attendees.')] = ()
    write: Annotated[str, Meta(description="Our main calendar; in exactly one account.")] = ""
    read: Annotated[
        tuple[str | ReadOptions, ...],
        Meta(description='Calendars to read, such as "Work" or { name = "Team", as = "others" }; default: your own.'),
    ] = ()
    quote_titles: Annotated[
        bool,
        Meta(description="Whether titles of private events, or of an account not written to, may be quoted."),
    ] = False

    @property
    def read_names(self) -> tuple[str, ...]:
        """The names of the calendars to read, () for all that the user owns."""
        return tuple(one if isinstance(one, str) else one.name for one in self.read)

    def are_among(self, account: str, names: Iterable[str]) -> bool:
        """Whether each calendar that the config names is called one of these, or by its id: else a list is outdated."""
        asked = {name.removeprefix(f"{account}/") for name in (*self.read_names, self.write) if name}
        return asked <= {*names}

    def read_as(self, names: Collection[str]) -> ReadAs | None:
        """As what a calendar with these names is to be read; None where the config does not say."""
        return next((o.read_as for o in self.read if not isinstance(o, str) and o.name in names), None)


class RemoteOptions(AccountOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every account on a server has besides."""

    password_command: Annotated[
        tuple[str, ...],
        Meta(
            description="A command that prints the secret; asked where neither systemd nor the keyring has it.",
            examples=[["pass", "show", "calendar"]],
        ),
    ] = ()
    timeout: Annotated[int, Meta(description="Seconds to wait for an answer.", ge=1, le=600)] = 60
    interval: Annotated[
        Interval | None, Meta(description="Asked no more often than this; with every look of the daemon if not set.")
    ] = None
    ca_file: Annotated[str, Meta(description="The certificate of your own authority, besides the system's.")] = ""


def decode(kind: type[Any], value: object) -> object:
    """The hook that gives msgspec our value types (`dec_hook`): those that have a `parse` and a `schema`."""
    if not hasattr(kind, "parse"):
        raise NotImplementedError(kind)
    if not isinstance(value, getattr(kind, "written", str)):
        raise TypeError(f"{shown(value)}; write a string such as {kind.schema['examples'][0]!r}")
    return kind.parse(value)
