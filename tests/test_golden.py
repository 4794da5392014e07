"""Golden fortnights: what unbusy does for eight kinds of leader, all policies on, as text that a person has read.

After a change that is meant to be seen: `UNBUSY_GOLDEN=write pytest tests/test_golden.py`, and read what differs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fortnights import HERE, golden

NAMES = sorted(path.stem for path in HERE.glob("*.week"))


@pytest.mark.parametrize("name", NAMES)
def test_a_fortnight_is_as_it_was_read(name: str, tmp_path: Path) -> None:
    kept, told = HERE / f"{name}.txt", golden(name, tmp_path)
    if os.environ.get("UNBUSY_GOLDEN") == "write":
        kept.write_text(told)
    assert told == kept.read_text()


def test_there_is_one_for_each_kind_of_leader() -> None:
    kinds = {"calm", "bound", "part-time", "two-zones", "on-call", "back-from-leave", "layoffs", "new-manager"}
    assert kinds <= set(NAMES)
