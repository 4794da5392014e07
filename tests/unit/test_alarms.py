"""What calls for a cycle before its time: real folders, and the real clock's timer."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from select import select

import pytest

from daemon.service import alarms
from daemon.service.alarms import SETTLED, Clock, Folders, folders_of
from daemon.service.scheduler import Done, _Pace, logger, run

HOUR = timedelta(hours=1)


def rings(alarm: alarms.Alarm) -> bool:
    return bool(select([alarm], [], [], 0)[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Work"
    path.mkdir()
    (path / "a.ics").write_text("a")
    (path / "b.ics").write_text("b")
    return path


@pytest.fixture
def watching(folder: Path) -> Iterator[Folders]:
    with closing(Folders()) as one:
        one.follow(folders_of(str(folder.parent)))
        yield one


CHANGES = {
    "a file is written": lambda f: (f / "c.ics").write_text("c"),
    "a file is rewritten": lambda f: (f / "a.ics").write_text("new"),
    "a file is put in place": lambda f: (f.parent / "x").replace(f / "x.ics"),
    "a file is deleted": lambda f: (f / "a.ics").unlink(),
    "a calendar is made": lambda f: (f.parent / "Home").mkdir(),
    "the folder goes": lambda f: [p.unlink() for p in f.iterdir()] and f.rmdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_heard_once(watching: Folders, folder: Path, change: Callable[[Path], object]) -> None:
    (folder.parent / "x").write_text("x")
    watching.heard()
    assert not rings(watching)
    change(folder)
    assert rings(watching)
    assert watching.heard() == SETTLED
    assert not rings(watching)
    assert watching.heard() is None


def test_reading_is_no_change(watching: Folders, folder: Path) -> None:
    assert (folder / "a.ics").read_text()
    assert list(folder.iterdir())
    assert not rings(watching)


def test_what_is_followed_no_more_is_not_heard(watching: Folders, folder: Path, tmp_path: Path) -> None:
    watching.follow([])
    (folder / "c.ics").write_text("c")
    watching.heard()
    assert not rings(watching)
    watching.follow([str(folder), "/nowhere", str(folder / "a.ics")])
    (folder / "d.ics").write_text("d")
    assert rings(watching)


def test_a_folder_that_went_and_came_again_is_followed_again(watching: Folders, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    watching.heard()
    folder.mkdir()
    watching.follow(folders_of(str(folder.parent)))
    watching.heard()
    (folder / "a.ics").write_text("a")
    assert rings(watching)


def test_the_clock_rings_when_it_is_set_and_at_no_time() -> None:
    """As the kernel has the timer (proc(5), fdinfo): on the real-time clock, absolute and cancelled on a set clock."""
    with closing(Clock()) as clock:
        info = dict(line.split(":") for line in Path(f"/proc/self/fdinfo/{clock.fileno()}").read_text().splitlines())
        assert info["clockid"].strip() == "0"
        assert int(info["settime flags"], 8) == 3
        assert not rings(clock)
        assert clock.heard() is None


@pytest.mark.parametrize(
    ("wake", "due"),
    [(None, HOUR), (timedelta(minutes=10), timedelta(minutes=10)), (2 * HOUR, HOUR), (-HOUR, timedelta())],
    ids=["none", "before its time", "after it", "already past"],
)
def test_a_moment_that_has_something_to_do_is_not_missed(wake: timedelta | None, due: timedelta) -> None:
    pace, before = _Pace(HOUR), datetime.now(UTC)
    pace.wake = before + wake if wake is not None else None
    fires = pace.get_next_fire_time(before, before)
    assert before + due <= fires <= datetime.now(UTC) + due


def test_a_changed_folder_is_looked_at_in_the_hour_of_rest(
    watching: Folders, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(alarms, "SETTLED", timedelta(milliseconds=1))
    cycles: list[int] = []

    def cycle(_stopping: Callable[[], bool], _beat: Callable[[], None]) -> Done:
        cycles.append(len(cycles))
        if len(cycles) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        (folder / f"{len(cycles)}.ics").write_text("changed")
        return Done("", quiet=True)

    log = logger({}, verbose=False)
    run(
        cycle, interval=lambda: HOUR, notify=lambda _: None, watchdog=None, log=log, draw=lambda: 0.0, alarms=[watching]
    )
    assert cycles == [0, 1, 2]
    capsys.readouterr()
