"""`explain`: what is at a moment and why, or why nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import structs

from daemon.config import Away, Config, away, profile, registry
from daemon.config.values import Hours
from daemon.explain.remedies import FocusLimits, Obstacle, Remedy, Step, Steps
from daemon.explain.search import Absence, absence
from daemon.model.errors import ConfigError
from daemon.model.event import Event
from daemon.model.options import ClockRange, Minutes
from daemon.model.proposal import Level, Want
from daemon.model.snapshot import ABSENCE, TAKING, OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, TimeRange, Week, local_day, merged, minus, minutes_of, week_of
from daemon.planning import notices
from daemon.planning.placement.levels import Placed, place
from daemon.planning.placement.minutes import SLOT, Span, union
from daemon.stages.observe import Observation
from daemon.stages.proposing import Planned, wanted
from daemon.stages.runtime import Runtime
from policies.focus.owed import POLICY, owed
from policies.focus.policy import FocusOptions

ALWAYS = Minutes(7 * 24 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`foreign` and `ours`: what covers the moment.  `absence`: why no focus block does, where the time is free."""

    moment: datetime
    foreign: tuple[Event, ...]
    ours: tuple[OwnEvent, ...]
    absence: Absence | None


def explain(runtime: Runtime, planned: Planned, moment: datetime) -> Explanation:
    """What is there at a moment of the window, and why; ConfigError for one outside of it."""
    snapshot = planned.observation.snapshot
    if moment not in snapshot.window:
        zone = snapshot.zone
        first, last = local_day(snapshot.window.start, zone), local_day(snapshot.window.end, zone)
        raise ConfigError(f"{moment.astimezone(zone):%Y-%m-%d} is not planned", f"name a moment from {first} to {last}")
    foreign = tuple(e for e in snapshot.events if moment in e.span)
    ours = tuple(o for o in snapshot.ours if moment in o.event.span)
    taken = any(e.counts_as in TAKING - ABSENCE for e in foreign) or any(not o.event.all_day for o in ours)
    why = None if taken else _stopped(planned) or _absence(runtime, planned.observation, moment)
    return Explanation(moment=moment, foreign=foreign, ours=ours, absence=why)


def _stopped(planned: Planned) -> Absence | None:
    """What keeps every new block away, whatever the settings."""
    observation = planned.observation
    unread = [c.name for c in notices.unknown(observation.snapshot)] + [observation.main] * (
        observation.main in observation.stale
    )
    stops = [Obstacle(f"the calendar {name} cannot be read", "`unbusy check` says what is wrong") for name in unread]
    stops += [Obstacle(p.what, p.remedy) for p in planned.plan.problems if p.where == f"policy {POLICY}"]
    return Absence(tuple(stops), None) if stops else None


def _absence(runtime: Runtime, observation: Observation, moment: datetime) -> Absence:
    """Why no focus block is there.  Each change that may bring one is tried, by planning that week with it."""
    config, week = (
        runtime.config,
        week_of(local_day(moment, observation.snapshot.zone), observation.snapshot.profile.week_starts),
    )
    window = TimeRange(observation.snapshot.window.start, week.span(observation.snapshot.zone).end)
    snapshot = replace(observation.snapshot, window=window)  # weeks that come later have no say
    before = [want for want in wanted(runtime, observation) if want.level < Level.FOCUS]

    def comes(remedy: Remedy) -> bool:
        changed = _changed(config, remedy, snapshot)
        after = _after(snapshot, changed, remedy)
        wants = [*before, *_asked(after, _focus(changed), week)]
        placed = place(after, wants, fill=changed.fill, used=frozenset(observation.own)).placed
        blocks = [
            p for p in placed if p.want.policy == POLICY and not p.when.all_day and moment in p.when.span(after.zone)
        ]
        return any(_has_room(after, placed, block, changed.max_per_day) for block in blocks)

    return absence(snapshot, _limits(snapshot, config, week), moment, _switches(snapshot, _focus(config), week), comes)


def _focus(config: Config) -> FocusOptions:
    section = config.policies[POLICY]
    return section if isinstance(section, FocusOptions) else FocusOptions()


def _asked(snapshot: Snapshot, options: FocusOptions, week: Week) -> list[Want]:
    return [want for want in registry.policy(POLICY).propose(snapshot, options) if want.key == week.key]


def _has_room(snapshot: Snapshot, placed: Iterable[Placed], block: Placed, most: int) -> bool:
    """Whether `max_per_day` lets a block be made: of the new events of a day, those of higher levels come first."""
    standing, zone = {o.wish for o in snapshot.ours}, snapshot.zone
    if block.wish in standing:
        return True
    day, rank = block.when.first_day(zone), (block.want.level, block.key)
    earlier = (p for p in placed if p.wish not in standing and (p.want.level, p.key) < rank)
    taken = [when.first_day(zone) for when in (*(o.event.when for o in snapshot.ours), *(p.when for p in earlier))]
    return taken.count(day) < most


# -- what stands in the config ----------------------------------------------------------------------------------------


def _limits(snapshot: Snapshot, config: Config, week: Week) -> FocusLimits:
    options = _focus(config)
    return FocusLimits(
        policy=POLICY,
        week=week,
        owed=owed(snapshot, options.weekly_goal, week),
        goal=options.weekly_goal,
        goals=tuple(_goals(snapshot, options.weekly_goal, week)),
        shortest=options.block.min,
        ideal=options.block.ideal,
        per_day=options.per_day,
        buffer=options.buffer,
        fill=config.fill,
        prefer=tuple(_minutes(span) for span in options.prefer.spans),
        away=away(config, snapshot.zone),
        most=config.max_per_day,
    )


def _goals(snapshot: Snapshot, goal: int, week: Week) -> Iterator[int]:
    """Larger goals, up to one that owes all free time of the week, and twice what it is now in any case."""
    free = minutes_of(minus((r for d in week.days for r in snapshot.present(d)), snapshot.busy))
    for more in range(goal + SLOT, ALWAYS + 1, SLOT):
        yield more
        if more >= 2 * goal and owed(snapshot, more, week) >= free:
            return


def _switches(snapshot: Snapshot, options: FocusOptions, week: Week) -> Steps:
    """What has to be switched before any block can come in that week."""
    eager = structs.replace(options, weekly_goal=ALWAYS)
    steps = []
    if not options.enabled:
        off = Obstacle("the policy focus is switched off", "set `enabled = true` in [policies.focus]")
        steps.append(Step(Remedy(settings=(("enabled", True),)), 0, off))
    if not _asked(snapshot, eager, week) and _asked(snapshot, structs.replace(eager, mode="goal"), week):
        because = f"focus acts only in a week that fills up, and week {week.key} has not"
        steps.append(Step(Remedy(settings=(("mode", "goal"),)), 0, Obstacle(because, "set `mode` to goal")))
    return tuple(steps)


def _minutes(span: ClockRange) -> Span:
    start = span.start.hour * 60 + span.start.minute
    return start, start + span.minutes


# -- after a change ---------------------------------------------------------------------------------------------------


def _changed(config: Config, remedy: Remedy, snapshot: Snapshot) -> Config:
    """The config after a change."""
    settings, options = dict(remedy.settings), _focus(config)
    top: dict[str, object] = {key: settings.pop(key) for key in ("fill", "max_per_day") if key in settings}
    if remedy.work:
        top["working_hours"] = _wider(config.working_hours, remedy.work, snapshot.zone)
    if remedy.present:
        top["away"] = tuple(part for span in config.away for part in _without(span, remedy.present))
    if "block.min" in settings:
        settings["block"] = structs.replace(options.block, min=settings.pop("block.min"))
    return structs.replace(config, policies={**config.policies, POLICY: structs.replace(options, **settings)}, **top)


def _wider(hours: Hours, work: TimeRange, zone: ZoneInfo) -> Hours:
    """Working hours with a span on that day of the week."""
    start, end = work.start.astimezone(zone), work.end.astimezone(zone)
    weekday = start.weekday()
    spans = union([_minutes(ClockRange(start.time(), end.time())), *map(_minutes, hours[weekday])])
    day = tuple(ClockRange(_clock(a), _clock(b)) for a, b in spans)
    return Hours(day if n == weekday else old for n, old in enumerate(hours))


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _without(span: Away, day: date) -> Iterator[Away]:
    """What is left of days away without one of them."""
    parts = ((span.first, min(span.last, day - DAY)), (max(span.first, day + DAY), span.last))
    yield from (Away(first=first, last=last) for first, last in parts if first <= last)


def _after(snapshot: Snapshot, config: Config, remedy: Remedy) -> Snapshot:
    """The calendar after a change; one of ours that is dropped is skipped."""
    events = tuple(e for e in snapshot.events if e.ref not in remedy.drop)
    dropped = [o for o in snapshot.ours if o.event.ref in remedy.drop]
    skips = (Skip(*o.wish, o.event.when.first_day(snapshot.zone), o.event.span.minutes) for o in dropped)
    absent = [e.span for e in events if e.counts_as in ABSENCE]
    return replace(
        snapshot,
        profile=profile(config),
        events=events,
        ours=tuple(o for o in snapshot.ours if o not in dropped),
        skips=(*snapshot.skips, *skips),
        away=merged([*absent, *away(config, snapshot.zone)]),
    )
