"""The daemon: the cycle under the scheduler, the locks and the service manager."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from daemon import cycle
from daemon.config import writing
from daemon.cycle import Planned
from daemon.model.errors import UnbusyError
from daemon.model.plan import Problem
from daemon.model.words import one_line
from daemon.service import health, scheduler
from daemon.service.notify import to_manager, watchdog
from daemon.stages.applying import Applied
from daemon.stages.doubt import clock
from daemon.stages.runtime import Runtime

Opening = Callable[[], AbstractContextManager[tuple[Runtime, datetime]]]
"""Opens the runtime and reads the clock: for each cycle anew, so that a ledger that was deleted or damaged under a
running daemon costs one cycle and no restart."""


GOES_ON = "events of unbusy were there: nothing is deleted until `unbusy apply`"


def serve(opening: Opening, *, observe: bool, verbose: bool) -> int:
    """Cycle until SIGTERM.  A second daemon on the same state stops at once and names the first."""
    log = scheduler.logger(os.environ, verbose=verbose)

    def turn(stopping: Callable[[], bool], beat: Callable[[], None]) -> scheduler.Done:
        with opening() as (runtime, now):
            try:
                done, turned = one_cycle(runtime, now, observe=observe, stopping=stopping, beat=beat)
            except Exception as e:
                health.failed(runtime.ledger.drawer, now, e, runtime.profile.zone)
                raise
        for bad, line in health.lines(turned, now):  # each cause once when it begins and once when it ends
            log.log(logging.WARNING if bad else logging.INFO, one_line(line))
        return done

    with opening() as (runtime, _):
        lease, interval = runtime.service_lease, runtime.config.interval
    with lease.hold("`unbusy run`"):
        return scheduler.run(
            turn,
            interval=timedelta(minutes=interval),
            notify=to_manager(os.environ),
            watchdog=watchdog(os.environ),
            log=log,
            draw=random.random,
        )


def one_cycle(
    runtime: Runtime, now: datetime, *, observe: bool, stopping: Callable[[], bool] = lambda: False,
    beat: Callable[[], None] = lambda: None,
) -> tuple[scheduler.Done, health.Turned]:  # fmt: skip
    """Read, plan, and write if that was allowed.

    After a write that fails its account rests, and the others are read again in time.
    """
    with runtime.run_lease.hold("`unbusy run`"):
        planned = cycle.plan(runtime, now, patient=True, beat=beat)
        plan, problems = planned.plan, planned.plan.problems
        done, doubted = None, clock.doubt(runtime, now)
        clock.note(runtime, now, doubted)
        said = ""
        if not (observe or doubted) and cycle.may_write(runtime, planned.observation):
            todo = cycle.plan_stopped(runtime, planned) if plan.stopped else planned
            todo = todo if cycle.is_confirmed(runtime) else cycle.without_deletions(todo)
            try:
                done = cycle.carry_out(runtime, todo, now, command="run", stopping=stopping, beat=beat)
            except UnbusyError as e:
                account, _ = writing(runtime.config)
                failure = Problem(account, f"writing failed: {e.what}", e.remedy, e.code)
                said, problems = f"{len(plan.changes)} changes, {failure.what}", (*problems, failure)
        failed = bool(said)
        said = said or _said(planned, done, observe=observe or bool(doubted), titles=runtime.config.log_titles)
        if done is not None and not cycle.is_confirmed(runtime):
            said += f"; {GOES_ON}"
        turned = health.note(
            runtime.ledger.drawer, now, said, problems, plan=plan, zone=runtime.profile.zone, observing=observe
        )
        return scheduler.Done(said, quiet=not (failed or (done and done.done)), failed=failed), turned


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
    problems = f", {len(plan.problems)} problems ({plan.problems[0].where})" if plan.problems else ""
    return f"{counts}, {what}{problems}"
