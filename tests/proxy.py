"""A proxy on loopback that fails on demand, between unbusy and a real server, whatever kind of HTTP that speaks.

    with proxied(server.origin) as proxy:
        proxy.fail(FAULTS["lost"], at=3)       # the third request from now on, and no other
        ...                                    # unbusy is told proxy.origin instead of server.origin
        assert proxy.seen[2].method == "PUT"

The request goes on with its own Host, so that what a server says of its own address leads back here.  `elsewhere` is
the other origin of the redirects: it answers everything, and remembers what it was told.
"""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from typing import cast
from urllib.parse import urlsplit

from msgspec import Struct

METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR")
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})
XML = {"Content-Type": "application/xml; charset=utf-8"}
BOMB = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("k"))
) + b']><multistatus xmlns="DAV:"><response><href>&j;</href></response></multistatus>'  # fmt: skip
LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"
EMPTY = b'<?xml version="1.0"?><multistatus xmlns="DAV:"></multistatus>'
DRIP = 0.05  # seconds between two bytes


class Seen(Struct, frozen=True):
    """A request that came.  `secret`: what it carried in `Authorization` and cookies."""

    method: str
    path: str
    secret: str
    body: bytes


class Answer(Struct, frozen=True):
    """What goes back: a status, headers, and a body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    """One connection.  `ask` gets the answer of the server behind; a fault says what is done with it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # heads and bodies go out apart

    def handle_one(self) -> None:
        proxy = cast("Proxy", self.server)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = proxy.note(Seen(self.command, self.path, _secret(self.headers), sent))
        self.ask = lambda: proxy.ask(self.command, self.path, sent, dict(self.headers))
        fault(self)

    def answer(self, status: int, headers: Mapping[str, str], body: bytes, length: int | None = None) -> None:
        """`length`: what Content-Length says, if not the truth."""
        proxy = cast("Proxy", self.server)
        last = proxy.refuses_next()  # before the client hears anything
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        if last or length is not None:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it has there
        """Nothing: tests look at `seen`."""


for _method in METHODS:
    setattr(_Handler, f"do_{_method}", _Handler.handle_one)

Fault = Callable[[_Handler], None]


class Proxy:
    """Use `proxied`.  `seen`: every request, in order; `refused`: nobody listens now."""

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind)
        self.seen: list[Seen] = []
        self.closing = Event()
        self._faults: dict[int, Fault] = {}
        self.refused = False
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        self._serve()

    # -- what tests say -------------------------------------------------------------------------------------------

    def fail(self, fault: Fault, at: int = 1, until: int | None = None) -> None:
        """The requests from `at` on up to `until`, counted from now, go wrong; `until` None: only that one."""
        self.heal()
        self.seen.clear()
        self._faults = dict.fromkeys(range(at, (until or at) + 1), fault)
        if fault is refuse and at == 1:
            self._stop_listening()

    def heal(self) -> None:
        """From now on all goes well."""
        self._faults = {}
        if self.refused:
            self.refused, self._listener = False, self._listen(self.port)
            self._serve()

    def close(self) -> None:
        self.closing.set()
        self._stop_listening()

    # -- at work --------------------------------------------------------------------------------------------------

    def note(self, seen: Seen) -> Fault:
        self.seen.append(seen)
        return self._faults.get(len(self.seen), forward)

    def refuses_next(self) -> bool:
        """Whether nobody is to get through after this answer; then the door is shut already."""
        if self._faults.get(len(self.seen) + 1) is refuse:
            self._stop_listening()
        return self.refused

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = HTTPConnection(self.behind.hostname or "", self.behind.port, timeout=30)
        try:
            kept = {k: v for k, v in headers.items() if k.lower() not in HOP}
            connection.request(method, path, body or None, kept | ({"Content-Length": str(len(body))} if body else {}))
            got = connection.getresponse()
            return Answer(got.status, {k: v for k, v in got.getheaders() if k.lower() not in HOP}, got.read())
        finally:
            connection.close()

    def _listen(self, port: int) -> socket.socket:
        return socket.create_server(("127.0.0.1", port), backlog=16)

    def _stop_listening(self) -> None:
        self.refused = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which wakes up who waits for a connection
        self._listener.close()

    def _serve(self) -> None:
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            Thread(target=self._handle, args=(connection, address), daemon=True).start()

    def _handle(self, connection: socket.socket, address: object) -> None:
        with connection, suppress(OSError, HTTPException):
            _Handler(connection, address, self)  # type: ignore[arg-type]  # what it wants of a server it has


@contextmanager
def proxied(behind: str) -> Iterator[Proxy]:
    """A proxy in front of an origin."""
    proxy = Proxy(behind)
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def elsewhere() -> Iterator[Proxy]:
    """An origin that has nothing to do with the account, and takes whatever it is given."""
    with proxied("http://127.0.0.1:1") as other:
        other.fail(answers(207, XML, EMPTY), at=1, until=10_000)
        yield other


def _secret(headers: Mapping[str, str]) -> str:
    return " ".join(filter(None, (headers.get("Authorization"), headers.get("Cookie"))))


# -- faults -----------------------------------------------------------------------------------------------------------


def forward(to: _Handler) -> None:
    """No fault."""
    got = to.ask()
    to.answer(got.status, got.headers, got.body)


def refuse(_to: _Handler) -> None:
    """Nobody listens.  Handled by the proxy itself; a connection that was open is closed."""
    _to.close_connection = True


def hang(to: _Handler) -> None:
    """Nothing comes, and the connection stays open."""
    cast("Proxy", to.server).closing.wait(120)
    to.close_connection = True


def drip(to: _Handler) -> None:
    """A byte now and then: no single wait is long, and it never ends."""
    to.answer(200, XML, b"", length=1_000_000)
    while not cast("Proxy", to.server).closing.wait(DRIP):
        to.wfile.write(b" ")


def reset(to: _Handler) -> None:
    """The connection is reset before the server hears of the request."""
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.close_connection = True


def lost(to: _Handler) -> None:
    """The server does what was asked, and its answer never arrives."""
    to.ask()
    reset(to)


def cut(to: _Handler) -> None:
    """The connection ends in the middle of the answer; the request was carried out."""
    got = to.ask()
    to.answer(got.status, got.headers, got.body[: len(got.body) // 2], length=len(got.body) + 100)
    to.close_connection = True


def truncated(to: _Handler) -> None:
    """Half of the answer, which says that it is the whole."""
    got = to.ask()
    to.answer(got.status, got.headers, got.body[: len(got.body) // 2])


def bare(to: _Handler) -> None:
    """The request is carried out, and all headers of the answer are lost, its ETag first."""
    got = to.ask()
    to.answer(got.status, {k: v for k, v in got.headers.items() if k.lower() == "content-type"}, got.body)


def answers(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    """The server is not asked; this comes back."""
    return lambda to: to.answer(status, headers or {}, body)


def redirects(status: int, origin: str) -> Fault:
    """To the same path of another origin."""
    return lambda to: to.answer(status, {"Location": origin + to.path}, b"")


FAULTS: Mapping[str, Fault] = {
    "refuse": refuse,
    "hang": hang,
    "slow drip": drip,
    "reset": reset,
    "answer lost": lost,
    "answer cut": cut,
    "truncated": truncated,
    "no headers": bare,
    "401": answers(401, {"WWW-Authenticate": 'Basic realm="x"'}),
    "403": answers(403),
    "404": answers(404),
    "409": answers(409),
    "412": answers(412),
    "429": answers(429, {"Retry-After": "120"}),
    "500": answers(500),
    "502": answers(502, {"Content-Type": "text/html"}, LOGIN_PAGE),
    "503": answers(503, {"Retry-After": "Mon, 30 Nov 2026 10:00:00 GMT"}),
    "507": answers(507),
    "login page": answers(200, {"Content-Type": "text/html; charset=utf-8"}, LOGIN_PAGE),
    "broken XML": answers(207, XML, b'<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/a</hr'),
    "entity bomb": answers(207, XML, BOMB),
    "gzip bomb": answers(207, XML | {"Content-Encoding": "gzip"}, gzip.compress(bytes(64 << 20))),
    "empty": answers(207, XML, EMPTY),
    "no content": answers(204),
}
"""By name; the redirects need the address of another origin."""

ENDLESS = ("hang", "slow drip")
"""Those of which only patience ends the wait."""
