"""What the config says of a Google account."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from connectors.http.addresses import origin
from daemon.model.errors import ConfigError
from daemon.model.options import FaultsError, RemoteOptions

ENDPOINT = "https://www.googleapis.com/calendar/v3/"


class GoogleOptions(RemoteOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[accounts.NAME]` with `type = "google"`."""

    endpoint: Annotated[str, Meta(description="Another address of the Calendar API, such as a private gateway.")] = ""
    focus_time: Annotated[bool, Meta(description="Native focus time, where the account has it.")] = True
    decline: Annotated[
        Literal["none", "new", "all"],
        Meta(description="What focus time declines: nothing, new invitations that conflict, or all that conflict."),
    ] = "none"
    do_not_disturb: Annotated[bool, Meta(description="Mute Google Chat during focus time.")] = False

    def __post_init__(self) -> None:
        """An endpoint that is no address is told at once."""
        if self.endpoint:
            try:
                origin(self.endpoint)
            except ConfigError as error:
                raise FaultsError({"endpoint": f"{error.what}; {error.remedy}"}) from None
