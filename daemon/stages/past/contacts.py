"""A light read of the time before the window: on which day those whom the config names were last met.

Only policies that ask make it happen.  The calendars are gone through once, when somebody is named for the first time,
and nothing of that is kept but dates; from then on what leaves the window is added.  So it can be made anew at will.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial

import msgspec
from msgspec import Struct

from daemon.config import registry
from daemon.ledger.notes import CONTACTS, Contacts
from daemon.model.errors import UnbusyError
from daemon.model.event import CalendarId, Event
from daemon.model.owner import Names
from daemon.model.plan import Problem
from daemon.model.profile import Profile
from daemon.model.protocols import Changes, End, Resource, Seen
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, TimeRange, local_day
from daemon.model.user.calendars import WRITTEN
from daemon.model.user.contact import LastSeen, LongAgo, Named, is_contact
from daemon.model.user.gesture import Gesture, gestures
from daemon.planning.counting.classify import classify
from daemon.planning.counting.ours import mark_of
from daemon.stages.reading import CalendarRead, Round, side_by_side, some
from daemon.stages.runtime import Runtime
from daemon.system.side_by_side import Task

SETTLED = 7 * DAY
"""What is older is added to what is kept: before that it may still be moved or taken back."""
_PLAIN = re.compile(r"[^\W_]+")
AGAIN = "the next day tries again"


class Light(Struct, frozen=True):
    """What the light read goes by.  `names`: the marks of ours that stand without one; `writing`: where ours are."""

    this: Round
    who: Profile
    reads: tuple[CalendarRead, ...]
    writing: frozenset[CalendarId]
    names: Names


def last_seen(light: Light, snapshot: Snapshot) -> Mapping[str, LastSeen]:
    """What is known of whom policies ask about; nobody of whom the calendars could not tell yet."""
    runtime, asked = light.this.runtime, _asked(light.this.runtime, light.who)
    if not asked.people:
        return {}
    drawer, name = runtime.ledger.drawer, hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]
    known = CONTACTS.get(drawer)
    if known is None or known.asked != name or (not known.whole and known.tried < snapshot.today):
        known = _gone_through(light, snapshot, asked, name)
    window = dict(_within(snapshot, asked.people, local_day(snapshot.now - SETTLED, snapshot.zone)))
    known = msgspec.structs.replace(known, people=_both(known.people, window))
    CONTACTS.put(drawer, known)
    return {who: seen for who, seen in known.people.items() if known.whole or seen.day}


def _asked(runtime: Runtime, who: Profile) -> LongAgo:
    wanted = [
        kind.recall(options, who)
        for name, options in runtime.config.policies.items()
        if options.enabled and (kind := registry.policy(name)).recall
    ]
    people = {named.about.id: named for one in wanted for named in one.people}
    return LongAgo(days=max((one.days for one in wanted), default=0), people=tuple(people.values()))


def _both(one: Mapping[str, LastSeen], other: Mapping[str, LastSeen]) -> dict[str, LastSeen]:
    found = dict(one)
    for who, seen in other.items():
        known = found.get(who, LastSeen()).and_nudged(seen.nudged)
        found[who] = known.and_seen(seen.day, seen.calendar) if seen.day else known
    return found


# -- the window ------------------------------------------------------------------------------------------------------


def _within(snapshot: Snapshot, people: Iterable[Named], until: date) -> Iterator[tuple[str, LastSeen]]:
    """What the window tells that is settled."""
    for named in people:
        seen = LastSeen()
        for event in snapshot.events:
            day = local_day(event.span.end, snapshot.zone)
            if day <= until and is_contact(event, named, snapshot.people):
                seen = seen.and_seen(day, event.ref.calendar)
        for own in snapshot.ours:
            day = local_day(own.event.span.start, snapshot.zone)
            if day <= until and named.about.id in {s.id for s in own.mark.about}:
                seen = seen.and_nudged([day])
                seen = seen.and_seen(day, own.event.ref.calendar) if own.done else seen
        yield named.about.id, seen


# -- the light read --------------------------------------------------------------------------------------------------


def _gone_through(light: Light, snapshot: Snapshot, asked: LongAgo, name: str) -> Contacts:
    """All calendars, once.  One that cannot be read says nothing: the next day tries again."""
    span = TimeRange(snapshot.window.start - _beyond(snapshot, asked.days), snapshot.now)
    look = Look(light, snapshot, asked, span, {named.about.id: LastSeen() for named in asked.people})
    accounts = dict.fromkeys(read.account for read in light.reads)
    whole = side_by_side(light.this.runtime, {account: _account(look, account) for account in accounts}, lambda: None)
    return Contacts(asked=name, tried=snapshot.today, whole=all(whole.values()), people=look.found)


class Look(Struct, frozen=True):
    """One light read; `found` is filled on the way."""

    light: Light
    snapshot: Snapshot
    asked: LongAgo
    span: TimeRange
    found: dict[str, LastSeen]


def _account(look: Look, account: str) -> Task[bool]:
    """Add what its calendars tell; whether that was all of it."""
    whole = True
    for read in (read for read in look.light.reads if read.account == account):
        try:
            whole &= not read.stale and (yield from _calendar(look, read))
        except UnbusyError as e:
            whole = False
            what = f"when people were last met is not known: {e.what}"
            look.light.this.problems.append(Problem(read.info.id, what, AGAIN, e.code))
    return whole


def _beyond(snapshot: Snapshot, days: int) -> timedelta:
    return max(timedelta(), timedelta(days=days) - (snapshot.now - snapshot.window.start))


def _calendar(look: Look, read: CalendarRead) -> Task[bool]:
    light, needles, whole = look.light, _needles(look.asked.people), True
    connector = light.this.runtime.connectors[read.account]
    use = next((c.use for c in look.snapshot.calendars if c.id == read.info.id), WRITTEN)
    changes: Changes = yield partial(connector.changes, read.info.id, Seen(window=look.span))
    stream = iter(changes.changed)
    while items := (yield partial(some, stream)):
        for item in items:
            if isinstance(item, UnbusyError):
                raise item
            if isinstance(item, End):
                whole = whole and not item.left
            elif isinstance(item, Resource) and _may_name(item.payload, needles):
                for event in connector.read(item, look.span, light.who.zone).events:
                    if event.span.end <= look.snapshot.now:
                        _note(look, classify(event, light.who, use))
    return whole


def _note(look: Look, event: Event) -> None:
    light, found, day = look.light, look.found, local_day(event.span.start, look.light.who.zone)
    mark = mark_of(event, light.who, light.writing, light.names)
    ours = {s.id for s in mark.about} if mark else frozenset[str]()
    done = bool(mark) and Gesture.DONE in gestures([event.summary, event.description])
    for named in look.asked.people:
        who = named.about.id
        if who in ours:
            found[who] = found[who].and_nudged([day])
        if (who in ours and done) or (not mark and is_contact(event, named, look.snapshot.people)):
            found[who] = found[who].and_seen(day, event.ref.calendar)


def _needles(people: Iterable[Named]) -> tuple[bytes, ...]:
    """What a resource must hold somewhere to be looked at; () where that cannot be told by its bytes."""
    words = [address for named in people for address in named.addresses]
    words += [max(_PLAIN.findall(title.casefold()), key=len, default="") for named in people for title in named.titles]
    return (*(word.encode() for word in words), b"unbusy") if all(w and w.isascii() for w in words) else ()


def _may_name(payload: bytes, needles: tuple[bytes, ...]) -> bool:
    """Fails open: accents make no difference to a title, and escapes hide them."""
    text = payload.lower()
    if not needles or not text.isascii() or b"\\u" in text:
        return True
    for fold in (b"\r\n ", b"\n ", b"\r\n\t", b"\n\t"):
        text = text.replace(fold, b"")
    return any(needle in text for needle in needles)
