"""Kinds of titles: the words by which an event is known, in the languages of many users, and whether a title has them.

The words are data, in words.toml beside this file; a kind is read when it is first asked for.  They are a weak sign:
they may choose a question, never say anything of anybody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import translate
from functools import cache, lru_cache
from pkgutil import get_data

TITLE = 500
"""So many characters of a title are looked at."""
_WORDS = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """A table of words.toml, which says what each is."""

    FOCUS = "focus"
    AWAY = "away"
    NOT_AWAY = "not_away"
    HEAVY = "heavy"
    PROTECTED = "protected"
    HIGH_STAKES = "high_stakes"
    DECISION = "decision"
    INTERVIEW = "interview"
    INCIDENT = "incident"
    TENSE = "tense"
    ONE_TO_ONE = "one_to_one"
    PREPARED = "prepared"
    REHEARSAL = "rehearsal"


@cache
def words(*kinds: Kind) -> tuple[str, ...]:
    """The patterns of some kinds in all languages, each once, in the order of the file."""
    return tuple(dict.fromkeys(p for kind in kinds for patterns in by_language(kind).values() for p in patterns))


@cache
def by_language(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    """The patterns of a kind by language: 'en', 'de', 'fr', 'es', 'pl', and 'others' together."""
    import tomllib  # noqa: PLC0415 as little as the read of the file, where no title is looked at

    table = f"\n{_file()}".partition(f"\n[{kind}]\n")[2].partition("\n[")[0]
    return {language: tuple(patterns) for language, patterns in tomllib.loads(table).items()}


@cache
def _file() -> str:
    return (get_data(__package__, "words.toml") or b"").decode()


@lru_cache(maxsize=4096)
def shows(title: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern fits a title, or words that stand in it: 'board' is in 'Board prep', and not in 'Onboarding'.

    Case, accents, and what stands between words make no difference; `*` in a word is the rest of it.
    """
    said = _plain(title[:TITLE])
    simple, odd = _sorted(patterns)
    if any(words in said for words in simple):
        return True
    return bool(odd) and any(map(_compiled(odd).match, (title[:TITLE].casefold().strip(), *said.split())))


@cache
def _sorted(patterns: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be found in a plain title as it stands, blanks and all; and the patterns that are not as simple."""
    simple, odd = [], []
    for pattern in patterns:
        inner = pattern.removeprefix("*").removesuffix("*")
        if (words := _plain(inner).strip()) and not set("*?[") & set(inner):
            simple.append(f"{' ' * (pattern[:1] != '*')}{words}{' ' * (pattern[-1:] != '*')}")
        elif pattern:
            odd.append(pattern)
    return tuple(simple), tuple(odd)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """' exit talk ': the words of a text in lower case without accents, a blank around each."""
    bare = text
    if not text.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return f" {' '.join(_WORDS.findall(bare.casefold()))} "


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(p.casefold()) for p in patterns))
