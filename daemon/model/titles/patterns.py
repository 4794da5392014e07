"""How a pattern fits a whole title, and the kinds of titles that every config has an option for.

Patterns are those of `fnmatch`, in any case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import cache

from daemon.model.titles.kinds import Kind, words

FOCUS_TITLES = words(Kind.FOCUS)
AWAY_TITLES = words(Kind.AWAY)
NOT_AWAY_TITLES = words(Kind.NOT_AWAY)

_WILD = frozenset("*?[")


def fits(title: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern fits the title, or the title without what decorates its ends, as in '🎧 Focus time'."""
    if not patterns:
        return False
    match, plain = _matcher(patterns), title.casefold().strip()
    return match(plain) or (bool(plain) and not plain[0].isalnum() and match(undecorated(plain)))


def undecorated(title: str) -> str:
    """A title without emoji and other signs before its first letter or digit."""
    return title[next((n for n, c in enumerate(title) if c.isalnum()), 0) :]


def best(title: str, patterns: Iterable[str]) -> int:
    """The length of the longest pattern that fits, -1 where none does: of two lists the one that says more wins."""
    return max((len(p) for p in patterns if fits(title, (p,))), default=-1)


@cache
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether one of them matches a text in lower case.

    Most are words with a star at either end: to compile an expression of hundreds takes longer than to look for them.
    """
    exact, starts, ends, inside, odd = set[str](), list[str](), list[str](), list[str](), list[str]()
    for pattern in map(str.casefold, patterns):
        if not _WILD.isdisjoint(words := pattern.removeprefix("*").removesuffix("*")):
            odd.append(pattern)
        elif pattern.startswith("*"):
            (inside if pattern.endswith("*") else ends).append(words)
        elif pattern.endswith("*"):
            starts.append(words)
        else:
            exact.add(words)
    starting, ending = tuple(starts), tuple(ends)
    other = re.compile("|".join(map(translate, odd))).match if odd else None

    def match(text: str) -> bool:
        if text in exact or text.startswith(starting) or text.endswith(ending):
            return True
        return any(words in text for words in inside) or (other is not None and bool(other(text)))

    return match
