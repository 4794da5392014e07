"""Spells of busy weeks: which week begins one, which rises above what has become usual in it, and which ends it.

All is read off the calendar of the lookback, so that no flag needs to stand for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import EventRef
from daemon.model.figures.measure import DayMinutes
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week, minutes_of
from policies.overload.bounds import reached
from policies.overload.options import OverloadOptions
from policies.overload.spans import Span, week_span

RISE = 1.25
"""In a spell a week has a flag only with so many times the usual time in meetings."""
USUAL = 4
"""What is usual is the median of so many weeks."""


class Weeks(Struct, frozen=True, dict=True):
    """The weeks of a window as far as they tell something: those that are over, and those to be judged."""

    snapshot: Snapshot
    options: OverloadOptions

    @cached_property
    def past(self) -> tuple[Week, ...]:
        """Those that are over, and in which the user was there for half the working time or more."""
        snapshot, weeks = self.snapshot, self.snapshot.all_weeks
        whole = (w for w in weeks if w < snapshot.this_week and w.span(snapshot.zone).start >= snapshot.window.start)
        return tuple(week for week in whole if self._there(week))

    def span(self, week: Week) -> Span:
        """A week with its limits; measured once."""
        if week not in self._spans:
            self._spans[week] = week_span(self.snapshot, self.options, week)
        return self._spans[week]

    @cached_property
    def _spans(self) -> dict[Week, Span]:
        return {}

    def _there(self, week: Week) -> bool:
        working = sum(minutes_of(self.snapshot.working(day)) for day in week.days)
        return 2 * self.span(week).working >= working

    def usual(self, count: int = USUAL, before: Week | None = None) -> tuple[int, tuple[Week, ...]]:
        """The median of the minutes in meetings of so many weeks that are over, and which they were."""
        weeks = tuple(w for w in self.past if before is None or w < before)[-count:] if count else ()
        return (int(_median(self.span(w).figures.meeting for w in weeks)) if weeks else 0), weeks

    def before(self, week: Week) -> tuple[Week, ...]:
        """The weeks of the spell that goes on into a week, () where none does.

        Only a week that is over can end a spell: a running one may still fill up.
        """
        spell: list[Week] = []
        for each in self._until(week):
            span = self.span(each)
            if span.over or (spell and (each not in self.past or not span.calm)):
                spell.append(each)
            elif each in self.past:
                spell.clear()
        return tuple(spell)

    def _until(self, week: Week) -> Iterator[Week]:
        yield from (w for w in self.past if w < week)
        if self.snapshot.this_week < week:
            yield self.snapshot.this_week

    def speaks(self, week: Week) -> bool:
        """Whether a week is worth a flag: the first of a spell, or one that rises above what is usual."""
        if not self.span(week).over:
            return False
        return self._rises(week) or (not self.before(week) and self._fresh(week, self._until(week)))

    def counts(self, spell: Iterable[Week]) -> bool:
        """Whether weeks that are over were more than the same standing series, each week."""
        return any(self._rises(week) or self._fresh(week, (w for w in self.past if w != week)) for week in spell)

    def _rises(self, week: Week) -> bool:
        """Above the weeks that are over, and above the running one among them: what that holds by now is usual, too.

        By its evenings, where nothing else is over its limit.
        """
        _, weeks = self.usual(before=week)
        running = [w for w in (self.snapshot.this_week,) if w < week and w not in weeks and self._there(w)]
        by = "after_hours" if self.span(week).over == ("after_hours",) else "meeting"
        rows = [getattr(self.span(w).figures, by) for w in (*weeks, *running)]
        usual = max(_median(rows[: len(weeks)]), _median(rows[-USUAL:])) if weeks else 0
        return bool(weeks) and getattr(self.span(week).figures, by) >= RISE * usual

    def _fresh(self, week: Week, others: Iterable[Week]) -> bool:
        """Whether it breaks a limit otherwise than by the series that break it in another week, too."""
        rest = tuple(others)
        return not all(any(self._alike(week, w, limit) for w in rest) for limit in self.span(week).over)

    def _alike(self, week: Week, other: Week, limit: str) -> bool:
        both = self._series(week) & self._series(other)
        return bool(both) and self._breaks(week, limit, both) and self._breaks(other, limit, both)

    def _series(self, week: Week) -> frozenset[str]:
        return frozenset(e.ref.uid for grid in self.span(week).days for e, _ in grid.meetings if e.series)

    def _breaks(self, week: Week, limit: str, series: frozenset[str]) -> bool:
        """Whether a week would break a limit if it had these series alone."""
        span = self.span(week)
        return limit in span.limits.broken(reached(_only(grid, series) for grid in span.days))


def _only(grid: DayMinutes, series: frozenset[str]) -> DayMinutes:
    def stays(ref: EventRef) -> bool:
        return ref.uid in series

    return replace(grid, meetings=tuple((e, m) for e, m in grid.meetings if stays(e.ref)))


def _median(values: Iterable[int]) -> float:
    """Of one or more; `statistics` brings in fractions and decimals, which every start would pay for."""
    ranked = sorted(values)
    return (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
