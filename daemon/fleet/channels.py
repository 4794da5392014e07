"""Being told of changes: one channel for each calendar of a leader, opened anew a day before it ends.

Google names the channel and shows a token with each notice; the token is made from the channel's name with a key of the
fleet's, so that nothing has to be looked up to know that a notice is Google's.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from contextlib import suppress
from datetime import datetime

from daemon.fleet.leaders import Connection
from daemon.model.errors import UnbusyError
from daemon.model.protocols import Pushing
from daemon.model.times import DAY
from daemon.postgres import Seal, digest, translated
from daemon.stages.runtime import Runtime


def token(fleet: Seal, channel: str) -> str:
    """What Google is to show with each notice."""
    return hmac.new(fleet.derived(b"push"), channel.encode(), hashlib.sha256).hexdigest()


def keep_open(connection: Connection, runtime: Runtime, leader: int, address: str, fleet: Seal, now: datetime) -> None:
    """A channel for each calendar that is read of an account whose server tells."""
    for account, connector in runtime.connectors.items():
        if not isinstance(connector, Pushing):
            continue
        for info in runtime.ledger.mirror.calendars(account):
            here = digest(info.id)
            with translated():
                row = connection.execute(
                    "SELECT max(until) FROM channel WHERE leader = %s AND calendar = %s", (leader, here)
                ).fetchone()
            if row and row[0] and row[0] > now + DAY:
                continue
            name = str(uuid.uuid4())
            watched = connector.watch(info.id, name, address, token(fleet, name))
            with translated(), connection.transaction():
                old = connection.execute(
                    "DELETE FROM channel WHERE leader = %s AND calendar = %s RETURNING id, resource", (leader, here)
                ).fetchall()
                connection.execute(
                    "INSERT INTO channel VALUES (%s, %s, %s, %s, %s)",
                    (name, leader, here, watched.resource, watched.until),
                )
            _stopped(connector, old)


def close(connection: Connection, runtime: Runtime, leader: int) -> None:
    """All of a leader's."""
    with translated():
        rows = connection.execute("DELETE FROM channel WHERE leader = %s RETURNING id, resource", (leader,)).fetchall()
    for connector in runtime.connectors.values():
        if isinstance(connector, Pushing):
            _stopped(connector, rows)


def _stopped(connector: Pushing, rows: list[tuple[str, str]]) -> None:
    for name, resource in rows:
        with suppress(UnbusyError):  # it ends by itself
            connector.unwatch(name, resource)


def whose(connection: Connection, channel: str) -> int | None:
    """The leader whose calendar a channel is about."""
    with translated():
        row = connection.execute("SELECT leader FROM channel WHERE id = %s", (channel,)).fetchone()
    return int(row[0]) if row else None
