"""One cycle of the daemon: read, plan, write as far as that is allowed, and what to say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time

from msgspec import Struct
from msgspec.structs import replace

from daemon import cycle
from daemon.config import writing
from daemon.cycle import Planned
from daemon.model.errors import EndedError, UnbusyError
from daemon.model.plan import Problem
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, at
from daemon.service import health, pages
from daemon.stages.applying import Applied
from daemon.stages.doubt import clock
from daemon.stages.ours import rules
from daemon.stages.proposing import moments
from daemon.stages.runtime import Runtime

GOES_ON = "events of unbusy were there: nothing is deleted until `unbusy apply`"


class Done(Struct, frozen=True):
    """What a cycle did, in one line.

    `quiet`: nothing that anybody needs to read.  `failed`: it could not write all that it should, which is an error in
    the log and no reason for another pace.  `code`: the exit code of a run that did only this.
    `wake`: the moment at which the next cycle has something to do, if that is before its time.
    """

    line: str
    quiet: bool = False
    failed: bool = False
    code: int = 0
    wake: datetime | None = None


def one_cycle(
    runtime: Runtime, now: datetime, *, observe: bool, also: tuple[Problem, ...] = (), force: bool = False,
    saw: Callable[[Planned], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False, beat: Callable[[], None] = lambda: None,
) -> tuple[Done, health.Turned]:  # fmt: skip
    """Read, plan, and write if that was allowed.  `also`: problems that are known already.

    `force`: the limits do not count, this once.  `saw` is shown the plan before anything is written.

    After a write that fails its account rests, and the others are read again in time.  EndedError when it is to stop
    before anything is written.
    """

    def waiting() -> None:
        beat()
        if stopping():
            raise EndedError("stopped before the calendars were read")

    runtime = replace(runtime, waiting=waiting)
    with runtime.run_lease.hold("`unbusy run`"):
        planned = cycle.plan(runtime, now, patient=True, accept_empty=force, also=also, beat=beat)
        saw(planned)
        plan, problems = planned.plan, planned.plan.problems
        done, doubted = None, clock.doubt(runtime, now)
        clock.note(runtime, now, doubted)
        said = ""
        if not (observe or doubted) and cycle.may_write(runtime, planned.observation):
            todo = cycle.plan_stopped(runtime, planned) if plan.stopped and not force else planned
            todo = todo if cycle.is_confirmed(runtime) else cycle.without_deletions(todo)
            try:
                done = cycle.carry_out(runtime, todo, now, command="run", force=force, stopping=stopping, beat=beat)
            except UnbusyError as e:
                account, _ = writing(runtime.config)
                failure = Problem(account, f"writing failed: {e.what}", e.remedy, e.code)
                said, problems = f"{len(plan.changes)} changes, {failure.what}", (*problems, failure)
        failed = bool(said)
        said = said or _said(planned, done, observe=observe or bool(doubted), titles=runtime.config.log_titles)
        if done is not None and not cycle.is_confirmed(runtime):
            said += f"; {GOES_ON}"
        if not (observe or doubted):
            problems = (*problems, *pages.write_due(runtime, planned.observation.snapshot, now))
        turned = health.note(
            runtime.ledger.drawer, now, said, problems, plan=plan, zone=runtime.profile.zone, observing=observe
        )
        quiet = not (failed or (done and done.done))
        code = 5 if plan.stopped and not force else max((p.code for p in problems), default=0)
        snapshot = planned.observation.snapshot
        wake = _next_moment(snapshot, moments(runtime, snapshot))
        return Done(said, quiet=quiet, failed=failed, code=code, wake=wake), turned


def _next_moment(snapshot: Snapshot, named: Iterable[datetime]) -> datetime:
    """When there is something to do: in the morning, when prompts are made, at midnight, or when a policy says."""
    tomorrow = snapshot.today + DAY
    known = (snapshot.morning(snapshot.today), at(tomorrow, time(), snapshot.zone))
    return min(moment for moment in (*known, *named) if moment > snapshot.now)


def _said(planned: Planned, done: Applied | None, *, observe: bool, titles: bool) -> str:
    plan = planned.plan
    counts = f"{len(planned.observation.events)} occurrences read, {len(plan.changes)} changes"
    if titles and plan.changes:
        counts += f" ({', '.join(sorted({c.title for c in plan.changes}))})"
    if plan.stopped:
        what = f"stopped: {plan.stopped}; see `unbusy plan`, then `unbusy apply --force`"
    elif done is not None:
        what = f"{done.done} written" + (f", {done.lost} lost races" if done.lost else "")
    elif observe:
        what = "observing"
    else:
        what = "not written: no `unbusy apply` was confirmed yet"
    what += "".join(f"; {note}" for note in plan.notes if note == rules.CHANGED and done is not None)
    problems = f", {len(plan.problems)} problems ({plan.problems[0].where})" if plan.problems else ""
    return f"{counts}, {what}{problems}"
