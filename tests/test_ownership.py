"""Who owns what: the worked examples of docs/architecture.md, on real files, with the ledger and without it.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks of two hours stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.model.owner import Field
from daemon.model.plan import Plan
from living import ONLY_FOCUS, Life, local

FIRST = [
    "create 2026-W49/1 Mon 09:00-11:00",
    "create 2026-W49/2 Tue 09:00-11:00",
    "create 2026-W49/3 Wed 09:00-11:00",
    "create 2026-W49/4 Thu 09:00-11:00",
]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """The four blocks stand, and the weeks after are planned too."""
    life = Life(tmp_path, top="horizon = '1d'")
    assert life.changes() == FIRST
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before the plan that is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def settled(life: Life, forget: Callable[[Life], None]) -> Plan:
    """The plan after a run has seen what happened; a second one must want nothing more."""
    forget(life)
    plan = life.plan()
    life.apply()
    forget(life)
    assert life.changes() == []
    return plan


def test_nothing_happens(life: Life, forget: Callable[[Life], None]) -> None:
    assert settled(life, forget).changes == ()


def test_the_user_moves_a_block_within_the_week(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Wed 14:00-16:00")
    assert settled(life, forget).changes == ()
    block = life.ours()["2026-W49/2"]
    assert block.edited == {Field.WHEN}
    assert local(block.event.when) == "Wed 14:00-16:00"


def test_the_user_moves_a_block_into_the_next_week(tmp_path: Path, forget: Callable[[Life], None]) -> None:
    life = Life(tmp_path, top="horizon = '7d'")
    life.apply()
    assert sum(k.startswith("2026-W50/") for k in life.ours()) == 4
    life.move("2026-W49/2", "Wed+1 14:00-16:00")
    settled(life, forget)
    standing = life.ours()
    assert local(standing["2026-W49/2"].event.when) == "Wed+1 14:00-16:00"
    assert sum(o.event.span.minutes for k, o in standing.items() if k.startswith("2026-W49/")) == 480
    assert sum(o.event.span.minutes for k, o in standing.items() if k.startswith("2026-W50/")) == 360


def test_the_user_deletes_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    life.delete("2026-W49/2")
    assert life.apply().changes == ()
    forget(life)
    assert life.changes() == []
    assert "2026-W49/2" not in life.ours()


def test_a_meeting_is_booked_over_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    before = life.ours()["2026-W49/3"].event.ref.uid
    life.meet("Wed 08:30-12:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    assert "‘Meeting’ was booked over Wed 2 Dec 09:00–11:00" in life.plan().changes[0].reason
    settled(life, forget)
    assert life.ours()["2026-W49/3"].event.ref.uid == before


def test_a_block_that_was_booked_over_and_fits_nowhere_stays(life: Life, forget: Callable[[Life], None]) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n", "horizon = '1d'")
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 11:00-17:30", title="Offsite")
    life.meet("Fri 09:00-11:00", title="Offsite")
    life.meet("Wed 09:00-11:00", title="Board")
    life.apply()
    plan = settled(life, forget)
    assert plan.changes == ()
    assert ("2026-W49/3", "Wed 2 Dec 09:00–11:00 is taken by ‘Board’") in [(u.key, u.reason) for u in plan.unplaced]
    assert local(life.ours()["2026-W49/3"].event.when) == "Wed 09:00-11:00"


def test_a_meeting_is_booked_over_a_block_that_the_user_had_moved(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Tue 13:00-15:00")
    life.meet("Tue 13:00-14:00")
    forget(life)
    assert life.changes() == ["create 2026-W49/5 Tue 09:00-10:00"]
    settled(life, forget)
    assert local(life.ours()["2026-W49/2"].event.when) == "Tue 13:00-15:00"


def test_a_short_meeting_at_its_end_shortens_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Wed 10:30-11:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Wed 09:00-10:30"]
    settled(life, forget)


def test_a_block_that_the_user_resized_is_left_alone(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/3", "Wed 09:00-11:15")
    life.meet("Wed 10:30-11:00")
    assert settled(life, forget).changes == ()


def test_a_smaller_goal_and_back(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\n", "horizon = '1d'")
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]
    life.apply()
    life.configure(top="horizon = '1d'")
    assert life.changes() == ["create 2026-W49/5 Wed 09:00-11:00", "create 2026-W49/6 Thu 09:00-11:00"]
    life.apply()
    assert life.changes() == []


def test_nothing_in_the_freeze_is_taken_away(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]


def test_the_user_swaps_two_blocks(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Wed 09:00-11:00")
    life.move("2026-W49/3", "Tue 09:00-11:00")
    assert settled(life, forget).changes == ()


def test_the_user_copies_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    """The copy carries our mark under another UID: it is a focus block made by hand, and counts."""
    path = life.path("2026-W49/3")
    uid = life.ours()["2026-W49/3"].event.ref.uid
    text = path.read_bytes().decode().replace(f"UID:{uid}", "UID:copy-of-a-block")
    at_two = text.replace("T090000", "T140000").replace("T110000", "T160000")
    assert at_two != text
    copy = life.folder / "copy.ics"
    copy.write_text(at_two)
    before = copy.read_bytes()
    plan = settled(life, forget)
    assert [type(c).__name__ for c in plan.changes] == ["Delete"]  # eight hours are reached without one of ours
    assert copy.read_bytes() == before


def test_the_week_rolls_over(life: Life, forget: Callable[[Life], None]) -> None:
    life.now = life.now.replace(day=7, month=12)
    forget(life)
    assert life.changes() == [f"create 2026-W50/{n} {day}+1 09:00-11:00" for n, day in
                              enumerate(("Mon", "Tue", "Wed", "Thu"), 1)]  # fmt: skip
    settled(life, forget)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(("SUMMARY", "Write the strategy"), Field.TITLE, id="retitled"),
        pytest.param(("TRANSP", "OPAQUE"), Field.SHOW_AS, id="blocked"),
        pytest.param(("COLOR", "red"), Field.COLOUR, id="recoloured"),
        pytest.param(("DESCRIPTION", "Stopped at chapter two"), Field.TEXT, id="typed into"),
    ],
)
def test_what_the_user_edits_is_the_users(
    life: Life, forget: Callable[[Life], None], change: tuple[str, str], field: Field
) -> None:
    life.edit("2026-W49/4", change)
    before = life.path("2026-W49/4").read_bytes()
    assert settled(life, forget).changes == ()
    assert life.ours()["2026-W49/4"].edited == {field}
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    assert "delete 2026-W49/4" not in life.changes()
    assert life.path("2026-W49/4").read_bytes() == before


def test_other_fields_are_still_written_beside_one_that_is_the_users(
    life: Life, forget: Callable[[Life], None]
) -> None:
    life.edit("2026-W49/3", ("SUMMARY", "Write the strategy"))
    life.meet("Wed 08:30-12:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    settled(life, forget)
    assert life.ours()["2026-W49/3"].event.summary == "Write the strategy"


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: text.replace("\r\n", "\n"), id="line ends"),
        pytest.param(lambda text: text.replace("SEQUENCE:0", "SEQUENCE:7"), id="SEQUENCE"),
        pytest.param(
            lambda text: "\r\n".join(_reordered(text.replace("\r\n ", "").split("\r\n"))), id="order and folds"
        ),
        pytest.param(lambda text: text.replace("SUMMARY:Focus", "SUMMARY:Focus "), id="trailing space"),
    ],
)
def test_what_other_clients_rewrite_is_no_edit(
    life: Life, forget: Callable[[Life], None], rewrite: Callable[[str], str]
) -> None:
    path = life.path("2026-W49/3")
    text = path.read_bytes().decode()
    assert rewrite(text) != text
    path.write_bytes(rewrite(text).encode())
    assert settled(life, forget).changes == ()
    assert life.ours()["2026-W49/3"].edited == set()


def _reordered(lines: list[str]) -> list[str]:
    start, end = lines.index("BEGIN:VEVENT") + 1, lines.index("END:VEVENT")
    return [*lines[:start], *sorted(lines[start:end], reverse=True), *lines[end:]]


def test_a_mark_that_was_forged_is_foreign(life: Life) -> None:
    """Somebody else's event with our mark under its own UID is not touched, whatever the policies want."""
    mark = next(line for line in life.path("2026-W49/4").read_text().split("\n") if line.startswith("X-UNBUSY"))
    life.meet("Fri 09:00-11:00", title="Forged", more=f"{mark.strip()}\n")
    before = (life.folder / "Forged-Fri-0900-1100.ics").read_bytes()
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    life.apply()
    assert (life.folder / "Forged-Fri-0900-1100.ics").read_bytes() == before
