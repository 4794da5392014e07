"""What the quarterly review says of habits: in how many of the last weeks there was one; no other history is shown."""

from __future__ import annotations

from datetime import date

from daemon.model.owner import Wish
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, Week, week_of
from daemon.model.words import listed, quoted
from policies.habits.options import HabitsOptions
from policies.habits.policy import POLICY
from policies.habits.presets import Habit

WEEKS = 6
"""As far back as events of ours are in sight."""


def had(snapshot: Snapshot, options: HabitsOptions, on: date) -> tuple[str, ...]:
    """'Of the last 6 weeks 3 had ‘Walk’ and 5 ‘Reading’.'; () where there is nothing to say.

    Weeks of absence are left out; a habit that no week had is not named.
    """
    this = week_of(on, snapshot.profile.week_starts)
    before = [Week(this.first - n * 7 * DAY) for n in range(1, WEEKS + 1)]
    there = [week for week in before if any(snapshot.present(d) for d in week.days)]
    counts = [(habit, sum(_had(snapshot, habit, week) for week in there)) for habit in options.habits]
    parts = [f"{count} had {quoted(h.title)}" if n == 0 else f"{count} {quoted(h.title)}"
             for n, (h, count) in enumerate((h, c) for h, c in counts if c)]  # fmt: skip
    return (f"Of the last {len(there)} weeks {listed(parts)}.",) if parts and len(there) > 1 else ()


def _had(snapshot: Snapshot, habit: Habit, week: Week) -> bool:
    """Whether one of it stood in a week and no meeting was over it, or the user says that it was kept."""
    span = week.span(snapshot.zone)
    mine = (o for o in snapshot.in_role(Role.HABIT) if _is_of(o.wish, habit) and o.event.span.overlaps(span))
    return any(o.done or not _is_over(snapshot, o) for o in mine)


def _is_of(wish: Wish, habit: Habit) -> bool:
    return wish.policy == POLICY and wish.key.startswith(f"{habit.name}/")


def _is_over(snapshot: Snapshot, own: OwnEvent) -> bool:
    return any(own.event.span.overlaps(e.span) for e in snapshot.meetings)
