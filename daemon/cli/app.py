"""The commands.  Each is a few lines: open the house, ask the cycle, show the answer.

Imports stand inside the commands: `unbusy --help` and shell completion must be quick.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from daemon.cli.accounts import login, logout
from daemon.cli.completion import completion
from daemon.cli.init import init
from daemon.cli.journal import journal
from daemon.cli.report import report
from daemon.cli.session import Session, interactive, say
from daemon.model.errors import ConfigError, StoppedError, UnbusyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from daemon.cycle import Planned
    from daemon.house import House
    from daemon.model.plan import Plan, Problem

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
YES = click.option("--yes", is_flag=True, help="Do it without asking.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", "config_path", metavar="FILE", help="The config file (default: found in the usual places).")
@click.option("--now", "now_text", metavar="TIME", default="", help="Fix the clock, as in 2026-12-01T09:00.")
@click.option("-v", "verbose", is_flag=True, help="Say more when something fails.")
@click.version_option(package_name="unbusy", prog_name="unbusy")
@click.pass_context
def cli(ctx: click.Context, config_path: str | None, now_text: str, verbose: bool) -> None:
    """Protect time for deep thinking, on your own calendar.

    Begin with `unbusy demo`: an example calendar, planned and applied in a folder of its own.
    """
    ctx.obj = Session(config_path, now_text, verbose)


def main(argv: list[str] | None = None) -> int:
    """Run the command line and give its exit code.

    0 done; 1 failed; 2 bad usage or config; 3 not logged in or refused; 4 temporary; 5 stopped by a limit.
    """
    try:
        done = cli.main(args=argv, prog_name="unbusy", standalone_mode=False)
    except UnbusyError as e:
        say(f"unbusy: {e.what}" + (f"\n  {e.remedy}" if e.remedy else ""))
        if e.__cause__ and "-v" in (argv if argv is not None else sys.argv):
            say(f"  cause: {type(e.__cause__).__name__}: {e.__cause__}")
        return e.code
    except click.exceptions.Abort:
        say("unbusy: interrupted")
        return 130
    except click.ClickException as e:
        e.show()
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains while it shuts down
        return 0
    return done if isinstance(done, int) else 0


# -- plan and apply ---------------------------------------------------------------------------------------------------


@cli.command()
@JSON
@click.pass_obj
def plan(session: Session, as_json: bool) -> int:
    """Show what would be done, when and why."""
    from daemon import cycle

    with session.house() as (house, now):
        made = cycle.plan(house, now).plan
        _show(house, made, as_json=as_json)
        return _code(made.problems)


@cli.command()
@JSON
@YES
@click.option("--force", is_flag=True, help="Also over the limits, and accept a calendar that is empty now.")
@click.pass_obj
def apply(session: Session, as_json: bool, yes: bool, force: bool) -> int:
    """Carry the plan out, after a yes."""
    from daemon import cycle

    with session.house() as (house, now):
        planned = cycle.plan(house, now, accept_empty=force)
        if not as_json:
            _show(house, planned.plan, as_json=False)
        if planned.plan.stopped and not force:
            raise StoppedError(
                f"nothing was written: {planned.plan.stopped}", "`unbusy apply --force` carries it out all the same"
            )
        if planned.plan.changes and not yes:
            _ask("Apply this?", "unbusy apply --yes")
        again = _locked(house, planned, now, accept_empty=force)
        if as_json:
            _show(house, planned.plan, as_json=True)
        return again


def _locked(house: House, shown: Planned, now: datetime, *, accept_empty: bool) -> int:
    """Plan again under the lock and apply it if it still is what was shown."""
    from daemon import cycle
    from daemon.lock import hold

    with hold(house.lock, "`unbusy apply`"):
        planned = cycle.plan(house, now, accept_empty=accept_empty)
        _same(house, planned.plan, shown.plan)
        cycle.confirm(house, now)
        done = cycle.carry_out(house, planned, now, command="apply", force=True)
    if shown.plan.changes:
        say(f"Applied {done.done} of {len(shown.plan.changes)} changes.")
    if done.lost:
        say(f"{done.lost} events were changed by somebody else meanwhile; the next run plans afresh.")
    return _code(planned.plan.problems)


def _same(house: House, plan: Plan, shown: Plan) -> None:
    """What is applied is what was shown, to the letter."""
    from daemon.cli.contract import change_json

    zone = house.profile.zone
    if [change_json(c, zone) for c in plan.changes] != [change_json(c, zone) for c in shown.changes]:
        raise StoppedError("nothing was written: the calendar changed since this plan was shown", "run it again")


def _ask(question: str, otherwise: str) -> None:
    """Go on only after a yes; without a terminal nothing is written."""
    if not interactive():
        raise ConfigError("nothing was written: there is no terminal to ask on", f"`{otherwise}` does not ask")
    if not click.confirm(question, err=True):
        raise StoppedError("nothing was written")


def _show(house: House, made: Plan, *, as_json: bool) -> None:
    from daemon.cli.show import show_plan, show_problems

    zone = house.profile.zone
    if as_json:
        from daemon.cli.contract import plan_json

        _print_json(plan_json(made, zone))
    else:
        show_plan(made, zone)
    show_problems(made.problems)


def _print_json(data: object) -> None:
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _code(problems: Iterable[Problem]) -> int:
    """The exit code of the worst problem."""
    return max((p.code for p in problems), default=0)


@cli.command()
@JSON
@YES
@click.pass_obj
def purge(session: Session, as_json: bool, yes: bool) -> int:
    """Remove every event of unbusy, of any age.

    What you typed into them is filed in the journal first.  Writing rests until the next apply.
    """
    from daemon import cycle
    from daemon.lock import hold

    with session.house() as (house, now):
        planned = cycle.plan_purge(house, now)
        _show(house, planned.plan, as_json=as_json)
        if planned.plan.changes and not yes:
            _ask("Remove all of these?", "unbusy purge --yes")
        with hold(house.lock, "`unbusy purge`"):
            again = cycle.plan_purge(house, now)
            _same(house, again.plan, planned.plan)
            done = cycle.purge(house, again, now)
        say(f"Removed {done.done} events." if done.done else "There was nothing to remove.")
        return _code(planned.plan.problems)


@cli.command()
@click.argument("run_id", metavar="[RUN]", type=int, required=False)
@JSON
@YES
@click.pass_obj
def undo(session: Session, run_id: int | None, as_json: bool, yes: bool) -> int:
    """Take a run back.

    The latest that wrote, or RUN, a number from `unbusy log`.  What you have edited since stays.
    """
    from daemon import undoing
    from daemon.lock import hold

    with session.house() as (house, now):
        found = undoing.plan_undo(house, run_id, now)
        plan = found.planned.plan
        _show(house, plan, as_json=as_json)
        for line in found.kept:
            say(f"Kept: {line}.")
        if not plan.changes:
            say(f"There is nothing left of run {found.run} to take back.")
            return _code(plan.problems)
        if not yes:
            _ask(f"Take run {found.run} back?", "unbusy undo --yes")
        with hold(house.lock, "`unbusy undo`"):
            again = undoing.plan_undo(house, found.run, now)
            _same(house, again.planned.plan, plan)
            done = undoing.undo(house, again, now)
        say(f"Took back {done.done} of {len(plan.changes)} changes of run {found.run}.")
        return _code(plan.problems)


@cli.command()
@click.option("--most", type=click.IntRange(min=1), default=10, show_default=True, help="How many runs.")
@JSON
@click.pass_obj
def log(session: Session, most: int, as_json: bool) -> int:
    """Past runs that wrote, with their reasons."""
    with session.house() as (house, _):
        runs = house.ledger.runs(most)
        if as_json:
            from daemon.cli.contract import run_json

            _print_json({"runs": [run_json(r, house.profile.zone) for r in runs]})
        else:
            from daemon.cli.show import show_runs

            show_runs(runs, house.profile.zone)
    return 0


# -- looking ----------------------------------------------------------------------------------------------------------


@cli.command()
@click.option("--from", "first", metavar="DAY", help="First day (default: today).")
@click.option("--to", "last", metavar="DAY", help="Last day (default: seven days on).")
@JSON
@click.pass_obj
def agenda(session: Session, first: str | None, last: str | None, as_json: bool) -> int:
    """The occurrences as unbusy reads them."""
    from daemon.cli.show import show_agenda, show_problems
    from daemon.reading import agenda as read

    with session.house() as (house, now):
        events, problems = read(house, now, first, last)
        if as_json:
            from daemon.cli.contract import agenda_json

            _print_json(agenda_json(events, problems, house.profile.zone))
        else:
            show_agenda(events, house.profile.zone)
            show_problems(problems)
        return _code(problems)


@cli.command()
@click.argument("when", metavar="WHEN")
@click.pass_obj
def explain(session: Session, when: str) -> int:
    """Say why this is, or is not, there.

    WHEN is a moment as in 2026-12-03T10:00; local time, if it has no offset.
    """
    from daemon import cycle, explaining
    from daemon.cli.show import show_explanation

    with session.house() as (house, now):
        zone = house.profile.zone
        moment = Session(None, when, verbose=False).now(zone)
        show_explanation(explaining.explain(house, cycle.plan(house, now), moment), zone)
    return 0


@cli.command()
@JSON
@click.pass_obj
def calendars(session: Session, as_json: bool) -> int:
    """Accounts and calendars, as their stores name them."""
    from daemon.checks import list_calendars
    from daemon.cli.show import plain

    with session.house() as (house, _):
        rows, problems = list_calendars(house)
        if as_json:
            _print_json({"calendars": rows, "problems": [{"where": p.where, "what": p.what} for p in problems]})
        else:
            for row in rows:
                click.echo(f"{plain(row['id']):<32} {plain(row['name']):<24} {row['use']}")
            _tell(problems)
        return _code(problems)


@cli.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> int:
    """Look at config, state, every account and every calendar."""
    from daemon.checks import check_all
    from daemon.cli.show import plain
    from daemon.cli.talk import Nobody, Terminal

    with session.house() as (house, now):
        found = []
        for step, problem in check_all(house, now, Nobody() if as_json or not interactive() else Terminal()):
            found.append((step, problem))
            if not as_json:
                click.echo(f"{'ok ' if problem is None else 'BAD'}  {plain(step)}")
                if problem:
                    click.echo("     " + plain(f"{problem.what}; {problem.remedy}".removesuffix("; ")))
        if as_json:
            rows = [
                {"step": step, "ok": p is None, "what": p.what if p else "", "remedy": p.remedy if p else ""}
                for step, p in found
            ]
            _print_json({"steps": rows})
        return _code(p for _, p in found if p)


@cli.command()
@JSON
@click.pass_obj
def status(session: Session, as_json: bool) -> int:
    """Health, the last run and the next actions."""
    from daemon.checks import health
    from daemon.cli.show import plain

    with session.house() as (house, now):
        found = health(house, now)
        if as_json:
            _print_json(found)
        else:
            for name, value in found.items():
                if value not in ("", [], None):
                    said = "; ".join(value) if isinstance(value, list) else str(value)
                    click.echo(f"{name.replace('_', ' ')}: {plain(said)}")
        return 0


def _tell(problems: Iterable[Problem]) -> None:
    from daemon.cli.show import show_problems

    show_problems(problems)


for command in (init, login, logout, report, completion):
    cli.add_command(command)
cli.add_command(journal)


# -- config -----------------------------------------------------------------------------------------------------------


@cli.group()
def config() -> None:
    """The config: its schema, and what is in force."""


@config.command("schema")
def config_schema() -> None:
    """JSON Schema of the config, for editors."""
    from daemon.config import schema

    _print_json(schema())


@config.command("show")
@click.pass_obj
def config_show(session: Session) -> None:
    """The effective config, defaults included, without secrets."""
    from daemon.config import show

    click.echo(show(session.config()), nl=False)


# -- the daemon and the demo -------------------------------------------------------------------------------------------


@cli.command()
@click.option("--observe", is_flag=True, help="Everything but the writes.")
@click.pass_obj
def run(session: Session, observe: bool) -> int:
    """The daemon: one cycle after another, until SIGTERM."""
    from daemon.service import serve

    return serve(session.house, observe=observe, verbose=session.verbose)


@cli.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.pass_obj
def demo(session: Session, folder: str | None) -> int:
    """Show all of it on an example calendar.

    Makes an example leader's calendar in DIR (a new folder by default), plans it, applies the plan, and draws the
    week before and after.
    """
    from daemon.cli.demo import demo as show_demo

    return show_demo(folder, session.now, session.now_text)
