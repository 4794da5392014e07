"""The commands that only look: what is read, why something is there, and how unbusy is."""

from __future__ import annotations

import click

from daemon.cli.common import JSON, code, print_json, tell
from daemon.cli.session import Session, interactive


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
        show_explanation(explanation.explain(runtime, cycle.plan(runtime, now), moment), zone)
    return 0


@click.command()
@JSON
@click.pass_obj
def calendars(session: Session, as_json: bool) -> int:
    """Accounts and calendars, as their stores name them."""
    from daemon.model.words import one_line
    from daemon.views.checks import list_calendars

    with session.runtime() as (runtime, _):
        rows, problems = list_calendars(runtime)
        if as_json:
            print_json({"calendars": rows, "problems": [{"where": p.where, "what": p.what} for p in problems]})
        else:
            for row in rows:
                how = f"{row['use']} as {row['read_as']}".removesuffix(" as ")
                click.echo(f"{one_line(row['id']):<32} {one_line(row['name']):<24} {how}")
            tell(problems)
        return code(problems)


@click.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> int:
    """Look at config, state, every account and every calendar."""
    from daemon.cli.talk import Nobody, Terminal
    from daemon.model.words import one_line
    from daemon.views.checks import check_all

    with session.runtime() as (runtime, now):
        found = []
        for step, problem in check_all(runtime, now, Nobody() if as_json or not interactive() else Terminal()):
            found.append((step, problem))
            if not as_json:
                click.echo(f"{'ok ' if problem is None else 'BAD'}  {one_line(step)}")
                if problem:
                    click.echo("     " + one_line(f"{problem.what}; {problem.remedy}".removesuffix("; ")))
        if as_json:
            rows = [
                {"step": step, "ok": p is None, "what": p.what if p else "", "remedy": p.remedy if p else ""}
                for step, p in found
            ]
            print_json({"steps": rows})
        return code(p for _, p in found if p)


@click.command()
@JSON
@click.pass_obj
def status(session: Session, as_json: bool) -> int:
    """Health, the last run and the next actions."""
    from daemon.model.words import one_line
    from daemon.views.checks import health

    with session.runtime() as (runtime, now):
        found = health(runtime, now)
        if as_json:
            print_json(found)
        else:
            for name, value in found.items():
                if value not in ("", [], None):
                    said = "; ".join(value) if isinstance(value, list) else str(value)
                    click.echo(f"{name.replace('_', ' ')}: {one_line(said)}")
        return 0
