"""The sentences in which planning says why.  Local times, no relative ones: the same text stands in the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from daemon.model.event import Event
from daemon.model.proposal import Blocks
from daemon.model.times import TimeRange
from daemon.model.words import clock, few, hours, names, quoted


def crowded(when: TimeRange, over: Sequence[Event], ours: Iterable[str], zone: ZoneInfo) -> str:
    """Why nothing fits there.  `ours`: the titles of events of unbusy that have come first."""
    own = few(quoted(title) for title in ours)
    if not over:
        return f"{clock(when, zone)} is taken by {own or 'events'} of unbusy"
    return f"{clock(when, zone)} is taken by {names(over, zone)}{f', and by {own} of unbusy' if own else ''}"


def shortage(rest: int, spec: Blocks, *, white_space: bool, day_cap: bool) -> str:
    """Why so many minutes of blocks found no place."""
    missing = f"{hours(rest)} found no place in week {spec.week.key}"
    if spec.each and not white_space:
        where = "on another of its days" if day_cap else "in its times"
        return f"{missing}: no free stretch of {hours(spec.shortest)} is left {where}"
    if white_space:
        return f"{missing}: with it, unbusy would take more of the free working time than `fill` allows"
    if day_cap and spec.one_a_day:
        return f"{missing}: at most one block a day in a week with room enough"
    if day_cap:
        return f"{missing}: at most {hours(spec.per_day)} a day (`per_day`)"
    return f"{missing}: no other free stretch of {hours(spec.shortest)} is left in its working hours"
