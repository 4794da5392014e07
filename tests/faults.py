"""A real process of unbusy on a real folder, cut off or refused by the kernel; and what has to be true afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from connectors.rfc5545 import codec
from daemon.model.event import ResourceRef
from daemon.model.protocols import Resource
from daemon.planning.snapshots import observed
from living import Life
from machine import EVER
from making import ZONE

ROOMS = Path("/dev/shm")  # noqa: S108  memory, where there is such a folder: SQLite waits for a disk
HERE = Path(__file__).parent
NOW = "2026-12-01T07:00"
ANSWER = "# 2026-11-30\n\n## Friday's answer\n\n> I stopped at chapter 7\n"
TOP = 'horizon = "1d"'
AWAY = f"{TOP}\n[[away]]\nfrom = 2026-12-03\nto = 2026-12-04\n"
"""What stands on these days goes."""
POLICIES = """
[policies.focus]
title = "{title}"
weekly_goal = "{goal}"
block = {{ min = "60m" }}
[policies.overload]
enabled = {overload}
[policies.reflection]
enabled = {reflection}
"""
MONDAYS = POLICIES.format(title="Focus", goal="12h", overload="true", reflection="false")
TUESDAYS = POLICIES.format(title="Deep work", goal="9h", overload="false", reflection="true")


class Scene:
    """A user on Tuesday, with everything at once to be done for them: create, change, delete, a skip to note down.

    `reset` brings everything back; paths stay the same, since the config holds them.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.life = Life(base / "now", now="Mon 07:00", policies=MONDAYS, top=TOP)
        self._begin()
        shutil.copytree(base / "now", base / "before")
        self.foreign, self.before = self._foreign(), self.ours()
        self.expected = self.recovered()
        self.written = self.journal()

    def _begin(self) -> None:
        life = self.life
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
            life.meet(f"{day} 13:00-16:00", title="Vendor")
        life.apply()
        life.delete("2026-W49/5" if "2026-W49/5" in life.ours() else "2026-W49/4")
        life.edit("2026-W49/3", ("DESCRIPTION", "Stopped at chapter 3"))
        life.meet("Wed 09:00-11:00", title="Fire")
        life.meet("Thu 16:00-18:00", title="Late")
        life.now = life.now.replace(day=1, month=12)
        life.configure(TUESDAYS, AWAY)
        self.life.base.joinpath("state/journal").mkdir(exist_ok=True)
        self.life.base.joinpath("state/journal/2026-11-30.md").write_text(ANSWER)

    def reset(self) -> None:
        shutil.rmtree(self.base / "now")
        shutil.copytree(self.base / "before", self.base / "now")

    # -- a process ------------------------------------------------------------------------------------------------

    @property
    def arguments(self) -> list[str]:
        return ["--config", str(self.life.base / "config.toml"), "--now", NOW]

    def start(self, *command: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """What is given before is the program (and the Python that it starts)."""
        program = [*(before or (sys.executable, "-m", "daemon")), *self.arguments, *command]
        environ = os.environ | {"PYTHONPATH": f"{HERE.parent}:{HERE}", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(program, env=environ, cwd=self.base, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *command: str, before: Sequence[str] = ()) -> tuple[int, str]:
        """Exit code (negative: killed by that signal) and what it said."""
        with self.start(*command, before=before) as process:
            said = process.communicate(timeout=60)[0].decode()
        return process.returncode, said

    def crash(self, point: str, after: int, *command: str) -> bool:
        """Whether it was killed there; False when it ended without passing that point so often."""
        code, said = self.run(*command, before=(sys.executable, str(HERE / "crashing.py"), point, str(after)))
        assert code in (0, -9), said
        return code == -9

    # -- afterwards -----------------------------------------------------------------------------------------------

    def ours(self) -> dict[str, object]:
        out: dict[str, object] = {}
        for path in sorted(self.life.folder.glob("unbusy-*.ics")):
            resource = Resource(ResourceRef("work/Work", path.name, ""), path.read_bytes())
            (event,) = codec.reading(resource, EVER, ZONE).events
            mark = codec.peek(resource.payload).mark
            out[path.name] = mark and replace(mark, by=""), observed(event)  # each ledger draws a name of its own
        return out

    def _foreign(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.life.folder.iterdir() if not p.name.startswith(("unbusy-", "."))}

    def journal(self) -> dict[str, str]:
        return {p.name: p.read_text() for p in (self.life.base / "state/journal").iterdir()}

    def recovered(self) -> dict[str, object]:
        """Two clean runs, and a third that finds nothing to do."""
        for _ in range(2):
            self.life.apply(force=True)
        assert self.life.changes() == []
        return self.ours()

    def check(self, what: str) -> None:
        """Whatever has happened to the run: nothing is lost, and clean runs lead where they lead without it."""
        assert self._foreign() == self.foreign, f"{what}: a foreign event has changed"
        typed = [p for p in self.life.folder.glob("unbusy-*.ics") if b"Stopped at chapter 3" in p.read_bytes()]
        assert len(typed) == 1, f"{what}: what the user typed is gone"
        self._age()
        assert self.recovered() == self.expected, f"{what}: it leads elsewhere"
        written = self.journal()
        assert written["2026-11-30.md"] == ANSWER, f"{what}: an answer is lost"
        assert written == self.written, f"{what}: the journal differs"
        self._check_folders(what)

    def _hidden(self) -> list[Path]:
        return [p for p in self.life.folder.iterdir() if p.name.startswith(".")]

    def _age(self) -> None:
        """Time goes by for what was left."""
        for path in self._hidden():
            os.utime(path, (0, 0))

    def _check_folders(self, what: str) -> None:
        """Nothing is left after another write; a ledger that could not be used stands aside under a telling name."""
        if self._hidden():
            self.life.configure(MONDAYS, TOP)
            self.life.apply(force=True)
        assert not self._hidden(), f"{what}: {self._hidden()} left in the calendar"
        state = [p.name for p in (self.life.base / "state").iterdir()]
        known = re.compile(r"ledger\.sqlite(\.lock|\.set-aside-\d+(-journal)?)?|(cycle|daemon)\.lock|journal")
        assert all(known.fullmatch(name) for name in state), f"{what}: {state}"


@contextmanager
def scene() -> Iterator[Scene]:
    with TemporaryDirectory(dir=ROOMS if ROOMS.is_dir() else None) as base:
        yield Scene(Path(base))
