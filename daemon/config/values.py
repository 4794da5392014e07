"""The value types that only the config itself has; those of policies and accounts are in `daemon.model.options`."""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, cast

from daemon.model.options import ClockRange, ClockRanges, FaultsError, Weekdays, decode, shown, string

Where = tuple[str | int, ...]
"""The place of a value in the config: keys of tables, and positions in arrays from 0."""

LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")


def near(word: str, known: Iterable[str]) -> str:
    """'did you mean ...?' where one of the known words is like it, else ''."""
    import difflib  # noqa: PLC0415 only a wrong word needs it

    plain = {name.casefold(): name for name in known}
    best = difflib.get_close_matches(word.casefold()[:60], plain, n=1)
    return f"did you mean {plain[best[0]]!r}?" if best else ""


def suggest(word: str, known: Collection[str]) -> str:
    """The known word that is like it, else all that are known."""
    return near(word, known) or f"known are {', '.join(known)}"


class Days(int):
    """A number of days, 1 to 366, written '28d'."""

    __slots__ = ()
    schema = string(r"\s*\d{1,3}\s*d?\s*", "28d")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '28d'."""
        number = text.strip().removesuffix("d").strip()
        if not (number.isascii() and number.isdecimal() and len(number) < 4 and 1 <= int(number) <= 366):
            raise ValueError(f"{shown(text)} is not a number of days; write 1d to 366d")
        return cls(number)

    def __str__(self) -> str:
        """As it is written in the config."""
        return f"{int(self)}d"


class Zone(str):
    """A time zone by its IANA name."""

    __slots__ = ()
    schema = string(r".+", "Europe/Warsaw")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'Europe/Warsaw'."""
        if not is_zone(text):
            valid = near(text, sorted(zoneinfo.available_timezones())) or "write one like 'Europe/Warsaw'"
            raise ValueError(f"{shown(text)} is not a time zone; {valid}")
        return cls(text)


def is_zone(name: str) -> bool:
    """Whether the zone database has it."""
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def system_zone() -> Zone:
    """The zone of this machine: $TZ, the link /etc/localtime, /etc/timezone; UTC where none of them names one."""
    return next((Zone(name) for name in _zones_named() if is_zone(name)), Zone("UTC"))


def _zones_named() -> Iterator[str]:
    for path in (os.environ.get("TZ", "").removeprefix(":"), os.path.realpath(LOCALTIME)):
        yield path.partition("zoneinfo/")[2] or path
    try:
        yield TIMEZONE.read_text("utf-8").strip()
    except (OSError, ValueError):
        return


class Hours(tuple[tuple[ClockRange, ...], ...]):
    """Working hours: for each weekday, Monday first, its spans in order.  Written as a table of days to spans."""

    __slots__ = ()
    written = object
    schema: Mapping[str, Any] = {
        "type": "object",
        "propertyNames": Weekdays.schema,
        "additionalProperties": ClockRanges.schema,
    }

    @classmethod
    def parse(cls, table: object) -> Self:
        """Read {'mon-thu': '09:00-17:30', 'fri': ['09:00-12:00', '13:00-16:00']}; other days are off."""
        if not isinstance(table, dict):
            raise TypeError(f'{shown(table)}; write a table such as {{ mon-fri = "09:00-17:30" }}')
        week: dict[int, tuple[ClockRange, ...]] = {}
        faults: dict[str, str] = {}
        for key, value in table.items():
            try:
                days, spans = Weekdays.parse(key), _spans(value)
                if twice := Weekdays(days & week.keys()):
                    raise ValueError(f"{twice} is there twice; name each day once")  # noqa: TRY301 same way out
            except (TypeError, ValueError) as error:
                faults[key] = str(error)
            else:
                week |= dict.fromkeys(days, spans)
        if faults:
            raise FaultsError(faults)
        return cls(week.get(day, ()) for day in range(7))

    @property
    def minutes(self) -> int:
        """Working minutes of a whole week."""
        return sum(span.minutes for spans in self for span in spans)

    def table(self) -> dict[str, object]:
        """As it is written in the config."""
        alike = {spans: Weekdays(day for day in range(7) if self[day] == spans) for spans in self if spans}
        return {str(days): [*map(str, spans)] if spans[1:] else str(spans[0]) for spans, days in alike.items()}


def _spans(value: object) -> tuple[ClockRange, ...]:
    spans = tuple(sorted(cast(ClockRanges, decode(ClockRanges, value)).spans))
    for one, other in pairwise(spans):
        if one.end > other.start or one.end == time():
            raise ValueError(f"{one} and {other} overlap; write spans that do not")
    return spans


AUTO = "auto"
_ADDRESS = r"[^@\s:<>]+@[^@\s:<>]+"


class Groups(tuple[tuple[str, tuple[str, ...]], ...]):
    """Groups of people: for each name its addresses, lower case, or `AUTO`.  Written as a table of names to lists."""

    __slots__ = ()
    written = object
    _one: Mapping[str, Any] = {
        "type": ["string", "array"],
        "items": {"type": "string", "examples": ["ada@example.com"]},
    }
    schema: Mapping[str, Any] = {"type": "object", "additionalProperties": _one}

    @classmethod
    def parse(cls, table: object) -> Self:
        """Read {'reports': 'auto', 'boss': 'eva@example.com', 'guild': ['bo@example.com', 'cy@example.com']}."""
        if not isinstance(table, dict):
            raise TypeError(f'{shown(table)}; write a table such as {{ boss = ["eva@example.com"] }}')
        groups: dict[str, tuple[str, ...]] = {}
        faults: dict[str, str] = {}
        for name, value in table.items():
            try:
                groups[name] = _addresses(name, value)
            except ValueError as error:
                faults[name] = str(error)
        if faults:
            raise FaultsError(faults)
        return cls(groups.items())

    def table(self) -> dict[str, object]:
        """As it is written in the config."""
        return {name: AUTO if addresses == (AUTO,) else list(addresses) for name, addresses in self}


def _addresses(name: str, value: object) -> tuple[str, ...]:
    if value == AUTO:
        if name != "reports":
            raise ValueError("'auto' is for reports alone; list the addresses, as in [\"ada@example.com\"]")
        return (AUTO,)
    rows: list[Any] = value if isinstance(value, list) else [value]
    for row in rows:
        if not (isinstance(row, str) and re.fullmatch(_ADDRESS, row)):
            raise ValueError(f'{shown(row)} is not an address; list them, as in ["ada@example.com"]')
    return tuple(dict.fromkeys(row.lower() for row in rows))
