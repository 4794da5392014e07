"""`unbusy fleet`: for whoever runs unbusy for a company's leaders (docs/fleet.md)."""

from __future__ import annotations

import getpass
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.common import JSON, YES, ask, print_json
from daemon.cli.session import say
from daemon.model.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from daemon.fleet.leaders import Connection
    from daemon.fleet.settings import Fleet

FILE = "/etc/unbusy/fleet.toml"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--fleet", "path", metavar="FILE", default=FILE, show_default=True, help="The company's file.")
@click.pass_context
def fleet(ctx: click.Context, path: str) -> None:
    """For a company's leaders: many calendars, one database, and workers on as many machines as you like."""
    ctx.obj = Path(path)


def _read(path: Path) -> Fleet:
    """The company's file; ConfigError where what a fleet needs is not installed."""
    _installed()
    from daemon.fleet.settings import read

    return read(path)


def _installed() -> None:
    if not (find_spec("procrastinate") and find_spec("psycopg")):
        raise ConfigError("what a fleet needs is not installed", "`pip install 'unbusy[fleet]'`")


@contextmanager
def _connected(path: Path) -> Iterator[tuple[Fleet, Connection]]:
    found = _read(path)
    from daemon.fleet.station import connect

    with connect(found.database) as connection:
        yield found, connection


def _by() -> str:
    """Who does it, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _told(done: str, *, as_json: bool, **facts: object) -> int:
    if as_json:
        print_json({"done": done, **facts})
    else:
        say(done)
    return 0


@fleet.command()
@click.option("--owner", metavar="DSN", required=True, help="How the owner of the database reaches it.")
@click.option("--role", default="unbusy_worker", show_default=True, help="The role of the workers; it is there.")
@JSON
def migrate(owner: str, role: str, as_json: bool) -> int:
    """Make the tables, or bring them up to date, as the owner of the database."""
    _installed()
    from daemon.fleet.jobs import install
    from daemon.fleet.station import connect
    from daemon.postgres import migrate as carried_out

    with connect(owner) as connection:
        engine = install(connection)
        new = carried_out(connection, role)
    return _told(
        f"{len(new)} steps taken" + (", and the engine's tables made" if engine else ""), as_json=as_json,
        steps=list(new), engine=engine,
    )  # fmt: skip


@fleet.command()
@click.option("--concurrency", type=click.IntRange(1, 32), default=4, show_default=True, help="Leaders at a time.")
@click.option("--queue", "queues", multiple=True, help="Only this queue: cycles, first, keeping.  May be said again.")
@click.pass_obj
def worker(path: Path, concurrency: int, queues: tuple[str, ...]) -> int:
    """Serve leaders until SIGTERM.  Start as many as you like, on any machine."""
    found = _read(path)
    _log()
    from daemon.fleet.jobs import run
    from daemon.fleet.station import opened

    with opened(found, concurrency) as station:
        run(station, found.database, concurrency=concurrency, queues=queues)
    return 0


@fleet.command()
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8780", show_default=True, help="Where to listen.")
@click.pass_obj
def push(path: Path, listen: str) -> int:
    """Hear from Google what has changed.  A proxy of yours speaks TLS in front of it."""
    from wsgiref.simple_server import make_server

    found = _read(path)
    _log()
    from daemon.fleet.push import Handler, Server, application
    from daemon.fleet.station import opened

    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        raise ConfigError(f"{listen!r} is not a place to listen", "write it like 127.0.0.1:8780")
    with opened(found, 8) as station:
        app = application(station.connection, station.secrets.fleet)
        with make_server(host, int(port), app, server_class=Server, handler_class=Handler) as server:
            server.serve_forever()
    return 0


@fleet.command()
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--cohort", default="", help="Whom they are served like; one that the file does not name observes.")
@click.option("--secret-file", type=click.File(), help="A secret of their own, such as a CalDAV password; - is stdin.")
@JSON
@click.pass_obj
def invite(
    path: Path, addresses: tuple[str, ...], cohort: str, secret_file: TextIO | None, as_json: bool
) -> int:  # fmt: skip
    """Let somebody take part.  Nothing is read until they say `unbusy: join` in their own calendar."""
    secret = secret_file.read().strip() if secret_file else ""
    with _connected(path) as (found, connection):
        from daemon.fleet.leaders import invite as invited
        from daemon.fleet.leaders import normal
        from daemon.fleet.station import fleet_key

        for address in addresses:
            normal(address)
        if cohort and cohort not in found.cohorts:
            say(f"unbusy: the file names no cohort {cohort!r}: nothing is written for them until it does")
        for address in addresses:
            invited(connection, fleet_key(found), address, cohort, secret, _by())
    return _told(f"{len(addresses)} invited", as_json=as_json, invited=len(addresses))


@fleet.command()
@JSON
@click.pass_obj
def status(path: Path, as_json: bool) -> int:
    """Who takes part, and whether it works."""
    with _connected(path) as (found, connection):
        from daemon.fleet.status import FEWEST, summary

        said = summary(connection, found.minutes)
    if as_json:
        print_json(said)
    else:
        for one in said["leaders"]:
            works = "works" if one["works"] else f"does not work ({one['trouble'] or 'not served in time'})"
            click.echo(f"{one['address']:40} {one['status']:8} {one['cohort']:12} {works}")
        figures = said["figures"]
        few = f"fewer than {FEWEST}"
        click.echo(f"active {figures['active'] or few}, late {few if figures['late'] is None else figures['late']}")
        if said["braked"]:
            click.echo("All writing stands still: `unbusy fleet force --brake` lets it go on.")
    return 4 if said["braked"] or not all(one["works"] for one in said["leaders"]) else 0


@fleet.command()
@click.argument("address", required=False)
@click.option("--brake", is_flag=True, help="Let all leaders be written for again.")
@JSON
@click.pass_obj
def force(path: Path, address: str | None, brake: bool, as_json: bool) -> int:
    """Lift the limits for the next cycle of somebody, or the brake of all."""
    if bool(address) == brake:
        raise ConfigError("say whom, or --brake", "`unbusy fleet force ADDRESS`")
    with _connected(path) as (_, connection):
        from daemon.fleet import leaders

        if brake:
            leaders.release(connection, _by())
        else:
            leaders.force(connection, leaders.named(connection, address or "").id, _by())
    return _told("the brake is released" if brake else "the next cycle is forced", as_json=as_json)


@fleet.command()
@click.argument("address")
@click.option("--off", is_flag=True, help="Serve them again.")
@JSON
@click.pass_obj
def pause(path: Path, address: str, off: bool, as_json: bool) -> int:
    """Serve somebody no more; what stands stays."""
    with _connected(path) as (_, connection):
        from daemon.fleet import leaders

        leader = leaders.named(connection, address)
        if off and leader.status == leaders.Status.INVITED:
            raise ConfigError(f"{address} has not joined yet", "it is theirs to say, by `unbusy: join`")
        new = leaders.Status.ACTIVE if off else leaders.Status.PAUSED
        leaders.set_status(connection, leader.id, new, _by())
    return _told(new.value, as_json=as_json)


@fleet.command()
@click.argument("address")
@YES
@JSON
@click.pass_obj
def purge(path: Path, address: str, yes: bool, as_json: bool) -> int:
    """Take every trace of somebody away: from their calendar, while it is in reach, and from the database."""
    with _connected(path) as (_, connection):
        from daemon.fleet import leaders

        leader = leaders.named(connection, address)
        if not yes:
            ask(f"Take every trace of {leader.address} away?", f"unbusy fleet purge {leader.address} --yes")
        leaders.set_status(connection, leader.id, leaders.Status.LEAVING, _by())
    return _told("their leaving is due", as_json=as_json, leader=leader.id)


@fleet.command()
@click.argument("address")
@click.option("-n", "most", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many runs.")
@JSON
@click.pass_obj
def audit(path: Path, address: str, most: int, as_json: bool) -> int:
    """What was done for somebody: when, and of which kind.  No words of theirs."""
    with _connected(path) as (_, connection):
        from daemon.fleet.status import audit as told

        said = told(connection, address, most)
    if as_json:
        print_json(said)
    else:
        for run in said["runs"]:
            kinds = ", ".join(f"{c['action']} {c['policy']} ({c['outcome'] or 'unknown'})" for c in run["changes"])
            click.echo(f"{run['at']} {run['command']} {run['outcome']}: {kinds or 'nothing'}")
        for line in said["audit"]:
            click.echo(f"{line['at']} {line['what']} by {line['by']}")
    return 0


def _log() -> None:
    """One line each on standard error: kinds and numbers, no words of anybody."""
    import logging

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s", force=True)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it quotes errors whole
