"""The local state: a mirror of what was read, what was written and what stood before.  Only this package knows SQL.

Everything in it but history can be rebuilt from the calendars and the journal.  A damaged or newer file is set aside
and named.  One connection, one thread; `journal_mode=DELETE`, since the write-ahead log of the SQLite versions in use
can be corrupted by two checkpointing connections.
"""

from __future__ import annotations

from daemon.ledger.opening import open_ledger
from daemon.ledger.rows import INTENT, SKIPPED, STANDING, WITHDRAWN, ChangeRow, OwnRow, RunRow
from daemon.ledger.store import Ledger

__all__ = [
    "INTENT",
    "SKIPPED",
    "STANDING",
    "WITHDRAWN",
    "ChangeRow",
    "Ledger",
    "OwnRow",
    "RunRow",
    "open_ledger",
]
