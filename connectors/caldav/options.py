"""What the config says of a CalDAV account, and the way to its server that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from connectors.http.addresses import origin
from connectors.http.logins import Digest, basic, bearer
from connectors.http.web import Authorize, Web
from daemon.model.errors import ConfigError
from daemon.model.options import FaultsError, RemoteOptions


class CaldavOptions(RemoteOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[accounts.NAME]` with `type = "caldav"`."""

    url: Annotated[
        str,
        Meta(
            description="The address of the server, of your principal, or of one calendar.",
            examples=["https://cloud.example.com/remote.php/dav"],
        ),
    ]
    username: Annotated[str, Meta(description="Your name there; empty where no login is asked for.")] = ""
    auth: Annotated[
        Literal["basic", "digest", "bearer"],
        Meta(description="How to log in: basic (or digest, if only that is offered), digest, or bearer with a token."),
    ] = "basic"

    def __post_init__(self) -> None:
        """An address that is none, or that has a secret in it, is told at once."""
        try:
            origin(self.url)
        except ConfigError as error:
            raise FaultsError({"url": f"{error.what}; {error.remedy}"}) from None
        if "@" in self.url.partition("://")[2].partition("/")[0]:
            raise ValueError(
                "url has a name or password in it; write `username`, and run `unbusy login` for the secret"
            )


def web_of(options: CaldavOptions, clock: Callable[[], datetime], secret: Callable[[], str]) -> Web:
    """The way to the account's server."""
    return Web(options.url, clock, _authorize(options, secret), float(options.timeout), options.ca_file)


def _authorize(options: CaldavOptions, secret: Callable[[], str]) -> Authorize:
    if options.auth == "bearer":
        return bearer(secret)
    if not options.username:
        return lambda _method, _url, _refused: None
    return Digest(options.username, secret) if options.auth == "digest" else basic(options.username, secret)
