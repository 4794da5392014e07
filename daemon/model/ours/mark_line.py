"""The mark as one line of text, as it stands on an event; anybody may write such a line, so it is read as hostile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

from daemon.model.owner import Field, Mark, Subject

MARK_LIMIT = 600
"""Most characters of a written mark; Google cuts a private extended property at 1,024."""

MOST_QUESTIONS = 5
"""So many ids of questions stand in a mark."""

_CLOCKS = re.compile(r"[0-9]{8}T[0-9]{6}/[0-9]{8}T[0-9]{6}")
_INSTALLATION = re.compile(r"[0-9a-v]{6}")


def write_mark(mark: Mark) -> str:
    """The mark as one line of plain ASCII that needs no escaping in iCalendar.

    ValueError where what names the event and its base are over the limit.  Of the rest, what has no room is left out:
    nobody's event goes unwritten for it.
    """
    pairs = {"owner": mark.owner, "policy": mark.policy, "key": mark.key, "generation": str(mark.generation)}
    line = _line(pairs | {f.value: mark.base[f] for f in Field if f in mark.base})
    if len(line) > MARK_LIMIT:
        raise ValueError(f"the mark of {mark.wish} takes {len(line)} characters, over {MARK_LIMIT}")
    for ways in _extras(mark):
        line = next((longer for way in ways if len(longer := f"{line}&{_line(way)}") <= MARK_LIMIT), line)
    return line


def _extras(mark: Mark) -> Iterator[Iterable[Mapping[str, str]]]:
    """What has come later, the weightiest first; each in one or more ways, of which the first that has room counts."""
    if mark.moves:
        yield [{"moves": str(mark.moves)}]
    if mark.shows:
        yield [{"shows": str(mark.shows)}]
    if mark.highest:
        yield [{"highest": str(mark.highest)}]
    if mark.by:
        yield [{"by": mark.by}]
    if mark.zone and mark.local:
        yield [{"zone": mark.zone, "local": mark.local}]
    if mark.about:
        yield ({"about": "\n".join(map(" ".join, mark.about[:n]))} for n in range(len(mark.about), 0, -1))
    most = min(len(mark.questions), MOST_QUESTIONS)
    yield ({"questions": " ".join(mark.questions[:n])} for n in range(most, 0, -1))


def _line(pairs: Mapping[str, str]) -> str:
    return urlencode(pairs, safe="/:")


def read_mark(line: str) -> Mark | None:
    """The mark that a line holds, or None: anybody may write such a property, so nothing in it is trusted."""
    if len(line) > MARK_LIMIT or not line.isascii():
        return None
    try:
        pairs = dict(parse_qsl(line.strip(), keep_blank_values=True, max_num_fields=20))
        generation = int(pairs["generation"])
        base = {f: pairs[f.value] for f in Field}
        mark = Mark(
            pairs["owner"], pairs["policy"], pairs["key"], generation, base,
            moves=_number(pairs.get("moves", "")), shows=_number(pairs.get("shows", "")),
            highest=_number(pairs.get("highest", "")),
            questions=tuple(pairs.get("questions", "").split()[:MOST_QUESTIONS]), by=_installation(pairs),
            about=_subjects(pairs), **_clock(pairs),
        )  # fmt: skip
    except (ValueError, KeyError):
        return None
    return mark if generation >= 0 and mark.owner and mark.policy and mark.key else None


def _subjects(pairs: Mapping[str, str]) -> tuple[Subject, ...]:
    parts = (line.partition(" ") for line in pairs.get("about", "").split("\n"))
    return tuple(Subject(name, said) for name, _, said in parts if name)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _installation(pairs: Mapping[str, str]) -> str:
    by = pairs.get("by", "")
    return by if _INSTALLATION.fullmatch(by) else ""


def _clock(pairs: Mapping[str, str]) -> dict[str, str]:
    """Zone and local time, where both are what they should be."""
    zone, local = pairs.get("zone", ""), pairs.get("local", "")
    return {"zone": zone, "local": local} if zone and _CLOCKS.fullmatch(local) else {}
