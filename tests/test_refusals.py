"""A write that a server never takes: all others are carried out, it is tried less and less, and `status` says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.model.errors import UnbusyError
from daemon.service import serve as service
from daemon.system import secrets
from daemon.views.health import health
from living import Life
from proxy import _Handler, forward, proxied
from servers import PASSWORD, Server
from shelves import Dav


class Refusing:
    """A fault: the first event that is written is never taken, whatever it says.  `tries`: how often it was sent."""

    def __init__(self, status: int) -> None:
        self.status, self.path, self.tries = status, "", 0

    def __call__(self, to: _Handler) -> None:
        if to.command == "PUT" and self.path in ("", to.path):
            self.path = to.path
            self.tries += 1
            to.answer(self.status, {}, b"")
        else:
            forward(to)


@pytest.fixture(params=[500, 400])
def refusing(request: pytest.FixtureRequest) -> Refusing:
    return Refusing(request.param)


@pytest.fixture
def life(radicale: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: Refusing) -> Iterator[Life]:
    monkeypatch.setattr(secrets, "find", lambda *_: PASSWORD)
    with proxied(radicale.origin) as proxy:
        life = Life(tmp_path, store=Dav(radicale.account(), f"{proxy.origin}/"), policies="", top='horizon = "1d"')
        proxy.fail(refusing, until=10_000)
        with life.runtime() as runtime:
            cycle.confirm(runtime, life.now)
        yield life


def turn(life: Life) -> bool:
    """A cycle of the daemon; whether it was whole."""
    with life.runtime() as runtime:
        return not service.one_cycle(runtime, life.now, observe=False)[0].failed


def told(life: Life) -> list[str]:
    """The problems of which `status` tells."""
    with life.runtime() as runtime:
        found = health(runtime, life.now)["problems"]
    assert isinstance(found, list)
    return [problem["what"] for problem in found]


def test_it_is_tried_less_and_less_and_then_once_a_day(life: Life, refusing: Refusing) -> None:
    tried, begin = [], life.now
    for minutes in (*range(0, 300, 15), *range(1500, 1800, 15), *range(3000, 3300, 15)):
        life.now, before = begin + timedelta(minutes=minutes), refusing.tries
        whole = turn(life)
        assert whole is (refusing.tries == before)
        tried += [minutes] * (refusing.tries - before)
    assert tried == [0, 15, 30, 60, 105, 165, 1605, 3045]


def test_the_others_are_written_and_status_says_what_is_not(life: Life, refusing: Refusing) -> None:
    turn(life)
    written = life.names()
    assert len(written) > 3
    assert refusing.path.rpartition("/")[2] not in written
    life.now += timedelta(minutes=4)
    assert turn(life)
    (problem,) = told(life)
    assert "failed 1 times" in problem
    assert f"the server answered {refusing.status}; not asked again before Mon 30 Nov 07:05" in problem


def test_whoever_runs_a_command_tries_at_once(life: Life, refusing: Refusing) -> None:
    turn(life)
    with pytest.raises(UnbusyError):
        life.apply()
    assert refusing.tries == 2
    refusing.path = "healed"
    life.apply()
    assert life.changes() == []
    assert turn(life)
    assert told(life) == []
