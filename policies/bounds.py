"""What a day or a week comes to, and what it is held against: one way to say it, for flags and for the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import NamedTuple

from daemon.model.measure import Grid, figures


class Reached(NamedTuple):
    """What some days come to together, as `DayFigures` has it: minutes, and the number of long blocks."""

    meeting: int
    in_hours: int
    after_hours: int
    longest_run: int
    long_blocks: int


def reached(days: Iterable[Grid]) -> Reached:
    """The sums over some days, and the longest run in them."""
    rows = [figures(grid) for grid in days]
    return Reached(
        meeting=sum(row.meeting for row in rows),
        in_hours=sum(row.in_hours for row in rows),
        after_hours=sum(row.after_hours for row in rows),
        longest_run=max((row.longest_run for row in rows), default=0),
        long_blocks=sum(row.long_blocks for row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Minutes that some days together must not reach, None for no such bound; `long_blocks`: the least number."""

    meeting: int | None = None
    in_hours: int | None = None
    after_hours: int | None = None
    longest_run: int | None = None
    long_blocks: int = 0

    def broken(self, by: Reached) -> tuple[str, ...]:
        """The names of the bounds that are not kept."""
        ceilings = (f.name for f in fields(self) if f.name != "long_blocks")
        over = tuple(
            name for name in ceilings if (most := getattr(self, name)) is not None and getattr(by, name) >= most
        )
        return (*over, "long_blocks") if by.long_blocks < self.long_blocks else over
