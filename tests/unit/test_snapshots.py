"""From occurrences to a snapshot: which of several events for one wish is ours."""

from __future__ import annotations

import pytest
from msgspec import structs

from daemon.model.event import CalendarId, CountsAs, Event, EventRef, ResourceRef
from daemon.model.snapshot import Snapshot
from daemon.planning.snapshots import Memory, build
from making import CALENDAR, moment, own, profile, snapshot

OTHER = "work/Other"


def standing(when: str, *, generation: int = 0, calendar: CalendarId = CALENDAR) -> Event:
    """An event for the first block of the week."""
    event = own(when, generation=generation).event
    href = event.resource.href
    return structs.replace(event, ref=EventRef(calendar, event.ref.uid), resource=ResourceRef(calendar, href, "1"))


def built(*events: Event, unreadable: CalendarId | ResourceRef | None = None) -> Snapshot:
    memory = Memory(
        writing=frozenset({CALENDAR, OTHER}), unreadable=frozenset({unreadable} if unreadable is not None else ())
    )
    return build(moment("Mon 07:00"), snapshot().window, profile(), events, memory)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("Tue 09:00-11:00", "Wed 09:00-11:00"), ("Wed 09:00-11:00", "Tue 09:00-11:00")],
    ids=["the older one comes first", "the newer one comes first"],
)
def test_the_newest_generation_counts_and_the_other_is_foreign(older: str, newer: str) -> None:
    old, new = standing(older), standing(newer, generation=1)
    found = built(old, new)
    assert [o.event.ref for o in found.ours] == [new.ref]
    assert [(e.ref, e.counts_as is CountsAs.OURS) for e in found.events] == [(old.ref, False)]


@pytest.mark.parametrize("gone", [CALENDAR, OTHER])
@pytest.mark.parametrize("by", ["calendar", "resource"])
def test_of_one_generation_in_two_calendars_the_one_that_can_be_read_counts(gone: CalendarId, by: str) -> None:
    here, there = standing("Tue 09:00-11:00"), standing("Tue 09:00-11:00", calendar=OTHER)
    lost, kept = (here, there) if gone == CALENDAR else (there, here)
    found = built(here, there, unreadable=gone if by == "calendar" else lost.resource)
    assert [o.event.ref for o in found.ours] == [kept.ref]


def test_a_newer_generation_counts_also_where_it_cannot_be_read_now() -> None:
    old, new = standing("Tue 09:00-11:00"), standing("Wed 09:00-11:00", generation=1, calendar=OTHER)
    assert [o.event.ref for o in built(old, new, unreadable=OTHER).ours] == [new.ref]
