"""`[policies.focus]`."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

from daemon.model.options import ClockRanges, FaultsError, Minutes, Options, PolicyOptions
from daemon.model.protocols import ByHand
from daemon.model.titles.patterns import FOCUS_TITLES

SLOT = 15
"""Minutes: no block is shorter."""

USUAL = Minutes(120)
"""The least of a block, where nothing is said of it."""


Ratio = Annotated[float, Meta(ge=0)]


class Below(NamedTuple):
    """Room over what is owed, under which a block is tentative, and busy."""

    tentative: float
    busy: float


class BlockOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long one block is."""

    min: Annotated[
        Minutes | None,
        Meta(description="No block is shorter; if not set: 2h, or less where others are less."),
    ] = None
    ideal: Annotated[Minutes, Meta(description="The length that is aimed at.")] = Minutes(120)
    max: Annotated[Minutes, Meta(description="No block is longer.")] = Minutes(180)

    def __post_init__(self) -> None:
        """ValueError for lengths that no block could have."""
        least, key = (self.ideal, "ideal") if self.min is None else (self.min, "min")
        if not Minutes(SLOT) <= least <= self.ideal <= self.max:
            found = [str(least), f"ideal = {self.ideal}" * (key == "min"), f"max = {self.max}"]
            valid = f"each must be at least as long as the one before it, and {key} at least 15m"
            raise FaultsError({key: f"{', '.join(filter(None, found))}: {valid}"})


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
    slack: Annotated[
        Minutes, Meta(description="So much of a day's working time is left free of meetings and blocks.")
    ] = Minutes(0)
    mode: Annotated[
        Literal["goal", "scarce"],
        Meta(description="'goal' holds the weekly goal at once; 'scarce' only in a week that fills up."),
    ] = "goal"
    scarce_below: Annotated[
        Minutes, Meta(description="Mode 'scarce' acts when the time that is free for focus this week falls under this.")
    ] = Minutes(600)
    show_as: Annotated[
        Literal["auto", "free", "tentative", "busy"],
        Meta(description="How others see a block; 'auto': free in a week with room enough, else tentative, some busy."),
    ] = "auto"
    busy_within: Annotated[
        Minutes | None, Meta(description="Auto: busy from this long before the start; not by time if not set.")
    ] = None
    tentative_below: Annotated[
        Ratio | None, Meta(description="As in 0.1: tentative when there is less room than so many times what is owed.")
    ] = None
    busy_below: Annotated[
        Ratio | None, Meta(description="As in 0.1: busy when there is less room than so many times what is owed.")
    ] = None
    visible: Annotated[
        bool, Meta(description="New blocks are not private: colleagues read their title, and they ask nothing.")
    ] = False
    landing: Annotated[
        Minutes, Meta(description="Time to come back in after three working days away and more; 0m for none.")
    ] = Minutes(90)
    landing_title: Annotated[str, Meta(min_length=1, description="Its title.")] = "Landing"
    handover: Annotated[
        Minutes, Meta(description="Time to hand over on the last day before such an absence; 0m for none.")
    ] = Minutes(30)
    handover_title: Annotated[str, Meta(min_length=1, description="Its title.")] = "Handover"
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
        if self.per_day < self.shortest:
            raise FaultsError({"per_day": f"{self.per_day} has no room for a block; make it at least {self.shortest}"})
        below = self.below
        if below and below.busy > below.tentative:
            found = f"{below.busy} must be at most tentative_below = {below.tentative}"
            raise FaultsError({"busy_below": found})

    @property
    def shortest(self) -> Minutes:
        """How long a block is at least."""
        if self.block.min is not None:
            return self.block.min
        return max(Minutes(SLOT), min(USUAL, self.block.ideal, self.block.max, self.per_day))

    @property
    def below(self) -> Below | None:
        """The bounds by which 0.1 showed blocks, where the user has set one of them."""
        given = (self.tentative_below, self.busy_below)
        tentative, busy = (was if n is None else n for n, was in zip(given, (3.0, 1.5), strict=True))
        return None if given == (None, None) else Below(tentative, busy)


def check(options: FocusOptions, working: int) -> Iterator[tuple[str, str]]:
    """The week has room for its goal; `working`: minutes of working time in it."""
    if options.enabled and options.weekly_goal > working:
        found = f"{options.weekly_goal} is more than the {Minutes(working)} of working_hours in a week"
        yield "weekly_goal", f"{found}; lower the goal, or switch focus off"


def by_hand(options: FocusOptions) -> ByHand:
    """How focus blocks of the user's own are known."""
    return ByHand(options.titles, options.categories)
