"""Questions as the user meets them: which are the same, and how soon they come back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

SOON = timedelta(days=28)
FIXED = (
    "where did you stop", "what is the very next step", "what is unfinished", "what can you finish",
    "did it land", "what is the smallest next step",
)  # fmt: skip
"""How those begin that are always the same: where one stopped, what is unfinished, the objective and its end."""

_EVENT = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b[^‘’“”?.]*)?‘[^’]*’(?: \((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d\))?"
)
_LOAD = re.compile(r"\w+day had (?:\d+ h)?(?: ?\d\d)?(?: min)? of meetings")
_WORDS = re.compile(r"“[^”]*”(?:[;,]? (?:and )?“[^”]*”)*")
_NUMBER = re.compile(r"\d+")


class Asked(Struct, frozen=True, kw_only=True):
    """`count` questions that are not fixed; `again`: those asked in the 28 days before; `most`: of one in all."""

    count: int
    again: int
    most: int
    which: str = ""


def template(question: str) -> str:
    """The question without what it is about: title, time and number, and the user's own words."""
    plain = _NUMBER.sub("#", _LOAD.sub("… of meetings", _WORDS.sub("“…”", _EVENT.sub("‘…’", question))))
    return " ".join(plain.split())


def asked(questions: Iterable[tuple[date, str]]) -> Asked:
    """The account of all questions that came, each with its day."""
    seen: dict[str, date] = {}
    times: Counter[str] = Counter()
    again = 0
    for day, text in sorted(questions):
        if text.casefold().startswith(FIXED):
            continue
        name = template(text)
        again += name in seen and day - seen[name] <= SOON
        seen[name] = day
        times[name] += 1
    which, most = max(times.items(), key=lambda one: (one[1], one[0]), default=("", 0))
    return Asked(count=times.total(), again=again, most=most, which=which)
