"""What `undo` took back, in the journal: a line each, and one when it is wanted again.

So a lost ledger brings nothing back, and forgets nothing that was brought back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode

from daemon.journal.pages import append, in_markdown
from daemon.journal.ports import Journal
from daemon.model.owner import Field, Wish
from daemon.model.user.taken_back import Noted, TakenBack
from daemon.model.words import hours, listed, one_line

_LINE = re.compile(
    r"^- (?:Taken back|Wanted again): .* <!-- unbusy (?P<kind>undo|again) (?P<packed>\S+) -->[ \t\r]*$", re.MULTILINE
)
_DIGEST = re.compile(r"[0-9a-f]{1,64}")
_LONGEST = 7 * 24 * 60  # minutes of an event


def note(journal: Journal, today: date, noted: Iterable[tuple[Noted, str]]) -> None:
    """Add a line for each, with the title of its event, to today's page; what is known so already is left out."""
    noted = list(noted)
    known = {n.wish: n for n in read(journal)} if noted else {}
    lines = [_line(n, title) for n, title in noted if known.get(n.wish) != n]
    if lines:
        append(journal, today, "".join(lines))


def _line(noted: Noted, title: str) -> str:
    packed = {
        "policy": noted.policy, "key": noted.key, "generation": noted.generation, "day": noted.day.isoformat(),
        "minutes": noted.minutes,
    }  # fmt: skip
    what = f"{title} ({noted.wish}, {hours(noted.minutes)})"
    taken = noted.taken_back
    if taken:
        packed |= {"on": taken.on.isoformat(), "digest": taken.digest}
        packed |= {f.value: taken.fields[f] for f in Field if f in taken.fields}
    if taken and taken.fields:
        what = f"{listed([f.value for f in Field if f in taken.fields])} of {what}"
    kind, said = ("undo", "Taken back") if taken and taken.holds else ("again", "Wanted again")
    return f"- {said}: {in_markdown(one_line(what))} <!-- unbusy {kind} {urlencode(packed, safe='/:@')} -->\n"


def read(journal: Journal) -> tuple[Noted, ...]:
    """All that was ever taken back, as last noted; lines that the user has mangled are passed over."""
    found: dict[Wish, Noted] = {}
    for _, page in journal.pages():
        for line in _LINE.finditer(page):
            found |= {noted.wish: noted for noted in _unpack(line["packed"], again=line["kind"] == "again")}
    return tuple(found.values())


def _unpack(packed: str, *, again: bool) -> Iterator[Noted]:
    pairs = dict(parse_qsl(packed, keep_blank_values=True))
    try:
        noted = Noted(
            policy=pairs["policy"], key=pairs["key"], generation=int(pairs["generation"]),
            day=date.fromisoformat(pairs["day"]), minutes=int(pairs["minutes"]),
            taken_back=_taken_back(pairs, again=again),
        )  # fmt: skip
    except (KeyError, ValueError):
        return
    if 0 <= noted.minutes <= _LONGEST and 0 <= noted.generation < 10**6:
        yield noted


def _taken_back(pairs: dict[str, str], *, again: bool) -> TakenBack | None:
    fields = {f: pairs[f.value] for f in Field if f.value in pairs}
    if again and not fields:
        return None
    if again is bool(_DIGEST.fullmatch(pairs["digest"])):
        raise ValueError(pairs["digest"])
    return TakenBack(on=date.fromisoformat(pairs["on"]), digest=pairs["digest"], fields=fields)
