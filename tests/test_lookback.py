"""How far back it is looked: six weeks at what is ours, since it says what was asked; four at all else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.journal import answers as diary
from daemon.model.snapshot import Snapshot
from living import ONLY_FOCUS, Life
from shelves import Store

STOP = "Where did you stop, and what is the next step?"


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """Four blocks stand, on Monday to Thursday from 09:00 to 11:00, and a meeting on Friday."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.meet("Fri 15:00-16:00", "Staff")
    life.apply()
    return life


def seen(life: Life, days: int) -> Snapshot:
    life.now += timedelta(days=days)
    with life.runtime() as runtime:
        return cycle.plan(runtime, life.now).observation.snapshot


@pytest.mark.parametrize(
    ("days", "blocks", "meetings"),
    [
        pytest.param(14, 4, 1, id="two weeks later: all"),
        pytest.param(28, 4, 1, id="four weeks later: all"),
        pytest.param(35, 4, 0, id="five weeks later: what is ours"),
        pytest.param(42, 4, 0, id="six weeks later: what is ours"),
        pytest.param(49, 0, 0, id="seven weeks later: nothing"),
    ],
)
def test_what_is_looked_at(life: Life, days: int, blocks: int, meetings: int) -> None:
    at = seen(life, days)
    assert len([o for o in at.ours if o.mark.key.startswith("2026-W49/")]) == blocks
    assert len([e for e in at.events if e.summary == "Staff"]) == meetings


@pytest.mark.parametrize(
    "uid",
    [
        pytest.param("copy-of-unbusy", id="under a name of its own"),
        pytest.param(f"unbusy-{'0' * 32}", id="under a name like those of ours"),
    ],
)
def test_a_copy_of_ours_and_a_command_of_weeks_ago_are_not_looked_at(uid: str, tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    (name, *_) = [n for n in life.names() if n.startswith("unbusy-")]
    copy = life.get(name).replace(name.removesuffix(".ics").encode(), uid.encode())
    life.put(f"unbusy-{'0' * 32}.ics", copy.replace(b"SUMMARY:Focus", b"SUMMARY:Read"))
    life.meet("Fri 09:00-10:00", "unbusy: pause", more="")
    at = seen(life, 35)
    assert not at.commands
    assert not at.events
    assert not at.away


def test_what_was_typed_five_weeks_ago_is_filed_once(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=ONLY_FOCUS, top="horizon = '1d'")
    life.apply()
    life.type("2026-W49/1", (STOP, f"{STOP}\nAt chapter 2"))
    life.apply()
    life.move("2026-W49/1", "Tue 09:00-11:00")
    life.now += timedelta(days=35)  # in another quarter
    life.apply()
    with life.runtime() as runtime:
        assert [b.entry.text for b in diary.read(runtime.journal)] == ["At chapter 2"]


def test_a_longer_lookback_holds_for_all(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'\nlookback = '60d'")
    life.meet("Fri 15:00-16:00", "Staff")
    life.apply()
    at = seen(life, 49)
    assert len([o for o in at.ours if o.mark.key.startswith("2026-W49/")]) == 4
    assert [e.summary for e in at.events] == ["Staff"]
