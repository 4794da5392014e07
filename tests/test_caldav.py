"""CalDAV: how few requests it takes, what servers lose and how that is noticed, and what they do not keep to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors import CONNECTORS
from connectors.caldav import check as dav_check
from connectors.caldav import discovery as dav_discovery
from connectors.caldav.connector import Caldav
from connectors.caldav.options import CaldavOptions
from connectors.caldav.sync import RESOURCE_LIMIT
from connectors.http.web import Answer, Web
from daemon.model.errors import (
    ExistsError,
    GoneError,
    LoginError,
    LostRaceError,
    QuotaError,
    RefusedError,
    TemporaryError,
    UnbusyError,
    UnreadableError,
)
from daemon.model.event import CalendarId, EventRef, PartStat
from daemon.model.owner import Field
from daemon.model.protocols import Resource
from daemon.model.times import TimeRange
from memory import NOW
from payloads import WINDOW, Found, draft, ics, looked, marked, vevent
from servers import Account, Calendar, Server

WORK = "work/Work"
Send = Callable[[str, str, bytes, Mapping[str, str]], Answer]


class Notes(dict[str, str]):
    def get(self, name: str) -> str:  # type: ignore[override]  # '' for nothing
        return super().get(name, "")

    def put(self, name: str, value: str) -> None:
        self[name] = value


@dataclass
class Desk:
    """An account on a server, opened anew for each cycle as the daemon does; `quirk` stands between both."""

    account: Account
    there: Calendar
    now: datetime = NOW
    notes: Notes = field(default_factory=Notes)
    asked: list[str] = field(default_factory=list)
    quirk: Callable[[Send, str, str, bytes, dict[str, str]], Answer] | None = None
    mirror: dict[str, Resource] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    state: str = ""
    opened: list[Caldav] = field(default_factory=list)

    def open(self, url: str = "", **more: Any) -> Caldav:
        options = CaldavOptions(url=url or self.account.url, username=self.account.username, timeout=60, **more)
        kind = CONNECTORS["caldav"]
        opened = kind.open("work", options, lambda: self.now, lambda: self.account.password, self.notes)
        assert isinstance(opened, Caldav)
        self.opened.append(opened)
        opened.dav.web = Watched(opened.dav.web, self)  # type: ignore[assignment]  # the same to all who use it
        return opened

    def cycle(self, window: TimeRange = WINDOW) -> Found:
        """One read into the mirror."""
        self.asked.clear()
        connector = self.open()
        connector.calendars()
        stored = {href: r.payload for href, r in self.mirror.items()}
        found = looked(connector, WORK, self.versions, self.state, window=window, stored=stored)
        self.close()
        self.versions |= {r.ref.href: r.ref.version for r in found.changed}
        self.versions = {h: v for h, v in self.versions.items() if h in found.present}
        self.mirror |= {r.ref.href: r for r in found.changed}
        self.mirror = {h: r for h, r in self.mirror.items() if h in found.present}
        self.state = found.state
        return found

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()


@dataclass
class Watched:
    """The way to the server, with what happens on it."""

    web: Web
    desk: Desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self.web, name)

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        self.desk.asked.append(method)
        if self.desk.quirk:
            return self.web._passed(self.desk.quirk(self.web.send, method, url, body, dict(headers or {})))
        return self.web.ask(method, url, body, headers)


@pytest.fixture
def desk(server: Server) -> Iterator[Desk]:
    account = server.account()
    found = Desk(account, account.make_calendar("Work"))
    yield found
    found.close()


def event(uid: str, start: str = "20261201", more: str = "") -> bytes:
    return ics(vevent(f"SUMMARY:{uid}", more, uid=uid, start=f"DTSTART:{start}T090000Z", end=f"DTEND:{start}T100000Z"))


def names(found: Found) -> list[str]:
    return sorted(r.ref.href for r in found.changed)


# -- requests ---------------------------------------------------------------------------------------------------------


def test_a_quiet_cycle_costs_one_request(desk: Desk) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    for _ in range(2):
        assert desk.cycle().changed == ()
        assert desk.asked == ["REPORT"]


def test_once_a_day_everything_is_compared(desk: Desk) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    desk.now += timedelta(days=1)
    later = TimeRange(WINDOW.start, WINDOW.end + timedelta(weeks=1))
    desk.open().calendars()  # which is looked up daily, too
    desk.cycle(later)
    assert desk.asked == ["REPORT", "PROPFIND"]
    desk.cycle(later)
    assert desk.asked == ["REPORT"]


def test_a_change_costs_one_more(desk: Desk) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    desk.there.put("b.ics", event("b"))
    assert names(desk.cycle()) == ["b.ics"]
    assert desk.asked == ["REPORT", "REPORT"]


def test_many_changes_come_in_portions(desk: Desk) -> None:
    desk.cycle()
    for n in range(101):
        desk.there.put(f"{n}.ics", event(f"e{n}"))
    assert len(desk.cycle().changed) == 101
    assert desk.asked == ["REPORT", "REPORT", "REPORT"]


def test_each_resource_is_read_once_wherever_it_lies(desk: Desk) -> None:
    """A time range is a hint: servers hide from it what does touch it."""
    for name, start in (("near", "20261201"), ("far", "20271201"), ("old", "20160301")):
        desk.there.put(f"{name}.ics", event(name, start))
    assert names(desk.cycle()) == ["far.ics", "near.ics", "old.ics"]
    desk.now += timedelta(days=30)
    for start in (timedelta(0), timedelta(days=30), timedelta(days=-3650)):
        desk.open().calendars()
        assert desk.cycle(TimeRange(WINDOW.start + start, WINDOW.end + timedelta(days=30))).changed == ()


def test_of_ours_those_of_any_age_are_fetched(desk: Desk) -> None:
    connector = desk.open()
    made = connector.create(marked(draft("Tue+40 10:00-12:00", calendar=WORK)))
    assert names(desk.cycle()) == [made.ref.href]


# -- what servers lose ------------------------------------------------------------------------------------------------


def test_a_token_of_another_life_means_a_full_read_in_the_same_cycle(desk: Desk) -> None:
    for name in ("a", "b"):
        desk.there.put(f"{name}.ics", event(name))
    desk.cycle()
    desk.there.drop()
    there = desk.account.make_calendar("Work")
    there.put("b.ics", event("b", "20261202"))
    there.put("c.ics", event("c"))
    found = desk.cycle()
    assert names(found) == ["b.ics", "c.ics"]
    assert found.present == {"b.ics", "c.ics"}


def _token(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> tuple[Answer, bytes]:
    """The answer, and the token that was sent ('' for none, None for no sync report)."""
    found = re.search(rb"<D:sync-token>([^<]*)<", body)
    return send(method, url, body, headers), found[1] if found else b"-"


def test_deletions_that_a_token_hides_are_found_within_a_day(desk: Desk) -> None:
    """DAViCal and SOGo never say that a token is lost: they answer with all, or with nothing."""
    for n in range(6):
        desk.there.put(f"{n}.ics", event(f"e{n}"))
    desk.cycle()
    desk.there.delete("3.ics")

    def silent(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer, token = _token(send, method, url, body, headers)
        if token in (b"", b"-"):
            return answer
        rows = re.sub(rb"<([a-z0-9]+:)?response[ >].*</([a-z0-9]+:)?response>", b"", answer.body, flags=re.DOTALL)
        return replace(answer, body=rows)

    desk.quirk = silent
    assert len(desk.cycle().present) == 6
    desk.now += timedelta(days=1)
    assert desk.cycle().present == {f"{n}.ics" for n in range(6)} - {"3.ics"}


def test_an_answer_that_looks_full_is_not_taken_for_changes(desk: Desk) -> None:
    for n in range(6):
        desk.there.put(f"{n}.ics", event(f"e{n}"))
    desk.cycle()
    desk.there.delete("3.ics")

    def everything(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if b"sync-token" in body:
            desk.there.put("3.ics", event("e3"))
            answer = send(method, url, re.sub(rb"<D:sync-token>[^<]*<", b"<D:sync-token><", body), headers)
            desk.there.delete("3.ics")
            return answer
        return send(method, url, body, headers)

    desk.quirk = everything
    assert desk.cycle().present == {f"{n}.ics" for n in range(6)} - {"3.ics"}


def test_a_server_without_sync_is_read_by_its_versions(desk: Desk) -> None:
    def old(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if b"sync-collection" in body:
            said = b'<D:error xmlns:D="DAV:"><D:supported-report/></D:error>'
            return Answer(403, {"content-type": "application/xml"}, said, url)
        return send(method, url, body, headers)

    desk.quirk = old
    desk.there.put("a.ics", event("a"))
    assert names(desk.cycle()) == ["a.ics"]
    assert desk.cycle().changed == ()
    assert desk.asked == ["PROPFIND"]
    desk.there.put("b.ics", event("b"))
    desk.there.delete("a.ics")
    found = desk.cycle()
    assert (names(found), found.present) == (["b.ics"], {"b.ics"})


def test_a_listing_that_is_cut_off_is_completed(desk: Desk) -> None:
    for n in range(4):
        desk.there.put(f"{n}.ics", event(f"e{n}"))

    def cut(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = send(method, url, body, headers)
        if b"sync-collection" not in body:
            return answer
        full = b'<D:response xmlns:D="DAV:"><D:href>/</D:href><D:status>HTTP/1.1 507 Full</D:status></D:response>'
        first = re.search(rb"<([a-z0-9]+:)?response[ >].*?</([a-z0-9]+:)?response>", answer.body, flags=re.DOTALL)
        token = re.search(rb"<([a-z0-9]+:)?sync-token>.*?</([a-z0-9]+:)?sync-token>", answer.body)
        root = re.search(rb"<([a-z0-9]+:)?multistatus[^>]*>", answer.body)
        assert first
        assert token
        assert root
        tag = root[0].split()[0].strip(b"<>")
        return replace(answer, body=b"".join([root[0], first[0], full, token[0], b"</", tag, b">"]))

    desk.quirk = cut
    assert desk.cycle().present == {f"{n}.ics" for n in range(4)}


def test_what_multiget_leaves_out_is_asked_for_alone(desk: Desk) -> None:
    desk.cycle()
    desk.there.put("a.ics", event("a"))
    desk.there.put("b.ics", event("b"))

    def forgetful(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if b"calendar-multiget" in body:
            body = re.sub(rb"<D:href>[^<]*/b\.ics</D:href>", b"", body)
        return send(method, url, body, headers)

    desk.quirk = forgetful
    assert names(desk.cycle()) == ["a.ics", "b.ics"]
    assert desk.asked[-1] == "GET"


def test_a_page_in_place_of_an_event_is_no_event(desk: Desk) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    desk.there.put("a.ics", event("a", "20261202"))

    def asking(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "GET":
            return Answer(200, {"content-type": "text/html"}, b"<html>Log in</html>", url)
        return send(method, url, re.sub(rb"<D:href>[^<]*/a\.ics</D:href>", b"", body), headers)

    desk.quirk = asking
    found = desk.cycle()
    assert (names(found), [p.where for p in found.problems]) == ([], ["work/Work/a.ics"])
    desk.quirk = None
    assert names(desk.cycle()) == ["a.ics"]


@pytest.mark.parametrize("path", ["a#b", "50%", "tea time", "%41"])
def test_a_calendar_may_have_any_name(desk: Desk, server: Server, path: str) -> None:
    if (server.name, path) == ("xandikos", "a#b"):
        pytest.skip("Xandikos loses what stands behind # in the addresses that it gives")
    there = desk.account.make_calendar("Odd", path=path)
    there.put("a.ics", event("a"))
    connector = desk.open()
    (odd,) = [c for c in connector.calendars() if c.id != WORK]
    made = connector.create(marked(draft(calendar=odd.id)))
    assert set(looked(connector, odd.id, {}, "", window=WINDOW).present) == {"a.ics", made.ref.href}


def test_a_neighbour_that_is_too_large_costs_only_itself(desk: Desk) -> None:
    desk.there.put("a.ics", event("a"))
    desk.there.put("b.ics", event("b", more="DESCRIPTION:" + "x" * RESOURCE_LIMIT))
    found = desk.cycle()
    assert (names(found), found.present) == (["a.ics"], {"a.ics", "b.ics"})
    assert [(p.where, p.what) for p in found.problems] == [("work/Work/b.ics", "is larger than 1 MiB")]


def test_what_a_server_fails_to_give_is_asked_for_again(desk: Desk) -> None:
    desk.cycle()
    desk.there.put("a.ics", event("a"))
    desk.there.put("b.ics", event("b"))

    def failing(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "GET":
            return Answer(500, {}, b"", url)
        return send(method, url, re.sub(rb"<D:href>[^<]*/b\.ics</D:href>", b"", body), headers)

    desk.quirk = failing
    found = desk.cycle()
    assert (names(found), [p.where for p in found.problems]) == (["a.ics"], ["work/Work/b.ics"])
    desk.quirk = None
    assert names(desk.cycle()) == ["b.ics"]
    assert desk.cycle().changed == ()
    assert desk.asked == ["REPORT"]


# -- what servers do not keep to --------------------------------------------------------------------------------------


def sogo(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """No condition is kept to."""
    kept = {k: v for k, v in headers.items() if k not in ("If-None-Match", "If-Match")}
    return send(method, url, body, kept)


def mute(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """No version is told for a write."""
    answer = send(method, url, body, headers)
    return replace(answer, headers={k: v for k, v in answer.headers.items() if k != "etag" or method != "PUT"})


def weak(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Versions are weak, as a proxy makes them."""
    answer = send(method, url, body, headers)
    tag = answer.headers.get("etag")
    assert not any(v.startswith("W/") for v in headers.values())
    return replace(answer, headers=dict(answer.headers) | ({"etag": f"W/{tag}"} if tag else {}))


def packing(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """A proxy packs answers where it may, names them apart then, and does not know those names again."""
    answer = send(method, url, body, headers)
    tag = answer.headers.get("etag")
    packed = method == "GET" and headers.get("Accept-Encoding") != "identity"
    return replace(answer, headers=dict(answer.headers) | ({"etag": f'{tag[:-1]}-gzip"'} if tag and packed else {}))


@pytest.mark.parametrize("quirk", [sogo, mute, weak, packing])
def test_nobodys_change_is_lost_on_such_a_server(desk: Desk, quirk: Any) -> None:
    desk.quirk = quirk
    connector = desk.open()
    ours = marked(draft(calendar=WORK))
    made = connector.create(ours)
    with pytest.raises(ExistsError):
        connector.create(ours)
    assert connector.update(made, marked(draft(calendar=WORK, title="New")), frozenset({Field.TITLE})).ref != made.ref
    standing = desk.there.get(made.ref.href)
    with pytest.raises(LostRaceError):
        connector.update(made, marked(draft(calendar=WORK, title="Old")), frozenset({Field.TITLE}))
    with pytest.raises(LostRaceError):
        connector.delete(made.ref)
    assert desk.there.get(made.ref.href) == standing


def test_a_reply_changes_one_line(desk: Desk) -> None:
    people = "ORGANIZER:mailto:bob@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com\n"
    desk.there.put("m.ics", event("m", more=f"{people}X-KEPT:yes"))
    (found,) = desk.cycle().changed
    connector = desk.open()
    before = desk.there.get("m.ics")
    connector.respond(found, EventRef(WORK, "m"), frozenset({"ada@example.com"}), PartStat.DECLINED)
    assert sorted(desk.there.get("m.ics").replace(b"DECLINED", b"NEEDS-ACTION").splitlines()) == sorted(
        before.splitlines()
    )


def test_a_schedule_tag_is_the_condition_of_a_reply(desk: Desk) -> None:
    sent: list[dict[str, str]] = []

    def scheduling(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        sent.append(headers) if method == "PUT" else None
        kept = {k: v for k, v in headers.items() if k != "If-Schedule-Tag-Match"}
        answer = send(method, url, body, kept)
        return replace(answer, headers=dict(answer.headers) | ({"schedule-tag": '"s1"'} if method == "GET" else {}))

    people = "ORGANIZER:mailto:bob@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com"
    desk.there.put("m.ics", event("m", more=people))
    (found,) = desk.cycle().changed
    desk.quirk = scheduling
    desk.open().respond(found, EventRef(WORK, "m"), frozenset({"ada@example.com"}), PartStat.DECLINED)
    assert sent[0]["If-Schedule-Tag-Match"] == '"s1"'
    assert "If-Match" not in sent[0]


ERROR = '<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><{}/></D:error>'


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (412, "", ExistsError),
        (412, "C:no-uid-conflict", ExistsError),
        (409, "C:no-uid-conflict", ExistsError),
        (403, "C:unique-scheduling-object-resource", ExistsError),
        (412, "C:valid-calendar-data", UnbusyError),
        (403, "C:valid-calendar-data", UnbusyError),
        (412, "C:max-resource-size", UnbusyError),
        (403, "", RefusedError),
        (403, "D:need-privileges", RefusedError),
        (404, "", UnreadableError),
        (405, "", UnreadableError),
        (409, "", UnreadableError),
        (507, "", QuotaError),
        (403, "D:quota-not-exceeded", QuotaError),
        (423, "", TemporaryError),
        (500, "", TemporaryError),
        (503, "", TemporaryError),
        (401, "", LoginError),
    ],
)
def test_a_refusal_is_told_by_what_it_says(desk: Desk, status: int, said: str, error: type[UnbusyError]) -> None:
    def refusing(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "PUT":
            return Answer(status, {}, ERROR.format(said).encode() if said else b"", url)
        return send(method, url, body, headers)

    connector = desk.open()
    connector.calendars()
    desk.quirk = refusing
    with pytest.raises(UnbusyError) as raised:
        connector.create(marked(draft(calendar=WORK)))
    assert type(raised.value) is error


SABRE = (
    '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:sabredav-version>4.1.0</s:sabredav-version>'
    "<s:exception>Sabre\\DAV\\Exception\\{}</s:exception><s:message>No</s:message>{}</d:error>"
)
DAVICAL = '<error xmlns="DAV:"><{}>Existing resource ETag does not match</{}></error>'


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (412, SABRE.format("PreconditionFailed", "<s:header>If-Match</s:header>"), LostRaceError),
        (412, DAVICAL.format("if-match", "if-match"), LostRaceError),
        (403, SABRE.format("Forbidden", ""), RefusedError),
        (507, SABRE.format("InsufficientStorage", ""), QuotaError),
    ],
)
def test_what_a_server_says_in_words_of_its_own_is_no_reason(
    desk: Desk, status: int, body: str, error: type[UnbusyError]
) -> None:
    """sabre/dav (Nextcloud, Baikal) names its exception, DAViCal the header, where no precondition is meant."""

    def refusing(send: Send, method: str, url: str, payload: bytes, headers: dict[str, str]) -> Answer:
        if method == "PUT":
            return Answer(status, {}, body.encode(), url)
        return send(method, url, payload, headers)

    connector = desk.open()
    made = connector.create(marked(draft(calendar=WORK)))
    desk.quirk = refusing
    with pytest.raises(UnbusyError) as raised:
        connector.update(made, marked(draft(calendar=WORK, title="New")), frozenset({Field.TITLE}))
    assert type(raised.value) is error


# -- discovery --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["server", "somewhere", "principal", "home", "calendar"])
def test_calendars_are_found_from_any_address(desk: Desk, server: Server, where: str) -> None:
    origin, home = desk.account.client.origin, desk.account.home
    desk.account.make_calendar("Private")
    principal = home if server.name == "radicale" else "/user/"
    paths = {"server": "/", "somewhere": "/no/such/place/", "principal": principal, "home": home,
             "calendar": desk.there.path}  # fmt: skip
    found = desk.open(f"{origin}{paths[where]}").calendars()
    assert {c.name for c in found} == ({"Work"} if where == "calendar" else {"Work", "Private"})
    assert all(c.owned for c in found)


def test_what_was_found_is_looked_for_again_when_it_is_gone(desk: Desk) -> None:
    desk.cycle()
    desk.there.drop()
    with pytest.raises(UnreadableError):
        desk.cycle()
    desk.account.make_calendar("Work")
    desk.cycle()


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_wrong_secret_is_refused_with_a_remedy(radicale: Server, auth: Any) -> None:
    account = radicale.account()
    desk = Desk(replace(account, password="wrong"), account.make_calendar("Work"))  # noqa: S106  of a test's user
    with pytest.raises(RefusedError) as error:
        desk.open(auth=auth).calendars()
    assert "wrong" not in f"{error.value.what} {error.value.remedy}"


def test_two_calendars_of_one_name_are_told_apart(desk: Desk) -> None:
    desk.account.make_calendar("Work", path="other")
    ids: set[CalendarId] = {c.id for c in desk.open().calendars()}
    assert ids == {"work/Work", "work/other"}


class Willing:
    """Somebody who says yes."""

    def say(self, text: str) -> None:
        pass

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise AssertionError(question)

    def agree(self, question: str) -> bool:
        return True


@pytest.mark.parametrize(("standing", "ok"), [(b"", True), (event("unbusy-probe"), True), (event("mine"), False)])
def test_the_probe_of_a_check_takes_away_nothing_but_itself(desk: Desk, standing: bytes, ok: bool) -> None:
    if standing:
        desk.there.put("unbusy-probe.ics", standing)
    calendar = desk.open()._calendar(WORK)
    steps = dict(dav_check._writes(calendar, dav_discovery.Found(calendar.path, "Work"), Willing()))
    assert (steps["write to Work"] is None) is ok
    assert steps.get("keep marks in Work") is None
    assert desk.there.names() == ([] if ok else ["unbusy-probe.ics"])


def test_the_probe_of_a_check_tells_what_a_server_keeps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that drops what it does not know: here the line is dropped on its way there."""
    calendar, found = desk.open()._calendar(WORK), dav_discovery.Found(desk.open()._calendar(WORK).path, "Work")
    with monkeypatch.context() as patch:
        patch.setattr(dav_check, "_EVENT", dav_check._EVENT.replace("X-UNBUSY:probe\r\n", ""))
        steps = dict(dav_check._writes(calendar, found, Willing()))
    problem = steps["keep marks in Work"]
    assert problem
    assert problem.code == 0
    assert "by UID" in problem.what
    assert dict(dav_check._writes(calendar, found, Willing()))["keep marks in Work"] is None
    assert desk.there.names() == []


@pytest.mark.parametrize("rights", [None, True])
def test_nothing_is_tried_without_a_yes(desk: Desk, monkeypatch: pytest.MonkeyPatch, rights: bool | None) -> None:
    calendar = desk.open()._calendar(WORK)
    monkeypatch.setattr(Willing, "agree", lambda *_: False)
    found = dav_discovery.Found(calendar.path, "Work", writable=rights)
    steps = [step for step, _ in dav_check._writes(calendar, found, Willing())]
    assert steps == [f"write to Work{'' if rights else ': not tried'}", "keep marks in Work: not tried"]
    assert desk.there.names() == []


# -- first contact ----------------------------------------------------------------------------------------------------


def test_the_principal_is_the_one_that_the_server_names(desk: Desk) -> None:
    """Some servers tell a home of calendars for any resource, that of a stranger's too."""

    plain = {i.id: (i.owned, i.principal) for i in desk.open().calendars()}
    ((_, principal),) = set(plain.values())
    told = f"""<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>
        <href>/</href><propstat><prop>
        <current-user-principal><href>{principal}</href></current-user-principal>
        <C:calendar-home-set><href>/elsewhere/</href></C:calendar-home-set>
        </prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"""

    def generous(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if len(desk.asked) > 1:
            return send(method, url, body, headers)
        return Answer(207, {"content-type": "application/xml"}, told.encode(), url)

    desk.notes.clear()
    desk.asked.clear()
    desk.quirk = generous
    assert {i.id: (i.owned, i.principal) for i in desk.open().calendars()} == plain
    assert all(owned for owned, _ in plain.values())


def forbidding(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Robur, for one, forbids what is not there."""
    answer = send(method, url, body, headers)
    return replace(answer, status=403) if method == "GET" and answer.status == 404 else answer


def test_what_is_forbidden_and_not_listed_is_not_there(desk: Desk) -> None:
    desk.quirk = forbidding
    connector = desk.open()
    made = connector.create(marked(draft("Tue 10:00-12:00", calendar=WORK)))
    connector.delete(made.ref)
    with pytest.raises(GoneError):
        connector.delete(made.ref)


def test_what_is_forbidden_and_listed_is_there(desk: Desk) -> None:
    connector = desk.open()
    made = connector.create(marked(draft("Tue 10:00-12:00", calendar=WORK)))

    def closed(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        return Answer(403, {}, b"", url) if method == "GET" else send(method, url, body, headers)

    desk.quirk = closed
    with pytest.raises(RefusedError):
        desk.open().delete(made.ref)
