"""What the calendar shows that is worth a question: facts of some days, each with the event that it is about.

Foreign events count as they stand.  Of our own only what is history counts: a run that made its own evidence would
never come to rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import translate
from functools import cache, lru_cache

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.figures.measure import measure_day, measure_week
from daemon.model.owner import Wish
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, Week, local_day, minus
from daemon.model.words import cited, day, moment, title, weekday
from policies.questions.prompts import Evidence, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """By what evidence is known.

    `titles`: for a kind of evidence, patterns of titles that show it; the first kind that fits an event is its kind.
    `overloaded`, `quiet`: shares of working time that meetings take, 0.0 to 1.0.
    """

    titles: Mapping[Evidence, tuple[str, ...]]
    overloaded: float
    quiet: float


def of_days(snapshot: Snapshot, days: Collection[date], signs: Signs) -> tuple[Finding, ...]:
    """What these days show: at most one finding for each kind of evidence, about the longest meeting that shows it."""
    found: dict[Evidence, str] = {}
    meetings = [e for day in days for e in snapshot.meetings_on.get(day, ()) if _attended(e, snapshot)]
    full = {d for d in days if _overloaded(snapshot, d, signs.overloaded)}
    for event in sorted(meetings, key=_longest_first):
        shown = [*_shown(event, snapshot, signs)]
        if _day(event.span.start, snapshot) in full:
            shown.append(Evidence.OVERLOADED_DAY)
        found |= {kind: named(event, snapshot) for kind in shown if kind not in found}
    if lost := _lost_focus(snapshot, days):
        found[Evidence.FAILED_PLAN] = lost[0]
    return tuple(Finding(kind, about) for kind, about in found.items())


def of_week(snapshot: Snapshot, week: Week, until: date, signs: Signs) -> tuple[Finding, ...]:
    """What the running week shows as a whole, beside what its days do; focus is judged on the day `until`.

    A week ahead has yet to fill up and shows nothing.
    """
    if week != snapshot.this_week:
        return ()
    found = []
    measured = measure_week(snapshot, week)
    if measured.share <= signs.quiet:
        found.append(Finding(Evidence.QUIET_WEEK))
    past = [d for d in measured.days if d.day < until <= snapshot.today]
    lost = _lost_focus(snapshot, [d.day for d in past])
    if lost and not sum(d.focus_kept for d in past):
        found.append(Finding(Evidence.NO_FOCUS_KEPT, lost[0]))
    return tuple(found)


def answers(snapshot: Snapshot, policy: str, keys: Iterable[str]) -> tuple[Finding, ...]:
    """What the user wrote under these keys ('day/2026-12-03', 'week/2026-W49'), each answer on a line of its own."""
    said = ((key, cited(text)) for key in keys for text in snapshot.answers.get(Wish(policy, key), ()))
    lines = [f"{_spoken(key)}: {words}" for key, words in said if words]
    return (Finding(Evidence.ANSWERED, "\n".join(lines)),) if lines else ()


def _spoken(key: str) -> str:
    """'Thu 3 Dec' for a day's key, else the name of the week or month, '2026-W49'."""
    kind, _, name = key.partition("/")
    return day(date.fromisoformat(name)) if kind == "day" else name


def named(event: Event, snapshot: Snapshot) -> str:
    """'Thu 3 Dec 09:00 ‘Vendor escalation’', in local time."""
    return f"{moment(event.span.start, snapshot.zone)} {title(event)}"


@lru_cache(maxsize=4096)
def matches(title: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern (`fnmatch`, in any case) fits the title or a word of it: 'board' is not in 'Onboarding'."""
    plain = title.casefold()
    words = {plain, *re.findall(r"\w+", plain), *re.findall(r"[\w/-]+", plain)}
    fits = _compiled(patterns).match
    return any(map(fits, words))


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    never = r"(?!)"
    return re.compile("|".join([never, *(translate(p.casefold()) for p in patterns)]))


def _shown(event: Event, snapshot: Snapshot, signs: Signs) -> Iterator[Evidence]:
    """What one meeting shows.  Without an answer it may not be the user's at all, and shows only that."""
    if event.unanswered:
        yield Evidence.UNANSWERED
        return
    by_title = next((kind for kind, patterns in signs.titles.items() if matches(event.summary, patterns)), None)
    if by_title:
        yield by_title
    elif len(_others(event, snapshot)) == 1:
        yield Evidence.ONE_ON_ONE
    if minus([event.span], snapshot.working(_day(event.span.start, snapshot))):
        yield Evidence.AFTER_HOURS


def _others(event: Event, snapshot: Snapshot) -> frozenset[str]:
    people = {a.address for a in event.attendees if a.person} | {event.organizer}
    return frozenset(a for a in people if snapshot.profile.is_other(a))


def _overloaded(snapshot: Snapshot, day: date, share: float) -> bool:
    """By measure, or because a flag says so that stood before the day of `now` began."""
    only = DateRange(day, day + DAY)
    flags = [o.event.created for o in snapshot.in_role(Role.FLAG) if o.asked == only]
    flagged = any(created and _day(created, snapshot) < snapshot.today for created in flags)
    return flagged or measure_day(snapshot, day).share >= share


def _lost_focus(snapshot: Snapshot, days: Collection[date]) -> tuple[str, ...]:
    """Focus blocks of these days that meetings ran over once they had begun, then those that the user skipped."""
    blocks = [o.event for o in snapshot.in_role(Role.FOCUS) if not o.done] + [
        e for e in snapshot.events if e.counts_as is CountsAs.FOCUS
    ]
    over = [
        named(block, snapshot)
        for block in sorted(blocks, key=lambda e: (e.span, e.ref))
        if _day(block.span.start, snapshot) in days
        and snapshot.begun(block)
        and any(block.span.overlaps(e.span) for e in snapshot.meetings)
    ]
    skips = (s for s in snapshot.skips if snapshot.role(s) is Role.FOCUS and not s.taken_back)
    skipped = sorted({s.day for s in skips if s.day in days})
    return (*over, *(f"{weekday(skip)}’s focus block" for skip in skipped))


def _attended(event: Event, snapshot: Snapshot) -> bool:
    return not any(event.span.overlaps(a) for a in snapshot.away) or bool(minus([event.span], snapshot.away))


def _longest_first(event: Event) -> tuple[int, datetime, EventRef]:
    return -event.span.minutes, event.span.start, event.ref


def _day(moment: datetime, snapshot: Snapshot) -> date:
    return local_day(moment, snapshot.zone)
