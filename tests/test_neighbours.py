"""One of ours is gone from its calendar while another calendar of the account cannot be read: it may lie there.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks stand, in Work; Prompts and Team are the user's, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon import cycle
from daemon.journal import pages as journal
from daemon.model.errors import UnreadableError
from daemon.model.owner import OwnState
from living import EVENT, ONLY_FOCUS, Life
from making import span
from memory import Memory

WORK, PROMPTS, TEAM = "work/Work", "work/Prompts", "work/Team"
KEY = "2026-W49/2"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life, at = Life(tmp_path, store="memory", top="horizon = '1d'"), span("Tue 06:00-07:00")
    for calendar in (PROMPTS, TEAM):
        kept = EVENT.format(uid="k", start=at.start, end=at.end, title="Run", more="")
        store(life).stored[calendar] = {}
        store(life).put(calendar, "k.ics", kept.encode())
    life.apply()
    return life


def store(life: Life) -> Memory:
    assert isinstance(life.shelf.connector, Memory)
    return life.shelf.connector


def skips(life: Life) -> tuple[list[str], list[str]]:
    """Those in the journal, and those in the ledger."""
    with life.runtime() as runtime:
        rows = [r.key for r in runtime.ledger.own.rows().values() if r.status is OwnState.SKIPPED]
        return [s.key for s in journal.read_skips(runtime.journal)], rows


@pytest.mark.parametrize("target", [PROMPTS, TEAM])
def test_where_all_can_be_read_a_deletion_is_one_and_a_move_is_none(life: Life, target: str) -> None:
    store(life).put(target, life.name(KEY), life.get(life.name(KEY)))
    life.delete(KEY)
    life.apply()
    assert (life.changes(), skips(life), KEY in life.ours()) == ([], ([], []), True)
    life.remove(life.name("2026-W49/3"))
    life.apply()
    assert (life.changes(), skips(life)) == ([], (["2026-W49/3"], ["2026-W49/3"]))


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "deleted"])
@pytest.mark.parametrize(
    ("down", "lost"),
    [({PROMPTS}, ()), ({PROMPTS, TEAM}, ()), ((), {PROMPTS}), ((), {PROMPTS, TEAM}), ({TEAM}, {PROMPTS})],
)
def test_while_another_calendar_cannot_be_read_it_is_neither(
    life: Life, down: Iterable[str], lost: Iterable[str], moved: bool
) -> None:
    """It is not put back, nothing takes its place, and no deletion is noted; which it was shows afterwards.

    `down`: those that fail; `lost`: those that are no longer listed.
    """
    name = life.name(KEY)
    if moved:
        store(life).put(PROMPTS, name, life.get(name))
    life.remove(name)
    store(life).down.update(down)
    away = {c: store(life).stored.pop(c) for c in lost}
    for _ in range(2):
        assert life.apply().changes == ()
        assert skips(life) == ([], [])
    store(life).down.clear()
    store(life).stored |= away
    assert life.apply().changes == ()
    assert life.changes() == []
    assert (KEY in life.ours()) is moved
    assert skips(life) == (([], []) if moved else ([KEY], [KEY]))


def test_what_is_typed_into_one_that_has_left_an_unreadable_calendar_is_filed(life: Life) -> None:
    """Its calendar stands as it was last read, with the event in it; where it stands now, it can be read."""
    name = life.name(KEY)
    later = (("DTSTART", "20261204T130000Z"), ("DTEND", "20261204T150000Z"))
    life.edit(KEY, *later, ("DESCRIPTION", "Stopped at chapter 3"))
    store(life).put(TEAM, name, life.get(name))
    life.remove(name)
    store(life).down.add(WORK)
    life.apply()
    filed = "".join(p.read_text() for p in (life.base / "state/journal").glob("*.md"))
    assert "Stopped at chapter 3" in filed


def test_one_that_was_moved_and_cannot_be_read_there_is_not_deleted(life: Life) -> None:
    name = life.name(KEY)
    whole = life.get(name)
    store(life).put(PROMPTS, name, b"BEGIN:VCALENDAR\r\nnothing more")
    life.remove(name)
    assert (life.apply().changes, skips(life)) == ((), ([], []))
    store(life).put(PROMPTS, name, whole)
    assert (life.apply().changes, skips(life), KEY in life.ours()) == ((), ([], []), True)


def test_what_was_purged_elsewhere_was_not_deleted_by_the_user(life: Life) -> None:
    """Its first calendar cannot be read, and still shows it where it no longer is."""
    name = life.name("2026-W49/1")
    store(life).put(TEAM, name, life.get(name))
    life.remove(name)
    store(life).down.add(WORK)
    with life.runtime() as runtime, pytest.raises(UnreadableError, match="Work"):
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert name not in store(life).stored[TEAM]
    life.apply()
    store(life).down.clear()
    life.apply()
    assert skips(life) == ([], [])


def test_what_stood_in_a_calendar_that_is_not_read_is_not_deleted(life: Life) -> None:
    """Another account was written before."""
    with life.runtime() as runtime:
        row = runtime.ledger.own.rows()["focus", KEY]
        runtime.ledger.own.remember([replace(row, key="2026-W49/9", calendar="elsewhere/Work")])
    life.apply()
    assert skips(life) == ([], [])


@pytest.mark.parametrize("deleted", [False, True], ids=["changed", "deleted"])
def test_what_was_touched_before_it_moves_to_another_calendar_is_not_made_there(life: Life, deleted: bool) -> None:
    life.meet("Tue 06:00-07:00", "Run", more="")
    life.configure(f"{ONLY_FOCUS}[policies.focus]\ncalendar = 'Prompts'\n", "horizon = '1d'")
    name = life.name(KEY)
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
        if deleted:
            life.remove(name)
        else:
            life.edit(KEY, ("LOCATION", "Library"))
        done = cycle.carry_out(runtime, planned, life.now, command="apply")
    assert (done.done, done.lost) == (6, 2)
    assert name not in store(life).stored[PROMPTS]
    life.apply()
    assert (name in store(life).stored[PROMPTS]) is not deleted
    assert (life.changes(), KEY in life.ours()) == ([], not deleted)
