"""The servers that other tests stand on, and the plain client that plays other programs."""

from __future__ import annotations

import pytest

from payloads import ics, vevent
from servers import Client, Server, radicale, unfolded

EVENT = ics(vevent("SUMMARY:Über · Ömür", "X-FOO:kept", uid="a"))


def test_another_program_writes_reads_and_deletes(server: Server) -> None:
    work = server.account().make_calendar("Work")
    assert work.names() == []
    work.put("a b.ics", EVENT)
    assert work.names() == ["a b.ics"]
    assert {"SUMMARY:Über · Ömür", "X-FOO:kept"} <= set(unfolded(work.get("a b.ics")))
    work.put("a b.ics", EVENT.replace(b"kept", b"new"), etag=work.etag("a b.ics"))
    assert "X-FOO:new" in unfolded(work.raw()["a b.ics"])
    with pytest.raises(AssertionError, match="412"):
        work.put("a b.ics", EVENT, etag='"old"')
    work.delete("a b.ics")
    assert work.names() == []


def test_each_account_begins_without_calendars(server: Server) -> None:
    first = server.account()
    work = first.make_calendar("Zażółć gęślą", path="work")
    work.put("a.ics", EVENT)
    assert [c.path for c in first.calendars()] == [work.path]
    assert server.account().calendars() == []


def test_radicale_asks_for_the_password(radicale: Server) -> None:
    account, other = radicale.account(), radicale.account()
    assert Client(radicale.origin).ask("PROPFIND", account.home).status == 401
    assert Client(radicale.origin, (account.username, "wrong")).ask("PROPFIND", account.home).status == 401
    assert other.client.ask("PROPFIND", account.home).status == 403


def test_a_server_ends_with_its_block() -> None:
    with radicale() as server:
        assert Client(server.origin).ask("OPTIONS", "/").status in (200, 401)
    with pytest.raises(ConnectionRefusedError):
        Client(server.origin).ask("OPTIONS", "/")
