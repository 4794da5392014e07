"""`[policies.advisors]`."""

from typing import Annotated

from msgspec import Meta

from daemon.model.options import Cadence, FaultsError, Minutes, PolicyOptions

POLICY = "advisors"

LUNCHES = ("lunch*", "dinner*", "mittag*", "déjeuner*", "almuerzo*", "obiad*")


class AdvisorsOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.advisors]`."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = False
    title: Annotated[str, Meta(min_length=1, description="The title; it names nobody.")] = "Before your 1:1s"
    length: Annotated[Minutes, Meta(description="Its length, before the first 1:1 of a day.")] = Minutes(10)
    titles: Annotated[
        tuple[str, ...] | None,
        Meta(description="Words in titles of 1:1s that are in no series; default: words of five languages."),
    ] = None
    not_titles: Annotated[tuple[str, ...], Meta(description="Words in titles of meetings of two that are none.")] = (
        LUNCHES
    )
    notes: Annotated[bool, Meta(description="Whether it quotes what you noted before the last one.")] = False
    advice: Annotated[bool, Meta(description="Whether it asks you to ask one of them for advice.")] = True
    drift: Annotated[
        Cadence, Meta(description="The weekly review names whom you have not met for so long, while both were there.")
    ] = Cadence(21)

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if not Minutes(5) <= self.length <= Minutes(60):
            raise FaultsError({"length": f"{self.length}: it takes 5m to 1h"})
