"""The server as tests hold it: where it is, its back doors, and what it has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

from gcal.api import Api
from gcal.channels import Channels
from gcal.discovery import BASE
from gcal.faults import Fault
from gcal.front import Desk, Seen, Server
from gcal.listing import Pages
from gcal.oauth import SCOPE, Consent, Grant, OAuth
from gcal.people import Person
from gcal.world import Body, World

USER = "ada@example.com"
LEAST = frozenset(
    SCOPE + s for s in ("calendar.events.owned", "calendar.calendarlist.readonly", "calendar.settings.readonly")
)
NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A moment that stands until it is set, or that of `source`."""

    now: datetime = NOW
    source: Callable[[], datetime] | None = None

    def __call__(self) -> datetime:
        return self.source() if self.source else self.now


@dataclass
class GoogleServer:
    """See the package."""

    desk: Desk
    origin: str
    clock: Any
    world: World
    user: str = USER
    scopes: frozenset[str] = LEAST

    @property
    def url(self) -> str:
        return f"{self.origin}{BASE}"

    @property
    def token_uri(self) -> str:
        return f"{self.origin}/token"

    @property
    def auth_uri(self) -> str:
        return f"{self.origin}/o/oauth2/v2/auth"

    @property
    def oauth(self) -> OAuth:
        return self.desk.oauth

    @property
    def channels(self) -> Channels:
        return self.desk.api.channels

    @property
    def pages(self) -> Pages:
        return self.desk.api.pages

    # -- who may come in ------------------------------------------------------------------------------------------

    def secret(self, *scopes: str) -> dict[str, str]:
        """A secret of the user with a good refresh token, for the least scopes or for these."""
        token = self.oauth.refresh_token(self.user, frozenset(scopes) or self.scopes)
        return {"client_id": self.oauth.client.id, "client_secret": self.oauth.client.secret, "refresh_token": token,
                "token_uri": self.token_uri}  # fmt: skip

    def access_token(self, *scopes: str, email: str = "") -> str:
        """A bearer token, for the least scopes or for these."""
        grant = Grant(email or self.user, frozenset(scopes) or self.scopes, self.clock() + timedelta(hours=1))
        return str(self.oauth._issue(grant)["access_token"])

    def expire_access(self) -> None:
        """Every access token is too old."""
        self.oauth.access.clear()

    def revoke(self) -> None:
        """The user has taken the grant back: no token is good."""
        self.oauth.access.clear()
        self.oauth.refresh.clear()

    # -- people and calendars -------------------------------------------------------------------------------------

    def person(self, email: str, calendar: str = "primary") -> Person:
        """Somebody, who has an account from now on."""
        if email not in self.world.accounts:
            self.world.add_account(email)
        return Person(self.world, email, calendar)

    @property
    def device(self) -> Person:
        """The user, somewhere else."""
        return self.person(self.user)

    def add_calendar(self, summary: str, *, owner: str = "", role: str = "owner", zone: str = "Europe/Warsaw") -> str:
        """A secondary calendar of the user, or one that `owner` shares with them in a role; its id."""
        holder = self.person(owner or self.user).email
        name = f"{summary.lower().replace(' ', '-')}@group.calendar.google.com"
        self.world.add_calendar(name, summary, owner=holder, zone=zone)
        if holder != self.user:
            self.world.share(name, self.user, role)
        return name

    def share(self, calendar: str, role: str, email: str = "") -> None:
        """Another role in a calendar for the user (or somebody); 'none' takes it away.  Sync tokens are void."""
        self.world.share(calendar, email or self.user, role)

    # -- events ---------------------------------------------------------------------------------------------------

    def deliver(self, body: Body, calendar: str = "") -> Body:
        """Store an event as it is; what is missing of id, status, type, organizer is filled in."""
        found = self.world.calendars[calendar or self.user]
        known = {"status": "confirmed", "eventType": "default", "iCalUID": f"{body['id']}@google.com", "sequence": 0,
                 "created": self.world.now(), "reminders": {"useDefault": True},
                 "organizer": _own(found.id), "creator": _own(found.id)}  # fmt: skip
        return self.world.put(found, known | body)

    def events(self, calendar: str = "") -> dict[str, Body]:
        """Every event, exception and tombstone of a calendar by id, as stored."""
        return {name: s.body for name, s in self.world.calendars[calendar or self.user].events.items()}

    def live(self, calendar: str = "") -> dict[str, Body]:
        """Those that are not cancelled."""
        return {name: body for name, body in self.events(calendar).items() if body["status"] != "cancelled"}

    def event(self, name: str, calendar: str = "") -> Body:
        return self.events(calendar)[name]

    def forget_deleted(self, calendar: str = "") -> None:
        """Tombstones vanish eventually; their ids stay taken, and cancelled instances of a living series stay."""
        found = self.world.calendars[calendar or self.user]
        for name, one in list(found.events.items()):
            if one.body["status"] == "cancelled" and "recurringEventId" not in one.body:
                del found.events[name]

    def expire_sync_tokens(self, calendar: str = "") -> None:
        self.world.calendars[calendar or self.user].epoch += 1

    def refuse_focus(self, how: str, email: str = "") -> None:
        """The account has no native focus time: a name of kinds.REFUSALS, 'ignored', or '' for 'it has'."""
        self.world.accounts[email or self.user].focus = how

    # -- requests -------------------------------------------------------------------------------------------------

    def requests(self, name: str = "") -> list[Seen]:
        """Those to a method ('events.insert'; 'token' for the token endpoint), or all, in order."""
        return [s for s in self.desk.seen if s.name.endswith(name)]

    def fail(self, fault: Fault | str, **when: Any) -> None:
        """Plan a fault: its name or itself; `on`, `skip`, `times`, `applied` as in faults.Plan."""
        self.desk.faults.add(fault, **when)


def _own(email: str) -> Body:
    return {"email": email, "self": True}


@contextmanager
def google_server(clock: Any = None, user: str = USER) -> Iterator[GoogleServer]:
    """A server with one user; `clock` gives the moment (default: one that stands, server.clock.now)."""
    clock = clock or Clock()
    world = World(clock)
    world.add_account(user)
    desk = Desk(Api(world, Pages(), Channels(world)), OAuth(clock, Consent(user), world.accounts.__contains__))
    http = Server(desk)
    origin = f"http://127.0.0.1:{http.server_port}"
    desk.oauth.audience = f"{origin}/token"
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield GoogleServer(desk, origin, clock, world, user)
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
    if desk.mistakes:
        raise AssertionError("the server itself has failed") from desk.mistakes[0]
