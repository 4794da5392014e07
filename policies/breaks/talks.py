"""After a heavy talk: time in which nothing is expected, before all else is placed.  Nothing in it names the talk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from daemon.model.event import Event, ShowAs
from daemon.model.owner import Subject, Wish
from daemon.model.proposal import Content, Flexible, Level, Noon, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import MINUTE, TimeRange, local_day, minus, within
from daemon.model.words import hours
from policies.breaks.options import MOST, POLICY, BreaksOptions, key
from policies.questions.choosing import Asked
from policies.questions.evidence import heavy_talks
from policies.questions.lately import one_question
from policies.questions.prompts import Slot

REACH = timedelta(hours=2)  # after the end of its talk, a pause begins at the latest
NAMES = {30: "Half an hour", 45: "Three quarters of an hour", 60: "An hour"}


def pauses(snapshot: Snapshot, options: BreaksOptions) -> Iterator[Want]:
    """One after each talk, or after several in a row; on a day on which the user turned one down no other comes."""
    standing = {o.mark.key for o in snapshot.own(POLICY)}
    refused = {s.key[:15] for s in snapshot.skips if s.policy == POLICY and s.taken_back is None}
    asked: tuple[Asked, ...] = ()
    for day, talks in sorted(heavy_talks(snapshot, options.heavy).items()):
        rows = _in_a_row(snapshot, options, talks)
        for n, row in enumerate(rows[:MOST]):
            wish = Wish(POLICY, key("calm", day, n))
            when = _when(snapshot, options, row, rows[n + 1][0].span.start if rows[n + 1 :] else None)
            if when and (wish.key in standing or key("calm", day) not in refused):
                new = one_question(snapshot, wish, day, Slot.BREAKS, "carrying", asked) if options.question else ()
                asked += new
                yield Want(
                    policy=POLICY, key=wish.key, content=_content(options, when.minutes, new), when=when,
                    level=Level.LUNCH, source=frozenset(e.ref.calendar for e in row), about=(Subject("pauses"),),
                )  # fmt: skip


def _in_a_row(snapshot: Snapshot, options: BreaksOptions, talks: list[Event]) -> list[list[Event]]:
    """Talks between which there is no room for a pause are together."""
    rows = [[talks[0]]]
    for event in talks[1:]:
        over = max(e.span.end for e in rows[-1])
        between = TimeRange(over, max(over, event.span.start))
        if any(r.minutes >= options.heavy_length for r in minus([between], snapshot.busy)):
            rows.append([])
        rows[-1].append(event)
    return rows


def _when(snapshot: Snapshot, options: BreaksOptions, row: list[Event], until: datetime | None) -> Flexible | None:
    """In the working time after the last of them, before the next talk; the short one where only that has room."""
    over, short = max(e.span.end for e in row), int(options.heavy_length)
    for length in (short * 3 // 2, short) if row[1:] else (short,):
        last = over + REACH + length * MINUTE
        after = TimeRange(over, min(last, until or last))
        windows = [w for w in within([after], snapshot.present(local_day(over, snapshot.zone))) if w.minutes >= length]
        if windows and (length == short or any(r.minutes >= length for r in minus(windows, snapshot.busy))):
            return Flexible(minutes=length, windows=tuple(windows), noon=Noon.BESIDE)
    return None


def _content(options: BreaksOptions, minutes: int, questions: tuple[Asked, ...]) -> Content:
    return Content(
        title=options.title, show_as=ShowAs.BUSY, questions=tuple(q.text for q in questions),
        question_ids=tuple(q.id for q in questions if q.id),
        reason=f"{NAMES.get(minutes, hours(minutes))} for yourself. Nothing is expected of you here.",
    )  # fmt: skip
