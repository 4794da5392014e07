"""What a process of the fleet opens once: the company's secrets, connections, and the gate of all requests."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg_pool import ConnectionPool

from connectors.http.gate import Open, set_gate
from daemon.fleet.house import Secrets
from daemon.fleet.leaders import Connection
from daemon.fleet.quota import SharedGate
from daemon.fleet.settings import Fleet, secret
from daemon.fleet.turns import Station
from daemon.model.errors import ConfigError, NoSecretError
from daemon.postgres import Seal, translated
from daemon.postgres.seal import KEY

GOOGLE = "www.googleapis.com"
_CLEAR = "SELECT pg_advisory_unlock_all(), set_config('unbusy.tenant', '', false)"


def connect(dsn: str) -> Connection:
    """A connection; TemporaryError where there is no database."""
    with translated():
        return psycopg.connect(dsn, autocommit=True, options="-c timezone=UTC", connect_timeout=10, prepare_threshold=2)


def fleet_key(fleet: Fleet) -> Seal:
    """The key under which those of the leaders lie."""
    try:
        key = base64.b64decode(secret("fleet-key", fleet.key_file), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY:
        raise ConfigError("the fleet's key is not 32 bytes in base64", "`openssl rand -base64 32` makes one")
    return Seal(key)


def secrets_of(fleet: Fleet) -> Secrets:
    """The fleet's key, and Google's where there is one."""
    try:
        google = secret("fleet-google", fleet.google_key_file)
    except NoSecretError:
        google = ""
    return Secrets(fleet_key(fleet), google)


@contextmanager
def opened(fleet: Fleet, connections: int = 4) -> Iterator[Station]:
    """For as long as the process works."""
    pool: ConnectionPool[Connection] = ConnectionPool(
        fleet.database, min_size=1, max_size=connections + 1, timeout=15.0, open=False, name="leaders",
        kwargs={"autocommit": True, "options": "-c timezone=UTC", "connect_timeout": 10, "prepare_threshold": 2},
        reset=_cleared, check=ConnectionPool.check_connection,
    )  # fmt: skip
    gate = SharedGate(lambda: connect(fleet.database), {host_of(fleet): fleet.google_a_minute, "": fleet.host_a_minute})
    with translated(), pool:
        set_gate(gate)
        try:
            yield Station(fleet, secrets_of(fleet), pool)
        finally:
            set_gate(Open())
            gate.close()


def host_of(fleet: Fleet) -> str:
    """Where the company's Google Calendar is: at Google, or behind the gateway that an account names."""
    tables: Any = fleet.defaults.get("accounts", {})
    named = [one.get("endpoint", "") for one in tables.values() if isinstance(one, dict)]
    return next((urlsplit(e).hostname or GOOGLE for e in named if e), GOOGLE)


def _cleared(connection: Connection) -> None:
    """For the next leader."""
    connection.execute(_CLEAR)
