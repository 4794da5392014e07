"""A report on a terminal, in at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from daemon.model.figures.erosion import Share
from daemon.model.words import day, hours, one_line, share
from daemon.views.cells import shortened
from daemon.views.report import Report, ReportedWeek
from daemon.views.report import wording as say

WIDTH = 80
MOST = 5
"""Rows of a list at most; the rest is one more."""


def lines(report: Report) -> Iterator[str]:
    """What it comes to, week by week, who took how much, what this week looks like and what the next one brings."""
    yield from say.headline(report)
    yield ""
    yield from _table(report.rows)
    yield from say.trends(report)
    yield from _part("This week", filter(None, (*report.strips, say.full_days(report))))
    yield from _part("Next week", (*say.forecast(report), *(f"Over your limits: {said}." for said in say.over(report))))
    if any(row.focus.losses for row in report.rows):
        yield from _list("What took it", list(say.series(report)))
        yield from _list("Whose meetings", list(say.organizers(report)))
        yield from _list("Notice given", list(say.notices(report)), most=len(list(say.notices(report))))
    yield from _part("Costliest series, four weeks", _costs(report))
    yield from _part("Not met", (f"{one.name}: {say.not_met(one)}" for one in report.told.not_met))
    yield from _part("What you set out to do", _aims(report))
    yield from _part("Your words", (f"{day(q.day)}: {q.words}" for q in report.told.words if q.day in report.week.days))


def _part(title: str, rows: Iterable[str]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield f"\n{title}"
        yield from (f"  {row}" for row in found)


def _costs(report: Report) -> Iterator[str]:
    for cost in report.costs[:MOST]:
        rest = f"  {hours(cost.people_minutes)} of everybody's"
        name = shortened(say.named(cost.latest, report.me), WIDTH - 16 - len(rest))
        yield f"{hours(cost.minutes):>6} {cost.times:>4}×  {name}{rest}"


def _aims(report: Report) -> Iterator[str]:
    for aim in report.told.aims[-MOST:]:
        said = say.outcome(aim)
        yield f"{aim.week.key}  {one_line(aim.words)}{f' ({said})' if said else ''}"


_ROW = "{:<10}{:>9}{:>8}{:>9}{:>11}{:>9}{:>9}{:>9}{:>6}"


def _table(rows: Sequence[ReportedWeek]) -> Iterator[str]:
    yield _ROW.format("", "meetings", "", "", "focus", *[""] * 4).rstrip()
    yield _ROW.format("week", "time", "share", "after h", "booked", "taken", "repaid", "kept", "").rstrip()
    for row in rows:
        yield _ROW.format(*_cells(row)).rstrip()
    yield f"{rows[-1].figures.week.key} is not over: meetings as booked, focus as far as it has come."


def _cells(row: ReportedWeek) -> Iterator[str]:
    figures, focus = row.figures, row.focus
    yield figures.week.key
    yield _clock(figures.total("meeting"))
    yield share(figures.share)
    yield _clock(figures.total("after_hours"))
    for minutes in (focus.booked, focus.taken, focus.repaid, focus.kept):
        yield _clock(minutes)
    yield share(focus.kept / focus.booked) if focus.booked else ""


def _clock(minutes: int) -> str:
    """'12 h 30'; a point for none."""
    return hours(minutes) if minutes else "·"


def _list(title: str, rows: Sequence[tuple[str, Share]], most: int = MOST) -> Iterator[str]:
    yield f"\n{title}"
    for name, part in rows[:most]:
        yield f"{_clock(part.minutes):>8} {len(part.losses):>4}×  {shortened(name, WIDTH - 16)}"
    if rest := [part for _, part in rows[most:]]:
        times = sum(len(part.losses) for part in rest)
        yield f"{_clock(sum(part.minutes for part in rest)):>8} {times:>4}×  {len(rest)} more"
