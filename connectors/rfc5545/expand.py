"""From a series (a master and what overrides it) to its occurrences in a window (RFC 5545, 3.8.4, 3.8.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from connectors.rfc5545.clocks import instant, later, local_of
from connectors.rfc5545.instances import Series, goes_on, in_series, starts_of
from connectors.rfc5545.lines import Component
from connectors.rfc5545.moments import (
    Frame,
    Length,
    Moment,
    Note,
    Occurrence,
    TimedComponent,
    identity,
    identity_of,
    timed,
)
from connectors.rfc5545.recurrence.rules import Budget, RunawayError

VOLATILE = frozenset({"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "UID"})
"""Properties that say nothing of what an event is."""
_DAY = timedelta(days=1)
_UNTIL = re.compile(r"(?:^|;)UNTIL=([0-9]{8})(?![0-9])")
_REPEATS = frozenset({"RRULE", "RDATE"})
_TWO_RULES = Note(
    "a change of an event and all that follow has a rule of its own; it is busy at the old times and the new ones",
    "make two events of it in the program that it comes from",
)
_ONE_UID = "share one UID, and nothing says which is the newest; all of them count"
_OWN_UIDS = "tell whoever provides the calendar that each event needs a UID of its own"


class Override(Struct):
    """An override (3.8.4.4): the instance that it replaces, and its own time."""

    id: Moment
    own: TimedComponent
    future: bool


def expand(
    uid: str, masters: list[Component], overrides: list[Component], frame: Frame, budget: Budget
) -> list[Occurrence]:
    """The occurrences of one UID in the frame's window.  What cannot be understood goes to the frame's problems."""
    newest = masters if len(masters) == 1 else _newest(masters)
    if len(newest) == 1 and not overrides and _is_over(newest[0], frame):
        return []
    mains = [t for m in newest if (t := timed(m, frame))]
    main = mains[0] if len(mains) == 1 else next((t for t in mains if _repeats(t)), next(iter(mains), None))
    changes = _overrides(overrides, main, frame) if overrides else {}
    shown = {key: o for key, c in changes.items() if frame.shows(o := c.own.itself(identity(c.id)))}
    if changes:
        frame.overrides.update((uid, identity(c.id)) for c in changes.values())
    if not main:
        return list(shown.values())
    futures = [o for o in changes.values() if o.future]
    futures.sort(key=lambda o: o.id.instant)
    found: list[Occurrence] = []
    for master in mains:
        series = Series(master, frame, budget, alone=len(mains) == 1)
        try:
            found += _instances(series, changes, futures)
            if master is main:
                found += [o for key, o in shown.items() if _stands(changes[key], series)]
        except RunawayError:
            frame.note("a recurrence rule has more instances than can be listed; only its start is")
            found += [master.itself(identity(master.start)), *(shown.values() if master is main else ())]
    found = [o for o in found if frame.shows(o)]
    return found if len(mains) == 1 else _each(uid, found, frame)


def _is_over(part: Component, frame: Frame) -> bool:
    """Whether a series of short events ended days before the window, by the digits of its lines; most series did."""
    lines = part.lines
    if len(lines.get("RRULE", ())) != 1 or "RDATE" in lines:
        return False
    start, end = part.value("DTSTART")[:8], part.value("DTEND")[:8]
    until = _UNTIL.search(part.value("RRULE"))
    return until is not None and start == end and start.isdigit() and max(start, until[1]) < _long_ago(frame.low)


@lru_cache(maxsize=64)
def _long_ago(low: datetime) -> str:
    """A day before which nothing that is over within a day can touch what begins at `low`, in any zone."""
    return later(low, -4 * _DAY).isoformat().replace("-", "")[:8]


def _version(part: Component) -> tuple[int, str]:
    """What makes one of two descriptions of one event the newer: SEQUENCE, then DTSTAMP (RFC 5546, 2.1.5)."""
    number = part.value("SEQUENCE")
    return int(number) if number.isdecimal() and len(number) < 10 else 0, part.value("DTSTAMP")


def _newest(masters: Sequence[Component]) -> list[Component]:
    """The newest master; where nothing orders several that differ, each of them, by content."""
    latest = max(map(_version, masters), default=None)
    same = {content_of(m): m for m in masters if _version(m) == latest}
    return [same[content] for content in sorted(same)]


def content_of(part: Component) -> str:
    """What an event says, in one order, without what is volatile."""
    return repr(sorted((n, lines) for n, lines in part.lines.items() if n not in VOLATILE))


def _each(uid: str, found: list[Occurrence], frame: Frame) -> list[Occurrence]:
    """Those of several masters: of two at one time the longer, and rather one that takes its time."""
    out: dict[str, Occurrence] = {}
    for o in sorted(found, key=lambda o: (o.end, o.part.value("TRANSP").upper() != "TRANSPARENT")):
        out[o.id] = o
    if len(out) > 1:
        frame.problems.append(Note(f"several events {_ONE_UID} (UID {uid[:60]!r})", _OWN_UIDS))
    return list(out.values())


def _overrides(parts: Iterable[Component], master: TimedComponent | None, frame: Frame) -> dict[datetime, Override]:
    """The overrides by the instant of the instance that each replaces; of two for one instance the newer."""
    out: dict[datetime, Override] = {}
    for part in sorted(parts, key=_version):
        line = part.first("RECURRENCE-ID")
        try:
            identity = in_series(line.value, line, master, frame) if line else None
        except (ValueError, OverflowError) as error:
            frame.note(f"RECURRENCE-ID: {error}")
            continue
        if identity and (own := timed(part, frame, identity)):
            future = line is not None and line.param("RANGE").upper() == "THISANDFUTURE"
            out[identity.instant] = Override(identity, own, future)
    return out


def _stands(override: Override, series: Series) -> bool:
    """Whether an override is in force: EXDATE takes it away too, and so does a newer master that ends before it.

    One that lies in the time of the series stands, whatever the newer master has in its place: it is still there.
    """
    moment, local = override.id.instant, override.id.local
    if series.holes.take(moment, local):
        return False
    if _version(override.own.part)[0] >= _version(series.master.part)[0]:
        return True
    return goes_on(series, local) or moment in starts_of(series, local - _DAY, local + _DAY)


def _repeats(master: TimedComponent) -> bool:
    return not _REPEATS.isdisjoint(master.part.lines)


def _instances(series: Series, changes: dict[datetime, Override], futures: list[Override]) -> list[Occurrence]:
    """The instances of the master that no override replaces; those after a THISANDFUTURE are as it says."""
    master, frame = series.master, series.frame
    part, start = master.part, master.start
    if not _repeats(master):
        return [] if start.instant in changes else [master.itself("" if series.alone else identity(start))]
    shifts = [_shift(o, master) for o in futures]
    slack, length = 2 * _DAY, _rough(master.length)
    if futures:
        slack += max(map(abs, shifts))
        length = max(length, *(_rough(o.own.length) for o in futures))
    low, high = later(frame.low, -slack - length), later(frame.high, slack)
    out = []
    for moment, (local, own) in starts_of(series, low, high).items():
        if moment in changes:
            continue
        one = master if own is None else master._replace(length=own)
        last = max((n for n, o in enumerate(futures) if o.id.instant < moment), default=-1)
        name = identity_of(moment, date=start.date)
        doubt = _TWO_RULES if last >= 0 and "RRULE" in futures[last].own.part.lines else None
        if last < 0 or doubt:
            out.append(Occurrence(part, *one.at(local, moment), start.date, name, doubt or one.doubt))
        if last >= 0:
            out.append(_shifted(futures[last].own, local + shifts[last], start, name, doubt))
    return out


def _rough(length: Length) -> timedelta:
    return length.exact + timedelta(days=length.days)


def _shift(override: Override, master: TimedComponent) -> timedelta:
    """By how much a THISANDFUTURE moves the instances after it, on the clock of the series (3.2.13)."""
    zone = master.start.zone
    old, new = (
        m.local if m.date or m.zone == zone else local_of(m.instant, zone) for m in (override.id, override.own.start)
    )
    return new - old


def _shifted(own: TimedComponent, local: datetime, start: Moment, name: str, doubt: Note | None) -> Occurrence:
    """An instance after a THISANDFUTURE: its content and length, its shift."""
    moment = instant(local, start.zone)
    end = own.length.end(local, moment, None if start.date else start.zone)
    return Occurrence(own.part, later(moment, -own.travel), end, start.date, name, doubt or own.doubt)
