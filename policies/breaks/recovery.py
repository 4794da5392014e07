"""After long runs of meetings: ten or twenty minutes, where a colleague could take them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from daemon.model.event import ShowAs
from daemon.model.figures.long_runs import NEAR, LongRun, breather, long_runs
from daemon.model.owner import Subject
from daemon.model.proposal import Content, Flexible, Level, Noon, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import TimeRange, Week
from daemon.model.words import hours
from policies.breaks.options import POLICY, BreaksOptions, key

AHEAD = timedelta(hours=24)
PER_WEEK = 2
VERY_LONG = 180  # minutes of a run from which its pause is the longer one
LENGTHS = (20, 10)


class _Break(NamedTuple):
    day: date
    run: LongRun
    where: TimeRange


def pauses(snapshot: Snapshot, options: BreaksOptions) -> Iterator[Want]:
    """A day ahead, after the longest runs of each week; none where an event of ours begins soon after the run."""
    for day, run, where in (found for found in _all(snapshot) if found.where.start - snapshot.now <= AHEAD):
        reason = f"After {hours(run.span.minutes)} of meetings without a break: {where.minutes} min of air."
        near = TimeRange(run.span.end, run.span.end + NEAR)
        yield Want(
            policy=POLICY, key=key("recovery", day), level=Level.RECOVERY, about=(Subject("recovery"),),
            content=Content(title=options.title, reason=reason, show_as=ShowAs.BUSY),
            when=Flexible(minutes=where.minutes, windows=(where,), noon=Noon.BESIDE, unless=(near,)),
            source=frozenset(e.ref.calendar for e in run.meetings),
        )  # fmt: skip


def moments(snapshot: Snapshot) -> Iterator[datetime]:
    """When one is a day ahead."""
    yield from (found.where.start - AHEAD for found in _all(snapshot))


def _all(snapshot: Snapshot) -> Iterator[_Break]:
    return (found for week in snapshot.weeks for found in _chosen(snapshot, week))


def _chosen(snapshot: Snapshot, week: Week) -> list[_Break]:
    """What stands first, then by weight; what has been, and what the user turned down or keeps, counts."""
    days = {key("recovery", day): day for day in week.days}
    own = {days[o.mark.key]: o for o in snapshot.own(POLICY) if o.mark.key in days}
    skips = {days[s.key] for s in snapshot.skips if s.policy == POLICY and s.key in days}
    ahead = [day for day in week.days if day >= snapshot.today and day not in skips]
    found = [b for day in ahead for b in _of_day(snapshot, day, own.get(day))]
    stand = [b for b in found if b.day in own]
    kept = {day for day, o in own.items() if o.edited or snapshot.begun(o.event)} - {b.day for b in stand}
    rest = sorted((b for b in found if b not in stand), key=_weight)
    return [*stand, *rest[: max(0, PER_WEEK - len(skips | kept) - len(stand))]]


def _of_day(snapshot: Snapshot, day: date, own: OwnEvent | None) -> list[_Break]:
    """The one of a day: where it stands by now, else the weightiest of those that have room."""
    runs = ((run, LENGTHS if run.span.minutes >= VERY_LONG else LENGTHS[1:]) for run in long_runs(snapshot, day))
    found = (_Break(day, run, where) for run, some in runs if (where := breather(snapshot, run, day, some)))
    rows = (b for b in found if b.where.start > snapshot.now)
    return sorted(rows, key=lambda b: (own is None or b.where.start != own.event.span.start, *_weight(b)))[:1]


def _weight(found: _Break) -> tuple[bool, int, datetime]:
    """Where the day goes on it is needed most; then after the longest run."""
    return found.run.last, -found.run.span.minutes, found.run.span.start
