"""How blocks are shown, and whether a week is light or fills.

What protects must be seen: where a week fills, blocks are tentative, and the first two of a week are busy, as is one
that was booked over and moved.  If all were busy as their time came near, the leader would have a tenth more, and
colleagues put meetings off by a tenth more days (docs/calendar.md has the figures).  Where there is room enough anyway,
blocks are free.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.event import ShowAs
from daemon.model.owner import Field
from daemon.model.proposal import Showing
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, Week, minutes_of, week_of
from policies.focus.options import FocusOptions
from policies.focus.owed import asked, room

STRETCH = 120
"""Minutes from which a stretch without meetings counts."""
PAST_WEEKS = 4
LIGHT = 2.5
"""A week is light where the last ones left so many times the goal in such stretches."""
BUSY_FIRST = 2
"""So many blocks of a week are busy at once."""
BUSY_WITHIN_OF_NAMED, BUSY_WITHIN_OF_OLD = 14 * 24 * 60, 24 * 60
"""Minutes before its start from which a block is busy that was asked for by name, and one by the rules of 0.1."""


def is_light(snapshot: Snapshot, options: FocusOptions, week: Week) -> bool:
    """Whether a week has room enough: as its blocks that stand say, else as the last weeks were.

    So a week that has been treated as one of them stays that, whatever else is lost or forgotten.
    """
    if options.show_as != "auto" or options.below:
        return False
    treated = {_is_light(own) for own in asked(snapshot, week) if not own.old}
    if treated:
        return treated == {True}
    past = list(_past(snapshot))
    return bool(past) and sum(past) >= LIGHT * options.weekly_goal * len(past)


def _is_light(block: OwnEvent) -> bool:
    """Whether it was made in a light week; one that lost its place elsewhere is free, too, but was not before."""
    return block.mark.base[Field.SHOW_AS] == ShowAs.FREE and not block.mark.shows


def _past(snapshot: Snapshot) -> Iterator[float]:
    """Of the last whole weeks in which the user was there for half of the time: minutes in stretches, as of a full one.

    Ours do not count: as if they had not been there.
    """
    for n in range(1, PAST_WEEKS + 1):
        week = week_of(snapshot.this_week.first - 7 * n * DAY, snapshot.profile.week_starts)
        there = [r for d in week.days for r in snapshot.present(d)]
        whole, present = minutes_of(r for d in week.days for r in snapshot.working(d)), minutes_of(there)
        if week.span(snapshot.zone).start >= snapshot.window.start and whole and 2 * present >= whole:
            yield room(snapshot, there, shortest=STRETCH, buffer=0) * whole / present


def shown(snapshot: Snapshot, options: FocusOptions, week: Week, slack: float) -> tuple[ShowAs, Showing | None]:
    """How the blocks of a week are shown when they are made, and what may become of that.

    `slack`: the room over what is owed, by which 0.1 went; who has set its bounds keeps them.
    """
    if options.show_as != "auto":
        return ShowAs(options.show_as), None
    if options.below:
        return _by_slack(options, slack), hardening(options)
    return (ShowAs.FREE, Showing()) if is_light(snapshot, options, week) else (ShowAs.TENTATIVE, hardening(options))


def hardening(options: FocusOptions, *, named: bool = False) -> Showing:
    """What may become of a block that colleagues might take; `named`: the user asked for it."""
    within = options.busy_within
    if options.below:
        return Showing(busy_within=BUSY_WITHIN_OF_OLD if within is None else int(within))
    by_default = BUSY_WITHIN_OF_NAMED if named else None
    return Showing(
        busy_within=by_default if within is None else int(within), busy_first=0 if named else BUSY_FIRST, by_fate=True
    )


def _by_slack(options: FocusOptions, slack: float) -> ShowAs:
    """The less slack, the harder the time is defended."""
    if options.below and slack < options.below.busy:
        return ShowAs.BUSY
    return ShowAs.TENTATIVE if options.below and slack < options.below.tentative else ShowAs.FREE
