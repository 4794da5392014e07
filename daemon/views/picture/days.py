"""Where everything stands in a picture of a week: days as columns, half hours of wall time as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week
from daemon.model.words import NO_TITLE, one_line
from daemon.views.picture.kinds import Kind

ROW = 30
"""Minutes of a row."""

_SELECTORS = dict.fromkeys(map(ord, "\ufe0e\ufe0f"))


class Item(Struct, frozen=True):
    """What stands on one day: its minutes of wall time [start, until), and the rows [first, end) that it fills."""

    kind: Kind
    title: str
    open: bool
    start: int
    until: int
    first: int
    end: int

    @property
    def exact(self) -> bool:
        """Whether its rows say when it is."""
        return self.start % ROW == 0 and self.until % ROW == 0

    @property
    def clock(self) -> str:
        """'09:50–10:10'."""
        return f"{self.start // 60:02}:{self.start % 60:02}–{self.until // 60 % 24:02}:{self.until % 60:02}"

    def meets(self, other: Item) -> bool:
        """Whether they share a row."""
        return self.first < other.end and other.first < self.end


class Column(Struct, frozen=True):
    """One day, and the rows of its working time, of its noon and of absence."""

    day: date
    items: tuple[Item, ...]
    working: frozenset[int]
    noon: frozenset[int]
    away: frozenset[int]


def columns(snapshot: Snapshot, week: Week, drawn: Sequence[tuple[Kind, Event]]) -> list[Column]:
    """The days of a week that are shown: of a weekend those on which the user works or something stands or begins."""
    return [c for day in week.days if _shown(c := _column(snapshot, day, drawn), drawn)]


def _shown(column: Column, drawn: Sequence[tuple[Kind, Event]]) -> bool:
    begins = any(e.dates and e.dates.first == column.day for _, e in drawn)
    return column.day.weekday() < 5 or bool(column.items or column.working) or begins


def _column(snapshot: Snapshot, day: date, drawn: Iterable[tuple[Kind, Event]]) -> Column:
    items = []
    for kind, event in drawn:
        minutes = None if event.all_day else minutes_on(event.span, day, snapshot.zone)
        if minutes:
            items.append(Item(kind, title(event), event.unanswered, *minutes, *_rows(*minutes)))
    items.sort(key=lambda i: (i.start, -i.until, i.title))
    working, away = (
        frozenset(row for span in spans if (m := minutes_on(span, day, snapshot.zone)) for row in range(*_rows(*m)))
        for spans in (snapshot.working(day), snapshot.away)
    )
    return Column(day, _settled(items), working, frozenset(range(*_rows(*noon(snapshot)))) & working, away)


def noon(snapshot: Snapshot) -> tuple[int, int]:
    """The minutes of noon, where the config keeps lunch free; else none."""
    lunch = snapshot.profile.lunch
    start, end = lunch.noon if lunch else (time(), time())
    return start.hour * 60 + start.minute, end.hour * 60 + end.minute


def minutes_on(span: TimeRange, day: date, zone: ZoneInfo) -> tuple[int, int] | None:
    """The part of a span on one day, as minutes on the clock; at least one, also when the clock is set back in it."""
    if not span.overlaps(DateRange(day, day + DAY).span(zone)):
        return None
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    first = start.hour * 60 + start.minute if start.date() == day else 0
    until = end.hour * 60 + end.minute if end.date() == day else 24 * 60
    return first, max(until, first + 1)


def title(event: Event) -> str:
    """A title in one line; terminals do not agree on how wide a variation selector makes the letter before it."""
    return one_line(event.summary).translate(_SELECTORS) or NO_TITLE


def _rows(start: int, until: int) -> tuple[int, int]:
    """The rows that minutes touch: first, and one past the last."""
    return start // ROW, -(-until // ROW)


def _settled(items: Sequence[Item]) -> tuple[Item, ...]:
    """Two events that follow each other within one half hour: the one with less of it leaves it, if it has another."""
    out = list(items)
    for n in range(len(out)):
        for m in range(n + 1, len(out)):
            one, two = out[n], out[m]
            if one.end <= two.first:
                break
            if one.until > two.start:
                continue
            less = one.until - two.first * ROW <= min(two.until, one.end * ROW) - two.start
            if one.end - one.first > 1 and (less or two.end - two.first == 1):
                out[n] = replace(one, end=one.end - 1)
            elif two.end - two.first > 1:
                out[m] = replace(two, first=two.first + 1)
    return tuple(out)


class Banner(Struct, frozen=True):
    """An all-day event above the columns `first` to `last`."""

    kind: Kind
    title: str
    first: int
    last: int


def banners(columns: Sequence[Column], drawn: Iterable[tuple[Kind, Event]]) -> Iterator[list[Banner]]:
    """The lines of all-day events, each from left to right: those that share no day share a line."""
    waiting = []
    for kind, event in drawn:
        over = [n for n, c in enumerate(columns) if c.day in event.days()]
        if over:
            waiting.append(Banner(kind, title(event), over[0], over[-1]))
    waiting.sort(key=lambda b: (b.first, -b.last, b.title))
    while waiting:
        line: list[Banner] = []
        later: list[Banner] = []
        for banner in waiting:
            (line if not line or line[-1].last < banner.first else later).append(banner)
        yield line
        waiting = later


def lanes(items: Sequence[Item]) -> Iterator[tuple[Item, int, int]]:
    """Each item with its lane and how many lanes those have that overlap, so that none hides another."""
    group: list[tuple[Item, int]] = []
    ends: list[int] = []
    for item in items:
        if ends and item.start >= max(ends):
            yield from ((one, lane, len(ends)) for one, lane in group)
            group, ends = [], []
        lane = next((n for n, end in enumerate(ends) if end <= item.start), len(ends))
        ends[lane : lane + 1] = [item.until]
        group.append((item, lane))
    yield from ((one, lane, len(ends)) for one, lane in group)
