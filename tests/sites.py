"""A site on loopback that answers whatever a test says, for the way to a server and the logins on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from connectors.http.web import Authorize, Web
from memory import NOW

Reply = Callable[[str, dict[str, str]], tuple[int, Mapping[str, str | list[str]], bytes] | None]
METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT")


class Site:
    """A server that answers as `reply` says from path and headers: status, headers (a list: lines of one name), body.

    None breaks the connection instead.  `asked`: the headers of each request; `methods`: its method.
    """

    def __init__(self, reply: Reply) -> None:
        self.asked: list[dict[str, str]] = []
        self.methods: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                headers = {k.lower(): v for k, v in self.headers.items()}
                self.rfile.read(int(headers.get("content-length", 0)))
                site.asked.append(headers)
                site.methods.append(self.command)
                said = reply(self.path, headers)
                if said is None:
                    self.close_connection = True
                    return
                status, more, body = said
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(body))}.items():
                    for line in [value] if isinstance(value, str) else value:
                        self.send_header(name, line)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        for method in METHODS:
            setattr(Handler, f"do_{method}", Handler.answer)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who has heard enough hangs up
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Site, Web]]]:
    opened: list[tuple[Site, Web]] = []

    def make(reply: Any, authorize: Authorize = lambda *_: None) -> tuple[Site, Web]:
        site = Site(reply)
        opened.append((site, Web(site.url, lambda: NOW, authorize, timeout=60)))
        return opened[-1]

    yield make
    for site, web in opened:
        web.close()
        site.server.shutdown()
        site.server.server_close()
