"""The loop: a morning and a midday cycle on each day of a year, and between them what colleagues and the user do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count

from simulate.calendars.calendar import PRIVATE, Calendar, Meeting
from simulate.colleagues import Asking, find
from simulate.demand import Demand, Request, Series, demand
from simulate.engine import Engine, Own
from simulate.history import History
from simulate.people import DAY, Leader, Parameters, chance, days_off, minute
from simulate.user import Leading

_SICK, _TENDS, _ANSWERS = minute("06:30"), minute("08:00"), minute("20:00")
_KNOWN_AHEAD = 60 * DAY
"""So long before it a vacation stands in the calendar; assumed."""


@dataclass(kw_only=True)
class Year:
    """One leader's year.  `engine`: None for the year without unbusy."""

    params: Parameters
    leader: Leader
    seed: int
    weeks: int
    engine: Engine | None = None
    calendar: Calendar = field(init=False)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        folder = self.engine.base / "calendars" if self.engine else None
        private = self.engine.private if self.engine else None
        self.calendar = Calendar(zone=self.leader.zone, folder=folder, private=private)
        self.off = days_off(self.leader, self.params.countries)
        self.history = History(leader=self.leader, off=self.off, absent=self.calendar.absent)
        self.user = Leading(leader=self.leader, user=self.params.user, seed=self.seed, done=set())
        self._queue: list[tuple[datetime, int, object]] = []
        self._number = count()
        self._ours: dict[str, Own] = {}
        self._shown: dict[date, list[tuple[int, int, str]]] = {}
        self._stopped = ""
        self._touched = 0

    def live(self) -> History:
        """All of it, from the warm-up to the last day."""
        year = self.params.year
        begins = year.first - year.warm_up * 7 * DAY
        self._prepare(demand(self.params, self.leader, self.seed, self.weeks), begins)
        self._until(_moment(year.first, 0))
        if self.engine:
            self.engine.begin(_moment(year.first, 0))
            self.history.limits, self.history.answered = self.engine.limits, self.engine.answered
        days = [year.first + n * DAY for n in range(7 * self.weeks)]
        for day in days:
            self._live(day)
        self.history.close(days, self.calendar)
        return self.history

    def _live(self, day: date) -> None:
        self._until(_moment(day, minute(self.params.year.morning)))
        self._cycle(_moment(day, minute(self.params.year.morning)))
        self._until(_moment(day, _TENDS))
        self._tends(_moment(day, _TENDS))
        self._until(_moment(day, minute(self.params.year.midday)))
        if self.leader.works(day):  # on the others nothing happens by then
            self._cycle(_moment(day, minute(self.params.year.midday)))
        self._until(_moment(day, _ANSWERS))
        if self.engine:
            self.user.answers(self.engine, self._ours.values(), _moment(day, _ANSWERS))
            self._look("user", _moment(day, _ANSWERS))

    # -- unbusy and its user --------------------------------------------------------------------------------------

    def _cycle(self, now: datetime) -> None:
        """A run that was stopped is forced by the user at the next one."""
        if self.engine is None:
            return
        others = self.engine.others()
        stopped = self.engine.cycle(now, force=bool(self._stopped))
        if self.engine.others() != others:
            self.history.broken.append(f"{now:%Y-%m-%d} an event of somebody else was changed")
        if stopped:
            self.history.stops.append((now, stopped, self._touched))
        self._stopped, self._touched = stopped, 0
        self._look("us", now)

    def _tends(self, now: datetime) -> None:
        if self.engine is None:
            return
        if now.date() not in self.calendar.absent and self.leader.works(now.date()):
            self._touched += self.user.tends(self.engine, self._ours.values(), self.calendar, now, self.off)
            for meeting in list(self.user.follows(self._ours.values(), self.calendar, now)):
                self._moved(meeting, now)
        self._look("user", now)

    def _look(self, who: str, now: datetime) -> None:
        """What stands of unbusy's now; what is new about it goes into the history."""
        assert self.engine is not None  # noqa: S101  its callers have asked
        before, self._ours = self._ours, self.engine.ours()
        self.history.saw(who, now, before, self._ours, self.calendar)
        self._shown = {}
        for one in self._ours.values():
            if not one.all_day and one.show != "free":
                self._shown.setdefault(one.day, []).append((one.start, one.end, one.show))

    # -- what happens -------------------------------------------------------------------------------------------------

    def _prepare(self, asked: Demand, begins: date) -> None:
        end = self.params.year.first + (7 * self.weeks + 42) * DAY
        self.calendar.holidays(self.params.countries[self.leader.country], _moment(begins, 0))
        for one in asked.series:
            self._stands(one, begins, end)
        for day, start, stop in asked.errands:
            made = _moment(max(begins, day - 7 * DAY), 0)
            self._at(made, Meeting(uid=f"errand-{day:%Y%m%d}", title="Errand", day=day, start=start, end=stop,
                                   made=made, calendar=PRIVATE))  # fmt: skip
        for first, last in self.leader.vacations:
            days = tuple(first + n * DAY for n in range((last - first).days + 1))
            self._at(_moment(max(begins, first - _KNOWN_AHEAD), 0), ("Vacation", days))
        for day in sorted(asked.sick):
            self._at(_moment(day, _SICK), ("Sick", (day,)))
        for request in asked.requests:
            self._at(request.made, request)

    def _at(self, moment: datetime, what: object) -> None:
        heappush(self._queue, (moment, next(self._number), what))

    def _until(self, moment: datetime) -> None:
        while self._queue and self._queue[0][0] <= moment:
            now, _, what = heappop(self._queue)
            self._happens(now, what)

    def _happens(self, now: datetime, what: object) -> None:
        match what:
            case Request():
                self._asked(what, now)
            case Meeting():
                self.calendar.add(what)
            case ("cancelled", Meeting() as meeting):
                if meeting.on:
                    self.calendar.cancel(meeting)
            case ("moved", Meeting() as meeting):
                if meeting.on:
                    self._moved(meeting, now)
            case (str() as title, tuple() as days):
                self.calendar.away(days, title, now)
            case _:
                raise TypeError(what)

    def _stands(self, one: Series, begins: date, end: date) -> None:
        """A series that stands all year; on public holidays nobody meets."""
        first = begins + (one.weekday + (7 if one.every > 1 and chance(self.seed, one.uid) < 0.5 else 0)) * DAY
        days = [first + n * one.every * 7 * DAY for n in range((end - first).days // (7 * one.every))]
        made = _moment(begins, 0)
        meetings = [
            Meeting(
                uid=f"{one.uid}-{day:%Y%m%d}", series=one.uid, title=one.title, day=day, start=one.start,
                end=one.start + one.minutes, others=one.others, mine=one.mine, made=made, on=day not in self.off,
            )
            for day in days
        ]  # fmt: skip
        self._book_series(meetings, one.every)

    def _book_series(self, meetings: list[Meeting], every: int) -> None:
        theirs = self.params.colleagues
        self.calendar.add_series(meetings, every)
        for m in meetings:
            drawn = chance(self.seed, m.uid, "fate")
            fate = "cancelled" if drawn < theirs.series_cancelled else "moved"
            if m.others and drawn < theirs.series_cancelled + theirs.series_moved:
                ahead = 1 + int(3 * chance(self.seed, m.uid, "notice"))
                self._at(_moment(m.day - ahead * DAY, 600), (fate, m))

    def _asked(self, request: Request, now: datetime) -> None:
        found = find(self._asking(request, now), self.calendar, self._shown)
        made = [
            Meeting(
                uid=f"{request.uid}-{n}" if n else request.uid, title=request.title, day=found.day + n * 7 * DAY,
                start=found.start, end=found.start + request.minutes, others=request.others, mine=request.mine,
                optional=request.optional, made=now, series=request.uid if request.weeks > 1 else "",
            )
            for n in range(request.weeks)
        ]  # fmt: skip
        self.history.booked.append((now, found, request.minutes))
        if request.weeks > 1:
            for m in made:
                m.on = m.day not in self.off
            self._book_series(made, 1)
            return
        self.calendar.add(made[0])
        if request.fate:
            self._at(now + request.at * (made[0].begins - now), (request.fate, made[0]))

    def _moved(self, meeting: Meeting, now: datetime) -> None:
        """Its people ask anew, for one to four working days later."""
        drawn = {n: chance(self.seed, meeting.uid, n) for n in ("double", "yielding", "again")}
        again = Request(
            uid=f"{meeting.uid}-again", title=meeting.title, made=now, ahead=1 + int(4 * drawn["again"]),
            minutes=meeting.minutes, others=meeting.others, double=drawn["double"], yielding=drawn["yielding"],
            patience=self.params.colleagues.patience,
        )  # fmt: skip
        since = max(now, _moment(meeting.day, 0))
        found = find(self._asking(again, since), self.calendar, self._shown)
        self.history.booked.append((now, found, meeting.minutes))
        self.calendar.put(meeting, found.day, found.start, meeting.minutes)

    def _asking(self, request: Request, now: datetime) -> Asking:
        after = int((now - _moment(now.date(), 0)) / timedelta(minutes=1))
        return Asking(
            request=request, day=now.date(), after=after, leader=self.leader, colleagues=self.params.colleagues,
            off=self.off, seed=self.seed,
        )  # fmt: skip


def _moment(day: date, at: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=at)
