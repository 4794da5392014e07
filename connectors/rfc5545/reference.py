"""The reference reader, on the libraries `icalendar` and `recurring_ical_events`, their traps avoided.

Our own reader is held against it, and falls back on it for what it cannot read.  The `icalendar` library sees only
the times of an event, one UID at a time, so that nothing else in the payload can spoil them: a bad alarm, a long
description, a neighbour.
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from connectors.rfc5545.lines import Calendar, Component, Line, calendars, components, flat, normal
from connectors.rfc5545.properties import facts_of
from daemon.model.event import Event, EventRef, ResourceRef
from daemon.model.plan import Problem
from daemon.model.protocols import Reading
from daemon.model.times import DAY, DateRange, TimeRange, utc

SERIES_CALLS = 3_500_000
"""Function calls that expanding one UID may take, about a second; a daily series since 1926 takes 0.7 million."""

RESOURCE_CALLS = 15 * SERIES_CALLS
"""The same for all UIDs of a resource."""

Parsed = Any
"""A component of `icalendar`, whose own types say no more of a property than that it is one of thirty."""

_ONCE = ("UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "TZID", "TZOFFSETFROM", "TZOFFSETTO")
_TIMES = (*_ONCE, "RRULE", "RDATE", "EXDATE")
_REPEATS = frozenset({"RRULE", "RDATE", "RECURRENCE-ID"})
_OBSERVANCES = frozenset({"STANDARD", "DAYLIGHT"})
_SOURCE = "X-SOURCE"
_BARE = re.compile(r'=([^";]*:[^";]*)')
_PARSING = threading.Lock()


class Occurrence(Struct, frozen=True):
    """One instance of an event: the component that describes it, and when it takes place.

    `recurrence_id` is in the form that `EventRef` has.  `uncertain`: its zone is unknown.
    """

    source: Component
    uid: str
    when: TimeRange | DateRange
    recurrence_id: str = ""
    series: bool = False
    uncertain: bool = False


class Unreadable(Struct, frozen=True):
    """What could not be understood of the events with one UID."""

    uid: str
    why: str


def read(payload: bytes, resource: ResourceRef, window: TimeRange, zone: ZoneInfo) -> Reading:
    """As `reader.read`; slower, and of one mind with other programs that use these libraries."""
    where, problems, events = f"{resource.calendar}/{resource.href}", [], []
    try:
        for found in expand(payload, window, zone):
            if isinstance(found, Unreadable):
                problems.append(Problem(where, f"event {found.uid}: {found.why}"))
            else:
                events.append(_event(found, resource, zone))
    except Exception as error:  # noqa: BLE001 on hostile input the libraries raise more than they document
        problems.append(Problem(where, str(error) or type(error).__name__))
    return Reading(events=tuple(events), problems=tuple(problems))


def _event(found: Occurrence, resource: ResourceRef, zone: ZoneInfo) -> Event:
    return Event(
        ref=EventRef(resource.calendar, found.uid, found.recurrence_id),
        resource=resource,
        span=found.when.span(zone),
        dates=found.when.dates,
        series=found.series,
        uncertain=found.uncertain,
        **facts_of(found.source, cancelled=False),
    )


def expand(payload: bytes, window: TimeRange, zone: ZoneInfo) -> Iterator[Occurrence | Unreadable]:
    """Every occurrence that touches the window, in any order; one UID that cannot be read costs only itself.

    Floating times are those of the calendar's own zone (X-WR-TIMEZONE), else of `zone`; so are times in an unknown
    zone, which are uncertain.  ValueError when the payload as a whole is no calendar.
    """
    data = bytes(normal(payload)[:])
    found = calendars(data)
    if not any(c.events or c.frame.parts or c.frame.name for c in found):
        raise ValueError("is not a calendar file: it holds no VCALENDAR")
    budget = _Budget(RESOURCE_CALLS)
    for calendar in found:
        if calendar.frame.name and not calendar.frame.closed:
            raise ValueError("is cut off: it has no END:VCALENDAR")
        named = calendar.frame.text("X-WR-TIMEZONE").strip()
        floating = ZoneInfo(named) if _is_iana(named) else zone
        for uid, sources in _by_uid(data, calendar).items():
            try:
                with budget.bounded():
                    results = _series(uid, sources, calendar.frame, window, zone, floating)
            except Exception as error:  # noqa: BLE001 on hostile input the libraries raise more than they document
                results = [Unreadable(uid, str(error) or type(error).__name__)]
            yield from results


def _by_uid(data: bytes, calendar: Calendar) -> dict[str, list[Component]]:
    events = [c for begin, end in calendar.events for c in components(data[begin:end])]
    events += [c for c in calendar.frame.parts if c.name == "VEVENT"]
    found: dict[str, list[Component]] = {}
    for event in events:
        # One without a UID is known by its content, as khal does; that name is never written back.
        uid = event.text("UID").strip() or f"no-uid-{hashlib.sha256(chr(10).join(flat(event)).encode()).hexdigest()}"
        found.setdefault(uid, []).append(event)
    return found


def _series(
    uid: str, sources: list[Component], frame: Component, window: TimeRange, zone: ZoneInfo, floating: ZoneInfo
) -> list[Occurrence | Unreadable]:
    """The occurrences of one UID: a single event by its own two times, a series by the library."""
    if not all(source.closed for source in sources):
        raise ValueError("is cut off: it has no END:VEVENT")
    calendar = _parsed(sources, frame)
    events = calendar.walk("VEVENT")
    out: list[Occurrence | Unreadable] = []
    uncertain = sum(_localised(event, floating) for event in events) > 0
    if sum(_mended(event) for event in events):
        out.append(Unreadable(uid, "ends before it begins; it is taken as a moment"))
    series = any(name in source.lines for source in sources for name in _REPEATS)
    for copy in events if len(events) == 1 and not series else _instances(calendar, window):
        number = int(copy[_SOURCE])
        when = _when(copy)
        if _touches(when.span(zone), window):
            original = _recurrence_id(copy, events[number]) if series else ""
            out.append(Occurrence(sources[number], uid, when, original, series, uncertain))
    return out


def _parsed(sources: Sequence[Component], frame: Component) -> Parsed:
    """The times of some events as the library has them, each with the number of its source.

    The library keeps the first VTIMEZONE of a name that it meets for the life of the process, so its memory is
    cleared each time.
    """
    from icalendar import Calendar
    from icalendar.timezone import tzp

    events = [_times(source) for source in sources]
    for number, event in enumerate(events):
        event.lines[_SOURCE] = [Line("", str(number))]
    used = {line.param("TZID") for event in events for lines in event.lines.values() for line in lines}
    zones = [_times(z) for z in frame.parts if z.name == "VTIMEZONE" and z.parts and z.text("TZID") in used]
    parts = [zone for zone in zones if not _is_iana(zone.text("TZID"))] + events
    for component in (*parts, *(observance for part in parts for observance in part.parts)):
        for rule in component.lines.get("RRULE", ()):
            _check_rule(rule.value)
    text = "\r\n".join(flat(Component("VCALENDAR", parts=parts)))
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where it guesses a zone by the end of its name
        tzp.use_zoneinfo()
        calendar: Parsed = Calendar.from_ical(text)
    for name, why in (error for event in calendar.walk() for error in event.errors):
        raise ValueError(f"has a {name} that cannot be read: {why}")
    return calendar


def _times(component: Component) -> Component:
    """What an event or a zone says of times, and nothing else; the first line counts where there may be only one."""
    lines = {n: component.lines[n][: 1 if n in _ONCE else None] for n in _TIMES if n in component.lines}
    lines = {n: [Line(_BARE.sub(r'="\1"', ln.params), ln.value.strip()) for ln in found] for n, found in lines.items()}
    if not component.value("SEQUENCE").isdecimal():
        lines.pop("SEQUENCE", None)
    return Component(component.name, lines, [_times(p) for p in component.parts if p.name in _OBSERVANCES])


def _check_rule(rule: str) -> None:
    """ValueError for a rule that makes no sense or no calendar (RFC 5545, 3.3.10)."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    if parts.get("FREQ") in {"SECONDLY", "MINUTELY"}:
        raise ValueError(f"repeats {parts['FREQ'].lower()}, which unbusy does not expand")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not (parts[name].isdecimal() and int(parts[name]) >= 1):
            raise ValueError(f"has a rule with {name}={parts[name]}; it must be 1 or more")


@lru_cache(maxsize=256)
def _is_iana(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False


def _localised(event: Parsed, zone: ZoneInfo) -> bool:
    """Put naive times into a zone, in place; true when one of them names a zone that is not known.

    UNTIL becomes an instant: a local one is in the zone of DTSTART, and a day is taken whole.
    """
    uncertain = False
    if "DTSTART" not in event:
        raise ValueError("has no DTSTART")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event and isinstance(moment := event[name].dt, datetime) and moment.tzinfo is None:
            uncertain |= "TZID" in event[name].params
            event[name].dt = moment.replace(tzinfo=zone)
    start = event["DTSTART"].dt
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if isinstance(start, datetime) and (until := rule.get("UNTIL")):
            rule["UNTIL"] = [_until(until[0], start)]
    return uncertain


def _until(until: date, start: datetime) -> datetime:
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    return (until if until.tzinfo else until.replace(tzinfo=start.tzinfo)).astimezone(UTC)


def _mended(event: Parsed) -> bool:
    """Take away an end that lies before the start, in place; true when there was one."""
    if "DTEND" in event:
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise ValueError("begins on a day and ends at a time, or the reverse")
        wrong = "DTEND" if end < start else ""
    else:
        wrong = "DURATION" if "DURATION" in event and event["DURATION"].dt < timedelta() else ""
    event.pop(wrong, None)
    return bool(wrong)


def _instances(calendar: Parsed, window: TimeRange) -> list[Parsed]:
    from recurring_ical_events import CalendarQuery

    # A day on each side, because the library compares days and local times without their zone.
    return list(CalendarQuery(calendar).between(window.start - DAY, window.end + DAY))


def _when(event: Parsed) -> TimeRange | DateRange:
    """Both ends as the store has them; an end that is not given follows RFC 5545, 3.6.1."""
    start = event["DTSTART"].dt
    length = event["DURATION"].dt if "DURATION" in event else timedelta()
    if not isinstance(start, datetime):
        end = event["DTEND"].dt if "DTEND" in event else start + length
        return DateRange(start, max(end, start + DAY))
    if "DTEND" in event:
        return TimeRange(start, event["DTEND"].dt)
    return TimeRange(start, utc(start + length.days * DAY) + (length - length.days * DAY))


def _touches(span: TimeRange, window: TimeRange) -> bool:
    return span.overlaps(window) or span.start in window


def _recurrence_id(copy: Parsed, source: Parsed) -> str:
    """The original start.  An override gives it; an instance moved by THISANDFUTURE lies as far from it as that."""
    original = copy["DTSTART"].dt
    if "RECURRENCE-ID" in source:
        original = source["RECURRENCE-ID"].dt + (original - source["DTSTART"].dt)
    return f"{utc(original):%Y%m%dT%H%M%SZ}" if isinstance(original, datetime) else f"{original:%Y%m%d}"


class _RunawayError(Exception):
    """A series that takes too long; no ValueError, because libraries catch those."""


class _Budget:
    """Bounds work by the number of function calls, which is the same on every machine and in every run.

    The libraries step through a rule in plain Python and cannot be told to stop.
    """

    def __init__(self, calls: int) -> None:
        self.left = calls

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Raise _RunawayError inside the block once its share is used up."""
        before, share = sys.getprofile(), min(self.left, SERIES_CALLS)
        left = share

        def count(_frame: FrameType, _event: str, _arg: Any) -> None:  # noqa: ANN401 as `sys.setprofile` has it
            nonlocal left
            left -= 1
            if left < 0:
                raise _RunawayError("repeats without an end in reach: its rule is too costly to expand")

        sys.setprofile(count)
        try:
            yield
        finally:
            sys.setprofile(before)
            self.left -= share - max(left, 0)
