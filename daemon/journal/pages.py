"""What stands on the pages of the journal beside answers.

The journal remembers what a calendar cannot say, an event that the user deleted, so that losing the ledger brings
nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode

from daemon.journal.ports import Journal
from daemon.model.owner import Wish
from daemon.model.snapshot import Skip
from daemon.model.times import TimeRange, read_stamp
from daemon.model.words import hours, one_line

_SKIP = re.compile(r"^- Skipped: .* <!-- unbusy skip (\S+) -->[ \t\r]*$", re.MULTILINE)
_LONGEST = 7 * 24 * 60  # minutes of a skipped event


def note_skips(journal: Journal, today: date, skips: Iterable[tuple[Skip, str]]) -> None:
    """Add a line for each skip and its title to today's page; a skip that is noted already is left out."""
    skips = list(skips)
    known = read_skips(journal) if skips else ()
    lines = [_skip_line(s, title) for s, title in skips if s not in known]
    if lines:
        append(journal, today, "".join(lines))


def _skip_line(skip: Skip, title: str) -> str:
    pairs = {"policy": skip.policy, "key": skip.key, "day": skip.day.isoformat(), "minutes": skip.minutes}
    packed = urlencode(pairs | ({"when": skip.when.stamp} if skip.when else {}), safe="/:")
    line = in_markdown(one_line(f"{title} ({skip.wish}, {hours(skip.minutes)})"))
    return f"- Skipped: {line} <!-- unbusy skip {packed} -->\n"


def read_skips(journal: Journal) -> tuple[Skip, ...]:
    """Every skip that the journal knows, as last noted; lines that the user has mangled are passed over."""
    found: dict[Wish, Skip] = {}
    for _, page in journal.pages():
        for packed in _SKIP.findall(page):
            found |= {skip.wish: skip for skip in _unpack(packed)}
    return tuple(found.values())


def _unpack(packed: str) -> Iterator[Skip]:
    pairs = dict(parse_qsl(packed))
    try:
        when = read_stamp(pairs.get("when", ""))
        timed = when if isinstance(when, TimeRange) else None
        skip = Skip(pairs["policy"], pairs["key"], date.fromisoformat(pairs["day"]), int(pairs["minutes"]), when=timed)
    except (KeyError, ValueError):
        return
    if 0 <= skip.minutes <= _LONGEST:
        yield skip


def append(journal: Journal, day: date, text: str) -> None:
    """Add to the end of a day's page: of what it says of one thing, the last counts, also where it said so before."""
    journal.rewrite(day, lambda before: f"{ended(before)}{text}")


def ended(text: str) -> str:
    """The same with a line feed at its end, so that more can follow."""
    return text if text.endswith("\n") or not text else f"{text}\n"


def in_markdown(line: str) -> str:
    """A line as Markdown that shows just that."""
    return re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", line)
