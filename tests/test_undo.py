"""`undo`: a run is taken back field by field, never over the user's later edits, and it stays back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.model.errors import ConfigError
from daemon.model.owner import Field
from living import ONLY_FOCUS, Life, local, said
from shelves import Store

SHORT = "horizon = '1d'"


def undo(life: Life, run: int | None = None) -> tuple[list[str], list[str]]:
    """What was taken back, and what was kept."""
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, run, life.now)
        undoing.undo(runtime, found, life.now)
        return [said(c) for c in found.planned.plan.changes], list(found.kept)


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


def test_what_was_created_becomes_a_skip(life: Life) -> None:
    back, kept = undo(life)
    assert sorted(back) == [f"delete 2026-W49/{n}" for n in (1, 2, 3, 4)]
    assert kept == []
    assert life.names() == []
    stays_back(life)
    life.lose_ledger()
    stays_back(life)


def test_what_was_moved_goes_back_and_is_the_users(life: Life) -> None:
    life.meet("Thu 08:00-12:00", uid="board")
    assert life.changes() == ["update 2026-W49/4 Fri 09:00-11:00"]
    life.apply()
    back, _ = undo(life)
    assert back == ["update 2026-W49/4 Thu 09:00-11:00"]
    block = life.ours()["2026-W49/4"]
    assert (local(block.event.when), block.edited) == ("Thu 09:00-11:00", {Field.WHEN})
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
    assert sorted(back) == ["delete 2026-W49/1", "delete 2026-W49/2", "delete 2026-W49/3"]
    assert kept == ["focus 2026-W49/4 was edited since (when): it is yours"]
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
    assert all(c.reason.startswith("Time to think") for c in first.changes)


def test_undo_takes_nothing_twice(life: Life) -> None:
    undo(life)
    with life.runtime() as runtime:
        assert cycle.plan(runtime, life.now).plan.changes == ()
