"""A cycle of a running daemon with nothing new, beside the least that tells so: one scandir and a stat of each file.

    python bench/cycle.py CONFIG NOW TIMES FOLDER       milliseconds of both, run by run, as JSON

A cycle is all of it: the ledger is opened (and checked, unless it is as this process left it), every file is looked
at, and the weeks are planned anew.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from daemon.cli.session import Session
from daemon.service.serve import one_cycle


def main(config: str, now: str, times: str, folder: str) -> None:
    """Print the milliseconds."""
    session = Session(config, now, verbose=False)

    def cycle() -> None:
        with session.runtime() as (runtime, moment):
            one_cycle(runtime, moment, observe=True)

    def look() -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                entry.stat()

    cycle()
    sys.stdout.write(json.dumps([(_timed(cycle), _timed(look)) for _ in range(int(times))]) + "\n")


def _timed(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
