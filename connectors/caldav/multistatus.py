"""A multistatus (RFC 4918, 13) row by row: no answer becomes a tree, however large or deep it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from daemon.model.errors import UnreadableError

D, C = "DAV:}", "urn:ietf:params:xml:ns:caldav}"
CS = "http://calendarserver.org/ns/}"
"""Namespaces, as the parser writes them before a name."""

LONGEST = 2**20
"""Characters of one property that are kept, and a few more: what is longer is too long for whoever asked."""

ELEMENTS = 10_000
"""Elements in one response."""

NAMES = 1_000
"""Names of elements, attributes and namespaces in one answer; the parser keeps each."""

DEEPEST = 64
"""Levels of elements."""

ROWS = 200_000
"""Addresses in one answer."""

_CHUNK = 2**16
_PIECE = 2**18
"""Bytes of a tag, a comment or whatever else comes as one piece."""

_ROOT, _RESPONSE, _PROPSTAT, _PROP = (f"{D}{name}" for name in ("multistatus", "response", "propstat", "prop"))
_HREF, _STATUS, _SYNC_TOKEN = (f"{D}{name}" for name in ("href", "status", "sync-token"))


class Prop(NamedTuple):
    """What is in a property: its text, and of all elements in it their tags, their names, and where they are hrefs."""

    text: str
    tags: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    hrefs: tuple[str, ...] = ()


class Row(NamedTuple):
    """One response: its path, as `path_of`; its status; those of its properties that were asked for and found."""

    path: str
    status: int
    props: Mapping[str, Prop]

    def text(self, tag: str) -> str:
        """The text of a property, '' where there is none."""
        found = self.props.get(tag)
        return found.text.strip() if found else ""

    def hrefs(self, tag: str) -> tuple[str, ...]:
        """The addresses in a property, as the server wrote them."""
        found = self.props.get(tag)
        return found.hrefs if found else ()

    def tags(self, tag: str) -> frozenset[str]:
        """The tags of everything in a property."""
        found = self.props.get(tag)
        return frozenset(found.tags) if found else frozenset()

    @property
    def etag(self) -> str:
        """The version, as the server wrote it."""
        return self.text(f"{D}getetag")

    @property
    def data(self) -> bytes | None:
        """The calendar data, None where it was not given; with the line ends that XML has taken (RFC 5545, 3.1)."""
        found = self.props.get(f"{C}calendar-data")
        if not found or not found.text:
            return None
        data = found.text.encode()
        return (data.replace(b"\r\n", b"\n") if b"\r" in data else data).replace(b"\n", b"\r\n")


class Multistatus:
    """The rows of an answer, to be gone through once; `sync_token` is known after that.

    `wanted`: the properties that are kept, as 'DAV:}getetag'.  Going through it raises UnreadableError for what is no
    multistatus, or is built to be a burden; `where` begins the sentence.
    """

    def __init__(self, body: bytes, wanted: frozenset[str], where: str) -> None:
        self.sync_token = ""
        self._body = body
        self._where = where
        self._wanted = wanted
        self._depth = self._count = self._elements = 0
        self._names: set[str] = set()
        self._rows: list[Row] = []
        self._text: list[str] = []
        self._length = 0
        self._response = False
        self._outer = self._inner = ""
        self._begin_response()
        self._begin_propstat()
        self._begin_prop("")

    def __iter__(self) -> Iterator[Row]:
        """Each as soon as it has come to its end."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.StartNamespaceDeclHandler = self._namespace
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        body, self._body = self._body, b""
        for at in range(0, len(body) + 1, _CHUNK):
            try:
                parser.Parse(body[at : at + _CHUNK], at + _CHUNK > len(body))
            except expat.ExpatError as error:
                raise UnreadableError(f"{self._where}: the answer is not XML") from error
            if at - parser.CurrentByteIndex > _PIECE:
                raise UnreadableError(f"{self._where}: the answer has a tag of more than {_PIECE // 1024} KiB")
            rows, self._rows = self._rows, []
            yield from rows

    # -- what the parser meets ----------------------------------------------------------------------------------------

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._text = []
        self._length = 0
        depth = self._depth
        self._elements = self._elements + 1 if depth > 2 else 0
        if depth > DEEPEST or self._elements > ELEMENTS:
            raise UnreadableError(
                f"{self._where}: the answer has a row of over {ELEMENTS} elements, or {DEEPEST} levels"
            )
        if tag not in self._names or attributes:
            self._met(tag, *attributes)
        if depth == 5:
            self._begin_prop(tag)
        elif depth > 5:
            self._nested(tag, attributes)
        elif depth == 4:
            self._inner = tag
        elif depth == 3:
            self._outer = tag
            if tag == _PROPSTAT:
                self._begin_propstat()
        elif depth == 2:
            self._response = tag == _RESPONSE
            self._outer = tag
            self._begin_response()
        elif tag != _ROOT:
            raise UnreadableError(f"{self._where}: the answer is not a list of resources")

    def _met(self, *names: str) -> None:
        self._names.update(names)
        if len(self._names) > NAMES:
            raise UnreadableError(f"{self._where}: the answer has over {NAMES} names of elements and attributes")

    def _namespace(self, prefix: str | None, _uri: str) -> None:
        self._met(f"xmlns:{prefix}")

    def _characters(self, text: str) -> None:
        if self._length <= LONGEST:
            self._text.append(text)
            self._length += len(text)

    def _end(self, _name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == 2:
            self._end_response()
        elif not self._response:
            return
        elif depth >= 5:
            self._end_in_prop(depth)
        elif depth == 4:
            if self._outer == _PROPSTAT and self._inner == _STATUS:
                self._found_status = _code("".join(self._text))
        elif depth == 3:
            self._end_in_response()

    # -- a response ---------------------------------------------------------------------------------------------------

    def _begin_response(self) -> None:
        self._hrefs: list[str] = []
        self._status = 200
        self._props: dict[str, Prop] = {}

    def _end_in_response(self) -> None:
        if self._outer == _PROPSTAT:
            if self._found_status == 200:
                self._props.update(self._found)
        elif self._outer == _HREF:
            self._count += 1
            if self._count > ROWS:
                raise UnreadableError(f"{self._where}: the answer lists over {ROWS} resources")
            self._hrefs.append("".join(self._text).strip())
        elif self._outer == _STATUS:
            self._status = _code("".join(self._text))

    def _end_response(self) -> None:
        if self._response:
            self._rows += [Row(path_of(href), self._status, self._props) for href in self._hrefs if href]
        elif self._outer == _SYNC_TOKEN:
            self.sync_token = "".join(self._text).strip()
        self._response = False

    # -- its properties -----------------------------------------------------------------------------------------------

    def _begin_propstat(self) -> None:
        self._found: dict[str, Prop] = {}
        self._found_status = 200

    def _begin_prop(self, tag: str) -> None:
        self._prop = tag if tag in self._wanted and self._outer == _PROPSTAT and self._inner == _PROP else ""
        self._tags: list[str] = []
        self._named: list[str] = []
        self._inner_hrefs: list[str] = []

    def _nested(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._prop:
            self._tags.append(tag)
            if "name" in attributes:
                self._named.append(attributes["name"])

    def _end_in_prop(self, depth: int) -> None:
        if not self._prop:
            return
        text = "".join(self._text)
        if depth == 5:
            nested = tuple(self._tags), tuple(self._named), tuple(self._inner_hrefs)
            self._found[self._prop] = Prop("" if self._tags else text, *nested)
        elif self._tags[-1] == _HREF and text.strip():
            self._inner_hrefs.append(text.strip())
        self._text = []


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


@lru_cache(maxsize=64)
def _code(status: str) -> int:
    """The number in a status line, 200 where there is none."""
    parts = status.split()
    return int(parts[1]) if len(parts) > 1 and re.fullmatch("[0-9]{3}", parts[1]) else 200
