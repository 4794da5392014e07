"""What really stands in the leader's calendars: meetings, holds and absences, in memory and as .ics files (RFC 5545).

Without a folder it is the calendar of a leader without unbusy, and nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from simulate.calendars.ics import absence, series, single, written
from simulate.people import Country

WORK, PRIVATE = "Work", "Private"


@dataclass(slots=True, kw_only=True)
class Meeting:
    """One occurrence, within one day; without others it is a hold of the leader's own.

    `series`: the UID that it shares with others, and `origin` where that series has it.  `on`: false once it is
    cancelled or `declined`.
    """

    uid: str
    title: str
    day: date
    start: int
    end: int
    made: datetime
    others: int = 0
    mine: bool = False
    optional: bool = False
    calendar: str = WORK
    series: str = ""
    origin: tuple[date, int] = (date.min, 0)
    on: bool = True
    declined: bool = False

    @property
    def minutes(self) -> int:
        """Its length."""
        return self.end - self.start

    @property
    def begins(self) -> datetime:
        """Its start, as local wall time."""
        return datetime.combine(self.day, time()) + timedelta(minutes=self.start)


@dataclass(slots=True, kw_only=True)
class Calendar:
    """Everything that the leader has; `folder` holds a folder for each calendar, `zone` is where its times are.

    `private`: the folder that holds that of their private calendar.
    """

    zone: str
    folder: Path | None = None
    private: Path | None = None
    days: dict[date, list[Meeting]] = field(default_factory=lambda: defaultdict(list))
    absent: dict[date, str] = field(default_factory=dict)
    _series: dict[str, tuple[int, int, list[Meeting]]] = field(default_factory=dict)
    """By UID: the weeks from one to the next, the length, and each meeting."""

    def on(self, day: date) -> list[Meeting]:
        """What takes time on a day."""
        return [m for m in self.days.get(day, ()) if m.on]

    def all(self) -> Iterator[Meeting]:
        """Everything that takes time, by day and start."""
        for day in sorted(self.days):
            yield from sorted(self.on(day), key=lambda m: (m.start, m.end, m.uid))

    def add(self, meeting: Meeting) -> None:
        """Book a single one."""
        self.days[meeting.day].append(meeting)
        self._write(meeting)

    def add_series(self, meetings: Sequence[Meeting], every: int) -> None:
        """Book the meetings of one series, in order; each stands where the series has it."""
        for m in meetings:
            m.origin = (m.day, m.start)
            self.days[m.day].append(m)
        first = meetings[0]
        self._series[first.series] = (every, first.minutes, list(meetings))
        self._write(first)

    def cancel(self, meeting: Meeting) -> None:
        """It is called off by whoever made it."""
        meeting.on = False
        self._write(meeting)

    def decline(self, meeting: Meeting) -> None:
        """The leader will not come."""
        meeting.on, meeting.declined = False, True
        self._write(meeting)

    def put(self, meeting: Meeting, day: date, start: int, minutes: int) -> None:
        """It is moved, or gets another length."""
        self.days[meeting.day].remove(meeting)
        meeting.day, meeting.start, meeting.end = day, start, start + minutes
        self.days[day].append(meeting)
        self._write(meeting)

    def away(self, days: Iterable[date], title: str, made: datetime) -> None:
        """All-day absence, shown as busy."""
        days = sorted(days)
        self.absent |= dict.fromkeys(days, title)
        if self.folder:
            written(self.folder / WORK, f"away-{days[0]:%Y%m%d}", absence(days[0], days[-1], title, made))

    def holidays(self, country: Country, made: datetime) -> None:
        """A calendar of holidays, as one subscribes to it: every day shown free, its kind in the description."""
        for kind, days in (("Public holiday", country.public), ("Observance", country.observances)):
            for day in days if self.folder else ():
                payload = absence(day, day, f"{kind} of {day:%d %B}", made, free=True, description=kind)
                written(self.folder / country.calendar, f"day-{day:%Y%m%d}", payload)  # type: ignore[operator]

    def _write(self, m: Meeting) -> None:
        if self.folder is None:
            return
        if m.series:
            every, minutes, meetings = self._series[m.series]
            payload = series(meetings, every, minutes, self.zone)
        else:
            payload = single(m, self.zone)
        folder = (self.private or self.folder) if m.calendar == PRIVATE else self.folder
        written(folder / m.calendar, m.series or m.uid, payload)
