"""What is special about folders: what is a calendar, what is read again, how a file is replaced."""

from __future__ import annotations

import os
import resource as limits
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from connectors.local import files, folders
from connectors.local.vdir import Vdir, VdirOptions
from daemon.model.errors import ExistsError, LostRaceError, UnbusyError, UnreadableError
from daemon.model.owner import Field, Mark
from daemon.model.protocols import Resource, Seen
from making import ME, ZONE
from memory import NOW
from payloads import WINDOW, Found, draft, ics, looked

LONG_AGO = 1_780_000_000
OTHER = Mark(ME, "focus", "2026-W49/2", 0, {})


def opened(path: Path) -> Vdir:
    return Vdir("work", VdirOptions(path=str(path)), lambda: NOW)


def old(path: Path, payload: bytes = b"", seconds: int = LONG_AGO) -> Path:
    """A file that has stood there for long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(payload or ics())
    os.utime(path, (seconds, seconds))
    return path


def known(found: Found) -> dict[str, str]:
    return {r.ref.href: r.ref.version for r in found.changed}


def names(found: Found) -> list[str]:
    return [r.ref.href for r in found.changed]


# --- options -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["calendars", "./calendars", "", "~nobody-has-this-name/calendars"])
def test_a_path_that_leads_nowhere_certain_is_refused(path: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"path = .*(relative|no home)"):
        msgspec.convert({"path": path}, VdirOptions)


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    old(tmp_path / "cal" / "a.ics")
    account = Vdir("home", msgspec.convert({"path": "~/cal", "emails": ["ada@example.com"]}, VdirOptions))
    assert [c.id for c in account.calendars()] == ["home/cal"]
    assert names(looked(account, "home/cal")) == ["a.ics"]


# --- what is a calendar ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "calendars"),
    [
        ([], {"root": "root"}),
        (["a.ics"], {"root": "root"}),
        (["Work/a.ics", "Home/"], {"Work": "Work", "Home": "Home"}),
        (["a.ics", "Work/b.ics"], {"root": "root", "Work": "Work"}),
        (["notes.txt", ".hidden.ics", "x.ics.tmp", "Work/"], {"Work": "Work"}),
        ([".git/", ".trash/a.ics", "Work/"], {"Work": "Work"}),
        (["Work/displayname", "Work/color"], {"Work": "My calendar"}),
        (["Work/deep/a.ics"], {"Work": "Work"}),
        (["archive.ics/", "Work/"], {"archive.ics": "archive.ics", "Work": "Work"}),
        (["Work/displayname/"], {"Work": "Work"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_which_folders_are_calendars(tmp_path: Path, layout: list[str], calendars: dict[str, str]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name in layout:
        if name.endswith("/"):
            (root / name).mkdir(parents=True)
        else:
            old(root / name, b" My\x1b calendar\n" if name.endswith("displayname") else b"")
    account = opened(root)
    assert {c.id: c.name for c in account.calendars()} == {f"work/{n}": shown for n, shown in calendars.items()}
    for calendar in account.calendars():
        looked(account, calendar.id)


def test_a_hidden_folder_may_be_the_account(tmp_path: Path) -> None:
    old(tmp_path / ".calendars" / "a.ics")
    account = opened(tmp_path / ".calendars")
    assert [c.id for c in account.calendars()] == ["work/.calendars"]
    assert names(looked(account, "work/.calendars")) == ["a.ics"]


def test_two_calendars_of_one_name_are_said_so(tmp_path: Path) -> None:
    old(tmp_path / "home" / "a.ics")
    old(tmp_path / "home" / "home" / "b.ics")
    with pytest.raises(UnreadableError, match="both") as error:
        opened(tmp_path / "home").calendars()
    assert "rename" in error.value.remedy


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "/etc", "Nobody"])
def test_a_calendar_outside_the_account_is_unreadable(tmp_path: Path, name: str) -> None:
    (tmp_path / "root" / "a" / "b").mkdir(parents=True)
    with pytest.raises(UnreadableError):
        looked(opened(tmp_path / "root"), f"work/{name}")


def test_a_missing_folder_is_named_with_a_remedy(tmp_path: Path) -> None:
    account = opened(tmp_path / "gone")
    for call in (account.calendars, lambda: looked(account, "work/gone")):
        with pytest.raises(UnreadableError, match=str(tmp_path / "gone")) as error:
            call()
        assert error.value.remedy


def test_a_folder_that_is_a_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        opened(old(tmp_path / "file")).calendars()


# --- what is read ------------------------------------------------------------------------------------------------


def test_only_ics_files_are_read(tmp_path: Path) -> None:
    for name in ("a.ics", ".b.ics", ".c.ics.tmp", "d.ics.tmp", "e.txt", "f.ICS", "displayname"):
        old(tmp_path / "Work" / name)
    (tmp_path / "Work" / "folder.ics").mkdir()
    found = looked(opened(tmp_path), "work/Work")
    assert (names(found), found.present, found.problems) == (["a.ics"], {"a.ics"}, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda p: os.utime(p, ns=(0, LONG_AGO * 10**9 + 1)),
        lambda p: old(p, ics() + b"\n"),
        lambda p: old(p.with_name("new"), ics()).replace(p),
    ],
    ids=["time", "size", "inode"],
)
def test_a_change_is_seen_by_time_size_or_inode(tmp_path: Path, change: object) -> None:
    path = old(tmp_path / "Work" / "a.ics")
    account = opened(tmp_path)
    first = looked(account, "work/Work")
    assert not looked(account, "work/Work", known(first), first.state).changed
    change(path)
    assert names(looked(account, "work/Work", known(first), first.state)) == ["a.ics"]


def move_out_and_link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name("moved")))


@pytest.mark.parametrize(
    ("change", "news"),
    [
        (lambda p: os.utime(p, ns=(0, LONG_AGO * 10**9 + 1)), ["a.ics"]),
        (lambda p: old(p, ics() + b"\n"), ["a.ics"]),
        (lambda p: old(p.with_name("new"), ics()).replace(p), ["a.ics"]),
        (lambda p: old(p.with_name("b.ics"), ics()), ["b.ics"]),
        (lambda p: p.rename(p.with_name("b.ics")), ["b.ics"]),
        (lambda p: p.unlink(), []),
        (move_out_and_link, []),
    ],
    ids=["time", "size", "inode", "a new one", "another name", "gone", "a link to the same file"],
)
def test_a_folder_in_which_nothing_has_changed_is_known_by_its_state(
    tmp_path: Path, change: Callable[[Path], object], news: list[str]
) -> None:
    path = old(tmp_path / "Work" / "a.ics")
    account = opened(tmp_path)
    first = looked(account, "work/Work")
    second = looked(account, "work/Work", known(first), first.state)
    assert account.changes("work/Work", Seen(window=WINDOW, state=second.state, recall=pytest.fail)).present is None
    change(path)
    third = looked(account, "work/Work", known(first), second.state)
    assert (names(third), third.present) == (news, {p.name for p in path.parent.glob("*.ics")})
    assert account.changes("work/Work", Seen(window=WINDOW, state=second.state, recall=dict)).present is not None


def test_a_folder_with_a_link_in_it_is_compared_file_by_file(tmp_path: Path) -> None:
    one, two = old(tmp_path / "Work" / "one"), old(tmp_path / "Work" / "two", ics() + b"\n")
    between = tmp_path / "between"
    between.symlink_to(one)
    one.with_name("a.ics").symlink_to(between)
    account = opened(tmp_path / "Work")
    first = looked(account, "work/Work")
    second = looked(account, "work/Work", known(first), first.state)
    between.unlink()
    between.symlink_to(two)
    assert names(looked(account, "work/Work", known(first), second.state)) == ["a.ics"]


def test_a_young_file_is_read_again_until_it_is_old(tmp_path: Path) -> None:
    path = old(tmp_path / "Work" / "a.ics")
    account = opened(tmp_path)
    os.utime(path)
    first = looked(account, "work/Work")
    second = looked(account, "work/Work", known(first), first.state)
    assert names(second) == ["a.ics"]
    times = path.stat()
    same_size = ics().replace(b"090000Z", b"091500Z")
    path.write_bytes(same_size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # an edit within the grain of the clock
    third = looked(account, "work/Work", known(second), second.state)
    assert [r.payload for r in third.changed] == [same_size]
    os.utime(path, (LONG_AGO, LONG_AGO))
    fourth = looked(account, "work/Work", known(third), third.state)
    assert not looked(account, "work/Work", known(fourth), fourth.state).changed


@pytest.mark.parametrize("offset", [3600, -1])
def test_a_file_from_the_future_or_from_just_now_is_never_trusted(offset: int) -> None:
    found = os.stat_result((0o100600, 1, 1, 1, 0, 0, 3, 0, 0, 0), {"st_mtime_ns": (LONG_AGO + offset) * 10**9})
    assert files.version_at(found, LONG_AGO * 10**9).endswith(files.UNTRUSTED)
    assert files.version_at(found, (LONG_AGO + offset + 2) * 10**9) == files.version(found)


def odd_files(folder: Path) -> dict[str, str]:
    """Files that are no events, and what is said of each."""
    old(folder.parent / "elsewhere.ics")
    (folder / "out.ics").symlink_to(folder.parent / "elsewhere.ics")
    (folder / "loop.ics").symlink_to("loop.ics")
    os.mkfifo(folder / "pipe.ics")
    with (folder / "large.ics").open("wb") as file:
        file.truncate(folders.RESOURCE_LIMIT + 1)
    (folder / "line\nbreak.ics").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin\xe9.ics")).write_bytes(ics())
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(folder / "socket.ics"))
    sock.close()
    return {
        "out.ics": "leads out", "loop.ics": "", "pipe.ics": "not a regular file", "large.ics": "16 MiB",
        "line break.ics": "leads out", "socket.ics": "",
    }  # fmt: skip


def test_odd_files_cost_only_themselves() -> None:
    with tempfile.TemporaryDirectory() as short:  # a socket's name must be
        folder = Path(short) / "Work"
        old(folder / "good.ics")
        said = odd_files(folder)
        found = looked(opened(Path(short)), "work/Work")
        assert names(found) == ["good.ics"]
        problems = {p.where.removeprefix("work/Work/"): p.what for p in found.problems}
        assert problems.keys() - said.keys() == {"latin\ufffd.ics"}
        assert "UTF-8" in problems["latin\ufffd.ics"]
        for name, what in said.items():
            assert what in problems[name]
        assert found.present == {"good.ics", "line\nbreak.ics", *said} - {"line break.ics"}


def test_links_to_folders_and_within_one_are_followed(tmp_path: Path) -> None:
    old(tmp_path / "data" / "a.ics")
    (tmp_path / "data" / "b.ics").symlink_to("a.ics")
    (tmp_path / "data" / "dangling.ics").symlink_to("nothing.ics")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "Work").symlink_to(tmp_path / "data")
    account = opened(tmp_path / "root")
    assert [c.id for c in account.calendars()] == ["work/Work"]
    found = looked(account, "work/Work")
    assert (names(found), found.present) == (["a.ics", "b.ics"], {"a.ics", "b.ics", "dangling.ics"})
    assert [p.where for p in found.problems] == ["work/Work/dangling.ics"]


def test_a_file_that_goes_while_it_is_read_is_named_and_not_yet_taken_for_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.ics", "b.ics", "c.ics"):
        old(tmp_path / "Work" / name)
    read = files.read

    def slow(path: str | Path, limit: int) -> tuple[os.stat_result, bytes]:
        (tmp_path / "Work" / "b.ics").unlink(missing_ok=True)
        return read(path, limit)

    monkeypatch.setattr(files, "read", slow)
    found = looked(opened(tmp_path), "work/Work")
    assert (names(found), found.present) == (["a.ics", "c.ics"], {"a.ics", "b.ics", "c.ics"})
    assert [(p.where, p.what) for p in found.problems] == [("work/Work/b.ics", "is gone, or a link to nothing")]


def test_a_folder_that_was_swapped_for_an_empty_one_is_unreadable(tmp_path: Path) -> None:
    old(tmp_path / "Work" / "a.ics")
    account = opened(tmp_path)
    first = looked(account, "work/Work")
    (tmp_path / "Work").rename(tmp_path / "away")
    (tmp_path / "Work").mkdir()
    with pytest.raises(UnreadableError, match="empty"):
        looked(account, "work/Work", known(first), first.state)
    old(tmp_path / "Work" / "b.ics")
    assert looked(account, "work/Work", known(first), first.state).present == {"b.ics"}


def test_a_folder_that_its_user_has_emptied_is_empty(tmp_path: Path) -> None:
    path = old(tmp_path / "Work" / "a.ics")
    account = opened(tmp_path)
    first = looked(account, "work/Work")
    path.unlink()
    assert looked(account, "work/Work", known(first), first.state).present == frozenset()


# --- writing -----------------------------------------------------------------------------------------------------


def put(tmp_path: Path) -> tuple[Vdir, Resource, Path]:
    (tmp_path / "Work").mkdir()
    account = opened(tmp_path)
    made = account.create(draft())
    return account, made, tmp_path / "Work" / made.ref.href


def listing(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_new_file_is_the_users_own_and_alone(tmp_path: Path) -> None:
    _, made, path = put(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert listing(path.parent) == {made.ref.href: made.payload}
    assert path.stat().st_nlink == 1


def test_an_update_keeps_the_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    path.chmod(0o664)
    made = account.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert listing(path.parent) == {made.ref.href: made.payload}


def test_the_clock_is_the_accounts(tmp_path: Path) -> None:
    _, made, _ = put(tmp_path)
    assert made.payload.count(NOW.strftime("%Y%m%dT%H%M%SZ").encode()) == 3


def test_an_edit_within_the_grain_of_the_clock_is_not_written_over(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    times = path.stat()
    mine = made.payload.replace(b"SUMMARY:Focus", b"SUMMARY:Mine!")
    path.write_bytes(mine)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(LostRaceError):
        account.update(made, draft("Wed 09:00-10:00"), frozenset({Field.WHEN}))
    assert path.read_bytes() == mine


def test_what_a_crash_left_behind_is_no_obstacle(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    left = path.with_name(f".{path.name}.tmp")
    os.link(path, left)  # between link and unlink of a creation
    after = account.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
    assert listing(path.parent) == {made.ref.href: after.payload}
    left.symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_bytes(b"kept")
    account.update(after, draft(title="Other"), frozenset({Field.TITLE}))
    assert (tmp_path / "precious").read_bytes() == b"kept"


def test_a_link_in_place_of_our_file_is_not_followed(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    target = path.rename(tmp_path / "elsewhere.ics")
    path.symlink_to(target)
    for call in (
        lambda: account.update(made, draft(title="Strategy"), frozenset({Field.TITLE})),
        lambda: account.delete(made.ref),
    ):
        with pytest.raises(UnbusyError):
            call()
    assert target.read_bytes() == made.payload
    assert path.is_symlink()


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    (tmp_path / "Other").mkdir()
    for href in (f"../Work/{path.name}", f"{path}", "/etc/passwd"):
        with pytest.raises(UnbusyError):
            account.delete(replace(made.ref, href=href, calendar="work/Other"))
    assert path.exists()


def test_a_pipe_in_place_of_our_file_is_refused_by_name(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UnbusyError, match=f"{path} is not a regular file"):
        account.delete(made.ref)


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    account, made, path = put(tmp_path)
    assert listing(path.parent) == {made.ref.href: made.payload}
    with pytest.raises(ExistsError):
        account.create(draft(title="Another"))
    assert listing(path.parent) == {made.ref.href: made.payload}


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond 100 bytes."""
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    limits.setrlimit(limits.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)


def test_a_write_that_breaks_off_changes_nothing(tmp_path: Path) -> None:
    account, made, path = put(tmp_path)
    with full_disk():
        with pytest.raises(UnbusyError, match=str(path)) as error:
            account.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
        with pytest.raises(UnbusyError):
            account.create(draft(mark=OTHER))
    assert error.value.code == 1
    assert listing(path.parent) == {made.ref.href: made.payload}
    account.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))


def test_a_mark_that_is_too_long_is_an_error_with_a_name(tmp_path: Path) -> None:
    (tmp_path / "Work").mkdir()
    with pytest.raises(UnbusyError, match="over 600"):
        opened(tmp_path).create(draft(mark=Mark("a" * 600, "focus", "2026-W49/2", 0, {})))
    assert not listing(tmp_path / "Work")


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user whom permissions bind, also where the tests are run by root."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)


def test_a_read_only_folder_is_named_with_a_remedy(unprivileged: Path) -> None:
    account, made, path = put(unprivileged)
    path.parent.chmod(0o500)
    assert [c.writable for c in account.calendars()] == [os.getuid() == 0]  # `access` asks for the real user
    for call in (
        lambda: account.create(draft(mark=OTHER)),
        lambda: account.update(made, draft(title="Strategy"), frozenset({Field.TITLE})),
        lambda: account.delete(made.ref),
    ):
        with pytest.raises(UnbusyError, match=str(path.parent)) as error:
            call()
        assert (error.value.code, bool(error.value.remedy)) == (1, True)
        assert not isinstance(error.value, LostRaceError)
    assert listing(path.parent) == {made.ref.href: made.payload}
    path.parent.chmod(0o700)


def test_what_permissions_forbid_to_read_is_said(unprivileged: Path) -> None:
    old(unprivileged / "Work" / "a.ics")
    old(unprivileged / "Work" / "b.ics").chmod(0)
    account = opened(unprivileged)
    found = looked(account, "work/Work")
    assert (names(found), found.present) == (["a.ics"], {"a.ics", "b.ics"})
    assert [(p.where, p.what) for p in found.problems] == [("work/Work/b.ics", "Permission denied")]
    (unprivileged / "Work").chmod(0)
    with pytest.raises(UnreadableError, match="Permission denied") as error:
        looked(account, "work/Work")
    assert error.value.remedy
    (unprivileged / "Work").chmod(0o700)
    unprivileged.chmod(0)
    for call in (account.calendars, lambda: looked(account, "work/Work")):
        with pytest.raises(UnreadableError, match="Permission denied"):
            call()
    unprivileged.chmod(0o700)


def test_reading_writes_nothing(tmp_path: Path) -> None:
    path = old(tmp_path / "Work" / "a.ics", ics() + b"\n\n")
    before = (path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.read_bytes(), path.parent.stat().st_mtime_ns)
    account = opened(tmp_path)
    account.calendars()
    for resource in looked(account, "work/Work").changed:
        assert account.read(resource, WINDOW, ZONE).events
    assert before == (
        path.stat().st_mtime_ns,
        path.stat().st_ctime_ns,
        path.read_bytes(),
        path.parent.stat().st_mtime_ns,
    )
