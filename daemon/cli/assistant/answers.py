"""What an assistant is told.  Titles follow the rules of what is written: docs/calendar.md, "What is said where".

What you typed is told by the search of the journal alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from daemon import cycle
from daemon.cli.json_rows import Json, change_json, when_json
from daemon.cli.looking.journal import day, entries, matching
from daemon.cli.looking.week import asked
from daemon.cli.session import Session
from daemon.explain import explanation
from daemon.explain.search import Absence
from daemon.model.errors import ConfigError, StoppedError
from daemon.model.event import Event
from daemon.model.figures.erosion import by_series
from daemon.model.owner import Field, Wish
from daemon.model.plan import Annotate, Change, Create, Plan, Problem, Respond
from daemon.model.snapshot import OwnEvent
from daemon.model.words import NO_TITLE, PRIVATE, one_line
from daemon.planning.after import after
from daemon.stages.doubt import clock
from daemon.stages.runtime import Runtime, open_journal
from daemon.views.report import report as make_report
from daemon.views.weekly import NAMES, line, listing, summary, total, totals

MOST = 50
"""Answers of the journal that one search gives."""


def plan(session: Session) -> Json:
    """What unbusy would do, and what each week would come to; `id` names exactly this plan."""
    with session.runtime() as (runtime, now):
        planned = cycle.plan(runtime, now)
        made, zone, say = planned.plan, runtime.profile.zone, _Titles(runtime)
        return {
            "id": identity(made, zone),
            "weeks": [line(found) for found in totals(planned, runtime.config)],
            "changes": [_change(c, zone, say) for c in made.changes],
            "no_place": [{"what": str(u.wish), "reason": one_line(u.reason)} for u in made.unplaced],
            "stopped": made.stopped,
            **_problems(made.problems),
        }


def identity(made: Plan, zone: ZoneInfo) -> str:
    """16 hexadecimal digits over every change to the letter."""
    whole = json.dumps([change_json(c, zone) for c in made.changes], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _change(change: Change, zone: ZoneInfo, say: _Titles) -> Json:
    start, end = when_json(change.when, zone)
    said: Json = {
        "action": change.action.value, "title": say.of_change(change), "start": start, "end": end,
        "shown_as": change.show_as.value, "reason": one_line(change.reason.partition("\n")[0]),
    }  # fmt: skip
    if isinstance(change, Respond):
        said["reply"] = ": ".join(filter(None, [change.answer.lower(), one_line(change.rsvp.comment)]))
    return said


def week(session: Session, when: str) -> Json:
    """A week as the plan would leave it."""
    with session.runtime() as (runtime, now):
        planned = cycle.plan(runtime, now)
        before = planned.observation.snapshot
        then = before if planned.plan.stopped else after(before, planned.plan.changes)
        meant = asked(before, now, when)
        return {
            "week": meant.key,
            "comes_to": summary(total(then, runtime.config, meant)),
            "days": list(listing(before, then, meant, named=_Titles(runtime, (*before.ours, *then.ours)).of)),
            **_problems(planned.plan.problems),
        }


class _Titles:
    """What may be told of titles: of unbusy's own without what the user typed, but where the journal is told, too."""

    def __init__(self, runtime: Runtime, ours: Iterable[OwnEvent] = ()) -> None:
        self._roles, self._whole = runtime.roles, runtime.config.mcp.journal
        self._ours = {o.event.ref: o for o in ours}

    def of(self, event: Event) -> str:
        """Of an event that stands, or would."""
        if own := self._ours.get(event.ref):
            return self._own(event.summary, own.wish, by_hand=Field.TITLE in own.edited)
        return PRIVATE if event.secret else one_line(event.said) or NO_TITLE

    def of_change(self, change: Change) -> str:
        """Of the event that a change is about, as it will stand."""
        if isinstance(change, Annotate | Respond):
            return self.of(change.before)
        by_hand = not isinstance(change, Create) and Field.TITLE in change.before.edited
        return self._own(change.title, change.wish, by_hand=by_hand)

    def _own(self, title: str, wish: Wish, *, by_hand: bool) -> str:
        if self._whole:
            return one_line(title)
        return f"{NAMES[self._roles.of(wish)]}, titled by you" if by_hand else one_line(title.partition(": ")[0])


def why(session: Session, when: str) -> Json:
    """What is there at a moment and why, or what keeps a block away."""
    with session.runtime() as (runtime, now):
        zone = runtime.profile.zone
        moment = Session(None, when, verbose=False).now(zone)
        found = explanation.explain(runtime, cycle.plan(runtime, now), moment)
        say = _Titles(runtime, found.ours)
        return {
            "moment": found.moment.astimezone(zone).isoformat(),
            "yours": [{"title": say.of(e), "counts_as": e.counts_as.value, **_times(e, zone)} for e in found.foreign],
            "unbusys": [_own(own, zone, say) for own in found.ours],
            "no_block": [{"policy": policy, **_absence(absence)} for policy, absence in found.absences.items()],
            "asks_less": [one_line(said) for said in found.fewer],
        }


def _own(own: OwnEvent, zone: ZoneInfo, say: _Titles) -> Json:
    typed = Field.TEXT in own.edited
    reason = "you have written into it" if typed else one_line(own.event.description.partition("\n")[0])
    return {"title": say.of(own.event), "reason": reason, "yours": sorted(own.edited), **_times(own.event, zone)}


def _absence(absence: Absence) -> Json:
    rows = [{"because": one_line(o.because), "change": one_line(o.change)} for o in absence.obstacles]
    return {"obstacles": rows, "all_of_these_would_do": bool(absence.remedy)}


def report(session: Session, weeks: int) -> Json:
    """What became of focus time, week by week, and which meetings took it."""
    with session.runtime() as (runtime, now):
        made, say = make_report(runtime, now, weeks), _Titles(runtime)
        rows = ((row.figures, row.focus) for row in made.rows)
        return {
            "weeks": [
                {
                    "week": figures.week.key, "meeting_minutes": figures.total("meeting"),
                    "share_of_working_time": round(figures.share, 2),
                    "after_hours_minutes": figures.total("after_hours"),
                    "focus_booked_minutes": focus.booked, "focus_taken_minutes": focus.taken,
                    "focus_kept_minutes": focus.kept,
                }
                for figures, focus in rows
            ],
            "what_took_it": [{"title": say.of(s.latest), "minutes": s.minutes, "meetings": len(s.losses)}
                             for s in made.shares(by_series)],
            **_problems(made.problems),
        }  # fmt: skip


def search_journal(session: Session, words: str, first: str, last: str) -> Json:
    """What you typed, where all of these words stand in it or in what was asked."""
    config = session.config()
    if not config.mcp.journal:
        raise ConfigError("the journal is not for an assistant", "set `journal = true` in `[mcp]`")
    found = matching(entries(open_journal(config), day(first, date.min), day(last, date.max)), words.split())
    rows = [{"day": e.day.isoformat(), "event": e.event, "question": e.question, "text": e.text} for e in found[-MOST:]]
    return {"answers": rows, "older": max(0, len(found) - MOST)}


def apply(session: Session, plan_id: str, shown: Callable[[str], bool]) -> Json:
    """Carry out the plan of that name, which was `shown` and is the plan still."""
    with session.runtime() as (runtime, now):
        _allowed(runtime)
        if not shown(plan_id):
            raise StoppedError("nothing was written: no plan of that id was shown here", "ask for `plan` first")
        with runtime.run_lease.hold("`unbusy mcp`"):
            planned = cycle.plan(runtime, now)
            if identity(planned.plan, runtime.profile.zone) != plan_id:
                raise StoppedError("nothing was written: the plan has changed since", "ask for `plan` again")
            if doubted := clock.doubt(runtime, now):
                raise StoppedError(f"nothing was written: {doubted.what}", doubted.remedy)
            done = cycle.carry_out(runtime, planned, now, command="apply (mcp)")
        made = planned.plan
        counts = {"written": done.done, "changes": len(made.changes), "changed_meanwhile": done.lost}
        return counts | _problems(made.problems)


def _allowed(runtime: Runtime) -> None:
    """Only where the config says so, and once the user has said yes to writing."""
    if not runtime.config.mcp.apply:
        raise ConfigError("nothing was written: an assistant may not apply", "set `apply = true` in `[mcp]`")
    if not cycle.is_confirmed(runtime):
        what = "nothing was written: you have not said yes to writing yet"
        raise StoppedError(what, "run `unbusy apply` once yourself")


def _times(event: Event, zone: ZoneInfo) -> Json:
    return dict(zip(("start", "end"), when_json(event.when, zone), strict=True))


def _problems(problems: Iterable[Problem]) -> Json:
    """How many there are: where and what is said on the machine, since places and files have names, too."""
    found = sum(1 for _ in problems)
    return {"problems": f"{found} (`unbusy plan` says which, on the machine)"} if found else {}
