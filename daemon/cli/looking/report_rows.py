"""What `report --json` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from daemon.cli.json_rows import problem_json
from daemon.model.figures.erosion import by_organizer, by_series

if TYPE_CHECKING:
    from daemon.model.figures.erosion import Share
    from daemon.model.figures.heat import HeatDay
    from daemon.model.figures.metrics import WeekFigures
    from daemon.model.figures.series import SeriesCost
    from daemon.model.times import Week
    from daemon.views.report import Report, ReportedWeek

_SUMS = ("working", "meeting", "in_hours", "after_hours", "fragments", "switches")
Row = dict[str, object]


def report_json(report: Report, zone: ZoneInfo) -> Row:
    """All of it; see docs/json.md."""
    told = report.told
    return {
        "now": report.now.astimezone(zone).isoformat(),
        "weeks": [_week(row, told.goals) for row in report.rows],
        "series": [
            {"uid": s.name, "summary": s.latest.summary, "organizer": s.latest.organizer, **_took(s)}
            for s in report.shares(by_series)
        ],
        "organizers": [{"organizer": s.name, **_took(s)} for s in report.shares(by_organizer)],
        "notice": [{"notice": s.name, **_took(s)} for s in report.shares(lambda loss: loss.notice)],
        "days": [_day(day, zone) for day in report.heat],
        "limits": to_builtins(told.limits) if told.limits else None,
        "past": [{"week": k.week.key, "kept": k.kept, "goal": k.goal} for k in report.past],
        "trends": [{"weeks": len(t.weeks), "kept": t.kept, "goal": t.goal} for t in report.trends],
        "costs": [_cost(cost) for cost in report.costs],
        "next": {**_figures(report.ahead, told.goals), "over": list(told.over.get(report.ahead.week, ()))}
        if report.ahead
        else None,
        "not_met": to_builtins(told.not_met),
        "objectives": [{"week": a.week.key, "words": a.words, "landed": a.landed} for a in told.aims],
        "words": to_builtins(told.words),
        "problems": [problem_json(p) for p in report.problems],
    }


def _week(row: ReportedWeek, goals: Mapping[Week, int]) -> Row:
    focus = row.focus
    account = {"booked": focus.booked, "taken": focus.taken, "repaid": focus.repaid, "kept": focus.kept}
    return {**_figures(row.figures, goals), "focus": account}


def _figures(figures: WeekFigures, goals: Mapping[Week, int]) -> Row:
    return {
        "week": figures.week.key, "share": round(figures.share, 3), "long_blocks": figures.long_blocks,
        **{name: figures.total(name) for name in _SUMS},
        "focus_booked": figures.total("focus_booked"), "goal": goals.get(figures.week, 0),
    }  # fmt: skip


def _took(share: Share) -> Row:
    return {"minutes": share.minutes, "meetings": len(share.losses)}


def _day(day: HeatDay, zone: ZoneInfo) -> Row:
    rows: Iterable[Row] = (
        {"what": s.heat.value, "start": _at(s.span.start, zone), "end": _at(s.span.end, zone)} for s in day.stretches
    )
    return {"day": day.day.isoformat(), "stretches": list(rows)}


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()


def _cost(cost: SeriesCost) -> Row:
    event = cost.latest
    return {
        "uid": event.ref.uid, "summary": event.summary, "organizer": event.organizer, "meetings": cost.times,
        "minutes": cost.minutes, "people_minutes": cost.people_minutes,
    }  # fmt: skip
