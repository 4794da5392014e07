"""On which line of a TOML text each key stands, so that an error can name it.

The standard library's parser keeps no positions.  This one reads only the structure, of text that the other has
already accepted, so it need not tell good from bad.  TOML 1.0: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Generator, Iterator

from daemon.config.values import Where

Mention = tuple[Where, int]
"""A place, and the offset in the text at which it is mentioned."""

DEPTH = 20
"""Keys of a dotted key that are told apart; what lies deeper stands on their line."""

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"""["]{0,2}'  # up to two quotes may stand right before the three that end it
    r"|'''.*?'''[']{0,2}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+"  # a space may stand between a date and its time
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


def lines(text: str) -> dict[Where, int]:
    """The line, from 1, on which each table, key and item of an array is first mentioned."""
    ends = [match.start() for match in re.finditer("\n", text)]
    found: dict[Where, int] = {}
    for path, at in _mentions(text):
        found.setdefault(path, bisect_left(ends, at) + 1)
    return found


def _mentions(text: str) -> Iterator[Mention]:
    sizes: dict[Where, int] = {}
    table: Where = ()
    at = _after(_BLANK, text, 0)
    while at < len(text):
        if text[at] == "[":
            table, end = _header(text, at, sizes)
            yield from ((table[:n], at) for n in range(1, len(table) + 1))
            at = end
        else:
            at = yield from _pair(text, at, table)
        at = _after(_BLANK, text, at)


def _header(text: str, at: int, sizes: dict[Where, int]) -> tuple[Where, int]:
    """The table that '[a.b]' or '[[a.b]]' opens, and where the header ends.

    `sizes` counts the items of each array of tables so far; a path through such an array goes through its last item.
    """
    brackets = 2 if text.startswith("[[", at) else 1
    keys, end = _keys(text, at + brackets)
    table: Where = ()
    for n, key in enumerate(keys, 1):
        table += (key,)
        if n == len(keys) and brackets == 2:
            sizes[table] = sizes.get(table, 0) + 1
        if table in sizes:
            table += (sizes[table] - 1,)
    return table, end + brackets


def _pair(text: str, at: int, table: Where) -> Generator[Mention, None, int]:
    """Read 'a.b = value' in a table; its end."""
    keys, end = _keys(text, at)
    yield from (((*table, *keys[:n]), at) for n in range(1, len(keys) + 1))
    return (yield from _value(text, _after(_EQUALS, text, end), (*table, *keys)))


def _value(text: str, at: int, path: Where) -> Generator[Mention, None, int]:
    """Read a value; its end."""
    close = {"[": "]", "{": "}"}.get(text[at])
    if not close:
        return _after(_SCALAR, text, at)
    at, item = _after(_BLANK, text, at + 1), 0
    while text[at] != close:
        if close == "}":
            at = yield from _pair(text, at, path)
        else:
            yield (*path, item), at
            at = yield from _value(text, at, (*path, item))
        at, item = _after(_BLANK, text, at), item + 1
        if text[at] == ",":
            at = _after(_BLANK, text, at + 1)
    return at + 1


def _keys(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The parts of a dotted key, and where it ends."""
    keys: list[str] = []
    while match := _KEY.match(text, at):
        keys.append(_plain(match[1]))
        at = match.end()
        if not match[2]:
            break
    return tuple(keys[:DEPTH]), at


def _plain(key: str) -> str:
    """A key without quotes and escapes."""
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The offset behind what the pattern matches there."""
    match = pattern.match(text, at)
    return match.end() if match else at
