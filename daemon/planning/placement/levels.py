"""From wants to places: one person, one line of time, level by level, each solved exactly given those above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.owner import OwnState, Wish
from daemon.model.plan import Unplaced
from daemon.model.proposal import Blocks, Fixed, Flexible, Role, Want
from daemon.model.snapshot import TAKING, OwnEvent, Snapshot
from daemon.model.times import TimeRange, Week, When
from daemon.model.words import hours
from daemon.planning.placement import blocks, slots
from daemon.planning.placement.comparing import compared
from daemon.planning.placement.giving_way import ends, is_over, may_end_earlier
from daemon.planning.placement.keys import match, new_keys
from daemon.planning.placement.minutes import Span, hits, to_range, to_span
from daemon.planning.placement.occupancy import NOTICE, Occupancy, blocks_of, freeze_end
from daemon.planning.placement.score import BlockProblem, SlotProblem
from daemon.planning.placement.wording import crowded, shortage

__all__ = ["NOTICE", "Placed", "Placement", "freeze_end", "place"]


class Placed(Struct, frozen=True, kw_only=True):
    """A want with its place.  `key` is whole, with the ordinal of a block.

    `lost`: it was booked over there, and has no other place.  `why`: of a new block, why it is there; '' for the reason
    of its want.  `cut_for`: the title of what it has made room for.
    """

    want: Want
    key: str
    when: When
    lost: bool = False
    why: str = ""
    cut_for: str = ""

    @property
    def compares(self) -> bool:
        """Whether its reason is of its own, and not that of its want."""
        return isinstance(self.want.when, Blocks) and self.want.when.goal > 0

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.want.policy, self.key)


class Placement(Struct, frozen=True, kw_only=True):
    """`stands`: events that keep their place although nothing is placed there.

    What begins soon is STANDING or what else it is; what fits nowhere for now is BOOKED_OVER.  `lost`: of the latter
    the blocks.  `over_lunch`: events that had to leave the last time for lunch of their day, placed elsewhere or not.
    `spent`: blocks that had been moved before, and go.  `no_room`: blocks whose day has come, with no other place and
    no hour and a half left of theirs: they go, too.
    """

    placed: tuple[Placed, ...]
    stands: Mapping[Wish, OwnState]
    unplaced: tuple[Unplaced, ...]
    lost: tuple[Placed, ...] = ()
    over_lunch: frozenset[Wish] = frozenset()
    spent: frozenset[Wish] = frozenset()
    no_room: frozenset[Wish] = frozenset()


def place(
    snapshot: Snapshot, wants: Iterable[Want], *, fill: float, held: frozenset[str] = frozenset(),
    kept: frozenset[Wish] = frozenset(), used: frozenset[Wish] = frozenset(),
) -> Placement:  # fmt: skip
    """Give every want its place.

    `fill`: the share of a week's free working time that ours may take.  `held`: policies that could not be asked;
    their events stand, as given for the others.  `kept`: single events that do so.  `used`: every wish that ever had
    an event, so that ordinals of blocks are never used twice.
    """
    skipped = {s.wish for s in snapshot.skips}
    begun = {o.wish for o in snapshot.ours if snapshot.begun(o.event)}
    left = [w for w in wants if w.wish not in skipped | begun]
    left.sort(key=lambda w: (w.level, w.wish))
    known = used | skipped | {o.wish for o in snapshot.ours}
    run = _Run(Occupancy(snapshot, left, fill=fill, stays=lambda wish: wish.policy in held or wish in kept), known)
    for level in sorted({w.level for w in left}):
        run.place_level([w for w in left if w.level is level])
    return Placement(
        placed=tuple(sorted(_opened(run.placed, snapshot), key=lambda p: p.wish)),
        stands=dict.fromkeys(run.booked_over, OwnState.BOOKED_OVER)
        | {wish: o.state for wish, o in run.occupancy.frozen.items()},
        unplaced=tuple(sorted(run.unplaced, key=lambda u: u.wish)),
        lost=tuple(run.lost),
        over_lunch=run.occupancy.over_lunch,
        spent=frozenset(run.occupancy.spent),
        no_room=frozenset(run.no_room),
    )


def _opened(placed: Iterable[Placed], snapshot: Snapshot) -> Iterator[Placed]:
    """The next event of a policy begins with its opening; the first of some blocks asks what is asked of it."""
    begun: set[str] = set()
    asked: set[Wish] = set()
    for each in sorted(placed, key=lambda p: p.when.span(snapshot.zone).start):
        p, content = each, each.want.content
        if content.first and p.want.wish not in asked and not _begun(p, snapshot):
            asked.add(p.want.wish)
            ids, texts = zip(*content.first, strict=True)
            content = replace(content, questions=texts, question_ids=ids)
            p = replace(p, want=replace(p.want, content=content))
        if content.opening and p.want.policy not in begun and not _begun(p, snapshot):
            begun.add(p.want.policy)
            yield replace(
                p, want=replace(p.want, content=replace(content, reason=f"{content.opening}\n{content.reason}"))
            )
        else:
            yield p


def _begun(placed: Placed, snapshot: Snapshot) -> bool:
    return placed.when.span(snapshot.zone).start <= snapshot.now


class _Run:
    """The answer as it grows.  Lives for one call of `place`."""

    def __init__(self, occupancy: Occupancy, used: frozenset[Wish]) -> None:
        self.occupancy, self.used = occupancy, used
        self.placed: list[Placed] = []
        self.lost: list[Placed] = []
        self.booked_over: set[Wish] = set()
        self.no_room: set[Wish] = set()
        self.unplaced: list[Unplaced] = []

    def place_level(self, wants: Sequence[Want]) -> None:
        """What has a time first, then blocks, then lunch, then single events."""
        for want in wants:
            if isinstance(want.when, Fixed):
                self.place_fixed(want, want.when)
        for want in wants:
            if isinstance(want.when, Blocks):
                self.place_blocks(want, want.when)
        single = [(w, w.when) for w in wants if isinstance(w.when, Flexible)]
        for lunch in (True, False):  # where lunch is decides what the others leave free
            self.place_single([row for row in single if self._is_lunch(row[0]) is lunch])

    def _is_lunch(self, want: Want) -> bool:
        return self.occupancy.snapshot.roles.of(want.wish) is Role.LUNCH

    def _why(self, spec: Blocks, span: Span, problem: BlockProblem, held: int) -> str:
        if not spec.goal:
            return ""
        free = [to_range(r) for r in problem.free]
        return compared(self.occupancy.snapshot, spec, to_range(span), free, min(held, spec.goal))

    def _put(self, want: Want, key: str, span: Span, why: str = "") -> None:
        self.placed.append(Placed(want=want, key=key, when=to_range(span), why=why))
        self.occupancy.take(want.wish, span, span[1] - span[0])
        if self._is_lunch(want):
            self.occupancy.eat(span)

    def _keep(self, want: Want, key: str) -> None:
        """It stays where it is; to the levels below that is as if it had just been placed there."""
        event = self.occupancy.given[Wish(want.policy, key)].event
        self.placed.append(Placed(want=want, key=key, when=event.when))
        if not event.all_day:
            self.occupancy.take(want.wish, to_span(event.span))

    def place_fixed(self, want: Want, spec: Fixed) -> None:
        """Where the policy says, unless the user has moved it."""
        if want.wish in self.occupancy.given:
            self._keep(want, want.key)
            return
        self.placed.append(Placed(want=want, key=want.key, when=spec.when))
        if not spec.when.all_day:
            self.occupancy.fix(want.wish, to_span(spec.when.span(self.occupancy.snapshot.zone)))

    # -- blocks -----------------------------------------------------------------------------------------------------

    def place_blocks(self, want: Want, spec: Blocks) -> None:
        """As many blocks as it takes, matched to the keys that stand."""
        occupancy = self.occupancy
        problem = occupancy.block_problem(want, spec)
        found = blocks.solve(problem)
        given = blocks_of(want, occupancy.given)
        for key, o in given:
            if not occupancy.snapshot.begun(o.event):
                self._keep(want, key)
        standing = dict(blocks_of(want, occupancy.movable))
        places = {key: to_span(o.event.span) for key, o in standing.items()}
        pairs, over, left = match(places, found, occupancy.snapshot.zone)
        ordinals = {key for policy, key in self.used if policy == want.policy}
        for key, span in pairs:
            self._put(want, key, span)
        stay = sum(o.event.span.minutes for _, o in blocks_of(want, occupancy.frozen))
        held = spec.held + stay + sum(b - a for a, b in found)
        for key, span in zip(new_keys(f"{want.key}/", ordinals), over, strict=False):
            self._put(want, key, span, self._why(spec, span, problem, held))
        rest = spec.total - occupancy.settled(want) - sum(b - a for a, b in found)
        if rest >= problem.lengths.start:
            for key in left:
                self._has_no_place(want, key, standing[key])
            self.unplaced.append(Unplaced(*want.wish, _shortage(problem, found, rest, spec)))

    def _has_no_place(self, want: Want, key: str, block: OwnEvent) -> None:
        """It stays until the morning of its day, as nothing but a sign of where it was."""
        if is_over(self.occupancy.snapshot, block):
            self.no_room.add(block.wish)
            self.unplaced.append(Unplaced(block.wish.policy, key, self._crowded(block.event.span)))
            return
        self._stays_if_booked_over(block.wish)
        if block.wish in self.booked_over:
            self.lost.append(Placed(want=want, key=key, when=block.event.when, lost=True))

    def _stays_if_booked_over(self, wish: Wish) -> None:
        """What was booked over and fits nowhere stays where it is and counts nothing."""
        when = self.occupancy.movable[wish].event.span
        if hits(to_span(when), self.occupancy.busy):
            self.booked_over.add(wish)
            self.unplaced.append(Unplaced(*wish, self._crowded(when)))

    # -- single events ----------------------------------------------------------------------------------------------

    def place_single(self, wants: Sequence[tuple[Want, Flexible]]) -> None:
        """All single events of a level, week by week."""
        weeks: dict[Week, list[tuple[Want, SlotProblem]]] = defaultdict(list)
        given = self.occupancy.given
        for want, _ in (row for row in wants if row[0].wish in given):
            self._keep(want, want.key)
        for want, spec in (row for row in wants if row[0].wish not in given):
            if problem := self.occupancy.slot_problem(want, spec):
                weeks[self.occupancy.week(problem.bounds[0])].append((want, problem))
            elif want.wish in self.occupancy.movable:
                self._stays_if_booked_over(want.wish)
        for week, rows in sorted(weeks.items()):
            self._place_week(self.occupancy.room(week), *zip(*rows, strict=True))

    def _place_week(self, room: int, wants: tuple[Want, ...], problems: tuple[SlotProblem, ...]) -> None:
        chosen = slots.solve(problems, room)
        left = room - sum(problems[i].minutes for i in chosen)
        for i, (want, problem) in enumerate(zip(wants, problems, strict=True)):
            if i in chosen:
                self._put(want, want.key, (chosen[i], chosen[i] + problem.minutes))
            elif not (isinstance(want.when, Flexible) and self._cuts_a_block(want, want.when)):
                self._no_slot(want, problem, left)

    def _cuts_a_block(self, want: Want, spec: Flexible) -> bool:
        """Let the last block of its day end earlier, by as little as gives it a place; whether that does."""
        occupancy, block = self.occupancy, self._last_block(spec) if spec.cuts else None
        if block is None:
            return False
        start, end = to_span(block.when.span(occupancy.snapshot.zone))
        for cut, _ in ends((start, end), spec):
            problem = occupancy.slot_problem(want, spec, (cut, end))
            if problem and (found := slots.solve((problem,), occupancy.room(occupancy.week(start)) + end - cut)):
                shorter = replace(block, when=to_range((start, cut)), cut_for=want.content.title)
                self.placed[self.placed.index(block)] = shorter
                occupancy.shorten((start, end), end - cut)
                self._put(want, want.key, (found[0], found[0] + problem.minutes))
                return True
        return False

    def _last_block(self, spec: Flexible) -> Placed | None:
        """The last block of focus time of an event's day, if it may end earlier."""
        snapshot, zone = self.occupancy.snapshot, self.occupancy.snapshot.zone
        days = {w.start.astimezone(zone).date() for w in spec.windows}
        mine = (p for p in self.placed if isinstance(p.want.when, Blocks) and snapshot.roles.of(p.wish) is Role.FOCUS)
        last = max((p for p in mine if p.when.first_day(zone) in days), key=lambda p: p.when.span(zone), default=None)
        own = next((o for o in snapshot.ours if last and o.wish == last.wish), None)
        return last if may_end_earlier(snapshot, own) else None

    def _no_slot(self, want: Want, problem: SlotProblem, left: int) -> None:
        mine = self.occupancy.movable.get(want.wish)
        if mine and hits(to_span(mine.event.span), self.occupancy.busy):
            self.booked_over.add(want.wish)
        if problem.gaps and left < problem.minutes:
            reason = f"the week's room for events of unbusy is used up; {hours(problem.minutes)} are missing"
        else:
            reason = self._crowded(to_range(problem.bounds))
        self.unplaced.append(Unplaced(*want.wish, reason))

    def _crowded(self, when: TimeRange) -> str:
        snapshot = self.occupancy.snapshot
        over = [e for e in snapshot.events if e.span.overlaps(when) and e.counts_as in TAKING]
        mine = [
            p.want.content.title
            for p in self.placed
            if not p.when.all_day and p.when.span(snapshot.zone).overlaps(when)
        ]
        return crowded(when, sorted(over, key=lambda e: (e.span, e.ref)), mine, snapshot.zone)


def _shortage(problem: BlockProblem, found: Iterable[Span], rest: int, spec: Blocks) -> str:
    """How much is missing and which rule forbids it: found by solving again without that rule."""
    have = sum(b - a for a, b in found)
    full = replace(problem, total=have + rest)
    free = replace(full, days=tuple(replace(d, cap=24 * 60) for d in problem.days), one_a_day=False)
    more, most = (p != problem and sum(b - a for a, b in blocks.solve(p)) > have for p in (full, free))
    return shortage(rest, spec, white_space=more, day_cap=most)
