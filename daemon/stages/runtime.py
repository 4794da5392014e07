"""Everything that a cycle works with: opened once, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from daemon.config import Config, profile, registry, state_dir, writing
from daemon.journal import Journal, JournalFolder, nevers, pages, replies, taken_back
from daemon.ledger import Ledger, open_ledger
from daemon.ledger.notes import NEVERS, REPLIES, AccountNotes
from daemon.model.errors import ConfigError
from daemon.model.options import AccountOptions, shown
from daemon.model.profile import Profile
from daemon.model.proposal import Roles
from daemon.model.protocols import Notes, Reader, Writer
from daemon.model.user.command import Command
from daemon.stages import owners
from daemon.system import secrets
from daemon.system.lock import FileLease, Lease
from daemon.system.rights import act_as_owner
from daemon.system.side_by_side import at_home
from daemon.system.state_files import newest_in

ASKING = 0.5
"""Seconds that the daemon waits for its lock: for so long `status` may look who holds it."""


class Runtime(Struct, frozen=True, kw_only=True):
    """Config, accounts and state.

    `roles`: what our events are for.  `run_lease`: held by whoever writes, for one run.  `service_lease`: held by the
    daemon for its life.  `told`: the moment of this run is the user's word.  `newest`: when the newest file of the
    state was written, as it was found.  `renew` opens an account anew for whoever comes next, and gives what closes it
    as it was until then: a thread may still wait for its server.  `waiting` is called while servers are waited for, and
    what it raises ends the cycle.
    """

    config: Config
    connectors: Mapping[str, Reader]
    ledger: Ledger
    journal: Journal
    run_lease: Lease
    service_lease: Lease
    profile: Profile
    roles: Roles
    told: bool = True
    newest: datetime | None = None
    renew: Callable[[str], Callable[[], None]] = lambda _: lambda: None
    waiting: Callable[[], None] = lambda: None
    own_answer: Callable[[Command], str] = lambda _: ""

    @property
    def writer(self) -> Writer:
        """The account that is written to; `open_runtime` has seen to it that it can be."""
        return cast("Writer", self.connectors[writing(self.config)[0]])


def open_journal(config: Config) -> Journal:
    """The journal; nothing is asked of it yet."""
    return JournalFolder(own_state_dir(config) / "journal")


def own_state_dir(config: Config) -> Path:
    """The folder of the state, with no more rights from here on than its owner has."""
    state = state_dir(config)
    act_as_owner(state)
    return state


@contextmanager
def open_runtime(config: Config, clock: Callable[[], datetime], *, told: bool = True) -> Iterator[Runtime]:
    """Open ledger and connectors (no account is contacted yet).  A new ledger takes skips up from the journal.

    `told`: the clock is the user's word, not the machine's.
    """
    state = own_state_dir(config)
    newest, ledger = newest_in(state), open_ledger(state)
    run, service = FileLease(state / "cycle.lock"), FileLease(state / "daemon.lock", wait=ASKING)

    with opened(config, ledger, lambda: open_journal(config), secrets.once, clock, run, service) as runtime:
        yield replace(runtime, told=told, newest=newest)


@contextmanager
def opened(
    config: Config, ledger: Ledger, journal: Callable[[], Journal],
    secret: Callable[[str, AccountOptions], Callable[[], str]], clock: Callable[[], datetime],
    run_lease: Lease, service_lease: Lease,
) -> Iterator[Runtime]:  # fmt: skip
    """The accounts of a config, whatever is behind ledger, journal and leases; all is closed in the end.

    `secret`: of an account by its name and options.  `journal` is asked for once the accounts are known to fit.
    """
    connectors: dict[str, Reader] = {}

    def connect(name: str) -> None:
        options, notes = config.accounts[name], SafeNotes(AccountNotes(ledger.drawer, name))
        connectors[name] = registry.connector(options.type).open(name, options, clock, secret(name, options), notes)

    def renew(name: str) -> Callable[[], None]:
        before = connectors[name]
        connect(name)
        return before.close

    try:
        for name in config.accounts:
            connect(name)
        check_writer(config, connectors)
        who = profile(config, owners.former(config, ledger, owners.owner_of(config, ledger)))
        kept = journal()
        if ledger.own.fresh:
            NEVERS.put(ledger.drawer, nevers.read(kept) or None)
            REPLIES.put(ledger.drawer, dict(replies.read(kept)) or None)
            ledger.own.take_up(pages.read_skips(kept), taken_back.read(kept))
        yield Runtime(
            config=config, connectors=connectors, ledger=ledger, journal=kept, profile=who, run_lease=run_lease,
            service_lease=service_lease, roles=registry.roles(config.policies), renew=renew,
        )  # fmt: skip
    finally:
        for connector in connectors.values():
            connector.close()
        ledger.close()


class SafeNotes(Struct, frozen=True):
    """Notes on an account, whose connector may be at work in any thread."""

    kept: Notes

    def get(self, name: str) -> str:
        """See `Notes`."""
        return at_home(lambda: self.kept.get(name))

    def put(self, name: str, value: str) -> None:
        """See `Notes`."""
        at_home(lambda: self.kept.put(name, value))


def check_writer(config: Config, connectors: Mapping[str, Reader]) -> None:
    """A kind of store that says it writes, and does not, is found before anything is read."""
    account, _ = writing(config)
    if not isinstance(connectors[account], Writer):
        kind = config.accounts[account].type
        raise ConfigError(
            f"accounts of type {shown(kind)} cannot be written to", "update its package, or write to another account"
        )
