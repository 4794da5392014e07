"""One writer at a time, also between processes."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from daemon.model.errors import TemporaryError, UnbusyError
from daemon.system.lock import STEP, WAIT, hold

HOLDS = """
import sys
from pathlib import Path
from daemon.system.lock import hold
with hold(Path(sys.argv[1]), "`unbusy apply`"):
    print("held", flush=True)
    sys.stdin.read()
"""


def never(_seconds: float) -> None:
    raise AssertionError("there was nothing to wait for")


def test_a_lock_that_nobody_holds_is_had_at_once(tmp_path: Path) -> None:
    for _ in range(2):
        with hold(tmp_path / "lock", "`unbusy run`", sleep=never):
            pass


def test_locks_on_different_files_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    with hold(tmp_path / "a", "`unbusy run`"), hold(tmp_path / "b", "`unbusy run`", sleep=never):
        pass


def test_the_second_gets_it_when_the_first_is_done(tmp_path: Path) -> None:
    waited: list[float] = []
    with ExitStack() as first:
        first.enter_context(hold(tmp_path / "lock", "`unbusy run`"))

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                first.close()

        with hold(tmp_path / "lock", "`unbusy apply`", sleep=sleep):
            assert waited == [STEP] * 3
            with pytest.raises(TemporaryError, match="`unbusy apply`"), hold(tmp_path / "lock", "x", wait=0):
                pass


@pytest.mark.parametrize(("wait", "attempts"), [(0, 0), (0.05, 0), (0.3, 3), (1, 10), (WAIT, 300)])
def test_the_second_waits_no_longer_than_it_may(tmp_path: Path, wait: float, attempts: int) -> None:
    waited: list[float] = []
    with (
        hold(tmp_path / "lock", "`unbusy run`"),
        pytest.raises(TemporaryError) as error,
        hold(tmp_path / "lock", "`unbusy apply`", wait=wait, sleep=waited.append),
    ):
        pass
    assert len(waited) == attempts
    assert error.value.code == 4
    assert error.value.what == f"`unbusy run` (process {os.getpid()}) holds the lock {tmp_path / 'lock'}"
    assert error.value.remedy


def test_a_shorter_name_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    with hold(tmp_path / "lock", "a very long name of a command" * 5):
        pass
    with (
        hold(tmp_path / "lock", "x"),
        pytest.raises(TemporaryError, match=r"^x \(process \d+\) holds the lock /"),
        hold(tmp_path / "lock", "y", wait=0),
    ):
        pass


def test_it_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), hold(tmp_path / "lock", "`unbusy run`"):
        raise KeyboardInterrupt
    with hold(tmp_path / "lock", "`unbusy apply`", wait=0):
        pass


def test_a_holder_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(TemporaryError, match=rf"^`unbusy apply` \(process {child.pid}\) holds"), hold(path, "x", 0):
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
    with hold(path, "`unbusy run`", wait=0):
        pass


def test_a_command_that_the_holder_started_does_not_hold_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('up', flush=True); input()"]
    with ExitStack() as first:
        first.enter_context(hold(tmp_path / "lock", "`unbusy run`"))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False) as child:
            assert child.stdout
            assert child.stdout.readline() == b"up\n"
            first.close()
            with hold(tmp_path / "lock", "`unbusy apply`", wait=0):
                child.communicate(b"\n")


def test_nobody_else_can_read_who_holds_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with hold(tmp_path / "lock", "`unbusy run`"):
            assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_on_a_full_disk_it_holds_without_a_name(tmp_path: Path) -> None:
    with hold(tmp_path / "lock", "the holder before"):
        pass
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with (
            hold(tmp_path / "lock", "`unbusy run`"),
            pytest.raises(TemporaryError, match=r"^another process holds the lock /"),
            hold(tmp_path / "lock", "`unbusy apply`", wait=0),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["folder", "file/lock", "missing/lock"])
def test_a_lock_that_cannot_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UnbusyError, match="cannot use the lock") as error, hold(tmp_path / name, "`unbusy run`"):
        pass
    assert str(tmp_path / name) in error.value.what
    assert error.value.remedy
