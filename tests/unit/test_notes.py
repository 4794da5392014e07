"""Notes: how each lies in the drawer, where a later version finds it, and what becomes of one that cannot be read."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from daemon.ledger import open_ledger
from daemon.ledger.notes import (
    HEALTH,
    LOGINS,
    SKIPS_TAKEN_UP,
    AccountNotes,
    Health,
    Note,
    Rest,
    Trouble,
    Unread,
    account_rest,
    answered,
    consent,
    read_as,
    unread,
    write_rests,
)
from remembering import Drawer

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
REST = Rest(until=NOW, failures=2, what="no connection", remedy="look at the cable")
RESTING = (
    '{"until": "2026-12-01T08:00:00Z", "failures": 2, "what": "no connection", '
    '"remedy": "look at the cable", "code": 4}'
)
TABLE = [
    pytest.param(consent("work"), NOW, "confirmed work", '"2026-12-01T08:00:00Z"', id="consent"),
    pytest.param(account_rest("work"), REST, "rests work", RESTING, id="the rest of an account"),
    pytest.param(write_rests("work"), {"a": REST}, "unwritten work", f'{{"a": {RESTING}}}', id="rests of writes"),
    pytest.param(answered("work/Work", "u1"), "c3ea", "answered work/Work u1", '"c3ea"', id="an answer"),
    pytest.param(LOGINS, ("ada", "x y"), "names of the user", '["ada", "x y"]', id="names"),
    pytest.param(read_as("work/Team"), "shared", "read as work/Team", '"shared"', id="how a calendar is read"),
    pytest.param(
        unread("work/Days"), Unread(at=NOW, why="no right"), "unread work/Days",
        '{"at": "2026-12-01T08:00:00Z", "why": "no right"}', id="a calendar that is not read",
    ),
    pytest.param(SKIPS_TAKEN_UP, True, "skips taken up", "true", id="skips"),
    pytest.param(
        HEALTH, Health(at=NOW, said="fine", stopped="", troubles=(Trouble("work", "no", "log in", 3, NOW),)), "health",
        '{"at": "2026-12-01T08:00:00Z", "said": "fine", "stopped": "", "troubles": [{"where": "work", "what": "no", '
        '"remedy": "log in", "code": 3, "since": "2026-12-01T08:00:00Z"}], "observing": false, "failed": false, '
        '"kept": 0, "booked": 0}', id="health",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("note", "value", "name", "text"), TABLE)
def test_how_a_note_lies_in_the_drawer(note: Note[Any], value: object, name: str, text: str) -> None:
    drawer = Drawer()
    assert note.get(drawer) is None
    note.put(drawer, value)
    assert drawer.all == {name: text}
    assert note.get(drawer) == value
    note.put(drawer, None)
    assert note.get(drawer) is None


@pytest.mark.parametrize("text", ["{", "null", "7", "[[]]", '"2026-13-01"', '{"until": 3}', "[" * 100_000])
@pytest.mark.parametrize(("note", "value", "name", "_"), TABLE)
def test_what_cannot_be_read_counts_for_nothing(note: Note[Any], value: object, name: str, _: str, text: str) -> None:
    drawer = Drawer()
    drawer.put(name, text)
    assert note.get(drawer) in (None, "2026-13-01")


def test_a_name_that_is_no_unicode_is_noted(tmp_path: Path) -> None:
    """A file whose name is not in UTF-8 may be what is wrong."""
    rest = structs.replace(REST, what="cannot read /home/ada/\udcff.ics")
    with closing(open_ledger(tmp_path)) as ledger:
        account_rest("work").put(ledger.drawer, rest)
        assert account_rest("work").get(ledger.drawer) == rest


def test_each_account_has_its_own_notes() -> None:
    drawer = Drawer()
    work, home = AccountNotes(drawer, "work"), AccountNotes(drawer, "home")
    work.put("calendars", '{"a": 1}')
    assert (work.get("calendars"), home.get("calendars"), work.get("token")) == ('{"a": 1}', "", "")
    work.put("calendars", "")
    assert work.get("calendars") == ""


def test_notes_of_version_2_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Texts of any kind, before each was JSON."""
    written = {
        "confirmed work": "2026-12-01T08:00:00+00:00", "note work calendars": 'a "quoted" \\ name', "health": "",
        "answered work/Work u1": "c3ea", "rests work": f'{{"work": {RESTING}}}', "rests home": "", "rests odd": "{",
        "read as work/Team": "shared", "names of the user": "ada ada@example.com",
        "unread work/Days": "2026-12-01T08:00:00+00:00 no right to it", "unread work/Odd": "odd",
    }  # fmt: skip
    shutil.copyfile(Path(__file__).parent.parent / "ledgers" / "v2.sqlite", tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as db:
        db.execute("DELETE FROM meta")
        db.executemany("INSERT INTO meta VALUES (?, ?)", written.items())
    with closing(open_ledger(tmp_path)) as ledger:
        assert consent("work").get(ledger.drawer) == NOW
        assert AccountNotes(ledger.drawer, "work").get("calendars") == 'a "quoted" \\ name'
        assert answered("work/Work", "u1").get(ledger.drawer) == "c3ea"
        assert account_rest("work").get(ledger.drawer) == REST
        assert account_rest("home").get(ledger.drawer) is account_rest("odd").get(ledger.drawer) is None
        assert read_as("work/Team").get(ledger.drawer) == "shared"
        assert LOGINS.get(ledger.drawer) == ("ada", "ada@example.com")
        assert unread("work/Days").get(ledger.drawer) == Unread(at=NOW, why="no right to it")
        assert unread("work/Odd").get(ledger.drawer) is HEALTH.get(ledger.drawer) is None
        assert ledger.own.fresh


def test_the_same_rest_is_read_as_it_was_written_before() -> None:
    """Moments with an offset, as version 1 wrote them."""
    drawer = Drawer()
    drawer.put("rests work", RESTING.replace("Z", "+00:00"))
    assert account_rest("work").get(drawer) == REST
