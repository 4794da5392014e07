"""What a cycle asks of the journal: pages, one a day, to read and to write anew.

Behind it stands a folder of files (`daemon.journal.folder`); tests/contract/test_journal.py holds whatever else may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Protocol


class Journal(Protocol):
    """Text by day.  Every method may raise an `UnbusyError`."""

    def pages(self, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str]]:
        """What stands on the pages of these days, in order; bytes that are no UTF-8 come as lone surrogates."""
        ...

    def rewrite(self, day: date, change: Callable[[str], str]) -> None:
        """Make something else of a day's page; it is whole at every moment, also after a power cut.

        `change` gets what stands there, or the heading of a new page.
        """
        ...
