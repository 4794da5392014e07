"""Placement reaches the exact optimum at every level: held against OR-tools CP-SAT on whole calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from daemon.model.event import CountsAs
from daemon.model.owner import Field, OwnState
from daemon.model.proposal import Blocks, Flexible, Level
from daemon.model.times import DAY, DateRange
from daemon.planning.placement.levels import Placement
from instances import Instance, draw
from making import span
from oracle import Candidate, Rules, Task, optimum

SEEDS = [(weeks, seed) for weeks in (1, 2, 4) for seed in range(60)]


@cache
def instance(weeks: int, seed: int) -> Instance:
    """Without reviews that shorten a block when it has its place: that is no matter of the score."""
    drawn = draw(Random(1000 * weeks + seed), weeks=weeks)  # noqa: S311  nothing secret
    wants = (replace(w, when=replace(w.when, cuts=0)) if isinstance(w.when, Flexible) else w for w in drawn.wants)
    return replace(drawn, wants=tuple(wants))


@cache
def placement(weeks: int, seed: int) -> Placement:
    return instance(weeks, seed).placed()


@pytest.mark.parametrize(("weeks", "seed"), SEEDS)
def test_every_level_has_the_best_score_that_its_rules_allow(weeks: int, seed: int) -> None:
    for task in Rules(instance(weeks, seed), placement(weeks, seed)).tasks():
        assert task.allowed(), task.name
        assert task.score == optimum(task), task.name


# -- the instances are no easy ones ---------------------------------------------------------------------------


def terms(inst: Instance, placed: Placement) -> Iterator[str]:
    """What an instance has in it that placement must heed."""
    snap, rules = inst.snapshot, Rules(inst, placed)
    blocks = [w.when for w in inst.wants if isinstance(w.when, Blocks)]
    days = [DateRange(d, d + DAY).span(snap.zone).minutes for w in snap.weeks for d in w.days if snap.working(d)]
    kinds = {e.counts_as for e in snap.events}
    before = {o.wish: o.event.when for o in snap.ours}
    facts = {
        "pinned": any(o.pinned and not snap.begun(o.event) for o in snap.ours),
        "retitled": any(Field.TITLE in o.edited for o in snap.ours),
        "begun": any(snap.begun(o.event) for o in snap.ours),
        "frozen": bool(rules.frozen),
        "booked over": any(rules.collides(o) for o in snap.ours if not o.pinned),
        "moved": any(before.get(p.wish, p.when) != p.when for p in placed.placed),
        "kept outside the freeze": any(
            before.get(p.wish) == p.when for p in placed.placed if p.wish not in placed.stands
        ),
        "stays although booked over": OwnState.BOOKED_OVER in placed.stands.values(),
        "skipped": bool(snap.skips),
        "hours refused": any(s.when and s.policy == "focus" for s in snap.skips),
        "spent": bool(rules.spent),
        "settled after its move": any(rules.moved_before(o) for o in rules.frozen),
        "one a day": any(b.one_a_day for b in blocks),
        "slack": any(b.slack for b in blocks),
        "first run": not snap.ours,
        "a policy held": bool(inst.held),
        "meetings": CountsAs.MEETING in kinds,
        "made by hand": CountsAs.FOCUS in kinds,
        "away": bool(snap.away),
        "a day of 23 hours": min(days, default=1440) < 1440,
        "a day of 25 hours": max(days, default=1440) > 1440,
        "part-time": any(not snap.working(d) for d in snap.this_week.days[:5]),
        "a week from Sunday": snap.profile.week_starts == 6,
        "buffers": any(b.buffer for b in blocks),
        "lengths off the grid": any(b.shortest % 15 or b.longest % 15 for b in blocks),
        "preferred times": any(b.prefer for b in blocks),
        "too little room": any("`fill`" in u.reason or "room" in u.reason for u in placed.unplaced),
        "a day's cap": any("`per_day`" in u.reason for u in placed.unplaced),
        "too few gaps": any("no other free stretch" in u.reason for u in placed.unplaced),
    }
    yield from (name for name, holds in facts.items() if holds)
    yield from (f"level {level.name}" for level in {p.want.level for p in placed.placed})


def test_the_instances_draw_every_term() -> None:
    seen = Counter(term for at in SEEDS for term in terms(instance(*at), placement(*at)))
    assert len(seen) == 29 + len(Level) - 1, "named focus is nobody's level there"
    assert min(seen.values()) >= 4, seen


# -- the oracle itself ----------------------------------------------------------------------------------------


def task(*chosen: str, most: int) -> Task:
    """Three places, of which the middle one overlaps both others and is worth most by itself."""
    places = {"Mon 09:00-09:30": (3, (0, 1)), "Mon 09:15-09:45": (5, (1, 2)), "Mon 09:30-10:00": (4, (2, 3))}
    candidates = {("w", span(p)): Candidate(points, cells, {"total": 30}) for p, (points, cells) in places.items()}
    return Task("three places", candidates, {"total": most}, [("w", span(when)) for when in chosen])


@pytest.mark.parametrize(("most", "best"), [(60, 7), (30, 5), (29, 0)])
def test_the_oracle_weighs_places_against_each_other(most: int, best: int) -> None:
    assert optimum(task(most=most)) == best


@pytest.mark.parametrize(
    ("chosen", "allowed"),
    [
        pytest.param(task(most=60), True, id="nothing"),
        pytest.param(task("Mon 09:00-09:30", "Mon 09:30-10:00", most=60), True, id="side by side"),
        pytest.param(task("Mon 09:00-09:30", "Mon 09:15-09:45", most=60), False, id="one over the other"),
        pytest.param(task("Mon 09:00-09:30", "Mon 09:30-10:00", most=59), False, id="more than the limit"),
        pytest.param(task("Mon 09:05-09:35", most=60), False, id="where nothing may be"),
    ],
)
def test_the_oracle_knows_what_keeps_the_rules(chosen: Task, allowed: bool) -> None:
    assert chosen.allowed() is allowed
