"""Where the user's one calendar stands, and how the user and other programs get at it: all that `Life` needs to know.

A test that takes the fixture `store` runs on every kind of store in `STORES`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from daemon.model.protocols import Writer
from memory import Memory
from servers import Account

LOCAL = ("vdir", "memory")
STORES = (*LOCAL, "radicale", "xandikos", "google")
"""Where a user's calendar may lie; what is promised of events of ours holds for each."""


class Shelf(Protocol):
    """`account`: the lines of the account in the config, without `emails` and `write`.

    `connector`: what stands in for the one that the config names, or None.
    """

    account: str
    connector: Writer | None

    def names(self) -> list[str]:
        """The name of every resource, sorted."""
        ...

    def get(self, name: str) -> bytes:
        """A resource, byte for byte."""
        ...

    def put(self, name: str, payload: bytes) -> None:
        """Write a resource, or write over one."""
        ...

    def remove(self, name: str) -> None:
        """Delete a resource."""
        ...

    def another(self, calendar: str) -> Shelf:
        """A new calendar of the same account."""
        ...

    def renamed(self, calendar: str) -> Shelf:
        """This calendar with all that is in it, under another name; where its address is made of it, under another."""
        ...


Store = str | Shelf
"""What `Life` takes: "vdir" or "memory", for which it makes a shelf of its own, or a shelf."""


class Folder:
    """A folder of folders of files."""

    connector = None

    def __init__(self, root: Path, calendar: str = "Work") -> None:
        self.folder = root / calendar
        self.folder.mkdir(parents=True, exist_ok=True)
        self.account = f'type = "vdir"\npath = "{root}"'

    def names(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir())

    def get(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, name: str, payload: bytes) -> None:
        (self.folder / name).write_bytes(payload)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def another(self, calendar: str) -> Folder:
        return Folder(self.folder.parent, calendar)

    def renamed(self, calendar: str) -> Folder:
        self.folder.rename(self.folder.with_name(calendar))
        return self.another(calendar)


class InMemory:
    """No I/O at all; the config names a folder that is not looked at."""

    def __init__(self, connector: Memory, calendar: str = "work/Work") -> None:
        self.connector, self.calendar = connector, calendar
        self.account = 'type = "vdir"\npath = "/nowhere"'

    def names(self) -> list[str]:
        return sorted(self.connector.stored[self.calendar])

    def get(self, name: str) -> bytes:
        return self.connector.stored[self.calendar][name].payload

    def put(self, name: str, payload: bytes) -> None:
        self.connector.put(self.calendar, name, payload)

    def remove(self, name: str) -> None:
        del self.connector.stored[self.calendar][name]

    def another(self, calendar: str) -> InMemory:
        self.connector.stored[f"work/{calendar}"] = {}
        return InMemory(self.connector, f"work/{calendar}")

    def renamed(self, calendar: str) -> InMemory:
        there = self.another(calendar)
        for name, resource in self.connector.stored.pop(self.calendar).items():
            there.put(name, resource.payload)
        return there


class Dav:
    """A CalDAV account.

    `url`: where unbusy finds the server, if that is not where the user's other programs do.  `timeout`: seconds.
    """

    connector = None

    def __init__(self, account: Account, url: str = "", timeout: int = 30, *, calendar: str = "Work") -> None:
        self.on, self.calendar = account, account.make_calendar(calendar)
        self.account = (
            f'type = "caldav"\nurl = "{url or account.url}"\nusername = "{account.username}"\ntimeout = {timeout}'
        )
        self.names, self.get = self.calendar.names, self.calendar.get
        self.remove = self.calendar.delete

    def put(self, name: str, payload: bytes) -> None:
        self.calendar.put(name, payload.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def another(self, calendar: str) -> Dav:
        return Dav(self.on, calendar=calendar)

    def renamed(self, calendar: str) -> Dav:
        """As after a move to another collection: the path has another segment, and each resource another version."""
        there, content = self.another(calendar), {name: self.get(name) for name in self.names()}
        self.calendar.drop()
        for name, payload in content.items():
            there.put(name, payload)
        return there
