"""Faults on demand, and the record of requests, in the Google Calendar that tests use."""

from __future__ import annotations

import http.client
import json
from datetime import timedelta

import pytest

from gcal import GoogleServer
from gcal.faults import FAULTS, slow
from gcal.plain import EVENTS, Plain, reason, timed


@pytest.mark.parametrize(
    ("fault", "status", "told", "wait"),
    [
        ("rateLimitExceeded", 403, "rateLimitExceeded", None),
        ("userRateLimitExceeded", 403, "userRateLimitExceeded", None),
        ("quotaExceeded", 403, "quotaExceeded", None),
        ("accessNotConfigured", 403, "accessNotConfigured", None),
        ("429", 429, "rateLimitExceeded", "7"),
        ("500", 500, "backendError", None),
        ("503", 503, "backendError", "3"),
        ("401", 401, "authError", None),
    ],
)
def test_errors_in_their_documented_form(
    server: GoogleServer, call: Plain, fault: str, status: int, told: str, wait: str | None
) -> None:
    server.fail(fault)
    answer, content = call.sent("GET", f"/calendar/v3/{EVENTS}", None, {"Authorization": f"Bearer {call.token}"})
    assert reason((answer.status, json.loads(content))) == (status, told)
    assert answer.headers["Retry-After"] == wait
    assert call("GET", EVENTS)[0] == 200


@pytest.mark.parametrize(
    ("fault", "applied"), [(f, a) for f in FAULTS for a in (False, True) if a or FAULTS[f].cuts is None]
)
def test_a_fault_comes_before_the_write_or_after_it(
    server: GoogleServer, call: Plain, fault: str, applied: bool
) -> None:
    server.fail(fault, on="events.insert", applied=applied)
    if fault in {"dropped", "cut", "html 200", "html 502", "html 503", "broken JSON"}:
        with pytest.raises((ConnectionError, ValueError, http.client.HTTPException)):
            call("POST", EVENTS, timed(id="abcde"))
    else:
        assert call("POST", EVENTS, timed(id="abcde"))[0] == FAULTS[fault].status
    assert list(server.events()) == (["abcde"] if applied else [])
    assert call("POST", EVENTS, timed(id="abcde"))[0] == (409 if applied else 200)


def test_a_page_of_a_proxy_is_no_json(server: GoogleServer, call: Plain) -> None:
    server.fail("html 502")
    answer, content = call.sent("GET", f"/calendar/v3/{EVENTS}", None, {"Authorization": f"Bearer {call.token}"})
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (502, "text/html")
    assert content.startswith(b"<!DOCTYPE html>")


def test_the_nth_request_is_hit(server: GoogleServer, call: Plain) -> None:
    server.fail("503", on="events.list", skip=2, times=2)
    assert call("POST", EVENTS, timed())[0] == 200
    assert [call("GET", EVENTS)[0] for _ in range(5)] == [200, 200, 503, 503, 200]


def test_the_token_endpoint_fails_too(server: GoogleServer, call: Plain) -> None:
    server.fail("html 503", on="token")
    secret = {k: v for k, v in server.secret().items() if k != "token_uri"}
    with pytest.raises(ValueError, match="Expecting value"):
        call.form("/token", grant_type="refresh_token", **secret)
    assert call.form("/token", grant_type="refresh_token", **secret)[0] == 200


def test_a_slow_answer_is_the_right_one(server: GoogleServer, call: Plain) -> None:
    waited: list[float] = []
    server.desk.sleep = waited.append
    server.fail(slow(30))
    assert call("GET", EVENTS)[0] == 200
    assert waited == [30]


def test_requests_are_on_record(server: GoogleServer, call: Plain) -> None:
    server.fail("dropped", on="events.insert")
    with pytest.raises(http.client.RemoteDisconnected):
        call("POST", EVENTS, timed(), sendUpdates="none")
    server.clock.now += timedelta(minutes=1)
    call("GET", EVENTS)
    insert, listing = server.requests()
    assert (insert.name, insert.status, insert.query, insert.body) == (
        "calendar.events.insert", 0, "sendUpdates=none", timed(),
    )  # fmt: skip
    assert listing.at - insert.at == timedelta(minutes=1)
    assert server.requests("events.list") == [listing]


def test_what_the_server_lacks_is_said(server: GoogleServer) -> None:
    everything = Plain(server, server.access_token("https://www.googleapis.com/auth/calendar"))
    assert reason(everything("POST", "calendars/primary/clear")) == (501, "notImplemented")
