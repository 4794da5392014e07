"""The exact placement of single events (a journal slot, a review): those whose windows meet are solved together."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.planning.placement.minutes import FINE, ceil_to, union
from daemon.planning.placement.score import SlotProblem, slot_score

Choice = dict[int, int]
"""Start minutes by index of the problem; an index that is missing has no place."""


def solve(problems: Sequence[SlotProblem], room: int) -> Choice:
    """The best starts of all, with at most `room` minutes in all: the optimum of `score.slots_score`."""
    best: dict[int, tuple[int, Choice]] = {0: (0, {})}
    for group in _groups(problems):
        best = _merge(best, _group(problems, group), room)
    return max(best.items(), key=lambda row: (row[1][0], -row[0]))[1][1]


def _groups(problems: Sequence[SlotProblem]) -> list[list[int]]:
    """Indices of problems whose gaps meet; groups do not touch each other."""
    reach = [(p.gaps[0][0], p.gaps[-1][1]) if p.gaps else (0, 0) for p in problems]
    islands = union(reach)
    return [[i for i, r in enumerate(reach) if a <= r[0] and r[1] <= b and r[0] < r[1]] for a, b in islands]


def _merge(
    left: dict[int, tuple[int, Choice]], right: dict[int, tuple[int, Choice]], room: int
) -> dict[int, tuple[int, Choice]]:
    out: dict[int, tuple[int, Choice]] = {}
    for used, (points, chosen) in left.items():
        for more, (extra, added) in right.items():
            total = used + more
            if total <= room and (total not in out or points + extra > out[total][0]):
                out[total] = (points + extra, chosen | added)
    return out


def _group(problems: Sequence[SlotProblem], group: list[int]) -> dict[int, tuple[int, Choice]]:
    """For each amount of time used, the best choice in one group.

    In order of time, with the set of those already placed as state; a group of one needs no more than a look at
    each start.
    """
    starts = {i: _starts(problems[i]) for i in group}
    if len(group) == 1:
        alone = {i: max(starts[i], key=starts[i].__getitem__) for i in group if starts[i]}
        return {0: (0, {})} | {problems[i].minutes: (starts[i][s], {i: s}) for i, s in alone.items()}
    clock = sorted({s for row in starts.values() for s in row})
    states: dict[tuple[int, int], tuple[int, Choice]] = {(0, 0): (0, {})}  # (placed set, free from) → best
    for now in clock:
        for (placed, free), (points, chosen) in list(states.items()):
            if free > now:
                continue
            for bit, i in enumerate(group):
                if placed >> bit & 1 or now not in starts[i]:
                    continue
                _keep(
                    states, (placed | 1 << bit, now + problems[i].minutes), points + starts[i][now], chosen | {i: now}
                )
        states = _prune(states, now)
    best: dict[int, tuple[int, Choice]] = {}
    for points, chosen in states.values():
        used = sum(problems[i].minutes for i in chosen)
        if used not in best or points > best[used][0]:
            best[used] = (points, chosen)
    return best


def _starts(problem: SlotProblem) -> dict[int, int]:
    """Every start that is possible, with its points."""
    return {
        s: slot_score(s, problem)
        for a, b in problem.gaps
        for s in range(ceil_to(a, problem.step), b - problem.minutes + 1, problem.step)
    }


def _keep(
    states: dict[tuple[int, int], tuple[int, Choice]], state: tuple[int, int], points: int, chosen: Choice
) -> None:
    if state not in states or points > states[state][0]:
        states[state] = (points, chosen)


def _prune(states: dict[tuple[int, int], tuple[int, Choice]], now: int) -> dict[tuple[int, int], tuple[int, Choice]]:
    """Of states that are all free after `now`, the best for each set is enough."""
    out: dict[tuple[int, int], tuple[int, Choice]] = {}
    for (placed, free), (points, chosen) in states.items():
        _keep(out, (placed, max(free, now + FINE)), points, chosen)
    return out
