"""When the user last had to do with somebody whom the config names: dates, and nothing else of anybody.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from daemon.model.event import CalendarId, CountsAs, Event, PartStat
from daemon.model.owner import Subject
from daemon.model.titles.kinds import shows
from daemon.model.user.people import People

_TOGETHER = frozenset({CountsAs.MEETING, CountsAs.BUSY, CountsAs.FREE})


class Named(Struct, frozen=True, kw_only=True):
    """Somebody whom the config names: `about` is the subject, `addresses` are lower case, `titles` are patterns."""

    about: Subject
    addresses: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()


class LongAgo(Struct, frozen=True, kw_only=True):
    """What a policy wants to know of the time before the window: of whom, and so many days back."""

    days: int
    people: tuple[Named, ...]


class LastSeen(Struct, frozen=True, kw_only=True):
    """What is known of somebody: the day of the last contact and in which calendar it stands, None and '' for none.

    `nudged`: the days of events of ours about them, in order.
    """

    day: date | None = None
    calendar: CalendarId = ""
    nudged: tuple[date, ...] = ()

    def and_seen(self, day: date, calendar: CalendarId) -> LastSeen:
        """With one more contact."""
        newer = self.day is None or day > self.day
        return LastSeen(day=day, calendar=calendar, nudged=self.nudged) if newer else self

    def and_nudged(self, days: Iterable[date]) -> LastSeen:
        """With more events of ours."""
        return LastSeen(day=self.day, calendar=self.calendar, nudged=tuple(sorted({*self.nudged, *days})))


def is_contact(event: Event, who: Named, people: People) -> bool:
    """Whether an event is time with somebody: they are in it, or its title says so.  It may still be ahead.

    Not what was cancelled, declined by either, or is somebody else's; nor days, which are an absence or a birthday.
    """
    if event.all_day or event.cancelled or event.counts_as not in _TOGETHER:
        return False
    here = [address for address in people.others(event) if address in who.addresses]
    replies = people.replies(event)
    declined = all(a in replies and replies[a].partstat is PartStat.DECLINED for a in here)
    return bool(here and not declined) or (not here and shows(event.summary, who.titles))
