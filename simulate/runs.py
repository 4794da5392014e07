"""Years side by side: the same demand with unbusy and without it, seeds and leaders in processes of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from msgspec import Struct

from simulate.engine import Engine
from simulate.figures.yearly import Figures, figures
from simulate.history import History
from simulate.people import Leader, Parameters, parameters
from simulate.year import Year

MEMORY = Path("/dev/shm")  # noqa: S108  a folder of its own is made in it, as in any other one


class Run(Struct, frozen=True, kw_only=True):
    """What is to be lived; `everything`: with every policy on."""

    leader: str
    seed: int
    variant: str = "middle"
    weeks: int = 52
    everything: bool = False


def lived(run: Run) -> tuple[History, History]:
    """The year with unbusy, and the year without it."""
    params = parameters().variant(run.variant)
    leader = params.leader(run.leader)
    with (
        tempfile.TemporaryDirectory(prefix="unbusy-", dir=_folder()) as base,
        Engine(Path(base), leader, everything=run.everything) as engine,
    ):
        with_it = _year(params, leader, run, engine)
    return with_it, _year(params, leader, run, None)


def _year(params: Parameters, leader: Leader, run: Run, engine: Engine | None) -> History:
    return Year(params=params, leader=leader, seed=run.seed, weeks=run.weeks, engine=engine).live()


def _folder() -> str | None:
    """In memory where there is such a folder and no other is asked for: ledger and calendars are written with fsync."""
    return str(MEMORY) if not os.environ.get("TMPDIR") and os.access(MEMORY, os.W_OK) else None


def measured(run: Run) -> Figures:
    """The figures of both years."""
    return figures(*lived(run))


def measure(runs: Sequence[Run]) -> Iterator[tuple[Run, Figures]]:
    """All of them, in their order, as they are ready."""
    with ProcessPoolExecutor(initializer=os.nice, initargs=(10,)) as pool:
        yield from zip(runs, pool.map(measured, runs), strict=True)
