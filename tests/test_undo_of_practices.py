"""`undo` of what the practices make: each kind goes, and what no undo can take back is listed with its way back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.model.text import FOOTER
from daemon.stages.ours import nevers
from living import Life
from making import ME, moment

BEN, DANA = "ben@example.com", "dana@example.com"
POLICIES = f"""\
[people]
reports = ["{BEN}", "{DANA}"]
boss = ["carol@example.com"]

[policies.focus]
show_as = "free"
[policies.overload]
enabled = false
[policies.breaks]
lunch = true
[policies.preparation]
enabled = true
after = "15m"
[policies.advisors]
enabled = true
[policies.network]
enabled = true
[[policies.network.people]]
who = ["lena@example.org"]
every = "6w"
[[policies.habits.items]]
preset = "walk"
[[policies.habits.items]]
preset = "office-hours"
[[away]]
from = 2026-12-07
to = 2026-12-11
"""
TOP = "max_per_day = 30\nmax_per_week = 90\nhorizon = '14d'"


def guests(*who: str, organizer: str = ME) -> str:
    """Who is in a meeting, all accepted."""
    rows = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{a}\n" for a in (ME, *who))
    return f"ORGANIZER:mailto:{organizer}\n{rows}"


def undo(life: Life, run: int | None = None) -> list[str]:
    """Take it back; what is kept, and why."""
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, run, life.now)
        undoing.undo(runtime, found, life.now)
    return list(found.kept)


def kinds(life: Life) -> set[str]:
    """'breaks calm', 'focus landing', 'focus 2026-W49': policy and first part of the key."""
    return {f"{o.mark.policy} {key.partition('/')[0]}" for key, o in life.ours().items()}


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A Tuesday with a heavy talk, a long run, two 1:1s and a steering meeting; away in the week after."""
    life = Life(tmp_path, now="Tue 07:00", policies=POLICIES, top=TOP)
    life.meet("Tue 13:30-14:00", "1:1 Ben", more=guests(BEN, organizer=BEN) + "RRULE:FREQ=WEEKLY\n")
    life.meet("Tue 09:30-10:00", "Layoff talk", more=guests(DANA))
    life.meet("Tue 14:00-16:30", "Staff", more=guests(BEN, DANA, "eve@example.com"))
    life.meet("Thu 14:00-15:00", "Steering", more=guests("carol@example.com", BEN, DANA))
    life.meet("Wed 09:00-12:00", "Planning", more=guests(BEN, DANA))
    life.meet("Wed 15:00-17:00", "Planning 2", more=guests(BEN, DANA))
    return life


ALL = {
    "focus 2026-W49", "focus landing", "focus handover", "breaks calm", "breaks recovery", "breaks lunch",
    "advisors 2026-12-01", "reflection day", "habits walk", "habits office-hours",
}  # fmt: skip


def test_each_kind_goes_and_stays_away(life: Life) -> None:
    life.apply()
    made = kinds(life)
    assert made > ALL
    assert {name.partition(" ")[0] for name in made - ALL} == {"focus", "preparation", "network"}
    assert undo(life) == []
    assert kinds(life) == set()
    for _ in range(2):
        life.apply()
        assert kinds(life) == set()
        life.now += timedelta(minutes=10)


def test_again_brings_each_kind_back(life: Life) -> None:
    life.apply()
    made = kinds(life)
    undo(life)
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now, again=True)
        cycle.carry_out(runtime, planned, life.now, command="apply --again", force=True)
    assert kinds(life) == made


def test_an_objective_by_command_is_listed_with_the_way_back(life: Life) -> None:
    life.apply()
    life.meet("Tue 08:00-08:15", "unbusy: objective cut list", uid="aim", more="")
    life.apply()
    blocks = [key for key in life.ours() if key.startswith("2026-W49/") and "u" not in key]
    assert {life.ours()[key].event.summary for key in blocks} == {"Focus: cut list"}
    assert undo(life) == ["‘unbusy: objective cut list’ says what its week is for; delete that event to take it back"]
    assert {life.ours()[key].event.summary for key in blocks} == {"Focus"}, "a rename gives the old title back"
    life.apply()
    assert {life.ours()[key].event.summary for key in blocks} == {"Focus"}


def test_never_is_listed_with_the_way_back(life: Life) -> None:
    said = {"calm/2026-12-01": "pauses", "lunch/2026-12-02": "lunch", "landing/2026-12-14": "Landing"}
    life.apply()
    for key in said:
        life.type(key, (FOOTER, f"{FOOTER}\n#never"))
    life.apply()
    kept = undo(life)
    rows = [f"`#never` about {name}; `unbusy forget {name.lower()}` takes it back" for name in said.values()]
    assert set(rows) <= set(kept)
    with life.runtime() as runtime:
        nevers.forget(runtime, moment("Tue 07:00").date(), "pauses")
        first = min(run.id for run in runtime.ledger.runs.latest(9))
        assert set(rows) & set(undoing.plan_undo(runtime, first, life.now).kept) == set(rows[1:])
