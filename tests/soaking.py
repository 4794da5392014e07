"""A daemon that is told what time it is: soaking.py CONFIG.  A moment a line comes in; what a cycle came to goes out.

    {"memory": bytes, "descriptors": n, "threads": n, "cpu": seconds, "code": n}

Google's pauses before a repetition are left out; all else is what `unbusy run` does.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import active_count
from time import process_time

from connectors.google import connector
from daemon.config import Config, load
from daemon.model.errors import UnbusyError
from daemon.service import serve as service
from daemon.service.source import Source
from daemon.stages.runtime import Runtime, open_runtime


def at(now: datetime) -> Callable[[Config], AbstractContextManager[tuple[Runtime, datetime]]]:
    """Opens a runtime at that moment."""

    @contextmanager
    def opening(config: Config) -> Iterator[tuple[Runtime, datetime]]:
        with open_runtime(config, lambda: now.astimezone(UTC)) as runtime:
            yield runtime, now

    return opening


def held() -> dict[str, int]:
    """What the process has now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  one of them is its own
    return {"memory": pages * os.sysconf("SC_PAGE_SIZE"), "descriptors": descriptors, "threads": active_count()}


def main(config: Path) -> None:
    """Until nothing comes in."""
    source = Source(lambda: config, lambda: load(config))
    for line in sys.stdin:
        begun = process_time()
        try:
            code = service.serve(
                source, at(datetime.fromisoformat(line.strip())), observe=False, verbose=False, once=True
            )
        except UnbusyError as error:
            code = error.code
        spent = process_time() - begun
        sys.stdout.write(json.dumps(held() | {"cpu": spent, "code": code}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    connector.Api = partial(connector.Api, sleep=lambda _: None)  # type: ignore[misc, assignment]  # nobody waits here
    main(Path(sys.argv[1]))
