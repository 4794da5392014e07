"""What a day or a week comes to, and what it is held against: one way to say it, for flags and for the way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from daemon.model.figures.measure import DayMinutes, long_blocks, longest_run


class Reached(NamedTuple):
    """What some days come to together, as `DayFigures` has it: minutes, and the number of long blocks."""

    meeting: int
    in_hours: int
    after_hours: int
    longest_run: int
    long_blocks: int


def reached(days: Iterable[DayMinutes]) -> Reached:
    """The sums over some days, and the longest run in them."""
    days = tuple(days)
    meeting = sum(g.met.bit_count() for g in days)
    in_hours = sum((g.met & g.working).bit_count() for g in days)
    return Reached(
        meeting=meeting,
        in_hours=in_hours,
        after_hours=meeting - in_hours,
        longest_run=max((longest_run(g.met) for g in days), default=0),
        long_blocks=sum(long_blocks(g.free) for g in days),
    )


class Bounds(Struct, frozen=True, kw_only=True):
    """Minutes that some days together must not reach, None for no such bound; `long_blocks`: the least number."""

    meeting: int | None = None
    in_hours: int | None = None
    after_hours: int | None = None
    longest_run: int | None = None
    long_blocks: int = 0

    def broken(self, by: Reached) -> tuple[str, ...]:
        """The names of the bounds that are not kept."""
        ceilings = (name for name in self.__struct_fields__ if name != "long_blocks")
        over = tuple(
            name for name in ceilings if (most := getattr(self, name)) is not None and getattr(by, name) >= most
        )
        return (*over, "long_blocks") if by.long_blocks < self.long_blocks else over
