"""The people, their calendars, and the copies of events that lie in them, each with the serial of its last change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from gcal.answers import not_found

Body = dict[str, Any]
ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")
"""What somebody may do with a calendar, from the least on."""

EVENT_COLORS = {
    "1": "#a4bdfc", "2": "#7ae7bf", "3": "#dbadff", "4": "#ff887c", "5": "#fbd75b", "6": "#ffb878", "7": "#46d6db",
    "8": "#e1e1e1", "9": "#5484ed", "10": "#51b749", "11": "#dc2127",
}  # fmt: skip


@dataclass
class Stored:
    """A copy of an event in one calendar; `changed` is the serial of its last change."""

    body: Body
    changed: int


@dataclass
class Account:
    """A person.  `focus`: '' where native focus time is allowed, else a name of kinds.REFUSALS or 'ignored'."""

    email: str
    zone: str
    focus: str = ""
    listed: dict[str, Stored] = field(default_factory=dict)
    """The calendars that they see, with what is their own of each entry."""


@dataclass
class Calendar:
    """A calendar; that of a person has their address as its id.  Sync tokens of an earlier `epoch` are void."""

    id: str
    summary: str
    owner: str
    zone: str
    roles: dict[str, str] = field(default_factory=dict)
    events: dict[str, Stored] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """Ids that were ever used: they stay taken."""

    epoch: int = 0
    hours: Body | None = None
    """`workingHours`, which the main calendars of Workspace have."""

    @property
    def primary(self) -> bool:
        return self.id == self.owner

    def role(self, email: str) -> str:
        return "owner" if email == self.owner else self.roles.get(email, "none")

    def exceptions(self, master: str) -> Iterator[Body]:
        for one in self.events.values():
            if one.body.get("recurringEventId") == master:
                yield one.body


@dataclass
class World:
    """All of it, and its clock."""

    clock: Callable[[], datetime]
    accounts: dict[str, Account] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    serials: Iterator[int] = field(default_factory=lambda: count(1))
    serial: int = 0
    changed: Callable[[str], None] = lambda _: None
    """Is told of each change in a calendar."""

    def tick(self) -> int:
        """The serial of a change."""
        self.serial = next(self.serials)
        return self.serial

    def now(self) -> str:
        return f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"

    def add_account(self, email: str, zone: str = "Europe/Warsaw") -> Account:
        account = self.accounts[email] = Account(email, zone)
        self.add_calendar(email, email, owner=email, zone=zone)
        return account

    def add_calendar(self, calendar: str, summary: str, *, owner: str, zone: str = "Europe/Warsaw") -> Calendar:
        made = self.calendars[calendar] = Calendar(calendar, summary, owner, zone)
        self.accounts[owner].listed[calendar] = Stored({}, self.tick())
        return made

    def share(self, calendar: str, email: str, role: str) -> None:
        """Give somebody a role, none included; tokens for that calendar are void from now on."""
        found = self.calendars[calendar]
        found.roles[email] = role
        found.epoch += 1
        self.accounts[email].listed[calendar] = Stored({"deleted": True} if role == "none" else {}, self.tick())

    def calendar(self, name: str, email: str) -> Calendar:
        """A calendar as somebody names it, if they may see anything of it."""
        found = self.calendars.get(email if name == "primary" else name)
        if found is None or found.role(email) == "none":
            raise not_found()
        return found

    # -- copies of events -----------------------------------------------------------------------------------------

    def put(self, calendar: Calendar, body: Body, *, touch: bool = True) -> Body:
        """Store a copy of an event under a new etag; `touch`: this changes when it was updated."""
        serial = self.tick()
        new = copy.deepcopy(body)
        new["kind"] = "calendar#event"
        new["etag"] = f'"{3_500_000_000_000_000 + serial * 2}"'
        if touch or "updated" not in new:
            new["updated"] = self.now()
        calendar.events[new["id"]] = Stored(new, serial)
        calendar.taken.add(new["id"])
        self.changed(calendar.id)
        return new

    def bury(self, calendar: Calendar, event: str) -> None:
        """Leave the little that is guaranteed of a deleted event."""
        serial = self.tick()
        body = {"kind": "calendar#event", "etag": f'"{3_500_000_000_000_000 + serial * 2}"', "id": event,
                "status": "cancelled"}  # fmt: skip
        calendar.events[event] = Stored(body, serial)
        calendar.taken.add(event)
        self.changed(calendar.id)
