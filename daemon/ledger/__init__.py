"""The local state: a mirror of what was read, what was written and what stood before.  Only this package knows SQL.

Everything in it but history can be rebuilt from the calendars and the journal.  An older file is migrated; a damaged or
newer one is set aside and named.  One connection, one thread; `journal_mode=DELETE`, since the write-ahead log of the
SQLite versions in use can be corrupted by two checkpointing connections.
"""

from __future__ import annotations

from daemon.ledger.opening import open_ledger
from daemon.ledger.rows import ChangeRow, OwnRow, RunRow
from daemon.ledger.store import Ledger

__all__ = ["ChangeRow", "Ledger", "OwnRow", "RunRow", "open_ledger"]
