"""From a snapshot and wants to a plan: place, diff, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.model.figures.measure import measure
from daemon.model.owner import Mark, Wish
from daemon.model.plan import Action, Cause, Change, Create, Plan, Problem, Unplaced
from daemon.model.proposal import Blocks, Role, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import When
from daemon.model.words import AGAIN, taken_back
from daemon.planning.counting.ours import GENERATIONS
from daemon.planning.counting.unsaid import away_unsaid
from daemon.planning.diff import Terms, diff, in_order
from daemon.planning.orders import minus_deletions, outside_pauses, user_deletions
from daemon.planning.placement.levels import place
from daemon.planning.restraint import budgets
from daemon.planning.restraint.freezing import frozen
from daemon.planning.restraint.limits import too_much

MAY_BE_THERE = (
    "it may be there: a file with the name of such an event carries no mark that can be read; mend or delete it"
)


class Limits(Struct, frozen=True, kw_only=True):
    """See the config keys of the same names.

    `no_new`: why nothing new may be created, '' if it may.  `unreadable_names`: of files that are named like those of
    ours, and say no more.
    """

    fill: float = 0.8
    max_changes: int = 40
    events: budgets.Budget = field(default_factory=budgets.of_events)
    questions: budgets.Budget = field(default_factory=budgets.of_questions)
    no_new: str = ""
    unreadable_names: frozenset[str] = frozenset()


def make_plan(
    snapshot: Snapshot, wants: Iterable[Want], terms: Terms, limits: Limits, *,
    used: frozenset[Wish] = frozenset(), problems: Iterable[Problem] = (),
) -> Plan:  # fmt: skip
    """The one way from what is wanted to what will be done.  Same input, same plan.

    What may be there already, and cannot be read, is asked for in vain: nothing else makes room for it.
    """
    ice = frozen(snapshot, tuple(wants), terms.stale)
    terms = replace(terms, kept=ice.kept)
    left, in_vain = list(ice.left), list(ice.unplaced)
    while there := _unreadable((made := _place(snapshot, left, terms, limits, used)).changes, limits.unreadable_names):
        left = [less for want in left if (less := _without(want, there))]
        used |= _wishes(there)  # the next block gets another number
        in_vain += [Unplaced(*c.wish, MAY_BE_THERE) for c in there]
    changes, waiting = _hold_back(snapshot, made.changes, limits.no_new)
    return Plan(
        now=snapshot.now,
        window=snapshot.window,
        changes=changes,
        unplaced=tuple(sorted([*made.unplaced, *waiting, *in_vain, *_taken_back(snapshot)], key=lambda u: u.wish)),
        problems=(*problems, *_taken_twice(changes)),
        metrics=measure(snapshot),
        stopped=too_much(snapshot, changes, limits.max_changes),
        notes=(*away_unsaid(snapshot), *made.notes),
        fewer=made.fewer,
    )


def _taken_twice(changes: Iterable[Change]) -> Iterator[Problem]:
    """The blocks that go because they were booked over again."""
    gone = (c for c in changes if c.cause is Cause.BOOKED_OVER_AGAIN)
    yield from (Problem(str(c.wish), c.reason, "if it has to be, put one elsewhere yourself") for c in gone)


def _taken_back(snapshot: Snapshot) -> Iterator[Unplaced]:
    """What would have its place from today on, had `undo` not taken it back."""
    for skip in snapshot.skips:
        if skip.taken_back and skip.day >= snapshot.today:
            yield Unplaced(*skip.wish, f"{taken_back(skip.taken_back)}; {AGAIN}", taken_back=True)


class _Made(Struct, frozen=True):
    changes: tuple[Change, ...]
    unplaced: tuple[Unplaced, ...]
    notes: tuple[str, ...]
    fewer: tuple[tuple[When, str], ...]


def _place(
    snapshot: Snapshot, wants: Iterable[Want], terms: Terms, limits: Limits, used: frozenset[Wish]
) -> _Made:  # fmt: skip
    orders = tuple(d for d in user_deletions(snapshot) if d.calendar not in terms.stale)
    left = minus_deletions(snapshot, orders)
    taken = used | terms.unseen | _wishes(orders)
    placement = place(
        left, outside_pauses(snapshot, wants), fill=limits.fill, held=terms.held, kept=terms.kept, used=taken
    )
    asking = budgets.questions(left, placement.placed, limits.questions)
    placement = replace(placement, placed=asking.placed)
    gone = tuple(d for d in orders if d.wish not in {p.wish for p in placement.placed})  # the others only move
    changes = in_order((*gone, *diff(minus_deletions(snapshot, gone), placement, terms)))
    ranks = {p.wish: p.want.ranked(snapshot.roles) for p in placement.placed}
    changes, crowded = budgets.events(snapshot, changes, ranks, limits.events)
    return _Made(changes, (*placement.unplaced, *asking.unplaced, *crowded), asking.notes, asking.fewer)


def _wishes(changes: Iterable[Change]) -> frozenset[Wish]:
    return frozenset(c.wish for c in changes)


def _hold_back(snapshot: Snapshot, changes: tuple[Change, ...], why: str) -> tuple[tuple[Change, ...], list[Unplaced]]:
    if not why:
        return changes, []
    new = [c for c in changes if c.action is Action.CREATE and snapshot.roles.of(c.wish) is not Role.NOTICE]
    return tuple(c for c in changes if c not in new), [Unplaced(*c.wish, why) for c in new]


def _unreadable(changes: Iterable[Change], names: frozenset[str]) -> list[Create]:
    """What may be there already: one of ours whose mark cannot be read is known by its name alone."""
    if not names:
        return []
    return [c for c in changes if isinstance(c, Create) and not names.isdisjoint(_uids(c.mark))]


def _without(want: Want, there: Iterable[Create]) -> Want | None:
    """What is wanted beside those; of a week's blocks, the time that is left."""
    if not isinstance(want.when, Blocks):
        return None if want.wish in _wishes(there) else want
    total = want.when.total - sum(c.when.minutes for c in there if c.wish.want == want.wish)
    return replace(want, when=replace(want.when, total=total))


def _uids(mark: Mark) -> Iterator[str]:
    """Those that an event of this wish may have had in other generations."""
    return (replace(mark, generation=n, base={}).uid for n in range(GENERATIONS))
