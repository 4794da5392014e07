"""The shelf on which the whole product is tested says in iCalendar what lies there, and the other way round."""

from __future__ import annotations

from typing import Any

import pytest

from gcal import GoogleServer
from gcal.plain import timed, weekly
from gcal.shelf import GoogleShelf, read, written

DAY = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}


@pytest.mark.parametrize(
    "more",
    [
        {}, DAY, {"description": "One, two;\nthree \\ four", "location": "Library"}, {"transparency": "transparent"},
        {"status": "tentative"}, {"visibility": "private", "colorId": "11"},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}},
        {"extendedProperties": {"private": {"unbusy": "b=c;d:e"}}},
        {"attendees": [{"email": "ada@example.com", "responseStatus": "accepted"}, {"email": "bob@example.com"}]},
        {k: v for k, v in weekly().items() if k == "recurrence"},
    ],
)  # fmt: skip
def test_there_and_back_again(server: GoogleServer, more: Any) -> None:
    shelf = GoogleShelf(server)
    zone = {"timeZone": "Europe/Warsaw"}
    body = timed(id="abcde") | more
    body |= {k: body[k] | zone for k in ("start", "end") if "dateTime" in body[k]}
    made = server.device.insert({"reminders": {"useDefault": False, "overrides": []}} | body)
    payload = shelf.get("abcde@google.com.ics")
    assert shelf.names() == ["abcde@google.com.ics"]
    shelf.put("copy.ics", payload)
    (copy,) = [b for b in server.live().values() if b["id"] != "abcde"]
    assert written(copy | {"iCalUID": "abcde@google.com"}) == payload
    assert copy.get("attendees") == made.get("attendees")
    assert read(payload.decode(), server.user)["start"].keys() == made["start"].keys()


def test_what_others_have_organized_stays_theirs(server: GoogleServer) -> None:
    shelf = GoogleShelf(server)
    meeting = [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:m", "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z",
        "SUMMARY:Review", "ORGANIZER:mailto:p1@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com",
        "BEGIN:VALARM", "TRIGGER:-PT5M", "DESCRIPTION:Soon", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    shelf.put("m.ics", "\n".join(meeting).encode())
    (body,) = server.live().values()
    assert (body["iCalUID"], body["organizer"], "description" in body) == ("m", {"email": "p1@example.com"}, False)
    assert body["attendees"] == [{"email": "ada@example.com", "responseStatus": "accepted", "self": True}]
    assert body["reminders"]["overrides"] == [{"method": "popup", "minutes": 5}]
    shelf.put("m.ics", "\n".join(meeting).replace("Review", "Board").encode())
    assert [b["summary"] for b in server.live().values()] == ["Board"]
    shelf.remove("m.ics")
    assert shelf.names() == []
