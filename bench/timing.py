"""How figures are taken: CPU time and memory of whole processes, as the kernel counts them.

CPU time is user and system together; wall time says more about what else a machine is doing.  Two programs are run in
turn (A B A B), so that both meet the same machine, and are compared pair by pair.

The kernel counts the memory of a process that starts another one as the other's too, up to its exec.  So this package
imports little and keeps little in its own memory.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

Command = Sequence[str]

PATIENCE = 120
"""Seconds that a daemon may take to come to rest."""


class Figures(NamedTuple):
    """Of one process: CPU time in milliseconds, memory in MiB (the peak; of a daemon, while it rests)."""

    cpu: float
    memory: float


Pairs = list[tuple[Figures, Figures]]
"""Ours and theirs, run by run."""


def run(command: Command) -> tuple[Figures, str]:
    """Run a command to its end: its figures, and what it said; SystemExit with that when it fails."""
    said = os.memfd_create("said")
    _, status, usage = os.wait4(_start(command, said), 0)
    text = os.pread(said, os.fstat(said).st_size, 0).decode(errors="replace")
    os.close(said)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{text[-4000:]}")
    return Figures((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024), text


def rest(command: Command) -> Figures:
    """Start a daemon, wait until it has said a line and settled, measure it, end it."""
    said, ear = os.pipe()
    process = _start(command, ear)
    os.close(ear)
    ready = select.select([said], [], [], PATIENCE)[0] and os.read(said, 1)
    time.sleep(1)
    memory = _resident(process) if ready else 0.0
    os.kill(process, signal.SIGKILL)
    _, _, usage = os.wait4(process, 0)
    os.close(said)
    if not memory:
        sys.exit(f"{' '.join(command)} did not come to rest")
    return Figures((usage.ru_utime + usage.ru_stime) * 1000, memory)


def in_turn(ours: Callable[[], Figures], theirs: Callable[[], Figures], times: int) -> Pairs:
    """Measure both so many times, one after the other."""
    return [(ours(), theirs()) for _ in range(times)]


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle."""
    row, half = sorted(values), len(values) // 2
    return row[half] if len(row) % 2 else (row[half - 1] + row[half]) / 2


def _start(command: Command, output: int) -> int:
    """Start a process that reads nothing and writes there."""
    io = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, output, 2),
    ]
    return os.posix_spawnp(command[0], list(command), os.environ, file_actions=io)


def _resident(process: int) -> float:
    """MiB that a process holds now (proc(5), VmRSS)."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:  # noqa: PTH123  pathlib is large
        return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS")), 0.0)
