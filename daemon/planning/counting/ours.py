"""Which events are ours: by a mark that yields their UID; where there is none, by a UID that is one of ours.  Pure.

Clients and servers drop what they do not know, so a mark may be gone; a UID stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from daemon.model.event import CalendarId, Event
from daemon.model.owner import NOTHING_KNOWN, UNKNOWN, Field, Mark, Names, Wish, named, place_of
from daemon.model.profile import Profile
from daemon.planning.counting.whose import others_in

GENERATIONS = 20
"""As many are looked at where nothing is known; an event has another one each time that it is made anew."""


def mark_of(event: Event, who: Profile, writing: frozenset[CalendarId], names: Names) -> Mark | None:
    """The mark of an event of ours, as it carries it or as it is known; None for any other event.

    Ours are in the writing account, without anybody else in them.  A user's copy of one of ours and a colleague's
    events fail this, and so does a forged mark.  An attendee line of the user's own is how some clients answer for an
    event that has nobody else in it; a room is nobody, and so is an organizer that a server puts in (the user's
    principal or login, `invalid:nomail`).
    """
    if event.ref.calendar not in writing or others_in(event, who):
        return None
    mark = event.mark
    if mark is not None and mark.digits == named(event.ref.uid):
        return mark if mark.owner in who.owners else None
    known = names.get(named(event.ref.uid))
    return None if known and event.cancelled and not is_known(known) else known  # nobody knows that it ever stood


def in_place(mark: Mark, calendar: CalendarId, writing: Iterable[CalendarId]) -> Mark:
    """The mark with the base of its time in this calendar, where that is the same one under another name.

    What was asked for in a calendar that is not there (any more) was not moved by the user: the calendar was.
    """
    time, _, place = mark.base[Field.WHEN].partition("@")
    if not place or place in set(map(place_of, writing)):
        return mark
    return replace(mark, base={**mark.base, Field.WHEN: f"{time}@{place_of(calendar)}"})


def hashed(owners: Iterable[str], wishes: Iterable[Wish]) -> Iterator[Mark]:
    """Every mark that an event of one of these wishes may have had, with nothing known of its base."""
    wishes = tuple(wishes)
    for owner in owners:
        for policy, key in wishes:
            yield from (Mark(owner, policy, key, n, NOTHING_KNOWN) for n in range(GENERATIONS))


def is_known(mark: Mark) -> bool:
    """Whether anything is known of how it was asked for."""
    return any(value != UNKNOWN for value in mark.base.values())
