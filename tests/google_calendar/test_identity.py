"""Ids, etags and tombstones of the Google Calendar that tests use, as documented."""

from __future__ import annotations

import pytest

from gcal import GoogleServer
from gcal.plain import EVENTS, Plain, reason, timed, weekly


def test_an_id_is_taken_for_ever(server: GoogleServer, call: Plain) -> None:
    assert call("POST", EVENTS, timed(id="abc01"))[0] == 200
    assert reason(call("POST", EVENTS, timed(id="abc01"))) == (409, "duplicate")
    assert call("DELETE", f"{EVENTS}/abc01") == (204, None)
    assert reason(call("POST", EVENTS, timed(id="abc01"))) == (409, "duplicate")
    server.forget_deleted()
    assert reason(call("POST", EVENTS, timed(id="abc01"))) == (409, "duplicate")


@pytest.mark.parametrize("name", ["abcd", "ABCDE", "abcdw", "abc-de", "unbusy-0123", "a" * 1025])
def test_an_id_is_base32hex_of_5_to_1024_characters(call: Plain, name: str) -> None:
    assert reason(call("POST", EVENTS, timed(id=name))) == (400, "invalid")


@pytest.mark.parametrize("name", ["abcde", "v0123456789", "a" * 1024])
def test_such_ids_are_kept(call: Plain, name: str) -> None:
    assert call("POST", EVENTS, timed(id=name))[1]["id"] == name


def test_without_an_id_the_service_gives_one(call: Plain) -> None:
    made = [call("POST", EVENTS, timed())[1] for _ in range(2)]
    assert made[0]["id"] != made[1]["id"]
    assert made[0]["iCalUID"] == f"{made[0]['id']}@google.com"


def test_every_write_gives_a_new_etag(call: Plain) -> None:
    etags = [call("POST", EVENTS, timed(id="abc01"))[1]["etag"]]
    changes = ({"summary": "A"}, {"summary": "A"}, {"reminders": {"useDefault": False}})
    etags += [call("PATCH", f"{EVENTS}/abc01", change)[1]["etag"] for change in changes]
    etags.append(call("PUT", f"{EVENTS}/abc01", timed())[1]["etag"])
    assert len(set(etags)) == 5
    assert call("GET", f"{EVENTS}/abc01")[1]["etag"] == etags[-1]


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_a_stale_etag_stops_a_write(server: GoogleServer, call: Plain, method: str) -> None:
    old = call("POST", EVENTS, timed(id="abc01"))[1]["etag"]
    server.device.retitle("abc01", "Mine")
    before = server.event("abc01")
    body = None if method == "DELETE" else timed()
    assert reason(call(method, f"{EVENTS}/abc01", body, If_Match=old)) == (412, "conditionNotMet")
    assert server.event("abc01") == before
    assert call(method, f"{EVENTS}/abc01", body, If_Match=before["etag"])[0] in {200, 204}


def test_a_write_after_a_deletion_meets_the_tombstone(server: GoogleServer, call: Plain) -> None:
    old = call("POST", EVENTS, timed(id="abc01"))[1]["etag"]
    server.device.delete("abc01")
    assert reason(call("PATCH", f"{EVENTS}/abc01", {"summary": "A"}, If_Match=old)) == (412, "conditionNotMet")
    assert reason(call("PATCH", f"{EVENTS}/abc01", {"status": "confirmed"})) == (403, "forbidden")
    assert reason(call("PUT", f"{EVENTS}/abc01", timed())) == (403, "forbidden")
    assert reason(call("DELETE", f"{EVENTS}/abc01", If_Match=old)) == (410, "deleted")


@pytest.mark.parametrize("path", ["", "/abc01"])
def test_what_has_not_changed_is_not_sent_again(server: GoogleServer, call: Plain, path: str) -> None:
    call("POST", EVENTS, timed(id="abc01"))
    etag = call("GET", EVENTS + path)[1]["etag"]
    assert call("GET", EVENTS + path, If_None_Match=etag) == (304, None)
    server.device.retitle("abc01", "Mine")
    assert call("GET", EVENTS + path, If_None_Match=etag)[0] == 200


def test_a_deleted_event_is_a_tombstone(server: GoogleServer, call: Plain) -> None:
    call("POST", EVENTS, timed(id="abc01"))
    call("DELETE", f"{EVENTS}/abc01")
    found = call("GET", f"{EVENTS}/abc01")[1]
    assert {k: v for k, v in found.items() if k not in {"kind", "etag"}} == {"id": "abc01", "status": "cancelled"}
    assert call("GET", EVENTS)[1]["items"] == []
    assert call("GET", EVENTS, showDeleted="true")[1]["items"] == [found]
    assert reason(call("DELETE", f"{EVENTS}/abc01")) == (410, "deleted")
    server.forget_deleted()
    assert call("GET", EVENTS, showDeleted="true")[1]["items"] == []
    assert reason(call("DELETE", f"{EVENTS}/abc01")) == (410, "deleted")


def test_what_never_was_is_not_found(call: Plain) -> None:
    for method in ("GET", "DELETE"):
        assert reason(call(method, f"{EVENTS}/abc01")) == (404, "notFound")
    assert reason(call("GET", "calendars/nobody@example.com/events")) == (404, "notFound")


def test_a_cancelled_instance_has_only_what_names_it(server: GoogleServer, call: Plain) -> None:
    call("POST", EVENTS, weekly())
    server.device.delete("series_20261208T080000Z")
    items = {e["id"]: e for e in call("GET", EVENTS)[1]["items"]}
    gone = items["series_20261208T080000Z"]
    assert {k: v for k, v in gone.items() if k not in {"kind", "etag"}} == {
        "id": "series_20261208T080000Z", "status": "cancelled", "recurringEventId": "series",
        "originalStartTime": {"dateTime": "2026-12-08T09:00:00+01:00", "timeZone": "Europe/Warsaw"},
    }  # fmt: skip
    assert items.keys() == {"series", "series_20261208T080000Z"}
    server.forget_deleted()
    assert "series_20261208T080000Z" in server.events()
    found = call("GET", EVENTS, singleEvents="true")[1]["items"]
    assert [e["start"]["dateTime"][:10] for e in found] == ["2026-12-01", "2026-12-15", "2026-12-22"]


def test_with_a_series_its_exceptions_go(server: GoogleServer, call: Plain) -> None:
    call("POST", EVENTS, weekly())
    server.device.retitle("series_20261208T080000Z", "Special")
    server.device.delete("series")
    assert {e["status"] for e in server.events().values()} == {"cancelled"}
    assert reason(call("GET", f"{EVENTS}/series_20261215T080000Z")) == (404, "notFound")
