"""What root makes in the daemon's state stays the daemon's."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from daemon.journal import JournalFolder
from daemon.journal import pages as journal
from daemon.ledger import open_ledger
from daemon.system.lock import hold

NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_files_are_owned_like_their_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, NOBODY, NOBODY)
    open_ledger(state).close()
    journal.append(JournalFolder(state / "journal"), date(2026, 11, 30), "- a line\n")
    with hold(state / "cycle.lock", "`a test`"):
        pass
    made = list(state.rglob("*"))
    assert {p.name for p in made} >= {"ledger.sqlite", "journal", "2026-11-30.md", "cycle.lock"}
    assert {(p.stat().st_uid, p.stat().st_gid) for p in made} == {(NOBODY, NOBODY)}
