"""The whole cycle on real files: fixed points, what is never touched, and bad input."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
from msgspec.structs import replace

from daemon import cycle
from daemon.config import registry as plugs
from daemon.ledger import open_ledger
from daemon.ledger.sqlite import mirror
from daemon.model.errors import ConfigError, StoppedError, TemporaryError, UnbusyError
from daemon.model.event import CalendarId, Event
from daemon.model.owner import OwnState
from daemon.model.plan import Create, Draft, Problem
from daemon.model.protocols import Changes, Resource, Seen
from daemon.stages.observe import observe
from daemon.views import agenda
from living import GUESTS, Life, said
from making import moment
from memory import Memory

EVERYTHING = ""


def fill(life: Life) -> None:
    """A busy week and a lighter one, with a series, an override and a day off."""
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 09:00-10:30", title="Standup and more")
        life.meet(f"{day} 11:00-12:30", title="Architecture decision")
        life.meet(f"{day} 13:30-16:30", title="Vendor escalation")
    life.meet("Tue+1 10:00-11:00", title="1:1 Ben")
    weekly = f"RRULE:FREQ=WEEKLY;COUNT=6\nEXDATE:20261210T130000Z\n{GUESTS}"
    life.meet("Thu-1 14:00-15:00", title="Staff", uid="staff", more=weekly)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def foreign(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {n: c for n, c in contents(folder).items() if not n.startswith("unbusy-")}


def test_a_run_is_a_fixed_point_and_touches_nothing_foreign(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    before = foreign(life.folder)
    plan = life.apply()
    assert {c.draft.mark.policy for c in plan.changes if isinstance(c, Create)} == {"focus", "overload", "reflection"}
    assert foreign(life.folder) == before
    after = contents(life.folder)
    assert life.changes() == []
    life.lose_ledger()
    assert life.changes() == []
    assert life.apply().changes == ()
    assert contents(life.folder) == after


def test_plan_writes_to_no_calendar_and_remembers_nothing_but_the_mirror(tmp_path: Path) -> None:
    life = Life(tmp_path)
    fill(life)
    before = contents(life.folder)
    assert life.changes()
    assert contents(life.folder) == before
    assert rows(life, "own") == rows(life, "run") == rows(life, "change") == []


def rows(life: Life, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(life.base / "state" / "ledger.sqlite")) as db:
        return db.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  names of our own tables


class Slow(Memory):
    """A server that takes its time: meanwhile another process writes to the ledger."""

    state: Path

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        found = super().changes(calendar, seen)
        return replace(found, changed=self._one_by_one(found.changed))

    def _one_by_one(self, changed: Iterable[Resource | Problem]) -> Iterator[Resource | Problem]:
        for item in changed:
            with closing(open_ledger(self.state, wait=0)) as other:
                other.drawer.put("meanwhile", str(len(self.writes)))
                self.writes.append("meanwhile")
            yield item


@pytest.mark.parametrize("page", [2**20, 100], ids=["written at once", "written in parts"])
def test_nothing_is_locked_while_a_calendar_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(mirror, "PAGE", page)
    life = Life(tmp_path, store="memory")
    store = Slow(clock=lambda: life.now)
    store.state, life.shelf.connector = tmp_path / "state", store
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 13:00-14:00")
    life.apply()
    assert store.writes.count("meanwhile") == 5
    with life.runtime() as runtime:
        assert len(runtime.ledger.mirror.intake("work/Work", 0).versions()) == len(store.stored["work/Work"])
    assert life.changes() == []


def test_the_fixed_point_holds_hour_after_hour(tmp_path: Path) -> None:
    """Over two days of the clock, whatever is written is not written again; nothing that has begun changes."""
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    for _ in range(16):
        life.apply()
        assert life.changes() == []
        life.now += timedelta(hours=3)


def test_purge_removes_every_trace_and_files_what_was_typed(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    before = foreign(life.folder)
    life.apply()
    life.edit("2026-W50/1", ("DESCRIPTION", "Stopped at *chapter* two"))
    life.now += timedelta(days=40)
    with life.runtime() as runtime:
        planned = cycle.plan_purge(runtime, life.now)
        cycle.purge(runtime, planned, life.now)
        assert not cycle.may_write(runtime, cycle.plan(runtime, life.now).observation)
    assert contents(life.folder) == before
    filed = "".join(p.read_text() for p in (life.base / "state" / "journal").iterdir())
    assert "> Stopped at *chapter* two" in filed


def test_a_wish_that_unbusy_withdrew_comes_back_in_a_new_generation(tmp_path: Path) -> None:
    life = Life(tmp_path, policies="[policies.reflection]\nenabled = false\n[policies.focus]\nenabled = false\n")
    for n in range(4):
        life.meet(f"Thu {9 + 2 * n:02}:00-{11 + 2 * n:02}:00", uid=f"m{n}")
    life.now = moment("Tue 07:00")
    flag = next(c for c in life.apply().changes if isinstance(c, Create) and c.draft.mark.key == "day/2026-12-03")
    for n in range(4):
        life.cancel(f"m{n}")
    life.now = moment("Thu 07:00")
    assert "delete day/2026-12-03" in [said(c) for c in life.apply().changes]
    for n in range(4):
        life.meet(f"Thu {9 + 2 * n:02}:00-{11 + 2 * n:02}:00", uid=f"m{n}")
    again = next(c for c in life.apply().changes if isinstance(c, Create) and c.draft.mark.key == "day/2026-12-03")
    assert (flag.draft.mark.generation, again.draft.mark.generation) == (0, 1)
    assert flag.draft.uid != again.draft.uid


def test_another_window_does_not_cost_the_next_plan_a_meeting(tmp_path: Path) -> None:
    """A look at later days must not make the mirror forget what it has not read yet."""
    life = Life(tmp_path)
    life.plan()
    life.meet("Tue 08:30-12:00")
    with life.runtime() as runtime:
        agenda.agenda(runtime, life.now, "2026-12-20", "2026-12-22")
    assert "create 2026-W49/2 Tue 09:00-11:00" not in life.changes()


def test_an_earlier_now_on_the_same_state_sees_what_was_let_go(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.meet("Tue 08:30-12:00")
    expected = life.changes()
    life.now += timedelta(days=60)
    life.plan()
    life.now -= timedelta(days=60)
    assert life.changes() == expected


def test_a_calendar_that_is_no_longer_written_keeps_no_wish_from_the_next(tmp_path: Path) -> None:
    life = Life(tmp_path, policies="[policies.focus]\nenabled = false\n[policies.overload]\nenabled = false\n")
    life.apply()
    (life.root / "Other").mkdir()
    path = life.base / "config.toml"
    path.write_text(path.read_text().replace('write = "Work"', 'write = "Other"\nread = ["Other"]'))
    assert life.changes() == [], "it asks first whose the events there are"
    with life.runtime() as runtime:
        cycle.adopt(runtime, observe(runtime, life.now))
    assert "create month/2026-11 Mon 17:00-17:30" in life.changes()


# -- limits -----------------------------------------------------------------------------------------------------------


def test_a_run_that_would_change_too_much_stops_and_writes_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    life.apply()
    life.configure("".join(f"[policies.{p}]\nenabled = false\n" for p in ("focus", "overload", "reflection")))
    before = contents(life.folder)
    with pytest.raises(StoppedError, match="over half of them"):
        life.apply()
    assert contents(life.folder) == before
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
        cycle.carry_out(runtime, planned, life.now, command="apply", force=True)
    assert len(contents(life.folder)) < len(before)


def test_no_more_than_so_many_new_events_a_day(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERYTHING, top="max_per_day = 1")
    fill(life)
    plan = life.apply()
    assert any("max_per_day" in u.reason for u in plan.unplaced)
    assert life.changes() == []


def test_blocks_that_move_away_leave_room_for_new_events_only_where_they_go(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERYTHING, top="max_per_day = 1")
    life.apply()
    for day in ("Wed", "Thu", "Fri"):
        life.meet(f"{day} 08:00-12:00", title="Offsite")
    life.apply()
    assert life.changes() == []


# -- bad input --------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_gone_is_not_an_empty_calendar(tmp_path: Path) -> None:
    life = Life(tmp_path)
    (life.root / "Private").mkdir()
    uid = life.meet("Tue 09:00-12:00")
    (life.folder / f"{uid}.ics").rename(life.root / "Private" / "dentist.ics")
    life.apply()
    (life.root / "Private").rename(life.base / "elsewhere")
    plan = life.plan()
    assert plan.changes == ()  # Tuesday morning stays busy
    assert [(p.where, p.code) for p in plan.problems] == [("work/Private", 1)]
    assert "no longer there" in plan.problems[0].what
    life.apply(force=True)
    assert not life.plan().problems


def test_an_account_whose_folder_is_gone_stands_as_it_was_last_read(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.apply()
    life.root.rename(life.base / "unmounted")
    plan = life.plan()
    assert plan.changes == ()
    assert str(life.root) in plan.problems[0].what
    life.now += timedelta(days=8)
    assert life.plan().changes == ()


def test_an_emptied_folder_stops_everything_until_it_is_accepted(tmp_path: Path) -> None:
    life = Life(tmp_path)
    (life.root / "Private").mkdir()
    dentist = life.root / "Private" / "dentist.ics"
    dentist.write_text((life.folder / f"{life.meet('Thu 09:00-11:00')}.ics").read_text())
    life.cancel("Meeting-Thu-0900-1100")
    life.apply()
    dentist.unlink()
    plan = life.plan()
    (problem,) = [p for p in plan.problems if p.where == "work/Private"]
    assert "is empty, but had 1 events before" in problem.what
    assert "--force" in problem.remedy
    assert plan.changes == ()  # the time of the dentist stays busy
    assert not life.apply(force=True).problems


def test_the_calendar_to_write_to_must_exist(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.folder.rename(life.root / "Other")
    with pytest.raises(ConfigError, match="has no calendar 'Work'; it has: Other"):
        life.plan()


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"no calendar at all", id="not a calendar"),
        pytest.param(b"BEGIN:VCALENDAR\0\r\nEND:VCALENDAR", id="NUL bytes"),
        pytest.param(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUM\r\n MARY;;:\r\n\r\n :x\r\nDTSTART:", id="broken folding"),
        pytest.param(b"BEGIN:VCALENDAR\r\n" + b"X-FILL:" + b"a" * (20 << 20) + b"\r\nEND:VCALENDAR", id="20 MB"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_resource_that_cannot_be_read_is_named_and_stops_nothing(tmp_path: Path, payload: bytes) -> None:
    life = Life(tmp_path)
    fill(life)
    expected = life.changes()
    (life.folder / "bad.ics").write_bytes(payload)
    plan = life.plan()
    assert [said(c) for c in plan.changes] == expected
    assert {p.where for p in plan.problems} == {"work/Work/bad.ics"}


def test_one_of_ours_that_cannot_be_read_is_not_taken_for_deleted(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.apply()
    path = life.path("2026-W49/4")
    text = path.read_bytes()
    path.write_bytes(text[: len(text) // 2])
    assert life.apply().changes == ()
    path.write_bytes(text)
    assert life.changes() == []
    assert "2026-W49/4" in life.ours()


def test_an_event_that_cannot_be_written_leaves_no_trace_and_stops_no_other(tmp_path: Path) -> None:
    life = Life(tmp_path)
    fill(life)
    changes = life.plan().changes
    (refused, *others) = [c.draft.uid for c in changes if isinstance(c, Create)]
    (life.folder / f".{refused}.ics.tmp").mkdir()  # where the temporary file would go
    with pytest.raises(UnbusyError) as failure:
        life.apply()
    assert str(life.folder) in failure.value.what
    assert failure.value.code == 1
    assert {n.removesuffix(".ics") for n in life.names() if n.startswith("unbusy-")} == set(others)
    assert len(rows(life, "own")) == len(rows(life, "change")) == len(others)
    (life.folder / f".{refused}.ics.tmp").rmdir()
    assert [c.draft.uid for c in life.apply().changes if isinstance(c, Create)] == [refused]


def test_a_policy_that_fails_keeps_its_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    life.apply()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    kind = plugs.policy
    monkeypatch.setattr(
        plugs, "policy", lambda name: replace(kind(name), propose=broken) if name == "focus" else kind(name)
    )
    plan = life.plan()
    assert plan.changes == ()
    assert [(p.where, p.what, p.code) for p in plan.problems] == [("policy focus", "ZeroDivisionError: oops", 1)]


def test_deleting_the_index_changes_no_answer(tmp_path: Path) -> None:
    """A wide window after a narrow one, one far in the past, and what a client wrote in between."""
    life = Life(tmp_path, policies=EVERYTHING)
    fill(life)
    life.meet("Wed-30 09:00-10:00", title="Long ago", uid="old", more=f"RRULE:FREQ=WEEKLY;COUNT=8\n{GUESTS}")
    life.meet("Mon-90 09:00-10:00", title="Longer ago", uid="older")
    life.apply()
    windows = (None, None), ("2026-11-30", "2026-12-01"), ("2026-01-01", "2027-12-31"), ("2025-01-01", "2026-06-30")

    def answers(*, indexed: bool) -> list[list[Event]]:
        found = []
        for first, last in windows:
            if not indexed:
                life.lose_ledger()
            with life.runtime() as runtime:
                events = agenda.agenda(runtime, life.now, first, last)[0]
            found.append([replace(e, resource=replace(e.resource, version="")) for e in events])
        return found

    known = answers(indexed=True)
    assert known == answers(indexed=False)
    assert [len(found) > 0 for found in known] == [True] * 4
    life.cancel("old")
    life.meet("Fri 08:00-09:00", title="New")
    changed = answers(indexed=True)
    assert changed != known
    assert changed == answers(indexed=False)
    assert life.changes() == (life.lose_ledger() or life.changes())


def test_a_text_is_written_once_a_day(tmp_path: Path) -> None:
    """And once more in the morning of its day: meetings that come and go do not rewrite a flag each time."""
    flags = "[policies.focus]\nenabled = false\n[policies.reflection]\nenabled = false\n"
    life = Life(tmp_path, policies=flags)
    life.meet("Wed 09:00-16:00")
    life.apply()
    life.meet("Wed 16:00-17:00", "One more")
    assert life.changes() == []
    life.now = moment("Wed 06:59")
    assert life.changes() == [], "its morning has not begun"
    life.now = moment("Wed 07:00")
    assert [said(c) for c in life.apply().changes] == ["update day/2026-12-02 text"]
    life.meet("Wed 17:00-17:30", "And one")
    assert life.changes() == []


def test_a_write_whose_answer_is_lost_leaves_its_intent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been done: the next run looks, and makes nothing twice."""
    life = Life(tmp_path, store="memory")
    connector = life.shelf.connector
    create = connector.create

    def lost(draft: Draft) -> Resource:
        create(draft)
        raise TemporaryError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(connector, "create", lost)
        with pytest.raises(TemporaryError):
            life.apply()
    made = set(life.names())
    with life.runtime() as runtime:
        assert {row.status for row in runtime.ledger.own.rows().values()} == {OwnState.INTENDED}
    life.apply()
    assert made < set(life.names())
    assert life.changes() == []


# -- the ledger after a crash -----------------------------------------------------------------------------------------


def test_a_ledger_that_a_crash_has_left_open_is_taken_up_as_it_is(tmp_path: Path) -> None:
    """It has no seal, so that each row must be understood: those of every kind of event that is written."""
    life = Life(tmp_path, policies="", store="memory")
    for day in range(5):
        life.meet(f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri')[day]} 09:00-15:00")
    life.apply()
    with life.runtime() as runtime:
        rows = runtime.ledger.own.rows()
        runtime.ledger.drawer.put("anything", "written")  # which breaks the seal
        copytree(life.base / "state", tmp_path / "copy")
        copy = open_ledger(tmp_path / "copy")
        assert (copy.notice, copy.own.fresh, copy.own.rows()) == ("", False, rows)
        copy.close()
    assert {w.policy for w in rows} >= {"focus", "overload", "reflection"}
