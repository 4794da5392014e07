"""What keeps a block of focus away in a week, as far as its options say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daemon.model.figures.told import Told
from daemon.model.proposal import BlockLimits, Level, Option, Role, Switch
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week, minus, minutes_of
from policies.focus.options import SLOT, FocusOptions
from policies.focus.owed import goal_of, owed, rests, windows
from policies.focus.showing import is_light

ALWAYS = 7 * 24 * 60


def limits(snapshot: Snapshot, options: FocusOptions, week: Week) -> BlockLimits:
    """As `PolicyKind.explain` has it."""
    return BlockLimits(
        role=Role.FOCUS,
        level=Level.FOCUS,
        owed=owed(snapshot, options.weekly_goal, week),
        goal=Option("weekly_goal", options.weekly_goal),
        goals=lambda: _goals(snapshot, options.weekly_goal, week),
        shortest=Option("block.min", options.shortest),
        ideal=options.block.ideal,
        per_day=Option("per_day", options.per_day),
        buffer=Option("buffer", options.buffer),
        prefer="prefer",
        preferred=options.prefer.spans,
        switches=tuple(_switches(snapshot, options, week)),
        may_help=tuple(_light(snapshot, options, week)),
    )


def tell(snapshot: Snapshot, options: FocusOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it: none before unbusy came."""
    return Told(goals={week: goal_of(snapshot, options.weekly_goal, week) for week in weeks})


def _goals(snapshot: Snapshot, goal: int, week: Week) -> Iterator[int]:
    """Larger goals, up to one that owes all free time of the week, and twice what it is now in any case."""
    free = minutes_of(minus((r for d in week.days for r in snapshot.present(d)), snapshot.busy))
    for more in range(goal + SLOT, ALWAYS + 1, SLOT):
        yield more
        if more >= 2 * goal and owed(snapshot, more, week) >= free:
            return


def _light(snapshot: Snapshot, options: FocusOptions, week: Week) -> Iterator[Switch]:
    """One a day, where there is room enough for more."""
    if is_light(snapshot, options, week):
        because = f"week {week.key} has room enough, and in such a week a day gets one block"
        yield Switch("show_as", "tentative", because, "set `show_as` to tentative or busy")


def _switches(snapshot: Snapshot, options: FocusOptions, week: Week) -> Iterator[Switch]:
    """The mode, where it rests in a week in which a larger goal would bring blocks."""
    room = owed(snapshot, ALWAYS, week) and windows(snapshot, week)
    if room and rests(snapshot, options, week):
        because = f"focus acts only in a week that fills up, and week {week.key} has not"
        yield Switch("mode", "goal", because, "set `mode` to goal")
