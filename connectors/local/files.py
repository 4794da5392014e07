"""Files that others write to as well: read with the state that they were in, written as a whole or not at all.

The sequence is that of mail and calendar servers: a hidden file beside the old one, fsync, rename, fsync of the folder.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.model.errors import ExistsError, GoneError, UnbusyError, UnreadableError
from daemon.model.owner import UID_PREFIX

RACY = 2 * 10**9
"""Nanoseconds: as coarse as the clocks of file systems are.  A younger file can change without its times telling."""

UNTRUSTED = "~"
"""The end of the version of a file that was too young when it was read; it is read once more."""

ABANDONED = 60
"""Seconds after which nobody is at work on a hidden file any more."""

_REMEDIES = {
    errno.EACCES: "unbusy must be able to write there: check owner and mode",
    errno.EPERM: "unbusy must be able to write there: check owner and mode",
    errno.EROFS: "mount it for writing, or choose another calendar to write to",
    errno.ENOSPC: "make room on this disk",
    errno.EDQUOT: "make room on this disk",
}


def reason(error: Exception) -> str:
    """What went wrong, without the path that Python puts behind it."""
    if isinstance(error, UnbusyError):
        return error.what
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what can go wrong with one file into an UnbusyError that names it."""
    try:
        yield
    except FileNotFoundError:
        raise GoneError(f"{path} is gone") from None
    except UnreadableError as error:
        raise UnbusyError(f"{path} {error.what}") from error
    except OSError as error:
        raise UnbusyError(f"{path} cannot be written: {reason(error)}", _REMEDIES.get(error.errno or 0, "")) from error
    except ValueError as error:
        raise UnbusyError(f"{path}: {error}") from error


def version(found: os.stat_result) -> str:
    """Time of change, size and inode."""
    return f"{found.st_mtime_ns}-{found.st_size}-{found.st_ino}"


def version_at(found: os.stat_result, now: int) -> str:
    """The version of a file as it was read at `now` (nanoseconds since the epoch)."""
    return version(found) + (UNTRUSTED if now - found.st_mtime_ns < RACY else "")


def read(path: str | Path, limit: int) -> tuple[os.stat_result, bytes]:
    """A regular file, with its state when it was opened.

    UnreadableError when it is something else (a pipe is refused, not waited for) or has over `limit` bytes; OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableError("is not a regular file")
        if found.st_size > limit:
            raise UnreadableError(f"is larger than {limit // 2**20} MiB")
        payload = os.read(descriptor, found.st_size + 1)
        if len(payload) != found.st_size:  # it grows, or the file system gives it in pieces
            payload += b"".join(iter(lambda: os.read(descriptor, 2**20), b""))
        return found, payload
    finally:
        os.close(descriptor)


@contextmanager
def prepared(path: Path, payload: bytes, mode: int) -> Iterator[tuple[Path, str]]:
    """A hidden file beside `path`, safe on the disk and ready to take its place, with the version that it will have.

    It is gone afterwards, whatever happens; after a power cut, with one of the next writes to that folder.
    """
    _sweep(path.parent, time.time())
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # what a crash left may be the same file as `path`: never write into it
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(payload)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
            found = os.fstat(descriptor)
        yield temporary, version_at(found, time.time_ns())
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def link(temporary: Path, path: Path) -> None:
    """Give a file its name; ExistsError when that is taken.

    File systems without hard links get a check and a rename.
    """
    try:
        os.link(temporary, path)
    except OSError as error:
        if os.path.lexists(path):
            raise ExistsError(f"{path} exists already") from error
        temporary.rename(path)


def flush(folder: Path) -> None:
    """Make a change of names last.  Some network file systems cannot, and say so; they do it by themselves."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(folder: Path, now: float) -> None:
    """Remove hidden files of ours that a crash has left, once they are too old to be in use by anybody."""
    for left in folder.glob(f".{UID_PREFIX}*.tmp"):
        with suppress(OSError):
            if now - left.lstat().st_mtime > ABANDONED:
                left.unlink()
