"""Every series of a folder beside dateutil: the same starts in four weeks, one by one, and the CPU time of both.

Timed is what each needs from the lines of a master to its starts, files and time zones aside.  Overrides are left out
on both sides, as dateutil knows none.

    python -m bench.expansion FOLDER FIRST DAYS TIMES       milliseconds of both, run by run, as JSON
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from connectors.rfc5545.expand import expand
from connectors.rfc5545.lines import Component, calendars, components, normal
from connectors.rfc5545.moments import Frame, Occurrence, read_moment
from connectors.rfc5545.recurrence.rules import Budget
from connectors.rfc5545.zones.names import zones_of

ZONE = ZoneInfo("Europe/Berlin")
T = TypeVar("T")


class Series(NamedTuple):
    """A master, and what it is expanded in; for dateutil its start, its rules and what is left out."""

    master: Component
    frame: Frame
    start: datetime
    rules: tuple[str, ...]
    gone: tuple[datetime, ...]

    @property
    def days(self) -> bool:
        """Whether it is of days: for dateutil these are midnights without a zone."""
        return self.start.tzinfo is None


def main(folder: str, first: str, days: str, times: str) -> None:
    """Print the milliseconds.  SystemExit where the two differ."""
    low = datetime.combine(date.fromisoformat(first), datetime.min.time(), ZONE)
    high = low + timedelta(days=int(days))
    found = [s for file in sorted(Path(folder).glob("*.ics")) for s in _series(file.read_bytes(), low, high)]
    pairs = []
    for _ in range(int(times)):
        ours, said = _timed(lambda: [expand([s.master], [], s.frame, Budget()) for s in found])
        theirs, heard = _timed(lambda: [_theirs(s, low, high) for s in found])
        for series, starts, known in zip(found, said, heard, strict=True):
            _check(series, low, high, starts, known)
        pairs.append((ours, theirs))
    sys.stdout.write(json.dumps(pairs) + "\n")


def _series(payload: bytes, low: datetime, high: datetime) -> list[Series]:
    stream = normal(payload)
    out = []
    for calendar in calendars(stream):
        frame = Frame(
            zones_of(calendar.frame, ZONE), ZONE, *(m.astimezone(UTC).replace(tzinfo=None) for m in (low, high))
        )
        for begin, end in calendar.events:
            masters = (p for p in components(stream[begin:end]) if p.lines.keys() >= {"RRULE", "DTSTART"})
            out += [Series(m, frame, *_for_dateutil(m, frame)) for m in masters if "RECURRENCE-ID" not in m.lines]
    return out


def _for_dateutil(part: Component, frame: Frame) -> tuple[datetime, tuple[str, ...], tuple[datetime, ...]]:
    gone = (line._replace(value=v) for line in part.lines.get("EXDATE", ()) for v in line.value.split(","))
    start, *left_out = (
        m.local if m.date else m.local.replace(tzinfo=m.zone)
        for m in (read_moment(line, frame.zones) for line in (part.lines["DTSTART"][0], *gone))
    )
    return start, tuple(line.value for line in part.lines["RRULE"]), tuple(left_out)


def _theirs(series: Series, low: datetime, high: datetime) -> list[datetime]:
    rules = rruleset()
    for rule in series.rules:
        rules.rrule(rrulestr(rule, dtstart=series.start))
    for moment in series.gone:
        rules.exdate(moment)
    window = [m.replace(tzinfo=None) for m in (low, high)] if series.days else [low, high]
    return list(rules.between(*window, inc=True))


def _check(series: Series, low: datetime, high: datetime, ours: list[Occurrence], theirs: list[datetime]) -> None:
    """SystemExit where the starts in the window are not the same."""
    first, last, *known = (
        m.replace(tzinfo=None) if series.days else m.astimezone(UTC).replace(tzinfo=None) for m in (low, high, *theirs)
    )
    found = [[m for m in starts if first <= m < last] for starts in ([o.start for o in ours], known)]
    if found[0] != found[1]:
        sys.exit(f"the occurrences of {series.master.value('UID')} differ: {found}")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return (time.process_time() - start) * 1000, result


if __name__ == "__main__":
    main(*sys.argv[1:])
