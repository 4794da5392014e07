"""The pictures of the page, as shapes: where each lies, and what kind of thing it is.  How a kind looks, the page says.

They are 420 wide, so that they fit a telephone and stand two to a row elsewhere; a kind is a class of the style sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.model.figures.heat import Heat, HeatDay
from daemon.model.figures.metrics import DayFigures
from daemon.model.words import day as day_name
from daemon.model.words import hours, in_day, in_month, short
from daemon.views.report import Kept

WIDTH, LEFT, RIGHT, TOP = 420, 36, 6, 22
HOUR = 60
PLOT = 150
"""How high bars may be."""
BOTTOM = TOP + PLOT


class Box(NamedTuple):
    """A rectangle; `title` is what one reads with the pointer over it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""


class Line(NamedTuple):
    """From one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


class Label(NamedTuple):
    """Words that begin (start), end or have their middle at a point."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    kind: str = "quiet"


class Picture(Struct, frozen=True, kw_only=True):
    """Shapes in the order in which they are drawn; `alt` says what is to be seen."""

    height: float
    alt: str
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()
    width: float = WIDTH


# -- the week as a heat map -------------------------------------------------------------------------------------------

_SCALE = 22
"""Units that an hour is high."""
_CORE = (9, 17)
"""Hours that are always shown."""


def heat(days: Sequence[HeatDay], today: date, zone: ZoneInfo, alt: str) -> Picture:
    """Days as columns, time downwards; a weekend on which nothing stands is left out."""
    shown = [d for d in days if d.day.weekday() < 5 or d.stretches]
    first, last = _hours(shown, zone)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(shown))
    height = TOP + (last - first) * _SCALE + 8
    boxes, labels, lines = list[Box](), list[Label](), list[Line]()
    for hour in range(first, last + 1):
        y = TOP + (hour - first) * _SCALE
        lines.append(Line(LEFT, y, WIDTH - RIGHT, y, "grid"))
        labels.append(Label(LEFT - 6, y + 4, f"{hour}", "end"))
    for n, one in enumerate(shown):
        x = LEFT + n * step + 2
        labels.append(Label(x + step / 2 - 2, 14, in_month(one.day), kind="now" if one.day == today else ""))
        boxes += _column(one, x, step - 4, first, zone)
    return Picture(height=height, alt=alt, boxes=tuple(boxes), lines=tuple(lines), labels=tuple(labels))


def _column(day: HeatDay, x: float, width: float, first: int, zone: ZoneInfo) -> Iterator[Box]:
    for part in day.stretches:
        start, end = (_clock(at, zone, day.day) for at in (part.span.start, part.span.end))
        y, height = TOP + (start / HOUR - first) * _SCALE, (end - start) / HOUR * _SCALE
        title = f"{in_day(part.span, zone)} {part.heat}"
        yield Box(x, y + 0.5, width, max(1.5, height - 1), class_of(part.heat), title)


def class_of(heat: Heat) -> str:
    """The name of a kind in the style sheet: 'focus-lost'."""
    return heat.value.replace(" ", "-")


def _clock(moment: datetime, zone: ZoneInfo, day: date) -> int:
    """Minutes on the clock of a day; the midnight after it is its end."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute if local.date() == day else 24 * 60


def _hours(days: Iterable[HeatDay], zone: ZoneInfo) -> tuple[int, int]:
    """The hours in which anything is."""
    edges = [_clock(at, zone, d.day) for d in days for s in d.stretches for at in (s.span.start, s.span.end)]
    return min([_CORE[0], *(m // 60 for m in edges)]), max([_CORE[1], *(-(-m // 60) for m in edges)])


# -- bars -------------------------------------------------------------------------------------------------------------


def load(weeks: Sequence[Sequence[DayFigures]], limit: int, alt: str) -> Picture:
    """Time in meetings of each day of this week and the next, in hours and after them one on the other.

    The limit of a day is a line.
    """
    parted = [[d for d in days if d.working or d.meeting] for days in weeks]
    shown = [d for days in parted for d in days]
    bars = _Bars(_ceiling([*(d.meeting for d in shown), limit]), len(shown))
    boxes, labels = list[Box](), list[Label]()
    for n, one in enumerate(shown):
        said = f"{day_name(one.day)}: {hours(one.meeting)} in meetings"
        boxes += [
            bars.box(n, one.in_hours, "meeting", said),
            bars.box(n, one.meeting, "after-hours", said, one.in_hours),
        ]
        labels += [
            Label(bars.middle(n), BOTTOM + 15, short(one.day)),
            Label(bars.middle(n), BOTTOM + 28, str(one.day.day)),
        ]
    lines, words = bars.scale()
    if limit:
        y = bars.y(limit)
        lines.append(Line(LEFT, y, WIDTH - RIGHT, y, "limit"))
        words.append(Label(WIDTH - RIGHT, y - 5, f"limit {hours(limit)}", "end", "limit"))
    labels += _beneath(bars, [len(days) for days in parted])
    return Picture(height=BOTTOM + 50, alt=alt, boxes=_seen(boxes), lines=tuple(lines), labels=(*labels, *words))


def _beneath(bars: _Bars, counts: Sequence[int]) -> Iterator[Label]:
    """Whose days these are."""
    first = 0
    for count, name in zip(counts, ("this week", "next week"), strict=False):
        if count:
            yield Label((bars.middle(first) + bars.middle(first + count - 1)) / 2, BOTTOM + 45, name)
        first += count


def kept(weeks: Sequence[Kept], alt: str) -> Picture:
    """Focus kept in each week as a bar, and its goal as a line over it."""
    bars = _Bars(_ceiling([m for w in weeks for m in (w.kept, w.goal)]), len(weeks))
    boxes, labels, goals = list[Box](), list[Label](), list[Line]()
    for n, one in enumerate(weeks):
        number = int(one.week.key[-2:])
        said = f"Week {number}: {hours(one.kept)}{f' of {hours(one.goal)}' if one.goal else ''}"
        boxes.append(bars.box(n, one.kept, "focus-kept", said))
        labels.append(Label(bars.middle(n), BOTTOM + 15, str(number)))
        if one.goal:
            y = bars.y(one.goal)
            goals.append(Line(bars.left(n) - 3, y, bars.left(n) + bars.width + 3, y, "goal"))
    lines, words = bars.scale()
    return Picture(
        height=BOTTOM + 22, alt=alt, boxes=_seen(boxes), lines=(*lines, *goals), labels=(*labels, *words)
    )  # fmt: skip


class _Bars(NamedTuple):
    """Bars side by side; `most`: the minutes of the highest that there may be."""

    most: int
    number: int

    @property
    def step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(1, self.number)

    @property
    def width(self) -> float:
        return min(self.step * 0.7, 44)

    def left(self, n: int) -> float:
        return self.middle(n) - self.width / 2

    def middle(self, n: int) -> float:
        return LEFT + (n + 0.5) * self.step

    def y(self, minutes: int) -> float:
        return BOTTOM - PLOT * minutes / self.most

    def box(self, n: int, until: int, kind: str, title: str, since: int = 0) -> Box:
        """From so many minutes up to so many."""
        return Box(self.left(n), self.y(until), self.width, self.y(since) - self.y(until), kind, title)

    def scale(self) -> tuple[list[Line], list[Label]]:
        """Whole hours, at most six of them."""
        step = next(n for n in (60, 120, 240, 480, 960, 100_000) if self.most / n <= 5)
        marks = range(0, self.most + 1, step)
        lines = [Line(LEFT, self.y(m), WIDTH - RIGHT, self.y(m), "grid") for m in marks]
        return lines, [Label(LEFT - 6, self.y(m) + 4, f"{m // 60} h", "end") for m in marks if m]


def _seen(boxes: Iterable[Box]) -> tuple[Box, ...]:
    return tuple(box for box in boxes if box.height > 0)


def _ceiling(minutes: Iterable[int]) -> int:
    """The top of a scale: whole hours, an even number of them."""
    return max(120, -(-max(minutes, default=0) // 120) * 120)
