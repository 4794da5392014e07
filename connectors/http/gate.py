"""Who is asked before a request goes out, and told what became of it: nobody, unless a process has said so.

Many processes may share what a provider allows them all (docs/fleet.md); one process by itself has no need of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class Gate(Protocol):
    """One for all requests of this process, in any thread."""

    def before(self, host: str) -> None:
        """A request is about to go to this host; it may wait.  TemporaryError where it may not go now."""
        ...

    def refused(self, host: str, rest: timedelta | None) -> None:
        """The host has said that it was too much; `rest`: for how long it wants to be left alone, if it said so."""
        ...


class Open:
    """Lets everything through."""

    def before(self, host: str) -> None:
        """Nothing to wait for."""

    def refused(self, host: str, rest: timedelta | None) -> None:
        """Each account rests by itself."""


_gates: list[Gate] = [Open()]


def gate() -> Gate:
    """That of this process."""
    return _gates[-1]


def set_gate(new: Gate) -> None:
    """From now on."""
    _gates[:] = [new]
