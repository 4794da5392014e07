"""Whom the user has not met for long: a line in the weekly review, which says neither who moved it nor how often.

The clock runs on working days on which both were there.  Who has no next 1:1 is named once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from daemon.model.event import CountsAs, Event, EventType, PartStat
from daemon.model.figures.told import NotMet, Told
from daemon.model.owner import Subject
from daemon.model.snapshot import Snapshot
from daemon.model.text import words
from daemon.model.times import DAY, Week, local_day
from daemon.model.titles.patterns import best
from daemon.model.words import day as day_name
from daemon.model.words import listed
from policies.advisors.meetings import report_in, someone
from policies.advisors.options import AdvisorsOptions

SAID = "Not met for "
MOST = 3
"""So many people have a line of their own."""
_THERE = frozenset({CountsAs.MEETING, CountsAs.DECLINED})


class _Drift(Struct, frozen=True):
    """`weeks`: of working days on which both were there.

    `last`, `next`: the days of the last 1:1 and of the next one, None for none.
    """

    name: str
    weeks: int
    last: date | None
    next: date | None


def drift(snapshot: Snapshot, options: AdvisorsOptions, on: date) -> tuple[str, ...]:
    """'Not met for 3 weeks: Dana. Next: Wed 9 Dec.': the lines for a weekly review on a day, by name."""
    found = [one for one in _drifts(snapshot, options, on) if one.next or not _was_named(snapshot, one.name, on)]
    if len(found) > MOST:
        weeks = min(one.weeks for one in found)
        return (f"{SAID}{_weeks(weeks)} or more: {listed([one.name for one in found])}.",)
    return tuple(_line(one) for one in found)


def tell(snapshot: Snapshot, options: AdvisorsOptions, weeks: Sequence[Week]) -> Told:
    """As `PolicyKind.tell` has it: whom there is a next 1:1 with; of others the review has spoken once."""
    del weeks
    there = (one for one in _drifts(snapshot, options, snapshot.today) if one.next)
    return Told(not_met=tuple(NotMet(name=d.name, every=int(options.drift), last=d.last, next=d.next) for d in there))


def _drifts(snapshot: Snapshot, options: AdvisorsOptions, on: date) -> list[_Drift]:
    met: dict[str, list[Event]] = {}
    for event in snapshot.events:
        if event.counts_as in _THERE and (who := report_in(snapshot, options, event)):
            met.setdefault(who, []).append(event)
    lost = (_lost(snapshot, options, address, events, on) for address, events in met.items())
    return sorted((one for one in lost if one), key=lambda one: (one.name, one.weeks))


def _line(one: _Drift) -> str:
    then = f"Next: {day_name(one.next)}." if one.next else "There is no next one."
    return f"{SAID}{_weeks(one.weeks)}: {one.name}. {then}"


def _weeks(count: int) -> str:
    return f"{count} week{'s' * (count != 1)}"


def _lost(
    snapshot: Snapshot, options: AdvisorsOptions, address: str, events: Sequence[Event], on: date
) -> _Drift | None:
    """None for whom the user has met, or who is not to be spoken of."""
    who: Subject = someone(snapshot, events[-1], address)
    over = [e for e in events if e.span.end <= snapshot.now]
    if not over or snapshot.never(who.id):
        return None
    held = [e for e in over if _was_held(snapshot, e, address)]
    since = local_day((held[-1] if held else over[0]).span.start, snapshot.zone)
    away = frozenset(_absences(snapshot, address))
    days = (since + n * DAY for n in range(1, (on - since).days + 1))
    both = sum(bool(snapshot.present(d)) and d not in away for d in days)
    week = max(1, sum(bool(snapshot.working(d)) for d in snapshot.this_week.days))
    if 7 * both < options.drift * week:
        return None
    ahead = (e for e in events if e.span.start > snapshot.now and e.counts_as is CountsAs.MEETING)
    following = next((local_day(e.span.start, snapshot.zone) for e in ahead), None)
    return _Drift(who.name, both // week, since if held else None, following)


def _was_held(snapshot: Snapshot, event: Event, address: str) -> bool:
    """Neither has declined, neither was away, and no other meeting lay over it that the user had accepted."""
    theirs = snapshot.people.replies(event).get(address)
    declined = event.counts_as is CountsAs.DECLINED or (theirs is not None and theirs.partstat is PartStat.DECLINED)
    over = (e for e in snapshot.meetings if e.ref != event.ref and e.span.overlaps(event.span))
    away = any(event.span.overlaps(r) for r in snapshot.away)
    return not (declined or away or any(e.mine or e.reply is PartStat.ACCEPTED for e in over))


def _absences(snapshot: Snapshot, address: str) -> Iterator[date]:
    """The days on which somebody is away, by all-day events of theirs in the calendars that are read."""
    for event in snapshot.events:
        if event.organizer == address and event.all_day and _is_absence(snapshot, event):
            yield from event.days()


def _is_absence(snapshot: Snapshot, event: Event) -> bool:
    who, title = snapshot.profile, event.summary
    named = best(title, who.away_titles) > best(title, who.not_away_titles)
    return not event.cancelled and (named or event.type is EventType.OUT_OF_OFFICE)


def _was_named(snapshot: Snapshot, name: str, on: date) -> bool:
    """Whether a slot of ours before this day has said so already."""
    before = (o.event for o in snapshot.ours if local_day(o.event.span.start, snapshot.zone) < on)
    lines = (line for e in before if SAID in e.description for line in words(e.description).reason.split("\n"))
    said = [line for line in lines if line.startswith(SAID)]
    return any(f" {name}{end}" in line for line in said for end in (".", ",", " and "))
