"""`[policies.objectives]`."""

from typing import Annotated, Literal

from msgspec import Meta

from daemon.model.options import PolicyOptions

POLICY = "objectives"


class ObjectivesOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.objectives]`."""

    title: Annotated[bool, Meta(description="Whether the focus blocks of its week carry the objective as title.")] = (
        True
    )
    ask: Annotated[
        Literal["review", "monday", "off"],
        Meta(description="Who asks for it: the weekly review, then the first focus block; that block alone; nobody."),
    ] = "review"
