"""Replies by a rule: what is known of them, said before each is written and again when it is known what came of it.

So none is written twice, whatever happens in between; and what the user makes of one afterwards is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.journal import replies as pages
from daemon.ledger.notes import REPLIES
from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.event import PartStat
from daemon.model.plan import Change, Respond
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day
from daemon.model.user.reply import Replied, Sent, invitation_of
from daemon.stages.runtime import Runtime

KEPT = timedelta(days=400)
"""How long they are known after the day of the event."""


def known(runtime: Runtime) -> Mapping[str, Replied]:
    """All that are known, by the key of the invitation."""
    return REPLIES.get(runtime.ledger.drawer) or {}


def recorded(runtime: Runtime, change: Change, now: datetime, write: Callable[[], str]) -> str:
    """Make a change, and know of a reply before and after what comes of it; gives what `write` does: its outcome."""
    if not isinstance(change, Respond):
        return write()
    begin(runtime, change, now)
    try:
        outcome = write()
    except TemporaryError:
        raise  # it may have been written
    except UnbusyError:
        lost(runtime, change, now)
        raise
    if outcome in set(Sent):
        end(runtime, change, Sent(outcome), now)
    else:
        lost(runtime, change, now)
    return outcome


def begin(runtime: Runtime, change: Respond, now: datetime) -> None:
    """It is about to be written."""
    zone = runtime.profile.zone
    reply = Replied(
        answer=change.answer, rule=change.rsvp.rule.id, on=local_day(now, zone),
        until=local_day(change.times[-1].end, zone), sent=Sent.OPEN, version=change.before.resource.version,
    )  # fmt: skip
    _put(runtime, {**known(runtime), change.invitation.key: reply}, now)


def lost(runtime: Runtime, change: Respond, now: datetime) -> None:
    """It is certain that it was not written."""
    key = change.invitation.key
    _put(runtime, {k: r for k, r in known(runtime).items() if k != key}, now)


def end(runtime: Runtime, change: Respond, sent: Sent, now: datetime) -> None:
    """It was written, or the store does not take it; in the journal first."""
    found, key = dict(known(runtime)), change.invitation.key
    found[key] = replace(found[key], sent=sent, version="")
    if sent is Sent.DONE:
        pages.note(runtime.journal, [(key, found[key], change.title)])
    _put(runtime, found, now)


def settle(runtime: Runtime, snapshot: Snapshot, now: datetime) -> None:
    """Of those that were left open, what the calendar says: an answer that stands was written by us, or by the user."""
    before = known(runtime)
    found, said = dict(before), []
    for event in snapshot.events:
        key = invitation_of(event).key
        reply = found.get(key)
        if reply and reply.sent is Sent.OPEN and event.reply is not PartStat.NEEDS_ACTION:
            found[key] = replace(reply, sent=Sent.DONE, version="")
            said += [(key, found[key], event.summary)] if event.reply is reply.answer else []
    if found != before:
        pages.note(runtime.journal, said)
        _put(runtime, found, now)


def _put(runtime: Runtime, replies: Mapping[str, Replied], now: datetime) -> None:
    day = local_day(now, runtime.profile.zone)
    REPLIES.put(runtime.ledger.drawer, {k: r for k, r in replies.items() if r.until > day - KEPT} or None)
