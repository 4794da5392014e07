"""What the leader does with the events of unbusy: moves, shortens or deletes a block, answers, goes a way out.

Each event has its fate by its own name, so that other events change nothing about it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from simulate.calendars.calendar import Calendar, Meeting
from simulate.demand import GRID
from simulate.engine import Engine, Own
from simulate.people import DAY, Leader, User, chance, minute

SUGGESTED = re.compile(
    r"^[–-] (.*?)(?:(\d{4}-\d\d-\d\d)|(\d{1,2}) ([A-Z][a-z]{2})[a-z]*) (\d\d:\d\d) ‘([^’]*)’(.*)$", re.MULTILINE
)
"""A line of a way out: a date, a time, a title in quotes; what is before or behind them may name the verb."""
VERBS = ("decline", "skip", "hand over", "shorten", "move")
SHORTEST = 30


class Suggestion(Struct, frozen=True, kw_only=True):
    """A meeting that a flag or a review advises about; `verb`: what it says of it, '' where it leaves that open."""

    day: date
    start: int
    title: str
    verb: str


class Leading(Struct, kw_only=True):
    """One leader as a user; `done`: the names of the events that have had their fate."""

    leader: Leader
    user: User
    seed: int
    done: set[str]

    def tends(
        self, engine: Engine, ours: Collection[Own], calendar: Calendar, now: datetime, off: Collection[date]
    ) -> int:
        """The user looks at the blocks ahead, at the start of a day; how many were touched."""
        touched = 0
        for one in sorted(ours, key=lambda o: o.uid):
            if not one.is_block or one.uid in self.done or one.day < now.date():
                continue
            notice = int(chance(self.seed, one.uid, "notice") * 4)
            if one.day - now.date() > notice * DAY or (one.day == now.date() and one.start <= _minute(now)):
                continue
            self.done.add(one.uid)
            touched += self._fate(engine, one, ours, calendar, now, off)
        return touched

    def _fate(
        self, engine: Engine, one: Own, ours: Collection[Own], calendar: Calendar, now: datetime, off: Collection[date]
    ) -> bool:
        drawn, user = chance(self.seed, one.uid, "fate"), self.user
        if drawn < user.deletes:
            engine.delete(one)
        elif drawn < user.deletes + user.shortens:
            if one.minutes <= SHORTEST:
                return False
            engine.move(one, one.day, one.start, max(SHORTEST, one.minutes - 30))
        elif drawn < user.deletes + user.shortens + user.moves:
            places = [*self._places(one, ours, calendar, now, off)]
            if not places:
                return False
            day, start = places[int(chance(self.seed, one.uid, "place") * len(places))]
            engine.move(one, day, start, one.minutes)
        else:
            return False
        return True

    def _places(
        self, one: Own, ours: Collection[Own], calendar: Calendar, now: datetime, off: Collection[date]
    ) -> Iterator[tuple[date, int]]:
        """Where else it would fit in its week."""
        monday = one.day - one.day.weekday() * DAY
        for day in (monday + n * DAY for n in range(7)):
            if day <= now.date() or not self.leader.works(day) or day in calendar.absent or day in off:
                continue
            taken = [(m.start, m.end) for m in calendar.on(day)]
            taken += [(o.start, o.end) for o in ours if o.day == day and not o.all_day]
            first, last = self.leader.span
            for start in range(first, last - one.minutes + 1, GRID):
                if not any(a < start + one.minutes and start < b for a, b in taken):
                    yield day, start

    def answers(self, engine: Engine, ours: Collection[Own], now: datetime) -> None:
        """In the evening some of the day's events that ask something get an answer."""
        for one in sorted(ours, key=lambda o: o.uid):
            if one.last == now.date() and one.asks and chance(self.seed, one.uid, "answer") < self.user.answers:
                engine.answer(one)

    def follows(self, ours: Collection[Own], calendar: Calendar, now: datetime) -> Iterator[Meeting]:
        """Some of the meetings that are suggested are declined, cut to half, or (those that are given) to be moved."""
        for one in ours if self.user.follows else ():
            if one.last < now.date():
                continue
            for said in suggestions(one.text, now.date()):
                for meeting in calendar.on(said.day):
                    fits = (meeting.start, meeting.title) == (said.start, said.title) and meeting.begins > now
                    if fits and meeting.others and self._goes_along(meeting):
                        verb = said.verb or ("shorten" if meeting.mine else "decline")
                        yield from _go(calendar, meeting, verb)

    def _goes_along(self, meeting: Meeting) -> bool:
        """Once for each meeting, however often it is suggested."""
        name = f"{meeting.uid} {meeting.origin}"
        if name in self.done:
            return False
        self.done.add(name)
        return chance(self.seed, name, "follows") < self.user.follows


def _go(calendar: Calendar, meeting: Meeting, verb: str) -> Iterator[Meeting]:
    if verb == "move":
        yield meeting
    elif verb == "shorten":
        half = max(15, meeting.minutes // 2 // 15 * 15)
        calendar.put(meeting, meeting.day, meeting.start, half)
    else:
        calendar.decline(meeting)


def suggestions(text: str, today: date) -> Sequence[Suggestion]:
    """The lines of a text that name a meeting to do something about."""
    found = []
    for before, iso, number, month, at, title, rest in SUGGESTED.findall(text):
        day = date.fromisoformat(iso) if iso else _coming(int(number), month, today)
        verb = next((v for v in VERBS if v in f"{before} {rest}".casefold()), "")
        found.append(Suggestion(day=day, start=minute(at), title=title, verb=verb))
    return found


def _coming(number: int, month: str, today: date) -> date:
    """The next day of that name, from a month back on."""
    days = (today + n * DAY for n in range(-31, 335))
    return next(d for d in days if d.day == number and d.strftime("%b") == month)


def _minute(now: datetime) -> int:
    return int((now - datetime.combine(now.date(), datetime.min.time())) / timedelta(minutes=1))
