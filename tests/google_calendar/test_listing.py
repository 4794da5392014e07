"""Listings of the Google Calendar that tests use: tokens, pages, filters and order, as documented."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gcal import GoogleServer
from gcal.plain import EVENTS, Plain, reason, timed, weekly

WARSAW = ZoneInfo("Europe/Warsaw")
STREAM = {"showDeleted": "true", "maxResults": 2500}


def fill(server: GoogleServer, count: int) -> None:
    for n in range(count):
        server.device.insert(timed(id=f"event{n:03}"))


def ids(pages: list[dict]) -> list[str]:
    return [e["id"] for page in pages for e in page["items"]]


def test_only_the_last_page_has_a_sync_token(server: GoogleServer, call: Plain) -> None:
    fill(server, 7)
    pages = call.pages(EVENTS, maxResults=3)
    assert [len(p["items"]) for p in pages] == [3, 3, 1]
    assert ["nextSyncToken" in p for p in pages] == [False, False, True]
    assert ids(pages) == [f"event{n:03}" for n in range(7)]


def test_pages_may_be_shorter_than_asked_for_and_empty(server: GoogleServer, call: Plain) -> None:
    fill(server, 7)
    server.pages.size, server.pages.holes = 2, True
    pages = call.pages(EVENTS, maxResults=2500)
    assert [len(p["items"]) for p in pages] == [2, 0, 2, 0, 2, 0, 1, 0]
    assert ["nextSyncToken" in p for p in pages] == [False] * 7 + [True]
    assert ids(pages) == [f"event{n:03}" for n in range(7)]


def test_a_page_has_250_events_and_at_most_2500(server: GoogleServer, call: Plain) -> None:
    for n in range(2600):
        server.deliver(timed(id=f"event{n}"))
    assert len(call("GET", EVENTS)[1]["items"]) == 250
    assert len(call("GET", EVENTS, maxResults=9999)[1]["items"]) == 2500


def test_a_page_token_belongs_to_its_request(server: GoogleServer, call: Plain) -> None:
    fill(server, 3)
    token = call("GET", EVENTS, maxResults=1)[1]["nextPageToken"]
    assert reason(call("GET", EVENTS, pageToken=token, singleEvents="true"))[0] == 400
    assert reason(call("GET", EVENTS, pageToken="none"))[0] == 400


def test_a_sync_token_brings_what_changed(server: GoogleServer, call: Plain) -> None:
    fill(server, 4)
    token = call("GET", EVENTS, **STREAM)[1]["nextSyncToken"]
    again = call("GET", EVENTS, syncToken=token, **STREAM)[1]
    assert again["items"] == []
    server.device.retitle("event001", "Mine")
    server.device.delete("event002")
    server.device.insert(timed(id="event009"))
    found = call("GET", EVENTS, syncToken=again["nextSyncToken"], **STREAM)[1]
    assert sorted((e["id"], e["status"]) for e in found["items"]) == [
        ("event001", "confirmed"), ("event002", "cancelled"), ("event009", "confirmed"),
    ]  # fmt: skip
    assert call("GET", EVENTS, syncToken=found["nextSyncToken"], **STREAM)[1]["items"] == []
    assert len(call("GET", EVENTS, syncToken=token)[1]["items"]) == 3  # deleted ones always


def test_what_changes_between_two_pages_comes_with_the_next_token(server: GoogleServer, call: Plain) -> None:
    fill(server, 3)
    first = call("GET", EVENTS, maxResults=2, showDeleted="true")[1]
    server.device.retitle("event000", "Mine")
    last = call("GET", EVENTS, maxResults=2, showDeleted="true", pageToken=first["nextPageToken"])[1]
    assert ids([last]) == ["event002"]
    assert ids([call("GET", EVENTS, syncToken=last["nextSyncToken"], showDeleted="true")[1]]) == ["event000"]


def test_a_changed_instance_comes_alone(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly())
    token = call("GET", EVENTS, **STREAM)[1]["nextSyncToken"]
    server.device.delete("series_20261208T080000Z")
    server.device.move("series_20261215T080000Z", datetime(2026, 12, 16, 11, tzinfo=WARSAW))
    items = call("GET", EVENTS, syncToken=token, **STREAM)[1]["items"]
    assert [(e["id"], e["status"]) for e in items] == [
        ("series_20261208T080000Z", "cancelled"), ("series_20261215T080000Z", "confirmed"),
    ]  # fmt: skip
    assert items[1]["start"]["dateTime"] == "2026-12-16T11:00:00+01:00"
    assert items[1]["originalStartTime"]["dateTime"] == "2026-12-15T09:00:00+01:00"
    assert items[1]["iCalUID"] == "series@google.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iCalUID", "a@google.com"), ("orderBy", "updated"), ("privateExtendedProperty", "a=b"), ("q", "Focus"),
        ("sharedExtendedProperty", "a=b"), ("timeMin", "2026-12-01T00:00:00Z"), ("timeMax", "2026-12-01T00:00:00Z"),
        ("updatedMin", "2026-12-01T00:00:00Z"), ("showDeleted", "false"),
    ],
)  # fmt: skip
def test_what_a_sync_token_does_not_go_with(call: Plain, name: str, value: str) -> None:
    token = call("GET", EVENTS)[1]["nextSyncToken"]
    assert call("GET", EVENTS, syncToken=token)[0] == 200
    assert reason(call("GET", EVENTS, syncToken=token, **{name: value})) == (400, "invalidParameter")
    if name != "showDeleted":
        listed = call("GET", EVENTS, **{name: value} | ({"singleEvents": "true"} if name == "orderBy" else {}))
        assert "nextSyncToken" not in listed[1]


def test_a_sync_token_belongs_to_its_request(call: Plain) -> None:
    token = call("GET", EVENTS)[1]["nextSyncToken"]
    assert reason(call("GET", EVENTS, syncToken=token, singleEvents="true"))[0] == 400
    assert reason(call("GET", EVENTS, syncToken="nonsense"))[0] == 400


@pytest.mark.parametrize("how", ["expired", "shared"])
def test_an_old_token_is_gone(server: GoogleServer, call: Plain, how: str) -> None:
    token = call("GET", EVENTS)[1]["nextSyncToken"]
    if how == "expired":
        server.expire_sync_tokens()
    else:
        server.person("bob@example.com")
        server.share(server.user, "reader", "bob@example.com")
    assert reason(call("GET", EVENTS, syncToken=token)) == (410, "fullSyncRequired")
    assert call("GET", EVENTS, syncToken=call("GET", EVENTS)[1]["nextSyncToken"])[0] == 200


def test_order_by_start_is_for_single_events(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly())
    server.device.insert(timed("2026-12-03T09:00:00Z", "2026-12-03T10:00:00Z", id="single"))
    assert reason(call("GET", EVENTS, orderBy="startTime")) == (400, "invalid")
    found = call("GET", EVENTS, orderBy="startTime", singleEvents="true")[1]["items"]
    assert [e["id"] for e in found][:3] == ["series_20261201T080000Z", "single", "series_20261208T080000Z"]


def test_a_window_is_open_at_both_ends(server: GoogleServer, call: Plain) -> None:
    server.device.insert(timed(id="nine00"))

    def there(low: str, high: str) -> bool:
        return bool(
            call("GET", EVENTS, timeMin=f"2026-12-01T{low}+01:00", timeMax=f"2026-12-01T{high}+01:00")[1]["items"]
        )

    assert there("09:30:00", "09:31:00")
    assert not there("10:00:00", "11:00:00")
    assert not there("08:00:00", "09:00:00")
    assert there("09:59:59", "11:00:00")
    assert reason(call("GET", EVENTS, timeMin="2026-12-01T00:00:00", timeMax="2026-12-02T00:00:00Z"))[0] == 400
    assert reason(call("GET", EVENTS, timeMin="2026-12-02T00:00:00Z", timeMax="2026-12-01T00:00:00Z")) == (
        400, "timeRangeEmpty",
    )  # fmt: skip


def test_private_properties_are_all_to_hold(server: GoogleServer, call: Plain) -> None:
    for name, table in (("both00", {"a": "1", "b": "2"}), ("one000", {"a": "1"})):
        server.device.insert(timed(id=name, extendedProperties={"private": table}))
    assert ids([call("GET", EVENTS, privateExtendedProperty="a=1")[1]]) == ["both00", "one000"]
    assert ids([call("GET", EVENTS, privateExtendedProperty=["a=1", "b=2"])[1]]) == ["both00"]
    assert ids([call("GET", EVENTS, sharedExtendedProperty="a=1")[1]]) == []


def test_types_are_chosen(server: GoogleServer, call: Plain) -> None:
    server.device.insert(timed(id="normal"))
    server.deliver(timed(id="mailed", eventType="fromGmail"))
    assert ids([call("GET", EVENTS, eventTypes=["fromGmail", "birthday"])[1]]) == ["mailed"]
    assert reason(call("GET", EVENTS, eventTypes="newest")) == (400, "invalidParameter")


def test_instances_of_a_series(server: GoogleServer, call: Plain) -> None:
    server.device.insert(weekly())
    server.device.delete("series_20261208T080000Z")
    path = f"{EVENTS}/series/instances"
    assert [e["id"][-16:-8] for e in call("GET", path)[1]["items"]] == ["20261201", "20261215", "20261222"]
    assert len(call("GET", path, showDeleted="true")[1]["items"]) == 4
    later = call("GET", path, timeMin="2026-12-10T00:00:00Z", timeMax="2026-12-16T00:00:00Z")[1]["items"]
    assert [e["start"]["dateTime"] for e in later] == ["2026-12-15T09:00:00+01:00"]
    assert "recurrence" not in later[0]


def test_times_come_in_the_zone_of_the_calendar_or_the_one_asked_for(server: GoogleServer, call: Plain) -> None:
    server.device.insert(timed("2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z", id="nine00"))
    assert call("GET", f"{EVENTS}/nine00")[1]["start"]["dateTime"] == "2026-12-01T09:00:00+01:00"
    found = call("GET", EVENTS, timeZone="America/New_York")[1]["items"][0]
    assert found["start"] == {"dateTime": "2026-12-01T03:00:00-05:00", "timeZone": "Europe/Warsaw"}


def test_calendars_with_their_roles(server: GoogleServer, call: Plain) -> None:
    for role in ("reader", "writer", "freeBusyReader"):
        server.add_calendar(f"Bob {role}", owner="bob@example.com", role=role)
    server.add_calendar("Reflection")
    listed = call("GET", "users/me/calendarList")[1]
    assert [(c["summary"], c["accessRole"], c.get("primary", False)) for c in listed["items"]] == [
        ("ada@example.com", "owner", True), ("Bob reader", "reader", False), ("Bob writer", "writer", False),
        ("Bob freeBusyReader", "freeBusyReader", False), ("Reflection", "owner", False),
    ]  # fmt: skip
    assert len(call("GET", "users/me/calendarList", minAccessRole="writer")[1]["items"]) == 3
    assert len(call.pages("users/me/calendarList", maxResults=2)) == 3
    server.share("bob-reader@group.calendar.google.com", "none")
    changed = call("GET", "users/me/calendarList", syncToken=listed["nextSyncToken"])[1]["items"]
    assert [(c["id"], c["deleted"]) for c in changed] == [("bob-reader@group.calendar.google.com", True)]
    assert reason(call("GET", "calendars/bob-reader@group.calendar.google.com/events"))[0] == 404


def test_settings_and_colours(call: Plain, server: GoogleServer) -> None:
    everything = Plain(server, server.access_token("https://www.googleapis.com/auth/calendar"))
    assert call("GET", "users/me/settings/timezone")[1]["value"] == "Europe/Warsaw"
    assert {s["id"] for s in call("GET", "users/me/settings")[1]["items"]} >= {"timezone", "weekStart"}
    assert set(everything("GET", "colors")[1]["event"]) == {str(n) for n in range(1, 12)}
    assert everything("GET", "calendars/primary")[1]["timeZone"] == "Europe/Warsaw"


@pytest.mark.parametrize(
    ("role", "visibility", "told"),
    [
        ("reader", "default", True), ("reader", "private", False), ("freeBusyReader", "default", False),
        ("writer", "private", True),
    ],
)  # fmt: skip
def test_how_much_a_reader_sees(server: GoogleServer, role: str, visibility: str, told: bool) -> None:
    name = server.add_calendar("Team", owner="bob@example.com", role=role)
    server.person("bob@example.com", name).insert(timed(id="secret", visibility=visibility))
    everything = Plain(server, server.access_token("https://www.googleapis.com/auth/calendar.readonly"))
    (found,) = everything("GET", f"calendars/{name}/events")[1]["items"]
    assert ("summary" in found) is told
    assert found["start"]["dateTime"] == "2026-12-01T09:00:00+01:00"
