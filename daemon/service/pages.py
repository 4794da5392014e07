"""The page of a week, where a policy wants one: written into a folder of the user's, for nobody else to read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from daemon.config import registry
from daemon.config.places import written_out
from daemon.ledger.notes import PAGE, Written
from daemon.model.errors import EndedError, UnbusyError
from daemon.model.figures.told import WeekPage
from daemon.model.plan import Problem
from daemon.model.snapshot import Snapshot
from daemon.stages.runtime import Runtime
from daemon.system.state_files import make_folder, opened_folder, replace_file

WHERE = "the page of the week"
WEEKS = 5
"""So many weeks are on it."""


def write_due(runtime: Runtime, snapshot: Snapshot, now: datetime) -> Iterator[Problem]:
    """Write each page that is due; what is wrong with one.  The cycle is none the worse for it, and the next tries."""
    for page in _wanted(snapshot):
        path = Path(written_out(page.folder)) / page.name
        last = PAGE.get(runtime.ledger.drawer)
        if last and last.file == str(path) and last.at >= page.since:
            continue
        try:
            _write(runtime, path, now)
        except EndedError:
            return
        except (OSError, UnbusyError) as error:
            yield _problem(error)
        else:
            PAGE.put(runtime.ledger.drawer, Written(file=str(path), at=now))


def _wanted(snapshot: Snapshot) -> Iterator[WeekPage]:
    kinds = ((registry.policy(name), options) for name, options in snapshot.policies.items())
    yield from (page for kind, options in kinds if kind.page and (page := kind.page(snapshot, options)))


def _write(runtime: Runtime, path: Path, now: datetime) -> None:
    """The folder first: where it is none to write in, nothing is read for it."""
    from daemon.views.report import report  # noqa: PLC0415  few ask for a page
    from daemon.views.report.page import rendered  # noqa: PLC0415  likewise

    make_folder(path.parent)
    with opened_folder(path.parent):
        pass
    made = report(runtime, now, WEEKS, patient=True)
    replace_file(path, rendered(made, runtime.profile.zone).encode())


def _problem(error: OSError | UnbusyError) -> Problem:
    if isinstance(error, UnbusyError):
        return Problem(WHERE, f"it cannot be written: {error.what}", error.remedy, 0)
    remedy = "name another folder with `page` in [policies.reflection], or let unbusy write in that one"
    return Problem(WHERE, f"it cannot be written: {error.strerror}", remedy, 0)
