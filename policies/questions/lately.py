"""What was asked lately, read off our own events and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from daemon.model.owner import Wish
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import local_day
from policies.questions.choosing import SOON, Asked, Occasion, Past, choose, past
from policies.questions.prompts import Prompt, Slot, library


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


def one_question(
    snapshot: Snapshot, wish: Wish, day: date, slot: Slot, theme: str, also: tuple[Asked, ...] = ()
) -> tuple[Asked, ...]:
    """The one question of an event: what it asks since it was made, else of a theme the one asked least lately.

    `also`: those that the same run asks elsewhere; what stands ahead for the same policy counts, too.
    """
    mine = snapshot.own(wish.policy)
    for own in (o for o in mine if o.wish == wish):
        return _asked_by(own, day)
    prompts = [p for p in library() if p.theme == theme]
    ahead = (q for own in mine for q in _asked_by(own, day))
    known = Past((*lately(snapshot, prompts, day, wish).asked, *ahead, *also))
    return choose(prompts, (), known, Occasion(slot=slot, day=day, count=1))


def _asked_by(own: OwnEvent, day: date) -> tuple[Asked, ...]:
    texts, ids = words(own.event.description).questions, own.mark.questions
    same = len(ids) == len(texts)
    return tuple(Asked(ids[n] if same else "", text, day=day) for n, text in enumerate(texts))
