"""A week in words: what it comes to, what is missing, and a list of its events for who cannot see the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.config import Config, registry
from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.figures.owing import settled
from daemon.model.proposal import BlockLimits, Role
from daemon.model.snapshot import ABSENCE, OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, minus, minutes_of, within
from daemon.model.words import NO_TITLE, clock, counted, heading, hours, in_day, listed, one_line, weekday
from daemon.planning.after import after
from daemon.stages.proposing import Planned
from daemon.views.cells import isolated

SLOT = 15
"""Minutes to which a goal is rounded up, where days away have made it odd."""

NAMES = {
    Role.FOCUS: "focus block", Role.FLAG: "flag", Role.NOTICE: "notice", Role.PROMPT: "prompt", Role.PAUSE: "pause",
    Role.LUNCH: "lunch", Role.LANDING: "landing", Role.PREPARATION: "preparation", Role.HABIT: "habit",
    Role.HOLD: "hold",
}  # fmt: skip
"""What an event of each role is called."""

_WORDS = {
    CountsAs.MEETING: "meeting", CountsAs.BUSY: "busy", CountsAs.FOCUS: "focus of your own",
} | dict.fromkeys(ABSENCE, "away")  # fmt: skip
_SHOWN = {ShowAs.FREE: "shown free", ShowAs.TENTATIVE: "shown tentative", ShowAs.BUSY: "shown busy"}


class Total(Struct, frozen=True, kw_only=True):
    """What a week comes to: minutes of focus that are `kept`, of those it aims at, in how many `blocks`.

    `bare`: the days ahead that have none of it, where others have.  `others`: how many events of ours begin in it that
    are for something else.  `changes`: how many of a plan fall into it.
    """

    week: Week
    kept: int
    aim: int
    blocks: int
    bare: tuple[date, ...]
    others: Mapping[Role, int]
    changes: int = 0


def totals(planned: Planned, config: Config) -> list[Total]:
    """Each week from this one on, as the plan would leave it."""
    snapshot = after(planned.observation.snapshot, planned.plan.changes)
    per_week = Counter(snapshot.week_of(c.when) for c in planned.plan.changes)
    return [total(snapshot, config, week, per_week[week]) for week in snapshot.weeks]


def total(snapshot: Snapshot, config: Config, week: Week, changes: int = 0) -> Total:
    """What a week comes to."""
    span = week.span(snapshot.zone)
    ours = [o for o in snapshot.ours if o.event.span.overlaps(span)]
    blocks = [o.event for o in ours if snapshot.role(o) is Role.FOCUS]
    by_hand = [e for e in snapshot.hand_made if e.span.overlaps(span)]
    own = within((r for e in by_hand for r in snapshot.time_of(e)), [span])
    own = minus(own, [*(e.span for e in snapshot.meetings), *snapshot.away])
    placed = minus(within((r for e in blocks for r in snapshot.time_of(e)), [span]), snapshot.busy)
    kept = minutes_of((*placed, *own))
    aim = max(kept, -(-(_aim(snapshot, config, week) + minutes_of(own)) // SLOT) * SLOT)
    return Total(
        week=week, kept=kept, aim=aim, blocks=len(blocks) + len(by_hand),
        bare=_bare(snapshot, week, (*placed, *own)) if aim > kept else (),
        others=Counter(_role(snapshot, o) for o in ours if o.event.span.start in span and o.event not in blocks),
        changes=changes,
    )  # fmt: skip


def _role(snapshot: Snapshot, own: OwnEvent) -> Role:
    """What stands over a whole day says something of it, whatever it is for."""
    return Role.FLAG if own.event.all_day else snapshot.role(own)


def summary(found: Total) -> str:
    """'Week 50: 6 of 8 h of focus in 3 blocks; Wednesday has none.'."""
    bare = f"; {listed([weekday(d) for d in found.bare])} {'has' if len(found.bare) == 1 else 'have'} none"
    return f"{_name(found)}: {_much(found)} of focus{_many(found)}{bare * bool(found.bare)}."


def line(found: Total) -> str:
    """'Week 50: 6 of 8 h in 3 blocks; 1 flag; 4 prompts; 12 changes'."""
    focus = [f"{_much(found)}{_many(found)}"] if found.aim else []
    others = [counted(found.others[role], NAMES[role]) for role in NAMES if found.others.get(role)]
    changes = [counted(found.changes, "change")] if found.changes else []
    return f"{_name(found)}: {'; '.join([*focus, *others, *changes]) or 'nothing'}"


def _name(found: Total) -> str:
    return f"Week {int(found.week.key[-2:])}"


def _much(found: Total) -> str:
    """'6 of 8 h', '6 h 30'."""
    return hours(found.kept) if found.aim == found.kept else f"{_less(found.kept, found.aim)} of {hours(found.aim)}"


def _many(found: Total) -> str:
    return f" in {counted(found.blocks, 'block')}" if found.blocks else ""


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


def _bare(snapshot: Snapshot, week: Week, focus: Sequence[TimeRange]) -> tuple[date, ...]:
    """The days ahead without any of it; none where that is all of them."""
    ahead = [d for d in week.days if d >= snapshot.today and snapshot.present(d)]
    bare = tuple(d for d in ahead if not within(focus, snapshot.present(d)))
    return bare if len(bare) < len(ahead) else ()


def _title(event: Event) -> str:
    return isolated(one_line(event.summary) or NO_TITLE)


def listing(before: Snapshot, then: Snapshot, week: Week, named: Callable[[Event], str] = _title) -> Iterator[str]:
    """Each day with its working time and its events, as lines without any drawing; what a plan changes is said."""
    old = {o.event.ref.uid: o.event for o in before.ours}
    new = {o.event.ref.uid: o.event for o in then.ours}
    foreign = [(e, _WORDS[e.counts_as]) for e in then.events if e.counts_as in _WORDS]
    ours = [(e, f"unbusy, {_SHOWN[e.show_as]}{_change(old.get(uid), e, then.zone)}") for uid, e in new.items()]
    gone = [(e, "unbusy, to be taken back") for uid, e in old.items() if uid not in new]
    events = sorted([*foreign, *ours, *gone], key=lambda pair: (pair[0].span, pair[0].ref))
    for day in week.days:
        here = [(e, what) for e, what in events if e.span.overlaps(DateRange(day, day + DAY).span(then.zone))]
        working = _working(then, day)
        if here or working:
            yield heading(day) + (" (today)" if day == then.today else "") + working
        for event, what in here:
            yield f"  {_when(event, then.zone)}  {named(event)} ({what}{', not answered' * event.unanswered})"
        if working and not here:
            yield "  nothing"


def _change(old: Event | None, new: Event, zone: ZoneInfo) -> str:
    """What a plan does to an event: ', new', ', moved from Tue 1 Dec 09:00–11:00', ', changed'."""
    if old is None:
        return ", new"
    if old.when != new.when:
        return f", moved from {clock(old.when, zone)}"
    return ", changed" * ((old.summary, old.show_as) != (new.summary, new.show_as))


def _working(snapshot: Snapshot, day: date) -> str:
    """', working time 09:00–17:30, noon 12:00–13:00'; '' for a day without."""
    spans = [in_day(span, snapshot.zone) for span in snapshot.working(day)]
    lunch = snapshot.profile.lunch
    noon = f", noon {lunch.noon[0]:%H:%M}–{lunch.noon[1]:%H:%M}" if lunch and lunch.noon[0] != lunch.noon[1] else ""
    return f", working time {listed(spans)}{noon}" if spans else ""


def _when(event: Event, zone: ZoneInfo) -> str:
    return "all day    " if event.all_day else in_day(event.span, zone)
