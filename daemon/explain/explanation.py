"""`explain`: what is at a moment and why, or why nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.config import Away, Config, away, profile, registry
from daemon.config.values import Hours
from daemon.explain.remedies import TOP, Limits, Obstacle, Remedy, RemedyPart, RemedyParts, minutes_of_day
from daemon.explain.search import Absence, absence
from daemon.model.errors import ConfigError
from daemon.model.event import Event, EventRef
from daemon.model.options import ClockRange, PolicyOptions
from daemon.model.owner import OwnState, Wish
from daemon.model.plan import Delete
from daemon.model.proposal import BlockLimits, Blocks, Level, Rank, Role, Want
from daemon.model.protocols import Explain, PolicyKind
from daemon.model.snapshot import ABSENCE, TAKING, OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, TimeRange, Week, local_day, merged, week_of
from daemon.model.user.reply import Replied, Sent, invitation_of
from daemon.planning import notices
from daemon.planning.placement.levels import Placed, place
from daemon.planning.placement.minutes import union
from daemon.planning.restraint import budgets
from daemon.planning.snapshots import skip_of
from daemon.stages.observe import Observation
from daemon.stages.proposing import Planned, wanted
from daemon.stages.reading import READ_ON
from daemon.stages.runtime import Runtime

T = TypeVar("T", bound=Struct)


class Explanation(Struct, frozen=True, kw_only=True):
    """`foreign` and `ours`: what covers the moment.

    `absences`: where the time is free, why no block is there, by each policy that can say so.  `fewer`: why what is
    there, or would be, asks no more questions.  `replies`: what a rule of the user's has answered to what covers it.
    """

    moment: datetime
    foreign: tuple[Event, ...]
    ours: tuple[OwnEvent, ...]
    absences: Mapping[str, Absence]
    fewer: tuple[str, ...] = ()
    replies: Mapping[EventRef, Replied] = field(default_factory=dict)


class _Asked(Struct, frozen=True):
    """A policy that can say why there is no block of it, as the config has it."""

    name: str
    kind: PolicyKind
    explain: Explain

    def options(self, config: Config) -> PolicyOptions:
        """`[policies.NAME]`."""
        return config.policies.get(self.name) or self.kind.options()

    def wants(self, snapshot: Snapshot, config: Config, week: Week, level: Level) -> list[Want]:
        """Its blocks of that level in a week."""
        asked = self.kind.propose(snapshot, self.options(config))
        wants = (w for w in asked if isinstance(w, Want))
        return [w for w in wants if isinstance(w.when, Blocks) and w.when.week == week and w.level is level]


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
    asked = () if taken else _asked(runtime.config)
    why = {policy.name: _why(runtime, planned, moment, policy) for policy in asked}
    fewer = [said for when, said in planned.plan.fewer if moment in when.span(snapshot.zone)]
    fewer += [] if fewer else _unasked(snapshot, ours, runtime.config)
    replies = {e.ref: r for e in foreign if (r := snapshot.replies.get(invitation_of(e).key)) and r.sent is Sent.DONE}
    return Explanation(
        moment=moment, foreign=foreign, ours=ours, absences=why, fewer=tuple(fewer), replies=replies
    )  # fmt: skip


def _unasked(snapshot: Snapshot, ours: Iterable[OwnEvent], config: Config) -> Iterator[str]:
    """Of what stands and asks: that its day or week is asked as much as it may be."""
    budget = budgets.of_questions(config.attention.questions_per_day, config.attention.questions_per_week)
    days = {o.event.when.first_day(snapshot.zone) for o in ours if snapshot.role(o) is Role.PROMPT}
    return filter(None, (budgets.spent(snapshot, budget, day) for day in days))


def _asked(config: Config) -> Iterator[_Asked]:
    kinds = registry.kinds(config.policies).items()
    yield from (_Asked(name, kind, kind.explain) for name, kind in kinds if kind.explain)


def _why(runtime: Runtime, planned: Planned, moment: datetime, asked: _Asked) -> Absence:
    try:
        return _stopped(planned, asked) or _absence(runtime, _without_spent(planned), moment, asked)
    except Exception as e:  # noqa: BLE001  a policy may be anybody's code, and must not silence the others
        failed = Obstacle(
            f"policy {asked.name} cannot say why ({type(e).__name__}: {e})", "update or remove its package"
        )
        return Absence((failed,), None)


def _stopped(planned: Planned, asked: _Asked) -> Absence | None:
    """What keeps every new block away, whatever the settings."""
    observation = planned.observation
    snapshot, main = observation.snapshot, observation.main
    unknown = notices.unknown(snapshot)
    stops = [Obstacle(f"{notices.called(c, snapshot, main)} is {c.part}", READ_ON) for c in unknown if c.part]
    unread = [notices.called(c, snapshot, main) for c in unknown if not c.part]
    unread += [f"the calendar {main}"] * (main in observation.stale and not stops)
    stops += [Obstacle(f"{name} cannot be read", "`unbusy check` says what is wrong") for name in dict.fromkeys(unread)]
    stops += [Obstacle(p.what, p.remedy) for p in planned.plan.problems if p.where == f"policy {asked.name}"]
    return Absence(tuple(stops), None) if stops else None


def _without_spent(planned: Planned) -> Observation:
    """What was seen, with the blocks that this plan takes for spent already gone: nothing comes in their place."""
    observation = planned.observation
    spent = {c.wish: c.before for c in planned.plan.changes if isinstance(c, Delete) and c.becomes is OwnState.SPENT}
    if not spent:
        return observation
    snapshot = observation.snapshot
    skips = (
        Skip(*wish, o.event.when.first_day(snapshot.zone), o.asked.minutes, spent=True, when=o.event.span)
        for wish, o in spent.items()
    )
    ours = tuple(o for o in snapshot.ours if o.wish not in spent)
    return replace(observation, snapshot=replace(snapshot, ours=ours, skips=(*snapshot.skips, *skips)))


def _absence(runtime: Runtime, observation: Observation, moment: datetime, asked: _Asked) -> Absence:
    """Why no block is there.  Each change that may bring one is tried, by planning that week with it."""
    config, week = (
        runtime.config,
        week_of(local_day(moment, observation.snapshot.zone), observation.snapshot.profile.week_starts),
    )
    window = TimeRange(observation.snapshot.window.start, week.span(observation.snapshot.zone).end)
    snapshot = replace(observation.snapshot, window=window)  # weeks that come later have no say
    own = asked.explain(snapshot, asked.options(config), week)
    first = (w for w in wanted(runtime, observation) if w.level <= own.level)
    before = [w for w in first if w.level < own.level or w.policy != asked.name]

    def comes(remedy: Remedy) -> bool:
        changed = _changed(config, remedy, snapshot, asked)
        after = _after(snapshot, changed, remedy)
        wants = [*before, *asked.wants(after, changed, week, own.level)]
        placed = place(after, wants, fill=changed.fill, used=frozenset(observation.own)).placed
        mine = (p for p in placed if p.want.policy == asked.name and not p.when.all_day)
        blocks = [p for p in mine if moment in p.when.span(after.zone)]
        return any(_has_room(after, placed, block, changed) for block in blocks)

    limits = Limits(
        policy=asked.name, week=week, own=own, fill=config.fill, away=away(config, snapshot.zone),
        most=config.max_per_day, most_a_week=config.max_per_week,
    )  # fmt: skip
    return absence(snapshot, limits, moment, _switches(asked, config, own), comes)


def _has_room(snapshot: Snapshot, placed: Iterable[Placed], block: Placed, config: Config) -> bool:
    """Whether `max_per_day` and `max_per_week` let a block be made: of what is new, the more important comes first."""
    standing, zone = {o.wish for o in snapshot.ours}, snapshot.zone
    if block.wish in standing:
        return True

    def rank(p: Placed) -> tuple[Rank, date, Wish]:
        return budgets.order(p.want.ranked(snapshot.roles), p.wish, p.when, snapshot)

    counted = [o.event.when for o in snapshot.ours if snapshot.role(o).counts]
    new = [p for p in placed if p.wish not in standing and snapshot.roles.of(p.wish).counts]
    before = [p.when for p in new if rank(p) < rank(block)]
    taken = [when.first_day(zone) for when in (*counted, *before)]
    day, week = block.when.first_day(zone), snapshot.week_of(block.when)
    return taken.count(day) < config.max_per_day and sum(d in week.days for d in taken) < config.max_per_week


# -- what stands in the config ----------------------------------------------------------------------------------------


def _switches(asked: _Asked, config: Config, own: BlockLimits) -> RemedyParts:
    """What has to be switched before any block can come in that week."""
    off = Obstacle(f"the policy {asked.name} is switched off", f"set `enabled = true` in [policies.{asked.name}]")
    steps = () if asked.options(config).enabled else (RemedyPart(Remedy(settings=(("enabled", True),)), 0, off),)
    needed = (
        RemedyPart(Remedy(settings=((switch.option, switch.value),)), 0, Obstacle(switch.because, switch.change))
        for switch in own.switches
    )
    return (*steps, *needed)


# -- after a change ---------------------------------------------------------------------------------------------------


def _changed(config: Config, remedy: Remedy, snapshot: Snapshot, asked: _Asked) -> Config:
    """The config after a change."""
    settings: dict[str, object] = dict(remedy.settings)
    top: dict[str, object] = {key: settings.pop(key) for key in TOP if key in settings}
    if remedy.work:
        top["working_hours"] = _wider(config.working_hours, remedy.work, snapshot.zone)
    if remedy.present:
        top["away"] = tuple(part for span in config.away for part in _without(span, remedy.present))
    options = asked.options(config)
    for path, value in settings.items():
        options = _with(options, path, value)
    return replace(config, policies={**config.policies, asked.name: options}, **top)


def _with(options: T, path: str, value: object) -> T:
    """Options with another value of one of them ('block.min')."""
    key, _, rest = path.partition(".")
    return replace(options, **{key: _with(getattr(options, key), rest, value) if rest else value})


def _wider(hours: Hours, work: TimeRange, zone: ZoneInfo) -> Hours:
    """Working hours with a span on that day of the week."""
    start, end = work.start.astimezone(zone), work.end.astimezone(zone)
    weekday = start.weekday()
    spans = union(map(minutes_of_day, [ClockRange(start.time(), end.time()), *hours[weekday]]))
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
    skips = (skip_of(o, snapshot.profile) for o in dropped)
    absent = [e.span for e in events if e.counts_as in ABSENCE]
    return replace(
        snapshot,
        profile=profile(config, snapshot.profile.former),
        events=events,
        ours=tuple(o for o in snapshot.ours if o not in dropped),
        skips=(*snapshot.skips, *skips),
        away=merged([*absent, *away(config, snapshot.zone)]),
    )
