"""`undo`: a run is taken back field by field, never over the user's later edits, and it stays back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.cli import main
from daemon.journal import pages, taken_back
from daemon.model.errors import ConfigError
from daemon.model.owner import Field, OwnState
from daemon.model.plan import Create
from living import ONLY_FOCUS, Life, local, said
from power import WRITES, Killed, Power, Wired
from shelves import Store

SHORT = "horizon = '1d'"


def undo(life: Life, run: int | None = None) -> tuple[list[str], list[str]]:
    """What was taken back, and what was kept."""
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, run, life.now)
        undoing.undo(runtime, found, life.now)
        return [said(c) for c in found.planned.plan.changes], list(found.kept)


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before what is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def stays_back(life: Life) -> None:
    """Over the next twenty cycles, hour after hour, nothing of it returns."""
    before = {k: local(o.event.when) for k, o in life.ours().items()}
    for _ in range(20):
        life.apply()
        now = {k: local(o.event.when) for k, o in life.ours().items()}
        assert now == before
        life.now += timedelta(hours=1)


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    life = Life(tmp_path, policies=ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n", top=SHORT, store=store)
    life.apply()
    return life


def test_what_was_created_stays_away(life: Life) -> None:
    back, kept = undo(life)
    assert sorted(back) == [f"delete 2026-W49/{n}" for n in (1, 2, 3, 4)]
    assert kept == []
    assert life.names() == []
    stays_back(life)
    life.lose_ledger()
    stays_back(life)


def test_what_was_moved_goes_back_and_stays_there(life: Life) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    assert life.changes() == ["update 2026-W49/4 Fri 09:00-11:00"]
    life.apply()
    back, _ = undo(life)
    assert back == ["update 2026-W49/4 Thu 09:00-11:00"]
    block = life.ours()["2026-W49/4"]
    assert (local(block.event.when), block.edited) == ("Thu 09:00-11:00", {Field.WHEN, Field.TEXT})
    life.cancel("board")
    stays_back(life)


def test_what_was_deleted_returns_pinned_in_a_new_generation(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\nshow_as = 'free'\n", SHORT)
    assert life.apply().changes
    back, _ = undo(life)
    assert sorted(back) == ["create 2026-W49/3 Wed 09:00-11:00", "create 2026-W49/4 Thu 09:00-11:00"]
    block = life.ours()["2026-W49/3"]
    assert (block.mark.generation, block.pinned) == (1, True)
    stays_back(life)


@pytest.mark.parametrize("store", ["memory"])  # what is owed is no matter of the store
def test_a_block_that_was_given_up_for_good_returns_and_is_not_owed_again(
    life: Life, forget: Callable[[Life], None]
) -> None:
    """It was moved before and is booked over again; the week still owes no more than before it came back."""
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    life.meet("Fri 08:00-12:00", uid="offsite")
    assert life.changes() == ["delete 2026-W49/4"]
    life.apply()
    assert life.changes() == []
    back, _ = undo(life)
    assert back == ["create 2026-W49/4 Fri 09:00-11:00"]
    forget(life)
    stays_back(life)


def test_what_the_user_has_put_back_is_not_put_back_twice(life: Life) -> None:
    """Here as it was when it went, with the word in it for which it had gone."""
    name, plain = life.name("2026-W49/3"), life.get(life.name("2026-W49/3"))
    skipped = plain.replace(b"SUMMARY:Focus", b"SUMMARY:Focus #skip")
    life.put(name, skipped)
    assert [said(c) for c in life.apply().changes] == ["delete 2026-W49/3"]
    life.put(name, skipped)
    assert undo(life) == ([], ["focus 2026-W49/3 has changed since: it is not as that run left it"])
    assert life.get(name)


def test_a_later_edit_of_the_users_is_kept_and_listed(life: Life) -> None:
    life.edit("2026-W49/3", ("SUMMARY", "Strategy"))
    life.delete("2026-W49/2")
    back, kept = undo(life)
    assert sorted(back) == ["delete 2026-W49/1", "delete 2026-W49/4"]
    assert any("2026-W49/3 was edited since (title)" in k for k in kept)
    assert life.ours()["2026-W49/3"].event.summary == "Strategy"
    stays_back(life)


def test_what_has_begun_is_listed_and_stays(life: Life) -> None:
    life.now += timedelta(hours=3)
    back, kept = undo(life)
    assert sorted(back) == [f"delete 2026-W49/{n}" for n in (2, 3, 4)]
    assert kept == ["focus 2026-W49/1 has begun: what has begun stays"]


def test_runs_are_taken_back_one_after_the_other(life: Life) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    assert undo(life)[0] == ["update 2026-W49/4 Thu 09:00-11:00"]
    back, kept = undo(life)
    assert (sorted(back), kept) == ([f"delete 2026-W49/{n}" for n in (1, 2, 3, 4)], [])
    with pytest.raises(ConfigError, match="no run to take back"):
        undo(life)


def test_a_run_that_is_not_there(life: Life) -> None:
    with pytest.raises(ConfigError, match="there is no run 99"):
        undo(life, 99)


def test_the_log_tells_runs_with_changes_and_reasons(life: Life) -> None:
    undo(life)
    with life.runtime() as runtime:
        latest, first = runtime.ledger.runs.latest(10)
    assert (latest.command, first.command, first.outcome) == (f"undo {first.id}", "apply", "done")
    assert {c.action for c in latest.changes} == {"delete"}
    assert all(re.match(r"[A-Z][a-z]{2} \d\d:\d\d: ", c.reason) for c in first.changes)


def test_undo_takes_nothing_twice(life: Life) -> None:
    undo(life)
    with life.runtime() as runtime:
        assert cycle.plan(runtime, life.now).plan.changes == ()


# -- what was taken back, and how it comes back ------------------------------------------------------------------------

FREE = ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n"
GOAL = ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\nweekly_goal = '{}'\n"


def again(life: Life) -> list[str]:
    """`unbusy apply --again`."""
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now, again=True)
        cycle.carry_out(runtime, planned, life.now, command="apply --again", force=True)
        return [said(c) for c in planned.plan.changes]


def figure(life: Life) -> dict[str, tuple[str, str]]:
    """How everything of ours stands, and whose it is."""
    return {k: (local(o.event.when), ",".join(sorted(o.edited))) for k, o in life.ours().items()}


def rests(life: Life) -> None:
    """Nothing is left to do."""
    assert life.changes() == []


def states(life: Life) -> dict[str, OwnState]:
    with life.runtime() as runtime:
        return {w.key: row.status for w, row in runtime.ledger.own.rows().items()}


def test_what_was_taken_back_is_no_skip(life: Life) -> None:
    undo(life)
    assert set(states(life).values()) == {OwnState.TAKEN_BACK}
    with life.runtime() as runtime:
        assert pages.read_skips(runtime.journal) == ()
        assert {n.key for n in taken_back.read(runtime.journal)} == {f"2026-W49/{n}" for n in (1, 2, 3, 4)}


def test_the_plan_says_what_was_taken_back_and_when(life: Life, forget: Callable[[Life], None]) -> None:
    undo(life)
    forget(life)
    reasons = {u.key: u.reason for u in life.plan().unplaced}
    assert reasons.keys() == {f"2026-W49/{n}" for n in (1, 2, 3, 4)}
    assert all(r.startswith("taken back on 30 Nov; `unbusy apply --again` brings it back") for r in reasons.values())


CHANGES = {
    "an option of its policy": (GOAL.format("6h"), SHORT),
    "the hours": (FREE, f"{SHORT}\nworking_hours = {{ mon-fri = '08:00-16:00' }}"),
    "an account": (FREE + "[accounts.home]\ntype = 'vdir'\npath = 'BASE/home'\n", SHORT),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_config_that_matters_brings_it_back(
    life: Life, change: str, forget: Callable[[Life], None]
) -> None:
    undo(life)
    forget(life)
    assert life.changes() == []
    (life.base / "home" / "Private").mkdir(parents=True)
    policies, top = CHANGES[change]
    life.configure(policies.replace("BASE", str(life.base)), top)
    forget(life)
    assert len([c for c in life.apply().changes if isinstance(c, Create)]) >= 3
    rests(life)


def test_a_change_that_does_not_matter_brings_nothing_back(life: Life, forget: Callable[[Life], None]) -> None:
    undo(life)
    forget(life)
    life.configure(
        FREE.replace("[policies.reflection]", "day_title = 'Full'\n[policies.reflection]"), f"{SHORT}\nmax_changes = 30"
    )
    assert life.changes() == []


def test_what_a_change_brought_back_is_not_taken_back_by_the_way_back(
    life: Life, forget: Callable[[Life], None]
) -> None:
    undo(life)
    life.configure(GOAL.format("0h"), SHORT)
    life.apply()
    life.configure(FREE, SHORT)
    forget(life)
    assert len(life.apply().changes) == 4


@pytest.mark.parametrize("store", ["memory"])  # the ledger forgets, or does not
def test_what_a_change_brought_back_is_still_ours_after_a_deletion_that_did_not_come_about(life: Life) -> None:
    """The process ends between the intent and the write."""
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    undo(life)
    life.configure(GOAL.format("6h"), SHORT)
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]
    power = Power()
    power.cut(["before delete"], 1, Killed())
    life.through = lambda connector: Wired(connector, dict.fromkeys(WRITES), power)
    with pytest.raises(Killed):
        life.apply()
    del life.through
    assert life.changes() == ["delete 2026-W49/4"]


def test_again_reaches_the_state_before_the_undo(life: Life, forget: Callable[[Life], None]) -> None:
    before = figure(life)
    undo(life)
    assert len(again(life)) == 4
    assert figure(life) == before
    rests(life)
    forget(life)
    rests(life)
    assert again(life) == []


@pytest.mark.parametrize("store", ["memory"])
@pytest.mark.parametrize(
    "undone", [False, True], ids=["nothing was ever taken back", "something was, and wanted again"]
)
def test_a_new_ledger_takes_numbers_that_are_missing_for_turned_down(life: Life, undone: bool) -> None:
    """Here that of a block which was given up for good, of which the journal knows nothing."""
    life.meet("Wed 08:00-12:00", uid="staff")
    life.apply()
    if undone:
        undo(life)
        again(life)
    life.meet("Thu 08:00-17:30", uid="board")
    life.apply()
    life.meet("Mon 13:00-15:00", uid="call")
    life.apply()
    assert set(life.ours()) == {f"2026-W49/{n}" for n in (1, 2, 3)}
    rests(life)
    life.lose_ledger()
    rests(life)


def test_again_reaches_the_state_before_several_undos(life: Life) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    before = figure(life)
    undo(life)
    undo(life)
    assert life.ours() == {}
    again(life)
    assert figure(life) == before
    rests(life)


def test_again_moves_what_was_moved(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    before = figure(life)
    undo(life)
    rests(life)
    assert again(life) == ["update 2026-W49/4 Fri 09:00-11:00"]
    assert figure(life) == before
    assert life.ours()["2026-W49/4"].mark.local == "20261204T090000/20261204T110000"
    forget(life)
    rests(life)


def test_again_deletes_what_had_been_deleted(life: Life, forget: Callable[[Life], None]) -> None:
    life.configure(GOAL.format("4h"), SHORT)
    life.apply()
    before = figure(life)
    undo(life)
    assert sorted(again(life)) == ["delete 2026-W49/3", "delete 2026-W49/4"]
    assert figure(life) == before
    forget(life)
    rests(life)


def test_again_removes_what_a_purge_had_removed_the_users_too(life: Life) -> None:
    """Not what the user has touched since."""
    life.move("2026-W49/2", "Tue 14:00-16:00")
    life.move("2026-W49/3", "Wed 14:00-16:00")
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    undo(life)
    assert {k: local(o.event.when) for k, o in life.ours().items()}["2026-W49/2"] == "Tue 14:00-16:00"
    life.edit("2026-W49/3", ("SUMMARY", "Strategy"))
    assert {"delete 2026-W49/2", "delete 2026-W49/3"} & set(again(life)) == {"delete 2026-W49/2"}
    assert again(life) == []


@pytest.mark.parametrize("store", ["memory"])
def test_what_is_ours_again_is_so_after_a_purge_that_is_taken_back_too(life: Life) -> None:
    """`undo` had put its time back, and a change of the config has made that ours."""
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    undo(life)
    life.cancel("board")
    life.configure(GOAL.format("8h30m"), SHORT)
    life.apply()
    assert not life.ours()["2026-W49/4"].edited
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    undo(life)
    assert life.ours()["2026-W49/4"].put_back
    assert not life.ours()["2026-W49/4"].yours


def test_again_is_about_the_undos_since_the_last_apply(life: Life) -> None:
    """And once there is none of those, about the ones before."""
    undo(life)
    life.configure(FREE.replace("[policies.overload]\nenabled = false\n", ""), SHORT)
    for day in ("Tue", "Wed"):
        life.meet(f"{day} 08:00-18:00", uid=f"all-{day}")
    assert life.apply().changes
    flags = set(life.ours())
    undo(life)
    again(life)
    assert set(life.ours()) == flags
    again(life)
    assert {k for k in life.ours() if k.startswith("2026-W49/")}


def test_what_was_booked_over_meanwhile_gets_another_place(life: Life) -> None:
    undo(life)
    life.meet("Thu 08:00-12:00", uid="board")
    again(life)
    assert local(life.ours()["2026-W49/4"].event.when) == "Fri 09:00-11:00"
    rests(life)


def test_what_has_begun_meanwhile_is_not_made_again(life: Life) -> None:
    undo(life)
    life.now += timedelta(hours=5)
    again(life)
    assert all(o.event.span.start > life.now for o in life.ours().values())
    rests(life)


def test_without_the_ledger_again_wants_it_again(life: Life) -> None:
    undo(life)
    life.lose_ledger()
    assert len(again(life)) == 4
    assert {local(o.event.when) for o in life.ours().values()} >= {"Tue 09:00-11:00", "Wed 09:00-11:00"}
    rests(life)
    life.lose_ledger()
    rests(life)


def test_a_field_that_was_put_back_is_not_the_users(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    undo(life)
    forget(life)
    block = life.ours()["2026-W49/4"]
    assert (block.edited, block.yours) == ({Field.WHEN, Field.TEXT}, frozenset())
    assert block.taken_back
    life.configure(GOAL.format("7h"), SHORT)
    forget(life)
    assert any("2026-W49/4" in c for c in life.changes())  # it is ours again, and may move or go


def test_a_field_that_the_user_changes_after_the_undo_is_theirs(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    undo(life)
    life.move("2026-W49/4", "Thu 13:00-15:00")
    life.apply()
    life.configure(GOAL.format("7h"), SHORT)
    forget(life)
    life.apply()
    block = life.ours()["2026-W49/4"]
    assert (local(block.event.when), block.yours) == ("Thu 13:00-15:00", {Field.WHEN})
    assert again(life) == []


def test_an_undo_goes_back_over_what_an_undo_has_made_anew(life: Life) -> None:
    life.configure(GOAL.format("4h"), SHORT)
    life.apply()
    undo(life)
    back, kept = undo(life)
    assert (sorted(back), kept) == ([f"delete 2026-W49/{n}" for n in (1, 2, 3, 4)], [])


def test_an_undo_is_not_taken_back_by_an_undo(life: Life) -> None:
    undo(life)
    with pytest.raises(ConfigError, match="run 2 took run 1 back"):
        undo(life, 2)


def test_what_came_again_is_taken_back_like_any_run(life: Life) -> None:
    undo(life)
    again(life)
    back, kept = undo(life)
    assert (sorted(back), kept) == ([f"delete 2026-W49/{n}" for n in (1, 2, 3, 4)], [])
    stays_back(life)


def test_a_skip_that_was_taken_back_and_came_again_is_a_skip(life: Life, forget: Callable[[Life], None]) -> None:
    life.edit("2026-W49/3", ("SUMMARY", "Focus #skip"))
    life.apply()
    undo(life)
    assert "2026-W49/3" in life.ours()
    assert again(life) == ["delete 2026-W49/3"]
    assert states(life)["2026-W49/3"] is OwnState.SKIPPED
    forget(life)
    rests(life)


def test_what_finds_no_place_any_more_stays_away(life: Life, forget: Callable[[Life], None]) -> None:
    undo(life)
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 08:00-18:00", uid=f"all-{day}")
    assert again(life) == []
    forget(life)
    rests(life)


# -- on the command line ----------------------------------------------------------------------------------------------


def test_undo_says_how_it_comes_back_and_again_brings_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    life = Life(tmp_path, top=SHORT)
    life.apply()

    def unbusy(*args: str) -> str:
        assert main(["--config", str(life.base / "config.toml"), "--now", "2026-11-30T07:00", *args]) == 0
        out, err = capsys.readouterr()
        return out + err

    said = unbusy("undo", "--yes")
    assert "taken back on 30 Nov, with run 1" in said
    assert "It stays back until `unbusy apply --again`, or until its policy, hours, zone or accounts change." in said
    assert "Taken back\n  ? focus 2026-W49/1 and 3 more  taken back on 30 Nov" in unbusy("plan")
    assert "undo 1: done" in unbusy("log")
    assert "Applied 4 of 4 changes." in unbusy("apply", "--again", "--yes")
    assert "Nothing is taken back." in unbusy("apply", "--again", "--yes")
    assert len(life.ours()) == 4
