"""A client that knows HTTP and JSON, and nothing of calendars."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from gcal.server import GoogleServer

Answer = tuple[int, Any]
"""Status and JSON; None without a body."""

EVENTS = "calendars/primary/events"


@dataclass
class Plain:
    """Sends requests with a bearer token."""

    server: GoogleServer
    token: str

    def __call__(self, http_method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """Parameters go by name, headers by `If_Match` and the like."""
        headers = {k.replace("_", "-"): more.pop(k) for k in list(more) if k.startswith("If_")}
        query = f"?{urlencode(more, doseq=True)}" if more else ""
        content = None if body is None else json.dumps(body)
        return self.raw(http_method, f"{path}{query}", content, headers)

    def raw(self, http_method: str, target: str, content: str | None = None, headers: Any = None) -> Answer:
        """As it is: a target with its query, content of any kind."""
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        known |= {"Content-Type": "application/json"} if content is not None else {}
        answer, text = self.sent(http_method, f"/calendar/v3/{target}", content, known | (headers or {}))
        return answer.status, json.loads(text) if text else None

    def sent(self, http_method: str, target: str, content: str | None, headers: Any) -> tuple[Any, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)
        try:
            connection.request(http_method, target, content and content.encode(), headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def form(self, path: str, **fields: str) -> Answer:
        """A form to one of the endpoints beside the API."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, text = self.sent("POST", path, urlencode(fields), headers)
        return answer.status, json.loads(text)

    def pages(self, path: str, **given: Any) -> list[Any]:
        """All pages of a listing."""
        status, page = self("GET", path, **given)
        assert status == 200, page
        rest = self.pages(path, **given | {"pageToken": page["nextPageToken"]}) if "nextPageToken" in page else []
        return [page, *rest]


def reason(answer: Answer) -> tuple[int, str]:
    """Status and reason of a refusal."""
    (one,) = answer[1]["error"]["errors"]
    assert answer[1]["error"]["code"] == answer[0]
    assert one["message"] == answer[1]["error"]["message"]
    return answer[0], one["reason"]


def timed(start: str = "2026-12-01T09:00:00+01:00", end: str = "2026-12-01T10:00:00+01:00", **more: Any) -> Any:
    """An event of one hour, on Tuesday at nine."""
    return {"summary": "Focus", "start": {"dateTime": start}, "end": {"dateTime": end}} | more


def weekly(**more: Any) -> Any:
    """A series of four, on Tuesdays at nine in Warsaw."""
    zone = {"timeZone": "Europe/Warsaw"}
    body = {"start": {"dateTime": "2026-12-01T09:00:00", **zone}, "end": {"dateTime": "2026-12-01T10:00:00", **zone}}
    return {"id": "series", "summary": "Standup", **body, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]} | more
