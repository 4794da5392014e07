"""Recurring events: which instances a series has, how they are called, and what one looks like.

dateutil unfolds the rules here, so that the product's own way to do it is held against another's.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule

from gcal import times
from gcal.answers import bad

LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z-]+=[^:;]+)*):(.+)")
LONGEST = 5_000
"""No series is unfolded further."""


def check(event: dict[str, Any]) -> None:
    """Lines of RFC 5545 that can be unfolded; DTSTART and DTEND are not allowed among them."""
    if "recurrence" not in event:
        return
    lines = event["recurrence"]
    if not lines or not any(line.startswith(("RRULE:", "RDATE")) for line in lines):
        raise bad("Invalid recurrence rule.")
    if len(lines) != len(set(lines)) or not all(LINE.fullmatch(line) for line in lines):
        raise bad("Invalid recurrence rule.")
    try:
        next(starts(event), None)
    except (ValueError, TypeError, KeyError):
        raise bad("Invalid recurrence rule.") from None


def starts(event: dict[str, Any]) -> Iterator[times.Moment]:
    """The original starts of a series, in order."""
    first = times.read(event["start"], "start")
    of = ZoneInfo(event["start"]["timeZone"]) if isinstance(first, datetime) else None
    naive = first.astimezone(of).replace(tzinfo=None) if of else datetime.combine(first, time())
    rules = rrule.rruleset()
    if not any(line.startswith("RRULE") for line in event["recurrence"]):
        rules.rdate(naive)
    for line in event["recurrence"]:
        name, parameters, values = LINE.fullmatch(line).groups()  # type: ignore[union-attr]  # it was checked
        if name in {"RRULE", "EXRULE"}:
            rule = rrule.rrulestr(_local_until(values, of), dtstart=naive)
            (rules.rrule if name == "RRULE" else rules.exrule)(rule)
        else:
            for value in values.split(","):
                (rules.rdate if name == "RDATE" else rules.exdate)(_value(value, parameters, of))
    for number, at in enumerate(rules):
        if number == LONGEST:
            return
        yield at.replace(tzinfo=of) if of else at.date()


def _local_until(values: str, of: ZoneInfo | None) -> str:
    """UNTIL in the local time of the series, which has no offset here."""
    found = re.search(r"UNTIL=(\d{8}T\d{6})Z", values)
    if not found or of is None:
        return re.sub(r"(UNTIL=\d{8}T\d{6})Z", r"\1", values)
    at = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).astimezone(of)
    return values.replace(found[0], f"UNTIL={at:%Y%m%dT%H%M%S}")


def _value(value: str, parameters: str, of: ZoneInfo | None) -> datetime:
    if re.fullmatch(r"\d{8}", value):
        return datetime.strptime(value, "%Y%m%d")
    at = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    named = re.search(r"TZID=([^;:]+)", parameters)
    if value.endswith("Z") or named:
        source = UTC if value.endswith("Z") else ZoneInfo(named[1])  # type: ignore[index]  # one of both
        at = at.replace(tzinfo=source).astimezone(of).replace(tzinfo=None)
    return at


def instance_id(master: str, start: times.Moment) -> str:
    if isinstance(start, datetime):
        return f"{master}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{master}_{start:%Y%m%d}"


def original(event: str, master: dict[str, Any]) -> times.Moment | None:
    """The original start that an id of an instance names, if the series has it."""
    text = event.rpartition("_")[2]
    if not re.fullmatch(r"\d{8}(T\d{6}Z)?", text) or master["status"] == "cancelled":
        return None
    wanted = datetime.strptime(text[:8], "%Y%m%d").date() + timedelta(days=2)
    for start in starts(master):
        if instance_id(master["id"], start) == event:
            return start
        if (start.date() if isinstance(start, datetime) else start) > wanted:
            return None
    return None


def instance(master: dict[str, Any], start: times.Moment) -> dict[str, Any]:
    """An instance that was not changed."""
    one = copy.deepcopy(master)
    del one["recurrence"]
    named = {"timeZone": master["start"]["timeZone"]} if isinstance(start, datetime) else {}
    length = times.read(master["end"], "end") - times.read(master["start"], "start")  # type: ignore[operator]
    if isinstance(start, datetime):
        first, last = start, (start.astimezone(UTC) + length).astimezone(start.tzinfo)
        one["start"], one["end"] = ({"dateTime": at.isoformat(), **named} for at in (first, last))
    else:
        one["start"], one["end"] = ({"date": at.isoformat()} for at in (start, start + length))
    one |= {"id": instance_id(master["id"], start), "recurringEventId": master["id"],
            "originalStartTime": dict(one["start"])}  # fmt: skip
    return one


def between(master: dict[str, Any], low: datetime, high: datetime) -> Iterator[times.Moment]:
    """Original starts in a span of days around it, so that what touches it is among them."""
    length = times.read(master["end"], "end") - times.read(master["start"], "start")  # type: ignore[operator]
    for start in starts(master):
        day: date = start.date() if isinstance(start, datetime) else start
        if day > high.date() + timedelta(days=1):
            return
        if day + length >= low.date() - timedelta(days=1):
            yield start
