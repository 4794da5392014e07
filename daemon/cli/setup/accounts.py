"""`unbusy login` and `unbusy logout`: secrets come in and go, and are never shown but where that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.help import completing
from daemon.cli.session import Session, say
from daemon.cli.talk import Terminal
from daemon.model.errors import ConfigError, RefusedError

if TYPE_CHECKING:  # costs more than `unbusy --help` should
    from daemon.model.options import AccountOptions


@click.command()
@click.argument("account", shell_complete=completing.accounts)
@click.option("--print", "shown", is_flag=True, help="Print the secret, for systemd-creds, and store it nowhere.")
@click.pass_obj
def login(session: Session, account: str, shown: bool) -> int:
    """Ask for the secret of ACCOUNT, try it, and store it in the keyring."""
    from daemon.config import registry

    options = _options(session, account)
    kind = registry.connector(options.type)
    if kind.login is None:
        raise ConfigError(f"{account} is of type {options.type}, which needs no login")
    secret = kind.login(account, options, Terminal())
    if shown:
        click.echo(secret)
        return 0
    _keep(session, account, options, secret)
    return 0


def _keep(session: Session, account: str, options: AccountOptions, secret: str) -> None:
    """Where the config already looks for it, else in the keyring, else where it works here."""
    from daemon.cli.setup.keeping import keep, put
    from daemon.config import find

    command: tuple[str, ...] = getattr(options, "password_command", ())
    if len(command) == 2 and command[0] == "cat":
        put(Path(command[1]), secret)
        say(f"The secret is in {command[1]}, where the config looks for it.")
    elif file := keep(account, secret, Terminal(), find(session.config_path) or Path("config.toml")):
        say(f'In the config, under [accounts.{account}], write:\n  password_command = ["cat", "{file}"]')


@click.command()
@click.argument("account", shell_complete=completing.accounts)
@click.pass_obj
def logout(session: Session, account: str) -> int:
    """Take the secret of ACCOUNT out of the keyring."""
    from daemon.system import secrets

    options = _options(session, account)
    gone = secrets.forget(account)
    say(f"{account} is gone from the keyring." if gone else f"The keyring has no secret of {account}.")
    left = list(secrets.places(account, options))
    if left:
        say(f"It still stands in {' and '.join(left)}.")
    if not gone and not left:
        raise RefusedError(f"there is no secret of {account} anywhere")
    return 0


def _options(session: Session, account: str) -> AccountOptions:
    config = session.config()
    if account not in config.accounts:
        have = ", ".join(sorted(config.accounts))
        raise ConfigError(f"there is no account {account!r} in the config; it has: {have}")
    return config.accounts[account]
