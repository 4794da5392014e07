"""Everything that a cycle works with, for one leader of many: the same `Runtime`, with PostgreSQL behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from daemon.fleet.leaders import Leader
from daemon.fleet.settings import Fleet, Tables, config_of
from daemon.ledger.notes import Note
from daemon.model.errors import NoSecretError
from daemon.model.options import AccountOptions
from daemon.model.user.command import Command
from daemon.postgres import Database, PostgresJournal, PostgresLease, PostgresLedger, Seal
from daemon.postgres.lease import SERVICE
from daemon.stages.runtime import Runtime, opened


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
    run, service = PostgresLease(db), PostgresLease(db, purpose=SERVICE)

    def secret(_: str, options: AccountOptions) -> Callable[[], str]:
        return secrets.of(leader, options.type)

    with opened(config, ledger, lambda: journal, secret, clock, run, service) as runtime:
        yield replace(runtime, told=False, own_answer=own_answer)
