"""Flags over days and runs: what they say stays as it was, and they go once, in the morning of their first day."""

from __future__ import annotations

from pathlib import Path

import pytest

from living import Life
from making import moment

FLAGS = "[policies.focus]\nenabled = false\n[policies.reflection]\nenabled = false\n"
CLOCKS = ("09:00-10:00", "10:10-11:10", "13:00-14:00", "15:00-16:00")  # 4 h a day, 20 h a week
W49, W50 = "week/2026-W49", "week/2026-W50"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """This week and the next have 20 h each, and nothing was before."""
    made = Life(tmp_path, policies=FLAGS)
    for week in ("+0", "+1"):
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
            for clock in CLOCKS:
                made.meet(f"{day}{week} {clock}", "Sync", uid=f"{day}{week}-{clock[:2]}")
    made.apply()
    return made


def texts(life: Life) -> dict[str, str]:
    return {key: own.event.description for key, own in life.ours().items()}


def test_one_run_is_enough(life: Life) -> None:
    assert life.ours().keys() == {W49, W50}
    assert life.changes() == []
    life.lose_ledger()
    assert life.changes() == []


@pytest.mark.parametrize("now", ["Mon 09:00", "Tue 07:00", "Fri 18:00"])
def test_what_a_flag_says_is_what_it_said_on_monday(life: Life, now: str) -> None:
    said = texts(life)
    for clock in CLOCKS[:2]:
        life.cancel(f"Tue+0-{clock[:2]}")
        life.cancel(f"Tue+1-{clock[:2]}")
    life.now = moment(now)
    assert life.changes() == []
    assert texts(life) == said


def test_a_flag_of_the_next_week_is_looked_at_in_its_first_morning(life: Life) -> None:
    """Until then nothing of it changes."""
    life.cancel("Tue+1-09")
    life.now = moment("Mon+1 06:59")
    assert life.changes() == []
    before = texts(life)[W50]
    life.now = moment("Mon+1 07:00")
    life.apply()
    assert "19 h in meetings" in texts(life)[W50]
    assert "19 h in meetings" not in before
    assert life.changes() == []
    life.cancel("Wed+1-09")
    life.now = moment("Mon+1 08:00")
    assert life.changes() == []


def test_it_goes_then_if_the_week_is_calm(life: Life) -> None:
    for clock in CLOCKS:
        life.cancel(f"Tue+1-{clock[:2]}")
    life.now = moment("Mon+1 06:59")
    assert life.changes() == []
    life.now = moment("Mon+1 07:00")
    life.apply()
    assert W50 not in life.ours()
    assert life.changes() == []


def test_what_was_made_and_would_go_on_one_day_stays(life: Life) -> None:
    for clock in CLOCKS:
        life.cancel(f"Tue+0-{clock[:2]}")
    life.now = moment("Mon 08:00")
    assert life.changes() == []


def test_a_full_day_in_a_week_within_its_limits(tmp_path: Path) -> None:
    """14 h, of it 7 h 30 on Wednesday."""
    life = Life(tmp_path, policies=FLAGS)
    for clock in ("08:00-10:00", "10:10-12:10", "13:00-15:00", "15:10-16:40"):
        life.meet(f"Wed {clock}", uid=f"wed-{clock[:2]}")
    for day in ("Mon", "Tue"):
        life.meet(f"{day} 09:00-11:00", uid=f"{day}-1")
        life.meet(f"{day} 13:00-14:15", uid=f"{day}-2")
    life.apply()
    (own,) = life.ours().values()
    assert (own.mark.key, own.event.summary) == ("day/2026-12-02", "Full day")
    assert own.event.description.startswith("Wed 2 Dec has 7 h 30 in meetings (limit 6 h)")
    assert own.event.description.endswith("\n\nDelete this once you have read it.")
