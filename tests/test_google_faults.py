"""Every fault at every kind of request of a run on a Google Calendar: it ends, and clean runs lead where they lead
without it.  Nothing is made twice, nothing of others changes, and what unbusy took away is no wish of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.google import connector
from daemon.model.errors import UnbusyError
from daemon.system import secrets
from gcal import GoogleServer, google_server
from gcal.faults import FAULTS
from gcal.shelf import GoogleShelf
from living import ONLY_FOCUS, Life, local

LESS = ONLY_FOCUS + "[policies.focus]\nweekly_goal = '6h'\n"
METHODS = ("events.list", "events.insert", "events.patch", "events.get", "events.delete")
WHOLE = bool(os.environ.get("UNBUSY_TORTURE"))
SOME = ("dropped", "broken JSON")
"""Those that are tried each time; `make torture` tries them all."""
REFUSALS = {"accessNotConfigured", "401"}
"""By these a service says that it has done nothing, and is believed: what is gone afterwards, the user has deleted."""


class Day:
    """A user for whom a run creates, changes and deletes, all at once."""

    def __init__(self, base: Path, server: GoogleServer) -> None:
        self.server = server
        self.shelf = GoogleShelf(server)
        self.life = Life(base, top="horizon = '1d'", store=self.shelf)
        self.life.meet("Fri 13:00-17:30", "Offsite", uid="offsite")
        self.life.apply()
        self.life.meet("Wed 08:30-12:00", "Fire", uid="fire")
        self.life.delete("2026-W49/1")
        self.life.configure(LESS, "horizon = '1d'")
        self.foreign = self.others()

    def others(self) -> dict[str, Any]:
        return {n: b for n, b in self.server.live().items() if len(b["id"]) != 32}

    def outcome(self) -> tuple[list[str], list[str]]:
        """Where clean runs lead: what stands, and what the ledger holds for skipped."""
        for _ in range(3):
            self.life.apply()
        assert self.life.changes() == []
        with self.life.runtime() as runtime:
            rows = runtime.ledger.own.rows()
        skipped = sorted(key for (_, key), row in rows.items() if row.status == "skipped")
        return sorted(f"{k} {local(o.event.when)}" for k, o in self.life.ours().items()), skipped


Open = Callable[[Path, GoogleServer], Day]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens days; nothing is waited for."""
    monkeypatch.setattr(connector, "Api", partial(connector.Api, sleep=lambda _: None))

    def opened(base: Path, server: GoogleServer) -> Day:
        secret = GoogleShelf(server).secret
        monkeypatch.setattr(secrets, "find", lambda *_: secret)
        base.mkdir()
        return Day(base, server)

    return opened


@pytest.fixture
def expected(begin: Open, tmp_path: Path) -> Any:
    with google_server() as server:
        return begin(tmp_path / "clean", server).outcome()


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_meets_a_fault_is_mended_by_clean_ones(
    begin: Open, expected: Any, tmp_path: Path, method: str, applied: bool
) -> None:
    """`applied`: the request is carried out, and its answer lost.  Once (it is asked again), and for good."""
    for fault in FAULTS if WHOLE else SOME:
        if applied and fault in REFUSALS:
            continue
        for times in (1, 9):
            with google_server() as server:
                day = begin(tmp_path / f"{fault}-{times}", server)
                server.fail(fault, on=method, times=times, applied=applied)
                with suppress(UnbusyError):
                    day.life.apply()
                server.desk.faults.clear()
                assert day.outcome() == expected, (fault, times)
                assert day.others() == day.foreign, (fault, times)
