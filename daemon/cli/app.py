"""The command line as a whole: its options, its exit codes, and the table of its commands.

Each command is a few lines: open the runtime, ask the cycle, show the answer.  Imports stand inside the commands:
`unbusy --help` and shell completion must be quick.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from daemon.cli import GARBAGE
from daemon.cli.clash import clash
from daemon.cli.common import print_json
from daemon.cli.session import Session, say
from daemon.model.errors import UnbusyError

_COMMANDS = {
    "assistant": ("mcp",),
    "fleet": ("fleet",),
    "help.manual": ("man",),
    "help.pages": ("docs",),
    "looking.journal": ("journal",),
    "looking.report": ("report",),
    "looking.state": ("agenda", "calendars", "check", "explain", "status"),
    "looking.week": ("week",),
    "setup.accounts": ("login", "logout"),
    "setup.completion": ("completion",),
    "setup.init": ("init",),
    "setup.service": ("service",),
    "writing": ("adopt", "apply", "forget", "log", "plan", "purge", "undo"),
}
"""The commands that stand elsewhere, by the module under daemon.cli: each is loaded when it is asked for."""
_MODULES = {name: module for module, names in _COMMANDS.items() for name in names}


class Commands(click.Group):
    """All commands; see `_COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted({*super().list_commands(ctx), *_MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, None for no such command."""
        if cmd_name in _MODULES and cmd_name not in self.commands:
            self.add_command(getattr(import_module(f"daemon.cli.{_MODULES[cmd_name]}"), cmd_name))
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


@config.command("example")
def config_example() -> None:
    """The example of a config, with every option."""
    from daemon.system.shared import shared

    click.echo(shared("config.example.toml").read_text(), nl=False)


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

    gc.set_threshold(*GARBAGE)
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
