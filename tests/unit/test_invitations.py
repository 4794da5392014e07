"""To answer: which invitations cost something, what is said of them, and when the slot comes and goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.options import FaultsError, Minutes
from daemon.model.owner import Field
from daemon.model.plan import Create, Plan, Update
from daemon.model.profile import Lunch
from daemon.model.proposal import Rank
from daemon.model.snapshot import GivenUp, OwnEvent, Snapshot
from daemon.model.times import TimeRange
from daemon.planning.after import after
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from living import said
from making import CALENDAR, event, meeting, moment, own, profile, snapshot, span
from policies.invitations.costs import cost
from policies.invitations.options import InvitationsOptions
from policies.invitations.policy import keys, propose
from policies.invitations.slots import Slot, elsewhere
from policies.overload.options import OverloadOptions

PLAIN = InvitationsOptions()
BUSY = {"overload": OverloadOptions()}
LONG_AGO = moment("Mon-2 09:00")


def asked(when: str, title: str = "Sync", *, others: int = 3, **more: object) -> Event:
    """An invitation without an answer, made two weeks ago."""
    return meeting(when, title, others=others, reply=PartStat.NEEDS_ACTION, **({"created": LONG_AGO} | more))


FULL = tuple(
    meeting(f"Thu {clocks}", title)
    for title, clocks in (
        ("A", "11:00-11:50"), ("B", "12:15-13:05"), ("C", "13:30-14:20"), ("D", "14:45-15:30"), ("E", "16:00-17:05"),
    )
)  # fmt: skip
"""Its only two hours are from 09:00 to 11:00; 15:30 to 16:00 is free, and no other half an hour."""
INSIDE = asked("Thu 10:00-10:30")


def seen(*events: Event, now: str = "Mon 07:00", **more: object) -> Snapshot:
    given = {k: more.pop(k) for k in ("given_up", "policies") if k in more}
    plain = snapshot(*events, now=now, **more)  # type: ignore[arg-type]  # a table
    return replace(plain, main=CALENDAR, **({"policies": BUSY} | given))


def plan(at: Snapshot, options: InvitationsOptions = PLAIN) -> Plan:
    made = make_plan(at, propose(at, options), Terms(main=CALENDAR), Limits())
    then = after(at, made.changes)
    assert make_plan(then, propose(then, options), Terms(main=CALENDAR), Limits()).changes == (), "one run is enough"
    return made


def slots(*events: Event, now: str = "Mon 07:00", **more: object) -> list[str]:
    return [said(c) for c in plan(seen(*events, now=now, **more)).changes]


def text(*events: Event, options: InvitationsOptions = PLAIN, **more: object) -> str:
    (made,) = plan(seen(*events, **more), options).changes
    assert isinstance(made, Create)
    return made.draft.text


# -- the table of the specification ----------------------------------------------------------------------------------


def test_unanswered_inside_the_only_two_hours() -> None:
    (made,) = plan(seen(*FULL, INSIDE)).changes
    assert said(made) == "create 2026-11-30 Mon 15:30-15:40"
    assert isinstance(made, Create)
    assert (made.draft.title, made.draft.show_as, made.draft.reminder) == ("To answer", ShowAs.FREE, None)
    assert made.draft.text.startswith(
        "An invitation without an answer would take 2 h of focus time.\n\n"
        "– Thu 3 Dec 10:00 ‘Sync’, 30 min, costs 2 h: it ends the only stretch of 2 h on Thursday."
        " Thu 3 Dec 15:30 would cost nothing.\n"
        "Could ‘Sync’ move to Thu 3 Dec 15:30? That would leave me a longer stretch to think. If not, it stays."
    )


def test_unanswered_in_conflict_with_nothing_in_a_light_week() -> None:
    assert slots(INSIDE) == []


# -- what it costs ---------------------------------------------------------------------------------------------------

FOCUS = own("Thu 09:00-11:00", show_as=ShowAs.BUSY)
LEFT = GivenUp(key="2026-W49/1", when=span("Thu 09:00-11:00"), left=moment("Mon-1 09:00"))
FIVE_AND_A_HALF = tuple(meeting(f"Thu {h:02}:00-{h:02}:55", f"m{h}") for h in (9, 10, 11, 13, 14, 15))
DAY_5H30 = tuple(
    structs.replace(e, span=TimeRange(e.span.start, e.span.start + timedelta(minutes=55))) for e in FIVE_AND_A_HALF
)
WEEK_19H = (
    *(meeting(f"{d} {h:02}:00-{h + 1:02}:00") for d in ("Mon+1", "Tue+1", "Wed+1", "Thu+1") for h in (9, 10, 11, 12)),
    *(meeting(f"Fri+1 {clocks}") for clocks in ("09:00-10:00", "14:00-15:00", "16:00-17:00")),
)

COSTS = {
    "a focus block of ours": ((INSIDE,), {"ours": [FOCUS]}, (120, ["takes a focus block, Thu 3 Dec 09:00–11:00"])),
    "one that had to leave since it came": (
        (INSIDE,), {"given_up": (LEFT,)}, (120, ["takes a focus block, Thu 3 Dec 09:00–11:00"])
    ),
    "not one that had left before": (
        (asked("Thu 10:00-10:30", created=moment("Mon 06:00")),), {"given_up": (LEFT,)}, (0, [])
    ),
    "one that the user made by hand": (
        (INSIDE, event("Thu 10:00-12:00", "Focus", counts_as=CountsAs.FOCUS)), {},
        (120, ["takes a focus block, Thu 3 Dec 10:00–12:00"]),
    ),
    "not a block beside it": (
        (asked("Thu 12:00-12:30"), event("Thu 10:00-12:00", "Focus", counts_as=CountsAs.FOCUS)), {}, (0, [])
    ),
    "the only stretch of its day": ((*FULL, INSIDE), {}, (120, ["ends the only stretch of 2 h on Thursday"])),
    "one of two stretches": ((*FULL[:3], INSIDE), {}, (0, [])),
    "a day over its limit": (
        (*DAY_5H30, asked("Thu 16:00-17:00")), {},
        (0, ["brings Thursday to 6 h 30 in meetings, and your limit is 6 h"]),
    ),
    "not a day that is over it already": (
        (*DAY_5H30, meeting("Thu 16:00-17:00"), asked("Thu 17:00-17:30")), {}, (0, []),
    ),
    "a week over its limit": (
        (*WEEK_19H, asked("Mon+1 13:00-14:00")), {},
        (0, ["brings the week to 20 h in meetings, and your limit is 20 h"]),
    ),
    "no limit of a policy that is off": ((*DAY_5H30, asked("Thu 16:00-17:00")), {"policies": {}}, (0, [])),
    "an evening": ((asked("Thu 17:00-18:00"),), {}, (0, ["lies after hours"])),
    "an early morning": ((asked("Thu 08:30-09:30"),), {}, (0, ["lies after hours"])),
    "a weekend": ((asked("Sat 10:00-11:00"),), {}, (0, ["lies after hours"])),
    "asked on the evening before": (
        (asked("Tue 10:00-11:00", created=moment("Mon 06:00")),), {"now": "Mon 07:00"}, (0, [])
    ),
    "less than a day ahead": (
        (asked("Tue 10:00-11:00", created=moment("Mon 12:00")),), {"now": "Mon 12:30"}, (0, ["comes 22 h ahead"])
    ),
    "made at a moment that has not come": ((asked("Tue 10:00-11:00", created=moment("Tue 09:00")),), {}, (0, [])),
    "made at an unknown moment": ((asked("Tue 10:00-11:00", created=None),), {}, (0, [])),
}  # fmt: skip


@pytest.mark.parametrize(("events", "more", "expected"), COSTS.values(), ids=COSTS)
def test_what_a_yes_costs(events: tuple[Event, ...], more: dict[str, object], expected: tuple[int, list[str]]) -> None:
    at = seen(*events, **more)  # type: ignore[arg-type]  # a table
    (it,) = (e for e in at.events if e.reply is PartStat.NEEDS_ACTION)
    found = cost(at, it)
    assert (found.focus, list(found.why)) == expected
    assert bool(plan(at).changes) == bool(expected[1])


def test_where_unanswered_ones_take_no_time_they_cost_all_the_same() -> None:
    """`unanswered_busy = false`: what is asked counts as free until the user says yes."""
    free = structs.replace(INSIDE, counts_as=CountsAs.FREE)
    assert slots(*FULL, free, who=profile(unanswered_busy=False)) == ["create 2026-11-30 Mon 15:30-15:40"]


NOT_ASKED = {
    "answered": structs.replace(INSIDE, reply=PartStat.TENTATIVE),
    "declined": structs.replace(INSIDE, reply=PartStat.DECLINED, counts_as=CountsAs.DECLINED),
    "cancelled": structs.replace(INSIDE, counts_as=CountsAs.CANCELLED),
    "somebody else's": structs.replace(INSIDE, counts_as=CountsAs.OTHERS),
    "ignored by the config": structs.replace(INSIDE, counts_as=CountsAs.IGNORED),
    "shown as free": structs.replace(INSIDE, show_as=ShowAs.FREE, counts_as=CountsAs.FREE),
    "whole days": event("Thu", "Offsite", reply=PartStat.NEEDS_ACTION, counts_as=CountsAs.FREE),
    "at a time that is not sure": structs.replace(INSIDE, uncertain=True),
}  # fmt: skip


@pytest.mark.parametrize("it", NOT_ASKED.values(), ids=NOT_ASKED)
def test_what_asks_nothing_of_the_user(it: Event) -> None:
    assert slots(*FULL, it) == []


# -- another time ----------------------------------------------------------------------------------------------------

ELSEWHERE = {
    "on its own day": ((*FULL, INSIDE), {}, "Thu 15:30-16:00"),
    "not where another one waits": ((*FULL, INSIDE, asked("Thu 15:30-16:00", "Other")), {}, "Fri 09:00-09:30"),
    "not over ours": ((*FULL, INSIDE), {"ours": [own("Thu 15:30-15:40", "habits", "walk/1")]}, "Fri 09:00-09:30"),
    "not at noon": (
        (*FULL[:1], *FULL[2:], meeting("Thu 13:00-13:30"), meeting("Thu 15:30-16:00"), INSIDE),
        {"who": profile(lunch=Lunch())}, "Fri 09:00-09:30",
    ),
    "not on a day away": (
        (*FULL, INSIDE, meeting("Thu 15:30-16:00")), {"away": [span("Fri 00:00-23:59")]}, "Mon+1 09:00-09:30"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "more", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_time_that_would_cost_nothing(events: tuple[Event, ...], more: dict[str, object], expected: str) -> None:
    at = seen(*events, **more)  # type: ignore[arg-type]  # a table
    assert elsewhere(at, INSIDE) == Slot(span(expected))


def test_one_that_costs_no_focus_time_where_the_day_is_full_in_any_case() -> None:
    at = seen(meeting("Thu 11:00-13:00", "A"), meeting("Thu 13:00-15:30", "B"), meeting("Thu 16:00-17:30", "C"), INSIDE)
    assert elsewhere(at, INSIDE) == Slot(span("Thu 15:30-16:00"), free=False)
    assert "limit is 75 %. Thu 3 Dec 15:30 would cost no focus time." in text(*at.events)


def test_none_where_every_day_is_full() -> None:
    days = [f"{d}{w}" for w in ("", "+1") for d in ("Mon", "Tue", "Wed", "Thu", "Fri")][1:]
    full = [event(f"{d} 11:00-17:30", f"all {d}", counts_as=CountsAs.BUSY) for d in days]
    at = seen(*full, INSIDE)
    assert elsewhere(at, INSIDE) is None
    assert "would cost nothing" not in text(*full, INSIDE)
    assert "I'll skip ‘Sync’ on Thu 3 Dec 10:00" in text(*full, INSIDE)


# -- which message ---------------------------------------------------------------------------------------------------

SPEAKS = OverloadOptions(delegates=("P2@example.com",))
MESSAGES = {
    "it would fit elsewhere": (INSIDE, BUSY, "Could ‘Sync’ move to Thu 3 Dec 15:30?"),
    "I am optional": (
        asked("Thu 10:00-10:30", optional=True), BUSY, "Hi P1, I'll skip ‘Sync’ on Thu 3 Dec 10:00 and read the notes.",
    ),
    "I am one of many": (asked("Thu 10:00-10:30", others=7), BUSY, "Hi P1, I'll skip ‘Sync’"),
    "it comes again": (
        structs.replace(INSIDE, series=True), BUSY, "Hi P1, this week I'd rather not come to ‘Sync’"
    ),
    "somebody speaks for me": (INSIDE, {"overload": SPEAKS}, "P2 will speak for us in ‘Sync’."),
}  # fmt: skip


@pytest.mark.parametrize(("it", "policies", "expected"), MESSAGES.values(), ids=MESSAGES)
def test_the_message_that_fits(it: Event, policies: dict[str, OverloadOptions], expected: str) -> None:
    assert expected in text(*FULL, it, policies=policies)


def test_no_message_where_none_is_wanted() -> None:
    assert "Could" not in text(*FULL, INSIDE, options=InvitationsOptions(messages=False))


def test_of_a_private_one_neither_its_title_nor_whoever_called_it() -> None:
    it = asked("Thu 10:00-10:30", "Oncology", optional=True, spoken="", organizer_name="Dr. Weber")
    found = text(*FULL, it)
    assert "– Thu 3 Dec 10:00 a private appointment, 30 min, costs 2 h" in found
    assert not any(word in found for word in ("Oncology", "Weber", "P1"))


def test_names_stand_in_no_title() -> None:
    (made,) = plan(seen(*FULL, INSIDE)).changes
    assert made.title == "To answer"


# -- when it comes, and how long it stands ----------------------------------------------------------------------------

LATE = asked("Thu 18:00-19:00", "Late call")
WHEN = {
    "in the morning of a day": ("Mon 07:00", {}, ["create 2026-11-30 Mon 15:30-15:40"]),
    "not before": ("Mon 06:59", {}, []),
    "later, while it fits": ("Mon 16:00", {}, ["create 2026-11-30 Mon 17:00-17:10"]),
    "not on a day off": ("Sat 10:00", {}, []),
    "not while away": ("Mon 07:00", {"away": [span("Mon 00:00-23:59")]}, []),
    "not about a time away": ("Mon 07:00", {"away": [span("Thu 00:00-23:59")]}, []),
    "not once it is over": ("Fri 07:00", {}, []),
    "not about what begins before its slot is over": ("Thu 07:00", {"who": profile(hours=profile().hours)}, []),
}  # fmt: skip


@pytest.mark.parametrize(("now", "more", "expected"), WHEN.values(), ids=WHEN)
def test_when_it_comes(now: str, more: dict[str, object], expected: list[str]) -> None:
    assert slots(*FULL, INSIDE, now=now, **more) == expected


def test_tonight_is_named_today() -> None:
    assert slots(LATE, now="Thu 07:00") == ["create 2026-12-03 Thu 15:30-15:40"]


def made_by(*events: Event, now: str = "Mon 07:00") -> tuple[OwnEvent, ...]:
    at = seen(*events, now=now)
    return after(at, plan(at).changes).ours


SECOND = asked("Fri 18:00-19:00", "Second")


def test_its_words_stay_whatever_is_answered_since() -> None:
    ours = made_by(*FULL, INSIDE, LATE)
    yes = structs.replace(INSIDE, reply=PartStat.ACCEPTED)
    assert slots(*FULL, yes, LATE, SECOND, ours=ours, now="Mon 09:00") == []
    assert slots(*FULL, yes, structs.replace(LATE, reply=PartStat.ACCEPTED), ours=ours, now="Mon 09:00") == []


def test_answered_ones_leave_with_the_next_day() -> None:
    ours = made_by(*FULL, INSIDE, LATE)
    yes = structs.replace(INSIDE, reply=PartStat.ACCEPTED)
    (made,) = plan(seen(*FULL, yes, LATE, ours=ours, now="Tue 07:00")).changes
    assert isinstance(made, Create)
    assert "Late call" in made.draft.text
    assert "Sync" not in made.draft.text


def test_what_stays_without_an_answer_is_named_on_two_days_and_once_more_at_last() -> None:
    it, ours, days = asked("Thu+1 18:00-19:00", "Call"), (), []
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Mon+1", "Tue+1", "Wed+1", "Thu+1"):
        at = seen(it, now=f"{day} 07:00", ours=ours)
        changes = plan(at).changes
        days += [day] * bool(changes)
        ours = after(at, changes).ours
    assert days == ["Mon", "Tue", "Thu+1"]


def test_one_that_was_dragged_to_today_is_enough() -> None:
    (before,) = made_by(*FULL, INSIDE)
    there = structs.replace(before.event, span=span("Tue 09:00-09:10"))
    dragged = replace(before, event=there, edited=frozenset({Field.WHEN}))
    assert slots(*FULL, INSIDE, ours=[dragged], now="Tue 07:00") == []


def test_what_the_user_typed_in_it_stays() -> None:
    (before,) = made_by(*FULL, INSIDE)
    typed = replace(before, edited=frozenset({Field.TEXT}))
    yes = structs.replace(INSIDE, reply=PartStat.ACCEPTED)
    assert slots(*FULL, yes, ours=[typed], now="Mon 09:00") == []


def test_at_most_four_and_those_that_cost_most() -> None:
    late = [asked(f"{d} 18:00-19:00", f"Call {d}") for d in ("Tue", "Wed", "Thu", "Fri")]
    found = text(*FULL, INSIDE, *late)
    assert found.count("\n– ") == 4
    assert "‘Sync’" in found
    assert "‘Call Fri’" not in found
    assert found.startswith("4 invitations without an answer would take 2 h of focus time.")


def test_of_a_series_the_first_that_costs() -> None:
    days = [asked(f"{d} 18:00-19:00", "Evening", uid="one", series=True) for d in ("Tue", "Wed", "Thu")]
    assert text(*days).count("\n– ") == 1


def test_its_rank_and_its_keys() -> None:
    (want,) = propose(seen(*FULL, INSIDE), PLAIN)
    assert want.ranked(seen().roles) is Rank.REPLIES
    assert want.key in set(keys(seen(), PLAIN))


def test_never_again() -> None:
    (want,) = propose(seen(*FULL, INSIDE), PLAIN)
    assert [s.id for s in want.about] == ["to-answer"]


@pytest.mark.parametrize("length", ["0m", "4m", "2h"])
def test_a_length_that_no_slot_could_have(length: str) -> None:
    with pytest.raises(FaultsError):
        InvitationsOptions(length=Minutes.parse(length))


def test_first_lines_are_short() -> None:
    events = [asked(f"{d} 18:00-19:00", "x" * 500, organizer_name="y" * 500) for d in ("Tue", "Wed", "Thu", "Fri")]
    assert len(text(*events).split("\n")[0]) < 120


def test_an_update_is_never_made() -> None:
    ours = made_by(*FULL, INSIDE)
    changes = plan(seen(*FULL[:2], INSIDE, LATE, ours=ours, now="Mon 12:00")).changes
    assert not any(isinstance(c, Update) for c in changes)
