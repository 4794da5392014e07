"""`#never` in the journal: a line for each subject, and one when it is asked for again.

So a lost ledger forgets nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode

from daemon.journal.pages import append, in_markdown
from daemon.journal.ports import Journal
from daemon.model.owner import Subject, Wish
from daemon.model.user.never import Never
from daemon.model.words import one_line

_LINE = re.compile(
    r"^- (?:Never again|Asked for again): .* <!-- unbusy (?P<kind>never|forget) (?P<packed>\S+) -->[ \t\r]*$",
    re.MULTILINE,
)
_LONGEST = 500  # characters of an id or a name


def note(journal: Journal, today: date, said: Iterable[Never]) -> None:
    """Add a line for each to today's page; what is known so already is left out."""
    said = list(said)
    known = read(journal) if said else ()
    if lines := [_line(never) for never in said if never not in known]:
        append(journal, today, "".join(lines))


def _line(never: Never) -> str:
    packed = {
        "subject": never.subject.id, "name": never.subject.name, "policy": never.policy, "key": never.key,
        "on": never.on.isoformat(),
    }  # fmt: skip
    what = in_markdown(one_line(f"{never.subject.name or never.subject.id} ({never.wish})"))
    kind, head = ("never", "Never again") if never.holds else ("forget", "Asked for again")
    return f"- {head}: {what} <!-- unbusy {kind} {urlencode(packed, safe='/:@')} -->\n"


def read(journal: Journal) -> tuple[Never, ...]:
    """All that was ever said, as last noted; lines that the user has mangled are passed over."""
    found: dict[tuple[str, Wish], Never] = {}
    for _, page in journal.pages():
        for line in _LINE.finditer(page):
            found |= {(n.subject.id, n.wish): n for n in _unpack(line["packed"], holds=line["kind"] == "never")}
    return tuple(found.values())


def _unpack(packed: str, *, holds: bool) -> Iterator[Never]:
    pairs = dict(parse_qsl(packed, keep_blank_values=True))
    try:
        subject = Subject(pairs["subject"], pairs["name"])
        never = Never(subject, pairs["policy"], pairs["key"], date.fromisoformat(pairs["on"]), holds)
    except (KeyError, ValueError):
        return
    if 0 < len(subject.id) <= _LONGEST and len(subject.name) <= _LONGEST:
        yield never
