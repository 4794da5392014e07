"""Where one can eat on a day: by what is booked, and by what of ours no longer moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from daemon.model.event import CountsAs, Event
from daemon.model.profile import Lunch
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import MINUTE, TimeRange, clock_span, minus

NOTICE = timedelta(hours=1)
_TAKEN = (CountsAs.MEETING, CountsAs.BUSY, CountsAs.FOCUS)


def room(
    snapshot: Snapshot, form: Lunch, day: date, own: OwnEvent | None, apart: Collection[TimeRange] = ()
) -> tuple[TimeRange, ...]:
    """Noon where lunch fits there, or all the time for it; () where it fits nowhere.

    `own`: the event that is lunch by now.  Where that lies in the time for lunch, no other place is better.  `apart`:
    what else comes then; lunch is beside it where it can be.
    """
    firm = (o.event.span for o in snapshot.ours if snapshot.firm(o) and not o.event.all_day and o is not own)
    taken = (*snapshot.busy, *firm)
    noon, between = (clock_span(day, *span, snapshot.zone) for span in (form.noon, form.between))
    stands = own is not None and not minus([own.event.span], [between])
    wide = next((w for w in ((between,) if stands else (noon, between)) if _fits(form, w, taken)), None)
    beside = minus([wide], apart) if wide and not stands else ()
    return tuple(w for w in beside if _fits(form, w, taken)) or ((wide,) if wide else ())


def _fits(form: Lunch, window: TimeRange, taken: Iterable[TimeRange]) -> bool:
    return any(r.minutes >= form.minutes for r in minus([window], taken))


def place_over(snapshot: Snapshot, form: Lunch, day: date, own: OwnEvent | None) -> tuple[Event, TimeRange] | None:
    """The shortest event over lunch, and where lunch is then; None in absence, or where it would come too late."""
    between = clock_span(day, *form.between, snapshot.zone)
    over = [e for e in snapshot.events if e.counts_as in _TAKEN and not e.all_day and e.span.overlaps(between)]
    if not over:
        return None
    event = min(over, key=lambda e: (e.span.minutes, e.span.start, e.ref))
    start = max(between.start, min(event.span.start, between.end - form.minutes * MINUTE))
    place = TimeRange(start, start + form.minutes * MINUTE)
    late = own is None and place.start < snapshot.now + NOTICE
    return None if late or minus([place], snapshot.away) != (place,) else (event, place)
