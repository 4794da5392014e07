"""When it is said that the rules have changed: by what the ledger and the marks tell of who wrote before."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.ledger import open_ledger
from daemon.ledger.notes import RULES
from daemon.model.owner import NOTHING_KNOWN
from daemon.model.snapshot import OwnEvent
from daemon.stages.ours.rules import CHANGED, VERSION, changed, note
from making import own

OLD = own("Tue 09:00-11:00")
OF_TODAY = replace(OLD, mark=replace(OLD.mark, by="abc123"))
DROPPED = replace(OLD, mark=replace(OLD.mark, base=NOTHING_KNOWN))


@pytest.mark.parametrize(
    ("noted", "ours", "said"),
    [
        pytest.param(None, [], False, id="nothing was there before"),
        pytest.param(None, [OF_TODAY], False, id="the ledger is lost, and all marks name their installation"),
        pytest.param(None, [OF_TODAY, OLD], True, id="the ledger is lost, and a mark is of an older format"),
        pytest.param(None, [DROPPED], False, id="the ledger is lost, and the marks were dropped"),
        pytest.param(VERSION - 1, [OF_TODAY], True, id="the last run went by an older set"),
        pytest.param(VERSION, [OLD], False, id="the last run went by these"),
        pytest.param(VERSION + 1, [OLD], False, id="a newer version was here, and this one is taken up again"),
    ],
)
def test_that_the_rules_have_changed_is_said(
    tmp_path: Path, noted: int | None, ours: list[OwnEvent], said: bool
) -> None:
    ledger = open_ledger(tmp_path)
    RULES.put(ledger.drawer, noted)
    assert changed(ledger, ours) == ((CHANGED,) if said else ())
    note(ledger)
    assert changed(ledger, ours) == ()
    ledger.close()
