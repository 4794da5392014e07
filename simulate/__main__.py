"""The command: figures of years, a hundred blocks to read by hand, a week to look at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from random import Random

from simulate import report
from simulate.figures.verdicts import context, verdicts
from simulate.history import History
from simulate.people import Parameters, clock, parameters
from simulate.runs import Run, lived, measure

BLOCKS = 100
ANSWERING = ("thirds", "silent")
"""The variants that are lived with every policy on: a user who answers every third prompt, and one who never does."""


def main(argv: list[str] | None = None) -> int:
    """Run it; the exit code."""
    params = parameters()
    args = _parser(params).parse_args(argv)
    if args.what == "blocks":
        _print(blocks(params, args.seed or params.seeds.reporting[:1], args.leader, args.weeks))
    elif args.what == "week":
        _print(week(Run(leader=args.leader[0], seed=args.seed[0], weeks=args.weeks)))
    else:
        found = {run: f for path in args.read for run, f in report.from_json(path.read_text()).items()}
        for run, figures in measure([] if args.read else _runs(params, args)):
            sys.stderr.write(f"{run.leader} {run.seed} {run.variant}: {figures.gain:.2f} times the two-hour time\n")
            found[run] = figures
        _print([report.as_json(found)] if args.json else report.table(found))
    return 0


def _parser(params: Parameters) -> argparse.ArgumentParser:
    names = [one.name for one in params.leaders]
    parser = argparse.ArgumentParser(prog="python -m simulate", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["figures", "blocks", "week"], default="figures")
    parser.add_argument("--leader", action="append", choices=names, help="only these; may be given again")
    parser.add_argument("--seed", action="append", type=int, help="default: the seeds for reporting")
    parser.add_argument("--tuning", action="store_true", help="the seeds for tuning")
    parser.add_argument(
        "--variant",
        action="append",
        choices=[*params.variants],
        help="default: middle for all, the others for the bound leader",
    )
    parser.add_argument(
        "--all-policies", action="store_true", help=f"every policy on; the bound leader, {' and '.join(ANSWERING)}"
    )
    parser.add_argument("--weeks", type=int, default=params.year.weeks)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--read", nargs="+", type=Path, default=(), help="runs that were printed as JSON; none is lived"
    )
    return parser


def _runs(params: Parameters, args: argparse.Namespace) -> list[Run]:
    seeds = args.seed or (params.seeds.tuning if args.tuning else params.seeds.reporting)
    leaders = args.leader or [one.name for one in params.leaders]
    bound = [one.name for one in params.leaders if one.kind == "bound" and one.name in leaders]
    others = dict.fromkeys((v for v in params.variants if v not in ("middle", *ANSWERING)), bound)
    if args.variant:
        chosen = dict.fromkeys(args.variant, leaders)
    else:
        chosen = dict.fromkeys(ANSWERING, bound) if args.all_policies else {"middle": leaders} | others
    return [
        Run(leader=leader, seed=seed, variant=variant, weeks=args.weeks, everything=args.all_policies)
        for variant, some in chosen.items()
        for leader in some
        for seed in seeds
    ]


def blocks(params: Parameters, seeds: Iterable[int], leaders: Iterable[str] | None, weeks: int) -> Iterator[str]:
    """A hundred blocks, drawn by the seeds from those of all leaders, each with its day and what is wrong with it."""
    names = leaders or [one.name for one in params.leaders]
    seeds = list(seeds)
    found = [
        (name, seed, history, v)
        for name in names
        for seed in seeds
        for history in [lived(Run(leader=name, seed=seed, weeks=weeks))[0]]
        for v in verdicts(history)
    ]
    drawn = Random("/".join(map(str, seeds))).sample(found, min(BLOCKS, len(found)))
    for n, (name, seed, history, v) in enumerate(drawn, 1):
        said = "kept" if v.kept else "; ".join(v.why) + (" (no other two hours that day)" if v.late_is_all else "")
        yield f"{n:3}. {name}, seed {seed}, {v.own.day:%a %d %b %Y} {clock(v.own.start)}–{clock(v.own.end)}: {said}"
        yield from (f"       {line}" for line in context(history, v.own))
    kept, late = (sum(row) for row in zip(*((v.kept, v.kept_if_late_counts) for *_, v in drawn), strict=True))
    yield f"\n{kept} of {len(drawn)} kept; {late} where late counts on a day without two other hours."


def week(run: Run) -> Iterator[str]:
    """The last week of a run, without unbusy and with it."""
    with_it, without = lived(run)
    for title, history in (("Without", without), ("With", with_it)):
        yield f"\n{title} unbusy: {run.leader}, seed {run.seed}"
        for day in history.days[-7:]:
            yield from _day(history, day)


def _day(history: History, day: date) -> Iterator[str]:
    off = "public holiday" if day in history.off else history.absent.get(day, "")
    yield f"{day:%a %d %b} {off}"
    rows = [(b.start, b.end, f"{b.title} ({b.others})" if b.others else b.title) for b in history.busy.get(day, ())]
    came = [own for life in history.lives.values() if (own := life.came) and own.day <= day <= own.last]
    rows += [(o.start, o.end, f"[{o.title}, {o.show}]") for o in came]
    for start, end, what in sorted(rows):
        yield f"   {'all day     ' if start == end else f'{clock(start)}–{clock(end)} '} {what}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
