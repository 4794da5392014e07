"""Which of several events are one: what stands in several calendars, under one UID or, by sync tools, under several.

Pure.  Copies are told by what nobody can write twice by chance: one UID at one time, or one title at one time with the
same people (or fewer) in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import structs

from daemon.model.event import CountsAs, Event, PartStat
from daemon.model.profile import Profile
from daemon.model.times import TimeRange
from daemon.planning.counting.spoken import of_copies
from daemon.planning.counting.whose import takes_part

_COPIED = frozenset({CountsAs.MEETING, CountsAs.BUSY, CountsAs.DECLINED})


def order(e: Event) -> tuple[datetime, datetime, str, str, str]:
    """By span, then by ref; plain values compare fast."""
    return e.span.start, e.span.end, e.ref.calendar, e.ref.uid, e.ref.recurrence_id


def one_each(events: Iterable[Event], who: Profile) -> tuple[Event, ...]:
    """One event for all copies of it: the one that knows the user's reply, mine if any is."""
    return tuple(sorted(_by_title(_by_uid(events, who), who), key=order))


def _by_uid(events: Iterable[Event], who: Profile) -> Iterator[Event]:
    """One UID at one time in several calendars is one meeting."""
    copies: dict[tuple[str, str, TimeRange], list[Event]] = defaultdict(list)
    for e in events:
        copies[e.ref.uid, e.ref.recurrence_id, e.span].append(e)
    for same in copies.values():
        yield _best(same, who)


def _best(same: list[Event], who: Profile) -> Event:
    if len(same) == 1:
        return same[0]
    best = of_copies(min(same, key=lambda e: (_rank(e, who), e.ref)), same)
    return structs.replace(best, mine=True) if not best.mine and any(e.mine for e in same) else best


def _rank(event: Event, who: Profile) -> int:
    """The user's own word first; a cancelled copy says least, but for what is not the user's at all."""
    if event.counts_as is CountsAs.OTHERS or event.cancelled:
        return 5 if event.cancelled else 6
    if not takes_part(event, who):
        return 3 if event.mine else 4
    return 2 if event.reply is PartStat.NEEDS_ACTION else 1 if event.reply is PartStat.ACCEPTED else 0


def _by_title(events: Iterable[Event], who: Profile) -> Iterator[Event]:
    """One title at one time is one meeting, where one copy has all the people of the others."""
    copies: dict[tuple[TimeRange, str], list[Event]] = defaultdict(list)
    for e in events:
        title = " ".join(e.summary.casefold().split())
        if title and e.counts_as in _COPIED and not e.all_day:
            copies[e.span, title].append(e)
        else:
            yield e
    for same in copies.values():
        yield from _merged(same, who) if same[1:] else same


def _merged(same: list[Event], who: Profile) -> Iterator[Event]:
    """The events of one title and time without their copies; those with most people first."""
    people = {e.ref: _people(e, who) for e in same}
    groups: list[list[Event]] = []
    for e in sorted(same, key=lambda e: (-len(people[e.ref]), _rank(e, who), e.ref)):
        home = next((g for g in groups if _is_copy(e, g[0], people[e.ref], people[g[0].ref])), None)
        groups += [[e]] if home is None else []
        if home is not None:
            home.append(e)
    yield from (_best(g, who) for g in groups)


def _is_copy(event: Event, of: Event, people: frozenset[str], there: frozenset[str]) -> bool:
    """What was declined is declined in its copies, too, where the people say that they are; else its time stands."""
    if not there or not people <= there:
        return False
    declined = CountsAs.DECLINED in (event.counts_as, of.counts_as)
    return people == there if declined else CountsAs.MEETING in (event.counts_as, of.counts_as)


def _people(event: Event, who: Profile) -> frozenset[str]:
    """Everybody else in it."""
    named = {a.address for a in event.attendees if a.person} | {event.organizer}
    return frozenset(a for a in named if who.is_other(a))
