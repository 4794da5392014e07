"""The time of one of ours on the clock of a zone, which stays the same where a law moves that clock."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.model.owner import Field, Mark
from daemon.model.times import TimeRange, When

_LOCAL = "%Y%m%dT%H%M%S"


def local_time(when: When, zone: tzinfo) -> str:
    """'20261203T090000/20261203T110000' on the clock of a zone; '' for days, and for what it shows twice."""
    start, end = when.ends(zone)
    if not (isinstance(start, datetime) and isinstance(end, datetime)) or start.fold or end.fold:
        return ""
    return f"{start:{_LOCAL}}/{end:{_LOCAL}}"


def read_local(line: str, zone: tzinfo) -> TimeRange | None:
    """The reverse of `local_time`, as the zone database of today has it; None for anything else."""
    start, _, end = line.partition("/")
    try:
        return TimeRange(*(datetime.strptime(t, _LOCAL).replace(tzinfo=zone) for t in (start, end)))
    except (ValueError, OverflowError):
        return None


def as_of_today(mark: Mark, found: str) -> Mark:
    """The mark with another base of its time, where that is found on the same clock, as zones are known today.

    `found`: the fingerprint of the time at which the event stands.  A law that moves a clock, and reaches this machine
    with a new zone database, moves the instants of a local time: the user has not.
    """
    asked = mark.base[Field.WHEN]
    if found == asked or not mark.local:
        return mark
    try:
        when = read_local(mark.local, ZoneInfo(mark.zone))
    except (ValueError, OSError, KeyError):  # a zone that is none, or not of this machine
        return mark
    same = when is not None and f"{when.stamp}@{asked.partition('@')[2]}" == found
    return replace(mark, base={**mark.base, Field.WHEN: found}) if same else mark
