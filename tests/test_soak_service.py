"""Weeks of the service in minutes, on Radicale behind a proxy that fails now and then: `make soak`.

Over a change of the clock and a year's end: memory and descriptors stay flat, nothing comes twice, nothing of anybody
else's is touched, and between two timers nothing wakes up.
"""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time, sleep

import pytest

from daemon.model.errors import UnbusyError
from daemon.planning.placement import blocks
from daemon.service import serve as service
from living import EVENT, ONLY_FOCUS, Life
from proxy import Fault, Proxy, cut, lost, proxied, refuse, reset
from servers import Server
from shelves import Dav
from typing_in import ROOT

CYCLES = int(os.environ.get("UNBUSY_CYCLES", "1250"))
SETTLED = CYCLES // 5
"""Cycles after which all is loaded that is ever loaded."""

MOST = 2**20
"""Bytes that a thousand cycles may leave behind."""

STEP = timedelta(minutes=20)
STARTS = {
    "clocks go forward": datetime(2026, 3, 23, 6, tzinfo=UTC),
    "clocks go back": datetime(2026, 10, 19, 6, tzinfo=UTC),
    "the year ends": datetime(2026, 12, 21, 6, tzinfo=UTC),
}
FAULTY: tuple[Fault, ...] = (reset, lost, cut, refuse)

pytestmark = [
    pytest.mark.skipif(not os.environ.get("UNBUSY_TORTURE"), reason="takes minutes; `make soak`"),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is told by /proc"),
]


def held() -> tuple[int, int]:
    """Bytes in memory, and descriptors."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd"))  # noqa: PTH208  one of them is its own


@pytest.fixture
def faulty(radicale: Server, tmp_path: Path, password: str) -> Iterator[tuple[Life, Proxy]]:
    del password
    with proxied(radicale.origin) as proxy:
        yield Life(tmp_path, store=Dav(radicale.account(), url=proxy.origin, timeout=5)), proxy


def booked(life: Life, drawn: random.Random) -> None:
    """One of ten meetings comes, or is moved."""
    n = drawn.randrange(10)
    start = life.now.astimezone(UTC).replace(hour=drawn.randrange(7, 15), minute=0) + timedelta(days=drawn.randrange(7))
    at = {"start": start, "end": start + timedelta(hours=1)}
    life.put(f"m{n}.ics", EVENT.format(uid=f"m{n}", title="Meeting", more="", **at).encode())


@pytest.mark.parametrize("start", STARTS)
def test_weeks_of_the_service_leave_nothing_behind(faulty: tuple[Life, Proxy], start: str) -> None:
    life, proxy = faulty
    life.now, drawn = STARTS[start].astimezone(life.now.tzinfo), random.Random(start)  # noqa: S311  no secret
    life.apply()
    foreign, before, spent = dict[str, bytes](), (0, 0), list[float]()
    for n in range(CYCLES):
        if n == SETTLED:
            before = held()
        if n % 40 == 7:
            booked(life, drawn)
        foreign = {name: life.get(name) for name in life.names() if not name.startswith("unbusy-")}
        if n % 25 == 3:
            proxy.fail(drawn.choice(FAULTY), at=drawn.randint(1, 6))
        begun = process_time()
        with suppress(UnbusyError), life.runtime() as runtime:
            service.one_cycle(runtime, life.now, observe=False)
        spent.append(process_time() - begun)
        proxy.heal()
        proxy.seen.clear()
        blocks.solve.cache_clear()  # which holds 256 solutions and takes weeks to fill
        blocks._day.cache_clear()
        life.now += STEP
        assert {name: life.get(name) for name in foreign} == foreign
    memory, descriptors = (after - b for after, b in zip(held(), before, strict=True))
    said = f"{start}: {memory // 1024} KiB, quiet cycle {sorted(spent)[len(spent) // 2] * 1000:.0f} ms of CPU"
    print(said)  # noqa: T201  figures, as `make soak` is to show them
    assert descriptors <= 1
    assert memory <= MOST * max(1, (CYCLES - SETTLED) / 1000)
    keys = [o.mark.key for o in life.ours().values()]
    assert len(keys) == len(set(keys))
    life.apply()
    assert life.changes() == []


def test_between_two_timers_nothing_wakes_up(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=ONLY_FOCUS, top='interval = "24h"')
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
