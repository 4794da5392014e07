"""What recurring meetings cost: whose hours they take, the user's and everybody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from daemon.model.event import Event
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day


class SeriesCost(Struct, frozen=True, kw_only=True):
    """A series over some days.  `latest`: in its words it is named.  `people_minutes`: of all who are invited."""

    latest: Event
    times: int
    minutes: int
    people_minutes: int


def series_costs(
    snapshot: Snapshot, first: date, end: date, counts: Callable[[Event], bool] = lambda _: True
) -> tuple[SeriesCost, ...]:
    """The series that met from `first` to before `end`, those first that took the user longest.

    `counts`: which of their meetings.
    """
    rows: dict[str, list[Event]] = {}
    for event in snapshot.meetings:
        if event.series and first <= local_day(event.span.start, snapshot.zone) < end and counts(event):
            rows.setdefault(event.ref.uid, []).append(event)
    found = (_cost(snapshot, events) for events in rows.values())
    return tuple(sorted(found, key=lambda c: (-c.minutes, -c.people_minutes, c.latest.ref)))


def _cost(snapshot: Snapshot, events: list[Event]) -> SeriesCost:
    return SeriesCost(
        latest=max(events, key=lambda e: e.span),
        times=len(events),
        minutes=sum(e.span.minutes for e in events),
        people_minutes=sum(people(snapshot, e) * e.span.minutes for e in events),
    )


def people(snapshot: Snapshot, event: Event) -> int:
    """How many are invited, the user among them; a room is nobody."""
    return 1 + sum(a.person and snapshot.profile.is_other(a.address) for a in event.attendees)
