"""What a piece of work takes, counted in a way that no machine and no load changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def statements(work: Callable[[], object]) -> int:
    """How many lines of Python are run.  What one line takes, such as a search, is not seen: that is for the bench."""
    count = 0

    def traced(_frame: FrameType, _event: str, _arg: object) -> Any:
        nonlocal count
        count += 1
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
