"""The page on a week: the folder that the user has named, and when it is written."""

from __future__ import annotations

from daemon.model.figures.told import WeekPage
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day
from policies.reflection.options import ReflectionOptions
from policies.reflection.periods import POLICY, place, weekly


def page(snapshot: Snapshot, options: ReflectionOptions) -> WeekPage | None:
    """From the morning of the day of the weekly review, and anew once a look back of that day begins."""
    if not options.page:
        return None
    day, windows = place(snapshot, options, weekly(snapshot.this_week, options))
    if not windows or snapshot.now < snapshot.morning(day):
        return None
    starts = [own.event.span.start for own in snapshot.own(POLICY) if not own.mark.key.startswith("day/")]
    begun = [at for at in starts if at <= snapshot.now and local_day(at, snapshot.zone) == day]
    return WeekPage(options.page, snapshot.this_week, max([snapshot.morning(day), *begun]))
