"""Habits: when each comes, what rests in a busy week, and what happens when the user lets one go.

Week 2026-W49, Monday 07:00, Monday to Friday 09:00 to 17:30, an empty calendar but for what is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from msgspec import ValidationError, convert
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.options import FaultsError, decode
from daemon.model.owner import Field
from daemon.model.plan import Action, Create, Plan
from daemon.model.profile import Lunch
from daemon.model.proposal import Role, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.text import FOOTER, composed
from daemon.model.times import TimeRange, WorkingHours
from daemon.model.user.entry import Entry
from daemon.model.user.gesture import Gesture
from daemon.planning.after import after
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from daemon.planning.restraint import budgets
from making import CALENDAR, ZONE, day, event, meeting, moment, own, profile, snapshot, span
from policies import POLICIES
from policies.focus import KIND as FOCUS
from policies.habits import KIND
from policies.habits.first_meeting import THEME
from policies.habits.look_back import had
from policies.habits.offers import SAID, offers
from policies.habits.options import HabitsOptions
from policies.habits.presets import PRESETS
from policies.questions.prompts import library

TERMS, LIMITS = Terms(main=CALENDAR), Limits(events=budgets.of_events(99, 99))
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri")
WALK = {"preset": "walk"}
PIANO = {"title": "Piano", "for": "30m", "between": "16:00-17:00"}


def options(*items: dict[str, object], **more: object) -> HabitsOptions:
    made = convert({"items": list(items), **more}, HabitsOptions, dec_hook=decode)
    assert isinstance(made, HabitsOptions)
    return made


def planned(at: Snapshot, *items: dict[str, object], others: Iterable[Want] = (), **more: object) -> Plan:
    return make_plan(at, [*others, *KIND.propose(at, options(*items, **more))], TERMS, LIMITS)


def made(plan: Plan) -> list[str]:
    """'walk/2026-W49/1 Tue 13:00-13:45' for each that is new."""
    rows = []
    for c in plan.changes:
        assert isinstance(c, Create), c
        start, end = c.draft.when.ends(ZONE)
        rows.append(f"{c.wish.key} {start:%a %H:%M}-{end:%H:%M}")
    return rows


def full(*free: str, weeks: Sequence[int] = (0, 1)) -> list[Event]:
    """Meetings all day but from 12:00 to 15:00 on these days."""
    rows = []
    for week in weeks:
        for name in NAMES:
            spans = ("09:00-12:00", "15:00-17:30") if name in free else ("09:00-17:30",)
            rows += [meeting(f"{name}{week:+d} {clock}") for clock in spans]
    return rows


# -- the weekly ones --------------------------------------------------------------------------------------------------


def test_walk_twice_where_only_two_days_have_room() -> None:
    assert made(planned(snapshot(*full("Tue", "Thu")), WALK)) == [
        "walk/2026-W49/1 Tue 12:00-12:45", "walk/2026-W49/2 Thu 12:00-12:45",
        "walk/2026-W50/1 Tue 12:00-12:45", "walk/2026-W50/2 Thu 12:00-12:45",
    ]  # fmt: skip


def test_at_noon_nothing_is_placed() -> None:
    at = snapshot(*full("Tue", "Thu"), who=profile(lunch=Lunch()))
    assert [row.partition(" ")[2] for row in made(planned(at, WALK))] == ["Tue 13:00-13:45", "Thu 13:00-13:45"] * 2


@pytest.mark.parametrize(
    ("free", "days"),
    [
        (NAMES, ["Mon", "Wed"]),
        (("Mon", "Tue", "Thu"), ["Mon", "Thu"]),
        (("Tue", "Wed", "Fri"), ["Tue", "Fri"]),
        (("Tue", "Wed"), ["Tue", "Wed"]),
    ],
    ids=["all days", "not the day after", "likewise", "where it costs one, they are neighbours"],
)
def test_days_that_are_not_neighbours_where_that_costs_nothing(free: Sequence[str], days: list[str]) -> None:
    plan = planned(snapshot(*full(*free)), WALK)
    assert [row.split()[1] for row in made(plan)][:2] == days
    assert not plan.unplaced


def test_only_one_fits_and_the_other_is_explained() -> None:
    plan = planned(snapshot(*full("Tue")), WALK)
    assert len(made(plan)) == 2
    why = "45 min found no place in week {}: no free stretch of 45 min is left on another of its days"
    weeks = ("2026-W49", "2026-W50")
    assert [(u.key, u.reason) for u in plan.unplaced] == [(f"walk/{week}", why.format(week)) for week in weeks]


def test_no_room_at_all_is_explained() -> None:
    plan = planned(snapshot(*full()), WALK)
    assert not plan.changes
    assert {u.reason.partition(": ")[2] for u in plan.unplaced} == {"no free stretch of 45 min is left in its times"}


@pytest.mark.parametrize("minutes", [45, 50, 60, 70])
def test_a_short_one_takes_a_gap_that_just_holds_it(minutes: int) -> None:
    last = f"{12 + minutes // 60}:{minutes % 60:02}"
    rest = [e for e in full("Mon", weeks=(0,)) if e.span != span("Fri 09:00-17:30")]  # or `fill` leaves no room
    at = snapshot(*full(weeks=(1,)), *rest, meeting("Fri 12:00-15:00"), meeting(f"Mon {last}-15:00"))
    assert made(planned(at, WALK)) == ["walk/2026-W49/1 Mon 12:00-12:45"]


def test_focus_comes_first_and_habits_in_what_it_leaves() -> None:
    at = snapshot()
    wants = [w for w in FOCUS.propose(at, FOCUS.options()) if w.key == "2026-W49"]
    plan = planned(at, WALK, {"preset": "elsewhere"}, others=wants)
    assert [c.wish.policy for c in plan.changes].count("focus") == 4
    assert "elsewhere/2026-W49/1" in {c.wish.key for c in plan.changes}
    spans = sorted(c.when.span(ZONE) for c in plan.changes)
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_several_habits_share_a_day_and_no_time() -> None:
    plan = planned(snapshot(*full("Tue", weeks=(0,)), *full(weeks=(1,))), WALK, PIANO | {"between": "12:00-15:00"})
    assert made(plan) == ["piano/2026-W49/1 Tue 12:00-12:30", "walk/2026-W49/1 Tue 12:30-13:15"]


@pytest.mark.parametrize(
    ("items", "rows"),
    [
        ([PIANO], ["piano/2026-W49/1 Mon 16:00-16:30"]),
        ([PIANO | {"days": "thu,fri"}], ["piano/2026-W49/1 Thu 16:00-16:30"]),
        ([PIANO | {"days": "sat"}], ["piano/2026-W49/1 Sat 16:00-16:30"]),
        ([PIANO | {"between": "18:00-19:00"}], ["piano/2026-W49/1 Mon 18:00-18:30"]),
        ([PIANO | {"between": "12:00-12:30,20:00-21:00", "per_week": 2}],
         ["piano/2026-W49/1 Mon 12:00-12:30", "piano/2026-W49/2 Wed 12:00-12:30"]),
        ([PIANO | {"name": "keys"}], ["keys/2026-W49/1 Mon 16:00-16:30"]),
        ([WALK | {"per_week": 1, "for": "30m", "title": "Around the lake"}], ["walk/2026-W49/1 Mon 12:00-12:30"]),
        ([{"preset": "exercise", "per_week": 1}], ["exercise/2026-W49/1 Mon 08:00-09:00"]),
        ([{"preset": "elsewhere"}], ["elsewhere/2026-W49/1 Mon 09:00-12:00"]),
        ([{"preset": "reading", "per_week": 1}], ["reading/2026-W49/1 Mon 13:00-13:30"]),
        ([{"preset": "office-hours"}], ["office-hours/2026-W49/1 Mon 13:00-14:00"]),
        ([{"preset": "three-minutes"}], []),
        ([], []),
    ],
    ids=["its hours", "its days", "a day without work", "hours without work", "two spans of a day", "its name",
         "a preset with other options", "exercise", "elsewhere", "reading", "office hours",
         "three minutes, without a meeting", "nothing by default"],
)  # fmt: skip
def test_when_it_comes(items: list[dict[str, object]], rows: list[str]) -> None:
    assert [row for row in made(planned(snapshot(), *items)) if "W49" in row] == rows


def test_only_this_week_and_the_next() -> None:
    weeks = {c.wish.key.split("/")[1] for c in planned(snapshot(horizon=28), WALK).changes}
    assert weeks == {"2026-W49", "2026-W50"}


@pytest.mark.parametrize(
    ("away", "count"),
    [([], 2), (["Mon", "Tue", "Wed", "Thu"], 1), (list(NAMES), 0)],
    ids=["there", "away but for one day", "away all week"],
)
def test_away_wants_nothing_and_owes_nothing(away: list[str], count: int) -> None:
    plan = planned(snapshot(away=[span(f"{name} 00:00-23:59") for name in away]), WALK)
    assert [row.startswith("walk/2026-W49") for row in made(plan)].count(True) == count
    assert not plan.unplaced


def test_late_in_a_week_what_can_no_longer_come_is_not_missed() -> None:
    assert planned(snapshot(now="Fri 15:30"), WALK).unplaced == ()


# -- what the user does with them -------------------------------------------------------------------------------------


def walk(when: str, key: str = "walk/2026-W49/1", **more: object) -> OwnEvent:
    [habit] = options(WALK).habits
    text = composed(f"Twice a week, 12:00-15:00: 45 min, as you wish it.\n{habit.why}", ())
    return own(when, "habits", key, title="Walk", text=text, show_as=ShowAs.BUSY, **more)


STANDS = (walk("Mon 12:00-12:45"), walk("Wed 12:00-12:45", "walk/2026-W49/2"))
NEXT = (walk("Mon+1 12:00-12:45", "walk/2026-W50/1"), walk("Wed+1 12:00-12:45", "walk/2026-W50/2"))


@pytest.mark.parametrize(
    ("ours", "skips"),
    [
        pytest.param(STANDS, (), id="as they were made"),
        pytest.param((walk("Tue 12:00-12:45"), STANDS[1]), (), id="beside each other, they stay where they stand"),
        pytest.param((walk("Mon 16:00-16:45", edited=[Field.WHEN]), STANDS[1]), (), id="moved"),
        pytest.param((walk("Mon 12:00-13:30", edited=[Field.WHEN]),), (), id="made twice as long"),
        pytest.param((walk("Mon 12:00-12:30", edited=[Field.WHEN]), STANDS[1]), (), id="made shorter"),
        pytest.param(STANDS[1:], [("walk/2026-W49/1", "Mon")], id="one deleted"),
        pytest.param((), [("walk/2026-W49/1", "Mon"), ("walk/2026-W49/2", "Wed")], id="both deleted"),
    ],
)
def test_what_the_user_does_is_the_last_word(ours: tuple[OwnEvent, ...], skips: list[tuple[str, str]]) -> None:
    gone = [Skip("habits", key, day(name), 45) for key, name in skips]
    plan = planned(snapshot(ours=(*ours, *NEXT), skips=gone), WALK)
    assert (plan.changes, plan.unplaced) == ((), ())


def test_one_that_is_moved_into_the_next_week_is_one_of_that() -> None:
    moved = walk("Tue+1 12:00-12:45", "walk/2026-W49/2", edited=[Field.WHEN])
    assert made(planned(snapshot(ours=(STANDS[0], moved)), WALK)) == ["walk/2026-W50/1 Thu 12:00-12:45"]


def test_booked_over_it_moves_and_keeps_its_key() -> None:
    plan = planned(snapshot(meeting("Wed 12:00-15:00"), ours=(*STANDS, *NEXT)), WALK)
    [change] = plan.changes
    assert (change.action, change.wish.key) == ("update", "walk/2026-W49/2")
    assert change.when.span(ZONE) == span("Fri 12:00-12:45")


@pytest.mark.parametrize("now", ["Mon 07:00", "Mon 12:30", "Tue 10:00", "Wed 14:00", "Fri 16:00", "Sat 10:00"])
@pytest.mark.parametrize("free", [NAMES, ("Tue", "Wed"), ("Fri",)], ids=["all days", "neighbours", "one day"])
def test_running_again_changes_nothing(now: str, free: Sequence[str]) -> None:
    items = [WALK, PIANO, {"preset": "office-hours"}, {"preset": "exercise"}, {"preset": "three-minutes"}]
    at = snapshot(*full(*free), now=now)
    others = [w for w in FOCUS.propose(at, FOCUS.options()) if w.key == "2026-W49"]
    first = planned(at, *items, others=others)
    again = planned(after(at, first.changes), *items, others=others)
    assert again.changes == ()
    assert [u for u in again.unplaced if u.policy == "habits"] == [u for u in first.unplaced if u.policy == "habits"]


# -- busy weeks, and who reads it -------------------------------------------------------------------------------------


def hours(count: int) -> list[Event]:
    places = [f"{name} {9 + n}:00-{10 + n}:00".replace(" 9:", " 09:") for n in (0, 1, 5, 6, 7) for name in NAMES]
    return [meeting(place) for place in places[:count]]


OFFICE = own("Thu 13:00-14:00", "habits", "office-hours/2026-W49/1", title="Office hours",
             text="Come by, no reason needed.")  # fmt: skip


@pytest.mark.parametrize(
    ("count", "ours", "comes"),
    [(10, (), True), (19, (), False), (20, (), False), (19, (OFFICE,), True), (21, (OFFICE,), False)],
    ids=["calm", "near the limit", "busy", "near it they stay", "busy: they go"],
)
def test_office_hours_rest_in_a_busy_week_and_do_not_come_and_go(
    count: int, ours: tuple[OwnEvent, ...], *, comes: bool
) -> None:
    items = [WALK | {"between": "12:00-17:30"}, {"preset": "office-hours"}]
    wants = KIND.propose(snapshot(*hours(count), ours=ours), options(*items, busy_share=1.0))
    assert {w.key for w in wants if "W49" in w.key} == {"walk/2026-W49", *["office-hours/2026-W49"] * comes}


def test_office_hours_are_in_working_time() -> None:
    """Others are to come by then; a walk may be in the break of a day."""
    days = (((time(9), time(12)), (time(15), time(16))),) * 5 + ((),) * 2
    at = snapshot(who=profile(hours=WorkingHours(days)))
    assert made(planned(at, {"preset": "office-hours"}))[0] == "office-hours/2026-W49/1 Mon 15:00-16:00"
    assert made(planned(at, WALK))[0] == "walk/2026-W49/1 Mon 12:00-12:45"


def test_self_care_has_its_place_before_office_hours() -> None:
    """Whatever their names; and where there is room for one of them only, it is the walk."""
    taken = [event(f"{d} 09:00-17:30", d, counts_as=CountsAs.BUSY) for d in ("Mon", "Wed", "Thu", "Fri")]
    for until, rows in (
        ("15:30", ["walk/2026-W49/1 Tue 13:00-13:45", "office-hours/2026-W49/1 Tue 13:45-14:45"]),
        ("14:00", ["walk/2026-W49/1 Tue 13:00-13:45"]),
    ):
        rest = [event(f"Tue {c}", c, counts_as=CountsAs.BUSY) for c in ("09:00-13:00", f"{until}-17:30")]
        for items in ([WALK, {"preset": "office-hours"}], [{"preset": "office-hours"}, WALK]):
            found = made(planned(snapshot(*taken, *rest), *items))
            assert sorted(row for row in found if "W49" in row) == sorted(rows)


def test_office_hours_alone_are_for_everybody_to_read() -> None:
    plan = planned(snapshot(), *({"preset": name} for name in PRESETS), PIANO)
    drafts = [c.draft for c in plan.changes if isinstance(c, Create)]
    [office] = [d for d in drafts if d.visible and d.mark.key.startswith("office-hours/2026-W49")]
    assert (office.title, office.text, office.show_as) == ("Office hours", "Come by, no reason needed.", ShowAs.FREE)
    assert all(FOOTER in d.text and d.text.count("\n") for d in drafts if not d.visible)
    assert {d.mark.key.partition("/")[0] for d in drafts if d.visible} == {"office-hours"}


# -- before the first meeting -----------------------------------------------------------------------------------------

THREE = {"preset": "three-minutes"}
FIRST = meeting("Mon 10:00-11:00", "Standup")


def asked(when: str, key: str, ids: Sequence[str] = (), policy: str = "reflection") -> OwnEvent:
    one = own(when, policy, key, text=composed("Why.", ["What now?"]))
    return replace(one, mark=replace(one.mark, questions=tuple(ids)))


def word(when: str) -> Entry:
    """What the user typed on an event of that day."""
    return Entry(
        policy="focus", key="k", day=day(when), at="", event="Focus", evidence="", question="", text="It is so."
    )


@pytest.mark.parametrize(
    ("events", "now", "rows"),
    [
        ([FIRST], "Mon 07:00", ["three-minutes/2026-11-30 Mon 09:55-10:00"]),
        ([FIRST, meeting("Mon 14:00-15:00")], "Mon 07:00", ["three-minutes/2026-11-30 Mon 09:55-10:00"]),
        ([FIRST], "Mon 06:59", []),
        ([FIRST], "Mon 10:00", []),
        ([FIRST, meeting("Mon 14:00-15:00")], "Mon 10:05", []),
        ([event("Mon 09:30-10:00", counts_as=CountsAs.BUSY), FIRST], "Mon 07:00", []),
        ([meeting("Tue 10:00-11:00")], "Mon 07:00", []),
        ([meeting("Mon 18:00-19:00")], "Mon 07:00", []),
        ([meeting("Mon 09:00-10:00")], "Mon 07:00", ["three-minutes/2026-11-30 Mon 08:55-09:00"]),
    ],
    ids=["the first meeting", "not before the second", "not before the morning", "it has begun", "it is over",
         "no time before it", "tomorrow's is made tomorrow", "none in working time", "before work"],
)  # fmt: skip
def test_three_minutes_before_the_first_meeting(events: list[Event], now: str, rows: list[str]) -> None:
    plan = planned(snapshot(*events, now=now), THREE)
    assert made(plan) == rows
    for change in plan.changes:
        assert isinstance(change, Create)
        [name] = change.draft.mark.questions
        assert next(p.theme for p in library() if p.id == name) == THEME


def test_its_question_is_the_one_asked_longest_ago_and_none_comes_within_three_weeks() -> None:
    first = planned(snapshot(FIRST), THREE).changes[0]
    assert isinstance(first, Create)
    [once] = first.draft.mark.questions
    again = planned(snapshot(FIRST, ours=[asked("Mon-1 17:00-17:10", "day/2026-11-23", [once])]), THREE).changes[0]
    assert isinstance(again, Create)
    assert again.draft.mark.questions != (once,)
    every = [p.id for p in library() if p.theme == THEME]
    rows = [asked(f"Mon-{n % 2 + 1} {9 + n // 2:02}:00-{9 + n // 2:02}:10", f"day/{n}", [name])
            for n, name in enumerate(every)]  # fmt: skip
    assert not planned(replace(snapshot(FIRST, ours=rows), entries=(word("Fri-1"),)), THREE).changes


def test_its_words_and_its_place_stay() -> None:
    at = snapshot(FIRST)
    then = after(at, planned(at, THREE).changes)
    assert planned(then, THREE).changes == ()
    later = replace(FIRST, span=span("Mon 11:00-12:00"))
    (change,) = planned(replace(then, events=(later,)), THREE).changes
    assert change.action is Action.UPDATE, "it goes with its meeting"


@pytest.mark.parametrize(
    ("had", "said", "comes"),
    [
        ([], "", True),
        ([f"{n}-1" for n in NAMES[:4]], "", True),
        ([f"{n}-1" for n in NAMES], "", True),
        ([f"{n}-2" for n in NAMES], "", False),
        ([f"{n}-{w}" for w in (2, 1) for n in NAMES], "", False),
        ([f"{n}-2" for n in NAMES], "Fri-2", True),
        ([f"{n}-{w}" for w in (2, 1) for n in NAMES], "Wed-1", True),
    ],
    ids=["new", "four", "five: once a week", "five, and nothing for two weeks", "ten", "a word brings it back",
         "wherever it was typed"],
)  # fmt: skip
def test_silence_makes_it_rarer(had: list[str], said: str, *, comes: bool) -> None:
    ours = [asked(f"{when} 17:00-17:10", f"day/{when}") for when in had]
    at = replace(snapshot(FIRST, ours=ours), entries=(word(said),) if said else ())
    assert bool(planned(at, THREE).changes) is comes


@pytest.mark.parametrize(
    ("silent", "count"), [(0, 2), (5, 1)], ids=["twice a week", "once a week after five silent ones"]
)
def test_how_often_in_a_week(silent: int, count: int) -> None:
    days = [meeting(f"{name} 10:00-11:00") for name in NAMES]
    ours = [asked(f"{name}-1 17:00-17:10", f"day/{name}") for name in NAMES[:silent]]
    at = snapshot(*days, ours=ours, now="Mon 07:00")
    for n in range(5):
        at = replace(at, now=moment(f"{NAMES[n]} 07:00"))
        at = after(at, planned(at, THREE).changes)
    assert sum(o.mark.policy == "habits" for o in at.ours) == count


# -- letting one go ---------------------------------------------------------------------------------------------------

GONE = (("walk/2026-W47/1", "Tue-2"), ("walk/2026-W48/1", "Tue-1"), ("walk/2026-W48/2", "Thu-1"))


def skips(*rows: tuple[str, str]) -> list[Skip]:
    return [Skip("habits", key, day(when), 45) for key, when in rows]


def test_three_in_a_row_and_the_review_offers_another_window() -> None:
    at = snapshot(*full(weeks=(-1, -2)), skips=skips(*GONE), now="Fri 07:00")
    assert offers(at, options(WALK), day("Fri")) == (
        "‘Walk’: another time may suit it better. 09:00-10:15 was free on 10 of the last 20 working days (`between`).",
    )


@pytest.mark.parametrize(
    ("ours", "gone", "count"),
    [
        ((), GONE, 1),
        ((), GONE[:2], 0),
        ((walk("Wed-1 12:00-12:45", "walk/2026-W48/3"),), GONE, 0),
        ((), [(key.replace("walk", "run"), when) for key, when in GONE], 0),
        ((own("Fri-1 16:00-16:25", "reflection", "week/2026-W48", text=f"‘Walk’: {SAID}. So it is."),), GONE, 0),
    ],
    ids=["three", "two", "one was kept between them", "another habit", "it was said already"],
)
def test_it_is_offered_once(ours: tuple[OwnEvent, ...], gone: Sequence[tuple[str, str]], count: int) -> None:
    at = snapshot(ours=ours, skips=skips(*gone), now="Fri 07:00")
    assert len(offers(at, options(WALK), day("Fri"))) == count


def test_what_undo_took_back_is_not_let_go() -> None:
    rows = [replace(s, taken_back=day("Fri-1")) for s in skips(*GONE)]
    assert not offers(snapshot(skips=rows, now="Fri 07:00"), options(WALK), day("Fri"))


def reviewed(at: Snapshot, key: str, **habits: object) -> str:
    """What the review of that name says, with these habits."""
    at = replace(at, policies={"habits": options(habits)})
    wants = POLICIES["reflection"].propose(at, POLICIES["reflection"].options())
    return next(w.content.reason for w in wants if w.key == key)


def test_the_weekly_review_carries_the_offer() -> None:
    at = snapshot(*full(weeks=(-1, -2)), skips=skips(*GONE), now="Fri 07:00")
    assert f"‘Walk’: {SAID}. 09:00-10:15 was free" in reviewed(at, "week/2026-W49", **WALK)
    assert SAID not in reviewed(at, "week/2026-W49", preset="reading")


def test_the_quarterly_review_says_how_many_weeks_had_one_and_nothing_of_those_that_none_had() -> None:
    kept = [walk(f"Tue-{n} 12:00-12:45", f"walk/2026-W{49 - n}/1") for n in (1, 2, 3)]
    second = walk("Thu-1 12:00-12:45", "walk/2026-W48/2")
    lost = [walk("Tue-4 12:00-12:45", "walk/2026-W45/1"), walk("Tue-5 12:00-12:45", "walk/2026-W44/1")]
    lost[1] = replace(lost[1], gestures=frozenset({Gesture.DONE}))
    over = [meeting(f"Tue-{n} 12:30-13:30", "Sync") for n in (4, 5)]
    at = snapshot(*over, ours=[*kept, second, *lost], now="Thu 07:00")
    assert had(at, options(WALK, {"preset": "reading"}), day("Thu")) == ("Of the last 6 weeks 4 had ‘Walk’.",)
    away = replace(at, away=(event("Mon-2..Sun-2").span,))
    assert had(away, options(WALK), day("Thu")) == ("Of the last 5 weeks 3 had ‘Walk’.",)
    assert had(at, options({"preset": "reading"}), day("Thu")) == ()
    year = snapshot(now="Thu 07:00", monday=date(2026, 12, 28), ours=kept)
    assert "Of the last 6 weeks 2 had ‘Walk’." in reviewed(year, "quarter/2026-Q4", **WALK).split("\n\n")


def test_letting_go_has_no_other_effect() -> None:
    assert made(planned(snapshot(skips=skips(*GONE)), WALK)) == made(planned(snapshot(), WALK))


# -- options ----------------------------------------------------------------------------------------------------------


ALL = "walk, elsewhere, exercise, office-hours, three-minutes, reading"
NO_DAYS = "'sun,someday' names no days; write 'mon', 'mon-thu' or 'mon,wed,fri'"


@pytest.mark.parametrize(
    ("item", "key", "text"),
    [
        ({"preset": "wlak"}, "preset", f"'wlak' is not a preset; there are {ALL}"),
        ({}, "title", f"missing; give it a title, or `preset`: one of {ALL}"),
        ({"title": "散歩"}, "name", "''; write `name` in letters a-z, digits and single -"),
        ({"title": "x", "name": "A/b"}, "name", "'A/b'; write `name` in letters a-z, digits and single -"),
        (WALK | {"for": "50m"}, "for", "50m: a habit takes 15m to 8h, in steps of 15 minutes"),
        (WALK | {"for": "9h"}, "for", "9h: a habit takes 15m to 8h, in steps of 15 minutes"),
        (THREE | {"for": "3m"}, "for", "3m: a habit takes 5m to 8h, in steps of 5 minutes"),
        (WALK | {"between": "12:00-12:30"}, "between", "'12:00-12:30' has no room for 45m; widen it"),
        (WALK | {"days": "sun,someday"}, "days", NO_DAYS),
        (WALK | {"days": "mon"}, "per_week", "2: there is one a day, and `days` names 1; name more"),
    ],
    ids=["preset", "nothing", "no letters", "name", "for", "long", "short", "between", "days", "per_week"],
)  # fmt: skip
def test_what_no_habit_can_be(item: dict[str, object], key: str, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        options(item)
    cause = caught.value.__cause__
    assert isinstance(cause, FaultsError)
    assert cause.faults == {key: text}


def test_two_habits_of_one_name() -> None:
    with pytest.raises(ValidationError, match="two of them are called 'walk'; give one another `name`"):
        options(WALK, WALK)
    assert [h.name for h in options(WALK, WALK | {"name": "evening-walk"}).habits] == ["walk", "evening-walk"]


@pytest.mark.parametrize("title", ["#skip\n#never", "<b>x</b>", "a\u202eb", "▸ What?", "x" * 40])
def test_hostile_words_in_the_config_break_nothing(title: str) -> None:
    item = {"title": title, "name": "x", "question": f"{title} ▸ #done?"}
    at = snapshot()
    plan = planned(at, item)
    assert len(plan.changes) == 2
    assert planned(after(at, plan.changes), item).changes == ()


def test_roles_and_keys() -> None:
    items, at = ({"preset": name} for name in PRESETS), snapshot(FIRST)
    chosen = options(*items)
    listed = list(KIND.keys(at, chosen))
    used = {c.wish.key for c in make_plan(at, KIND.propose(at, chosen), TERMS, LIMITS).changes}
    assert used <= set(listed)
    assert len(set(listed)) == len(listed)
    assert {"walk/2026-W46/1", "three-minutes/2026-11-10"} <= set(listed)
    assert at.role(walk("Mon 12:00-12:45")) is Role.HABIT
    assert at.role(own("Mon 09:55-10:00", "habits", "three-minutes/2026-11-30")) is Role.PROMPT


def test_a_change_of_the_clock_moves_no_walk() -> None:
    """The last Sunday of March: the day has 23 hours."""
    monday = day("Mon") + timedelta(days=112)
    at = snapshot(monday=monday)
    plan = planned(at, WALK | {"days": "sun", "per_week": 1})
    starts = [c.when.ends(ZONE)[0] for c in plan.changes]
    assert [f"{s:%a %H:%M}" for s in starts] == ["Sun 12:00"] * 2
    assert isinstance(plan.changes[0].when, TimeRange)
