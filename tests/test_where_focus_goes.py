"""Where focus goes on a day, with lunch and noon: the table of the rules, each row a day and what must be on it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.owner import Field
from daemon.model.plan import Action, Cause, Change
from daemon.model.profile import Lunch
from daemon.model.proposal import Blocks, Content, Flexible, Level, Noon, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import week_of
from daemon.planning.diff import Terms, diff
from daemon.planning.placement.levels import Placement, place
from instances import carried_out
from living import local
from making import CALENDAR, MONDAY, event, meeting, moment, own, profile, snapshot, span

WEEK = week_of(MONDAY, 0)
WITH_LUNCH = profile(lunch=Lunch())


def focus(total: int, *days: str) -> Want:
    spec = Blocks(
        week=WEEK, total=total, shortest=120, ideal=120, longest=180, per_day=240,
        windows=tuple(span(f"{d} 09:00-17:30") for d in days),
    )  # fmt: skip
    return Want(policy="focus", key=WEEK.key, content=Content(title="Focus", reason=""), when=spec, level=Level.FOCUS)


def block(n: int, when: str, *, edited: tuple[Field, ...] = ()) -> OwnEvent:
    return own(when, "focus", f"2026-W49/{n}", edited=edited)


def busy(day: str, *clocks: str) -> list[object]:
    return [event(f"{day} {clock}") for clock in clocks]


def placed(total: int, *parts: object, days: tuple[str, ...] = ("Thu",), now: str = "Mon 07:00") -> Placement:
    return place(calendar(parts, now), [focus(total, *days)], fill=1)


def calendar(parts: Iterable[object], now: str = "Mon 07:00") -> Snapshot:
    flat = [e for p in parts for e in (p if isinstance(p, list) else [p])]
    foreign = [e for e in flat if isinstance(e, Event)]
    return snapshot(*foreign, now=now, ours=[o for o in flat if isinstance(o, OwnEvent)], who=WITH_LUNCH)


def changes(total: int, *parts: object) -> tuple[Change, ...]:
    """What the next run does on Wednesday."""
    snap = calendar(parts)
    return diff(snap, place(snap, [focus(total, "Wed")], fill=1), Terms(main=CALENDAR))


TABLE: dict[str, tuple[int, list[object], list[str]]] = {
    "half booked over, it moves whole": (
        120,
        [block(1, "Thu 10:00-12:00"), meeting("Thu 10:00-11:00"), busy("Thu", "09:00-10:00", "13:00-13:30",
                                                                      "17:00-17:30")],
        ["Thu 13:30-15:30"],
    ),
    "two stubs become one stretch of two hours": (
        120,
        [block(1, "Thu 11:00-12:00"), block(2, "Thu 15:00-16:00"),
         busy("Thu", "09:00-11:00", "13:00-14:00", "16:00-17:30")],
        ["Thu 14:00-16:00"],
    ),
    "after a meeting at noon there is lunch": (
        240,
        [meeting("Thu 12:00-13:00"), busy("Thu", "09:00-10:00", "17:00-17:30")],
        ["Thu 10:00-12:00", "Thu 13:30-15:30"],
    ),
    "one of two, never both: there is lunch": (
        240,
        [meeting("Thu 12:00-13:00"), busy("Thu", "09:00-10:00", "15:00-17:30")],
        ["Thu 10:00-12:00"],
    ),
    "a long meeting over noon: lunch is after it": (
        240, [meeting("Thu 11:30-13:30")], ["Thu 09:00-11:00", "Thu 14:00-16:00"]
    ),
    "what stands stays, though a better place falls free": (
        120, [block(1, "Thu 13:00-15:00")], ["Thu 13:00-15:00"]
    ),
    "an hour and a half gives way to two hours": (
        120, [block(1, "Thu 15:00-16:30")], ["Thu 09:00-11:00"]
    ),
    "noon is nobody's": (240, [busy("Thu", "09:00-10:30")], ["Thu 13:00-15:00", "Thu 15:30-17:30"]),
    "a noon of which a meeting leaves too little": (
        120, [meeting("Thu 12:00-12:45"), busy("Thu", "09:00-12:00", "15:15-17:30")], ["Thu 13:15-15:15"]
    ),
    "without a lunch to be had nothing is kept free": (
        120, [meeting("Thu 11:00-14:00"), busy("Thu", "16:00-17:30")], ["Thu 09:00-11:00"]
    ),
    "a block of before that stands over noon stays": (
        120, [block(1, "Thu 11:00-13:00")], ["Thu 11:00-13:00"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("total", "parts", "expected"), TABLE.values(), ids=TABLE)
def test_a_day(total: int, parts: list[object], expected: list[str]) -> None:
    placement = placed(total, *parts)
    assert sorted(local(p.when) for p in placement.placed) == sorted(expected)


def test_a_deleted_block_keeps_its_hours_free_and_not_its_day() -> None:
    skip = Skip("focus", "2026-W49/1", moment("Wed 09:00").date(), 120, when=span("Wed 09:00-11:00"))
    free = replace(calendar([busy("Wed", "11:00-12:00", "15:00-17:30")]), skips=(skip,))
    assert [local(p.when) for p in place(free, [focus(360, "Wed")], fill=1).placed] == ["Wed 13:00-15:00"]
    known = replace(free, skips=(replace(skip, when=None),))
    assert not place(known, [focus(360, "Wed")], fill=1).placed, "where only the day is known, it is the day"


def test_what_stands_for_one_want_makes_no_room_for_another() -> None:
    """Else a run that was cut off between the going of the one and the coming of the other would end otherwise."""
    deleted = Skip("focus", "2026-W49/1", moment("Thu 09:00").date(), 120)
    asked_for = replace(focus(120, "Thu"), key="command/x", level=Level.NAMED)
    for standing in ([block(2, "Thu 13:00-15:00")], []):
        snap = replace(calendar(standing), skips=(deleted,))
        found = place(snap, [asked_for, focus(120, "Fri")], fill=1).placed
        assert [(p.want.key, local(p.when)) for p in found] == [("2026-W49", "Fri 09:00-11:00")]


@pytest.mark.parametrize(("slack", "blocks"), [(0, 2), (135, 2), (136, 1)])
def test_slack_is_left_free_on_each_day(slack: int, blocks: int) -> None:
    want = focus(480, "Thu")
    assert isinstance(want.when, Blocks)
    want = replace(want, when=replace(want.when, slack=slack))
    snap = calendar([busy("Thu", "15:15-17:30")])
    assert len(place(snap, [want], fill=1).placed) == blocks


def test_two_days_with_a_morning_and_an_afternoon_each() -> None:
    halves = [*busy("Wed", "12:00-13:00", "17:00-17:30"), *busy("Thu", "12:00-13:00", "17:00-17:30")]
    free = [e for e in halves if "12:00" not in str(e)]
    placement = placed(480, free, days=("Wed", "Thu"))
    assert [local(p.when) for p in placement.placed] == [
        "Wed 09:00-11:00", "Wed 13:00-15:00", "Thu 09:00-11:00", "Thu 13:00-15:00",
    ]  # fmt: skip


@pytest.mark.parametrize("now", ["Tue 07:00", "Mon 07:00"], ids=["in the freeze", "before it"])
def test_a_block_over_the_last_lunch_leaves(now: str) -> None:
    parts = [block(1, "Wed 10:30-12:30"), meeting("Wed 12:30-14:00"), *busy("Wed", "09:00-10:30")]
    placement = placed(120, *parts, days=("Wed",), now=now)
    assert [local(p.when) for p in placement.placed] == ["Wed 14:00-16:00"]
    full = placed(120, *parts, busy("Wed", "14:00-17:30"), days=("Wed",), now=now)
    assert not full.placed
    assert not full.stands, "it goes"


def test_and_the_change_says_so() -> None:
    """Not that another place is better: the block gives way to lunch."""
    parts = [block(1, "Wed 10:30-12:30"), meeting("Wed 12:30-14:00"), *busy("Wed", "09:00-10:30")]
    said = "Wed 2 Dec 10:30–12:30 had come to take the last 30 min for lunch"
    (moved,) = changes(120, *parts)
    assert (moved.action, moved.cause) == (Action.UPDATE, Cause.LUNCH)
    assert moved.reason.partition(";")[0] == said
    (gone,) = changes(120, *parts, busy("Wed", "14:00-17:30"))
    assert (gone.action, gone.cause, gone.reason) == (Action.DELETE, Cause.LUNCH, said)


def test_but_not_where_the_user_put_it_nor_once_it_has_begun() -> None:
    pinned = block(1, "Wed 10:30-12:30", edited=(Field.WHEN,))
    placement = placed(0, pinned, meeting("Wed 12:30-14:00"), days=("Wed",))
    assert [local(p.when) for p in placement.placed] == ["Wed 10:30-12:30"]
    begun = placed(120, block(1, "Wed 10:30-12:30"), meeting("Wed 12:30-14:00"), days=("Wed",), now="Wed 10:35")
    assert not [p for p in begun.placed if p.key == "2026-W49/1"], "it is history"


def slot(minutes: int, window: str, *, noon: Noon = Noon.APART) -> Want:
    spec = Flexible(minutes=minutes, windows=(span(window),), late=True, noon=noon)
    return Want(policy="reflection", key="week/2026-W49", content=Content(title="Review", reason=""), when=spec,
                level=Level.REVIEW)  # fmt: skip


def review(when: str) -> OwnEvent:
    return own(when, "reflection", "week/2026-W49")


MEALS: dict[str, tuple[list[object], Want, list[str]]] = {
    "what only asks leaves the last time for lunch": (
        busy("Thu", "11:30-13:30", "14:00-15:00"), slot(25, "Thu 13:00-15:00"), []
    ),
    "of two it leaves the earlier one": (
        busy("Thu", "11:30-13:15", "14:15-15:00"), slot(25, "Thu 13:00-15:00"), ["Thu 13:50-14:15"]
    ),
    "at noon there is lunch anyway": (
        busy("Thu", "13:00-14:00"), slot(25, "Thu 11:00-12:00"), ["Thu 11:35-12:00"]
    ),
    "where it stands it stays, if another time for lunch is left": (
        [review("Thu 13:00-13:25"), *busy("Thu", "11:30-13:00", "14:15-15:00")], slot(25, "Thu 13:00-15:00"),
        ["Thu 13:00-13:25"],
    ),
    "a block that the user has moved over noon counts, too": (
        [block(1, "Thu 10:30-13:30", edited=(Field.WHEN,)), *busy("Thu", "14:00-15:00")], slot(25, "Thu 13:00-15:00"),
        [],
    ),
    "a day without lunch has none to leave": (
        busy("Thu", "11:30-13:35", "14:00-15:00"), slot(25, "Thu 13:00-15:00"), ["Thu 13:35-14:00"]
    ),
    "lunch is what the time is for": (
        busy("Thu", "11:30-13:30", "14:00-15:00"), slot(30, "Thu 13:00-15:00", noon=Noon.LUNCH), ["Thu 13:30-14:00"]
    ),
    "a pause leaves it, too": (
        busy("Thu", "11:30-13:30", "14:00-15:00"), slot(10, "Thu 13:30-14:00", noon=Noon.BESIDE), []
    ),
    "a pause at noon leaves the rest of it": (
        busy("Thu", "13:00-14:00"), slot(20, "Thu 12:00-12:20", noon=Noon.BESIDE), ["Thu 12:00-12:20"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "want", "expected"), MEALS.values(), ids=MEALS)
def test_a_single_event_leaves_lunch(parts: list[object], want: Want, expected: list[str]) -> None:
    placement = place(calendar(parts), [want], fill=1)
    assert [local(p.when) for p in placement.placed if p.wish == want.wish] == expected


# -- a review comes before the last block of its day -------------------------------------------------------------------

LAST_TWO = busy("Thu", "09:00-12:00", "12:30-15:30")
CUT: dict[str, tuple[list[object], int, list[str]]] = {
    "the last block ends earlier": ([*LAST_TWO], 30, ["Thu 15:30-17:00", "Thu 17:05-17:30"]),
    "one that stands, too": (
        [block(1, "Thu 15:30-17:30"), *LAST_TWO], 30, ["Thu 15:30-17:00", "Thu 17:05-17:30"]
    ),
    "by no more than it takes": (
        [*busy("Thu", "09:00-12:00", "12:30-15:00"), block(1, "Thu 15:00-17:15")], 30,
        ["Thu 15:00-17:00", "Thu 17:05-17:30"],
    ),
    "an hour and a half of it stays": ([block(1, "Thu 15:45-17:30"), *LAST_TWO], 30, ["Thu 15:45-17:30"]),
    "one that was moved before stays as it is": (
        [replace(block(1, "Thu 15:30-17:30"), mark=replace(block(1, "Thu 15:30-17:30").mark, moves=1)), *LAST_TWO], 30,
        ["Thu 15:30-17:30"],
    ),
    "so does one that the user has changed": (
        [block(1, "Thu 15:30-17:30", edited=(Field.TITLE,)), *LAST_TWO], 30, ["Thu 15:30-17:30"]
    ),
    "where there is room beside it, it stays": (
        [block(1, "Thu 15:30-17:30"), *busy("Thu", "09:00-12:00", "12:30-14:00", "15:00-15:30")], 30,
        ["Thu 14:35-15:00", "Thu 15:30-17:30"],
    ),
    "nothing else may do that": ([block(1, "Thu 15:30-17:30"), *LAST_TWO], 0, ["Thu 15:30-17:30"]),
}  # fmt: skip


def with_review(parts: list[object], cuts: int) -> tuple[Snapshot, list[Want]]:
    spec = Flexible(minutes=25, windows=(span("Thu 13:30-17:30"),), late=True, cuts=cuts)
    review = replace(slot(25, "Thu 13:30-17:30"), when=spec)
    total = max(120, *(o.event.span.minutes for o in parts if isinstance(o, OwnEvent)), 0)
    return calendar(parts, "Thu 07:00"), [focus(total, "Thu"), review]


@pytest.mark.parametrize(("parts", "cuts", "expected"), CUT.values(), ids=CUT)
def test_a_review_comes_before_the_last_block_of_its_day(parts: list[object], cuts: int, expected: list[str]) -> None:
    snap, wants = with_review(parts, cuts)
    assert sorted(local(p.when) for p in place(snap, wants, fill=1).placed) == expected


def test_and_says_what_it_made_room_for_once() -> None:
    snap, wants = with_review([block(1, "Thu 15:30-17:30"), *LAST_TWO], 30)
    (shorter, _) = made = diff(snap, place(snap, wants, fill=1), Terms(main=CALENDAR))
    assert (shorter.action, shorter.cause) == (Action.UPDATE, Cause.MAKES_ROOM)
    assert shorter.reason.partition(";")[0] == "it ends earlier, so that ‘Review’ has a place on its day"
    assert shorter.mark.moves == 1
    after = carried_out(snap, made)
    assert diff(after, place(after, wants, fill=1), Terms(main=CALENDAR)) == ()
