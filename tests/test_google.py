"""The whole product on a Google Calendar: what it writes, what it asks for, and what others do there meanwhile.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks of two hours stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.cli.talk import Nobody
from daemon.model.owner import Field
from daemon.model.text import plain_text
from daemon.views import checks
from gcal import GoogleServer
from gcal.front import Seen
from gcal.people import Person
from gcal.shelf import GoogleShelf
from living import ONLY_FOCUS, Life, local
from making import moment

BOB = "bob@example.com"
BUSY = ONLY_FOCUS + "[policies.focus]\nshow_as = 'busy'\n"
WRITES = ("events.insert", "events.patch", "events.update", "events.delete")


@dataclass(frozen=True)
class Scene:
    """A user with unbusy, and the server."""

    server: GoogleServer
    life: Life

    @property
    def bob(self) -> Person:
        return self.server.person(BOB)

    def ours(self) -> dict[str, Any]:
        """Our events as stored, by their start."""
        mine = (b for b in self.server.live().values() if len(b["id"]) == 32)
        return {b["start"]["dateTime"]: b for b in mine}

    def id(self, key: str) -> str:
        return self.life.ours()[key].event.ref.uid.removeprefix("unbusy-")

    def writes(self) -> list[Seen]:
        return [s for s in self.server.requests() if s.name.endswith(WRITES)]

    def forget_requests(self) -> None:
        self.server.desk.seen.clear()

    def meet(self, when: str, title: str = "Review", **more: Any) -> str:
        """Bob invites the user."""
        day, _, clocks = when.partition(" ")
        start, end = (moment(f"{day} {clock}") for clock in clocks.split("-"))
        return str(self.bob.invite(title, start, end, [self.server.user], **more)["id"])


@pytest.fixture
def scene(tmp_path: Path, google: GoogleShelf) -> Scene:
    shelf = GoogleShelf(google.server, native=True)
    google.secret = shelf.secret
    return Scene(google.server, Life(tmp_path, top="horizon = '1d'", store=shelf))


@pytest.fixture
def standing(scene: Scene) -> Scene:
    """The four blocks stand."""
    scene.life.apply()
    scene.forget_requests()
    return scene


# -- what is written --------------------------------------------------------------------------------------------------


def test_a_plan_writes_nothing(scene: Scene) -> None:
    assert len(scene.life.changes()) == 4
    assert scene.writes() == []
    assert scene.server.events() == {}


def test_blocks_are_private_quiet_and_marked(scene: Scene) -> None:
    scene.life.apply()
    assert [local(o.event.when) for o in scene.life.ours().values()] == [
        f"{day} 09:00-11:00" for day in ("Mon", "Tue", "Wed", "Thu")
    ]
    for body in scene.server.live().values():
        assert (body["visibility"], body["reminders"]) == ("private", {"useDefault": False, "overrides": []})
        assert body["start"]["timeZone"] == "Europe/Warsaw"
        assert "attendees" not in body
        assert body["extendedProperties"].keys() == {"private"}
    assert {tuple(parse_qs(s.query)["sendUpdates"]) for s in scene.writes()} == {("none",)}


def test_nothing_new_writes_nothing_and_costs_one_request(standing: Scene) -> None:
    before = standing.server.events()
    assert standing.life.apply().changes == ()
    assert [s.name for s in standing.server.requests() if s.name != "token"] == ["calendar.events.list"]
    assert standing.server.events() == before


def test_writes_are_conditional(standing: Scene) -> None:
    etag = standing.server.event(standing.id("2026-W49/3"))["etag"]
    standing.meet("Wed 08:30-12:00")
    standing.forget_requests()
    standing.life.apply()
    (patch,) = standing.writes()
    assert (patch.name, patch.headers["if-match"]) == ("calendar.events.patch", etag)
    assert parse_qs(patch.query)["sendUpdates"] == ["none"]
    assert local(standing.life.ours()["2026-W49/3"].event.when) == "Fri 09:00-11:00"


# -- what others do meanwhile -----------------------------------------------------------------------------------------


def test_the_user_moves_a_block_on_another_device(standing: Scene) -> None:
    standing.server.device.move(standing.id("2026-W49/2"), moment("Wed 14:00"))
    assert standing.life.apply().changes == ()
    assert standing.life.ours()["2026-W49/2"].edited == {Field.WHEN}


def test_the_user_resizes_a_block(standing: Scene) -> None:
    standing.server.device.move(standing.id("2026-W49/2"), moment("Tue 09:00"), moment("Tue 10:00"))
    standing.life.apply()
    assert local(standing.life.ours()["2026-W49/2"].event.when) == "Tue 09:00-10:00"


def test_the_user_retitles_a_block_and_types_into_it(standing: Scene) -> None:
    name = standing.id("2026-W49/2")
    standing.server.device.retitle(name, "Strategy")
    standing.server.device.append(name, "Stopped at <b>chapter</b> 7 &amp; 8")
    standing.life.apply()
    block = standing.life.ours()["2026-W49/2"]
    assert block.edited == {Field.TITLE, Field.TEXT}
    assert "Stopped at chapter 7 & 8" in plain_text(block.event.description)


@pytest.mark.parametrize("forget", [False, True], ids=["with the ledger", "without it"])
def test_a_block_that_the_user_deleted_stays_away(standing: Scene, forget: bool) -> None:
    """A new ledger knows it by the ordinals in the marks of the others, whatever Google still tells of it."""
    standing.server.device.delete(standing.id("2026-W49/2"))
    if forget:
        standing.life.lose_ledger()
    for _ in range(2):
        standing.life.apply()
        assert "2026-W49/2" not in standing.life.ours()
    assert standing.life.changes() == []


def test_a_meeting_comes_moves_and_goes(standing: Scene) -> None:
    name = standing.meet("Wed 08:30-12:00")
    assert standing.life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    standing.bob.move(name, moment("Wed 15:00"))
    assert standing.life.changes() == []
    standing.bob.move(name, moment("Wed 09:00"))
    standing.life.apply()
    standing.bob.delete(name)
    assert standing.life.apply().changes == ()


def test_one_instance_of_a_series_moves(standing: Scene) -> None:
    """Only the moved instance collides."""
    name = standing.meet("Tue 14:00-15:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    assert standing.life.changes() == []
    standing.bob.move(f"{name}_20261201T130000Z", moment("Wed 09:00"), moment("Wed 10:30"))
    assert [c for c in standing.life.changes() if "2026-W49/3" in c]
    standing.bob.delete(f"{name}_20261201T130000Z")
    assert standing.life.changes() == []


def test_a_meeting_that_the_user_declined_is_no_meeting(standing: Scene) -> None:
    standing.server.device.reply(standing.meet("Wed 08:30-12:00"), "declined")
    assert standing.life.changes() == []


@pytest.mark.parametrize(
    "more",
    [
        {"transparency": "transparent"},
        {"eventType": "workingLocation", "workingLocationProperties": {"type": "homeOffice", "homeOffice": {}},
         "visibility": "public", "transparency": "transparent"},
        {"eventType": "birthday", "start": {"date": "2026-12-02"}, "end": {"date": "2026-12-03"},
         "recurrence": ["RRULE:FREQ=YEARLY"], "transparency": "transparent"},
        {"status": "cancelled"},
        {"attendees": [{"email": "ada@example.com", "self": True, "responseStatus": "declined"}]},
    ],
)  # fmt: skip
def test_what_takes_no_time(standing: Scene, more: Any) -> None:
    times = {"start": {"dateTime": "2026-12-02T08:30:00+01:00"}, "end": {"dateTime": "2026-12-02T12:00:00+01:00"}}
    standing.server.deliver({"id": "other", "summary": "Other", **times, **more})
    assert standing.life.changes() == []


@pytest.mark.parametrize("kind", ["default", "fromGmail", "quantumTime"])
def test_what_takes_time_whatever_its_type_will_be_called(standing: Scene, kind: str) -> None:
    times = {"start": {"dateTime": "2026-12-02T08:30:00+01:00"}, "end": {"dateTime": "2026-12-02T12:00:00+01:00"}}
    standing.server.deliver({"id": "other", "summary": "Other", **times, "eventType": kind, "eventLabelId": "blue"})
    assert standing.life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]


def test_hand_made_focus_time_counts(scene: Scene) -> None:
    start = moment("Tue 09:00")
    times = {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": (start + timedelta(hours=6)).isoformat()}}
    scene.server.device.insert({
        "summary": "Deep", **times, "eventType": "focusTime", "transparency": "opaque",
        "focusTimeProperties": {"autoDeclineMode": "declineNone", "chatStatus": "available"},
    })  # fmt: skip
    assert len(scene.life.changes()) == 1


def test_undo_and_purge_take_everything_back(standing: Scene) -> None:
    name = standing.meet("Fri 15:00-16:00")
    foreign = standing.server.event(name)
    with standing.life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, standing.life.now), standing.life.now)
    assert standing.ours() == {}
    assert standing.life.apply().changes == ()
    standing.life.now += timedelta(days=7)
    standing.life.apply()
    assert standing.ours()
    with standing.life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, standing.life.now), standing.life.now)
    assert list(standing.server.live()) == [name]
    assert standing.server.event(name) == foreign


# -- native focus time ------------------------------------------------------------------------------------------------


def test_busy_blocks_are_focus_time_that_declines_nothing(scene: Scene) -> None:
    scene.life.configure(BUSY, "horizon = '1d'")
    name = scene.meet("Fri 09:00-10:00")
    scene.life.apply()
    for body in scene.ours().values():
        assert (body["eventType"], body["focusTimeProperties"]["autoDeclineMode"]) == ("focusTime", "declineNone")
    assert {a["responseStatus"] for a in scene.server.event(name)["attendees"]} == {"accepted", "needsAction"}
    assert scene.life.changes() == []


@pytest.mark.parametrize("able", [True, False], ids=["with focus time", "without"])
@pytest.mark.parametrize(
    ("goal", "shown"), [("18h", "opaque"), ("8h", "transparent")], ids=["a week that fills", "a light one"]
)
def test_what_is_free_is_an_ordinary_event_and_neither_is_made_the_other(
    scene: Scene, *, able: bool, goal: str, shown: str
) -> None:
    def configure(goal: str) -> None:
        scene.life.configure(f"{ONLY_FOCUS}[policies.focus]\nweekly_goal = '{goal}'\n", "horizon = '1d'")
        config = scene.life.base / "config.toml"
        config.write_text(re.sub("focus_time = .*", f"focus_time = {str(able).lower()}", config.read_text()))

    kind = "focusTime" if able and shown == "opaque" else "default"
    configure(goal)
    scene.life.apply()
    made = set(scene.ours())
    scene.life.now += timedelta(hours=26)
    configure("8h" if goal == "18h" else "18h")
    scene.life.apply()
    assert made & scene.ours().keys()
    assert {b["eventType"] for b in scene.ours().values()} == {kind}
    assert {b.get("transparency", "opaque") for b in scene.ours().values()} == {shown}


@pytest.mark.parametrize("how", ["restricted", "forbidden", "invalid", "malformed"])
def test_an_account_without_focus_time_gets_usual_events_and_is_asked_once(scene: Scene, how: str) -> None:
    scene.server.refuse_focus(how)
    scene.life.configure(BUSY, "horizon = '1d'")
    scene.life.apply()
    assert {b["eventType"] for b in scene.ours().values()} == {"default"}
    assert len(scene.ours()) == 4
    assert sum(s.status in (400, 403) for s in scene.writes()) == 1
    assert scene.life.changes() == []
    scene.forget_requests()
    scene.life.now += timedelta(days=7)
    scene.life.apply()
    assert scene.writes()
    assert all(s.status == 200 for s in scene.writes())


def test_an_old_api_that_makes_usual_events_of_it(scene: Scene) -> None:
    scene.server.refuse_focus("ignored")
    scene.life.configure(BUSY, "horizon = '1d'")
    scene.life.apply()
    assert {b["eventType"] for b in scene.ours().values()} == {"default"}
    assert scene.life.apply().changes == ()


# -- what the service does --------------------------------------------------------------------------------------------


def test_small_and_empty_pages_are_followed(scene: Scene) -> None:
    scene.server.pages.size, scene.server.pages.holes = 1, True
    for day in ("Mon", "Tue", "Wed", "Thu"):
        scene.meet(f"{day} 09:00-17:30", "Offsite")
    assert {c.split()[2] for c in scene.life.changes()} == {"Fri"}


@pytest.mark.parametrize("how", ["expired", "shared"])
def test_a_token_that_is_gone_means_a_full_read_in_the_same_cycle(standing: Scene, how: str) -> None:
    if how == "expired":
        standing.server.expire_sync_tokens()
    else:
        standing.server.share(standing.server.user, "reader", standing.bob.email)
    standing.meet("Wed 08:30-12:00")
    assert standing.life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    assert 410 in [s.status for s in standing.server.requests("events.list")]
    assert standing.life.plan().problems == ()


def test_an_access_token_that_has_expired_is_renewed(standing: Scene) -> None:
    with standing.life.runtime() as runtime:
        cycle.plan(runtime, standing.life.now)
        standing.server.expire_access()
        assert cycle.plan(runtime, standing.life.now).plan.problems == ()


def test_a_grant_that_was_taken_back_is_said_once(standing: Scene) -> None:
    standing.server.revoke()
    standing.forget_requests()
    plan = standing.life.plan()
    assert plan.changes == ()
    assert any("log" in f"{p.what} {p.remedy}" for p in plan.problems)
    assert len(standing.server.requests("token")) == 1
    assert [s.status for s in standing.server.requests() if s.name != "token"] == [401]


def test_an_insert_whose_answer_was_lost_is_made_once(scene: Scene) -> None:
    scene.server.fail("dropped", on="events.insert", times=2, applied=True)
    for _ in range(2):
        scene.life.apply()
    assert len(scene.server.events()) == 4
    assert scene.life.changes() == []


def test_a_start_in_another_zone_is_no_edit(standing: Scene) -> None:
    """The service gives times back in the calendar's zone."""
    standing.server.world.calendars[standing.server.user].zone = "America/New_York"
    standing.server.expire_sync_tokens()
    assert standing.life.apply().changes == ()
    assert {frozenset(o.edited) for o in standing.life.ours().values()} == {frozenset()}


# -- calendars of others ----------------------------------------------------------------------------------------------

SCOPE = "https://www.googleapis.com/auth/calendar"
HOLIDAYS = "en.polish#holiday@group.v.calendar.google.com"


def feed(scene: Scene) -> None:
    """The user has Google's calendar of public holidays in their list; Wednesday is one, Tuesday an observance."""
    scene.server.world.add_account("google@example.com")
    scene.server.world.add_calendar(HOLIDAYS, "Holidays in Poland", owner="google@example.com", zone="Europe/Warsaw")
    scene.server.share(HOLIDAYS, "reader")
    for date, description in (
        ("2026-12-01", "Observance\nTo hide observances, go to …"),
        ("2026-12-02", "Public holiday"),
    ):
        end = date[:-1] + str(int(date[-1]) + 1)
        scene.server.deliver(
            {"id": f"h{date.replace('-', '')}", "summary": "Some day", "description": description,
             "transparency": "transparent", "start": {"date": date}, "end": {"date": end}}, HOLIDAYS,
        )  # fmt: skip


def test_googles_calendar_of_public_holidays_gives_days_off(scene: Scene, google: GoogleShelf) -> None:
    feed(scene)
    google.secret = json.dumps(scene.server.secret(SCOPE))
    scene.life.apply()
    places = sorted(local(o.event.when) for o in scene.life.ours().values())
    assert {place[:3] for place in places} == {"Mon", "Tue", "Thu"}, "an observance is a day like any other"
    assert scene.life.changes() == []


def test_a_calendar_of_holidays_that_the_login_may_not_read_stops_nothing(scene: Scene) -> None:
    feed(scene)
    plan = scene.life.apply()
    assert (len(plan.changes), plan.problems) == (4, ())
    scene.forget_requests()
    assert scene.life.changes() == []
    assert [s.status for s in scene.server.requests("events.list")] == [200], "it is not asked for again"
    with scene.life.runtime() as runtime:
        found = dict(checks.check_all(runtime, scene.life.now, Nobody()))
    problem = found[f"read work/{HOLIDAYS} as holidays"]
    assert problem is not None
    assert problem.remedy.startswith("name 'Holidays in Poland' in `read`")
    scene.life.now += timedelta(days=1, hours=1)
    scene.life.apply()
    assert sum(s.status == 403 for s in scene.server.requests("events.list")) == 1, "until the next day"


def test_meetings_of_a_colleague_whose_calendar_is_shared_are_not_mine(scene: Scene, google: GoogleShelf) -> None:
    bobs = scene.server.add_calendar("Bob", owner=BOB, role="reader")
    bob = scene.server.person(BOB, bobs)
    bob.invite("His", moment("Mon 09:00"), moment("Mon 17:00"), ["cem@example.com"])
    bob.insert({"summary": "Focus", **{k: {"dateTime": moment(f"Tue {t}").isoformat()} for k, t in
                                       (("start", "09:00"), ("end", "17:00"))}})  # fmt: skip
    bob.insert({"summary": "Bob away", "start": {"date": "2026-12-02"}, "end": {"date": "2026-12-03"}})
    google.secret = json.dumps(scene.server.secret(SCOPE))
    scene.life.configure('read = ["primary", "Bob"]\n' + ONLY_FOCUS, "horizon = '1d'")
    scene.life.apply()
    assert sorted(local(o.event.when) for o in scene.life.ours().values()) == [
        f"{d} 09:00-11:00" for d in ("Mon", "Thu", "Tue", "Wed")
    ]
    assert scene.life.changes() == []
