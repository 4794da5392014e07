"""`python -m bench.worst`: what the worst input costs, kind by kind; exit code 1 where a goal is missed.

Each kind of hostile or crowded input is worked through once by itself, and the dearest counts.  That the work grows
with the size and no faster is what the tests count; the seconds are here.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from connectors.rfc5545.reader import read
from crowded import LARGE, WEEK, WEEK_BOUNDS, busy_week
from daemon.model.event import ResourceRef
from daemon.model.text import fingerprint, typed
from daemon.model.times import TimeRange
from hostile import BOMBS, TAGS
from making import snapshot
from policies.overload.relief import relief
from reading import CORPUS, span

ZONE = ZoneInfo("Europe/Berlin")
MONTHS = ("2026-03-01..2026-05-01", "1997-06-01..1998-08-01", "2015-01-01..2016-03-01")
BOMB, DESCRIPTION = 60_000, 20_000
"""Pieces: about 1 MB of a calendar, and up to 160 kB of a description."""

Work = Callable[[], object]


class Row(NamedTuple):
    """A line of the table.  `kinds`: the work of each kind; `most`: CPU milliseconds that the dearest may take."""

    what: str
    kinds: Mapping[str, Work]
    most: float


def main() -> int:
    """Print the table; 1 when a goal is missed, else 0."""
    missed = 0
    sys.stdout.write("| the worst of | CPU | goal |\n| --- | --- | --- |\n")
    for row in rows():
        taken = {name: _timed(work) for name, work in row.kinds.items()}
        if not taken:
            sys.stdout.write(f"| {row.what}: not measured, as there are none (UNBUSY_CORPUS) | | |\n")
            continue
        worst = max(taken, key=lambda name: taken[name])
        met = taken[worst] <= row.most
        missed += not met
        goal = f"at most {row.most:g} ms: {'met' if met else 'missed'}"
        sys.stdout.write(f"| {len(taken)} {row.what} | {taken[worst]:.0f} ms ({worst}) | {goal} |\n")
        sys.stdout.flush()
    return int(bool(missed))


def rows() -> Iterator[Row]:
    """All that is measured."""
    base, march = fingerprint("Time to think."), span(MONTHS[0])
    yield Row("hostile calendars of 1 MB", {n: partial(_read, make(BOMB), march) for n, make in BOMBS.items()}, 2_000)
    described = {f"`{t.strip()}`": partial(typed, f"<br>{t * DESCRIPTION}", base) for t in TAGS}
    yield Row("descriptions that look like HTML", described, 500)
    yield Row("readings of a file of the corpus", dict(_corpus()), 2_000)
    crowded = {f"{name} {n}": partial(_way_out, make(n)) for name, make in LARGE.items() for n in range(3)}
    crowded["400 meetings"] = partial(_way_out, busy_week(1, 400))
    yield Row("ways out of a week with 40 meetings and more", crowded, 100)


def _corpus() -> Iterator[tuple[str, Work]]:
    for path in sorted(CORPUS.glob("*/*.ics")):
        payload = path.read_bytes()
        yield from ((f"{path.parent.name}/{path.name} {m[:4]}", partial(_read, payload, span(m))) for m in MONTHS)


def _read(payload: bytes, window: TimeRange) -> object:
    return read(payload, ResourceRef("a/b", "c.ics", ""), window, ZONE)


def _way_out(meetings: list[object]) -> object:
    return relief(snapshot(*meetings, now="Mon 00:00"), WEEK, WEEK_BOUNDS)


def _timed(work: Work) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
