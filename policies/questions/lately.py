"""What was asked lately, read off our own events and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from daemon.model.owner import Wish
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.text import words
from daemon.model.times import local_day
from policies.questions.choosing import SOON, Past, past
from policies.questions.prompts import Prompt


def lately(snapshot: Snapshot, prompts: Sequence[Prompt], on: date, without: Wish) -> Past:
    """What was asked in the last weeks on any event of ours but one: of those that have begun, and of the journal.

    What has yet to begin may go in the same run.
    """
    return past(prompts, (row for row in _rows(snapshot, without) if on - SOON <= row[0] <= on))


def _rows(snapshot: Snapshot, without: Wish) -> Iterator[tuple[date, str, str]]:
    for own in (*snapshot.ours, *snapshot.skipped):
        if own.wish != without and snapshot.begun(own.event) and snapshot.role(own) is not Role.FOCUS:
            day, ids = local_day(own.event.span.start, snapshot.zone), own.mark.questions
            texts = words(own.event.description).questions
            same = len(ids) == len(texts)
            yield from ((day, ids[n] if same else "", text) for n, text in enumerate(texts))
            yield from ((day, name, "") for name in ids if not same)
    for entry in snapshot.entries:
        focus = snapshot.roles.of(entry.wish) is Role.FOCUS
        if entry.wish != without and not focus and entry.question:
            yield entry.day, entry.question_id, entry.question
