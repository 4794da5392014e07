"""The way to a server: what is believed of its answers, and how logins are made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from traceback import format_exception
from typing import Any

import pytest

from connectors.web import (
    LONGEST_REST,
    Answer,
    Authorize,
    Digest,
    Web,
    basic,
    bearer,
    origin,
    retry_after,
    xml,
)
from daemon.model.errors import ConfigError, LoginError, TemporaryError, UnbusyError, UnreadableError
from memory import NOW

SECRET = "open sesame"  # noqa: S105  of a site that lives for one test


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("99999999999999999999", LONGEST_REST),
        ("Tue, 24 Nov 2026 08:10:00 GMT", timedelta(minutes=10)),
        ("Tue, 24 Nov 2026 07:00:00 GMT", timedelta(0)),
        ("Tue, 24 Nov 2099 08:00:00 GMT", LONGEST_REST),
        ("", None), ("soon", None), ("-1", None), ("1.5", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after(said: str, rest: timedelta | None) -> None:
    assert retry_after(said, NOW) == rest


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><a>&lol;</a>',
        b"<! doctype a><a/>", b"<html><p>Log in</p></html>", b"\xef\xbb\xbf <!DOCTYPE html>",
    ],
)  # fmt: skip
def test_no_document_type_and_no_page_is_read(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        xml(Answer(207, {}, body, "https://example.com/"))
    with pytest.raises(UnreadableError):
        xml(Answer(200, {"content-type": "text/html; charset=utf-8"}, b"<a/>", "https://example.com/"))
    assert xml(Answer(207, {}, b"<a/>", "https://example.com/")) == b"<a/>"


BOMB = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB.format("UTF-16").encode("utf-16"), BOMB.format("UTF-16").encode("utf-16-be"),
        BOMB.format("UTF-7").replace("<!", "+ADwAIQ-").encode(), BOMB.format("IBM037").encode("cp037"),
        BOMB.format("utf-8").replace("?><", "?>\n<!-- a --><?b c?>\n<").encode(),
    ],
)  # fmt: skip
def test_no_encoding_hides_a_document_type(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        xml(Answer(207, {}, body, "https://example.com/"))


def test_an_event_may_speak_of_document_types() -> None:
    body = b"<?xml version=\"1.0\" encoding='UTF-8'?><!-- <!DOCTYPE --> <a><![CDATA[<!DOCTYPE HTML>]]></a>"
    assert xml(Answer(207, {}, body, "https://example.com/")) == body


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://example.com/", "example.com", "https://", "http://10.0.0.1/", "https://a:b/"]
)
def test_only_encrypted_addresses_and_this_machine(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        origin(url)
    assert error.value.remedy


def test_an_address_with_a_secret_is_shown_without_it() -> None:
    with pytest.raises(ConfigError) as error:
        origin(f"http://ada:{SECRET.replace(' ', '')}@example.com/")
    assert SECRET.replace(" ", "") not in str(error.value)


class Site:
    """A server that answers as `reply` says: status, headers, body, from the headers of a request."""

    def __init__(self, reply: Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]) -> None:
        self.asked: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {k.lower(): v for k, v in self.headers.items()}
                site.asked.append(headers)
                status, more, body = reply(self.path, headers)
                self.send_response(status)
                for name, value in (more | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Site, Web]]]:
    opened: list[tuple[Site, Web]] = []

    def make(reply: Any, authorize: Authorize = lambda *_: None) -> tuple[Site, Web]:
        site = Site(reply)
        opened.append((site, Web(site.url, lambda: NOW, authorize, timeout=5)))
        return opened[-1]

    yield make
    for site, web in opened:
        web.close()
        site.server.shutdown()
        site.server.server_close()


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  RFC 7616 has it


def digested(nonces: list[str]) -> Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]:
    """Takes the digest of SECRET under the first nonce; each is good once where there are more."""

    def reply(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', headers.get("authorization", "")))
        challenge = {"WWW-Authenticate": f'Digest realm="dav", qop="auth", nonce="{nonces[0]}"'}
        if not said:
            return 401, challenge, b""
        first, second = md5(f"ada:dav:{SECRET}"), md5(f"GET:{path}")
        good = md5(f"{first}:{nonces[0]}:{said['nc']}:{said['cnonce']}:auth:{second}")
        if said["nonce"] != nonces[0]:
            return 401, {"WWW-Authenticate": challenge["WWW-Authenticate"] + ", stale=true"}, b""
        return (200, {}, b"in") if said["response"] == good else (401, challenge, b"")

    return reply


def test_digest_answers_a_challenge_and_keeps_it(start: Any) -> None:
    nonces = ["one"]
    site, web = start(digested(nonces), Digest("ada", lambda: SECRET))
    assert web.ask("GET", "/a").body == b"in"
    assert web.ask("GET", "/b").body == b"in"
    assert len(site.asked) == 3
    nonces[0] = "two"
    assert web.ask("GET", "/c").body == b"in"


def test_digest_gives_up_a_wrong_password(start: Any) -> None:
    site, web = start(digested(["one"]), Digest("ada", lambda: "wrong"))
    with pytest.raises(LoginError):
        web.ask("GET", "/a")
    assert len(site.asked) == 2
    assert all("wrong" not in str(headers) for headers in site.asked)


@pytest.mark.parametrize(
    "challenge",
    ['realm="dav", nonce="n", algorithm=SHA-256', 'realm="dav", nonce="n", qop="auth-int"', "dav", "realm=", ""],
)
def test_a_challenge_that_cannot_be_met_is_a_refused_login(start: Any, challenge: str) -> None:
    site, web = start(lambda *_: (401, {"WWW-Authenticate": f"Digest {challenge}"}, b""), Digest("ada", lambda: SECRET))
    with pytest.raises(LoginError):
        web.ask("GET", "/")
    assert len(site.asked) == 1


@pytest.mark.parametrize("secret", ["open\nsesame", "open\u2026sesame"])
def test_a_token_that_is_none_is_refused_and_not_told(start: Any, secret: str) -> None:
    site, web = start(lambda *_: (200, {}, b""), bearer(lambda: secret))
    with pytest.raises(LoginError) as error:
        web.ask("GET", "/")
    assert not any("sesame" in line for line in format_exception(error.value))
    assert not site.asked


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ConfigError, match="ca_file"):
        Web("https://127.0.0.1:9/", lambda: NOW, ca_file=str(path)).ask("GET", "/")


@pytest.mark.parametrize(
    ("authorize", "header"),
    [(basic("ada", lambda: SECRET), "Basic YWRhOm9wZW4gc2VzYW1l"), (bearer(lambda: "token"), "Bearer token")],
)
def test_basic_and_bearer_go_with_the_first_request(start: Any, authorize: Authorize, header: str) -> None:
    site, web = start(
        lambda _path, headers: (200 if headers.get("authorization") == header else 401, {}, b""), authorize
    )
    assert web.ask("GET", "/").status == 200
    assert len(site.asked) == 1


def test_a_connection_that_rested_too_long_is_opened_again(start: Any) -> None:
    site, web = start(lambda *_: (200, {"Connection": "close"} if len(site.asked) == 1 else {}, b""))
    assert web.ask("GET", "/").status == 200
    assert web.ask("GET", "/").status == 200


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_who_asks_to_wait_is_waited_for(start: Any, status: int) -> None:
    _, web = start(lambda *_: (status, {"Retry-After": "60"}, b""))
    with pytest.raises(TemporaryError) as error:
        web.ask("GET", "/")
    assert error.value.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize(
    "to", ["https://127.0.0.1/", "http://localhost/", "http://127.0.0.1:1/", "https://example.com/"]
)
def test_no_redirect_leads_away(start: Any, to: str) -> None:
    _, web = start(lambda *_: (307, {"Location": to}, b""))
    with pytest.raises(UnbusyError, match="the server sends unbusy to"):
        web.ask("GET", "/")
