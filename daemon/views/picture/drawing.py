"""A week as text for the terminal, so that it is seen at a glance what a plan changes.

Days are columns, half hours of wall time are rows.  Titles are other people's text: they cannot break a column or the
terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.words import dates, in_month
from daemon.views import cells
from daemon.views.picture.days import ROW, Column, Item, banners, columns
from daemon.views.picture.kinds import AWAY, CLASH, HEADING, NOON, OPEN, Kind, Line, Piece, drawn, legend, written

_DAY_ROWS = range(24 * 60 // ROW)
_CORE = range(8 * 60 // ROW, 19 * 60 // ROW)  # always shown; the other rows only where something is
_MOST = 3  # events side by side
_GUTTER = len("09:00")
_CLOCK = len("09:50–10:10")
_NARROWEST = 4  # a column
_NAMED = 30  # cells of a title in the list of exact times


def week(snapshot: Snapshot, week: Week, *, width: int = 80, colour: bool = False) -> str:
    """Draw Monday to Friday from 08:00 to 19:00, and whatever else of that week something stands in.

    `width` is the terminal's; a column takes at least four characters, whatever it says.
    """
    picture, exact = _picture(snapshot, week, width)
    return written([*picture, *exact, *legend(picture, width)], colour=colour)


def before_after(before: Snapshot, after: Snapshot, week: Week, *, width: int = 80, colour: bool = False) -> str:
    """Draw the same week twice, one below the other, with one legend."""
    first, _ = _picture(before, week, width, "Before: ")
    then, exact = _picture(after, week, width, "After: ")
    pictures = [*first, (), *then]
    return written([*pictures, *exact, *legend(pictures, width)], colour=colour)


def _picture(snapshot: Snapshot, week: Week, width: int, label: str = "") -> tuple[list[Line], list[Line]]:
    """Heading, days, all-day events, and the rows of the day; then the times that these do not say."""
    seen = drawn(snapshot)
    days = columns(snapshot, week, seen)
    cell = max((width - _GUTTER) // len(days) - 1, _NARROWEST)
    heading = f"{label}{week.key}, {dates(days[0].day, days[-1].day)}"
    names = [(" " + _fit(_name(c.day, cell, today=c.day == snapshot.today), cell), None) for c in days]
    lines: list[Line] = [[(heading, HEADING)], [(" " * _GUTTER, None), *names], *_banners(days, seen, cell)]
    rows = [row for row in _DAY_ROWS if row in _CORE or any(i.first <= row < i.end for c in days for i in c.items)]
    for n, row in enumerate(rows):
        follows = n > 0 and rows[n - 1] == row - 1
        if n and not follows:
            lines.append([("  ⋮", None)])
        clock = f"{row * ROW // 60:02}:{row * ROW % 60:02}"
        margin = " " * _GUTTER if follows and row * ROW % 60 else clock
        lines.append([(margin, None), *(piece for c in days for piece in _cell(c, row, cell))])
    return lines, list(_exact(days, cell, width))


def _name(day: date, cell: int, *, today: bool) -> str:
    name = in_month(day)
    return f"{name} (today)" if today and len(f"{name} (today)") <= cell else name


def _cell(column: Column, row: int, width: int) -> Iterator[Piece]:
    """One row of one day: the edge of working time, then what stands there, side by side."""
    yield (NOON.fill, NOON) if row in column.noon else ("│" if row in column.working else " ", None)
    standing = [i for i in column.items if i.first <= row < i.end]
    if not standing:
        away = AWAY if row in column.away else None
        yield ((away.fill if away else " ") * width, away)
    if len(standing) > _MOST:
        rest = replace(standing[_MOST - 1], title=f"+{len(standing) - _MOST + 1}", first=row)
        standing = [*standing[: _MOST - 1], rest]
    for n, item in enumerate(standing):
        room = width * (n + 1) // len(standing) - width * n // len(standing)
        clash = any(other.until > item.start for other in standing[:n])
        mark = CLASH if clash else item.kind
        yield (mark.fill, mark)
        if item.open and row == item.first:
            yield (OPEN.fill, OPEN)
            room -= 1
        yield (_fit(_said(item, row, told=_tells(item, column, width)), room - 1, item.kind.fill), item.kind)


def _said(item: Item, row: int, *, told: bool) -> str:
    """What a row of an event says: its title, and its time where the rows do not tell it and there is room."""
    if row == item.first:
        return f"{item.clock} {item.title}" if told and item.end - item.first == 1 else item.title
    return item.clock if told and row == item.first + 1 else ""


def _tells(item: Item, column: Column, width: int) -> bool:
    """Whether it says its exact time itself: it has its rows alone, and a second one or much room in its only one."""
    if item.exact or any(item.meets(other) for other in column.items if other is not item):
        return False
    return width - 1 >= (_CLOCK if item.end - item.first > 1 else _CLOCK + len(" Standup"))


def _exact(columns: Sequence[Column], cell: int, width: int) -> Iterator[Line]:
    """The times that neither rows nor events say, day by day."""
    told = [(c, [i for i in c.items if not i.exact and not _tells(i, c, cell)]) for c in columns]
    for n, (column, items) in enumerate((c, items) for c, items in told if items):
        if n == 0:
            yield ()
            yield [("Exact times", HEADING)]
        said = ", ".join(f"{i.clock} {cells.isolated(cells.shortened(i.title, _NAMED))}" for i in items)
        name = f"{in_month(column.day):<8}"
        yield from ([(line, None)] for line in cells.wrapped(name + said, width, len(name)))


def _banners(days: Sequence[Column], seen: Iterable[tuple[Kind, Event]], cell: int) -> Iterator[Line]:
    """The lines of all-day events, from edge to edge of their columns."""
    for banner_line in banners(days, seen):
        line: list[Piece] = [(" " * _GUTTER, None)]
        free = 0
        for banner in banner_line:
            line.append((" " * ((banner.first - free) * (cell + 1)), None))
            room = (banner.last - banner.first + 1) * (cell + 1)
            line.append((banner.kind.fill + _fit(banner.title, room - 1), banner.kind))
            free = banner.last + 1
        yield line


def _fit(text: str, width: int, fill: str = " ") -> str:
    """The text in exactly so many cells of a terminal (an East Asian wide character takes two)."""
    if width < 1:
        return ""
    text = cells.isolated(cells.shortened(text, width))
    text += " " * (0 < cells.width(text) < width - 1)
    return text + fill * (width - cells.width(text))
