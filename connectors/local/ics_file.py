"""A single .ics file, read only: an export, or what another program keeps up to date.  It is mapped, not loaded."""

from __future__ import annotations

import mmap
import os
import stat
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

from connectors.local import files
from connectors.local.ics_options import IcsOptions
from connectors.local.stream import changes_of
from connectors.rfc5545 import codec
from connectors.rfc5545.lines import Stream, normal
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId
from daemon.model.options import shown
from daemon.model.protocols import CalendarInfo, Changes, Peek, Reading, Resource, Seen
from daemon.model.times import TimeRange

FILE_LIMIT = 512 * 2**20
"""Bytes of the file; a larger one is not read."""

_REMEDY = "correct `path` of this account, or bring the file back"


class Ics(Struct, frozen=True):
    """One account with one calendar, named after its file."""

    account: str
    options: IcsOptions
    clock: Callable[[], datetime]

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.options.path).expanduser()

    @property
    def name(self) -> str:
        """What the calendar is called: after its file."""
        return self.path.stem

    def close(self) -> None:
        """Nothing is held open."""

    def calendars(self) -> Sequence[CalendarInfo]:
        """The one that the file is."""
        return [CalendarInfo(id=f"{self.account}/{self.name}", name=self.name, writable=False)]

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """Everything that is new in the file; nothing is read while its time, size and inode stay."""
        self.check(calendar)
        found, data = _mapped(self.path)
        version = files.version_at(found, time.time_ns())
        if version == seen.state:
            return Changes(changed=(), present=None, state=version)
        return changes_of(calendar, normal(data), seen, version)

    def check(self, calendar: CalendarId) -> None:
        """UnreadableError for any other calendar."""
        if calendar != f"{self.account}/{self.name}":
            raise UnreadableError(f"{self.account} has no calendar {shown(calendar)}", "it has one: that of its file")

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`."""
        return codec.reading(resource, window, zone)


def _mapped(path: Path) -> tuple[os.stat_result, Stream]:
    """The file and its state; UnreadableError, with a remedy, for whatever is no such file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {files.reason(error)}", _REMEDY) from error
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError(f"{path} is not a regular file", _REMEDY)
        if not 0 < found.st_size <= FILE_LIMIT:
            raise UnreadableError(f"{path} is empty, or larger than {FILE_LIMIT // 2**20} MiB", _REMEDY)
        return found, mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(fd)
