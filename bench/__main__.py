"""`make bench`: the table of docs/measured.md, on standard output; what it is doing, on standard error.

Beside each figure stands that of another program from the same run, and a goal that is missed is said to be.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.folders import Folders, tool
from bench.timing import Pairs, in_turn, median, rest, run

RUNS = 7
SLOW_RUNS = 5
"""Of what takes another program longer than ten seconds."""
QUICK_RUNS = 2


class Row(NamedTuple):
    """A line of the table.

    `pairs`: ours and theirs, run by run, in milliseconds or MiB.  `goal`: how many times less ours should be (under 1:
    how many times more it may be, as a fraction), or 0; `most`: how much it should be at the most, or 0.
    """

    what: str
    peer: str
    unit: str
    pairs: Sequence[tuple[float, float]]
    goal: float = 0
    most: float = 0


def main(programs: str, quick: str = "") -> None:
    """Print the table.  `programs`: the folder with the environments of unbusy and of the others."""
    often = QUICK_RUNS if quick else RUNS
    seldom = QUICK_RUNS if quick else SLOW_RUNS
    _print(*_HEAD)
    with tempfile.TemporaryDirectory() as base:
        nothing = Folders(Path(base) / "empty", Path(programs), 0)
        full = Folders(Path(base) / "full", Path(programs), 10_000) if tool().is_file() else nothing
        if full is not nothing:
            _tell(_plans(full, often, seldom))
            _tell(_many(Path(base), Path(programs), seldom))
        else:
            _tell([_NO_CALENDAR])
        _tell(_daemons(nothing, full, often))
        _tell(_placement(quick))
    machine = f"{os.cpu_count()} cores, Python {sys.version_info.major}.{sys.version_info.minor}"
    _print("", f"CPU time (user and system) and memory of whole processes, run in turn, medians. {machine}.")


_HEAD = ("| measured | times less | unbusy | beside it | goal |", "| --- | --- | --- | --- | --- |")
_NO_CALENDAR = Row(f"`unbusy plan` of 10,000 events: not measured, as {tool()} is not there (UNBUSY_TOOLS)", "", "", ())


def _say(text: str) -> None:
    sys.stderr.write(f"{text} ...\n")


# -- what is measured -------------------------------------------------------------------------------------------------


def _plans(full: Folders, often: int, seldom: int) -> Iterator[Row]:
    _say("10,000 events, nothing cached")
    cold = in_turn(lambda: full.plan(cached=False), lambda: full.khal(cached=False), seldom)
    yield Row("`unbusy plan` of 10,000 events, first run", "`khal list`", "ms", _cpu(cold), goal=40)
    _say("10,000 events, cached")
    warm = in_turn(lambda: full.plan(cached=True), lambda: full.khal(cached=True), often)
    yield Row("the same, later runs", "`khal list`", "ms", _cpu(warm), goal=10)
    yield Row("memory of the first run", "`khal list`", "MiB", _memory(cold), most=64)


def _many(base: Path, programs: Path, seldom: int) -> Iterator[Row]:
    libraries = "icalendar, recurring-ical-events"
    _say("one file of 37 MB")
    file = Folders(base / "file", programs, 10_000, one_file=True)
    read = in_turn(lambda: file.plan(cached=False), file.occurrences, seldom)
    yield Row("the 10,000 events in one file of 37 MB, first run", libraries, "ms", _cpu(read))
    yield Row("its memory", libraries, "MiB", _memory(read), most=96)
    _say("50,000 events")
    many = Folders(base / "many", programs, 50_000, 20)
    read = in_turn(lambda: many.plan(cached=False), many.occurrences, seldom)
    yield Row("50,000 events over twenty years, first run", libraries, "ms", _cpu(read), goal=50)
    yield Row("its memory", libraries, "MiB", _memory(read), most=96)
    yield Row("expansion of its series", "dateutil", "ms", many.expansions(seldom), goal=10)
    cycles = many.cycles(seldom)
    yield Row("a cycle of `unbusy run` with nothing new there", "scandir and stat", "ms", cycles, goal=1 / 3)


def _daemons(nothing: Folders, full: Folders, often: int) -> Iterator[Row]:
    _say("daemons at rest")
    usual = nothing.script("peers", "usual.py")
    resting = in_turn(lambda: rest(full.unbusy("run")), lambda: rest(usual), often)
    yield Row("memory of `unbusy run` at rest", "usual libraries", "MiB", _memory(resting), most=48)
    starting = in_turn(lambda: rest(nothing.unbusy("run")), lambda: rest(usual), often)
    yield Row("its start, on an empty calendar", "usual libraries", "ms", _cpu(starting))
    python = [str(nothing.programs / "unbusy" / "bin" / "python"), "-c", "pass"]
    helping = in_turn(lambda: run(nothing.unbusy("--help"))[0], lambda: run(python)[0], 3 * often)
    yield Row("`unbusy --help`", "`python -c pass`", "ms", _cpu(helping), goal=1 / 6)


def _placement(quick: str) -> Iterator[Row]:
    _say("placement")
    _, said = run([sys.executable, "-m", "bench.placement", *filter(None, [quick])])
    yield Row("exact placement of two weeks", "OR-tools CP-SAT", "ms", json.loads(said), goal=5, most=20)


def _cpu(pairs: Pairs) -> list[tuple[float, float]]:
    return [(ours.cpu, theirs.cpu) for ours, theirs in pairs]


def _memory(pairs: Pairs) -> list[tuple[float, float]]:
    return [(ours.memory, theirs.memory) for ours, theirs in pairs]


# -- how it is shown --------------------------------------------------------------------------------------------------


def _tell(rows: Iterable[Row]) -> None:
    """Each row as soon as it is measured."""
    for row in rows:
        _print(_line(row))


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _line(row: Row) -> str:
    if not row.pairs:
        return f"| {row.what} | | | | |"
    ratios = sorted(theirs / ours for ours, theirs in row.pairs)
    times = f"**{_number(median(ratios))}** ({_number(ratios[0])} to {_number(ratios[-1])})"
    ours, theirs = (median(side) for side in zip(*row.pairs, strict=True))
    shown = f"{_amount(ours, row.unit)} | {_amount(theirs, row.unit)}, {row.peer}"
    return f"| {row.what} | {times} | {shown} | {_goal(row, median(ratios), ours)} |"


def _goal(row: Row, ratio: float, ours: float) -> str:
    ratios = f"{row.goal:g} times" if row.goal >= 1 or not row.goal else f"at most {1 / row.goal:.3g} times more"
    goals = [ratios] * bool(row.goal) + [f"at most {_amount(row.most, row.unit)}"] * bool(row.most)
    met = ratio >= row.goal and ours <= (row.most or ours)
    return f"{', '.join(goals)}: {'met' if met else 'missed'}" if goals else ""


def _amount(value: float, unit: str) -> str:
    if unit == "ms" and value >= 1000:
        return f"{value / 1000:.0f} s" if value >= 10_000 else f"{value / 1000:.2g} s"
    return f"{value:.3g} {unit}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
