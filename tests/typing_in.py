"""Somebody at a terminal: runs a command on a terminal of its own and answers each question as it comes."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).parent.parent
LONGEST = 60  # seconds


def typed(
    args: Sequence[str], answers: Sequence[tuple[str, str]], environ: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The exit code and all that was shown.  `answers`: what a question has in it, and the line to type."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
        os.execve(sys.executable, [sys.executable, "-m", "daemon", *args], {**os.environ, **(environ or {})})  # noqa: S606
    shown, at, left, end = "", 0, list(answers), monotonic() + LONGEST
    while monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # nobody holds the other end any more
            break
        if not piece:
            break
        shown += piece.decode(errors="replace")
        while left and (found := shown.find(left[0][0], at)) >= 0 and shown.rstrip().endswith((":", "]:")):
            at = found + len(left[0][0])
            os.write(terminal, f"{left.pop(0)[1]}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert not left, f"nobody asked {left[0][0]!r}:\n{shown}"
    return os.waitstatus_to_exitcode(status), shown
