"""Files of the state: for their owner's eyes only, and owned like the folder that they are in.

A command run as root works on the daemon's state; what it makes there has to stay the daemon's.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_clean: dict[Path, tuple[int, int, int, int]] = {}
"""Files that this process has left as they should be, and by what it knows them again."""


def open_file(path: Path, flags: int) -> int:
    """A descriptor of a file that is made if it is missing (mode 0600).  OSError as it comes."""
    fd = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(fd, owner.st_uid, owner.st_gid)
    return fd


def make_folder(path: Path) -> None:
    """A folder (mode 0700) with whatever is missing above it.  OSError as it comes."""
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def sync_folder(path: Path) -> None:
    """See to it that the names in a folder outlive a power cut.  OSError as it comes."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def mark_clean(path: Path, inode: int) -> None:
    """Remember a file as it is now, if it is still the one with this inode.

    Its time is set to the nanosecond: whoever writes to it later leaves another one, as clocks of file systems are
    coarser.
    """
    _clean.pop(path, None)
    now = time.time_ns()
    with suppress(OSError):
        if path.stat().st_ino == inode:
            os.utime(path, ns=(now, now))
            _clean[path] = _identity(path)


def is_unchanged(path: Path) -> bool:
    """Whether nobody has changed or replaced a file since this process left it.  OSError as it comes."""
    return _clean.get(path) == _identity(path)


def _identity(path: Path) -> tuple[int, int, int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def newest_in(folder: Path) -> datetime | None:
    """When the newest file of a folder or of one in it was written; None where there is none."""
    try:
        times = [p.lstat().st_mtime for pattern in ("*", "*/*") for p in folder.glob(pattern) if p.is_file()]
        return datetime.fromtimestamp(max(times), UTC) if times else None
    except (OSError, OverflowError, ValueError):
        return None
