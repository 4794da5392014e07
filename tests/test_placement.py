"""What placement keeps to, whatever the calendar; and small calendars for each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import time
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.owner import Field, OwnState
from daemon.model.plan import Create, Update
from daemon.model.proposal import Blocks, Content, Fixed, Flexible, Level, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import (
    MINUTE,
    TimeRange,
    WorkingHours,
    local_day,
    minus,
    minutes_of,
    week_of,
    within,
)
from daemon.planning.placement.levels import Placed, Placement, Wish, freeze_end
from instances import Instance, draw
from living import local
from making import DAYS, MONDAY, meeting, moment, own, profile, snapshot, span
from oracle import Rules

instances = st.builds(draw, st.randoms(use_true_random=False), weeks=st.sampled_from([1, 2]))


def every(instance_count: int = 60) -> settings:
    """So many instances; drawing one takes longer than most properties do."""
    return settings(max_examples=instance_count, suppress_health_check=list(HealthCheck))


def wish_of(o: OwnEvent) -> Wish:
    return o.mark.policy, o.mark.key


def free_places(inst: Instance, placement: Placement) -> Iterator[tuple[Placed, TimeRange]]:
    """What placement was free to put where it is: neither chosen by the user, nor frozen, nor a time that is known."""
    pinned = {wish_of(o) for o in inst.snapshot.ours if o.pinned}
    for p in placement.placed:
        chosen = p.wish not in pinned | placement.stands.keys() and not isinstance(p.want.when, Fixed)
        if chosen and isinstance(p.when, TimeRange):
            yield p, p.when


def frozen(inst: Instance) -> list[OwnEvent]:
    """Stands in the freeze, free of everything that cannot move; or its policy could not be asked."""
    snap = inst.snapshot
    hard = [*snap.busy, *(o.event.span for o in firm(inst))]
    fixed = {(w.policy, w.key) for w in inst.wants if isinstance(w.when, Fixed)}
    rest = (o for o in snap.ours if o not in firm(inst) and not o.event.all_day and wish_of(o) not in fixed)
    until = freeze_end(snap).end
    return [
        o
        for o in rest
        if o.mark.policy in inst.held
        or (o.event.span.start < until and not any(r.overlaps(o.event.span) for r in hard) and not follows(inst, o))
    ]  # fmt: skip


def follows(inst: Instance, o: OwnEvent) -> bool:
    """Hangs on events of others that are gone, or stands outside of all the time that its policy gives it now."""
    wanted = {w.wish: w.when for w in inst.wants}
    when = wanted.get(o.wish)
    alone = inst.snapshot.role(o).hangs and not {o.wish, o.wish.want} & wanted.keys()
    span = o.event.span
    inside = not isinstance(when, Flexible) or any(w.start <= span.start and span.end <= w.end for w in when.windows)
    return alone or not inside


def over_lunch(inst: Instance) -> set[Wish]:
    """Has come to stand over the last lunch of its day, by the oracle's word: it leaves, in the freeze, too."""
    return {wish_of(o) for o in Rules(inst, inst.placed()).over_lunch}


def firm(inst: Instance) -> list[OwnEvent]:
    """In instants, and pinned or begun."""
    return [o for o in inst.snapshot.ours if (o.pinned or inst.snapshot.begun(o.event)) and not o.event.all_day]


# -- properties -----------------------------------------------------------------------------------------------


@every()
@given(instances)
def test_nothing_lies_over_busy_time_or_too_near_to_it(inst: Instance) -> None:
    for p, when in free_places(inst, inst.placed()):
        buffer = (p.want.when.buffer if isinstance(p.want.when, Blocks) else 0) * MINUTE
        near = TimeRange(when.start - buffer, when.end + buffer)
        assert not any(near.overlaps(busy) for busy in inst.snapshot.busy)


@every()
@given(instances)
def test_everything_lies_inside_its_windows_and_those_of_focus_inside_working_hours(inst: Instance) -> None:
    for p, when in free_places(inst, inst.placed()):
        assert not isinstance(p.want.when, Fixed)
        if isinstance(p.want.when, Blocks):
            day = local_day(when.start, inst.snapshot.zone)
            assert not minus([when], inst.snapshot.present(day))
            assert not minus([when], p.want.when.windows)
        else:
            assert any(w.covers(when) for w in p.want.when.windows)


@every()
@given(instances)
def test_lengths_and_starts(inst: Instance) -> None:
    for p, when in free_places(inst, inst.placed()):
        local_start = when.start.astimezone(inst.snapshot.zone)
        if isinstance(p.want.when, Blocks):
            assert p.want.when.shortest <= when.minutes <= p.want.when.longest
            assert (when.minutes % 15, local_start.minute % 15) == (0, 0)
        else:
            assert isinstance(p.want.when, Flexible)
            assert when.minutes == p.want.when.minutes
            assert local_start.minute % (5 if when.minutes < 30 else 15) == 0


@every()
@given(instances)
def test_what_is_new_or_moved_begins_an_hour_ahead_at_the_soonest(inst: Instance) -> None:
    standing = {wish_of(o): o.event.when for o in inst.snapshot.ours}
    for p, when in free_places(inst, inst.placed()):
        if standing.get(p.wish) != when:
            assert when.start >= inst.snapshot.now + 60 * MINUTE


@every()
@given(instances)
def test_caps_of_days_and_totals_of_weeks_are_kept(inst: Instance) -> None:
    snap, placement = inst.snapshot, inst.placed()
    spent = Counter[object]()
    for o in (*firm(inst), *frozen(inst)):
        spent[local_day(o.event.span.start, snap.zone)] += o.event.span.minutes * (o.mark.policy == "focus")
    for want in inst.wants:
        new = [when for p, when in free_places(inst, placement) if p.want == want]
        if isinstance(want.when, Blocks):
            assert sum(r.minutes for r in new) <= want.when.total
            for day in want.when.week.days:
                here = sum(r.minutes for r in new if local_day(r.start, snap.zone) == day)
                assert here == 0 or here + spent[day] <= want.when.per_day


@every()
@given(instances)
def test_white_space_is_kept(inst: Instance) -> None:
    snap = inst.snapshot
    new = [when for _, when in free_places(inst, inst.placed())]
    standing = [o.event.span for o in (*firm(inst), *frozen(inst))]
    for week in snap.weeks:
        free = minus([r for d in week.days for r in snap.present(d)], snap.busy)
        here = sum(r.minutes for r in new if r.overlaps(week.span(snap.zone)))
        assert here == 0 or here + minutes_of(within(standing, free)) <= inst.fill * minutes_of(free)


@every()
@given(instances)
def test_the_user_and_the_freeze_are_heeded(inst: Instance) -> None:
    """What the user has put somewhere, and what stands in the freeze without a collision, is not moved or deleted."""
    safe = {wish_of(o) for o in frozen(inst)} - over_lunch(inst)
    safe |= {wish_of(o) for o in (*firm(inst), *(o for o in inst.snapshot.ours if o.pinned))}
    for change in inst.changes():
        if not isinstance(change, Create) and wish_of(change.before) in safe:
            assert isinstance(change, Update)
            assert Field.WHEN not in change.fields


@every()
@given(instances)
def test_no_two_of_ours_overlap(inst: Instance) -> None:
    """But where the user has put them so, or one has been booked over and fits nowhere."""
    placement = inst.placed()
    lost = {(u.policy, u.key) for u in placement.unplaced}
    after = [o for o in inst.settled().snapshot.ours if not o.event.all_day and wish_of(o) not in lost]
    free = {p.wish for p, _ in free_places(inst, placement)}
    fixed = {(w.policy, w.key) for w in inst.wants if isinstance(w.when, Fixed)}
    for a, b in combinations((o for o in after if wish_of(o) not in fixed), 2):
        if free & {wish_of(a), wish_of(b)}:
            apart = 15 * MINUTE if a.mark.policy == b.mark.policy == "focus" else 0 * MINUTE
            wide = TimeRange(a.event.span.start - apart, a.event.span.end + apart)
            assert not wide.overlaps(b.event.span)


@every()
@given(instances)
def test_one_event_for_each_wish_and_no_key_twice(inst: Instance) -> None:
    placement = inst.placed()
    wishes = [p.wish for p in placement.placed]
    assert len(set(wishes)) == len(wishes)
    known = inst.used | {(s.policy, s.key) for s in inst.snapshot.skips}
    assert {wish_of(o) for o in inst.snapshot.ours} >= set(wishes) & known


@every()
@given(instances)
def test_what_was_booked_over_and_fits_nowhere_stays_and_is_named(inst: Instance) -> None:
    snap, placement = inst.snapshot, inst.placed()
    singles = {(w.policy, w.key) for w in inst.wants if isinstance(w.when, Flexible)}
    named = {(u.policy, u.key) for u in placement.unplaced}
    found = {p.wish for p in placement.placed}
    for o in snap.ours:
        over = any(o.event.span.overlaps(busy) for busy in snap.busy) and not snap.begun(o.event)
        if wish_of(o) in singles - found and over:
            assert wish_of(o) in placement.stands.keys() & named


@every()
@given(instances, st.randoms(use_true_random=False))
def test_the_order_of_what_is_asked_does_not_matter(inst: Instance, chance: Random) -> None:
    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    snap = replace(
        inst.snapshot,
        events=mixed(inst.snapshot.events),
        ours=mixed(inst.snapshot.ours),
        skips=mixed(inst.snapshot.skips),
        away=mixed(inst.snapshot.away),
    )
    assert replace(inst, snapshot=snap, wants=mixed(inst.wants)).placed() == inst.placed()


@every(120)
@given(instances)
def test_once_it_stands_it_is_the_answer_again(inst: Instance) -> None:
    before = inst.placed()
    assume(not before.spent)  # of what is spent the ledger tells the policies, which then ask for less
    after = inst.settled().placed()
    assert after.placed == tuple(replace(p, why="") for p in before.placed)  # only a new block says why it is there
    assert {p.wish for p in after.placed} | after.stands.keys() == {
        p.wish for p in before.placed
    } | before.stands.keys()
    assert {(u.policy, u.key) for u in after.unplaced} == {(u.policy, u.key) for u in before.unplaced}
    assert inst.settled().changes() == ()


@pytest.mark.parametrize("seed", [1243, 1255, 1280, 2007, 2135])
def test_lunch_as_an_event_is_the_answer_again(seed: int) -> None:
    """Where it is shorter than the time that is kept for it, too, or a pause comes beside it."""
    inst = draw(Random(seed), weeks=1 + seed % 2)  # noqa: S311  nothing secret
    assert inst.settled().changes() == ()
    assert inst.settled().placed().placed == tuple(replace(p, why="") for p in inst.placed().placed)


@every()
@given(instances)
def test_what_has_come_over_the_last_lunch_is_known(inst: Instance) -> None:
    assert inst.placed().over_lunch == over_lunch(inst)


@every()
@given(instances, st.sampled_from(Level))
def test_lower_levels_change_nothing_above(inst: Instance, level: Level) -> None:
    """Events that the user has touched stay even where nobody wants them, so here there are none of those."""
    untouched = tuple(o for o in inst.snapshot.ours if o.pinned or not o.edited)
    inst = replace(inst, snapshot=replace(inst.snapshot, ours=untouched))
    above = replace(inst, wants=tuple(w for w in inst.wants if w.level <= level))
    assert above.placed().placed == tuple(p for p in inst.placed().placed if p.want.level <= level)


# -- small calendars ------------------------------------------------------------------------------------------

WEEK = week_of(MONDAY, 0)
TO_FIVE = tuple(span(f"{d} 09:00-17:00") for d in DAYS[:5])


def want(policy: str, key: str, when: Fixed | Flexible | Blocks, level: Level) -> Want:
    return Want(policy=policy, key=key, content=Content(title=key, reason="asked"), when=when, level=level)


def focus(total: int, *windows: str | TimeRange, **more: Any) -> Want:
    """Blocks of one to three hours, best two; anywhere in working time."""
    lengths = {"shortest": 60, "ideal": 120, "longest": 180, "per_day": 240} | more
    where = tuple(span(w) if isinstance(w, str) else w for w in windows) or TO_FIVE
    return want("focus", "2026-W49", Blocks(week=WEEK, total=total, windows=where, **lengths), Level.FOCUS)


def single(key: str, minutes: int, *windows: str, late: bool = False, level: Level = Level.REVIEW) -> Want:
    return want("one", key, Flexible(minutes=minutes, windows=tuple(map(span, windows)), late=late), level)


def known(when: str, key: str = "hold", level: Level = Level.PREPARATION) -> Want:
    return want("known", key, Fixed(span(when)), level)


def standing(key: str, when: str, policy: str = "one", *, pinned: bool = False) -> OwnEvent:
    return own(when, policy, key, edited=[Field.WHEN] if pinned else [])


def block(n: int, when: str, *, pinned: bool = False) -> OwnEvent:
    return standing(f"2026-W49/{n}", when, "focus", pinned=pinned)


FULL = [meeting(f"{d} 09:00-17:30", d) for d in DAYS[:5]]
TO_THURSDAY = FULL[:4]
NIGHTS = WorkingHours(((), (), (), (), (), ((time(20), time()),), ((time(), time(4)),)))
NIGHT = TimeRange(moment("Sat 20:00"), moment("Sun 04:00"))

NO_PLACE = "found no place in week 2026-W49"

Row = tuple[Snapshot, list[Want], float, list[str], list[str]]

TABLE: dict[str, Row] = {
    # blocks
    "an empty calendar: the earliest places of the best length, a quarter apart": (
        snapshot(),
        [focus(240)],
        1,
        ["2026-W49/1 Mon 09:00-11:00", "2026-W49/2 Mon 11:15-13:15"],
        [],
    ),
    "an hour ahead at the soonest": (snapshot(now="Mon 09:20"), [focus(120)], 1, ["2026-W49/1 Mon 10:30-12:30"], []),
    "no more a day than the cap": (
        snapshot(*FULL[1:]),
        [focus(240, per_day=180)],
        1,
        ["2026-W49/1 Mon 09:00-12:00"],
        [f"2026-W49 1 h {NO_PLACE}: at most 3 h a day (`per_day`)"],
    ),
    "and a block that the user has put there counts to it": (
        snapshot(*FULL[1:], ours=[block(1, "Mon 18:00-20:00", pinned=True)]),
        [focus(240, per_day=240)],
        1,
        ["2026-W49/1 Mon 18:00-20:00", "2026-W49/2 Mon 09:00-11:00"],
        [f"2026-W49 2 h {NO_PLACE}: at most 4 h a day (`per_day`)"],
    ),
    "no more of a week than its share": (
        snapshot(*TO_THURSDAY),
        [focus(240)],
        0.3,
        ["2026-W49/1 Fri 09:00-11:30"],
        [f"2026-W49 1 h 30 {NO_PLACE}: with it, unbusy would take more of the free working time than `fill` allows"],
    ),
    "a buffer around meetings, not between blocks": (
        snapshot(meeting("Mon 10:00-11:00"), *FULL[1:]),
        [focus(240, buffer=30)],
        1,
        ["2026-W49/1 Mon 11:30-13:30", "2026-W49/2 Mon 13:45-15:45"],
        [],
    ),
    "nor around the lunch of unbusy": (
        snapshot(*FULL[1:]),
        [focus(240, "Mon 09:00-14:00", buffer=30), single("lunch", 60, "Mon 11:00-12:00", level=Level.LUNCH)],
        1,
        ["2026-W49/1 Mon 09:00-11:00", "2026-W49/2 Mon 12:00-14:00", "lunch Mon 11:00-12:00"],
        [],
    ),
    "no crumb is left where that costs nothing": (
        snapshot(meeting("Mon 11:15-12:00"), *FULL[1:]),
        [focus(120)],
        1,
        ["2026-W49/1 Mon 12:00-14:00"],
        [],
    ),
    "a lunch that stands is an edge like one that was just placed": (
        snapshot(*FULL[1:], ours=[standing("lunch", "Mon 11:15-12:00")]),
        [focus(120), single("lunch", 45, "Mon 11:00-13:00", level=Level.LUNCH)],
        1,
        ["2026-W49/1 Mon 12:00-14:00", "lunch Mon 11:15-12:00", "stays lunch"],
        [],
    ),
    "no block goes over midnight": (
        snapshot(who=profile(hours=NIGHTS), now="Fri 12:00"),
        [focus(360, NIGHT, per_day=180)],
        1,
        ["2026-W49/1 Sat 20:00-23:00", "2026-W49/2 Sun 00:00-03:00"],
        [],
    ),
    # what stands
    "what stands stays, although a better place is free": (
        snapshot(ours=[block(3, "Thu 14:00-16:00")]),
        [focus(120)],
        1,
        ["2026-W49/3 Thu 14:00-16:00"],
        [],
    ),
    "minutes in which two of them stand count once": (
        snapshot(ours=[block(1, "Wed 09:00-11:00"), block(2, "Wed 10:00-12:00"), block(3, "Thu 13:00-15:00")]),
        [focus(120, prefer=(span("Thu 13:00-15:00"),))],
        1,
        ["2026-W49/3 Thu 13:00-15:00"],
        [],
    ),
    "what was booked over moves, under its key": (
        snapshot(meeting("Thu 15:00-17:00"), ours=[block(3, "Thu 14:00-16:00")]),
        [focus(120, "Thu 09:00-17:30")],
        1,
        ["2026-W49/3 Thu 09:00-11:00"],
        [],
    ),
    "what was booked over and fits nowhere stays": (
        snapshot(*FULL, ours=[block(3, "Thu 14:00-16:00")]),
        [focus(120)],
        1,
        ["stays 2026-W49/3"],
        [
            f"2026-W49 2 h {NO_PLACE}: no other free stretch of 1 h is left in its working hours",
            "2026-W49/3 Thu 3 Dec 14:00–16:00 is taken by ‘Thu’",
        ],
    ),
    "so does a single event that is about to be, when there is no time left to move it": (
        snapshot(meeting("Mon 16:50-17:30"), now="Mon 16:20", ours=[standing("day", "Mon 17:00-17:10")]),
        [single("day", 10, "Mon 16:00-17:20", late=True)],
        1,
        ["stays day"],
        ["day Mon 30 Nov 17:00–17:10 is taken by ‘Meeting’"],
    ),
    "what the user has put somewhere stays, over a meeting too, and is no place for others": (
        snapshot(meeting("Thu 14:00-15:00"), *FULL[:3], *FULL[4:], ours=[block(3, "Thu 14:00-16:00", pinned=True)]),
        [focus(120, "Thu 13:00-17:00")],
        1,
        ["2026-W49/3 Thu 14:00-16:00"],
        [f"2026-W49 2 h {NO_PLACE}: no other free stretch of 1 h is left in its working hours"],
    ),
    "a single event that is no longer allowed its room goes": (
        snapshot(*TO_THURSDAY, ours=[standing("review", "Fri 16:00-16:30")]),
        [focus(120, "Fri 09:00-11:00"), single("review", 30, "Fri 16:00-17:00")],
        0.25,
        ["2026-W49/1 Fri 09:00-11:00"],
        ["review the week's room for events of unbusy is used up; 30 min are missing"],
    ),
    # the freeze
    "what stands tomorrow is not moved for something of a higher level": (
        snapshot(ours=[standing("day", "Tue 10:00-10:10")]),
        [focus(120, "Tue 09:00-12:00"), single("day", 10, "Tue 09:00-17:00")],
        1,
        ["2026-W49/1 Tue 10:15-12:00", "day Tue 10:00-10:10", "stays day"],
        [],
    ),
    "the day after it is": (
        snapshot(ours=[standing("day", "Wed 10:00-10:10")]),
        [focus(120, "Wed 09:00-12:00"), single("day", 10, "Wed 09:00-17:00")],
        1,
        ["2026-W49/1 Wed 09:00-11:00", "day Wed 11:00-11:10"],
        [],
    ),
    # times that are known
    "a known time is taken from what comes below, whatever else is there": (
        snapshot(),
        [known("Mon 09:00-10:00"), focus(60, shortest=60, ideal=60)],
        1,
        ["2026-W49/1 Mon 10:00-11:00", "hold Mon 09:00-10:00"],
        [],
    ),
    "at one level too": (
        snapshot(),
        [known("Mon 09:00-10:00", level=Level.FOCUS), focus(60, shortest=60, ideal=60)],
        1,
        ["2026-W49/1 Mon 10:00-11:00", "hold Mon 09:00-10:00"],
        [],
    ),
    "it follows its policy in the freeze too": (
        snapshot(ours=[standing("hold", "Mon 09:00-10:00", "known")]),
        [known("Mon 11:00-12:00")],
        1,
        ["hold Mon 11:00-12:00"],
        [],
    ),
    "and the user before its policy": (
        snapshot(ours=[standing("hold", "Mon 09:00-10:00", "known", pinned=True)]),
        [known("Mon 11:00-12:00"), focus(60, shortest=60, ideal=60)],
        1,
        ["2026-W49/1 Mon 10:00-11:00", "hold Mon 09:00-10:00"],
        [],
    ),
    "over meetings it takes none of the room": (
        snapshot(*TO_THURSDAY),
        [known("Thu 09:00-17:00"), focus(120)],
        0.25,
        ["2026-W49/1 Fri 09:00-11:00", "hold Thu 09:00-17:00"],
        [],
    ),
    "with more known times than room, nothing else gets any": (
        snapshot(*TO_THURSDAY),
        [known("Fri 09:00-13:00"), single("review", 30, "Fri 16:00-17:00")],
        0.25,
        ["hold Fri 09:00-13:00"],
        ["review the week's room for events of unbusy is used up; 30 min are missing"],
    ),
    # single events
    "even the worst place of a week is better than none": (
        snapshot(*TO_THURSDAY),
        [single("nudge", 5, *(f"{d} 09:00-17:00" for d in DAYS[:5]))],
        1,
        ["nudge Fri 09:00-09:05"],
        [],
    ),
    "of two that have one place, one has none": (
        snapshot(),
        [single("a", 30, "Mon 09:00-09:30"), single("b", 30, "Mon 09:00-09:30")],
        1,
        ["a Mon 09:00-09:30"],
        ["b Mon 30 Nov 09:00–09:30 is taken by ‘a’ of unbusy"],
    ),
    "inside one of its windows, not over two": (
        snapshot(meeting("Mon 09:00-09:50"), meeting("Mon 10:10-11:00")),
        [single("walk", 20, "Mon 09:00-10:00", "Mon 10:00-11:00")],
        1,
        [],
        ["walk Mon 30 Nov 09:00–11:00 is taken by ‘Meeting’"],
    ),
}


@pytest.mark.parametrize(("snap", "wants", "fill", "expected", "unplaced"), TABLE.values(), ids=TABLE)
def test_table(snap: Snapshot, wants: list[Want], fill: float, expected: list[str], unplaced: list[str]) -> None:
    inst = Instance(snapshot=snap, wants=tuple(wants), fill=fill)
    placement = inst.placed()
    found = [f"{p.key} {local(p.when)}" for p in placement.placed]
    assert sorted([*found, *(f"stays {key}" for _, key in placement.stands)]) == sorted(expected)
    assert [f"{u.key} {u.reason}" for u in placement.unplaced] == unplaced


def test_what_a_policy_has_that_could_not_be_asked_stays_and_is_no_place_for_others() -> None:
    snap = snapshot(ours=[standing("day", "Thu 10:00-10:10"), block(1, "Fri 09:00-11:00")])
    asked = Instance(snapshot=snap, wants=(focus(120, "Thu 09:00-12:00"),), fill=1)
    assert [local(p.when) for p in asked.placed().placed] == ["Thu 09:00-11:00"]
    held = replace(asked, held=frozenset({"one"})).placed()
    assert [local(p.when) for p in held.placed] == ["Thu 10:15-12:00"]
    assert held.stands == {("one", "day"): OwnState.STANDING}


def test_two_that_are_as_good_as_each_other_get_their_places_by_name() -> None:
    wants = (single("b", 30, "Mon 09:00-10:00"), single("a", 30, "Mon 09:00-10:00"))
    for some in (wants, wants[::-1]):
        placed = Instance(snapshot=snapshot(), wants=some, fill=1).placed().placed
        assert [f"{p.key} {local(p.when)}" for p in placed] == ["a Mon 09:00-09:30", "b Mon 09:30-10:00"]


def test_ordinals_are_never_used_again() -> None:
    snap = snapshot(skips=[Skip("focus", "2026-W49/2", MONDAY, 120)])
    used = frozenset({("focus", "2026-W49/1"), ("focus", "2026-W50/3")})
    placed = Instance(snapshot=snap, wants=(focus(240),), fill=1, used=used).placed().placed
    assert [p.key for p in placed] == ["2026-W49/3", "2026-W49/4"]


def test_a_wish_that_the_user_turned_down_or_that_has_begun_is_not_placed() -> None:
    snap = snapshot(
        now="Mon 10:05", ours=[standing("day", "Mon 10:00-10:10")], skips=[Skip("one", "week", MONDAY, 10)]
    )  # fmt: skip
    wants = (single("day", 10, "Mon 09:00-17:00"), single("week", 10, "Mon 09:00-17:00"))
    assert Instance(snapshot=snap, wants=wants, fill=1).placed().placed == ()
