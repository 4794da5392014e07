"""Accounts on servers are read side by side: one that stalls holds up no other, and nobody who wants to stop.

Week 2026-W49, Monday 07:00.  The first account is a folder; two more are on Radicale, each behind a proxy.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from daemon.service import serve as service
from daemon.stages import reading
from daemon.system import secrets
from living import EVENT, ONLY_FOCUS, Life
from making import span
from proxy import FAULTS, Fault, Proxy, forward, proxied
from servers import PASSWORD, Calendar, Server
from shelves import Dav
from typing_in import ROOT

ACCOUNT = """
[accounts.{name}]
type = "caldav"
url = "{url}"
username = "{user}"
password_command = ["echo", "{password}"]
timeout = {timeout}
"""


COMMAND = f'password_command = ["echo", "{PASSWORD}"]'


@dataclass
class Scene:
    life: Life
    proxies: list[Proxy]
    homes: list[Calendar]
    accounts: list[str]

    def configure(self, timeout: int) -> None:
        self.life.configure(ONLY_FOCUS + "".join(a.format(timeout=timeout) for a in self.accounts), "horizon = '1d'")

    def meet(self, n: int, when: str, title: str) -> None:
        at = span(when)
        self.homes[n].put("p.ics", EVENT.format(uid="p", start=at.start, end=at.end, title=title, more="").encode())

    def busy(self) -> list[str]:
        with self.life.runtime() as runtime:
            rows = runtime.ledger.database.rows("SELECT calendar FROM resource ORDER BY calendar")
        return [r[0] for r in rows if not r[0].startswith("work")]


@pytest.fixture
def scene(radicale: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(secrets, "find", lambda *_: PASSWORD)
    with proxied(radicale.origin) as first, proxied(radicale.origin) as second:
        homes, accounts = list[Calendar](), list[str]()
        for name, proxy in (("one", first), ("two", second)):
            account = radicale.account()
            homes.append(account.make_calendar("Home"))
            known = {"name": name, "url": proxy.origin, "user": account.username, "password": PASSWORD}
            accounts.append(ACCOUNT.replace("{timeout}", "{{timeout}}").format(**known))
        made = Scene(Life(tmp_path), [first, second], homes, accounts)
        made.configure(60)
        yield made


def meeting_at(barrier: Barrier) -> Fault:
    """An answer that comes when the other server has been asked, too."""

    def wait(to: object) -> None:
        barrier.wait(60)
        forward(to)  # type: ignore[arg-type]  # what the proxy gives to every fault

    return wait


def test_servers_are_asked_at_the_same_time(scene: Scene) -> None:
    both = Barrier(2)
    for proxy in scene.proxies:
        proxy.fail(meeting_at(both))
    assert not scene.life.plan().problems


def test_one_that_stalls_is_stale_and_the_others_are_planned_with(scene: Scene) -> None:
    scene.life.apply()
    scene.configure(1)
    scene.meet(1, "Tue 09:00-17:30", "School")
    scene.proxies[0].fail(FAULTS["hang"], until=100)
    plan = scene.life.apply()
    assert {(p.where, p.code) for p in plan.problems} == {("one/Home", 4)}
    assert scene.busy() == ["two/Home"]
    assert not scene.life.ours()["2026-W49/2"].event.span.overlaps(span("Tue 09:00-17:30"))
    scene.proxies[0].heal()
    assert not scene.life.apply().problems


def test_so_is_one_that_answers_bit_by_bit_for_too_long(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """No single request takes longer than it may; all of them do."""
    scene.life.apply()
    monkeypatch.setattr(reading, "_TIMES", 0.02)
    scene.proxies[0].fail(FAULTS["hang"], until=100)
    scene.meet(1, "Tue 09:00-17:30", "School")
    plan = scene.life.apply()
    assert ("one", 4) in {(p.where.partition("/")[0], p.code) for p in plan.problems}
    assert not scene.life.ours()["2026-W49/2"].event.span.overlaps(span("Tue 09:00-17:30"))


def test_what_is_recorded_is_in_the_order_of_the_config(scene: Scene) -> None:
    for turn in range(3):
        for proxy in scene.proxies[:: -1 if turn % 2 else 1]:
            proxy.fail(FAULTS["refuse"])
        assert [p.where for p in scene.life.plan().problems] == ["one", "two"]


def test_while_a_server_stalls_the_daemon_shows_that_it_is_alive(scene: Scene) -> None:
    scene.life.apply()
    scene.configure(2)
    scene.proxies[0].fail(FAULTS["hang"], until=100)
    beats = list[None]()
    with scene.life.runtime() as runtime:
        service.one_cycle(runtime, scene.life.now, observe=True, beat=lambda: beats.append(None))
    assert len(beats) >= 4, "one each half second"


def started(life: Life, address: Path, grace: float) -> subprocess.Popen[str]:
    child = f"from daemon.service import scheduler; scheduler.GRACE = {grace}; from daemon.__main__ import main; main()"
    config = str(life.base / "config.toml")
    return subprocess.Popen(
        [sys.executable, "-c", child, "--config", config, "--now", f"{life.now:%Y-%m-%dT%H:%M}", "run"],
        env=os.environ | {"NOTIFY_SOCKET": str(address)}, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def stopped(life: Life, proxy: Proxy, tmp_path: Path, method: str, grace: float) -> tuple[int, str]:
    """A daemon that is told to stop when the proxy has seen this method, and waits for its answer."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(0.2)
        with started(life, address, grace) as process:
            try:
                while process.poll() is None and not any(s.method == method for s in proxy.seen):
                    with suppress(TimeoutError):
                        manager.recv(4096)
                process.send_signal(signal.SIGTERM)
                _, err = process.communicate(timeout=120)
            finally:
                process.kill()
    return process.returncode, err


def test_it_stops_while_a_server_stalls(scene: Scene, tmp_path: Path) -> None:
    scene.life.apply()
    scene.life.now += timedelta(days=7)
    scene.configure(600)
    scene.proxies[0].fail(FAULTS["hang"], until=100)
    code, err = stopped(scene.life, scene.proxies[0], tmp_path, "PROPFIND", 60)
    assert (code, "Traceback" in err, "failed" in err) == (0, False, False), err


def test_a_write_that_stalls_is_left_after_a_while_and_looked_at_again(
    radicale: Server, tmp_path: Path, password: str
) -> None:
    """The server has written, and its answer does not come."""

    def heard_and_silent(to: object) -> None:
        to.ask()  # type: ignore[attr-defined]  # what the proxy gives to every fault
        FAULTS["hang"](to)  # type: ignore[arg-type]  # the same

    with proxied(radicale.origin) as proxy:
        store = Dav(radicale.account(), url=proxy.origin, timeout=600)
        store.account += f"\n{COMMAND}"
        life = Life(tmp_path, store=store)
        life.apply()
        life.now += timedelta(days=7)
        before = life.names()
        asked = len(proxy.seen)
        life.plan()
        proxy.fail(heard_and_silent, at=len(proxy.seen) - asked + 1)
        code, err = stopped(life, proxy, tmp_path, "PUT", 0.5)
        assert code == 0
        assert "stopped in the middle of a write" in err
        assert "Traceback" not in err
        (written,) = set(life.names()) - set(before)
        proxy.heal()
        planned = life.apply()
        assert written.removesuffix(".ics") not in {c.uid for c in planned.changes}
        assert len(set(life.names()) - set(before)) == len(planned.changes) + 1
        assert life.changes() == []
