"""By which name somebody is greeted: the given one, where a name is plainly 'Given Family', else all of it.  Pure."""

from __future__ import annotations

import re
import unicodedata

_GROUPS = frozenset(
    {"team", "group", "guild", "board", "office", "support", "desk", "committee", "council", "department", "room",
     "staff", "crew", "squad", "chapter", "hr", "gruppe", "équipe", "equipo", "zespół"}
)  # fmt: skip
"""A name that holds one of these is nobody's."""
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_APART = re.compile(r"[._+-]+")


def given(name: str, address: str = "") -> str:
    """'Grace' of 'Grace Adeyemi'; all of 'Adeyemi, Grace', 'Dr. Adeyemi', 'GRACE ADEYEMI', 'Design Guild', '李明'.

    An address with both in the other order leaves open which of them is the given one: 'nagy.laszlo@' of 'László Nagy'.
    """
    words = name.split()
    if len(words) != 2 or not all(map(_is_plain, words)) or any(w.casefold() in _GROUPS for w in words):
        return name
    first, last = words
    return name if _APART.split(_folded(address.partition("@")[0]))[:2] == [_folded(last), _folded(first)] else first


def _is_plain(word: str) -> bool:
    """A word of Latin letters that begins with a capital, and is not all in capitals."""
    letters = _WORD.fullmatch(word) and word[0].isupper() and not word.isupper()
    return bool(letters) and all("LATIN" in unicodedata.name(c, "") for c in word if c.isalpha())


def _folded(word: str) -> str:
    """Without accents, as addresses have it."""
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))
