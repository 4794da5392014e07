"""The figures as a table: a column for each leader, the mean of the seeds in each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import mean

import msgspec

from simulate.figures.yearly import Figures
from simulate.runs import Run

Row = tuple[str, Callable[[Figures], float], str]
"""What is measured, where it stands, and how it is written."""

ROWS: tuple[Row, ...] = (
    ("meetings, h a week: with", lambda f: f.with_it.meetings, ".1f"),
    ("… without", lambda f: f.without.meetings, ".1f"),
    ("two-hour time, h a week: with", lambda f: f.with_it.two_hours, ".1f"),
    ("… without", lambda f: f.without.two_hours, ".1f"),
    ("**… with, times without**", lambda f: f.gain, ".2f"),
    ("weeks with fewer than two stretches: with", lambda f: f.with_it.thin, ".0f"),
    ("… without", lambda f: f.without.thin, ".0f"),
    ("focus booked, h", lambda f: f.blocks.booked, ".0f"),
    ("… kept, h", lambda f: f.blocks.kept, ".0f"),
    ("… of that in blocks of two hours", lambda f: f.blocks.kept_long, ".0%"),
    ("blocks that came", lambda f: f.blocks.count, ".0f"),
    ("… of 75 min and less", lambda f: f.blocks.short, ".0%"),
    ("… moved by unbusy", lambda f: f.blocks.moved, ".0f"),
    ("… more than once", lambda f: f.blocks.moved_again, ".0f"),
    ("lunch lost, days", lambda f: f.lunch_lost, ".0f"),
    ("… as it was planned", lambda f: f.lunch_planned, ".0f"),
    ("days off: blocks", lambda f: f.off_blocks, ".0f"),
    ("… prompts", lambda f: f.off_prompts, ".0f"),
    ("writes a working day: mean", lambda f: f.writes, ".1f"),
    ("… nine in ten days at most", lambda f: f.writes_p90, ".0f"),
    ("… creates", lambda f: f.kinds["create"], ".1f"),
    ("… moves", lambda f: f.kinds["move"], ".1f"),
    ("… text only", lambda f: f.kinds["text"], ".1f"),
    ("… shown otherwise", lambda f: f.kinds["show"], ".1f"),
    ("… other updates", lambda f: f.kinds["other"], ".1f"),
    ("… deletes", lambda f: f.kinds["delete"], ".1f"),
    ("… share of text only", lambda f: f.text_only, ".0%"),
    ("days under a flag", lambda f: f.flags.days, ".0f"),
    ("… without a rise", lambda f: f.flags.level_days, ".0f"),
    ("weeks under a flag", lambda f: f.flags.weeks, ".0f"),
    ("… without a rise", lambda f: f.flags.level_weeks, ".0f"),
    ("flags: true", lambda f: f.flags.true, ".0f"),
    ("… false", lambda f: f.flags.false, ".0f"),
    ("… withdrawn", lambda f: f.flags.withdrawn, ".0f"),
    ("… flapped", lambda f: f.flags.flapped, ".0f"),
    ("questions (without the fixed ones)", lambda f: f.questions.count, ".0f"),
    ("… asked in the 28 days before, too", lambda f: f.questions.again / max(1, f.questions.count), ".0%"),
    ("… of one question, at most", lambda f: f.questions.most, ".0f"),
    ("put off, days a week: with", lambda f: f.with_it.put_off, ".1f"),
    ("… without", lambda f: f.without.put_off, ".1f"),
    ("meetings after work, h a week: with", lambda f: f.with_it.evening, ".2f"),
    ("… without", lambda f: f.without.evening, ".2f"),
    ("runs stopped by a limit", lambda f: f.stops, ".0f"),
    ("… that no user caused", lambda f: f.own_stops, ".0f"),
    ("events of ours a day: median", lambda f: f.together.daily, ".0f"),
    ("… at most", lambda f: f.together.most_daily, ".0f"),
    ("… in a week, at most", lambda f: f.together.most_weekly, ".0f"),
    ("questions in a week, at most", lambda f: f.together.most_asked, ".0f"),
    ("look backs a week, from the fifth on", lambda f: f.together.look_backs, ".1f"),
    ("own words returned in six weeks, at least", lambda f: f.together.returned, ".0f"),
    ("promises broken", lambda f: len(f.together.broken), ".0f"),
)

Found = Mapping[Run, Figures]


def table(found: Found) -> Iterator[str]:
    """Every figure of the middle, then the gain of each variant, as Markdown; then blocks by length and hour.

    Years with every policy on have a table of their own, a column for each variant.
    """
    plain = {run: f for run, f in found.items() if not run.everything}
    middle = {run: f for run, f in plain.items() if run.variant == "middle"}
    yield from _all_rows({name: _of(middle, name) for name in _leaders(middle)})
    yield from _variants(plain)
    columns: dict[str, list[Figures]] = {}
    for run, f in found.items():
        if run.everything:
            columns.setdefault(f"{run.leader}, all policies, {run.variant}", []).append(f)
    yield from _all_rows(columns)
    for name in _leaders(middle):
        yield f"\n{name}: blocks by length in minutes {_counts(_of(middle, name), lambda f: f.blocks.lengths)}"
        yield f"{name}: blocks by hour of the day {_counts(_of(middle, name), lambda f: f.blocks.hours)}"


def _all_rows(columns: Mapping[str, Sequence[Figures]]) -> Iterator[str]:
    if columns:
        yield from _head("", [*columns])
        for what, figure, form in ROWS:
            yield f"| {what} | {' | '.join(_mean(row, figure, form) for row in columns.values())} |"


def _variants(found: Found) -> Iterator[str]:
    variants = list(dict.fromkeys(run.variant for run in found))
    names = _leaders(found)
    if not found:
        return
    yield ""
    yield from _head("two-hour time, with, times without", names)
    for variant in variants:
        of = [[f for run, f in found.items() if (run.leader, run.variant) == (name, variant)] for name in names]
        yield f"| {variant} | {' | '.join(_mean(row, lambda f: f.gain, '.2f') for row in of)} |"


def _head(first: str, names: Sequence[str]) -> Iterator[str]:
    yield f"| {first} | {' | '.join(names)} |"
    yield f"| --- |{' ---: |' * len(names)}"


def _leaders(found: Found) -> list[str]:
    return list(dict.fromkeys(run.leader for run in found))


def _of(found: Found, leader: str) -> list[Figures]:
    return [f for run, f in found.items() if run.leader == leader]


def _mean(row: Sequence[Figures], figure: Callable[[Figures], float], form: str) -> str:
    return format(mean(map(figure, row)), form) if row else ""


def _counts(row: Sequence[Figures], of: Callable[[Figures], Mapping[str, int]]) -> str:
    """'60: 12 %, 120: 70 %', of all seeds together."""
    counts: Counter[str] = Counter()
    for f in row:
        counts.update(of(f))
    whole = max(1, counts.total())
    return ", ".join(f"{k}: {n / whole:.0%}" for k, n in sorted(counts.items(), key=lambda one: int(one[0])))


class _Row(msgspec.Struct):
    leader: str
    seed: int
    variant: str
    weeks: int
    figures: Figures
    everything: bool = False


def from_json(text: str) -> dict[Run, Figures]:
    """The reverse of `as_json`; ValueError for anything else."""
    rows = msgspec.json.decode(text, type=list[_Row])
    return {
        Run(leader=r.leader, seed=r.seed, variant=r.variant, weeks=r.weeks, everything=r.everything): r.figures
        for r in rows
    }


def as_json(found: Found) -> str:
    """Every figure of every run: a list of objects with `leader`, `seed`, `variant`, `weeks`, `gain` and `figures`."""
    rows = [msgspec.structs.asdict(run) | {"gain": f.gain, "figures": f} for run, f in found.items()]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()
