"""What stands in the calendars, for people: the occurrences of some days."""

from __future__ import annotations

from datetime import date, datetime

from daemon.model.errors import ConfigError
from daemon.model.event import Event
from daemon.model.plan import Problem
from daemon.model.times import DAY, DateRange, TimeRange, local_day
from daemon.model.user.calendars import WRITTEN
from daemon.planning.counting.classify import classify
from daemon.stages.observe import observe
from daemon.stages.runtime import Runtime


def agenda(runtime: Runtime, now: datetime, first: str | None, last: str | None) -> tuple[list[Event], list[Problem]]:
    """Every occurrence of the days from `first` to `last` (ISO dates, both inclusive), ours and cancelled ones too."""
    zone = runtime.profile.zone
    start = _day(first, "--from") if first else local_day(now, zone)
    end = _day(last, "--to") if last else start + 7 * DAY
    if end < start:
        raise ConfigError(f"--to {end} is before --from {start}", "write the earlier day first")
    span = DateRange(start, end + DAY).span(zone)
    observation = observe(runtime, now, span=span)
    known = [o.event for o in (*observation.snapshot.ours, *observation.snapshot.skipped)]
    known += [e for e in observation.snapshot.events if e.ref in {c.event.ref for c in observation.snapshot.commands}]
    by_ref = {e.ref: e for e in known}
    uses, who = {c.id: c.use for c in observation.snapshot.calendars}, observation.snapshot.profile
    there = [e for e in observation.events if touches(e.span, span)]
    events = [by_ref.get(e.ref) or classify(e, who, uses.get(e.ref.calendar, WRITTEN)) for e in there]
    return sorted(events, key=lambda e: (e.span, e.ref)), list(observation.problems)


def _day(text: str, option: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option} {text!r} is not a day", "write it like 2026-12-01") from None
    if not 1971 <= day.year <= 2199:
        raise ConfigError(f"{option} {text} is out of reach", "write a day from 1971 to 2199")
    return day


def touches(span: TimeRange, window: TimeRange) -> bool:
    """Whether an occurrence is in a window; one without length is there if it begins there."""
    return span.overlaps(window) or (span.start == span.end and span.start in window)
