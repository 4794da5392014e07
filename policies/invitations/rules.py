"""Replies by explicit rule: which invitations a rule of the config answers, and which are the user's to answer.

Never a yes, and never where it matters who reads it: anything in doubt is left to the user.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from daemon.model.event import Event, EventRef, PartStat
from daemon.model.owner import Subject
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import within
from daemon.model.titles.kinds import Kind, shows, words
from daemon.model.titles.patterns import fits
from daemon.model.user.reply import Rsvp, invitation_of
from daemon.model.words import listed, one_line, quoted
from policies.invitations.costs import after_hours, notice, unanswered
from policies.invitations.options import POLICY, InvitationsOptions, RuleOptions

SOON = timedelta(hours=2)
"""What begins sooner, and so what was asked for later than that, no rule answers."""
_ANSWERS = {"decline": PartStat.DECLINED, "tentative": PartStat.TENTATIVE}


def rsvps(snapshot: Snapshot, options: InvitationsOptions) -> Iterator[Rsvp]:
    """What the rules answer now: for each invitation the first rule that holds for all of its occurrences ahead."""
    if not options.rules or within_away(snapshot):
        return
    for events in _invitations(snapshot).values():
        rule = next((r for r in options.rules if all(holds(snapshot, r, e) for e in events)), None)
        if rule and not any(spared(snapshot, e) for e in events):
            yield Rsvp(
                policy=POLICY, event=events[0], answer=_ANSWERS[rule.answer], rule=subject(rule),
                reason=f"{_rule(rule)}: {_said(snapshot, rule, events[0])}",
                comment=one_line(rule.comment),
            )  # fmt: skip


def within_away(snapshot: Snapshot) -> bool:
    """Whether the user is away now, or has paused unbusy."""
    return any(snapshot.now in r for r in snapshot.away)


def _invitations(snapshot: Snapshot) -> Mapping[EventRef, Sequence[Event]]:
    """By what is asked: its occurrences ahead in which the user is there, where every one waits for an answer."""
    found: dict[EventRef, list[Event]] = {}
    for event in snapshot.events:
        if not snapshot.begun(event) and not event.cancelled and not within([event.span], snapshot.away):
            found.setdefault(invitation_of(event), []).append(event)
    uids = [ref.uid for ref in found]
    return {
        ref: events
        for ref, events in found.items()
        if all(unanswered(snapshot, e) for e in events) and (not ref.recurrence_id or uids.count(ref.uid) == 1)
    }


# -- rules -----------------------------------------------------------------------------------------------------------


def holds(snapshot: Snapshot, rule: RuleOptions, event: Event) -> bool:
    """Whether all that a rule names is so of an occurrence."""
    return all(_CONDITIONS[name](snapshot, rule, event) for name in rule.named)


def _conflicts(snapshot: Snapshot, event: Event) -> bool:
    """Whether it lies over time that is taken: by what the user has accepted, by absence, or by a focus block."""
    focus = (o.event.span for o in snapshot.in_role(Role.FOCUS) if o.event.show_as.strength)
    taken = [*snapshot.busy_beside_unanswered, *focus]
    return any(r.overlaps(event.span) for r in taken)


def _short(snapshot: Snapshot, rule: RuleOptions, event: Event) -> bool:
    given = notice(snapshot, event)
    return given is not None and rule.notice_under is not None and given < timedelta(minutes=rule.notice_under)


def _people(snapshot: Snapshot, event: Event) -> int:
    return len(snapshot.people.others(event)) + 1


_CONDITIONS: Mapping[str, Callable[[Snapshot, RuleOptions, Event], bool]] = {
    "title": lambda _, r, e: shows(e.summary, r.title),
    "from": lambda _, r, e: fits(e.organizer, r.sender),
    "people_over": lambda s, r, e: _people(s, e) > (r.people_over or 0),
    "notice_under": _short,
    "external": lambda s, r, e: bool(s.people.external(e)) is r.external,
    "optional": lambda s, r, e: s.people.is_optional(e) is r.optional,
    "conflicts": lambda s, r, e: _conflicts(s, e) is r.conflicts,
    "after_hours": lambda s, r, e: after_hours(s, e) is r.after_hours,
}


def subject(rule: RuleOptions) -> Subject:
    """What `#never` is about: the rule, as long as it says the same."""
    said = "\0".join(f"{name}={getattr(rule, _ATTRIBUTE.get(name, name))}" for name in (*rule.named, "answer"))
    return Subject(f"rule:{hashlib.sha256(said.encode(errors='surrogatepass')).hexdigest()[:8]}", label(rule))


_ATTRIBUTE = {"from": "sender"}


def label(rule: RuleOptions) -> str:
    """'vendor demo*': how a rule is called: by its patterns, else by what it names."""
    patterns = (*rule.title, *rule.sender)
    return one_line(patterns[0] if patterns else " and ".join(rule.named).replace("_", " "), 40)


def _rule(rule: RuleOptions) -> str:
    what = "declines it" if rule.answer == "decline" else "says maybe to it"
    return f"your rule {quoted(label(rule))} {what}"


def _said(snapshot: Snapshot, rule: RuleOptions, event: Event) -> str:
    """'its title fits, and 24 people are in it': what of it holds."""
    given = notice(snapshot, event)
    parts = {
        "title": "its title fits",
        "from": "so does whoever calls it" if rule.title else "whoever calls it fits",
        "people_over": f"{_people(snapshot, event)} people are in it",
        "notice_under": f"asked for {int(given.total_seconds() // 3600) if given else 0} h ahead",
        "external": "people from outside are in it" if rule.external else "nobody from outside is in it",
        "optional": "you are optional" if rule.optional else "you are not optional",
        "conflicts": "you have something else then" if rule.conflicts else "you have nothing else then",
        "after_hours": "it lies after hours" if rule.after_hours else "it lies in your hours",
    }
    return listed([parts[name] for name in rule.named])


# -- what is left to the user -----------------------------------------------------------------------------------------


def spared(snapshot: Snapshot, event: Event) -> str:
    """Why no rule answers it, '' where one may."""
    people = snapshot.people
    others = people.others(event)
    nameless = any(a.person and "@" not in a.address and not people.who.is_me(a.address) for a in event.attendees)
    reasons = {
        "your boss is in it": any(map(people.is_boss, others)),
        "one of your reports is in it": any(map(people.is_report, others)),
        "it is not clear who is in it": nameless or not others or "@" not in event.organizer,
        "somebody from outside is in it": not snapshot.profile.internal or any(map(people.is_external, others)),
        "it may be an incident": shows(event.summary, words(Kind.INCIDENT)),
        "it is too soon": event.span.start - snapshot.now < SOON,
    }
    return next((why for why, so in reasons.items() if so), "")


def left_to_the_user(snapshot: Snapshot, options: InvitationsOptions, event: Event) -> RuleOptions | None:
    """The rule that holds for an occurrence that no rule may answer."""
    rule = next((r for r in options.rules if holds(snapshot, r, event)), None)
    return rule if rule and spared(snapshot, event) else None
