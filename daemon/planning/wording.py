"""The sentences in which planning says why.  Local times, no relative ones: the same text stands in the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from daemon.model.event import Event
from daemon.model.proposal import Blocks
from daemon.model.times import DateRange, TimeRange


def hours(minutes: int) -> str:
    """'1 h 30', '45 min'."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest:02}" if whole and rest else f"{whole} h" if whole else f"{rest} min"


def clock(when: TimeRange | DateRange, zone: ZoneInfo) -> str:
    """'Tue 1 Dec 09:00–11:00', 'Tue 1 Dec'."""
    if isinstance(when, DateRange):
        days = when.days
        first = f"{days[0]:%a} {days[0].day} {days[0]:%b}"
        return first if len(days) == 1 else f"{first} – {days[-1]:%a} {days[-1].day} {days[-1]:%b}"
    start, end = when.start.astimezone(zone), when.end.astimezone(zone)
    return f"{start:%a} {start.day} {start:%b} {start:%H:%M}–{end:%H:%M}"


def title(event: Event) -> str:
    """The title of an event in quotes; see `quoted`."""
    return quoted(event.summary)


def quoted(title: str) -> str:
    """A title in quotes, cut to 60 characters, without control characters."""
    plain = "".join(c if c.isprintable() else " " for c in title).strip() or "(no title)"
    return f"‘{plain if len(plain) <= 60 else plain[:59] + '…'}’"


def names(events: Sequence[Event]) -> str:
    """'‘Staff’', '‘Staff’ and ‘Review’', '‘Staff’ and 3 more'."""
    unique = list(dict.fromkeys(title(e) for e in events))
    if len(unique) <= 2:
        return " and ".join(unique)
    return f"{unique[0]} and {len(unique) - 1} more"


def crowded(when: TimeRange, over: Sequence[Event], zone: ZoneInfo) -> str:
    """Why nothing fits there."""
    if not over:
        return f"{clock(when, zone)} is taken by events of unbusy that come first"
    return f"{clock(when, zone)} is taken by {names(over)}"


def shortage(rest: int, spec: Blocks, *, white_space: bool, day_cap: bool) -> str:
    """Why so many minutes of blocks found no place."""
    missing = f"{hours(rest)} found no place in week {spec.week.key}"
    if white_space:
        return f"{missing}: with it, unbusy would take more of the free working time than `fill` allows"
    if day_cap:
        return f"{missing}: at most {hours(spec.per_day)} a day (`per_day`)"
    return f"{missing}: no other free stretch of {hours(spec.shortest)} is left in its working hours"
