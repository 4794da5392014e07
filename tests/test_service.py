"""The daemon: it writes only where it may, says when it has stopped, and ends when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.config import Config, load
from daemon.model.errors import NoSecretError, RefusedError, TemporaryError
from daemon.service import serve as service
from daemon.service.health import Turned
from daemon.service.scheduler import Done
from daemon.service.source import Source
from daemon.stages import backoff
from daemon.stages.runtime import Runtime
from daemon.views.health import health
from living import GUESTS, Life
from making import moment
from policies import POLICIES

ALL_OFF = "".join(f"[policies.{p}]\nenabled = false\n" for p in ("focus", "overload", "reflection"))


def turn(life: Life, *, observe: bool = False) -> str:
    with life.runtime() as runtime:
        return service.one_cycle(runtime, life.now, observe=observe)[0].line


def source(life: Life) -> Source:
    path = life.base / "config.toml"
    return Source(lambda: path, lambda: load(path))


def ours(life: Life) -> list[str]:
    return sorted(p.name for p in life.folder.glob("unbusy-*"))


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path, policies="")
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 11:00-16:00", title="Vendor escalation")
    return life


def test_a_file_that_the_config_names_is_in_force_with_the_next_cycle(life: Life) -> None:
    mine = life.base / "mine.toml"
    mine.write_text("drop = ['wins-easy']")
    life.configure('[policies.reflection]\nquestions = "mine.toml"\n')
    found = source(life)
    assert found.look().anew
    assert not found.look().anew
    mine.write_text("drop = ['wins-easy', 'wins-laughed']")
    look = found.look()
    assert look.anew
    assert len(look.config.policies["reflection"].questions.own.drop) == 2
    mine.unlink()
    assert "mine.toml" in str(found.look().problem)


def test_it_observes_until_an_apply_was_confirmed(life: Life) -> None:
    assert "no `unbusy apply` was confirmed yet" in turn(life)
    assert ours(life) == []
    life.apply()
    before = ours(life)
    life.now += timedelta(days=7)
    assert "written" in turn(life)
    assert ours(life) != before


def test_marks_of_ours_are_leave_to_write(life: Life) -> None:
    life.apply()
    life.lose_ledger()
    life.now += timedelta(days=7)
    before = ours(life)
    turn(life)
    assert ours(life) != before


def test_observe_never_writes(life: Life) -> None:
    life.apply()
    life.now += timedelta(days=7)
    before = ours(life)
    assert "observing" in turn(life, observe=True)
    assert ours(life) == before


def test_a_quiet_cycle_writes_nothing(life: Life) -> None:
    life.apply()
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in life.folder.iterdir()}
    assert " 0 changes, 0 written" in turn(life)
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in life.folder.iterdir()} == before


def test_stopped_by_a_limit_it_says_so_once_in_status_and_on_the_calendar(life: Life) -> None:
    life.apply()
    before = set(ours(life))
    life.configure(ALL_OFF)
    assert "stopped: it would move or delete" in turn(life)
    (notice,) = set(ours(life)) - before
    text = (life.folder / notice).read_text()
    assert "SUMMARY:unbusy has stopped and asks" in text
    assert before < set(ours(life))
    with life.runtime() as runtime:
        assert "over half of them" in str(health(runtime, life.now)["stopped"])
    for _ in range(3):
        life.now += timedelta(hours=20)
        turn(life)
        assert set(ours(life)) - before == {notice}
    life.configure("")
    life.now -= timedelta(hours=60)
    turn(life)
    assert set(ours(life)) == before


def test_a_calendar_that_stays_unreadable_is_named_on_the_calendar(life: Life) -> None:
    (life.root / "Private").mkdir()
    life.meet("Thu 17:00-17:30", uid="x")
    (life.folder / "x.ics").rename(life.root / "Private" / "x.ics")
    life.apply()
    (life.root / "Private").rename(life.base / "away")
    before = set(ours(life))
    turn(life)
    assert set(ours(life)) == before
    life.now += timedelta(days=7)
    turn(life)
    (notice,) = set(ours(life)) - before
    assert "unbusy cannot read Private" in (life.folder / notice).read_text()
    (life.base / "away").rename(life.root / "Private")
    turn(life)
    assert notice not in ours(life)
    assert len(ours(life)) > len(before)


def test_a_second_daemon_stops_at_once_and_names_the_first(life: Life) -> None:
    @contextmanager
    def opening(_: Config) -> Iterator[tuple[Runtime, datetime]]:
        with life.runtime() as runtime:
            yield runtime, life.now

    with life.runtime() as runtime:
        lease = runtime.service_lease
    with lease.hold("`unbusy run`"):
        holder = f"`unbusy run` \\(process {os.getpid()}\\) holds the lock"
        with pytest.raises(TemporaryError, match=holder):
            service.serve(source(life), opening, observe=True, verbose=False)


def test_the_process_under_a_service_manager(life: Life, tmp_path: Path) -> None:
    """READY before the first cycle, STATUS after it, one line a cycle, a clean end on SIGTERM."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(60)
        config = str(life.base / "config.toml")
        command = [sys.executable, "-m", "daemon", "--config", config, "--now", "2026-11-30T07:00", "run"]
        environment = os.environ | {"NOTIFY_SOCKET": str(address)}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            heard = [manager.recv(4096).decode()]
            while "STATUS=" not in heard[-1] or "occurrences read" not in heard[-1]:
                heard.append(manager.recv(4096).decode())
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
    assert "READY=1" in heard[0]
    assert process.returncode == 0
    lines = err.splitlines()
    assert len(lines) == 1
    assert "occurrences read" in lines[0]
    assert "no `unbusy apply` was confirmed yet" in lines[0]
    assert "Vendor" not in err


def test_health_is_json(life: Life) -> None:
    turn(life)
    with life.runtime() as runtime:
        assert json.dumps(health(runtime, life.now))


def test_what_comes_next_is_what_stands_and_not_what_was_turned_down(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    life.delete("2026-W49/2")
    life.apply()
    with life.runtime() as runtime:
        assert health(runtime, life.now)["next"] == ["2026-11-30 Focus", "2026-12-02 Focus", "2026-12-03 Focus"]


def test_titles_stand_in_the_log_only_when_asked(life: Life) -> None:
    assert "Focus" not in turn(life)
    life.configure("", "log_titles = true")
    assert "Focus" in turn(life)


# -- the config and the secrets of a running daemon --------------------------------------------------------------------


def rewrite(life: Life, text: str) -> None:
    """As an editor does: another file in its place."""
    beside = life.base / "config.toml.new"
    beside.write_text(text)
    beside.replace(life.base / "config.toml")


def test_a_changed_config_is_in_force_from_the_next_cycle_on(life: Life) -> None:
    it = source(life)
    assert (it.look().config.interval, it.look().anew) == (5, False)
    life.configure("", 'interval = "20m"')
    look = it.look()
    assert (look.config.interval, look.anew, look.problem) == (20, True, None)
    assert not it.look().anew


@pytest.mark.parametrize("wrong", ["interval = 'soon'", "[[[", "", None], ids=["bad value", "no TOML", "empty", "gone"])
def test_a_wrong_config_leaves_the_one_of_before_in_force_and_is_named(life: Life, wrong: str | None) -> None:
    it = source(life)
    good = (life.base / "config.toml").read_text()
    it.look()
    if wrong is None:
        (life.base / "config.toml").unlink()
    else:
        rewrite(life, wrong)
    for anew in (True, False):
        look = it.look()
        assert (look.config.interval, look.anew) == (5, anew)
        assert look.problem
        assert "the config of before stays in force" in look.problem.what
        assert look.problem.code == 2
    rewrite(life, good)
    assert it.look().problem is None


def test_a_start_and_a_signal_ask_for_everything_anew(life: Life) -> None:
    it = source(life)
    assert [it.look().anew for _ in range(3)] == [True, False, False]
    it.renew()
    assert [it.look().anew for _ in range(2)] == [True, False]


def test_a_mended_password_is_tried_at_once(life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file that a command prints, or as a credential of systemd."""
    config = life.base / "config.toml"
    secret, credentials = tmp_path / "secret", tmp_path / "credentials"
    credentials.mkdir()
    dav = 'type = "caldav"\nurl = "https://cloud.example.com"\nusername = "ada"\nemails = ["ada@example.com"]\n'
    command = f'password_command = ["cat", "{secret}"]\n'
    config.write_text(f"[accounts.work]\n{dav}{command}write = 'Work'\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    it = source(life)
    it.look()
    for path in (secret, credentials / "unbusy.work"):
        for text in ("wrong", "better"):
            path.write_text(text)
            assert it.look().anew
            assert not it.look().anew
    secret.unlink()
    assert it.look().anew


@pytest.mark.parametrize("mended", ["start", "signal", "config", "nothing"])
def test_whoever_mends_something_ends_the_rests(
    life: Life, mended: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seen by the cycles of a real daemon on a store that refuses at first."""
    it, rested = source(life), []

    @contextmanager
    def opening(config: Config) -> Iterator[tuple[Runtime, datetime]]:
        del config
        with life.runtime() as runtime:
            yield runtime, life.now

    def cycle(runtime: Runtime, *_: object, **__: object) -> object:
        rested.append(backoff.active_rest(runtime.ledger.drawer, "work", life.now) is not None)
        if len(rested) == 1:
            backoff.failed(runtime.ledger.drawer, "work", RefusedError("no"), life.now, timedelta(hours=1))
            if mended == "signal":
                signal.raise_signal(signal.SIGHUP)
            if mended == "config":
                rewrite(life, (life.base / "config.toml").read_text() + "\n")
        if len(rested) == 3:
            signal.raise_signal(signal.SIGTERM)
        return Done("", quiet=True), Turned()

    monkeypatch.setattr(service, "one_cycle", cycle)
    monkeypatch.setattr(service, "timedelta", lambda minutes: timedelta(milliseconds=minutes))
    if mended == "start":
        with life.runtime() as runtime:
            backoff.failed(runtime.ledger.drawer, "work", RefusedError("no"), life.now, timedelta(hours=1))
    service.serve(it, opening, observe=True, verbose=False)
    assert rested == [False, mended not in ("signal", "config"), mended not in ("signal", "config")]
    capsys.readouterr()


def test_a_secret_that_is_missing_here_is_no_failure_of_the_account(life: Life) -> None:
    with life.runtime() as runtime:
        backoff.failed(runtime.ledger.drawer, "work", NoSecretError("none"), life.now, timedelta(hours=1))
        assert backoff.active_rest(runtime.ledger.drawer, "work", life.now) is None


def test_once_is_one_cycle_and_its_exit_code(life: Life) -> None:
    def once() -> tuple[int, str]:
        command = [sys.executable, "-m", "daemon", "--config", str(life.base / "config.toml")]
        done = subprocess.run(
            [*command, "--now", "2026-11-30T07:00", "run", "--once"], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    assert once()[0] == 0
    life.apply()
    life.configure(ALL_OFF)
    code, said = once()
    assert code == 5
    assert "stopped: it would move or delete" in said
    rewrite(life, "nonsense = true")
    assert once()[0] == 2


@pytest.mark.parametrize(
    ("now", "wakes"),
    [
        ("Mon 06:00", "Mon 07:00"), ("Mon 07:00", "Mon 09:00"), ("Mon 09:00", "Mon 16:00"), ("Mon 16:00", "Tue 00:00"),
        ("Mon 23:59", "Tue 00:00"), ("Sat 05:00", "Sat 07:00"),
    ],
)  # fmt: skip
def test_it_wakes_in_the_morning_at_midnight_and_when_a_policy_says(life: Life, now: str, wakes: str) -> None:
    """At nine the work of the day has begun; a pause after the long run until 16:00 is made a day before it."""
    for hour in range(11, 16):
        life.meet(f"Tue {hour}:00-{hour + 1}:00", title="Staff", more=f"{GUESTS}ATTENDEE:mailto:p2@example.com\n")
    life.now = moment(now)
    with life.runtime() as runtime:
        done, _ = service.one_cycle(runtime, life.now, observe=True)
    assert done.wake == moment(wakes)


def test_moments_of_a_policy_that_is_off_or_raises_wake_nobody(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[datetime]:
        raise KeyError

    life.now = moment("Mon 07:30")
    life.configure("[policies.breaks]\nenabled = false\n")
    monkeypatch.setitem(POLICIES, "overload", replace(POLICIES["overload"], moments=broken))
    with life.runtime() as runtime:
        done, _ = service.one_cycle(runtime, life.now, observe=True)
    assert done.wake == moment("Tue 00:00")
