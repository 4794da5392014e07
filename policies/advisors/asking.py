"""Whom to ask for advice today, and what: each at most once in four weeks, the same never twice in twelve.

What was asked is read off our own events, and off the journal where the user has answered.  A question has its turn
with a person for four weeks, and not again before all others had theirs: so nothing else needs to be remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from daemon.model.owner import Subject
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day
from policies.advisors.options import POLICY
from policies.questions.prompts import Prompt, Slot, library

APART, SAME = timedelta(days=28), timedelta(days=84)
"""Nobody is asked sooner again, nor the same again."""
ANYBODY = timedelta(days=21)
"""Nor is the user shown the same question again, about whomever."""


class Request(Struct, frozen=True):
    """A question of the library, worded for one person."""

    who: Subject
    id: str
    text: str


class _Past(Struct, frozen=True):
    day: date
    who: str
    id: str


def request(snapshot: Snapshot, people: Sequence[Subject]) -> Request | None:
    """Of these people whoever was asked least lately; None where nobody is to be asked now."""
    before = [row for row in _past(snapshot, people) if row.day < snapshot.today]
    last = {p.id: max((row.day for row in before if row.who == p.id), default=date.min) for p in people}
    for who in sorted(dict.fromkeys(people), key=lambda p: last[p.id]):
        prompt = _turn(who, snapshot.today)
        if prompt and last[who.id] <= snapshot.today - APART and _is_new(prompt, who, before, snapshot.today):
            return Request(who, prompt.id, f"{who.name}: {prompt.text}")
    return None


def _turn(who: Subject, day: date) -> Prompt | None:
    """The one that may be asked of somebody in these four weeks; for each person they come in another order."""
    pool = [p for p in library() if Slot.ADVISORS in p.slots]
    first = int.from_bytes(hashlib.sha256(who.id.encode(errors="surrogatepass")).digest()[:4], "big")
    return pool[(first + day.toordinal() // APART.days) % len(pool)] if pool else None


def _is_new(prompt: Prompt, who: Subject, before: Sequence[_Past], day: date) -> bool:
    same = [row for row in before if row.id == prompt.id]
    return not any(row.day > day - (SAME if row.who == who.id else ANYBODY) for row in same)


def _past(snapshot: Snapshot, people: Sequence[Subject]) -> Iterator[_Past]:
    """What was asked of whom: the first subject of a mark; in the journal it stands before the question."""
    for own in (*snapshot.ours, *snapshot.skipped):
        mark = own.mark
        if mark.policy == POLICY and mark.questions and mark.about:
            yield _Past(local_day(own.event.span.start, snapshot.zone), mark.about[0].id, mark.questions[0])
    for entry in snapshot.entries:
        if entry.policy == POLICY and entry.question_id:
            named = (p.id for p in people if entry.question.startswith(f"{p.name}: "))
            yield _Past(entry.day, next(named, ""), entry.question_id)
