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
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from daemon.model.text import fingerprint
from daemon.model.times import When

UID_PREFIX = "unbusy-"

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


class Mark(Struct, frozen=True):
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


def normal_title(title: str) -> str:
    """The normal form in which titles are compared: white space folded, NFC."""
    return " ".join(unicodedata.normalize("NFC", title).split())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


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
