"""`[policies.preparation]`."""

from typing import Annotated

from msgspec import Meta

from daemon.model.options import FaultsError, Minutes, PolicyOptions

POLICY = "preparation"
SHORTEST, LONGEST = Minutes(15), Minutes(240)


class PreparationOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.preparation]`."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = False
    title: Annotated[str, Meta(min_length=1, description="The title of the time before a meeting.")] = "Prepare"
    per_week: Annotated[
        int, Meta(ge=1, le=10, description="So many meetings of a week are prepared, the weightiest.")
    ] = 2
    length: Annotated[Minutes, Meta(description="Its length, within the two working days before the meeting.")] = (
        Minutes(45)
    )
    shortest: Annotated[Minutes, Meta(description="Its length where that does not fit.")] = Minutes(30)
    titles: Annotated[
        tuple[str, ...] | None,
        Meta(description="Words in titles that make a meeting worth it (3 points); default: words of five languages."),
    ] = None
    questions: Annotated[int, Meta(ge=0, le=3, description="Most questions in it.")] = 2
    after: Annotated[
        Minutes, Meta(description="Time directly after such a meeting for what was decided; 0m for none.")
    ] = Minutes(15)
    after_title: Annotated[str, Meta(min_length=1, description="The title of that.")] = "Afterwards"

    def __post_init__(self) -> None:
        """ValueError for lengths that nothing could have."""
        if not SHORTEST <= self.shortest <= self.length <= LONGEST:
            found = f"{self.length}, shortest = {self.shortest}"
            raise FaultsError(
                {"length": f"{found}: each takes {SHORTEST} to {LONGEST}, and shortest no more than length"}
            )
        if self.after and not Minutes(5) <= self.after <= Minutes(60):
            raise FaultsError({"after": f"{self.after}: it takes 5m to 1h, or 0m for none"})
