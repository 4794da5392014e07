"""One or two properties of somebody's own resource are changed, and every other byte of it stays.

The only two writes to what is not ours: the answer under a command of the user's, and the user's reply to an
invitation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from connectors.rfc5545.colons import parted
from connectors.rfc5545.lines import Line, escaped
from connectors.rfc5545.properties import address_of
from daemon.model.errors import UnbusyError
from daemon.model.event import EventRef, PartStat

COMMAND = "unbusy:"
"""How the title of a command begins, in any case."""

_LINE = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\r|\Z)")
_FOLD = re.compile(rb"\r?\n[ \t]")
_PART = re.compile(r'(?:[^;"]|"[^"]*"?)+')
"""A parameter as it is written."""
_WIDTH = 75
_WAS = "X-WAS"
"""A parameter of the CLASS that an answer has brought: what it was before, `NONE` for none."""


class _Line(Struct, frozen=True):
    """A content line: where it stands in the bytes, the event that it is in (-1: none), its name, parameters, value."""

    begin: int
    end: int
    event: int
    name: str
    params: str
    value: str


_Edit = tuple[int, int, str | None]
"""Where a line begins and ends in the bytes, and what stands there instead."""


def annotated(payload: bytes, text: str, *, private: bool = True) -> bytes:
    """A command with `text` as its description; UnbusyError for what is no command of the user's alone.

    `text` is escaped as it has to be (RFC 5545, 3.3.11).  A series has it in its master.  `private`: it becomes so;
    else it is again what it was before that.
    """
    lines = _lines(payload)
    masters = {n.event for n in lines if n.event >= 0} - {n.event for n in lines if n.name == "RECURRENCE-ID"}
    mine = [n for n in lines if n.event in masters]
    titles = [n.value for n in mine if n.name == "SUMMARY"]
    if len(masters) != 1 or len(titles) != 1 or not titles[0].strip().lower().startswith(COMMAND):
        raise UnbusyError("this is not a command to unbusy; it was left as it is")
    if any(n.name == "ATTENDEE" for n in lines):
        raise UnbusyError("this command has attendees; it was left as it is")
    edits = _set(mine, "DESCRIPTION", f"DESCRIPTION:{escaped(text)}")
    said = next((n for n in mine if n.name == "CLASS"), None)
    if private and (said is None or said.value.strip().upper() == "PUBLIC"):
        edits += _set(mine, "CLASS", f"CLASS;{_WAS}={'NONE' if said is None else 'PUBLIC'}:PRIVATE")
    elif not private and said and (was := said.params.upper().removeprefix(f"{_WAS}=")) in ("NONE", "PUBLIC"):
        edits += _set(mine, "CLASS", None if was == "NONE" else f"CLASS:{was}")
    return _edited(payload, edits)


def _set(lines: list[_Line], name: str, content: str | None) -> list[_Edit]:
    """What puts a line in place of all of that name, at the end of the event where there is none."""
    old = [n for n in lines if n.name == name]
    end = next((n for n in lines if n.name == "END"), None)
    if end is None:
        raise UnbusyError("this event is cut off; it was left as it is")
    return [(n.begin, n.end, content if n is old[0] else None) for n in old] or [(end.begin, end.begin, content)]


def responded(payload: bytes, invitation: EventRef, me: frozenset[str], answer: PartStat) -> bytes:
    """An invitation with `answer` on those attendee lines of these addresses that have none; else UnbusyError.

    See `Writer.respond`: of a series it is said in its master, and the instances that were changed stay as they are.
    """
    lines = _lines(payload)
    if any(method not in ("", "REQUEST") for method in _methods(lines)):
        raise UnbusyError("this is a message about an event, and not an invitation; it was left as it is")
    event = _asked(lines, invitation)
    if any(n.name == "ORGANIZER" and _address(n) in me for n in event):
        raise UnbusyError("you are the organizer of this event; it was left as it is")
    mine = [n for n in event if n.name == "ATTENDEE" and _address(n) in me]
    if not mine:
        raise UnbusyError("you are not among the attendees of this event; it was left as it is")
    if not all(_partstat(n) in ("", PartStat.NEEDS_ACTION) for n in mine):
        raise UnbusyError("this invitation has your answer already; it was left as it is")
    pieces, at = [], 0
    for line in mine:
        pieces += [payload[at : line.begin], _replied(payload[line.begin : line.end], line, answer)]
        at = line.end
    return b"".join([*pieces, payload[at:]])


def _methods(lines: list[_Line]) -> Iterator[str]:
    return (n.value.strip().upper() for n in lines if n.event < 0 and n.name == "METHOD")


def _asked(lines: list[_Line], invitation: EventRef) -> list[_Line]:
    """The lines of the one event that is meant, in order."""
    events: dict[int, list[_Line]] = {}
    for line in lines:
        if line.event >= 0:
            events.setdefault(line.event, []).append(line)
    same = [e for e in events.values() if [_text(n) for n in e if n.name == "UID"] == [invitation.uid]]
    masters = [e for e in same if not any(n.name == "RECURRENCE-ID" for n in e)]
    meant = same if invitation.recurrence_id and not masters else masters * (not invitation.recurrence_id)
    if len(meant) != 1:
        raise UnbusyError("it is not clear which event of this is meant; it was left as it is")
    if meant[0][-1].name != "END":
        raise UnbusyError("this event is cut off; it was left as it is")
    return meant[0]


def _text(line: _Line) -> str:
    return Line(line.params, line.value).text()


def _partstat(line: _Line) -> str:
    return Line(line.params, line.value).param("PARTSTAT").strip().upper()


def _replied(raw: bytes, line: _Line, answer: PartStat) -> bytes:
    """The same line with another PARTSTAT, and every other byte of it; what stands in quotation marks is none."""
    part = next((p for p in _PART.finditer(line.params) if p[0].partition("=")[0].strip().upper() == "PARTSTAT"), None)
    if part is None:
        name, newline = len(line.name), b"\r\n" if b"\r\n" in raw else b"\n"
        return b"".join([raw[:name], f";PARTSTAT={answer}".encode(), newline, b" ", raw[name:]])
    value = line.params.index("=", part.start()) + 1
    begin, end = (len(f"{line.name};{line.params[:at]}".encode()) for at in (value, part.end()))
    where = _unfolded(raw)
    new = raw[: where[begin]] + answer.encode() + raw[where[end] :]
    if Line(line.params[:value] + answer + line.params[part.end() :], "").param("PARTSTAT") != answer:
        raise UnbusyError("your line in this event cannot be read for sure; it was left as it is")
    return new


def _unfolded(raw: bytes) -> list[int]:
    """Where each octet of a line stands in it, but for its folds."""
    folds = {at for found in _FOLD.finditer(raw) for at in range(*found.span())}
    return [at for at in range(len(raw)) if at not in folds]


def _address(line: _Line) -> str:
    return address_of(Line(line.params, line.value))


def _lines(payload: bytes) -> list[_Line]:
    """The lines of the calendar's events themselves, without those of alarms; UnbusyError for what is not in UTF-8."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise UnbusyError("this event is not in UTF-8; it was left as it is") from None
    return list(_walk(payload))


def _walk(payload: bytes) -> Iterator[_Line]:
    inside: list[str] = []
    event = -1
    for found in _LINE.finditer(payload):
        text = _FOLD.sub(b"", found[0]).decode("utf-8", "replace").rstrip("\r\n")
        name, params, value = _parted(text.removeprefix("\ufeff"))
        if name == "BEGIN":
            inside.append(value.strip().upper())
            event += inside == ["VCALENDAR", "VEVENT"]
        here = inside == ["VCALENDAR", "VEVENT"]
        if name == "END" and inside:
            inside.pop()
        yield _Line(found.start(), found.end(), event if here else -1, name, params, value)


def _parted(text: str) -> tuple[str, str, str]:
    """Name, parameters and value of an unfolded line; see `colons.parted`."""
    quoted = False
    for at, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == ":" and not quoted:
            name, _, params = text[:at].partition(";")
            return name.upper(), *parted(name.upper(), params, text[at + 1 :])
    return "", "", text


def _edited(payload: bytes, edits: list[_Edit]) -> bytes:
    """The bytes with some spans replaced; line ends stay of their kind."""
    newline = b"\r\n" if b"\r\n" in payload else b"\n"
    pieces, at = [], 0
    for begin, end, line in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [payload[at:begin], _folded(line, newline) if line is not None else b""]
        at = end
    return b"".join([*pieces, payload[at:]])


def _folded(line: str, newline: bytes) -> bytes:
    """A line of at most 75 octets a piece, no character cut in two (RFC 5545, 3.1)."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > _WIDTH:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return newline.join([*pieces, piece]) + newline
