"""Requests that the discovery document does not allow, and events that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from gcal import GoogleServer
from gcal.plain import EVENTS, Plain, reason, timed, weekly


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (f"{EVENTS}?calendar=1", "badRequest"),
        (f"{EVENTS}?maxresults=3", "badRequest"),
        (f"{EVENTS}?maxResults=0", "invalidParameter"),
        (f"{EVENTS}?maxResults=many", "invalidParameter"),
        (f"{EVENTS}?singleEvents=yes", "invalidParameter"),
        (f"{EVENTS}?singleEvents=True", "invalidParameter"),
        (f"{EVENTS}?orderBy=start", "invalidParameter"),
        (f"{EVENTS}?q=a&q=b", "invalidParameter"),
        (f"{EVENTS}?timeMin=2026-12-01", "badRequest"),
        (f"{EVENTS}?timeMin=2026-12-01T00:00:00", "badRequest"),
        (f"{EVENTS}?alt=xml", "invalidParameter"),
        (f"{EVENTS}?privateExtendedProperty=a", "badRequest"),
    ],
)
def test_parameters_are_those_of_the_document(call: Plain, target: str, told: str) -> None:
    assert reason(call.raw("GET", target)) == (400, told)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "calendars/primary/event", 404), ("GET", "events", 404), ("POST", f"{EVENTS}/abcde", 405)],
)
def test_paths_and_methods_are_those_of_the_document(call: Plain, method: str, target: str, status: int) -> None:
    assert call.raw(method, target)[0] == status


def test_required_parameters_are_required(call: Plain) -> None:
    assert reason(call("POST", f"{EVENTS}/quickAdd")) == (400, "required")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": "A"}, "badRequest"),
        ({"summary": 1}, "badRequest"),
        ({"sequence": "1"}, "badRequest"),
        ({"guestsCanModify": "true"}, "badRequest"),
        ({"attendees": {"email": "a@example.com"}}, "badRequest"),
        ({"attendees": [None]}, "badRequest"),
        ({"attendees": [{"mail": "a@example.com"}]}, "badRequest"),
        ({"reminders": {"default": False}}, "badRequest"),
        ({"extendedProperties": {"private": {"a": 1}}}, "badRequest"),
        ({"extendedProperties": {"public": {"a": "1"}}}, "badRequest"),
        ({"start": {"dateTime": "2026-12-01 09:00"}}, "badRequest"),
        ({"start": {"date": "2026-12-1"}}, "badRequest"),
        ({"updated": "2026-12-01T00:00:00Z"}, "badRequest"),
        ({"htmlLink": "https://example.com"}, "badRequest"),
        ({"creator": {"email": "eve@example.com"}}, "badRequest"),
        ({"organizer": {"email": "eve@example.com"}}, "badRequest"),
        ({"etag": '"1"'}, "badRequest"),
        ({"recurringEventId": "abcde"}, "badRequest"),
        ({"attendees": [{"email": "a@example.com", "self": True}]}, "badRequest"),
        ({"focusTimeProperties": {"autoDecline": "none"}}, "badRequest"),
    ],
)
def test_fields_are_those_of_the_document(server: GoogleServer, call: Plain, change: Any, told: str) -> None:
    assert reason(call("POST", EVENTS, timed() | change)) == (400, told)
    server.device.insert(timed(id="abcde"))
    assert reason(call("PATCH", f"{EVENTS}/abcde", change)) == (400, told)
    assert reason(call("PUT", f"{EVENTS}/abcde", timed() | change)) == (400, told)


@pytest.mark.parametrize("content", ["{", "[]", "1", ""])
def test_a_body_is_a_json_object(call: Plain, content: str) -> None:
    assert reason(call.raw("POST", EVENTS, content)) == (400, "parseError")
    assert reason(call.raw("POST", EVENTS, "{}", {"Content-Type": "text/plain"})) == (400, "parseError")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": None}, "required"),
        ({"end": {}}, "required"),
        ({"start": {"dateTime": "2026-12-01T09:00:00"}}, "required"),
        ({"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Nowhere"}}, "invalid"),
        ({"start": {"date": "2026-12-01"}}, "invalid"),
        ({"start": {"date": "2026-12-01", "dateTime": "2026-12-01T09:00:00Z"}}, "invalid"),
        ({"end": {"dateTime": "2026-12-01T09:00:00+01:00"}}, "timeRangeEmpty"),
        ({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-01"}}, "timeRangeEmpty"),
        ({"recurrence": ["RRULE:FREQ=DAILY"]}, "required"),
        ({"status": "maybe"}, "invalid"),
        ({"status": "cancelled"}, "invalid"),
        ({"transparency": "free"}, "invalid"),
        ({"visibility": "hidden"}, "invalid"),
        ({"colorId": "12"}, "invalid"),
        ({"colorId": "teal"}, "invalid"),
        ({"source": {"title": "x", "url": "file:///etc"}}, "invalid"),
        ({"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 1}]}},
         "cannotUseDefaultRemindersAndSpecifyOverride"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": n} for n in range(6)]}}, "invalid"),
        ({"reminders": {"overrides": [{"method": "sms", "minutes": 1}]}}, "invalid"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 40321}]}}, "invalid"),
        ({"attendees": [{"displayName": "A"}]}, "required"),
        ({"attendees": [{"email": "nobody"}]}, "invalid"),
        ({"attendees": [{"email": "a@example.com", "responseStatus": "yes"}]}, "invalid"),
        ({"eventType": "fromGmail"}, "invalidEventType"),
        ({"eventType": "party"}, "invalidEventType"),
        ({"extendedProperties": {"private": {f"k{n}": "v" for n in range(301)}}}, "invalid"),
        ({"extendedProperties": {"private": {f"k{n}": "v" * 1024 for n in range(33)}}}, "invalid"),
        ({"id": "abcde", "iCalUID": "abcde@example.com"}, "invalid"),
    ],
)  # fmt: skip
def test_events_that_cannot_be(server: GoogleServer, call: Plain, change: Any, told: str) -> None:
    assert reason(call("POST", EVENTS, timed() | change)) == (400, told)
    assert server.events() == {}


@pytest.mark.parametrize(
    "lines",
    [
        [], ["DTSTART:20261201T090000Z"], ["FREQ=DAILY"], ["RRULE:FREQ=SOMETIMES"], ["RRULE:COUNT=3"],
        ["EXDATE:20261208T080000Z"], ["RRULE:FREQ=DAILY;COUNT=3\nATTENDEE:x"], ["RRULE:FREQ=DAILY;COUNT=2"] * 2,
    ],
)  # fmt: skip
def test_recurrence_lines_that_cannot_be(call: Plain, lines: list[str]) -> None:
    assert reason(call("POST", EVENTS, weekly(recurrence=lines))) == (400, "invalid")


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["RRULE:FREQ=WEEKLY;COUNT=3"], ["1201", "1208", "1215"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261215T080000Z"], ["1201", "1208", "1215"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261215T075959Z"], ["1201", "1208"]),
        (["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Warsaw:20261208T090000"], ["1201", "1215"]),
        (["RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20261203T080000Z"], ["1201", "1203", "1208"]),
        (["RDATE;TZID=Europe/Warsaw:20261203T090000"], ["1201", "1203"]),
    ],
)
def test_recurrence_lines_that_can(server: GoogleServer, call: Plain, lines: list[str], days: list[str]) -> None:
    assert call("POST", EVENTS, weekly(recurrence=lines))[0] == 200
    found = call("GET", EVENTS, singleEvents="true")[1]["items"]
    assert sorted(e["id"][11:15] for e in found) == days


def test_a_series_keeps_its_local_time_over_a_change_of_clocks(call: Plain) -> None:
    zone = {"timeZone": "Europe/Warsaw"}
    body = {"start": {"dateTime": "2026-10-20T09:00:00", **zone}, "end": {"dateTime": "2026-10-20T10:00:00", **zone}}
    call("POST", EVENTS, weekly(**body, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]))
    found = call("GET", EVENTS, singleEvents="true")[1]["items"]
    assert [e["start"]["dateTime"] for e in found] == ["2026-10-20T09:00:00+02:00", "2026-10-27T09:00:00+01:00"]
    assert [e["id"] for e in found] == ["series_20261020T070000Z", "series_20261027T080000Z"]


def test_long_names_are_dropped_and_long_values_cut(call: Plain) -> None:
    table = {"k" * 44: "kept", "k" * 45: "dropped", "long": "v" * 2000}
    made = call("POST", EVENTS, timed(extendedProperties={"private": table}))[1]
    assert made["extendedProperties"]["private"] == {"k" * 44: "kept", "long": "v" * 1024}


def test_what_goes_without_saying_is_not_told(call: Plain) -> None:
    made = call("POST", EVENTS, timed(transparency="opaque", visibility="default", location=""))[1]
    assert not {"transparency", "visibility", "location", "attendees"} & made.keys()
    assert made["reminders"] == {"useDefault": True}
    assert (made["status"], made["eventType"], made["sequence"]) == ("confirmed", "default", 0)


def test_an_event_can_be_sent_back_as_it_was_read(server: GoogleServer, call: Plain) -> None:
    server.person("bob@example.com").invite(
        "Meeting", server.clock.now, server.clock.now.replace(hour=9), [server.user], id="meet0"
    )
    server.device.insert(weekly())
    for name in ("meet0", "series", "series_20261208T080000Z"):
        read = call("GET", f"{EVENTS}/{name}")[1]
        status, written = call("PUT", f"{EVENTS}/{name}", read)
        assert status == 200, written
        assert {k: v for k, v in written.items() if k not in {"etag", "updated"}} == {
            k: v for k, v in read.items() if k not in {"etag", "updated"}
        }
