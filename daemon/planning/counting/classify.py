"""What a foreign event counts as for the user, by its own facts and by the calendar that it is in.  Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, EventType, PartStat, ReadAs, ShowAs
from daemon.model.profile import Profile
from daemon.model.times import DAY, TimeRange
from daemon.model.titles.patterns import best, fits
from daemon.model.user.calendars import WRITTEN, CalendarUse
from daemon.planning.counting.whose import day_off, others_in, settled

_SHORTEST_DAY = timedelta(hours=23)
_WORD = (PartStat.ACCEPTED, PartStat.TENTATIVE, PartStat.DECLINED, PartStat.DELEGATED, PartStat.NEEDS_ACTION)
"""Of several answers of the user's, from several addresses, the first of these counts."""


def classify(event: Event, profile: Profile, use: CalendarUse = WRITTEN) -> Event:
    """The event with `counts_as`, `reply` and `mine`; `use`: how its calendar is read."""
    reply = _reply(event, profile)
    case = _Case(event, reply, profile, others_in(event, profile))
    if use.read_as is ReadAs.HOLIDAYS and not event.cancelled:
        counts_as = day_off(event, profile, use)
    else:
        counts_as = settled(next(kind for kind, holds in _RULES if holds(case)), event, profile, use)
    mine = counts_as is not CountsAs.OTHERS and case.own
    return replace(event, mine=mine, reply=reply, counts_as=counts_as)


def _reply(event: Event, who: Profile) -> PartStat:
    """The user's answer; nobody is asked to answer their own invitation."""
    said = [a.partstat for a in event.attendees if who.is_me(a.address)]
    reply = min(said, key=_WORD.index, default=PartStat.ACCEPTED)
    asked = reply is PartStat.NEEDS_ACTION and not who.is_me(event.organizer)
    return reply if asked or reply is not PartStat.NEEDS_ACTION else PartStat.ACCEPTED


class _Case(Struct, frozen=True):
    """An event as the user looks at it."""

    event: Event
    reply: PartStat
    who: Profile
    others: bool

    @property
    def own(self) -> bool:
        """Whether the user made it: they are the organizer, or nobody else is in it."""
        return not self.others or self.who.is_me(self.event.organizer)

    @property
    def unanswered(self) -> bool:
        """Whether it is an invitation without an answer."""
        return self.reply is PartStat.NEEDS_ACTION

    @property
    def free(self) -> bool:
        """Whether it is shown so, or takes no time."""
        return self.event.show_as is ShowAs.FREE or self.event.span.start == self.event.span.end

    @property
    def whole_days(self) -> bool:
        """Whether it is a matter of days: all-day, or from one local midnight to another."""
        return self.event.all_day or is_whole_days(self.event.span, self.who.zone)

    @property
    def ignored(self) -> bool:
        """By the config, or by the user's own word: what an invitation says is no order."""
        event = self.event
        said = f"{event.summary} {event.description}"
        if "#" in said and "#ignore" in said.casefold().split() and self.own:
            return True
        return fits(event.summary, self.who.ignore)

    @property
    def hand_made_focus(self) -> bool:
        """Whether it is a focus block that the user made: with nobody else in it."""
        event, who = self.event, self.who
        if event.all_day or self.others:
            return False
        categories = {c.casefold() for c in event.categories}
        return (
            event.type is EventType.FOCUS_TIME
            or fits(event.summary, who.focus_titles)
            or not categories.isdisjoint(c.casefold() for c in who.focus_categories)
        )


def is_whole_days(span: TimeRange, zone: ZoneInfo) -> bool:
    """Whether a time runs from one local midnight to another."""
    return span.end - span.start >= _SHORTEST_DAY and _midnight(span.start, zone) and _midnight(span.end, zone)


def _midnight(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).time() == time()


def called_away(event: Event) -> bool:
    """Whether the user's calendar says so itself."""
    return event.type is EventType.OUT_OF_OFFICE


def by_title(title: str, who: Profile) -> CountsAs | None:
    """Whether days of that title are days away or days at work; None where no pattern fits."""
    away, there = best(title, who.away_titles), best(title, who.not_away_titles)
    return None if away == there == -1 else CountsAs.FREE if there > away else CountsAs.AWAY


_RULES: tuple[tuple[CountsAs, Callable[[_Case], bool]], ...] = (
    (CountsAs.CANCELLED, lambda c: c.event.cancelled),
    (CountsAs.DECLINED, lambda c: c.reply in (PartStat.DECLINED, PartStat.DELEGATED)),
    (CountsAs.IGNORED, lambda c: c.ignored),
    (CountsAs.FREE, lambda c: c.event.type in (EventType.WORKING_LOCATION, EventType.BIRTHDAY)),
    (CountsAs.FREE, lambda c: c.unanswered and (c.whole_days or not c.who.unanswered_busy)),
    (CountsAs.AWAY, lambda c: called_away(c.event) and not c.unanswered and c.event.show_as is not ShowAs.FREE),
    (CountsAs.FOCUS, lambda c: c.hand_made_focus),
    (CountsAs.FREE, lambda c: c.free),
    (CountsAs.FREE, lambda c: c.whole_days and c.event.show_as is not ShowAs.BUSY and c.event.all_day),
    (CountsAs.FREE, lambda c: c.whole_days and by_title(c.event.summary, c.who) is CountsAs.FREE),
    (CountsAs.AWAY, lambda c: c.whole_days and c.event.show_as is ShowAs.BUSY),
    (CountsAs.MEETING, lambda c: c.event.span.end - c.event.span.start < DAY and c.others),
    (CountsAs.BUSY, lambda _: True),
)
"""The first that holds decides."""
