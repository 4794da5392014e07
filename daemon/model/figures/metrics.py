"""What a day and a week are made of, in minutes.  Measured the same way for flags, reports, prompts and the demo."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from daemon.model.times import Week


class DayFigures(Struct, frozen=True, kw_only=True):
    """One day.  All figures are minutes but the counts `fragments`, `breaks`, `switches` and `long_blocks`.

    `working`: working time in which the user is there.  `meeting`: in meetings, double bookings once, wherever in
    the day.  `in_hours`: the part of it inside `working`.  `longest_run`: from the start of a meeting to the end of
    the last one that follows without a gap of 5 minutes.  `breaks`: gaps of 5 minutes and more between meetings
    inside working time.  `fragments`: free gaps under 60 minutes inside working time.  `after_hours`: meeting time
    outside working time.  `focus_booked`: focus time of ours and hand-made.  `focus_kept`: the part of it that is
    free of meetings.  `switches`: changes of topic from one meeting to the next.  `long_blocks`: stretches of 120
    minutes inside working time, free of meetings and other foreign busy time (focus blocks, ours or hand-made, count as
    such stretches); a stretch of 240 minutes counts twice.
    """

    day: date
    working: int = 0
    meeting: int = 0
    in_hours: int = 0
    longest_run: int = 0
    breaks: int = 0
    fragments: int = 0
    after_hours: int = 0
    focus_booked: int = 0
    focus_kept: int = 0
    switches: int = 0
    long_blocks: int = 0

    @property
    def share(self) -> float:
        """The part of the working time that meetings take, 0.0 on a day off."""
        return self.in_hours / self.working if self.working else 0.0


class WeekFigures(Struct, frozen=True, kw_only=True):
    """One week, by its days.  `long_blocks`: those of its days."""

    week: Week
    days: tuple[DayFigures, ...] = ()
    long_blocks: int = 0

    def total(self, name: str) -> int:
        """The sum over its days of a figure in minutes or of a count."""
        return sum(getattr(d, name) for d in self.days)

    @property
    def share(self) -> float:
        """The part of the week's working time that meetings take."""
        working = self.total("working")
        return self.total("in_hours") / working if working else 0.0


class Metrics(Struct, frozen=True):
    """The days and weeks of a snapshot, as `plan --json` prints them."""

    days: tuple[DayFigures, ...] = ()
    weeks: tuple[WeekFigures, ...] = ()
