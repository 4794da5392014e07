"""A new state beside events that stand: another machine, or this one after its state was lost.

Goal 8 h; Monday 30 November 2026, 07:00.  Blocks stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.model.owner import OwnState
from daemon.service import serve as service
from daemon.stages.doubt import installation
from daemon.views.health import health
from living import ONLY_FOCUS, Life
from shelves import Store

TOP = "horizon = '1d'"
LESS = ONLY_FOCUS + "[policies.focus]\nweekly_goal = '{}h'\n"


@pytest.fixture
def first(tmp_path: Path, store: Store) -> Life:
    """The machine that was there first."""
    life = Life(tmp_path / "first", top=TOP, store=store)
    life.apply()
    return life


@pytest.fixture
def another(tmp_path: Path) -> Callable[[Life], Life]:
    """A second machine with an empty state, on the same calendar."""

    def machine(life: Life) -> Life:
        return Life(tmp_path / "second", top=TOP, store=life.shelf)

    return machine


def turn(life: Life) -> str:
    with life.runtime() as runtime:
        return service.one_cycle(runtime, life.now, observe=False)[0].line


def status(life: Life) -> dict[str, object]:
    with life.runtime() as runtime:
        return health(runtime, life.now)


Machine = Callable[[Life], Life]


def test_a_new_state_beside_events_says_so_and_goes_on(first: Life, another: Machine) -> None:
    second = another(first)
    assert status(second)["writing"] == "not yet: `unbusy apply` begins it"
    assert "nothing is deleted until `unbusy apply`" in turn(second)
    assert "events of unbusy are there: goes on" in str(status(second)["writing"])
    second.apply()
    assert status(second)["writing"] == "to work"
    assert "nothing is deleted" not in turn(second)


def test_it_deletes_nothing_until_an_apply_was_confirmed(first: Life, another: Machine) -> None:
    second = another(first)
    second.configure(LESS.format(6), TOP)
    before = first.names()
    for _ in range(2):
        turn(second)
        assert first.names() == before
    second.apply()
    assert len(first.names()) == len(before) - 1


def test_what_it_may_do_it_does(first: Life, another: Machine) -> None:
    second = another(first)
    second.configure(LESS.format(10), TOP)
    turn(second)
    assert len(first.ours()) == 5


@pytest.mark.parametrize(
    "deleted",
    [
        pytest.param((1,), id="the first"),
        pytest.param((2,), id="one in between"),
        pytest.param((4,), id="the last: the others name it"),
        pytest.param((2, 3), id="two of them"),
    ],
)
def test_what_the_user_deleted_stays_away_on_a_new_machine(
    first: Life, another: Machine, deleted: tuple[int, ...]
) -> None:
    for n in deleted:
        first.delete(f"2026-W49/{n}")
    second = another(first)
    for _ in range(2):
        assert second.apply().changes == ()
    assert first.apply().changes == ()
    with second.runtime() as runtime:
        rows = runtime.ledger.own.rows().values()
    skipped = {(r.key, r.minutes) for r in rows if r.status is OwnState.SKIPPED}
    assert skipped == {(f"2026-W49/{n}", 120) for n in deleted}


def test_more_is_still_made_where_more_is_wanted(first: Life, another: Machine) -> None:
    first.delete("2026-W49/2")
    second = another(first)
    second.configure(LESS.format(10), TOP)
    assert [c.split()[1] for c in second.changes()] == ["2026-W49/5"]


def test_what_unbusy_took_back_itself_is_no_skip(first: Life, another: Machine) -> None:
    first.configure(LESS.format(4), TOP)
    first.apply()
    first.configure(LESS.format(8), TOP)
    first.apply()
    second = another(first)
    assert second.apply().changes == ()
    with second.runtime() as runtime:
        rows = runtime.ledger.own.rows().values()
    assert [r for r in rows if r.status is OwnState.SKIPPED] == []
    second.configure(LESS.format(10), TOP)
    assert [c.split()[1] for c in second.changes()] == ["2026-W49/7"], "no ordinal is used twice"


def test_the_journal_that_is_taken_along_knows_all_of_it(first: Life, another: Machine) -> None:
    first.meet("Fri 16:00-17:00")  # a calendar that is suddenly empty is another matter
    for n in range(1, 5):
        first.delete(f"2026-W49/{n}")
    first.apply()
    second = another(first)
    assert second.changes() != [], "without it nothing is left that could tell"
    shutil.copytree(first.base / "state" / "journal", second.base / "state" / "journal", dirs_exist_ok=True)
    second.lose_ledger()
    assert second.changes() == []


# -- who writes here ---------------------------------------------------------------------------------------------------


def said(life: Life) -> list[str]:
    return [p.what for p in life.plan().problems]


def test_a_second_installation_is_noticed_and_named_by_the_first(first: Life, another: Machine) -> None:
    second = another(first)
    assert said(first) == []
    second.configure(LESS.format(10), TOP)
    second.apply()
    (line,) = said(first)
    assert line.startswith(f"another installation of unbusy ({status(second)['installation']}) writes here, too")
    assert said(second) == [], "the first may be this very machine, before its state was lost"
    first.configure(LESS.format(10), TOP)
    first.meet("Wed 08:30-12:00")
    assert len(first.apply().changes) == 1
    (line,) = said(second)
    assert f"({status(first)['installation']})" in line
    for life in (first, second):
        life.now += timedelta(days=15)
        life.plan()
        assert said(life) == [], "one that has gone is not spoken of for ever"


def test_a_lost_ledger_is_no_second_installation(first: Life) -> None:
    first.lose_ledger()
    assert said(first) == []
    first.meet("Wed 08:30-12:00")
    first.apply()
    assert said(first) == []


def test_the_name_in_the_mark_is_never_a_reason_to_write(first: Life, another: Machine) -> None:
    second = another(first)
    before = {name: first.get(name) for name in first.names()}
    for _ in range(2):
        assert second.apply().changes == ()
        assert first.apply().changes == ()
    assert {name: first.get(name) for name in first.names()} == before
    with first.runtime() as runtime:
        me = installation.name(runtime.ledger.drawer)
    assert {o.mark.by for o in first.ours().values()} == {me}
