"""The way to a server: what is believed of its answers."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from datetime import timedelta
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest

from connectors.http import web as web_module
from connectors.http.addresses import origin
from connectors.http.logins import bearer
from connectors.http.web import LONGEST_REST, Answer, Web, retry_after, xml
from daemon.model.errors import ConfigError, LoginError, TemporaryError, UnbusyError, UnreadableError
from memory import NOW
from sites import start as start  # noqa: PLC0414  a fixture

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


def test_a_connection_that_rested_too_long_is_opened_again(start: Any) -> None:
    site, web = start(lambda *_: (200, {"Connection": "close"} if len(site.asked) == 1 else {}, b""))
    assert web.ask("GET", "/").status == 200
    assert web.ask("GET", "/").status == 200


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "REPORT", "OPTIONS"])
def test_what_changes_nothing_is_asked_again_where_a_kept_connection_breaks(start: Any, method: str) -> None:
    site, web = start(lambda *_: None if len(site.asked) == 2 else (200, {}, b""))
    web.ask("GET", "/")
    assert web.ask(method, "/", b"?").status == 200
    assert site.methods == ["GET", method, method]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH"])
def test_what_changes_something_is_never_sent_again(start: Any, method: str) -> None:
    """The server may have carried it out, and the next one would be refused or undo what came between."""
    site, web = start(lambda *_: None if len(site.asked) == 2 else (200, {}, b""))
    web.ask("GET", "/")
    with pytest.raises(TemporaryError):
        web.ask(method, "/a.ics", b"BEGIN:VCALENDAR")
    assert site.methods == ["GET", method]


ROOM = 100_000


@pytest.mark.parametrize(
    ("body", "packed", "error"),
    [
        (b"x" * ROOM, False, None),
        (b"x" * (ROOM + 1), False, UnreadableError),
        (gzip.compress(b"x" * ROOM), True, None),
        (gzip.compress(b"x" * (ROOM + 1)), True, UnreadableError),
        (gzip.compress(bytes(2**26)), True, UnreadableError),
        (gzip.compress(random.Random(7).randbytes(ROOM - 10)), True, UnreadableError),  # noqa: S311  no secret
        (gzip.compress(gzip.compress(b"x" * ROOM)), True, None),
        (gzip.compress(b"x" * ROOM)[:-4], True, TemporaryError),
        (gzip.compress(b"x") + b"y", True, TemporaryError),
        (gzip.compress(b"x") + gzip.compress(b"y"), True, TemporaryError),
        (b"no gzip", True, TemporaryError),
    ],
    ids=["as much as may be", "one byte more", "packed", "packed, one byte more", "a bomb", "packed to more",
         "packed twice", "cut", "with a tail", "with a second", "not packed"],
)  # fmt: skip
def test_an_answer_has_a_largest_size_packed_or_not(
    start: Any, monkeypatch: pytest.MonkeyPatch, body: bytes, packed: bool, error: type[UnbusyError] | None
) -> None:
    """And what is no whole answer is none."""
    monkeypatch.setattr(web_module, "LARGEST", ROOM)
    _, web = start(lambda *_: (200, {"Content-Encoding": "gzip"} if packed else {}, body))
    if error:
        with pytest.raises(error):
            web.ask("GET", "/")
    else:
        assert web.ask("GET", "/").body == (gzip.decompress(body) if packed else body)


def test_nothing_is_unpacked_beyond_the_largest_size(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "LARGEST", ROOM)
    bomb = gzip.compress(bytes(2**26))
    _, web = start(lambda *_: (200, {"Content-Encoding": "gzip"}, bomb))
    tracemalloc.start()
    with pytest.raises(UnreadableError):
        web.ask("GET", "/")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**23


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
