"""The local state: a mirror of what was read, what was written and what stood before.

Everything in it but history can be rebuilt from the calendars and the journal.  Stages and commands know it by
`ports.py`; where it lies is `sqlite/`.
"""

from __future__ import annotations

from daemon.ledger.ports import Drawer, Ledger
from daemon.ledger.rows import ChangeRow, OwnRow, RunRow
from daemon.ledger.sqlite import open_ledger

__all__ = ["ChangeRow", "Drawer", "Ledger", "OwnRow", "RunRow", "open_ledger"]
