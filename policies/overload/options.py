"""What `[policies.overload]` holds: limits, titles, and how much is advised."""

from typing import Annotated

from msgspec import Meta

from daemon.model.options import FaultsError, Minutes, PolicyOptions

POLICY = "overload"


class OverloadOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.overload]`."""

    day_title: Annotated[str, Meta(min_length=1, description="The title of the flag on a full day.")] = "Full day"
    run_title: Annotated[
        str, Meta(min_length=1, description="The title of the flag on a day that has only no break.")
    ] = "No break"
    day_meetings: Annotated[
        Minutes, Meta(description="A day with this much time in meetings is full; 0 is no limit, here and below.")
    ] = Minutes(360)
    day_share: Annotated[
        float, Meta(ge=0, le=1, description="So is one with this part of its working time in meetings.")
    ] = 0.75
    day_run: Annotated[
        Minutes, Meta(description="A day with this long in meetings without a 5-minute break has no break.")
    ] = Minutes(180)
    day_hard: Annotated[
        Minutes, Meta(description="In a week that has a flag, a day has its own only with this much time in meetings,")
    ] = Minutes(420)
    day_run_hard: Annotated[Minutes, Meta(description="or with this long in meetings without a break.")] = Minutes(240)
    week_title: Annotated[str, Meta(min_length=1, description="The title of the flag on a busy week.")] = "Busy week"
    week_meetings: Annotated[Minutes, Meta(description="A week with this much time in meetings is busy.")] = Minutes(
        1200
    )
    week_share: Annotated[
        float, Meta(ge=0, le=1, description="So is one with this part of its working time in meetings.")
    ] = 0.5
    week_after_hours: Annotated[Minutes, Meta(description="So is one with this much meeting time after hours.")] = (
        Minutes(120)
    )
    week_long_blocks: Annotated[
        int, Meta(ge=0, le=20, description="So is one in which meetings leave fewer stretches of 2 hours free.")
    ] = 2
    leave_at: Annotated[
        float,
        Meta(gt=0, le=1, description="A flag goes in the morning of its first day if all is under this part of it."),
    ] = 0.9
    compare_weeks: Annotated[
        int, Meta(ge=0, le=52, description="A week's flag names the median of so many weeks before; 0 for none.")
    ] = 4
    suggestions: Annotated[int, Meta(ge=0, le=10, description="So many meetings a flag names as a way out.")] = 3
    messages: Annotated[bool, Meta(description="Each with a message to the others, ready to copy.")] = True
    protect: Annotated[
        tuple[str, ...], Meta(description="Patterns for titles, or words in titles, of meetings that it leaves alone.")
    ] = ()
    delegates: Annotated[
        tuple[str, ...], Meta(description="Addresses of people who can speak for you where they are invited, too.")
    ] = ()
    questions: Annotated[int, Meta(ge=0, le=3, description="Most questions as busy weeks begin and end.")] = 2
    look_back_title: Annotated[str, Meta(min_length=1, description="The title of the look back after them.")] = (
        "After the busy weeks"
    )
    look_back: Annotated[Minutes, Meta(description="Its length; 0m for none.")] = Minutes(15)

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if self.look_back and not Minutes(5) <= self.look_back <= Minutes(240):
            raise FaultsError({"look_back": f"{self.look_back}: a slot takes 5m to 4h, or 0m for none"})
