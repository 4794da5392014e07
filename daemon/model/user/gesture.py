"""What the user tells us in one word, in the title of one of our events or in what they typed into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from daemon.model.event import Event


class Gesture(StrEnum):
    """A word that is an order; upper or lower case is the same."""

    SKIP = "#skip"  # not this one: it goes, and is not put back
    REST = "#skip-week"  # this policy rests until the week of the event ends
    PIN = "#pin"  # its time is the user's
    DONE = "#done"  # it counts as kept, and nothing in it is written any more
    NEVER = "#never"  # never again about its subject; of several, `#never NAME`


class OwnWord(StrEnum):
    """A word that is an order in an event of the user's own, beside `#ignore`."""

    KEEP = "#keep"  # no way out of a full week leads over it
    HEAVY = "#heavy"  # a talk after which a leader needs a moment


_ENDS = r"(?=[.,;:!?)\]]*(?:\s|$))"
_WORD = re.compile(rf"(?<![^\s(\[])#(?:skip-week|skip|pin|done|never){_ENDS}", re.IGNORECASE)
_NEVER = rf"(?<![^\s(\[])#never{_ENDS}(?:[ \t]+(?P<name>[^\s#]+(?:[ \t]+[^\s#]+){{0,2}})(?=[ \t]*$))?"
"""With the name behind it: up to three words, and nothing else on the line."""
_SAID = re.compile(rf"{_NEVER}[.,;:!?]*|{_WORD.pattern}[.,;:!?]*", re.IGNORECASE | re.MULTILINE)
_OWN = re.compile(rf"(?<![^\s(\[])#(?:keep|heavy){_ENDS}", re.IGNORECASE)
_ARMED = re.compile("#(?=skip|pin|done|never|ignore|keep|heavy)", re.IGNORECASE)
_PAUSES = " \t\n.,;:!?()[]"


def gestures(texts: Iterable[str]) -> frozenset[Gesture]:
    """The gestures in what the user wrote.  What stands in quotation marks may be somebody else's title."""
    return frozenset(Gesture(word.lower()) for text in texts for word in _WORD.findall(_unquoted(text)))


def never_named(texts: Iterable[str]) -> tuple[str, ...]:
    """What each `#never` in these texts names, '' for one that names nothing."""
    found = (re.finditer(_NEVER, _unquoted(text), re.IGNORECASE | re.MULTILINE) for text in texts)
    return tuple(dict.fromkeys((said["name"] or "").strip(_PAUSES) for some in found for said in some))


def own_words(event: Event) -> frozenset[OwnWord]:
    """The orders in the title and the text of an event of the user's own; an invitation gives none."""
    said = f"{event.summary}\n{event.description}" if event.mine else ""
    return frozenset(OwnWord(word.lower()) for word in _OWN.findall(said)) if "#" in said else frozenset()


def is_heavy(event: Event) -> bool:
    """Whether the user calls one of their own events heavy: by the word, or by a category of that name."""
    by_category = event.mine and any(c.casefold() == "heavy" for c in event.categories)
    return by_category or OwnWord.HEAVY in own_words(event)


def disarmed(text: str) -> str:
    """The text with another sign before what would be an order, wherever it comes to stand."""
    return _ARMED.sub("\N{FULLWIDTH NUMBER SIGN}", text)


def without_orders(text: str) -> str:
    """The text without the words that are orders; '' where it says nothing else."""
    left = _SAID.sub("", text)
    return left if left.strip(_PAUSES) else ""


def _unquoted(text: str) -> str:
    """What stands outside of quotation marks, whatever a client has made of these."""
    if not _WORD.search(text):
        return ""
    text = _entities().sub(_character, text)
    for quotation in _quotations():
        text = quotation.sub(" ", text)
    return text


@cache
def _quotations() -> tuple[re.Pattern[str], ...]:
    """As we write them, then with what clients make of the marks.

    One may go over lines, where a client has broken them, and never over a blank one.  A mark between letters is an
    apostrophe.
    """

    def between(opens: str, closes: str, inside: str) -> re.Pattern[str]:
        some = r"(?:" + inside + r"|\n(?![ \t]*\n)){1,300}?"
        return re.compile(opens + some + closes + r"(?!\w)")

    return (
        between("‘", "’", r"[^‘’\n]|’(?=\w)"),
        between("“", "”", r"[^“”\n]|”(?=\w)"),
        between(r"(?<!\w)[‘’‚‛'](?=\S)", r"(?<=\S)[‘’‛']", "."),
        between(r'(?<!\w)[“”„‟"«](?=\S)', r'(?<=\S)[“”‟"»]', "."),
    )


@cache
def _entities() -> re.Pattern[str]:
    """Quotation marks as HTML writes them, also where it is escaped once more."""
    names = "lsquo|rsquo|sbquo|ldquo|rdquo|bdquo|laquo|raquo|quot|apos"
    return re.compile(rf"&(?:amp;)*((?:{names}|#(?:82(?:1[6-9]|2[0-3])|171|187|34|39)|#x(?:201[89a-f]|ab|bb|22|27));)")


def _character(entity: re.Match[str]) -> str:
    from html import unescape  # noqa: PLC0415  few texts have any

    return unescape(f"&{entity[1]}")
