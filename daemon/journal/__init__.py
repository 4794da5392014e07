"""The journal: its pages, the answers that are filed in them, and where they lie."""

from __future__ import annotations

from daemon.journal.folder import JournalFolder
from daemon.journal.ports import Journal

__all__ = ["Journal", "JournalFolder"]
