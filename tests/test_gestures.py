"""What the user does to our events, in one word or by an answer of their own: on real stores, with the ledger and
without it.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks of two hours stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import cycle
from daemon import undo as undoing
from daemon.journal import pages as journal
from daemon.model.figures.measure import measure_week
from daemon.model.owner import Field, OwnState
from daemon.model.plan import Delete
from daemon.model.user.gesture import Gesture
from living import ONLY_FOCUS, Life, local, said
from making import ME, moment
from shelves import Store
from test_ownership import settled

WED = "2026-W49/3"
STOP = "Where did you stop, and what is the next step?"


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The four blocks stand."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before the plan that is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def skipped(life: Life) -> set[str]:
    """What stands in the journal as skipped."""
    with life.runtime() as runtime:
        return {s.key for s in journal.read_skips(runtime.journal)}


# -- #skip ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda life: life.edit(WED, ("SUMMARY", "Focus #skip")), id="in the title"),
        pytest.param(lambda life: life.type(WED, (STOP, f"{STOP}\n#SKIP not today")), id="under a question"),
        pytest.param(lambda life: life.edit(WED, ("DESCRIPTION", "#skip")), id="in place of our text"),
        pytest.param(
            lambda life: life.type(WED, (STOP, f"{STOP}\n#Skip."), style=lambda t: t.replace("\n", "<br>")),
            id="on the web page of Google",
        ),
    ],
)
def test_skip_takes_the_event_away_for_good(
    life: Life, forget: Callable[[Life], None], write: Callable[[Life], None]
) -> None:
    write(life)
    forget(life)
    (change,) = life.plan().changes
    assert isinstance(change, Delete)
    assert (said(change), change.becomes, change.cause.ordered) == (f"delete {WED}", OwnState.SKIPPED, True)
    settled(life, forget)
    assert WED not in life.ours()
    assert skipped(life) == {WED}
    with life.runtime() as runtime:
        (skip,) = cycle.plan(runtime, life.now).observation.snapshot.skips
    assert (skip.key, skip.minutes) == (WED, 120)


def test_what_has_begun_is_skipped_and_stays(life: Life, forget: Callable[[Life], None]) -> None:
    life.now = life.now.replace(hour=10)
    name = life.name("2026-W49/1")
    life.edit("2026-W49/1", ("SUMMARY", "#skip"))
    before = life.get(name)
    assert [c for c in settled(life, forget).changes if "W49/1" in said(c)] == []
    assert life.get(name) == before
    assert skipped(life) == {"2026-W49/1"}


def test_a_skip_that_is_taken_back_is_no_skip(life: Life) -> None:
    life.now = life.now.replace(hour=10)
    name = life.name("2026-W49/1")
    whole = life.get(name)
    life.edit("2026-W49/1", ("SUMMARY", "#skip"))
    life.apply()
    life.put(name, whole)
    life.apply()
    assert life.changes() == []
    assert life.ours()["2026-W49/1"].edited == set()


def test_undo_brings_back_what_was_skipped(life: Life, forget: Callable[[Life], None]) -> None:
    """As the user's own from then on: the word is still there, and is no order any more."""
    life.edit(WED, ("SUMMARY", "Focus #skip"))
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    forget(life)
    assert life.changes() == []
    assert life.ours()[WED].pinned


# -- declined and cancelled -------------------------------------------------------------------------------------------

DECLINED = [
    pytest.param([("ATTENDEE", f";PARTSTAT=DECLINED:mailto:{ME}")], id="declined"),
    pytest.param(
        [("ORGANIZER", f"mailto:{ME}"), ("ATTENDEE", f";CN=Ada;PARTSTAT=DECLINED:mailto:{ME}")], id="as organizer"
    ),
    pytest.param([("STATUS", "CANCELLED")], id="cancelled"),
]


@pytest.mark.parametrize("lines", DECLINED)
def test_what_the_user_declines_or_cancels_is_skipped(
    life: Life, forget: Callable[[Life], None], lines: list[tuple[str, str]]
) -> None:
    life.edit(WED, *lines)
    name = next(n for n in life.names() if b"DECLINED" in life.get(n) or b"CANCELLED" in life.get(n))
    before = life.get(name)
    assert settled(life, forget).changes == ()
    assert life.get(name) == before
    assert WED not in life.ours()
    assert skipped(life) == {WED}
    life.meet("Wed 08:30-12:00")
    assert life.changes() == []


@pytest.mark.parametrize("lines", DECLINED)
def test_purge_takes_it_too(life: Life, lines: list[tuple[str, str]]) -> None:
    life.edit(WED, *lines)
    life.meet("Fri 09:00-10:00", uid="stays")
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert life.names() == ["stays.ics"]


def test_an_answer_of_yes_changes_nothing(life: Life, forget: Callable[[Life], None]) -> None:
    life.edit(WED, ("ORGANIZER", f"mailto:{ME}"), ("ATTENDEE", f";PARTSTAT=ACCEPTED:mailto:{ME}"))
    assert settled(life, forget).changes == ()
    assert WED in life.ours()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(("ATTENDEE", ";PARTSTAT=DECLINED:mailto:ben@example.com"), id="another's answer"),
        pytest.param(("ORGANIZER", "mailto:ben@example.com"), id="another's event"),
    ],
)
def test_with_anybody_else_in_it_it_is_not_ours(life: Life, line: tuple[str, str]) -> None:
    """Nor is it a skip: it stands there, and is never touched again."""
    name = life.name(WED)
    life.edit(WED, line, ("SUMMARY", "Focus #skip"))
    before = life.get(name)
    life.apply()
    assert life.changes() == []
    assert life.get(name) == before
    assert skipped(life) == set()


# -- #pin, #done ------------------------------------------------------------------------------------------------------


def test_pin_keeps_its_time(life: Life, forget: Callable[[Life], None]) -> None:
    life.type(WED, (STOP, f"{STOP}\n#pin"))
    life.meet("Wed 08:30-12:00")
    plan = settled(life, forget)
    assert [c for c in plan.changes if WED in said(c)] == []
    assert local(life.ours()[WED].event.when) == "Wed 09:00-11:00"
    assert life.ours()[WED].edited == {Field.TEXT, Field.WHEN}


def test_done_counts_as_kept_and_is_not_written_again(life: Life, forget: Callable[[Life], None]) -> None:
    life.type(WED, (STOP, f"{STOP}\nAt the end. #done"))
    name = life.name(WED)
    before = life.get(name)
    life.meet("Wed 08:30-12:00")
    life.configure(ONLY_FOCUS + "[policies.focus]\ntitle = 'Deep work'\nshow_as = 'busy'\n", "horizon = '1d'")
    assert [c for c in settled(life, forget).changes if WED in said(c)] == []
    assert life.get(name) == before
    assert sum(o.event.span.minutes for o in life.ours().values()) == 480
    life.now = life.now.replace(day=4, month=12)
    with life.runtime() as runtime:
        snapshot = cycle.plan(runtime, life.now).observation.snapshot
    assert snapshot.ours[2].gestures == {Gesture.DONE}
    assert measure_week(snapshot, snapshot.this_week).total("focus_kept") == 480


# -- #skip-week -------------------------------------------------------------------------------------------------------


def test_skip_week_rests_the_policy_until_the_week_ends(
    tmp_path: Path, store: Store, forget: Callable[[Life], None]
) -> None:
    life = Life(tmp_path, top="horizon = '7d'", store=store)
    life.apply()
    life.now = life.now.replace(hour=12)
    life.edit("2026-W49/2", ("SUMMARY", "Focus #skip-week"))
    forget(life)
    plan = life.plan()
    assert sorted(map(said, plan.changes)) == ["delete 2026-W49/3", "delete 2026-W49/4"]
    assert all(isinstance(c, Delete) and c.cause.ordered and c.becomes is OwnState.WITHDRAWN for c in plan.changes)
    settled(life, forget)
    assert {k for k in life.ours() if "W49" in k} == {"2026-W49/1", "2026-W49/2"}
    assert sum("W50" in k for k in life.ours()) == 4
    assert skipped(life) == set()


def test_it_ends_when_the_word_goes(life: Life) -> None:
    life.edit("2026-W49/2", ("SUMMARY", "Focus #skip-week"))
    life.apply()
    assert len(life.ours()) == 1
    life.edit("2026-W49/2", ("SUMMARY", "Focus"))
    life.apply()
    assert sum(o.event.span.minutes for o in life.ours().values()) == 480
    assert life.changes() == []


def test_it_is_no_matter_for_the_limits(life: Life) -> None:
    life.configure(ONLY_FOCUS, "horizon = '1d'\nmax_changes = 0")
    life.edit("2026-W49/2", ("SUMMARY", "Focus #skip-week"))
    assert life.plan().stopped == ""
    assert len(life.apply().changes) == 3


def test_other_policies_do_not_rest(tmp_path: Path, store: Store) -> None:
    life = Life(tmp_path, top="horizon = '1d'", store=store, policies="[policies.overload]\nenabled = false\n")
    life.apply()
    life.edit("2026-W49/2", ("SUMMARY", "Focus #skip-week"))
    for day in ("Tue", "Wed"):
        life.now = moment(f"{day} 07:30")
        life.apply()
    assert {k for k in life.ours() if k.startswith("day/")} == {"day/2026-12-01", "day/2026-12-02"}
    life.edit("day/2026-12-02", ("SUMMARY", "Journal #skip-week"))
    life.now = moment("Thu 07:30")
    life.apply()
    assert {k for k in life.ours() if k.startswith("day/")} == {"day/2026-12-01", "day/2026-12-02"}
    assert life.changes() == []
