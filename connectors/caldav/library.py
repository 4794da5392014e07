"""What the caldav library does for us: a server found by an address of mail (RFC 6764), a calendar made (RFC 4791).

Its client sends every request through `Web`, so that the limits and the login of an account hold.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.caldav.dav import failed
from connectors.caldav.options import CaldavOptions, web_of
from connectors.http.addresses import redacted
from connectors.http.web import Web, xml
from daemon.model.errors import UnreadableError

if TYPE_CHECKING:  # the library costs more than a plan
    from caldav.davclient import DAVClient

PATIENCE = 10
"""Seconds for a server to answer for its domain."""


def server_of(address: str) -> str:
    """The address of the CalDAV server of whoever has this address of mail; '' where the domain names none.

    By SRV and TXT records, else by the well-known path, and over TLS alone.  DNS may lie, so the user is to agree.
    """
    from caldav.discovery import discover_caldav
    from caldav.lib.error import DAVError

    logging.getLogger("caldav.discovery").setLevel(logging.ERROR)
    try:
        found = discover_caldav(address, timeout=PATIENCE, require_tls=True)
    except (DAVError, OSError, ValueError):
        return ""
    return str(found.url) if found and str(found.url).startswith("https://") else ""


def make_calendar(options: CaldavOptions, secret: Callable[[], str], name: str) -> None:
    """A new calendar of the user's own."""
    from caldav.lib.error import DAVError

    web = web_of(options, lambda: datetime.now(UTC), secret)
    with closing(web):
        try:
            _client(web).principal().make_calendar(name=name)
        except DAVError as error:
            what = f"{redacted(options.url)} makes no calendar ({type(error).__name__})"
            raise UnreadableError(what, "make it with your calendar program") from error


def _client(web: Web) -> DAVClient:
    from caldav.davclient import DAVClient
    from caldav.response import DAVResponse

    class Client(DAVClient):
        """The library's client; each of its requests goes through `Web`."""

        def request(
            self, url: str, method: str = "GET", body: str | bytes = "", headers: Mapping[str, str] | None = None,
            rate_limit_time_slept: int = 0,
        ) -> DAVResponse:  # fmt: skip
            del rate_limit_time_slept
            kind = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml, text/xml"}
            data = body.encode() if isinstance(body, str) else body
            answer = web.ask(method, str(url), data, kind | dict(headers or {}))
            if answer.status >= 300:
                raise failed(answer, redacted(answer.url))
            return DAVResponse(_Plain(answer.status, xml(answer) if answer.status == 207 else answer.body), self)

    logging.getLogger("caldav.response").setLevel(logging.WARNING)  # or it writes each answer out for its debug log
    client = Client(url=web.base, enable_rfc6764=False)
    client.session.close()
    return client


class _Plain:
    """What the library's response is made from."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status_code, self.content, self.reason = status, content, ""
        self.headers = {"Content-Type": "application/xml", "Content-Length": str(len(content))}
