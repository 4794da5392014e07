"""A week in words: what it comes to, what is missing, and a list of its events for who cannot see the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.config import Config, registry
from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.figures.owing import settled
from daemon.model.proposal import BlockLimits, Role
from daemon.model.snapshot import ABSENCE, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, minus, minutes_of, within
from daemon.model.words import NO_TITLE, heading, hours, listed, one_line, weekday

SLOT = 15
"""Minutes to which a goal is rounded up, where days away have made it odd."""

_WORDS = {
    CountsAs.MEETING: "meeting", CountsAs.BUSY: "busy", CountsAs.FOCUS: "focus of your own",
} | dict.fromkeys(ABSENCE, "away")  # fmt: skip
_SHOWN = {ShowAs.FREE: "shown free", ShowAs.TENTATIVE: "shown tentative", ShowAs.BUSY: "shown busy"}


def summary(snapshot: Snapshot, config: Config, week: Week) -> str:
    """What it comes to: 'Week 50: 6 of 8 h of focus in 3 blocks; Wednesday has none.'."""
    span = week.span(snapshot.zone)
    blocks = [o for o in snapshot.ours if snapshot.role(o) is Role.FOCUS and o.event.span.overlaps(span)]
    whole = [r for o in blocks for r in snapshot.time_of(o.event)]
    whole += [e.span for e in snapshot.events if e.counts_as is CountsAs.FOCUS]
    kept = minutes_of(minus(within(whole, [span]), snapshot.busy))
    aim = max(kept, -(-_aim(snapshot, config, week) // SLOT) * SLOT)
    much = f"{hours(kept)} of focus" if aim == kept else f"{_less(kept, aim)} of {hours(aim)} of focus"
    many = f" in {len(blocks)} {'block' if len(blocks) == 1 else 'blocks'}" if blocks else ""
    return f"Week {int(week.key[-2:])}: {much}{many}{_without(snapshot, week, whole) if aim > kept else ''}."


def _less(kept: int, aim: int) -> str:
    """'6', where what follows says that these are hours."""
    return str(kept // 60) if kept % 60 == 0 and aim % 60 == 0 else hours(kept)


def _aim(snapshot: Snapshot, config: Config, week: Week) -> int:
    """Minutes of focus that the policies want in a week."""
    found = 0
    for name, kind in registry.kinds(config.policies).items():
        if kind.explain and config.policies[name].enabled:
            limits: BlockLimits = kind.explain(snapshot, config.policies[name], week)
            if limits.role is Role.FOCUS:
                keys = f"{week.key}/"
                found += settled(snapshot, week.span(snapshot.zone), policy=name, keys=keys).kept + limits.owed
    return found


def _without(snapshot: Snapshot, week: Week, focus: list[TimeRange]) -> str:
    """'; Wednesday and Friday have none', of the days that are still ahead."""
    ahead = [d for d in week.days if d >= snapshot.today and snapshot.present(d)]
    bare = [d for d in ahead if not within(focus, snapshot.present(d))]
    if not bare or len(bare) == len(ahead):
        return ""
    return f"; {listed([weekday(d) for d in bare])} {'has' if len(bare) == 1 else 'have'} none"


def listing(snapshot: Snapshot, week: Week) -> Iterator[str]:
    """Each day with its events and their exact times, as lines without any drawing."""
    drawn = [e for e in snapshot.events if e.counts_as in _WORDS]
    events = sorted([*drawn, *(o.event for o in snapshot.ours)], key=lambda e: (e.span, e.ref))
    for day in week.days:
        here = [e for e in events if e.span.overlaps(DateRange(day, day + DAY).span(snapshot.zone))]
        if here:
            yield heading(day) + (" (today)" if day == snapshot.today else "")
            yield from (f"  {_when(e, snapshot)}  {one_line(e.summary) or NO_TITLE} ({_what(e)})" for e in here)


def _when(event: Event, snapshot: Snapshot) -> str:
    if event.all_day:
        return "all day    "
    start, end = event.span.start.astimezone(snapshot.zone), event.span.end.astimezone(snapshot.zone)
    return f"{start:%H:%M}–{end:%H:%M}"


def _what(event: Event) -> str:
    if event.counts_as is CountsAs.OURS:
        return f"unbusy, {_SHOWN[event.show_as]}"
    return _WORDS[event.counts_as] + (", not answered" if event.unanswered else "")
