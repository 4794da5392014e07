"""What goes wrong between a client and the service, and when: before a request is served, or after it was."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from gcal.answers import Refusal

PAGE = (
    b"<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p>Please try again in 30 seconds.</html>"
)


class Fault(Struct, frozen=True, dict=True):
    """An answer instead of the right one; `drops`: none at all, the connection breaks; `waits`: seconds before it.

    `cuts`: the right answer, of which only so many bytes arrive.
    """

    status: int = 0
    content: bytes = b""
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    drops: bool = False
    cuts: int | None = None
    waits: float = 0


def said(status: int, reason: str, message: str, **headers: str) -> Fault:
    """One of the documented errors."""
    domain = "usageLimits" if status in {403, 429} else "global"
    body = Refusal(status, reason, message, domain=domain).body()
    return Fault(status, json.dumps(body).encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


FAULTS: Mapping[str, Fault] = {
    "dropped": Fault(drops=True),
    "rateLimitExceeded": said(403, "rateLimitExceeded", "Rate Limit Exceeded"),
    "userRateLimitExceeded": said(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
    "quotaExceeded": said(403, "quotaExceeded", "Calendar usage limits exceeded."),
    "accessNotConfigured": said(
        403, "accessNotConfigured",
        "Google Calendar API has not been used in project 1 before or it is disabled. Enable it by visiting "
        "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview?project=1 then retry.",
    ),
    "429": said(429, "rateLimitExceeded", "Rate Limit Exceeded", Retry_After="7"),
    "500": said(500, "backendError", "Backend Error"),
    "503": said(503, "backendError", "The service is currently unavailable.", Retry_After="3"),
    "html 502": Fault(502, PAGE, "text/html; charset=UTF-8"),
    "html 503": Fault(503, PAGE, "text/html; charset=UTF-8"),
    "html 200": Fault(200, b"<html><title>Sign in to the network</title></html>", "text/html"),
    "broken JSON": Fault(200, b'{"kind": "calendar#events", "items": [{"id": '),
    "cut": Fault(cuts=40),
    "401": said(401, "authError", "Invalid Credentials"),
}  # fmt: skip
"""The usual ones, by name."""


def slow(seconds: float) -> Fault:
    """The right answer, late."""
    return Fault(waits=seconds)


class Plan(Struct, dict=True):
    """A fault for requests to come.

    `on`: the end of a method's id ('events.insert'), 'token' for the token endpoint, '' for any.  The first `skip`
    such requests are spared, then `times` are hit.  `applied`: the request is served first, and its answer lost.
    """

    fault: Fault
    on: str = ""
    skip: int = 0
    times: int = 1
    applied: bool = False

    def hits(self, name: str) -> bool:
        """Whether it meets this request; counts."""
        if not name.endswith(self.on) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults(Struct, dict=True):
    """Those that are planned."""

    plans: list[Plan] = field(default_factory=list)

    def add(self, fault: Fault | str, **when: object) -> None:
        self.plans.append(replace(Plan(FAULTS[fault] if isinstance(fault, str) else fault), **when))  # type: ignore[arg-type]

    def meet(self, name: str) -> Plan | None:
        """The one that meets a request."""
        return next((p for p in self.plans if p.hits(name)), None)

    def clear(self) -> None:
        self.plans.clear()
