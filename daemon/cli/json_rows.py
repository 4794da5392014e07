"""The JSON that `--json` prints: a stable contract, documented in docs/json.md.

Times are ISO 8601 with the offset of the user's zone; all-day events have dates, the end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daemon.model.event import CountsAs, Event
from daemon.model.figures.metrics import DayFigures, Metrics, WeekFigures
from daemon.model.plan import Annotate, Change, Plan, Problem, Respond, Unplaced, Update
from daemon.model.snapshot import TAKING, OwnEvent
from daemon.model.times import When

if TYPE_CHECKING:  # `plan` needs neither
    from daemon.ledger import ChangeRow, RunRow

Json = dict[str, object]


def plan_json(plan: Plan, zone: ZoneInfo) -> Json:
    """`plan --json`, `apply --json`, `purge --json`."""
    return {
        "now": plan.now.astimezone(zone).isoformat(),
        "window": dict(zip(("start", "end"), when_json(plan.window, zone), strict=True)),
        "changes": [change_json(c, zone) for c in plan.changes],
        "unplaced": [_unplaced(u) for u in plan.unplaced],
        "metrics": metrics_json(plan.metrics),
        "problems": [problem_json(p) for p in plan.problems],
        "stopped": plan.stopped,
        "notes": list(plan.notes),
    }


def when_json(when: When, zone: ZoneInfo) -> tuple[str, str]:
    """Start and end."""
    start, end = when.ends(zone)
    return start.isoformat(), end.isoformat()


def change_json(change: Change, zone: ZoneInfo) -> Json:
    """One row of `changes[]`."""
    start, end = when_json(change.when, zone)
    row: Json = {
        "action": change.action.value, "policy": change.wish.policy, "key": change.wish.key,
        "calendar": change.calendar, "uid": change.uid, "start": start, "end": end, "summary": change.title,
        "show_as": change.show_as.value,
    }  # fmt: skip
    row["reason"] = change.reason
    if isinstance(change, Annotate):
        row["answer"] = change.answer
    if isinstance(change, Respond):
        row |= {"reply": change.answer.lower(), "organizer": change.before.organizer, "comment": change.rsvp.comment}
    if isinstance(change, Update):
        row["before"] = _before(change, zone)
        row["fields"] = sorted(f.value for f in change.fields)
    return row


def _before(change: Update, zone: ZoneInfo) -> Json:
    own: OwnEvent = change.before
    start, end = when_json(own.event.when, zone)
    return {"start": start, "end": end, "summary": own.event.summary, "show_as": own.event.show_as.value}


def _unplaced(u: Unplaced) -> Json:
    return {"policy": u.policy, "key": u.key, "reason": u.reason}


def problem_json(p: Problem) -> Json:
    """One row of `problems[]`."""
    return {"where": p.where, "what": p.what, "remedy": p.remedy}


def metrics_json(metrics: Metrics) -> Json:
    """Per day and week; minutes unless the name says otherwise."""
    return {"days": [_day(d) for d in metrics.days], "weeks": [_week(w) for w in metrics.weeks]}


def _day(d: DayFigures) -> Json:
    names = [n for n in DayFigures.__struct_fields__ if n != "day"]
    return {"day": d.day.isoformat(), "share": round(d.share, 3), **{n: getattr(d, n) for n in names}}


def _week(w: WeekFigures) -> Json:
    sums = ("working", "meeting", "in_hours", "after_hours", "focus_booked", "focus_kept", "fragments", "switches")
    return {
        "week": w.week.key, "share": round(w.share, 3), "long_blocks": w.long_blocks, **{n: w.total(n) for n in sums}
    }  # fmt: skip


def run_json(run: RunRow, zone: ZoneInfo) -> Json:
    """One row of `log --json`: `runs[]`."""
    rows = [{"action": c.action, "policy": c.policy, "key": c.key, "uid": c.uid, "summary": _title(c),
             "reason": c.reason, "outcome": c.outcome} for c in run.changes]  # fmt: skip
    return {"run": run.id, "at": run.at.astimezone(zone).isoformat(), "command": run.command,
            "outcome": run.outcome, "changes": rows}  # fmt: skip


def _title(change: ChangeRow) -> object:
    return (change.after or change.before).get("title", "")


def agenda_json(events: Iterable[Event], problems: Iterable[Problem], zone: ZoneInfo) -> Json:
    """`agenda --json`."""
    return {"occurrences": [occurrence(e, zone) for e in events], "problems": [problem_json(p) for p in problems]}


def occurrence(e: Event, zone: ZoneInfo) -> Json:
    """One row of `occurrences[]`."""
    start, end = when_json(e.when, zone)
    busy = e.counts_as in TAKING or (e.counts_as is CountsAs.OURS and e.show_as.strength > 0)
    row: Json = {
        "calendar": e.ref.calendar, "uid": e.ref.uid, "recurrence_id": e.ref.recurrence_id or None, "start": start,
        "end": end, "all_day": e.all_day, "summary": e.summary, "busy": busy, "counts_as": e.counts_as.value,
    }  # fmt: skip
    return row | ({"uncertain": True} if e.uncertain else {})
