"""What a shell may complete an argument to.  Whatever goes wrong, it completes to nothing and says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from daemon.model.errors import UnbusyError

if TYPE_CHECKING:  # what is only for a shell's question
    from click.shell_completion import CompletionItem

    from daemon.config import Config

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Values = Callable[[click.Context], Iterable[tuple[str, str]]]
"""The values, each with a word on it."""


def completer(values: Values) -> Completer:
    """Those that begin with what was typed."""

    def complete(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        try:
            return [CompletionItem(value, help=what) for value, what in values(ctx) if value.startswith(typed)]
        except (UnbusyError, LookupError, OSError):  # the command will tell
            return []

    return complete


def _config(ctx: click.Context) -> Config:
    from daemon.config import find, load

    path = find(ctx.find_root().params.get("config_path"))
    if path is None:
        raise LookupError
    return load(path)


def _accounts(ctx: click.Context) -> Iterator[tuple[str, str]]:
    yield from ((name, options.type) for name, options in _config(ctx).accounts.items())


def _runs(ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The latest runs, newest first."""
    from contextlib import closing

    from daemon.config import profile
    from daemon.ledger import open_ledger
    from daemon.model.words import moment
    from daemon.stages.runtime import own_state_dir

    config = _config(ctx)
    zone = profile(config).zone
    with closing(open_ledger(own_state_dir(config))) as ledger:
        for run in ledger.runs.latest(20):
            yield str(run.id), f"{run.command} {moment(run.at, zone)}, {len(run.changes)} changes"


def _subjects(ctx: click.Context) -> Iterator[tuple[str, str]]:
    """What `#never` was said of, by what it is called."""
    from contextlib import closing

    from daemon.ledger import open_ledger
    from daemon.ledger.notes import NEVERS
    from daemon.stages.runtime import own_state_dir

    with closing(open_ledger(own_state_dir(_config(ctx)))) as ledger:
        yield from ((never.subject.id, never.policy) for never in NEVERS.get(ledger.drawer) or () if never.holds)


def _pages(_ctx: click.Context) -> Iterator[tuple[str, str]]:
    from daemon.system.shared import pages

    yield from ((name, "") for name in pages())


accounts, runs, pages, subjects = map(completer, (_accounts, _runs, _pages, _subjects))
