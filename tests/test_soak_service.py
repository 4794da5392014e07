"""Seven months of the service in minutes, on servers that fail now and then: `make soak`.

Over both changes of the clock and a year's end: memory and descriptors stay flat, nothing comes twice, nothing of
anybody else's is touched, and between two timers nothing wakes up.  The daemon is a process of its own, which is told
the time.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import pytest

from gcal.shelf import GoogleShelf
from living import EVENT, Life
from proxy import Fault, cut, lost, proxied, refuse, reset
from servers import PASSWORD, Server
from shelves import Dav
from typing_in import ROOT

CYCLES = int(os.environ.get("UNBUSY_CYCLES", "2520"))
START, STEP = datetime(2026, 9, 7, 6, tzinfo=UTC), timedelta(days=210) / CYCLES
"""Until 5 April, one every two hours: clocks go back on 25 October, forward on 28 March."""

SETTLED = CYCLES // 3
"""Cycles after which what is looked at is full, six weeks behind and four ahead, and all is loaded that ever is."""

MOST = 2**20
"""Bytes that a thousand cycles may leave behind."""

ROOM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108  thousands of cycles would wait for a disk
FAULTY: tuple[Fault, ...] = (reset, lost, cut, refuse)
OF_GOOGLE = ("dropped", "rateLimitExceeded", "500", "503", "html 502", "broken JSON", "cut", "401")
POLICIES = "[policies]\npreparation.enabled = true\n"

pytestmark = [
    pytest.mark.skipif(not os.environ.get("UNBUSY_TORTURE"), reason="takes minutes; `make soak`"),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told by /proc"),
]


@dataclass(frozen=True)
class Service:
    """A daemon on a life.  `fail`: lets its server fail once, after so many requests; `heal`: ends that."""

    life: Life
    process: subprocess.Popen[str]
    fail: Callable[[int], None]
    heal: Callable[[], None]

    def cycle(self) -> dict[str, Any]:
        """See `soaking`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.life.now.isoformat()}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, (self.life.base / "log").read_text()[-3000:]
        said: dict[str, Any] = json.loads(line)
        return said


@contextmanager
def started(life: Life, fail: Callable[[int], None], heal: Callable[[], None]) -> Iterator[Service]:
    command = [sys.executable, str(ROOT / "tests" / "soaking.py"), str(life.base / "config.toml")]
    environ = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with (
        (life.base / "log").open("w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environ
        ) as p,
    ):
        yield Service(life, p, fail, heal)
        assert p.stdin
        p.stdin.close()


@pytest.fixture
def room() -> Iterator[Path]:
    with TemporaryDirectory(dir=ROOM) as folder:
        yield Path(folder)


@pytest.fixture
def on_radicale(radicale: Server, room: Path, password: str) -> Iterator[Service]:
    (room / "secret").write_text(password)
    faults = cycle(FAULTY)
    with proxied(radicale.origin) as proxy:
        shelf = Dav(radicale.account(), url=proxy.origin, timeout=5)
        shelf.account += f'\npassword_command = ["cat", "{room}/secret"]'

        def fail(after: int) -> None:
            proxy.fail(next(faults), at=after + 1)

        def heal() -> None:
            proxy.heal()
            proxy.seen.clear()

        with started(Life(room, policies=POLICIES, store=shelf), fail, heal) as service:
            yield service


@pytest.fixture
def on_google(google: GoogleShelf, room: Path) -> Iterator[Service]:
    (room / "secret").write_text(google.secret)
    google.account += f'\npassword_command = ["cat", "{room}/secret"]'

    faults = cycle(OF_GOOGLE)

    def fail(after: int) -> None:
        google.server.fail(next(faults), skip=after, times=9)  # more often than it is tried

    def heal() -> None:
        google.server.desk.faults.clear()
        google.server.desk.seen.clear()

    with started(Life(room, policies=POLICIES, store=google), fail, heal) as service:
        yield service


def booked(life: Life, drawn: random.Random) -> str:
    """One of ten meetings comes, or is moved: its name."""
    n = drawn.randrange(10)
    start = life.now.astimezone(UTC).replace(hour=drawn.randrange(7, 15), minute=0) + timedelta(days=drawn.randrange(7))
    at = {"start": start, "end": start + timedelta(hours=1)}
    life.put(name := f"m{n}.ics", EVENT.format(uid=f"m{n}", title=f"{TITLE} {n}", more="", **at).encode())
    return name


def seen(payload: bytes) -> tuple[bytes, ...]:
    """What a user sees of an event: when it begins, and its title."""
    lines = payload.replace(b"\r\n", b"\n").replace(b"\n ", b"").splitlines()
    return tuple(sorted(line for line in lines if line.startswith((b"DTSTART", b"SUMMARY"))))


TITLE = "Planted-title"


@pytest.mark.parametrize("server", ["on_radicale", "on_google"])
def test_months_of_the_service_leave_nothing_behind(request: pytest.FixtureRequest, server: str) -> None:
    service: Service = request.getfixturevalue(server)
    life, drawn = service.life, random.Random(server)  # noqa: S311  no secret
    life.now = START.astimezone(life.now.tzinfo)
    life.apply()
    said, failed, foreign = list[dict[str, Any]](), 0, dict[str, bytes]()
    for n in range(CYCLES):
        if n % 20 == 7:
            name = booked(life, drawn)
            foreign[name] = life.get(name)
        if n % 25 == 3:  # a quiet cycle, of one request
            service.fail(0)
        if n % 40 == 7:  # one that writes
            service.fail(drawn.randrange(6))
        said.append(service.cycle())
        failed += bool(said[-1]["code"])
        service.heal()
        life.now += STEP
    assert {name: life.get(name) for name in life.names() if not name.startswith("unbusy-")} == foreign
    before, after = said[SETTLED], said[-1]
    grown = after["memory"] - before["memory"]
    quiet = median(one["cpu"] for one in said)
    what = f"{server[3:]}: {failed} of {len(said)} cycles with a problem; {grown / 1024:+.0f} KiB to"
    what += f" {after['memory'] / 2**20:.1f} MiB, {after['descriptors']} descriptors, {quiet * 1000:.0f} ms of CPU"
    print(f"\n{what}")  # noqa: T201  figures, as `make soak` is to show them
    if name := os.environ.get("UNBUSY_SOAKED"):
        Path(f"{name}.{server}").write_text("\n".join(map(json.dumps, said)))
    keys = [(o.mark.policy, o.mark.key) for o in life.ours().values()]
    assert len(keys) == len(set(keys))
    standing = [seen(life.get(name)) for name in life.names() if name.startswith("unbusy-")]
    assert len(standing) > len(keys)
    assert [one for one, times in Counter(standing).items() if times > 1] == []
    life.apply()
    assert life.changes() == []
    log = (life.base / "log").read_text()
    assert failed
    assert log
    assert not [word for word in (TITLE, PASSWORD) if word in log]
    assert after["descriptors"] <= before["descriptors"]
    assert after["threads"] == before["threads"]
    assert grown <= MOST * max(1, (CYCLES - SETTLED) / 1000)


def test_between_two_timers_nothing_wakes_up(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=POLICIES, top='interval = "24h"')
    config = str(life.base / "config.toml")
    command = [sys.executable, "-m", "daemon", "--config", config, "-v", "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stderr
            while "occurrences read" not in process.stderr.readline():
                pass
            sleep(2)
            first = switches(process.pid)
            sleep(10)
            assert switches(process.pid) == first
        finally:
            process.terminate()


def switches(pid: int) -> dict[str, int]:
    """How often each thread has given up the processor by itself, or been made to."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        found[task.name] = sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return found


def test_what_it_holds_at_rest_is_within_its_bounds() -> None:
    """48 MiB with folders, 64 with CalDAV, 80 with every kind of account."""
    done = subprocess.run([sys.executable, "-m", "bench.idle"], cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"\n{done.stdout}")  # noqa: T201  as above
    assert done.returncode == 0, done.stdout + done.stderr
