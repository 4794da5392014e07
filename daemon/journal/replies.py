"""Replies by a rule in the journal: a line each, so that a lost ledger answers nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from urllib.parse import parse_qsl, urlencode

from daemon.journal.pages import append, in_markdown
from daemon.journal.ports import Journal
from daemon.model.event import PartStat
from daemon.model.user.reply import ANSWERS, Replied, Sent
from daemon.model.words import one_line

_LINE = re.compile(r"^- Answered: .* <!-- unbusy reply (?P<packed>\S+) -->[ \t\r]*$", re.MULTILINE)
_LONGEST = 200  # characters of a key or the id of a rule


def note(journal: Journal, replies: Iterable[tuple[str, Replied, str]]) -> None:
    """Add a line for each key, reply and title to the page of its day; what is known already is left out."""
    replies = list(replies)
    known = read(journal) if replies else {}
    for key, reply, title in replies:
        if key not in known:
            append(journal, reply.on, _line(key, reply, title))


def _line(key: str, reply: Replied, title: str) -> str:
    packed = {"key": key, "answer": reply.answer.value, "rule": reply.rule, "until": reply.until.isoformat(),
              "on": reply.on.isoformat()}  # fmt: skip
    what = in_markdown(one_line(f"{reply.answer.lower()}, by a rule of yours: {title}"))
    return f"- Answered: {what} <!-- unbusy reply {urlencode(packed, safe='/:@')} -->\n"


def read(journal: Journal) -> Mapping[str, Replied]:
    """All of them, by key; lines that the user has mangled are passed over."""
    found: dict[str, Replied] = {}
    for _, page in journal.pages():
        for line in _LINE.finditer(page):
            found |= dict(_unpack(line["packed"]))
    return found


def _unpack(packed: str) -> Iterator[tuple[str, Replied]]:
    pairs = dict(parse_qsl(packed, keep_blank_values=True))
    try:
        reply = Replied(
            answer=PartStat(pairs["answer"]), rule=pairs["rule"], on=date.fromisoformat(pairs["on"]),
            until=date.fromisoformat(pairs["until"]), sent=Sent.DONE,
        )  # fmt: skip
        key = pairs["key"]
    except (KeyError, ValueError):
        return
    if reply.answer in ANSWERS and 0 < len(key) <= _LONGEST and len(reply.rule) <= _LONGEST:
        yield key, reply
