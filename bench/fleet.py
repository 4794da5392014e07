"""`python -m bench.fleet`: what a leader and cycle cost in a fleet: CPU of workers and database, memory, the engine.

The calendars are those of the tests' Google server, which runs here and is not counted.  Workers and PostgreSQL are
processes of their own; the database waits for the disk as it does in earnest.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import clusters
from daemon.fleet import jobs
from fleets import Company, at, company, when

HOURS = (9, 10, 11, 14, 15, 17, 18)
WEEKLY = 35
"""Series of each leader: seven meetings on each working day."""

NOOPS = 2_000
HEAD = "| measured | workers | database | together | memory of one |\n| --- | --- | --- | --- | --- |"
HERTZ = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures as a table."""
    options = argparse.ArgumentParser()
    options.add_argument("--leaders", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--workers", type=int, default=2)
    asked = options.parse_args()
    top = "google_a_minute = 6000000"
    with tempfile.TemporaryDirectory() as base, clusters.cluster(["fsync = on", "synchronous_commit = on"]) as cluster:
        Path(base).chmod(0o755)
        with company(cluster, Path(base), top=top) as firm:
            numbers = [_leader(firm, n) for n in range(asked.leaders)]
            sys.stdout.write(f"{HEAD}\n")
            for line in measured(firm, numbers, asked.rounds, asked.workers):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


def _leader(firm: Company, n: int) -> int:
    name = f"l{n}"
    number = firm.leader(name, meetings=0)
    calendar = firm.google.world.calendars[f"{name}@example.com"]
    for k in range(WEEKLY):
        start = at(-56 + k % 5, HOURS[k // 5])
        own = {"email": calendar.id, "self": True}
        firm.google.world.put(calendar, {
            "id": f"{n:06}{k:04}", "iCalUID": f"{n}-{k}", "status": "confirmed", "eventType": "default", "sequence": 0,
            "summary": f"Meeting {k}", "organizer": own, "creator": own, "reminders": {"useDefault": True},
            "created": firm.google.world.now(), **when(start), "recurrence": ["RRULE:FREQ=WEEKLY"],
        })  # fmt: skip
    return number


def measured(firm: Company, numbers: list[int], rounds: int, workers: int) -> Iterator[str]:
    """The engine by itself, the first reading, and rounds of everybody with 5 % changed."""
    started = [firm.start("worker", "--concurrency", "2") for _ in range(workers)]
    pids = [w.pid for w in started]
    time.sleep(5)

    def row(what: str, cycles: int, act: Callable[[], None]) -> str:
        before = _cpu(pids), _database(firm)
        act()
        work, data = (1000 * (b - a) / cycles for a, b in zip(before, (_cpu(pids), _database(firm)), strict=True))
        memory = max(_memory(pid) for pid in pids)
        return f"| {what} | {work:.1f} ms | {data:.1f} ms | {work + data:.1f} ms | {memory:.0f} MiB |"

    def noops() -> None:
        with firm.connect() as admin, admin.transaction():
            for n in range(NOOPS):
                jobs.enqueue(admin, 1_000_000 + n, "cycle")
        _until(firm, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'cycle'")

    def everybody() -> None:
        firm.rows("UPDATE leader SET due = now(), served = NULL")
        with firm.station() as station:
            jobs.tick(station)
        _until(firm, "SELECT count(*) FROM leader WHERE served IS NULL")

    yield row(f"a job without a cycle ({NOOPS:,})", NOOPS, noops)
    many, rng = len(numbers), random.Random(1)  # noqa: S311  the same each time
    yield row(f"first cycle of {many:,}, with what it writes", many, everybody)
    everybody()
    for n in range(rounds):
        with firm.google.desk.lock:
            for k in rng.sample(range(many), max(1, many // 20)):
                firm.google.person(f"l{k}@example.com").insert({"summary": "New", **when(at(2 + n % 3, 10))})
        yield row(f"round {n + 1} of {rounds}, 5 % changed", many, everybody)


def _until(firm: Company, count: str) -> None:
    end = time.monotonic() + timedelta(hours=2).total_seconds()
    while firm.rows(count) != [(0,)]:
        time.sleep(0.5)
        if time.monotonic() > end:
            raise SystemExit("it does not come to an end")


def _cpu(pids: list[int]) -> float:
    """Seconds of these processes, with those of children that have ended."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in pids) / HERTZ


def _database(firm: Company) -> float:
    """Seconds of the server and all that it has started."""
    root = firm.cluster.pid
    here = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal() and _parent(int(p.name)) == root]
    return _cpu([root, *here])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
