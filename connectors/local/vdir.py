"""Local folders of .ics files, one event each, as khal and vdirsyncer keep them (the vdir format).

https://vdirsyncer.pimutils.org/en/stable/vdir.html
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from connectors.local import files, folders
from connectors.local.folders import LOST
from connectors.rfc5545 import codec
from daemon.model.errors import LostRaceError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, EventRef, PartStat, ResourceRef
from daemon.model.options import AccountOptions, FaultsError, shown
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Notes, Peek, Reading, Resource, Seen
from daemon.model.times import TimeRange


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
        entries = self._listed[self.root] = folders.entries_of(self.root)
        inner = sorted(folders.folders(entries))
        own = any(folders.is_resource(e) for e in entries)
        if own and self.root.name in inner:
            both = f"{self.root} and {self.root / self.root.name} are both the calendar {self.root.name!r}"
            raise UnreadableError(both, "rename the inner folder")
        found = [self.root / name for name in inner] + ([self.root] if own or not inner else [])
        return [
            CalendarInfo(
                id=f"{self.account}/{folder.name}",
                name=folders.displayname(folder) or folder.name,
                writable=os.access(folder, os.W_OK | os.X_OK),
            )
            for folder in found
        ]

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """What is new by time, size and inode, read as the stream goes.

        `state` is the identity of the folder; after a look that found nothing new, with a digest of all that is in it.
        """
        folder = self._folder(calendar)
        with folders.reading(folder):
            at, there = folder.stat(), self._listed.pop(folder, None) or folders.entries_of(folder)
        identity = f"{at.st_dev}:{at.st_ino}"
        before, _, digest = seen.state.partition(" ")
        if digest and seen.state == folders.state_of(identity, folder, there):
            return Changes(changed=(), present=None, state=seen.state)
        entries = [e for e in there if folders.is_resource(e)]
        present = frozenset(n for e in entries if (n := e.name).isascii() or folders.is_text(n))
        if not present and before not in ("", identity) and seen.versions:
            raise UnreadableError(
                f"{folder} is empty and is not the folder that it was",
                "mount or restore it; if it is meant to be new, it is read again once it holds an .ics file",
            )
        news = folders.news(entries, folder, seen.versions)
        changed = (folders.changed(e, calendar, folder) for e in news)
        state = identity if news else folders.state_of(identity, folder, there)
        return Changes(changed=changed, present=present, state=state)

    def peek(self, payload: bytes) -> Peek:
        """See `codec.peek`."""
        return codec.peek(payload)

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        """See `codec.reading`."""
        return codec.reading(resource, window, zone)

    def create(self, draft: Draft) -> Resource:
        """Write UID.ics; ExistsError when there is such a file."""
        folder, name = self._folder(draft.calendar), f"{draft.uid}{folders.EXTENSION}"
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
        with folders.reading(root):
            if inner.name == name and not name.startswith(".") and inner.is_dir():
                return inner
        if name == root.name:
            return root
        raise UnreadableError(f"{root} has no folder {shown(name)}", LOST)

    def _path(self, ref: ResourceRef) -> Path:
        if Path(ref.href).name != ref.href:
            raise UnbusyError(f"{shown(ref.href)} is not the name of a file; nothing was written")
        return self._folder(ref.calendar) / ref.href


# --- writing -------------------------------------------------------------------------------------------------


def _own(path: Path, ref: ResourceRef) -> tuple[os.stat_result, bytes]:
    """One of ours in that version.  Anything else is refused, whoever asks: it is never written to."""
    found, payload = _same(path, ref)
    if not codec.own_name(payload):
        raise UnbusyError(f"{path} is not an event of unbusy; it was left as it is")
    return found, payload


def _same(path: Path, ref: ResourceRef) -> tuple[os.stat_result, bytes]:
    """A file in that version."""
    found, payload = files.read(path, folders.RESOURCE_LIMIT)
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
