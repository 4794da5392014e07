"""`unbusy report`: the weeks behind as a table of at most 80 columns, or as JSON (docs/json.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from daemon.cli.common import reading
from daemon.cli.session import Session

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.model.figures.erosion import Share
    from daemon.views.report import Report, ReportedWeek

WIDTH = 80
MOST = 5
"""Rows of a list at most; the rest is one more."""


@click.command()
@click.option(
    "--weeks", type=click.IntRange(1, 260), default=5, show_default=True, help="How many weeks, this one included."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.pass_obj
def report(session: Session, weeks: int, as_json: bool) -> int:
    """What became of focus time, week by week.

    What each figure means: docs/report.md.
    """
    from daemon.cli.show import show_problems
    from daemon.cli.terminal import put
    from daemon.views.report import report as make

    with session.runtime() as (runtime, now):
        with reading(runtime):
            made = make(runtime, now, weeks)
        if as_json:
            click.echo(json.dumps(report_json(made, runtime.profile.zone), ensure_ascii=False, indent=2))
        else:
            for line in lines(made):
                put(line)
        show_problems(made.problems)
        return max((p.code for p in made.problems), default=0)


# -- for people -------------------------------------------------------------------------------------------------------


def lines(report: Report) -> Iterator[str]:
    """The report as text: what it comes to, week by week, and who took how much."""
    from daemon.model.figures.erosion import NoticeGiven, by_organizer, by_series

    yield _headline(report)
    yield ""
    yield from _table(report.rows)
    if any(row.focus.losses for row in report.rows):
        yield from _list("What took it", report.shares(by_series), lambda s: _series(s, report.me))
        yield from _list("Whose meetings", report.shares(by_organizer), lambda s: _organizer(s, report.me))
        given = {s.name: s for s in report.shares(lambda loss: loss.notice)}
        notice = [given[name] for name in NoticeGiven if name in given]
        yield from _list("Notice given", notice, lambda s: s.name)


def _headline(report: Report) -> str:
    from daemon.model.words import hours, share

    booked, taken, repaid, kept = report.total
    if not booked:
        return "No focus time has come yet in these weeks: a block counts once it has begun."
    text = f"Focus kept: {hours(kept)} of {hours(booked)} booked ({share(kept / booked)})."
    if not taken:
        return f"{text} Meetings took none of it."
    return f"{text}\nMeetings took {hours(taken)}, of which {hours(repaid) if repaid else 'nothing'} came back."


_ROW = "{:<10}{:>9}{:>8}{:>9}{:>11}{:>9}{:>9}{:>9}{:>6}"


def _table(rows: Sequence[ReportedWeek]) -> Iterator[str]:
    yield _ROW.format("", "meetings", "", "", "focus", *[""] * 4).rstrip()
    yield _ROW.format("week", "time", "share", "after h", "booked", "taken", "repaid", "kept", "").rstrip()
    for row in rows:
        yield _ROW.format(*_cells(row)).rstrip()
    yield f"{rows[-1].figures.week.key} is not over: meetings as booked, focus as far as it has come."


def _cells(row: ReportedWeek) -> Iterator[str]:
    from daemon.model.words import share

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
    from daemon.model.words import hours

    return hours(minutes) if minutes else "·"


def _list(title: str, rows: Sequence[Share], name: Callable[[Share], str]) -> Iterator[str]:
    from daemon.views.cells import shortened

    yield f"\n{title}"
    for share in rows[:MOST]:
        yield f"{_clock(share.minutes):>8} {len(share.losses):>4}×  {shortened(name(share), WIDTH - 16)}"
    if rest := rows[MOST:]:
        times = sum(len(s.losses) for s in rest)
        yield f"{_clock(sum(s.minutes for s in rest)):>8} {times:>4}×  {len(rest)} more"


def _series(share: Share, me: frozenset[str]) -> str:
    from daemon.model.words import NO_TITLE, one_line

    return f"{one_line(share.latest.summary) or NO_TITLE}, {_organizer(share, me)}"


def _organizer(share: Share, me: frozenset[str]) -> str:
    """'you', a name, an address, or that there is none."""
    from daemon.model.words import one_line

    address = share.latest.organizer
    if address in me:
        return "you"
    name = next((a.name for a in share.latest.attendees if a.address == address and a.name), address)
    return one_line(name) or "organizer not known"


# -- for scripts ------------------------------------------------------------------------------------------------------


def report_json(report: Report, zone: ZoneInfo) -> dict[str, object]:
    """`report --json`."""
    from daemon.cli.json_rows import problem_json
    from daemon.model.figures.erosion import by_organizer, by_series

    return {
        "now": report.now.astimezone(zone).isoformat(),
        "weeks": [_week(row) for row in report.rows],
        "series": [
            {"uid": s.name, "summary": s.latest.summary, "organizer": s.latest.organizer, **_took(s)}
            for s in report.shares(by_series)
        ],
        "organizers": [{"organizer": s.name, **_took(s)} for s in report.shares(by_organizer)],
        "notice": [{"notice": s.name, **_took(s)} for s in report.shares(lambda loss: loss.notice)],
        "problems": [problem_json(p) for p in report.problems],
    }


def _week(row: ReportedWeek) -> dict[str, object]:
    figures, focus = row.figures, row.focus
    sums = ("working", "meeting", "in_hours", "after_hours", "fragments", "switches")
    return {
        "week": figures.week.key, "share": round(figures.share, 3), "long_blocks": figures.long_blocks,
        **{name: figures.total(name) for name in sums},
        "focus": {"booked": focus.booked, "taken": focus.taken, "repaid": focus.repaid, "kept": focus.kept},
    }  # fmt: skip


def _took(share: Share) -> dict[str, object]:
    return {"minutes": share.minutes, "meetings": len(share.losses)}
