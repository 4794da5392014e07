"""`explain`: what is at a moment and why, or why nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from daemon.config import plugs
from daemon.cycle import Planned, wanted
from daemon.house import House
from daemon.model.errors import ConfigError
from daemon.model.event import Event
from daemon.model.proposal import Blocks, Want
from daemon.model.snapshot import OwnEvent
from daemon.model.times import local_day, week_of
from daemon.planning.why import Absence, Obstacle, absence
from policies.focus import FocusOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`foreign` and `ours`: what covers the moment.  `absence`: why no focus block does, where the time is free."""

    moment: datetime
    foreign: tuple[Event, ...]
    ours: tuple[OwnEvent, ...]
    absence: Absence | None


def explain(house: House, planned: Planned, moment: datetime) -> Explanation:
    """What is there at a moment of the window, and why; ConfigError for one outside of it."""
    snapshot = planned.view.snapshot
    if moment not in snapshot.window:
        zone = snapshot.zone
        first, last = local_day(snapshot.window.start, zone), local_day(snapshot.window.end, zone)
        raise ConfigError(f"{moment.astimezone(zone):%Y-%m-%d} is not planned", f"name a moment from {first} to {last}")
    foreign = tuple(e for e in snapshot.events if moment in e.span)
    ours = tuple(o for o in snapshot.ours if moment in o.event.span)
    taken = any(moment in r for r in snapshot.busy) or any(not o.event.all_day for o in ours)
    return Explanation(
        moment=moment, foreign=foreign, ours=ours, absence=None if taken else _absence(house, planned, moment)
    )  # fmt: skip


def _absence(house: House, planned: Planned, moment: datetime) -> Absence:
    """Of the first policy that places blocks; if it wants none that week, why it does not."""
    snapshot = planned.view.snapshot
    week = week_of(local_day(moment, snapshot.zone), snapshot.profile.week_starts)
    options = house.config.policies.get("focus")
    if not isinstance(options, FocusOptions) or not options.enabled:
        return Absence((Obstacle("the policy focus is switched off", "switch it on: [policies.focus]"),), None)
    wants = wanted(house, planned.view)
    want = _blocks(wants, week.key)
    if want and isinstance(want.when, Blocks):
        return absence(snapshot, wants, want, want.when, fill=house.config.fill, moment=moment)
    for change, because in (
        ({"mode": "goal"}, "focus acts only when free time is scarce, and this week it is not (`mode`)"),
        ({"weekly_goal": type(options.weekly_goal)(7 * 24 * 60)}, f"nothing more is owed in week {week.key}"),
    ):
        more = plugs.policy("focus").propose(snapshot, structs.replace(options, **change))
        if _blocks(more, week.key):
            key = next(iter(change))
            return Absence((Obstacle(because, f"change `{key}`"),), None)
    why = Obstacle("there is no working time left in that week in which you are there", "widen `working_hours`")
    return Absence((why,), None)


def _blocks(wants: Iterable[Want], key: str) -> Want | None:
    return next((w for w in wants if w.key == key and isinstance(w.when, Blocks)), None)
