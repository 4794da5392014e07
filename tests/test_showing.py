"""How blocks are shown and what becomes of one that is booked over: each row of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import Event, PartStat, ShowAs
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import Field
from daemon.model.plan import Cause, Change, Create, Delete, Update
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, TimeRange, week_of
from daemon.model.user.command import Command, Verb
from daemon.planning.diff import Terms, diff
from daemon.planning.fates import LOST, MOVED
from daemon.planning.placement.levels import place
from instances import carried_out
from living import Life, local
from making import CALENDAR, DAYS, MONDAY, ZONE, event, meeting, moment, own, snapshot, span
from policies.focus.options import FocusOptions
from policies.focus.policy import propose
from policies.focus.showing import is_light

WEEK = week_of(MONDAY, 0)
FULL = 26.0
"""Hours in long stretches, with which a week is light for a goal of 8 h."""


def past(*hours: float | str) -> tuple[list[Event], list[TimeRange]]:
    """The last weeks, the latest first: so many hours in one stretch each morning, or 'away'."""
    meetings, away = [], []
    for n, free in enumerate(hours, 1):
        for d in DAYS[:5]:
            if isinstance(free, str):
                away.append(event(f"{d}-{n}").span)
            else:
                h, m = divmod(round(free * 12), 60)
                meetings.append(meeting(f"{d}-{n} {9 + h:02}:{m:02}-17:30", f"{d}{n}"))
    return meetings, away


def at(
    *events: Event, weeks: Iterable[float | str] = (17.0,) * 4, now: str = "Mon 07:00", ours: Iterable[OwnEvent] = ()
) -> Snapshot:
    meetings, away = past(*weeks)
    snap = snapshot(*meetings, *events, now=now, ours=ours, away=away, horizon=28)
    return replace(snap, window=TimeRange(moment("Mon-4 00:00"), snap.window.end))


def changes(snap: Snapshot, options: FocusOptions | None = None) -> tuple[Change, ...]:
    wants = propose(snap, options or FocusOptions())
    return diff(snap, place(snap, wants, fill=1), Terms(main=CALENDAR))


def made(snap: Snapshot, options: FocusOptions | None = None) -> dict[str, ShowAs]:
    return {c.wish.key: c.show_as for c in changes(snap, options) if isinstance(c, Create)}


def block(when: str, n: int = 1, *, week: str = "2026-W49", shows: int = 0, **more: object) -> OwnEvent:
    standing = own(when, key=f"{week}/{n}", **more)  # type: ignore[arg-type]  # a table of keyword arguments
    return replace(standing, mark=replace(standing.mark, shows=shows))


# -- light, or not ----------------------------------------------------------------------------------------------------

WEEKS: dict[str, tuple[list[float | str], bool]] = {
    "room for three times the goal, a week away left out": ([26, 25, "away", 24], True),
    "room for twice the goal": ([17, 17, "away", 17], False),
    "two and a half times the goal": ([20] * 4, True),
    "a little less": ([20, 20, 20, 19 + 11 / 12], False),
    "nothing is known": (["away"] * 4, False),
    "the mean counts": ([30, 10, 30, 10], True),
    "all four of them": ([26, 26, 26, 0], False),
}


@pytest.mark.parametrize(("weeks", "light"), WEEKS.values(), ids=WEEKS)
def test_a_week_is_light_or_fills(weeks: list[float | str], *, light: bool) -> None:
    assert is_light(at(weeks=weeks), FocusOptions(), WEEK) is light


@pytest.mark.parametrize(("minutes", "light"), [(120, True), (119, False)])
def test_only_stretches_of_two_hours_count(minutes: int, *, light: bool) -> None:
    goal = FocusOptions(weekly_goal=type(FocusOptions().weekly_goal)(200))
    assert is_light(at(weeks=[minutes / 12] * 4), goal, WEEK) is light


@pytest.mark.parametrize(("end", "light"), [("13:15", True), ("13:30", False)])
def test_a_week_counts_in_which_one_was_there_for_half_of_it(end: str, *, light: bool) -> None:
    """What was free then counts as of a full week."""
    snap = at(weeks=["away"] * 3)
    gone = [*(event(f"{d}-4").span for d in ("Mon", "Tue")), span(f"Wed-4 09:00-{end}")]
    assert is_light(replace(snap, away=(*snap.away, *gone)), FocusOptions(), WEEK) is light


TREATED: dict[str, tuple[list[OwnEvent], float, bool]] = {
    "made free, it stays light": ([block("Thu 09:00-11:00")], 10, True),
    "made tentative, it stays so": ([block("Thu 09:00-11:00", show_as=ShowAs.TENTATIVE)], FULL, False),
    "one that lost its place is free, too": ([block("Thu 09:00-11:00", shows=1)], FULL, False),
    "one of 0.1 says nothing": ([block("Thu 09:00-11:00", highest=0)], 10, False),
    "nor does one of another week": ([block("Thu+1 09:00-11:00", week="2026-W50")], 10, False),
}


@pytest.mark.parametrize(("ours", "hours", "light"), TREATED.values(), ids=TREATED)
def test_a_week_that_has_been_treated_so_stays_so(ours: list[OwnEvent], hours: float, *, light: bool) -> None:
    assert is_light(at(ours=ours, weeks=[hours] * 4), FocusOptions(), WEEK) is light


def test_a_light_week_has_one_free_block_a_day_that_is_never_hardened() -> None:
    halves = [meeting(f"{d} 11:00-17:30", d) for d in ("Mon", "Wed", "Thu", "Fri")]
    snap = at(*halves, weeks=[FULL] * 4)
    here = [c for c in changes(snap) if c.wish.key.startswith("2026-W49/")]
    assert sorted(local(c.when) for c in here) == [f"{d} 09:00-11:00" for d in ("Mon", "Thu", "Tue", "Wed")]
    assert set(made(snap).values()) == {ShowAs.FREE}
    there = carried_out(snap, changes(snap))
    assert changes(there) == ()
    assert changes(replace(there, now=moment("Tue 08:50"))) == ()


def test_where_a_day_is_all_that_is_free_a_light_week_has_one_block_and_others_two() -> None:
    full = [meeting(f"{d} 09:00-17:30", d) for d in ("Mon", "Wed", "Thu", "Fri")]
    for hours, count in ((FULL, 1), (10.0, 2)):
        here = [k for k in made(at(*full, weeks=[hours] * 4)) if k.startswith("2026-W49/")]
        assert len(here) == count


# -- hardening --------------------------------------------------------------------------------------------------------


def test_the_first_two_of_a_week_are_busy_at_once_and_the_others_never_by_time() -> None:
    found = made(at())
    for week in ("2026-W49", "2026-W53"):
        assert [found[f"{week}/{n}"] for n in (1, 2, 3, 4)] == [ShowAs.BUSY] * 2 + [ShowAs.TENTATIVE] * 2
    there = block("Mon 10:00-12:00", 3, show_as=ShowAs.TENTATIVE)
    near = [c for c in changes(at(ours=[there], now="Mon 08:50")) if isinstance(c, Update)]
    assert not [c for c in near if Field.SHOW_AS in c.fields]


BUSY_FROM = [("Mon 08:59", []), ("Mon 09:00", [ShowAs.BUSY])]


@pytest.mark.parametrize(("now", "shown"), BUSY_FROM)
def test_who_wants_it_has_them_busy_as_their_time_comes_near(now: str, shown: list[ShowAs]) -> None:
    options = FocusOptions(busy_within=type(FocusOptions().weekly_goal)(14 * 24 * 60))
    there = block("Mon+2 09:00-11:00", 3, week="2026-W51", show_as=ShowAs.TENTATIVE)
    found = [c for c in changes(at(now=now, ours=[there]), options) if isinstance(c, Update)]
    assert [c.show_as for c in found] == shown
    assert [c.mark.shows for c in found] == [1 for _ in shown]


@pytest.mark.parametrize(("minute", "shown"), [(59, ShowAs.TENTATIVE), (0, ShowAs.BUSY)])
def test_what_was_asked_for_by_name_is_busy_from_fourteen_days_before(minute: int, shown: ShowAs) -> None:
    """None of them at once; on Monday at 9:00 and from 8:59 on, two weeks before a block on Monday at 9:00."""
    asked = event("Mon 07:00-07:15", "unbusy: focus 2h cut list")
    by = Command(event=asked, verb=Verb.FOCUS, minutes=120, what="cut list", by=MONDAY + 14 * DAY)
    full = [meeting(f"{d}{w} 09:00-17:30", f"{d}{w}") for w in ("", "+1") for d in DAYS[:5]]
    snap = replace(at(*full, now=f"Mon 0{9 - bool(minute)}:{minute:02}"), commands=(by,))
    assert made(snap)[f"{by.key}/1"] is shown


def test_what_the_user_chose_or_0_1_had_made_busier_is_never_softened() -> None:
    busy = block("Thu 09:00-11:00", show_as=ShowAs.BUSY, highest=0)
    assert not [c for c in changes(at(weeks=[FULL] * 4, ours=[busy])) if isinstance(c, Update)]
    theirs = block("Thu 09:00-11:00", show_as=ShowAs.FREE, edited=[Field.SHOW_AS])
    assert not [c for c in changes(at(ours=[theirs])) if isinstance(c, Update)]


def test_a_block_of_0_1_is_known_as_one_after_it_was_hardened() -> None:
    """So it stays where it is until something is booked over it."""
    old = block("Thu 15:00-16:30", show_as=ShowAs.TENTATIVE, highest=0)
    snap = at(ours=[old])
    (harder,) = [c for c in changes(snap) if isinstance(c, Update)]
    assert harder.fields == {Field.SHOW_AS}
    after = carried_out(snap, [harder])
    assert after.ours[0].old
    assert not [c for c in changes(after) if isinstance(c, Update)]


# -- booked over ------------------------------------------------------------------------------------------------------

FULL_WEEK = [meeting(f"{d} {h}", f"{d}{h}") for d in ("Mon", "Tue", "Wed", "Fri") for h in ("09:00-17:30",)]
ESCALATION = meeting("Thu 09:30-10:00", "Vendor escalation", uid="x")
AFTERNOON, LATER = meeting("Thu 11:00-17:30", "Hiring"), meeting("Thu 12:15-17:30", "Hiring")


def one(snap: Snapshot) -> Change:
    """The only change in week 49."""
    (change,) = [c for c in changes(snap) if c.wish.key.startswith("2026-W49/")]
    return change


def standing(snap: Snapshot) -> OwnEvent:
    return next(o for o in snap.ours if o.mark.key == "2026-W49/1")


def only(snap: Snapshot, *events: Event) -> Snapshot:
    kept = [e for e in snap.events if e.span.end <= moment("Mon 00:00")]
    return replace(snap, events=tuple(sorted([*kept, *events], key=lambda e: e.span)))


def test_a_block_is_moved_once_and_says_what_took_its_place() -> None:
    start = at(*FULL_WEEK, LATER, now="Mon 07:00")
    there = carried_out(start, changes(start))
    assert local(standing(there).event.when) == "Thu 09:00-12:00"
    free = only(there, *FULL_WEEK, LATER, ESCALATION)
    moved = one(free)
    assert (moved.cause, local(moved.when), moved.show_as) == (Cause.BOOKED_OVER, "Thu 10:00-12:15", ShowAs.BUSY)
    after = carried_out(free, changes(free))
    assert f"\n{MOVED}Thu 09:00, which ‘Vendor escalation’ took.\n" in standing(after).event.description
    assert changes(after) == ()
    again = only(after, *FULL_WEEK, LATER, ESCALATION, meeting("Thu 11:00-12:00", "Board"))
    gone = one(again)
    assert isinstance(gone, Delete)
    assert gone.cause is Cause.BOOKED_OVER_AGAIN
    assert "‘Board’; it was moved before, so it goes, and its 2 h 15 are not owed again" in gone.reason


def test_a_private_title_is_not_quoted() -> None:
    start = at(*FULL_WEEK, LATER)
    there = carried_out(start, changes(start))
    moved = one(only(there, *FULL_WEEK, LATER, replace(ESCALATION, spoken="")))
    assert isinstance(moved, Update)
    assert f"{MOVED}Thu 09:00, which a private appointment, Thu 09:30 took." in moved.draft.text
    assert "Vendor" not in moved.draft.text


def test_without_room_it_stays_free_and_counts_again_when_its_place_falls_free() -> None:
    start = at(*FULL_WEEK, AFTERNOON)
    there = carried_out(start, changes(start))
    over = only(there, *FULL_WEEK, AFTERNOON, ESCALATION)
    lost = one(over)
    assert isinstance(lost, Update)
    assert (lost.fields, lost.show_as) == ({Field.SHOW_AS, Field.TEXT}, ShowAs.FREE)
    assert f"\n{LOST}\n" in lost.draft.text
    after = carried_out(over, changes(over))
    assert changes(after) == ()
    back = only(after, *FULL_WEEK, AFTERNOON)
    found = one(back)
    assert isinstance(found, Update)
    assert (found.fields, found.show_as, found.mark.shows) == ({Field.SHOW_AS, Field.TEXT}, ShowAs.BUSY, 2)
    assert LOST not in found.draft.text
    third = carried_out(back, changes(back))
    assert changes(third) == ()
    once_more = one(only(third, *FULL_WEEK, AFTERNOON, ESCALATION))
    assert once_more.fields == {Field.TEXT}, "it is shown otherwise twice in its life"


MORNING: dict[str, tuple[str, Event, bool]] = {
    "before the morning of its day it stays": ("Thu 06:59", ESCALATION, False),
    "from then on it goes": ("Thu 07:00", meeting("Thu 09:45-10:15", "Vendor escalation", uid="x"), True),
    "where an hour and a half is left, it stays": ("Thu 07:00", meeting("Thu 10:30-11:00", "Vendor", uid="x"), False),
    "an invitation without an answer takes nothing": (
        "Thu 07:00", meeting("Thu 09:45-10:15", "Vendor", uid="x", reply=PartStat.NEEDS_ACTION), False
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "over", "goes"), MORNING.values(), ids=MORNING)
def test_what_has_no_place_when_its_day_comes_goes(now: str, over: Event, *, goes: bool) -> None:
    start = at(*FULL_WEEK, AFTERNOON)
    there = only(carried_out(start, changes(start)), *FULL_WEEK, AFTERNOON, over)
    then = replace(there, now=moment(now))
    found = [c for c in changes(then) if c.wish.key.startswith("2026-W49/")]
    assert [isinstance(c, Delete) for c in found] == [goes]
    if goes:
        assert found[0].cause is Cause.BOOKED_OVER
        assert found[0].reason.endswith("‘Vendor escalation’, and its week has no other place")
        after = carried_out(then, found)
        assert not [c for c in changes(after) if c.wish.key.startswith("2026-W49/")]


def test_the_count_stands_in_the_mark() -> None:
    mark = replace(block("Thu 09:00-11:00").mark, shows=2)
    again = read_mark(write_mark(mark))
    assert again
    assert again.shows == 2
    assert "shows" not in write_mark(replace(mark, shows=0))


@pytest.mark.parametrize("forget", [False, True], ids=["with the ledger", "without it"])
def test_what_was_booked_over_again_stays_away(tmp_path: Path, *, forget: bool) -> None:
    life = Life(tmp_path, top="horizon = '1d'", store="memory")
    life.meet("Mon 09:00-17:30")
    life.meet("Tue 11:00-17:30")
    life.apply()
    life.meet("Thu 08:30-12:00")
    life.apply()
    (key,) = (k for k, o in life.ours().items() if o.mark.moves)
    life.meet(f"{local(life.ours()[key].event.when)}", "Board", uid="board")
    plan = life.apply()
    assert [(c.wish.key, c.cause) for c in plan.changes] == [(key, Cause.BOOKED_OVER_AGAIN)]
    assert [(p.where, p.code) for p in plan.problems] == [(f"focus {key}", 0)]
    assert "Board" in plan.problems[0].what
    if forget:
        life.lose_ledger()
    assert life.apply().changes == ()
    life.cancel("board")
    assert life.apply().changes == ()


# -- whatever happens -------------------------------------------------------------------------------------------------


def _spent(change: Delete) -> Skip:
    """As the ledger tells it."""
    when = change.before.event.when
    return Skip(*change.wish, when.first_day(ZONE), when.minutes, spent=True)


HOURS = st.tuples(st.sampled_from(DAYS[:5]), st.integers(9, 16), st.integers(1, 3))


@given(st.lists(st.lists(HOURS, max_size=8), min_size=1, max_size=6), st.sampled_from([10.0, FULL]))
def test_one_move_two_ways_of_showing_and_then_nothing(weeks: list[list[tuple[str, int, int]]], hours: float) -> None:
    """Meetings come and go: after each plan the next one is empty, and no block is touched more often than it may."""
    snap = at(weeks=[hours] * 4)
    gone: set[str] = set()
    for meetings in weeks:
        events = [meeting(f"{d} {h:02}:00-{min(h + n, 17):02}:30", f"{d}{h}{n}") for d, h, n in meetings]
        snap = only(snap, *dict.fromkeys(events))
        plan = changes(snap)
        assert not gone & {c.uid for c in plan}
        gone |= {c.uid for c in plan if c.cause is Cause.BOOKED_OVER_AGAIN}
        spent = [c for c in plan if isinstance(c, Delete) and c.cause is Cause.BOOKED_OVER_AGAIN]
        snap = carried_out(snap, plan)
        snap = replace(snap, skips=(*snap.skips, *(_spent(c) for c in spent)))
        assert changes(snap) == ()
        assert all(o.mark.moves <= 1 and o.mark.shows <= 2 for o in snap.ours)
