"""One writer at a time: an advisory lock on a file that names its holder.

The kernel frees it when the holder dies, so there is no stale lock to clean up.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from daemon.model.errors import TemporaryError, UnbusyError
from daemon.system.state_files import open_file


class Lease(Protocol):
    """The right to do what one process at a time may do."""

    def hold(self, holder: str) -> AbstractContextManager[None]:
        """Hold it; `holder` names who does.  TemporaryError naming the other holder if it is not to be had in time."""
        ...

    def holder(self) -> str:
        """Who holds it now, as they named themselves; '' for nobody."""
        ...


WAIT = 30.0
"""Seconds that a command waits for another one to finish."""

STEP = 0.1
"""Seconds between two attempts."""


class FileLease(Struct, frozen=True):
    """A lease on a file; `wait`: seconds for which another holder is waited for."""

    path: Path
    wait: float = WAIT

    def hold(self, holder: str) -> AbstractContextManager[None]:
        """See `hold`."""
        return hold(self.path, holder, self.wait)

    def holder(self) -> str:
        """Whoever holds it is told by a shared lock that is refused; ours lasts for the asking."""
        try:
            fd = open_file(self.path, os.O_RDONLY, make=False)
        except OSError:
            return ""
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _named(fd)
        except OSError:
            return ""
        else:
            return ""
        finally:
            os.close(fd)


@contextmanager
def hold(
    path: Path, holder: str, wait: float = WAIT, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:  # fmt: skip
    """Hold the lock; TemporaryError naming the holder if it is not to be had within `wait` seconds."""
    try:
        fd = open_file(path, os.O_RDWR)
    except OSError as e:
        raise _unusable(path, e) from e
    try:
        _acquire(fd, path, wait, sleep)
        with suppress(OSError):  # the name is a courtesy: on a full disk the lock holds without it
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{holder} (process {os.getpid()})\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def _acquire(fd: int, path: Path, wait: float, sleep: Callable[[float], None]) -> None:
    for left in range(round(wait / STEP), -1, -1):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                sleep(STEP)
        except OSError as e:
            raise _unusable(path, e) from e
        else:
            return
    raise TemporaryError(f"{_named(fd)} holds the lock {path}", "wait until it is done, or stop it")


def _named(fd: int) -> str:
    """The name that the holder has left in the file."""
    return os.pread(fd, 200, 0).decode(errors="replace").strip() or "another process"


def _unusable(path: Path, error: OSError) -> UnbusyError:
    return UnbusyError(f"cannot use the lock {path}: {error.strerror}", "check the rights of its folder")
