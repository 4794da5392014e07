"""`[policies.invitations]`."""

from typing import Annotated

from msgspec import Meta

from daemon.model.options import FaultsError, Minutes, PolicyOptions

POLICY = "invitations"


class InvitationsOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.invitations]`."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = False
    title: Annotated[str, Meta(min_length=1, description="The title of the slot; it names nobody.")] = "To answer"
    length: Annotated[Minutes, Meta(description="Its length, in the last two hours of a day.")] = Minutes(10)
    most: Annotated[int, Meta(ge=1, le=10, description="So many invitations are named in it.")] = 4
    messages: Annotated[bool, Meta(description="Each with a message to the others, ready to copy.")] = True

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if not Minutes(5) <= self.length <= Minutes(60):
            raise FaultsError({"length": f"{self.length}: it takes 5m to 1h"})
