import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.model.errors import ConfigError, RefusedError, TemporaryError
from daemon.service.scheduler import _ALWAYS, Done, _Loop, _Pace, failure, logger, run

MOMENT = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Stopping = Callable[[], bool]
Beat = Callable[[], None]
Step = Callable[[Stopping, Beat], Done]


def does(line: str, *, quiet: bool = False, failed: bool = False) -> Step:
    return lambda _stopping, _beat: Done(line, quiet=quiet, failed=failed)


def raises(error: Exception) -> Step:
    def step(_stopping: Stopping, _beat: Beat) -> Done:
        raise error

    return step


def is_sent(*signals: signal.Signals) -> Step:
    """A cycle in which signals arrive, and which heeds them."""

    def step(stopping: Stopping, _beat: Beat) -> Done:
        for number in signals:
            signal.raise_signal(number)
        return Done("stopped early" if stopping() else "went on")

    return step


@dataclass
class Daemon:
    """A daemon whose cycles are the given steps; when there are none left, it is sent SIGTERM."""

    steps: tuple[Step, ...]
    told: list[Mapping[str, str]] = field(default_factory=list)
    cycles: int = 0

    def cycle(self, stopping: Stopping, beat: Beat) -> Done:
        self.cycles += 1
        if self.cycles > len(self.steps):
            return is_sent(signal.SIGTERM)(stopping, beat)
        return self.steps[self.cycles - 1](stopping, beat)

    def run(
        self,
        interval: timedelta = MOMENT,
        watchdog: timedelta | None = None,
        *,
        verbose: bool = False,
        on_beat: Callable[[], object] = lambda: None,
    ) -> int:
        def notify(assignments: Mapping[str, str]) -> None:
            self.told.append(assignments)
            if assignments == {"WATCHDOG": "1"}:
                on_beat()

        log = logger({}, verbose=verbose)
        return run(self.cycle, interval=lambda: interval, notify=notify, watchdog=watchdog, log=log, draw=lambda: 0.0)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was logged, without the times."""
    return [line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines()]


def test_it_cycles_until_it_is_asked_to_stop_with_one_line_for_each_cycle(capsys: pytest.CaptureFixture[str]) -> None:
    assert Daemon((does("3 changes"), does("no changes"))).run() == 0
    assert lines(capsys) == ["3 changes", "no changes", "stopped early"]


def test_the_manager_hears_that_it_is_ready_then_how_each_cycle_went_then_that_it_stops() -> None:
    daemon = Daemon((does("3 changes"), raises(RefusedError("work: login refused", "run `unbusy login work`"))))
    daemon.run()
    told = [m for m in daemon.told if m != {"WATCHDOG": "1"}]
    failed = "cycle failed (refused): work: login refused; run `unbusy login work`; next try in 0 s"
    assert told == [
        {"READY": "1", "STATUS": "first cycle"},
        {"STATUS": "3 changes", "WATCHDOG": "1"},
        {"STATUS": failed, "WATCHDOG": "1"},
        {"STATUS": "stopped early", "WATCHDOG": "1"},
        {"STOPPING": "1"},
    ]


@pytest.mark.parametrize(
    "error",
    [TemporaryError("timed out"), RefusedError("login refused"), ConfigError("bad"), KeyError("bug"), MemoryError()],
    ids=lambda e: type(e).__name__,
)
def test_it_survives_a_failing_cycle(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert Daemon((raises(error), does("no changes"))).run() == 0
    first, *others = lines(capsys)
    assert first.startswith("cycle failed (")
    assert first.endswith("; next try in 0 s")
    assert others == ["no changes", "stopped early"]


def test_only_verbose_shows_where_a_failure_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    Daemon((raises(KeyError("bug")),)).run(verbose=True)
    assert "Traceback" in capsys.readouterr().err
    Daemon((raises(KeyError("bug")),)).run()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("drawn", "waits"), [(0.0, HOUR), (0.5, 63 * MINUTE)], ids=["the interval", "a little more"])
def test_many_machines_do_not_ask_at_the_same_moment(
    drawn: float, waits: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the loop would wait for the next cycle, it is asked to stop."""
    waited = []

    def at_once(read: list[object], *_: object) -> tuple[list[object], ...]:
        if timeout := _[-1]:
            waited.append(timeout)
            signal.raise_signal(signal.SIGTERM)
        return select.select(read, [], [], 0)

    monkeypatch.setattr("daemon.service.scheduler.select", at_once)
    log = logger({}, verbose=False)
    run(does(""), interval=lambda: HOUR, notify=lambda _: None, watchdog=None, log=log, draw=lambda: drawn)
    (seconds,) = waited
    assert waits - MINUTE < timedelta(seconds=seconds) <= waits


def test_what_fails_in_the_same_way_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    busy, writing = TemporaryError("busy"), "2 changes, writing failed: no"
    steps = (
        *[raises(busy)] * 3, raises(TemporaryError("gone")), raises(busy), does("3 changes"), raises(busy),
        *[does(writing, failed=True)] * 2, does("no changes", quiet=True), does(writing, failed=True),
    )  # fmt: skip
    Daemon(steps).run()
    said = [line.partition("; next try")[0].removeprefix("cycle failed (temporary): ") for line in lines(capsys)]
    assert said == ["busy", "gone", "busy", "3 changes", "busy", writing, writing, "stopped early"]


def test_a_quiet_cycle_is_told_to_the_manager_and_not_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """But the first one of a process, which says that it is there."""
    daemon = Daemon((does("all quiet", quiet=True), does("no changes", quiet=True), does("3 changes")))
    daemon.run()
    assert {"STATUS": "no changes", "WATCHDOG": "1"} in daemon.told
    assert lines(capsys) == ["all quiet", "3 changes", "stopped early"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_in_a_cycle_it_ends_that_cycle_and_begins_no_other(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Daemon((is_sent(number), does("never")))
    assert daemon.run() == 0
    assert daemon.cycles == 1
    assert lines(capsys) == ["stopped early"]
    assert daemon.told[-1] == {"STOPPING": "1"}


def test_asked_to_cycle_in_a_cycle_it_goes_on_and_cycles_once_more_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    daemon = Daemon((is_sent(signal.SIGHUP, signal.SIGHUP), does("once more"), does("never")))

    def let_it_rest() -> None:
        if daemon.told[-3:] == [{"WATCHDOG": "1"}] * 3:
            signal.raise_signal(signal.SIGTERM)

    assert daemon.run(HOUR, watchdog=MOMENT, on_beat=let_it_rest) == 0
    assert lines(capsys) == ["went on", "once more"]


def test_after_a_cycle_it_rests_for_the_interval_however_long_the_cycle_was() -> None:
    before = datetime.now(UTC)
    due = _Pace(HOUR).get_next_fire_time(before - 8 * HOUR, before)
    assert before + HOUR <= due <= datetime.now(UTC) + HOUR


def test_a_cycle_that_is_late_after_a_night_asleep_is_made_up_for_once() -> None:
    ran: list[str] = []
    bell, button = socket.socketpair()
    with bell, button:
        loop = _Loop(bell, timezone=UTC)
        loop.add_job(ran.append, _Pace(HOUR), args=["late"], next_run_time=datetime.now(UTC) - 8 * HOUR, **_ALWAYS)
        loop.start()
        loop.turn()
        loop.shutdown()
    assert ran == ["late"]


def test_a_failure_stretches_the_rest() -> None:
    daemon = Daemon((raises(TemporaryError("busy", retry_after=HOUR)),))
    beats = iter(range(10))
    daemon.run(MOMENT, watchdog=MOMENT, on_beat=lambda: next(beats, None) or signal.raise_signal(signal.SIGTERM))
    assert daemon.cycles == 1


def test_a_success_ends_the_stretching(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_stopping: Stopping, _beat: Beat) -> Done:
        signal.raise_signal(signal.SIGHUP)  # let nobody wait for the next attempt
        raise TemporaryError("busy")

    Daemon((fail, fail, fail, is_sent(signal.SIGHUP), fail)).run(5 * MINUTE, verbose=True)
    said = [line.rpartition("next try in ")[2] for line in lines(capsys) if "next try" in line]
    assert said == ["5 min", "10 min", "20 min", "5 min"]


def test_a_resting_daemon_shows_that_it_is_alive() -> None:
    daemon = Daemon((does("no changes"),))

    def after_three() -> None:
        if daemon.told[-3:] == [{"WATCHDOG": "1"}] * 3:
            signal.raise_signal(signal.SIGTERM)

    assert daemon.run(HOUR, watchdog=MOMENT, on_beat=after_three) == 0
    assert daemon.cycles == 1


def test_a_cycle_shows_that_it_is_alive_only_as_far_as_it_advances() -> None:
    daemon = Daemon(())
    told_in_cycle: list[int] = []
    threads = set(threading.enumerate())

    def hang_then_advance(_stopping: Stopping, beat: Beat) -> Done:
        before = len(daemon.told)
        assert threading.current_thread() is threading.main_thread()
        assert set(threading.enumerate()) <= threads  # so that nobody else can say it
        told_in_cycle.append(len(daemon.told) - before)
        beat()
        beat()
        told_in_cycle.append(len(daemon.told) - before)
        return Done("")

    daemon.steps = (hang_then_advance,)
    daemon.run(watchdog=MOMENT)
    assert told_in_cycle == [0, 2]


def test_it_leaves_the_process_as_it_was() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(n) for n in numbers]
    Daemon(()).run()
    assert [signal.getsignal(n) for n in numbers] == before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TemporaryError("work: timed out"), "cycle failed (temporary): work: timed out"),
        (RefusedError("no", "log in"), "cycle failed (refused): no; log in"),
        (ZeroDivisionError("division by zero"), "cycle failed (ZeroDivisionError): division by zero"),
        (MemoryError(), "cycle failed (MemoryError)"),
        (OSError(28, "No space left", "/var"), "cycle failed (OSError): [Errno 28] No space left: '/var'"),
        (TemporaryError("a\nb\r\n\tc"), "cycle failed (temporary): a b c"),
        (TemporaryError("\x1b[31mred\x07\u202egnp"), "cycle failed (temporary): [31mred gnp"),
        (TemporaryError("x" * 9999), "cycle failed (temporary): " + "x" * 499 + "…"),
    ],
    ids=["what", "remedy", "bug", "nothing said", "system", "one line", "no control", "not endless"],
)
def test_a_failure_in_one_line(error: Exception, line: str) -> None:
    assert failure(error) == line


def test_what_a_cycle_says_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Daemon((does("100 % done\n<0>\x1b[2Jforged"),)).run()
    assert lines(capsys)[0] == "100 % done <0> [2Jforged"


def journal_stream() -> str:
    where = os.fstat(sys.stderr.fileno())
    return f"{where.st_dev}:{where.st_ino}"


def test_the_journal_gets_priorities_and_no_times(capfd: pytest.CaptureFixture[str]) -> None:
    log = logger({"JOURNAL_STREAM": journal_stream()}, verbose=False)
    log.info("no changes")
    log.warning("ledger set aside")
    log.error("cycle failed\nTraceback")
    log.debug("unheard")
    assert capfd.readouterr().err == "<6>no changes\n<4>ledger set aside\n<3>cycle failed\n<3>Traceback\n"


@pytest.mark.parametrize("environ", [{}, {"JOURNAL_STREAM": "8:1"}], ids=["none", "another's, inherited"])
def test_without_the_journal_each_line_has_its_time(environ: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    logger(environ, verbose=False).info("no changes")
    stamp, line = capfd.readouterr().err.split(" ", 1)
    assert time.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z")
    assert line == "no changes\n"


PROCESS = """
import logging, os, signal, sys
from datetime import timedelta
from daemon.service.notify import to_manager
from daemon.service.scheduler import Done, run

def cycle(stopping, beat):
    for _ in range(int(sys.argv[1])):
        signal.raise_signal(signal.SIGINT)
    return Done("no changes")

hour = timedelta(hours=1)
log = logging.getLogger()
sys.exit(run(cycle, interval=lambda: hour, notify=to_manager(os.environ), watchdog=None, log=log, draw=lambda: 0.0))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_resting_process_hears_what_it_is_told(number: signal.Signals, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(address)
        inbox.settimeout(60)
        with subprocess.Popen([sys.executable, "-c", PROCESS, "0"], env=os.environ | {"NOTIFY_SOCKET": address}) as it:
            try:
                assert inbox.recv(4096) == b"READY=1\nSTATUS=first cycle"
                assert inbox.recv(4096) == b"STATUS=no changes\nWATCHDOG=1"
                wait_until_it_rests(it.pid)
                it.send_signal(signal.SIGHUP)
                assert inbox.recv(4096) == b"STATUS=no changes\nWATCHDOG=1"
                wait_until_it_rests(it.pid)
                it.send_signal(number)
                assert inbox.recv(4096) == b"STOPPING=1"
                assert it.wait(60) == 0
            finally:
                it.kill()


def wait_until_it_rests(pid: int) -> None:
    """Until the kernel calls the process sleeping (proc(5), stat)."""
    while Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "S":
        pass


def test_a_second_interrupt_ends_a_process_that_hangs() -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS, "2"], check=False, timeout=60)
    assert done.returncode == -signal.SIGINT


@pytest.mark.parametrize("module", ["apscheduler", "msgspec", "daemon.model.words"])
def test_help_does_not_pay_for_what_a_command_needs(module: str) -> None:
    code = f"import sys, daemon.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
