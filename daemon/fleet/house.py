"""Everything that a cycle works with, for one leader of many: the same `Runtime`, with PostgreSQL behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct

from daemon.config import Config, profile, registry
from daemon.fleet.leaders import Leader
from daemon.fleet.settings import Fleet, Tables, config_of
from daemon.journal import nevers, pages, taken_back
from daemon.ledger.notes import NEVERS, AccountNotes, Note
from daemon.model.errors import NoSecretError
from daemon.model.protocols import Reader
from daemon.model.user.command import Command
from daemon.postgres import Database, PostgresJournal, PostgresLease, PostgresLedger, Seal
from daemon.postgres.lease import SERVICE
from daemon.stages import owners
from daemon.stages.runtime import Runtime, SafeNotes, check_writer


class Wanted(Struct, frozen=True):
    """What a leader has set for themselves: the tables, and by which event of which calendar."""

    tables: Tables
    calendar: str
    href: str


SETTINGS = Note("own settings", Wanted)
"""Sealed like all notes: it may name people."""


class Secrets(Struct, frozen=True):
    """What opens accounts.  `google`: the service account's key, which acts for each leader; '' for none."""

    fleet: Seal
    google: str = ""

    def of(self, leader: Leader, kind: str) -> Callable[[], str]:
        """The secret of an account of this kind."""

        def find() -> str:
            if leader.secret is not None:
                return self.fleet.open(leader.secret).decode()
            if kind != "google" or not self.google:
                raise NoSecretError("there is no secret for this account", "`unbusy fleet invite` with --secret-file")
            return json.dumps(json.loads(self.google) | {"subject": leader.address})

        return find


@contextmanager
def open_house(
    fleet: Fleet, leader: Leader, secrets: Secrets, db: Database, clock: Callable[[], datetime],
    own_answer: Callable[[Command], str] = lambda _: "",
) -> Iterator[Runtime]:  # fmt: skip
    """Open ledger and connectors (no account is contacted yet).  ConfigError where the layers no longer fit."""
    ledger = PostgresLedger(db)
    wanted = SETTINGS.get(ledger.drawer)
    own = wanted.tables if wanted else {}
    config = config_of(fleet, leader.cohort, own, leader.address)
    journal = PostgresJournal(db, answers=own.get("journal") == "company")
    connectors: dict[str, Reader] = {}

    def connect(name: str) -> None:
        options = config.accounts[name]
        notes = SafeNotes(AccountNotes(ledger.drawer, name))
        kind = registry.connector(options.type)
        connectors[name] = kind.open(name, options, clock, secrets.of(leader, options.type), notes)

    def renew(name: str) -> Callable[[], None]:
        before = connectors[name]
        connect(name)
        return before.close

    try:
        for name in config.accounts:
            connect(name)
        check_writer(config, connectors)
        if ledger.own.fresh:
            NEVERS.put(ledger.drawer, nevers.read(journal) or None)
            ledger.own.take_up(pages.read_skips(journal), taken_back.read(journal))
        yield _runtime(config, connectors, ledger, journal, db, renew, own_answer)
    finally:
        for connector in connectors.values():
            connector.close()
        ledger.close()


def _runtime(
    config: Config, connectors: dict[str, Reader], ledger: PostgresLedger, journal: PostgresJournal, db: Database,
    renew: Callable[[str], Callable[[], None]], own_answer: Callable[[Command], str],
) -> Runtime:  # fmt: skip
    who = profile(config, owners.former(config, ledger, owners.owner_of(config, ledger)))
    return Runtime(
        config=config, connectors=connectors, ledger=ledger, journal=journal, profile=who,
        run_lease=PostgresLease(db), service_lease=PostgresLease(db, purpose=SERVICE),
        roles=registry.roles(config.policies), told=False, renew=renew, own_answer=own_answer,
    )  # fmt: skip
