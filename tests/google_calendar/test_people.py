"""Invitations, replies and other people's copies in the Google Calendar that tests use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gcal import GoogleServer
from gcal.oauth import SCOPE
from gcal.people import Person
from gcal.plain import EVENTS, Plain, reason, timed

BOB, CAROL = "bob@example.com", "carol@example.com"
MEETING = f"{EVENTS}/meet0"


@pytest.fixture
def bob(server: GoogleServer) -> Person:
    """Who invites the user and Carol for ten o'clock."""
    server.person(CAROL)
    person, start = server.person(BOB), server.clock.now + timedelta(hours=3)
    person.invite("Review", start, start + timedelta(hours=1), [server.user, CAROL], id="meet0")
    return person


def replies(event: Any) -> dict[str, str]:
    return {a["email"]: a["responseStatus"] for a in event["attendees"]}


def test_an_invitation_lies_in_the_calendar_of_each_guest(bob: Person, call: Plain, server: GoogleServer) -> None:
    event = call("GET", MEETING)[1]
    assert event["organizer"] == {"email": BOB}
    assert bob.get("meet0")["organizer"] == {"email": BOB, "self": True}
    assert [(a["email"], a.get("self", False), a.get("organizer", False)) for a in event["attendees"]] == [
        (BOB, False, True), (server.user, True, False), (CAROL, False, False),
    ]  # fmt: skip
    assert replies(event) == {BOB: "accepted", server.user: "needsAction", CAROL: "needsAction"}
    assert server.event("meet0", CAROL)["iCalUID"] == event["iCalUID"]


def test_a_guest_replies_with_all_others_unchanged(bob: Person, call: Plain, server: GoogleServer) -> None:
    event = call("GET", MEETING)[1]
    for one in event["attendees"]:
        if one.get("self"):
            one |= {"responseStatus": "declined", "comment": "Sorry"}
    status, after = call("PATCH", MEETING, {"attendees": event["attendees"]}, sendUpdates="all", If_Match=event["etag"])
    assert (status, replies(after)[server.user]) == (200, "declined")
    assert replies(bob.get("meet0"))[server.user] == replies(server.event("meet0", CAROL))[server.user] == "declined"
    assert [a.get("comment") for a in bob.get("meet0")["attendees"]] == [None, "Sorry", None]


def test_a_guest_replies_with_their_own_entry_only(bob: Person, call: Plain, server: GoogleServer) -> None:
    mine = {"email": server.user, "responseStatus": "accepted"}
    after = call("PATCH", MEETING, {"attendeesOmitted": True, "attendees": [mine]})[1]
    assert replies(after) == {BOB: "accepted", server.user: "accepted", CAROL: "needsAction"}
    assert "attendeesOmitted" not in after


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Mine now"}, {"description": "x"}, {"location": "Bar"}, {"status": "tentative"},
        {"start": {"dateTime": "2026-11-30T09:30:00Z"}}, {"extendedProperties": {"shared": {"a": "1"}}},
        {"attendees": [{"email": "ada@example.com", "responseStatus": "accepted"}]},
        {"attendees": [{"email": BOB, "responseStatus": "declined"}, {"email": "ada@example.com"}, {"email": CAROL}]},
        {"guestsCanModify": True},
    ],
)  # fmt: skip
def test_a_guest_changes_nothing_that_is_shared(bob: Person, call: Plain, change: Any) -> None:
    before = bob.get("meet0")
    assert reason(call("PATCH", MEETING, change)) == (403, "forbiddenForNonOrganizer")
    assert bob.get("meet0") == before


@pytest.mark.parametrize(
    "change",
    [
        {"colorId": "5"}, {"transparency": "transparent"}, {"visibility": "private"},
        {"reminders": {"useDefault": False, "overrides": []}}, {"extendedProperties": {"private": {"a": "1"}}},
    ],
)  # fmt: skip
def test_a_guest_has_some_things_for_themselves(bob: Person, call: Plain, change: Any) -> None:
    before = bob.get("meet0")
    after = call("PATCH", MEETING, change)
    assert {k: after[1][k] for k in change} == change
    assert bob.get("meet0") == before
    bob.retitle("meet0", "Review 2")
    again = call("GET", MEETING)[1]
    assert {k: again[k] for k in change} | {"summary": again["summary"]} == change | {"summary": "Review 2"}


def test_guests_that_may_change_it_do(server: GoogleServer, bob: Person, call: Plain) -> None:
    bob.patch("meet0", guestsCanModify=True)
    assert call("PATCH", MEETING, {"summary": "Ours"})[0] == 200


def test_the_organizer_moves_and_cancels(bob: Person, call: Plain, server: GoogleServer) -> None:
    bob.move("meet0", server.clock.now + timedelta(hours=5))
    event = call("GET", MEETING)[1]
    assert (event["start"]["dateTime"], event["sequence"]) == ("2026-11-30T12:00:00+01:00", 1)
    bob.delete("meet0")
    assert {server.event("meet0", c)["status"] for c in (server.user, BOB, CAROL)} == {"cancelled"}


def test_the_organizer_takes_a_guest_off(bob: Person, server: GoogleServer) -> None:
    bob.patch("meet0", attendees=[a for a in bob.get("meet0")["attendees"] if a["email"] != server.user])
    assert server.event("meet0")["status"] == "cancelled"
    assert server.event("meet0", CAROL)["status"] == "confirmed"


def test_a_guest_who_deletes_has_declined(bob: Person, call: Plain, server: GoogleServer) -> None:
    assert call("DELETE", MEETING)[0] == 204
    assert server.event("meet0")["status"] == "cancelled"
    assert replies(bob.get("meet0"))[server.user] == "declined"


def test_one_instance_of_an_invitation_is_cancelled(server: GoogleServer, bob: Person, call: Plain) -> None:
    start = server.clock.now + timedelta(hours=3)
    bob.invite(
        "Weekly", start, start + timedelta(hours=1), [server.user], id="series", recurrence=["RRULE:FREQ=WEEKLY"]
    )
    name = "series_20261207T090000Z"
    bob.move(name, start + timedelta(days=8))
    assert call("GET", f"{EVENTS}/{name}")[1]["start"]["dateTime"] == "2026-12-08T10:00:00+01:00"
    bob.delete("series_20261214T090000Z")
    assert server.event("series_20261214T090000Z") == server.event("series_20261214T090000Z") | {
        "status": "cancelled", "recurringEventId": "series",
    }  # fmt: skip
    call("PATCH", f"{EVENTS}/series_20261221T090000Z", {
        "attendeesOmitted": True, "attendees": [{"email": server.user, "responseStatus": "declined"}]})  # fmt: skip
    assert replies(bob.get("series_20261221T090000Z"))[server.user] == "declined"
    assert replies(bob.get("series"))[server.user] == "needsAction"


@pytest.mark.parametrize(
    ("role", "status"), [("freeBusyReader", 403), ("reader", 403), ("writer", 200), ("owner", 200)]
)
def test_who_may_write_into_a_calendar(server: GoogleServer, role: str, status: int) -> None:
    name = server.add_calendar("Team", owner=BOB, role=role)
    call = Plain(server, server.access_token(SCOPE + "calendar.events"))
    assert call("POST", f"calendars/{name}/events", timed())[0] == status


def test_a_long_list_of_guests_is_cut(server: GoogleServer, bob: Person, call: Plain) -> None:
    event = call("GET", MEETING, maxAttendees=1)[1]
    assert event["attendeesOmitted"] is True
    assert [a["email"] for a in event["attendees"]] == [server.user]


def test_the_web_client_writes_html(server: GoogleServer) -> None:
    server.device.insert(timed(id="abcde", description="Why &amp; what"))
    server.device.append("abcde", "I stopped at chapter 7")
    assert server.event("abcde")["description"] == "Why &amp; what<br>I stopped at chapter 7"
