"""Notices of changes: channels that clients open, and what is sent to each, as the real service does.

https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from gcal.answers import Refusal, bad
from gcal.world import Body, World

LONGEST = timedelta(days=30)
LOOPBACK = ("127.0.0.1", "localhost")


@dataclass
class Channel:
    """One; `number` counts its messages."""

    id: str
    calendar: str
    email: str
    address: str
    token: str
    resource: str
    expires: float
    number: int = 0


@dataclass
class Channels:
    """All of them.  `send` is what carries a notice; by default a thread that posts, so that nobody waits for it."""

    world: World
    open: dict[str, Channel] = field(default_factory=dict)
    waiting: SimpleQueue[tuple[str, dict[str, str]]] = field(default_factory=SimpleQueue)
    send: Callable[[str, dict[str, str]], None] | None = None
    answers: list[int] = field(default_factory=list)
    """The status that each notice got, 0 for none."""

    def __post_init__(self) -> None:
        self.world.changed = self.changed

    def watch(self, calendar: str, email: str, body: Body) -> Body:
        """Open one; a name that is taken, or an address that is not safe, is refused."""
        name, address = str(body.get("id", "")), str(body.get("address", ""))
        if not 0 < len(name) <= 64 or name in self.open:
            raise bad(f"Channel id {name} not unique", "channelIdNotUnique")
        if body.get("type") not in ("web_hook", "webhook"):
            raise bad("Unknown channel type")
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise Refusal(401, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")
        now = self.world.clock()
        longest = (now + LONGEST).timestamp()
        expires = min(int(body["expiration"]) / 1000 if "expiration" in body else longest, longest)
        made = Channel(name, calendar, email, address, str(body.get("token", "")), f"res-{calendar}", expires)
        self.open[name] = made
        self._tell(made, "sync")
        return {"kind": "api#channel", "id": name, "resourceId": made.resource, "resourceUri": f"/{calendar}",
                "token": made.token, "expiration": str(int(expires * 1000))}  # fmt: skip

    def stop(self, email: str, body: Body) -> None:
        found = self.open.get(str(body.get("id", "")))
        if found is None or found.resource != body.get("resourceId") or found.email != email:
            raise Refusal(404, "notFound", f"Channel '{body.get('id')}' not found for project")
        del self.open[found.id]

    def changed(self, calendar: str) -> None:
        """Something in a calendar has."""
        for one in [c for c in self.open.values() if c.calendar == calendar]:
            if self.world.clock().timestamp() >= one.expires:
                del self.open[one.id]
            else:
                self._tell(one, "exists")

    def _tell(self, one: Channel, state: str) -> None:
        one.number += 1
        headers = {
            "X-Goog-Channel-ID": one.id, "X-Goog-Channel-Token": one.token, "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(one.number), "X-Goog-Resource-ID": one.resource,
        }  # fmt: skip
        if self.send:
            self.send(one.address, headers)
            return
        if self.waiting.empty():
            Thread(target=self._post, daemon=True).start()
        self.waiting.put((one.address, headers))

    def _post(self) -> None:
        while True:
            address, headers = self.waiting.get()
            try:
                request: Any = Request(address, method="POST", headers=headers, data=b"")  # noqa: S310  on loopback
                with urlopen(request, timeout=10) as got:  # noqa: S310  likewise
                    self.answers.append(got.status)
            except (URLError, OSError) as error:
                self.answers.append(getattr(error, "code", 0))
            if self.waiting.empty():
                return
