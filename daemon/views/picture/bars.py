"""Weeks as bars: for each day a line with meetings and focus in its working time, then meetings outside it."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.figures.metrics import DayFigures, Metrics, WeekFigures
from daemon.model.words import hours, in_month
from daemon.views.picture.kinds import FOCUS, HEADING, MEETING, Line, written

_SCALES = (15, 30, 60, 120)  # minutes that one character of a bar may stand for


def bars(metrics: Metrics, *, width: int = 80, colour: bool = False) -> str:
    """Draw each week as one line per day: meetings and focus in its working time, then meetings outside it."""
    lines: list[Line] = []
    for figures in metrics.weeks:
        lines += [(), *_bars(figures, width)]
    legend = [(MEETING.fill, MEETING), (" in meetings   ", None), (FOCUS.fill, FOCUS), (" focus kept", None)]
    return written([*lines[1:], (), legend], colour=colour)


def _bars(figures: WeekFigures, width: int) -> Iterator[Line]:
    """One week: its sums, then its days on one scale."""
    days = [day for day in figures.days if day.working or day.meeting]
    longest = max((day.working + day.after_hours for day in days), default=0)
    room = width - len("Mon 23 ││  11 h 30 of 11 h 30, 11 h 30 focus")
    scale = next((minutes for minutes in _SCALES if longest <= minutes * room), _SCALES[-1])
    sums = (hours(figures.total(name)) for name in ("meeting", "working", "focus_kept"))
    yield [("{}: {} of {} in meetings, {} focus".format(figures.week.key, *sums), HEADING)]
    for day in days:
        bar = _bar(day, scale)
        space = " " * (-(-longest // scale) + 4 - sum(len(text) for text, _ in bar))
        working = f" of {hours(day.working)}" if day.working else ""
        focus = f", {hours(day.focus_kept)} focus" if day.focus_kept else ""
        text = f"{space}{hours(day.meeting)}{working}{focus}"
        yield [(f"{in_month(day.day):<7}", None), *bar, (text, None)]


def _bar(day: DayFigures, scale: int) -> Line:
    """Working time between two edges, with meetings and then focus in it; after it the meetings outside it."""
    working, meeting, after = (round(minutes / scale) for minutes in (day.working, day.in_hours, day.after_hours))
    focus = min(round(day.focus_kept / scale), working - meeting)
    inside = [
        (MEETING.fill * meeting, MEETING),
        (FOCUS.fill * focus, FOCUS),
        (" " * (working - meeting - focus), None),
    ]
    return [("│", None), *inside, ("│", None), (MEETING.fill * after, MEETING)]
