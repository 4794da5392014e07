"""The daemon: the cycle under the scheduler, the locks and the service manager."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import datetime, time, timedelta

from msgspec.structs import replace

from daemon import cycle
from daemon.config import Config, writing
from daemon.cycle import Planned
from daemon.model.errors import EndedError, UnbusyError
from daemon.model.plan import Problem
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, at
from daemon.model.words import one_line
from daemon.service import health, pages, scheduler
from daemon.service.alarms import Alarm, Clock, Folders, folders_of
from daemon.service.monitor import Monitor
from daemon.service.notify import to_manager, watchdog
from daemon.service.source import Source
from daemon.stages import backoff
from daemon.stages.applying import Applied
from daemon.stages.doubt import clock
from daemon.stages.ours import rules
from daemon.stages.proposing import moments
from daemon.stages.runtime import Runtime

Opening = Callable[[Config], AbstractContextManager[tuple[Runtime, datetime]]]
"""Opens the runtime of a config and reads the clock: for each cycle anew, so that a ledger that was deleted or damaged
under a running daemon costs one cycle and no restart."""


GOES_ON = "events of unbusy were there: nothing is deleted until `unbusy apply`"


def serve(source: Source, opening: Opening, *, observe: bool, verbose: bool, once: bool = False) -> int:
    """Cycle until SIGTERM, or `once`.  A second daemon on the same state stops at once and names the first."""
    log = scheduler.logger(os.environ, verbose=verbose)
    monitor = Monitor(log)

    def turn(stopping: Callable[[], bool], beat: Callable[[], None]) -> scheduler.Done:
        look = source.look()
        with opening(look.config) as (runtime, now):
            if look.anew:
                backoff.end_all(runtime.ledger.drawer, look.config.accounts)
            also = (look.problem,) if look.problem else ()
            try:
                done, turned = one_cycle(runtime, now, observe=observe, also=also, stopping=stopping, beat=beat)
            except EndedError as e:
                return scheduler.Done(e.what, quiet=True)
            except Exception as e:
                health.failed(runtime.ledger.drawer, now, e, runtime.profile.zone)
                monitor.tell(runtime, now)
                raise
            monitor.tell(runtime, now)
        for bad, line in health.lines(turned, now):  # each cause once when it begins and once when it ends
            log.log(logging.WARNING if bad else logging.INFO, one_line(line))
        return done

    with opening(source.config) as (runtime, _):
        lease = runtime.service_lease
    with lease.hold("`unbusy run`"):
        if once:
            done = turn(lambda: False, lambda: None)
            log.info(one_line(done.line))
            return done.code
        with ExitStack() as stack:
            folders, alarms = _alarms(stack)

            def cycled(stopping: Callable[[], bool], beat: Callable[[], None]) -> scheduler.Done:
                try:
                    return turn(stopping, beat)
                finally:
                    if folders:
                        folders.follow(_local_folders(source.config))

            return scheduler.run(
                cycled,
                interval=lambda: timedelta(minutes=source.config.interval),
                renew=source.renew,
                alarms=alarms,
                notify=to_manager(os.environ),
                watchdog=watchdog(os.environ),
                log=log,
                draw=random.random,
            )


def _alarms(stack: ExitStack) -> tuple[Folders | None, list[Alarm]]:
    """Those that this system has; without them the interval alone says when."""
    found: list[Alarm] = []
    for kind in (Folders, Clock):
        with suppress(OSError):
            found.append(kind())
            stack.callback(found[-1].close)
    return next((alarm for alarm in found if isinstance(alarm, Folders)), None), found


def _local_folders(config: Config) -> Iterator[str]:
    """Those of the accounts on this machine."""
    for options in config.accounts.values():
        if path := str(getattr(options, "path", "")):
            yield from folders_of(os.path.expanduser(path))  # noqa: PTH111  Path's raises


def one_cycle(
    runtime: Runtime, now: datetime, *, observe: bool, also: tuple[Problem, ...] = (),
    stopping: Callable[[], bool] = lambda: False, beat: Callable[[], None] = lambda: None,
) -> tuple[scheduler.Done, health.Turned]:  # fmt: skip
    """Read, plan, and write if that was allowed.  `also`: problems that are known already.

    After a write that fails its account rests, and the others are read again in time.  EndedError when it is to stop
    before anything is written.
    """

    def waiting() -> None:
        beat()
        if stopping():
            raise EndedError("stopped before the calendars were read")

    runtime = replace(runtime, waiting=waiting)
    with runtime.run_lease.hold("`unbusy run`"):
        planned = cycle.plan(runtime, now, patient=True, also=also, beat=beat)
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
        if not (observe or doubted):
            problems = (*problems, *pages.write_due(runtime, planned.observation.snapshot, now))
        turned = health.note(
            runtime.ledger.drawer, now, said, problems, plan=plan, zone=runtime.profile.zone, observing=observe
        )
        quiet = not (failed or (done and done.done))
        code = 5 if plan.stopped else max((p.code for p in problems), default=0)
        snapshot = planned.observation.snapshot
        wake = _next_moment(snapshot, moments(runtime, snapshot))
        return scheduler.Done(said, quiet=quiet, failed=failed, code=code, wake=wake), turned


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
