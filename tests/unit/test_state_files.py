"""Only regular files of the folder's owner, in a folder that nobody else may write in."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from daemon.journal import JournalFolder, pages
from daemon.ledger import open_ledger
from daemon.model.errors import RefusedError
from daemon.system.lock import hold
from daemon.system.state_files import check_file, open_file, read_file, replace_file


def ledger(state: Path) -> None:
    open_ledger(state).close()


def lock(state: Path) -> None:
    with hold(state / "cycle.lock", "`a test`"):
        pass


def journal(state: Path) -> None:
    pages.append(JournalFolder(state), date(2026, 11, 30), "- a line\n")


@pytest.mark.parametrize("use", [ledger, lock, journal])
@pytest.mark.parametrize("mode", [0o770, 0o777, 0o1777, 0o707])
def test_a_folder_in_which_others_may_write_is_refused_with_the_remedy(
    tmp_path: Path, use: Callable[[Path], None], mode: int
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    with pytest.raises(RefusedError, match="other users may write in the folder") as error:
        use(state)
    assert error.value.remedy == f"`chmod go-w {state}`"
    assert not list(state.iterdir())
    state.chmod(mode & ~0o022)
    use(state)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
@pytest.mark.parametrize("use", [ledger, lock, journal])
def test_a_folder_of_another_user_is_refused(tmp_path: Path, use: Callable[[Path], None]) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(RefusedError, match="belongs to another user") as error:
        use(tmp_path)
    assert "run unbusy as that user" in error.value.remedy
    assert not list(tmp_path.iterdir())


def a_link(path: Path) -> None:
    path.with_name("elsewhere").write_text("here")
    path.symlink_to("elsewhere")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def a_second_name(path: Path) -> None:
    path.with_name("elsewhere").write_text("here")
    os.link(path.with_name("elsewhere"), path)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [a_link, a_link_to_nothing, a_second_name, a_pipe, a_socket])
@pytest.mark.parametrize(
    "use",
    [
        lambda path: open_file(path, os.O_RDWR),
        lambda path: open_file(path, os.O_RDONLY, make=False),
        lambda path: replace_file(path, b"new"),
        read_file,
        check_file,
    ],
    ids=["opened or made", "opened", "replaced", "read", "looked at"],
)
def test_only_regular_files_with_one_name_are_used(
    tmp_path: Path, make: Callable[[Path], None], use: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    make(path)
    with pytest.raises(RefusedError, match=r"file (is|has) ") as error:
        use(path)
    assert error.value.remedy
    elsewhere = tmp_path / "elsewhere"
    assert not elsewhere.exists() or elsewhere.read_text() == "here"
    assert not (tmp_path / "nothing").exists()


def test_a_file_that_others_can_reach_and_write_is_refused(tmp_path: Path) -> None:
    """In a folder that is closed to them it does no harm: an editor of the user may well leave it so."""
    path = tmp_path / "2026-11-30.md"
    path.write_text("")
    path.chmod(0o664)
    tmp_path.chmod(0o755)
    with pytest.raises(RefusedError, match="other users may write to") as error:
        read_file(path)
    assert error.value.remedy == f"`chmod go-w {path}`"
    tmp_path.chmod(0o700)
    assert read_file(path) == b""


@pytest.mark.parametrize("make", [a_link, a_link_to_nothing, a_second_name, a_pipe, a_socket, Path.touch])
def test_what_stands_under_the_name_of_the_temporary_file_goes_unopened(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / ".file.tmp")
    before = [p.read_text() for p in tmp_path.glob("elsewhere")]
    replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert [p.read_text() for p in tmp_path.glob("elsewhere")] == before
    assert {p.name for p in tmp_path.iterdir()} <= {"file", "elsewhere"}
