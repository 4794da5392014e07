"""Which of several events are one: what stands in several calendars, under one UID or, by sync tools, under several.

Pure.  Copies are told by what nobody can write twice by chance: one UID at one time, or one title at one time with the
same people (or fewer) in it; and copies of ours by the spans of several of ours in one calendar.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from daemon.model.event import CalendarId, CountsAs, Event, PartStat
from daemon.model.owner import normal_title
from daemon.model.profile import Profile
from daemon.model.times import TimeRange, When
from daemon.planning.counting.spoken import of_copies
from daemon.planning.counting.whose import others_in, takes_part

_COPIED = frozenset({CountsAs.MEETING, CountsAs.BUSY, CountsAs.DECLINED})
_MIRRORED = frozenset({CountsAs.FOCUS, CountsAs.BUSY, CountsAs.AWAY})


class Stood(NamedTuple):
    """One of ours: its title in normal form, and its key."""

    title: str
    key: str


Left = Mapping[When, frozenset[Stood]]
"""Where ours have stood lately and do no longer."""

MIRRORS = 3
"""From so many of ours on whose spans stand in another calendar, these are copies: one or two may be the user's own."""


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
    also = frozenset(c for e in same for c in (e.ref.calendar, *e.also)) - {best.ref.calendar}
    return replace(best, mine=best.mine or any(e.mine for e in same), also=also)


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


# -- copies of ours ---------------------------------------------------------------------------------------------------


def without_mirrors(
    events: Sequence[Event], ours: Sequence[Event], left: Left, written: Collection[CalendarId], who: Profile
) -> Iterator[Event]:
    """The foreign events; those that a mirror tool has made of ours count as copies.

    Such a tool writes into a calendar that we do not write to, at exactly the spans of ours, after them, and into one
    calendar at least `MIRRORS` times.  At one span there is one copy for each of ours: what else lies there is the
    user's.  It follows ours late: a copy may still stand where one of ours has been.  What one of ours stands for, as
    a hold does, is no copy of it.
    """
    there: dict[When, list[Event]] = defaultdict(list)
    for own in ours:
        there[own.when].append(own)
    alike: dict[CalendarId, list[Event]] = defaultdict(list)
    late: dict[CalendarId, list[Event]] = defaultdict(list)
    for e in events:
        stands = e.when in there
        if e.ref.calendar in written or not (stands or e.when in left):
            continue
        keys = (o.mark.key for o in there[e.when] if o.mark) if stands else (o.key for o in left[e.when])
        if any(key.startswith(e.ref.key) for key in keys):
            continue
        if _may_be_copy(e, there[e.when] if stands else (), who):
            (alike if stands else late)[e.ref.calendar].append(e)
    found = ([*alike[c], *_left_behind(alike[c], late[c], left)] for c in alike.keys() | late.keys())
    many = (same for same in found if len({e.when for e in same}) >= MIRRORS)
    copies = {e.ref for same in many for e in _one_for_each(same, there)}
    return (replace(e, counts_as=CountsAs.COPY, mine=False) if e.ref in copies else e for e in events)


def _left_behind(alike: Sequence[Event], late: Sequence[Event], left: Left) -> Iterator[Event]:
    """What stands where one of ours has been, under its title or under one that the tool gives to several."""
    titles = Counter(normal_title(e.summary) for e in (*alike, *late))
    for e in late:
        title = normal_title(e.summary)
        if titles[title] > 1 or title in {o.title for o in left[e.when]}:
            yield e


def _may_be_copy(event: Event, ours: Collection[Event], who: Profile) -> bool:
    """Whether it came after one of ours; where it does not say when, it did: ours are put where nothing stands.

    `ours`: none where they have left.  Of whole days only what bears the same title: on a day with a flag one may
    really be away.
    """
    if event.counts_as not in _MIRRORED or others_in(event, who):
        return False
    if not ours:
        return not event.all_day
    before = [o for o in ours if not (event.created and o.created) or o.created <= event.created]
    title = normal_title(event.summary)
    return any(not event.all_day or normal_title(o.summary) == title for o in before)


def _one_for_each(found: Sequence[Event], ours: dict[When, list[Event]]) -> Iterator[Event]:
    """Of several at one span those whose title is the most frequent in that calendar."""
    titles = Counter(normal_title(e.summary) for e in found)
    at: dict[When, list[Event]] = defaultdict(list)
    for e in sorted(found, key=lambda e: (-titles[normal_title(e.summary)], e.ref)):
        at[e.when].append(e)
    for when, same in at.items():
        yield from same[: len(ours[when]) or 1]
