"""What a cycle came to: remembered for `status`, and compared with the one before for the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.ledger import Drawer
from daemon.ledger.notes import HEALTH, Health, Trouble
from daemon.model.errors import UnbusyError
from daemon.model.figures.metrics import WeekFigures
from daemon.model.plan import Plan, Problem
from daemon.model.times import local_day
from daemon.model.words import lasting, one_line

CYCLE = "the cycle"
"""Where a trouble is that kept a cycle from its end."""

LIMITS = "limits"
"""Where one is that stopped a plan."""


class Turned(Struct, frozen=True):
    """What has changed for the worse and for the better."""

    begun: tuple[Trouble, ...] = ()
    ended: tuple[Trouble, ...] = ()


def note(
    drawer: Drawer, now: datetime, said: str, problems: Iterable[Problem], *, plan: Plan | None, zone: ZoneInfo,
    observing: bool = False,
) -> Turned:  # fmt: skip
    """Remember what a cycle came to; `plan`: None for one that did not come to its end."""
    before = HEALTH.get(drawer)
    known = before.troubles if before else ()
    troubles = tuple(_since(known, problem, now) for problem in _all(problems, plan))
    kept, booked = _focus(plan, now, zone)
    if plan is None and before:
        kept, booked = before.kept, before.booked
    health = Health(
        at=now, said=said, stopped=plan.stopped if plan else "", troubles=troubles, observing=observing,
        failed=plan is None, kept=kept, booked=booked,
    )  # fmt: skip
    HEALTH.put(drawer, health)
    names = {_name(t) for t in troubles}
    return Turned(
        begun=tuple(t for t in troubles if t.since == now and _name(t) not in set(map(_name, known))),
        ended=tuple(t for t in known if _name(t) not in names) if plan is not None else (),
    )


def failed(drawer: Drawer, now: datetime, error: Exception, zone: ZoneInfo) -> Turned:
    """Remember a cycle that did not come to its end; where the ledger itself fails, only the log has it."""
    if isinstance(error, UnbusyError):
        problem = Problem(CYCLE, error.what, error.remedy, error.code)
    else:
        problem = Problem(CYCLE, one_line(f"{type(error).__name__}: {error}"), "please report it; the log has more", 1)
    try:
        return note(drawer, now, problem.what, [problem], plan=None, zone=zone)
    except UnbusyError:
        return Turned()


def lines(turned: Turned, now: datetime) -> Iterator[tuple[bool, str]]:
    """A line for the log for each, and whether it is bad news; a failed cycle has its own."""
    for t in turned.begun:
        if t.where != CYCLE:
            yield bool(t.code), f"{t.where}: {t.what}" + (f"; {t.remedy}" if t.remedy else "")
    for t in turned.ended:
        yield False, f"{t.where}: well again after {lasting(now - t.since)}"


def _all(problems: Iterable[Problem], plan: Plan | None) -> Iterator[Problem]:
    """One of each kind, and the limit that was met."""
    told: set[tuple[str, str]] = set()
    if plan and plan.stopped:
        yield Problem(LIMITS, plan.stopped, "look at `unbusy plan`; `unbusy apply --force` carries it out", 5)
    for problem in problems:
        if (name := _name(problem)) not in told:
            told.add(name)
            yield problem


def _since(known: Iterable[Trouble], problem: Problem, now: datetime) -> Trouble:
    since = next((t.since for t in known if _name(t) == _name(problem)), now)
    return Trouble(problem.where, problem.what, problem.remedy, problem.code, since)


def _name(of: Problem | Trouble) -> tuple[str, str]:
    """What makes it the same one at another time: the words may change while an account rests."""
    return of.where, str(of.code) if of.code else of.what


def _focus(plan: Plan | None, now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Minutes of focus kept in the week so far, and all that stand in it."""
    today = local_day(now, zone)
    weeks: Iterable[WeekFigures] = plan.metrics.weeks if plan else ()
    days = next((w.days for w in weeks if today in w.week.days), ())
    return sum(d.focus_kept for d in days if d.day < today), sum(d.focus_kept for d in days)
