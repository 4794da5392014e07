"""What goes by the user's order, and which wants are left."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from daemon.model.owner import UNBUSY, Field
from daemon.model.proposal import Content, Fixed, Flexible, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange
from daemon.model.user.gesture import Gesture
from daemon.planning.orders import outside_pauses, user_deletions
from making import day, own, snapshot, span

WEDNESDAY = DateRange(day("Wed"), day("Wed") + DAY)
AWAY = WEDNESDAY.span(snapshot().zone)


def want(when: Fixed | Flexible, policy: str = "breaks") -> Want:
    return Want(policy=policy, key="a", content=Content(title="A", reason="Because"), when=when)


def resting(policy: str, *ours: OwnEvent) -> Snapshot:
    """An event of that policy on Tuesday says `#skip-week`."""
    said = replace(own("Tue 13:00-13:30", policy, "rest", edited=[Field.TITLE]), gestures=frozenset({Gesture.REST}))
    return snapshot(ours=[said, *ours])


@pytest.mark.parametrize(
    ("when", "left"),
    [
        pytest.param(Fixed(span("Tue 12:00-13:00")), True, id="a time on another day"),
        pytest.param(Fixed(span("Wed 12:00-13:00")), False, id="a time in it"),
        pytest.param(Fixed(WEDNESDAY), False, id="the day itself"),
        pytest.param(Fixed(DateRange(day("Tue"), day("Thu"))), True, id="days that reach out of it"),
        pytest.param(Flexible(minutes=30, windows=(span("Wed 12:00-13:00"),)), True, id="placement knows where"),
    ],
)
def test_nothing_with_a_time_is_wanted_in_time_away(when: Fixed | Flexible, left: bool) -> None:
    at = snapshot(away=[AWAY])
    assert bool(list(outside_pauses(at, [want(when)]))) is left
    assert list(outside_pauses(at, [want(when, UNBUSY)])), "what unbusy says of itself is always said"


def test_a_policy_that_rests_wants_nothing_in_that_week() -> None:
    at = resting("breaks")
    both = Flexible(minutes=30, windows=(span("Wed 12:00-13:00"), span("Wed+1 12:00-13:00")))
    (later,) = outside_pauses(at, [want(both)])
    assert later.when == Flexible(minutes=30, windows=(span("Wed+1 12:00-13:00"),))
    assert list(outside_pauses(at, [want(Fixed(WEDNESDAY)), want(Fixed(span("Mon 12:00-13:00")))])) == []
    others = [want(both, "habits"), want(Fixed(WEDNESDAY), "habits")]
    assert list(outside_pauses(at, others)) == others


def test_only_what_lies_ahead_and_is_untouched_goes() -> None:
    at = resting(
        "breaks",
        own("Mon 06:00-06:30", "breaks", "begun"),
        own("Wed 12:00-13:00", "breaks", "untouched"),
        own("Thu 12:00-13:00", "breaks", "touched", edited=[Field.TITLE]),
        own("Wed+1 12:00-13:00", "breaks", "later"),
        own("Fri 12:00-13:00", "habits", "another policy"),
    )
    assert [d.before.mark.key for d in user_deletions(at)] == ["untouched"]


def test_in_time_away_goes_what_overlaps_it_and_days_that_are_all_of_it() -> None:
    at = snapshot(
        away=[AWAY],
        ours=[
            own("Wed 09:00-11:00", key="in it"),
            own("Tue 22:00-23:00", key="before"),
            own("Wed", "overload", "the day"),
            own("Mon..Fri", "overload", "the week"),
            own("Wed 12:00-13:00", UNBUSY, "of itself"),
        ],
    )
    assert [d.before.mark.key for d in user_deletions(at)] == ["the day", "in it"]
