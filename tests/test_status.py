"""`status`: one line that says how unbusy is, since when, and what to do; an exit code for a monitor; the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.ledger.notes import Health, Trouble
from daemon.model.errors import RefusedError, TemporaryError, UnbusyError
from daemon.model.protocols import Writer
from daemon.service import health as noting
from daemon.service.serve import one_cycle
from daemon.views.health import Sight, State, health, judge
from living import Life
from making import ZONE, moment

NOW = moment("Tue 10:30").astimezone(UTC)
QUARTER = timedelta(minutes=15)
START = "`systemctl --user start unbusy`, or `unbusy run` by hand"
LOGIN = Trouble("work", "the server refuses the login", "run `unbusy login work`", 3, moment("Mon 10:20"))
OFFLINE = Trouble("home", "no connection to cloud.example.com", "", 4, moment("Tue 10:15"))
LIMIT = Trouble("limits", "it would move or delete 41 events", "look at `unbusy plan`", 5, moment("Tue 10:00"))
BUG = Trouble("the cycle", "KeyError: 'x'", "please report it; the log has more", 1, moment("Tue 09:00"))
ODD = Trouble("work/Work/x.ics", "its zone is not known", "name it in `zones`", 0, moment("Mon 08:00"))


def last(*troubles: Trouble, minutes: int = 3, failed: bool = False, observing: bool = False) -> Health:
    at = NOW - timedelta(minutes=minutes)
    return Health(at=at, said="", stopped="", troubles=troubles, failed=failed, observing=observing)


TABLE = [
    pytest.param(
        last(), True, True, State.HEALTHY, 0, "healthy: last cycle 3 min ago, next in 12 min", id="all is well"
    ),
    pytest.param(last(ODD), True, True, State.HEALTHY, 0, "healthy: ", id="an odd event is no failure"),
    pytest.param(
        last(minutes=16), True, True, State.HEALTHY, 0, "healthy: last cycle 16 min ago, the next is due",
        id="a cycle runs",
    ),
    pytest.param(
        last(minutes=40), False, True, State.HEALTHY, 0,
        "healthy: last cycle 40 min ago; the daemon is not running now", id="it is being restarted",
    ),
    pytest.param(
        last(minutes=46), False, True, State.NOT_RUNNING, 3, f"NOT RUNNING since Tue 1 Dec 09:44. Start it: {START}",
        id="three intervals without a cycle",
    ),
    pytest.param(
        last(LOGIN, minutes=9 * 24 * 60), False, True, State.NOT_RUNNING, 3,
        "NOT RUNNING since Sun 22 Nov 10:30. Start it", id="dead for nine days with a trouble of then",
    ),
    pytest.param(
        last(minutes=46), True, True, State.NOT_RUNNING, 3,
        "NOT RUNNING since Tue 1 Dec 09:44: `unbusy run` (process 7) holds the daemon's lock, but no cycle ends. "
        "Restart it", id="it hangs",
    ),
    pytest.param(
        last(BUG, minutes=46, failed=True), True, True, State.FAILING, 1,
        "FAILING since Tue 1 Dec 09:00: the cycle: KeyError: 'x'. Please report it", id="it waits after a failure",
    ),
    pytest.param(
        last(BUG, minutes=80, failed=True), True, True, State.NOT_RUNNING, 3, "NOT RUNNING since Tue 1 Dec 09:10",
        id="it waits after a failure for too long",
    ),
    pytest.param(
        None, False, False, State.NOT_RUNNING, 3, f"NOT RUNNING: there has been no cycle yet. Start it: {START}",
        id="never begun",
    ),
    pytest.param(
        None, True, False, State.STARTING, 0, "starting: the first cycle is on its way", id="it has just begun"
    ),
    pytest.param(
        last(), True, False, State.WAITING, 3, "waiting for you: nothing is written before your first `unbusy apply`",
        id="nobody has said yes",
    ),
    pytest.param(
        last(observing=True), True, False, State.HEALTHY, 0, "healthy (it only observes): last cycle",
        id="it was told to observe",
    ),
    pytest.param(
        last(LOGIN), True, True, State.FAILING, 3,
        "FAILING since Mon 30 Nov 10:20: work: the server refuses the login. Run `unbusy login work`", id="a login",
    ),
    pytest.param(
        last(OFFLINE), True, True, State.RETRYING, 4,
        "retrying since Tue 1 Dec 10:15: home: no connection to cloud.example.com", id="no network",
    ),
    pytest.param(last(LIMIT), True, True, State.FAILING, 3, "FAILING since Tue 1 Dec 10:00: limits: ", id="a limit"),
    pytest.param(
        last(OFFLINE, BUG, LIMIT, LOGIN, ODD), True, True, State.FAILING, 3,
        "FAILING since Mon 30 Nov 10:20: work: the server refuses the login (and 3 more). Run", id="the worst first",
    ),
    pytest.param(last(OFFLINE, BUG), True, True, State.FAILING, 1, "FAILING since Tue 1 Dec 09:00: ", id="a bug"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "held", "confirmed", "state", "code", "line"), TABLE)
def test_how_it_is(known: Health | None, held: bool, confirmed: bool, state: State, code: int, line: str) -> None:
    seen = Sight(
        last=known, holder="`unbusy run` (process 7)" if held else "", confirmed=confirmed, interval=QUARTER,
        start=START,
    )  # fmt: skip
    verdict = judge(seen, NOW, ZONE)
    assert (verdict.state, verdict.code) == (state, code)
    assert verdict.line.startswith(line)


# -- on a real state --------------------------------------------------------------------------------------------------


class Refused:
    """A store that fails with `error`, while there is one."""

    def __init__(self, real: Writer) -> None:
        self.real = real
        self.error: UnbusyError | None = None

    def __getattr__(self, name: str) -> Any:
        if self.error and name == "calendars":
            raise self.error
        return getattr(self.real, name)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path, top="interval = '15m'")


Turn = Callable[[UnbusyError | None], list[str]]


@pytest.fixture
def turn(life: Life) -> Turn:
    """A cycle of the daemon, in which the store fails in this way; what the log says of it."""

    def once(error: UnbusyError | None = None) -> list[str]:
        def through(real: Writer) -> Writer:
            refused = Refused(real)
            refused.error = error
            return refused  # type: ignore[return-value]  # it passes all on

        life.through = through
        with life.runtime() as runtime:
            _, turned = one_cycle(runtime, life.now, observe=False)
        life.through = lambda real: real
        life.now += QUARTER
        return [line for _, line in noting.lines(turned, life.now - QUARTER)]

    return once


def told(life: Life) -> dict[str, Any]:
    with life.runtime() as runtime, runtime.service_lease.hold("`unbusy run`"):
        return health(runtime, life.now)


def test_a_cause_is_told_once_when_it_begins_and_once_when_it_ends(life: Life, turn: Turn) -> None:
    life.apply()
    assert turn(None) == []
    refused = RefusedError("the server refuses the login", "run `unbusy login work`")
    assert turn(refused) == ["work: the server refuses the login; run `unbusy login work`"]
    for _ in range(3):
        assert turn(refused) == []
    said = told(life)
    assert (said["health"], said["code"]) == ("FAILING", 3)
    assert said["summary"].startswith("FAILING since Mon 30 Nov 07:15: work: the server refuses the login")
    assert said["since"] == "2026-11-30 07:15+01:00"
    life.now += timedelta(hours=2)
    assert turn(None) == ["work: well again after 3 h"]
    assert told(life)["code"] == 0


def test_what_passes_by_itself_has_its_own_code(life: Life, turn: Turn) -> None:
    life.apply()
    turn(TemporaryError("no connection to cloud.example.com"))
    life.now -= timedelta(minutes=10)
    said = told(life)
    assert (said["health"], said["code"]) == ("retrying", 4)
    (account,) = said["accounts"]
    assert account["last_read"] == "2026-11-30 07:00+01:00"
    assert account["resting_until"] == "2026-11-30 07:15+01:00"
    assert account["why"] == "no connection to cloud.example.com"


def test_it_says_what_a_week_holds_and_what_comes_next(life: Life, turn: Turn) -> None:
    life.apply()
    turn(None)
    life.now = moment("Wed 07:00")
    turn(None)
    said = told(life)
    assert said["summary"] == "healthy: last cycle 15 min ago, the next is due"
    assert said["focus_this_week"] == "8 h stand, 4 h of them kept so far"
    assert said["accounts"] == [
        {
            "account": "work", "last_read": "2026-12-02 07:00+01:00", "last_write": "2026-11-30 07:00+01:00",
            "resting_until": "", "why": "",
        }
    ]  # fmt: skip
    assert said["ledger"].endswith(" KiB")
    assert said["next_cycle"] == "2026-12-02 07:15+01:00"


def test_a_cycle_that_does_not_come_to_its_end_is_remembered(life: Life, turn: Turn) -> None:
    life.apply()
    turn(None)
    with life.runtime() as runtime:
        noting.failed(runtime.ledger.drawer, life.now, KeyError("x"), runtime.profile.zone)
    said = told(life)
    assert (said["health"], said["code"]) == ("FAILING", 1)
    assert "KeyError: 'x'" in said["summary"]
    assert said["focus_this_week"].startswith("8 h stand")
    life.now += QUARTER
    assert turn(None) == ["the cycle: well again after 15 min"]


def test_the_command_line_has_the_words_and_the_code(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    def status(*args: str, now: datetime = life.now) -> tuple[int, str]:
        code = main(["--config", str(life.base / "config.toml"), "--now", now.isoformat(), "status", *args])
        return code, capsys.readouterr().out

    life.apply()
    code, out = status()
    assert code == 3
    assert out.splitlines()[0].startswith("NOT RUNNING: there has been no cycle yet. Start it: `systemctl --user start")
    with life.runtime() as runtime:
        one_cycle(runtime, life.now, observe=False)
        with runtime.service_lease.hold("`unbusy run`"):
            code, out = status(now=life.now + timedelta(minutes=3))
            assert (code, out.splitlines()[0]) == (0, "healthy: last cycle 3 min ago, next in 12 min")
            assert "accounts         work: read 2026-11-30 07:00+01:00, written 2026-11-30 07:00+01:00" in out
            assert json.loads(status("--json")[1])["health"] == "healthy"
    code, out = status(now=life.now + timedelta(days=9))
    assert code == 3
    assert out.startswith("NOT RUNNING since Mon 30 Nov 07:00. Start it: ")
