"""What a policy still owes, asked in one call by a policy like any other: three walks of 40 minutes a week."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.figures.owing import Settled, owed, settled
from daemon.model.owner import Field
from daemon.model.plan import Create
from daemon.model.proposal import Blocks, Content, Level, Want
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import Week
from daemon.model.user.gesture import Gesture
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from instances import carried_out
from making import CALENDAR, MONDAY, day, meeting, own, snapshot, week_of

LENGTH, TIMES = 40, 3
W49 = week_of(MONDAY, 0)


def propose(snapshot: Snapshot) -> Iterable[Want]:
    """The whole policy."""
    for week in snapshot.weeks[:1]:
        keys = f"walk/{week.key}"
        total = owed(snapshot, TIMES * LENGTH, week.span(snapshot.zone), policy="habits", keys=f"{keys}/", of="walk/")
        windows = tuple(r for d in week.days for r in snapshot.present(d))
        blocks = Blocks(
            week=week, total=total, shortest=LENGTH, ideal=LENGTH, longest=LENGTH, per_day=LENGTH, windows=windows
        )  # fmt: skip
        content = Content(title="Walk", reason="Three a week.")
        yield Want(policy="habits", key=keys, content=content, when=blocks, level=Level.HABIT)


def walk(when: str, n: int = 1, week: Week = W49, **more: object) -> OwnEvent:
    return own(when, "habits", f"walk/{week.key}/{n}", title="Walk", **more)  # type: ignore[arg-type]  # of the builder


def pinned(when: str, n: int = 1, week: Week = W49) -> OwnEvent:
    return walk(when, n, week, edited=[Field.WHEN])


def wanted(at: Snapshot) -> int:
    (want,) = propose(at)
    assert isinstance(want.when, Blocks)
    return want.when.total


BEFORE, AFTER = Week(day("Mon-1")), Week(day("Mon+1"))
DONE = replace(walk("Mon 12:00-12:40"), gestures=frozenset({Gesture.DONE}))
SKIP = Skip("habits", "walk/2026-W49/2", day("Tue"), LENGTH)
CASES: dict[str, tuple[list[Event], list[OwnEvent], list[Skip], int]] = {
    "nothing stands": ([], [], [], 120),
    "one that may still move is owed": ([], [walk("Thu 12:00-12:40")], [], 120),
    "one that has begun is settled": ([], [walk("Mon 12:00-12:40")], [], 80),
    "one that was booked over when it came is not": ([meeting("Mon 12:00-13:00")], [walk("Mon 12:00-12:40")], [], 120),
    "half of one that was booked over in part": ([meeting("Mon 12:20-13:00")], [walk("Mon 12:00-12:40")], [], 100),
    "unless the user says that it was kept": ([meeting("Mon 12:00-13:00")], [DONE], [], 80),
    "one that the user has put somewhere": ([], [pinned("Fri 12:00-12:40")], [], 80),
    "one that the user made longer": ([], [pinned("Fri 12:00-13:30")], [], 30),
    "one that the user moved to the week after": ([], [pinned("Tue+1 12:00-12:40")], [], 80),
    "one that the user moved here from the week before": ([], [pinned("Fri 12:00-12:40", 1, BEFORE)], [], 80),
    "one of this week that stands in the next and may still move": ([], [walk("Tue+1 12:00-12:40")], [], 120),
    "one of the week after is not of this week": ([], [walk("Tue+1 12:00-12:40", 1, AFTER)], [], 120),
    "one that the user deleted": ([], [], [SKIP], 80),
    "one deleted in another week": ([], [], [replace(SKIP, key="walk/2026-W48/2")], 120),
    "one of another habit": ([], [own("Mon 12:00-12:40", "habits", "desk/2026-W49/1")], [], 120),
    "one of another policy": ([], [own("Mon 12:00-12:40", "breaks", "walk/2026-W49/1")], [], 120),
    "all together, and never less than nothing": (
        [], [walk("Mon 12:00-12:40"), pinned("Fri 12:00-13:30", 3)], [SKIP], 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "ours", "skips", "expected"), CASES.values(), ids=CASES)
def test_it_is_owed(events: list[Event], ours: list[OwnEvent], skips: list[Skip], expected: int) -> None:
    assert wanted(snapshot(*events, ours=ours, skips=skips, now="Tue 11:00")) == expected


def test_each_part_is_told_apart() -> None:
    ours = [walk("Mon 12:00-12:40"), pinned("Tue+1 12:00-12:50", 3)]
    at = snapshot(ours=ours, skips=[SKIP], now="Tue 11:00")
    found = settled(at, W49.span(at.zone), policy="habits", keys="walk/2026-W49/", of="walk/")
    assert found == Settled(kept=40, skipped=40, moved_out=50)
    assert found.total == 130


def test_an_all_day_one_stands_for_the_working_time_of_its_days() -> None:
    assert wanted(snapshot(ours=[pinned("Fri")])) == 0


@pytest.mark.parametrize(("events", "ours", "skips", "expected"), CASES.values(), ids=CASES)
def test_asked_again_once_its_events_stand_it_wants_nothing_else(
    events: list[Event], ours: list[OwnEvent], skips: list[Skip], expected: int
) -> None:
    terms, limits = Terms(main=CALENDAR), Limits(fill=1.0)
    at = snapshot(*events, ours=ours, skips=skips, now="Tue 11:00")
    plan = make_plan(at, propose(at), terms, limits)
    assert sum(isinstance(c, Create) for c in plan.changes) <= max(0, expected) // LENGTH
    after = carried_out(at, plan.changes)
    assert wanted(after) == expected
    assert make_plan(after, propose(after), terms, limits).changes == ()
