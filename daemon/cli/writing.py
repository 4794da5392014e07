"""The commands that plan and write: each shows what it would do, asks, and does exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.common import JSON, VERBOSE, YES, ask, code, print_json, reading, show, writing
from daemon.cli.help import completing
from daemon.cli.session import Session, say
from daemon.model.errors import StoppedError

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.cycle import Planned
    from daemon.model.plan import Plan
    from daemon.stages.runtime import Runtime


@click.command()
@JSON
@VERBOSE
@click.pass_obj
def plan(session: Session, as_json: bool, verbose: bool) -> int:
    """Show what would be done, when and why."""
    from daemon import cycle

    with session.runtime() as (runtime, now):
        with reading(runtime) as beat:
            planned = cycle.plan(runtime, now, beat=beat)
        show(runtime, planned, as_json=as_json, verbose=verbose or session.verbose, weeks=True)
        return code(planned.plan.problems)


@click.command()
@JSON
@VERBOSE
@YES
@click.option("--force", is_flag=True, help="Also over the limits, and accept a calendar that is empty now.")
@click.option("--again", is_flag=True, help="Want again what the undos since the last apply took back.")
@click.pass_obj
def apply(session: Session, *, as_json: bool, verbose: bool, yes: bool, force: bool, again: bool) -> int:
    """Carry the plan out, after a yes."""
    from daemon import cycle

    with session.runtime() as (runtime, now):
        with reading(runtime) as beat:
            planned = cycle.plan(runtime, now, accept_empty=force, again=again, beat=beat)
        if again and not planned.observation.wanted_again:
            say("Nothing is taken back.")
        if not as_json:
            show(runtime, planned, as_json=False, verbose=verbose or session.verbose, weeks=True)
        if planned.plan.stopped and not force:
            raise StoppedError(
                f"nothing was written: {planned.plan.stopped}", "`unbusy apply --force` carries it out all the same"
            )
        if planned.plan.changes and not yes:
            ask("Apply this?", f"unbusy {'apply --again' if again else 'apply'} --yes")
        found = _locked(runtime, planned, now, accept_empty=force, again=again)
        if as_json:
            show(runtime, planned, as_json=True)
        return found


def _locked(runtime: Runtime, shown: Planned, now: datetime, *, accept_empty: bool, again: bool) -> int:
    """Plan again under the lock and apply it if it still is what was shown."""
    from daemon import cycle

    command = "apply --again" if again else "apply"
    with runtime.run_lease.hold("`unbusy apply`"):
        with reading(runtime) as beat:
            planned = cycle.plan(runtime, now, accept_empty=accept_empty, again=again, beat=beat)
        _same(runtime, planned.plan, shown.plan)
        cycle.confirm(runtime, now)
        with writing(runtime, planned.plan) as beat:
            done = cycle.carry_out(runtime, planned, now, command=command, force=True, beat=beat)
    if shown.plan.changes:
        say(f"Applied {done.done} of {len(shown.plan.changes)} changes.")
    if done.lost:
        say(f"{done.lost} events were changed by somebody else meanwhile; the next run plans afresh.")
    return code(planned.plan.problems)


def _same(runtime: Runtime, plan: Plan, shown: Plan) -> None:
    """What is applied is what was shown, to the letter."""
    from daemon.cli.json_rows import change_json

    zone = runtime.profile.zone
    if [change_json(c, zone) for c in plan.changes] != [change_json(c, zone) for c in shown.changes]:
        raise StoppedError("nothing was written: the calendar changed since this plan was shown", "run it again")


@click.command()
@JSON
@YES
@click.pass_obj
def purge(session: Session, as_json: bool, yes: bool) -> int:
    """Remove every event of unbusy, of any age.

    What you typed into them is filed in the journal first.  Writing rests until the next apply.
    """
    from daemon import cycle

    with session.runtime() as (runtime, now):
        with reading(runtime):
            planned = cycle.plan_purge(runtime, now)
        show(runtime, planned, as_json=as_json)
        if planned.plan.changes and not yes:
            ask("Remove all of these?", "unbusy purge --yes")
        with runtime.run_lease.hold("`unbusy purge`"):
            with reading(runtime):
                again = cycle.plan_purge(runtime, now)
            _same(runtime, again.plan, planned.plan)
            with writing(runtime, again.plan) as beat:
                done = cycle.purge(runtime, again, now, beat=beat)
        say(f"Removed {done.done} events." if done.done else "There was nothing to remove.")
        for name in _emptied(runtime, again.plan):
            say(f"The calendar {name} is empty now; where it was made for unbusy, your calendar program can delete it.")
        return code(planned.plan.problems)


def _emptied(runtime: Runtime, plan: Plan) -> list[str]:
    """The calendars in which nothing stands any more, by name."""
    from daemon.model.words import one_line

    mirror, first, last = runtime.ledger.mirror, -(2**31), 2**31
    names = {info.id: info.name for account in runtime.config.accounts for info in mirror.calendars(account)}
    emptied = dict.fromkeys(change.calendar for change in plan.changes)
    return [one_line(names.get(i, i)) for i in emptied if not any(mirror.resources(i, first, last))]


@click.command()
@click.argument("name", required=False, default="")
@YES
@click.pass_obj
def adopt(session: Session, name: str, yes: bool) -> int:
    """Take over events that unbusy has written under another name of yours.

    They are obeyed and changed like all others.  NAME: also those under this name, which the ledger does not know.
    Events that stand where unbusy no longer writes are left to you.
    """
    from daemon import cycle
    from daemon.model.words import one_line

    with session.runtime() as (runtime, now):
        with reading(runtime) as beat:
            observation = cycle.plan(runtime, now, beat=beat).observation
        if not yes:
            ask("Take over what stands under other names, and keep what stands elsewhere?", "unbusy adopt --yes")
        with runtime.run_lease.hold("`unbusy adopt`"):
            found = cycle.adopt(runtime, observation, name)
        for owner, n in found.items():
            say(f"Took over {n} events of {one_line(owner)}.")
        if observation.left:
            say(f"{len(observation.left)} events elsewhere are yours now.")
        if not found and not observation.left:
            say("There was nothing to take over.")
    return 0


@click.command()
@click.argument("subject", shell_complete=completing.subjects)
@click.pass_obj
def forget(session: Session, subject: str) -> int:
    """Take back a `#never`: SUBJECT is one that `unbusy config show` lists, or words of it."""
    from daemon.model.times import local_day
    from daemon.model.words import one_line
    from daemon.stages.ours import nevers

    with session.runtime() as (runtime, now), runtime.run_lease.hold("`unbusy forget`"):
        found = nevers.forget(runtime, local_day(now, runtime.profile.zone), subject)
        say(f"Forgotten: {one_line(found.name or found.id)}. It may come again.")
    return 0


@click.command()
@click.argument("run_id", metavar="[RUN]", type=int, required=False, shell_complete=completing.runs)
@JSON
@YES
@click.pass_obj
def undo(session: Session, run_id: int | None, as_json: bool, yes: bool) -> int:
    """Take a run back.

    The latest that wrote, or RUN, a number from `unbusy log`.  What you have edited since stays.  What is taken back
    stays back until the config changes where it matters, or `unbusy apply --again` brings it back.
    """
    from daemon import undo

    with session.runtime() as (runtime, now):
        with reading(runtime):
            found = undo.plan_undo(runtime, run_id, now)
        plan = found.planned.plan
        show(runtime, found.planned, as_json=as_json)
        for line in found.kept:
            say(f"Kept: {line}.")
        if not plan.changes:
            say(f"There is nothing left of run {found.run} to take back.")
            return code(plan.problems)
        if not yes:
            ask(f"Take run {found.run} back?", "unbusy undo --yes")
        with runtime.run_lease.hold("`unbusy undo`"):
            with reading(runtime):
                again = undo.plan_undo(runtime, found.run, now)
            _same(runtime, again.planned.plan, plan)
            with writing(runtime, plan) as beat:
                done = undo.undo(runtime, again, now, beat=beat)
        say(f"Took back {done.done} of {len(plan.changes)} changes of run {found.run}.")
        say("It stays back until `unbusy apply --again`, or until its policy, hours, zone or accounts change.")
        return code(plan.problems)


@click.command()
@click.option("--most", type=click.IntRange(min=1), default=10, show_default=True, help="How many runs.")
@JSON
@click.pass_obj
def log(session: Session, most: int, as_json: bool) -> int:
    """Past runs that wrote, with their reasons."""
    with session.runtime() as (runtime, _):
        runs = runtime.ledger.runs.latest(most)
        if as_json:
            from daemon.cli.json_rows import run_json

            print_json({"runs": [run_json(r, runtime.profile.zone) for r in runs]})
        else:
            from daemon.cli.show import show_runs

            show_runs(runs, runtime.profile.zone)
    return 0
