"""What the user tells us in one word, in the title of one of our events or in what they typed into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class Gesture(StrEnum):
    """A word that is an order; upper or lower case is the same."""

    SKIP = "#skip"  # not this one: it goes, and is not put back
    REST = "#skip-week"  # this policy rests until the week of the event ends
    PIN = "#pin"  # its time is the user's
    DONE = "#done"  # it counts as kept, and nothing in it is written any more


_WORD = re.compile(r"(?<![^\s(\[])#(?:skip-week|skip|pin|done)(?=[.,;:!?)\]]*(?:\s|$))", re.IGNORECASE)
_QUOTED = re.compile("‘[^‘’\n]*’|“[^“”\n]*”")


def gestures(texts: Iterable[str]) -> frozenset[Gesture]:
    """The gestures in what the user wrote.  What stands in quotation marks of ours may be somebody else's title."""
    return frozenset(Gesture(word.lower()) for text in texts for word in _WORD.findall(_QUOTED.sub(" ", text)))
