"""Whether a sensible leader would keep a block as it lies: what a machine can say of it, with its day."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from simulate.engine import Own
from simulate.figures.days import LONG, LUNCH, Span, free, has_lunch, inside, lunch_lost, minutes
from simulate.history import History, Life, Place
from simulate.people import clock

SHORT, LATE, FULL, AN_HOUR = 90, 16 * 60, 5 * 60, 60


class Verdict(Struct, frozen=True, kw_only=True):
    """A block that came, and why it would not be kept; `late_is_all`: late, on a day without two other hours."""

    own: Own
    why: tuple[str, ...]
    late_is_all: bool = False

    @property
    def kept(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.why

    @property
    def kept_if_late_counts(self) -> bool:
        """The same where a late block counts on a day that has no other two hours."""
        return self.kept or (self.late_is_all and self.why == (LATE_WHY,))


LATE_WHY = "begins at 16:00 or later"


def verdicts(history: History) -> tuple[Verdict, ...]:
    """On each block that came, in order of time."""
    came = [(life, own) for life in history.lives.values() if (own := life.came) and own.is_block]
    there = [(life, own) for life, own in came if own.day in set(history.days)]
    return tuple(verdict(history, life, own) for life, own in sorted(there, key=lambda one: (one[1].day, one[1].start)))


def verdict(history: History, life: Life, own: Own) -> Verdict:
    """By the day as it came; whether a better place was free, by the week as it was when the block was placed."""
    busy = [(b.start, b.end) for b in history.busy.get(own.day, ())]
    met = [(b.start, b.end) for b in history.busy.get(own.day, ()) if b.others]
    others = [(o.start, o.end) for o in _ours(history, own)]
    return Verdict(
        own=own, why=tuple(_why(history, life, own, busy, met, others)), late_is_all=_late_is_all(history, own, busy)
    )


def _why(
    history: History, life: Life, own: Own, busy: list[Span], met: list[Span], others: list[Span]
) -> Iterator[str]:  # fmt: skip
    mine = (own.start, own.end)
    if own.minutes < SHORT:
        yield f"under {SHORT} min"
    if inside([mine], LUNCH) and lunch_lost(busy, [*others, mine]):
        yield "takes the last half hour for lunch"
    if own.start >= LATE and life.placed_by == "us" and better(history, life.places[-1]):
        yield LATE_WHY
    if own.day in history.off or own.day in history.absent:
        yield "on a day off"
    elif minutes(met) > FULL and minutes(free(history.leader.span, [*busy, *others, mine])) < AN_HOUR:
        yield "fills the last free hour of a full day"


def better(history: History, place: Place) -> bool:
    """Whether its week had room for as long a block, or two hours, that ends by 16:00 and leaves lunch."""
    length = min(LONG, place.own.minutes)
    first, last = history.leader.span
    for day, busy in place.busy.items():
        if day <= place.at.date() or day in history.off or day in history.absent or not history.leader.works(day):
            continue
        taken = [*busy, *place.ours[day]]
        for start, end in free((first, min(last, LATE)), taken):
            starts = range(start, end - length + 1, 15)
            if any(has_lunch([*taken, (s, s + length)]) or not has_lunch(taken) for s in starts):
                return True
    return False


def _late_is_all(history: History, own: Own, busy: list[Span]) -> bool:
    if own.start < LATE:
        return False
    return not any(b - a >= LONG and a < LATE for a, b in free(history.leader.span, [*busy, (own.start, own.end)]))


def _ours(history: History, own: Own) -> Iterator[Own]:
    """The other events of unbusy that took time on the day of a block."""
    for life in history.lives.values():
        other = life.came
        if other and other.day == own.day and other.uid != own.uid and not other.all_day:
            yield other


def context(history: History, own: Own) -> Iterator[str]:
    """The day around a block, a line for each thing on it."""
    rows = [(b.start, b.end, f"{b.title} ({b.others})" if b.others else b.title) for b in history.busy.get(own.day, ())]
    rows += [(o.start, o.end, f"[{o.title}, {o.show}]") for o in _ours(history, own)]
    rows.append((own.start, own.end, f"[{own.title}, {own.show}]  <--"))
    for start, end, what in sorted(rows):
        yield f"{clock(start)}–{clock(end)}  {what}"
