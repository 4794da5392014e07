"""Whose events those are when a name has changed: an address, an account, the calendar that is written to.

Week 2026-W49, goal 8 h: four blocks on Monday to Thursday from 09:00 to 11:00, written as ada@example.com.
"""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from daemon import cycle
from daemon.cli import main
from daemon.journal import pages
from daemon.ledger.notes import OWNERS
from daemon.model.errors import ConfigError
from daemon.model.owner import OwnState
from daemon.model.plan import Plan
from living import ONLY_FOCUS, Life, local
from making import ME
from shelves import Store

NEW = "ada.lovelace@example.org"
KEYS = [f"2026-W49/{n}" for n in (1, 2, 3, 4)]


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The four blocks stand."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    return life


def configure(life: Life, *changes: tuple[str, str]) -> None:
    path = life.base / "config.toml"
    text = path.read_text()
    for old, new in changes:
        assert old in text, text
        text = text.replace(old, new)
    path.write_text(text)


def skips(life: Life) -> list[str]:
    with life.runtime() as runtime:
        noted = [s.key for s in pages.read_skips(runtime.journal)]
        return noted + [r.key for r in runtime.ledger.own.rows().values() if r.status is OwnState.SKIPPED]


def stands(life: Life) -> dict[str, bytes]:
    return {name: life.get(name) for name in life.names()}


def adopt(life: Life, name: str = "") -> None:
    with life.runtime() as runtime:
        cycle.adopt(runtime, cycle.plan(runtime, life.now).observation, name)


def asks(plan: Plan) -> str:
    """What a plan that does nothing asks."""
    assert plan.changes == ()
    (problem,) = [p for p in plan.problems if p.code == 2]
    return f"{problem.what}; {problem.remedy}"


# -- an account that nobody is behind ----------------------------------------------------------------------------------

NOBODY = (f'emails = ["{ME}"]\n', "")


def test_a_written_account_needs_a_name(tmp_path: Path) -> None:
    life = Life(tmp_path, store="memory")
    configure(life, NOBODY)
    with pytest.raises(ConfigError, match="neither `emails` nor `owner`") as error:
        life.plan()
    assert 'emails = ["ada@example.com"]' in error.value.remedy
    configure(life, ("[accounts.work]", 'owner = "ada"\n[accounts.work]'))
    assert life.plan().changes


def test_the_name_under_which_an_older_version_wrote_is_the_remedy(tmp_path: Path) -> None:
    """It took the name of the account."""
    life = Life(tmp_path, top="horizon = '1d'\nowner = 'work'", store="memory")
    configure(life, NOBODY)
    life.apply()
    with life.runtime() as runtime:
        OWNERS.put(runtime.ledger.drawer, None)
    configure(life, ("owner = 'work'\n", ""))
    with pytest.raises(ConfigError) as error:
        life.plan()
    assert 'owner = "work"' in error.value.remedy
    configure(life, ("[accounts.work]", 'owner = "work"\n[accounts.work]'))
    assert life.changes() == []
    assert set(life.ours()) == set(KEYS)


# -- another address first ---------------------------------------------------------------------------------------------

ANOTHER_FIRST = (f'emails = ["{ME}"]', f'emails = ["{NEW}", "{ME}"]')
ANOTHER = (f'emails = ["{ME}"]', f'emails = ["{NEW}"]')


@pytest.mark.parametrize("change", [ANOTHER_FIRST, ANOTHER], ids=["put before the old one", "in place of the old one"])
def test_another_address_is_asked_about_and_changes_nothing(life: Life, change: tuple[str, str]) -> None:
    life.meet("Wed 08:30-12:00")
    before = stands(life)
    configure(life, change)
    said = asks(life.apply())
    assert f"4 events of unbusy stand here under the name {ME!r}" in said
    assert f'owner = "{ME}"' in said
    assert "unbusy adopt" in said
    assert stands(life) == before
    assert skips(life) == []
    assert set(life.ours()) == set(KEYS)


def test_with_a_new_ledger_too(life: Life) -> None:
    configure(life, ANOTHER_FIRST)
    life.lose_ledger()
    assert f'owner = "{ME}"' in asks(life.plan())


@pytest.mark.parametrize("keys", [KEYS, KEYS[1:]], ids=["all", "all but one"])
def test_where_a_client_has_dropped_the_marks_it_is_asked_about_as_well(life: Life, keys: list[str]) -> None:
    life.drop_marks(*keys)
    before = stands(life)
    configure(life, ANOTHER_FIRST)
    assert "4 events of unbusy stand here" in asks(life.apply())
    assert stands(life) == before
    adopt(life)
    assert life.plan().problems == ()


def test_a_new_ledger_that_has_gone_on_without_writing_anything_knows_the_name(life: Life) -> None:
    """Which is none of the addresses."""
    as_boss = ("[accounts.work]", 'owner = "boss"\n[accounts.work]')
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    configure(life, as_boss)
    life.apply()
    life.lose_ledger()
    assert life.apply().changes == ()
    configure(life, as_boss[::-1])
    assert 'owner = "boss"' in asks(life.plan())


def test_a_ledger_of_an_older_version_knows_it_by_what_it_has_written(life: Life) -> None:
    with life.runtime() as runtime:
        OWNERS.put(runtime.ledger.drawer, None)
    configure(life, ANOTHER_FIRST)
    assert f'owner = "{ME}"' in asks(life.plan())


def test_with_the_old_name_all_goes_on(life: Life) -> None:
    configure(life, ANOTHER, ("[accounts.work]", f'owner = "{ME}"\n[accounts.work]'))
    assert life.plan().problems == ()
    assert life.changes() == []


def test_what_is_adopted_is_obeyed_and_changed_under_its_old_uid(life: Life) -> None:
    uid = life.ours()["2026-W49/3"].event.ref.uid
    configure(life, ANOTHER)
    adopt(life)
    assert life.plan().problems == ()
    assert life.changes() == []
    life.move("2026-W49/2", "Tue 14:00-16:00")
    life.meet("Wed 08:30-12:00")
    (change,) = life.changes()
    assert change.startswith("update 2026-W49/3 ")
    life.apply()
    assert life.ours()["2026-W49/2"].pinned
    assert life.ours()["2026-W49/3"].event.ref.uid == uid
    assert local(life.ours()["2026-W49/3"].event.when) == change.removeprefix("update 2026-W49/3 ")
    life.delete("2026-W49/1")
    life.apply()
    assert skips(life) == ["2026-W49/1"] * 2
    assert life.changes() == []


def test_purge_removes_what_was_written_under_every_name(life: Life) -> None:
    configure(life, ANOTHER)
    adopt(life)
    configure(life, ("[accounts.work]", "[policies.focus]\nweekly_goal = '10h'\n[accounts.work]"))
    life.apply()
    owners = {o.mark.owner for o in life.ours().values()}
    assert owners == {ME, NEW}
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert life.names() == []


def test_purge_does_so_before_anybody_has_said_whose_they_are(life: Life) -> None:
    configure(life, ANOTHER)
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert life.names() == []


def test_somebody_elses_events_are_no_other_name_of_the_user(life: Life) -> None:
    """A colleague writes to the same calendar."""
    configure(life, ANOTHER)
    life.lose_ledger()
    before = stands(life)
    assert life.plan().problems == ()
    life.apply()
    assert {name: life.get(name) for name in before} == before
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert stands(life) == before


def test_they_are_taken_over_by_name_where_nothing_else_tells(life: Life) -> None:
    configure(life, ANOTHER)
    life.lose_ledger()
    adopt(life, ME)
    assert life.changes() == []
    assert set(life.ours()) == set(KEYS)


# -- another account, another calendar ---------------------------------------------------------------------------------


def test_an_account_under_another_name_changes_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    life.delete("2026-W49/4")
    configure(life, ("[accounts.work]", "[accounts.job]"))
    run(life, "apply", "--yes")
    assert run(life, "plan", "--json").count('"action"') == 0
    assert len(life.names()) == 3


@pytest.fixture
def moved(tmp_path: Path) -> Life:
    """`write` has come to name another account, and the old one is still read."""
    life = Life(tmp_path / "life", top="horizon = '1d'")
    life.apply()
    (tmp_path / "other" / "Home").mkdir(parents=True)
    home = f'[accounts.home]\ntype = "vdir"\npath = "{tmp_path / "other"}"\nemails = ["{ME}"]\nwrite = "Home"\n'
    configure(life, ('write = "Work"', home))
    return life


def run(life: Life, *words: str, code: int = 0) -> str:
    """What a command says."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        done = main(["--config", str(life.base / "config.toml"), "--now", f"{life.now:%Y-%m-%dT%H:%M%z}", *words])
    assert done == code, said.getvalue()
    return said.getvalue()


def test_another_account_to_write_to_is_asked_about(moved: Life, tmp_path: Path) -> None:
    before = stands(moved)
    said = run(moved, "plan", code=2)
    assert "4 events of unbusy stand in work/Work" in said
    assert "unbusy adopt" in said
    run(moved, "apply", "--yes", code=2)
    assert stands(moved) == before
    assert list((tmp_path / "other" / "Home").iterdir()) == []
    assert not list((moved.base / "state" / "journal").glob("*.md"))


def test_what_stands_there_is_the_users_once_it_is_adopted(moved: Life, tmp_path: Path) -> None:
    before = stands(moved)
    assert "4 events elsewhere are yours now" in run(moved, "adopt", "--yes")
    run(moved, "apply", "--yes")
    assert stands(moved) == before
    assert run(moved, "plan", "--json").count('"action"') == 0


def test_purge_says_what_it_cannot_reach(moved: Life) -> None:
    before = stands(moved)
    said = run(moved, "purge", "--yes", code=1)
    assert "4 of unbusy's events may stand there, and purge does not reach them" in said
    assert stands(moved) == before


def test_purge_reaches_the_calendars_of_the_account_that_are_not_read(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    private = life.root / "Private"
    private.mkdir()
    (life.folder / life.name("2026-W49/4")).rename(private / life.name("2026-W49/4"))
    life.apply()
    configure(life, ('write = "Work"', 'write = "Work"\nread = ["Work"]'))
    run(life, "purge", "--yes")
    assert life.names() == []
    assert list(private.iterdir()) == []
    assert run(life, "calendars", "--json").count('"not read"') == 1
    with life.runtime() as runtime:
        assert [i.id for i in runtime.ledger.mirror.calendars("work")] == ["work/Private", "work/Work"]


def test_a_block_in_a_calendar_that_is_read_no_longer_is_asked_about(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    (life.root / "Deep").mkdir(parents=True)
    life.configure(ONLY_FOCUS + "[policies.focus]\ncalendar = 'Deep'\n", "horizon = '1d'")
    life.apply()
    life.configure(ONLY_FOCUS, "horizon = '1d'")
    configure(life, ('write = "Work"', 'write = "Work"\nread = ["Work"]'))
    assert "4 events of unbusy stand in work/Deep" in asks(life.plan())
