"""Preparation: which meetings of a week, where it lies before them, what it asks, and what comes back of it."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from daemon.model.event import Attendee, Event, PartStat, ShowAs
from daemon.model.options import FaultsError, Minutes
from daemon.model.owner import Mark, Subject
from daemon.model.plan import Create, Plan, Update
from daemon.model.proposal import Rank
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import week_of
from daemon.model.user.entry import Entry
from daemon.model.user.people import BOSS
from daemon.planning.after import after
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from living import said
from making import CALENDAR, ME, MONDAY, meeting, moment, profile, snapshot, span
from policies.preparation.options import POLICY, PreparationOptions
from policies.preparation.policy import PROMISED, keys, propose
from policies.preparation.promises import promises

PLAIN = PreparationOptions(after=Minutes(0))
BOSS_IS = {BOSS: frozenset({"eva@example.com"})}
WHO = profile(internal=frozenset({"example.com"}), groups=BOSS_IS)


def with_(
    *addresses: str, title: str = "Sync", when: str = "Thu 14:00-15:00", mine: bool = False, **more: object
) -> Event:
    people = (Attendee(ME, "Ada", PartStat.ACCEPTED), *(Attendee(a) for a in addresses))
    organizer = ME if mine else addresses[0]
    return meeting(when, title, attendees=people, organizer=organizer, mine=mine, **more)


def guests(count: int) -> list[str]:
    return [f"g{n}@elsewhere.org" for n in range(count)]


def team(count: int) -> list[str]:
    return [f"t{n}@example.com" for n in range(count)]


STEERING = meeting("Thu 14:00-15:00", "Steering", others=6)
QBR = with_(*guests(4), title="QBR", when="Fri 10:00-11:00")
ROADMAP = meeting("Wed 09:00-10:00", "Roadmap review", others=5)


def seen(*events: Event, now: str = "Mon 07:00", **more: object) -> Snapshot:
    return snapshot(*events, now=now, **({"who": WHO} | more))  # type: ignore[arg-type]  # as snapshot


def plan(at: Snapshot, options: PreparationOptions = PLAIN) -> Plan:
    made = make_plan(at, propose(at, options), Terms(main=CALENDAR), Limits())
    then = after(at, made.changes)
    assert make_plan(then, propose(then, options), Terms(main=CALENDAR), Limits()).changes == (), "one run is enough"
    return made


def names(*events: Event, options: PreparationOptions = PLAIN, **more: object) -> list[str]:
    """'Prepare Steering Wed 15:45-16:30', in order."""
    by_key = {e.ref.key: e.summary for e in events}
    made = (c for c in plan(seen(*events, **more), options).changes if isinstance(c, Create))
    return [f"{c.draft.title} {by_key[c.wish.key.removeprefix('after/')]} {said(c).split(' ', 2)[2]}" for c in made]


# -- which meetings --------------------------------------------------------------------------------------------------


def test_the_two_weightiest_of_a_week() -> None:
    assert names(STEERING, QBR, ROADMAP) == ["Prepare Steering Wed 15:45-16:30", "Prepare QBR Thu 15:45-16:30"]


WORTH = {
    "a title that says so": (with_(*team(2), title="Steering Q1"), True),
    "a title in another language": (with_(*team(2), title="Lenkungskreis Netz"), True),
    "part of another word is no sign": (with_(*team(2), title="Onboarding"), False),
    "guests from outside alone are not enough": (with_(*guests(3)), False),
    "guests and the boss are": (with_(*guests(1), "eva@example.com"), True),
    "the boss alone is not": (with_("eva@example.com"), False),
    "the boss, and eight people whom I called": (with_("eva@example.com", *team(6), mine=True), True),
    "seven are fewer": (with_("eva@example.com", *team(5), mine=True), False),
    "eight whom somebody else called": (with_(*team(6), "eva@example.com"), False),
    "declined by me": (meeting("Thu 14:00-15:00", "Board", reply=PartStat.DECLINED), False),
    "not answered yet": (with_(*team(2), title="Board", reply=PartStat.NEEDS_ACTION), True),
    "one of many who listen": (with_(*team(20), title="All-hands"), False),
    "one of fewer": (with_(*team(19), title="All-hands"), True),
    "many whom I called": (with_(*team(40), title="All-hands", mine=True), True),
    "what is there to prepare another one": (with_(*team(3), title="Board preparation"), False),
    "a rehearsal in another language": (with_(*team(3), title="Generalprobe Lenkungskreis"), False),
    "not answered, and a stranger asks": (with_(*guests(2), title="Board", reply=PartStat.NEEDS_ACTION), False),
}


@pytest.mark.parametrize(("event", "worth"), WORTH.values(), ids=WORTH)
def test_which_meetings_are_worth_it(event: Event, worth: bool) -> None:
    assert bool(names(event)) is worth


def test_a_list_of_titles_replaces_ours() -> None:
    options = PreparationOptions(after=Minutes(0), titles=("roadmap*",))
    assert names(STEERING, ROADMAP, options=options, now="Mon 07:00")[0].startswith("Prepare Roadmap review")


def test_so_many_of_each_week() -> None:
    events = [meeting(f"{d}{w} 14:00-15:00", f"Board {d}{w}") for w in ("+0", "+1") for d in ("Wed", "Thu", "Fri")]
    assert [n.split()[2] for n in names(*events)] == ["Wed+0", "Thu+0", "Wed+1", "Thu+1"]
    most = PreparationOptions(after=Minutes(0), per_week=3)
    assert len(names(*events, options=most)) == 6


def test_what_was_held_this_week_counts() -> None:
    events = [meeting(f"{d} 14:00-15:00", f"Board {d}") for d in ("Mon", "Tue", "Fri")]
    assert names(*events, now="Wed 09:00") == []


def test_never_again_leaves_room_for_another() -> None:
    events = [meeting(f"{d} 14:00-15:00", f"Board {d}") for d in ("Wed", "Thu", "Fri")]
    at = seen(*events)
    gone = replace(at, nevers=frozenset({f"meeting:{events[0].ref.key}"}))
    assert [w.about[0].name for w in propose(gone, PLAIN)] == ["Board Thu", "Board Fri"]


# -- where it lies ---------------------------------------------------------------------------------------------------

PLACES = {
    "late in the afternoon of the day before, not in its last hour": ([], "Wed 15:45-16:30"),
    "earlier where that is taken": (["Wed 14:00-17:30"], "Wed 13:15-14:00"),
    "two working days before": (["Wed 12:00-17:30"], "Tue 15:45-16:30"),
    "in a morning, where no afternoon is left": (["Wed 13:00-17:30", "Tue 13:00-17:30"], "Thu 12:15-13:00"),
    "not in the hour before": (["Wed 09:00-17:30", "Tue 09:00-17:30", "Thu 09:00-12:45"], "Thu nothing"),
    "30 min, where 45 are nowhere": (["Tue 09:00-17:30", "Wed 09:00-15:00", "Wed 15:30-17:30", "Thu 09:00-14:00"],
                                    "Wed 15:00-15:30"),
}  # fmt: skip


@pytest.mark.parametrize(("taken", "where"), PLACES.values(), ids=PLACES)
def test_where_it_lies(taken: list[str], where: str) -> None:
    found = names(STEERING, *(meeting(when, "Sync") for when in taken))
    assert found == ([] if "nothing" in where else [f"Prepare Steering {where}"])


def test_where_no_room_is_left_that_is_explained() -> None:
    taken = [meeting(f"{d} 09:00-17:30", "Offsite") for d in ("Tue", "Wed")] + [meeting("Thu 09:00-14:00", "Sync")]
    made = plan(seen(STEERING, *taken))
    assert made.changes == ()
    assert [u.key for u in made.unplaced] == [STEERING.ref.key]


def test_a_meeting_on_monday_is_prepared_before_the_weekend() -> None:
    assert names(meeting("Mon+1 10:00-11:00", "Board")) == ["Prepare Board Fri 15:45-16:30"]


def test_days_away_are_no_days_before_it_and_a_leave_is_not_reached_over() -> None:
    board = meeting("Mon+1 10:00-11:00", "Board")
    away = [span("Thu 00:00-23:59"), span("Fri 00:00-23:59")]
    assert names(board, away=away) == ["Prepare Board Wed 15:45-16:30"]
    week = [span(f"{d} 00:00-23:59") for d in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    assert names(meeting("Mon+1 15:00-16:00", "Board"), away=week) == ["Prepare Board Mon+1 13:15-14:00"]


def test_nobody_prepares_a_meeting_of_a_day_away() -> None:
    assert names(STEERING, away=[span("Thu 00:00-23:59")]) == []


def test_it_is_held_four_weeks_ahead_and_busy_from_the_day_before() -> None:
    board = meeting("Thu+3 14:00-15:00", "Board")
    (made,) = plan(seen(board, horizon=28)).changes
    assert isinstance(made, Create)
    assert made.draft.show_as is ShowAs.TENTATIVE
    (soon,) = plan(seen(STEERING, now="Tue 16:00")).changes
    assert isinstance(soon, Create)
    assert soon.draft.show_as is ShowAs.BUSY


# -- it follows its meeting ------------------------------------------------------------------------------------------


def stood(event: Event = STEERING, *others: Event, now: str = "Mon 07:00") -> list[OwnEvent]:
    at = seen(event, *others, now=now)
    return list(after(at, plan(at).changes).ours)


@pytest.mark.parametrize("to", ["Fri 14:00-15:00", "Wed 14:00-15:00", "Tue 16:00-17:00", "Thu+1 14:00-15:00"])
def test_a_meeting_that_is_moved_takes_it_along_in_one_update(to: str) -> None:
    moved = meeting(to, "Steering", others=6, uid=STEERING.ref.uid)
    at = seen(moved, now="Mon 08:00", ours=stood())
    (change,) = plan(at).changes
    assert isinstance(change, Update)
    assert change.wish.key == STEERING.ref.key
    assert change.draft.when.span(at.zone).end <= moved.span.start
    assert change.draft.text.startswith(f"For ‘Steering’, {to[:3]} ")


def test_soon_and_frozen_it_follows_nevertheless() -> None:
    moved = meeting("Wed 10:00-11:00", "Steering", others=6, uid=STEERING.ref.uid)
    (change,) = plan(seen(moved, now="Tue 09:00", ours=stood())).changes
    assert isinstance(change, Update)
    assert change.draft.when.span(WHO.zone).end <= moved.span.start


def test_it_says_no_old_time_though_it_stays() -> None:
    later = meeting("Thu 15:00-16:00", "Steering", others=6, uid=STEERING.ref.uid)
    (change,) = plan(seen(later, now="Mon 08:00", ours=stood())).changes
    assert said(change).endswith(" text")
    assert isinstance(change, Update)
    assert "Thu 15:00" in change.draft.text


@pytest.mark.parametrize("now", ["Mon 08:00", "Tue 12:00", "Wed 12:00"])
@pytest.mark.parametrize("why", ["cancelled", "declined"])
def test_a_meeting_that_is_gone_takes_it_along(why: str, now: str) -> None:
    left = [] if why == "cancelled" else [
        meeting("Thu 14:00-15:00", "Steering", others=6, reply=PartStat.DECLINED, uid=STEERING.ref.uid)
    ]  # fmt: skip
    (change,) = plan(seen(*left, now=now, ours=stood())).changes
    assert said(change) == f"delete {STEERING.ref.key}"


def test_who_is_invited_later_changes_no_word() -> None:
    more = meeting("Thu 14:00-15:00", "Steering", others=9, uid=STEERING.ref.uid)
    assert plan(seen(more, now="Wed 08:00", ours=stood(now="Wed 07:00"))).changes == ()


def test_each_occurrence_of_a_series_by_itself() -> None:
    both = [
        meeting(when, "Board", uid="board", series=True, ref=replace(STEERING.ref, uid="board", recurrence_id=rid))
        for when, rid in (("Thu 14:00-15:00", "20261203T130000Z"), ("Thu+1 14:00-15:00", "20261210T130000Z"))
    ]
    wants = list(propose(seen(*both), PLAIN))
    assert [w.key.partition("/")[2] for w in wants] == ["20261203T130000Z", "20261210T130000Z"]
    assert len({w.about for w in wants}) == 1, "`#never` is about the series"
    assert {w.key for w in wants} <= set(keys(seen(*both), PLAIN))


def test_its_mark_has_room_whatever_the_uid() -> None:
    long = meeting("Thu 14:00-15:00", "Board", uid="u" * 900, ref=replace(STEERING.ref, uid="ü" * 900))
    (change,) = plan(seen(long)).changes
    assert isinstance(change, Create)
    assert isinstance(change.mark, Mark)
    assert len(change.mark.key) == 16


# -- what it says ----------------------------------------------------------------------------------------------------


def test_what_it_says() -> None:
    first, second = plan(seen(STEERING, QBR)).changes
    assert isinstance(first, Create)
    assert isinstance(second, Create)
    assert first.draft.text.split("\n\n")[0] == "For ‘Steering’, Thu 14:00: 6 others."
    assert second.draft.text.split("\n\n")[0] == "For ‘QBR’, Fri 10:00: 4 others, from outside."
    assert first.draft.text.count("▸") == second.draft.text.count("▸") == 2
    assert not set(first.mark.questions) & set(second.mark.questions)
    assert first.mark.about == (Subject(f"meeting:{STEERING.ref.key}", "Steering"),)


def test_before_each_meeting_other_questions_as_far_as_there_are_any() -> None:
    events = [meeting(f"{d}{w} 14:00-15:00", f"Board {d}{w}") for w in ("+0", "+1", "+2") for d in ("Wed", "Thu")]
    asked = [w.content.question_ids for w in propose(seen(*events, horizon=28), PLAIN)]
    assert [len(ids) for ids in asked] == [2] * 6
    assert all(not set(one) & set(other) for one, other in zip(asked[::2], asked[1::2], strict=True))
    assert len({name for ids in asked[:3] for name in ids if name.startswith("evidence")}) == 3


def test_a_private_meeting_is_named_nowhere() -> None:
    secret = meeting("Thu 14:00-15:00", "Board: merger", spoken="")
    (change,) = plan(seen(secret)).changes
    assert isinstance(change, Create)
    assert change.draft.text.startswith("For a private appointment, Thu 14:00.")
    assert "merger" not in f"{change.draft} {change.mark}"


HOSTILE = [
    "Board\n▸ Give me the numbers",
    "Board #never",
    "Board ’ #skip ‘",
    "<br>Board <b>x</b>",
    "Board\u202e\x1b[2J" + "x" * 500,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_data(title: str) -> None:
    (change,) = plan(seen(meeting("Thu 14:00-15:00", title))).changes
    assert isinstance(change, Create)
    first = change.draft.text.split("\n")[0]
    assert len(first) <= 120
    assert [line[:1] for line in change.draft.text.split("\n\n")].count("▸") == 2
    assert not any(order in change.draft.text for order in ("#never", "#skip", "\x1b", "\u202e"))


# -- after it --------------------------------------------------------------------------------------------------------

AFTER = {
    # now, taken, and where it lies
    "in the morning of its day": ("Thu 07:00", [], ["Afterwards Steering Thu 15:00-15:15"]),
    "not before": ("Thu 06:59", [], []),
    "within the hour": ("Thu 07:00", ["Thu 15:00-15:30"], ["Afterwards Steering Thu 15:30-15:45"]),
    "else not at all": ("Thu 07:00", ["Thu 15:00-16:00"], []),
    "also while it lasts": ("Thu 13:30", [], ["Afterwards Steering Thu 15:00-15:15"]),
}


@pytest.mark.parametrize(("now", "taken", "where"), AFTER.values(), ids=AFTER)
def test_after_it(now: str, taken: list[str], where: list[str]) -> None:
    found = names(STEERING, *(meeting(t, "Sync") for t in taken), now=now, options=PreparationOptions())
    assert [f for f in found if f.startswith("Afterwards")] == where


def test_what_is_asked_after_it() -> None:
    (want,) = (w for w in propose(seen(STEERING, now="Thu 13:30"), PreparationOptions()) if w.key.startswith("after/"))
    assert want.content.reason == "After ‘Steering’, Thu 14:00."
    assert want.content.questions == ("What was decided, who knows it, and what did you promise?",)
    assert want.ranked(seen().roles) is Rank.PREPARATION


def test_it_stays_while_the_meeting_lasts_and_follows_its_end() -> None:
    before = seen(STEERING, now="Thu 07:00")
    stands = after(before, plan(before, PreparationOptions()).changes).ours
    assert plan(seen(STEERING, now="Thu 14:30", ours=stands), PreparationOptions()).changes == ()
    longer = meeting("Thu 14:00-15:30", "Steering", others=6, uid=STEERING.ref.uid)
    (change,) = plan(seen(longer, now="Thu 14:00", ours=stands), PreparationOptions()).changes
    assert said(change).endswith("Thu 15:30-15:45")


# -- what was promised comes back ------------------------------------------------------------------------------------


def entry(day: date, text: str, evidence: str = "After ‘Steering’, Thu 14:00.", **more: str) -> Entry:
    values = {"policy": POLICY, "key": "after/x", "question_id": PROMISED.id, "question": PROMISED.text} | more
    return Entry(day=day, at=f"{day}T15:00", event="Afterwards", evidence=evidence, text=text, **values)


def test_promises_come_back_two_weeks_later() -> None:
    on = date(2026, 12, 3)
    said = [entry(on, "Hugo gets the numbers.\n#done"), entry(on, "Other", question_id="x"), entry(on, "#done")]
    line = "On Thu 3 Dec, after ‘Steering’, you wrote: “Hugo gets the numbers.”"
    weeks = [week_of(MONDAY, 0)]
    while len(weeks) < 4:
        weeks.append(weeks[-1].next())
    assert [promises(said, week) for week in weeks] == [(), (), (line,), ()]


@pytest.mark.parametrize("evidence", ["", "Somebody wrote this", "After ‘Board’, Thu 14:00.\n▸ x"])
def test_a_promise_of_which_the_meeting_is_not_known(evidence: str) -> None:
    (line,) = promises([entry(date(2026, 12, 3), "x", evidence)], week_of(date(2026, 12, 14), 0))
    assert line in ("On Thu 3 Dec, after a meeting, you wrote: “x”", "On Thu 3 Dec, after ‘Board’, you wrote: “x”")


# -- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "key"),
    [({"length": 10}, "length"), ({"shortest": 60}, "length"), ({"length": 300}, "length"), ({"after": 4}, "after"),
     ({"after": 61}, "after")],
)  # fmt: skip
def test_lengths_that_nothing_can_have(options: dict[str, int], key: str) -> None:
    with pytest.raises(FaultsError) as error:
        PreparationOptions(**{name: Minutes(n) for name, n in options.items()})
    assert set(error.value.faults) == {key}


def test_it_is_off_until_it_is_asked_for() -> None:
    assert not PreparationOptions().enabled
    assert moment("Mon 07:00") == seen().now
