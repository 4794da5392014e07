"""One slot a day before the first 1:1: who is met, what was noted the last time, and whom to ask for advice.

People give better answers to "what would you do?" than to "any feedback?".  Nothing is written on the 1:1 itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from daemon.model.event import Event
from daemon.model.owner import Subject
from daemon.model.proposal import Content, Flexible, Level, Rank, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import DAY, DateRange, TimeRange, local_day, within
from daemon.model.words import time_of_day
from policies.advisors.asking import Request, request
from policies.advisors.meetings import report_in, someone
from policies.advisors.notes import LINE, noted
from policies.advisors.options import POLICY, AdvisorsOptions
from policies.overload.episode import lasts

HOUR = timedelta(hours=1)
"""It lies within one hour before the 1:1, as late as it can be."""
MOST = 8
"""So many people are named."""


class Met(Struct, frozen=True):
    """A 1:1 of the day, and with whom."""

    event: Event
    who: Subject


def propose(snapshot: Snapshot, options: AdvisorsOptions) -> Iterator[Want]:
    """The slot of today, from its morning on, if it has more to say than the calendar; none while weeks are busy."""
    key = f"{snapshot.today}"
    own = next((o for o in snapshot.own(POLICY) if o.mark.key == key), None)
    met = _ahead(snapshot, options, own)
    windows = _windows(snapshot, options, met)
    due = snapshot.now >= snapshot.morning(snapshot.today) and (own or not lasts(snapshot, snapshot.this_week))
    asked = request(snapshot, [m.who for m in met]) if windows and due and options.advice else None
    says = own or asked or not options.advice or _notes(snapshot, options, met)
    if windows and due and says:
        content = _content(snapshot, options, met, own, asked)
        first = asked.who if asked else None
        if own and not content.revised:
            first = own.mark.about[0] if own.mark.questions and own.mark.about else None
        yield Want(
            policy=POLICY, key=key, content=content,
            when=Flexible(minutes=int(options.length), windows=windows, late=True),
            level=Level.REVIEW, rank=Rank.ADVICE, about=_about(met, first),
        )  # fmt: skip


def keys(snapshot: Snapshot, options: AdvisorsOptions) -> Iterator[str]:
    """`2026-12-01`: its day."""
    del options
    first, last = (local_day(at, snapshot.zone) for at in (snapshot.window.start, snapshot.window.end))
    yield from map(str, DateRange(first, last + DAY).days)


def _ahead(snapshot: Snapshot, options: AdvisorsOptions, own: OwnEvent | None) -> list[Met]:
    """The 1:1s of today that were ahead when the slot was made, or are now; none about whom nothing more is wanted."""
    since = _made(own) or snapshot.now
    here = (e for e in snapshot.meetings_on.get(snapshot.today, ()) if e.span.start > since)
    there = (e for e in here if not within([e.span], snapshot.away))
    found = [Met(e, someone(snapshot, e, who)) for e in there if (who := report_in(snapshot, options, e))]
    return [m for m in found if not snapshot.never(m.who.id)][:MOST]


def _made(own: OwnEvent | None) -> datetime | None:
    return own.event.created if own else None


def _windows(snapshot: Snapshot, options: AdvisorsOptions, met: Sequence[Met]) -> tuple[TimeRange, ...]:
    """Before the first of them that has working time before it."""
    for one in met:
        start = one.event.span.start
        parts = within([TimeRange(start - HOUR, start)], snapshot.present(snapshot.today))
        if fitting := tuple(part for part in parts if part.minutes >= options.length):
            return fitting
    return ()


# -- words -----------------------------------------------------------------------------------------------------------


def _content(
    snapshot: Snapshot, options: AdvisorsOptions, met: Sequence[Met], own: OwnEvent | None, asked: Request | None
) -> Content:
    """As it was written, while those whom it names are met; the names stand in the text, and in no title."""
    said = words(own.event.description) if own else None
    lines = [line for m in met for line in _lines(snapshot, options, m)]
    if own and said and _named(said.reason.split("\n")) == _named(lines):
        return Content(
            title=options.title, reason=said.reason, questions=said.questions, question_ids=own.mark.questions
        )
    return Content(
        title=options.title,
        reason="\n".join([_first(snapshot, met), "", *lines]),
        questions=(asked.text,) if asked else (),
        question_ids=(asked.id,) if asked else (),
        revised=own is not None,
    )


def _first(snapshot: Snapshot, met: Sequence[Met]) -> str:
    at = time_of_day(met[0].event.span.start, snapshot.zone)
    what = f"{len(met)} one-to-ones today, from {at}" if met[1:] else f"A one-to-one today, at {at}"
    return f"{what}. A moment to put your own answers aside."


def _lines(snapshot: Snapshot, options: AdvisorsOptions, met: Met) -> Iterator[str]:
    """'– Dana Roe, 10:00', and what the user noted the last time, where that is wanted."""
    yield f"{LINE}{met.who.name}, {time_of_day(met.event.span.start, snapshot.zone)}"
    if options.notes and (note := noted(snapshot, options, met.who)):
        yield note


def _notes(snapshot: Snapshot, options: AdvisorsOptions, met: Sequence[Met]) -> bool:
    return options.notes and any(noted(snapshot, options, m.who) for m in met)


def _named(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.startswith(LINE)]


def _about(met: Sequence[Met], first: Subject | None) -> tuple[Subject, ...]:
    """Who is met; first of them whoever is to be asked for advice, which is how the next runs know it."""
    people = (*([first] if first else []), *(m.who for m in met))
    return tuple({p.id: p for p in people}.values())
