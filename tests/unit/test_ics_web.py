"""A calendar at a web address: asked for on a condition, and refused whenever it is not what it should be."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors.caldav.multistatus import path_of
from connectors.local.ics import KIND
from connectors.local.ics_options import IcsOptions
from daemon.model.errors import RefusedError, TemporaryError, UnbusyError, UnreadableError
from daemon.model.protocols import Reader
from making import ZONE
from memory import NOW
from payloads import WINDOW, Found, ics, looked, vevent

FILE = ics(vevent(uid="a"), vevent(uid="b"))
Reply = tuple[int, dict[str, str], bytes]


class Site:
    """A web server with one page; `reply` gives what comes, `asked` is what it was asked."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.reply: Callable[[dict[str, str]], Reply] = lambda _: (200, {}, FILE)
        self.asked: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {k.lower(): v for k, v in self.headers.items()}
                site.asked.append(headers | {"path": self.path})
                status, more, body = site.reply(headers)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | more).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    yield found
    found.close()


def opened(url: str, secret: str = "", **more: Any) -> Reader:
    return KIND.open("team", IcsOptions(url=url, timeout=60, **more), lambda: NOW, lambda: secret, None)  # type: ignore[arg-type]


def at(site: Site, **more: Any) -> Reader:
    return opened(f"http://127.0.0.1:{site.port}/holidays.ics", **more)


def read(account: Reader, before: Found | None = None) -> Found:
    known = {r.ref.href: r.ref.version for r in before.changed} if before else {}
    return looked(account, "team/holidays", known, before.state if before else "")


def uids(account: Reader, found: Found) -> list[str]:
    return sorted(e.ref.uid for r in found.changed for e in account.read(r, WINDOW, ZONE).events)


def test_each_uid_is_a_resource(site: Site) -> None:
    account = at(site)
    (info,) = account.calendars()
    assert (info.id, info.name, info.writable) == ("team/holidays", "holidays", False)
    assert uids(account, read(account)) == ["a", "b"]


@pytest.mark.parametrize(("header", "condition"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")])
def test_what_has_not_changed_is_not_sent_again(site: Site, header: str, condition: str) -> None:
    word = '"1"' if header == "ETag" else "Mon, 23 Nov 2026 08:00:00 GMT"
    site.reply = lambda asked: (304, {}, b"") if asked.get(condition) == word else (200, {header: word}, FILE)
    account = at(site)
    first = read(account)
    again = read(account, first)
    assert (again.changed, again.present, again.state) == ((), first.present, first.state)
    assert site.asked[-1][condition] == word


def test_what_has_changed_is_read(site: Site) -> None:
    account = at(site)
    first = read(account)
    site.reply = lambda _: (200, {}, ics(vevent("SUMMARY:New", uid="a"), vevent(uid="c")))
    second = read(account, first)
    assert uids(account, second) == ["a", "c"]
    assert len(second.present) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><p>Please log in</p>"), UnreadableError),
        ((200, {}, b""), UnreadableError),
        ((200, {}, FILE[:-40]), UnreadableError),
        ((200, {"Content-Length": "5000"}, FILE), TemporaryError),
        ((404, {}, b"no"), UnreadableError),
        ((304, {}, b""), UnreadableError),
        ((401, {"WWW-Authenticate": "Basic"}, b""), RefusedError),
        ((503, {"Retry-After": "120"}, b""), TemporaryError),
        ((302, {"Location": "https://elsewhere.example/x.ics"}, b""), UnbusyError),
        ((302, {"Location": "/holidays.ics"}, b""), UnbusyError),
        ((200, {"Content-Encoding": "gzip"}, FILE), UnbusyError),
    ],
    ids=["web page", "nothing", "cut off", "shorter than it says", "not there", "304 unasked", "login", "busy",
         "elsewhere", "in circles", "not packed"],
)  # fmt: skip
def test_anything_but_the_file_is_unreadable_and_not_empty(site: Site, reply: Reply, error: type[UnbusyError]) -> None:
    site.reply = lambda _: reply
    with pytest.raises(error) as raised:
        read(at(site))
    if isinstance(raised.value, TemporaryError) and reply[0] == 503:
        assert raised.value.retry_after
        assert raised.value.retry_after.seconds == 120


def test_a_redirect_within_the_site_is_followed(site: Site) -> None:
    site.reply = lambda _: (302, {"Location": "/new.ics"}, b"") if len(site.asked) == 1 else (200, {}, FILE)
    account = at(site)
    assert uids(account, read(account)) == ["a", "b"]
    assert site.asked[-1]["path"] == "/new.ics"


def test_the_password_goes_to_no_other_origin(site: Site) -> None:
    other = Site()
    try:
        site.reply = lambda _: (302, {"Location": f"http://127.0.0.1:{other.port}/holidays.ics"}, b"")
        with pytest.raises(UnbusyError, match=str(other.port)) as error:
            read(at(site, username="ada", secret="open sesame"))  # noqa: S106  of a site that lives for one test
        assert site.asked[0]["authorization"].startswith("Basic ")
        assert not other.asked
        assert "sesame" not in str(error.value)
    finally:
        other.close()


@pytest.mark.parametrize("url", ["ftp://example.com/a.ics", "holidays.ics"])
def test_what_is_no_address_is_told_in_the_config(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        IcsOptions(url=url)


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="not encrypted"):
        IcsOptions(url="http://calendar.example.com/holidays.ics")


def certificate(folder: Path) -> tuple[Path, Path]:
    key, cert = folder / "key.pem", folder / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    return key, cert


def test_a_certificate_is_always_verified(tmp_path: Path) -> None:
    key, cert = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    site = Site(context)
    try:
        url = f"webcal://localhost:{site.port}/holidays.ics"
        with pytest.raises(UnbusyError, match="cannot be trusted") as error:
            read(opened(url))
        assert "ca_file" in error.value.remedy
        account = opened(url, ca_file=str(cert))
        assert uids(account, read(account)) == ["a", "b"]
    finally:
        site.close()


PRIVATE = "private-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    "reply",
    [
        (401, {}, b""),
        (404, {}, b""),
        (503, {}, b""),
        (200, {}, b"<!doctype html><html></html>"),
        (200, {"Content-Length": "99999"}, FILE),
        (302, {"Location": f"/{PRIVATE}/team"}, b""),
        (302, {"Location": f"https://elsewhere.example/{PRIVATE}/team"}, b""),
        (302, {"Location": "https://[elsewhere/"}, b""),
        (302, {"Location": "ftp://elsewhere.example/"}, b""),
    ],
)
def test_a_private_address_is_never_told(site: Site, reply: Reply) -> None:
    site.reply = lambda _: reply
    account = opened(f"http://127.0.0.1:{site.port}/{PRIVATE}/{PRIVATE}")
    assert [info.name for info in account.calendars()] == ["127.0.0.1"]
    with pytest.raises(UnbusyError) as error:
        read(account)
    assert PRIVATE not in error.value.what + error.value.remedy


@pytest.mark.parametrize("url", [f"https://ada:{PRIVATE}@example.com/team.ics", f"webcal://{PRIVATE}@example.com/"])
def test_no_password_stands_in_an_address(url: str) -> None:
    with pytest.raises(ValueError, match="has a name or password in it") as error:
        IcsOptions(url=url)
    assert PRIVATE not in str(error.value)


def test_an_address_from_a_server_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableError, match="not an address"):
        path_of("https://[elsewhere/a.ics")
