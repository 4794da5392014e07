"""What an adversary could try, one section a topic."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from daemon.ledger import open_ledger
from daemon.ledger.sqlite import seal
from daemon.model.errors import UnbusyError
from daemon.system import state_files
from living import Life

ROOT = Path(__file__).parent.parent
TORTURE = bool(os.environ.get("UNBUSY_TORTURE"))

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
from daemon.ledger.sqlite import seal
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


# -- the machine: a disk that forgets ---------------------------------------------------------------------------------

FLIPS = 10_000 if TORTURE else 200


@pytest.fixture
def settled(tmp_path: Path) -> Life:
    """Blocks, meetings around them, one that the user has moved and one that they have deleted; nothing left to do."""
    life = Life(tmp_path)
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 13:00-15:00")
    life.apply()
    life.move("2026-W49/2", "Wed 15:00-17:00")
    life.delete("2026-W49/3")
    life.apply()
    assert life.changes() == []
    return life


def flipped(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def test_no_flipped_bit_of_the_ledger_changes_an_event(settled: Life) -> None:
    path = settled.base / "state" / "ledger.sqlite"
    content, draw, repaired = path.read_bytes(), random.Random(16), 0  # noqa: S311  a fixed seed
    for _ in range(FLIPS):
        path.write_bytes(flipped(content, draw))
        assert settled.changes() == []
        for aside in path.parent.glob("*set-aside*"):
            repaired += 1
            aside.unlink()
        with closing(open_ledger(path.parent)) as again:
            assert not again.notice, "said once"
    assert repaired > FLIPS / 4, "most of the file means something"


def test_no_flipped_bit_of_a_ledger_that_a_crash_left_open_ends_in_a_traceback(settled: Life) -> None:
    """Its rows have no sum: what cannot be understood is found, when it is opened or later; never a traceback."""
    path = settled.base / "state" / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM seal")
        db.commit()
    content, draw = path.read_bytes(), random.Random(17)  # noqa: S311  a fixed seed
    for _ in range(FLIPS):
        path.write_bytes(flipped(content, draw))
        try:
            settled.changes()
        except UnbusyError as e:
            assert "damaged" in e.what  # noqa: PT017  most flips end in no error
            assert settled.changes() is not None
        for aside in path.parent.glob("*set-aside*"):
            aside.unlink()


DAMAGE = {
    "a state that is none": "UPDATE own SET status = 'standjng'",
    "a day that is none": "UPDATE own SET day = '2026-1r-01'",
    "JSON that is none": "UPDATE own SET read_back = '{]'",
    "a field that is none": """UPDATE own SET read_back = '{"whem": "x"}'""",
    "text that is no UTF-8": "UPDATE own SET title = CAST(x'46ff' AS TEXT)",
    "what was taken back is none": """UPDATE own SET taken_back = '{"at": 1}'""",
    "a moment of a run": "UPDATE run SET at = 'never'",
    "a line of a run": "UPDATE change SET before = 'nothing'",
    "a time of a line": "UPDATE change SET after = replace(after, '+00:00', '800+00:00')",
    "a field of a line": "UPDATE change SET after = replace(after, 'calendar', 'kalendar')",
    "a moment of a calendar": "UPDATE calendar SET read_at = '2026'",
    "a title, one letter": "UPDATE own SET title = 'Gocus'",
    "a key, one letter": "UPDATE own SET key = '2026-W49/7' WHERE key = '2026-W49/3'",
}


def uncounted(path: Path, before: bytes) -> None:
    """As if nobody had written to a ledger: the header counts no change since (fileformat2.html, 1.3)."""
    with path.open("r+b") as file:
        for first, end in ((24, 28), (92, 96)):
            file.seek(first)
            file.write(before[first:end])


@pytest.mark.parametrize("sealed", [True, False], ids=["closed", "left open by a crash"])
def test_a_row_that_cannot_be_understood_sets_the_ledger_aside(settled: Life, sealed: bool) -> None:
    path = settled.base / "state" / "ledger.sqlite"
    content = path.read_bytes()
    for name, damage in DAMAGE.items():
        path.write_bytes(content)
        with closing(sqlite3.connect(path)) as db:
            assert db.execute(damage).rowcount
            db.commit()
        if sealed:
            uncounted(path, content)
        understood = not sealed and "one letter" in name
        with settled.runtime() as runtime:
            assert bool(runtime.ledger.set_aside) != understood, name
        assert understood or settled.changes() == [], name
        asides = list(path.parent.glob("*set-aside*"))
        assert len(asides) == (not understood), name
        for aside in asides:
            aside.unlink()


def test_each_write_breaks_the_seal_and_each_closing_makes_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"

    def sealed() -> bool | None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            return seal.holds(db, path)

    for value in ("a", "b", "c"):
        with closing(open_ledger(tmp_path)) as ledger:
            assert not ledger.set_aside
            ledger.drawer.put("name", value)
            assert sealed() is None
        assert sealed()
        state_files._clean.clear()  # as in another process
    written = path.read_bytes()
    with closing(open_ledger(tmp_path)) as ledger:
        assert ledger.drawer.get("name") == "c"
    assert sealed()
    assert path.read_bytes() == written, "what was only read is not sealed again"


@pytest.mark.parametrize("statement", ["VACUUM", "UPDATE own SET title = 'Mine'", "VACUUM INTO '{path}.copy'"])
def test_what_another_program_has_written_to_is_no_damage(settled: Life, statement: str) -> None:
    """A copy that was put back, and what the user has changed themselves, are read as they are."""
    path = settled.base / "state" / "ledger.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement.format(path=path))
    if "INTO" in statement:
        path.with_name("ledger.sqlite.copy").replace(path)
    with settled.runtime() as runtime:
        assert not runtime.ledger.set_aside
    assert settled.changes() == []


WRITER = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


def test_nobody_writes_while_a_ledger_is_sealed(tmp_path: Path) -> None:
    """POSIX takes all locks of a file from a process that closes any descriptor of it."""
    path = tmp_path / "ledger.sqlite"
    open_ledger(tmp_path).close()

    def other() -> str:
        return subprocess.run([sys.executable, "-c", WRITER, path], capture_output=True, text=True, check=False).stderr

    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        with seal._reading(db, path, "BEGIN IMMEDIATE") as file:
            assert seal._sum(db, file) == seal._seal(db)[1]
            assert "locked" in other()
        assert not other()
