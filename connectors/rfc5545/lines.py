"""From the bytes of an iCalendar stream to its components, touching no more of them than is asked for.

Events are cut out of the stream as raw bytes, because most of them are never looked at; the little that remains
(calendar properties, time zones) is parsed at once.  Whatever breaks the grammar (RFC 5545, 3.1, 3.4 and 3.6) costs
at most the component that it stands in: names in any case, missing ENDs, bare line feeds, folds inside a character.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from mmap import mmap
from typing import NamedTuple

from msgspec import Struct, field

Stream = bytes | mmap
"""What `read` takes: the bytes of a resource, or a large file that is mapped rather than loaded."""

_BEGIN, _END = b"BEGIN:VEVENT", b"\nEND:VEVENT"
_DEPTH = 20
_BRACKETS = ("BEGIN", "END")
_ALIKE = 4096
"""Bytes of what may stand around the events of more than one resource alike."""
_PLAIN = re.compile(
    r'^([A-Z0-9-]++)(?:;((?:[^":\n]++|"[^"\n]*")*+):(?!(?!mailto:|MAILTO:|<)[^:\n]*+:)|:(?!TZID=|VALUE=))'
    r"(.*)$",
    re.MULTILINE,
)
"""A content line of which no parameter can hold the colon (see `colons.parted`)."""
_QUOTED_HEAD = re.compile(r'((?:[^":]++|"[^"]*")*+):(.*)', re.DOTALL)
_PARAM = re.compile(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^;]*))')
_MORE = re.compile(r'[;"^]')
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n^'])")
_SOFT_BREAKS = re.compile(r"QUOTED-PRINTABLE[^\n]*?=\n(?:[^\n]*=\n)*", re.IGNORECASE)


class Line(NamedTuple):
    """A content line: its parameters as written, its value with nothing unescaped."""

    params: str
    value: str

    def parameters(self) -> dict[str, str]:
        """The (first) values of its parameters without quotes, by upper-case name (RFC 5545, 3.2; RFC 6868)."""
        if not self.params:
            return {}
        found = {name.upper(): quoted or plain.strip() for name, quoted, plain in reversed(_PARAM.findall(self.params))}
        return {n: _CARET.sub(_uncaret, v) for n, v in found.items()} if "^" in self.params else found

    def param(self, name: str) -> str:
        """One of them, '' where it is missing."""
        head, _, value = self.params.partition("=")
        if head.upper() == name and not _MORE.search(value):
            return value.strip()
        return self.parameters().get(name, "") if name in self.params.upper() else ""

    def text(self) -> str:
        """The value as text, unescaped (RFC 5545, 3.3.11); quoted-printable is undone for vCalendar 1.0."""
        value = self.value
        if "QUOTED-PRINTABLE" in self.params.upper():
            raw = a2b_qp(value.encode("utf-8", "replace"))
            return decoded(raw).replace("\r\n", "\n")
        return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value) if "\\" in value else value


def _uncaret(found: re.Match[str]) -> str:
    return {"n": "\n", "'": '"'}.get(found[1], "^")


class Component(Struct):
    """A component: its content lines by upper-case name, the components in it, and whether its END was met."""

    name: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)
    closed: bool = False

    def first(self, name: str) -> Line | None:
        """The first line of a name."""
        found = self.lines.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        """The value of the first line of a name, '' where there is none."""
        found = self.lines.get(name)
        return found[0].value.strip() if found else ""

    def text(self, name: str) -> str:
        """The same, unescaped."""
        found = self.lines.get(name)
        return found[0].text() if found else ""


class Calendar(Struct):
    """A VCALENDAR (or what stands outside any): its own lines and parts, and where in the stream its events stand."""

    frame: Component
    events: list[tuple[int, int]] = field(default_factory=list)
    outer: Component | None = None

    @property
    def nested(self) -> bool:
        """Whether it stands inside another one, where none may stand (3.4)."""
        return self.outer is not None and self.outer.closed


def calendars(stream: Stream) -> list[Calendar]:
    """Every VCALENDAR of a normal stream, in order; first what stands outside any, if there is something.

    Well-formed events are given by their place; others are parts of the frame, with all else.
    """
    tree, at, end = _Tree(), 0, 0
    begin = _line_start(stream, 0)
    while begin >= 0:
        tree.feed(_around(stream[at:begin]))
        following = _line_start(stream, begin + len(_BEGIN))
        if 0 <= end < begin:
            end = stream.find(_END, begin)
        if end < 0 or 0 <= following < end:
            at = following if following > 0 else len(stream)
            tree.feed(_content_lines(stream[begin:at]))
        else:
            at = stream.find(b"\n", end + len(_END)) + 1 or len(stream)
            if stream[begin:at].lower().count(b":vevent") == 2:
                tree.calendar.events.append((begin, at))
            else:
                tree.feed(_content_lines(stream[begin:at]))
        begin = following
    tree.feed(_around(stream[at:]))
    return [c for c in tree.calendars if c.events or c.frame.parts or c.frame.lines or c.frame.name]


def components(piece: bytes) -> list[Component]:
    """The components of a piece of a stream: one VEVENT, where `calendars` cut it out of a sane one."""
    tree = _Tree()
    tree.feed(_content_lines(piece))
    return [p for c in tree.calendars for p in c.frame.parts]


def normal(payload: Stream) -> Stream:
    """Without a byte order mark, in an encoding that ASCII is part of, with line feeds between the lines."""
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        payload = payload[:].decode("utf-16", "replace").encode()
    if payload[:3] == b"\xef\xbb\xbf":
        payload = payload[3:]
    return payload if payload.find(b"\n") >= 0 else payload[:].replace(b"\r", b"\n")


def decoded(raw: bytes) -> str:
    """UTF-8; what is not UTF-8 is most often Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _line_start(data: Stream, at: int) -> int:
    """Where the next BEGIN:VEVENT begins a line, -1 where none does."""
    at = data.find(_BEGIN, at)
    while at > 0 and data[at - 1 : at] != b"\n":
        at = data.find(_BEGIN, at + 1)
    return at


class _Tree:
    """Builds components from content lines; what is open stays open between two pieces of one stream."""

    def __init__(self) -> None:
        self.outside = Calendar(Component(""))
        self.calendars = [self.outside]
        self.frames: list[Calendar] = []
        self.open: list[Component] = []

    @property
    def calendar(self) -> Calendar:
        """The calendar that is open, or the outside."""
        return self.frames[-1] if self.frames else self.outside

    def feed(self, content: Iterable[tuple[str, Line]]) -> None:
        """Take content lines, each with its name."""
        owner = (self.open[-1] if self.open else self.outside.frame).lines
        for name, line in content:
            if name in _BRACKETS:
                (self._begin if name == "BEGIN" else self._end)(line.value.upper())
                owner = (self.open[-1] if self.open else self.outside.frame).lines
            elif name in owner:
                owner[name].append(line)
            else:
                owner[name] = [line]

    def _begin(self, name: str) -> None:
        part = Component(name)
        if name == "VCALENDAR":
            self.frames = [*self.frames[-1:], Calendar(part, outer=self.frames[-1].frame if self.frames else None)]
            self.calendars.append(self.frames[-1])
            self.open = [c.frame for c in self.frames]
            return
        if name == "VEVENT":
            self.open = [c.frame for c in self.frames]
        if len(self.open) < _DEPTH:
            (self.open[-1] if self.open else self.outside.frame).parts.append(part)
            self.open.append(part)

    def _end(self, name: str) -> None:
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth].name == name:
                self.open[depth].closed = True
                del self.open[depth:]
                self.frames = self.frames[: min(depth, len(self.frames))]
                return


def _content_lines(piece: bytes) -> list[tuple[str, Line]]:
    """The content lines, folded or not, each with its upper-case name; what is none is left out."""
    found: list[tuple[str, Line]] = []
    if not piece:
        return found
    text = _unfolded(piece)
    plain = _PLAIN.findall(text)
    if len(plain) == text.count("\n") + (text[-1:] != "\n"):  # as almost everywhere
        return [(name, Line(params, value)) for name, params, value in plain]
    from connectors.rfc5545.colons import parted  # its expressions are compiled where they are needed

    for line in text.split("\n"):
        head, colon, value = line.partition(":")
        if '"' in head and (quoted := _QUOTED_HEAD.match(line)):
            head, value = quoted.groups()
        name, _, params = head.partition(";")
        if colon and (name := name.strip().upper()):
            found.append((name, Line(*parted(name, params, value)) if ":" in value else Line(params, value)))
    return found


def _around(piece: bytes) -> Sequence[tuple[str, Line]]:
    """The content lines that stand around events: the resources of one calendar have them in common."""
    return _remembered(piece) if len(piece) <= _ALIKE else _content_lines(piece)


@lru_cache(maxsize=64)
def _remembered(piece: bytes) -> Sequence[tuple[str, Line]]:
    return _content_lines(piece)


def _unfolded(piece: bytes) -> str:
    """The content lines as text; folds go before decoding, for they may stand inside a character (RFC 5545, 3.1)."""
    if b"\r\n" in piece:
        piece = piece.replace(b"\r\n", b"\n")
    if b"\r" in piece:
        piece = piece.replace(b"\r", b"")
    piece = piece.replace(b"\n ", b"").replace(b"\n\t", b"")
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        text = "\n".join(map(decoded, piece.split(b"\n")))
    if "=\n" in text and "QUOTED-PRINTABLE" in text.upper():
        text = _SOFT_BREAKS.sub(lambda m: m[0].replace("=\n", ""), text)
    return text


def flat(component: Component) -> Iterator[str]:
    """A component as unfolded content lines."""
    yield f"BEGIN:{component.name}"
    for name, lines in component.lines.items():
        yield from (f"{name};{line.params}:{line.value}" if line.params else f"{name}:{line.value}" for line in lines)
    for part in component.parts:
        yield from flat(part)
    yield f"END:{component.name}"


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); control characters, which it cannot hold, are left out."""
    lines = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", lines).replace("\n", r"\n")
