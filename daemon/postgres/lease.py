"""One writer at a time: an advisory lock of PostgreSQL on the ledger's own connection, and a number for each holding.

The lock goes with the connection, so there is none to clean up.  Whoever held it and does not know that it is gone, a
process that was frozen, has a number that is no longer the last: each of its transactions fails (`Database.fence`).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from daemon.model.errors import TemporaryError
from daemon.postgres.database import Database
from daemon.system.lock import STEP

CYCLE, SERVICE = 0x75_6E_62_01, 0x75_6E_62_02
"""What the right is for: to write for one run; to serve a leader for long."""

_TRY = "SELECT pg_try_advisory_lock(%(purpose)s, %(tenant)s)"
_FREE = "SELECT pg_advisory_unlock(%(purpose)s, %(tenant)s)"
_TAKE = (
    "INSERT INTO lease (tenant, purpose, holder, fence) VALUES (%(tenant)s, %(purpose)s, %(holder)s, 1)"
    " ON CONFLICT (tenant, purpose) DO UPDATE SET holder = excluded.holder, fence = lease.fence + 1 RETURNING fence"
)
_HELD = (
    "locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %(purpose)s::oid AND objid = %(tenant)s::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_HOLDER = (
    "SELECT holder FROM lease WHERE tenant = %(tenant)s AND purpose = %(purpose)s"
    f" AND EXISTS (SELECT FROM pg_locks WHERE {_HELD})"
)
_CUT = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {_HELD} AND pid <> pg_backend_pid()"


class PostgresLease(Struct, frozen=True):
    """See `Lease`; `wait`: seconds for which another holder is waited for.  What is written meanwhile needs it."""

    db: Database
    purpose: int = CYCLE
    wait: float = 0.0
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def hold(self, holder: str) -> Iterator[None]:
        """TemporaryError naming the holder."""
        self._acquire()
        try:
            with self.db.transaction() as db:
                named = f"{holder} (process {os.getpid()} on {socket.gethostname()})"
                row = db.row(_TAKE, purpose=self.purpose, holder=named)
            if self.purpose == CYCLE and row:
                self.db.fence = (CYCLE, row[0])
            yield
        finally:
            if self.purpose == CYCLE:
                self.db.fence = None
            with suppress(TemporaryError):  # the connection is gone, and the lock with it
                self.db.rows(_FREE, purpose=self.purpose)

    def holder(self) -> str:
        """As they named themselves."""
        rows = self.db.rows(_HOLDER, purpose=self.purpose)
        return str(rows[0][0]) if rows else ""

    def cut(self) -> int:
        """End the connection of whoever holds it; how many there were."""
        return len(self.db.rows(_CUT, purpose=self.purpose))

    def _acquire(self) -> None:
        for left in range(round(self.wait / STEP), -1, -1):
            if self.db.fence is None and self.db.rows(_TRY, purpose=self.purpose)[0][0]:
                return
            if left:
                self.sleep(STEP)
        raise TemporaryError(
            f"{self.holder() or 'another worker'} holds the lease", "wait until it is done, or stop it"
        )
