"""Weeks of a living calendar around each change of the clock, a cycle every quarter of an hour: `make torture`."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from daemon.explain import search as why
from daemon.model.user.gesture import Gesture
from machine import WORK
from modelserver import Habits
from test_machine import Calendars
from words import TITLES

CYCLES = int(os.environ.get("UNBUSY_CYCLES", "1500"))
"""Over fifteen days."""

QUARTER = timedelta(minutes=15)
LENGTHS = (30, 60, 90)

HAPPENINGS: tuple[Callable[[Calendars, random.Random], None], ...] = (
    lambda c, r: c.meeting_comes(WORK, r.randint(0, 6), r.randint(28, 68), r.choice(LENGTHS)),
    lambda c, r: c.meeting_comes_over_one_of_ours(r.randint(0, 20), r.choice(LENGTHS)),
    lambda c, r: c.meeting_goes(r.randint(0, 20)),
    lambda c, r: c.user_moves(r.randint(0, 20), r.randint(0, 6), r.randint(28, 68)),
    lambda c, r: c.user_types(r.randint(0, 20), under=True, marked_up=bool(r.randint(0, 1))),
    lambda c, r: c.user_deletes(r.randint(0, 20)),
    lambda c, r: c.user_orders(r.randint(0, 20), r.choice(tuple(Gesture)), "under"),
    lambda c, r: c.command_comes(WORK, r.randint(0, 6), r.randint(28, 68), r.choice(LENGTHS), r.choice(TITLES), False),
    lambda c, r: c.command_goes(0, r.randint(28, 68), r.choice(TITLES)),
)


@pytest.mark.skipif(not os.environ.get("UNBUSY_TORTURE"), reason="takes minutes; `make torture`")
@pytest.mark.parametrize("monday", [date(2026, 3, 16), date(2026, 10, 12)], ids=["forward", "back"])
def test_weeks_around_a_change_of_the_clock(monday: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "TRIES", 5)  # `unbusy: why` is answered in each cycle of many days
    drawn, state = random.Random(monday.toordinal()), Calendars()  # noqa: S311  no secret
    state.begin(monday, busy=True, habits=Habits(rewrites=("space", "markup"), tokens=True))
    for n in range(CYCLES):
        state.world.now += QUARTER
        if drawn.random() < 0.1:
            drawn.choice(HAPPENINGS)(state, drawn)
        if n % 500 == 499:
            state.world.restart()
        state.world.apply(force=True)
        state.promises_hold()
    state.teardown()
