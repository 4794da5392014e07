"""What every account promises (`reader.py`, `writer.py`), for a store that does not speak iCalendar.

Hrefs are ids of Google's, and contents are its events; somebody else edits them on another device.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from connectors import CONNECTORS
from connectors.google import connector as module
from connectors.google.options import GoogleOptions
from daemon.model.errors import DeletedError, ExistsError, GoneError, LostRaceError, UnbusyError, UnreadableError
from daemon.model.event import EventRef, PartStat, ShowAs
from daemon.model.owner import Field
from daemon.model.protocols import Resource, Writer
from daemon.model.user.reply import invitation_of
from gcal import GoogleServer, google_server
from gcal.plain import timed, weekly
from making import ME, span
from payloads import WINDOW, ZONE, Found, asked, draft, looked, marked, observed

CALENDAR = "work/primary"
OURS = draft(calendar=CALENDAR)


class Notes(dict[str, str]):
    """In memory."""

    def get(self, name: str) -> str:  # type: ignore[override]  # '' for nothing
        return super().get(name, "")

    def put(self, name: str, value: str) -> None:
        self[name] = value


@dataclass
class Store:
    server: GoogleServer
    connector: Writer

    def changes(self, before: Found | None = None) -> Found:
        known = {r.ref.href: r.ref.version for r in before.changed} if before else {}
        stored = {r.ref.href: r.payload for r in before.changed} if before else {}
        return looked(self.connector, CALENDAR, known, before.state if before else "", stored=stored)

    def summaries(self, found: Found) -> list[str]:
        events = (e for r in found.changed for e in self.connector.read(r, WINDOW, ZONE).events)
        return sorted(e.summary for e in events)

    def raw(self) -> dict[str, Any]:
        return copy.deepcopy(self.server.events())


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(module, "Api", partial(module.Api, sleep=lambda _: None))
    with google_server() as server:
        options = GoogleOptions(endpoint=server.url, emails=(ME,))
        secret = json.dumps(server.secret())
        connector = CONNECTORS["google"].open("work", options, server.clock, lambda: secret, Notes())
        yield Store(server, connector)
        connector.close()


# -- reading ----------------------------------------------------------------------------------------------------------


def test_calendars_are_named_after_their_account(store: Store) -> None:
    (found,) = store.connector.calendars()
    assert (found.id, found.name, found.owned, found.writable) == (CALENDAR, ME, True, True)


def test_an_empty_calendar_is_empty(store: Store) -> None:
    found = store.changes()
    assert (found.changed, found.present, found.problems) == ((), frozenset(), ())


def test_a_later_read_brings_only_what_changed(store: Store) -> None:
    for name in ("aaaaa", "bbbbb", "ccccc"):
        store.server.device.insert(timed(id=name, summary=name))
    first = store.changes()
    assert store.summaries(first) == ["aaaaa", "bbbbb", "ccccc"]
    store.server.device.retitle("bbbbb", "Moved")
    store.server.device.insert(timed(id="ddddd", summary="New"))
    store.server.device.delete("ccccc")
    second = store.changes(first)
    assert store.summaries(second) == ["Moved", "New"]
    assert second.present == {"aaaaa", "bbbbb", "ddddd"}
    assert store.changes(replace(first, state="")).present == {"aaaaa", "bbbbb", "ddddd"}


def test_an_exception_comes_with_its_series(store: Store) -> None:
    store.server.device.insert(weekly())
    first = store.changes()
    store.server.device.delete("series_20261208T080000Z")
    store.server.device.retitle("series_20261215T080000Z", "Special")
    (found,) = (second := store.changes(first)).changed
    assert (found.ref.href, second.present) == ("series", {"series"})
    assert store.summaries(second) == ["Special", "Standup", "Standup"]
    assert store.changes(replace(first, state="")).changed == second.changed


def test_nothing_new_is_nothing_to_read(store: Store) -> None:
    store.server.device.insert(timed(id="aaaaa"))
    first = store.changes()
    again = store.changes(first)
    assert (again.changed, again.present) == ((), {"aaaaa"})


def test_a_calendar_that_is_away_is_not_an_empty_one(store: Store) -> None:
    store.server.device.insert(timed(id="aaaaa"))
    first = store.changes()
    del store.server.world.calendars[ME]
    with pytest.raises(UnreadableError) as error:
        store.changes(first)
    assert error.value.remedy
    with pytest.raises(UnreadableError):
        looked(store.connector, "work/Nobody")


# -- our own ----------------------------------------------------------------------------------------------------------


def test_what_was_created_is_read_back_as_it_was_asked_for(store: Store) -> None:
    one = draft(calendar=CALENDAR, title="Strategy; <1>", text="Why, what\nand <how> & when", reminder=10)
    made = store.connector.create(one)
    (found,) = store.changes().changed
    assert found == made
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    assert observed(event) == asked(one)
    body = store.server.event(one.mark.digits)
    assert (body["summary"], body["description"]) == ("Strategy; <1>", "Why, what\nand &lt;how&gt; &amp; when")
    assert (event.mark, event.ref.uid, event.private, event.attendees) == (one.mark, one.uid, True, ())
    assert store.connector.peek(found.payload).mark == one.mark


def test_nothing_is_created_over_what_is_there(store: Store) -> None:
    made = store.connector.create(OURS)
    before = store.raw()
    with pytest.raises(ExistsError):
        store.connector.create(draft(calendar=CALENDAR, title="Another"))
    assert store.raw() == before
    store.connector.delete(made.ref)
    with pytest.raises(ExistsError):
        store.connector.create(OURS)
    assert store.server.live() == {}


def test_what_was_deleted_is_told_from_what_only_has_its_id(store: Store) -> None:
    """On the organizer's own calendar Google goes on telling what a deleted event was; else only the id is left."""
    made = store.connector.create(OURS)
    body = store.server.event(made.ref.href)
    calendar = store.server.world.calendars[store.server.user]
    store.server.world.put(calendar, body | {"status": "cancelled"})
    with pytest.raises(DeletedError):
        store.connector.create(OURS)
    store.server.world.bury(calendar, made.ref.href)
    with pytest.raises(ExistsError):
        store.connector.create(OURS)
    assert store.server.live() == {}


@pytest.mark.parametrize("field", list(Field))
def test_an_update_changes_the_fields_that_it_names_and_no_other(store: Store, field: Field) -> None:
    after = draft(
        "Wed 14:00-15:30", calendar=CALENDAR, title="Strategy", text="Why", show_as=ShowAs.BUSY, reminder=5,
        colour="teal",
    )  # fmt: skip
    store.connector.update(store.connector.create(OURS), after, frozenset({field}))
    (found,) = store.changes().changed
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    assert observed(event) == asked(OURS) | {field: asked(after)[field]}
    assert event.mark == after.mark


def test_an_update_keeps_what_others_added(store: Store) -> None:
    store.connector.create(draft(calendar=CALENDAR, reminder=10))
    added = {"location": "Library", "source": {"title": "Notes", "url": "https://example.com"}}
    store.server.device.patch(OURS.mark.digits, **added, extendedProperties={"private": {"other": "1"}})
    (found,) = store.changes().changed
    store.connector.update(found, draft("Wed 14:00-15:30", calendar=CALENDAR, title="Strategy"), frozenset(Field))
    body = store.server.event(OURS.mark.digits)
    assert {k: body[k] for k in added} == added
    assert body["extendedProperties"]["private"]["other"] == "1"
    assert body["reminders"] == {"useDefault": False, "overrides": []}


def test_nothing_is_written_over_an_edit_that_was_not_seen(store: Store) -> None:
    made = store.connector.create(OURS)
    store.server.device.retitle(OURS.mark.digits, "My own title")
    before = store.raw()
    for write in (
        lambda: store.connector.update(made, draft("Wed 09:00-10:00", calendar=CALENDAR), frozenset({Field.WHEN})),
        lambda: store.connector.delete(made.ref),
    ):
        with pytest.raises(LostRaceError) as error:
            write()
        assert not isinstance(error.value, GoneError)
    assert store.raw() == before


def test_what_is_gone_is_said_to_be_gone(store: Store) -> None:
    made = store.connector.create(OURS)
    store.server.device.delete(OURS.mark.digits)
    with pytest.raises(LostRaceError):
        store.connector.update(made, marked(replace(OURS, title="Strategy")), frozenset({Field.TITLE}))
    with pytest.raises(GoneError):
        store.connector.delete(made.ref)
    assert store.server.live() == {}


@pytest.mark.parametrize(
    "more",
    [
        {"attendees": [{"email": ME, "responseStatus": "accepted"}, {"email": "bob@example.com"}]},
    ],
)  # fmt: skip
def test_what_is_not_ours_is_never_touched(store: Store, more: Any) -> None:
    """Also when it stands under our name."""
    if "attendees" in more:
        store.connector.create(OURS)
        store.server.device.patch(OURS.mark.digits, **more)
    else:
        store.server.device.insert(timed(id=OURS.mark.digits, **more))
    (found,) = store.changes().changed
    before = store.raw()
    with pytest.raises(UnbusyError):
        store.connector.update(found, marked(replace(OURS, title="Taken over")), frozenset(Field))
    with pytest.raises(UnbusyError):
        store.connector.delete(found.ref)
    assert store.raw() == before


def test_a_reply_changes_the_users_own_entry_only(store: Store) -> None:
    bob, at = store.server.person("bob@example.com"), span("Wed 09:00-10:00")
    bob.invite("Review", at.start, at.end, [ME, "carol@example.com"], id="meet0")
    (found,) = store.changes().changed
    before = store.server.event("meet0")["attendees"]
    written = store.connector.respond(found, _ref(store, found), frozenset({ME}), PartStat.DECLINED, comment="No time")
    after = store.server.event("meet0")["attendees"]
    mine = {"responseStatus": "declined", "comment": "No time"}
    assert after == [a | (mine if a["email"] == ME else {}) for a in before]
    assert bob.get("meet0")["attendees"][1]["responseStatus"] == "declined"
    (event,) = store.connector.read(written, WINDOW, ZONE).events
    assert [a.partstat for a in event.attendees if a.address == ME] == [PartStat.DECLINED]
    assert [r for r in store.changes().changed if r.ref.href == "meet0"] == [written]


def _ref(store: Store, found: Resource) -> EventRef:
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    return invitation_of(event)


def test_the_organizer_is_told_of_a_reply_and_nobody_of_anything_else(store: Store) -> None:
    bob, at = store.server.person("bob@example.com"), span("Wed 09:00-10:00")
    bob.invite("Review", at.start, at.end, [ME], id="meet0")
    (found,) = store.changes().changed
    store.connector.respond(found, _ref(store, found), frozenset({ME}), PartStat.TENTATIVE)
    store.connector.create(OURS)
    told = {
        s.name.partition("calendar.")[2]: s.query.partition("sendUpdates=")[2].partition("&")[0]
        for s in store.server.requests()
    }
    assert (told["events.patch"], told["events.insert"]) == ("all", "none")


@pytest.mark.parametrize("which", ["my own", "answered already"])
def test_what_no_reply_is_written_to(store: Store, which: str) -> None:
    at = span("Wed 09:00-10:00")
    if which == "my own":
        store.server.device.invite("R", at.start, at.end, ["bob@example.com"], id="meet0")
    else:
        store.server.person("bob@example.com").invite("R", at.start, at.end, [ME], id="meet0")
        store.server.device.reply("meet0", "accepted")
    (found,) = store.changes().changed
    before = store.raw()
    with pytest.raises(UnbusyError, match="left as it is"):
        store.connector.respond(found, _ref(store, found), frozenset({ME}), PartStat.DECLINED)
    assert store.raw() == before


def test_an_invitation_that_has_changed_since_is_not_answered(store: Store) -> None:
    bob, at = store.server.person("bob@example.com"), span("Wed 09:00-10:00")
    bob.invite("Review", at.start, at.end, [ME], id="meet0")
    (found,) = store.changes().changed
    bob.retitle("meet0", "Review of all")
    before = store.raw()
    with pytest.raises(LostRaceError):
        store.connector.respond(found, _ref(store, found), frozenset({ME}), PartStat.DECLINED)
    assert store.raw() == before


def test_one_instance_that_was_asked_for_alone_is_answered(store: Store) -> None:
    bob, at = store.server.person("bob@example.com"), span("Wed 09:00-10:00")
    bob.invite("Weekly", at.start, at.end, ["carol@example.com"], id="meet0", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    instance = f"meet0_{at.start:%Y%m%dT%H%M%SZ}"
    people = [*bob.get("meet0")["attendees"], {"email": ME}]
    bob.patch(instance, attendees=people)
    found = next(r for r in store.changes().changed if b"Weekly" in r.payload)
    ref = _ref(store, found)
    assert ref.recurrence_id == f"{at.start:%Y%m%dT%H%M%SZ}"
    written = store.connector.respond(found, ref, frozenset({ME}), PartStat.DECLINED)
    (event,) = store.connector.read(written, WINDOW, ZONE).events
    assert [a.partstat for a in event.attendees if a.address == ME] == [PartStat.DECLINED]
    assert [a["responseStatus"] for a in bob.get(instance)["attendees"] if a["email"] == ME] == ["declined"]


def test_an_answer_to_a_command_changes_its_description_and_who_may_read_it(store: Store) -> None:
    store.server.device.insert(timed(id="help0", summary="unbusy: help", location="Here"))
    (found,) = store.changes().changed
    before = store.server.event("help0")
    new = store.connector.annotate(found, "What <this> & that means")
    after = store.server.event("help0")
    private = {"visibility": "private", "extendedProperties": {"private": {"unbusyWas": "default"}}}
    assert after == before | {k: after[k] for k in ("description", "etag", "updated")} | private
    (event,) = store.connector.read(new, WINDOW, ZONE).events
    assert (event.description, event.private) == ("What <this> & that means", True)
    again = store.connector.annotate(new, "Less", private=False)
    assert store.server.event("help0").get("visibility", "default") == "default"
    assert not store.connector.read(again, WINDOW, ZONE).events[0].private
    store.server.device.insert(timed(id="other", summary="Help"))
    (other,) = [r for r in store.changes().changed if r.ref.href == "other"]
    with pytest.raises(UnbusyError):
        store.connector.annotate(other, "x")
