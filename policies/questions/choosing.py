"""Which questions are asked: the least lately asked first, about what is new, never twice in six weeks if it can be.

What was asked is read off our own events and the journal, so that a lost ledger asks nothing twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from policies.questions.prompts import Evidence, Finding, Prompt, Slot, Tone, library

SOON = timedelta(days=42)
"""The same question is not asked again for so long, as far as there are others."""

PER_WEEK = 2
"""The same kind of evidence is asked about so often in a week."""

SAME_MEETING = timedelta(days=28)
"""The same meeting is asked about once in so long."""

MOST = 3
"""No slot asks more."""


class Asked(NamedTuple):
    """A question that was asked, or is: its id in the library ('' where it is not known), its words, and the day."""

    id: str
    text: str
    evidence: Evidence = Evidence.ALWAYS
    day: date = date.min


class Past(Struct, frozen=True):
    """What was asked lately."""

    asked: tuple[Asked, ...] = ()

    def last(self, prompt: Prompt) -> date:
        """The day on which a question was asked last; `date.min`: not lately."""
        return max((a.day for a in self.asked if a.id == prompt.id), default=date.min)

    def often(self, evidence: Evidence, days: Iterable[date]) -> int:
        """How often a kind of evidence was asked about on these days."""
        these = set(days)
        return sum(a.evidence is evidence and a.day in these for a in self.asked)

    def named(self, subject: str, since: date) -> bool:
        """Whether a question named this meeting since a day."""
        return bool(subject) and any(subject in a.text for a in self.asked if a.day >= since)


class Occasion(Struct, frozen=True, kw_only=True):
    """A slot that asks.

    `most`: questions at most, in all.  `count`: the same, beside those that are fixed; of them `general` are called by
    nothing, as far as there are any.  `well`: one is about what went well.  `week`: the days on which the same kind of
    evidence is asked about `PER_WEEK` times at most.  `light`: nothing speaks of load.  `gentle`: nothing is
    uncomfortable.
    """

    slot: Slot
    day: date
    count: int
    general: int = 1
    well: bool = False
    week: tuple[date, ...] = ()
    light: bool = False
    gentle: bool = False
    most: int = MOST


def choose(prompts: Sequence[Prompt], findings: Iterable[Finding], past: Past, at: Occasion) -> tuple[Asked, ...]:
    """The questions of a slot: the fixed ones, then about what is shown, the most telling first, then general ones.

    Each theme comes once, and one of them at most is uncomfortable.
    """
    findings = tuple(findings)
    chosen = _Chosen(list(_fixed(prompts, findings, at))[: at.most])
    room = min(at.count, at.most) - (len(chosen.rows) if at.slot is Slot.DAY else 0)
    most = min(len(chosen.rows) + max(0, room), at.most)
    called = [] if at.slot is Slot.DAY and chosen.rows else _called(prompts, findings, past, at)
    general = _general(prompts, past, at)
    chosen.take(called, max(len(chosen.rows), most - at.general))
    if at.well and not any(Tone.WELL in p.tone for p, _ in chosen.rows):
        chosen.take((row for row in general if Tone.WELL in row[0].tone), min(len(chosen.rows) + 1, most))
    for rows in (general, called):
        chosen.take(rows, most)
    return tuple(Asked(p.id, p.worded(f), p.evidence, at.day) for p, f in chosen.rows)


Called = tuple[Prompt, Finding]


class _Chosen:
    """What a slot asks so far."""

    def __init__(self, rows: list[Called]) -> None:
        self.rows = rows

    def take(self, rows: Iterable[Called], most: int) -> None:
        """As many of these as go with what is there."""
        for prompt, finding in rows:
            if len(self.rows) >= most:
                return
            if self._goes(prompt):
                self.rows.append((prompt, finding))

    def _goes(self, prompt: Prompt) -> bool:
        there = [p for p, _ in self.rows]
        return prompt.theme not in {p.theme for p in there} and not (prompt.is_hard and any(p.is_hard for p in there))


def _fixed(prompts: Sequence[Prompt], findings: Iterable[Finding], at: Occasion) -> Iterator[Called]:
    for finding in findings:
        if finding.evidence.fixed:
            yield from [(p, finding) for p in prompts if p.evidence is finding.evidence and at.slot in p.slots][:1]


def _called(prompts: Sequence[Prompt], findings: Iterable[Finding], past: Past, at: Occasion) -> list[Called]:
    """For each finding that is new the question about it that was asked least lately."""
    order = list(Evidence)
    week = [at.day - timedelta(days=n) for n in range(8)]
    rows = []
    for finding in sorted(findings, key=lambda f: (past.often(f.evidence, week), order.index(f.evidence))):
        spent = past.often(finding.evidence, at.week) >= PER_WEEK
        if finding.evidence.fixed or spent or past.named(finding.subject, at.day - SAME_MEETING):
            continue
        pool = [p for p in _pool(prompts, at) if p.evidence is finding.evidence]
        rows += [(p, finding) for p in _least_lately(pool, past, at.day) if _is_fresh(p, past, at.day)][:1]
    return rows


def _general(prompts: Sequence[Prompt], past: Past, at: Occasion) -> list[Called]:
    """Those that suit any day, the least lately asked first; of themes that were not touched just before."""
    nothing = Finding(Evidence.ALWAYS)
    pool = [p for p in _pool(prompts, at) if p.evidence is Evidence.ALWAYS]
    recent = {a.id for a in sorted(past.asked, key=lambda a: a.day)[-4:]}
    themes = {p.theme for p in prompts if p.id in recent}
    rows = _least_lately(pool, past, at.day)
    return [(p, nothing) for p in sorted(rows, key=lambda p: (not _is_fresh(p, past, at.day), p.theme in themes))]


def _pool(prompts: Sequence[Prompt], at: Occasion) -> list[Prompt]:
    return [
        p
        for p in prompts
        if at.slot in p.slots and not (at.light and Tone.LOAD in p.tone) and not (at.gentle and p.is_hard)
    ]


def _is_fresh(prompt: Prompt, past: Past, day: date) -> bool:
    last = past.last(prompt)
    return last == date.min or day - last >= SOON


def _least_lately(pool: Iterable[Prompt], past: Past, day: date) -> list[Prompt]:
    """Never asked before asked; among equals in an order that mixes the themes, another one each day."""
    return sorted(pool, key=lambda p: (past.last(p), hashlib.sha256(f"{p.id} {day}".encode()).digest()))


def in_turn(slot: Slot, evidence: Evidence, turn: int, count: int) -> tuple[Asked, ...]:
    """Some questions for one kind of evidence, others each turn."""
    pool = [p for p in library() if slot in p.slots and p.evidence is evidence]
    pool.sort(key=lambda p: hashlib.sha256(p.id.encode()).digest())
    chosen = dict.fromkeys(pool[(turn + n) % len(pool)] for n in range(count) if pool)
    return tuple(Asked(p.id, p.worded(Finding(evidence)), evidence) for p in chosen)


# -- what was asked ---------------------------------------------------------------------------------------------------


def past(prompts: Sequence[Prompt], rows: Iterable[tuple[date, str, str]]) -> Past:
    """What was asked, from the day, the id and the words of each; an id that is not known is found by the words."""
    by_id = {p.id: p for p in prompts}
    asked: dict[tuple[date, str, str], Asked] = {}
    for day, name, text in rows:
        prompt = by_id.get(name) or (None if name else recognised(prompts, text))
        known = prompt.id if prompt else name
        evidence = prompt.evidence if prompt else Evidence.ALWAYS
        asked.setdefault((day, known, "" if known else text), Asked(known, text, evidence, day))
    return Past(tuple(asked.values()))


def recognised(prompts: Sequence[Prompt], text: str) -> Prompt | None:
    """The question of the library that these words are, whatever was put in."""
    return next((p for p in prompts if put_in(p, text) is not None), None)


def put_in(prompt: Prompt, text: str) -> Finding | None:
    """What was put into a question; None for words that are not that question's."""
    if "{" not in prompt.text:
        return Finding(prompt.evidence) if prompt.text == text else None
    begins, ends = prompt.text.partition("{")[0], prompt.text.rpartition("}")[2]
    found = _form(prompt.text).fullmatch(text) if text.startswith(begins) and text.endswith(ends) else None
    return Finding(prompt.evidence, **found.groupdict()) if found else None


@cache
def _form(text: str) -> re.Pattern[str]:
    """The words with anything in place of what is put in."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>(?s:.+))", re.escape(text)))
