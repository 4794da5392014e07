"""A CalDAV server on loopback that answers as it is told to: large, hostile, and blind where a real one was.

Without a login.  What it holds is in `stored`; `asked` says what came: 'listing', 'range', 'multiget 100', 'get', ….
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from connectors.rfc5545 import codec

HOME, WORK = "/home/", "/home/Work/"
OPEN = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
CLOSE = "</multistatus>"
ROW = "<response><href>{}</href><propstat><prop>{}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
GONE = "<response><href>{}</href><status>HTTP/1.1 {} No</status></response>"
KIND = "<resourcetype><collection/>{}</resourcetype>"
STAMP = re.compile(r'(start|end)="(\d{8})T')


@dataclass
class DavSite:
    """One calendar, Work, of one user.

    `hides`: whether a time range leaves a resource out.  `answers`: what is said in place of the answer to a question
    of a kind, by its kind.  `gives`: how many resources it gives until it fails with 503.  `refuses`: the status of
    single resources by name, in multiget and GET, whatever the listing says.  `sync`: it knows sync-collection.
    """

    stored: dict[str, bytes] = field(default_factory=dict)
    hides: Callable[[bytes], bool] = lambda _: False
    answers: dict[str, bytes | Callable[[], bytes]] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    gives: int | None = None
    sync: bool = True
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    """The names of the resources whose content was given, in order."""
    sent: int = 0
    """Bytes of all answers."""
    before: Callable[[], None] = lambda: None
    """What happens before each answer."""
    url: str = ""

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._versions = {name: next(self._numbers) for name in self.stored}

    def put(self, name: str, payload: bytes) -> None:
        """Somebody writes a resource."""
        self.stored[name] = payload
        self._versions[name] = next(self._numbers)

    def etag(self, name: str) -> str:
        return f'"{self._versions[name]}"'

    # -- questions ----------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, depth: str, body: bytes, match: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, version and content."""
        self.before()
        name = unquote(path).removeprefix(WORK)
        kind = self._kind(method, path, depth, body)
        self.asked.append(kind if kind != "multiget" else f"multiget {body.count(b'<D:href>')}")
        if (said := self.answers.get(kind)) is not None:
            return 207 if method in ("PROPFIND", "REPORT") else 200, "", said() if callable(said) else said
        if kind == "sync" and not self.sync:
            return 405, "", b""
        if kind in ("get", "put", "delete"):
            return self._single(kind, name, body, match)
        if kind == "multiget" and self.gives is not None and len(self.given) >= self.gives:
            return 503, "", b""
        return 207, "", f"{OPEN}{''.join(self._rows(kind, path, body))}{CLOSE}".encode()

    def _kind(self, method: str, path: str, depth: str, body: bytes) -> str:
        for word, kind in ((b"multiget", "multiget"), (b"calendar-query", "range"), (b"sync-collection", "sync")):
            if method == "REPORT" and word in body:
                return kind
        if method == "PROPFIND":
            return {(HOME, "1"): "home", (WORK, "1"): "listing"}.get((path, depth), "ctag" if path == WORK else "start")
        return method.lower()

    def _rows(self, kind: str, path: str, body: bytes) -> Iterable[str]:
        if kind == "start":
            home = f"<C:calendar-home-set><href>{HOME}</href></C:calendar-home-set>"
            yield ROW.format(path, f"<current-user-principal><href>/</href></current-user-principal>{home}")
        elif kind == "home":
            yield ROW.format(HOME, KIND.format(""))
            yield ROW.format(WORK, f"{KIND.format('<C:calendar/>')}<displayname>Work</displayname>")
        elif kind == "ctag":
            yield ROW.format(WORK, f"<x:getctag xmlns:x='http://calendarserver.org/ns/'>{self._state()}</x:getctag>")
        elif kind == "sync":
            found = re.search(rb"<D:sync-token>(\d*)<", body)
            since = int(found[1] or 0) if found else 0
            yield from (self._listed(n) for n in self.stored if self._versions[n] > since)
            yield from (GONE.format(f"{WORK}{n}", 404) for n, v in self._versions.items()
                        if since and n not in self.stored and v > since)  # fmt: skip
            yield f"<sync-token>{self._state()}</sync-token>"
        elif kind == "listing":
            yield ROW.format(WORK, KIND.format("<C:calendar/>"))
            yield from map(self._listed, self.stored)
        elif kind == "range":
            yield from map(self._listed, self._found(body.decode()))
        elif kind == "multiget":
            yield from (self._whole(unquote(h).removeprefix(WORK)) for h in re.findall("<D:href>(.*?)<", body.decode()))

    def _state(self) -> int:
        return max(self._versions.values(), default=0)

    def _listed(self, name: str) -> str:
        return ROW.format(f"{WORK}{name}", f"<getetag>{self.etag(name)}</getetag>")

    def _whole(self, name: str) -> str:
        if status := self.refuses.get(name, 0 if name in self.stored else 404):
            return GONE.format(f"{WORK}{name}", status)
        self.given.append(name)
        data = f"<C:calendar-data>{escape(self.stored[name].decode())}</C:calendar-data>"
        return ROW.format(f"{WORK}{name}", f"<getetag>{self.etag(name)}</getetag>{data}")

    def _found(self, body: str) -> Iterator[str]:
        first, end = (date.fromisoformat(d).toordinal() for _, d in STAMP.findall(body))
        for name, payload in self.stored.items():
            reach = codec.peek(payload)
            touches = (reach.first is None or reach.first <= end) and (reach.last is None or reach.last >= first)
            if touches and not self.hides(payload):
                yield name

    def _single(self, kind: str, name: str, body: bytes, match: dict[str, str]) -> tuple[int, str, bytes]:
        there = name in self.stored and name not in self.refuses
        if kind == "get":
            return (200, self.etag(name), self.stored[name]) if there else (self.refuses.get(name, 404), "", b"")
        if (there and "if-none-match" in match) or match.get("if-match", there and self.etag(name)) != (
            there and self.etag(name)
        ):
            return 412, "", b""
        if kind == "put":
            self.put(name, body)
            return 201, self.etag(name), b""
        del self.stored[name]
        self._versions[name] = next(self._numbers)
        return 204, "", b""


@contextmanager
def serving(site: DavSite) -> Iterator[DavSite]:
    """It answers meanwhile; its address is `url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            match = {k.lower(): v for k, v in self.headers.items() if k.lower() in ("if-match", "if-none-match")}
            status, etag, content = site.answer(
                self.command, self.path, self.headers.get("Depth", ""), body, match
            )  # fmt: skip
            site.sent += len(content)
            self.send_response(status)
            kind = "text/calendar" if self.command == "GET" else "application/xml"
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(content))), ("ETag", etag)):
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    for method in ("GET", "PUT", "DELETE", "PROPFIND", "REPORT"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who has heard enough hangs up
    site.url = f"http://127.0.0.1:{server.server_port}/"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class Remote:
    """That calendar as a shelf of `Life`."""

    connector = None

    def __init__(self, site: DavSite) -> None:
        self.site = site
        self.account = f'type = "caldav"\nurl = "{site.url}"'
        self.get, self.put = site.stored.__getitem__, site.put

    def names(self) -> list[str]:
        return sorted(self.site.stored)

    def remove(self, name: str) -> None:
        self.site.answer("DELETE", f"{WORK}{name}", "", b"", {})
