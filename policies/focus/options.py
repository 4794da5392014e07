"""`[policies.focus]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from daemon.model.options import ClockRanges, FaultsError, Minutes, Options, PolicyOptions
from daemon.model.protocols import ByHand
from daemon.model.titles.patterns import FOCUS_TITLES

SLOT = 15
"""Minutes: no block is shorter."""


class BlockOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long one block is."""

    min: Annotated[Minutes, Meta(description="No block is shorter; free gaps under this are of no use.")] = Minutes(120)
    ideal: Annotated[Minutes, Meta(description="The length that is aimed at.")] = Minutes(120)
    max: Annotated[Minutes, Meta(description="No block is longer.")] = Minutes(180)

    def __post_init__(self) -> None:
        """ValueError for lengths that no block could have."""
        if not Minutes(SLOT) <= self.min <= self.ideal <= self.max:
            found = f"{self.min}, ideal = {self.ideal}, max = {self.max}"
            valid = "each must be at least as long as the one before it, and min at least 15m"
            raise FaultsError({"min": f"{found}: {valid}"})


class FocusOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.focus]`."""

    title: Annotated[str, Meta(min_length=1, description="The title of the blocks.")] = "Focus"
    weekly_goal: Annotated[Minutes, Meta(description="Focus time a week; days away lower it in proportion.")] = Minutes(
        480
    )
    block: Annotated[BlockOptions, Meta(description="Lengths of one block.")] = BlockOptions()
    prefer: Annotated[
        ClockRanges, Meta(description="Better times of the day: one span or a list of them; [] for none.")
    ] = ClockRanges("09:00-12:00")
    per_day: Annotated[Minutes, Meta(description="Most focus time on one day.")] = Minutes(240)
    buffer: Annotated[Minutes, Meta(description="Kept free between a block and a meeting.")] = Minutes(0)
    mode: Annotated[
        Literal["goal", "scarce"],
        Meta(description="'goal' holds the weekly goal at once; 'scarce' only in a week that fills up."),
    ] = "goal"
    scarce_below: Annotated[
        Minutes, Meta(description="Mode 'scarce' acts when the time that is free for focus this week falls under this.")
    ] = Minutes(600)
    show_as: Annotated[
        Literal["auto", "free", "tentative", "busy"],
        Meta(description="How others see a block; 'auto' hardens from free to busy as the week fills up."),
    ] = "auto"
    tentative_below: Annotated[
        float, Meta(ge=0, description="Auto: tentative when there is less room than this many times what is owed.")
    ] = 3.0
    busy_below: Annotated[
        float, Meta(ge=0, description="Auto: busy when there is less room than this many times what is owed.")
    ] = 1.5
    busy_within: Annotated[Minutes, Meta(description="Auto: busy from this long before the start.")] = Minutes(1440)
    reminder: Annotated[Minutes | None, Meta(description="A reminder this long before the start; none if not set.")] = (
        None
    )
    titles: Annotated[
        tuple[str, ...],
        Meta(description="Titles of focus blocks that you made by hand: they count and stay untouched."),
    ] = FOCUS_TITLES
    categories: Annotated[tuple[str, ...], Meta(description="Categories that mark such blocks.")] = (
        "focus",
        "deep work",
    )

    def __post_init__(self) -> None:
        """ValueError for numbers that contradict each other."""
        if self.per_day < self.block.min:
            raise FaultsError({"per_day": f"{self.per_day} has no room for a block; make it at least {self.block.min}"})
        if self.busy_below > self.tentative_below:
            found = f"{self.busy_below} must be at most tentative_below = {self.tentative_below}"
            raise FaultsError({"busy_below": found})


def check(options: FocusOptions, working: int) -> Iterator[tuple[str, str]]:
    """The week has room for its goal; `working`: minutes of working time in it."""
    if options.enabled and options.weekly_goal > working:
        found = f"{options.weekly_goal} is more than the {Minutes(working)} of working_hours in a week"
        yield "weekly_goal", f"{found}; lower the goal, or switch focus off"


def by_hand(options: FocusOptions) -> ByHand:
    """How focus blocks of the user's own are known."""
    return ByHand(options.titles, options.categories)
