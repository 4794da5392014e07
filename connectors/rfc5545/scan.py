"""The cheap scan: which days a resource can touch, from a look at a few lines of it.

It decides which resources are worth a full reading, so it may be wrong in one direction only: whatever is unusual
(names in lower case, folds in the lines that matter, DURATION, RDATE, THISANDFUTURE, time on the way, a missing END)
gives None, which means: read it.  One regular expression over the bytes finds the lines that matter and anything odd.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, datetime
from functools import lru_cache

from connectors.rfc5545.clocks import LAST, wall
from connectors.rfc5545.lines import Stream
from connectors.rfc5545.recurrence.rules import Budget, RunawayError, parse
from connectors.rfc5545.recurrence.starts import counted

FOREVER = date(MAXYEAR, 12, 31).toordinal()
"""The last day of what never ends."""

_BEGIN = b"\nBEGIN:VEVENT"
_ODD_HEAD = re.compile(rb"vevent|\n\r*[be][^\n]*\n[ \t]|\r(?!\n)")
_WHOLE = rb"(?=\r?(?:\n[^ \t]|\n?\Z))"
_ODD_NAME = rb"(?![A-Z-]++\r?(?:\n[^ \t]|\n?\Z))"
_LINES = re.compile(
    rb"\n("
    rb"D(?:T(?:START|END)[;:][^\n]*(?:\n[ \t])?|URATION)"
    rb"|R(?:(?:RULE|ECURRENCE-ID)[;:][^\n]*(?:\n[ \t])?|DATE)"
    rb"|B(?:EGIN:VEVENT" + _WHOLE + rb"|EGIN;|EGIN:" + _ODD_NAME + rb")"
    rb"|E(?:ND:VEVENT" + _WHOLE + rb"|ND;|ND:" + _ODD_NAME + rb"|XRULE)"
    rb"|\r[^\n]"
    rb"|[^A-Z \t\r\n]"
    rb"|[A-WYZ][A-Z0-9-]*+[^:;]"
    rb"|X-APPLE-TRAVEL"
    rb")"
)
"""The lines that matter, and what is odd about any; each branch begins with one letter, or it would be tried in vain
at every line."""


def reach(payload: Stream) -> tuple[int, int] | None:
    """The ordinals (`date.toordinal`) of the first and the last day that a resource can touch.

    There is a day of margin on each side, so that they hold in every zone.  None where they cannot be told cheaply:
    the resource must be read.
    """
    end = b"END:VCALENDAR"
    if payload[: len(_BEGIN) - 1] == _BEGIN[1:]:
        payload, end = b"\n" + payload[:], b"END:VEVENT"
    begin = payload.find(_BEGIN)
    if begin < 0 or not payload[-20:].rstrip().endswith(end) or _odd_head(payload[: begin + 1]):
        return None
    try:
        return _span(_LINES.findall(payload, begin))
    except (ValueError, RunawayError, OverflowError):
        return None


@lru_cache(maxsize=64)
def _odd(head: bytes) -> bool:
    return bool(_ODD_HEAD.search(head.lower()))


def _odd_head(head: bytes) -> bool:
    """Whether anything before the first event may hide another one; files of one calendar begin alike."""
    return _odd(head) if len(head) < 4096 else _odd.__wrapped__(head)


def _span(lines: list[bytes]) -> tuple[int, int] | None:
    """The same from the lines that matter; None at the first odd one.  ValueError, RunawayError: likewise."""
    days: list[bytes] = []
    until = 0
    at = 0
    while at < len(lines):
        stop = lines.index(b"END:VEVENT", at)
        if lines[at] != b"BEGIN:VEVENT":
            return None
        found = _component(lines[at + 1 : stop])
        if found is None:
            return None
        until = max(until, found[1])
        days += found[0]
        at = stop + 1
    return _ordinal(min(days)) - 1, min(max(_ordinal(max(days)), until) + 1, FOREVER)


def _component(lines: list[bytes]) -> tuple[list[bytes], int] | None:
    """The days that one event names, and one after which no instance of it ends (0 for a single event)."""
    days, start, rules = [], b"", []
    for line in lines:
        head = line[:5]
        if head == b"DTSTA":
            start = _day(line)
            days.append(start)
        elif head == b"DTEND" or (head == b"RECUR" and b"RANGE" not in line.upper()):
            days.append(_day(line))
        elif head == b"RRULE" and b"\n" not in line:
            rules.append(line)
        else:
            return None
    if not start:
        return None
    if not rules:
        return days, 0
    first = _ordinal(start)
    return days, max(_last_start(r, first) for r in rules) + max(0, _ordinal(max(days)) - first)


def _day(line: bytes) -> bytes:
    """The eight digits of a DATE or DATE-TIME line; ValueError where it does not look like one."""
    colon = line.rfind(b":") + 1
    day = line[colon : colon + 8]
    if not day.isdigit() or line[colon + 8 : colon + 9] not in (b"T", b"\r", b"") or b"\n" in line:
        raise ValueError("no plain date")
    return day


@lru_cache(maxsize=8192)
def _ordinal(day: bytes) -> int:
    return date.fromisoformat(day.decode("ascii")).toordinal()


def _last_start(line: bytes, start: int) -> int:
    """A day after which no instance of a rule starts.

    What COUNT lets through depends on the hours that a zone skips, so it is counted for more than twice as many;
    where most instances could fall into such hours, the rule is taken as endless.
    """
    rule = parse(line[6:].decode("ascii").strip())
    if rule.until:
        return wall(rule.until)[0].toordinal()
    if rule.times and rule.freq in ("DAILY", "WEEKLY") and rule.interval <= (28 if rule.freq == "DAILY" else 4):
        day = datetime.fromordinal(start)
        more = rule._replace(times=2 * rule.times + 3)
        return counted(more, day, LAST, Budget()).toordinal()
    return FOREVER
