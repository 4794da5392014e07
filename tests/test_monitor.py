"""Who watches the daemon: a file for Prometheus and a ping, with no title and no name in them, that fail no cycle."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from daemon.config import Config, load
from daemon.model.errors import ConfigError, UnbusyError
from daemon.service import serve as service
from daemon.service.monitor import Monitor
from daemon.service.source import Source
from daemon.stages.runtime import Runtime
from living import Life
from making import ME
from proxy import FAULTS, Proxy, answers, proxied

SECRETS = ("Vendor", "escalation", "Focus", "work", "Work", ME, "ada", "0b5e-secret-0b5e")
VALUE = re.compile(r'unbusy_[a-z_]+(\{[a-z]+="[a-z0-9]+"\})? [0-9]+')


@pytest.fixture
def pinged() -> Iterator[Proxy]:
    with proxied("http://127.0.0.1:1") as proxy:
        proxy.fail(answers(200, {}, b"OK"), until=1000)
        yield proxy


@pytest.fixture
def life(tmp_path: Path, pinged: Proxy) -> Life:
    life = Life(tmp_path, policies="")
    (tmp_path / "metrics").mkdir()
    life.configure("", top(life, pinged))
    life.meet("Mon 11:00-16:00", title="Vendor escalation")
    return life


def top(life: Life, pinged: Proxy) -> str:
    where = life.base / "metrics" / "unbusy.prom"
    return f'monitor = {{ textfile = "{where}", ping = "{pinged.origin}/0b5e-secret-0b5e" }}'


def serve(life: Life) -> int:
    """One cycle of the daemon."""

    @contextmanager
    def opening(config: Config) -> Iterator[tuple[Runtime, datetime]]:
        del config
        with life.runtime() as runtime:
            yield runtime, life.now

    path = life.base / "config.toml"
    return service.serve(Source(lambda: path, lambda: load(path)), opening, observe=False, verbose=True, once=True)


def metrics(life: Life) -> dict[str, str]:
    said = (life.base / "metrics" / "unbusy.prom").read_text()
    lines = [line for line in said.splitlines() if not line.startswith("#")]
    assert all(VALUE.fullmatch(line) for line in lines), said
    assert not [word for word in SECRETS if word in said]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_a_cycle_that_went_well_is_told(life: Life, pinged: Proxy, capsys: pytest.CaptureFixture[str]) -> None:
    life.apply()
    assert serve(life) == 0
    told = metrics(life)
    assert told["unbusy_problems"] == "0"
    assert told["unbusy_cycle_timestamp_seconds"] == str(int(life.now.timestamp()))
    assert int(told['unbusy_focus_seconds{kind="booked"}']) == 8 * 3600
    assert told['unbusy_resting{account="1"}'] == "0"
    assert [(s.method, s.path, s.body, s.secret) for s in pinged.seen] == [("GET", "/0b5e-secret-0b5e", b"", "")]
    assert "0b5e" not in capsys.readouterr().err


def test_the_file_is_for_everybody_to_read_and_nothing_is_left_beside_it(life: Life) -> None:
    life.apply()
    for _ in range(2):
        serve(life)
    (there,) = (life.base / "metrics").iterdir()
    assert stat.S_IMODE(there.stat().st_mode) == 0o644


def test_what_needs_the_user_is_a_failure(life: Life, pinged: Proxy) -> None:
    """Nobody has confirmed an `apply`."""
    serve(life)
    assert metrics(life)["unbusy_code"] == "3"
    assert [s.path for s in pinged.seen] == ["/0b5e-secret-0b5e/fail"]


def test_so_is_a_cycle_that_does_not_come_to_its_end(life: Life, pinged: Proxy) -> None:
    life.apply()
    life.lose_ledger()
    life.root.rename(life.base / "away")
    with pytest.raises(UnbusyError, match="folder"):
        serve(life)
    assert metrics(life)["unbusy_code"] != "0"
    assert [s.path for s in pinged.seen] == ["/0b5e-secret-0b5e/fail"]


@pytest.mark.parametrize("fault", ["refuse", "reset", "cut"])
def test_what_cannot_be_told_fails_no_cycle_and_is_said_once(
    life: Life, pinged: Proxy, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    life.apply()
    log = logging.getLogger("told")
    monitor = Monitor(log)
    pinged.fail(FAULTS[fault] if fault != "cut" else answers(500), until=1000)
    (life.base / "metrics").rename(life.base / "elsewhere")
    for _ in range(2):
        with life.runtime() as runtime, caplog.at_level(logging.INFO, "told"):
            monitor.tell(runtime, life.now)
    assert sorted(r.levelname for r in caplog.records) == ["WARNING", "WARNING"]
    pinged.heal()
    pinged.fail(answers(200), until=1000)
    (life.base / "elsewhere").rename(life.base / "metrics")
    with life.runtime() as runtime, caplog.at_level(logging.INFO, "told"):
        monitor.tell(runtime, life.now)
    said = [r.getMessage() for r in caplog.records]
    assert said[2:] == ["the file for Prometheus: well again", "the ping: well again"]
    assert not [line for line in said if "0b5e" in line]


def test_a_link_in_place_of_the_new_file_is_not_followed(life: Life) -> None:
    life.apply()
    target = life.base / "precious"
    target.write_text("precious")
    (life.base / "metrics" / ".unbusy.prom.new").symlink_to(target)
    serve(life)
    assert target.read_text() == "precious"
    assert metrics(life)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("textfile = 'unbusy.prom'", "write it from /"),
        ("textfile = '/m/unbusy.txt'", r"\.prom at its end"),
        ("ping = 'http://hc.example.com/x'", "is not encrypted"),
        ("ping = 'hc.example.com'", "is not an address"),
    ],
)
def test_what_nobody_could_read_and_anybody_could_is_refused(life: Life, line: str, says: str) -> None:
    life.configure("", f"monitor = {{ {line} }}")
    with pytest.raises(ConfigError, match=says):
        load(life.base / "config.toml")


def test_by_default_nobody_is_told(life: Life, pinged: Proxy) -> None:
    life.configure("")
    life.apply()
    serve(life)
    assert not pinged.seen
    assert not list((life.base / "metrics").iterdir())
