"""A week as text for the terminal, so that it is seen at a glance what a plan changes.

Days are columns, half hours of wall time are rows.  Nothing depends on colour: each kind of time has a fill of its
own, and colours only repeat it.  Titles are other people's text: they cannot break a column or the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.figures.metrics import DayFigures, Metrics, WeekFigures
from daemon.model.proposal import Role
from daemon.model.snapshot import ABSENCE, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week
from daemon.model.words import NO_TITLE, dates, hours, in_month, one_line
from daemon.views import cells

_ROW = 30  # minutes
_DAY_ROWS = range(24 * 60 // _ROW)
_CORE = range(8 * 60 // _ROW, 19 * 60 // _ROW)  # always shown; the other rows only where something is
_MOST = 3  # events side by side
_GUTTER = len("09:00")
_NARROWEST = 4  # a column
_SELECTORS = dict.fromkeys(map(ord, "\ufe0e\ufe0f"))
_SCALES = (15, 30, 60, 120)  # minutes that one character of a bar may stand for


class _Kind(Struct, frozen=True):
    """How a kind of time is drawn: its fill, its name, the colours of its text and of its fill.

    Colours are parameters of SGR (ECMA-48, 8.3.117), so that the terminal's own palette decides; where text and fill
    differ, the fill is a plain area.
    """

    fill: str
    name: str
    colour: str
    area: str


_MEETING = _Kind("▒", "meeting", "1;97;44", "34;44")
_BUSY = _Kind("░", "other busy time", "97;100", "90;100")
_BY_HAND = _Kind("─", "focus of your own", "30;46", "36;46")
_AWAY = _Kind("╱", "away", "90", "90")
_CLASH = _Kind("╳", "double booked", "1;97;41", "1;97;41")
_OPEN = _Kind("?", "not answered", "1;97;44", "1;97;44")
_FOCUS = _Kind("═", Role.FOCUS.value, "30;42", "32;42")
_TENTATIVE = _Kind("╌", "focus, shown tentative", "30;42", "32;42")
_FREE = _Kind("┄", "focus, shown free", "30;42", "32;42")
_LUNCH = _Kind("┊", "noon", "90", "90")
_PROMPT = _Kind("·", "prompt", "30;43", "33;43")
_FLAG = _Kind("⚑", "flag", "1;31", "1;31")
_HEADING = _Kind(" ", "heading", "1", "1")
_YOURS = (_MEETING, _BUSY, _BY_HAND, _AWAY, _CLASH, _OPEN, _LUNCH)
_OF_ROLE = {
    Role.FOCUS: _FOCUS, Role.PROMPT: _PROMPT, Role.FLAG: _FLAG, Role.NOTICE: _FLAG,
    Role.PAUSE: _Kind("∘", "pause", "30;42", "32;42"),
    Role.LUNCH: _Kind("∪", "lunch", "30;42", "32;42"),
    Role.LANDING: _Kind("»", "landing", "30;42", "32;42"),
    Role.PREPARATION: _Kind("+", Role.PREPARATION.value, "30;43", "33;43"),
    Role.HABIT: _Kind("~", "habit", "30;42", "32;42"),
    Role.HOLD: _Kind(":", "hold", "97;100", "90;100"),
}  # fmt: skip
_SHOWN = {ShowAs.TENTATIVE: _TENTATIVE, ShowAs.FREE: _FREE}
_OURS = tuple(dict.fromkeys([_FOCUS, _TENTATIVE, _FREE, *_OF_ROLE.values()]))
_FOREIGN = {CountsAs.MEETING: _MEETING, CountsAs.BUSY: _BUSY, CountsAs.FOCUS: _BY_HAND} | dict.fromkeys(ABSENCE, _AWAY)

_Piece = tuple[str, _Kind | None]
_Line = Sequence[_Piece]


class _Item(Struct, frozen=True):
    """What stands on one day: its minutes of wall time [start, until), and the rows [first, end) that it fills."""

    kind: _Kind
    title: str
    open: bool
    start: int
    until: int
    first: int
    end: int


class _Column(Struct, frozen=True):
    """One day, and the rows of its working time, of its noon and of absence."""

    day: date
    items: tuple[_Item, ...]
    working: frozenset[int]
    noon: frozenset[int]
    away: frozenset[int]


class _Banner(Struct, frozen=True):
    """An all-day event above the columns `first` to `last`."""

    kind: _Kind
    title: str
    first: int
    last: int


def week(snapshot: Snapshot, week: Week, *, width: int = 80, colour: bool = False) -> str:
    """Draw Monday to Friday from 08:00 to 19:00, and whatever else of that week something stands in.

    `width` is the terminal's; a column takes at least four characters, whatever it says.
    """
    picture = _picture(snapshot, week, width)
    return _written([*picture, *_legend(picture, width)], colour=colour)


def before_after(before: Snapshot, after: Snapshot, week: Week, *, width: int = 80, colour: bool = False) -> str:
    """Draw the same week twice, one below the other, with one legend."""
    pictures = [*_picture(before, week, width, "Before: "), (), *_picture(after, week, width, "After: ")]
    return _written([*pictures, *_legend(pictures, width)], colour=colour)


def bars(metrics: Metrics, *, width: int = 80, colour: bool = False) -> str:
    """Draw each week as one line per day: meetings and focus in its working time, then meetings outside it."""
    lines: list[_Line] = []
    for figures in metrics.weeks:
        lines += [(), *_bars(figures, width)]
    legend = [(_MEETING.fill, _MEETING), (" in meetings   ", None), (_FOCUS.fill, _FOCUS), (" focus kept", None)]
    return _written([*lines[1:], (), legend], colour=colour)


def _written(lines: Iterable[_Line], *, colour: bool) -> str:
    """The lines as one text without trailing space."""

    def painted(text: str, kind: _Kind | None) -> str:
        if not colour or not kind:
            return text
        title = text.rstrip(kind.fill)
        return f"\x1b[{kind.colour}m{title}\x1b[0;{kind.area}m{text[len(title) :]}\x1b[0m"

    return "\n".join("".join(painted(*piece) for piece in line).rstrip() for line in lines)


def _legend(lines: Iterable[_Line], width: int) -> Iterator[_Line]:
    """What each fill means that was used: first the user's own time, then ours."""
    used = {kind for line in lines for _, kind in line}
    if not used.isdisjoint((*_YOURS, *_OURS)):
        yield ()
    for label, kinds in (("", _YOURS), ("unbusy: ", _OURS)):
        line: list[_Piece] = [(label, None)]
        for kind in (k for k in kinds if k in used):
            if sum(len(text) for text, _ in line) + len(kind.name) + 2 > width:
                yield line
                line = []
            line += [(kind.fill, kind), (f" {kind.name}   ", None)]
        if len(line) > 1:
            yield line


def _picture(snapshot: Snapshot, week: Week, width: int, label: str = "") -> list[_Line]:
    """Heading, days, all-day events, and the rows of the day."""
    drawn = _drawn(snapshot)
    columns = [c for day in week.days if _shown(c := _column(snapshot, day, drawn), drawn)]
    cell = max((width - _GUTTER) // len(columns) - 1, _NARROWEST)
    first, last = columns[0].day, columns[-1].day
    heading = f"{label}{week.key}, {dates(first, last)}"
    names = [(" " + _fit(_name(c.day, cell, today=c.day == snapshot.today), cell), None) for c in columns]
    lines: list[_Line] = [[(heading, _HEADING)], [(" " * _GUTTER, None), *names], *_banners(columns, drawn, cell)]
    rows = [row for row in _DAY_ROWS if row in _CORE or any(i.first <= row < i.end for c in columns for i in c.items)]
    for n, row in enumerate(rows):
        follows = n > 0 and rows[n - 1] == row - 1
        if n and not follows:
            lines.append([("  ⋮", None)])
        clock = f"{row * _ROW // 60:02}:{row * _ROW % 60:02}"
        margin = " " * _GUTTER if follows and row * _ROW % 60 else clock
        lines.append([(margin, None), *(piece for c in columns for piece in _cell(c, row, cell))])
    return lines


def _name(day: date, cell: int, *, today: bool) -> str:
    name = in_month(day)
    return f"{name} (today)" if today and len(f"{name} (today)") <= cell else name


def _drawn(snapshot: Snapshot) -> list[tuple[_Kind, Event]]:
    """Every event that takes time or is ours."""
    foreign = ((kind, e) for e in snapshot.events if (kind := _FOREIGN.get(e.counts_as)))
    ours = ((_of_ours(snapshot.role(o), o.event), o.event) for o in snapshot.ours)
    return [*foreign, *((_FLAG if e.all_day else kind, e) for kind, e in ours)]


def _of_ours(role: Role, event: Event) -> _Kind:
    """Of focus also how others see it."""
    return _SHOWN.get(event.show_as, _FOCUS) if role is Role.FOCUS else _OF_ROLE[role]


def _shown(column: _Column, drawn: Sequence[tuple[_Kind, Event]]) -> bool:
    """Whether a day has its column: a weekend only if the user works then or something stands or begins there."""
    begins = any(e.dates and e.dates.first == column.day for _, e in drawn)
    return column.day.weekday() < 5 or bool(column.items or column.working) or begins


def _column(snapshot: Snapshot, day: date, drawn: Iterable[tuple[_Kind, Event]]) -> _Column:
    items = []
    for kind, event in drawn:
        minutes = None if event.all_day else _minutes(event.span, day, snapshot.zone)
        if minutes:
            items.append(_Item(kind, _title(event.summary), event.unanswered, *minutes, *_rows(*minutes)))
    items.sort(key=lambda i: (i.start, -i.until, i.title))
    working, away = (
        frozenset(row for span in spans if (m := _minutes(span, day, snapshot.zone)) for row in range(*_rows(*m)))
        for spans in (snapshot.working(day), snapshot.away)
    )
    return _Column(day, _settled(items), working, _noon(snapshot) & working, away)


def _noon(snapshot: Snapshot) -> frozenset[int]:
    """The rows of noon, where the config keeps lunch free."""
    lunch = snapshot.profile.lunch
    start, end = lunch.noon if lunch else (time(), time())
    return frozenset(range(*_rows(start.hour * 60 + start.minute, end.hour * 60 + end.minute)))


def _minutes(span: TimeRange, day: date, zone: ZoneInfo) -> tuple[int, int] | None:
    """The part of a span on one day, as minutes on the clock; at least one, also when the clock is set back in it."""
    if not span.overlaps(DateRange(day, day + DAY).span(zone)):
        return None
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    first = start.hour * 60 + start.minute if start.date() == day else 0
    until = end.hour * 60 + end.minute if end.date() == day else 24 * 60
    return first, max(until, first + 1)


def _rows(start: int, until: int) -> tuple[int, int]:
    """The rows that minutes touch: first, and one past the last."""
    return start // _ROW, -(-until // _ROW)


def _settled(items: Sequence[_Item]) -> tuple[_Item, ...]:
    """Two events that follow each other within one half hour: the one with less of it leaves it, if it has another."""
    out = list(items)
    for n in range(len(out)):
        for m in range(n + 1, len(out)):
            one, two = out[n], out[m]
            if one.end <= two.first:
                break
            if one.until > two.start:
                continue
            less = one.until - two.first * _ROW <= min(two.until, one.end * _ROW) - two.start
            if one.end - one.first > 1 and (less or two.end - two.first == 1):
                out[n] = replace(one, end=one.end - 1)
            elif two.end - two.first > 1:
                out[m] = replace(two, first=two.first + 1)
    return tuple(out)


def _cell(column: _Column, row: int, width: int) -> Iterator[_Piece]:
    """One row of one day: the edge of working time, then what stands there, side by side."""
    yield (_LUNCH.fill, _LUNCH) if row in column.noon else ("│" if row in column.working else " ", None)
    standing = [i for i in column.items if i.first <= row < i.end]
    if not standing:
        away = _AWAY if row in column.away else None
        yield ((away.fill if away else " ") * width, away)
    if len(standing) > _MOST:
        rest = replace(standing[_MOST - 1], title=f"+{len(standing) - _MOST + 1}", first=row)
        standing = [*standing[: _MOST - 1], rest]
    for n, item in enumerate(standing):
        room = width * (n + 1) // len(standing) - width * n // len(standing)
        clash = any(other.until > item.start for other in standing[:n])
        mark = _CLASH if clash else item.kind
        yield (mark.fill, mark)
        if item.open and row == item.first:
            yield (_OPEN.fill, _OPEN)
            room -= 1
        yield (_fit(item.title if row == item.first else "", room - 1, item.kind.fill), item.kind)


def _banners(columns: Sequence[_Column], drawn: Iterable[tuple[_Kind, Event]], cell: int) -> Iterator[_Line]:
    """The lines of all-day events, from edge to edge of their columns; those that share no day share a line."""
    waiting = []
    for kind, event in drawn:
        over = [n for n, c in enumerate(columns) if c.day in event.days()]
        if over:
            waiting.append(_Banner(kind, _title(event.summary), over[0], over[-1]))
    waiting.sort(key=lambda b: (b.first, -b.last, b.title))
    while waiting:
        line: list[_Piece] = [(" " * _GUTTER, None)]
        free, later = 0, []
        for banner in waiting:
            if banner.first < free:
                later.append(banner)
                continue
            line.append((" " * ((banner.first - free) * (cell + 1)), None))
            room = (banner.last - banner.first + 1) * (cell + 1)
            line.append((banner.kind.fill + _fit(banner.title, room - 1), banner.kind))
            free = banner.last + 1
        yield line
        waiting = later


def _title(text: str) -> str:
    """A title in one line; terminals do not agree on how wide a variation selector makes the letter before it."""
    return one_line(text).translate(_SELECTORS) or NO_TITLE


def _fit(text: str, width: int, fill: str = " ") -> str:
    """The text in exactly so many cells of a terminal (an East Asian wide character takes two)."""
    if width < 1:
        return ""
    text = cells.isolated(cells.shortened(text, width))
    text += " " * (0 < cells.width(text) < width - 1)
    return text + fill * (width - cells.width(text))


def _bars(figures: WeekFigures, width: int) -> Iterator[_Line]:
    """One week: its sums, then its days on one scale."""
    days = [day for day in figures.days if day.working or day.meeting]
    longest = max((day.working + day.after_hours for day in days), default=0)
    room = width - len("Mon 23 ││  11 h 30 of 11 h 30, 11 h 30 focus")
    scale = next((minutes for minutes in _SCALES if longest <= minutes * room), _SCALES[-1])
    sums = (hours(figures.total(name)) for name in ("meeting", "working", "focus_kept"))
    yield [("{}: {} of {} in meetings, {} focus".format(figures.week.key, *sums), _HEADING)]
    for day in days:
        bar = _bar(day, scale)
        space = " " * (-(-longest // scale) + 4 - sum(len(text) for text, _ in bar))
        working = f" of {hours(day.working)}" if day.working else ""
        focus = f", {hours(day.focus_kept)} focus" if day.focus_kept else ""
        text = f"{space}{hours(day.meeting)}{working}{focus}"
        yield [(f"{in_month(day.day):<7}", None), *bar, (text, None)]


def _bar(day: DayFigures, scale: int) -> _Line:
    """Working time between two edges, with meetings and then focus in it; after it the meetings outside it."""
    working, meeting, after = (round(minutes / scale) for minutes in (day.working, day.in_hours, day.after_hours))
    focus = min(round(day.focus_kept / scale), working - meeting)
    inside = [
        (_MEETING.fill * meeting, _MEETING),
        (_FOCUS.fill * focus, _FOCUS),
        (" " * (working - meeting - focus), None),
    ]
    return [("│", None), *inside, ("│", None), (_MEETING.fill * after, _MEETING)]
