"""`unbusy service`: the unit that runs the daemon, put in place for whoever has no make at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.session import Session, home, say

if TYPE_CHECKING:  # costs more than `unbusy --help` should
    from daemon.system.manager import Scope

SYSTEM = click.option("--user/--system", "user", default=True, help="Your own service (the default), or the machine's.")
SHOWN = "LoadState,ActiveState,SubState,UnitFileState,NRestarts,StatusText,ActiveEnterTimestamp"


@click.group()
def service() -> None:
    """The daemon as a service of systemd: install, uninstall, status."""


@service.command()
@SYSTEM
@click.option("--no-start", is_flag=True, help="Only put the unit in place.")
@click.pass_obj
def install(session: Session, user: bool, no_start: bool) -> int:
    """Put the unit in place, and start it now and at each login (with --system: at each boot)."""
    from daemon.system import manager

    scope = _scope(user)
    if not no_start:
        session.config()  # one that is missing or wrong is told now, and not by a service that does not start
    config = Path(session.config_path).absolute() if session.config_path else None
    for path in manager.write_units(scope, config):
        say(f"Wrote {home(path)}.")
    done, said = manager.ask(scope, "daemon-reload")
    if done and not no_start:
        done, said = manager.ask(scope, "enable", "--now", "unbusy")
    by_hand = f"`systemctl {'--user ' * user}enable --now unbusy`"
    if not done:
        say(f"The service manager could not be asked: {said}\n  later, run {by_hand}")
        return 4
    say("It is not started yet: " + by_hand if no_start else "It runs. `unbusy status` says how it is.")
    if user and manager.lingers() is False:
        say("It stops when you log out; `loginctl enable-linger` lets it go on.")
    return 0


@service.command()
@SYSTEM
def uninstall(user: bool) -> int:
    """Stop the service and take its unit away; config, state and events stay."""
    from daemon.system import manager

    scope = _scope(user)
    there = [path for name in manager.UNITS[scope] if (path := manager.folder(scope) / name).exists()]
    for path in there:
        manager.check_ours(path)
    if not there:
        say(f"There is no unit of unbusy's in {home(manager.folder(scope))}.")
        return 0
    done, said = manager.ask(scope, "disable", "--now", "unbusy")
    for path in there:
        path.unlink()
        say(f"Took {home(path)} away.")
    manager.ask(scope, "daemon-reload")
    if not done:
        say(f"The service manager could not be asked to stop it: {said}")
    say("Config, state and the events on your calendar stay; `unbusy purge` removes the events.")
    return 0


@service.command()
@SYSTEM
def status(user: bool) -> int:
    """What the service manager says of it; exits with 3 when it does not run."""
    from daemon.cli.terminal import put
    from daemon.model.words import one_line
    from daemon.system import manager

    scope = _scope(user)
    done, said = manager.ask(scope, "show", "unbusy", f"--property={SHOWN}")
    if not done:
        say(f"The service manager could not be asked: {one_line(said)}")
        return 4
    facts = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if facts.get("LoadState") != "loaded":
        put(f"not installed: `unbusy service install{'' if user else ' --system'}`")
        return 3
    active = facts.get("ActiveState") == "active"
    state, since = one_line(f"{facts.get('ActiveState')} ({facts.get('SubState')})"), facts.get("ActiveEnterTimestamp")
    put(state + (f" since {one_line(since)}" if active and since else "") + f", {facts.get('UnitFileState')}")
    for line in (facts.get("StatusText", ""), f"{facts.get('NRestarts', '0')} restarts"):
        if line:
            put(one_line(line))
    return 0 if active else 3


def _scope(user: bool) -> Scope:
    from daemon.system.manager import Scope

    return Scope.USER if user else Scope.SYSTEM
