"""The daemon: the cycle under the scheduler, the locks and the service manager."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import datetime, timedelta

from daemon.config import Config
from daemon.model.errors import EndedError
from daemon.model.words import one_line
from daemon.service import health, scheduler
from daemon.service.alarms import Alarm, Clock, Folders, folders_of
from daemon.service.monitor import Monitor
from daemon.service.notify import to_manager, watchdog
from daemon.service.source import Source
from daemon.service.turn import Done, one_cycle
from daemon.stages import backoff
from daemon.stages.runtime import Runtime

Opening = Callable[[Config], AbstractContextManager[tuple[Runtime, datetime]]]
"""Opens the runtime of a config and reads the clock: for each cycle anew, so that a ledger that was deleted or damaged
under a running daemon costs one cycle and no restart."""


def serve(source: Source, opening: Opening, *, observe: bool, verbose: bool, once: bool = False) -> int:
    """Cycle until SIGTERM, or `once`.  A second daemon on the same state stops at once and names the first."""
    log = scheduler.logger(os.environ, verbose=verbose)
    monitor = Monitor(log)

    def turn(stopping: Callable[[], bool], beat: Callable[[], None]) -> Done:
        look = source.look()
        with opening(look.config) as (runtime, now):
            if look.anew:
                backoff.end_all(runtime.ledger.drawer, look.config.accounts)
            also = (look.problem,) if look.problem else ()
            try:
                done, turned = one_cycle(runtime, now, observe=observe, also=also, stopping=stopping, beat=beat)
            except EndedError as e:
                return Done(e.what, quiet=True)
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

            def cycled(stopping: Callable[[], bool], beat: Callable[[], None]) -> Done:
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
