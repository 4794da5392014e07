"""What one run may do at most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.model.event import CalendarId
from daemon.model.owner import Field, Mark
from daemon.model.plan import Cause, Change, Create, Delete, Draft, Unplaced, Update
from daemon.model.proposal import Level, Role, Roles
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import DateRange, TimeRange
from daemon.planning.restraint.limits import per_day, too_much
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

LEVELS = {
    "lunch": Level.LUNCH,
    "focus": Level.FOCUS,
    "reflection": Level.REVIEW,
    "habits": Level.HABIT,
}


def limited(snap: Snapshot, *changes: Change, most: int = 3) -> tuple[list[Change], list[str]]:
    """What is left of the changes, and the keys of what is not."""
    new = [c for c in changes if isinstance(c, Create)]
    levels = {c.wish: LEVELS[c.wish.policy] for c in new}
    kept, unplaced = per_day(snap, changes, levels, most)
    for u in unplaced:
        assert u == Unplaced(u.policy, u.key, f"no more than {most} events of unbusy a day (`max_per_day`)")
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
