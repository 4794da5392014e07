"""What several commands share: options, asking, and how a plan, JSON and problems are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from daemon.cli.session import interactive
from daemon.model.errors import ConfigError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from daemon.model.plan import Plan, Problem
    from daemon.stages.proposing import Planned
    from daemon.stages.runtime import Runtime

_Step = TypeVar("_Step")

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
VERBOSE = click.option("-v", "verbose", is_flag=True, help="Each reason whole, with drafts and names of wishes.")
YES = click.option("--yes", is_flag=True, help="Do it without asking.")


def ask(question: str, otherwise: str) -> None:
    """Go on only after a yes; without a terminal nothing is written."""
    if not interactive():
        raise ConfigError("nothing was written: there is no terminal to ask on", f"`{otherwise}` does not ask")
    if not click.confirm(question, err=True):
        raise StoppedError("nothing was written")


def reading(runtime: Runtime) -> AbstractContextManager[Callable[[], None]]:
    """Said while accounts are read; what is given is to be called after each of them."""
    return _said(runtime, "Reading your calendars", len(runtime.config.accounts))


def writing(runtime: Runtime, made: Plan) -> AbstractContextManager[Callable[[], None]]:
    """Said while a plan is carried out; what is given is to be called after each change."""
    return _said(runtime, "Writing", len(made.changes))


def one_by_one(runtime: Runtime, what: str, steps: Iterable[_Step]) -> Iterator[_Step]:
    """Steps as they come; what is being done is said while one of them takes long."""
    coming = iter(steps)
    while True:
        with _said(runtime, what, 0):
            step = next(coming, None)
        if step is None:
            return
        yield step


def _said(runtime: Runtime, what: str, whole: int) -> AbstractContextManager[Callable[[], None]]:
    """Nothing, where a `password_command` may want the terminal for itself."""
    from contextlib import nullcontext

    from daemon.cli.terminal import waiting

    if any(getattr(options, "password_command", ()) for options in runtime.config.accounts.values()):
        return nullcontext(lambda: None)
    return waiting(what, whole)


def show(runtime: Runtime, made: Planned, *, as_json: bool, verbose: bool = True, weeks: bool = False) -> None:
    """A plan, for people or for scripts, and its problems.  `weeks`: with what each week comes to."""
    from daemon.cli.show import show_planned, show_problems

    if as_json:
        from daemon.cli.json_rows import plan_json

        print_json(plan_json(made.plan, runtime.profile.zone))
    else:
        show_planned(made, runtime.config, verbose=verbose, weeks=weeks)
        if weeks:
            _times(runtime, made.plan.now)
    show_problems(made.plan.problems)


def _times(runtime: Runtime, now: datetime) -> None:
    """On which clock all that is."""
    from daemon.cli.session import say
    from daemon.views.zones import elsewhere, times

    there = elsewhere(runtime, now)
    say(f"Times: {times(runtime.config)}" + (f"; most of your events are in {there}" if there else ""))


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
