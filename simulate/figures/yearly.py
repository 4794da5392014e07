"""All figures of one leader's year, beside the year without unbusy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil

from msgspec import Struct

from simulate.engine import Own
from simulate.figures.days import LONG, free, inside, long_minutes, long_stretches, lunch_lost, minutes
from simulate.figures.flags import Day, Flagged, flagged, weeks_of, working_days
from simulate.figures.questions import Asked, asked
from simulate.figures.together import Together, together
from simulate.history import History, Life
from simulate.people import DAY

SHORT = 75
KINDS = ("create", "move", "text", "show", "other", "delete")


class Side(Struct, frozen=True, kw_only=True):
    """What a year comes to with or without unbusy, a week (five days of work, or as many as the leader has).

    Hours: `meetings`, `two_hours` (free, in stretches of two hours and more), `evening` (meetings after work).
    `put_off`: working days by which meetings are later than wanted.  `thin`: weeks of the year with fewer than two such
    stretches; those in which the leader was there for less than half the time are left out.
    """

    meetings: float
    two_hours: float
    evening: float
    put_off: float
    thin: int


class Blocks(Struct, frozen=True, kw_only=True):
    """Blocks of focus.  `booked`: hours as they were first put there; `kept`: as they came, free of meetings.

    `kept_long`: the share of what was kept in pieces of two hours.  `count`: those that came; `short`: the share of
    them of 75 minutes and less; `lengths` in minutes and `hours` of the day: how many.  `moved`: by unbusy, ever;
    `moved_again`: more than once.
    """

    booked: float
    kept: float
    kept_long: float
    count: int
    short: float
    lengths: dict[str, int]
    hours: dict[str, int]
    moved: int
    moved_again: int


class Figures(Struct, frozen=True, kw_only=True):
    """One leader, one seed.

    `lunch_lost`: days on which ours took the last half hour for lunch; `lunch_planned`: days on which a block was put
    there.  `off_blocks`, `off_prompts`: that came on days off, and that the user had not put there.  `writes`: mean a
    working day; `writes_p90`; `kinds` of them; `text_only`: the share that changed nothing but text.  `stops`: runs
    that a limit stopped; `own_stops`: those before which no user had touched a block.
    """

    with_it: Side
    without: Side
    blocks: Blocks
    lunch_lost: int
    lunch_planned: int
    off_blocks: int
    off_prompts: int
    writes: float
    writes_p90: int
    kinds: dict[str, float]
    text_only: float
    flags: Flagged
    questions: Asked
    stops: int
    own_stops: int
    together: Together

    @property
    def gain(self) -> float:
        """Two-hour time with unbusy, as a multiple of that without."""
        return self.with_it.two_hours / self.without.two_hours if self.without.two_hours else 1.0


def figures(lived: History, alone: History) -> Figures:
    """What the year with unbusy (`lived`) comes to, beside that without (`alone`)."""
    if lived.limits is None:
        raise ValueError("a year with unbusy has its limits")
    days = working_days(lived)
    came = [(life, own) for life in lived.lives.values() if (own := life.came) and own.day in set(lived.days)]
    focus = [(life, own) for life, own in came if own.is_block]
    off = [own for life, own in came if _off(lived, own) and life.placed_by == "us" and not own.all_day]
    daily = _writes(lived, days)
    kinds = Counter(w.kind for w in lived.writes)
    return Figures(
        with_it=side(lived),
        without=side(alone),
        blocks=blocks(lived, focus),
        lunch_lost=sum(lunch_lost(d.busy, _ours([own for _, own in came], d.day)) for d in days),
        lunch_planned=len({p.own.day for life, _ in focus for p in life.places if _took_lunch(lived, p.own.day, life)}),
        off_blocks=sum(own.is_block for own in off),
        off_prompts=sum(not own.is_block for own in off),
        writes=sum(daily) / len(daily),
        writes_p90=_p90(daily),
        kinds={k: kinds[k] / len(daily) for k in KINDS},
        text_only=kinds["text"] / max(1, kinds.total()),
        flags=flagged(lived, lived.limits),
        questions=asked((max(own.day, d), text) for _, own in came for d in [_read(own, days)] for text in own.asks),
        stops=len(lived.stops),
        own_stops=sum(not touched for _, _, touched in lived.stops),
        together=together(lived),
    )


def side(history: History) -> Side:
    """Meetings and what they leave free."""
    days = working_days(history)
    weeks = weeks_of(days)
    whole = max(map(len, weeks.values()))
    count = len(days) / whole
    thin = (sum(long_stretches(d.within, d.busy) for d in row) < 2 for row in weeks.values() if 2 * len(row) >= whole)
    late = (minutes(d.meetings) - minutes(inside(d.meetings, d.within)) for d in days)
    asked_for = [found.put_off for at, found, _ in history.booked if at.date() >= history.days[0]]
    return Side(
        meetings=sum(minutes(d.meetings) for d in days) / 60 / count,
        two_hours=sum(long_minutes(d.within, d.busy) for d in days) / 60 / count,
        evening=sum(late) / 60 / count,
        put_off=sum(asked_for) / (len(history.days) / 7),
        thin=sum(thin),
    )


def blocks(history: History, focus: Sequence[tuple[Life, Own]]) -> Blocks:
    """What became of the blocks that came."""
    ever = [life.seen[0][2] for life in history.lives.values() if life.seen[0][2].is_block]
    pieces = [b - a for _, own in focus for a, b in _kept(history, own)]
    kept = sum(pieces)
    return Blocks(
        booked=sum(own.minutes for own in ever) / 60,
        kept=kept / 60,
        kept_long=sum(p for p in pieces if p >= LONG) / max(1, kept),
        count=len(focus),
        short=sum(own.minutes <= SHORT for _, own in focus) / max(1, len(focus)),
        lengths={str(k): n for k, n in sorted(Counter(own.minutes for _, own in focus).items())},
        hours={f"{k:02}": n for k, n in sorted(Counter(own.start // 60 for _, own in focus).items())},
        moved=sum(life.moves > 0 for life, _ in focus),
        moved_again=sum(life.moves > 1 for life, _ in focus),
    )


def _kept(history: History, own: Own) -> list[tuple[int, int]]:
    """The pieces of a block that stayed free; none where the leader was not there."""
    if not history.present(own.day):
        return []
    return free((own.start, own.end), [(b.start, b.end) for b in history.busy.get(own.day, ())])


def _off(history: History, own: Own) -> bool:
    return own.day in history.off or own.day in history.absent


def _ours(came: Iterable[Own], day: date) -> list[tuple[int, int]]:
    """Everything of unbusy that takes time on a day, but lunch itself."""
    return [(o.start, o.end) for o in came if o.day == day and o.takes_time]


def _took_lunch(history: History, day: date, life: Life) -> bool:
    """Whether one of the places of a block took the last half hour for lunch of a day when it was put there."""
    return history.present(day) and any(
        lunch_lost(p.busy[day], [*p.ours[day], (p.own.start, p.own.end)]) for p in life.places if p.own.day == day
    )


def _read(own: Own, days: Sequence[Day]) -> date:
    """The day on which an event is read: a flag on its first day of work."""
    return next((d.day for d in days if own.day <= d.day <= own.last), own.day)


def _writes(history: History, days: Sequence[Day]) -> list[int]:
    """How many on each working day; what is written on other days is seen on the next one."""
    names = [d.day for d in days]
    counts = dict.fromkeys(names, 0)
    for write in history.writes:
        if seen := next((d for n in range(60) if (d := write.at.date() + n * DAY) in counts), None):
            counts[seen] += 1
    return list(counts.values())


def _p90(values: Sequence[int]) -> int:
    """The least value that nine in ten do not exceed."""
    return sorted(values)[ceil(0.9 * len(values)) - 1]
