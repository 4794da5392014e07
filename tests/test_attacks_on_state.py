"""What an adversary could try, one section a topic."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parent.parent

# -- the machine: the daemon's user against root ----------------------------------------------------------------------

USER = 64242
"""Of no name, as that of a unit with DynamicUser= that does not run."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
CONFIG = """\
timezone = "Europe/Warsaw"
state = "{state}"
[accounts.work]
type = "vdir"
path = "{calendars}"
emails = ["ada@example.com"]
write = "Work"
"""
A_RUN = """
import sys
from datetime import date
from pathlib import Path
from daemon.config import load
from daemon.journal import JournalFolder, pages
from daemon.ledger import open_ledger
from daemon.stages.runtime import own_state_dir
from daemon.model.errors import UnbusyError
from daemon.system.lock import hold
state = own_state_dir(load(Path(sys.argv[1])))
try:
    with hold(state / "cycle.lock", "a run"):
        open_ledger(state).close()
        journal = JournalFolder(state / "journal")
        pages.append(journal, date(2026, 11, 30), "- a line\\n")
        print(*journal.pages())
except UnbusyError as e:
    sys.exit(f"refused: {e.what}; {e.remedy}")
"""


class Server:
    """A machine with a daemon of its own user, its state as DynamicUser= lays it out, and what is root's beside it."""

    def __init__(self, base: Path) -> None:
        self.state = base / "private" / "unbusy"
        self.named = base / "unbusy"
        self.calendars = base / "calendars"
        self.roots = base / "roots"
        self.victim = self.roots / "victim"
        for folder in (self.state, self.calendars / "Work", self.state / "journal", self.roots):
            folder.mkdir(parents=True)
        for folder in (self.state, self.state / "journal", self.calendars, self.calendars / "Work"):
            os.chown(folder, USER, USER)
            folder.chmod(0o700)
        self.state.parent.chmod(0o700)
        self.named.symlink_to("private/unbusy")
        self.victim.write_text("root's own")
        self.config = base / "config.toml"
        self.config.write_text(CONFIG.format(state=self.named, calendars=self.calendars))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def of_root(self) -> list[str]:
        """What in the state belongs to root."""
        return [str(p) for p in self.state.rglob("*") if p.lstat().st_uid == 0 and not p.is_symlink()]

    def untouched(self) -> bool:
        """Whether what is root's is as it was."""
        found = self.victim.stat()
        names = {p.name for p in self.roots.iterdir()}
        return (self.victim.read_text(), found.st_uid, stat.S_IMODE(found.st_mode) & 0o022, names) == (
            "root's own", 0, 0, {"victim"},
        )  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


LEDGER, LOCK, PAGE = "ledger.sqlite", "cycle.lock", "journal/2026-11-30.md"
STATE_FILES = (
    LEDGER, f"{LEDGER}-journal", f"{LEDGER}-wal", f"{LEDGER}.lock", LOCK, PAGE, "journal/.2026-11-30.md.tmp",
)  # fmt: skip


def link(server: Server, name: str) -> None:
    (server.state / name).symlink_to(server.victim)


def link_to_nothing(server: Server, name: str) -> None:
    (server.state / name).symlink_to(server.roots / "made")


def second_name(server: Server, name: str) -> None:
    os.link(server.victim, server.state / name)


def own_second_name(server: Server, name: str) -> None:
    """What the daemon's user may do even where the kernel protects hard links."""
    (server.calendars / "own").write_text("mine")
    os.chown(server.calendars / "own", USER, USER)
    os.link(server.calendars / "own", server.state / name)


def pipe(server: Server, name: str) -> None:
    os.mkfifo(server.state / name)


def roots_file(server: Server, name: str) -> None:
    (server.state / name).write_text("")


@as_root
@pytest.mark.parametrize(
    ("attack", "name"),
    [
        *((attack, name) for attack in (link, roots_file) for name in STATE_FILES),
        *((a, n) for a in (link_to_nothing, second_name, own_second_name, pipe) for n in (LEDGER, LOCK, PAGE)),
    ],
)
def test_root_is_led_nowhere_by_what_stands_in_the_state(
    server: Server, attack: Callable[[Server, str], None], name: str
) -> None:
    attack(server, name)
    done = server.run("-c", A_RUN, str(server.config))
    assert server.untouched()
    if name.endswith(".tmp"):
        assert done.returncode == 0
        assert "a line" in done.stdout
    else:
        assert re.match(r"refused: .*(link|regular file|another user|second name).*; \S", done.stderr)
        assert str(server.named / name) in done.stderr
    put_there = attack in (second_name, pipe, roots_file) and done.returncode
    assert server.of_root() == ([str(server.state / name)] if put_there else [])


@as_root
@pytest.mark.parametrize("part", ["", "journal"])
def test_root_is_led_nowhere_by_another_folder_in_place_of_the_state(server: Server, part: str) -> None:
    taken = server.state / part
    for inner in (server.state / "journal", taken):
        if inner.exists():
            inner.rmdir()
    taken.symlink_to(server.roots)
    os.chown(taken, USER, USER, follow_symlinks=False)
    done = server.run("-c", A_RUN, str(server.config))
    assert server.untouched()
    assert done.returncode == 1
    assert "belongs to another user" in done.stderr


@as_root
def test_a_command_of_root_works_on_the_state_of_a_dynamic_user(server: Server) -> None:
    command = ("-m", "daemon", "--config", str(server.config), "--now", "2026-11-30T07:00+01:00")
    done = server.run(*command, "apply", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Applied" in done.stderr
    made = [*server.state.rglob("*"), *server.calendars.rglob("*")]
    assert {"ledger.sqlite", "cycle.lock"} < {p.name for p in made}
    assert len(list((server.calendars / "Work").iterdir())) > 3
    assert {(p.stat().st_uid, p.stat().st_gid) for p in made} == {(USER, USER)}
    assert server.run(*command, "journal", "show").returncode == 0


RIGHTS = """
import json, os, subprocess, sys
from pathlib import Path
from daemon.system.rights import act_as_owner
act_as_owner(Path(sys.argv[1]))
def caps(text):
    return {k: int(v, 16) for k, v in (l.split(":") for l in text.splitlines() if l.startswith("Cap"))}
me = caps(Path("/proc/self/status").read_text())
child = caps(subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout)
try:
    os.setuid(0)
    back = True
except PermissionError:
    back = False
print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups(), me["CapEff"] | me["CapPrm"], child["CapEff"], back]))
"""
READ_AND_WALK = 1 << 2


@as_root
@pytest.mark.parametrize("closed", [True, False])
def test_root_keeps_one_right_at_most_and_only_where_the_state_is_out_of_reach(closed: bool) -> None:
    with TemporaryDirectory() as base:
        server = Server(Path(base))
        for folder in (server.state.parent, Path(base)):
            folder.chmod(0o700 if closed else 0o711)
        done = server.run("-c", RIGHTS, str(server.named))
    hidden = closed or any(not p.stat().st_mode & 0o001 for p in (*Path(os.__file__).parents, *ROOT.parents))
    kept = READ_AND_WALK if hidden else 0
    assert json.loads(done.stdout) == [[USER] * 3, [USER] * 3, [], kept, 0, False]


@as_root
def test_root_stays_root_over_what_is_its_own(server: Server) -> None:
    done = server.run("-c", RIGHTS, str(server.roots / "not" / "there"))
    assert json.loads(done.stdout)[0] == [0, 0, 0]


@as_root
def test_a_path_that_begins_in_the_hands_of_a_user_is_that_users(server: Server) -> None:
    """Who owns a folder on the way can put another in its place at any moment."""
    inner = server.calendars / "roots"
    inner.mkdir()
    done = server.run("-c", RIGHTS, str(inner / "state"))
    assert json.loads(done.stdout)[0] == [USER] * 3
