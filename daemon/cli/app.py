"""The command line as a whole: its options, its exit codes, and the table of its commands.

Each command is a few lines: open the runtime, ask the cycle, show the answer.  Imports stand inside the commands:
`unbusy --help` and shell completion must be quick.
"""

from __future__ import annotations

import os
import sys

import click

from daemon.cli.assistant import mcp
from daemon.cli.clash import clash
from daemon.cli.common import print_json
from daemon.cli.fleet import fleet
from daemon.cli.help.manual import man
from daemon.cli.help.pages import docs, example
from daemon.cli.looking.journal import journal
from daemon.cli.looking.report import report
from daemon.cli.looking.state import agenda, calendars, check, explain, status
from daemon.cli.looking.week import week
from daemon.cli.session import Session, say
from daemon.cli.setup.accounts import login, logout
from daemon.cli.setup.completion import completion
from daemon.cli.setup.init import init
from daemon.cli.setup.service import service
from daemon.cli.writing import adopt, apply, forget, log, plan, purge, undo
from daemon.model.errors import UnbusyError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config", "config_path", metavar="FILE", type=click.Path(),
    help="The config file (default: found in the usual places).",
)  # fmt: skip
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
    if wrong := clash():
        say(f"unbusy: {wrong}\n  install unbusy in an environment of its own: `pipx install unbusy`")
        return 1
    try:
        return _answered(argv)
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as e:
        if e.filename is not None:  # a file, of which somebody else should have spoken
            raise
        _drop_output()
        say(f"unbusy: the output cannot be written: {e.strerror}\n  make room where it goes, or send it elsewhere")
        return 1


def _answered(argv: list[str] | None) -> int:
    """The exit code, with what went wrong said in words."""
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
    return done if isinstance(done, int) else 0


def _drop_output() -> None:
    """What is still held back goes nowhere, or Python complains of it while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# -- config -----------------------------------------------------------------------------------------------------------


@cli.group()
def config() -> None:
    """The config: its schema, and what is in force."""


@config.command("schema")
def config_schema() -> None:
    """JSON Schema of the config, for editors."""
    from daemon.config import schema

    print_json(schema())


@config.command("show")
@click.pass_obj
def config_show(session: Session) -> None:
    """The effective config, defaults included, without secrets; and what you have said `#never` of."""
    from daemon.config import show
    from daemon.journal import nevers
    from daemon.model.words import one_line
    from daemon.stages.runtime import open_journal

    config = session.config()
    click.echo(show(config), nl=False)
    held = {never.subject: None for never in nevers.read(open_journal(config)) if never.holds}
    for subject in held:
        click.echo(f"# Never again: {one_line(' '.join(filter(None, subject)))} (`unbusy forget` takes it back)")


config.add_command(example)


# -- the daemon and the demo -------------------------------------------------------------------------------------------


@cli.command()
@click.option("--observe", is_flag=True, help="Everything but the writes.")
@click.option("--once", is_flag=True, help="One cycle, as the daemon would do it.")
@click.pass_obj
def run(session: Session, observe: bool, once: bool) -> int:
    """The daemon: one cycle after another, until SIGTERM.

    SIGHUP: read the config again, ask every account, and cycle now.
    """
    from daemon.config import find
    from daemon.service.serve import serve
    from daemon.service.source import Source

    source = Source(lambda: find(session.config_path), session.config)
    return serve(source, session.runtime, observe=observe, verbose=session.verbose, once=once)


@cli.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.pass_obj
def demo(session: Session, folder: str | None) -> int:
    """Show all of it on an example calendar.

    Makes an example leader's calendar in DIR (a new folder by default), plans it, applies the plan, and draws the
    week before and after.
    """
    from daemon.cli.setup.demo import demo as show_demo

    return show_demo(folder, session.now, session.now_text)


for command in (
    adopt, agenda, apply, calendars, check, completion, docs, explain, fleet, forget, init, journal, log, login, logout,
    man, mcp, plan, purge, report, service, status, undo, week,
):  # fmt: skip
    cli.add_command(command)
