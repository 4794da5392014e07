"""Placement once more, by other means: its rules worked out from the snapshot alone, its optimum by CP-SAT.

Nothing here is shared with the placement but the score.  What may lie where, and how much of it, is read off snapshot
and wants in instants; the best of that is found by a solver with one Boolean for each candidate (a start and a length).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from ortools.sat.python import cp_model

from daemon.model.proposal import Blocks, Fixed, Flexible, Noon, Role, Want
from daemon.model.snapshot import OwnEvent
from daemon.model.times import (
    DAY,
    MINUTE,
    DateRange,
    TimeRange,
    Week,
    clock_span,
    local_day,
    minus,
    minutes_of,
    week_of,
    within,
)
from daemon.planning.placement.levels import Placed, Placement
from daemon.planning.placement.minutes import to_span
from daemon.planning.placement.score import PLACE_POINTS, BlockProblem, SlotProblem, block_points, slot_score
from instances import Instance

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One event at one place.  No two may have a cell in common; `loads` count to the limits of the same name."""

    points: int
    cells: tuple[Hashable, ...]
    loads: Mapping[Hashable, int]


@dataclass(frozen=True, slots=True)
class Task:
    """What was to be placed together: all that was possible, what was chosen; of each of `meals` one stays free."""

    name: str
    candidates: Mapping[tuple[str, TimeRange], Candidate]
    limits: Mapping[Hashable, int]
    chosen: Sequence[tuple[str, TimeRange]]
    meals: Sequence[Sequence[TimeRange]] = ()

    @property
    def score(self) -> int:
        """The points of what was chosen; KeyError where that is no candidate."""
        return sum(self.candidates[c].points for c in self.chosen)

    def allowed(self) -> bool:
        """Whether what was chosen keeps the rules."""
        taken = [self.candidates[c] for c in self.chosen if c in self.candidates]
        cells = [cell for c in taken for cell in c.cells]
        loads = {name: sum(c.loads.get(name, 0) for c in taken) for name in self.limits}
        apart = len(set(cells)) == len(cells)
        spans = [when for _, when in self.chosen]
        fed = all(any(not any(s.overlaps(when) for when in spans) for s in day) for day in self.meals)
        within_limits = all(loads[n] <= most for n, most in self.limits.items())
        return len(taken) == len(self.chosen) and apart and fed and within_limits


def optimum(task: Task) -> int:
    """The best score that can be had, proven."""
    model = cp_model.CpModel()
    picks = [(model.new_bool_var(""), c) for c in task.candidates.values()]
    _limited(model, task, picks)
    _fed(model, task, [pick for pick, _ in picks])
    model.maximize(cp_model.LinearExpr.weighted_sum([p for p, _ in picks], [c.points for _, c in picks]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AssertionError(f"no proven optimum of {task.name}: {solver.response_stats()}")
    return round(solver.objective_value)


def _limited(model: cp_model.CpModel, task: Task, picks: Sequence[tuple[cp_model.IntVar, Candidate]]) -> None:
    """No cell twice, no limit passed."""
    cells: dict[Hashable, list[cp_model.IntVar]] = defaultdict(list)
    loads: dict[Hashable, tuple[list[cp_model.IntVar], list[int]]] = defaultdict(lambda: ([], []))
    for pick, c in picks:
        for cell in c.cells:
            cells[cell].append(pick)
        for name, load in c.loads.items():
            loads[name][0].append(pick)
            loads[name][1].append(load)
    for some in cells.values():
        model.add_at_most_one(some)
    for name, (some, weights) in loads.items():
        model.add(cp_model.LinearExpr.weighted_sum(some, weights) <= task.limits[name])


def _fed(model: cp_model.CpModel, task: Task, picks: Sequence[cp_model.IntVar]) -> None:
    """One of each day's meals stays free."""
    spans = [(pick, when) for pick, (_, when) in zip(picks, task.candidates, strict=True)]
    for day in task.meals:
        eaten = [(model.new_bool_var(""), slot) for slot in day]
        model.add_at_least_one(meal for meal, _ in eaten)
        for meal, slot in eaten:
            for pick, when in spans:
                if slot.overlaps(when):
                    model.add_at_most_one(meal, pick)


@dataclass(frozen=True)
class Rules:
    """The rules of placement as they hold in one instance, given what it placed at higher levels."""

    instance: Instance
    placement: Placement

    # -- what stands -----------------------------------------------------------------------------------------------

    @cached_property
    def frozen_until(self) -> datetime:
        """The end of the next working day on which the user is there, within a week."""
        snap = self.instance.snapshot
        days = [snap.today + n * DAY for n in range(1, 8)]
        last = next((d for d in days if minus(snap.working(d), snap.away)), days[-1])
        return DateRange(last, last + DAY).span(snap.zone).end

    @cached_property
    def firm(self) -> tuple[OwnEvent, ...]:
        """Begun or placed by the user."""
        snap = self.instance.snapshot
        return tuple(o for o in snap.ours if o.pinned or snap.begun(o.event))

    def collides(self, o: OwnEvent) -> bool:
        """Whether a foreign event, or one of ours that cannot move, lies over it."""
        hard = [*self.instance.snapshot.busy, *(f.event.span for f in self.firm if not f.event.all_day)]
        return any(r.overlaps(o.event.span) for r in hard)

    @cached_property
    def frozen(self) -> tuple[OwnEvent, ...]:
        """Stays where it is for now."""
        fixed = {(w.policy, w.key) for w in self.instance.wants if isinstance(w.when, Fixed)}
        rest = (o for o in self.instance.snapshot.ours if o not in self.firm and not o.event.all_day)
        return tuple(
            o
            for o in rest
            if (o.mark.policy, o.mark.key) not in fixed
            and (o.mark.policy in self.instance.held or (self.stays_for_now(o) and not self.must_go(o)))
            and o not in self.spent
        )

    def must_go(self, o: OwnEvent) -> bool:
        """Whether it cannot stay where it is; a block that was moved before does so if the user has changed it."""
        over = self.collides(o) or o in self.over_lunch or self.is_astray(o)
        return over and not (self.moved_before(o) and o.edited)

    def moved_before(self, o: OwnEvent) -> bool:
        """Whether it is a block that has had its one move."""
        wanted = {(w.policy, w.key) for w in self.instance.wants if isinstance(w.when, Blocks)}
        return o.mark.moves > 0 and (o.mark.policy, o.mark.key.rpartition("/")[0]) in wanted

    @cached_property
    def spent(self) -> tuple[OwnEvent, ...]:
        """Moved before, and unable to stay: it goes."""
        rest = (o for o in self.instance.snapshot.ours if o not in self.firm and not o.event.all_day)
        mine = (o for o in rest if self.moved_before(o) and o.mark.policy not in self.instance.held and not o.edited)
        return tuple(o for o in mine if self.collides(o) or o in self.over_lunch)

    def is_astray(self, o: OwnEvent) -> bool:
        """Outside of all that its policy would have it in."""
        spec = next((w.when for w in self.instance.wants if w.wish == o.wish), None)
        return isinstance(spec, Flexible) and all(minus([o.event.span], [r]) for r in spec.windows)

    def lunches(self, day: date, want: Want) -> bool:
        """Whether a day has its lunch before a want gets its place."""
        zone = self.instance.snapshot.zone
        new = (p for p in self.placement.placed if not self.is_given(p) and self.comes_first(p.want, want))
        return day in self.fed or day in {local_day(p.when.span(zone).start, zone) for p in new}

    def comes_first(self, want: Want, other: Want) -> bool:
        """Whether a want is lunch, and gets its place before another one."""
        return self.is_lunch(want) and want.level <= other.level and not self.is_lunch(other)

    def is_lunch(self, it: Want | OwnEvent) -> bool:
        """Whether this is what one eats at."""
        return self.instance.snapshot.roles.of(it.wish) is Role.LUNCH

    @cached_property
    def fed(self) -> set[date]:
        """The days on which lunch stands and stays: where others decide its place, so that one can eat in it."""
        snap, wanted, out = self.instance.snapshot, {w.wish for w in self.instance.wants}, set()
        for o in filter(self.is_lunch, snap.ours):
            day = local_day(o.event.span.start, snap.zone)
            if o in self.firm or o.mark.policy in self.instance.held or (o.edited and o.wish not in wanted):
                around = minus([TimeRange(snap.window.start, snap.window.end + 9 * DAY)], [o.event.span])
                fits = bool(self.meals(day, [*snap.busy, *around]))
            else:
                fits = o.wish in wanted and not self.collides(o) and not self.is_astray(o)
            out |= {day} if fits else set()
        return out

    def stays_for_now(self, o: OwnEvent) -> bool:
        """In the freeze, or over a noon that is never ours any more, or after its one move.

        Not what hangs on events of others that are gone: it follows at once.
        """
        noon = any(
            o.event.span.overlaps(r) for r in self.noon(local_day(o.event.span.start, self.instance.snapshot.zone))
        )
        wanted = {w.wish for w in self.instance.wants}
        alone = self.instance.snapshot.role(o).hangs and not {o.wish, o.wish.want} & wanted
        return (o.event.span.start < self.frozen_until or noon or self.moved_before(o)) and not alone

    def noon(self, day: date) -> list[TimeRange]:
        """The noon of a day, if foreign events leave a meal of it."""
        snap, lunch = self.instance.snapshot, self.instance.snapshot.profile.lunch
        if lunch is None:
            return []
        noon = clock_span(day, *lunch.noon, snap.zone)
        return [noon] if any(r.minutes >= lunch.minutes for r in minus([noon], snap.busy)) else []

    def meals(self, day: date, taken: Sequence[TimeRange]) -> list[TimeRange]:
        """Every stretch in which one could eat."""
        snap, lunch = self.instance.snapshot, self.instance.snapshot.profile.lunch
        if lunch is None:
            return []
        window, free = clock_span(day, *lunch.between, snap.zone), []
        for r in minus([window], taken):
            last = r.minutes - lunch.minutes
            starts = [*range(0, last + 1, 5), *([last] if last >= 0 else [])]
            free += [TimeRange(r.start + n * MINUTE, r.start + (n + lunch.minutes) * MINUTE) for n in starts]
        return free

    @cached_property
    def over_lunch(self) -> list[OwnEvent]:
        """Those that took the last lunch of their day: the fewest that give one back, of those the latest."""
        snap, out = self.instance.snapshot, []
        soft = [o for o in snap.ours if o not in self.firm and not o.event.all_day and not o.edited]
        soft = [o for o in soft if o.mark.policy not in self.instance.held and not self.is_lunch(o)]
        hard = [*snap.busy, *(f.event.span for f in self.firm if not f.event.all_day)]
        for day in {local_day(o.event.span.start, snap.zone) for o in soft} - self.fed:
            here = [o for o in soft if local_day(o.event.span.start, snap.zone) == day]
            meals = self.meals(day, hard)
            taken = [[o for o in here if o.event.span.overlaps(m)] for m in meals]
            if meals and all(taken):
                out += min(taken, key=lambda some: (len(some), [-o.event.span.start.timestamp() for o in some]))
        return out

    @cached_property
    def touched(self) -> tuple[OwnEvent, ...]:
        """Nobody wants it any more, but the user has changed it: it stays."""
        wanted = {(w.policy, w.key) for w in self.instance.wants}
        rest = (o for o in self.instance.snapshot.ours if o not in (*self.firm, *self.frozen) and not o.event.all_day)
        names = ((o, {(o.mark.policy, o.mark.key), (o.mark.policy, o.mark.key.rpartition("/")[0])}) for o in rest)
        return tuple(o for o, name in names if o.edited and name.isdisjoint(wanted))

    @cached_property
    def given(self) -> tuple[OwnEvent, ...]:
        """All of ours, in instants, that keep their place whatever is wanted."""
        return tuple(o for o in (*self.firm, *self.frozen, *self.touched) if not o.event.all_day)

    def standing(self, want: Want) -> list[TimeRange]:
        """Where events of a want stand that may be moved."""
        still = [*self.given, *self.spent]
        own = (o for o in self.instance.snapshot.own(want.policy) if o not in still and not o.event.all_day)
        names = {want.key, f"{want.key}/"}
        return [o.event.span for o in own if {o.mark.key, o.mark.key.rpartition("/")[0] + "/"} & names]

    def is_given(self, placed: Placed) -> bool:
        """Whether it was there before."""
        ours = [*self.given, *self.firm]
        return placed.wish in {(o.mark.policy, o.mark.key) for o in ours}

    # -- what is taken ---------------------------------------------------------------------------------------------

    def above(self, want: Want) -> list[tuple[Want, TimeRange]]:
        """What was placed before it: higher levels, at its own what has a time first, then blocks, then lunch."""
        order = (Fixed, Blocks, Flexible)

        def rank(w: Want) -> tuple[int, int, bool, str, str]:
            kind = order.index(type(w.when))
            return w.level, kind, not self.is_lunch(w), *((w.policy, w.key) if kind == 1 else ("", ""))

        before = (p for p in self.placement.placed if rank(p.want) < rank(want))
        return [(p.want, p.when) for p in before if isinstance(p.when, TimeRange)]

    def ahead(self, windows: Sequence[TimeRange]) -> list[TimeRange]:
        """What lies at least an hour ahead of each window."""
        now = self.instance.snapshot.now
        past = TimeRange(now - 400 * DAY, now + HOUR)
        return [r for w in windows for r in minus([w], [past])]

    def room(self, week: Week, want: Want) -> int:
        """Minutes of a week's free working time that may still be taken."""
        snap = self.instance.snapshot
        free = minus([r for d in week.days for r in snap.working(d)], [*snap.away, *snap.busy])
        own = [o.event.span for o in (*self.firm, *self.touched) if not o.event.all_day]
        new = [(p.want, p.when) for p in self.placement.placed if not self.is_given(p)]
        above = [(w, r) for w, r in self.above(want) if (w, r) in new]
        known = sum(minutes_of(within([r], free)) for w, r in above if isinstance(w.when, Fixed))
        whole = [*(o.event.span for o in self.frozen), *(r for w, r in above if not isinstance(w.when, Fixed))]
        spent = minutes_of(within(own, free)) + known + sum(r.minutes for r in whole if self.week(r.start) == week)
        return max(0, int(self.instance.fill * minutes_of(free)) - spent)

    def week(self, moment: datetime) -> Week:
        """The week in which it lies."""
        snap = self.instance.snapshot
        return week_of(local_day(moment, snap.zone), snap.profile.week_starts)

    def starts(self, spans: Sequence[TimeRange], minutes: int, step: int) -> Iterator[datetime]:
        """Every start on the grid of local wall time with room for so many minutes."""
        for r in spans:
            start = r.start + (-r.start.minute % 5) * MINUTE
            while start + minutes * MINUTE <= r.end:
                if start.astimezone(self.instance.snapshot.zone).minute % step == 0:
                    yield start
                start += 5 * MINUTE

    # -- what was to be placed -------------------------------------------------------------------------------------

    def tasks(self) -> Iterator[Task]:
        """Everything that was solved together: the blocks of each want, the single events of a level in a week."""
        snap = self.instance.snapshot
        done = {(s.policy, s.key) for s in snap.skips}
        done |= {(o.mark.policy, o.mark.key) for o in self.firm if snap.begun(o.event)}
        singles: dict[tuple[int, bool, Week], list[tuple[Want, Flexible]]] = defaultdict(list)
        fixed = {(o.mark.policy, o.mark.key) for o in (*self.firm, *self.frozen)}
        for want in self.instance.wants:
            if isinstance(want.when, Blocks) and (want.policy, want.key) not in done:
                yield self.block_task(want, want.when)
            elif isinstance(want.when, Flexible) and (want.policy, want.key) not in done | fixed:
                first = min(w.start for w in want.when.windows)
                singles[want.level, self.is_lunch(want), self.week(first)].append((want, want.when))
        for (_, _, week), wants in singles.items():
            yield self.slot_task(week, wants)

    def block_task(self, want: Want, spec: Blocks) -> Task:
        """The blocks of one want in its week."""
        snap, buffer = self.instance.snapshot, spec.buffer * MINUTE
        above = self.above(want)
        noons = [r for d in spec.week.days for r in self.noon(d)]
        around = [TimeRange(b.start - buffer, b.end + buffer) for b in snap.busy]
        firm = [(o.mark.policy, o.event.span) for o in self.given if o not in self.frozen]
        placed = [(w.policy, r) for w, r in above]
        free = minus(spec.windows, [*noons, *around, *(r for p, r in (*firm, *placed) if p != want.policy)])
        frozen = [(o.mark.policy, o.event.span) for o in self.frozen]
        siblings = [r for p, r in (*firm, *frozen, *placed) if p == want.policy]
        apart = [TimeRange(r.start - QUARTER, r.end + QUARTER) for r in siblings]
        nights = [DateRange(d, d + DAY).span(snap.zone).end for d in spec.week.days]
        apart += [TimeRange(n - QUARTER, n) for n in nights if any(r.start < n < r.end for r in free)]
        refused = [s.when for s in snap.skips if s.policy == want.policy and s.when]
        gaps = minus(self.ahead(free), [*apart, *refused, *(r for _, r in frozen)])
        scored = BlockProblem(
            days=(), total=0, shortest=spec.shortest, ideal=spec.ideal, longest=spec.longest,
            free=tuple(map(to_span, free)), prefer=tuple(map(to_span, spec.prefer)),
            standing=tuple(to_span(r) for r in self.standing(want)), each=PLACE_POINTS if spec.each else 0,
        )  # fmt: skip
        candidates = {}
        for length in (n for n in range(15, spec.longest + 1, 15) if n >= spec.shortest):
            for start in self.starts(gaps, length, 15):
                when = TimeRange(start, start + length * MINUTE)
                cells = tuple(range(to_span(when)[0], to_span(when)[1] + 15, 15))
                day = local_day(start, snap.zone)
                loads: dict[Hashable, int] = {"total": length, day: length}
                if spec.one_a_day:
                    loads["one", day] = 1
                candidates[want.key, when] = Candidate(block_points(to_span(when), scored), cells, loads)
        stays = [*snap.busy, *(o.event.span for o in self.given), *(r for _, r in placed)]
        days = [self.meals(d, stays) for d in spec.week.days if not self.lunches(d, want)]
        meals = [day for day in days if day and all(any(m.overlaps(g) for g in gaps) for m in day)]
        limits = self.block_limits(want, spec)
        return Task(f"{want.policy} {want.key}", candidates, limits, self.chosen([want]), meals)

    def block_limits(self, want: Want, spec: Blocks) -> dict[Hashable, int]:
        """Minutes in the week, and on each of its days."""
        own = [(o.mark.key, o.event.span) for o in self.given if o.mark.policy == want.policy]
        frozen = {o.mark.key for o in self.frozen if o.mark.key.startswith(f"{want.key}/")}
        spent = [o for o in self.spent if o.mark.key.startswith(f"{want.key}/")]
        total = spec.total - sum(r.minutes for key, r in own if key in frozen)
        total -= sum(o.event.span.minutes for o in spent)
        limits: dict[Hashable, int] = {"total": min(max(0, total), self.room(spec.week, want))}
        spent_on: dict[date, int] = {}
        for d in spec.week.days:
            spent_on[d] = sum(r.minutes for _, r in own if local_day(r.start, self.instance.snapshot.zone) == d)
            limits[d] = max(0, spec.per_day - spent_on[d])
            if any((s.policy, s.day, s.when) == (want.policy, d, None) for s in self.instance.snapshot.skips):
                limits[d] = min(limits[d], self.stands_on(want, d))
            if spec.slack:
                limits[d] = max(0, min(limits[d], self.untaken(want, d) - spec.slack))
            if spec.one_a_day:
                limits["one", d] = 1
                limits[d] = min(limits[d], self.stands_on(want, d)) if spent_on[d] else limits[d]
        return limits

    def untaken(self, want: Want, day: date) -> int:
        """Minutes of a day's working time that are free of busy time and of all of ours that stay or come before."""
        snap = self.instance.snapshot
        ours = [*(o.event.span for o in self.given), *(r for _, r in self.above(want))]
        return minutes_of(minus(snap.working(day), [*snap.away, *snap.busy, *ours]))

    def stands_on(self, want: Want, day: date) -> int:
        """Minutes of its blocks that stand on a day and may be moved: after a skip it gets no others there."""
        zone, still = self.instance.snapshot.zone, [*self.given, *self.spent]
        mine = (o for o in self.instance.snapshot.ours if o.wish.want == want.wish)
        own = (o for o in mine if o not in still and not o.event.all_day)
        return sum(o.event.span.minutes for o in own if local_day(o.event.span.start, zone) == day)

    def slot_task(self, week: Week, wants: Sequence[tuple[Want, Flexible]]) -> Task:
        """The single events of a level whose windows begin in one week."""
        candidates = {}
        for want, spec in wants:
            ours = [*(o.event.span for o in self.given), *(r for _, r in self.above(want))]
            hard = [*self.instance.snapshot.busy, *(self.eaten(week, ours, want) if spec.noon is Noon.APART else [])]
            gaps = [g for w in self.ahead(spec.windows) for g in minus([w], [*hard, *ours])]
            standing = self.standing(want)
            scored = SlotProblem(
                minutes=spec.minutes, gaps=(), late=spec.late,
                bounds=to_span(TimeRange(min(w.start for w in spec.windows), max(w.end for w in spec.windows))),
                standing=to_span(standing[0]) if standing else None,
            )  # fmt: skip
            above = [*(o.event.span for o in self.firm if not o.event.all_day), *(r for _, r in self.above(want))]
            above += [o.event.span for o in self.touched if not o.event.all_day]
            if any(r.start <= a.start < r.end for r in spec.unless for a in above):
                continue
            for start in self.starts(gaps, spec.minutes, 5 if spec.minutes < 30 else 15):
                when = TimeRange(start, start + spec.minutes * MINUTE)
                if spec.noon is Noon.BESIDE and not self.leaves_lunch(
                    want, when, [*self.instance.snapshot.busy, *ours]
                ):
                    continue
                cells = (want.policy + want.key, *range(to_span(when)[0], to_span(when)[1], 5))
                points = slot_score(to_span(when)[0], scored)
                candidates[want.policy + want.key, when] = Candidate(points, cells, {"room": spec.minutes})
        limits: dict[Hashable, int] = {"room": self.room(week, wants[0][0])}
        chosen = self.chosen([w for w, _ in wants])
        return Task(f"level {wants[0][0].level.name} {week.key}", candidates, limits, chosen)

    def eaten(self, week: Week, ours: Sequence[TimeRange], want: Want) -> Iterator[TimeRange]:
        """Noon, and of the other stretches in which one could eat one a day, best where nothing of ours stands."""
        stay = (*self.given, *self.firm, *self.over_lunch, *self.spent)
        wanted = {(w.policy, w.key) for w in self.instance.wants}
        names = ((o, {(o.mark.policy, o.mark.key), (o.mark.policy, o.mark.key.rpartition("/")[0])})
                 for o in self.instance.snapshot.ours if o not in stay and not o.event.all_day)  # fmt: skip
        soft = [o.event.span for o, name in names if not name.isdisjoint(wanted)]
        for day in week.days:
            noon = self.noon(day)
            yield from noon
            meals = [] if self.lunches(day, want) else self.meals(day, [*self.instance.snapshot.busy, *ours])
            untouched = [m for m in meals if not any(m.overlaps(r) for r in soft)] or meals
            on_grid = [m for m in untouched if self.on_grid(m, meals)]
            if not any(n.start <= m.start and m.end <= n.end for m in on_grid for n in noon):
                yield from on_grid[:1]

    def on_grid(self, meal: TimeRange, meals: Sequence[TimeRange]) -> bool:
        """Whether it begins on a quarter of an hour, or is the first or the last of those in a row."""
        near = {m.start - meal.start for m in meals}
        first, last = (not any(sign * HOUR / 2 > sign * d > timedelta() for d in near) for sign in (-1, 1))
        return first or last or meal.start.astimezone(self.instance.snapshot.zone).minute % 15 == 0

    def leaves_lunch(self, want: Want, when: TimeRange, taken: Sequence[TimeRange]) -> bool:
        """Whether one can still eat on its day, if one could before."""
        day = local_day(when.start, self.instance.snapshot.zone)
        return self.lunches(day, want) or not self.meals(day, taken) or bool(self.meals(day, [*taken, when]))

    def chosen(self, wants: Sequence[Want]) -> list[tuple[str, TimeRange]]:
        """What placement made of them."""
        new = (p for p in self.placement.placed if p.want in wants and not self.is_given(p))
        name = {id(w): w.key if isinstance(w.when, Blocks) else w.policy + w.key for w in wants}
        return [(name[id(p.want)], p.when) for p in new if isinstance(p.when, TimeRange)]
