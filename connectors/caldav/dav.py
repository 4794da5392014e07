"""WebDAV and CalDAV requests as plain data: rows of a multistatus, and failures by what they say, not by status alone.

A row that a server could not give costs no other, and rows come one by one, so that a large answer is held only once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from connectors.caldav.multistatus import CS, C, D, Multistatus, Row
from connectors.http.addresses import redacted
from connectors.http.web import Answer, Web, xml
from daemon.model.errors import QuotaError, RefusedError, TemporaryError, UnbusyError, UnreadableError

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><{root} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:CS="http://calendarserver.org/ns/">'
)
MULTIGET = 100
"""The most resources that are asked for at once."""

REASONS = 2**16
"""Bytes of a refusal that are looked at for its reasons."""

_TAG = re.compile(rb"<(/?)(?:[A-Za-z0-9_-]+:)?([a-z][a-z-]*)[\s/>]")


ANSWERED = 10_000
"""Rows of an answer that is held as a whole; of those that come one by one more may."""

_NAMESPACES = {"D": D, "C": C, "CS": CS}


class Synced:
    """What a sync-collection report gave (RFC 6578): its rows, to be gone through once.

    After that, `token` is for the next one, and `whole` is False when the server has cut this one off.
    """

    def __init__(self, answer: Multistatus) -> None:
        self._answer = answer
        self.whole = True

    def __iter__(self) -> Iterator[Row]:
        """All but the word that there is more."""
        for row in self._answer:
            if row.status == 507:
                self.whole = False
            else:
                yield row

    @property
    def token(self) -> str:
        """'' where there is none."""
        return self._answer.sync_token


class Dav:
    """One account's requests."""

    def __init__(self, web: Web) -> None:
        self.web = web

    # -- reports ------------------------------------------------------------------------------------------------------

    def propfind(self, url: str, props: Iterable[str], depth: int) -> tuple[Row, ...]:
        """The named properties ('D:getetag') of a resource, or with `depth` 1 also of those in it, if they are few."""
        rows = tuple(islice(self.listed(url, props, depth), ANSWERED + 1))
        if len(rows) > ANSWERED:
            raise UnreadableError(f"{redacted(url)} lists over {ANSWERED} resources", "name a smaller collection")
        return rows

    def listed(self, url: str, props: Iterable[str], depth: int = 1) -> Iterator[Row]:
        """The same, of however many, one by one."""
        props = list(props)
        return iter(self._asked(url, "PROPFIND", _document("D:propfind", _prop(props)), depth, props))

    def sync(self, path: str, token: str) -> Synced:
        """What changed since the token; with '' everything.  `TokenError` when the server does not know the token."""
        body = _document(
            "D:sync-collection",
            f"<D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>{_prop(['D:getetag'])}",
        )
        return Synced(self._asked(quoted(path), "REPORT", body, 0, ["D:getetag"]))

    def between(self, path: str, start: datetime, end: datetime) -> Iterator[Row]:
        """The events that the server takes to touch a span (RFC 4791, 7.8), without data: a hint, never exact."""
        times = f'<C:time-range start="{_utc(start)}" end="{_utc(end)}"/>'
        body = _document(
            "C:calendar-query",
            f"{_prop(['D:getetag'])}<C:filter><C:comp-filter name='VCALENDAR'>"
            f"<C:comp-filter name='VEVENT'>{times}</C:comp-filter></C:comp-filter></C:filter>",
        )
        return iter(self._asked(quoted(path), "REPORT", body, 1, ["D:getetag"]))

    def multiget(self, path: str, paths: Iterable[str]) -> Iterator[Row]:
        """Resources with their data (RFC 4791, 7.9); one that is missing may have a row that says so, or none."""
        props = ["D:getetag", "C:calendar-data"]
        hrefs = "".join(f"<D:href>{escape(quoted(p))}</D:href>" for p in paths)
        body = _document("C:calendar-multiget", f"{_prop(props)}{hrefs}")
        return iter(self._asked(quoted(path), "REPORT", body, None, props))

    def _asked(self, url: str, method: str, body: str, depth: int | None, props: Iterable[str]) -> Multistatus:
        """The answer to a PROPFIND or a REPORT, of which these properties are kept."""
        kind = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml, text/xml"}
        headers = kind if depth is None else kind | {"Depth": str(depth)}
        answer = self.web.ask(method, url, body.encode(), headers)
        if answer.status in (405, 501) and method == "REPORT":
            raise TokenError(f"{method} is not supported")
        if answer.status not in (200, 207):
            raise failed(answer, _where(answer))
        return Multistatus(xml(answer), frozenset(map(_tag, props)), _where(answer))

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


def _document(root: str, content: str) -> str:
    return f"{_HEAD.format(root=root)}{content}</{root}>"


def _prop(names: Iterable[str]) -> str:
    return f"<D:prop>{''.join(f'<{n}/>' for n in names)}</D:prop>"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _tag(name: str) -> str:
    """'D:getetag' as the parser writes it."""
    prefix, _, local = name.partition(":")
    return f"{_NAMESPACES[prefix]}{local}"


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
