"""Time to think slowly: a weekly goal, held in blocks at the times that the user prefers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from daemon.model.event import ShowAs
from daemon.model.options import ClockRanges, FaultsError, Minutes, Options, PolicyOptions
from daemon.model.proposal import Blocks, Content, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, local_day
from daemon.model.titles.patterns import FOCUS_TITLES
from daemon.model.user.command import Command
from daemon.model.words import TITLE, cited, day, hours, one_line
from policies.focus.owed import POLICY, asked, missing, named, owed, room, windows

SLOT = 15
"""Minutes: no block is shorter."""
LATELY = timedelta(days=7)
QUESTIONS = ("Where did you stop?", "What is the very next step?")


class BlockOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long one block is."""

    min: Annotated[Minutes, Meta(description="No block is shorter; free gaps under this are of no use.")] = Minutes(60)
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


def propose(snapshot: Snapshot, options: FocusOptions) -> tuple[Want, ...]:
    """One want for each week that still owes focus time and has working time left; its key is the week's.

    And one for what the user asked for by name, in the week of its last day.
    """
    wants = (_want(snapshot, options, week) for week in snapshot.weeks)
    asked_for = (_named(snapshot, options, c, week) for week in snapshot.weeks for c in named(snapshot, week))
    return tuple(want for want in (*wants, *asked_for) if want)


def _named(snapshot: Snapshot, options: FocusOptions, command: Command, week: Week) -> Want | None:
    total = missing(snapshot, command)
    until = DateRange(command.by, command.by + DAY).span(snapshot.zone).end
    spans = tuple(TimeRange(s.start, min(s.end, until)) for s in windows(snapshot, week) if s.start < until)
    if total < SLOT or not spans:
        return None
    shortest, ideal, longest = (min(total, int(n)) for n in (options.block.min, options.block.ideal, options.block.max))
    blocks = Blocks(
        week=week, total=total, shortest=shortest, ideal=ideal, longest=longest, per_day=int(options.per_day),
        windows=spans, prefer=_preferred(snapshot, options, week), buffer=int(options.buffer),
    )  # fmt: skip
    what = one_line(command.what, TITLE)
    content = Content(
        title=f"{options.title}: {what}" if what else options.title,
        reason=f"You asked for {hours(command.minutes)} of this by {day(command.by)}.",
        questions=QUESTIONS,
        opening=_opening(snapshot),
        show_as=ShowAs.TENTATIVE if options.show_as == "auto" else ShowAs(options.show_as),
        busy_within=int(options.busy_within) if options.show_as == "auto" else None,
        reminder=None if options.reminder is None else int(options.reminder),
        focus=True,
    )
    return Want(policy=POLICY, key=command.key, content=content, when=blocks, level=Level.NAMED)


def _want(snapshot: Snapshot, options: FocusOptions, week: Week) -> Want | None:
    total = owed(snapshot, options.weekly_goal, week)
    spans = windows(snapshot, week)
    free = room(snapshot, spans, shortest=options.block.min, buffer=options.buffer)
    rests = options.mode == "scarce" and free >= options.scarce_below and not asked(snapshot, week)
    if not total or not spans or rests:
        return None
    blocks = Blocks(
        week=week,
        total=total,
        shortest=int(options.block.min),
        ideal=int(options.block.ideal),
        longest=int(options.block.max),
        per_day=int(options.per_day),
        windows=spans,
        prefer=_preferred(snapshot, options, week),
        buffer=int(options.buffer),
    )
    content = Content(
        title=options.title,
        reason=_reason(options, week),
        questions=QUESTIONS,
        opening=_opening(snapshot),
        show_as=_show_as(options, free / total),
        busy_within=int(options.busy_within) if options.show_as == "auto" else None,
        reminder=None if options.reminder is None else int(options.reminder),
        focus=True,
    )
    return Want(policy=POLICY, key=week.key, content=content, when=blocks, level=Level.FOCUS)


def _preferred(snapshot: Snapshot, options: FocusOptions, week: Week) -> tuple[TimeRange, ...]:
    return tuple(span for day in week.days for span in options.prefer.on(day, snapshot.zone))


def _opening(snapshot: Snapshot) -> str:
    """What the user wrote on the last block that is over, of those in the week before."""
    over = (own for own in snapshot.own(POLICY) if LATELY > snapshot.now - own.event.span.end >= timedelta())
    for own in sorted(over, key=lambda own: own.event.span, reverse=True):
        if words := cited(snapshot.answers.get(own.wish, "")):
            return f"On {day(local_day(own.event.span.start, snapshot.zone))} you wrote: {words}"
    return ""


def _show_as(options: FocusOptions, slack: float) -> ShowAs:
    """The less slack (room over what is owed), the harder the time is defended."""
    if options.show_as != "auto":
        return ShowAs(options.show_as)
    if slack < options.busy_below:
        return ShowAs.BUSY
    return ShowAs.TENTATIVE if slack < options.tentative_below else ShowAs.FREE


def _reason(options: FocusOptions, week: Week) -> str:
    """Why there is such a block in that week; without the goal, so that another goal rewrites no block that stays."""
    name = f"week {int(week.key[-2:])}"
    better = f" Preferred times: {options.prefer.replace(',', ', ')}." if options.prefer else ""
    if options.mode == "scarce":
        scarce = f"Free time for focus in {name} fell under {hours(options.scarce_below)}"
        return f"{scarce}, so time to think is held here.{better}"
    return f"Time to think, held for your focus goal of {name}.{better}"
