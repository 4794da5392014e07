"""Two real CalDAV servers on loopback, and a plain client for them: the other program on the user's calendar.

    with radicale() as server:
        account = server.account()              # a user of its own, without any calendar
        work = account.make_calendar("Work")
        work.put("a.ics", payload)

Xandikos knows one user and asks for no password over plain HTTP; a new account there clears away what the one before
has left.  In tests ask for the fixtures `radicale` and `xandikos`: one process a session, a fresh account each.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from msgspec import Struct, field

ROOMS = Path("/dev/shm")  # noqa: S108  memory, where there is such a folder: servers wait for a disk
PASSWORD = "correct horse battery staple"  # noqa: S105  of users that live for one test
LONGEST_START = 120  # seconds
TRIES = 5  # to find a port that nobody takes in the meantime

CHILD = """\
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""Ends with whoever started it, however that ends."""

RADICALE = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[web]
type = none
[logging]
level = error
"""

MAKE = """\
<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>
"""


class Answer(Struct, frozen=True):
    """What a server said; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client(Struct, frozen=True):
    """Plain HTTP to one origin, one connection a request.

    `auth`: user and password, or None.  `timeout`: seconds for each single wait.
    """

    origin: str
    auth: tuple[str, str] | None = None
    timeout: float = 30

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Any request; whatever comes is returned."""
        address = urlsplit(self.origin)
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=self.timeout)) as connection:
            connection.request(method, path, body, {**self._headers(), **(headers or {})})
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())

    def _headers(self) -> Mapping[str, str]:
        if not self.auth:
            return {}
        return {"Authorization": "Basic " + b64encode(":".join(self.auth).encode()).decode()}


class Calendar(Struct, frozen=True):
    """A calendar as another program sees it.  Names are those of resources, decoded."""

    client: Client
    path: str

    @property
    def url(self) -> str:
        return self.client.origin + self.path

    def put(self, name: str, payload: bytes, *, etag: str = "") -> str:
        """Write a resource, or write over one (with `etag`: only over that version); the new ETag."""
        headers = {"Content-Type": "text/calendar; charset=utf-8"} | ({"If-Match": etag} if etag else {})
        return self._done("PUT", name, payload, headers).headers.get("etag", "")

    def get(self, name: str) -> bytes:
        return self._done("GET", name).body

    def etag(self, name: str) -> str:
        return self._done("GET", name).headers["etag"]

    def delete(self, name: str) -> None:
        self._done("DELETE", name)

    def ask(self, method: str, name: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Any request about a resource; whatever comes is returned."""
        return self.client.ask(method, self.path + quote(name), body, headers)

    def names(self) -> list[str]:
        """Every resource, sorted."""
        answer = self.client.ask("PROPFIND", self.path, headers={"Depth": "1"})
        return sorted(name for href in _hrefs(answer) if (name := unquote(href).removeprefix(unquote(self.path))))

    def raw(self) -> dict[str, bytes]:
        """Every resource, byte for byte."""
        return {name: self.get(name) for name in self.names()}

    def drop(self) -> None:
        """Delete the whole calendar."""
        self._done("DELETE", "")

    def _done(self, method: str, name: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        return _done(self.client, method, self.path + quote(name), body, headers)


class Account(Struct, frozen=True):
    """A user of a server.  `home`: the path under which their calendars lie; `folder`: where the server keeps them."""

    client: Client
    home: str
    folder: Path
    username: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        """What the user would write into a config."""
        return f"{self.client.origin}/"

    def make_calendar(self, name: str, path: str = "") -> Calendar:
        """A new, empty calendar; `path`: the last part of its path, where that is not its name."""
        calendar = Calendar(self.client, f"{self.home}{quote(path or name)}/")
        _done(self.client, "MKCALENDAR", calendar.path, MAKE.format(name=escape(name)).encode())
        return calendar

    def calendars(self) -> list[Calendar]:
        answer = self.client.ask("PROPFIND", self.home, headers={"Depth": "1"})
        return [Calendar(self.client, href) for href in _hrefs(answer) if unquote(href) != unquote(self.home)]


def _done(
    client: Client, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    answer = client.ask(method, path, body, headers)
    assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:300]!r}"
    return answer


def _hrefs(answer: Answer) -> list[str]:
    assert answer.status == 207, answer
    found = (e.text or "" for e in ET.fromstring(answer.body).findall("{DAV:}response/{DAV:}href"))  # noqa: S314  our own
    return [urlsplit(href).path for href in found]


class Server(Struct, frozen=True):
    """A running server.  `add_user` gives the next user's account."""

    name: str
    origin: str
    add_user: Callable[[str], Account]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def account(self) -> Account:
        """A user without any calendar."""
        return self.add_user(f"user{next(self._numbers)}")


@contextmanager
def radicale() -> Iterator[Server]:
    """Radicale; each account is another user with a password."""
    with _room() as folder:
        users, config = folder / "users", folder / "config"
        users.touch()

        def command(port: int) -> Sequence[str]:
            config.write_text(RADICALE.format(port=port, users=users, folder=folder))
            return ("radicale", "--config", str(config))

        def add_user(name: str) -> Account:
            with users.open("a") as file:
                file.write(f"{name}:{PASSWORD}\n")
            client = Client(origin, (name, PASSWORD))
            client.ask("PROPFIND", f"/{name}/", headers={"Depth": "0"})  # which makes the home
            return Account(client, f"/{name}/", folder / "collections/collection-root" / name, name, PASSWORD)

        with _started(command, folder) as origin:
            yield Server("radicale", origin, add_user)


@contextmanager
def xandikos() -> Iterator[Server]:
    """Xandikos, with its one user; a new account clears the calendars of the one before."""
    with _room() as folder:

        def command(port: int) -> Sequence[str]:
            where = ("--directory", str(folder / "data"), "--state-dir", str(folder / "state"))
            address = ("--listen-address", "127.0.0.1", "--port", str(port), "--no-detect-systemd")
            return ("xandikos", "serve", "--autocreate", *where, *address)

        def add_user(name: str) -> Account:
            account = Account(Client(origin), "/user/calendars/", folder / "data/user/calendars", name, PASSWORD)
            for calendar in account.calendars():
                calendar.drop()
            return account

        (folder / "data").mkdir()
        with _started(command, folder) as origin:
            yield Server("xandikos", origin, add_user)


@contextmanager
def _room() -> Iterator[Path]:
    with TemporaryDirectory(dir=ROOMS if ROOMS.is_dir() else None) as folder:
        yield Path(folder)


@contextmanager
def _started(command: Callable[[int], Sequence[str]], folder: Path) -> Iterator[str]:
    """A server on a free port, from its first answer on; its origin."""
    for _ in range(TRIES):
        port = free_port()
        environ = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [sys.executable, "-c", CHILD, *command(port)],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, env=environ,
            ) as process,
        ):  # fmt: skip
            try:
                if _answers(process, port):
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                process.kill()
    raise AssertionError((folder / "log").read_text()[-2000:])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it answers; False when it ended."""
    end = monotonic() + LONGEST_START
    while process.poll() is None:
        try:
            Client(f"http://127.0.0.1:{port}").ask("OPTIONS", "/")
        except ConnectionError:
            assert monotonic() < end, "the server does not answer"
            sleep(0.02)
        else:
            return True
    return False


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def unfolded(payload: bytes) -> list[str]:
    """Content lines, for comparing what servers fold and order in their own ways (RFC 5545 section 3.1)."""
    return re.sub(r"\r?\n[ \t]", "", payload.decode()).splitlines()
