"""The ledger of one leader in PostgreSQL; see `daemon.ledger.ports`."""

from __future__ import annotations

from daemon.postgres.database import Database
from daemon.postgres.drawer import PostgresDrawer
from daemon.postgres.mirror import PostgresMirror
from daemon.postgres.own import PostgresOwn
from daemon.postgres.runs import PostgresRuns

_SIZE = "SELECT coalesce(sum(octet_length(payload)), 0) FROM resource WHERE tenant = %(tenant)s"


class PostgresLedger:
    """See `Ledger`."""

    notice = ""

    def __init__(self, db: Database) -> None:
        self.database = db
        self.mirror = PostgresMirror(db)
        self.own = PostgresOwn(db)
        self.runs = PostgresRuns(db)
        self.drawer = PostgresDrawer(db)

    @property
    def size(self) -> int:
        """Of what was read."""
        return int(self.database.rows(_SIZE)[0][0])

    def close(self) -> None:
        """Work for this leader no more."""
        self.database.close()
