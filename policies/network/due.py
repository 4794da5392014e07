"""Whose time it is.

A contact is a past event with them, or `#done` on a slot; one that is accepted and ahead stops everything.  All is read
off the calendar: what is older than the window as the light read has found it (`Snapshot.last_seen`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from daemon.model.event import Event, PartStat
from daemon.model.figures.told import NotMet, Told
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import Week, local_day
from daemon.model.user.contact import is_contact
from policies.network.options import POLICY, NetworkOptions
from policies.network.people import Friend, friends

APART, IN_A_ROW, REST = timedelta(days=10), 3, timedelta(weeks=8)
"""Between two slots about one person; after so many without effect there is none for so long."""


class Due(Struct, frozen=True, kw_only=True):
    """Somebody whose time it is.

    `beyond`: days over the wish, 0 for whom the calendar has never seen.  `nudges`: how many slots there were since
    `last`, the day of the last contact; `event`: what that was, if it is in sight.
    """

    friend: Friend
    beyond: int
    nudges: int
    last: date | None
    event: Event | None = None


def due(snapshot: Snapshot, friend: Friend) -> Due | None:
    """None for whom it is not time, or of whom the calendars could not tell."""
    if friend.id not in snapshot.last_seen or snapshot.never(friend.id) or _ahead(snapshot, friend):
        return None
    event = max(_past(snapshot, friend), key=lambda e: (e.span, e.ref), default=None)
    last = max(
        [d for d in (_long_ago(snapshot, friend), _day(snapshot, event), *_done(snapshot, friend)) if d], default=None
    )
    beyond = (snapshot.today - last).days - friend.every if last else 0
    nudged = sorted(set(_nudged(snapshot, friend)))
    since = [day for day in nudged if last is None or day > last]
    if beyond < 0 or _rests(snapshot.today, nudged, len(since)):
        return None
    shown = event if event and _day(snapshot, event) == last else None
    return Due(friend=friend, beyond=beyond, nudges=len(since), last=last, event=shown)


def tell(snapshot: Snapshot, options: NetworkOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it: the one who is longest beyond their cadence, as a slot would say, and no list."""
    del weeks
    found = [one for friend in friends(options, snapshot.profile) if (one := due(snapshot, friend)) and one.last]
    longest = max(found, key=lambda one: one.beyond, default=None)
    if longest is None:
        return Told()
    return Told(not_met=(NotMet(name=longest.friend.name, every=longest.friend.every, last=longest.last),))


def met_since(snapshot: Snapshot, friend: Friend, own: OwnEvent) -> bool:
    """Whether a slot that stands has no reason any more: they are met, or will be."""
    made = own.event.created or snapshot.now
    return _ahead(snapshot, friend) or any(e.span.end > made for e in _past(snapshot, friend))


def _rests(today: date, nudged: list[date], since: int) -> bool:
    if not nudged:
        return False
    return today - nudged[-1] < APART or (since > 0 and since % IN_A_ROW == 0 and today - nudged[-1] < REST)


def _past(snapshot: Snapshot, friend: Friend) -> Iterator[Event]:
    yield from (e for e in _with(snapshot, friend) if e.span.end <= snapshot.now)


def _ahead(snapshot: Snapshot, friend: Friend) -> bool:
    """Whether they will meet: an event that has yet to end, to which the user has said yes."""
    there = (e for e in _with(snapshot, friend) if e.span.end > snapshot.now)
    return any(e.mine or e.reply is PartStat.ACCEPTED for e in there)


def _with(snapshot: Snapshot, friend: Friend) -> Iterator[Event]:
    yield from (e for e in snapshot.events if is_contact(e, friend.named, snapshot.people))


def _long_ago(snapshot: Snapshot, friend: Friend) -> date | None:
    """The last contact before the window, in which what stands now counts."""
    day = snapshot.last_seen[friend.id].day
    return day if day and day < local_day(snapshot.window.start, snapshot.zone) else None


def _done(snapshot: Snapshot, friend: Friend) -> Iterator[date]:
    mine = (o for o in snapshot.own(POLICY) if o.done and _is_about(o.mark.key, friend))
    yield from (local_day(o.event.span.start, snapshot.zone) for o in mine if snapshot.begun(o.event))


def _nudged(snapshot: Snapshot, friend: Friend) -> Iterator[date]:
    """The days of the slots about them, those that were turned down, too."""
    yield from snapshot.last_seen[friend.id].nudged
    for own in (*snapshot.own(POLICY), *(o for o in snapshot.skipped if o.mark.policy == POLICY)):
        if _is_about(own.mark.key, friend) and snapshot.begun(own.event):
            yield local_day(own.event.span.start, snapshot.zone)
    yield from (s.day for s in snapshot.skips if s.policy == POLICY and _is_about(s.key, friend))


def _is_about(key: str, friend: Friend) -> bool:
    return key.endswith(f"/{friend.key}")


def _day(snapshot: Snapshot, event: Event | None) -> date | None:
    return local_day(event.span.start, snapshot.zone) if event else None
