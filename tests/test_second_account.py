"""A second account on a server that fails meanwhile: its time stays taken, the first account is served.

Week 2026-W49, goal 8 h; Monday 07:00, on each server in turn.  The second account is on Radicale, behind a proxy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.model.plan import Create, Plan
from daemon.model.snapshot import Snapshot
from daemon.system import secrets
from living import EVENT, ONLY_FOCUS, Life
from making import span
from proxy import FAULTS, Proxy, proxied
from servers import PASSWORD, Calendar, Server
from shelves import Dav

SECOND = """
[accounts.home]
type = "caldav"
url = "{url}"
username = "{user}"
timeout = 5
"""


@dataclass
class Scene:
    life: Life
    proxy: Proxy
    home: Calendar

    def fails(self) -> None:
        """From now on nobody answers for the second account."""
        self.proxy.fail(FAULTS["refuse"])

    def private(self, when: str) -> None:
        at = span(when)
        self.home.put("p.ics", EVENT.format(uid="p", start=at.start, end=at.end, title="School", more="").encode())

    def snapshot(self) -> Snapshot:
        with self.life.runtime() as runtime:
            return cycle.plan(runtime, self.life.now).observation.snapshot


@pytest.fixture
def scene(server: Server, radicale: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(secrets, "find", lambda *_: PASSWORD)
    second = radicale.account()
    home = second.make_calendar("Home")
    with proxied(radicale.origin) as proxy:
        table = SECOND.format(url=proxy.origin, user=second.username)
        life = Life(tmp_path, store=Dav(server.account()), policies=ONLY_FOCUS + table, top="horizon = '1d'")
        yield Scene(life, proxy, home)


def problems(plan: Plan) -> list[tuple[str, int]]:
    return [(p.where, p.code) for p in plan.problems]


def test_time_in_both_accounts_is_taken(scene: Scene) -> None:
    scene.private("Tue 09:00-17:30")
    plan = scene.life.apply()
    assert not plan.problems
    assert all(c.draft.when.start.day != 1 for c in plan.changes if isinstance(c, Create))


def test_the_first_account_is_served_while_the_second_fails(scene: Scene) -> None:
    scene.private("Tue 09:00-17:30")
    scene.life.apply()
    scene.fails()
    taken = scene.life.ours()["2026-W49/2"].event.span
    scene.life.meet("Wed 09:00-11:00", "Fire")
    plan = scene.life.apply()
    assert problems(plan) == [("home/Home", 4)]
    assert plan.changes
    after = scene.snapshot()
    assert [c.name for c in after.calendars if c.stale] == ["Home"]
    assert span("Tue 09:00-17:30") in after.busy
    assert not scene.life.ours()["2026-W49/2"].event.span.overlaps(span("Wed 09:00-11:00"))
    assert taken != scene.life.ours()["2026-W49/2"].event.span
    assert scene.life.changes() == []


def test_after_a_day_nothing_new_is_made_and_the_calendar_says_why(scene: Scene) -> None:
    scene.life.apply()
    scene.fails()
    scene.life.delete("2026-W49/4")
    scene.life.now += timedelta(hours=25)
    plan = scene.life.apply()
    made = [c.wish for c in plan.changes if isinstance(c, Create)]
    assert [(m.policy, m.key.partition("/")[0]) for m in made] == [("unbusy", "stale")]
    (said,) = [c.draft for c in plan.changes if isinstance(c, Create)]
    assert (said.title, said.mark.key) == ("unbusy cannot read another calendar", "stale/another/2026-W49")
    assert scene.life.changes() == []
    scene.proxy.heal()
    assert not scene.life.apply().problems
    assert scene.life.changes() == []
