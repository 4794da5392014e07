"""What stands in the mark of an event of ours, on every store: more than its name and its base."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark
from living import ONLY_FOCUS, Life
from shelves import Store

GONE = "(gone)"


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """Four blocks, on Monday to Thursday from 09:00 to 11:00."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    return life


def marks(life: Life) -> dict[str, Mark]:
    """The marks as they stand, by key."""
    found = (o.event.mark for o in life.ours().values())
    return {mark.key: mark for mark in found if mark}


def test_local_time_zone_and_highest_ordinal_of_the_week(life: Life) -> None:
    found = marks(life)
    assert {(m.zone, m.highest, m.moves) for m in found.values()} == {("Europe/Warsaw", 4, 0)}
    assert found["2026-W49/2"].local == "20261201T090000/20261201T110000"


def test_the_highest_ordinal_grows_and_is_no_reason_to_write(life: Life) -> None:
    life.delete("2026-W49/4")
    life.apply()
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '10h'", "horizon = '1d'")
    assert [c.split()[:2] for c in life.changes()] == [["create", "2026-W49/5"]]
    life.apply()
    assert {key: m.highest for key, m in marks(life).items()} == {
        "2026-W49/1": 4, "2026-W49/2": 4, "2026-W49/3": 4, "2026-W49/5": 5,
    }  # fmt: skip
    assert life.changes() == []


def test_moves_by_us_are_counted_and_those_of_the_user_are_not(life: Life) -> None:
    life.meet("Wed 08:30-12:00")
    life.apply()
    assert {key: m.moves for key, m in marks(life).items() if m.moves} == {"2026-W49/3": 1}
    life.meet("Fri 08:30-12:00")
    life.apply()
    assert "2026-W49/3" not in marks(life), "one move in its life"
    life.move("2026-W49/2", "Tue 14:00-16:00")
    life.apply()
    assert marks(life)["2026-W49/2"].moves == 0


def test_what_writes_another_field_leaves_the_clock_and_the_count_as_they_are(life: Life) -> None:
    life.meet("Wed 08:30-12:00")
    life.apply()
    before = marks(life)["2026-W49/3"]
    life.configure(ONLY_FOCUS, "horizon = '1d'\ntitle_prefix = '~ '")
    assert "update 2026-W49/3 title" in life.changes()
    life.apply()
    after = marks(life)["2026-W49/3"]
    assert (after.local, after.zone, after.moves) == (before.local, before.zone, before.moves)


def remark(life: Life, key: str, **other: str) -> None:
    """Write another mark on one of ours: the old one with these parts of it."""
    mark = life.ours()[key].event.mark
    assert mark
    pairs = dict(parse_qsl(write_mark(mark), keep_blank_values=True)) | other
    life.edit(key, ("X-UNBUSY", f":{urlencode({k: v for k, v in pairs.items() if v != GONE}, safe='/:')}"))


AN_HOUR_OFF = "20261202T070000Z/20261202T090000Z@104ab921"
"""When the block on Wednesday was last asked for, if the clocks of Warsaw were still thought to be an hour ahead."""


def test_a_new_zone_database_makes_nothing_the_users(life: Life) -> None:
    remark(life, "2026-W49/3", when=AN_HOUR_OFF)
    assert life.ours()["2026-W49/3"].edited == set()
    assert life.changes() == []
    life.meet("Wed 08:30-12:00")
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]


def test_what_was_moved_is_the_users_under_any_zone_database(life: Life) -> None:
    life.move("2026-W49/3", "Wed 10:00-12:00")
    remark(life, "2026-W49/3", when=AN_HOUR_OFF)
    assert life.ours()["2026-W49/3"].edited == {Field.WHEN}


def test_a_mark_of_the_first_version_is_read_as_before_and_rewritten_with_the_next_write(life: Life) -> None:
    remark(life, "2026-W49/3", zone=GONE, local=GONE, highest=GONE, questions=GONE)
    before = life.get(life.name("2026-W49/3"))
    mark = marks(life)["2026-W49/3"]
    assert (mark.zone, mark.local, mark.moves, mark.highest, mark.questions) == ("", "", 0, 0, ())
    life.apply()
    assert life.get(life.name("2026-W49/3")) == before
    life.meet("Wed 08:30-12:00")
    life.apply()
    mark = marks(life)["2026-W49/3"]
    assert (mark.zone, mark.local) == ("Europe/Warsaw", "20261204T090000/20261204T110000")
    assert (mark.moves, mark.highest) == (1, 4)
