"""Local folders of .ics files, one event each, as khal and vdirsyncer keep them (the vdir format).

https://vdirsyncer.pimutils.org/en/stable/vdir.html
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field, msgpack

from connectors.local import files
from connectors.rfc5545 import codec
from daemon.model.errors import LostRaceError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, EventRef, PartStat, ResourceRef
from daemon.model.options import AccountOptions, FaultsError, shown
from daemon.model.owner import Field
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Notes, Peek, Reading, Resource, Seen
from daemon.model.times import TimeRange
from daemon.model.words import one_line

RESOURCE_LIMIT = 16 * 2**20
"""Bytes of one file; a larger one is not read."""

EXTENSION = ".ics"

_AT_ONCE = 4096  # files that are asked for their times in one go
_NAME = attrgetter("name")
_LOST = "mount or create it, or correct `path` of this account"


class VdirOptions(AccountOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[accounts.NAME]` with `type = "vdir"`."""

    path: Annotated[
        str, Meta(description="A folder of .ics files, or a folder of such folders.", examples=["~/.calendars"])
    ]

    def __post_init__(self) -> None:
        """A daemon has no folder of its own from which a relative path could start."""
        try:
            absolute = Path(self.path).expanduser().is_absolute()
        except RuntimeError:
            raise FaultsError({"path": f"{shown(self.path)} names a user who has no home"}) from None
        if not absolute:
            raise FaultsError({"path": f"{shown(self.path)} is relative; write it from / or from ~"})


def system_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


class Vdir(Struct, frozen=True):
    """One account.  The name of a calendar is that of its folder, an href is a file name.

    Versions are those of `files.version_at`.
    """

    account: str
    options: VdirOptions
    clock: Callable[[], datetime] = system_clock
    _listed: dict[Path, list[os.DirEntry[str]]] = field(default_factory=dict)
    """The folder of the account, between the look for calendars in it and that for events."""

    @property
    def root(self) -> Path:
        """The folder of the account."""
        return Path(self.options.path).expanduser()

    def close(self) -> None:
        """Nothing is held open."""

    def calendars(self) -> Sequence[CalendarInfo]:
        """The folders in the account's folder; itself too where it holds .ics files or no folders."""
        entries = self._listed[self.root] = _entries(self.root)
        inner = sorted(_folders(entries))
        own = any(_is_resource(e) for e in entries)
        if own and self.root.name in inner:
            both = f"{self.root} and {self.root / self.root.name} are both the calendar {self.root.name!r}"
            raise UnreadableError(both, "rename the inner folder")
        folders = [self.root / name for name in inner] + ([self.root] if own or not inner else [])
        return [
            CalendarInfo(
                id=f"{self.account}/{folder.name}",
                name=_displayname(folder) or folder.name,
                writable=os.access(folder, os.W_OK | os.X_OK),
            )
            for folder in folders
        ]

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """What is new by time, size and inode, read as the stream goes.

        `state` is the identity of the folder; after a look that found nothing new, with a digest of all that is in it.
        """
        folder = self._folder(calendar)
        with _reading(folder):
            at, there = folder.stat(), self._listed.pop(folder, None) or _entries(folder)
        identity = f"{at.st_dev}:{at.st_ino}"
        before, _, digest = seen.state.partition(" ")
        if digest and seen.state == _state(identity, folder, there):
            return Changes(changed=(), present=None, state=seen.state)
        entries = [e for e in there if _is_resource(e)]
        present = frozenset(n for e in entries if (n := e.name).isascii() or _utf8(n))
        if not present and before not in ("", identity) and seen.versions:
            raise UnreadableError(
                f"{folder} is empty and is not the folder that it was",
                "mount or restore it; if it is meant to be new, it is read again once it holds an .ics file",
            )
        news = _news(entries, folder, seen.versions)
        changed = (_changed(e, calendar, folder) for e in news)
        return Changes(changed=changed, present=present, state=identity if news else _state(identity, folder, there))

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`."""
        return codec.reading(resource, window, zone)

    def create(self, draft: Draft) -> Resource:
        """Write UID.ics; ExistsError when there is such a file."""
        folder, name = self._folder(draft.calendar), f"{draft.uid}{EXTENSION}"
        path = folder / name
        with files.writing(path):
            payload = codec.written(draft, self.clock())
            with files.prepared(path, payload, 0o600) as (temporary, version):
                files.link(temporary, path)
            files.flush(folder)
        return Resource(ResourceRef(draft.calendar, name, version), payload)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        """Replace the file by one in which these fields are changed; it keeps its mode."""
        ref, path = resource.ref, self._path(resource.ref)
        with files.writing(path):
            found, content = _own(path, ref)
            return self._replaced(resource, found, content, codec.edited(content, draft, fields, self.clock()))

    def delete(self, ref: ResourceRef) -> None:
        """Remove the file."""
        path = self._path(ref)
        with files.writing(path):
            found, _ = _own(path, ref)
            _check_same(found, path.lstat(), path)
            path.unlink()
            files.flush(path.parent)

    def annotate(self, resource: Resource, text: str, *, private: bool = True) -> Resource:
        """Replace the file by one with another description."""
        from connectors.rfc5545.patch import annotated

        with files.writing(self._path(resource.ref)):
            found, content = _same(self._path(resource.ref), resource.ref)
            return self._replaced(resource, found, content, annotated(content, text, private=private))

    def respond(
        self, resource: Resource, invitation: EventRef, me: frozenset[str], answer: PartStat, *, comment: str = ""
    ) -> Resource:
        """Replace the file by one with this reply; nobody is told of it but those who read the file."""
        from connectors.rfc5545.patch import responded

        del comment  # a file has no place for it
        with files.writing(self._path(resource.ref)):
            found, content = _same(self._path(resource.ref), resource.ref)
            return self._replaced(resource, found, content, responded(content, invitation, me, answer))

    def _replaced(self, resource: Resource, found: os.stat_result, content: bytes, payload: bytes) -> Resource:
        """The file with another content, if it is still what the mirror holds and what was found just now."""
        ref, path = resource.ref, self._path(resource.ref)
        if content != resource.payload:
            raise LostRaceError(f"{path} was changed by somebody else")
        with files.prepared(path, payload, stat.S_IMODE(found.st_mode)) as (temporary, version):
            _check_same(found, path.lstat(), path)
            temporary.replace(path)
        files.flush(path.parent)
        return Resource(ResourceRef(ref.calendar, ref.href, version), payload)

    def _folder(self, calendar: CalendarId) -> Path:
        """UnreadableError when the account has no such calendar."""
        name = calendar.partition("/")[2]
        inner, root = self.root / name, self.root
        with _reading(root):
            if inner.name == name and not name.startswith(".") and inner.is_dir():
                return inner
        if name == root.name:
            return root
        raise UnreadableError(f"{root} has no folder {shown(name)}", _LOST)

    def _path(self, ref: ResourceRef) -> Path:
        if Path(ref.href).name != ref.href:
            raise UnbusyError(f"{shown(ref.href)} is not the name of a file; nothing was written")
        return self._folder(ref.calendar) / ref.href


# --- reading -------------------------------------------------------------------------------------------------


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Whatever goes wrong with a folder itself is an UnreadableError that names it."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise UnreadableError(f"{folder} is not a folder", _LOST) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{folder} cannot be read: {files.reason(error)}", "check its owner and mode") from error


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with _reading(folder), os.scandir(folder) as entries:
        return list(entries)


def _state(identity: str, folder: Path, entries: Sequence[os.DirEntry[str]]) -> str:
    """The identity of a folder, and a digest of all that is in it; alone where a link or a bad name is among it.

    An entry would keep what it is asked: of 50,000 files that is more than all else that a plan takes.
    """
    if any(map(os.DirEntry.is_symlink, entries)):  # what it leads to may change unseen
        return identity
    digest, descriptor = blake2b(digest_size=16), os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for names in (map(_NAME, entries[n : n + _AT_ONCE]) for n in range(0, len(entries), _AT_ONCE)):
            stats = ((name, os.stat(name, dir_fd=descriptor, follow_symlinks=False)) for name in names)
            digest.update(msgpack.encode([(name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in stats]))
    except (OSError, UnicodeEncodeError):
        return identity
    finally:
        os.close(descriptor)
    return f"{identity} {digest.hexdigest()}"


def _folders(entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
    """The names of those that are folders to read."""
    for entry in entries:
        try:
            if entry.is_dir() and _utf8(entry.name) and not entry.name.startswith("."):
                yield entry.name
        except OSError:
            continue


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return any(_folders([entry]))


def _is_resource(entry: os.DirEntry[str]) -> bool:
    return (name := entry.name).endswith(EXTENSION) and name[0] != "." and not _is_folder(entry)


def _utf8(name: str) -> bool:
    """Whether a file name is text; the bytes of others appear as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _displayname(folder: Path) -> str:
    try:
        return one_line(files.read(folder / "displayname", RESOURCE_LIMIT)[1].decode("utf-8", "replace"), 100)
    except (OSError, UnreadableError):
        return ""


def _news(entries: Iterable[os.DirEntry[str]], folder: Path, known: Mapping[str, str]) -> list[os.DirEntry[str]]:
    """The files, by name, that may not be read or have another version than the known one."""
    news = []
    for entry in entries:  # one plain loop: it is most of a cycle in which nothing is new
        try:
            version = known.get(entry.name)
            same = version is not None and version == files.version(entry.stat())
            if same and not (entry.is_symlink() and _strays(entry, folder)):
                continue
        except OSError:
            pass
        news.append(entry)
    return sorted(news, key=lambda e: e.name)


def _strays(entry: os.DirEntry[str], folder: Path) -> bool:
    """Whether a link leads out of its folder."""
    return Path(os.path.realpath(entry.path)).parent != Path(os.path.realpath(folder))


def _changed(entry: os.DirEntry[str], calendar: CalendarId, folder: Path) -> Resource | Problem:
    """A file, or why it cannot be read."""
    try:
        return _read(entry, calendar, folder)
    except FileNotFoundError:  # an editor may be at it: the next read tells whether it is gone
        return Problem(one_line(f"{calendar}/{entry.name}"), "is gone, or a link to nothing")
    except (OSError, UnreadableError) as error:
        return Problem(one_line(f"{calendar}/{entry.name}"), files.reason(error))


def _read(entry: os.DirEntry[str], calendar: CalendarId, folder: Path) -> Resource:
    """OSError and UnreadableError say why it cannot be read."""
    if not _utf8(entry.name):
        raise UnreadableError("has a name that is not in UTF-8")
    if entry.is_symlink() and _strays(entry, folder):
        raise UnreadableError("is a link that leads out of its folder")
    now = time.time_ns()
    found, payload = files.read(entry.path, RESOURCE_LIMIT)
    return Resource(ResourceRef(calendar, entry.name, files.version_at(found, now)), payload)


# --- writing -------------------------------------------------------------------------------------------------


def _own(path: Path, ref: ResourceRef) -> tuple[os.stat_result, bytes]:
    """One of ours in that version.  Anything else is refused, whoever asks: it is never written to."""
    found, payload = _same(path, ref)
    if not codec.own_name(payload):
        raise UnbusyError(f"{path} is not an event of unbusy; it was left as it is")
    return found, payload


def _same(path: Path, ref: ResourceRef) -> tuple[os.stat_result, bytes]:
    """A file in that version."""
    found, payload = files.read(path, RESOURCE_LIMIT)
    if files.version(found) != ref.version.removesuffix(files.UNTRUSTED):
        raise LostRaceError(f"{path} was changed by somebody else")
    return found, payload


def _check_same(before: os.stat_result, now: os.stat_result, path: Path) -> None:
    if files.version(before) != files.version(now):
        raise LostRaceError(f"{path} was changed by somebody else")


def _opened(
    account: str, options: VdirOptions, clock: Callable[[], datetime], _secret: Callable[[], str], _notes: Notes
) -> Vdir:
    """Files have no secret, and tell all by themselves."""
    return Vdir(account, options, clock)


def _make(options: VdirOptions, _secret: Callable[[], str], name: str) -> None:
    """A new folder in a folder of calendars."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise UnbusyError(f"{name!r} is not a name for a folder", "use letters and digits")
    try:
        (Path(options.path).expanduser() / name).mkdir()
    except OSError as error:
        raise UnbusyError(f"cannot make {name} in {options.path}: {error.strerror}", "make it yourself") from error


KIND = ConnectorKind(VdirOptions, _opened, writes=True, make=_make)
