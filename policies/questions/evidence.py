"""What the calendar shows that is worth a question: facts of some days, each with the event that it is about.

Foreign events count as they stand.  Of our own only what is history counts: a run that made its own evidence would
never come to rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time

from msgspec import Struct

from daemon.model.event import CountsAs, Event, EventRef
from daemon.model.figures.measure import measure_day, measure_week
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, Week, at, local_day, minus
from daemon.model.titles.kinds import Kind, shows, words
from daemon.model.user.gesture import is_heavy as is_called_heavy
from daemon.model.user.people import BOSS
from daemon.model.words import hours, in_week, title, weekday
from policies.questions.prompts import Evidence, Finding

FEW = 3
"""A talk is heavy with at most so many others."""

MANY_INCIDENTS = 2
_ATTENDED = (CountsAs.MEETING, CountsAs.BUSY, CountsAs.FOCUS)


class Signs(Struct, frozen=True, kw_only=True):
    """By what evidence is known.

    `titles`: for a kind of evidence, patterns of titles that show it; the first kind that fits an event is its kind.
    `overloaded`, `quiet`: shares of working time that meetings take, 0.0 to 1.0.
    """

    titles: Mapping[Evidence, tuple[str, ...]]
    overloaded: float
    quiet: float


def of_days(snapshot: Snapshot, days: Collection[date], until: datetime, signs: Signs) -> tuple[Finding, ...]:
    """What these days show, and the evening before them: one finding at most for each kind of evidence.

    It is about the longest meeting that shows it, of those that are over by `until`: nothing is said of what has yet
    to be held, of private events, or of heavy talks and whatever else has their words in its title.
    """
    found: dict[Evidence, Finding] = {}
    for event in sorted(_held(snapshot, days, until), key=_longest_first):
        for kind in _shown(event, snapshot, signs):
            found.setdefault(kind, Finding(kind, named(event, snapshot)))
    for day in sorted(days, key=lambda d: (-measure_day(snapshot, d).in_hours, d)):
        if is_full(snapshot, day, signs.overloaded):
            load = hours(measure_day(snapshot, day).meeting)
            found.setdefault(Evidence.OVERLOADED_DAY, Finding(Evidence.OVERLOADED_DAY, day=weekday(day), load=load))
    for event, taker in lost_focus(snapshot, days)[:1]:
        failed = Finding(Evidence.FAILED_PLAN, named(event, snapshot), named(taker, snapshot))
        found[Evidence.FAILED_PLAN] = failed
    return tuple(found.values())


def unanswered(snapshot: Snapshot, day: date) -> tuple[Finding, ...]:
    """An invitation of the week after this day that has no answer."""
    since, until = at(day + DAY, time(), snapshot.zone), at(day + 8 * DAY, time(), snapshot.zone)
    waiting = (e for e in snapshot.meetings if e.unanswered and since <= e.span.start < until and not e.secret)
    return tuple(Finding(Evidence.UNANSWERED, named(e, snapshot)) for e in list(waiting)[:1])


def unfinished(snapshot: Snapshot, day: date, signs: Signs) -> tuple[Finding, ...]:
    """Whether a day has lost a block of focus time, or has seen more than one incident."""
    patterns = signs.titles.get(Evidence.INCIDENT, ())
    incidents = [e for e in snapshot.meetings_on.get(day, ()) if shows(e.summary, patterns)]
    gone = [g for g in snapshot.given_up if local_day(g.when.start, snapshot.zone) == day]
    standing = {o.mark.key for o in snapshot.ours}
    lost = bool(lost_focus(snapshot, [day])) or any(g.key not in standing for g in gone)
    return (Finding(Evidence.UNFINISHED),) if lost or len(incidents) >= MANY_INCIDENTS else ()


def of_week(snapshot: Snapshot, week: Week, until: date, signs: Signs) -> tuple[Finding, ...]:
    """What the running week shows as a whole, beside what its days do; focus is judged on the day `until`."""
    found = []
    measured = measure_week(snapshot, week)
    if measured.share <= signs.quiet:
        found.append(Finding(Evidence.QUIET_WEEK))
    past = [d for d in measured.days if d.day < until <= snapshot.today]
    lost = lost_focus(snapshot, [d.day for d in past])
    if lost and not sum(d.focus_kept for d in past):
        found.append(Finding(Evidence.NO_FOCUS_KEPT, named(lost[0][0], snapshot)))
    return tuple(found)


def named(event: Event, snapshot: Snapshot) -> str:
    """'‘Vendor escalation’ (Thu 09:00)', in local time."""
    return f"{title(event)} ({in_week(event.span.start, snapshot.zone)})"


def is_heavy(snapshot: Snapshot, day: date) -> bool:
    """Whether a day has a talk after which nothing is expected of anybody."""
    return any(heavy(e, snapshot) for e in snapshot.meetings_on.get(day, ()))


def is_full(snapshot: Snapshot, day: date, share: float) -> bool:
    """Whether meetings take this part of its working time; no flag counts, since it may go in the same run."""
    measured = measure_day(snapshot, day)
    return bool(measured.meeting) and measured.share >= share


def lost_focus(snapshot: Snapshot, days: Collection[date]) -> list[tuple[Event, Event]]:
    """The focus blocks of these days that meetings were booked over, each with the first of them."""
    blocks = [*(o.event for o in snapshot.in_role(Role.FOCUS) if not o.done), *snapshot.hand_made]
    here = sorted((b for b in blocks if _day(b.span.start, snapshot) in days), key=lambda e: (e.span, e.ref))
    over = ((b, next((e for e in snapshot.meetings if b.span.overlaps(e.span)), None)) for b in here)
    return [(block, taker) for block, taker in over if taker and snapshot.begun(block) and not taker.secret]


def alive(snapshot: Snapshot, finding: Finding, days: Collection[date]) -> bool:
    """Whether the meeting that a question is about is still there: neither cancelled nor declined, nor moved away."""
    if not finding.subject or finding.evidence is Evidence.NO_FOCUS_KEPT:
        return True
    if finding.evidence is Evidence.UNANSWERED:
        return any(title(e) == finding.subject and e.unanswered for e in snapshot.meetings)
    near = {*days, *(day - DAY for day in days)}
    return any(title(e) == finding.subject for day in near for e in snapshot.meetings_on.get(day, ()))


def _held(snapshot: Snapshot, days: Collection[date], until: datetime) -> Iterator[Event]:
    """The meetings of these days and of the evening before that are over, and may be spoken of."""
    prepared = _prepared(snapshot)
    for day in sorted({*days, *(day - DAY for day in days)}):
        for event in snapshot.meetings_on.get(day, ()):
            if prepared and event.ref.key in prepared:
                continue
            here = (day in days or _after_work(event, day, snapshot)) and event.span.end <= until
            if here and _attended(event, snapshot) and not (event.unanswered or event.secret):
                yield from () if heavy(event, snapshot) or shows(event.summary, words(Kind.HEAVY)) else (event,)


def _prepared(snapshot: Snapshot) -> frozenset[str]:
    """The meetings before which there was time of ours: what is worth asking of them is asked there, and after them."""
    return frozenset(o.mark.key for o in snapshot.in_role(Role.PREPARATION) if snapshot.begun(o.event))


def _after_work(event: Event, day: date, snapshot: Snapshot) -> bool:
    working = snapshot.working(day)
    return bool(working) and event.span.start >= working[-1].end


def heavy(event: Event, snapshot: Snapshot, titles: tuple[str, ...] | None = None) -> bool:
    """Whether it is a talk after which a leader needs a moment: it is called so, or has such a title and few people.

    `titles`: patterns in place of the words of all languages.
    """
    if called_heavy(event):
        return True
    said = shows(event.summary, words(Kind.HEAVY) if titles is None else titles)
    return said and event.counts_as is CountsAs.MEETING and len(_others(event, snapshot)) <= FEW


def heavy_talks(snapshot: Snapshot, titles: tuple[str, ...] | None) -> Mapping[date, list[Event]]:
    """The heavy talks of today and later, by the day on which they end, by start."""
    days: dict[date, list[Event]] = defaultdict(list)
    for event in snapshot.events:
        if event.counts_as in _ATTENDED and not event.all_day and heavy(event, snapshot, titles):
            days[_day(event.span.end, snapshot)].append(event)
    return {day: talks for day, talks in days.items() if day >= snapshot.today}


def called_heavy(event: Event) -> bool:
    """Whether the user says so of their own event; or a category does, which may stand on their copy of any other."""
    return is_called_heavy(event) or "heavy" in {c.casefold() for c in event.categories}


def _shown(event: Event, snapshot: Snapshot, signs: Signs) -> Iterator[Evidence]:
    """What one meeting shows.  Two people are a 1:1 where they meet again and again, or call it that."""
    by_title = next((kind for kind, patterns in signs.titles.items() if shows(event.summary, patterns)), None)
    if by_title is Evidence.HIGH_STAKES and snapshot.people.is_audience(event):
        by_title = None
    if by_title:
        yield by_title
    elif _is_one_on_one(event, snapshot):
        yield Evidence.ONE_ON_ONE
    if minus([event.span], snapshot.working(_day(event.span.start, snapshot))):
        yield Evidence.AFTER_HOURS


def _is_one_on_one(event: Event, snapshot: Snapshot) -> bool:
    """With anybody but the user's boss: what is asked of such a talk is asked of whoever leads."""
    often = event.series or shows(event.summary, words(Kind.ONE_TO_ONE))
    return often and len(_others(event, snapshot)) == 1 and not snapshot.people.invited(event, BOSS)


def _others(event: Event, snapshot: Snapshot) -> frozenset[str]:
    people = {a.address for a in event.attendees if a.person} | {event.organizer}
    return frozenset(a for a in people if snapshot.profile.is_other(a))


def _attended(event: Event, snapshot: Snapshot) -> bool:
    return not any(event.span.overlaps(a) for a in snapshot.away) or bool(minus([event.span], snapshot.away))


def _longest_first(event: Event) -> tuple[int, datetime, EventRef]:
    return -event.span.minutes, event.span.start, event.ref


def _day(moment: datetime, snapshot: Snapshot) -> date:
    return local_day(moment, snapshot.zone)
