"""What policies add to a report: facts, which the report puts into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from msgspec import Struct, field

from daemon.model.times import Week


class Limits(Struct, frozen=True, kw_only=True):
    """What a day and a week are held against: minutes in meetings, 0 for no limit.

    `share`: of a week's working time.  `long_blocks`: the stretches of two hours that a week needs free.
    """

    day: int = 0
    week: int = 0
    after_hours: int = 0
    share: float = 0.0
    long_blocks: int = 0


class NotMet(Struct, frozen=True, kw_only=True):
    """Somebody whom the user wants to meet every so many days, and has not.  None: not known, or nothing is agreed."""

    name: str
    every: int
    last: date | None = None
    next: date | None = None


class Aim(Struct, frozen=True):
    """What the user set out to do in a week, and whether it landed: None while they say nothing of that."""

    week: Week
    words: str
    landed: bool | None


class Quote(Struct, frozen=True):
    """Words of the user's own, in quotation marks, and the day of which they wrote them."""

    day: date
    words: str


class Told(Struct, frozen=True, kw_only=True):
    """What one policy has to tell of some weeks, or all of them together.

    `goals`: minutes of focus that it wants in a week, as much less as the user is not there.  `over`: the limits that a
    week breaks, each in words: '26 h 30 in meetings (limit 20 h)'.
    """

    goals: Mapping[Week, int] = field(default_factory=dict)
    limits: Limits | None = None
    over: Mapping[Week, tuple[str, ...]] = field(default_factory=dict)
    not_met: tuple[NotMet, ...] = ()
    aims: tuple[Aim, ...] = ()
    words: tuple[Quote, ...] = ()


class WeekPage(Struct, frozen=True):
    """A page on a week that should lie in a folder by now, written at `since` or later."""

    folder: str
    week: Week
    since: datetime

    @property
    def name(self) -> str:
        """The file."""
        return page_name(self.week)


def page_name(week: Week) -> str:
    """'unbusy-2026-W49.html'."""
    return f"unbusy-{week.key}.html"


def together(parts: Iterable[Told]) -> Told:
    """What several have to tell; of several limits the first."""
    rows = tuple(parts)
    weeks = {week: None for row in rows for week in (*row.goals, *row.over)}
    return Told(
        goals={week: sum(row.goals.get(week, 0) for row in rows) for week in weeks},
        limits=next((row.limits for row in rows if row.limits), None),
        over={week: tuple(said for row in rows for said in row.over.get(week, ())) for week in weeks},
        not_met=tuple(one for row in rows for one in row.not_met),
        aims=tuple(sorted((aim for row in rows for aim in row.aims), key=lambda a: a.week)),
        words=tuple(sorted((quote for row in rows for quote in row.words), key=lambda q: q.day)),
    )
