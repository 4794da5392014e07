"""An .ics file at a web address: fetched again only when it has changed (RFC 9110, 13), and never written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from connectors.http.logins import basic
from connectors.http.web import Answer, Web
from connectors.local.ics_file import Ics
from connectors.local.ics_options import IcsOptions, https
from connectors.local.stream import changes_of
from connectors.rfc5545.lines import normal
from daemon.model.errors import ConfigError, UnreadableError
from daemon.model.event import CalendarId
from daemon.model.protocols import Changes, Seen, Talk

_REMEDY = "correct `url` of this account"
_WHEN = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class Address(Ics, frozen=True):
    """One account with one calendar, named after the last part of its address."""

    secret: Callable[[], str]

    @property
    def url(self) -> str:
        """The address."""
        return https(self.options.url)

    @property
    def name(self) -> str:
        """The name of the file, else of the host: any other last part may be the secret of a private address."""
        parts = urlsplit(self.url)
        file = PurePosixPath(unquote(parts.path))
        return file.stem if file.suffix.lower() in (".ics", ".ical") else parts.hostname or "calendar"

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        """Everything that is new; nothing is sent while the server says that nothing has changed."""
        self.check(calendar)
        asked = _conditions(seen.state)
        answer = self.fetched(asked)
        if asked and answer.status == 304:
            return Changes(changed=(), present=None, state=seen.state)
        state = json.dumps({name: answer.headers[name] for name in _WHEN if answer.headers.get(name)})
        return changes_of(calendar, normal(_calendar(answer, self.name)), seen, state)

    def fetched(self, conditions: dict[str, str]) -> Answer:
        """What the address gives; UnreadableError for anything but the file, or word that it has not changed."""
        options = self.options
        authorize = basic(options.username, self.secret) if options.username else lambda *_: None
        web = Web(self.url, self.clock, authorize, float(options.timeout), options.ca_file)
        try:
            answer = web.ask("GET", self.url, headers={"Accept": "text/calendar, */*;q=0.1", **conditions})
        finally:
            web.close()
        if answer.status not in (200, 304):
            raise UnreadableError(f"{self.name}: the server answered {answer.status}", _REMEDY)
        return answer


def _conditions(state: str) -> dict[str, str]:
    try:
        said = json.loads(state)
        return {_WHEN[name]: str(said[name]) for name in _WHEN if said.get(name)}
    except (ValueError, AttributeError):
        return {}


def _calendar(answer: Answer, name: str) -> bytes:
    """The body, if it looks like a calendar at all."""
    head = answer.body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.upper().startswith(b"BEGIN:"):
        raise UnreadableError(f"{name}: what came is not a calendar", "open the address in a browser: is it a page?")
    return answer.body


def login(account: str, options: IcsOptions, talk: Talk) -> str:
    """Ask for the password and try it; RefusedError when the server does not take it."""
    if not options.username:
        raise ConfigError(f"{account} needs no login", "if the address asks for one, write `username`")
    secret = talk.ask(f"Password of {options.username}", hidden=True)
    found = Address(account, options, lambda: datetime.now(UTC), lambda: secret)
    _calendar(found.fetched({}), found.name)
    talk.say("It works.")
    return secret
