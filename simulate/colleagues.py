"""Where a meeting comes to lie: its people look at the days on which they want it, and at what the calendar shows.

What is shown free they do not see.  A tentative slot some take, a busy one few, that of another meeting hardly anybody;
who finds none puts the meeting off, day by day.  In the end they ask whether a block could make room; if not, they meet
in the evening.  Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from simulate.calendars.calendar import WORK, Calendar
from simulate.demand import FAR_HOURS, GRID, Request
from simulate.people import DAY, Colleagues, Leader, chance

Shown = Mapping[date, Iterable[tuple[int, int, str]]]
"""What unbusy holds on each day: start, end, and 'tentative' or 'busy'; what is free is not in it."""

NOTICE = 30
"""Minutes: nobody asks for a slot that begins sooner."""


class Found(Struct, frozen=True, kw_only=True):
    """The slot, and how many working days later than wanted it is; `evening`: it is after work."""

    day: date
    start: int
    put_off: int
    evening: bool = False


class Asking(Struct, frozen=True, kw_only=True):
    """A request as its people see the calendar: from `day` and, on that, the minute `after` on."""

    request: Request
    day: date
    after: int
    leader: Leader
    colleagues: Colleagues
    off: frozenset[date]
    seed: int


def find(asking: Asking, calendar: Calendar, shown: Shown) -> Found:
    """The first slot that suits, day by day; after the last day that can be waited for, the evening of it."""
    request, days = asking.request, _days(asking, calendar)
    wanted = next(day for n, day in enumerate(days) if n >= request.ahead)
    if request.incident:
        return Found(day=asking.day, start=_grid(asking.after), put_off=0)
    later = _days(asking, calendar, wanted)
    for put_off in range(request.patience + 1):
        day = next(later)
        if (start := _start(asking, calendar, shown, day)) is not None:
            return Found(day=day, start=start, put_off=put_off)
    if request.yielding < asking.colleagues.gives_way and (start := _start(asking, calendar, {}, day)) is not None:
        return Found(day=day, start=start, put_off=request.patience)
    return _evening(asking, calendar, day, request.patience)


def _start(asking: Asking, calendar: Calendar, shown: Shown, day: date) -> int | None:
    return next((s for s in _starts(asking, day) if _suits(asking, calendar, shown, day, s)), None)


def _days(asking: Asking, calendar: Calendar, since: date | None = None) -> Iterator[date]:
    """The leader's working days from a day on, as colleagues can see them."""
    day = since or asking.day
    while True:
        if asking.leader.works(day) and day not in asking.off and day not in calendar.absent:
            yield day
        day += DAY


def _grid(after: int) -> int:
    return -(-after // GRID) * GRID


def _starts(asking: Asking, day: date) -> list[int]:
    """The starts at which all of them have time, the most wanted first; drawn for this request and day."""
    request, (first, last) = asking.request, asking.leader.span
    if request.far:
        first, last = FAR_HOURS
    many = min(1.0, (request.others - 1) / 3)
    open_ = asking.colleagues.open_to_one + many * (asking.colleagues.open_to_many - asking.colleagues.open_to_one)
    after = asking.after + NOTICE if day == asking.day else 0
    starts = (s for s in range(first, last - request.minutes + 1, GRID) if s >= after)
    drawn = ((chance(asking.seed, request.uid, day, s), s) for s in starts)
    have_time = [(x / open_, s) for x, s in drawn if x < open_]
    # The usual way to draw without replacement by weight: the largest of x^(1/weight) first.
    return [s for _, s in sorted(((x ** (1 / asking.colleagues.wanted(s)), s) for x, s in have_time), reverse=True)]


def _suits(asking: Asking, calendar: Calendar, shown: Shown, day: date, start: int) -> bool:
    """Whether they take it.  What stands in the leader's private calendar they cannot see."""
    request, theirs = asking.request, asking.colleagues
    end = start + request.minutes
    met = any(m.start < end and start < m.end for m in calendar.on(day) if m.calendar == WORK)
    if met and request.double >= theirs.double_books:
        return False
    drawn = chance(asking.seed, request.uid, day, start, "dares")
    dares = {"tentative": drawn < theirs.takes_tentative, "busy": drawn < theirs.takes_busy}
    return all(dares[show] for a, b, show in shown.get(day, ()) if a < end and start < b)


def _evening(asking: Asking, calendar: Calendar, day: date, put_off: int) -> Found:
    """The first slot after work without another meeting; on a crowded evening, over one."""
    last = max(asking.leader.span[1], _grid(asking.after + NOTICE) if day == asking.day else 0)
    for start in range(_grid(last), _grid(last) + asking.colleagues.evening_length, GRID):
        end = start + asking.request.minutes
        if not any(m.start < end and start < m.end for m in calendar.on(day)):
            return Found(day=day, start=start, put_off=put_off, evening=True)
    return Found(day=day, start=_grid(last), put_off=put_off, evening=True)
