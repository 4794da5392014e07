"""UIDs that something else has taken, and races that are lost each time.

The UIDs of our events can be computed by whoever knows the owner's name.  Week 2026-W49, goal 8 h; Monday 07:00.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.journal import pages
from daemon.model.errors import ExistsError, LostRaceError
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark, OwnState, Wish
from daemon.model.plan import Draft, Plan
from daemon.model.protocols import Resource, Writer
from living import EVENT, Life, said
from making import CALENDAR, ME, own, span
from shelves import Store

UID = Mark(ME, "focus", "2026-W49/2", 0, {}).uid
MALLORY = "mailto:mallory@example.com"
INVITED = f"ORGANIZER:{MALLORY}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\nATTENDEE:{MALLORY}\n"
FORGED = f"X-UNBUSY:{write_mark(own('Tue 09:00-11:00', key='2026-W49/2').mark)}\n"
FIRST = [
    "create 2026-W49/1 Mon 09:00-11:00",
    "create 2026-W49/2 Tue 09:00-11:00",
    "create 2026-W49/3 Wed 09:00-11:00",
    "create 2026-W49/4 Thu 09:00-11:00",
]


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    return Life(tmp_path, top="horizon = '1d'", store=store)


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def invite(life: Life, more: str = INVITED, when: str = "Fri 13:00-14:00", uid: str = UID) -> str:
    """An invitation with the UID of the second block."""
    at = span(when)
    text = EVENT.format(uid=uid, start=at.start, end=at.end, title="Quarterly sync", more=more)
    life.put(f"{uid}.ics", text.encode())
    return f"{uid}.ics"


def skips(life: Life) -> list[str]:
    with life.runtime() as runtime:
        rows = runtime.ledger.own.rows().values()
        return [
            *(s.key for s in pages.read_skips(runtime.journal)),
            *(r.key for r in rows if r.status is OwnState.SKIPPED),
        ]


def told(plan: Plan) -> str:
    return "; ".join(p.what for p in plan.problems)


@pytest.mark.parametrize("more", [INVITED, INVITED + FORGED], ids=["as it is", "with our very mark"])
def test_an_invitation_with_a_uid_of_ours_takes_nothing_away(
    life: Life, forget: Callable[[Life], None], more: str
) -> None:
    name = invite(life, more)
    before = life.get(name)
    plan = life.apply()
    assert [said(c) for c in plan.changes] == FIRST
    assert "‘Quarterly sync’ has the UID that unbusy gives to focus 2026-W49/2; it is left alone" in told(plan)
    forget(life)
    assert life.apply().changes == ()
    assert life.ours()["2026-W49/2"].mark.generation == 1
    assert life.get(name) == before
    assert skips(life) == []


def test_when_it_is_cancelled_or_goes_nothing_was_turned_down(life: Life, forget: Callable[[Life], None]) -> None:
    name = invite(life)
    life.apply()
    if "google" not in life.shelf.account:
        invite(life, INVITED + "STATUS:CANCELLED\n")
        forget(life)
        assert life.apply().changes == ()
    life.remove(name)
    forget(life)
    assert life.apply().changes == ()
    assert skips(life) == []


@pytest.mark.parametrize("more", [INVITED, INVITED + FORGED], ids=["as it is", "with our very mark"])
def test_one_that_the_user_deletes_is_turned_down_also_where_its_first_uid_is_taken(
    life: Life, forget: Callable[[Life], None], more: str
) -> None:
    invite(life, more)
    life.apply()
    life.delete("2026-W49/2")
    assert life.apply().changes == ()
    assert skips(life) == ["2026-W49/2"] * 2  # in the journal, and in the ledger
    forget(life)
    assert life.apply().changes == ()


@pytest.mark.parametrize("store", ["memory"])
def test_one_that_the_user_has_moved_out_of_sight_is_not_made_again(life: Life, forget: Callable[[Life], None]) -> None:
    """It stands in a later generation than the one whose UID is taken."""
    life.configure("[policies.overload]\nenabled = false\n", "horizon = '1d'")
    key = "month/2026-11"
    for _ in range(2):
        life.apply()
        with life.runtime() as runtime:
            cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    invite(life, uid=Mark(ME, "reflection", key, 0, {}).uid)
    life.apply()
    assert life.ours()[key].mark.generation == 2
    life.move(key, "Tue+3 09:00-11:00")
    forget(life)
    life.apply()
    assert sum(f"&key={key}&".encode() in life.get(name).replace(b"\r\n ", b"") for name in life.names()) == 1


def test_one_that_has_come_and_gone_before_turns_nothing_down(life: Life) -> None:
    """Google still has its id."""
    life.remove(invite(life))
    for _ in range(3):
        life.apply()
    assert len(life.ours()) == 4
    assert life.changes() == []
    assert skips(life) == []


def test_the_next_generation_of_what_unbusy_has_taken_back_can_be_taken_too(
    life: Life, forget: Callable[[Life], None]
) -> None:
    life.configure("[policies.overload]\nenabled = false\n", "horizon = '1d'")
    life.apply()
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    invite(life, uid=Mark(ME, "reflection", "month/2026-11", 1, {}).uid)
    life.apply()
    forget(life)
    assert life.apply().changes == ()
    assert life.ours()["month/2026-11"].mark.generation == 2
    assert skips(life) == []


@pytest.mark.parametrize("generation", [0, 1], ids=["its UID", "that of the next"])
def test_what_was_turned_down_stays_so_whoever_takes_its_uid(
    life: Life, forget: Callable[[Life], None], generation: int
) -> None:
    life.apply()
    life.delete("2026-W49/2")
    life.apply()
    name = invite(life, uid=Mark(ME, "focus", "2026-W49/2", generation, {}).uid)
    before = life.get(name)
    for _ in range(2):
        forget(life)
        plan = life.apply()
        assert plan.changes == ()
        assert plan.problems == (), "nothing of ours is to come there"
    assert set(skips(life)) == {"2026-W49/2"}
    assert life.get(name) == before


def test_what_is_restored_beside_it_stands_again(life: Life) -> None:
    life.apply()
    name, block = life.name("2026-W49/2"), life.get(life.name("2026-W49/2"))
    life.delete("2026-W49/2")
    life.apply()
    invite(life, uid=Mark(ME, "focus", "2026-W49/2", 1, {}).uid)
    life.apply()
    life.put(name, block)
    assert life.apply().changes == ()
    assert "2026-W49/2" in life.ours()
    with life.runtime() as runtime:
        assert runtime.ledger.own.rows()[Wish("focus", "2026-W49/2")].status is OwnState.STANDING


def test_what_undo_took_back_comes_in_the_generation_after_it_once_it_is_wanted_again(
    life: Life, forget: Callable[[Life], None]
) -> None:
    policies = "[policies.overload]\nenabled = false\n"
    life.configure(policies, "horizon = '1d'")
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    name = invite(life, uid=Mark(ME, "reflection", "month/2026-11", 1, {}).uid)
    before = life.get(name)
    forget(life)
    assert life.apply().changes == ()
    life.configure(f"{policies}[policies.reflection]\nmonthly_length = '35m'\n", "horizon = '1d'")
    assert "‘Quarterly sync’ has the UID that unbusy gives to reflection month/2026-11" in told(life.apply())
    assert life.ours()["month/2026-11"].mark.generation == 2
    assert life.get(name) == before
    assert life.changes() == []


def test_a_cancelled_event_that_nobody_knows_is_no_skip(life: Life) -> None:
    if "google" in life.shelf.account:
        pytest.skip("what is cancelled is deleted there")
    name = invite(life, "STATUS:CANCELLED\n")
    before = life.get(name)
    assert [said(c) for c in life.apply().changes] == FIRST
    assert life.apply().changes == ()
    assert life.get(name) == before
    assert skips(life) == []


def test_one_that_stood_and_is_cancelled_is(life: Life) -> None:
    if "google" in life.shelf.account:
        pytest.skip("what is cancelled is deleted there")
    life.apply()
    life.edit("2026-W49/2", ("STATUS", "CANCELLED"))
    life.put(f"{UID}.ics", b"\n".join(x for x in life.get(f"{UID}.ics").splitlines() if not x.startswith(b"X-")))
    life.apply()
    assert life.changes() == []
    assert set(skips(life)) == {"2026-W49/2"}


def test_purge_leaves_it_where_it_is(life: Life) -> None:
    name = invite(life)
    life.apply()
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert life.names() == [name]


class Beside:
    """A store in which somebody is always faster with one event."""

    def __init__(self, inner: Writer) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def create(self, draft: Draft) -> Resource:
        if draft.uid == UID:
            raise ExistsError("its UID is taken")
        return self._inner.create(draft)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        if draft.mark.key == "2026-W49/3":
            raise LostRaceError("somebody was faster")
        return self._inner.update(resource, draft, fields)


@pytest.fixture
def beside(tmp_path: Path) -> Life:
    life = Life(tmp_path, top="horizon = '1d'", store="memory")
    life.through = Beside  # type: ignore[assignment]  # a wrapper
    return life


def test_a_uid_that_is_taken_by_what_cannot_be_seen_is_given_up_after_two_tries(beside: Life) -> None:
    """A calendar that is not read, a server that allows a UID once for each user."""
    beside.apply()
    assert beside.changes() == ["create 2026-W49/2 Tue 09:00-11:00"]
    beside.apply()
    plan = beside.apply()
    assert [said(c) for c in plan.changes] == ["create 2026-W49/2 Tue 09:00-11:00"]
    assert "the UID that unbusy gives to focus 2026-W49/2 is taken by something that it cannot see" in told(plan)
    assert beside.ours()["2026-W49/2"].mark.generation == 1
    assert beside.apply().changes == ()
    assert beside.plan().problems == ()
    assert skips(beside) == []


def test_the_same_race_that_is_lost_three_times_is_a_problem(beside: Life) -> None:
    beside.apply()
    beside.apply()
    beside.apply()
    beside.meet("Wed 08:30-12:00")
    for _ in range(3):
        assert all(p.code == 0 for p in beside.apply().problems)
    (problem,) = [p for p in beside.plan().problems if p.code]
    assert problem.code == 1
    assert problem.where == CALENDAR
    assert "`update focus 2026-W49/3` came too late 3 times in a row" in problem.what
