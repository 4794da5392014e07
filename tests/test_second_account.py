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
from daemon.model.plan import Create, Plan, Problem
from daemon.model.snapshot import Snapshot
from daemon.service import serve as service
from daemon.system import secrets
from living import EVENT, ONLY_FOCUS, Life
from making import span
from proxy import FAULTS, Proxy, answers, proxied
from servers import PASSWORD, Account, Calendar, Server
from shelves import Dav

ADDRESSES = """\
<propertyupdate xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><C:calendar-user-address-set>
{}</C:calendar-user-address-set></prop></set></propertyupdate>"""
INVITED = """\
ORGANIZER:mailto:bob@home.example
ATTENDEE:mailto:bob@home.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{}
"""

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


# -- who the user is there --------------------------------------------------------------------------------------------


@pytest.fixture
def addressed(xandikos: Server) -> Iterator[Calendar]:
    """A calendar of somebody of whom the server has an address."""
    account = xandikos.account()
    _told(account, "<href>mailto:Ada@Home.example</href>")
    yield account.make_calendar("Home")
    _told(account, "")


def _told(account: Account, hrefs: str) -> None:
    answer = account.client.ask(
        "PROPPATCH", "/user/", ADDRESSES.format(hrefs).encode(), {"Content-Type": "application/xml"}
    )
    assert b"200" in answer.body, answer


def kinds(life: Life) -> dict[str, str]:
    with life.runtime() as runtime:
        return {e.summary: e.counts_as for e in cycle.plan(runtime, life.now).observation.snapshot.events}


def test_the_addresses_that_the_server_has_are_the_users_where_the_config_has_none(
    addressed: Calendar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "find", lambda *_: PASSWORD)
    for n, who in enumerate(("ada@home.example", "ada+club@home.example", "cem@home.example")):
        at = span(f"Tue 1{n}:00-1{n}:30")
        more = INVITED.format(who)
        addressed.put(f"{n}.ics", EVENT.format(uid=n, start=at.start, end=at.end, title=who, more=more).encode())
    with proxied(addressed.client.origin) as proxy:
        second = SECOND.format(url=proxy.origin, user="ada") + 'read = [{ name = "Home", as = "others" }]\n'
        life = Life(tmp_path, policies=ONLY_FOCUS + second, top="horizon = '1d'")
        known = {"ada@home.example": "meeting", "ada+club@home.example": "meeting", "cem@home.example": "others"}
        assert kinds(life) == known
        life.apply()
        proxy.fail(FAULTS["refuse"])
        life.now += timedelta(days=2)  # when nothing is remembered of the way to it
        assert kinds(life) == known, "as it told them last"
        proxy.heal()
        life.configure(f"{ONLY_FOCUS}{second}emails = ['cem@home.example']\n", "horizon = '1d'")
        life.lose_ledger()
        assert kinds(life) == {name: "others" if "ada" in name else "meeting" for name in known}, "the config says more"


# -- what waits for the user ------------------------------------------------------------------------------------------

WRONG = Problem("config", "interval: 'soon' is not a duration; the config of before stays in force", "", 2)


def turn(life: Life, *also: Problem) -> list[str]:
    """A cycle of the daemon; the notices that then stand, as they read."""
    with life.runtime() as runtime:
        service.one_cycle(runtime, life.now, observe=False, also=also)
    stands = [o.event for key, o in life.ours().items() if key.startswith(("needs/", "stale/", "stopped/"))]
    return [f"{e.summary}: {e.description.partition('What stands')[0].strip()}" for e in stands]


@pytest.mark.parametrize("mended", ["the same day", "never"])
def test_a_login_that_is_refused_is_said_once_on_the_calendar(scene: Scene, mended: str) -> None:
    scene.life.apply()
    scene.proxy.fail(answers(401, {"WWW-Authenticate": 'Basic realm="x"'}), until=10_000)
    said = "unbusy needs you: Another account refuses unbusy: `unbusy status` names it, and `unbusy login` mends it."
    found = []
    for _ in range(4):
        found.append(turn(scene.life))
        scene.life.now += timedelta(minutes=40)
    assert found == [[], [], [said], [said]]
    if mended == "the same day":
        scene.proxy.heal()
        scene.life.now += timedelta(hours=3)
        assert turn(scene.life) == []
        return
    scene.life.now += timedelta(hours=26)
    assert turn(scene.life) == [said], "in place of the notice on a calendar that cannot be read"
    scene.life.now += timedelta(days=7)
    assert turn(scene.life) == [said, said], "once a week; what is history stays"


def test_so_is_a_config_that_is_wrong(scene: Scene) -> None:
    scene.life.apply()
    found = []
    for _ in range(3):
        found.append(turn(scene.life, WRONG))
        scene.life.now += timedelta(minutes=40)
    assert found == [[], [], ["unbusy needs you: The config is wrong: `unbusy check` says where."]]
    assert turn(scene.life) == []


def test_what_passes_by_itself_is_not_said(scene: Scene) -> None:
    scene.life.apply()
    scene.fails()
    for _ in range(4):
        assert turn(scene.life) == []
        scene.life.now += timedelta(hours=2)


# -- an interval of its own -------------------------------------------------------------------------------------------


@pytest.fixture
def hourly(scene: Scene) -> Scene:
    """The second account is asked once an hour; it was, at 07:00."""
    table = (scene.life.base / "config.toml").read_text().partition("[accounts.home]")[2]
    scene.life.configure(f'{ONLY_FOCUS}[accounts.home]{table}interval = "1h"\n', "horizon = '1d'")
    scene.life.apply()
    cycled(scene)
    scene.proxy.seen.clear()
    return scene


def cycled(scene: Scene) -> list[tuple[str, int]]:
    """A cycle of the daemon: its problems."""
    with scene.life.runtime() as runtime:
        planned = cycle.plan(runtime, scene.life.now, patient=True)
    return problems(planned.plan)


@pytest.mark.parametrize(("minutes", "asked"), [(59, False), (60, True)])
def test_with_an_interval_of_its_own_it_is_asked_no_more_often(hourly: Scene, minutes: int, asked: bool) -> None:
    hourly.private("Tue 09:00-17:30")
    hourly.life.now += timedelta(minutes=minutes)
    assert cycled(hourly) == []
    assert bool(hourly.proxy.seen) is asked


def test_what_it_said_is_taken_for_as_it_is_and_not_for_stale(hourly: Scene) -> None:
    hourly.life.now += timedelta(minutes=59)
    with hourly.life.runtime() as runtime:
        snapshot = cycle.plan(runtime, hourly.life.now, patient=True).observation.snapshot
    assert not hourly.proxy.seen
    assert [c.stale for c in snapshot.calendars if c.id.startswith("home/")] == [False]


def test_a_command_asks_it_at_once(hourly: Scene) -> None:
    hourly.life.now += timedelta(minutes=1)
    hourly.life.plan()
    assert hourly.proxy.seen


def test_one_that_fails_is_asked_as_any_other(hourly: Scene) -> None:
    hourly.life.now += timedelta(minutes=61)
    hourly.fails()
    assert cycled(hourly) == [("home/Home", 4)]
    hourly.proxy.heal()
    hourly.life.now += timedelta(minutes=6)
    assert cycled(hourly) == []
    assert hourly.proxy.seen


def test_a_clock_that_was_set_back_keeps_it_waiting_for_a_day_at_most(hourly: Scene) -> None:
    hourly.life.now -= timedelta(days=3)
    cycled(hourly)
    assert hourly.proxy.seen


def test_one_that_has_problems_is_asked_with_every_look(hourly: Scene) -> None:
    """One of its calendars is gone: that is told until it is mended, and not until the account is left alone."""
    Account(hourly.home.client, hourly.home.path.rpartition("Home")[0], Path()).make_calendar("Other")
    hourly.life.now += timedelta(hours=25)
    assert cycled(hourly) == []
    hourly.home.drop()
    hourly.life.now += timedelta(minutes=61)
    assert cycled(hourly) == [("home/Home", 1)]
    hourly.life.now += timedelta(minutes=6)
    assert cycled(hourly) == [("home/Home", 1)]
