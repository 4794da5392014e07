"""The ledger: what it remembers, and what it does when its file is not what it was."""

from __future__ import annotations

import os
import resource as limits
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.ledger.sqlite import SqliteLedger, open_ledger
from daemon.ledger.sqlite.failures import SetAside, Unusable
from daemon.ledger.sqlite.migrations import VERSION
from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.protocols import Peek
from daemon.system.state_files import is_unchanged
from recording import ROW, found, known, state, store


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with closing(open_ledger(tmp_path / "state", wait=0.05)) as ledger:
        yield ledger


def dump(ledger: SqliteLedger) -> list[str]:
    """Everything that is in the file."""
    with closing(sqlite3.connect(ledger.path)) as db:
        return [line for line in db.iterdump() if not line.startswith('INSERT INTO "seal"')]


# -- transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, UnbusyError, OSError, KeyboardInterrupt, SystemExit])
def test_whatever_happens_a_transaction_is_whole_or_nothing(ledger: SqliteLedger, error: type[BaseException]) -> None:
    def half() -> None:
        with ledger.database.transaction():
            ledger.database.connection.execute("INSERT INTO note VALUES ('a', 'b')")
            raise error("half-way")

    before = dump(ledger)
    with pytest.raises(error, match="half-way"):
        half()
    assert dump(ledger) == before
    ledger.drawer.put("a", "c")
    assert ledger.drawer.get("a") == "c"


@contextmanager
def other_process(ledger: SqliteLedger, *statements: str) -> Iterator[None]:
    """Another connection to the same file that has got as far as this."""
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement).fetchone()
        yield


@pytest.mark.parametrize(
    ("doing", "what"),
    [
        pytest.param("BEGIN IMMEDIATE", lambda ledger: ledger.drawer.put("a", "b"), id="two writers"),
        pytest.param("BEGIN EXCLUSIVE", lambda ledger: ledger.drawer.get("a"), id="reading while the other commits"),
        pytest.param("BEGIN EXCLUSIVE", lambda ledger: open_ledger(ledger.path.parent, 0.01), id="opening meanwhile"),
    ],
)
def test_a_ledger_in_use_is_a_temporary_error(
    ledger: SqliteLedger, doing: str, what: Callable[[SqliteLedger], object]
) -> None:
    with other_process(ledger, doing), pytest.raises(TemporaryError, match="in use") as error:
        what(ledger)
    assert str(ledger.path) in error.value.what
    ledger.drawer.put("a", "c")
    assert ledger.drawer.get("a") == "c"


def test_there_is_one_transaction_at_a_time_from_its_beginning(ledger: SqliteLedger) -> None:
    with (
        ledger.database.transaction(),
        closing(open_ledger(ledger.path.parent, wait=0)) as other,
        pytest.raises(TemporaryError),
    ):
        other.drawer.put("a", "b")


@pytest.mark.parametrize(("options", "milliseconds"), [({}, 5_000), ({"wait": 0.25}, 250)])
def test_how_long_it_waits_for_others(tmp_path: Path, options: dict[str, float], milliseconds: int) -> None:
    with closing(open_ledger(tmp_path, **options)) as ledger:
        assert ledger.database.connection.execute("PRAGMA busy_timeout").fetchone() == (milliseconds,)


def test_a_commit_that_had_to_wait_for_a_reader_too_long_is_taken_back(ledger: SqliteLedger) -> None:
    ledger.own.remember([ROW, replace(ROW, key="2026-W49/2")])
    with other_process(ledger, "BEGIN", "SELECT * FROM own"), pytest.raises(TemporaryError):
        ledger.drawer.put("a", "b")
    assert ledger.drawer.get("a") == ""
    ledger.drawer.put("a", "c")
    assert ledger.drawer.get("a") == "c"


@pytest.mark.parametrize("before", ["delete", "wal"])
def test_what_is_committed_is_on_the_disk_and_in_one_file(tmp_path: Path, before: str) -> None:
    open_ledger(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as another_program:
        assert another_program.execute(f"PRAGMA journal_mode = {before}").fetchone() == (before,)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.database.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert ledger.database.connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_full_disk_loses_nothing(ledger: SqliteLedger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = dump(ledger)
    pages = ledger.database.connection.execute("PRAGMA page_count").fetchone()[0]
    ledger.database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnbusyError, match="disk is full") as error:
        store(ledger, *(found(f"{n}.ics", payload=b"x" * 5_000) for n in range(50)))
    assert str(ledger.path) in error.value.what
    assert error.value.remedy
    assert dump(ledger) == before
    ledger.database.connection.execute("PRAGMA max_page_count = 1000000")
    store(ledger, found("b.ics"))
    assert known(ledger) == {"b.ics": "1"}


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: writing fails as it does on a full disk."""
    soft, hard = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_bytes(ledger: SqliteLedger) -> None:
    ledger.drawer.put("a", "b")
    with files_up_to(1_000), pytest.raises(UnbusyError, match="cannot use the ledger"):
        ledger.drawer.put("a", "c")
    assert ledger.drawer.get("a") == "b"
    ledger.drawer.put("a", "c")
    assert ledger.drawer.get("a") == "c"


def test_a_new_ledger_on_a_full_disk(tmp_path: Path) -> None:
    with files_up_to(1_000), pytest.raises(UnbusyError, match="cannot use the ledger"):
        open_ledger(tmp_path)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.own.fresh
        assert ledger.set_aside is None


def test_a_ledger_that_is_deleted_while_it_is_open(ledger: SqliteLedger) -> None:
    ledger.path.unlink()
    with pytest.raises(UnbusyError, match="moved or deleted"):
        ledger.drawer.put("a", "b")


# -- the file ---------------------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, str]:
    return {p.name: oct(stat.S_IMODE(p.stat().st_mode)) for p in [folder, *folder.iterdir()]}


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(open_ledger(tmp_path / "a" / "state")) as ledger, ledger.database.transaction():
            ledger.database.connection.execute("INSERT INTO note VALUES ('a', 'b')")
            made = modes(tmp_path / "a" / "state")
    finally:
        os.umask(before)
    assert made.pop("state") == "0o700"
    assert "ledger.sqlite-journal" in made
    assert set(made.values()) == {"0o600"}


def test_a_ledger_that_everybody_can_read_is_closed_to_them(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    (tmp_path / "ledger.sqlite").chmod(0o644)
    open_ledger(tmp_path).close()
    assert modes(tmp_path)["ledger.sqlite"] == "0o600"


def sound() -> bytes:
    """The content of a ledger that has something in it."""
    with tempfile.TemporaryDirectory() as folder, closing(open_ledger(Path(folder))) as ledger:
        store(ledger, *(found(f"{n}.ics", payload=b"x" * 500) for n in range(100)))
        return ledger.path.read_bytes()


def patched(at: int, data: bytes) -> bytes:
    content = sound()
    return content[:at] + data + content[at + len(data) :]


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
        return db.serialize()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: b"not a database, but it is there", id="short text"),
        pytest.param(lambda: b"x" * 100_000, id="long text"),
        pytest.param(lambda: bytes(8_192), id="zeros"),
        pytest.param(lambda: sound()[:600], id="cut in the first page"),
        pytest.param(lambda: sound()[:-4_096], id="the last page is missing"),
        pytest.param(lambda: sound()[: len(sound()) // 2], id="cut in the middle"),
        pytest.param(lambda: patched(0, b"\0" * 100), id="the header is gone"),
        pytest.param(lambda: patched(44, b"\0\0\0\x09"), id="a file format of the future"),
        pytest.param(lambda: patched(8_192, b"\xff" * 4_096), id="a page of nonsense"),
        pytest.param(lambda: sound().replace(b"CREATE TABLE own", b"CREATE \xa2\xa2BLE own"), id="a broken schema"),
        pytest.param(lambda: database("CREATE TABLE photo (id)"), id="the database of another program"),
        pytest.param(
            lambda: database("CREATE TABLE a (b)", "PRAGMA user_version = 1"), id="another one, with a version"
        ),
        pytest.param(lambda: database("CREATE TABLE a (b)", "PRAGMA user_version = 99"), id="another one, far ahead"),
        pytest.param(lambda: database("PRAGMA user_version = -1", "CREATE TABLE a (b)"), id="a version below all"),
    ],
)
def test_what_is_no_ledger_of_ours_is_set_aside(tmp_path: Path, content: Callable[[], bytes]) -> None:
    path, data = tmp_path / "ledger.sqlite", content()
    path.write_bytes(data)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.path == tmp_path / "ledger.sqlite.set-aside-1"
        assert ledger.set_aside.path.read_bytes() == data
        assert ledger.notice == f"the ledger was damaged, or was none; it is kept as {ledger.set_aside.path}"
        assert ledger.own.fresh
        store(ledger, found("a.ics"))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside is None
        assert known(ledger) == {"a.ics": "1"}
    path.write_bytes(data)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.path == tmp_path / "ledger.sqlite.set-aside-2"


def test_what_a_newer_version_wrote_is_set_aside_and_told_from_damage(tmp_path: Path) -> None:
    newer = patched(60, (VERSION + 1).to_bytes(4, "big"))
    (tmp_path / "ledger.sqlite").write_bytes(newer)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside == SetAside(tmp_path / "ledger.sqlite.set-aside-1", Unusable.NEWER)
        assert ledger.set_aside.path.read_bytes() == newer
        assert "newer version of unbusy" in ledger.notice
        assert "put it back" in ledger.notice
        assert "damaged" not in ledger.notice
        assert ledger.own.fresh


def test_a_newer_one_that_is_damaged_is_damaged(tmp_path: Path) -> None:
    content = bytearray(patched(60, (VERSION + 1).to_bytes(4, "big")))
    content[8_192:12_288] = b"\xff" * 4_096
    (tmp_path / "ledger.sqlite").write_bytes(content)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.fault is Unusable.DAMAGED


def test_a_folder_in_its_place_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    (tmp_path / "ledger.sqlite" / "notes.txt").write_text("keep me")
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert (ledger.set_aside.path / "notes.txt").read_text() == "keep me"


@pytest.mark.parametrize("end", ["-journal", "-wal"])
def test_what_a_crash_has_left_goes_with_it(tmp_path: Path, end: str) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    (tmp_path / f"ledger.sqlite{end}").write_text("a transaction")
    with closing(open_ledger(tmp_path)) as ledger:
        store(ledger, found("a.ics"))
    assert (tmp_path / f"ledger.sqlite.set-aside-1{end}").read_text() == "a transaction"
    with closing(open_ledger(tmp_path)) as ledger:
        assert known(ledger) == {"a.ics": "1"}


def test_an_empty_file_is_nothing_to_set_aside(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch(0o644)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside is None
        assert ledger.own.fresh
        assert modes(tmp_path)["ledger.sqlite"] == "0o600"


@pytest.mark.parametrize("at", [100, 4_096, 20_000], ids=["the schema", "the second page", "a later page"])
def test_damage_at_once_after_it_was_closed_is_noticed_without_a_change_of_its_size(tmp_path: Path, at: int) -> None:
    for _ in range(2):  # the second time this process knows the file
        with closing(open_ledger(tmp_path)) as ledger:
            assert ledger.set_aside is None
            store(ledger, *(found(f"{n}.ics", payload=b"x" * 500) for n in range(100)))
    with ledger.path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 4_096)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside == SetAside(tmp_path / "ledger.sqlite.set-aside-1", Unusable.DAMAGED)


def test_another_file_in_its_place_is_checked(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        store(ledger, *(found(f"{n}.ics", payload=b"x" * 500) for n in range(100)))
        path, content = ledger.path, bytearray(ledger.path.read_bytes())
        content[4_096:] = b"\xff" * (len(content) - 4_096)
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").rename(path)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside


def test_what_this_process_left_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ledger(tmp_path).close()
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(path: Path, **options: Any) -> sqlite3.Connection:
        db = connect(path, **options)
        db.set_trace_callback(statements.append)
        return db

    monkeypatch.setattr(sqlite3, "connect", traced)
    open_ledger(tmp_path).close()
    assert not any("rootpage" in s for s in statements)
    (tmp_path / "ledger.sqlite").touch()
    open_ledger(tmp_path).close()
    assert any("rootpage" in s for s in statements)


def test_after_any_trouble_it_is_checked_again(ledger: SqliteLedger) -> None:
    with pytest.raises(sqlite3.Error), ledger.database.transaction():
        raise sqlite3.Error
    ledger.close()
    assert not is_unchanged(ledger.path)


def test_what_another_process_put_in_meanwhile_goes_with_the_next_reading(ledger: SqliteLedger) -> None:
    store(ledger, found("a.ics"))
    assert known(ledger) == {"a.ics": "1"}
    with closing(open_ledger(ledger.path.parent)) as other:
        other.mirror.put_resource(found("b.ics"), Peek())
    store(ledger, present=["a.ics"])
    assert known(ledger) == {"a.ics": "1"}


def test_damage_that_is_met_later_is_named(ledger: SqliteLedger) -> None:
    store(ledger, *(found(f"{n}.ics", payload=b"x" * 500) for n in range(100)))
    content = bytearray(ledger.path.read_bytes())
    content[4_096:] = b"\xff" * (len(content) - 4_096)
    with ledger.path.open("r+b") as file:
        file.write(content)
    ledger.database.connection.execute("PRAGMA shrink_memory")
    with closing(sqlite3.connect(ledger.path)) as other:
        other.execute("PRAGMA user_version = 1")
        other.commit()
    with pytest.raises(UnbusyError, match="damaged") as error:
        known(ledger)
    assert str(ledger.path) in error.value.what
    with closing(open_ledger(ledger.path.parent)) as new:
        assert new.set_aside


# -- folders ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain_folder() -> Iterator[Path]:
    """A folder of a user to whom modes apply: root is nobody for the test."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_a_folder_in_which_nothing_can_be_made(plain_folder: Path) -> None:
    plain_folder.chmod(0o500)
    with pytest.raises(UnbusyError, match="Permission denied") as error:
        open_ledger(plain_folder)
    assert str(plain_folder / "ledger.sqlite") in error.value.what
    assert error.value.remedy
    with pytest.raises(UnbusyError, match="Permission denied"):
        open_ledger(plain_folder / "state")


def test_a_ledger_in_a_folder_that_became_read_only(plain_folder: Path) -> None:
    with closing(open_ledger(plain_folder)) as ledger:
        ledger.drawer.put("a", "b")
    plain_folder.chmod(0o500)
    with closing(open_ledger(plain_folder)) as ledger:
        assert ledger.drawer.get("a") == "b"
        with pytest.raises(UnbusyError, match="cannot use the ledger"):
            ledger.drawer.put("a", "c")
        assert ledger.drawer.get("a") == "b"


def test_a_damaged_ledger_in_a_read_only_folder_stays(plain_folder: Path) -> None:
    (plain_folder / "ledger.sqlite").write_text("nonsense")
    plain_folder.chmod(0o500)
    with pytest.raises(UnbusyError, match="Permission denied"):
        open_ledger(plain_folder)
    assert (plain_folder / "ledger.sqlite").read_text() == "nonsense"


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    for folder in (tmp_path / "state", tmp_path / "state" / "inner"):
        with pytest.raises(UnbusyError, match="cannot use the ledger"):
            open_ledger(folder)


# -- processes --------------------------------------------------------------------------------------------------------

BEGINNING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from daemon.ledger import ChangeRow, open_ledger
from daemon.model.event import ResourceRef
from daemon.model.protocols import Changes, Peek, Resource
folder, name = Path(sys.argv[1]), sys.argv[2]
now = datetime(2026, 12, 1, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
ledger = open_ledger(folder, wait=20)
"""

WRITES = """
for n in range(5):
    run = ledger.runs.begin(name, now)
    ledger.runs.intend(run, 0, ChangeRow(action="create", policy=name, key=str(n), uid="", before={}, after={}, reason=""), None)
    ledger.mirror.put_resource(Resource(ResourceRef("work/Work", f"{name}-{n}", "1"), b""), Peek())
    ledger.runs.finish(run, "done")
"""  # noqa: E501  # a program

DIES = """
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
class Peeks(list):
    def __iter__(self):
        for n, peek in enumerate(super().__iter__()):
            if name == str(n):
                die()
            yield peek
ledger.database.connection.set_trace_callback(lambda sql: die() if sql == name else None)
resources = tuple(Resource(ResourceRef("work/Work", f"{n}.ics", "2"), b"x" * 3_000) for n in range(2_000))
present = frozenset(r.ref.href for r in resources)
intake = ledger.mirror.intake("work/Work", 0)
for resource, peek in zip(resources, Peeks([Peek()] * 2_000)):
    intake.put(resource, peek)
intake.commit("Work", Changes(changed=(), present=present), "2", now)
"""


def run_at_once(script: str, folder: Path, *names: str) -> list[int]:
    """The exit codes of processes that all begin when the last of them is ready."""
    command = [sys.executable, "-c", BEGINNING + script, str(folder)]
    children = [subprocess.Popen([*command, n], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for n in names]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write(b"go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=120)
    return [child.returncode for child in children]


@pytest.mark.parametrize("content", [None, b"nonsense"], ids=["no ledger yet", "a damaged one"])
def test_processes_that_open_and_write_at_once_lose_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "ledger.sqlite").write_bytes(content)
    assert run_at_once(WRITES, tmp_path, "one", "two", "three") == [0, 0, 0]
    with closing(open_ledger(tmp_path)) as ledger:
        runs = ledger.runs.latest(100)
        assert sorted((r.command, int(r.changes[0].key)) for r in runs) == sorted(
            (name, n) for name in ("one", "two", "three") for n in range(5)
        )
        assert len(known(ledger)) == 15
    assert len(list(tmp_path.glob("*set-aside*"))) == (1 if content else 0)


@pytest.mark.parametrize("point", ["0", "COMMIT"])
def test_a_process_that_is_killed_in_a_transaction_leaves_what_stood_before(tmp_path: Path, point: str) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        store(ledger, *(found(f"{n}.ics") for n in range(2_000)), state="1")
        before = dump(ledger)
    assert run_at_once(DIES, tmp_path, point) == [-signal.SIGKILL]
    assert (tmp_path / "ledger.sqlite-journal").exists() == (point != "0")
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside is None
        assert dump(ledger) == before
        store(ledger, found("a.ics"))


def test_a_process_that_is_killed_in_a_long_reading_leaves_no_state_that_says_it_was_whole(tmp_path: Path) -> None:
    with closing(open_ledger(tmp_path)) as ledger:
        store(ledger, *(found(f"{n}.ics") for n in range(2_000)), state="1")
        assert state(ledger) == "1"
    assert run_at_once(DIES, tmp_path, "1999") == [-signal.SIGKILL]
    with closing(open_ledger(tmp_path)) as ledger:
        versions = known(ledger)
        assert (len(versions), set(versions.values())) == (2_000, {"1", "2"})
        assert state(ledger) == ""
