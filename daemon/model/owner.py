"""Identity and ownership: which events are ours, and which of their fields still are.

Identity is computed, never drawn: two runs that want the same event ask for the same UID, so a lost answer or
two daemons cannot make a duplicate.  Ownership is written on the event itself: the mark names the wish that the
event fulfils, and a fingerprint of each field as it was last asked for.  A field that no longer matches its
fingerprint is the user's.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from daemon.model.text import fingerprint
from daemon.model.times import TimeRange, When

MARK_LIMIT = 600
"""Most characters of a written mark; Google cuts a private extended property at 1,024."""

MOST_QUESTIONS = 5
"""So many ids of questions stand in a mark."""

UID_PREFIX = "unbusy-"

_LOCAL = "%Y%m%dT%H%M%S"
_CLOCKS = re.compile(r"[0-9]{8}T[0-9]{6}/[0-9]{8}T[0-9]{6}")
_INSTALLATION = re.compile(r"[0-9a-v]{6}")

UNDONE = "undone"
"""How the base of a field begins that `undo` has put back in a new event; no field is ever like it."""

EXTRA = f"{UNDONE}+"
"""The same of the time of one that its policy does not want: it stands beside what that asks for."""

UNKNOWN = "unknown"
"""The base of a field of which nobody knows how it was asked for: whatever stands is the user's."""


UNBUSY = "unbusy"
"""The policy of what unbusy says about itself, and of its answers."""


class Wish(NamedTuple):
    """The name of one wished event: who asks for it, and the key that it has there; as text 'focus 2026-W49/1'."""

    policy: str
    key: str

    @property
    def want(self) -> Wish:
        """The name of the want that a block fulfils: without its ordinal."""
        return Wish(self.policy, self.key.rpartition("/")[0])

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.policy} {self.key}"


class OwnState(StrEnum):
    """What one of ours is; docs/glossary.md draws how one becomes the other."""

    INTENDED = "intended"  # its first write was begun, and whether it was done is not known
    STANDING = "standing"  # it stands, and every field is as last asked for
    EDITED = "edited"  # it stands, and some field is the user's
    PINNED = "pinned"  # it stands, and its time is the user's
    BOOKED_OVER = "booked over"  # it stands, something was booked over it, and no other place is left
    UNSEEN = "unseen"  # it is there, but cannot be read now, or lies outside of the window
    SKIPPED = "skipped"  # the user turned it down: it never comes back
    TAKEN_BACK = "taken back"  # `undo` took it back: it stays away until the config changes, or it is wanted again
    SPENT = "spent"  # unbusy took it back, since it was booked over again: it never comes back, nor is its time owed
    WITHDRAWN = "withdrawn"  # unbusy took it back: it comes back in a new generation if it is wanted again


class Field(StrEnum):
    """The fields that are compared one by one; each is ours or the user's."""

    WHEN = "when"
    TITLE = "title"
    SHOW_AS = "show_as"
    REMINDER = "reminder"
    COLOUR = "colour"
    TEXT = "text"


class Subject(NamedTuple):
    """What an event is about: 'person:dana@example.com', without blanks, and how it is called, '' for just that."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands on each of our events (an X-UNBUSY property; private extended properties on Google).

    `base` holds the fingerprint of each field as last asked for.  The others have come later, and are '', 0 or () where
    they are not known: `zone` and `local`, the time of the base on the clock of that zone ('' for days, and for what
    that clock shows twice), as `local_time` gives it; `moves` and `shows`, how often unbusy itself has changed its time
    and how it is shown; `highest`, the highest ordinal of its week when it was written; `questions`, the ids of those
    that its text asks, in order; `by`, which installation wrote it; `about`, its subjects, for `#never`.
    """

    owner: str
    policy: str
    key: str
    generation: int
    base: Mapping[Field, str]
    zone: str = ""
    local: str = ""
    moves: int = 0
    shows: int = 0
    highest: int = 0
    questions: tuple[str, ...] = ()
    by: str = ""
    about: tuple[Subject, ...] = ()

    @property
    def wish(self) -> Wish:
        """The wish that the event fulfils."""
        return Wish(self.policy, self.key)

    @property
    def digits(self) -> str:
        """Our name for it in every store: see `digits`."""
        return digits(self.owner, self.policy, self.key, self.generation)

    @property
    def uid(self) -> str:
        """The only UID on which this mark is valid."""
        return UID_PREFIX + self.digits


def digits(owner: str, policy: str, key: str, generation: int) -> str:
    """32 characters [0-9a-v], a valid Google event id: base32hex (RFC 4648, 7) of SHA-256 over the parts."""
    hashed = hashlib.sha256("\0".join((owner, policy, key, str(generation))).encode()).digest()
    return base64.b32hexencode(hashed).decode().lower()[:32]


_NAME = re.compile(r"unbusy-([0-9a-v]{32})|([0-9a-v]{32})@google\.com")


def named(uid: str) -> str:
    """The digits of a UID that may be one of ours, '' for any other; Google makes the UID of an event of its id."""
    found = _NAME.fullmatch(uid)
    return found[1] or found[2] if found else ""


MARKS_DROPPED = "the marks of events get lost there: unbusy knows its events by UID and by its own ledger"
KEEP_STATE = "nothing has to be done; keep the folder `state`, since without it every field counts as yours"
"""What is said of a store that keeps nothing that it does not know, and what that means."""

Names = Mapping[str, Mark]
"""By digits: the marks of what may stand without one, as far as they are known; the base may be `UNKNOWN`."""

NOTHING_KNOWN: Mapping[Field, str] = dict.fromkeys(Field, UNKNOWN)


def write_mark(mark: Mark) -> str:
    """The mark as one line of plain ASCII that needs no escaping in iCalendar.

    ValueError where what names the event and its base are over the limit.  Of the rest, what has no room is left out:
    nobody's event goes unwritten for it.
    """
    pairs = {"owner": mark.owner, "policy": mark.policy, "key": mark.key, "generation": str(mark.generation)}
    line = _line(pairs | {f.value: mark.base[f] for f in Field if f in mark.base})
    if len(line) > MARK_LIMIT:
        raise ValueError(f"the mark of {mark.wish} takes {len(line)} characters, over {MARK_LIMIT}")
    for ways in _extras(mark):
        line = next((longer for way in ways if len(longer := f"{line}&{_line(way)}") <= MARK_LIMIT), line)
    return line


def _extras(mark: Mark) -> Iterator[Iterable[Mapping[str, str]]]:
    """What has come later, the weightiest first; each in one or more ways, of which the first that has room counts."""
    if mark.moves:
        yield [{"moves": str(mark.moves)}]
    if mark.shows:
        yield [{"shows": str(mark.shows)}]
    if mark.highest:
        yield [{"highest": str(mark.highest)}]
    if mark.by:
        yield [{"by": mark.by}]
    if mark.zone and mark.local:
        yield [{"zone": mark.zone, "local": mark.local}]
    if mark.about:
        yield ({"about": "\n".join(map(" ".join, mark.about[:n]))} for n in range(len(mark.about), 0, -1))
    most = min(len(mark.questions), MOST_QUESTIONS)
    yield ({"questions": " ".join(mark.questions[:n])} for n in range(most, 0, -1))


def _line(pairs: Mapping[str, str]) -> str:
    return urlencode(pairs, safe="/:")


def read_mark(line: str) -> Mark | None:
    """The mark that a line holds, or None: anybody may write such a property, so nothing in it is trusted."""
    if len(line) > MARK_LIMIT or not line.isascii():
        return None
    try:
        pairs = dict(parse_qsl(line.strip(), keep_blank_values=True, max_num_fields=20))
        generation = int(pairs["generation"])
        base = {f: pairs[f.value] for f in Field}
        mark = Mark(
            pairs["owner"], pairs["policy"], pairs["key"], generation, base,
            moves=_number(pairs.get("moves", "")), shows=_number(pairs.get("shows", "")),
            highest=_number(pairs.get("highest", "")),
            questions=tuple(pairs.get("questions", "").split()[:MOST_QUESTIONS]), by=_installation(pairs),
            about=_subjects(pairs), **_clock(pairs),
        )  # fmt: skip
    except (ValueError, KeyError):
        return None
    return mark if generation >= 0 and mark.owner and mark.policy and mark.key else None


def _subjects(pairs: Mapping[str, str]) -> tuple[Subject, ...]:
    parts = (line.partition(" ") for line in pairs.get("about", "").split("\n"))
    return tuple(Subject(name, said) for name, _, said in parts if name)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _installation(pairs: Mapping[str, str]) -> str:
    by = pairs.get("by", "")
    return by if _INSTALLATION.fullmatch(by) else ""


def _clock(pairs: Mapping[str, str]) -> dict[str, str]:
    """Zone and local time, where both are what they should be."""
    zone, local = pairs.get("zone", ""), pairs.get("local", "")
    return {"zone": zone, "local": local} if zone and _CLOCKS.fullmatch(local) else {}


def normal_title(title: str) -> str:
    """The normal form in which titles are compared: white space folded, NFC."""
    return " ".join(unicodedata.normalize("NFC", title).split())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def local_time(when: When, zone: tzinfo) -> str:
    """'20261203T090000/20261203T110000' on the clock of a zone; '' for days, and for what it shows twice."""
    start, end = when.ends(zone)
    if not (isinstance(start, datetime) and isinstance(end, datetime)) or start.fold or end.fold:
        return ""
    return f"{start:{_LOCAL}}/{end:{_LOCAL}}"


def read_local(line: str, zone: tzinfo) -> TimeRange | None:
    """The reverse of `local_time`, as the zone database of today has it; None for anything else."""
    start, _, end = line.partition("/")
    try:
        return TimeRange(*(datetime.strptime(t, _LOCAL).replace(tzinfo=zone) for t in (start, end)))
    except (ValueError, OverflowError):
        return None


def as_of_today(mark: Mark, found: str) -> Mark:
    """The mark with another base of its time, where that is found on the same clock, as zones are known today.

    `found`: the fingerprint of the time at which the event stands.  A law that moves a clock, and reaches this machine
    with a new zone database, moves the instants of a local time: the user has not.
    """
    asked = mark.base[Field.WHEN]
    if found == asked or not mark.local:
        return mark
    try:
        when = read_local(mark.local, ZoneInfo(mark.zone))
    except (ValueError, OSError, KeyError):  # a zone that is none, or not of this machine
        return mark
    same = when is not None and f"{when.stamp}@{asked.partition('@')[2]}" == found
    return replace(mark, base={**mark.base, Field.WHEN: found}) if same else mark


def place_of(calendar: str) -> str:
    """How a calendar stands in the fingerprint of a time."""
    return _hashed(calendar.partition("/")[2])[:8]


def fingerprints(
    *,
    when: When,
    calendar: str,
    title: str,
    show_as: str,
    reminder: int | None,
    colour: str,
    text: str,
) -> dict[Field, str]:
    """The fingerprint of each field in its normal form; equal fingerprints mean equal fields.

    Time and calendar are one field.  The account's name is left out of it: renaming an account in the config
    is no move by the user.
    """
    return {
        Field.WHEN: f"{when.stamp}@{place_of(calendar)}",
        Field.TITLE: _hashed(normal_title(title)),
        Field.SHOW_AS: show_as,
        Field.REMINDER: "" if reminder is None else str(reminder),
        Field.COLOUR: colour,
        Field.TEXT: fingerprint(text),
    }
