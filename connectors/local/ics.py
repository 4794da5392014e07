"""Accounts with `type = "ics"`: a file, or a web address, which costs more to load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.local.ics_file import Ics
from connectors.local.ics_options import IcsOptions
from daemon.model.protocols import ConnectorKind, Notes, Talk


def _opened(
    account: str, options: IcsOptions, clock: Callable[[], datetime], secret: Callable[[], str], _notes: Notes
) -> Ics:
    if not options.url:
        return Ics(account, options, clock)
    from connectors.local.ics_web import Address

    return Address(account, options, clock, secret)


def _login(account: str, options: IcsOptions, talk: Talk) -> str:
    """Ask for the password of an address, and try it."""
    from connectors.local.ics_web import login

    return login(account, options, talk)


KIND = ConnectorKind(IcsOptions, _opened, login=_login)
