"""HTTP on loopback: reads a request, meets a fault or serves it, writes the answer, and keeps a record."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from gcal import discovery
from gcal.answers import Refusal, unauthorized
from gcal.api import Api, Request, Unchanged
from gcal.faults import Faults
from gcal.oauth import OAuth, OAuthError

JSON = "application/json; charset=UTF-8"
LARGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Seen:
    """A request as it came, and the status that it got (0: none, the connection was broken).

    `name`: the id of its method, 'token', 'authorize' or 'revoke', '' where it is none of them.  `body`: JSON or text.
    """

    name: str
    http: str
    path: str
    query: str
    body: Any
    headers: Mapping[str, str]
    at: datetime
    status: int


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    content: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Desk:
    """Serves requests one after the other."""

    api: Api
    oauth: OAuth
    faults: Faults = field(default_factory=Faults)
    seen: list[Seen] = field(default_factory=list)
    sleep: Callable[[float], None] = time.sleep
    mistakes: list[Exception] = field(default_factory=list)
    """What failed in the server itself."""

    lock: Any = field(default_factory=Lock)

    def serve(self, http: str, target: str, content: bytes, headers: Mapping[str, str]) -> Answer | None:
        """The answer, None where the connection is to break."""
        parts = urlsplit(target)
        name = self._name(http, parts.path)
        with self.lock:
            planned = self.faults.meet(name)
            fault = planned.fault if planned else None
            answer: Answer | None = None
            if planned is None or planned.applied or (fault and not fault.status and not fault.drops):
                answer = self._answer(name, http, target, content, headers)
            if fault and (fault.status or fault.drops):
                broken = Answer(fault.status, fault.content, fault.content_type, fault.headers)
                answer = None if fault.drops else broken
            self._record(name, http, target, content, headers, answer.status if answer else 0)
        if fault and fault.waits:
            self.sleep(fault.waits)
        return self._cut(answer, fault.cuts) if fault and fault.cuts is not None and answer else answer

    @staticmethod
    def _cut(answer: Answer, size: int) -> Answer:
        whole = {"Content-Length": str(len(answer.content)), "Connection": "close"}
        return Answer(answer.status, answer.content[:size], answer.content_type, {**answer.headers, **whole})

    @staticmethod
    def _name(http: str, path: str) -> str:
        if path in PLACES:
            return PLACES[path]
        under = path.removeprefix(discovery.BASE)
        return next((m.id for m in discovery.methods() if m.http == http and m.path.fullmatch(under)), "")

    def _record(
        self, name: str, http: str, target: str, content: bytes, headers: Mapping[str, str], status: int
    ) -> None:
        try:
            body = json.loads(content) if content else None
        except ValueError:
            body = content.decode(errors="replace")
        parts = urlsplit(target)
        self.seen.append(Seen(name, http, parts.path, parts.query, body, dict(headers), self.api.world.clock(), status))

    def _answer(self, name: str, http: str, target: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            if name in PLACES.values():
                return self._auth(name, http, urlsplit(target).query, content.decode(), headers)
            return self._api(http, target, content, headers)
        except Refusal as refusal:
            return Answer(refusal.status, _json(refusal.body()), headers=refusal.headers)
        except OAuthError as error:
            return Answer(error.status, _json(error.body()))
        except Unchanged:
            return Answer(304)
        except Exception as error:  # noqa: BLE001  it is a mistake in the server, and has to fail the test
            self.mistakes.append(error)
            return Answer(500, _json(Refusal(500, "mistake", repr(error)).body()))

    def _auth(self, name: str, http: str, query: str, content: str, headers: Mapping[str, str]) -> Answer:
        if http != ("GET" if name == "authorize" else "POST"):
            raise Refusal(405, "httpMethodNotAllowed", "Method Not Allowed")
        if name == "authorize":
            return Answer(302, headers={"Location": self.oauth.authorize(query)})
        if name == "revoke":
            self.oauth.revoke(content)
            return Answer(200, b"{}")
        return Answer(
            200,
            _json(self.oauth.token(content, headers.get("authorization", ""))),
            headers={"Cache-Control": "no-store"},
        )

    def _api(self, http: str, target: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(target)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not token:
            raise Refusal(401, "required", "Login Required.", where="header Authorization")
        grant = self.oauth.grant(token) if scheme == "Bearer" else None
        if grant is None:
            raise unauthorized()
        call = discovery.read(http, parts.path, parts.query, content, headers.get("content-type", ""))
        match, none_match = headers.get("if-match", ""), headers.get("if-none-match", "")
        body = self.api.serve(Request(call, grant, match, none_match))
        if body is None:
            return Answer(204)
        return Answer(200, _json(body), headers={"ETag": body["etag"]} if "etag" in body else {})


PLACES = {"/token": "token", "/revoke": "revoke", "/o/oauth2/v2/auth": "authorize"}
"""The endpoints beside the API."""


def _json(body: Any) -> bytes:
    return json.dumps(body, indent=1, ensure_ascii=False).encode()


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        headers = {k.lower(): v for k, v in self.headers.items()}
        if size > LARGEST_BODY:
            answer: Answer | None = Answer(413, b"{}")
            self.close_connection = True
        else:
            answer = self.server.desk.serve(self.command, self.path, self.rfile.read(size), headers)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)
        self.close_connection |= answer.headers.get("Connection") == "close"

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  http.server names them so

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """On 127.0.0.1 and a free port."""

    daemon_threads = True

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        super().__init__(("127.0.0.1", 0), Handler)
