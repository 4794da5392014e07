"""Two budgets: events of ours on a day and in a week, and questions.  What is over goes by rank, and is explained.

What stands keeps its place and its questions; only what is made newly is cut, and questions that are added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from daemon.model.owner import Wish
from daemon.model.plan import Action, Change, Unplaced
from daemon.model.proposal import Rank, Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import asked
from daemon.model.times import When, week_of
from daemon.model.words import day, quoted
from daemon.planning.placement.levels import Placed


class Budget(Struct, frozen=True, kw_only=True):
    """The config keys `max_per_day` and `max_per_week` (`of`: events), or those of `attention` (questions)."""

    of: str
    per_day: int
    per_week: int
    day_key: str
    week_key: str


def of_events(per_day: int = 6, per_week: int = 20) -> Budget:
    """New events of ours."""
    return Budget(
        of="events of unbusy", per_day=per_day, per_week=per_week, day_key="max_per_day", week_key="max_per_week"
    )


def of_questions(per_day: int = 4, per_week: int = 15) -> Budget:
    """Questions in events of ours."""
    return Budget(
        of="questions", per_day=per_day, per_week=per_week, day_key="questions_per_day", week_key="questions_per_week"
    )


class _Account:
    """What is used of a budget so far."""

    def __init__(self, snapshot: Snapshot, budget: Budget) -> None:
        self.starts, self.budget = snapshot.profile.week_starts, budget
        self.days: Counter[date] = Counter()
        self.weeks: Counter[date] = Counter()

    def take(self, at: date, count: int = 1) -> None:
        self.days[at] += count
        self.weeks[week_of(at, self.starts).first] += count

    def left(self, at: date) -> int:
        budget = self.budget
        week = self.weeks[week_of(at, self.starts).first]
        return max(0, min(budget.per_day - self.days[at], budget.per_week - week))

    def why(self, at: date) -> str:
        """Which of the two limits is met."""
        budget = self.budget
        if self.days[at] >= budget.per_day:
            return f"no more than {budget.per_day} {budget.of} a day (`{budget.day_key}`)"
        return f"no more than {budget.per_week} {budget.of} a week (`{budget.week_key}`)"


# -- events -----------------------------------------------------------------------------------------------------------


def events(
    snapshot: Snapshot, changes: Iterable[Change], ranks: Mapping[Wish, Rank], budget: Budget
) -> tuple[tuple[Change, ...], tuple[Unplaced, ...]]:
    """At most so many events of ours begin on a day and in a week: of the new ones the least important go.

    What only stands for an event of another calendar is none of them (`Role.counts`).
    """
    changes, account, zone = list(changes), _Account(snapshot, budget), snapshot.zone
    counted = [c for c in changes if snapshot.roles.of(c.wish).counts]
    places = {o.event.ref.uid: o.event.when for o in snapshot.ours if snapshot.role(o).counts}
    places |= {c.uid: c.when for c in counted if c.action is Action.UPDATE}
    gone = {c.uid for c in changes if c.action is Action.DELETE}
    for uid, when in places.items():
        if uid not in gone:
            account.take(when.first_day(zone))
    for skip in snapshot.skips:
        if skip.taken_back and snapshot.role(skip).counts:  # or others would come in its place
            account.take(skip.day)
    unplaced: dict[Wish, str] = {}
    new = [c for c in counted if c.action is Action.CREATE and c.uid not in gone]  # the others only move
    for c in sorted(new, key=lambda c: order(ranks[c.wish], c.wish, c.when, snapshot)):
        at = c.when.first_day(zone)
        if account.left(at):
            account.take(at)
        else:
            unplaced[c.wish] = account.why(at)
    kept = tuple(c for c in changes if c.action is not Action.CREATE or c.wish not in unplaced)
    return kept, tuple(Unplaced(*wish, why) for wish, why in unplaced.items())


def order(rank: Rank, wish: Wish, when: When, snapshot: Snapshot) -> tuple[Rank, date, Wish]:
    """Sorts what is new: the most important first, then the sooner."""
    return rank, when.first_day(snapshot.zone), wish


# -- questions --------------------------------------------------------------------------------------------------------


class Attention(Struct, frozen=True):
    """What is left of what was placed, what goes for want of a question, and notes on what is new and asks fewer.

    `fewer`: a sentence on each that asks fewer, also on what stands or goes, with its time.
    """

    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...] = ()
    notes: tuple[str, ...] = ()
    fewer: tuple[tuple[When, str], ...] = ()


def questions(snapshot: Snapshot, placed: Iterable[Placed], budget: Budget) -> Attention:
    """At most so many questions on a day and in a week, over all policies: of the new ones the least important go.

    A slot that only asks, and could ask nothing, is not made; one that `shows` is.  The line of a focus block is a
    note, and no question.
    """
    placed, account, zone = tuple(placed), _Account(snapshot, budget), snapshot.zone
    have = {o.wish: _asks(snapshot, o) for o in snapshot.ours}
    wanted = {p.wish for p in placed}
    for p in placed:
        account.take(p.when.first_day(zone), have.get(p.wish, 0))
    for o in snapshot.ours:
        if o.wish not in wanted and (o.edited or snapshot.begun(o.event)):
            account.take(o.event.when.first_day(zone), have[o.wish])
    cut: dict[Wish, tuple[int, str]] = {}
    asking = (p for p in placed if snapshot.roles.of(p.wish) not in _NOTES)
    for p in sorted(asking, key=lambda p: order(p.want.ranked(snapshot.roles), p.wish, p.when, snapshot)):
        at, more = p.when.first_day(zone), len(p.want.content.questions) - have.get(p.wish, 0)
        if more > (left := account.left(at)):
            cut[p.wish] = have.get(p.wish, 0) + left, account.why(at) if not left else _soon(account, at, left)
        account.take(at, max(0, min(more, left)))
    return _cut(snapshot, placed, cut, have)


def spent(snapshot: Snapshot, budget: Budget, at: date) -> str:
    """Why nothing more is asked on a day, by what stands; '' where there is room for another question."""
    account = _Account(snapshot, budget)
    for o in snapshot.ours:
        account.take(o.event.when.first_day(snapshot.zone), _asks(snapshot, o))
    return "" if account.left(at) else f"nothing more is asked on {day(at)}: {account.why(at)}"


_NOTES = frozenset({Role.FOCUS, Role.NOTICE})


def _asks(snapshot: Snapshot, own: OwnEvent) -> int:
    return 0 if snapshot.role(own) in _NOTES else asked(own.event.description)


def _soon(account: _Account, at: date, left: int) -> str:
    """Which limit is met once what is left is taken."""
    account.take(at, left)
    try:
        return account.why(at)
    finally:
        account.take(at, -left)


def _cut(
    snapshot: Snapshot, placed: Iterable[Placed], cut: Mapping[Wish, tuple[int, str]], have: Mapping[Wish, int]
) -> Attention:
    kept: list[Placed] = []
    unplaced: list[Unplaced] = []
    notes: list[str] = []
    fewer: list[tuple[When, str]] = []
    for p in placed:
        count, why = cut.get(p.wish, (len(p.want.content.questions), ""))
        if why:
            fewer.append((p.when, _note(p, count, why, snapshot)))
        only_asks = snapshot.roles.of(p.wish) is Role.PROMPT and not p.want.content.shows
        if why and not count and p.wish not in have and only_asks:
            unplaced.append(Unplaced(*p.wish, why))
            continue
        if why and p.wish not in have:
            notes.append(fewer[-1][1])
        kept.append(_asking(p, count) if why else p)
    return Attention(tuple(kept), tuple(unplaced), tuple(notes), tuple(fewer))


def _asking(placed: Placed, count: int) -> Placed:
    """With so many of its questions, the first ones."""
    content = placed.want.content
    fewer = replace(content, questions=content.questions[:count], question_ids=content.question_ids[:count])
    return replace(placed, want=replace(placed.want, content=fewer))


def _note(placed: Placed, count: int, why: str, snapshot: Snapshot) -> str:
    content = placed.want.content
    at = day(placed.when.first_day(snapshot.zone))
    asks = f"{count} of {len(content.questions)} questions" if count else "no question"
    return f"{quoted(content.title)} on {at} asks {asks}: {why}"
