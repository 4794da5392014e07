"""Everything that a cycle works with: opened once, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from daemon.config import Config, profile, registry, state_dir, writing
from daemon.journal import pages
from daemon.ledger import Ledger, open_ledger
from daemon.ledger.notes import AccountNotes
from daemon.model.errors import ConfigError
from daemon.model.options import shown
from daemon.model.profile import Profile
from daemon.model.proposal import Roles
from daemon.model.protocols import Reader, Writer
from daemon.system import secrets

JOURNAL = "journal"
"""The folder of the journal, in that of the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Config, accounts and state; `roles`: what our events are for."""

    config: Config
    connectors: Mapping[str, Reader]
    ledger: Ledger
    state: Path
    profile: Profile
    roles: Roles

    @property
    def writer(self) -> Writer:
        """The account that is written to; `open_runtime` has seen to it that it can be."""
        return cast("Writer", self.connectors[writing(self.config)[0]])

    @property
    def journal(self) -> Path:
        """The folder of the journal."""
        return self.state / JOURNAL

    @property
    def lock(self) -> Path:
        """The file that a writing run holds."""
        return self.state / "cycle.lock"


@contextmanager
def open_runtime(config: Config, clock: Callable[[], datetime]) -> Iterator[Runtime]:
    """Open ledger and connectors (no account is contacted yet).  A new ledger takes skips up from the journal."""
    state = state_dir(config)
    ledger = open_ledger(state)
    connectors: dict[str, Reader] = {}
    try:
        for name, options in config.accounts.items():
            secret, notes = secrets.once(name, options), AccountNotes(ledger.drawer, name)
            connectors[name] = registry.connector(options.type).open(name, options, clock, secret, notes)
        _check_writer(config, connectors)
        runtime = Runtime(
            config=config,
            connectors=connectors,
            ledger=ledger,
            state=state,
            profile=profile(config),
            roles=registry.roles(config.policies),
        )
        if ledger.own.fresh:
            ledger.own.take_up(pages.read_skips(runtime.journal))
        yield runtime
    finally:
        for connector in connectors.values():
            connector.close()
        ledger.close()


def _check_writer(config: Config, connectors: Mapping[str, Reader]) -> None:
    """A kind of store that says it writes, and does not, is found before anything is read."""
    account, _ = writing(config)
    if not isinstance(connectors[account], Writer):
        kind = config.accounts[account].type
        raise ConfigError(
            f"accounts of type {shown(kind)} cannot be written to", "update its package, or write to another account"
        )
