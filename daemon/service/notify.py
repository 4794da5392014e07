"""What the service manager is told: ready, alive, stopping, and one line on how it goes (sd_notify(3)).

Without a service manager every call is silent: telling is a courtesy, and the daemon's work never fails on it.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from daemon.model.words import one_line

Notify = Callable[[Mapping[str, str]], None]
"""Sends assignments such as {"READY": "1", "STATUS": "3 changes"}; never raises."""

_LONGEST = 1000  # characters of a value: systemd drops a message of more than 4096 bytes
_MICROSECONDS = re.compile(r"[1-9][0-9]{0,17}")
_PATIENCE = 1.0  # seconds that a full queue may hold us up


def to_manager(environ: Mapping[str, str]) -> Notify:
    """The service manager at `$NOTIFY_SOCKET`: a path, or '@name' in the abstract namespace (unix(7))."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return lambda _: None
    target = "\0" + address[1:] if address.startswith("@") else address

    def send(assignments: Mapping[str, str]) -> None:
        lines = "\n".join(f"{name}={one_line(value, _LONGEST)}" for name, value in assignments.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.settimeout(_PATIENCE)
            out.sendto(lines.encode(errors="replace"), target)

    return send


def watchdog(environ: Mapping[str, str]) -> timedelta | None:
    """How often to report being alive: half of what is allowed (sd_watchdog_enabled(3)); None where nobody waits."""
    allowed, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not _MICROSECONDS.fullmatch(allowed) or pid not in {"", str(os.getpid())}:
        return None
    return timedelta(microseconds=int(allowed)) / 2
