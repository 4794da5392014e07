"""The ledger in one SQLite file.  Only this package knows SQL.

An older file is migrated; a damaged or newer one is set aside and named.  One connection, one thread;
`journal_mode=DELETE`, since the write-ahead log of the SQLite versions in use can be corrupted by two checkpointing
connections.
"""

from __future__ import annotations

from daemon.ledger.sqlite.opening import SqliteLedger, open_ledger

__all__ = ["SqliteLedger", "open_ledger"]
