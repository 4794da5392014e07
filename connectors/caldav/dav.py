"""WebDAV and CalDAV requests as plain data: rows of a multistatus, and failures by what they say, not by status alone.

The client is that of the caldav library, with every request sent by `Web`; its answers are taken apart here, since a
row that a server could not give must cost no other.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

from connectors.http.addresses import redacted
from connectors.http.web import Answer, Web, xml
from daemon.model.errors import QuotaError, RefusedError, TemporaryError, UnbusyError, UnreadableError

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_RESPONSE, _PROPSTAT, _PROP = f"{D}response", f"{D}propstat", f"{D}prop"
_HREF, _STATUS = f"{D}href", f"{D}status"
CS = "{http://calendarserver.org/ns/}"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><{root} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:CS="http://calendarserver.org/ns/">'
)
MULTIGET = 100
"""The most resources that are asked for at once."""

REASONS = 2**16
"""Bytes of a refusal that are looked at for its reasons."""

_TAG = re.compile(rb"<(/?)(?:[A-Za-z0-9_-]+:)?([a-z][a-z-]*)[\s/>]")


class Row(NamedTuple):
    """One response of a multistatus (RFC 4918, 13): its path, as `path_of`; its status; its properties as elements."""

    path: str
    status: int
    props: Mapping[str, Any]

    def text(self, tag: str) -> str:
        """The text of a property, '' where there is none."""
        element = self.props.get(tag)
        return (element.text or "").strip() if element is not None else ""

    def hrefs(self, tag: str) -> tuple[str, ...]:
        """The addresses in a property, as the server wrote them."""
        element = self.props.get(tag)
        found = element.iter(f"{D}href") if element is not None else ()
        return tuple(e.text.strip() for e in found if e.text and e.text.strip())

    def names(self, tag: str) -> frozenset[str]:
        """The tags of everything in a property."""
        element = self.props.get(tag)
        return (
            frozenset(e.tag for e in element.iter() if isinstance(e.tag, str)) if element is not None else frozenset()
        )

    @property
    def etag(self) -> str:
        """The version, as the server wrote it."""
        return self.text(f"{D}getetag")

    @property
    def data(self) -> bytes | None:
        """The calendar data, None where it was not given; with the line ends that XML has taken (RFC 5545, 3.1)."""
        element = self.props.get(f"{C}calendar-data")
        if element is None or not element.text:
            return None
        data: bytes = element.text.encode()
        return (data.replace(b"\r\n", b"\n") if b"\r" in data else data).replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync-collection report gave (RFC 6578).  `whole`: False when the server has cut it off."""

    rows: tuple[Row, ...]
    token: str
    whole: bool


class Dav:
    """One account's requests."""

    def __init__(self, web: Web) -> None:
        self.web = web

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  the library is not imported before it is needed
        return _client(self.web)

    # -- reports ------------------------------------------------------------------------------------------------------

    def propfind(self, url: str, props: Iterable[str], depth: int) -> tuple[Row, ...]:
        """The named properties ('D:getetag') of a resource, or with `depth` 1 also of those in it."""
        body = _document("D:propfind", _prop(props))
        return tuple(_rows(self._client.request(url, "PROPFIND", body, {"Depth": str(depth)}).tree))

    def sync(self, path: str, token: str) -> Synced:
        """What changed since the token; with '' everything.  `TokenError` when the server does not know the token."""
        body = _document(
            "D:sync-collection",
            f"<D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>{_prop(['D:getetag'])}",
        )
        tree = self._client.report(quoted(path), body, 0).tree
        rows = tuple(_rows(tree))
        found = tree.find(f"{D}sync-token")
        cut = any(r.status == 507 for r in rows)
        return Synced(
            tuple(r for r in rows if r.status != 507),
            (found.text or "").strip() if found is not None else "",
            whole=not cut,
        )

    def between(self, path: str, start: datetime, end: datetime) -> tuple[Row, ...]:
        """The events that the server takes to touch a span, with their data (RFC 4791, 7.8): a hint, never exact."""
        times = f'<C:time-range start="{_utc(start)}" end="{_utc(end)}"/>'
        body = _document(
            "C:calendar-query",
            f"{_prop(['D:getetag', 'C:calendar-data'])}<C:filter><C:comp-filter name='VCALENDAR'>"
            f"<C:comp-filter name='VEVENT'>{times}</C:comp-filter></C:comp-filter></C:filter>",
        )
        rows = tuple(_rows(self._client.report(quoted(path), body, 1).tree))
        if any(r.status == 507 for r in rows):
            raise UnreadableError(f"{path}: the server has cut off what it finds in a span")
        return rows

    def multiget(self, path: str, paths: Iterable[str]) -> tuple[Row, ...]:
        """Resources with their data (RFC 4791, 7.9); one that is missing may have a row that says so, or none."""
        hrefs = "".join(f"<D:href>{escape(quoted(p))}</D:href>" for p in paths)
        body = _document("C:calendar-multiget", f"{_prop(['D:getetag', 'C:calendar-data'])}{hrefs}")
        return tuple(_rows(self._client.report(quoted(path), body, None).tree))

    # -- single resources ---------------------------------------------------------------------------------------------

    def get(self, path: str) -> Answer:
        """A resource; any status."""
        headers = {"Accept": "text/calendar", "Accept-Encoding": "identity"}  # a proxy that packs renames versions
        return self.web.ask("GET", quoted(path), headers=headers)

    def put(self, path: str, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """Write a resource on a condition; any status."""
        kind = {"Content-Type": "text/calendar; charset=utf-8"}
        return self.web.ask("PUT", quoted(path), payload, kind | dict(headers))

    def delete(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Remove a resource on a condition; any status."""
        return self.web.ask("DELETE", quoted(path), headers=headers)


def quoted(path: str) -> str:
    """A path of `path_of` as it stands in a request."""
    return quote(path, safe="/@:!$&'()*+,;=~-._%")


def path_of(href: str) -> str:
    """The path of an address that a server gave, whole or not, decoded: however it is spelled, it is the same.

    All but `%2F`, which parts no two names (RFC 3986, 2.2), and `%25`, without which that could not be told.
    """
    try:
        path = urlsplit(href).path if "://" in href else href
    except ValueError:
        raise UnreadableError(f"the server names something that is not an address: {href[:100]!r}") from None
    if "%" not in path:
        return path
    return "%2F".join(unquote(part).replace("%", "%25") for part in re.split("%2[Ff]", path))


def _document(root: str, content: str) -> str:
    return f"{_HEAD.format(root=root)}{content}</{root}>"


def _prop(names: Iterable[str]) -> str:
    return f"<D:prop>{''.join(f'<{n}/>' for n in names)}</D:prop>"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _rows(tree: Any) -> Iterator[Row]:  # noqa: ANN401  an element of lxml
    for response in tree.iterchildren(_RESPONSE):
        hrefs, status = [], 200
        props: dict[str, Any] = {}
        for child in response:
            tag = child.tag
            if tag == _PROPSTAT:
                props.update(_found(child))
            elif tag == _HREF:
                hrefs.append((child.text or "").strip())
            elif tag == _STATUS:
                status = _code(child.text)
        for href in hrefs:
            if href:
                yield Row(path_of(href), status, props)


def _found(propstat: Any) -> dict[str, Any]:  # noqa: ANN401  an element of lxml
    """The properties of a propstat, by tag; none where its status says that they were not found."""
    found: dict[str, Any] = {}
    status = 200
    for part in propstat:
        if part.tag == _PROP:
            for prop in part:
                found[prop.tag] = prop
        elif part.tag == _STATUS:
            status = _code(part.text)
    return found if status == 200 else {}


@lru_cache(maxsize=64)
def _code(status: str | None) -> int:
    parts = (status or "").split()
    return int(parts[1]) if len(parts) > 1 and re.fullmatch("[0-9]{3}", parts[1]) else 200


# -- failures ---------------------------------------------------------------------------------------------------------


class TokenError(UnbusyError):
    """The server does not know our sync token any more, or has no such report."""


def conditions(answer: Answer) -> frozenset[str]:
    """The preconditions that an answer names (RFC 4918, 16), of those that are known: 'valid-sync-token'.

    What else stands there is none: sabre/dav names its exceptions, DAViCal the header that was not met.
    """
    named, inside = set(), False
    for end, name in _TAG.findall(answer.body[:REASONS]):
        if name == b"error":
            inside = not end
        elif inside:
            named.add(name.decode())
    return _KNOWN & named


_TOKEN = frozenset({"valid-sync-token", "supported-report", "number-of-matches-within-limits"})
_ROOM = frozenset({"quota-not-exceeded", "sufficient-disk-space"})
_CONTENT = frozenset(
    {"max-resource-size", "valid-calendar-data", "valid-calendar-object-resource", "supported-calendar-data",
     "supported-calendar-component", "min-date-time", "max-date-time", "max-instances",
     "max-attendees-per-instance"}
)  # fmt: skip
UID_TAKEN = frozenset({"no-uid-conflict", "unique-scheduling-object-resource"})
_KNOWN = _TOKEN | _ROOM | _CONTENT | UID_TAKEN | {"need-privileges"}


def failed(answer: Answer, what: str) -> UnbusyError:
    """An answer that is no success as one of the kinds that a cycle knows; `what` begins the sentence."""
    named, status = conditions(answer), answer.status
    said = f"{what}: the server answered {status}" + (f" ({', '.join(sorted(named))})" if named else "")
    if named & _TOKEN:
        return TokenError(said)
    if named & _ROOM or status == 507:
        return QuotaError(said, "make room on the server")
    if named & _CONTENT:
        return UnbusyError(said)
    if status == 403 and named <= {"need-privileges"}:
        return RefusedError(said, "ask for the right to do so, or correct `read` and `write` of this account")
    if status in (408, 423, 425) or status >= 500:
        return TemporaryError(said)
    return UnreadableError(said, "correct the address of this account, or bring the calendar back")


def _where(answer: Answer) -> str:
    return f"{redacted(answer.url)}, {urlsplit(answer.url).path}"


def _client(web: Web) -> Any:  # noqa: ANN401  a class of the library
    from caldav.davclient import DAVClient
    from caldav.response import DAVResponse
    from lxml.etree import LxmlError

    class Client(DAVClient):
        """The library's client; each of its requests goes through `Web`."""

        def request(
            self, url: str, method: str = "GET", body: str = "", headers: Mapping[str, str] | None = None,
            rate_limit_time_slept: int = 0,
        ) -> DAVResponse:  # fmt: skip
            del rate_limit_time_slept
            kind = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml, text/xml"}
            answer = web.ask(method, str(url), body.encode(), kind | dict(headers or {}))
            if answer.status in (405, 501) and method == "REPORT":
                raise TokenError(f"{method} is not supported")
            if answer.status not in (200, 207):
                raise failed(answer, _where(answer))
            try:
                response = DAVResponse(_Plain(answer, xml(answer)), self)
            except LxmlError as error:
                raise UnreadableError(f"{_where(answer)}: the answer is not XML") from error
            if response.tree is None or response.tree.tag != f"{D}multistatus":
                raise UnreadableError(f"{_where(answer)}: the answer is not a list of resources")
            return response

    logging.getLogger("caldav.response").setLevel(logging.WARNING)  # or it writes each answer out for its debug log
    client = Client(url=web.base, enable_rfc6764=False)
    client.session.close()
    return client


class _Plain:
    """What the library's response is made from."""

    def __init__(self, answer: Answer, content: bytes) -> None:
        self.status_code, self.content, self.reason = answer.status, content, ""
        self.headers = {"Content-Type": "application/xml", "Content-Length": str(len(content))}
