"""`python -m bench.caldav`: what a calendar of 1,000 events on Radicale costs, beside the caldav library's own ways.

CPU time of the client alone, in turn, each time in a new fork of one process: both sides have their modules loaded,
and remember nothing of what they have read before.  The library is asked for all events, for the occurrences of the
window that unbusy plans, and what has changed since its own sync token.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from caldav.davclient import DAVClient

from bench.folders import tool
from bench.timing import median, run
from connectors.http.web import Answer, Web
from daemon import cycle
from daemon.config import load
from daemon.model.protocols import Resource, Seen
from daemon.planning.snapshots import window
from daemon.stages.observe import observe
from daemon.stages.runtime import Runtime, open_runtime
from daemon.system import secrets
from servers import PASSWORD, Account, radicale

EVENTS = 1000
TIMES = 7
CONFIG = """\
timezone = "Europe/Warsaw"
state = "{state}"
[accounts.work]
type = "caldav"
url = "{account.url}"
username = "{account.username}"
write = "Work"
emails = ["ada@example.com"]
"""
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""The Monday around which the tool puts its events."""
_AS_IT_COMES = partial(logging.getLogger("caldav.response").setLevel, logging.NOTSET)
"""The library is measured with its own settings; unbusy tells it to write no debug log."""


def main() -> None:
    """Print the figures as a table."""
    with radicale() as server, tempfile.TemporaryDirectory() as base:
        account, other = server.account(), server.account()
        work = account.make_calendar("Work")
        fill(account.folder / "Work", Path(base))
        work.names()  # Radicale reads each new file once
        for _ in measured(other, other.make_calendar("Work").url, Path(base), times=1):
            pass  # every module is loaded
        sys.stdout.write("| measured | requests | unbusy | the caldav library | times less |\n")
        sys.stdout.write("| --- | --- | --- | --- | --- |\n")
        for line in measured(account, work.url, Path(base)):
            sys.stdout.write(f"{line}\n")


def fill(folder: Path, base: Path) -> None:
    """Realistic meetings over two years, straight into the server's storage."""
    run([sys.executable, str(tool()), "--events", str(EVENTS), "--years", "2", "--out", str(base / "events")])
    for path in (base / "events").iterdir():
        shutil.copy(path, folder)


def measured(account: Account, url: str, base: Path, times: int = TIMES) -> Iterator[str]:
    """A first plan beside a search of the same window; a quiet cycle beside a quiet sync."""
    library = DAVClient(url=account.url, username=account.username, password=PASSWORD, auth_type="basic",
                        enable_rfc6764=False)  # fmt: skip
    calendar = library.calendar(url=url)
    start = NOW - timedelta(days=28)
    token = calendar.get_objects_by_sync_token(disable_fallback=True).sync_token
    ours, asked = planner(account, base / account.username)

    def everything() -> None:
        _AS_IT_COMES()
        list(calendar.search(event=True))

    def search() -> None:
        _AS_IT_COMES()
        list(calendar.search(event=True, start=start, end=start + timedelta(days=49), expand=True))

    def sync() -> None:
        _AS_IT_COMES()
        list(calendar.get_objects_by_sync_token(sync_token=token, disable_fallback=True))

    rows = {
        f"first contact: each of {EVENTS:,} events read once": (partial(ours, What.READ), everything),
        "the whole first `plan`": (partial(ours, What.PLAN), search),
        "a quiet cycle": (partial(ours, What.QUIET), sync),
    }
    for name, (one, other) in rows.items():
        if one.args == (What.QUIET,):
            one()  # something has to be known
        pairs = [(_cpu(one), _cpu(other)) for _ in range(times)]
        mine, theirs = (median(side) for side in zip(*pairs, strict=True))
        less = median([b / a for a, b in pairs])
        asked.clear()
        one()
        yield f"| {name} | {len(asked)} | {mine:.1f} ms | {theirs:.1f} ms | {less:.1f} |"
    library.close()


class What(Enum):
    """What is measured: a first reading, a first plan, or what a cycle asks where nothing has changed."""

    READ, PLAN, QUIET = range(3)


def planner(account: Account, base: Path) -> tuple[Callable[[What], None], list[str]]:
    """What reads and plans, and where it notes each request."""
    asked: list[str] = []
    base.mkdir()
    send = Web.send

    def noted(
        self: Web, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:  # fmt: skip
        asked.append(method)
        return send(self, method, url, body, headers)

    Web.send = noted  # type: ignore[method-assign]  # counts, and does the same
    secrets.find = lambda *_: PASSWORD  # type: ignore[assignment]  # as a password manager would

    def work(what: What) -> None:
        state = base / ("state" if what is What.QUIET else str(time.monotonic_ns()))
        path = base / "unbusy.toml"
        path.write_text(CONFIG.format(account=account, state=state))
        with open_runtime(load(path), lambda: NOW) as runtime:
            if what is What.READ:
                observe(runtime, NOW)
            elif what is What.PLAN or not runtime.ledger.mirror.calendars("work"):
                cycle.plan(runtime, NOW)
            else:
                _quiet(runtime)

    return work, asked


def _quiet(runtime: Runtime) -> None:
    days = timedelta(days=runtime.config.lookback), timedelta(days=runtime.config.horizon)
    (info,) = runtime.connectors["work"].calendars()
    span = window(NOW, runtime.profile, *days)
    intake = runtime.ledger.mirror.intake(info.id, span.start.toordinal())
    known = intake.versions()
    seen = Seen(window=span, recall=lambda: known, state=intake.state)
    if any(isinstance(i, Resource) for i in runtime.connectors["work"].changes(info.id, seen).changed):
        sys.exit("something has changed meanwhile")


def _cpu(work: Callable[[], Any]) -> float:
    """CPU time of a fork of this process that does the work, in milliseconds."""
    said, ear = os.pipe()
    if not (child := os.fork()):
        began = time.process_time()
        work()
        os.write(ear, repr((time.process_time() - began) * 1000).encode())
        os._exit(0)
    os.close(ear)
    os.waitpid(child, 0)
    with os.fdopen(said) as answer:
        return float(answer.read())


if __name__ == "__main__":
    main()
