"""The Google Calendar of the tests, driven by plain HTTP: what is documented is what it answers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from gcal import GoogleServer, google_server


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with google_server() as one:
        yield one


class Plain:
    """A client that knows HTTP only."""

    def __init__(self, server: GoogleServer, token: str = "") -> None:
        self.server, self.token = server, token or server.access_token()

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """Status and JSON; parameters go by name, headers by `If_Match` and the like."""
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": "application/json"} if body else {})
        headers |= {k.replace("_", "-"): more.pop(k) for k in list(more) if k.startswith("If_")}
        query = f"?{urlencode(more, doseq=True)}" if more else ""
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)
        try:
            connection.request(method, f"/calendar/v3/{path}{query}", json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content) if content else None


def reason(answer: tuple[int, Any]) -> tuple[int, str]:
    """Status and reason of a refusal."""
    return answer[0], answer[1]["error"]["errors"][0]["reason"]


@pytest.fixture
def call(server: GoogleServer) -> Plain:
    return Plain(server)


def timed(start: str = "2026-12-01T09:00:00+01:00", end: str = "2026-12-01T10:00:00+01:00", **more: Any) -> Any:
    return {"summary": "Focus", "start": {"dateTime": start}, "end": {"dateTime": end}} | more


EVENTS = "calendars/primary/events"


def test_an_id_is_taken_for_ever(call: Plain) -> None:
    assert call("POST", EVENTS, timed(id="abc01"))[0] == 200
    assert reason(call("POST", EVENTS, timed(id="abc01"))) == (409, "duplicate")
    assert call("DELETE", f"{EVENTS}/abc01") == (204, None)
    assert reason(call("POST", EVENTS, timed(id="abc01"))) == (409, "duplicate")
