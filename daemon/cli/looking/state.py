"""The commands that only look: what is read, why something is there, and how unbusy is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from daemon.cli.common import JSON, code, one_by_one, print_json, reading, tell
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
        talk = Nobody() if as_json or not interactive() else Terminal()
        for step, problem in one_by_one(runtime, "Checking", check_all(runtime, now, talk)):
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
    """A step of a check; what is wrong, or only worth knowing, stands under it."""
    from daemon.cli.terminal import put
    from daemon.model.words import one_line

    if problem is None:
        word = click.style("ok ", fg="green")
    elif problem.code:
        word = click.style("BAD", fg="red", bold=True)
    else:
        word = click.style("NB ", fg="yellow")
    put(f"{word}  {one_line(step)}", hang=5)
    if problem:
        put("     " + one_line(f"{problem.what}; {problem.remedy}".removesuffix("; ")))


@click.command()
@JSON
@click.pass_obj
def status(session: Session, as_json: bool) -> int:
    """How unbusy is, in one line, then what stands behind it.

    Exits with 0 when it is healthy, 3 when it needs you, 4 when something is out of reach for now, 1 else.
    """
    from daemon.cli.terminal import put, put_table
    from daemon.model.words import one_line
    from daemon.views.health import health

    with session.runtime() as (runtime, now):
        told = health(runtime, now)
        code = int(str(told["code"]))
        if as_json:
            print_json(told)
        else:
            put(click.style(one_line(told["summary"]), fg="red" if code else "green", bold=bool(code)), hang=2)
            put_table([(name, one_line(line)) for name, line in _lines(told)])
        return code


_FIRST = frozenset({"health", "summary", "since", "code"})
"""What the first line and the exit code say."""


def _lines(told: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is not empty, each with its name; of a list a line for each, under one name."""
    for name, value in told.items():
        rows = value if isinstance(value, list) else [value] if value and name not in _FIRST else []
        for n, row in enumerate(rows):
            yield "" if n else name.replace("_", " "), _row(row) if isinstance(row, dict) else str(row)


def _row(row: Mapping[str, object]) -> str:
    """A problem or an account, in a line."""
    if "where" in row:
        remedy = f"; {row['remedy']}" if row["remedy"] else ""
        return f"{row['where']}: {row['what']}{remedy} (since {row['since']})"
    read, wrote, rest = (str(row[name]) for name in ("last_read", "last_write", "resting_until"))
    parts = [f"read {read}" if read else "never read", f"written {wrote}" if wrote else ""]
    parts.append(f"left alone until {rest}: {row['why']}" if rest else "")
    return f"{row['account']}: {', '.join(filter(None, parts))}"


def _use(row: Mapping[str, str]) -> str:
    """'read as others', 'write', 'not read'."""
    return f"{row['use']} as {row['read_as']}".removesuffix(" as ")
