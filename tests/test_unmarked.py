"""Ours is known by its UID: a mark may get lost on the way, a file may get another name, a calendar too.

Phones over ActiveSync, a synchronizer for Outlook and some libraries drop properties that they do not know; so do
servers behind gateways.  Week 2026-W49, goal 8 h: four blocks on Monday to Thursday from 09:00 to 11:00.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import cycle
from daemon.cli.talk import Nobody
from daemon.journal import pages
from daemon.model.event import CalendarId
from daemon.model.owner import Field, OwnState
from daemon.model.plan import Draft
from daemon.model.protocols import Resource, Seen, Writer
from daemon.views.checks import check_all
from living import ONLY_FOCUS, Life, local, unmarked
from making import ME
from payloads import WINDOW
from servers import Server
from shelves import LOCAL, Dav, Store

FOCUS = ONLY_FOCUS + "[policies.focus]\n"
KEYS = [f"2026-W49/{n}" for n in (1, 2, 3, 4)]


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The four blocks stand."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before the plan that is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def skips(life: Life) -> list[str]:
    """What is filed as turned down, in journal and ledger."""
    with life.runtime() as runtime:
        rows = runtime.ledger.own.rows().values()
        noted = [s.key for s in pages.read_skips(runtime.journal)]
        assert sorted(noted) == sorted(r.key for r in rows if r.status is OwnState.SKIPPED)
        return noted


# -- a client drops the mark ------------------------------------------------------------------------------------------


def test_what_has_lost_its_mark_is_still_ours(life: Life) -> None:
    life.drop_marks()
    assert life.apply().changes == ()
    assert {key: o.edited for key, o in life.ours().items()} == dict.fromkeys(KEYS, frozenset())
    assert skips(life) == []


def test_without_a_ledger_too_its_fields_count_as_the_users_then(life: Life) -> None:
    life.drop_marks()
    life.lose_ledger()
    assert life.apply().changes == ()
    assert {key: o.edited for key, o in life.ours().items()} == dict.fromkeys(KEYS, frozenset(Field))
    assert skips(life) == []


def test_what_is_moved_by_such_a_client_stays_moved(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Wed 14:00-16:00")
    life.drop_marks("2026-W49/2")
    forget(life)
    assert life.apply().changes == ()
    forget(life)
    block = life.ours()["2026-W49/2"]
    assert local(block.event.when) == "Wed 14:00-16:00"
    assert block.pinned
    assert skips(life) == []


def test_what_is_typed_in_such_a_client_is_filed(life: Life, forget: Callable[[Life], None]) -> None:
    life.type("2026-W49/2", ("and what is the next step?", "and what is the next step?\nAt the cut list."))
    life.drop_marks("2026-W49/2")
    forget(life)
    life.apply()
    filed = "".join(p.read_text() for p in (life.base / "state" / "journal").glob("*.md"))
    assert "At the cut list." in filed


def test_gestures_are_obeyed(life: Life, forget: Callable[[Life], None]) -> None:
    life.drop_marks("2026-W49/2")
    life.type("2026-W49/2", ("and what is the next step?", "and what is the next step?\n#skip"))
    forget(life)
    assert life.changes() == ["delete 2026-W49/2"]
    life.apply()
    assert skips(life) == ["2026-W49/2"]
    assert life.apply().changes == ()


def test_what_is_deleted_is_turned_down(life: Life) -> None:
    life.drop_marks()
    life.apply()
    life.delete("2026-W49/2")
    assert life.apply().changes == ()
    assert skips(life) == ["2026-W49/2"]


def test_our_next_write_puts_the_mark_back(life: Life) -> None:
    life.drop_marks("2026-W49/3")
    life.meet("Wed 08:30-12:00")
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    life.apply()
    life.lose_ledger()
    block = life.ours()["2026-W49/3"]
    assert block.edited == frozenset()
    assert block.mark.moves == 1
    assert life.changes() == []


def test_fields_of_the_user_stay_theirs_when_the_mark_comes_back(life: Life) -> None:
    life.edit("2026-W49/3", ("SUMMARY", "Strategy"))
    life.drop_marks("2026-W49/3")
    life.meet("Wed 08:30-12:00")
    life.apply()
    life.lose_ledger()
    assert life.ours()["2026-W49/3"].edited == {Field.TITLE}


def test_what_is_not_wanted_any_more_goes_if_it_is_known_to_be_untouched(life: Life) -> None:
    life.drop_marks()
    life.configure(FOCUS + "weekly_goal = '4h'", "horizon = '1d'")
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]
    life.lose_ledger()
    assert life.changes() == []


def test_purge_leaves_nothing(life: Life, forget: Callable[[Life], None]) -> None:
    life.drop_marks()
    forget(life)
    with life.runtime() as runtime:
        assert cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now).done == 4
    assert life.names() == []


def test_somebody_elses_event_with_the_uid_of_one_of_ours_is_not_ours(life: Life) -> None:
    """An invitation that was made with it: it is not touched, and nothing takes it for turned down."""
    name = life.name("2026-W49/3")
    life.drop_marks("2026-W49/3")
    life.edit("2026-W49/3", ("ORGANIZER", "mailto:mallory@example.com"), ("ATTENDEE", f"mailto:{ME}"))
    before = life.get(name)
    life.apply()
    assert "2026-W49/3" not in life.ours()
    assert life.get(name) == before
    assert skips(life) == []


# -- another name -----------------------------------------------------------------------------------------------------


@pytest.fixture
def renamed(life: Life, store: Store) -> Life:
    """The third block lies under another name."""
    if not isinstance(store, str) and "google" in life.shelf.account:
        pytest.skip("nobody names an event there")
    life.rename("2026-W49/3", "Besprechung 17.ics")
    return life


@pytest.mark.parametrize("mark", [True, False], ids=["with its mark", "without it"])
def test_the_name_of_a_file_proves_nothing(renamed: Life, forget: Callable[[Life], None], *, mark: bool) -> None:
    if not mark:
        renamed.put("Besprechung 17.ics", unmarked(renamed.get("Besprechung 17.ics")))
    forget(renamed)
    assert renamed.apply().changes == ()
    assert skips(renamed) == []
    assert set(renamed.ours()) == set(KEYS)


def test_it_is_moved_and_deleted_there(renamed: Life) -> None:
    renamed.meet("Wed 08:30-12:00")
    renamed.apply()
    assert local(renamed.ours()["2026-W49/3"].event.when) == "Fri 09:00-11:00"
    assert "Besprechung 17.ics" in renamed.names()
    with renamed.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, renamed.now), renamed.now)
    assert [n for n in renamed.names() if not n.startswith("Meeting")] == []


# -- copies -----------------------------------------------------------------------------------------------------------


def test_a_clients_copy_is_foreign_and_the_original_stays(life: Life, forget: Callable[[Life], None]) -> None:
    uid = life.ours()["2026-W49/3"].event.ref.uid
    copied = life.get(f"{uid}.ics").replace(uid.encode(), b"a-copy-of-it").replace(b"20261202T", b"20261203T")
    life.put("a-copy-of-it.ics", copied.replace(b"T090000", b"T140000").replace(b"T110000", b"T160000"))
    forget(life)
    life.apply()
    assert f"{uid}.ics" in life.names()
    assert "a-copy-of-it.ics" in life.names()
    assert local(life.ours()["2026-W49/3"].event.when) == "Wed 09:00-11:00"
    assert skips(life) == []


@pytest.mark.parametrize("store", LOCAL)  # servers take a UID once in a calendar
def test_of_two_with_one_uid_the_one_as_asked_for_is_ours(renamed: Life) -> None:
    """A client has left the old file, and has moved its own copy to another day."""
    payload = renamed.get("Besprechung 17.ics")
    for old, new in ((b":20261202T090000", b":20261201T140000"), (b":20261202T110000", b":20261201T160000")):
        payload = payload.replace(old, new)
    renamed.put("A copy.ics", payload)
    renamed.apply()
    assert {"A copy.ics", "Besprechung 17.ics"} <= set(renamed.names())
    assert local(renamed.ours()["2026-W49/3"].event.when) == "Wed 09:00-11:00"


# -- a server that keeps no mark --------------------------------------------------------------------------------------


class Forgetful:
    """A store that drops what it does not know from whatever is written to it."""

    def __init__(self, inner: Writer, life: Life) -> None:
        self._inner, self._life = inner, life

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def create(self, draft: Draft) -> Resource:
        return self._kept(self._inner.create(draft))

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        return self._kept(self._inner.update(resource, draft, fields))

    def _kept(self, made: Resource) -> Resource:
        name = next(n for n in self._life.names() if made.ref.href in n)
        self._life.put(name, unmarked(self._life.get(name)))
        return self._found(made.ref.calendar, made.ref.href)

    def _found(self, calendar: CalendarId, href: str) -> Resource:
        changes = self._inner.changes(calendar, Seen(window=WINDOW))
        return next(r for r in changes.changed if isinstance(r, Resource) and r.ref.href == href)


def test_a_server_that_keeps_no_mark_is_served_all_the_same(tmp_path: Path, store: Store) -> None:
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.through = lambda connector: Forgetful(connector, life)  # type: ignore[assignment,return-value]  # a wrapper
    life.apply()
    with life.runtime() as runtime:
        said = [step for step, problem in check_all(runtime, life.now, Nobody()) if problem]
    assert said in (["marks in work/Work"], ["marks in work/primary"])
    assert life.changes() == []
    assert all(o.edited == frozenset() for o in life.ours().values())
    life.move("2026-W49/2", "Wed 14:00-16:00")
    life.meet("Thu 08:30-12:00")
    assert life.changes() == ["update 2026-W49/4 Tue 09:00-11:00"]
    life.apply()
    assert life.changes() == []
    life.delete("2026-W49/1")
    life.apply()
    assert skips(life) == ["2026-W49/1"]
    assert life.ours()["2026-W49/2"].pinned
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert [n for n in life.names() if not n.startswith("Meeting")] == []


# -- another calendar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", [True, False], ids=["with their marks", "without them"])
def test_a_calendar_under_another_name_is_no_move(life: Life, *, marked: bool) -> None:
    """Its path has another segment with that, where a store makes one of the name."""
    if not marked:
        life.drop_marks()
    life.shelf = life.shelf.renamed("Home")
    config = life.base / "config.toml"
    config.write_text(config.read_text().replace('write = "Work"', 'write = "Home"'))
    life.apply(force=True)
    assert life.changes() == []
    assert {key: o.edited for key, o in life.ours().items()} == dict.fromkeys(KEYS, frozenset())
    assert skips(life) == []


def test_nor_is_an_account_under_another_name(life: Life) -> None:
    if life.shelf.connector:
        pytest.skip("the tests hand it over by the name of its account")
    config = life.base / "config.toml"
    config.write_text(config.read_text().replace("[accounts.work]", "[accounts.cloud]"))
    life.meet("Wed 08:30-12:00")
    assert [c.split()[1] for c in life.changes()] == ["2026-W49/3"]
    life.apply()
    assert life.changes() == []
    assert skips(life) == []
    life.delete("2026-W49/4")
    life.apply()
    assert skips(life) == ["2026-W49/4"]


@pytest.mark.parametrize("mark", [True, False], ids=["with their marks", "without them"])
def test_nor_is_the_same_calendar_on_another_server(
    tmp_path: Path, radicale: Server, xandikos: Server, password: str, *, mark: bool
) -> None:
    """Exported from the one, imported into the other, which gives each resource a name and a version of its own."""
    assert password
    life = Life(tmp_path, top="horizon = '1d'", store=Dav(radicale.account()))
    life.apply()
    content = [life.get(name) for name in life.names()]
    life.shelf = Dav(xandikos.account(), calendar="Calendrier")
    life.configure(ONLY_FOCUS, "horizon = '1d'")
    config = life.base / "config.toml"
    config.write_text(config.read_text().replace('write = "Work"', 'write = "Calendrier"'))
    for n, payload in enumerate(content):
        life.put(f"import-{n}.ics", payload if mark else unmarked(payload))
    life.apply(force=True)
    assert life.changes() == []
    assert {key: o.edited for key, o in life.ours().items()} == dict.fromkeys(KEYS, frozenset())
    assert skips(life) == []
