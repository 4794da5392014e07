"""Slots and their questions over a day of runs: made once, replaced once, and the same without a ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from daemon.journal import answers as diary
from daemon.model.plan import Update
from daemon.model.user.entry import Entry
from living import Life, said
from making import moment

ONLY_REFLECTION = "[policies.overload]\nenabled = false\n[policies.focus]\nenabled = false\n"
THU = "day/2026-12-03"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Thursday 07:00 with a go/no-go at 10:00; its journal stands."""
    life = Life(tmp_path, policies=ONLY_REFLECTION, store="memory", now="Thu 07:00")
    life.meet("Thu 10:00-11:00", "Go/no-go", uid="gate")
    assert [said(c) for c in life.apply().changes] == ["create day/2026-12-03 Thu 17:20-17:30"]
    assert "‘Go/no-go’ (Thu 10:00)" in life.text(THU)
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def test_nothing_is_made_for_the_days_ahead(life: Life) -> None:
    assert set(life.ours()) == {THU}


def test_its_words_stay_whatever_comes_up(life: Life, forget: Callable[[Life], None]) -> None:
    before = life.text(THU)
    life.meet("Thu 12:00-13:00", "Outage")
    life.meet("Thu 14:00-16:00", "Vendor escalation")
    life.now = moment("Thu 15:00")
    forget(life)
    assert life.changes() == []
    assert life.text(THU) == before


def test_a_question_about_a_meeting_that_is_cancelled_is_replaced_once(
    life: Life, forget: Callable[[Life], None]
) -> None:
    (_, general) = [line for line in life.text(THU).split("\n") if line.startswith("▸")]
    life.cancel("gate")
    life.now = moment("Thu 15:00")
    forget(life)
    (change,) = life.apply().changes
    assert isinstance(change, Update)
    assert said(change) == "update day/2026-12-03 text"
    first, second = [line for line in life.text(THU).split("\n") if line.startswith("▸")]
    assert first == general
    assert "Go/no-go" not in life.text(THU)
    assert len(life.ours()[THU].mark.questions) == 2
    forget(life)
    assert life.changes() == []
    assert second in life.text(THU)


def test_once_it_has_begun_its_words_are_history(life: Life) -> None:
    life.cancel("gate")
    life.now = moment("Thu 17:25")
    assert life.changes() == []


def test_what_the_user_typed_into_stays_whatever_becomes_of_the_meeting(life: Life) -> None:
    (question, *_) = [line for line in life.text(THU).split("\n") if line.startswith("▸")]
    life.type(THU, (question, f"{question}\nBen decides."))
    life.cancel("gate")
    life.now = moment("Thu 15:00")
    assert life.changes() == []
    assert "Ben decides." in life.text(THU)


def test_the_next_journal_asks_something_else_also_without_a_ledger(life: Life, forget: Callable[[Life], None]) -> None:
    asked = set(life.ours()[THU].mark.questions)
    life.now = moment("Mon+1 07:30")
    life.meet("Mon+1 10:00-11:00", "Go/no-go", uid="gate-2")
    forget(life)
    life.apply()
    marks = life.ours()
    assert not asked & set(marks["day/2026-12-07"].mark.questions)
    assert "Go/no-go" not in life.text("day/2026-12-07"), "it was asked about four days before"


def test_words_come_back_over_the_turn_of_a_quarter(tmp_path: Path) -> None:
    """They are older than the window, and than the quarter of the review that returns them."""
    life = Life(tmp_path, policies=ONLY_REFLECTION, store="memory", now="Fri+8 07:30")
    with life.runtime() as runtime:
        entry = Entry(
            policy="reflection", key="day/2026-12-18", day=date(2026, 12, 18), at="2026-12-18T17:00", event="Journal",
            evidence="", question="And?", text="If it slips again I will stop it.", calendar="work/Work",
        )  # fmt: skip
        diary.file(runtime.journal, [entry])
    life.apply()
    assert "On 18 Dec you wrote: “If it slips again I will stop it.” What happened?" in life.text("month/2027-01")


def test_each_question_is_replaced_once_though_its_text_was_written_on_that_day(tmp_path: Path) -> None:
    off = "[policies.overload]\nenabled = false\n[policies.focus]\nenabled = false\n"
    more = "[policies.objectives]\nenabled = false\n[policies.reflection]\ndaily = false\nreview_questions = 3\n"
    life = Life(tmp_path, policies=f"{off}{more}", store="memory", now="Fri 07:00")
    for uid, title in (("a", "Go/no-go"), ("b", "Steering")):
        life.meet(f"Wed {'10:00-11:00' if uid == 'a' else '13:00-14:00'}", title, uid=uid)
    life.apply()
    review = "week/2026-W49"
    assert "Go/no-go" in life.text(review)
    assert "Steering" in life.text(review)
    for clock, uid, title in (("10:00", "a", "Go/no-go"), ("12:00", "b", "Steering")):
        life.now = moment(f"Fri {clock}")
        life.cancel(uid)
        assert [said(c) for c in life.apply().changes] == [f"update {review} text"]
        assert title not in life.text(review)
        assert life.changes() == []
    assert len(set(life.ours()[review].mark.questions)) == 3
