"""Which slots there are now, and what stands in them.

Slots that only ask are made in the morning of their day, with their words; those stay as they are from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.options import Minutes
from daemon.model.proposal import Content, Flexible, Level, Rank, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import TimeRange, local_day, minus
from policies.questions.prompts import Slot
from policies.reflection.asking import asked, kept
from policies.reflection.options import ReflectionOptions
from policies.reflection.periods import ORDER, POLICY, Period, fits, form, periods, place
from policies.reflection.review import reason
from policies.reflection.rhythm import has_journal

CUTS = 30
"""A review comes before the last block of its day: that ends so many minutes earlier at most."""


def propose(snapshot: Snapshot, options: ReflectionOptions) -> tuple[Want, ...]:
    """A want for each slot that stands from today on, and from the morning of today for the largest look back of it."""
    standing = {o.mark.key: o for o in snapshot.own(POLICY)}
    slots = [_slot(snapshot, options, p, standing) for p in periods(snapshot, options, snapshot.weeks)]
    here = [slot for slot in slots if slot.windows and slot.day >= snapshot.today]
    ahead = [s for s in here if local_day(snapshot.window.end, snapshot.zone) > s.day]
    due = [s for s in ahead if s.day == snapshot.today and (s.own or _is_due(snapshot, options, s))]
    due.sort(key=lambda s: ORDER.index(s.period.slot))
    new = due[-1:] if due and due[-1].own is None else []
    smaller = tuple(s.period for s in due[:-1])
    stay = [s for s in ahead if s.own]
    return (
        *(_want(s, options, _standing(snapshot, options, s, s.own, smaller)) for s in stay if s.own),
        *(_want(s, options, _new(snapshot, options, s, smaller)) for s in new),
    )


def keys(snapshot: Snapshot, options: ReflectionOptions) -> Iterator[str]:
    """`day/2026-12-03`, `week/2026-W49`, `month/2026-12`, `quarter/2026-Q4`, whatever is switched on."""
    every = replace(options, daily=True, weekly=True, monthly=True, quarterly=True)
    return (period.key for period in periods(snapshot, every, snapshot.all_weeks))


class _Slot(Struct, frozen=True):
    """A look back, its day and where in that it may lie; `own`: the event that stands for it."""

    period: Period
    day: date
    windows: tuple[TimeRange, ...]
    own: OwnEvent | None


def _slot(snapshot: Snapshot, options: ReflectionOptions, period: Period, standing: dict[str, OwnEvent]) -> _Slot:
    own, length = standing.get(period.key), form(period.slot, options).length
    day, windows = place(snapshot, options, period)
    if period.slot is not Slot.DAY and windows and not _has_room(snapshot, windows, length, own):
        windows = tuple(r for r in snapshot.present(day) if r.minutes >= length)
    return _Slot(period, day, windows, own)


def _has_room(snapshot: Snapshot, windows: Sequence[TimeRange], length: Minutes, own: OwnEvent | None) -> bool:
    """Whether the last hours of its day have room for it, beside what stands; else a review comes earlier."""
    if own:
        return any(w.covers(own.event.span) for w in windows)
    stands = (o.event.span for o in snapshot.ours if not o.event.all_day)
    return any(r.minutes >= length for r in minus(windows, [*snapshot.busy, *stands]))


def _is_due(snapshot: Snapshot, options: ReflectionOptions, slot: _Slot) -> bool:
    """From the morning of its day, while it still fits; a journal where its rhythm has one."""
    length = form(slot.period.slot, options).length
    due = snapshot.now >= snapshot.morning(slot.day) and fits(slot.windows, length, snapshot.now)
    fades = options.fade and slot.period.slot is Slot.DAY
    return due and (not fades or has_journal(snapshot, slot.day))


def _want(slot: _Slot, options: ReflectionOptions, content: Content) -> Want:
    daily, length = slot.period.slot is Slot.DAY, int(form(slot.period.slot, options).length)
    when = Flexible(minutes=length, windows=slot.windows, late=True, cuts=0 if daily else CUTS)
    rank = Rank.JOURNAL if daily else Rank.REVIEW
    return Want(policy=POLICY, key=slot.period.key, content=content, when=when, level=Level.REVIEW, rank=rank)


def _new(snapshot: Snapshot, options: ReflectionOptions, slot: _Slot, smaller: Sequence[Period]) -> Content:
    weekly = any(p.slot is Slot.WEEK for p in (slot.period, *smaller))
    questions = asked(snapshot, options, slot.period, slot.day, slot.windows[-1].end, weekly=weekly)
    return Content(
        title=form(slot.period.slot, options).title,
        reason=reason(snapshot, options, slot.period, slot.day, tuple(smaller)),
        questions=tuple(q.text for q in questions),
        question_ids=tuple(q.id for q in questions),
        show_as=options.show_as,
        shows=slot.period.slot is not Slot.DAY,
    )


def _standing(
    snapshot: Snapshot, options: ReflectionOptions, slot: _Slot, own: OwnEvent, smaller: Sequence[Period]
) -> Content:
    """As it was written; what an older version wrote ahead gets its questions in the morning of its day."""
    if slot.day == snapshot.today and not own.mark.questions:
        return _new(snapshot, options, slot, smaller)
    questions, other = kept(snapshot, options, slot.period, slot.day, own)
    return Content(
        title=form(slot.period.slot, options).title,
        reason=words(own.event.description).reason,
        questions=tuple(q.text for q in questions),
        question_ids=tuple(q.id for q in questions if q.id),
        show_as=options.show_as,
        shows=slot.period.slot is not Slot.DAY,
        revised=other,
    )
