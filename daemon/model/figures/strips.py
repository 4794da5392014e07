"""A week as a few lines of text, which keep their shape wherever a description is shown.

A day is a line, half an hour a sign.  The signs are of WGL4, which the fonts of all clients have, and are equally wide
there also where letters are not (measured in the tests); they come first in their line, so that nothing before them
moves them, and there is no blank among them, since HTML makes one of several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from daemon.model.figures.heat import Heat, HeatDay, heat_map
from daemon.model.figures.measure import measure_day
from daemon.model.snapshot import Snapshot
from daemon.model.times import MINUTE, TimeRange, Week, at
from daemon.model.words import hours, short

CELL = 30
"""Minutes that one sign stands for."""
SIGNS = {
    Heat.LOST: "▀", Heat.MEETING: "█", Heat.LATE: "█", Heat.KEPT: "▒", Heat.AHEAD: "▒", Heat.BUSY: "▄", Heat.FREE: "░",
}  # fmt: skip
OFF = "─"
"""Neither working time nor taken."""
_NAMES = {"█": "meeting", "▒": "focus", "▀": "lost", "▄": "other", "░": "free", OFF: "off"}


def strips(snapshot: Snapshot, week: Week) -> tuple[str, ...]:
    """'█ meeting, ▒ focus, ░ free; half hours from 09:00', then a line a day; () for no working time.

    '███▒▒▒▒░░░░░█████ Tue, 4 h', with the time in meetings
    """
    days = [day for day in heat_map(snapshot, week) if snapshot.working(day.day)]
    if not days:
        return ()
    first, last = _bounds(snapshot, [day.day for day in days])
    rows = [(day.day, _row(snapshot, day, first, last)) for day in days]
    used = {sign for _, row in rows for sign in row}
    legend = ", ".join(f"{sign} {name}" for sign, name in _NAMES.items() if sign in used)
    start = f"{first // 60:02}:{first % 60:02}"
    return (f"{legend}; half hours from {start}.", *(_line(snapshot, day, row) for day, row in rows))


def _line(snapshot: Snapshot, day: date, row: str) -> str:
    figures = measure_day(snapshot, day)
    late = f" ({hours(figures.after_hours)} after hours)" if figures.after_hours else ""
    return f"{row} {short(day)}{f', {hours(figures.meeting)}{late}' if figures.meeting else ''}"


def _row(snapshot: Snapshot, day: HeatDay, first: int, last: int) -> str:
    cells = (_sign(snapshot, day, start) for start in range(first, last, CELL))
    return "".join(cells).rstrip(OFF) or OFF


def _bounds(snapshot: Snapshot, days: Sequence[date]) -> tuple[int, int]:
    """From when to when work goes on some day, in minutes on the clock, in whole cells."""
    spans = [r for day in days for r in snapshot.working(day)]
    first = min(_clock(r.start, snapshot) for r in spans)
    last = max(_clock(r.end, snapshot) or 24 * 60 for r in spans)
    return first // CELL * CELL, -(-last // CELL) * CELL


def _clock(moment: datetime, snapshot: Snapshot) -> int:
    local = moment.astimezone(snapshot.zone)
    return local.hour * 60 + local.minute


def _sign(snapshot: Snapshot, day: HeatDay, start: int) -> str:
    """What takes most of half an hour; of two that take as much the one that weighs more."""
    begins = at(day.day, time(start // 60, start % 60), snapshot.zone)
    cell = TimeRange(begins, begins + CELL * MINUTE)
    share = dict(_shares(day, cell))
    return SIGNS[max(share, key=lambda heat: share[heat])] if share else OFF


def _shares(day: HeatDay, cell: TimeRange) -> Iterator[tuple[Heat, int]]:
    for heat in Heat:
        minutes = sum(c.minutes for s in day.stretches if s.heat is heat and (c := s.span.common(cell)))
        if minutes:
            yield heat, minutes
