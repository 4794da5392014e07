"""What may call for a cycle before its time: a folder that changes, and a clock that is set (also by waking up).

Each has a descriptor on which the loop waits beside its own, so that nothing wakes up in between.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from inotify_simple import INotify, flags

SETTLED = timedelta(seconds=15)
"""How long a folder is left to settle: a synchronizer writes many files."""

_CHANGES = (
    flags.CLOSE_WRITE | flags.MOVED_TO | flags.MOVED_FROM | flags.CREATE | flags.DELETE | flags.DELETE_SELF
    | flags.ONLYDIR
)  # fmt: skip
_NONBLOCK, _CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
_ABSTIME, _CANCEL_ON_SET = 1, 2
_FOREVER = 2**33
"""Seconds since 1970: a timer that never comes, but is cancelled when the clock is set (timerfd_create(2))."""


class Alarm(Protocol):
    """Something to wait for."""

    def fileno(self) -> int:
        """Readable when something has happened."""
        ...

    def heard(self) -> timedelta | None:
        """Take note of it: how soon to cycle, None for no sooner than otherwise."""
        ...

    def close(self) -> None:
        """Give the descriptor back."""
        ...


class Folders:
    """Folders whose files come and go (inotify(7)).  One that cannot be watched is looked at with every cycle."""

    def __init__(self) -> None:
        self._notify = INotify(nonblocking=True)
        self._watched: dict[str, int] = {}

    def follow(self, folders: Iterable[str]) -> None:
        """Watch these and no others."""
        wanted = set(folders)
        for gone in self._watched.keys() - wanted:
            with suppress(OSError):  # with the folder its watch went, too
                self._notify.rm_watch(self._watched.pop(gone))
        for new in wanted - self._watched.keys():
            with suppress(OSError):  # there is none, or the system has no watches left
                self._watched[new] = self._notify.add_watch(new, _CHANGES)

    def fileno(self) -> int:
        """See `Alarm`."""
        return int(self._notify.fileno())

    def heard(self) -> timedelta | None:
        """See `Alarm`."""
        events = self._notify.read(timeout=0)
        ended = {event.wd for event in events if event.mask & flags.IGNORED}
        self._watched = {folder: watch for folder, watch in self._watched.items() if watch not in ended}
        return SETTLED if events else None

    def close(self) -> None:
        """See `Alarm`."""
        self._notify.close()


class Clock:
    """The clock of the machine being set, or having stood still while it slept (timerfd_create(2), CANCEL_ON_SET)."""

    def __init__(self) -> None:
        """OSError where the system has no such timers."""
        try:
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd: int = self._libc.timerfd_create(0, _NONBLOCK | _CLOEXEC)
        except AttributeError as error:
            raise OSError("there are no timers to wait on") from error
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self._arm()

    def _arm(self) -> None:
        """As struct itimerspec: no interval, a moment that never comes."""
        spec = (ctypes.c_long * 4)(0, 0, _FOREVER, 0)
        self._libc.timerfd_settime(self._fd, _ABSTIME | _CANCEL_ON_SET, ctypes.byref(spec), None)

    def fileno(self) -> int:
        """See `Alarm`."""
        return self._fd

    def heard(self) -> timedelta | None:
        """See `Alarm`: read(2) says ECANCELED, once."""
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return None
        except OSError:
            self._arm()
        return timedelta()

    def close(self) -> None:
        """See `Alarm`."""
        os.close(self._fd)


def folders_of(path: str) -> Iterator[str]:
    """A folder of calendars and those in it."""
    yield path
    with suppress(OSError), os.scandir(path) as entries:
        yield from (entry.path for entry in entries if entry.is_dir())
