"""`unbusy report`: the weeks behind and the one ahead, on the terminal, as a page, or as JSON (docs/json.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.common import JSON, code, print_json, reading, tell
from daemon.cli.session import Session, home, say
from daemon.model.errors import UnbusyError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.stages.runtime import Runtime
    from daemon.views.report import Report


@click.command()
@click.option(
    "--weeks", type=click.IntRange(1, 260), default=5, show_default=True, help="How many weeks, this one included."
)
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page for a browser to this file."
)
@JSON
@click.pass_obj
def report(session: Session, weeks: int, page: Path | None, as_json: bool) -> int:
    """What became of focus time, week by week, and what the next week brings.

    What each figure means: docs/report.md.
    """
    from daemon.cli.terminal import put
    from daemon.views.report import report as make
    from daemon.views.report.text import lines

    with session.runtime() as (runtime, now):
        with reading(runtime):
            made = make(runtime, now, weeks)
        if page:
            _write(page, made, runtime)
        if as_json:
            from daemon.cli.looking.report_rows import report_json

            print_json(report_json(made, runtime.profile.zone))
        elif not page:
            for line in lines(made):
                put(line)
        tell(made.problems)
        return code(made.problems)


def _write(path: Path, made: Report, runtime: Runtime) -> None:
    from daemon.system.state_files import write_beside
    from daemon.views.report.page import rendered

    try:
        write_beside(path, rendered(made, runtime.profile.zone).encode())
    except OSError as error:
        raise UnbusyError(f"cannot write {path}: {error.strerror}", "name another file") from error
    say(f"Wrote {home(path)}.")
