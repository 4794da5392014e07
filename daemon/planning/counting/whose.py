"""Whose an event is, in a calendar that is read and not written; and whose a calendar is, by its events.  Pure.

An event in which the user has a part is always theirs.  Of the others, those with people in them, somebody's absence,
and the blocks of somebody else's unbusy are not.
"""

from __future__ import annotations

from collections.abc import Iterable

from daemon.model.event import CalendarId, CountsAs, Event, ReadAs
from daemon.model.profile import Profile
from daemon.model.snapshot import TAKING
from daemon.model.titles.holidays import HOLIDAY_CALENDARS, is_public_holiday
from daemon.model.titles.patterns import fits
from daemon.model.user.calendars import CalendarUse

_GOOGLE = "#holiday@"
"""In the id of each of Google's calendars of public holidays."""


def others_in(event: Event, who: Profile) -> bool:
    """Whether anybody else takes part.  A room is nobody; where no address is the user's, any person is enough."""
    if any(a.person and who.is_other(a.address) for a in event.attendees):
        return True
    rooms = (a.address for a in event.attendees if not a.person)
    return who.is_other(event.organizer) and event.organizer not in rooms


def takes_part(event: Event, who: Profile) -> bool:
    """Whether the user is its organizer or among the attendees."""
    return who.is_me(event.organizer) or any(who.is_me(a.address) for a in event.attendees)


def settled(kind: CountsAs, event: Event, who: Profile, use: CalendarUse) -> CountsAs:
    """What an event of some kind counts as, once it is known whose it is."""
    if kind not in TAKING or use.written or takes_part(event, who):
        return kind
    theirs = CountsAs.BUSY if use.read_as is ReadAs.BUSY else CountsAs.OTHERS
    if event.mark and event.mark.owner != who.owner and not who.is_me(event.mark.owner.casefold()):
        return theirs  # of another unbusy
    people = others_in(event, who)
    if use.read_as is ReadAs.MINE:
        return theirs if kind is CountsAs.AWAY and people and who.me else kind
    if use.whole or people or kind is CountsAs.AWAY:
        return theirs
    return CountsAs.BUSY if kind is CountsAs.FOCUS else kind


def day_off(event: Event, who: Profile, use: CalendarUse) -> CountsAs:
    """What an event of a calendar of public holidays counts as; where such a feed says which are any, only these."""
    said = is_public_holiday(event.description, who.region)
    return CountsAs.HOLIDAY if event.all_day and (said or (said is None and not use.labelled)) else CountsAs.OTHERS


# -- calendars -------------------------------------------------------------------------------------------------------


def is_of_holidays(calendar: CalendarId, name: str) -> bool:
    """Whether a calendar says of itself that it holds public holidays."""
    return _GOOGLE in calendar or fits(name, HOLIDAY_CALENDARS)


def is_labelled(events: Iterable[Event], who: Profile) -> bool:
    """Whether any event of a calendar says whether it is a public holiday."""
    return any(is_public_holiday(e.description, who.region) is not None for e in events)


def judged(events: Iterable[Event], who: Profile) -> ReadAs:
    """As what a calendar is read that the config names alone, or not at all.

    `mine` where no event has people in it, where the user's addresses are not known, or where they are named in at
    least half of the events that have people (each series counts once); else `others`.
    """
    with_people = {e.ref.uid: e for e in events if others_in(e, who)}.values() if who.me else ()
    named = sum(takes_part(e, who) for e in with_people)
    return ReadAs.MINE if named * 2 >= len(with_people) else ReadAs.OTHERS
