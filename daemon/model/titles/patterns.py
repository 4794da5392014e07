"""How a pattern fits a whole title, and the kinds of titles that every config has an option for.

Patterns are those of `fnmatch`, in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache

from daemon.model.titles.kinds import Kind, words

FOCUS_TITLES = words(Kind.FOCUS)
AWAY_TITLES = words(Kind.AWAY)
NOT_AWAY_TITLES = words(Kind.NOT_AWAY)


def fits(title: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern fits the title, or the title without what decorates its ends, as in '🎧 Focus time'."""
    if not patterns:
        return False
    match, plain = _compiled(patterns).match, title.casefold().strip()
    return bool(match(plain)) or (bool(plain) and not plain[0].isalnum() and bool(match(undecorated(plain))))


def undecorated(title: str) -> str:
    """A title without emoji and other signs before its first letter or digit."""
    return title[next((n for n, c in enumerate(title) if c.isalnum()), 0) :]


def best(title: str, patterns: Iterable[str]) -> int:
    """The length of the longest pattern that fits, -1 where none does: of two lists the one that says more wins."""
    return max((len(p) for p in patterns if fits(title, (p,))), default=-1)


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(p.casefold()) for p in patterns))
