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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.ledger import ChangeRow, Ledger, OwnRow, open_ledger
from daemon.ledger.failures import Fault, SetAside
from daemon.ledger.migrations import VERSION
from daemon.model.errors import TemporaryError, UnbusyError
from daemon.model.event import ResourceRef
from daemon.model.owner import Field, Mark, OwnState
from daemon.model.protocols import CalendarInfo, Changes, Peek, Resource
from daemon.model.snapshot import Skip
from daemon.system.state_files import is_unchanged

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
WORK, HOME = "work/Work", "work/Home"
MARK = Mark("ada@example.com", "focus", "2026-W49/1", 0, {})
TODAY = date(2026, 12, 1).toordinal()
ROW = OwnRow(
    policy="focus", key="2026-W49/1", generation=0, status=OwnState.STANDING, calendar=WORK, title="Focus",
    day=date(2026, 12, 1), minutes=120,
)  # fmt: skip
CHANGE = ChangeRow(
    action="update", policy="focus", key="2026-W49/1", uid="unbusy-1", before={"title": "Focus", "reminder": None},
    after={"title": "Denken", "reminder": 5}, reason="its title has changed", cause="wanted",
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "state", wait=0.05)) as ledger:
        yield ledger


def found(href: str, version: str = "1", payload: bytes = b"BEGIN:VCALENDAR", calendar: str = WORK) -> Resource:
    return Resource(ResourceRef(calendar, href, version), payload)


def store(
    ledger: Ledger, *resources: Resource, present: Sequence[str] = (), state: str = "", since: int = 0,
    peeks: Sequence[Peek] = (), calendar: str = WORK, now: datetime = NOW,
) -> None:  # fmt: skip
    """What a read of a calendar has found; `present`: what is there beside the resources that changed."""
    here = frozenset([*present, *(r.ref.href for r in resources)])
    changes = Changes(changed=resources, present=here, state=state)
    name = calendar.partition("/")[2]
    with ledger.reading(since) as put:
        for resource, peek in zip(resources, peeks or [Peek()] * len(resources), strict=True):
            put(resource, peek)
        ledger.close_reading(calendar, name, changes, state, now)


def dump(ledger: Ledger) -> list[str]:
    """Everything that is in the file."""
    with closing(sqlite3.connect(ledger.path)) as db:
        return list(db.iterdump())


# -- the mirror -------------------------------------------------------------------------------------------------------


def test_what_was_read_is_kept(ledger: Ledger) -> None:
    store(ledger, found("a.ics", "1"), found("b.ics", "7"), state="token 1")
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    assert (ledger.known(WORK), ledger.state(WORK)) == ({"a.ics": "1", "b.ics": "7"}, "token 1")
    assert list(ledger.resources(WORK, TODAY, TODAY)) == [found("a.ics", "1"), found("b.ics", "7")]
    assert ledger.resource(found("b.ics", "7").ref) == found("b.ics", "7")
    assert ledger.read_at(WORK) == NOW
    assert ledger.calendars("work") == (CalendarInfo(id=HOME, name="Home"), CalendarInfo(id=WORK, name="Work"))


def test_of_what_was_never_read_nothing_is_known(ledger: Ledger) -> None:
    store(ledger, found("a.ics"))
    assert (ledger.known("work/Other"), ledger.state("work/Other")) == ({}, "")
    assert ledger.read_at("work/Other") is None
    assert list(ledger.resources("work/Other", TODAY, TODAY)) == []
    assert ledger.calendars("wor") == ledger.calendars("%") == ledger.calendars("w_rk") == ()


def test_only_what_is_present_stays(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), found("b.ics"), found("c.ics"))
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    store(ledger, found("b.ics", "2"), found("d.ics"), present=["c.ics"])
    assert ledger.known(WORK) == {"b.ics": "2", "c.ics": "1", "d.ics": "1"}
    assert ledger.known(HOME) == {"a.ics": "1"}
    store(ledger)
    assert ledger.known(WORK) == {}


OLD, NEW = TODAY - 30, TODAY + 30


@pytest.mark.parametrize(
    ("peek", "kept"),
    [
        pytest.param(Peek(first=OLD, last=TODAY - 1), False, id="ended the day before"),
        pytest.param(Peek(first=OLD, last=TODAY), True, id="ends on that day"),
        pytest.param(Peek(first=NEW, last=NEW), True, id="lies ahead"),
        pytest.param(Peek(first=OLD, last=None), True, id="end unknown"),
        pytest.param(Peek(), True, id="nothing known"),
        pytest.param(Peek(first=OLD, last=OLD, mark=MARK), True, id="ours, however old"),
    ],
)
def test_a_payload_that_ended_before_the_window_is_not_kept(ledger: Ledger, peek: Peek, kept: bool) -> None:
    store(ledger, found("a.ics"), peeks=[peek], since=TODAY)
    assert ledger.known(WORK) == {"a.ics": "1"}
    assert (ledger.resource(found("a.ics").ref) is not None) is kept
    assert bool(list(ledger.resources(WORK, OLD, NEW))) is kept


@pytest.mark.parametrize(
    ("since", "known"),
    [
        pytest.param(None, {"old.ics", "new.ics"}, id="no day asked for"),
        pytest.param(TODAY, {"old.ics", "new.ics"}, id="the same window"),
        pytest.param(NEW, {"old.ics", "new.ics"}, id="a later window"),
        pytest.param(OLD + 1, {"old.ics", "new.ics"}, id="from the day after its end"),
        pytest.param(OLD, {"new.ics"}, id="from its last day"),
    ],
)
def test_what_an_earlier_window_needs_is_read_again(ledger: Ledger, since: int | None, known: set[str]) -> None:
    peeks = [Peek(first=OLD, last=OLD), Peek(first=NEW, last=NEW)]
    store(ledger, found("old.ics"), found("new.ics"), peeks=peeks, since=TODAY, state="token")
    assert ledger.known(WORK, since) == dict.fromkeys(known, "1")
    assert ledger.state(WORK, since) == ("token" if since is None or since >= TODAY else "")


@pytest.mark.parametrize(
    ("peek", "seen"),
    [
        pytest.param(Peek(first=10, last=19), False, id="before"),
        pytest.param(Peek(first=10, last=20), True, id="reaches into the first day"),
        pytest.param(Peek(first=30, last=40), True, id="begins on the last day"),
        pytest.param(Peek(first=31, last=40), False, id="after"),
        pytest.param(Peek(first=10, last=40), True, id="all over it"),
        pytest.param(Peek(first=None, last=19), False, id="ended, beginning unknown"),
        pytest.param(Peek(first=10, last=None), True, id="begun, end unknown"),
        pytest.param(Peek(first=31, last=None), False, id="begins later, end unknown"),
        pytest.param(Peek(), True, id="nothing known"),
    ],
)
def test_the_resources_of_a_window(ledger: Ledger, peek: Peek, seen: bool) -> None:
    store(ledger, found("a.ics"), peeks=[peek])
    assert bool(list(ledger.resources(WORK, 20, 30))) is seen


def test_many_resources_come_once_and_in_order(ledger: Ledger) -> None:
    many = [found(f"{n:05}.ics", version=str(n % 7), payload=str(n).encode()) for n in range(1_203)]
    store(ledger, *reversed(many))
    assert list(ledger.resources(WORK, TODAY, TODAY)) == many


def test_other_processes_may_write_while_resources_are_looked_at(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), found("b.ics"))
    some = ledger.resources(WORK, TODAY, TODAY)
    next(some)
    with closing(open_ledger(ledger.path.parent, wait=0)) as other:
        store(other, found("c.ics"))
    assert ledger.known(WORK) == {"c.ics": "1"}


def test_a_resource_in_another_version_is_not_the_one_that_was_asked_for(ledger: Ledger) -> None:
    store(ledger, found("a.ics", "2"))
    assert ledger.resource(found("a.ics", "1").ref) is None


def test_our_own_writes_are_mirrored(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    ledger.put_resource(found("unbusy-1.ics", "2"), Peek(first=OLD, last=OLD, mark=MARK))
    assert ledger.marked([WORK, HOME]) == [(("focus", "2026-W49/1"), found("unbusy-1.ics", "2"))]
    ledger.drop_resource(found("unbusy-1.ics", "3").ref)
    assert (ledger.known(WORK), ledger.state(WORK)) == ({"a.ics": "1"}, "token")


def test_ours_are_found_in_the_calendars_that_are_asked_for(ledger: Ledger) -> None:
    other = Peek(mark=Mark("ada@example.com", "lunch", "day/2026-12-01", 0, {}))
    store(ledger, found("b.ics"), found("a.ics"), found("c.ics"), peeks=[Peek(mark=MARK), other, Peek()])
    store(ledger, found("d.ics", calendar=HOME), peeks=[Peek(mark=MARK)], calendar=HOME)
    in_work = [(("focus", "2026-W49/1"), found("b.ics")), (("lunch", "day/2026-12-01"), found("a.ics"))]
    assert ledger.marked([WORK]) == in_work
    assert ledger.marked([]) == []
    assert ledger.marked([WORK, HOME]) == [(("focus", "2026-W49/1"), found("d.ics", calendar=HOME)), *in_work]


def test_a_reading_without_news(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    store(ledger, present=["a.ics"], state="token", now=LATER)
    assert ledger.read_at(WORK) == LATER
    assert (ledger.known(WORK), ledger.state(WORK)) == ({"a.ics": "1"}, "token")


def test_a_reading_in_which_nothing_at_all_has_changed(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = dump(ledger)
    with ledger.reading(0):
        ledger.close_reading(WORK, "Work", Changes(changed=(), present=None), "token", NOW)
    assert dump(ledger) == before


def test_a_calendar_that_is_gone_for_good_is_forgotten(ledger: Ledger) -> None:
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    before = dump(ledger)
    store(ledger, found("a.ics"), state="token")
    ledger.forget(WORK)
    assert dump(ledger) == before


def test_a_reading_that_fails_half_way_changes_nothing(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = dump(ledger)
    with pytest.raises(ValueError, match="shorter"):
        store(ledger, found("a.ics", "2"), found("b.ics"), peeks=[Peek()], state="token 2")
    assert dump(ledger) == before


def test_ten_thousand_resources(ledger: Ledger) -> None:
    many = [found(f"{n:05}.ics", payload=b"x" * 1_000) for n in range(10_000)]
    peeks = [Peek(first=n, last=n) for n in range(10_000)]
    store(ledger, *many, peeks=peeks)
    assert len(ledger.known(WORK)) == 10_000
    assert sum(1 for _ in ledger.resources(WORK, 0, 500)) == 501


# -- ours -------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
rows = st.builds(
    OwnRow,
    policy=texts,
    key=texts,
    generation=st.integers(0, 99),
    status=st.sampled_from([OwnState.INTENDED, OwnState.STANDING, OwnState.WITHDRAWN, OwnState.SKIPPED]),
    calendar=texts,
    title=texts,
    day=st.dates(),
    minutes=st.integers(0, 10_080),
    text_day=st.none() | st.dates(),
    read_back=st.none() | st.dictionaries(st.sampled_from(Field), texts, min_size=1),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(known=st.lists(rows, max_size=5, unique_by=lambda r: (r.policy, r.key)))
def test_what_is_known_of_our_wishes_comes_back_as_it_was(ledger: Ledger, known: list[OwnRow]) -> None:
    ledger.put_own(known)
    came_back = ledger.own()
    for row in known:
        assert came_back[row.policy, row.key] == row


def test_one_row_for_each_wish(ledger: Ledger) -> None:
    ledger.put_own([ROW, replace(ROW, key="2026-W49/2")])
    ledger.put_own([replace(ROW, status=OwnState.WITHDRAWN)])
    ledger.put_own([])
    assert [(r.key, r.status) for r in ledger.own().values()] == [
        ("2026-W49/1", OwnState.WITHDRAWN),
        ("2026-W49/2", OwnState.STANDING),
    ]


def test_a_ledger_is_new_until_the_skips_are_taken_up(tmp_path: Path) -> None:
    skip = Skip("focus", "2026-W49/1", date(2026, 12, 1), 120)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
        ledger.add_skips([skip])
        row = ledger.own()["focus", "2026-W49/1"]
        assert (row.status, row.day, row.minutes) == (OwnState.SKIPPED, skip.day, skip.minutes)
    with closing(open_ledger(tmp_path)) as ledger:
        assert not ledger.fresh


def test_no_skips_are_taken_up_too(ledger: Ledger) -> None:
    ledger.add_skips([])
    assert not ledger.fresh


# -- runs -------------------------------------------------------------------------------------------------------------


def test_a_run_with_its_changes(ledger: Ledger) -> None:
    ledger.put_own([ROW])
    run = ledger.begin("undo 7", NOW, undoes=7)
    ledger.intend(run, 0, CHANGE, replace(ROW, status=OwnState.INTENDED))
    assert ledger.own()["focus", "2026-W49/1"].status is OwnState.INTENDED
    ledger.conclude(run, 0, "done", replace(ROW, title="Denken"))
    assert ledger.own()["focus", "2026-W49/1"] == replace(ROW, title="Denken")
    ledger.intend(run, 1, replace(CHANGE, action="delete", key="2026-W49/2"), None)
    ledger.finish(run, "stopped half-way")
    (last,) = ledger.runs(5)
    assert (last.id, last.at, last.command, last.outcome) == (run, NOW, "undo 7", "stopped half-way")
    assert last.undoes == 7
    done, begun = last.changes
    assert done == replace(CHANGE, outcome="done")
    assert (begun.action, begun.key, begun.outcome) == ("delete", "2026-W49/2", "")


def test_the_newest_runs_come_first(ledger: Ledger) -> None:
    for command in ("one", "two", "three"):
        run = ledger.begin(command, NOW)
        ledger.intend(run, 0, CHANGE, None)
        ledger.finish(run, "done")
    assert [r.command for r in ledger.runs(2)] == ["three", "two"]


@pytest.mark.parametrize("before", [None, ROW], ids=["nothing stood before", "a row stood before"])
def test_a_retracted_intent_leaves_no_trace(ledger: Ledger, before: OwnRow | None) -> None:
    run = ledger.begin("undo 7", NOW, undoes=7)
    ledger.intend(run, 0, CHANGE, replace(ROW, key="2026-W49/9"))
    if before:
        ledger.put_own([before])
    trace = dump(ledger)
    ledger.intend(run, 1, CHANGE, replace(ROW, status=OwnState.INTENDED, title="Denken"))
    assert dump(ledger) != trace
    ledger.retract(run, 1, before, (ROW.policy, ROW.key))
    assert dump(ledger) == trace


def test_what_was_done_to_the_events_of_a_policy_since(ledger: Ledger) -> None:
    changes = [("done", CHANGE), ("lost race", CHANGE), ("done", replace(CHANGE, policy="overload"))]
    for at in (NOW - timedelta(days=2), NOW, NOW + timedelta(hours=1)):
        run = ledger.begin("apply", at)
        for seq, (outcome, change) in enumerate(changes):
            ledger.intend(run, seq, change, None)
            ledger.conclude(run, seq, outcome, None)
    ledger.intend(run, 3, CHANGE, None)  # a crash leaves it open
    done, later = replace(CHANGE, outcome="done"), NOW + timedelta(hours=1)
    assert ledger.done_since("focus", NOW) == [(NOW, done), (later, done), (later, CHANGE)]


def test_a_run_without_changes_leaves_no_trace(ledger: Ledger) -> None:
    trace = dump(ledger)
    run = ledger.begin("run", NOW)
    ledger.intend(run, 0, CHANGE, ROW)
    ledger.retract(run, 0, None, (ROW.policy, ROW.key))
    ledger.finish(run, "done")
    assert dump(ledger) == trace


def test_a_run_that_died_before_its_first_write_is_no_run_that_wrote(ledger: Ledger) -> None:
    ledger.begin("run", NOW)
    assert ledger.runs(5) == ()


# -- what else is remembered ------------------------------------------------------------------------------------------


def test_a_remembered_value(ledger: Ledger) -> None:
    assert ledger.get("health") == ""
    ledger.put("health", "fine")
    ledger.put("health", "ill")
    assert ledger.get("health") == "ill"


def test_the_same_value_again_writes_nothing(ledger: Ledger) -> None:
    ledger.put("health", "fine")
    before = ledger.path.stat().st_mtime_ns, ledger.path.read_bytes()
    ledger.put("health", "fine")
    assert (ledger.path.stat().st_mtime_ns, ledger.path.read_bytes()) == before


# -- transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, UnbusyError, OSError, KeyboardInterrupt, SystemExit])
def test_whatever_happens_a_transaction_is_whole_or_nothing(ledger: Ledger, error: type[BaseException]) -> None:
    def half() -> None:
        with ledger.transaction():
            ledger._db.execute("INSERT INTO meta VALUES ('a', 'b')")
            raise error("half-way")

    before = dump(ledger)
    with pytest.raises(error, match="half-way"):
        half()
    assert dump(ledger) == before
    ledger.put("a", "c")
    assert ledger.get("a") == "c"


@contextmanager
def other_process(ledger: Ledger, *statements: str) -> Iterator[None]:
    """Another connection to the same file that has got as far as this."""
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement).fetchone()
        yield


@pytest.mark.parametrize(
    ("doing", "what"),
    [
        pytest.param("BEGIN IMMEDIATE", lambda ledger: ledger.put("a", "b"), id="two writers"),
        pytest.param("BEGIN EXCLUSIVE", lambda ledger: ledger.get("a"), id="reading while the other commits"),
        pytest.param("BEGIN EXCLUSIVE", lambda ledger: open_ledger(ledger.path.parent, 0.01), id="opening meanwhile"),
    ],
)
def test_a_ledger_in_use_is_a_temporary_error(ledger: Ledger, doing: str, what: Callable[[Ledger], object]) -> None:
    with other_process(ledger, doing), pytest.raises(TemporaryError, match="in use") as error:
        what(ledger)
    assert str(ledger.path) in error.value.what
    ledger.put("a", "c")
    assert ledger.get("a") == "c"


def test_there_is_one_transaction_at_a_time_from_its_beginning(ledger: Ledger) -> None:
    with (
        ledger.transaction(),
        closing(open_ledger(ledger.path.parent, wait=0)) as other,
        pytest.raises(TemporaryError),
    ):
        other.put("a", "b")


@pytest.mark.parametrize(("options", "milliseconds"), [({}, 5_000), ({"wait": 0.25}, 250)])
def test_how_long_it_waits_for_others(tmp_path: Path, options: dict[str, float], milliseconds: int) -> None:
    with closing(open_ledger(tmp_path, **options)) as ledger:
        assert ledger._db.execute("PRAGMA busy_timeout").fetchone() == (milliseconds,)


def test_a_commit_that_had_to_wait_for_a_reader_too_long_is_taken_back(ledger: Ledger) -> None:
    ledger.put_own([ROW, replace(ROW, key="2026-W49/2")])
    with other_process(ledger, "BEGIN", "SELECT * FROM own"), pytest.raises(TemporaryError):
        ledger.put("a", "b")
    assert ledger.get("a") == ""
    ledger.put("a", "c")
    assert ledger.get("a") == "c"


@pytest.mark.parametrize("before", ["delete", "wal"])
def test_what_is_committed_is_on_the_disk_and_in_one_file(tmp_path: Path, before: str) -> None:
    open_ledger(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as another_program:
        assert another_program.execute(f"PRAGMA journal_mode = {before}").fetchone() == (before,)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_full_disk_loses_nothing(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = dump(ledger)
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnbusyError, match="disk is full") as error:
        store(ledger, *(found(f"{n}.ics", payload=b"x" * 5_000) for n in range(50)))
    assert str(ledger.path) in error.value.what
    assert error.value.remedy
    assert dump(ledger) == before
    ledger._db.execute("PRAGMA max_page_count = 1000000")
    store(ledger, found("b.ics"))
    assert ledger.known(WORK) == {"b.ics": "1"}


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: writing fails as it does on a full disk."""
    soft, hard = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_bytes(ledger: Ledger) -> None:
    ledger.put("a", "b")
    with files_up_to(1_000), pytest.raises(UnbusyError, match="cannot use the ledger"):
        ledger.put("a", "c")
    assert ledger.get("a") == "b"
    ledger.put("a", "c")
    assert ledger.get("a") == "c"


def test_a_new_ledger_on_a_full_disk(tmp_path: Path) -> None:
    with files_up_to(1_000), pytest.raises(UnbusyError, match="cannot use the ledger"):
        open_ledger(tmp_path)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.fresh
        assert ledger.set_aside is None


def test_a_ledger_that_is_deleted_while_it_is_open(ledger: Ledger) -> None:
    ledger.path.unlink()
    with pytest.raises(UnbusyError, match="moved or deleted"):
        ledger.put("a", "b")


# -- the file ---------------------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, str]:
    return {p.name: oct(stat.S_IMODE(p.stat().st_mode)) for p in [folder, *folder.iterdir()]}


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(open_ledger(tmp_path / "a" / "state")) as ledger, ledger.transaction():
            ledger._db.execute("INSERT INTO meta VALUES ('a', 'b')")
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
        assert ledger.fresh
        store(ledger, found("a.ics"))
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside is None
        assert ledger.known(WORK) == {"a.ics": "1"}
    path.write_bytes(data)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.path == tmp_path / "ledger.sqlite.set-aside-2"


def test_what_a_newer_version_wrote_is_set_aside_and_told_from_damage(tmp_path: Path) -> None:
    newer = patched(60, (VERSION + 1).to_bytes(4, "big"))
    (tmp_path / "ledger.sqlite").write_bytes(newer)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside == SetAside(tmp_path / "ledger.sqlite.set-aside-1", Fault.NEWER)
        assert ledger.set_aside.path.read_bytes() == newer
        assert "newer version of unbusy" in ledger.notice
        assert "put it back" in ledger.notice
        assert "damaged" not in ledger.notice
        assert ledger.fresh


def test_a_newer_one_that_is_damaged_is_damaged(tmp_path: Path) -> None:
    content = bytearray(patched(60, (VERSION + 1).to_bytes(4, "big")))
    content[8_192:12_288] = b"\xff" * 4_096
    (tmp_path / "ledger.sqlite").write_bytes(content)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside
        assert ledger.set_aside.fault is Fault.DAMAGED


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
        assert ledger.known(WORK) == {"a.ics": "1"}


def test_an_empty_file_is_nothing_to_set_aside(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch(0o644)
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.set_aside is None
        assert ledger.fresh
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
        assert ledger.set_aside == SetAside(tmp_path / "ledger.sqlite.set-aside-1", Fault.DAMAGED)


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
    assert not any("integrity_check" in s for s in statements)
    (tmp_path / "ledger.sqlite").touch()
    open_ledger(tmp_path).close()
    assert any("integrity_check" in s for s in statements)


def test_after_any_trouble_it_is_checked_again(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.Error), ledger.transaction():
        raise sqlite3.Error
    ledger.close()
    assert not is_unchanged(ledger.path)


def test_what_another_process_put_in_meanwhile_goes_with_the_next_reading(ledger: Ledger) -> None:
    store(ledger, found("a.ics"))
    assert ledger.known(WORK) == {"a.ics": "1"}
    with closing(open_ledger(ledger.path.parent)) as other:
        other.put_resource(found("b.ics"), Peek())
    store(ledger, present=["a.ics"])
    assert ledger.known(WORK) == {"a.ics": "1"}


def test_damage_that_is_met_later_is_named(ledger: Ledger) -> None:
    store(ledger, *(found(f"{n}.ics", payload=b"x" * 500) for n in range(100)))
    content = bytearray(ledger.path.read_bytes())
    content[4_096:] = b"\xff" * (len(content) - 4_096)
    with ledger.path.open("r+b") as file:
        file.write(content)
    ledger._db.execute("PRAGMA shrink_memory")
    with closing(sqlite3.connect(ledger.path)) as other:
        other.execute("PRAGMA user_version = 1")
        other.commit()
    with pytest.raises(UnbusyError, match="damaged") as error:
        ledger.known(WORK)
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
        ledger.put("a", "b")
    plain_folder.chmod(0o500)
    with closing(open_ledger(plain_folder)) as ledger:
        assert ledger.get("a") == "b"
        with pytest.raises(UnbusyError, match="cannot use the ledger"):
            ledger.put("a", "c")
        assert ledger.get("a") == "b"


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
    run = ledger.begin(name, now)
    ledger.intend(run, 0, ChangeRow(action="create", policy=name, key=str(n), uid="", before={}, after={}, reason=""), None)
    ledger.put_resource(Resource(ResourceRef("work/Work", f"{name}-{n}", "1"), b""), Peek())
    ledger.finish(run, "done")
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
ledger._db.set_trace_callback(lambda sql: die() if sql == name else None)
resources = tuple(Resource(ResourceRef("work/Work", f"{n}.ics", "2"), b"x" * 3_000) for n in range(2_000))
present = frozenset(r.ref.href for r in resources)
with ledger.reading(0) as put:
    for resource, peek in zip(resources, Peeks([Peek()] * 2_000)):
        put(resource, peek)
    ledger.close_reading("work/Work", "Work", Changes(changed=(), present=present), "2", now)
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
        runs = ledger.runs(100)
        assert sorted((r.command, int(r.changes[0].key)) for r in runs) == sorted(
            (name, n) for name in ("one", "two", "three") for n in range(5)
        )
        assert len(ledger.known(WORK)) == 15
    assert len(list(tmp_path.glob("*set-aside*"))) == (1 if content else 0)


@pytest.mark.parametrize("point", ["0", "1999", "COMMIT"])
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
