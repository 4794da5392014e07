"""One or two properties of somebody's own resource are changed, and every other byte of it stays.

The only two writes to what is not ours: the answer under a command of the user's, and the user's reply to an
invitation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from connectors.rfc5545.colons import parted
from connectors.rfc5545.lines import escaped
from daemon.model.errors import UnbusyError
from daemon.model.event import PartStat

COMMAND = "unbusy:"
"""How the title of a command begins, in any case."""

_LINE = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\r|\Z)")
_FOLD = re.compile(rb"\r?\n[ \t]")
_PARTSTAT = re.compile(r';PARTSTAT=("[^"]*"|[^;:"]*)', re.IGNORECASE)
_ADDRESS = re.compile(r'(?:^|;)EMAIL="?([^;:"]+)', re.IGNORECASE)
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


def responded(payload: bytes, me: frozenset[str], answer: PartStat) -> bytes:
    """An invitation with `answer` on the attendee lines of these addresses; UnbusyError where there is none."""
    lines = _lines(payload)
    if any(n.name == "ORGANIZER" and _address(n) in me for n in lines):
        raise UnbusyError("you are the organizer of this event; it was left as it is")
    mine = [n for n in lines if n.event >= 0 and n.name == "ATTENDEE" and _address(n) in me]
    if not mine:
        raise UnbusyError("you are not among the attendees of this event; it was left as it is")
    return _edited(payload, [(n.begin, n.end, _replied(n, answer)) for n in mine])


def _replied(line: _Line, answer: PartStat) -> str:
    params = f";{line.params}" if line.params else ""
    said = f";PARTSTAT={answer}"
    new = _PARTSTAT.sub(said, params, count=1) if _PARTSTAT.search(params) else said + params
    return f"ATTENDEE{new}:{line.value}"


def _address(line: _Line) -> str:
    value = line.value.strip().lower()
    given = _ADDRESS.search(line.params)
    return value.removeprefix("mailto:") if value.startswith("mailto:") else given[1].lower() if given else ""


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
