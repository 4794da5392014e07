"""Another program writes our events, too: it is named, nobody fights for ever, and the user can end it.

Goal 8 h; Monday 30 November 2026, 07:00.  Blocks stand on Monday to Thursday of two weeks, 09:00 to 11:00.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.model.plan import Plan, Problem
from daemon.service import serve as service
from daemon.views.health import health
from living import Life, local, said
from shelves import Store

KEY = "2026-W50/3"
MOVE = f"update {KEY} Fri+1 09:00-11:00"


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    life = Life(tmp_path, top="horizon = '7d'", store=store)
    life.apply()
    return life


def of_block(plan: Plan) -> list[str]:
    """What a plan does to the block that is fought for."""
    return [said(c) for c in plan.changes if c.wish.key == KEY]


class Other:
    """A program that puts its own copy of an event back whenever unbusy has written it."""

    def __init__(self, life: Life, program: str = "") -> None:
        self.life, self.name = life, life.name(KEY)
        copy = life.get(self.name)
        self.copy = copy.replace(b"PRODID:-//unbusy//unbusy//EN", f"PRODID:{program}".encode()) if program else copy

    def writes(self) -> None:
        self.life.put(self.name, self.copy)

    def fights(self) -> Problem:
        """Three rewrites within a day; then unbusy gives in, and the problem says so."""
        for _ in range(3):
            assert of_block(self.life.apply()) == [MOVE]
            self.writes()
        plan = self.life.apply()
        assert of_block(plan) == []
        (problem,) = plan.problems
        return problem


def test_after_the_second_day_it_rests_until_the_user_acts(life: Life) -> None:
    other = Other(life)
    life.meet("Wed+1 08:30-12:00")
    assert "it is left as it is" in other.fights().what
    life.now += timedelta(days=1, hours=1)
    assert "on Mon 30 Nov and Tue 1 Dec; it rests until you edit or delete it" in other.fights().what
    for _ in range(3):
        life.now += timedelta(days=1)
        plan = life.apply()
        assert of_block(plan) == []
        assert ["it rests" in p.what for p in plan.problems] == [True]
    life.move(KEY, "Thu+1 14:00-16:00")
    assert life.apply().problems == ()
    assert local(life.ours()[KEY].event.when) == "Thu+1 14:00-16:00"


def test_force_writes_it_once_more(life: Life) -> None:
    other = Other(life)
    life.meet("Wed+1 08:30-12:00")
    for _ in range(2):
        other.fights()
        life.now += timedelta(days=1, hours=1)
    assert of_block(life.apply(force=True)) == [MOVE]
    assert life.apply().problems == ()


@pytest.mark.parametrize(
    ("program", "named"),
    [
        pytest.param(
            "-//Apple Inc.//iOS 19.1//EN", "another program (‘-//Apple Inc.//iOS 19.1//EN’) has", id="by name"
        ),
        pytest.param("", "another installation of unbusy, or a program that puts old copies back, has", id="or not"),
    ],
)
def test_plan_and_status_name_the_other_writer(tmp_path: Path, program: str, named: str) -> None:
    life = Life(tmp_path, top="horizon = '7d'")
    life.apply()
    other = Other(life, program)
    life.meet("Wed+1 08:30-12:00")
    assert named in other.fights().what
    with life.runtime() as runtime:
        service.one_cycle(runtime, life.now, observe=False)
        (problem,) = health(runtime, life.now)["problems"]  # type: ignore[misc]  # a list
    assert named in problem["what"]
    assert "edit the event, which makes it yours" in problem["remedy"]


def test_two_installations_with_other_ideas_come_to_rest(tmp_path: Path, life: Life) -> None:
    """Each has another title for the same blocks, and finds the other's word, mark and all: A, B, A, B."""
    second = Life(tmp_path / "second", top="horizon = '7d'", store=life.shelf)
    second.configure(life_policies(title="Thinking"), "horizon = '7d'")
    life.configure(life_policies(title="Focus"), "horizon = '7d'")
    writes = []
    for n in range(8):
        for one in (second, life):
            one.now = life.now + timedelta(minutes=n)
            writes.append(len(one.apply().changes))
    assert writes[0] > 0
    assert writes[-4:] == [0] * 4
    assert any("another installation of unbusy (" in p.what for p in life.plan().problems)


def life_policies(*, title: str) -> str:
    return (
        "[policies.overload]\nenabled = false\n[policies.reflection]\nenabled = false\n"
        f'[policies.focus]\ntitle = "{title}"\n'
    )
