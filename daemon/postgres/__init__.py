"""Ledger, journal and lease of many leaders in PostgreSQL, behind the same ports as the files of one.

Nobody but `daemon.fleet` uses it; it needs `unbusy[fleet]`.  Texts, payloads and notes are sealed under a key of their
leader, each key of a table begins with the leader, and the database shows nobody the rows of another.
"""

from __future__ import annotations

from daemon.postgres.database import Database, LostLeaseError, translated
from daemon.postgres.journal import PostgresJournal
from daemon.postgres.lease import PostgresLease
from daemon.postgres.ledger import PostgresLedger
from daemon.postgres.migrations import migrate
from daemon.postgres.seal import Seal, digest, new_key

__all__ = [
    "Database",
    "LostLeaseError",
    "PostgresJournal",
    "PostgresLease",
    "PostgresLedger",
    "Seal",
    "digest",
    "migrate",
    "new_key",
    "translated",
]
