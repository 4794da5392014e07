"""The commands that only look: what is read, why something is there, and how unbusy is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from daemon.cli.common import JSON, code, print_json, reading, tell
from daemon.cli.session import Session, interactive

if TYPE_CHECKING:
    from daemon.model.plan import Problem


@click.command()
@click.option("--from", "first", metavar="DAY", help="First day (default: today).")
@click.option("--to", "last", metavar="DAY", help="Last day (default: seven days on).")
@JSON
@click.pass_obj
def agenda(session: Session, first: str | None, last: str | None, as_json: bool) -> int:
    """The occurrences as unbusy reads them."""
    from daemon.cli.show import show_agenda, show_problems
    from daemon.views.agenda import agenda as read

    with session.runtime() as (runtime, now):
        with reading(runtime):
            events, problems = read(runtime, now, first, last)
        if as_json:
            from daemon.cli.json_rows import agenda_json

            print_json(agenda_json(events, problems, runtime.profile.zone))
        else:
            show_agenda(events, runtime.profile.zone)
            show_problems(problems)
        return code(problems)


@click.command()
@click.argument("when", metavar="WHEN")
@click.pass_obj
def explain(session: Session, when: str) -> int:
    """Say why this is, or is not, there.

    WHEN is a moment as in 2026-12-03T10:00; local time, if it has no offset.
    """
    from daemon import cycle
    from daemon.cli.show import show_explanation
    from daemon.explain import explanation

    with session.runtime() as (runtime, now):
        zone = runtime.profile.zone
        moment = Session(None, when, verbose=False).now(zone)
        with reading(runtime) as beat:
            found = explanation.explain(runtime, cycle.plan(runtime, now, beat=beat), moment)
        show_explanation(found, zone)
    return 0


@click.command()
@JSON
@click.pass_obj
def calendars(session: Session, as_json: bool) -> int:
    """Accounts and calendars, as their stores name them."""
    from daemon.cli.terminal import put_table
    from daemon.model.words import one_line
    from daemon.views.checks import list_calendars

    with session.runtime() as (runtime, _):
        with reading(runtime):
            rows, problems = list_calendars(runtime)
        if as_json:
            print_json({"calendars": rows, "problems": [{"where": p.where, "what": p.what} for p in problems]})
        else:
            put_table([(one_line(row["id"]), one_line(row["name"]), _use(row)) for row in rows])
            tell(problems)
        return code(problems)


@click.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> int:
    """Look at config, state, every account and every calendar."""
    from daemon.cli.talk import Nobody, Terminal
    from daemon.views.checks import check_all

    with session.runtime() as (runtime, now):
        found = []
        for step, problem in check_all(runtime, now, Nobody() if as_json or not interactive() else Terminal()):
            found.append((step, problem))
            if not as_json:
                _step(step, problem)
        if as_json:
            rows = [
                {"step": step, "ok": p is None, "what": p.what if p else "", "remedy": p.remedy if p else ""}
                for step, p in found
            ]
            print_json({"steps": rows})
        return code(p for _, p in found if p)


def _step(step: str, problem: Problem | None) -> None:
    """A step of a check; what is wrong stands under it."""
    from daemon.cli.terminal import put
    from daemon.model.words import one_line

    word = click.style("ok ", fg="green") if problem is None else click.style("BAD", fg="red", bold=True)
    put(f"{word}  {one_line(step)}", hang=5)
    if problem:
        put("     " + one_line(f"{problem.what}; {problem.remedy}".removesuffix("; ")))


@click.command()
@JSON
@click.pass_obj
def status(session: Session, as_json: bool) -> int:
    """Health, the last run and the next actions."""
    from daemon.cli.terminal import put_table
    from daemon.model.words import one_line
    from daemon.views.checks import health

    with session.runtime() as (runtime, now):
        found = health(runtime, now)
        if as_json:
            print_json(found)
        else:
            put_table([(name, one_line(line)) for name, line in _lines(found)])
        return 0


def _lines(found: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is not empty, each with its name; of a list a line for each, under one name."""
    for name, value in found.items():
        rows = value if isinstance(value, list) else [value] if value else []
        for n, row in enumerate(rows):
            yield "" if n else name.replace("_", " "), str(row)


def _use(row: Mapping[str, str]) -> str:
    """'read as others', 'write', 'not read'."""
    return f"{row['use']} as {row['read_as']}".removesuffix(" as ")
