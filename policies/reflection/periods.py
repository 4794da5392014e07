"""Which slots there are: a journal a day, and reviews of weeks, months and quarters; and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from msgspec import Struct

from daemon.model.options import DAY_NAMES, Minutes
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, MINUTE, DateRange, TimeRange, Week, week_of
from policies.questions.prompts import Slot
from policies.reflection.options import ReflectionOptions

POLICY = "reflection"

ORDER = (Slot.DAY, Slot.WEEK, Slot.MONTH, Slot.QUARTER)
"""The larger look back takes in the smaller ones of its day."""


class Period(Struct, frozen=True, kw_only=True):
    """What one slot looks back at: it lies on the last of `days` on which the user is there.

    `parts`: the keys of the slots that lie in it.
    """

    slot: Slot
    key: str
    days: tuple[date, ...]
    parts: tuple[str, ...] = ()


class Form(Struct, frozen=True):
    """What all slots of a kind have in common; they lie in the last part `within` of the working time."""

    title: str
    length: Minutes
    within: Minutes


def form(slot: Slot, options: ReflectionOptions) -> Form:
    """How the slots of a kind look."""
    match slot:
        case Slot.DAY:
            return Form("Journal", options.daily_length, options.daily_within)
        case Slot.WEEK:
            return Form("Weekly review", options.weekly_length, options.review_within)
        case Slot.MONTH:
            return Form("Monthly review", options.monthly_length, options.review_within)
        case _:
            return Form("Quarterly review", options.quarterly_length, options.review_within)


def periods(snapshot: Snapshot, options: ReflectionOptions, weeks: Sequence[Week]) -> Iterator[Period]:
    """Those that touch these weeks, as far as they are switched on."""
    days = [d for week in weeks for d in week.days]
    if options.daily:
        yield from (Period(slot=Slot.DAY, key=f"day/{d}", days=(d,)) for d in days)
    if options.weekly:
        yield from (weekly(week, options) for week in weeks)
    if options.monthly:
        yield from (_month(first, snapshot) for first in sorted({d.replace(day=1) for d in days}))
    if options.quarterly:
        quarters = {d.replace(day=1, month=d.month - (d.month - 1) % 3) for d in days}
        yield from (_quarter(first) for first in sorted(quarters))


def weekly(week: Week, options: ReflectionOptions) -> Period:
    """The review of a week."""
    length = (DAY_NAMES.index(options.weekly_day) - week.first.weekday()) % 7 + 1
    return Period(
        slot=Slot.WEEK, key=f"week/{week.key}", days=week.days[:length], parts=tuple(f"day/{d}" for d in week.days)
    )


def _month(first: date, snapshot: Snapshot) -> Period:
    days = DateRange(first, later(first, 1)).days
    weeks = (week_of(d, snapshot.profile.week_starts) for d in days)
    parts = dict.fromkeys(f"week/{week.key}" for week in weeks if week.first + 3 * DAY in days)
    return Period(slot=Slot.MONTH, key=f"month/{first:%Y-%m}", days=days, parts=tuple(parts))


def _quarter(first: date) -> Period:
    return Period(
        slot=Slot.QUARTER,
        key=f"quarter/{first.year}-Q{(first.month + 2) // 3}",
        days=DateRange(first, later(first, 3)).days,
        parts=tuple(f"month/{later(first, n):%Y-%m}" for n in range(3)),
    )


def later(first: date, months: int) -> date:
    """The first day of the month so many months after the one that begins on `first`."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def place(snapshot: Snapshot, options: ReflectionOptions, period: Period) -> tuple[date, tuple[TimeRange, ...]]:
    """Its day, and the pieces of that in which it may lie; `date.min` and none where the user is never there."""
    like = form(period.slot, options)
    places = ((day, _windows(snapshot, day, like)) for day in reversed(period.days))
    return next((place for place in places if place[1]), (date.min, ()))


def _windows(snapshot: Snapshot, day: date, like: Form) -> tuple[TimeRange, ...]:
    """The last part of the day's working time, away left out, in pieces that are long enough."""
    left, pieces = int(max(like.within, like.length)), []
    for span in reversed(snapshot.present(day)):
        piece = TimeRange(max(span.start, span.end - left * MINUTE), span.end)
        left -= piece.minutes
        if piece.minutes >= like.length:
            pieces.append(piece)
        if left <= 0:
            break
    return tuple(reversed(pieces))


def fits(windows: tuple[TimeRange, ...], length: Minutes, now: datetime) -> bool:
    """Whether one of them still has room for it."""
    return any(w.end - max(w.start, now) >= length * MINUTE for w in windows)
