"""Pauses and lunch over days, on real stores: what the user does with them, and what the calendar does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import undo as undoing
from daemon.model.text import FOOTER
from daemon.stages.ours import nevers
from living import Life, local
from making import ME, moment

ONLY_BREAKS = "".join(f"[policies.{name}]\nenabled = false\n" for name in ("focus", "overload", "reflection"))
BREAKS = f"{ONLY_BREAKS}[policies.breaks]\nlunch = true\n"
DANA = f"ORGANIZER:mailto:{ME}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:dana@example.com\n"
THREE = DANA + "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:p{n}@example.com\n" for n in (1, 2))

CALM, LUNCH, AIR = "calm/2026-12-01", "lunch/2026-12-01", "recovery/2026-12-01"
ALL = {CALM: "Tue 10:00-10:30", LUNCH: "Tue 12:00-12:30", AIR: "Tue 15:00-15:10"}


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A talk at half past nine, a run of two hours after lunch, on a Tuesday with 4 h 30 booked."""
    life = Life(tmp_path, now="Mon 17:00", policies=BREAKS, top="horizon = '7d'")
    life.meet("Tue 09:30-10:00", "Layoff talk", uid="talk", more=DANA)
    life.meet("Tue 13:00-15:00", "Staff", uid="staff", more=THREE)
    life.meet("Tue 15:30-17:30", "Hiring", uid="hiring", more=DANA)
    life.apply()
    return life


def stand(life: Life) -> dict[str, str]:
    """When each stands."""
    return {key: local(o.event.when) for key, o in life.ours().items()}


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before what is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def test_each_is_made_once_and_rests(life: Life, forget: Callable[[Life], None]) -> None:
    assert stand(life) == ALL
    forget(life)
    assert life.changes() == []
    for now in ("Tue 09:45", "Tue 12:10", "Tue 15:05", "Tue 18:00"):
        life.now = moment(now)
        assert life.changes() == []


@pytest.mark.parametrize("key", ALL)
def test_skip_takes_one_away_for_good_and_files_what_stood_there(
    life: Life, key: str, forget: Callable[[Life], None]
) -> None:
    life.type(key, (FOOTER, f"{FOOTER}\nIt was hard.\n#skip"))
    life.apply()
    rest = {k: when for k, when in ALL.items() if k != key}
    assert stand(life) == rest
    assert "It was hard." in "".join(p.read_text() for p in (life.base / "state" / "journal").glob("*.md"))
    forget(life)
    assert life.changes() == []
    life.now = moment("Tue 07:00")
    assert life.changes() == []


@pytest.mark.parametrize(("key", "subject"), [(CALM, "pauses"), (LUNCH, "lunch"), (AIR, "recovery")])
def test_never_ends_its_kind_until_it_is_asked_for_again(
    life: Life, key: str, subject: str, forget: Callable[[Life], None]
) -> None:
    """What stands with the word in it is the user's; on another day none of its kind comes, and the others do."""
    life.type(key, (FOOTER, f"{FOOTER}\n#never"))
    life.apply()
    assert stand(life) == ALL
    forget(life)
    for uid, when, who in (("talk", "Thu 09:30-10:00", DANA), ("staff", "Thu 13:00-15:00", THREE)):
        life.meet(when, "Layoff talk" if uid == "talk" else "Staff", uid=f"{uid}2", more=who)
    life.meet("Thu 15:30-17:30", "Hiring", uid="hiring2", more=DANA)
    life.now = moment("Wed 17:00")
    life.apply()
    later = {k.replace("-01", "-03"): when.replace("Tue", "Thu") for k, when in ALL.items()}
    assert {k: w for k, w in stand(life).items() if k in later} == {
        k: w for k, w in later.items() if k.partition("/")[0] != key.partition("/")[0]
    }
    with life.runtime() as runtime:
        nevers.forget(runtime, moment("Wed 17:00").date(), subject)
    life.apply()
    assert {k: w for k, w in stand(life).items() if k in later} == later


def test_undo_takes_each_back_and_it_stays_back(life: Life, forget: Callable[[Life], None]) -> None:
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    assert stand(life) == {}
    forget(life)
    assert life.changes() == []
    life.now = moment("Tue 07:00")
    assert life.changes() == []


def test_moved_by_the_user_it_stays_and_goes_with_nothing(life: Life) -> None:
    life.move(CALM, "Tue 11:00-11:30")
    life.cancel("talk")
    life.apply()
    assert stand(life) == ALL | {CALM: "Tue 11:00-11:30"}, "the user has touched it"
    life.cancel("staff")
    life.apply()
    assert stand(life) == {CALM: "Tue 11:00-11:30"}, "without the run there is no air, and too little for a lunch"


def test_in_a_pause_of_unbusy_there_is_none(life: Life) -> None:
    life.meet("Tue 08:00-18:00", "unbusy: pause", uid="pause", more="")
    life.apply()
    assert stand(life) == {}
    life.cancel("pause")
    life.apply()
    assert stand(life) == ALL
