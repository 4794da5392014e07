"""Patch and update in the Google Calendar that tests use: what they replace, merge, take away and leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gcal import GoogleServer
from gcal.plain import EVENTS, Plain, reason, timed, weekly

EVENT = f"{EVENTS}/abcde"
POPUP = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}


def made(call: Plain, **more: Any) -> Any:
    status, event = call("POST", EVENTS, timed(id="abcde", **more), conferenceDataVersion=1, supportsAttachments="true")
    assert status == 200, event
    return event


def test_a_patch_leaves_what_it_does_not_name(call: Plain) -> None:
    before = made(call, location="Library", reminders=POPUP, colorId="7")
    after = call("PATCH", EVENT, {"summary": "Strategy"})[1]
    assert after == before | {"summary": "Strategy", "etag": after["etag"]}


def test_a_patch_replaces_arrays_as_a_whole(call: Plain) -> None:
    made(call, attendees=[{"email": "a@example.com"}, {"email": "b@example.com"}], reminders=POPUP)
    after = call("PATCH", EVENT, {"attendees": [{"email": "b@example.com", "comment": "no"}]})[1]
    assert after["attendees"] == [{"email": "b@example.com", "comment": "no", "responseStatus": "needsAction"}]
    after = call("PATCH", EVENT, {"reminders": {"overrides": []}})[1]
    assert after["reminders"] == {"useDefault": False, "overrides": []}


def test_null_takes_a_key_away(call: Plain) -> None:
    made(call, location="Library", extendedProperties={"private": {"a": "1", "b": "2"}, "shared": {"c": "3"}})
    after = call("PATCH", EVENT, {"location": None, "extendedProperties": {"private": {"a": None, "d": "4"}}})[1]
    assert "location" not in after
    assert after["extendedProperties"] == {"private": {"b": "2", "d": "4"}, "shared": {"c": "3"}}


def test_a_timed_event_becomes_all_day_when_its_time_is_taken_away(call: Plain) -> None:
    made(call)
    days = {"start": {"date": "2026-12-02"}, "end": {"date": "2026-12-03"}}
    assert reason(call("PATCH", EVENT, days)) == (400, "invalid")
    after = call("PATCH", EVENT, {k: v | {"dateTime": None} for k, v in days.items()})
    assert after[1]["start"] == {"date": "2026-12-02"}


def test_an_update_takes_away_what_it_does_not_name(call: Plain) -> None:
    before = made(call, location="Library", reminders=POPUP, colorId="7", visibility="private")
    after = call("PUT", EVENT, timed(summary="Strategy"))[1]
    assert not {"location", "colorId", "visibility"} & after.keys()
    assert after["reminders"] == {"useDefault": True}
    same = ("id", "iCalUID", "created", "organizer", "creator", "eventType", "htmlLink")
    assert {k: after[k] for k in same} == {k: before[k] for k in same}
    assert reason(call("PUT", EVENT, {"summary": "A"})) == (400, "required")


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        ({"summary": "A"}, 0),
        ({"start": {"dateTime": "2026-12-01T08:30:00+01:00"}}, 1),
        ({"end": {"dateTime": "2026-12-01T11:00:00+01:00"}}, 1),
        ({"start": {"dateTime": "2026-12-01T08:00:00Z"}}, 0),
        ({"status": "tentative"}, 1),
    ],
)
def test_the_sequence_counts_moves(call: Plain, change: Any, sequence: int) -> None:
    made(call)
    assert call("PATCH", EVENT, change)[1]["sequence"] == sequence


def test_reminders_alone_are_no_update(server: GoogleServer, call: Plain) -> None:
    before = made(call)
    server.clock.now += timedelta(minutes=5)
    after = call("PATCH", EVENT, {"reminders": POPUP})[1]
    assert (after["updated"], after["etag"] != before["etag"]) == (before["updated"], True)
    assert call("PATCH", EVENT, {"summary": "A"})[1]["updated"] == "2026-11-30T06:05:00.000Z"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "workingLocation", "birthday"])
def test_the_type_of_an_event_is_for_ever(call: Plain, method: str, kind: str) -> None:
    made(call)
    assert reason(call(method, EVENT, timed(eventType=kind))) == (400, "eventTypeRestriction")


def test_the_body_of_another_type_is_refused_even_if_empty(call: Plain) -> None:
    made(call)
    assert reason(call("PATCH", EVENT, {"focusTimeProperties": {}}))[0] == 400
    assert reason(call("POST", EVENTS, timed(outOfOfficeProperties={})))[0] == 400


def test_what_a_request_does_not_speak_of_stays(call: Plain) -> None:
    conference = {"entryPoints": [{"entryPointType": "video", "uri": "https://meet.example.com/abc"}]}
    file = {"fileUrl": "https://drive.example.com/1", "title": "Notes"}
    made(call, conferenceData=conference, attachments=[file])
    for method in ("PATCH", "PUT"):
        after = call(method, EVENT, timed(conferenceData=None, attachments=None))[1]
        assert (after["conferenceData"], after["attachments"]) == (conference, [file])
    after = call("PATCH", EVENT, {"conferenceData": None, "attachments": []}, conferenceDataVersion=1,
                 supportsAttachments="true")[1]  # fmt: skip
    assert not {"conferenceData", "attachments"} & after.keys()


def test_a_label_is_heard_with_its_version_only(call: Plain) -> None:
    assert "eventLabelId" not in made(call, eventLabelId="work")
    after = call("PATCH", EVENT, {"eventLabelId": "work", "colorId": "3"}, eventLabelVersion=1)[1]
    assert (after["eventLabelId"], "colorId" in after) == ("work", False)


def test_an_instance_is_changed_by_its_name(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly())
    name = f"{EVENTS}/series_20261208T080000Z"
    etag = call("GET", name)[1]["etag"]
    after = call("PATCH", name, {"summary": "Special"}, If_Match=etag)[1]
    assert after["recurringEventId"] == "series"
    assert "recurrence" not in after
    assert server.event("series")["summary"] == "Standup"
    assert reason(call("PATCH", name, {"recurrence": ["RRULE:FREQ=DAILY"]})) == (400, "invalid")
    assert reason(call("GET", f"{EVENTS}/series_20261209T080000Z")) == (404, "notFound")


def test_a_moved_series_leaves_its_exceptions_behind(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly())
    server.device.retitle("series_20261208T080000Z", "Special")
    server.device.move("series", datetime.fromisoformat("2026-12-02T09:00:00+01:00"))
    assert server.event("series_20261208T080000Z")["status"] == "cancelled"
    found = call("GET", EVENTS, singleEvents="true")[1]["items"]
    assert [e["start"]["dateTime"][8:10] for e in found] == ["02", "09", "16", "23"]


def test_a_stricter_visibility_of_an_instance_is_that_of_its_series(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly(visibility="default"))
    call("PATCH", f"{EVENTS}/series_20261208T080000Z", {"visibility": "private"})
    assert server.event("series")["visibility"] == "private"
    call("PATCH", f"{EVENTS}/series_20261208T080000Z", {"visibility": "public"})
    assert server.event("series_20261208T080000Z")["visibility"] == "private"
