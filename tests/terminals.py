"""A real pseudo-terminal for a command that is run."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress


def on_a_terminal(command: Sequence[str], env: Mapping[str, str]) -> str:
    """What a command says on standard output while that is a terminal."""
    master, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL, env=env) as process:
        os.close(terminal)
        said = b""
        with suppress(OSError):  # the other end is closed: all is said
            while part := os.read(master, 4096):
                said += part
        process.wait(timeout=60)
    os.close(master)
    return said.decode().replace("\r\n", "\n")
