"""No surprise, on every store: limits stop and ask, `purge` removes every trace, `explain` says why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.explain.explanation import Explanation, explain
from daemon.model.errors import StoppedError
from living import ONLY_FOCUS, Life, local
from making import moment
from shelves import Store


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """Four blocks stand, on Monday to Thursday from 09:00 to 11:00, beside one meeting."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.meet("Fri 09:00-11:00", "Board", uid="board")
    life.apply()
    return life


def test_a_plan_over_the_limit_stops_and_asks(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\n", "horizon = '1d'\nmax_changes = 1")
    before = {name: life.get(name) for name in life.names()}
    with pytest.raises(StoppedError, match=r"it would move or delete 2 of our events, over 1 \(`max_changes`\)"):
        life.apply()
    assert {name: life.get(name) for name in life.names()} == before
    life.apply(force=True)
    assert len(life.ours()) == 2


def test_purge_removes_every_trace_of_any_age(life: Life) -> None:
    theirs = life.get("board.ics")
    life.now += timedelta(days=70)
    life.apply()
    with life.runtime() as runtime:
        planned = cycle.plan_purge(runtime, life.now)
        assert cycle.purge(runtime, planned, life.now).done == len(planned.plan.changes) > 4
    assert life.names() == ["board.ics"]
    assert life.get("board.ics") == theirs
    with life.runtime() as runtime:
        assert not cycle.may_write(runtime, cycle.plan(runtime, life.now).observation)
        assert cycle.plan_purge(runtime, life.now).plan.changes == ()


def test_purge_takes_its_answers_back(life: Life) -> None:
    life.meet("Wed 13:00-14:00", "unbusy: help", uid="a", more="DESCRIPTION:Mine\\, all <b>mine</b>\n")
    life.meet("Wed 14:00-15:00", "unbusy: report", uid="b", more="")
    before = life.get("a.ics")
    life.apply()
    assert life.get("a.ics") != before
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
        events = cycle.plan(runtime, life.now).observation.events
    assert {e.ref.uid: e.description for e in events} == {"a": "Mine, all <b>mine</b>", "b": "", "board": ""}
    life.apply()
    assert "── unbusy ──" in life.get("b.ics").decode(), "from the next apply on there are answers again"


def test_what_purge_has_taken_back_was_never_answered(life: Life) -> None:
    """Also where an answer would not be written again, because its time has come."""
    life.now = moment("Tue 07:00")
    life.meet("Tue 08:00-08:30", "Breakfast", uid="b")
    life.meet("Tue 08:00-08:30", "unbusy: why", uid="a", more="")
    for _ in range(2):
        life.apply()
        assert "── unbusy ──" in life.get("a.ics").decode()
        with life.runtime() as runtime:
            cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
        assert "── unbusy ──" not in life.get("a.ics").decode()


def test_explain_says_why_something_is_there_and_why_nothing_is(life: Life) -> None:
    def found(when: str) -> Explanation:
        with life.runtime() as runtime:
            return explain(runtime, cycle.plan(runtime, life.now), moment(when))

    (block,) = found("Tue 10:00").ours
    assert (local(block.event.when), block.event.description.split("\n")[0][:10]) == (
        "Tue 09:00-11:00",
        "Tue 09:00:",
    )
    assert [e.summary for e in found("Fri 10:00").foreign] == ["Board"]
    assert found("Fri 14:00").absences


KEY = "month/2026-11"
FULL = """weekly_goal = "12h"
per_day = "4h"
prefer = "09:00-12:00"
"""


@pytest.mark.parametrize("kind", ["vdir", "memory"])
def test_what_may_be_one_of_ours_and_cannot_be_read_is_not_made_again(tmp_path: Path, kind: str) -> None:
    """Its name is all that is left of it where the ledger is lost, too; and it is of another generation.

    A server takes no such content.
    """
    off = "[policies.focus]\nenabled = false\n[policies.overload]\nenabled = false\n"
    life = Life(tmp_path, policies=off, top="horizon = '1d'", store=kind)
    life.apply()
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    life.apply()
    names = life.names()
    name = life.name(KEY)
    whole = life.get(name)
    life.put(name, b"BEGIN:VCALENDAR\r\nnothing more")
    life.lose_ledger()
    plan = life.apply()
    assert life.names() == names
    assert [(u.key, "mend or delete" in u.reason) for u in plan.unplaced] == [(KEY, True)]
    life.put(name, whole)
    life.apply()
    assert (life.names(), life.changes()) == (names, [])


def test_nothing_makes_room_for_what_may_be_there_already(tmp_path: Path) -> None:
    """The block of a command cannot be read: it is not made anew, at whatever time."""
    life = Life(
        tmp_path,
        store="memory",
        top="horizon = '1d'",
        policies=f"{ONLY_FOCUS}[policies.focus]\nshow_as = 'busy'\nweekly_goal = '30m'\n",
    )
    for when in ("Mon 09:00-13:00", "Tue 09:30-13:30", "Wed 08:00-18:00", "Thu 11:00-14:30", "Fri 11:00-15:00"):
        life.meet(when)
    command = life.meet("Mon 08:00-08:30", "unbusy: focus 2h write by friday", more="")
    life.apply()
    broken = life.name(f"command/{command}/1")
    life.configure(f"{ONLY_FOCUS}[policies.focus]\nshow_as = 'busy'\n{FULL}", "horizon = '1d'")
    life.apply()
    life.remove(life.name("2026-W49/1"))
    life.put(broken, b"BEGIN:VCALENDAR\r\nnothing more")
    life.lose_ledger()
    assert [c for c in life.changes() if "command/" in c] == [f"annotate command/{command}"]


def test_what_may_be_there_already_keeps_no_other_block_away(tmp_path: Path) -> None:
    """The file of a block cannot be read, one was deleted, and two more hours are wanted: they get the next number."""
    life = Life(tmp_path, store="memory", top="horizon = '1d'")
    life.apply()
    third, fourth = life.name("2026-W49/3"), life.name("2026-W49/4")
    life.put(third, b"BEGIN:VCALENDAR\r\nnothing more")
    life.remove(fourth)
    life.lose_ledger()
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '10h'\n", "horizon = '1d'")
    plan = life.apply()
    assert [c.wish.key for c in plan.changes] == ["2026-W49/5"]
    assert [u.key for u in plan.unplaced] == ["2026-W49/3"]
    assert life.changes() == []
