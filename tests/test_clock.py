"""A clock that cannot be right: the daemon observes, and says so; nothing is written into another century.

Goal 8 h; Monday 30 November 2026, 07:00.  The user has applied once; since then the daemon runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon import cycle
from daemon.model.protocols import Timed
from daemon.model.times import DAY
from daemon.service import serve as service
from daemon.stages.runtime import Runtime
from daemon.system import secrets
from daemon.views.health import health
from living import Life
from making import moment
from servers import PASSWORD, Server
from shelves import LOCAL, Dav

HOUR = timedelta(hours=1)
YEAR_2100 = datetime(2100, 1, 4, 7, 0, tzinfo=UTC)


class Ticking(Life):
    """A life by the machine's clock, `now`, and by `server`'s, if there is one; `told`: by `--now`."""

    told = False
    server: datetime | None = None

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        state = self.base / "state"
        for path in [*state.rglob("*"), state]:  # what was written has the time of the clock that was
            if path.exists() and path.stat().st_mtime > moment("Mon 07:00").timestamp() + 3600:
                os.utime(path, (moment("Mon 07:00").timestamp(),) * 2)
        with super().runtime() as runtime:
            connectors = {n: _OnServer(c, self) for n, c in runtime.connectors.items()} if self.server else None
            yield replace(runtime, told=self.told, connectors=connectors or runtime.connectors)

    def turn(self) -> str:
        with self.runtime() as runtime:
            return service.one_cycle(runtime, self.now, observe=False)[0].line

    def problems(self) -> str:
        with self.runtime() as runtime:
            return str(health(runtime, self.now)["problems"])


class _OnServer:
    """A connector whose server says what time it is."""

    def __init__(self, connector: object, life: Ticking) -> None:
        self._connector, self._life = connector, life

    def __getattr__(self, name: str) -> object:
        return getattr(self._connector, name)

    def skew(self) -> timedelta | None:
        return self._life.now - self._life.server if self._life.server else None


@pytest.fixture(params=LOCAL)
def life(tmp_path: Path, request: pytest.FixtureRequest) -> Ticking:
    life = Ticking(tmp_path, store=request.param, top="horizon = '7d'")
    life.apply()
    life.turn()
    return life


def jumps(to: datetime, server: datetime | None = None) -> Callable[[Ticking], None]:
    def jump(life: Ticking) -> None:
        life.now, life.server = to, server

    return jump


def by_hand(life: Ticking) -> None:
    life.now, life.told = YEAR_2100, True


MON = moment("Mon 07:00")


@pytest.mark.parametrize(
    ("jump", "said"),
    [
        pytest.param(jumps(YEAR_2100), "the last run was", id="the year 2100"),
        pytest.param(jumps(MON - 40 * DAY), "earlier than the last run", id="back by weeks"),
        pytest.param(jumps(MON + 8 * DAY, MON), "192 h ahead of that of the server", id="against the server"),
        pytest.param(jumps(MON - 2 * HOUR, MON), "2 h behind that of the server", id="behind the server"),
    ],
)  # fmt: skip
def test_the_daemon_only_observes_and_says_so(life: Ticking, jump: Callable[[Ticking], None], said: str) -> None:
    life.meet("Wed 08:30-12:00")
    before = {name: life.get(name) for name in life.names()}
    jump(life)
    assert "observing" in life.turn()
    assert said in life.problems()
    assert "nothing is written until a look an hour later agrees, or `unbusy apply` confirms it" in life.problems()
    assert {name: life.get(name) for name in life.names()} == before


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(jumps(MON + 14 * DAY), id="a laptop that slept through a fortnight"),
        pytest.param(jumps(MON + 100 * DAY, MON + 100 * DAY), id="a server agrees that it was long ago"),
        pytest.param(jumps(MON + HOUR / 2, MON), id="half an hour ahead of the server"),
        pytest.param(by_hand, id="the time of --now is the user's word"),
    ],
)
def test_it_is_believed(life: Ticking, jump: Callable[[Ticking], None]) -> None:
    jump(life)
    assert " written" in life.turn()
    assert "clock" not in life.problems()


def test_a_second_look_an_hour_later_is_enough_without_a_server(life: Ticking) -> None:
    life.now = YEAR_2100
    for minutes in (0, 15, 30, 45):
        life.now = YEAR_2100 + timedelta(minutes=minutes)
        assert "observing" in life.turn()
    life.now = YEAR_2100 + HOUR
    assert " written" in life.turn()
    life.now += timedelta(minutes=15)
    assert " written" in life.turn()


def test_a_clock_that_was_set_right_is_believed_at_once(life: Ticking) -> None:
    life.now = YEAR_2100
    assert "observing" in life.turn()
    life.now = MON + HOUR
    assert " written" in life.turn()


def test_one_that_jumps_again_is_looked_at_anew(life: Ticking) -> None:
    life.now = YEAR_2100
    life.turn()
    life.now = YEAR_2100 + 400 * DAY
    for minutes in (0, 30):
        life.now += timedelta(minutes=minutes)
        assert "observing" in life.turn()
    life.now += HOUR
    assert " written" in life.turn()


def test_a_server_is_not_outvoted_by_a_second_look(life: Ticking) -> None:
    for n in range(3):
        life.now, life.server = MON + (5 + n) * HOUR, MON + n * HOUR
        assert "observing" in life.turn()


@pytest.mark.parametrize("server", [None, MON], ids=["without a server", "with one"])
def test_apply_confirms_it(life: Ticking, server: datetime | None) -> None:
    life.now, life.server = (MON + 70 * DAY if server is None else MON + 5 * HOUR), server
    assert "observing" in life.turn()
    life.apply()
    assert " written" in life.turn()
    assert "clock" not in life.problems()


def test_a_newer_file_than_the_clock_says(tmp_path: Path) -> None:
    """A machine that wakes up without a battery for its clock, with a state that has never seen a run."""
    life = Ticking(tmp_path)
    (life.base / "state" / "journal").mkdir(parents=True)
    page = life.base / "state" / "journal" / "2026-11-29.md"
    page.write_text("# Sunday\n")
    os.utime(page, (MON.timestamp() - 3600,) * 2)
    life.now = datetime(2020, 1, 1, tzinfo=UTC)
    with life.runtime() as runtime:
        made = cycle.plan(runtime, life.now).plan
    assert [p.what for p in made.problems if p.where == "clock"] == [
        "the clock is earlier than the newest file of the state"
    ]


def test_a_real_server_says_what_time_it_is(tmp_path: Path, radicale: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "find", lambda *_: PASSWORD)
    life = Life(tmp_path, store=Dav(radicale.account()))
    life.now = datetime.now(UTC) + 3 * HOUR
    with life.runtime() as runtime:
        account = runtime.connectors["work"]
        assert isinstance(account, Timed)
        assert account.skew() is None
        plan = cycle.plan(replace(runtime, told=False), life.now).plan
        skew = account.skew()
    assert skew is not None
    assert abs(skew - 3 * HOUR) < timedelta(minutes=1)
    assert "ahead of that of the server" in plan.problems[0].what
