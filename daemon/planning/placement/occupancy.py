"""What is taken, level by level: the ground on which every want becomes a problem to solve.

What is pinned or has begun is given.  Until the end of the next working day (the freeze) nothing that stands moves
unless something was booked over it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from daemon.model.owner import Wish
from daemon.model.proposal import Blocks, Fixed, Flexible, Noon, Role, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, Week, local_day, week_of
from daemon.planning.placement import lunch
from daemon.planning.placement.giving_way import is_settled
from daemon.planning.placement.minutes import FINE, SLOT, Span, cut, hits, shared, to_range, to_span, union
from daemon.planning.placement.score import PLACE_POINTS, SPACING, BlockProblem, DayProblem, SlotProblem

_DAY = 24 * 60  # minutes
NOTICE = timedelta(hours=1)
"""New events begin no sooner than this."""


def freeze_end(snapshot: Snapshot) -> TimeRange:
    """From now to the end of the next working day on which the user is there (a week at the most)."""
    days = (snapshot.today + n * DAY for n in range(1, 8))
    last = next((d for d in days if snapshot.present(d)), snapshot.today + 7 * DAY)
    return TimeRange(snapshot.now, max(snapshot.now, DateRange(last, last + DAY).span(snapshot.zone).end))


class Occupancy:
    """What stands, what is taken so far, and the room that is left.  Lives for one call of `place`.

    `firm`: it no longer moves (`Snapshot.firm`), or the user has changed it and nobody wants it any more.  `frozen`: it
    stays where it is for now.  `movable`: it is wanted and may get another place.  `over_lunch`: it has come to stand
    over the last lunch of its day, and must leave.  `spent`: it was moved before, must leave again, and goes.
    """

    def __init__(
        self, snapshot: Snapshot, wants: Sequence[Want], *, fill: float, stays: Callable[[Wish], bool]
    ) -> None:
        """`fill`: the share of a week's free working time that ours may take; `stays`: what is not to be moved."""
        self.snapshot = snapshot
        self.soonest = to_span(TimeRange(snapshot.now, snapshot.now + NOTICE))[1]
        self.busy = [to_span(r) for r in snapshot.busy]
        self.firm: dict[Wish, OwnEvent] = {}
        self.frozen: dict[Wish, OwnEvent] = {}
        self.movable: dict[Wish, OwnEvent] = {}
        self.spent: dict[Wish, OwnEvent] = {}
        self.over_lunch: frozenset[Wish] = frozenset()
        self._fed: set[date] = set()
        self._sort_out(wants, stays)
        self._taken = list(self._timed(self.firm))
        self._room = {week: self._white_space(week, fill) for week in snapshot.weeks}

    def _sort_out(self, wants: Iterable[Want], stays: Callable[[Wish], bool]) -> None:
        wanted = {w.wish: w.when for w in wants}
        ours = {o.wish: o for o in self.snapshot.ours}
        self.firm = {wish: o for wish, o in ours.items() if self.snapshot.firm(o)}
        hard = [*self.busy, *(span for _, span in self._timed(self.firm))]
        until = freeze_end(self.snapshot).end
        loose = [o for wish, o in ours.items() if wish not in self.firm and not (o.edited or stays(wish) or o.old)]
        lunches = {wish: o for wish, o in ours.items() if self.snapshot.role(o) is Role.LUNCH}
        fed = (o for wish, o in lunches.items() if self._feeds(o, wanted.get(wish), hard, held=stays(wish)))
        self._fed = {self._day(to_span(o.event.span)[0]) for o in fed}
        soft = [o for o in loose if o.wish not in lunches]
        self.over_lunch = frozenset(self._over_lunch(hard, soft))
        for wish, o in ours.items():
            if wish in self.firm or o.event.all_day or isinstance(wanted.get(wish), Fixed):
                continue
            spec, span = wanted.get(wish.want), to_span(o.event.span)
            block = isinstance(spec, Blocks)
            booked_over = wish in self.over_lunch or hits(span, hard)
            holds = isinstance(spec, Blocks) and (is_settled(o) or wish.key in spec.stays)
            settled = o.event.span.start < until or self._is_noon(o) or holds
            alone = self.snapshot.role(o).hangs and not {wish, wish.want} & wanted.keys()
            frozen = settled and not booked_over and not alone and not _is_astray(o, wanted.get(wish))
            if stays(wish) or frozen or (block and self._is_chased(o, hard[len(self.busy) :])):
                self.frozen[wish] = o
            elif block and o.mark.moves:
                (self.frozen if o.edited else self.spent)[wish] = o
            elif block or wish in wanted:
                self.movable[wish] = o
            elif o.edited:
                self.firm[wish] = o

    def _feeds(
        self, own: OwnEvent, when: Fixed | Flexible | Blocks | None, hard: Iterable[Span], *, held: bool
    ) -> bool:
        """Whether this lunch is where one eats.

        Of one whose place nothing here decides (the user has chosen it, it has begun): whether one can eat in it.
        """
        start, end = to_span(own.event.span)
        if held or self.snapshot.firm(own) or (own.edited and not when):
            around = [*self.busy, (start - _DAY, start), (end, end + _DAY)]
            return bool(lunch.slots(self.snapshot, self._day(start), around))
        return when is not None and not hits((start, end), hard) and not _is_astray(own, when)

    def _over_lunch(self, hard: Sequence[Span], soft: Iterable[OwnEvent]) -> Iterable[Wish]:
        for day, events in lunch.days_of(self.snapshot, soft).items():
            ahead = [o for o in events if not self.snapshot.begun(o.event)]
            if day not in self._fed:
                yield from (o.wish for o in lunch.over_lunch(self.snapshot, day, hard, ahead))

    def _is_chased(self, block: OwnEvent, firm: Iterable[Span]) -> bool:
        """Whether it has given way once, and now stands under invitations without an answer and nothing else."""
        span, snapshot = to_span(block.event.span), self.snapshot
        return (
            (block.mark.moves > 0 or any(gone.key == block.mark.key for gone in snapshot.given_up))
            and hits(span, self.busy)
            and not hits(span, [*map(to_span, snapshot.busy_beside_unanswered), *firm])
        )

    def _is_noon(self, own: OwnEvent) -> bool:
        """Whether it stands where nothing of ours is put any more: it stays there while nothing is booked over it."""
        span = to_span(own.event.span)
        hole = lunch.noon(self.snapshot, self._day(span[0]), self.busy)
        return hole is not None and hits(span, [hole])

    @property
    def given(self) -> Mapping[Wish, OwnEvent]:
        """All that keeps its place whatever is wanted."""
        return self.firm | self.frozen

    def _timed(self, events: Mapping[Wish, OwnEvent]) -> Iterable[tuple[str, Span]]:
        """The time of events, each with its lane."""
        return ((self.lane(wish), to_span(o.event.span)) for wish, o in events.items() if not o.event.all_day)

    def lane(self, wish: Wish) -> str:
        """See `Roles.lane`."""
        return self.snapshot.roles.lane(wish)

    # -- room -------------------------------------------------------------------------------------------------------

    def _free(self, week: Week) -> list[Span]:
        """The working time of a week that is neither busy nor away."""
        return cut([to_span(r) for d in week.days for r in self.snapshot.present(d)], self.busy)

    def _white_space(self, week: Week, fill: float) -> int:
        """Minutes that ours may still take.  What the user put outside free time counts nothing; ours counts whole."""
        free = self._free(week)
        firm = sum(shared(span, free) for span in union(span for _, span in self._timed(self.firm)))
        frozen = sum(b - a for _, (a, b) in self._timed(self.frozen) if self.week(a) == week)
        return int(fill * sum(b - a for a, b in free)) - firm - frozen

    def week(self, minute: int) -> Week:
        """The week in which it lies."""
        return week_of(self._day(minute), self.snapshot.profile.week_starts)

    def _day(self, minute: int) -> date:
        return local_day(to_range((minute, minute)).start, self.snapshot.zone)

    def room(self, week: Week) -> int:
        """Minutes that are left for ours in a week."""
        return max(0, self._room.get(week, 0))

    # -- going through the levels -----------------------------------------------------------------------------------

    def take(self, wish: Wish, span: Span, cost: int = 0) -> None:
        """From now on nothing else is placed here; `cost` minutes of the week's room are used."""
        self._taken.append((self.lane(wish), span))
        week = self.week(span[0])
        self._room[week] = self._room.get(week, 0) - cost

    def shorten(self, block: Span, less: int) -> None:
        """A block that was taken ends so many minutes earlier."""
        shorter, week = (block[0], block[1] - less), self.week(block[0])
        self._taken = [(lane, shorter if span == block else span) for lane, span in self._taken]
        self._room[week] = self._room.get(week, 0) + less

    def eat(self, span: Span) -> None:
        """Lunch is here: on its day no other time has to stay free for it."""
        self._fed.add(self._day(span[0]))

    def fix(self, wish: Wish, span: Span) -> None:
        """Take a time that a policy knows: only what it takes of free working time costs room."""
        self.take(wish, span, shared(span, self._free(self.week(span[0]))))

    def block_problem(self, want: Want, spec: Blocks) -> BlockProblem:
        """The blocks of one want: `total` is what is missing beside those that are frozen."""
        frozen, lane = list(self._timed(self.frozen)), self.lane(want.wish)
        others = [span for name, span in self._taken if name != lane]
        windows = cut(map(to_span, spec.windows), self._noons(spec.week))
        free = cut(windows, [*((a - spec.buffer, b + spec.buffer) for a, b in self.busy), *others])
        apart = [(a - SPACING, b + SPACING) for name, (a, b) in (*self._taken, *frozen) if name == lane]
        apart += self._midnights(spec.week, free)
        gaps = cut(free, [(0, self.soonest), *apart, *self._refused(lane), *(span for _, span in frozen)])
        total = spec.total - self.settled(want)
        return BlockProblem(
            days=tuple(d for d in self._days(want, spec, gaps) if d.gaps),
            total=max(0, min(total, self.room(spec.week))),
            shortest=spec.shortest, ideal=spec.ideal, longest=spec.longest, free=tuple(free),
            prefer=tuple(union(to_span(r) for r in spec.prefer)),
            standing=tuple(sorted({to_span(o.event.span) for _, o in blocks_of(want, self.movable)})),
            one_a_day=spec.one_a_day, each=PLACE_POINTS if spec.each else 0,
        )  # fmt: skip

    def settled(self, want: Want) -> int:
        """Minutes of its blocks that need no other place: those that stay as they are, and those that are spent."""
        return sum(o.event.span.minutes for _, o in blocks_of(want, self.frozen | self.spent))

    def _refused(self, lane: str) -> list[Span]:
        """Where the user has turned one down: none comes there again."""
        skips = (s for s in self.snapshot.skips if self.lane(s.wish) == lane and not s.spent)
        return [to_span(s.when) for s in skips if s.when]

    def _noons(self, week: Week) -> list[Span]:
        """The spans of a week that are never ours."""
        return [hole for day in week.days if (hole := lunch.noon(self.snapshot, day, self.busy))]

    def _midnights(self, week: Week, free: Iterable[Span]) -> list[Span]:
        """The last minutes of days that go on: no block belongs to two days, and blocks of two days are apart too."""
        ends = [to_span(DateRange(d, d + DAY).span(self.snapshot.zone))[1] for d in week.days]
        return [(end - SPACING, end) for end in ends if any(a < end < b for a, b in free)]

    def _days(self, want: Want, spec: Blocks, gaps: Iterable[Span]) -> Iterable[DayProblem]:
        lane = self.lane(want.wish)
        used: dict[date, int] = defaultdict(int)
        given = list(self._timed(self.given))
        for name, (a, b) in (*given, *(row for row in self._taken if row not in given)):
            used[self._day(a)] += b - a if name == lane else 0
        stands: dict[date, int] = defaultdict(int)
        for _, o in blocks_of(want, self.movable):  # what stands for another want says nothing of this one
            stands[local_day(o.event.span.start, self.snapshot.zone)] += o.event.span.minutes
        by_day: dict[date, list[Span]] = defaultdict(list)
        for gap in gaps:
            by_day[self._day(gap[0])].append(gap)
        skips = (s for s in self.snapshot.skips if self.lane(s.wish) == lane and not s.spent)
        refused = {s.day for s in skips if not s.when}  # nobody knows the hours any more
        caps = {d: min(spec.per_day - used[d], stands[d] if d in refused else spec.per_day) for d in spec.week.days}
        caps |= {d: min(caps[d], self._unless_slack(d, spec.slack)) for d in spec.week.days if spec.slack}
        caps |= {d: min(caps[d], stands[d]) for d in spec.week.days if spec.one_a_day and used[d]}
        stays = [*self.busy, *(span for _, span in (*self._taken, *given))]
        meals = {d: self._meals(d, stays) if by_day[d] else () for d in spec.week.days}
        return (DayProblem(tuple(by_day[d]), max(0, caps[d]), meals[d]) for d in spec.week.days)

    def _unless_slack(self, day: date, slack: int) -> int:
        """Minutes of a day's working time that may be taken, if so many are to stay free of everything."""
        given = [span for _, span in (*self._taken, *self._timed(self.frozen))]
        free = cut([to_span(r) for r in self.snapshot.present(day)], [*self.busy, *given])
        return sum(b - a for a, b in free) - slack

    def _meal(self, day: date, taken: Iterable[Span]) -> Span | None:
        """The time for lunch that single events leave free: if there is a choice, where none of them stands, at noon.

        None where no time for it is left, or none has to be.
        """
        soft = [to_span(o.event.span) for wish, o in self.movable.items() if wish not in self.over_lunch]
        hole = lunch.noon(self.snapshot, day, self.busy)
        return min(
            self._meals(day, taken),
            key=lambda slot: (hits(slot, soft), hole is None or not hole[0] <= slot[0] < slot[1] <= hole[1], slot),
            default=None,
        )

    def _meals(self, day: date, taken: Iterable[Span], step: int = SLOT) -> tuple[Span, ...]:
        """The times of which one has to stay free for lunch."""
        return () if day in self._fed else lunch.slots(self.snapshot, day, taken, step)

    def slot_problem(self, want: Want, spec: Flexible, freed: Span = (0, 0)) -> SlotProblem | None:
        """One single event, or None where none can be; `freed`: what one of ours would leave to it."""
        if any(start in range(*to_span(r)) for r in spec.unless for _, (start, _) in self._taken):
            return None
        apart = spec.noon is Noon.APART
        days = {self._day(minute) for r in spec.windows for minute in to_span(r) if apart}
        noons = [hole for day in days if (hole := lunch.noon(self.snapshot, day, self.busy))]
        windows = [w for r in sorted(spec.windows) for w in cut([to_span(r)], [(0, self.soonest), *noons])]
        if all(b - a < spec.minutes for a, b in windows):
            return None
        taken = [*self.busy, *cut((span for _, span in (*self._taken, *self._timed(self.frozen))), [freed])]
        meals = [meal for day in days if (meal := self._meal(day, taken))]
        gaps = [gap for w in windows for gap in cut([w], [*taken, *meals])]
        if spec.noon is Noon.BESIDE:
            gaps = [
                g for gap in gaps for g in lunch.beside(gap, spec.minutes, self._meals(self._day(gap[0]), taken, FINE))
            ]
        mine = self.movable.get(want.wish)
        return SlotProblem(
            minutes=spec.minutes, gaps=tuple(g for g in gaps if g[1] - g[0] >= spec.minutes),
            bounds=(min(to_span(w)[0] for w in spec.windows), max(to_span(w)[1] for w in spec.windows)),
            late=spec.late,
            standing=to_span(mine.event.span) if mine else None,
        )  # fmt: skip


def _is_astray(own: OwnEvent, when: Fixed | Flexible | Blocks | None) -> bool:
    """Whether it stands outside of all the time that its policy gives it now: what it belongs to was moved."""
    return isinstance(when, Flexible) and not any(
        w.start <= own.event.span.start and own.event.span.end <= w.end for w in when.windows
    )


def blocks_of(want: Want, events: Mapping[Wish, OwnEvent]) -> list[tuple[str, OwnEvent]]:
    """Those of the events that are blocks of this want, with their keys."""
    return [(wish.key, o) for wish, o in events.items() if wish.want == want.wish]
