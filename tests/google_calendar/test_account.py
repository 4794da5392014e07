"""The connector on the strict server: what is asked again, what is taken for done, and what is told of a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from msgspec.structs import replace

from connectors.google import replies
from connectors.google.api import A_MINUTE, Api
from connectors.google.connector import Google
from connectors.google.options import GoogleOptions
from daemon.model.errors import (
    DeletedError,
    ExistsError,
    GoneError,
    LostRaceError,
    RefusedError,
    TemporaryError,
    UnbusyError,
    UnreadableError,
)
from daemon.model.event import EventRef, EventType, PartStat, ResourceRef, ShowAs
from daemon.model.owner import Field
from daemon.model.protocols import Changes, Resource, Seen
from daemon.model.times import TimeRange
from gcal import GoogleServer
from gcal.faults import FAULTS, Fault
from making import ME, ZONE, moment, span
from payloads import draft

WEEK = TimeRange(moment("Mon 00:00"), moment("Sun 00:00"))
PRIMARY = "work/primary"
DRAFT = replace(draft(), calendar=PRIMARY, when=span("Tue 09:00-11:00"), show_as=ShowAs.BUSY)
FOCUS = replace(DRAFT, focus=True)


class Notes(dict[str, str]):
    """In memory."""

    def get(self, name: str) -> str:  # type: ignore[override]  # '' for nothing
        return super().get(name, "")

    def put(self, name: str, value: str) -> None:
        self[name] = value


@dataclass
class Account:
    """The user's account at the server; `rests`: what was waited for, in seconds, without waiting."""

    server: GoogleServer
    options: GoogleOptions
    notes: Notes = field(default_factory=Notes)
    rests: list[float] = field(default_factory=list)
    known: dict[str, Resource] = field(default_factory=dict)
    state: str = ""

    def __post_init__(self) -> None:
        secret = json.dumps(self.server.secret())
        self.ticking = 0.0
        api = Api(self.options, self.server.clock, lambda: secret, self._rest, lambda: self.ticking, lambda: 0.5)
        self.google = Google("work", self.options, self.server.clock, self.notes, api)

    def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.ticking += seconds

    def changes(self, calendar: str = PRIMARY) -> Changes:
        """As a cycle asks, with what the cycle before has kept."""
        versions = {href: r.ref.version for href, r in self.known.items()}
        seen = Seen(recall=lambda: versions, state=self.state, window=WEEK, payload=self._payload)
        found = self.google.changes(calendar, seen)
        new = [r for r in found.changed if isinstance(r, Resource)]
        assert found.present is not None
        self.known = {h: r for h, r in {**self.known, **{r.ref.href: r for r in new}}.items() if h in found.present}
        self.state = found.state
        return replace(found, changed=new)

    def _payload(self, href: str) -> bytes | None:
        return self.known[href].payload if href in self.known else None

    def agenda(self, calendar: str = PRIMARY) -> list[str]:
        self.changes(calendar)
        found = [e for r in self.known.values() for e in self.google.read(r, WEEK, ZONE).events if not e.cancelled]
        return [
            f"{e.span.start.astimezone(ZONE):%a %H:%M} {e.summary}" for e in sorted(found, key=lambda e: e.span.start)
        ]

    def asked(self, name: str) -> list[int]:
        """The answers to requests of a kind."""
        return [s.status for s in self.server.requests(name)]


@pytest.fixture
def opened(server: GoogleServer) -> Iterator[Callable[..., Account]]:
    """Opens the account, any number of times: with these options, and the notes of another time."""
    with ExitStack() as stack:

        def one(notes: Notes | None = None, **more: Any) -> Account:
            account = Account(server, GoogleOptions(endpoint=server.url, **more), Notes() if notes is None else notes)
            stack.callback(account.google.close)
            return account

        yield one


@pytest.fixture
def account(opened: Callable[..., Account]) -> Account:
    return opened(emails=(ME,))


# -- what is asked again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "rests"),
    [
        ("dropped", []), ("500", [1.5]), ("html 502", [1.5]), ("html 200", [1.5]), ("broken JSON", [1.5]),
        ("cut", [1.5]), ("rateLimitExceeded", [1.5]), ("userRateLimitExceeded", [1.5]), ("503", [3.0]), ("429", [7.0]),
    ],
)  # fmt: skip
def test_what_passes_is_asked_again_after_the_rest_that_google_asks_for(
    account: Account, fault: str, rests: list[float]
) -> None:
    account.server.fail(fault, on="events.list")
    account.changes()
    assert account.rests == rests
    assert len(account.asked("events.list")) == 2


@pytest.mark.parametrize(
    ("fault", "rests"),
    [
        ("html 503", [1.5]), ("503", [3.0]), ("429", [7.0]), ("500", [1.5]), ("html 200", [1.5]),
        ("broken JSON", [1.5]), *((Fault(200, body), [1.5]) for body in (b"[]", b"7", b"null", b"{}")),
    ],
)  # fmt: skip
def test_a_token_that_is_not_given_at_once(account: Account, fault: Fault | str, rests: list[float]) -> None:
    account.server.fail(fault, on="token")
    account.changes()
    assert account.rests == rests
    assert len(account.asked("token")) == 2


def test_rests_grow_and_end(account: Account) -> None:
    account.server.fail("500", on="events.list", times=9)
    with pytest.raises(TemporaryError):
        account.changes()
    assert account.rests == [1.5, 2.5, 4.5]
    assert len(account.asked("events.list")) == 4


def test_no_cycle_waits_longer_than_a_minute_altogether(account: Account) -> None:
    slow = replace(FAULTS["429"], headers={"Retry-After": "25"})
    account.google.calendars()
    account.server.fail(slow, times=9)
    with pytest.raises(TemporaryError) as caught:
        account.changes()
    assert account.rests == [25, 25]
    assert caught.value.retry_after == timedelta(seconds=25)


@pytest.mark.parametrize(
    ("fault", "kind", "rest"),
    [("quotaExceeded", TemporaryError, timedelta(hours=1)), ("accessNotConfigured", RefusedError, None)],
)
def test_what_lasts_is_not_asked_again(
    account: Account, fault: str, kind: type[UnbusyError], rest: timedelta | None
) -> None:
    account.google.calendars()
    account.server.fail(fault, on="events.list")
    with pytest.raises(kind) as caught:
        account.changes()
    assert (account.rests, len(account.asked("events.list"))) == ([], 1)
    assert getattr(caught.value, "retry_after", None) == rest


@pytest.mark.parametrize(
    "body", [b"[]", b'"x"', b"7", b"null", b"", b"{", b'{"items": 3}', b'{"items": [null, {}, {"id": 5}]}']
)
def test_no_answer_is_more_than_a_failure(account: Account, body: bytes) -> None:
    """Only an UnbusyError leaves a connector, whatever comes."""
    for method in ("calendarList.list", "events.list"):
        account.server.fail(Fault(200, body), on=method, times=9)
        with suppress(UnbusyError):
            account.changes()
        account.server.desk.faults.clear()
        account.google.calendars()


def test_requests_stay_under_the_quota(account: Account) -> None:
    account.changes()
    for _ in range(A_MINUTE):
        account.google.api._pace()
    assert sum(account.rests) == 60
    account.ticking += 61
    for _ in range(A_MINUTE):
        account.google.api._pace()
    assert sum(account.rests) == 60


# -- writes whose answer was lost -------------------------------------------------------------------------------------


def test_an_insert_whose_answer_was_lost_is_found(account: Account) -> None:
    account.server.fail("dropped", on="events.insert", applied=True)
    written = account.google.create(DRAFT)
    assert account.asked("events.insert") == [0, 409]
    assert written.ref.version == account.server.event(DRAFT.mark.digits)["etag"]
    assert len(account.server.events()) == 1


def test_a_deletion_whose_answer_was_lost_is_done(account: Account) -> None:
    """Else it would look as if the user had deleted the event."""
    written = account.google.create(DRAFT)
    account.server.fail("dropped", on="events.delete", applied=True)
    account.google.delete(written.ref)
    assert account.server.live() == {}


def test_a_deletion_by_somebody_else_is_theirs(account: Account) -> None:
    written = account.google.create(DRAFT)
    account.server.device.delete(written.ref.href)
    with pytest.raises(GoneError):
        account.google.delete(written.ref)


def test_a_change_by_somebody_else_wins(account: Account) -> None:
    written = account.google.create(DRAFT)
    account.server.device.retitle(written.ref.href, "Mine now")
    with pytest.raises(LostRaceError):
        account.google.delete(written.ref)
    with pytest.raises(LostRaceError):
        account.google.update(written, replace(DRAFT, title="Focus!"), frozenset({Field.TITLE}))
    assert account.server.event(written.ref.href)["summary"] == "Mine now"


def test_an_update_of_what_is_gone_is_a_lost_race(account: Account) -> None:
    written = account.google.create(DRAFT)
    account.server.device.delete(written.ref.href)
    account.server.forget_deleted()
    with pytest.raises(LostRaceError):
        account.google.update(written, DRAFT, frozenset({Field.TITLE}))


def test_an_id_that_was_deleted_says_so(account: Account) -> None:
    event = account.google.create(DRAFT).ref.href
    world = account.server.world
    world.put(world.calendars[account.server.user], account.server.event(event) | {"status": "cancelled"})
    with pytest.raises(DeletedError):
        account.google.create(DRAFT)


def test_an_id_that_somebody_else_has_taken_is_left_to_them(account: Account) -> None:
    theirs = account.server.device.insert(
        {
            "id": DRAFT.mark.digits, "summary": "Theirs", "start": {"date": "2026-12-01"},
            "end": {"date": "2026-12-02"}, "attendees": [{"email": "bob@example.com"}],
        }
    )  # fmt: skip
    with pytest.raises(ExistsError):
        account.google.create(DRAFT)
    with pytest.raises(UnbusyError, match="not an event of unbusy"):
        account.google.delete(ResourceRef(PRIMARY, DRAFT.mark.digits, theirs["etag"]))
    assert account.server.event(DRAFT.mark.digits) == theirs


# -- the stream -------------------------------------------------------------------------------------------------------


def test_a_quiet_cycle_is_one_request_for_each_calendar(server: GoogleServer, opened: Callable[..., Account]) -> None:
    account = opened()
    account.changes()
    server.desk.seen.clear()
    later = opened(account.notes)
    later.known, later.state = account.known, account.state
    assert list(later.changes().changed) == []
    assert [s.name for s in server.requests() if s.name != "token"] == ["calendar.events.list"]
    assert parse_qs(server.requests()[-1].query).keys() >= {"syncToken", "maxResults"}


def test_the_list_of_calendars_is_asked_for_once_a_day_and_on_odd_answers(
    server: GoogleServer, opened: Callable[..., Account]
) -> None:
    account = opened()
    for hours, listings in ((0, 1), (23, 1), (1, 2)):
        server.clock.now += timedelta(hours=hours)
        account.google._listed.clear()
        account.google.calendars()
        assert account.asked("calendarList.list").count(200) == listings
    server.fail(replace(FAULTS["500"], status=404), on="events.list")
    with pytest.raises(UnreadableError):
        account.changes()
    account.google._listed.clear()
    account.google.calendars()
    assert account.asked("calendarList.list").count(200) == 3


def test_series_exceptions_and_what_is_cancelled(account: Account, opened: Callable[..., Account]) -> None:
    """Each step of the user, read as a change and, beside it, all anew: both say the same."""
    device = account.server.device
    name = device.insert({
        "summary": "Daily", "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"],
        "start": {"dateTime": moment("Mon 10:00").isoformat(), "timeZone": "Europe/Warsaw"},
        "end": {"dateTime": moment("Mon 10:30").isoformat(), "timeZone": "Europe/Warsaw"},
    })["id"]  # fmt: skip
    steps = [
        (lambda: None, ["Mon 10:00", "Tue 10:00", "Wed 10:00", "Thu 10:00"]),
        (lambda: device.move(f"{name}_20261201T090000Z", moment("Tue 15:00")),
         ["Mon 10:00", "Tue 15:00", "Wed 10:00", "Thu 10:00"]),
        (lambda: device.delete(f"{name}_20261202T090000Z"), ["Mon 10:00", "Tue 15:00", "Thu 10:00"]),
        (lambda: device.move(f"{name}_20261201T090000Z", moment("Fri 15:00")), ["Mon 10:00", "Thu 10:00", "Fri 15:00"]),
        (lambda: device.delete(f"{name}_20261201T090000Z"), ["Mon 10:00", "Thu 10:00"]),
        (lambda: device.delete(name), []),
    ]  # fmt: skip
    for step, expected in steps:
        step()
        assert account.agenda() == opened().agenda() == [f"{when} Daily" for when in expected]


def test_an_invitation_to_one_instance_comes_and_goes(account: Account) -> None:
    """Of one that is gone the stream may tell no more than the id."""
    body = {
        "id": "series_20261201T090000Z", "summary": "Guest", "recurringEventId": "series",
        "originalStartTime": {"dateTime": "2026-12-01T10:00:00+01:00"},
        "start": {"dateTime": "2026-12-01T10:00:00+01:00"}, "end": {"dateTime": "2026-12-01T11:00:00+01:00"},
    }  # fmt: skip
    account.server.deliver(body)
    assert account.agenda() == ["Tue 10:00 Guest"]
    bare = {"kind": "calendar#events", "nextSyncToken": "x", "items": [{"id": body["id"], "status": "cancelled"}]}
    account.server.fail(Fault(200, json.dumps(bare).encode()), on="events.list")
    assert account.agenda() == []


def test_a_decline_counts_also_where_no_address_is_configured(
    server: GoogleServer, opened: Callable[..., Account]
) -> None:
    account = opened()
    name = server.person("bob@example.com").invite("Review", moment("Wed 09:00"), moment("Wed 10:00"), [ME])["id"]
    account.changes()
    (event,) = account.google.read(account.known[name], WEEK, ZONE).events
    assert event.show_as is ShowAs.BUSY
    server.device.reply(name, "declined")
    account.changes()
    (event,) = account.google.read(account.known[name], WEEK, ZONE).events
    assert event.show_as is ShowAs.FREE


# -- focus time -------------------------------------------------------------------------------------------------------


def test_focus_time_as_configured(server: GoogleServer, opened: Callable[..., Account]) -> None:
    account = opened(decline="new", do_not_disturb=True)
    written = account.google.create(FOCUS)
    body = server.event(written.ref.href)
    assert body["focusTimeProperties"] == {
        "autoDeclineMode": "declineOnlyNewConflictingInvitations", "chatStatus": "doNotDisturb",
    }  # fmt: skip
    (event,) = account.google.read(written, WEEK, ZONE).events
    assert event.type is EventType.FOCUS_TIME


@pytest.mark.parametrize("refused", ["restricted", "forbidden", "invalid", "malformed", "ignored"])
def test_a_refusal_is_remembered(account: Account, refused: str, opened: Callable[..., Account]) -> None:
    account.server.refuse_focus(refused)
    account.google.create(FOCUS)
    assert account.server.event(FOCUS.mark.digits)["eventType"] == "default"
    assert account.google.notes.get("no focus time")
    assert not any(c.focus_time for c in opened(account.notes).google.calendars())


def test_an_insert_that_fails_in_any_form_says_nothing_of_focus_time(account: Account) -> None:
    account.google.calendars()
    account.server.fail(replace(FAULTS["quotaExceeded"], content=b"{}"), on="events.insert", times=2)
    with pytest.raises(RefusedError):
        account.google.create(FOCUS)
    assert not account.google.notes.get("no focus time")


def test_focus_time_stays_focus_time(account: Account) -> None:
    """It can be nothing but opaque, and its type never changes."""
    written = account.google.create(FOCUS)
    free = replace(FOCUS, show_as=ShowAs.FREE, when=span("Wed 09:00-11:00"), title="Deep")
    account.google.update(written, free, frozenset({Field.SHOW_AS, Field.WHEN, Field.TITLE}))
    body = account.server.event(written.ref.href)
    assert (body["eventType"], body["summary"], body.get("transparency", "opaque")) == ("focusTime", "Deep", "opaque")
    assert "eventType" not in account.server.requests("events.patch")[-1].body


# -- answers ----------------------------------------------------------------------------------------------------------


def test_a_reply_leaves_all_others_as_they_are(account: Account) -> None:
    bob = account.server.person("bob@example.com")
    name = bob.invite("Review", moment("Wed 09:00"), moment("Wed 10:00"), [ME, "eve@example.com"])["id"]
    account.changes()
    before = {a["email"]: a for a in account.server.event(name)["attendees"]}
    account.google.respond(account.known[name], EventRef(PRIMARY, name), frozenset({ME}), PartStat.DECLINED)
    after = {a["email"]: a for a in account.server.event(name)["attendees"]}
    assert after == before | {ME: {**before[ME], "responseStatus": "declined"}}
    with pytest.raises(LostRaceError):
        account.google.respond(account.known[name], EventRef(PRIMARY, name), frozenset({ME}), PartStat.TENTATIVE)


def test_a_reply_whose_answer_was_lost_is_found_and_not_written_twice(account: Account) -> None:
    bob = account.server.person("bob@example.com")
    name = bob.invite("Review", moment("Wed 09:00"), moment("Wed 10:00"), [ME])["id"]
    account.changes()
    account.server.fail("dropped", on="events.patch", applied=True)
    written = account.google.respond(account.known[name], EventRef(PRIMARY, name), frozenset({ME}), PartStat.DECLINED)
    assert [s.status for s in account.server.requests("events.patch")] == [0, 412]
    assert written.ref.version == account.server.event(name)["etag"]


def test_a_reply_that_somebody_else_was_faster_than_is_lost(account: Account) -> None:
    bob = account.server.person("bob@example.com")
    name = bob.invite("Review", moment("Wed 09:00"), moment("Wed 10:00"), [ME])["id"]
    account.changes()
    account.server.device.reply(name, "accepted")
    account.server.fail("500", on="events.patch")
    with pytest.raises(LostRaceError):
        account.google.respond(account.known[name], EventRef(PRIMARY, name), frozenset({ME}), PartStat.DECLINED)
    mine = next(a for a in account.server.event(name)["attendees"] if a["email"] == ME)
    assert mine["responseStatus"] == "accepted"


def test_a_group_in_whose_calendar_it_stands_is_not_the_user(account: Account) -> None:
    """What Google calls self there is the calendar itself."""
    item = {"attendees": [{"email": "team@group.calendar.google.com", "self": True}, {"email": ME}]}
    with pytest.raises(UnbusyError, match="not among"):
        replies.own_entry(item, frozenset({ME}), primary=False)
    alias = {"attendees": [{"email": "ada.b@example.com", "self": True}]}
    assert replies.own_entry(alias, frozenset({ME}), primary=True)["email"] == "ada.b@example.com"


# -- the login --------------------------------------------------------------------------------------------------------


def test_a_login_that_ended_is_said_with_its_remedy_and_asked_for_once(account: Account) -> None:
    account.server.revoke()
    with pytest.raises(RefusedError) as caught:
        account.changes()
    assert "7 days" in caught.value.remedy
    assert (account.rests, account.asked("token")) == ([], [400])


@pytest.mark.parametrize(
    "secret",
    ["", "x", "5", "[]", "null", "{}", '{"token_uri": 5}', '{"token_uri": "http://evil.example/token"}',
     '{"token_uri": "https://a.example/", "client_id": "x"}',
     '{"token_uri": "https://a.example/", "type": "service_account"}',
     '{"token_uri": "https://a.example/", "type": "service_account", "client_email": "a", "private_key": "b"}'],
)  # fmt: skip
def test_a_secret_that_is_none(secret: str, opened: Callable[..., Account]) -> None:
    account = opened()
    account.google.api.secret = lambda: secret
    with pytest.raises(RefusedError) as caught:
        account.changes()
    assert caught.value.remedy


# -- calendars of others ----------------------------------------------------------------------------------------------


def test_in_somebody_elses_calendar_self_is_not_the_user(server: GoogleServer, opened: Callable[..., Account]) -> None:
    server.scopes = frozenset({"https://www.googleapis.com/auth/calendar"})
    account = opened(emails=(ME,))
    bobs = server.add_calendar("Bob", owner="bob@example.com", role="reader")
    bob = server.person("bob@example.com", bobs)
    bob.invite("His", moment("Wed 09:00"), moment("Wed 10:00"), ["cem@example.com"])
    bob.invite("With me", moment("Wed 11:00"), moment("Wed 12:00"), [ME])
    infos = {i.id: (i.owned, i.shared) for i in account.google.calendars()}
    assert infos == {PRIMARY: (True, False), f"work/{bobs}": (False, True)}
    for again in (account, opened(account.notes, emails=(ME,))):  # the second has not asked for the list of calendars
        again.changes(f"work/{bobs}")
        found = [e for r in again.known.values() for e in again.google.read(r, WEEK, ZONE).events]
        named = {e.summary: ME in {e.organizer, *(a.address for a in e.attendees)} for e in found}
        assert named == {"His": False, "With me": True}


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("en.german#holiday@group.v.calendar.google.com", False), ("abc@import.calendar.google.com", False),
        ("addressbook#contacts@group.v.calendar.google.com", False), ("c_1@group.calendar.google.com", True),
        ("bob@example.com", True),
    ],
)  # fmt: skip
def test_whose_a_calendar_is_by_its_id(account: Account, name: str, shared: bool) -> None:
    account.server.world.add_account("google@example.com")
    account.server.world.add_calendar(name, "Name", owner="google@example.com", zone="Europe/Warsaw")
    account.server.share(name, "reader")
    (found,) = (i for i in account.google.calendars() if i.id == f"work/{name}")
    assert (found.owned, found.shared) == (False, shared)
