"""Which events are commands, and what they ask for.  Pure.

Only the user's own events are: in the calendar that is written, with nobody else in them.  An invitation may be titled
as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from daemon.model.event import CalendarId, Event, PartStat
from daemon.model.profile import Profile
from daemon.model.times import DAY, local_day, week_of
from daemon.model.user.command import PREFIX, Command, Verb
from daemon.model.user.gesture import without_orders

SHORTEST, LONGEST = 15, 40 * 60
EXAMPLE = "`unbusy: focus 4h write the strategy by friday`"
AIM = "`unbusy: objective cut list signed off`"
MENU = f"`unbusy: pause` · {EXAMPLE} · {AIM} · `unbusy: report` · `unbusy: why` · `unbusy: help`"

_LENGTH = re.compile(
    r"(?:for )?(?:(\d{1,3}(?:[.,]\d{1,2})?) ?(?:h|hrs?|hours?)\b ?(?:(\d{1,2}) ?(?:m|min|minutes?)?\b)?"
    r"|(\d{1,3})h(\d{1,2})m?\b|(\d{1,4}) ?(?:m|min|minutes?)\b)",
    re.IGNORECASE | re.ASCII,
)
_BY = re.compile(r"(?:^|\s)by ([\w-]+)[.!]?$", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_command(event: Event, main: CalendarId, profile: Profile) -> bool:
    """Whether an event is the user's own, in the calendar that is written, stands, and is titled as a command."""
    return (
        event.ref.calendar == main
        and event.summary.strip().casefold().startswith(PREFIX)
        and not event.cancelled
        and not profile.is_other(event.organizer)
        and all(profile.is_me(a.address) and a.partstat is not PartStat.DECLINED for a in event.attendees)
    )


def parsed(event: Event, profile: Profile) -> Command:
    """What a command asks for, or what would be right."""
    words = " ".join(event.summary.strip()[len(PREFIX) :].split())
    word, _, rest = words.partition(" ")
    name = word.casefold().strip(".,;!?")
    if name == Verb.FOCUS:
        return _focus(event, rest, profile)
    if name == Verb.OBJECTIVE:
        return _objective(event, rest, profile)
    if name in {*Verb}:
        return Command(event=event, verb=Verb(name))
    return Command(event=event, verb=None, fault=_unknown(name))


def _unknown(name: str) -> str:
    if not name:
        return f"Say what you want: {MENU}."
    from difflib import get_close_matches  # noqa: PLC0415  only a wrong word needs it

    near = get_close_matches(name[:60], [*Verb], n=1)
    meant = f" Did you mean `unbusy: {near[0]}`?" if near else ""
    return f"unbusy does not know the command ‘{name[:60]}’.{meant} There are: {MENU}."


def _focus(event: Event, rest: str, profile: Profile) -> Command:
    found = _LENGTH.match(rest)
    minutes = _minutes(found) if found else 0
    if not found or not SHORTEST <= minutes <= LONGEST:
        return Command(
            event=event, verb=None, fault=f"Say how long, from 15m to 40h, and for what, as in {EXAMPLE}."
        )  # fmt: skip
    what = rest[found.end() :].strip(" ,;:")
    day = local_day(event.span.start, profile.zone)
    by = week_of(day, profile.week_starts).days[-1]
    if (said := _BY.search(what)) and (named := _named(said[1].casefold(), day)):
        what, by = what[: said.start()].rstrip(" ,;:"), named
    return Command(event=event, verb=Verb.FOCUS, minutes=minutes, what=what, by=by)


def _objective(event: Event, rest: str, profile: Profile) -> Command:
    """What the week of its day is for; of a day after the last working day of a week, the next week."""
    what = without_orders(rest).strip(" ,;:")
    if not what:
        return Command(event=event, verb=None, fault=f"Say what you want to finish, as in {AIM}.")
    day = local_day(event.span.start, profile.zone)
    works = next((d for n in range(7) if profile.hours.on(d := day + n * DAY, profile.zone)), day)
    return Command(event=event, verb=Verb.OBJECTIVE, what=what, week=week_of(works, profile.week_starts))


def _minutes(found: re.Match[str]) -> int:
    """In quarters of an hour, rounded up."""
    hours, more, whole, rest, alone = found.groups()
    exact = float((hours or whole or "0").replace(",", ".")) * 60 + int(more or rest or alone or 0)
    return -(-round(exact) // SHORTEST) * SHORTEST


def _named(word: str, day: date) -> date | None:
    """A day by its name (the first from the day of the command on), or as 2026-12-04."""
    if word in ("today", "tomorrow"):
        return day + DAY * (word == "tomorrow")
    full = next((n for n, name in enumerate(_DAYS) if len(word) >= 3 and name.startswith(word)), None)
    if full is not None:
        return day + (full - day.weekday()) % 7 * DAY
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def current(commands: Iterable[Command], now_day: date, profile: Profile) -> Command:
    """Of the occurrences of one command the one to be answered: the last that has come, else the first ahead."""
    rows = sorted(commands, key=lambda c: c.event.span)
    come = [c for c in rows if local_day(c.event.span.start, profile.zone) <= now_day]
    return come[-1] if come else rows[0]
