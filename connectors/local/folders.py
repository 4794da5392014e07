"""A folder of .ics files, as it is found: what is in it, what is new, what may not be read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path

from msgspec import msgpack

from connectors.local import files
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.plan import Problem
from daemon.model.protocols import Resource
from daemon.model.words import one_line

RESOURCE_LIMIT = 16 * 2**20
"""Bytes of one file; a larger one is not read."""

EXTENSION = ".ics"
LOST = "mount or create it, or correct `path` of this account"

_AT_ONCE = 4096  # files that are asked for their times in one go
_NAME = attrgetter("name")


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Whatever goes wrong with a folder itself is an UnreadableError that names it."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableError(f"{folder} is not a folder", LOST) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{folder} cannot be read: {files.reason(error)}", "check its owner and mode") from error


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """All that is in a folder; UnreadableError where that cannot be told."""
    with reading(folder), os.scandir(folder) as entries:
        return list(entries)


def state_of(identity: str, folder: Path, entries: Sequence[os.DirEntry[str]]) -> str:
    """The identity of a folder, and a digest of all that is in it; alone where a link or a bad name is among it.

    An entry would keep what it is asked: of 50,000 files that is more than all else that a plan takes.
    """
    if any(map(os.DirEntry.is_symlink, entries)):  # what it leads to may change unseen
        return identity
    digest = blake2b(digest_size=16)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # gone since it was listed
        return identity
    try:
        for names in (map(_NAME, entries[n : n + _AT_ONCE]) for n in range(0, len(entries), _AT_ONCE)):
            stats = ((name, os.stat(name, dir_fd=descriptor, follow_symlinks=False)) for name in names)
            digest.update(msgpack.encode([(name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in stats]))
    except (OSError, UnicodeEncodeError):
        return identity
    finally:
        os.close(descriptor)
    return f"{identity} {digest.hexdigest()}"


def folders(entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
    """The names of those that are folders to read."""
    for entry in entries:
        try:
            if entry.is_dir() and is_text(entry.name) and not entry.name.startswith("."):
                yield entry.name
        except OSError:
            continue


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return any(folders([entry]))


def is_resource(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file to read, by its name."""
    return (name := entry.name).endswith(EXTENSION) and name[0] != "." and not _is_folder(entry)


def is_text(name: str) -> bool:
    """Whether a file name is text; the bytes of others appear as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def displayname(folder: Path) -> str:
    """What its owner calls it, as vdirsyncer keeps it; '' for nothing."""
    try:
        return one_line(files.read(folder / "displayname", RESOURCE_LIMIT)[1].decode("utf-8", "replace"), 100)
    except (OSError, UnreadableError):
        return ""


def news(entries: Iterable[os.DirEntry[str]], folder: Path, known: Mapping[str, str]) -> list[os.DirEntry[str]]:
    """The files, by name, that may not be read or have another version than the known one."""
    found = []
    for entry in entries:  # one plain loop: it is most of a cycle in which nothing is new
        try:
            version = known.get(entry.name)
            same = version is not None and version == files.version(entry.stat())
            if same and not (entry.is_symlink() and _strays(entry, folder)):
                continue
        except OSError:
            pass
        found.append(entry)
    return sorted(found, key=lambda e: e.name)


def _strays(entry: os.DirEntry[str], folder: Path) -> bool:
    """Whether a link leads out of its folder."""
    return Path(os.path.realpath(entry.path)).parent != Path(os.path.realpath(folder))


def changed(entry: os.DirEntry[str], calendar: CalendarId, folder: Path) -> Resource | Problem:
    """A file, or why it cannot be read."""
    try:
        return _read(entry, calendar, folder)
    except FileNotFoundError:  # an editor may be at it: the next read tells whether it is gone
        return Problem(one_line(f"{calendar}/{entry.name}"), "is gone, or a link to nothing")
    except (OSError, UnreadableError) as error:
        return Problem(one_line(f"{calendar}/{entry.name}"), files.reason(error))


def _read(entry: os.DirEntry[str], calendar: CalendarId, folder: Path) -> Resource:
    """OSError and UnreadableError say why it cannot be read."""
    if not is_text(entry.name):
        raise UnreadableError("has a name that is not in UTF-8")
    if entry.is_symlink() and _strays(entry, folder):
        raise UnreadableError("is a link that leads out of its folder")
    now = time.time_ns()
    found, payload = files.read(entry.path, RESOURCE_LIMIT)
    return Resource(ResourceRef(calendar, entry.name, files.version_at(found, now)), payload)
