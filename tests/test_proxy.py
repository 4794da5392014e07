"""The proxy that the fault tests stand on does what its faults are called."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from http.client import HTTPException

import pytest
from msgspec.structs import replace

from payloads import ics, vevent
from proxy import ENDLESS, FAULTS, Proxy, elsewhere, proxied, redirects, refuse
from servers import Calendar, Client, Server, unfolded

EVENT = ics(vevent("SUMMARY:Lunch", uid="a"))
NO_ANSWER = (OSError, HTTPException)


@pytest.fixture
def work(radicale: Server) -> Calendar:
    return radicale.account().make_calendar("Work")


@pytest.fixture
def proxy(radicale: Server) -> Iterator[Proxy]:
    with proxied(radicale.origin) as proxy:
        yield proxy


@pytest.fixture
def through(work: Calendar, proxy: Proxy) -> Calendar:
    return Calendar(Client(proxy.origin, work.client.auth), work.path)


def test_without_a_fault_all_goes_through(through: Calendar, work: Calendar, proxy: Proxy) -> None:
    etag = through.put("a.ics", EVENT)
    assert etag == work.etag("a.ics")
    assert through.names() == ["a.ics"]
    assert through.get("a.ics") == work.get("a.ics")
    assert [s.method for s in proxy.seen] == ["PUT", "PROPFIND", "GET"]
    assert all(s.secret.startswith("Basic ") for s in proxy.seen)


@pytest.mark.parametrize("name", ["refuse", "hang", "reset", "answer lost", "answer cut"])
def test_no_answer_comes(through: Calendar, work: Calendar, proxy: Proxy, name: str) -> None:
    proxy.fail(FAULTS[name], at=2)
    through.put("a.ics", EVENT)
    client = replace(through.client, timeout=0.5) if name in ENDLESS else through.client
    with pytest.raises(NO_ANSWER):
        client.ask("PUT", f"{work.path}b.ics", EVENT.replace(b"UID:a", b"UID:b"))
    proxy.heal()
    assert through.names() == (["a.ics", "b.ics"] if name in ("answer lost", "answer cut") else ["a.ics"])


def test_nobody_listens_from_the_first_request_on(through: Calendar, proxy: Proxy) -> None:
    proxy.fail(refuse)
    with pytest.raises(ConnectionRefusedError):
        through.names()
    proxy.heal()
    assert through.names() == []


def test_a_drip_keeps_each_single_wait_short(through: Calendar, proxy: Proxy) -> None:
    proxy.fail(FAULTS["slow drip"])
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not (heard := connection.recv(4096)).isspace():
            assert heard
        assert connection.recv(1) == b" "


@pytest.mark.parametrize("name", [n for n in FAULTS if n.isdecimal()])
def test_a_status_comes_in_place_of_the_server(through: Calendar, work: Calendar, proxy: Proxy, name: str) -> None:
    proxy.fail(FAULTS[name])
    answer = through.client.ask("PUT", f"{work.path}a.ics", EVENT)
    assert answer.status == int(name)
    assert ("retry-after" in answer.headers) is (name in ("429", "503"))
    assert work.names() == []
    through.put("a.ics", EVENT)


def test_what_says_that_it_is_whole(through: Calendar, proxy: Proxy) -> None:
    through.put("a.ics", EVENT)
    whole = through.get("a.ics")
    proxy.fail(FAULTS["truncated"])
    assert whole.startswith(half := through.get("a.ics"))
    assert 0 < len(half) < len(whole)
    proxy.fail(FAULTS["no headers"])
    assert through.put("a.ics", EVENT.replace(b"Lunch", b"Dinner")) == ""
    assert "SUMMARY:Dinner" in unfolded(through.get("a.ics"))
    bomb = _told(through, proxy, "gzip bomb")
    assert len(gzip.decompress(bomb)) > 1000 * len(bomb)
    assert b"<!ENTITY" in _told(through, proxy, "entity bomb")
    assert b"<form>" in _told(through, proxy, "login page")


def _told(through: Calendar, proxy: Proxy, name: str) -> bytes:
    proxy.fail(FAULTS[name])
    return through.client.ask("GET", through.path).body


def test_another_origin_remembers_what_it_was_told(through: Calendar, proxy: Proxy) -> None:
    with elsewhere() as other:
        proxy.fail(redirects(302, other.origin))
        to = through.client.ask("GET", through.path).headers["location"]
        assert to == other.origin + through.path
        Client(other.origin, ("ada", "secret")).ask("PROPFIND", through.path)
        Client(other.origin).ask("GET", "/")
        assert [(s.method, s.path, bool(s.secret)) for s in other.seen] == [
            ("PROPFIND", through.path, True),
            ("GET", "/", False),
        ]
