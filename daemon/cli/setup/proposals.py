"""What a user's calendars tell of them, as proposals: addresses, zone, working hours, goal.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

from daemon.config.values import Hours
from daemon.model.event import CalendarId, Event, PartStat
from daemon.model.options import Weekdays

ENOUGH = 10
"""Meetings from which working hours can be told."""

USUAL = "mon-fri 09:00-17:30"
"""What is proposed where they cannot."""

EARLIEST, LATEST = time(7), time(20)
"""No proposal begins before the one or ends after the other: a call to Tokyo makes no working day."""


def addresses_of(events: Iterable[Event]) -> tuple[str, ...]:
    """The address that is in more events with people than any other, and in over half of them; () for none."""
    seen, whole = Counter[str](), 0
    for event in {e.ref.uid: e for e in events}.values():
        people = {a.address for a in event.attendees if a.person} | {event.organizer} - {""}
        if len(people) > 1:
            whole += 1
            seen.update(people)
    ranks = [*seen.most_common(2), ("", 0)]
    clear = whole > 2 and ranks[0][1] > max(ranks[1][1], whole / 2)
    return (ranks[0][0],) if clear else ()


def meetings(events: Iterable[Event], me: Collection[str]) -> list[Event]:
    """Timed events of the user with other people."""
    return [e for e in events if not e.all_day and not e.cancelled and _takes_part(e, me) and _others(e, me)]


def busiest(met: Iterable[Event], among: Collection[CalendarId]) -> CalendarId | None:
    """The calendar in which most meetings are."""
    counts = Counter(e.ref.calendar for e in met if e.ref.calendar in among)
    return max(counts, key=lambda c: (counts[c], c), default=None)


def hours_of(met: Iterable[Event], zone: ZoneInfo) -> str:
    """'mon-thu 09:00-17:30': from where meetings begin and end on most days, in half hours."""
    first, last = defaultdict[date, list[time]](list), defaultdict[date, list[time]](list)
    for event in met:
        start, end = event.span.start.astimezone(zone), event.span.end.astimezone(zone)
        if start.date() == end.date() and start.time() >= EARLIEST and end.time() <= LATEST:
            first[start.date()].append(start.time())
            last[start.date()].append(end.time())
    if sum(map(len, first.values())) < ENOUGH:
        return USUAL
    begins = min(time(9), _typical([min(times) for times in first.values()], low=True))
    ends = max(time(17), _typical([max(times) for times in last.values()], low=False))
    return f"{_days(first)} {begins:%H:%M}-{ends:%H:%M}"


def said_hours(hours: Iterable[tuple[int, int, int]]) -> str:
    """'mon-thu 09:00-17:30; fri 09:00-12:00 13:00-16:00' from what a store knows (`Known.hours`); '' for nonsense."""
    days = defaultdict[int, list[str]](list)
    for day, start, end in sorted(hours):
        days[day].append("{:02}:{:02}-{:02}:{:02}".format(*divmod(start, 60), *divmod(end, 60)))
    alike = defaultdict[str, list[int]](list)
    for day, spans in days.items():
        alike[" ".join(spans)].append(day)
    text = "; ".join(f"{Weekdays(of)} {spans}" for spans, of in alike.items())
    try:
        Hours.parse(written_hours(text))
    except ValueError:
        return ""
    return text


def goal_of(minutes: int) -> str:
    """A fifth of the working time, in whole hours: '8h'."""
    return f"{max(1, round(minutes / 5 / 60))}h"


def written_hours(text: str) -> dict[str, object]:
    """'mon-thu 09:00-17:30; fri 09:00-12:00 13:00-16:00' as the config has it."""
    table: dict[str, object] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        words = part.split()
        spans = [word for word in words if word[0].isdigit()]
        days = "".join(word for word in words if not word[0].isdigit())
        table[days.lower()] = spans[0] if len(spans) == 1 else spans
    if not table:
        raise ValueError(f"write them like {USUAL}")
    return table


def first_day(locale: str) -> str:
    """The first day of the week by the territory of a locale, 'en_US.UTF-8' (CLDR, supplemental weekData)."""
    territory = locale.partition(".")[0].partition("_")[2][:2].upper()
    if territory in _SUNDAY:
        return "sunday"
    return "saturday" if territory in _SATURDAY else "monday"


# fmt: off
_SUNDAY = frozenset((
    "AU", "BR", "CA", "CN", "CO", "GT", "HK", "HN", "ID", "IL", "IN", "JP", "KE", "KR", "MX", "NI", "PA", "PE", "PH",
    "PK", "PR", "PT", "SA", "SG", "SV", "TH", "TW", "US", "VE", "ZA",
))
_SATURDAY = frozenset(("AE", "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY"))
# fmt: on


def _takes_part(event: Event, me: Collection[str]) -> bool:
    mine = [a for a in event.attendees if a.address in me]
    return event.organizer in me or any(a.partstat is not PartStat.DECLINED for a in mine)


def _others(event: Event, me: Collection[str]) -> bool:
    people = {a.address for a in event.attendees if a.person} | {event.organizer} - {""}
    return not people <= set(me)


def _typical(times: list[time], *, low: bool) -> time:
    """The time that nine days in ten keep to, at the half hour beyond."""
    ordered = sorted(times, reverse=not low)
    at = ordered[len(ordered) // 10]
    minutes = at.hour * 60 + at.minute
    half = minutes // 30 if low else -(-minutes // 30)
    return time(*divmod(half * 30, 60))


def _days(met: Mapping[date, object]) -> Weekdays:
    """Monday to Friday, a day without meetings too; other days where there are meetings on a Saturday or Sunday."""
    counts = Counter(day.weekday() for day in met)
    most = max(counts.values(), default=0)
    some = Weekdays(day for day in range(7) if counts[day] and 2 * counts[day] >= most)
    return some if len(some) > 3 and some & {5, 6} else Weekdays(range(5))
