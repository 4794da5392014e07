"""One slot a day about the invitations that cost something and have no answer; the user answers in their own program.

What each costs, a time that would cost nothing, and the words that fit: they stand in a private event, and go nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import Struct

from daemon.model.courtesy.messages import Message, message
from daemon.model.event import Event
from daemon.model.owner import Subject
from daemon.model.proposal import Content, Flexible, Level, Rank, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import DAY, DateRange, TimeRange, local_day, within
from daemon.model.user.reply import Rsvp
from daemon.model.words import hours, listed, moment, quoted, title
from policies.invitations.costs import Cost, cost, day_of, unanswered
from policies.invitations.options import POLICY, InvitationsOptions, RuleOptions
from policies.invitations.rules import label, left_to_the_user, rsvps, subject
from policies.invitations.slots import Slot, elsewhere
from policies.overload.options import POLICY as OVERLOAD
from policies.overload.options import OverloadOptions

LAST = timedelta(hours=2)
"""The slot lies in this last part of a day."""
LOOKED_AT = 100
"""So many invitations are looked at, the soonest."""
OFTEN = 2
"""On so many days an invitation is named, and once more on the last working day before it: silence is an answer."""
MANY = 8
"""With so many people, one of them may stay away."""
ABOUT = Subject("to-answer", "To answer")


class Invitation(Struct, frozen=True):
    """One that is named, and what it would cost to accept it."""

    event: Event
    cost: Cost


def propose(snapshot: Snapshot, options: InvitationsOptions) -> Iterator[Want | Rsvp]:
    """What the rules answer; and the slot of today, from its morning on, in its words of then."""
    yield from rsvps(snapshot, options)
    key, windows = f"{snapshot.today}", _windows(snapshot)
    own = next((o for o in snapshot.own(POLICY) if o.mark.key == key), None)
    if not windows or snapshot.now < snapshot.morning(snapshot.today) or _dragged(snapshot, key):
        return
    if content := _as_written(options, own) if own else _content(snapshot, options, _named(snapshot, options)):
        yield Want(
            policy=POLICY, key=key, content=content, level=Level.REVIEW, rank=Rank.REPLIES,
            when=Flexible(minutes=int(options.length), windows=windows), about=_about(snapshot, options, content),
        )  # fmt: skip


def keys(snapshot: Snapshot, options: InvitationsOptions) -> Iterator[str]:
    """`2026-12-01`: its day."""
    del options
    first, last = (local_day(at, snapshot.zone) for at in (snapshot.window.start, snapshot.window.end))
    yield from map(str, DateRange(first, last + DAY).days)


def _about(snapshot: Snapshot, options: InvitationsOptions, content: Content) -> tuple[Subject, ...]:
    """The slot itself, and each rule of which it speaks."""
    named = (subject(rule) for rule in options.rules if _rule(rule) in content.reason)
    return (ABOUT, *(s for s in dict.fromkeys(named) if not snapshot.never(s.id)))


def _dragged(snapshot: Snapshot, key: str) -> bool:
    """Whether the user has put off an earlier one to this day: one a day is enough."""
    others = (o.event for o in snapshot.own(POLICY) if o.mark.key != key)
    return any(local_day(e.span.start, snapshot.zone) == snapshot.today for e in others)


def _windows(snapshot: Snapshot) -> tuple[TimeRange, ...]:
    working = snapshot.working(snapshot.today)
    last = [TimeRange(working[-1].end - LAST, working[-1].end)] if working else []
    return within(snapshot.present(snapshot.today), last)


# -- which ------------------------------------------------------------------------------------------------------------


def _named(snapshot: Snapshot, options: InvitationsOptions) -> list[Invitation]:
    """What takes most focus time first, then what costs most otherwise; of a series the first occurrence that does."""
    found: dict[str, Invitation] = {}
    for event in _waiting(snapshot)[:LOOKED_AT]:
        if event.ref.uid not in found and not _said_enough(snapshot, event) and (costs := cost(snapshot, event)).why:
            found[event.ref.uid] = Invitation(event, costs)
    first = sorted(found.values(), key=lambda i: (-i.cost.focus, -len(i.cost.why), i.event.span, i.event.ref))
    return sorted(first[: options.most], key=lambda i: (i.event.span, i.event.ref))


def _waiting(snapshot: Snapshot) -> list[Event]:
    """The invitations that wait for an answer once this day's work is over."""
    over = snapshot.working(snapshot.today)[-1].end
    return [e for e in snapshot.events if e.span.start >= over and unanswered(snapshot, e)]


def _said_enough(snapshot: Snapshot, event: Event) -> bool:
    """Whether it was named on several days, and can be once more on another day before it."""
    head = _head(snapshot, event)
    texts = (o.event.description for o in snapshot.own(POLICY) if o.mark.key != f"{snapshot.today}")
    days = DateRange(snapshot.today + DAY, max(snapshot.today, day_of(snapshot, event)) + DAY).days
    later = any(snapshot.present(d) and snapshot.working(d)[-1].end <= event.span.start for d in days)
    return later and sum(head in text for text in texts) >= OFTEN


# -- words ------------------------------------------------------------------------------------------------------------


def _as_written(options: InvitationsOptions, own: OwnEvent) -> Content:
    """What was answered since leaves the text of the next day."""
    return Content(title=options.title, reason=words(own.event.description).reason)


def _content(snapshot: Snapshot, options: InvitationsOptions, named: Sequence[Invitation]) -> Content | None:
    if not named:
        return None
    parts = ("\n".join(_lines(snapshot, options, one)) for one in named)
    return Content(title=options.title, reason="\n\n".join([_first(named), *parts]))


def _first(named: Sequence[Invitation]) -> str:
    """'2 invitations without an answer would take 4 h of focus time.', or that they cost something else."""
    count, focus = len(named), sum(one.cost.focus for one in named)
    what = f"{count} invitations without an answer" if count > 1 else "An invitation without an answer"
    return f"{what} would {f'take {hours(focus)} of focus time' if focus else 'cost you something'}."


def _lines(snapshot: Snapshot, options: InvitationsOptions, one: Invitation) -> Iterator[str]:
    """What it costs, and when it would not; then the message, where its title may be said here."""
    event = one.event
    slot = None if _may_stay_away(snapshot, event) else elsewhere(snapshot, event)
    costs = f"costs {hours(one.cost.focus)}: it " if one.cost.focus else ""
    rule = left_to_the_user(snapshot, options, event)
    left = f" {_rule(rule)} leaves it to you." if rule else ""
    head = f"{_head(snapshot, event)}, {hours(event.span.minutes)}"
    yield f"{head}, {costs}{listed(one.cost.why)}.{_or(snapshot, slot)}{left}"
    if options.messages and not event.secret:
        yield _message(snapshot, event, slot.span if slot else None)


def _may_stay_away(snapshot: Snapshot, event: Event) -> bool:
    """Whether it is held without them: no other time has to suit them."""
    return snapshot.people.is_optional(event) or len(snapshot.people.others(event)) + 1 >= MANY


def _or(snapshot: Snapshot, slot: Slot | None) -> str:
    """' Thu 3 Dec 15:30 would cost nothing.', behind what it costs as it stands."""
    if slot is None:
        return ""
    return f" {moment(slot.span.start, snapshot.zone)} would cost no{'thing' if slot.free else ' focus time'}."


def _rule(rule: RuleOptions) -> str:
    """'Your rule ‘vendor demo*’'."""
    return f"Your rule {quoted(label(rule))}"


def _head(snapshot: Snapshot, event: Event) -> str:
    """By which it is known again in a text: '– Thu 3 Dec 10:00 ‘Staff’'."""
    return f"– {moment(event.span.start, snapshot.zone)} {title(event)}"


def _message(snapshot: Snapshot, event: Event, slot: TimeRange | None) -> str:
    """By the table of the way out of a busy week; where nothing else fits, that the user will not come."""
    who = snapshot.people
    named = snapshot.options_of(OVERLOAD, OverloadOptions)
    speaks = {a.lower() for a in named.delegates} if named else set()
    delegate = next((a.name or a.address for a in event.attendees if a.person and a.address in speaks), "")
    if _may_stay_away(snapshot, event):
        kind = Message.DECLINE
    elif event.series:
        kind = Message.SKIP
    elif delegate:
        kind = Message.HAND_OVER
    else:
        kind = Message.MOVE if slot else Message.DECLINE
    return message(
        kind, event, snapshot.zone, own=snapshot.profile.courtesy, organizer=who.organizer_name(event),
        delegate=delegate, slot=slot,
    )  # fmt: skip
