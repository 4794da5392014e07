"""Which of the replies that policies propose may be written, and how the calendar is once they are.  Pure.

Whatever a rule says: never twice to one invitation, never over an answer, never for a calendar that is not the user's
own, never what has begun, and few a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import structs
from msgspec.structs import replace

from daemon.model.event import CalendarId, CountsAs, Event, EventRef, PartStat
from daemon.model.plan import Respond
from daemon.model.snapshot import Snapshot
from daemon.model.times import merged
from daemon.model.user.calendars import CalendarState
from daemon.model.user.reply import Rsvp, Sent, invitation_of

MOST = 5
"""Replies on one day, of all rules together."""


def allowed(
    snapshot: Snapshot, rsvps: Iterable[Rsvp], stale: Collection[CalendarId], resting: Collection[str] = ()
) -> tuple[Respond, ...]:
    """The replies that may be written now, the soonest invitation first; `resting`: the names of those that wait."""
    first: dict[EventRef, Rsvp] = {}
    for rsvp in rsvps:
        first.setdefault(rsvp.invitation, rsvp)
    found = [made for rsvp in first.values() if (made := _respond(snapshot, rsvp, stale))]
    due = [r for r in found if f"{r.action} {r.wish}" not in resting]
    return tuple(sorted(due, key=lambda r: (r.before.span, r.invitation))[: _left(snapshot)])


def _left(snapshot: Snapshot) -> int:
    """How many more may be written today."""
    sent = sum(r.on == snapshot.today and r.sent is not Sent.REFUSED for r in snapshot.replies.values())
    return max(0, MOST - sent)


def _respond(snapshot: Snapshot, rsvp: Rsvp, stale: Collection[CalendarId]) -> Respond | None:
    event, who = rsvp.event, snapshot.profile
    events = tuple(_asked_by(snapshot, rsvp.invitation))
    mine = {a.address: a.partstat for e in events for a in e.attendees if a.person and who.is_me(a.address)}
    may = event.ref.calendar in _own(snapshot) and event.ref.calendar not in stale and not answered(snapshot, event)
    if not may or not mine or who.is_me(event.organizer) or not who.is_other(event.organizer):
        return None
    if any(e.reply is not PartStat.NEEDS_ACTION or e.cancelled for e in events) or snapshot.begun(event):
        return None
    if set(mine.values()) != {PartStat.NEEDS_ACTION}:
        return None
    carried = rsvp if _own(snapshot)[event.ref.calendar].comments else structs.replace(rsvp, comment="")
    return Respond(rsvp=carried, me=frozenset(mine), times=merged(e.span for e in events))


def answered(snapshot: Snapshot, event: Event) -> bool:
    """Whether a rule has answered it before: then it is the user's, whatever it says now."""
    before = snapshot.replies.get(invitation_of(event).key)
    return before is not None and before.settles(event)


def _own(snapshot: Snapshot) -> Mapping[CalendarId, CalendarState]:
    """The user's own calendars in the account that is written to."""
    account = snapshot.main.partition("/")[0]
    return {c.id: c for c in snapshot.calendars if c.own and c.id.partition("/")[0] == account}


def _asked_by(snapshot: Snapshot, invitation: EventRef) -> Iterator[Event]:
    """Its occurrences that have not begun."""
    for event in snapshot.events:
        if invitation_of(event) == invitation and not snapshot.begun(event):
            yield event


def with_replies(snapshot: Snapshot, replies: Iterable[Respond]) -> Snapshot:
    """The calendar as it will be once they are written."""
    answers = {r.invitation: r for r in replies}
    if not answers:
        return snapshot
    events = (_replied(e, answers.get(invitation_of(e)), snapshot) for e in snapshot.events)
    return replace(snapshot, events=tuple(events))


def _replied(event: Event, reply: Respond | None, snapshot: Snapshot) -> Event:
    if reply is None or snapshot.begun(event):
        return event
    people = (structs.replace(a, partstat=reply.answer) if a.address in reply.me else a for a in event.attendees)
    counts = CountsAs.DECLINED if reply.answer is PartStat.DECLINED else event.counts_as
    return structs.replace(event, reply=reply.answer, counts_as=counts, attendees=tuple(people))
