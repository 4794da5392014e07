"""What a resource in iCalendar says in a window: the public face of our own reader.

It never raises and never hangs: what cannot be understood becomes a `Problem`, and whatever else the resource holds
is returned beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from connectors.rfc5545.clocks import instant, later, wall
from connectors.rfc5545.expand import content_of, expand
from connectors.rfc5545.lines import Calendar, Component, Stream, calendars, components, normal
from connectors.rfc5545.moments import Frame, Note, Occurrence
from connectors.rfc5545.properties import days_of, facts_of
from connectors.rfc5545.recurrence.rules import CANDIDATES, Budget
from connectors.rfc5545.scan import FOREVER, reach
from connectors.rfc5545.zones.names import zones_of
from daemon.model.event import Event, EventRef, ResourceRef
from daemon.model.plan import Problem
from daemon.model.protocols import Reading
from daemon.model.times import DAY, DateRange, TimeRange

ALL_CANDIDATES = 20 * CANDIDATES
"""How many candidates all series of one resource together may cost; an occurrence costs as much as ten."""
NO_UID = "no-uid-"
"""How the name of an event without a UID begins; the rest is a hash of its content.  Never written back."""
_UID = re.compile(rb"\nUID(?:;[^\n:]*)?:([^\n]*)\n([ \t]?)")
_OVERRIDE = b"\nRECURRENCE-ID"
_SHIFTING = frozenset({"DURATION", "RDATE"})
_TZID = rb'(?i)[;\n]TZID=("[^"\n]*"|[^;:\n]*)'


def read(payload: Stream, resource: ResourceRef, window: TimeRange, zone: ZoneInfo) -> Reading:
    """The occurrences that touch the window; times and days without a zone are taken in the calendar's, else in `zone`.

    `counts_as`, `reply` and `mine` are left at their defaults.
    """
    problems: list[Note] = []
    failures: list[Note] = []
    events: list[Event] = []
    replaced: set[tuple[str, str]] = set()
    budget = Budget(ALL_CANDIDATES)
    try:
        stream = normal(payload)
        found = calendars(stream)
        if not any(c.frame.name or c.events or c.frame.parts for c in found):
            problems.append(Note("no calendar data"))
        for calendar in found:
            if calendar.nested:
                problems.append(Note("a calendar inside a calendar"))
                continue
            zones = zones_of(calendar.frame, zone, partial(_tzids, calendar, stream))
            frame = Frame(zones, zone, _naive(window.start), _naive(window.end), problems, replaced)
            events += _read_calendar(calendar, stream, resource, frame, budget, failures)
    except Exception as error:  # noqa: BLE001 the promise of this module: hostile input costs its own resource only
        failures.append(Note(f"cannot be read ({type(error).__name__})"))
    where = f"{resource.calendar}/{resource.href}"
    told = tuple(Problem(where, note.what, note.remedy) for note in dict.fromkeys([*problems, *failures]))
    return Reading(events=tuple(events), problems=told, whole=not failures, overrides=frozenset(replaced))


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _read_calendar(
    calendar: Calendar, stream: Stream, resource: ResourceRef, frame: Frame, budget: Budget, failures: list[Note]
) -> Iterator[Event]:
    """The events of one VCALENDAR, series by series."""
    if calendar.frame.name and not calendar.frame.closed:
        failures.append(Note("cut off: the end of the calendar is missing"))
    cancelled = calendar.frame.value("METHOD").upper() == "CANCEL"
    for uid, parts in _series(calendar, stream, frame).items():
        masters = [p for p in parts if "RECURRENCE-ID" not in p.lines]
        overrides = [p for p in parts if "RECURRENCE-ID" in p.lines]
        if not all(p.closed for p in parts):
            failures.append(Note("cut off: the end of an event is missing"))
        share = Budget(min(CANDIDATES, budget.left))
        budget.left -= share.left
        try:
            occurrences = expand(uid, masters, overrides, frame, share)
            budget.left = max(0, budget.left + max(0, share.left) - 9 * len(occurrences))
            facts = {
                key: facts_of(part, cancelled=cancelled)
                for key, part in {id(o.part): o.part for o in occurrences}.items()
            }
            yield from [_event(o, uid, resource, facts[id(o.part)], frame) for o in occurrences]
            frame.problems += [o.doubt for o in occurrences if o.doubt]
        except Exception as error:  # noqa: BLE001 as above, for one series
            failures.append(Note(f"an event cannot be read ({type(error).__name__})"))


def _tzids(calendar: Calendar, stream: Stream) -> Iterator[str]:
    """The names of zones that its events give, again for each time that is in one."""
    for begin, end in calendar.events:
        yield from (name.decode("utf-8", "replace") for name in re.findall(_TZID, stream[begin:end]))
    for part in calendar.frame.parts:
        yield from (line.param("TZID") for name in ("DTSTART", "DTEND") for line in part.lines.get(name, ()))


def _series(calendar: Calendar, stream: Stream, frame: Frame) -> dict[str, list[Component]]:
    """The events that may touch the window, by UID, and with them all others that these UIDs depend on."""
    first, last = frame.low.toordinal(), frame.high.toordinal()
    found: dict[str, list[Component]] = {}
    far: list[tuple[int, int, int, int]] = []
    for begin, end in calendar.events:
        piece = stream[begin:end]
        days = reach(piece) if len(calendar.events) > 1 else None  # a single one is read anyway
        if days and (days[0] > last or days[1] < first):
            far.append((begin, end, *days))
        else:
            _collect(components(piece), found, frame)
    _collect(calendar.frame.parts, found, frame)
    if far and found:
        slack = {uid: max(map(_slack, parts)) for uid, parts in found.items()}
        for begin, end, low, high in far:
            piece = stream[begin:end]
            near = _slack_of(piece, slack)
            if near is None or (
                near >= 0 and (_OVERRIDE not in piece or (high >= first - near and low <= last + near))
            ):
                _collect((p for p in components(piece) if uid_of(p) in slack), found, frame)
    return found


def _slack_of(piece: bytes, slack: dict[str, int]) -> int | None:
    """How far (days) outside the window an event that stands far from it still matters: -1 never, None not known."""
    uid = _UID.search(piece)
    if not uid:
        return -1
    if b"\\" in uid[1] or uid[2]:
        return None
    return slack.get(uid[1].decode(errors="replace").rstrip("\r"), -1)


def _slack(part: Component) -> int:
    """Within how many days of the window an override of this event's series must be looked at.

    Outside of these it neither lies in the window nor stands for an instance that does.
    """
    if part.lines.keys() & _SHIFTING or any(
        "RANGE" in line.params.upper() for line in part.lines.get("RECURRENCE-ID", ())
    ):
        return FOREVER
    try:
        days = [wall(line.value)[0] for name in ("DTSTART", "DTEND") for line in part.lines.get(name, ())]
    except ValueError:
        return FOREVER
    return (max(days) - min(days)).days + 3 if days else FOREVER


def _collect(parts: Iterable[Component], found: dict[str, list[Component]], frame: Frame) -> None:
    for part in parts:
        if part.name == "VEVENT":
            found.setdefault(uid_of(part), []).append(part)
        elif part.name.strip() == "VEVENT":
            frame.note("an event begins with a line that cannot be read")


def uid_of(part: Component) -> str:
    """The UID; where there is none, a name made of the content."""
    if (uid := part.text("UID")).strip():
        return uid
    return NO_UID + hashlib.sha256(content_of(part).encode("utf-8", "replace")).hexdigest()[:32]


def _event(o: Occurrence, uid: str, resource: ResourceRef, facts: dict[str, Any], frame: Frame) -> Event:
    """An occurrence as the rest of the program sees it.

    An all-day event keeps the days that its file gives, and takes one day at least.
    """
    start, end, home, dates = o.start, max(o.start, o.end), frame.home, days_of(o, frame)
    if dates:
        start, end = (instant(datetime.combine(day, time()), home) for day in (dates.first, dates.end))
    elif o.date:
        dates = DateRange(start.date(), end.date())
        start, end = instant(start, home), instant(max(end, later(start, DAY)), home)
    return Event(
        ref=EventRef(resource.calendar, uid, o.id),
        resource=resource,
        span=TimeRange(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)),
        dates=dates,
        series=o.id != "",
        uncertain=o.doubt is not None and (o.date or dates is None),
        **facts,
    )
