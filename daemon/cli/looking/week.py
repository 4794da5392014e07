"""`unbusy week`: one's own week, drawn as it stands and as the plan would leave it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.common import code, reading, tell
from daemon.cli.session import Session, home, say
from daemon.model.errors import ConfigError, UnbusyError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.model.snapshot import Snapshot
    from daemon.model.times import Week

WIDEST = 120
"""Cells of a drawing; a wider one is harder to read."""


@click.command()
@click.argument("when", metavar="[WHEN]", default="")
@click.option("--plain", is_flag=True, help="A list without any drawing, for screen readers.")
@click.option("--svg", "picture", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture to this file.")
@click.pass_obj
def week(session: Session, when: str, plain: bool, picture: Path | None) -> int:
    """Draw a week as it stands, and as the plan would leave it.

    WHEN: a day as in 2026-12-03, or `next`; default: this week.
    """
    from daemon import cycle
    from daemon.cli.terminal import put
    from daemon.planning.after import after
    from daemon.views.weekly import summary, total

    with session.runtime() as (runtime, now):
        with reading(runtime) as beat:
            planned = cycle.plan(runtime, now, beat=beat)
        before = planned.observation.snapshot
        then = before if planned.plan.stopped else after(before, planned.plan.changes)
        meant = asked(before, now, when)
        line = summary(total(then, runtime.config, meant))
        if picture:
            _write(picture, then, meant, line)
        else:
            for row in _plain(before, then, meant) if plain else _drawn(before, then, meant):
                click.echo(row)
        put(line)
        tell(planned.plan.problems)
        return code(planned.plan.problems)


def asked(snapshot: Snapshot, now: datetime, when: str) -> Week:
    """The week that is meant; ConfigError for one that is not known."""
    from daemon.model.times import local_day, week_of

    starts, this = snapshot.profile.week_starts, snapshot.this_week
    if when in ("", "this"):
        return this
    if when == "next":
        return this.next()
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise ConfigError(f"{when!r} is not a day", "write it like 2026-12-03, or `next`") from None
    first, last = (local_day(t, snapshot.zone) for t in (snapshot.window.start, snapshot.window.end))
    if not first <= day < last:
        remedy = f"weeks from {first} to {last} are known; `lookback` and `horizon` in the config say so"
        raise ConfigError(f"{when} is out of sight at {now:%Y-%m-%d}", remedy)
    return week_of(day, starts)


def _drawn(before: Snapshot, then: Snapshot, week: Week) -> Iterator[str]:
    from daemon.cli.terminal import coloured, columns
    from daemon.views import picture

    width, colour = min(columns(sys.stdout) or 80, WIDEST), coloured(sys.stdout)
    if _same(before, then, week):
        yield picture.week(then, week, width=width, colour=colour)
    else:
        yield picture.before_after(before, then, week, width=width, colour=colour)
    yield ""


def _plain(before: Snapshot, then: Snapshot, week: Week) -> Iterator[str]:
    from daemon.views.weekly import listing

    if not _same(before, then, week):
        yield "As the plan would leave it:"
    yield from listing(before, then, week)


def _same(before: Snapshot, then: Snapshot, week: Week) -> bool:
    """Whether the plan leaves this week as it is."""

    def seen(of: Snapshot) -> list[tuple[object, ...]]:
        span = week.span(of.zone)
        here = (o.event for o in of.ours if o.event.span.overlaps(span))
        return sorted((e.span, e.summary, e.show_as) for e in here)

    return seen(before) == seen(then)


def _write(path: Path, snapshot: Snapshot, week: Week, caption: str) -> None:
    from daemon.views.svg import week_svg

    try:
        path.write_text(week_svg(snapshot, week, caption))
    except OSError as error:
        raise UnbusyError(f"cannot write {path}: {error.strerror}", "name another file") from error
    say(f"Wrote {home(path)}.")
