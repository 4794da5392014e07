"""Replies by explicit rule: when a rule holds, what no rule ever answers, and what may be written of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec import structs
from msgspec.structs import replace

from daemon.model.event import Attendee, CountsAs, Event, EventRef, ParticipationRole, PartStat, ResourceRef, ShowAs
from daemon.model.options import FaultsError, Minutes
from daemon.model.owner import Subject
from daemon.model.plan import Action, Respond
from daemon.model.profile import Profile
from daemon.model.snapshot import Snapshot
from daemon.model.user.calendars import CalendarState
from daemon.model.user.people import BOSS, REPORTS
from daemon.model.user.reply import Replied, Rsvp, Sent
from daemon.planning.restraint.replies import MOST, allowed, with_replies
from making import CALENDAR, ME, MONDAY, event, meeting, moment, own, profile, snapshot, span
from policies.invitations.options import InvitationsOptions, RuleOptions
from policies.invitations.policy import propose
from policies.invitations.rules import rsvps, subject
from policies.overload.options import OverloadOptions

LEADER, DANA, GUEST = "leader@example.com", "dana@example.com", "eve@vendor.org"
GROUPS = {BOSS: frozenset({LEADER}), REPORTS: frozenset({DANA})}
WHO = profile(groups=GROUPS, internal=frozenset({"example.com"}))
CALENDARS = (CalendarState(id=CALENDAR, name="Work", read_at=moment("Mon 06:59")),)
OPTIONAL = RuleOptions(answer="decline", optional=True)


def asked(when: str = "Thu 10:00-10:30", title: str = "Sync", *people: str, **more: object) -> Event:
    """An invitation, made two weeks ago, as an optional attendee, by the first of these people."""
    named = people or ("p1@example.com", "p2@example.com")
    others = tuple(Attendee(a, a.partition("@")[0].title(), PartStat.ACCEPTED) for a in named)
    me = Attendee(ME, "Ada", PartStat.NEEDS_ACTION, ParticipationRole.OPTIONAL)
    values: dict[str, object] = {
        "attendees": (me, *others), "organizer": named[0], "reply": PartStat.NEEDS_ACTION,
        "created": moment("Mon-2 09:00"), "counts_as": CountsAs.MEETING,
    }  # fmt: skip
    return event(when, title, **(values | more))


def seen(*events: Event, now: str = "Mon 07:00", who: Profile = WHO, **more: object) -> Snapshot:
    values: dict[str, object] = {"main": CALENDAR, "calendars": CALENDARS, "policies": {"overload": OverloadOptions()}}
    plain = snapshot(*events, now=now, who=who)
    return replace(plain, **(values | more))  # type: ignore[arg-type]  # a table


def answers(at: Snapshot, *rules: RuleOptions) -> list[str]:
    return [f"{r.answer.lower()} {r.event.summary}" for r in rsvps(at, InvitationsOptions(rules=rules))]


def rule(**more: object) -> RuleOptions:
    return RuleOptions(**({"answer": "decline"} | more))  # type: ignore[arg-type]  # a table


# -- when a rule holds -----------------------------------------------------------------------------------------------

IT = asked()
MANY = asked("Thu 10:00-10:30", "Town", *(f"p{n}@example.com" for n in range(20)))
NOT_OPTIONAL = structs.replace(IT, attendees=(Attendee(ME, "Ada"), *IT.attendees[1:]))
LATELY = structs.replace(IT, created=moment("Mon 06:00"))
BUSY = meeting("Thu 10:15-11:00", "Staff")
HOLDS: Mapping[str, tuple[RuleOptions, tuple[Event, ...], bool]] = {
    "a word in its title": (rule(title=("sync",)), (IT,), True),
    "another title": (rule(title=("demo*",)), (IT,), False),
    "one of two patterns": (rule(title=("demo*", "sync")), (IT,), True),
    "whoever calls it": (rule(sender=("p1@example.com",)), (IT,), True),
    "in any case, by a pattern": (rule(sender=("*@EXAMPLE.com",)), (IT,), True),
    "somebody else who is in it": (rule(sender=("p2@example.com",)), (IT,), False),
    "more people than so many": (rule(people_over=20), (MANY,), True),
    "as many": (rule(people_over=21), (MANY,), False),
    "asked for late": (rule(notice_under=Minutes(77 * 60)), (LATELY,), True),
    "asked for in time": (rule(notice_under=Minutes(76 * 60)), (LATELY,), False),
    "asked for nobody knows when": (rule(notice_under=Minutes(9999)), (structs.replace(IT, created=None),), False),
    "optional": (rule(optional=True), (IT,), True),
    "not optional": (rule(optional=True), (NOT_OPTIONAL,), False),
    "asked not to be optional": (rule(optional=False), (NOT_OPTIONAL,), True),
    "something else then": (rule(conflicts=True), (IT, BUSY), True),
    "nothing else then": (rule(conflicts=True), (IT, meeting("Thu 10:30-11:00", "After")), False),
    "another that waits for an answer": (
        rule(conflicts=True), (IT, meeting("Thu 10:00-11:00", "Other", mine=True, reply=PartStat.NEEDS_ACTION)), False
    ),
    "in the evening": (rule(after_hours=True), (asked("Thu 18:00-19:00"),), True),
    "in working hours": (rule(after_hours=True), (IT,), False),
    "nobody from outside": (rule(external=False), (IT,), True),
    "all that it names": (rule(optional=True, title=("sync",), conflicts=True), (IT, BUSY), True),
    "not all that it names": (rule(optional=True, title=("demo",), conflicts=True), (IT, BUSY), False),
}  # fmt: skip


@pytest.mark.parametrize(("one", "events", "expected"), HOLDS.values(), ids=HOLDS)
def test_when_a_rule_answers(one: RuleOptions, events: tuple[Event, ...], expected: bool) -> None:
    assert bool(answers(seen(*events), one)) is expected


def test_a_focus_block_is_something_else_unless_it_is_shown_as_free() -> None:
    for show_as in ShowAs:
        ours = (own("Thu 09:00-11:00", show_as=show_as),)
        assert bool(answers(seen(IT, ours=ours), rule(conflicts=True))) is (show_as is not ShowAs.FREE)


def test_the_first_rule_that_holds_answers() -> None:
    maybe = rule(title=("sync",), answer="tentative")
    assert answers(seen(IT), maybe, OPTIONAL) == ["tentative Sync"]
    assert answers(seen(IT), OPTIONAL, maybe) == ["declined Sync"]


def test_without_rules_nothing_is_answered() -> None:
    assert list(rsvps(seen(IT), InvitationsOptions())) == []


# -- what no rule answers --------------------------------------------------------------------------------------------

SPARED = {
    "called by my boss": asked("Thu 10:00-10:30", "Sync", LEADER, "p1@example.com"),
    "my boss is in it": asked("Thu 10:00-10:30", "Sync", "p1@example.com", LEADER),
    "called by a report": asked("Thu 10:00-10:30", "Sync", DANA, "p1@example.com"),
    "a report is in it": asked("Thu 10:00-10:30", "Sync", "p1@example.com", DANA),
    "called from outside": asked("Thu 10:00-10:30", "Sync", GUEST),
    "somebody from outside is in it": asked("Thu 10:00-10:30", "Sync", "p1@example.com", GUEST),
    "an incident": asked("Thu 10:00-10:30", "Sync: incident 4711"),
    "it begins within two hours": asked("Mon 08:59-09:30"),
    "it was made less than two hours before it": asked("Thu 10:00-10:30", created=moment("Thu 08:01")),
    "nobody calls it": asked(organizer=""),
    "its organizer has no address": asked(organizer="/principals/staff"),
    "somebody in it has no address": asked("Thu 10:00-10:30", "Sync", "p1@example.com", "urn:uuid:4711"),
    "nobody else is in it": asked(attendees=(Attendee(ME),), organizer="room@resource.calendar.google.com"),
}  # fmt: skip


@pytest.mark.parametrize("it", SPARED.values(), ids=SPARED)
def test_what_no_rule_answers(it: Event) -> None:
    now = "Thu 08:02" if it.created == moment("Thu 08:01") else "Mon 07:00"
    assert answers(seen(it, now=now), rule(title=("sync",))) == []


def test_two_hours_are_enough() -> None:
    assert answers(seen(asked("Mon 09:00-09:30")), OPTIONAL) == ["declined Sync"]


def test_where_nobody_knows_who_is_from_outside_nothing_is_answered() -> None:
    assert answers(seen(IT, who=profile(groups=GROUPS)), OPTIONAL) == []


def test_a_rule_for_guests_names_them_and_answers_none() -> None:
    it = asked("Thu 18:00-19:00", "Pitch", GUEST)
    options = InvitationsOptions(rules=(rule(external=True),))
    (want,) = propose(seen(it), options)
    assert not isinstance(want, Rsvp)
    assert "‘Pitch’, 1 h, lies after hours. Your rule ‘external’ leaves it to you." in want.content.reason


def test_it_is_named_where_it_costs_something() -> None:
    """The row of the specification: the rule holds, it is from my boss, and it takes a focus block."""
    it = asked("Thu 10:00-10:30", "Sync", LEADER, "p1@example.com")
    options = InvitationsOptions(rules=(rule(title=("sync",)),))
    (want,) = propose(seen(it, ours=(own("Thu 09:00-11:00"),)), options)
    assert not isinstance(want, Rsvp)
    assert "takes a focus block" in want.content.reason
    assert "Your rule ‘sync’ leaves it to you." in want.content.reason
    assert want.about == (Subject("to-answer", "To answer"), subject(options.rules[0]))


@pytest.mark.parametrize("away", ["Mon 00:00-23:59", "Thu 00:00-23:59"], ids=["now", "then"])
def test_nothing_while_away_or_of_a_time_away(away: str) -> None:
    assert answers(seen(IT, away=(span(away),)), OPTIONAL) == []


# -- series ----------------------------------------------------------------------------------------------------------


def series(*days: str, **more: object) -> tuple[Event, ...]:
    found = []
    for day in days:
        when = f"{day} 10:00-10:30"
        rid = f"{span(when).start:%Y%m%dT%H%M%SZ}"
        values: dict[str, object] = {"ref": EventRef(CALENDAR, "weekly", rid), "series": True}
        found.append(asked(when, "Sync", **(values | {"resource": ResourceRef(CALENDAR, "weekly.ics", "1")} | more)))
    return tuple(found)


WEEKLY = series("Tue", "Tue+1", "Tue+2")


def test_a_series_is_answered_as_a_whole() -> None:
    at = seen(*WEEKLY)
    (reply,) = allowed(at, rsvps(at, InvitationsOptions(rules=(OPTIONAL,))), ())
    assert (reply.invitation, len(reply.times)) == (EventRef(CALENDAR, "weekly"), 3)


PARTS = {
    "where the rule does not hold for all of it": ((*WEEKLY[:2], structs.replace(WEEKLY[2], summary="Other")), 0),
    "where my boss is in one": (
        (*WEEKLY[:2], structs.replace(WEEKLY[2], attendees=(*WEEKLY[2].attendees, Attendee(LEADER)))), 0
    ),
    "where one has an answer": ((*WEEKLY[:2], structs.replace(WEEKLY[2], reply=PartStat.ACCEPTED)), 0),
    "but for those that were changed alone": (
        (*WEEKLY[:2], structs.replace(WEEKLY[2], override=True, reply=PartStat.ACCEPTED)), 1
    ),
    "whatever lies in a time away": ((*WEEKLY[:2], *series("Thu")), 1),
}  # fmt: skip


@pytest.mark.parametrize(("events", "count"), PARTS.values(), ids=PARTS)
def test_or_not_at_all(events: tuple[Event, ...], count: int) -> None:
    at = seen(*events, away=(span("Thu 00:00-23:59"),))
    assert len(answers(at, rule(title=("sync",)))) == count


def test_one_instance_that_was_asked_for_alone() -> None:
    alone = structs.replace(WEEKLY[0], override=True)
    at = seen(alone)
    (reply,) = allowed(at, rsvps(at, InvitationsOptions(rules=(OPTIONAL,))), ())
    assert reply.invitation == alone.ref
    answered = structs.replace(WEEKLY[1], reply=PartStat.ACCEPTED)
    assert answers(seen(alone, answered), OPTIONAL) == []


# -- what may be written ---------------------------------------------------------------------------------------------


def proposed(it: Event = IT, answer: PartStat = PartStat.DECLINED) -> Rsvp:
    return Rsvp(policy="x", event=it, answer=answer, rule=Subject("rule:1"), reason="so it is")


@pytest.mark.parametrize("answer", [PartStat.ACCEPTED, PartStat.DELEGATED, PartStat.NEEDS_ACTION])
def test_nothing_else_is_ever_proposed(answer: PartStat) -> None:
    with pytest.raises(ValueError, match="never"):
        proposed(answer=answer)


def replied(it: Event = IT, sent: Sent = Sent.DONE, version: str = "", on: str = "") -> dict[str, Replied]:
    day = MONDAY if not on else moment(f"{on} 00:00").date()
    one = Replied(answer=PartStat.DECLINED, rule="rule:1", on=day, until=day, sent=sent, version=version)
    return {EventRef(CALENDAR, it.ref.uid).key: one}


FORBIDDEN = {
    "it has an answer": (structs.replace(IT, reply=PartStat.ACCEPTED), {}),
    "it is my own": (structs.replace(IT, organizer=ME), {}),
    "it has begun": (structs.replace(IT, span=span("Mon 06:00-08:00")), {}),
    "it is cancelled": (structs.replace(IT, cancelled=True), {}),
    "I am not in it": (structs.replace(IT, attendees=IT.attendees[1:]), {}),
    "I am a room in it": (structs.replace(IT, attendees=(Attendee(ME, person=False), *IT.attendees[1:])), {}),
    "another line of mine has an answer": (
        structs.replace(IT, attendees=(*IT.attendees, Attendee("ada+x@example.com", "", PartStat.ACCEPTED))), {}
    ),
    "its calendar is not read now": (IT, {"stale": {CALENDAR}}),
    "its calendar is somebody else's": (IT, {"calendars": (structs.replace(CALENDARS[0], own=False),)}),
    "it is in another account": (IT, {"main": "home/Home"}),
    "a rule has answered it before": (IT, {"replies": replied()}),
    "a store has refused it before": (IT, {"replies": replied(sent=Sent.REFUSED)}),
    "perhaps it was answered, and has changed since": (IT, {"replies": replied(sent=Sent.OPEN, version="0")}),
}  # fmt: skip


@pytest.mark.parametrize(("it", "more"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_is_never_written_whoever_proposes_it(it: Event, more: dict[str, object]) -> None:
    stale = more.pop("stale", ())
    assert allowed(seen(it, **more), [proposed(it)], stale) == ()  # type: ignore[arg-type]  # a table


def test_one_that_was_not_written_is_tried_again() -> None:
    at = seen(IT, replies=replied(sent=Sent.OPEN, version=IT.resource.version))
    assert len(allowed(at, [proposed()], ())) == 1


def test_one_that_waits_after_failures_is_not_planned() -> None:
    (reply,) = allowed(seen(IT), [proposed()], ())
    assert allowed(seen(IT), [proposed()], (), {f"respond {reply.wish}"}) == ()


def test_few_on_a_day_and_the_soonest_first() -> None:
    events = [asked(f"Thu {h:02}:00-{h:02}:30", f"m{h}") for h in range(9, 17)]
    at = seen(*events, replies=replied(asked(title="old")))
    found = allowed(at, [proposed(e) for e in reversed(events)], ())
    assert [r.title for r in found] == ["m9", "m10", "m11", "m12"][: MOST - 1]
    yesterday = replace(at, replies=replied(asked(title="old"), on="Fri-1"))
    assert len(allowed(yesterday, [proposed(e) for e in events], ())) == MOST


def test_it_names_its_invitation_and_the_users_lines() -> None:
    tagged = Attendee("ada+work@example.com", "Ada")
    it = structs.replace(IT, attendees=(*IT.attendees, tagged))
    (reply,) = allowed(seen(it), [proposed(it)], ())
    assert isinstance(reply, Respond)
    assert reply.me == {ME, "ada+work@example.com"}
    assert (reply.action, str(reply.wish)) == (Action.RESPOND, f"x reply/{it.ref.key}")


@pytest.mark.parametrize("comments", [True, False])
def test_a_comment_is_planned_only_where_it_can_be_said(comments: bool) -> None:
    calendars = (structs.replace(CALENDARS[0], comments=comments),)
    (reply,) = allowed(seen(IT, calendars=calendars), [structs.replace(proposed(), comment="No time")], ())
    assert reply.rsvp.comment == ("No time" if comments else "")


def test_the_calendar_once_it_is_written() -> None:
    at = seen(IT, BUSY)
    then = with_replies(at, allowed(at, [proposed()], ()))
    (it,) = (e for e in then.events if e.summary == "Sync")
    assert (it.reply, it.counts_as, it.attendees[0].partstat) == (
        PartStat.DECLINED, CountsAs.DECLINED, PartStat.DECLINED,
    )  # fmt: skip
    maybe = with_replies(at, allowed(at, [proposed(answer=PartStat.TENTATIVE)], ()))
    assert {e.counts_as for e in maybe.events} == {CountsAs.MEETING}
    assert BUSY in then.events


# -- how a rule is known ----------------------------------------------------------------------------------------------


def test_a_rule_is_known_by_what_it_says() -> None:
    one = rule(title=("vendor demo*",), optional=True)
    assert subject(one) == subject(rule(title=("vendor demo*",), optional=True, comment="other words"))
    assert subject(one).id != subject(rule(title=("vendor demo*",), optional=False)).id
    assert subject(one).name == "vendor demo*"
    assert subject(rule(people_over=20, after_hours=True)).name == "people over and after hours"


WRONG: Mapping[str, dict[str, object]] = {
    "nothing has to hold": {},
    "what no rule would answer": {"notice_under": Minutes(120)},
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
def test_rules_that_say_nothing(given: dict[str, object]) -> None:
    with pytest.raises(FaultsError):
        rule(**given)
