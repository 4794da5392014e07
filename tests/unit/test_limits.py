"""What one run may do at most."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from daemon.model.event import CalendarId
from daemon.model.owner import Field, Mark
from daemon.model.plan import Cause, Change, Create, Delete, Draft, Unplaced, Update
from daemon.model.proposal import Content, Fixed, Rank, Role, Roles, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.text import composed
from daemon.model.times import DateRange, TimeRange
from daemon.planning.placement.levels import Placed
from daemon.planning.restraint import budgets
from daemon.planning.restraint.limits import too_much
from making import CALENDAR, ME, ROLES, day, own, snapshot, span

NOW = "Mon 12:00"


def draft(when: str, policy: str = "focus", key: str = "k", calendar: CalendarId = CALENDAR) -> Draft:
    place: TimeRange | DateRange = span(when) if " " in when else DateRange(day(when), day("Sun+3"))
    return Draft(
        calendar=calendar, mark=Mark(ME, policy, key, 0, {}), when=place, zone="Europe/Warsaw", title="Focus", text="",
        show_as=own("Tue 09:00-10:00").event.show_as, reminder=None, colour="",
    )  # fmt: skip


def create(when: str, policy: str = "focus", key: str = "k") -> Create:
    return Create(draft=draft(when, policy, key), reason="wanted")


def update(before: OwnEvent, when: str = "Fri 16:00-17:00") -> Update:
    new = draft(when, before.mark.policy, before.mark.key)
    return Update(
        before=before, draft=new, fields=frozenset({Field.WHEN}), reason="a better place", cause=Cause.BETTER_PLACE
    )


def delete(before: OwnEvent, *, ordered: bool = False) -> Delete:
    return Delete(before=before, reason="they say so", cause=Cause.AWAY if ordered else Cause.UNWANTED)


def standing(count: int, when: str = "Tue") -> tuple[OwnEvent, ...]:
    """So many of ours, a few minutes after each other."""
    return tuple(own(f"{when} {8 + n // 12:02}:{n % 12 * 5:02}-23:00", key=f"{when}/{n}") for n in range(count))


# -- a run ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "updates", "deletes", "said"),
    [
        pytest.param(0, 0, 0, "", id="nothing to do"),
        pytest.param(100, 40, 0, "", id="as many updates as are allowed"),
        pytest.param(100, 41, 0, "it would move or delete 41 of our events, over 40 (`max_changes`)", id="one more"),
        pytest.param(100, 0, 40, "", id="as many deletions as are allowed"),
        pytest.param(100, 0, 41, "it would move or delete 41 of our events, over 40 (`max_changes`)", id="one more "),
        pytest.param(100, 20, 20, "", id="both together"),
        pytest.param(100, 21, 20, "it would move or delete 41 of our events, over 40 (`max_changes`)", id="and over"),
        pytest.param(9, 9, 0, "", id="all of nine"),
        pytest.param(10, 5, 0, "", id="half of ten"),
        pytest.param(10, 3, 2, "", id="half of ten, mixed"),
        pytest.param(10, 6, 0, "it would move or delete 6 of our 10 events, over half of them", id="six of ten"),
        pytest.param(10, 0, 6, "it would move or delete 6 of our 10 events, over half of them", id="six deletions"),
        pytest.param(11, 5, 0, "", id="five of eleven"),
        pytest.param(11, 3, 3, "it would move or delete 6 of our 11 events, over half of them", id="six of eleven"),
    ],
)
def test_changes_of_what_stands_are_limited(ours: int, updates: int, deletes: int, said: str) -> None:
    events = standing(ours)
    changes: list[Change] = [update(o) for o in events[:updates]]
    changes += [delete(o) for o in events[updates : updates + deletes]]
    assert too_much(snapshot(now=NOW, ours=events), changes, 40) == said


def test_what_is_new_is_not_counted() -> None:
    changes = [create("Tue 09:00-10:00", key=str(n)) for n in range(100)]
    assert too_much(snapshot(now=NOW, ours=standing(10)), changes, 40) == ""


def test_what_the_user_ordered_is_not_counted() -> None:
    events = standing(50)
    assert too_much(snapshot(now=NOW, ours=events), [delete(o, ordered=True) for o in events], 40) == ""


def test_history_is_not_what_stands() -> None:
    """Twenty events of ours, half of them over: of ten that stand, six may not go."""
    past, ahead = standing(10, "Sun-1"), standing(10)
    snap = snapshot(now=NOW, ours=[*past, *ahead])
    assert too_much(snap, [delete(o) for o in ahead[:6]], 40)
    assert too_much(snap, [delete(o) for o in ahead[:5]], 40) == ""


@pytest.mark.parametrize(("most", "stopped"), [(0, True), (1, True), (2, False)])
def test_the_limit_is_an_option(most: int, stopped: bool) -> None:
    events = standing(5)
    said = too_much(snapshot(now=NOW, ours=events), [update(events[0]), delete(events[1])], most)
    assert bool(said) is stopped


# -- a day ------------------------------------------------------------------------------------------------------------

RANKS = {
    "lunch": Rank.LANDING,
    "focus": Rank.FOCUS,
    "reflection": Rank.REVIEW,
    "habits": Rank.HABIT,
}


def limited(snap: Snapshot, *changes: Change, most: int = 3, a_week: int = 99) -> tuple[list[Change], list[str]]:
    """What is left of the changes, and the keys of what is not."""
    new = [c for c in changes if isinstance(c, Create)]
    ranks = {c.wish: RANKS[c.wish.policy] for c in new}
    kept, unplaced = budgets.events(snap, changes, ranks, budgets.of_events(most, a_week))
    limit = f"{most} events of unbusy a day (`max_per_day`)" if a_week == 99 else f"{a_week} events of unbusy a week"
    for u in unplaced:
        assert u == Unplaced(u.policy, u.key, f"no more than {limit}{' (`max_per_week`)' * (a_week < 99)}")
    keys = [u.key for u in unplaced]
    assert list(kept) == [c for c in changes if not (isinstance(c, Create) and c.draft.mark.key in keys)]
    return list(kept), keys


def test_as_many_as_fit_into_a_day() -> None:
    new = [create(f"Tue {h:02}:00-{h:02}:30", key=str(h)) for h in range(9, 12)]
    assert limited(snapshot(now=NOW), *new) == (new, [])


def test_what_was_taken_back_leaves_no_room_for_others() -> None:
    gone = [Skip("focus", f"2026-W49/{n}", day("Tue"), 60, taken_back=day("Mon")) for n in range(2)]
    turned_down = Skip("focus", "2026-W49/7", day("Tue"), 60)
    new = [create(f"Tue {h:02}:00-{h:02}:30", "habits", str(h)) for h in (10, 11)]
    assert limited(snapshot(now=NOW, skips=[*gone, turned_down]), *new) == (new[:1], ["11"])


def test_what_only_stands_for_an_event_of_another_calendar_is_none_of_them() -> None:
    roles = Roles({**ROLES.table, "focus": {"hold": Role.HOLD, "": Role.FOCUS}})
    holds = [own(f"Tue {h:02}:00-{h:02}:15", key=f"hold/{h}") for h in range(6, 12)]
    snap = replace(snapshot(now=NOW, ours=holds), roles=roles)
    new = [create(f"Tue {h}:30-{h}:45", key=f"hold/{h}") for h in range(12, 18)]
    blocks = [create(f"Tue {h}:00-{h}:15", key=f"2026-W49/{h}") for h in range(12, 16)]
    assert limited(snap, *new, *blocks) == ([*new, *blocks[:3]], ["2026-W49/15"])
    moved = update(holds[0], "Tue 18:00-18:15")
    assert limited(snap, moved, delete(holds[1]), *blocks)[1] == ["2026-W49/15"]


def test_of_one_too_many_the_least_important_goes() -> None:
    new = [
        create("Tue 09:00-10:00", "habits", "walk"),
        create("Tue 10:00-11:00", "focus", "focus"),
        create("Tue 12:00-13:00", "lunch", "lunch"),
        create("Tue 17:00-17:10", "reflection", "journal"),
    ]
    assert limited(snapshot(now=NOW), *new) == (new[1:], ["walk"])
    assert limited(snapshot(now=NOW), *new, most=1) == ([new[2]], ["focus", "journal", "walk"])
    assert limited(snapshot(now=NOW), *new, most=0) == ([], ["lunch", "focus", "journal", "walk"])


def test_of_equals_the_later_key_goes_whatever_the_order() -> None:
    new = [create(f"Tue {h:02}:00-{h:02}:30", key=f"2026-W49/{h % 10}") for h in range(10, 14)]
    assert limited(snapshot(now=NOW), *new)[1] == limited(snapshot(now=NOW), *new[::-1])[1] == ["2026-W49/3"]


@pytest.mark.parametrize(
    ("ours", "changes", "dropped"),
    [
        pytest.param([("Tue 09:00-10:00", 2)], [], 0, id="two stand"),
        pytest.param([("Tue 09:00-10:00", 3)], [], 1, id="three stand"),
        pytest.param([("Wed 09:00-10:00", 3)], [], 0, id="three stand on another day"),
        pytest.param([("Tue 09:00-10:00", 5)], [], 1, id="more stand than are allowed: they stay"),
        pytest.param([("Tue 09:00-10:00", 3)], [delete], 0, id="three stand and one goes"),
        pytest.param([("Tue", 3)], [], 1, id="three all-day ones"),
        pytest.param([("Mon..Wed", 3)], [], 0, id="three that began the day before"),
        pytest.param([("Tue 00:00-00:30", 3)], [], 1, id="three from midnight, yesterday in UTC"),
    ],
)
def test_what_stands_on_that_day_counts(ours: list[tuple[str, int]], changes: list[object], dropped: int) -> None:
    events = [own(when, key=f"{when}/{n}") for when, count in ours for n in range(count)]
    others = [make(events[0]) for make in changes]  # type: ignore[operator]  # functions of an event
    assert len(limited(snapshot(now=NOW, ours=events), create("Tue 16:00-17:00"), *others)[1]) == dropped


def test_what_has_begun_today_counts() -> None:
    events = [own(f"Mon {h:02}:00-{h:02}:30", key=str(h)) for h in (8, 9, 10)]
    assert limited(snapshot(now=NOW, ours=events), create("Mon 16:00-17:00"))[1] == ["k"]


def test_each_day_has_its_own_limit() -> None:
    new = [create(f"{d} {h:02}:00-{h:02}:30", key=f"{d}/{h}") for d in ("Tue", "Wed") for h in range(10, 14)]
    assert limited(snapshot(now=NOW), *new)[1] == ["Tue/13", "Wed/13"]


def test_an_all_day_event_counts_on_its_first_day() -> None:
    new = [create("Tue", "lunch", "flag"), *(create(f"Tue {h}:00-{h}:30", key=str(h)) for h in range(10, 13))]
    assert limited(snapshot(now=NOW), *new)[1] == ["12"]


def test_what_stands_is_updated_and_deleted_all_the_same() -> None:
    events = [own(f"Tue {h:02}:00-{h:02}:30", key=str(h)) for h in range(9, 15)]
    changes: list[Change] = [update(events[0], "Tue 16:00-16:30"), delete(events[1]), create("Tue 17:00-17:30")]
    assert limited(snapshot(now=NOW, ours=events), *changes) == (changes[:2], ["k"])


# -- a week -----------------------------------------------------------------------------------------------------------


def test_of_one_too_many_in_a_week_the_least_important_goes_then_the_last() -> None:
    new = [
        create("Tue 10:00-11:00", "habits", "walk"),
        create("Wed 10:00-11:00", "focus", "w/1"),
        create("Thu 10:00-11:00", "focus", "w/2"),
        create("Fri 10:00-11:00", "focus", "w/10"),
    ]
    assert limited(snapshot(now=NOW), *new, a_week=3) == (new[1:], ["walk"])
    assert limited(snapshot(now=NOW), *new, a_week=2) == (new[1:3], ["w/10", "walk"])


def test_each_week_has_its_own_limit_and_what_stands_in_it_counts() -> None:
    events = [own(f"{d} 09:00-10:00", key=f"{d}") for d in ("Mon", "Tue", "Mon+1")]
    new = [create("Wed 10:00-11:00", key="this"), create("Wed+1 10:00-11:00", key="next")]
    assert limited(snapshot(now=NOW, ours=events), *new, a_week=2) == (new[1:], ["this"])
    assert limited(snapshot(now=NOW, ours=events), delete(events[1]), *new, a_week=2)[1] == []


def test_what_stands_over_the_limit_stays() -> None:
    events = [own(f"{d} 09:00-10:00", key=f"{d}") for d in ("Mon", "Tue", "Wed", "Thu")]
    moved = update(events[3])
    assert limited(snapshot(now=NOW, ours=events), moved, a_week=1) == ([moved], [])


# -- questions --------------------------------------------------------------------------------------------------------


def slot(key: str, when: str, count: int, policy: str = "reflection", rank: Rank | None = None) -> Placed:
    asks = tuple(f"What was it in {key}, {n}?" for n in range(count))
    content = Content(
        title="Journal", reason="A look back.", questions=asks, question_ids=tuple(map(str, range(count)))
    )
    want = Want(policy=policy, key=key, content=content, when=Fixed(span(when)), rank=rank)
    return Placed(want=want, key=key, when=span(when))


def stands(placed: Placed, when: str, count: int) -> OwnEvent:
    """The event of it, with so many questions in its text."""
    asks = placed.want.content.questions
    text = composed("A look back.", [asks[n % len(asks)] for n in range(count)])
    return own(when, placed.want.policy, placed.key, text=text)


def asked_of(
    *placed: Placed, ours: tuple[OwnEvent, ...] = (), a_day: int = 4, a_week: int = 15
) -> tuple[dict[str, int], dict[str, str], tuple[str, ...]]:
    """How many questions each asks, why others are not made, and what is said of those that ask fewer."""
    got = budgets.questions(snapshot(now=NOW, ours=ours), placed, budgets.of_questions(a_day, a_week))
    for p in got.placed:
        assert len(p.want.content.questions) == len(p.want.content.question_ids)
    asks = {p.key: len(p.want.content.questions) for p in got.placed}
    return asks, {u.key: u.reason for u in got.unplaced}, got.notes


A_DAY = "no more than 4 questions a day (`questions_per_day`)"


@pytest.mark.parametrize(
    ("slots", "asks"),
    [
        ([("a", "Tue 16:00-16:10", 2), ("b", "Tue 17:00-17:10", 2)], {"a": 2, "b": 2}),
        ([("a", "Tue 16:00-16:10", 3), ("b", "Tue 17:00-17:10", 3)], {"a": 3, "b": 1}),
        ([("a", "Tue 16:00-16:10", 4), ("b", "Tue 17:00-17:10", 3)], {"a": 4}),
        ([("a", "Tue 16:00-16:10", 3), ("b", "Wed 17:00-17:10", 3)], {"a": 3, "b": 3}),
        ([("a", "Tue 16:00-16:10", 9)], {"a": 4}),
        ([("a", "Tue 16:00-16:10", 0), ("b", "Tue 17:00-17:10", 4)], {"a": 0, "b": 4}),
    ],
    ids=[
        "as many as fit", "one asks fewer", "one that could ask nothing is not made", "each day by itself",
        "more than there may be", "one that asks nothing takes nothing",
    ],
)  # fmt: skip
def test_questions_of_a_day(slots: list[tuple[str, str, int]], asks: dict[str, int]) -> None:
    found, gone, notes = asked_of(*(slot(*s) for s in slots))
    assert found == asks
    assert gone == dict.fromkeys({s[0] for s in slots} - asks.keys(), A_DAY)
    fewer = [s for s in slots if s[0] in asks and asks[s[0]] < s[2]]
    assert notes == tuple(f"‘Journal’ on Tue 1 Dec asks {asks[k]} of {n} questions: {A_DAY}" for k, _, n in fewer)


def test_questions_of_a_week() -> None:
    days = [slot(d, f"{d} 17:00-17:10", 2) for d in ("Mon", "Tue", "Wed", "Mon+1")]
    asks, gone, _ = asked_of(*days, a_week=3)
    assert asks == {"Mon": 2, "Tue": 1, "Mon+1": 2}
    assert gone == {"Wed": "no more than 3 questions a week (`questions_per_week`)"}


def test_a_review_is_made_though_it_can_ask_nothing() -> None:
    """It shows the week; what only asks does not come."""
    week = slot("week", "Tue 17:00-17:25", 3)
    week = replace(week, want=replace(week.want, content=replace(week.want.content, shows=True)))
    rows = slot("a", "Tue 16:00-16:10", 4, rank=Rank.LANDING), week
    asks, gone, notes = asked_of(*rows, slot("day", "Tue 17:25-17:30", 2, rank=Rank.JOURNAL))
    assert (asks, gone) == ({"a": 4, "week": 0}, {"day": A_DAY})
    assert notes == (f"‘Journal’ on Tue 1 Dec asks no question: {A_DAY}",)


def test_the_least_important_asks_less_whenever_it_is() -> None:
    asks, gone, _ = asked_of(
        slot("evening", "Tue 17:00-17:10", 3, rank=Rank.JOURNAL), slot("review", "Tue 17:10-17:20", 2),
        slot("walk", "Tue 12:00-12:30", 2, rank=Rank.HABIT),
    )  # fmt: skip
    assert asks == {"evening": 2, "review": 2}
    assert gone == {"walk": A_DAY}


def test_what_stands_keeps_its_questions_and_leaves_less_to_what_is_new() -> None:
    old, new = slot("old", "Tue 17:00-17:10", 5), slot("new", "Tue 16:00-16:10", 2, rank=Rank.FLAG)
    asks, gone, _ = asked_of(new, old, ours=(stands(old, "Tue 17:00-17:10", 5),))
    assert asks == {"old": 5}
    assert gone == {"new": A_DAY}
    fewer = stands(old, "Tue 17:00-17:10", 1)
    assert asked_of(new, old, ours=(fewer,))[0] == {"new": 2, "old": 2}, "and what it would ask beside them is new"


def test_what_has_begun_today_has_asked() -> None:
    before, now = slot("before", "Mon 09:00-09:10", 3), slot("now", "Mon 17:00-17:10", 3)
    assert asked_of(now, ours=(stands(before, "Mon 09:00-09:10", 3),))[0] == {"now": 1}
    goes = stands(before, "Mon 15:00-15:10", 3)
    assert asked_of(now, ours=(goes,))[0] == {"now": 3}, "what is not wanted any more asks nothing"


def test_the_line_of_a_focus_block_is_no_question_and_other_events_are_made_without_theirs() -> None:
    block, flag = (
        slot("2026-W49/1", "Tue 09:00-11:00", 1, "focus"),
        slot("week/2026-W49", "Tue 09:00-11:00", 1, "overload"),
    )
    asks, gone, notes = asked_of(block, flag, slot("day/2026-12-01", "Tue 17:00-17:10", 1), a_day=0)
    assert asks == {"2026-W49/1": 1, "week/2026-W49": 0}
    assert gone == {"day/2026-12-01": "no more than 0 questions a day (`questions_per_day`)"}
    assert notes == ("‘Journal’ on Tue 1 Dec asks no question: " + gone["day/2026-12-01"],)


def test_what_is_left_is_asked_again_the_same() -> None:
    """Once they stand, nothing changes."""
    placed = [slot("a", "Tue 16:00-16:10", 3), slot("b", "Tue 17:00-17:10", 3)]
    asks, _, _ = asked_of(*placed)
    ours = tuple(stands(p, "Tue 16:00-16:10", asks[p.key]) for p in placed)
    assert asked_of(*placed, ours=ours) == (asks, {}, ())
