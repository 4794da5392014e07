"""A calendar in each kind of store that comes with unbusy, as its user and other programs see it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from connectors import CONNECTORS
from connectors.caldav.connector import Caldav
from connectors.caldav.options import CaldavOptions
from connectors.local.ics_options import IcsOptions
from connectors.local.vdir import Vdir, VdirOptions
from contract.reader import ReaderStore
from contract.writer import WriterStore
from daemon.model.event import CalendarId
from daemon.model.protocols import Reader
from making import CALENDAR
from memory import NOW, Memory
from payloads import ics
from servers import Account, Server
from sites import Site

WRITERS = ("memory", "vdir", "radicale", "xandikos")
READERS = (*WRITERS, "file", "address")


@contextmanager
def opened(name: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[ReaderStore]:
    """One of `READERS`, with an empty calendar."""
    if name in WRITERS:
        with writer(name, request, folder) as found:
            yield found
        return
    store = FileStore(folder) if name == "file" else AddressStore()
    yield store
    store.close()


@contextmanager
def writer(name: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[WriterStore]:
    """One of `WRITERS`, with an empty calendar."""
    match name:
        case "memory":
            found: WriterStore = MemoryStore()
        case "vdir":
            found = VdirStore(folder)
        case _:
            found = DavStore(request.getfixturevalue(name))
    yield found
    found.connector.close()


@dataclass
class MemoryStore:
    connector: Memory = field(default_factory=Memory)
    calendar: CalendarId = CALENDAR
    keeps_bytes: bool = True

    def put(self, name: str, payload: bytes) -> None:
        self.connector.put(self.calendar, name, payload)

    def remove(self, name: str) -> None:
        del self.connector.stored[self.calendar][name]

    def vanish(self) -> None:
        self.connector.down.add(self.calendar)

    def raw(self) -> Mapping[str, bytes]:
        return {href: r.payload for href, r in self.connector.stored[self.calendar].items()}

    def stamps(self) -> Mapping[str, object]:
        return {href: r.ref.version for href, r in self.connector.stored[self.calendar].items()}


class VdirStore:
    """What others write has stood there for days, so that its times can be trusted."""

    keeps_bytes = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "Work"
        self.folder.mkdir()
        self.connector = Vdir("work", VdirOptions(path=str(folder)), lambda: NOW)
        self.calendar = CALENDAR
        self._times = count(1_780_000_000)

    def put(self, name: str, payload: bytes) -> None:
        path = self.folder / name
        path.write_bytes(payload)
        os.utime(path, (when := next(self._times), when))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def vanish(self) -> None:
        shutil.rmtree(self.folder)

    def raw(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def stamps(self) -> Mapping[str, object]:
        return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in self.folder.iterdir()}


class DavStore:
    """A calendar on a real server, seen through a client of its own."""

    keeps_bytes = False

    def __init__(self, server: Server) -> None:
        self.account = server.account()
        self.there = self.account.make_calendar("Work")
        self.calendar = CALENDAR
        self.connector = dav(self.account)

    def put(self, name: str, payload: bytes) -> None:
        answer = self.there.ask("PUT", name, payload)
        if answer.status not in (201, 204):
            pytest.skip(f"this server does not take such a resource: {answer.status}")

    def remove(self, name: str) -> None:
        self.there.delete(name)

    def vanish(self) -> None:
        self.there.drop()

    def raw(self) -> Mapping[str, bytes]:
        return self.there.raw()

    def stamps(self) -> Mapping[str, object]:
        return {name: self.there.etag(name) for name in self.there.names()}


def dav(account: Account, **more: object) -> Caldav:
    """The connector of an account, opened as a cycle does it."""
    options = CaldavOptions(url=account.url, username=account.username, **more)  # type: ignore[arg-type]  # a table
    found = CONNECTORS["caldav"].open("work", options, lambda: NOW, lambda: account.password, Remembered())
    assert isinstance(found, Caldav)
    return found


class Remembered(dict[str, str]):
    """Notes in memory."""

    def get(self, name: str) -> str:  # type: ignore[override]  # '' for nothing
        return super().get(name, "")

    def put(self, name: str, value: str) -> None:
        self[name] = value


class OneFile:
    """A calendar that is one file: all its resources stand in it."""

    calendar = CALENDAR
    connector: Reader

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}
        self.save(self._whole())

    def save(self, whole: bytes) -> None:
        raise NotImplementedError

    def put(self, name: str, payload: bytes) -> None:
        if not payload.startswith(b"BEGIN:VCALENDAR"):
            pytest.skip("a file is understood as a whole, or not at all")
        text = payload.decode()
        self._parts[name] = text[text.index("BEGIN:VEVENT") : text.rindex("END:VCALENDAR")]
        self.save(self._whole())

    def remove(self, name: str) -> None:
        del self._parts[name]
        self.save(self._whole())

    def close(self) -> None:
        self.connector.close()

    def _whole(self) -> bytes:
        head, tail = ics("X:").decode().split("X:\r\n")
        return "".join((head, *self._parts.values(), tail)).encode()


class FileStore(OneFile):
    def __init__(self, folder: Path) -> None:
        self.path, self._times = folder / "Work.ics", count(1_780_000_000)
        self.connector = CONNECTORS["ics"].open("work", IcsOptions(path=str(self.path)), lambda: NOW, str, Remembered())
        super().__init__()

    def save(self, whole: bytes) -> None:
        self.path.write_bytes(whole)
        os.utime(self.path, (when := next(self._times), when))

    def vanish(self) -> None:
        self.path.unlink()


class AddressStore(OneFile):
    """On a web server that knows what it has sent before (RFC 9110, 13.1.2)."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.site = Site(self.reply)
        options = IcsOptions(url=f"{self.site.url}Work.ics")
        self.connector = CONNECTORS["ics"].open("work", options, lambda: NOW, str, Remembered())
        super().__init__()

    def reply(self, _path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str | list[str]], bytes]:
        if self.content is None:
            return 404, {}, b""
        tag = f'"{hashlib.sha256(self.content).hexdigest()}"'
        return (304, {"ETag": tag}, b"") if headers.get("if-none-match") == tag else (200, {"ETag": tag}, self.content)

    def save(self, whole: bytes) -> None:
        self.content = whole

    def vanish(self) -> None:
        self.content = None

    def close(self) -> None:
        super().close()
        self.site.server.shutdown()
        self.site.server.server_close()
