"""An older ledger becomes one of today, with everything that is in it; or it stays what it was.

Each file in tests/ledgers was made by the last code that had its schema (tests/ledgers/make.py): three days of a user.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from daemon import cycle
from daemon.cli import main
from daemon.config import load
from daemon.ledger import open_ledger
from daemon.ledger.notes import AccountNotes
from daemon.ledger.sqlite.migrations import VERSION
from daemon.model.errors import TemporaryError
from daemon.model.owner import Field, OwnState
from daemon.model.plan import Cause, Create
from daemon.stages.runtime import Runtime, open_runtime
from daemon.undo import plan_undo
from ledgers.make import CONFIG, UNTOUCHED
from living import said
from making import ME, moment

STORED = sorted(Path(__file__).parent.glob("ledgers/v*.sqlite"))
NOW = "2026-12-01T10:44"
"""Two minutes after its last run."""


def test_there_is_a_stored_ledger_of_every_older_version() -> None:
    assert [p.name for p in STORED] == [f"v{n}.sqlite" for n in range(1, VERSION)]


@pytest.fixture(params=STORED, ids=lambda path: path.stem)
def stored(request: pytest.FixtureRequest) -> Path:
    """An older ledger, as it was made."""
    path: Path = request.param
    return path


class Past:
    """The user of that ledger, with the calendars as the mirror in it has them; "home" cannot be read."""

    def __init__(self, base: Path, stored: Path) -> None:
        self.base = base
        self.ledger = base / "state" / "ledger.sqlite"
        self.ledger.parent.mkdir()
        shutil.copyfile(stored, self.ledger)
        (base / "calendars" / "Work").mkdir(parents=True)
        for href, payload in self.rows("SELECT href, payload FROM resource WHERE calendar = 'work/Work'"):
            (base / "calendars" / "Work" / str(href)).write_bytes(bytes(payload))
        (base / "config.toml").write_text(CONFIG.format(base=base, me=ME, goal="8h"))

    def rows(self, *statements: str) -> list[tuple[object, ...]]:
        """What the last of some statements gives, on the file itself."""
        with closing(sqlite3.connect(self.ledger, isolation_level=None)) as db:
            return [db.execute(s).fetchall() for s in statements][-1]

    def says(self, capsys: pytest.CaptureFixture[str], *words: str, now: str = NOW) -> str:
        """What a command prints."""
        main(["--config", str(self.base / "config.toml"), "--now", now, *words])
        return capsys.readouterr().out

    def status(self, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.says(capsys, "status", "--json"))
        return found

    @contextmanager
    def runtime(self, now: str = "Tue 10:44") -> Iterator[tuple[Runtime, datetime]]:
        at = moment(now).astimezone(UTC)
        with open_runtime(load(self.base / "config.toml"), lambda: at) as runtime:
            yield runtime, at

    def changes(self) -> list[str]:
        with self.runtime() as (runtime, now):
            return [said(c) for c in cycle.plan(runtime, now).plan.changes]


@pytest.fixture
def past(tmp_path: Path, stored: Path) -> Past:
    return Past(tmp_path, stored)


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_the_log_tells_every_run_as_it_was(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    runs = past.rows("SELECT id, command, outcome FROM run ORDER BY id DESC")
    changes = past.rows("SELECT run, action, policy, key, uid, reason, outcome FROM change ORDER BY run DESC, seq")
    told = json.loads(past.says(capsys, "log", "--json"))["runs"]
    assert [(r["run"], r["command"], r["outcome"]) for r in told] == runs
    assert [
        (r["run"], c["action"], c["policy"], c["key"], c["uid"], c["reason"], c["outcome"])
        for r in told
        for c in r["changes"]
    ] == changes
    assert len(runs) == 8
    assert "‘Visit’ was booked over Fri 4 Dec 09:00" in past.says(capsys, "log")


def test_what_was_read_off_sentences_is_data_now(past: Past) -> None:
    with past.runtime() as (runtime, _):
        runs = runtime.ledger.runs.latest(99)
    assert {r.id: r.undoes for r in runs if r.undoes} == {4: 3}
    booked_over = {(r.id, c.key) for r in runs for c in r.changes if c.cause == Cause.BOOKED_OVER}
    assert booked_over == {(2, "2026-W49/4"), (6, UNTOUCHED), (7, UNTOUCHED), (8, UNTOUCHED)}


def test_a_run_of_then_is_taken_back(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    assert "was Thu 3 Dec 12:00–14:00" in past.says(capsys, "undo", "--yes")
    block = past.base / "calendars" / "Work" / "unbusy-uogvdua8ac92ukum2acnplc9g31a43do.ics"
    assert b"DTSTART;TZID=Europe/Warsaw:20261204T090000" in block.read_bytes().replace(b"\r\n ", b"")


def test_a_run_that_was_taken_back_then_is_not_taken_back_again(past: Past) -> None:
    past.rows("DELETE FROM change WHERE run > 4", "DELETE FROM run WHERE id > 4")
    with past.runtime() as (runtime, now):
        assert plan_undo(runtime, None, now).run == 2


def test_what_was_skipped_stays_away(past: Past) -> None:
    skipped = {"2026-W49/2", "2026-W49/5", "2026-W50/5"}
    with past.runtime() as (runtime, now):
        own = runtime.ledger.own.rows()
        snapshot = cycle.plan(runtime, now).observation.snapshot
    assert {s.key for s in snapshot.skips} == skipped
    assert {key for (_, key), row in own.items() if row.status is OwnState.SKIPPED} == skipped


def test_what_was_withdrawn_or_never_seen_is_known(past: Past) -> None:
    with past.runtime() as (runtime, now):
        own = runtime.ledger.own.rows()
        created = [c for c in cycle.plan(runtime, now).plan.changes if isinstance(c, Create)]
    withdrawn = {key for (_, key), row in own.items() if row.status is OwnState.WITHDRAWN}
    assert withdrawn == {"2026-W49/4", "2026-W50/3", "2026-W50/4"}
    assert own["focus", "2026-W49/6"].status is OwnState.INTENDED
    assert {c.draft.mark.generation for c in created if c.draft.mark.key in withdrawn} <= {1}


def test_writing_is_still_allowed(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    assert past.status(capsys)["writing"] == "to work"
    with past.runtime() as (runtime, now):
        assert cycle.may_write(runtime, cycle.plan(runtime, now).observation)


def test_what_rested_rests(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    resting = {a["account"]: a for a in past.status(capsys)["accounts"]}["home"]
    assert resting["why"] == "no connection to home; look at the cable"
    assert resting["resting_until"] == "2026-12-01 10:47+01:00"
    with past.runtime("Tue 10:34") as (runtime, now):
        problems = [p.what for p in cycle.plan(runtime, now, patient=True).plan.problems]
    assert any(p.startswith("`update focus 2026-W50/1` failed 1 times: not allowed") for p in problems)


def test_what_the_last_cycle_came_to_is_told(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    assert past.status(capsys)["last_result"] == "1 changes, writing failed: not allowed"


def test_what_was_read_is_there_although_it_cannot_be_read_now(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Dentist" in past.says(capsys, "agenda")
    mirror = past.rows("SELECT calendar, href, version, first, last, policy, key, generation, payload FROM resource")
    with closing(open_ledger(past.ledger.parent)) as ledger:
        intake = ledger.mirror.intake("home/Private", date(2026, 11, 1).toordinal())
        assert (intake.state, intake.versions()) == ("1", {"dentist.ics": "1"})
        assert ledger.mirror.read_at("home/Private") == moment("Tue 08:30")
    assert mirror == past.rows(
        "SELECT calendar, href, version, first, last, policy, key, generation, payload FROM resource"
    )


def test_what_a_store_made_of_our_write_is_no_edit(past: Past) -> None:
    with past.runtime() as (runtime, now):
        assert runtime.ledger.own.rows()["focus", UNTOUCHED].read_back == {Field.COLOUR: "tomato"}
        ours = {o.mark.key: o for o in cycle.plan(runtime, now).observation.snapshot.ours}
    assert ours[UNTOUCHED].event.colour == "tomato"
    assert ours[UNTOUCHED].edited == frozenset()


def test_a_text_that_was_written_today_is_not_written_again(past: Past) -> None:
    written = past.rows("SELECT key FROM own WHERE text_day = '2026-12-01'")
    with past.runtime() as (runtime, _):
        own = runtime.ledger.own.rows()
    assert [(key,) for (_, key), row in own.items() if row.text_day == date(2026, 12, 1)] == written
    assert written


def test_a_command_that_was_answered_is_not_answered_again(past: Past) -> None:
    assert not [c for c in past.changes() if c.startswith("annotate")]


def test_what_a_connector_noted_is_there(past: Past) -> None:
    with past.runtime() as (runtime, _):
        assert AccountNotes(runtime.ledger.drawer, "work").get("calendars") == '{"at": "2026-12-01"}'


def test_the_skips_of_the_journal_are_not_taken_up_anew(past: Past) -> None:
    with closing(open_ledger(past.ledger.parent)) as ledger:
        assert not ledger.own.fresh


def test_it_goes_on_from_there(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.says(capsys, "apply", "--yes")
    assert past.changes() == []
    assert json.loads(past.says(capsys, "log", "--json"))["runs"][0]["run"] == 9


# -- the file ---------------------------------------------------------------------------------------------------------


def dump(path: Path) -> tuple[int, list[str]]:
    """The version of a file, and everything in it but its seal."""
    with closing(sqlite3.connect(path)) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        return version, [line for line in db.iterdump() if not line.startswith('INSERT INTO "seal"')]


def schema(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        return [" ".join(sql.split()) for (sql,) in rows]


def copies(folder: Path) -> list[str]:
    """The names of the files beside ledger and lock."""
    return sorted(p.name for p in folder.iterdir() if p.name not in ("ledger.sqlite", "ledger.sqlite.lock"))


def test_a_migrated_ledger_has_the_tables_of_a_new_one(tmp_path: Path, past: Past) -> None:
    open_ledger(past.ledger.parent).close()
    open_ledger(tmp_path / "new").close()
    assert schema(past.ledger) == schema(tmp_path / "new" / "ledger.sqlite")


def test_it_is_kept_beside_as_it_was_and_that_is_told_once(
    past: Past, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--config", str(past.base / "config.toml"), "--now", NOW, "check"])
    copy = past.ledger.with_name(f"ledger.sqlite.version-{stored.stem[1:]}")
    out, err = capsys.readouterr()
    told = f"the ledger was of an older version and is migrated; as it was it is kept as {copy}"
    assert told in err
    assert told in out
    assert "damaged" not in out + err
    assert dump(copy) == dump(stored)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(open_ledger(past.ledger.parent)) as ledger:
        assert (ledger.copy, ledger.set_aside, ledger.notice) == (None, None, "")


def test_the_same_is_copied_once_and_another_beside_it(tmp_path: Path, stored: Path) -> None:
    path, version = tmp_path / "ledger.sqlite", stored.stem[1:]
    for _ in range(2):
        shutil.copyfile(stored, path)
        open_ledger(tmp_path).close()
        assert copies(tmp_path) == [f"ledger.sqlite.version-{version}"]
    shutil.copyfile(stored, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM run WHERE id = 8")
    open_ledger(tmp_path).close()
    assert copies(tmp_path) == [f"ledger.sqlite.version-{version}", f"ledger.sqlite.version-{version}-2"]
    assert dump(tmp_path / f"ledger.sqlite.version-{version}") == dump(stored)


def test_a_damaged_older_one_is_set_aside(tmp_path: Path, stored: Path) -> None:
    content = bytearray(stored.read_bytes())
    content[8_192:12_288] = b"\xff" * 4_096
    (tmp_path / "ledger.sqlite").write_bytes(content)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.path.read_bytes() == content
        assert "damaged" in ledger.notice


@pytest.mark.parametrize("table", ["own", "calendar"])
def test_one_without_its_tables_is_damaged(tmp_path: Path, stored: Path, table: str) -> None:
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(stored, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"DROP TABLE {table}")
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.own.fresh


def test_one_without_the_sign_of_a_ledger_is_none(tmp_path: Path, stored: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(stored, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA application_id = 7")
    with closing(open_ledger(tmp_path)) as ledger:
        assert bool(ledger.set_aside) is (stored.stem != "v1")


def test_one_that_another_process_writes_to_is_migrated_later(past: Past, stored: Path) -> None:
    with closing(sqlite3.connect(past.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TemporaryError, match="in use"):
            open_ledger(past.ledger.parent, wait=0.01)
    assert dump(past.ledger) == dump(stored)
    open_ledger(past.ledger.parent).close()
    assert copies(past.ledger.parent) == [f"ledger.sqlite.version-{stored.stem[1:]}"]


@pytest.mark.parametrize("room", [1_000, 60_000])
def test_a_disk_without_room_for_the_copy_leaves_it_as_it_was(past: Past, stored: Path, room: int) -> None:
    limited = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from pathlib import Path\nfrom daemon.ledger import open_ledger\nfrom daemon.model.errors import UnbusyError\n"
        "try:\n    open_ledger(Path(sys.argv[1]))\nexcept UnbusyError as e:\n    print(e.what)\n"
    )
    run = [sys.executable, "-c", limited, str(past.ledger.parent)]
    out = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert out.startswith("cannot use the ledger")
    assert past.ledger.read_bytes() == stored.read_bytes()
    assert copies(past.ledger.parent) == []


DYING = """
import os, shutil, sqlite3, sys
from contextlib import closing
from pathlib import Path
from typing import Any
from daemon.ledger import open_ledger
stored, base = map(Path, sys.argv[1:])
connect = sqlite3.connect

def die(left):
    def at(statement):
        nonlocal left
        if not left:
            os._exit(9)
        left -= 1
    def connected(*args, **kwargs):
        db = connect(*args, **kwargs)
        db.set_trace_callback(at)
        return db
    return connected

number, code = 0, 9
while code == 9:
    folder = base / str(number)
    folder.mkdir()
    shutil.copyfile(stored, folder / "ledger.sqlite")
    child = os.fork()
    if not child:
        sqlite3.connect = die(number)
        open_ledger(folder)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    number += 1
sys.exit(code)
"""
"""A process that ends, without a word, before each statement in turn, until there is none left."""


def test_a_migration_that_is_killed_between_two_statements_leaves_the_old_or_the_new(
    tmp_path: Path, stored: Path
) -> None:
    (tmp_path / "killed").mkdir()
    subprocess.run([sys.executable, "-c", DYING, str(stored), str(tmp_path / "killed")], check=True)
    folders = sorted((tmp_path / "killed").iterdir(), key=lambda p: int(p.name))
    whole = dump(folders[-1] / "ledger.sqlite")
    old = dump(stored)
    found = []
    for folder in folders:
        found.append(left := dump(folder / "ledger.sqlite"))
        assert left in (old, whole), folder.name
        with closing(open_ledger(folder)) as ledger:
            assert ledger.set_aside is None
        assert dump(folder / "ledger.sqlite") == whole
        assert copies(folder) == [f"ledger.sqlite.version-{stored.stem[1:]}"]
        assert dump(folder / copies(folder)[0]) == old
    assert found.count(old) > 10
    assert whole[0] == VERSION


def test_two_processes_migrate_it_once(past: Past, stored: Path) -> None:
    script = "import sys\nfrom pathlib import Path\nfrom daemon.ledger import open_ledger\nsys.stdin.readline()\n"
    script += "ledger = open_ledger(Path(sys.argv[1]), wait=20)\nassert not ledger.set_aside\nprint(bool(ledger.copy))"
    run = [sys.executable, "-c", script, str(past.ledger.parent)]
    children = [subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [child.communicate("go\n", timeout=60)[0].strip() for child in children]
    assert sorted(told) == ["False", "False", "True"]
    assert copies(past.ledger.parent) == [f"ledger.sqlite.version-{stored.stem[1:]}"]
