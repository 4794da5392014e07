"""What has been seen in a year: every event of unbusy from its making to its end, and what became of the meetings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from msgspec import Struct

from simulate.calendars.calendar import Calendar
from simulate.colleagues import Found
from simulate.engine import Limits, Own
from simulate.people import DAY, Leader

VISIBLE = "office-hours/"
"""How the keys of the only events begin that others can read."""
Span = tuple[int, int]
"""From minute to minute of one day."""


class Busy(Struct, frozen=True, kw_only=True):
    """What took time on a day; without `others` it is the leader's own."""

    day: date
    start: int
    end: int
    others: int
    title: str = ""


class Place(Struct, frozen=True, kw_only=True):
    """A block as unbusy put it somewhere, and its week as it stood then: for each day what is busy, and what is ours.

    The block itself is not in `ours`.
    """

    at: datetime
    own: Own
    busy: Mapping[date, tuple[Span, ...]]
    ours: Mapping[date, tuple[Span, ...]]


@dataclass(slots=True, kw_only=True)
class Life:
    """One event of unbusy: how it stood, since when and by whom ('us', 'user'); the end is None while it stands."""

    seen: list[tuple[datetime, str, Own]]
    gone: tuple[datetime, str] | None = None
    places: list[Place] = field(default_factory=list)

    @property
    def last(self) -> Own:
        """As it stood at last."""
        return self.seen[-1][2]

    @property
    def came(self) -> Own | None:
        """As it stood when its time came; None where it was gone by then."""
        return self.at(begins(self.last))

    @property
    def placed_by(self) -> str:
        """Who chose the time at which it stood at last: 'us', 'user'."""
        moves = [self.seen[0]] + [b for a, b in pairwise(self.seen) if changed(a[2], b[2]) == "move"]
        return moves[-1][1]

    @property
    def moves(self) -> int:
        """How often unbusy moved it, or changed its length."""
        return sum(b[1] == "us" and changed(a[2], b[2]) == "move" for a, b in pairwise(self.seen))

    def at(self, moment: datetime) -> Own | None:
        """As it stood at a moment; None where it did not."""
        if self.gone and self.gone[0] <= moment:
            return None
        return next((own for since, _, own in reversed(self.seen) if since <= moment), None)


class Write(Struct, frozen=True, kw_only=True):
    """One write: 'create', 'move', 'text', 'show', 'other' or 'delete'."""

    at: datetime
    kind: str
    uid: str


@dataclass(kw_only=True)
class History:
    """A year; `days` are those that were lived.  `stops`: why, and how many blocks the user had touched before.

    `answered`: what the user typed, by the UID of the event in which it was.  `broken`: promises, as they were broken.
    """

    leader: Leader
    off: frozenset[date]
    absent: Mapping[date, str]
    days: list[date] = field(default_factory=list)
    busy: dict[date, tuple[Busy, ...]] = field(default_factory=dict)
    booked: list[tuple[datetime, Found, int]] = field(default_factory=list)
    lives: dict[str, Life] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    stops: list[tuple[datetime, str, int]] = field(default_factory=list)
    limits: Limits | None = None
    answered: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def saw(
        self, who: str, now: datetime, before: Mapping[str, Own], after: Mapping[str, Own], calendar: Calendar
    ) -> None:  # fmt: skip
        """What stands now, beside what stood before: the difference is the work of `who`."""
        for uid in before.keys() - after.keys():
            self.lives[uid].gone = (now, who)
            self._wrote(who, now, "delete", uid)
        if who == "us":
            self._kept_promises(now, before, after)
        for uid, own in after.items():
            old = before.get(uid)
            if own == old:
                continue
            if uid not in self.lives:
                self.lives[uid] = Life(seen=[])
            if who == "us" and (gone := self.lives[uid].gone) and gone[1] == "user":
                self.broken.append(f"{now:%Y-%m-%d} made again what the user had deleted: {own.policy} {own.key}")
            self.lives[uid].gone = None
            self.lives[uid].seen.append((now, who, own))
            kind = "create" if old is None else changed(old, own)
            self._wrote(who, now, kind, uid)
            if who == "us" and kind in ("create", "move") and own.is_block:
                self.lives[uid].places.append(_place(now, own, after.values(), calendar))

    def _kept_promises(self, now: datetime, before: Mapping[str, Own], after: Mapping[str, Own]) -> None:
        """Words that were typed are still there, and what is not meant for others is private."""
        for uid, own in after.items():
            old, words = before.get(uid), self.answered.get(uid, "")
            if old and words in old.text and words not in own.text:
                self.broken.append(f"{now:%Y-%m-%d} {own.policy} {own.key} lost what the user had typed")
            if old is None and not own.private and not own.key.startswith(VISIBLE):
                self.broken.append(f"{now:%Y-%m-%d} {own.policy} {own.key} is not private")

    def present(self, day: date) -> bool:
        """Whether the leader is at work."""
        return self.leader.works(day) and day not in self.off and day not in self.absent

    def _wrote(self, who: str, now: datetime, kind: str, uid: str) -> None:
        if who == "us":
            self.writes.append(Write(at=now, kind=kind, uid=uid))

    def close(self, days: Iterable[date], calendar: Calendar) -> None:
        """The year is over: what was lived, and what the meetings came to."""
        self.days = list(days)
        for m in calendar.all():
            one = Busy(day=m.day, start=m.start, end=m.end, others=m.others, title=m.title)
            self.busy[m.day] = (*self.busy.get(m.day, ()), one)


def begins(own: Own) -> datetime:
    """When it begins, as local wall time."""
    return datetime.combine(own.day, time()) + timedelta(minutes=own.start)


def changed(old: Own, new: Own) -> str:
    """What a change is about: 'move', 'show' or 'text' where nothing else is changed, else 'other'."""
    if (old.day, old.last, old.start, old.end) != (new.day, new.last, new.start, new.end):
        return "move"
    if old.title != new.title:
        return "other"
    if old.show != new.show:
        return "show" if old.text == new.text else "other"
    return "text"


def _place(now: datetime, own: Own, ours: Iterable[Own], calendar: Calendar) -> Place:
    monday = own.day - own.day.weekday() * DAY
    week = [monday + n * DAY for n in range(7)]
    return Place(
        at=now,
        own=own,
        busy={day: tuple((m.start, m.end) for m in calendar.on(day)) for day in week},
        ours={
            day: tuple((o.start, o.end) for o in ours if o.day == day and o.takes_time and o.uid != own.uid)
            for day in week
        },
    )
