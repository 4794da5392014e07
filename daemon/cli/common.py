"""What several commands share: options, asking, and how a plan, JSON and problems are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.session import interactive
from daemon.model.errors import ConfigError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.model.plan import Plan, Problem
    from daemon.stages.runtime import Runtime

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
YES = click.option("--yes", is_flag=True, help="Do it without asking.")


def ask(question: str, otherwise: str) -> None:
    """Go on only after a yes; without a terminal nothing is written."""
    if not interactive():
        raise ConfigError("nothing was written: there is no terminal to ask on", f"`{otherwise}` does not ask")
    if not click.confirm(question, err=True):
        raise StoppedError("nothing was written")


def show(runtime: Runtime, made: Plan, *, as_json: bool) -> None:
    """A plan, for people or for scripts, and its problems."""
    from daemon.cli.show import show_plan, show_problems

    zone = runtime.profile.zone
    if as_json:
        from daemon.cli.json_rows import plan_json

        print_json(plan_json(made, zone))
    else:
        show_plan(made, zone)
    show_problems(made.problems)


def print_json(data: object) -> None:
    """Data for scripts, on standard output."""
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def code(problems: Iterable[Problem]) -> int:
    """The exit code of the worst problem."""
    return max((p.code for p in problems), default=0)


def tell(problems: Iterable[Problem]) -> None:
    """Problems with their remedies, on standard error."""
    from daemon.cli.show import show_problems

    show_problems(problems)
