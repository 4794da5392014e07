"""CalDAV: answers that say less than they should, or something else; nothing of the user's is lost by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from xml.sax.saxutils import escape

import pytest
from msgspec.structs import replace

from connectors.caldav import check as dav_check
from connectors.caldav import discovery as dav_discovery
from connectors.caldav import sync as dav_sync
from connectors.http.addresses import origin
from connectors.http.web import Answer, retry_after
from daemon.model.errors import ConfigError, UnbusyError, UnreadableError
from daemon.model.times import TimeRange
from memory import NOW
from payloads import WINDOW, draft, marked
from test_caldav import WORK, Desk, Send, Willing, event, names
from test_caldav import desk as desk  # noqa: PLC0414  a fixture

ROW = re.compile(rb"<(?:[a-z0-9]+:)?response[ >].*?</(?:[a-z0-9]+:)?response>", re.DOTALL)
TOKEN = re.compile(rb"<(?:[a-z0-9]+:)?sync-token>(.*?)<")
CALDAV = "urn:ietf:params:xml:ns:caldav"
ITEM = (
    "<response><href>{href}</href><propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
)
DATA = re.compile(rb"<(?:[a-zA-Z0-9]+:)?calendar-data.*?</(?:[a-zA-Z0-9]+:)?calendar-data>", re.DOTALL)
Quirk = Callable[[Send, str, str, bytes, dict[str, str]], Answer]


def refusing(what: bytes, status: int) -> Quirk:
    """Every request that has `what` in it is refused without a word."""

    def quirk(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        return Answer(status, {}, b"", url) if re.search(what, body) else send(method, url, body, headers)

    return quirk


def path_of(url: str) -> bytes:
    return re.sub(r"^https?://[^/]+", "", url).encode()


def said(content: bytes, url: str) -> Answer:
    return Answer(
        207, {"content-type": "application/xml"}, b'<multistatus xmlns="DAV:">%s</multistatus>' % content, url
    )


@pytest.mark.parametrize("status", [400, 403, 410, 418, 501])
def test_a_token_that_is_refused_without_a_word_means_a_full_read(desk: Desk, status: int) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    desk.there.put("b.ics", event("b"))
    desk.quirk = refusing(rb"<D:sync-token>[^<]", status)
    assert names(desk.cycle()) == ["b.ics"]


@pytest.mark.parametrize("status", [400, 403, 415, 501])
def test_a_server_without_sync_need_not_say_so(desk: Desk, status: int) -> None:
    desk.there.put("a.ics", event("a"))
    desk.quirk = refusing(rb"sync-collection", status)
    assert names(desk.cycle()) == ["a.ics"]


@pytest.mark.parametrize("status", [403, 423, 429])
def test_a_row_that_is_refused_is_there(desk: Desk, status: int) -> None:
    for name in ("a", "b"):
        desk.there.put(f"{name}.ics", event(name))
    desk.cycle()
    desk.now += timedelta(days=1)

    def denied(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if b"sync-collection" in body:
            return Answer(405, {}, b"", url)
        if method == "PROPFIND" and headers.get("Depth") == "1" and b"displayname" not in body:
            lines = {b"a.ics": status, b"b.ics": 403}
            row = b"<response><href>%s%s</href><status>HTTP/1.1 %d No</status></response>"
            return said(b"".join(row % (path_of(url), name, code) for name, code in lines.items()), url)
        return send(method, url, body, headers)

    desk.quirk = denied
    assert desk.cycle().present == {"a.ics", "b.ics"}


def test_a_calendar_that_is_gone_is_not_an_empty_one(desk: Desk) -> None:
    """Told in a row of an answer that is a success as a whole, by a server without sync."""
    desk.there.put("a.ics", event("a"))

    def gone(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if b"sync-collection" in body:
            return Answer(405, {}, b"", url)
        if method == "PROPFIND" and b"displayname" not in body:
            row = b"<response><href>%s</href><status>HTTP/1.1 404 Not Found</status></response>"
            return said(row % path_of(url), url)
        return Answer(404, {}, b"", url) if b"calendar-query" in body else send(method, url, body, headers)

    desk.quirk = gone
    with pytest.raises(UnbusyError):
        desk.cycle()


def test_what_is_listed_and_not_found_is_asked_for_again(desk: Desk) -> None:
    desk.cycle()
    desk.there.put("a.ics", event("a"))

    def forgetful(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "GET":
            return Answer(404, {}, b"", url)
        return send(method, url, re.sub(rb"<D:href>[^<]*/a\.ics</D:href>", b"", body), headers)

    desk.quirk = forgetful
    assert names(desk.cycle()) == []
    desk.quirk = None
    assert names(desk.cycle()) == ["a.ics"]


def keeping(name: str, *, sync: bool) -> Quirk:
    """One event is listed and never given; `sync`: the server knows sync-collection."""

    def quirk(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if (method == "GET" and url.endswith(name)) or (b"sync-collection" in body and not sync):
            return Answer(403, {}, b"", url)
        return send(method, url, re.sub(rf"<D:href>[^<]*/{name}</D:href>".encode(), b"", body), headers)

    return quirk


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "ctag"])
@pytest.mark.parametrize("known", [True, False], ids=["it was known", "it is new"])
def test_what_is_never_given_costs_no_comparison(desk: Desk, known: bool, sync: bool) -> None:
    """It is asked for again, by itself, and named each time; what was known of it stands."""
    desk.quirk = keeping("none", sync=sync)
    for name in ("a", "b") if known else ("b",):
        desk.there.put(f"{name}.ics", event(name))
    desk.cycle()
    desk.there.put("a.ics", event("a", "20261202"))
    desk.quirk = keeping("a.ics", sync=sync)
    desk.cycle()
    for _ in range(2):
        found = desk.cycle()
        assert [p.where for p in found.problems] == ["work/Work/a.ics"]
        assert (names(found), found.present) == ([], {"a.ics", "b.ics"})
        assert desk.asked == ["REPORT" if sync else "PROPFIND", "REPORT", "GET"]
    assert ("a.ics" in desk.mirror) is known
    desk.quirk = keeping("none", sync=sync)
    assert names(desk.cycle()) == ["a.ics"]
    assert (desk.cycle().problems, len(desk.asked)) == ((), 1)


def test_what_was_never_given_and_is_gone_is_forgotten(desk: Desk) -> None:
    desk.cycle()
    desk.there.put("a.ics", event("a"))
    desk.quirk = keeping("a.ics", sync=True)
    assert desk.cycle().problems
    desk.there.delete("a.ics")
    found = desk.cycle()
    assert (found.problems, found.present, desk.asked) == ((), frozenset(), ["REPORT"])
    assert (desk.cycle().problems, desk.asked) == ((), ["REPORT"])


def test_where_much_is_not_given_all_is_compared(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dav_sync, "MULTIGET", 1)
    desk.cycle()
    for name in ("a", "b"):
        desk.there.put(f"{name}.ics", event(name))
    desk.quirk = lambda send, method, url, body, headers: (
        Answer(403, {}, b"", url) if method == "GET" or b"multiget" in body else send(method, url, body, headers)
    )
    desk.cycle()
    assert (len(desk.cycle().problems), desk.asked[1]) == (2, "PROPFIND")
    desk.quirk = None
    assert names(desk.cycle()) == ["a.ics", "b.ics"]


def test_one_row_may_speak_of_several(desk: Desk) -> None:
    for n in range(5):
        desk.there.put(f"{n}.ics", event(f"e{n}"))
    desk.cycle()

    def brief(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = send(method, url, body, headers)
        token = TOKEN.search(answer.body)
        if b"sync-collection" not in body or not token:
            return answer
        hrefs = b"".join(b"<href>%s%d.ics</href>" % (path_of(url), n) for n in (1, 2))
        row = b"<response>%s<status>HTTP/1.1 404 Gone</status></response><sync-token>%s</sync-token>"
        return said(row % (hrefs, token[1]), url)

    desk.quirk = brief
    assert desk.cycle().present == {"0.ics", "3.ics", "4.ics"}


@pytest.mark.parametrize("status", [403, 500])
def test_a_failed_look_is_no_absence(desk: Desk, status: int) -> None:
    """Where If-None-Match is not kept to, only the look guards what the user has changed."""
    ours = marked(draft(calendar=WORK))
    made = desk.open().create(ours)
    desk.there.put(made.ref.href, desk.there.get(made.ref.href).replace(b"SUMMARY:", b"SUMMARY:My "))
    before = desk.there.get(made.ref.href)
    looks = iter([status])

    def blind(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "GET" and (failure := next(looks, 0)):
            return Answer(failure, {}, b"", url)
        return send(method, url, body, {k: v for k, v in headers.items() if k != "If-None-Match"})

    connector = desk.open()
    connector.calendars()
    desk.quirk = blind
    with pytest.raises(UnbusyError):
        connector.create(ours)
    assert desk.there.get(made.ref.href) == before


@pytest.mark.parametrize(
    ("homes", "each", "asked", "found"),
    [(1, 1000, 2, 1000), (16, 62, 17, 992), (17, 1, 1, None), (1, 1001, 2, None), (9, 600, 3, None)],
)
def test_the_number_of_homes_and_calendars_is_bounded(
    desk: Desk, homes: int, each: int, asked: int, found: int | None
) -> None:
    """Over it there is a clear error, after few questions; a home that is named twice is one."""

    def many(_send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if headers["Depth"] == "0":
            hrefs = "".join(f"<href>/{n}/</href>" for n in (*range(homes), 0))
            props = f'<home xmlns="{CALDAV}">{hrefs}</home>'.replace("home", "calendar-home-set")
            return said(ITEM.format(href="/", props=props.replace("<href>", '<href xmlns="DAV:">')).encode(), url)
        path = path_of(url).decode()
        kind = f'<resourcetype><calendar xmlns="{CALDAV}"/></resourcetype>'
        return said("".join(ITEM.format(href=f"{path}{n}/", props=kind) for n in range(each)).encode(), url)

    connector, desk.quirk = desk.open(), many
    if found is None:
        with pytest.raises(UnreadableError, match="more than") as error:
            connector.calendars()
        assert error.value.remedy
    else:
        assert len(connector.calendars()) == found
    assert len(desk.asked) == asked


def test_a_name_with_a_slash_in_it_is_its_own(desk: Desk) -> None:
    """By a server that takes `%2F` for a part of a name (RFC 3986, 2.2); it is asked for as it was given."""
    desk.cycle()
    here, asked = path_of(f"http://x{desk.there.path}").decode(), []

    def slashed(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "GET":
            asked.append(path_of(url).decode())
            return Answer(200, {"etag": '"1"'}, event("a"), url)
        if b"calendar-multiget" in body:
            asked.extend(re.findall("<D:href>(.*?)</D:href>", body.decode()))
            return said(b"", url)
        rows = "".join(ITEM.format(href=here + name, props='<getetag>"1"</getetag>') for name in ("a%2fb.ics", "c.ics"))
        return said(f"{rows}<sync-token>t</sync-token>".encode(), url)

    desk.quirk = slashed
    assert names(desk.cycle()) == ["a%2Fb.ics", "c.ics"]
    assert sorted(set(asked)) == [f"{here}a%2Fb.ics", f"{here}c.ics"]
    asked.clear()
    assert names(desk.cycle()) == []
    assert asked == []


def test_a_probe_that_stays_is_told(desk: Desk) -> None:
    calendar = desk.open()._calendar(WORK)

    def keeping(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        return Answer(403, {}, b"", url) if method == "DELETE" else send(method, url, body, headers)

    desk.quirk = keeping
    ((_, problem),) = dav_check._writes(calendar, dav_discovery.Found(calendar.path, "Work"), Willing())
    assert desk.there.names() == ["unbusy-probe.ics"]
    assert problem


@pytest.mark.parametrize("line", ["HTTP/1.1 ² x", f"HTTP/1.1 {'9' * 5000}"])
def test_a_status_that_is_none_ends_in_no_exception_but_ours(desk: Desk, line: str) -> None:
    desk.there.put("a.ics", event("a"))

    def odd(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = send(method, url, body, headers)
        return replace(answer, body=answer.body.replace(b"HTTP/1.1 200 OK", line.encode()))

    desk.cycle()
    desk.quirk = odd
    try:
        desk.cycle()
    except UnbusyError as error:
        assert error.what  # noqa: PT017  either way is right, another exception is not


@pytest.mark.parametrize(
    "damage", [('"first": "2', '"first": "x'), ('"{}"', '"[]"'), ('"{}"', '"{"'), ('"owed"', '"x"')]
)
def test_a_damaged_memory_is_a_new_beginning(desk: Desk, damage: tuple[str, str]) -> None:
    desk.there.put("a.ics", event("a"))
    desk.cycle()
    desk.state = desk.state.replace(*damage)
    assert desk.cycle(TimeRange(WINDOW.start, WINDOW.end + timedelta(weeks=9))).present == {"a.ics"}


@pytest.mark.parametrize(
    "value", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +99999999999999999999"]
)
def test_a_moment_beyond_all_bounds_is_none(value: str) -> None:
    assert retry_after(value, NOW) is None


@pytest.mark.parametrize("host", ["a..example.com", "a" * 70 + ".example.com"])
def test_a_host_that_cannot_be_is_told(host: str) -> None:
    with pytest.raises(ConfigError):
        origin(f"https://{host}/")


PROPS = re.compile(rb"(</(?:[a-z0-9]+:)?prop>)")
OWNER = re.compile(rb"(<(?:[a-z0-9]+:)?owner>\s*<(?:[a-z0-9]+:)?href>)[^<]*")


def test_the_server_says_whose_a_calendar_is_and_how_it_names_the_user(desk: Desk) -> None:
    (mine,) = desk.open().calendars()
    assert (mine.owned, mine.shared) == (True, False)
    assert mine.principal.startswith("/")

    def of_bob(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = send(method, url, body, headers)
        if headers.get("Depth") != "1":
            return answer
        named, count = OWNER.subn(rb"\1/principals/bob/", answer.body)
        told = rb'<owner xmlns="DAV:"><href>/bob/</href></owner>\1'  # where it says nothing of owners
        return replace(answer, body=named if count else PROPS.sub(told, named))

    desk.quirk = of_bob
    desk.notes.clear()
    (his,) = desk.open().calendars()
    assert (his.owned, his.shared, his.principal) == (False, True, mine.principal)


# -- the addresses that a server has for the user (RFC 6638, 2.4.1) --------------------------------------------------

SET = rb"[^<> /]*calendar-user-address-set"
EMPTY = re.compile(rb"<" + SET + rb"[^<>]*/>|<(" + SET + rb")[^<>]*>.*?</\1>", re.DOTALL)
MINE = ("ada@example.com", "ada.lovelace@example.com")


def telling(*hrefs: str) -> Quirk:
    """The principal has these addresses, whatever else the server says of them."""
    rows = "".join(f"<href>{escape(href)}</href>" for href in hrefs).encode()
    told = b'<C:calendar-user-address-set xmlns="DAV:" xmlns:C="%s">%s</C:calendar-user-address-set>'
    told %= CALDAV.encode(), rows

    def quirk(send: Send, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        answer = send(method, url, body, headers)
        if b"calendar-user-address-set" not in body:
            return answer
        return replace(answer, body=PROPS.sub(lambda end: told + end[0], EMPTY.sub(b"", answer.body), count=1))

    return quirk


def addresses(desk: Desk) -> tuple[str, ...]:
    desk.notes.clear()
    (found,) = desk.open().calendars()
    assert list(desk.open().calendars()) == [found], "as it is remembered"
    return found.addresses


@pytest.mark.parametrize(
    ("hrefs", "known"),
    [
        pytest.param(("mailto:ada@example.com", "MAILTO:Ada.Lovelace@Example.com"), MINE, id="in any case"),
        pytest.param(("mailto:ada%40example.com", "mailto:ada@example.com"), MINE[:1], id="escaped, and once each"),
        pytest.param(("/principals/ada/", "urn:uuid:1", "https://example.com/ada", *MINE), (), id="nothing of mail"),
        pytest.param(("mailto:", "mailto:ada", "mailto:a@b@c", "mailto:a b@c", "mailto:a%0Ab@c"), (), id="nobody's"),
        pytest.param(("mailto:a\u202eb@c.example", "mailto:%1b[31m@c.example"), (), id="that hide something"),
        pytest.param((f"mailto:{'a' * 65}@b.example", f"mailto:a@{'b' * 190}", f"mailto:a@{'b' * 9999}"), (),
                     id="too long"),
        pytest.param(tuple(f"mailto:a{n}@b.example" for n in range(500)), tuple(f"a{n}@b.example" for n in range(20)),
                     id="hundreds"),
        pytest.param((), (), id="none"),
    ],
)  # fmt: skip
def test_the_server_says_which_addresses_are_the_users(
    desk: Desk, hrefs: tuple[str, ...], known: tuple[str, ...]
) -> None:
    desk.quirk = telling(*hrefs)
    assert addresses(desk) == known


def test_check_names_the_addresses_where_the_config_has_none(desk: Desk) -> None:
    desk.quirk = telling(*(f"mailto:{address}" for address in MINE))

    def steps(*emails: str) -> list[str]:
        opened = desk.open(emails=emails)
        return [step for step, _ in dav_check._account(opened.dav, opened.options, Willing())]

    assert "count ada@example.com and ada.lovelace@example.com as you" in steps()
    assert not any(step.startswith("count") for step in steps(MINE[0]))
