"""Focus time, out of office and working location in the Google Calendar that tests use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gcal import GoogleServer
from gcal.kinds import REFUSALS
from gcal.plain import EVENTS, Plain, reason, timed

QUIET = {"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb"}
DAY = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
ALL = "declineAllConflictingInvitations"
NEW = "declineOnlyNewConflictingInvitations"


def focus(**more: Any) -> Any:
    usual = {"id": "focus", "focusTimeProperties": QUIET, "transparency": "opaque"}
    return timed(eventType="focusTime", **usual | more)


def test_focus_time_is_kept_as_it_was_asked_for(call: Plain) -> None:
    status, event = call("POST", EVENTS, focus())
    assert (status, event["eventType"], event["focusTimeProperties"]) == (200, "focusTime", QUIET)
    after = call(
        "PATCH", f"{EVENTS}/focus", {"summary": "Strategy", "focusTimeProperties": {"chatStatus": "available"}}
    )
    assert after[1]["focusTimeProperties"] == QUIET | {"chatStatus": "available"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"focusTimeProperties": None}, "required"),
        (DAY, "malformedFocusTimeEvent"),
        ({"transparency": "transparent"}, "malformedFocusTimeEvent"),
        ({"transparency": None}, "malformedFocusTimeEvent"),
        ({"attendees": [{"email": "a@example.com"}]}, "malformedFocusTimeEvent"),
        ({"conferenceData": {"conferenceId": "abc"}}, "malformedFocusTimeEvent"),
        ({"focusTimeProperties": {"autoDeclineMode": "decline"}}, "malformedFocusTimeEvent"),
        ({"focusTimeProperties": {"chatStatus": "away"}}, "malformedFocusTimeEvent"),
        ({"outOfOfficeProperties": {}}, "invalid"),
    ],
)
def test_focus_time_that_cannot_be(call: Plain, change: Any, told: str) -> None:
    assert reason(call("POST", EVENTS, focus() | change, conferenceDataVersion=1)) == (400, told)


@pytest.mark.parametrize(
    "change",
    [
        {"transparency": "transparent"},
        {"attendees": [{"email": "a@example.com"}]},
        {k: v | {"dateTime": None} for k, v in DAY.items()},
        {"focusTimeProperties": None},
    ],
)
def test_focus_time_stays_focus_time(call: Plain, change: Any) -> None:
    call("POST", EVENTS, focus())
    assert reason(call("PATCH", f"{EVENTS}/focus", change))[0] == 400


def test_an_update_keeps_the_required_fields_of_focus_time(call: Plain) -> None:
    call("POST", EVENTS, focus())
    assert reason(call("PUT", f"{EVENTS}/focus", timed())) == (400, "malformedFocusTimeEvent")
    assert reason(call("PUT", f"{EVENTS}/focus", timed(transparency="opaque"))) == (400, "required")
    assert call("PUT", f"{EVENTS}/focus", focus(id=None))[0] == 200


def test_focus_time_is_for_the_primary_calendar(server: GoogleServer, call: Plain) -> None:
    name = server.add_calendar("Reflection")
    assert reason(call("POST", f"calendars/{name}/events", focus())) == (400, "eventTypeRestriction")
    assert call("POST", f"calendars/{name}/events", timed())[0] == 200


@pytest.mark.parametrize("how", REFUSALS)
def test_accounts_without_focus_time_refuse_it(server: GoogleServer, call: Plain, how: str) -> None:
    server.refuse_focus(how)
    assert reason(call("POST", EVENTS, focus())) == (REFUSALS[how].status, REFUSALS[how].reason)
    assert server.events() == {}
    assert call("POST", EVENTS, timed(id="focus"))[0] == 200


def test_an_old_api_makes_a_usual_event_of_it(server: GoogleServer, call: Plain) -> None:
    server.refuse_focus("ignored")
    event = call("POST", EVENTS, focus())[1]
    assert event["eventType"] == "default"
    assert "focusTimeProperties" not in event


@pytest.mark.parametrize(
    ("mode", "old", "new"),
    [("declineNone", "needsAction", "needsAction"), (NEW, "needsAction", "declined"), (ALL, "declined", "declined")],
)
def test_what_focus_time_declines(server: GoogleServer, call: Plain, mode: str, old: str, new: str) -> None:
    bob = server.person("bob@example.com")
    start = server.clock.now + timedelta(days=1)
    bob.invite("Old", start, start + timedelta(hours=9), [server.user], id="old00")
    properties = {"autoDeclineMode": mode, "declineMessage": "Focus"}
    call("POST", EVENTS, focus(focusTimeProperties=properties))
    bob.invite("New", start, start + timedelta(hours=9), [server.user], id="fresh")
    bob.invite("Later", start + timedelta(days=1), start + timedelta(days=2), [server.user], id="later")
    said = {
        name: next(a for a in bob.get(name)["attendees"] if a["email"] == server.user)
        for name in ("old00", "fresh", "later")
    }
    assert {k: v["responseStatus"] for k, v in said.items()} == {"old00": old, "fresh": new, "later": "needsAction"}
    assert {v.get("comment") for v in said.values() if v["responseStatus"] == "declined"} <= {"Focus"}
    call("DELETE", f"{EVENTS}/focus")
    assert bob.get("fresh")["attendees"][1]["responseStatus"] == new  # nothing is taken back


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200), (DAY, 400), ({"transparency": "transparent"}, 400), ({"outOfOfficeProperties": None}, 400),
        ({"attendees": [{"email": "a@example.com"}]}, 400),
    ],
)  # fmt: skip
def test_absence_is_timed_and_opaque(call: Plain, change: Any, status: int) -> None:
    body = timed(
        eventType="outOfOffice", outOfOfficeProperties={"autoDeclineMode": "declineNone"}, transparency="opaque"
    )
    assert call("POST", EVENTS, body | change)[0] == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200), ({"end": {"date": "2026-12-03"}}, 400), ({"visibility": "private"}, 400),
        ({"transparency": "opaque"}, 400), ({"workingLocationProperties": {"type": "beach"}}, 400),
        ({"workingLocationProperties": None}, 400), (timed(), 200),
    ],
)  # fmt: skip
def test_a_working_location_is_public_transparent_and_of_one_day(call: Plain, change: Any, status: int) -> None:
    body = DAY | {"eventType": "workingLocation", "workingLocationProperties": {"type": "homeOffice", "homeOffice": {}},
                  "visibility": "public", "transparency": "transparent"}  # fmt: skip
    assert call("POST", EVENTS, body | change)[0] == status


def test_an_event_of_the_future_is_delivered_as_it_is(server: GoogleServer, call: Plain) -> None:
    server.deliver(timed(id="newer", eventType="quantumTime", eventLabelId="blue", quantum={"spin": 1}))
    found = call("GET", f"{EVENTS}/newer")[1]
    assert (found["eventType"], found["eventLabelId"], found["quantum"]) == ("quantumTime", "blue", {"spin": 1})
