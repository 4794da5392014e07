"""From wants to places: one person, one line of time, level by level.

What is pinned or has begun is given.  Until the end of the next working day (the freeze) nothing that stands moves
unless something was booked over it.  Then each level is solved exactly, given those above it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from daemon.model.plan import Unplaced
from daemon.model.proposal import Blocks, Fixed, Flexible, Want
from daemon.model.snapshot import TAKING, OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, local_day, week_of
from daemon.planning import blocks, slots
from daemon.planning.grid import Span, cut, hits, shared, to_range, to_span, union
from daemon.planning.keys import match, new_keys
from daemon.planning.score import SPACING, BlockProblem, DayProblem, SlotProblem
from daemon.planning.wording import crowded, hours, shortage

Wish = tuple[str, str]
"""Policy and key: the name of one wished event."""

NOTICE = timedelta(hours=1)
"""New events begin no sooner than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A want with its place.  `key` is whole, with the ordinal of a block."""

    want: Want
    key: str
    when: TimeRange | DateRange

    @property
    def wish(self) -> Wish:
        """Its name."""
        return self.want.policy, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """`stands`: events that keep their place although nothing is placed there (frozen, or booked over for now)."""

    placed: tuple[Placed, ...]
    stands: frozenset[Wish]
    unplaced: tuple[Unplaced, ...]


def freeze_end(snapshot: Snapshot) -> TimeRange:
    """From now to the end of the next working day on which the user is there (a week at the most)."""
    days = (snapshot.today + n * DAY for n in range(1, 8))
    last = next((d for d in days if snapshot.present(d)), snapshot.today + 7 * DAY)
    return TimeRange(snapshot.now, max(snapshot.now, DateRange(last, last + DAY).span(snapshot.zone).end))


def place(
    snapshot: Snapshot, wants: Iterable[Want], *, fill: float, held: frozenset[str] = frozenset(),
    used: frozenset[Wish] = frozenset(),
) -> Placement:  # fmt: skip
    """Give every want its place.

    `fill`: the share of a week's free working time that ours may take.  `held`: policies that could not be asked;
    their events stand, as given for the others.  `used`: every wish that ever had an event, so that ordinals of
    blocks are never used twice.
    """
    board = _Board.of(snapshot, wants, fill, held, used)
    for level in sorted({w.level for w in board.wants}):
        here = [w for w in board.wants if w.level is level]
        for want in here:
            match want.when:
                case Fixed():
                    board.fix(want, want.key, want.when.when)
                case Blocks():
                    board.place_blocks(want, want.when)
                case Flexible():
                    pass
        board.place_single([(w, w.when) for w in here if isinstance(w.when, Flexible)])
    return Placement(placed=tuple(board.placed), stands=frozenset(board.stands), unplaced=tuple(board.unplaced))


class _Board:
    """What is taken so far, while the levels are gone through.  Lives for one call of `place`."""

    def __init__(self, snapshot: Snapshot, wants: Sequence[Want], used: frozenset[Wish]) -> None:
        self.snapshot, self.wants, self.used = snapshot, wants, used
        self.busy: list[Span] = [to_span(r) for r in snapshot.busy]
        self.taken: list[Span] = list(self.busy)
        self.room: dict[Week, int] = {}
        self.movable: dict[Wish, OwnEvent] = {}
        self.given: dict[Wish, OwnEvent] = {}
        self.placed: list[Placed] = []
        self.stands: set[Wish] = set()
        self.unplaced: list[Unplaced] = []
        self.soonest = to_span(TimeRange(snapshot.now, snapshot.now + NOTICE))[1]

    @classmethod
    def of(
        cls, snapshot: Snapshot, wants: Iterable[Want], fill: float, held: frozenset[str], used: frozenset[Wish]
    ) -> _Board:
        """Sort what stands into given, frozen and movable."""
        skipped = {(s.policy, s.key) for s in snapshot.skips}
        begun = {(o.mark.policy, o.mark.key) for o in snapshot.ours if snapshot.begun(o.event)}
        left = [w for w in wants if (w.policy, w.key) not in skipped | begun]
        left.sort(key=lambda w: (w.level, w.policy, w.key))
        board = cls(snapshot, left, used | skipped | {(o.mark.policy, o.mark.key) for o in snapshot.ours})
        board._sort_out(held)
        for week in snapshot.weeks:
            board.room[week] = board._white_space(week, fill)
        return board

    def _sort_out(self, held: frozenset[str]) -> None:
        ours = self.snapshot.ours
        names = {(w.policy, w.key) for w in self.wants}
        hard = [o for o in ours if o.pinned or self.snapshot.begun(o.event)]
        for o in hard:
            self._give(o)
        frozen = freeze_end(self.snapshot)
        firm = self.busy + [to_span(o.event.span) for o in hard if not o.event.all_day]
        for o in ours:
            wish = (o.mark.policy, o.mark.key)
            if o in hard or o.event.all_day:
                continue
            if o.mark.policy in held or (o.event.span.start < frozen.end and not hits(to_span(o.event.span), firm)):
                self._stay(o)
            elif wish in names or (o.mark.policy, o.mark.key.rpartition("/")[0]) in names:
                self.movable[wish] = o
            elif o.edited:
                self._give(o)

    def _give(self, o: OwnEvent) -> None:
        self.given[o.mark.policy, o.mark.key] = o
        if not o.event.all_day:
            self.taken.append(to_span(o.event.span))

    def _stay(self, o: OwnEvent) -> None:
        self.stands.add((o.mark.policy, o.mark.key))
        self._give(o)

    def _white_space(self, week: Week, fill: float) -> int:
        """Minutes that ours may still take in a week."""
        working = [to_span(r) for d in week.days for r in self.snapshot.present(d)]
        free = sum(b - a for a, b in cut(working, self.busy))
        ours = union(to_span(o.event.span) for o in self.given.values() if not o.event.all_day)
        return max(0, int(fill * free) - sum(shared(s, cut(working, self.busy)) for s in ours))

    def _week(self, minute: int) -> Week:
        day = local_day(to_range((minute, minute)).start, self.snapshot.zone)
        return week_of(day, self.snapshot.profile.week_starts)

    def fix(self, want: Want, key: str, when: TimeRange | DateRange) -> None:
        """Put a want where it is."""
        self.placed.append(Placed(want=want, key=key, when=when))
        if isinstance(when, TimeRange):
            span = to_span(when)
            self.taken.append(span)
            week = self._week(span[0])
            self.room[week] = self.room.get(week, 0) - (span[1] - span[0])

    # -- blocks -----------------------------------------------------------------------------------------------------

    def place_blocks(self, want: Want, spec: Blocks) -> None:
        """As many blocks as it takes, matched to the keys that stand."""
        prefix = f"{want.key}/"
        standing = {k: o for (p, k), o in self.movable.items() if p == want.policy and k.startswith(prefix)}
        given = {k: o for (p, k), o in self.given.items() if p == want.policy and k.startswith(prefix)}
        for key, o in given.items():
            if not self.snapshot.begun(o.event):
                self.placed.append(Placed(want=want, key=key, when=o.event.when))
        frozen = [o for k, o in given.items() if (want.policy, k) in self.stands]
        total = spec.total - sum(o.event.span.minutes for o in frozen)
        problem = self._block_problem(want, spec, total, standing.values())
        found = blocks.solve(problem)
        pairs, over, left = match({k: to_span(o.event.span) for k, o in standing.items()}, found, self.snapshot.zone)
        ordinals = {k for p, k in self.used if p == want.policy and k.startswith(prefix)}
        for key, span in [*pairs, *zip(new_keys(prefix, ordinals), over, strict=False)]:
            self.fix(want, key, to_range(span))
        rest = total - sum(b - a for a, b in found)
        if rest >= problem.shortest:
            self._booked_over(want, [(k, standing[k]) for k in left])
            self._short(want, spec, problem, rest)

    def _block_problem(self, want: Want, spec: Blocks, total: int, standing: Iterable[OwnEvent]) -> BlockProblem:
        blocked = [(a - spec.buffer, b + spec.buffer) for a, b in self.taken]
        siblings = [
            to_span(o.event.span) for (p, _), o in self.given.items() if p == want.policy and not o.event.all_day
        ]
        blocked += [(a - SPACING, b + SPACING) for a, b in siblings]
        windows = cut([to_span(w) for w in spec.windows], [(0, self.soonest)])
        gaps = cut(windows, blocked)
        used = self._focus_used(want)
        days = [
            DayProblem(tuple(g for g in gaps if day[0] <= g[0] < day[1]), max(0, spec.per_day - used[day]))
            for d in spec.week.days
            for day in [to_span(DateRange(d, d + DAY).span(self.snapshot.zone))]
        ]
        return BlockProblem(
            days=tuple(d for d in days if d.gaps), total=max(0, min(total, self.room.get(spec.week, 0))),
            shortest=spec.shortest, ideal=spec.ideal, longest=spec.longest,
            prefer=tuple(union(to_span(r) for r in spec.prefer)),
            standing=tuple(sorted({to_span(o.event.span) for o in standing})),
        )  # fmt: skip

    def _focus_used(self, want: Want) -> Mapping[Span, int]:
        """Minutes of the daily cap that are spent: by what is given of this policy."""
        used: dict[Span, int] = defaultdict(int)
        for (policy, _), o in self.given.items():
            if policy == want.policy and not o.event.all_day:
                d = local_day(o.event.span.start, self.snapshot.zone)
                used[to_span(DateRange(d, d + DAY).span(self.snapshot.zone))] += o.event.span.minutes
        return used

    def _booked_over(self, want: Want, left: list[tuple[str, OwnEvent]]) -> None:
        """A block that was booked over and fits nowhere stays where it is and counts nothing."""
        for key, o in left:
            if hits(to_span(o.event.span), self.busy):
                self.stands.add((want.policy, key))
                self.unplaced.append(Unplaced(want.policy, key, self._crowded(o.event.span)))

    def _short(self, want: Want, spec: Blocks, problem: BlockProblem, rest: int) -> None:
        """Say how much is missing and which rule forbids it, by solving again without that rule."""
        have = sum(b - a for a, b in blocks.solve(problem))
        full = replace(problem, total=have + rest)
        free = replace(full, days=tuple(replace(d, cap=24 * 60) for d in problem.days))
        gain = [sum(b - a for a, b in blocks.solve(p)) > have for p in (full, free)]
        reason = shortage(rest, spec, white_space=gain[0], day_cap=gain[1])
        self.unplaced.append(Unplaced(want.policy, want.key, reason))

    # -- single events ----------------------------------------------------------------------------------------------

    def place_single(self, wants: list[tuple[Want, Flexible]]) -> None:
        """All single events of a level, week by week."""
        weeks: dict[Week, list[tuple[Want, SlotProblem]]] = defaultdict(list)
        for want, spec in wants:
            given = self.given.get((want.policy, want.key))
            if given:
                self.placed.append(Placed(want=want, key=want.key, when=given.event.when))
                continue
            problem = self._slot_problem(want, spec)
            if problem:
                weeks[self._week(problem.bounds[0])].append((want, problem))
        for week, rows in sorted(weeks.items()):
            chosen = slots.solve([p for _, p in rows], self.room.get(week, 0))
            for i, (want, problem) in enumerate(rows):
                if i in chosen:
                    self.fix(want, want.key, to_range((chosen[i], chosen[i] + problem.minutes)))
                else:
                    self._no_slot(want, problem)

    def _slot_problem(self, want: Want, spec: Flexible) -> SlotProblem | None:
        """None when the time for it has passed."""
        windows = cut([to_span(w) for w in spec.windows], [(0, self.soonest)])
        if not windows or windows[-1][1] - windows[0][0] < spec.minutes:
            return None
        mine = self.movable.get((want.policy, want.key))
        return SlotProblem(
            minutes=spec.minutes, gaps=tuple(g for g in cut(windows, self.taken) if g[1] - g[0] >= spec.minutes),
            bounds=(min(to_span(w)[0] for w in spec.windows), windows[-1][1]), late=spec.late,
            standing=to_span(mine.event.span) if mine else None,
        )  # fmt: skip

    def _no_slot(self, want: Want, problem: SlotProblem) -> None:
        bounds = to_range(problem.bounds)
        wish = (want.policy, want.key)
        if problem.gaps:
            reason = f"the week's room for events of unbusy is used up; {hours(problem.minutes)} are missing"
        else:
            reason = self._crowded(bounds)
        self.unplaced.append(Unplaced(*wish, reason))
        if wish in self.movable:
            self.stands.add(wish)

    def _crowded(self, when: TimeRange) -> str:
        over = [e for e in self.snapshot.events if e.span.overlaps(when) and e.counts_as in TAKING]
        return crowded(when, over, self.snapshot.zone)
