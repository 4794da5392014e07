"""What the config says of an .ics file: a path, or a web address."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from daemon.model.errors import ConfigError
from daemon.model.options import FaultsError, RemoteOptions, shown


class IcsOptions(RemoteOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[accounts.NAME]` with `type = "ics"`."""

    path: Annotated[str, Meta(description="An .ics file; it is only read.", examples=["~/export.ics"])] = ""
    url: Annotated[str, Meta(description="Or the address of one.", examples=["https://example.com/holidays.ics"])] = ""
    username: Annotated[str, Meta(description="Your name there; empty where no login is asked for.")] = ""

    def __post_init__(self) -> None:
        """A daemon has no folder of its own from which a relative path could start, and a calendar one place."""
        if bool(self.path) == bool(self.url):
            raise ValueError("path or url is missing" if not self.path else "url beside path; write one of them")
        if self.path and not self.path.startswith(("/", "~")):
            raise FaultsError({"path": f"{shown(self.path)} is relative; write it from / or from ~"})
        if self.url:
            _check(self.url)


def _check(url: str) -> None:
    """ValueError for what is no address, or one that anybody on the way could read."""
    from connectors.http.addresses import origin

    try:
        origin(https(url))
    except ConfigError as error:
        raise FaultsError({"url": f"{error.what}; {error.remedy}"}) from None
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("url has a name or password in it; write `username`, and run `unbusy login` for the secret")


def https(url: str) -> str:
    """The address; `webcal` is another word for https."""
    scheme, _, rest = url.partition("://")
    return f"https://{rest}" if scheme.lower() == "webcal" else url
