"""Runs the cycle again and again, in the thread that called it, until it is asked to stop.

One thread has the ledger and writes, so that a signal does not find a write half done: it only leaves a note, which the
loop and the cycle read between two steps, and while they wait for a server.  A failing cycle is named in one line and
tried again later; nothing that a calendar or a server says ends the daemon.

Import this module where the daemon starts and not before: APScheduler costs 14 MiB.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from select import select
from types import FrameType

from apscheduler.executors.base import BaseExecutor
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from msgspec import Struct

from daemon.model.errors import UnbusyError
from daemon.model.words import lasting, one_line
from daemon.service.alarms import Alarm
from daemon.service.notify import Notify
from daemon.service.turn import Done
from daemon.stages.backoff import rest_after

Cycle = Callable[[Callable[[], bool], Callable[[], None]], Done]
"""One cycle, `cycle(stopping, beat)`, which returns what it did.  Between two effects it calls `beat`, so that the
watchdog sees it advance, and asks `stopping`: once that is true it leaves the rest to another cycle."""

GRACE = 10.0
"""Seconds that the write at hand has to come to its end when the daemon is asked to stop."""

_ALWAYS = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}  # late is better than never, and once


def run(
    cycle: Cycle,
    *,
    interval: Callable[[], timedelta],
    notify: Notify,
    watchdog: timedelta | None,
    log: logging.Logger,
    draw: Callable[[], float],
    renew: Callable[[], None] = lambda: None,
    alarms: Sequence[Alarm] = (),
) -> int:
    """Cycle now, and an interval after each cycle's end; SIGHUP: at once; SIGTERM and SIGINT: stop.  The exit code.

    Call it in the main thread when everything is set up: the service manager hears READY first.  `watchdog`: how
    often it wants a sign of life while the loop rests.  `draw` gives a number in [0, 1), by which a pause is up to a
    tenth longer: many machines shall not ask a server at the same moment.  `renew` is called before a cycle that SIGHUP
    asked for.  `alarms` may call for a cycle before its time.
    """
    faulthandler.enable(2)  # the watchdog's SIGABRT then shows where a cycle hangs
    asked, pace, failures, wrong, first = _Asked(), _Pace(interval()), 0, "", True

    def beat() -> None:
        notify({"WATCHDOG": "1"})

    def turn() -> None:
        nonlocal failures, wrong, first
        try:
            done = cycle(lambda: asked.to_stop, beat)
        except SystemExit:
            line = "stopped in the middle of a write; the next cycle looks at what came of it"
            log.warning(line)
        except Exception as error:  # whatever fails, the next cycle is a new attempt
            failures += 1
            pace.wake = None
            pace.rest, what = rest_after(error, failures, interval(), draw()), failure(error)
            line = f"{what}; next try in {lasting(pace.rest)}"
            trace = error if log.isEnabledFor(logging.DEBUG) else None
            log.log(logging.DEBUG if what == wrong else logging.ERROR, line, exc_info=trace)
            wrong = what
        else:
            failures, pace.wake, line = 0, done.wake, one_line(done.line)
            pace.rest = interval() * (1 + draw() / 10)
            again = done.line == wrong if done.failed else done.quiet and not first
            log.log(logging.DEBUG if again else logging.ERROR if done.failed else logging.INFO, line)
            wrong, first = done.line if done.failed else "", False
        notify({"STATUS": line, "WATCHDOG": "1"})

    with _signals(asked) as bell:
        loop = _Loop(bell, alarms, timezone=UTC)
        if watchdog:
            loop.add_job(beat, _Pace(watchdog), **_ALWAYS)
        job = loop.add_job(turn, pace, **_ALWAYS)
        notify({"READY": "1", "STATUS": "first cycle"})
        loop.start()
        while not asked.to_stop:
            if asked.to_cycle:
                asked.to_cycle = False
                renew()
                job.modify(next_run_time=datetime.now(UTC))
            soon = loop.turn()
            if soon is not None and job.next_run_time > (due := datetime.now(UTC) + soon):
                job.modify(next_run_time=due)
        notify({"STOPPING": "1"})
        loop.shutdown()
    return 0


def failure(error: Exception) -> str:
    """One line: the kind of failure, what happened, and the remedy where one is known."""
    kind = type(error).__name__
    if isinstance(error, UnbusyError):
        kind = kind.removesuffix("Error").lower()
        text = f"{error.what}; {error.remedy}" if error.remedy else error.what
    else:
        text = str(error)
    return f"cycle failed ({kind}){text and ': '}{one_line(text)}"


def logger(environ: Mapping[str, str], *, verbose: bool) -> logging.Logger:
    """One line a cycle on standard error; the journal adds the time itself and takes our priority (sd-daemon(3))."""
    handler = logging.StreamHandler(sys.stderr)
    stamped = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    handler.setFormatter(_ForJournal() if _is_journal(environ) else stamped)
    log = logging.getLogger("unbusy")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    return log


def _is_journal(environ: Mapping[str, str]) -> bool:
    """Whether standard error is what $JOURNAL_STREAM names; the name alone is inherited (systemd.exec(5))."""
    try:
        where = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{where.st_dev}:{where.st_ino}"


class _ForJournal(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        priority = {logging.ERROR: 3, logging.WARNING: 4}.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


class _Asked(Struct):
    """What signals have asked for."""

    to_stop: bool = False
    to_cycle: bool = False


@contextmanager
def _signals(asked: _Asked) -> Iterator[socket.socket]:
    """Note down what signals ask for; the socket given turns readable at each.  A second SIGINT ends the process.

    What is not over `GRACE` after somebody has asked to stop is left as it is, like at a crash.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.to_stop = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def late(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit

    def cycle(_number: int, _frame: FrameType | None) -> None:
        asked.to_cycle = True

    bell, button = socket.socketpair()
    with bell, button:
        bell.settimeout(0)
        button.settimeout(0)
        fd = signal.set_wakeup_fd(button.fileno(), warn_on_full_buffer=False)
        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: cycle, signal.SIGALRM: late}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield bell
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(fd)


class _Loop(BaseScheduler):  # type: ignore[misc]  # APScheduler ships no types
    """APScheduler in this thread.  It waits on a socket: the lock of BlockingScheduler is no place for a signal."""

    def __init__(self, bell: socket.socket, alarms: Sequence[Alarm] = (), **options: object) -> None:
        super().__init__(**options)
        self._bell, self._alarms = bell, alarms
        self._wait: float | None = 0

    def turn(self) -> timedelta | None:
        """Wait until something is due, a signal came or an alarm went off; run what is due.

        How soon an alarm wants a cycle, None where none does.
        """
        waited: list[socket.socket | Alarm] = [self._bell, *self._alarms]
        ready = select(waited, [], [], self._wait)[0]
        if self._bell in ready:
            self._bell.recv(4096)
        soon = [s for alarm in self._alarms if alarm in ready and (s := alarm.heard()) is not None]
        self._wait = self._process_jobs()
        return min(soon, default=None)

    def wakeup(self) -> None:
        """Look again at what is due; only this thread ever changes that."""
        self._wait = 0

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002  # APScheduler's own signature
        """Nothing to wait for: jobs run inside `turn`."""
        super().shutdown(wait)

    def _create_default_executor(self) -> BaseExecutor:
        return DebugExecutor()


class _Pace(BaseTrigger):  # type: ignore[misc]  # as above
    """At once, then `rest` after the end of each run, or at `wake`: never two at a time, never without a pause."""

    def __init__(self, rest: timedelta) -> None:
        self.rest = rest
        self.wake: datetime | None = None

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        if not previous_fire_time:
            return now
        ended = datetime.now(UTC)
        return min(ended + self.rest, max(self.wake, ended) if self.wake else ended + self.rest)
