"""Text in the cells of a terminal: how wide it is, cut to a width, wrapped into one.

A character takes no cell (a mark on the one before it), one, or two (East Asian ones); what is joined, as emoji are,
stands in the cells of one.  wcwidth knows which: it is loaded for scripts and signs that need it, since its tables cost
more than the rest of a line.  Parameters of colours (ECMA-48, SGR) take no cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import bidirectional

NARROW = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff"  # Latin
    "\u0391-\u03a1\u03a3-\u03c9\u0400-\u0482"  # Greek, Cyrillic
    "\u2010-\u2027\u2030-\u205e\u2500-\u257f\u2591-\u2593]*"  # punctuation, lines, fills
)
"""Text of which each character takes one cell, whatever stands beside it."""

_TURNING = frozenset(("R", "AL", "RLE", "RLO", "RLI"))
_ESCAPE = re.compile(r"(\x1b\[[0-9;]*m)")
_WORD = re.compile(r"( *)((?:\x1b\[[0-9;]*m|[^ ])+)")
_LEAD = re.compile(r"(?:\x1b\[[0-9;]*m| )*(?:(?:[-+~?>!|–]|\d+\.)(?:\x1b\[[0-9;]*m)* +)?")


def width(text: str) -> int:
    """Cells that a text takes."""
    return len(text) if NARROW.fullmatch(text) else sum(cells for _, cells in _units(text))


def cut(text: str, most: int) -> str:
    """As much of the beginning as fits into so many cells."""
    left, units = most, []
    for unit, cells in _units(text):
        left -= cells
        if left < 0:
            break
        units.append(unit)
    return "".join(units)


def shortened(text: str, most: int) -> str:
    """A text in at most so many cells; an ellipsis stands for the rest."""
    return text if width(text) <= most else cut(text, most - 1).rstrip() + "…"


def isolated(text: str) -> str:
    """A text that is written from right to left in marks that let it turn nothing beside it (Unicode, UAX 9, FSI)."""
    turns = not NARROW.fullmatch(text) and any(bidirectional(character) in _TURNING for character in text)
    return f"\u2068{text}\u2069" if turns else text


def lead(line: str) -> int:
    """Cells before the text of a line: spaces, and the sign, dash or number of an item."""
    found = _LEAD.match(line)
    return width(found[0]) if found else 0


def wrapped(line: str, most: int, hang: int) -> list[str]:
    """A line as lines of at most so many cells, broken at spaces; those after the first begin with `hang` of them."""
    if width(line) <= most:
        return [line]
    rows, row, used = [], "", 0
    for gap, word in _WORD.findall(line):
        if used > hang and used + len(gap) + width(word) > most:
            rows.append(row)
            row, used = " " * hang, hang
        else:
            space = gap[: max(0, most - used - 1)]
            row, used = row + space, used + len(space)
        first, *others = _pieces(word, most - used, most - hang)
        for piece in others:
            rows.append(row + first)
            row, used, first = " " * hang, hang, piece
        row, used = row + first, used + width(first)
    return [*rows, row]


def _pieces(word: str, most: int, then: int) -> list[str]:
    """A word in pieces: the first in at most so many cells (it may be empty), the others in at most `then`."""
    pieces = []
    while width(word) > most:
        pieces.append(cut(word, most))
        word, most = word[len(pieces[-1]) :], max(then, 2)
    return [*pieces, word]


def _units(text: str) -> Iterator[tuple[str, int]]:
    """What stands in cells together, and in how many: two at most."""
    for n, part in enumerate(_ESCAPE.split(text)):
        if n % 2:
            yield part, 0
        elif NARROW.fullmatch(part):
            yield from ((character, 1) for character in part)
        else:
            yield from _joined(part)


def _joined(text: str) -> Iterator[tuple[str, int]]:
    from wcwidth import iter_graphemes, wcswidth  # noqa: PLC0415  see above

    for unit in iter_graphemes(text):
        cells = wcswidth(unit)
        if cells <= 2:
            yield unit, max(0, cells)
        else:  # no emoji: a letter with skin, say
            yield from ((character, max(0, wcswidth(character))) for character in unit)
