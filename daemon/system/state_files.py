"""Files of the state: only regular files of the folder's owner are opened, and no link is followed.

Each is opened relative to its folder, looked at once it is open, and made with mode 0600.  The folder has to be that of
the user whom this process acts for, and nobody else's to write in; see `daemon.system.rights` for root.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from daemon.model.errors import RefusedError

_clean: dict[Path, tuple[int, int, int, int]] = {}
"""Files that this process has left as they should be, and by what it knows them again."""

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_ENTER = stat.S_IXGRP | stat.S_IXOTH
_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # not blocked by a pipe


@contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """A descriptor of our folder.  RefusedError where it is another's, or others may write; OSError as it comes."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if found.st_uid != os.geteuid():
            raise RefusedError(
                f"the folder {path} belongs to another user",
                "run unbusy as that user, or name another folder with `state` in the config",
            )
        if found.st_mode & _OTHERS_WRITE:
            raise RefusedError(f"other users may write in the folder {path}", f"`chmod go-w {path}`")
        yield fd
    finally:
        os.close(fd)


def open_file(path: Path, flags: int, *, make: bool = True) -> int:
    """A descriptor of a file, made if it is missing (mode 0600).

    RefusedError for a link, a pipe, a file of another user or with a second name; OSError as it comes.
    """
    with opened_folder(path.parent) as folder:
        try:
            fd = os.open(path.name, flags | _SAFELY | (os.O_CREAT if make else 0), 0o600, dir_fd=folder)
        except OSError as e:
            if e.errno in (errno.ELOOP, errno.ENXIO, errno.EACCES):  # a link, a pipe, another's
                check_file(path)
            raise
        try:
            _check(path, folder, os.fstat(fd))
        except BaseException:
            os.close(fd)
            raise
    return fd


def check_file(path: Path) -> None:
    """The same for a file that somebody else will open: nothing, or a regular file of ours, or a folder."""
    with opened_folder(path.parent) as folder, suppress(FileNotFoundError, IsADirectoryError):
        _check(path, folder, os.stat(path.name, dir_fd=folder, follow_symlinks=False))


def _check(path: Path, folder: int, found: os.stat_result) -> None:
    above = os.fstat(folder)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    aside = f"look at what stands there, and move it away: {path}"
    if stat.S_ISLNK(found.st_mode):
        raise RefusedError(
            f"{path} is a link, and links in the state are not followed",
            "put the file itself there, or name its folder with `state` in the config",
        )
    if not stat.S_ISREG(found.st_mode):
        raise RefusedError(f"{path} is not a regular file", aside)
    if found.st_uid != above.st_uid:
        raise RefusedError(f"{path} belongs to another user than its folder", aside)
    if found.st_nlink > 1:
        raise RefusedError(f"{path} has a second name elsewhere (a hard link)", aside)
    if found.st_mode & _OTHERS_WRITE and above.st_mode & _OTHERS_ENTER:
        raise RefusedError(f"other users may write to {path}", f"`chmod go-w {path}`")


def make_folder(path: Path) -> None:
    """A folder (mode 0700) with whatever is missing above it.  OSError as it comes."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def read_file(path: Path) -> bytes:
    """What stands in a file.  Errors as `open_file`."""
    with os.fdopen(open_file(path, os.O_RDONLY, make=False), "rb") as file:
        return file.read()


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that it is whole at every moment, also after a power cut.  OSError as it comes; no traces then.

    What an earlier attempt, or anybody else, has left under the name of the temporary file is taken away unopened.
    """
    check_file(path)
    with opened_folder(path.parent) as folder:
        temporary = f".{path.name}.tmp"
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, 0o600, dir_fd=folder)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)


def write_beside(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file outside of the state, in whichever folder: whoever reads it sees the old or the new one, whole.

    A link under its name is replaced and not followed.  OSError as it comes.
    """
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def sync_folder(path: Path) -> None:
    """See to it that the names in a folder outlive a power cut.  OSError as it comes."""
    with opened_folder(path) as fd:
        os.fsync(fd)


def mark_clean(path: Path, inode: int) -> None:
    """Remember a file as it is now, if it is still the one with this inode.

    Its time is set to the nanosecond: whoever writes to it later leaves another one, as clocks of file systems are
    coarser.
    """
    _clean.pop(path, None)
    now = time.time_ns()
    with suppress(OSError):
        if path.lstat().st_ino == inode:
            os.utime(path, ns=(now, now), follow_symlinks=False)
            _clean[path] = _identity(path)


def is_unchanged(path: Path) -> bool:
    """Whether nobody has changed or replaced a file since this process left it.  OSError as it comes."""
    return _clean.get(path) == _identity(path)


def _identity(path: Path) -> tuple[int, int, int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def newest_in(folder: Path) -> datetime | None:
    """When the newest file of a folder or of one in it was written; None where there is none."""
    try:
        times = [p.lstat().st_mtime for pattern in ("*", "*/*") for p in folder.glob(pattern) if p.is_file()]
        return datetime.fromtimestamp(max(times), UTC) if times else None
    except (OSError, OverflowError, ValueError):
        return None
