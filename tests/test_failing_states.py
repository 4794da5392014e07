"""The table of docs/monitoring.md, played: what `status` says, its exit code, what the log says once, what mends it.

Secrets are planted in each scene, and titles: no log, state file, metric or ping has them.

Week 2026-W49, Monday 07:00.  The first account is a folder; a second one is only read.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from daemon.config import Config, load
from daemon.service import serve as service
from daemon.service.source import Source
from daemon.stages.runtime import Runtime, open_runtime
from daemon.views.health import judge, sight
from living import EVENT, ONLY_FOCUS, Life
from making import span
from proxy import FAULTS, Proxy, answers, proxied
from typing_in import ROOT

OFF = "".join(f"[policies.{p}]\nenabled = false\n" for p in ("focus", "overload", "reflection"))
SECRET, PRIVATE = "hunter2-0b5e", "tok3n-in-the-path"
BASIC = b64encode(f"ada:{SECRET}".encode()).decode()
TITLES = ("School", "Dentist", "Vendor", "Focus")
TABLE = f'[accounts.home]\ntype = "ics"\nurl = "{{}}/{PRIVATE}/x.ics"\nusername = "ada"\n'
FEED = f'{TABLE}password_command = ["echo", "{SECRET}"]\n'
LOCKED = TABLE + 'password_command = ["false"]\n'


class Scene(Struct, dict=True):
    """`source` lives as long as the daemon would."""

    life: Life
    proxy: Proxy
    hook: Proxy
    source: Source

    def turn(self) -> None:
        service.serve(self.source, self.opening, observe=False, verbose=False, once=True)
        self.life.now += timedelta(minutes=5)

    @contextmanager
    def opening(self, config: Config) -> Iterator[tuple[Runtime, datetime]]:
        now = self.life.now
        with open_runtime(config, lambda: now.astimezone(UTC)) as runtime:
            yield runtime, now

    def status(self) -> tuple[str, int]:
        with self.opening(self.source.config) as (runtime, _):
            verdict = judge(sight(runtime), self.life.now, runtime.profile.zone)
        return verdict.line, verdict.code

    def serve_feed(self) -> None:
        at = span("Thu 12:00-12:30")
        body = EVENT.format(uid="f", start=at.start, end=at.end, title="School", more="")
        self.proxy.fail(answers(200, {"Content-Type": "text/calendar"}, body.encode()), until=10_000)

    def configure(self, policies: str) -> None:
        monitor = f'textfile = "{self.life.base}/metrics.prom", ping = "{self.hook.origin}/{PRIVATE}"'
        self.life.configure(policies, f"monitor = {{ {monitor} }}")

    def leaks(self, *said: str) -> list[str]:
        """What got to where it does not belong: secrets nowhere, titles to no log, metrics and ping."""
        files = [p for p in (self.life.base / "state").rglob("*") if p.is_file()]
        told = [*said, (self.life.base / "metrics.prom").read_text(), str(self.hook.seen).replace(f"/{PRIVATE}", "/")]
        secrets = [f"{w} in {p.name}" for p in files for w in (SECRET, BASIC) if w.encode() in p.read_bytes()]
        return secrets + [w for text in told for w in (SECRET, BASIC, PRIVATE, *TITLES) if w in text]

    def rewrite(self, text: str) -> None:
        (self.life.base / "config.toml").write_text(text)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with proxied("http://127.0.0.1:1") as proxy, proxied("http://127.0.0.1:1") as hook:
        hook.fail(answers(200), until=10_000)
        life = Life(tmp_path)
        life.meet("Wed 11:00-12:00", title="Vendor")
        (life.root / "Private").mkdir()
        at = span("Thu 17:00-17:30")
        text = EVENT.format(uid="x", start=at.start, end=at.end, title="Dentist", more="")
        (life.root / "Private" / "x.ics").write_text(text)
        path = tmp_path / "config.toml"
        rewritten = Scene(life, proxy, hook, None)  # type: ignore[arg-type]  # until its config stands
        rewritten.configure(ONLY_FOCUS + FEED.format(proxy.origin))
        made = replace(rewritten, source=Source(lambda: path, lambda: load(path)))
        made.serve_feed()
        life.apply()
        yield made


def refused(scene: Scene) -> Callable[[], None]:
    scene.proxy.fail(answers(401, {"WWW-Authenticate": 'Basic realm="x"'}), until=10_000)
    return scene.serve_feed


def unreachable(scene: Scene) -> Callable[[], None]:
    scene.proxy.fail(FAULTS["refuse"])

    def mend() -> None:
        scene.proxy.heal()
        scene.serve_feed()

    return mend


def gone_for_a_week(scene: Scene) -> Callable[[], None]:
    mend = unreachable(scene)
    for _ in range(7):
        scene.turn()
        scene.life.now += timedelta(days=1)
    return mend


def without_a_secret(scene: Scene) -> Callable[[], None]:
    scene.configure(ONLY_FOCUS + LOCKED.format(scene.proxy.origin))
    return lambda: scene.configure(ONLY_FOCUS + FEED.format(scene.proxy.origin))


def vanished(scene: Scene) -> Callable[[], None]:
    away = scene.life.base / "away"
    (scene.life.root / "Private").rename(away)
    return lambda: shutil.move(away, scene.life.root / "Private") and None


def wrong_config(scene: Scene) -> Callable[[], None]:
    good = (scene.life.base / "config.toml").read_text()
    scene.rewrite("interval = 'soon'")
    return lambda: scene.rewrite(good)


def over_a_limit(scene: Scene) -> Callable[[], None]:
    scene.configure(OFF + FEED.format(scene.proxy.origin))
    return lambda: scene.configure(ONLY_FOCUS + FEED.format(scene.proxy.origin))


def damaged(scene: Scene) -> Callable[[], None]:
    path = scene.life.base / "state" / "ledger.sqlite"
    path.write_bytes(b"no ledger" * 1000)
    return lambda: None


STATES = {
    "a login is refused": (refused, "FAILING since", "refuses the login", 3),
    "a server cannot be reached": (unreachable, "retrying since", "cannot be reached", 4),
    "a server is gone for a week": (gone_for_a_week, "retrying since", "cannot be reached", 4),
    "there is no secret, and no keyring": (without_a_secret, "FAILING since", "there is no secret for the account", 3),
    "a calendar has vanished": (vanished, "FAILING since", "is no longer there; its time stays busy", 1),
    "the config is wrong": (wrong_config, "FAILING since", "the config of before stays in force", 3),
    "a limit was met": (over_a_limit, "FAILING since", "limits: it would move or delete", 3),
    "the ledger is damaged": (damaged, "healthy", "last cycle", 0),
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_wrong_is_said_and_ends_when_it_is_mended(
    scene: Scene, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.turn()
    assert scene.status()[1] == 0
    capsys.readouterr()
    happen, begins, says, code = STATES[state]
    before = set(scene.life.names())
    mend = happen(scene)
    for _ in range(3):
        scene.turn()
    log = capsys.readouterr().err
    line, found = scene.status()
    assert (line.startswith(begins), says in line, found) == (True, True, code), line
    assert code == 0 or log.count(says.partition(": ")[2] or says) >= 1, log
    assert "Traceback" not in log
    assert scene.leaks(log, line) == []
    assert [s.secret for s in scene.hook.seen if s.secret] == []
    assert before <= set(scene.life.names()) or state == "a server is gone for a week"
    mend()
    scene.source.renew()
    for _ in range(2):
        scene.turn()
    assert scene.status()[1] == 0, scene.status()
    assert code == 0 or "well again after" in capsys.readouterr().err


def run_once(scene: Scene, *before: str, limit: bool = False) -> tuple[int, str]:
    """`unbusy run --once` as a process."""
    config = str(scene.life.base / "config.toml")
    command = [sys.executable, "-m", "daemon", "--config", config, "--now", "2026-11-30T07:30", "run", "--once"]

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = subprocess.run(
        [*before, *command], capture_output=True, text=True, check=False, cwd=ROOT,
        preexec_fn=no_room if limit else None,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_without_room_on_the_disk_a_cycle_fails_and_the_next_one_goes_on(scene: Scene) -> None:
    code, said = run_once(scene, limit=True)
    assert code == 1
    assert "ledger" in said
    assert "Traceback" not in said
    assert [w for w in (SECRET, BASIC, PRIVATE, *TITLES) if w in said] == []
    assert run_once(scene)[0] == 0


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs mounts of its own: root, unshare")
def test_on_a_read_only_state_a_cycle_fails_and_the_next_one_goes_on(scene: Scene) -> None:
    state = str(scene.life.base / "state")
    probe = subprocess.run(
        ["unshare", "--mount", "sh", "-c", READ_ONLY, state, "true"], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"no mounts of one's own here: {probe.stderr.decode()[:100]}")
    code, said = run_once(scene, "unshare", "--mount", "sh", "-c", READ_ONLY, state)
    assert code == 1
    assert "read-only" in said.lower() or "readonly" in said.lower()
    assert "Traceback" not in said
    assert run_once(scene)[0] == 0


def test_a_clock_that_has_jumped_writes_nothing(scene: Scene) -> None:
    """By years: the machine's clock, not the user's word."""

    def turn() -> None:
        with scene.life.runtime() as runtime:
            service.one_cycle(replace(runtime, told=False, newest=None), scene.life.now, observe=False)

    turn()
    before, now = scene.life.names(), scene.life.now
    scene.life.now += timedelta(days=365 * 20)
    turn()
    line, code = scene.status()
    assert line.startswith("FAILING since")
    assert (": clock: " in line, code) == (True, 1), line
    assert scene.life.names() == before
    scene.life.now = now + timedelta(minutes=5)
    turn()
    assert scene.status()[1] == 0, scene.status()
