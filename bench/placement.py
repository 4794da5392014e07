"""Exact placement beside OR-tools CP-SAT: the same calendars of two weeks, the same optimum, CPU time of both.

Ours is all of `place`, from a snapshot and wants to places and reasons.  CP-SAT gets only what is to be solved, level
by level and week by week, as candidates that have their points already: what counts is making its models and solving
them, with one worker.

    python bench/placement.py       a table of one row; exit code 1 where a goal is missed
    python -m bench.placement       milliseconds of both for each calendar, as JSON

With `--quick` there are fewer calendars.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from instances import draw  # noqa: E402  tests are no package: they are found by the line above
from oracle import Rules, optimum  # noqa: E402  likewise

Pairs = list[tuple[float, float]]
T = TypeVar("T")

CALENDARS = 60
QUICK_CALENDARS = 15
LEAST_RATIO = 5
MOST_MS = 20


def measured(calendars: int) -> Pairs:
    """CPU milliseconds of ours and of CP-SAT, calendar by calendar."""
    return [_pair(seed) for seed in range(calendars)]


def _pair(seed: int) -> tuple[float, float]:
    """AssertionError when the two do not come to the same scores."""
    instance = draw(Random(seed), weeks=2)  # noqa: S311  nothing secret
    ours, placement = _timed(instance.placed)
    tasks = list(Rules(instance, placement).tasks())
    theirs, best = _timed(lambda: [optimum(task) for task in tasks])
    if best != [task.score for task in tasks]:
        raise AssertionError(f"the optimum of calendar {seed} is another one")
    return ours, theirs


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return (time.process_time() - start) * 1000, result


def row(pairs: Pairs) -> int:
    """Print the medians as a table; 1 when a goal is missed, else 0."""
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(b / a for a, b in pairs)
    goals = f"{LEAST_RATIO} times, at most {MOST_MS} ms"
    missed = ratio < LEAST_RATIO or ours > MOST_MS
    sys.stdout.write("| measured | unbusy | CP-SAT | times less | goal |\n| --- | --- | --- | --- | --- |\n")
    sys.stdout.write(
        f"| exact placement of two weeks ({len(pairs)} calendars) | {ours:.1f} ms | {theirs:.0f} ms | {ratio:.0f} "
        f"| {goals}: {'missed' if missed else 'met'} |\n"
    )
    return int(missed)


if __name__ == "__main__":
    found = measured(QUICK_CALENDARS if "--quick" in sys.argv else CALENDARS)
    if __package__:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.exit(row(found))
