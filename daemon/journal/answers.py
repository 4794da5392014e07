"""Answers in the journal: one block each, which later edits on the calendar update.

A block is a heading with the question and a comment that says what it is, the event and its reason, and the words of
the user, quoted.  Files are the user's to edit as well: what they changed there is never written over, and where both
sides changed, both stand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from msgspec.structs import replace

from daemon.journal import pages
from daemon.journal.ports import Journal
from daemon.model import words
from daemon.model.owner import Wish
from daemon.model.user.entry import Entry

NOTE = "A note of yours"
"""The heading of what stands under no question."""

_HEAD = re.compile(r"^## (?P<question>.*) <!-- unbusy answer (?P<packed>\S+) -->[ \t]*\r?$", re.MULTILINE)
_END = re.compile(r"^(?:#{1,2} |- (?:Skipped|Taken back|Wanted again|Never again|Asked for again): )", re.MULTILINE)
_QUOTE = re.compile(r"(?:^>.*(?:\n|\Z))+", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|&~])")
_WHY = "Why: "
_LONGEST = 2000  # characters of a line of ours
_LATER = "\nLater, on the calendar:\n\n"
_CONTROLS = {n: "\N{REPLACEMENT CHARACTER}" for n in (*range(32), *range(127, 160)) if chr(n) not in "\t\n"}
"""Characters that a terminal would obey, and what stands for them."""

Name = tuple[str, str, str]
"""Policy, key, and the hash of the question."""


class Block(Struct, frozen=True, kw_only=True):
    """An answer as it stands in a file.

    `start`, `end`: where, in characters.  `filed`: the hash of what was last taken over from the calendar.
    `versions`: what is quoted, more than one where both sides were edited.
    """

    entry: Entry
    asked: str
    filed: str
    versions: tuple[str, ...]
    start: int = 0
    end: int = 0

    @property
    def name(self) -> Name:
        """What it is the answer to."""
        return self.entry.policy, self.entry.key, self.asked


# -- reading ----------------------------------------------------------------------------------------------------------


def read(journal: Journal, first: date = date.min, last: date = date.max) -> tuple[Block, ...]:
    """Every answer in the files of these days, in order."""
    return tuple(block for day, page in journal.pages(first, last) for block in _blocks(page, day))


def with_entries(blocks: Iterable[Block], entries: Iterable[Entry]) -> dict[Name, Block]:
    """The answers as they will stand once these entries are filed."""
    found = {block.name: block for block in blocks}
    for entry in entries:
        old = found.get(_name(entry))
        found[_name(entry)] = _updated(old, entry)[0] if old else _new(entry)
    return found


def answers(blocks: Iterable[Block]) -> Mapping[Wish, tuple[str, ...]]:
    """What was answered on each event, each answer for itself."""
    rows = sorted(blocks, key=lambda b: b.entry.wish)
    return {
        wish: tuple(v for b in same for v in b.versions)
        for wish, same in groupby(rows, key=lambda b: b.entry.wish)
    }  # fmt: skip


def _blocks(page: str, day: date) -> Iterator[Block]:
    for head in _HEAD.finditer(page):
        after = _END.search(page, head.end())
        end = after.start() if after else len(page)
        pairs = dict(parse_qsl(head["packed"], keep_blank_values=True))
        if {"policy", "key", "at", "question", "text"} <= pairs.keys():
            yield _block(page, day, pairs, head, end)


def _block(page: str, day: date, pairs: Mapping[str, str], head: re.Match[str], end: int) -> Block:
    body = page[head.end() : end]
    versions = tuple(map(_unquoted, _QUOTE.findall(body)))
    event, why = (*_ESCAPED.sub(r"\1", body).strip().split("\n"), "")[:2]
    question = _ESCAPED.sub(r"\1", head["question"])
    entry = Entry(
        policy=pairs["policy"],
        key=pairs["key"],
        day=day,
        at=pairs["at"],
        event=event.removeprefix(f"{_shown(pairs['at'])}, ").strip(),
        evidence=why.removeprefix(_WHY).strip() if why.startswith(_WHY) else "",
        question="" if question == NOTE else question,
        text="\n\n".join(versions),
        generation=int(made) if (made := pairs.get("made", "")).isdecimal() and len(made) < 9 else 0,
        question_id=pairs.get("id", ""),
        calendar=pairs.get("calendar", ""),
    )
    return Block(
        entry=entry, asked=pairs["question"], filed=pairs["text"], versions=versions, start=head.start(), end=end
    )


# -- filing -----------------------------------------------------------------------------------------------------------


def file(journal: Journal, entries: Iterable[Entry], first: date = date.min) -> None:
    """Take entries over into the journal, one write a file; what is there already is left alone.

    `first`: files of days before it are not looked at.
    """
    entries = list(entries)
    known = {block.name: block for block in read(journal, first)} if entries else {}
    days = {entry: known[_name(entry)].entry.day if _name(entry) in known else entry.day for entry in entries}
    new = [e for e in entries if _name(e) not in known or _updated(known[_name(e)], e)[0] != known[_name(e)]]
    for day, some in groupby(sorted(new, key=lambda e: (days[e], e.at)), key=days.__getitem__):
        journal.rewrite(day, _Filing(day, tuple(some)))


class _Filing(Struct, frozen=True):
    day: date
    entries: tuple[Entry, ...]

    def __call__(self, page: str) -> str:
        for entry in self.entries:
            old = next((b for b in _blocks(page, self.day) if b.name == _name(entry)), None)
            if old is None:
                page = f"{pages.ended(page)}{_written(entry)}"
            else:
                page = page[: old.start] + _rewritten(page[old.start : old.end], old, entry) + page[old.end :]
        return page


def _updated(old: Block, entry: Entry) -> tuple[Block, int | None]:
    """The block after an entry, and which of its versions the entry replaces (None: it is one more).

    What was edited in the file stays, and so does what an edit on the calendar has nothing in common with: there may
    have been two writers.  What was typed into an event that is no more stays, too.
    """
    text = _clean(entry.text)
    if _hash(text) == old.filed:
        return old, None
    last = next((n for n, v in enumerate(old.versions) if _hash(v) == old.filed), None)
    same = entry.generation == old.entry.generation
    old = replace(old, entry=replace(old.entry, generation=entry.generation))
    if text in old.versions:
        return replace(old, filed=_hash(text)), old.versions.index(text)
    if last is not None and same and _akin(old.versions[last], text):
        versions = (*old.versions[:last], text, *old.versions[last + 1 :])
    else:
        last, versions = None, (*old.versions, text)
    return replace(old, filed=_hash(text), versions=versions), last


def _akin(old: str, new: str) -> bool:
    """Whether one came from the other."""
    if old in new or new in old:
        return True
    from difflib import SequenceMatcher  # noqa: PLC0415 only a changed answer needs it

    return SequenceMatcher(None, old[:2000], new[:2000], autojunk=False).ratio() >= 0.5


def _new(entry: Entry) -> Block:
    text = _clean(entry.text)
    return Block(entry=entry, asked=_name(entry)[2], filed=_hash(text), versions=(text,))


def _written(entry: Entry) -> str:
    block = _new(entry)
    pairs = {
        "policy": entry.policy, "key": entry.key, "at": entry.at, "calendar": entry.calendar, "id": entry.question_id,
        "question": block.asked,
    }  # fmt: skip
    known = {name: value for name, value in pairs.items() if value or name == "question"}
    packed = urlencode(known, safe="/:", errors="replace")
    heading = _escaped(entry.question) or NOTE
    said = f"{_shown(entry.at)}, {_escaped(entry.event)}"
    if entry.evidence:
        said += f"\n{_WHY}{_escaped(entry.evidence)}"
    return f"\n## {heading} <!-- unbusy answer {packed}{_seal(block)}\n\n{said}\n\n{_quoted(block.versions[0])}"


def _rewritten(text: str, old: Block, entry: Entry) -> str:
    new, replaced = _updated(old, entry)
    quotes = list(_QUOTE.finditer(text))
    if new.versions != old.versions:
        quoted = _quoted(_clean(entry.text))
        if replaced is not None:
            text = text[: quotes[replaced].start()] + quoted + text[quotes[replaced].end() :]
        else:
            at = quotes[-1].end() if quotes else len(text)
            text = pages.ended(text[:at]) + (_LATER if quotes else "\n") + quoted + text[at:]
    return text.replace(_seal(old), _seal(new), 1)


def _seal(block: Block) -> str:
    """The end of a block's comment: what changes with what is filed."""
    made = f"&made={block.entry.generation}" if block.entry.generation else ""
    return f"{made}&text={block.filed} -->"


# -- words ------------------------------------------------------------------------------------------------------------


def _name(entry: Entry) -> Name:
    return entry.policy, entry.key, _hash(" ".join(entry.question.split()))[:8] if entry.question else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _escaped(text: str) -> str:
    return pages.in_markdown(words.one_line(text, _LONGEST))


def _clean(text: str) -> str:
    return text.translate(_CONTROLS).encode(errors="replace").decode().strip("\n")


def _quoted(text: str) -> str:
    return "".join(f"> {line}\n" if line else ">\n" for line in text.split("\n"))


def _unquoted(quote: str) -> str:
    lines = quote.removesuffix("\n").replace("\r\n", "\n").split("\n")
    return "\n".join(line[2:] if line.startswith("> ") else line[1:] for line in lines)


def _shown(at: str) -> str:
    """'Thu 3 Dec 2026 16:30'."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    clock = f" {moment:%H:%M}" if "T" in at else ""
    return f"{words.day(moment, year=True)}{clock}"
