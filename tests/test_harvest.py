"""What is typed under the questions: in the journal word for word, and back on the calendar where it is of use."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.cli.app import main
from daemon.journal import answers as diary
from daemon.model.text import FOOTER
from daemon.model.user.entry import Entry
from living import ONLY_FOCUS, Life, said
from making import moment
from shelves import Store
from test_ownership import settled

MON, TUE = "2026-W49/1", "2026-W49/2"
TUESDAY_MORNING = moment("Tue 07:30")
STOP = "Where did you stop, and what is the next step?"
WORDS = "At chapter 2; it was <b>hard</b>, & late\n\n- ask Ben"
ONLY_REFLECTION = "[policies.overload]\nenabled = false\n[policies.focus]\nenabled = false\n"

STYLES = [
    pytest.param(str, id="plain"),
    pytest.param(lambda t: t.replace("\n", "\r\n"), id="other line ends"),
    pytest.param(lambda t: html.escape(t, quote=False).replace("\n", "<br>"), id="the web page of Google"),
    pytest.param(lambda t: "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in t.split("\n")), id="boxes"),
]


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """Four blocks stand, on Monday to Thursday from 09:00 to 11:00; now it is Monday 12:00."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    life.now = life.now.replace(hour=12)
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def filed(life: Life) -> list[Entry]:
    with life.runtime() as runtime:
        return [block.entry for block in diary.read(runtime.journal)]


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_is_filed_with_its_question_event_and_evidence(life: Life, style: Callable[[str], str]) -> None:
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"), style=style)
    life.apply()
    (entry,) = filed(life)
    assert (entry.question, entry.text) == (STOP, WORDS)
    assert (entry.day.isoformat(), entry.at, entry.event) == ("2026-11-30", "2026-11-30T09:00", "Focus")
    assert entry.evidence == "Mon 09:00: two hours of the times that you prefer."


def test_plan_files_nothing(life: Life) -> None:
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"))
    life.plan()
    assert filed(life) == []


def test_a_cycle_without_anything_to_write_files_it_too(life: Life, forget: Callable[[Life], None]) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    life.apply()
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"))
    assert settled(life, forget).changes == ()
    assert [e.text for e in filed(life)] == [WORDS]


def test_later_edits_update_it_and_the_event_keeps_its_words(life: Life, forget: Callable[[Life], None]) -> None:
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"))
    life.apply()
    life.type(MON, (WORDS, f"{WORDS}, and Ann"), (FOOTER, f"{FOOTER}\nWrite"))
    forget(life)
    life.apply()
    assert [(e.question, e.text) for e in filed(life)] == [(STOP, f"{WORDS}, and Ann"), ("", "Write")]
    assert f"{WORDS}, and Ann" in life.text(MON)


@pytest.mark.parametrize("go", [Life.delete, lambda life, key: life.edit(key, ("SUMMARY", "#skip"))])
def test_an_event_that_goes_leaves_its_answer(life: Life, go: Callable[[Life, str], None]) -> None:
    life.type(TUE, (STOP, f"{STOP}\n{WORDS}"))
    life.apply()
    go(life, TUE)
    life.apply()
    assert TUE not in life.ours()
    assert [e.text for e in filed(life)] == [WORDS]


def test_skip_files_the_words_around_it_before_the_event_goes(life: Life) -> None:
    life.type(TUE, (STOP, f"{STOP}\nToo tired. #skip"))
    assert [said(c) for c in life.apply().changes] == [f"delete {TUE}"]
    assert [e.text for e in filed(life)] == ["Too tired. #skip"]


def test_purge_files_what_was_typed_first(life: Life) -> None:
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"))
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert [e.text for e in filed(life)] == [WORDS]


# -- back on the calendar ---------------------------------------------------------------------------------------------


def test_an_answer_opens_the_next_block(life: Life, forget: Callable[[Life], None]) -> None:
    before = life.text(TUE)
    life.type(MON, (STOP, f"{STOP}\nAt chapter 2"))
    forget(life)
    assert life.changes() == [], "what it takes over is written in the morning of its day"
    life.now = TUESDAY_MORNING
    assert life.changes() == [f"update {TUE} text"]
    settled(life, forget)
    assert life.text(TUE) == f"On Mon 30 Nov you wrote: “At chapter 2”\n{before}"
    assert "chapter" not in life.text("2026-W49/3")
    life.now += timedelta(days=1)
    settled(life, forget)
    assert "chapter 2" in life.text("2026-W49/3")
    assert "chapter 2" in life.text(TUE), "what has begun stays"


@pytest.mark.parametrize("words", ["#done", "#Done.", "#pin #done", "(#done)", "\n#done\n\n#pin\n"])
def test_orders_alone_are_no_answer(life: Life, forget: Callable[[Life], None], words: str) -> None:
    life.type(MON, (STOP, f"{STOP}\n{words}"))
    life.now = TUESDAY_MORNING
    settled(life, forget)
    assert filed(life) == []
    assert "you wrote" not in life.text(TUE)


def test_two_answers_are_two_lines(life: Life, forget: Callable[[Life], None]) -> None:
    before = life.text(TUE)
    life.type(MON, (STOP, f"{STOP}\nAt chapter 2\n#done"), (FOOTER, f"{FOOTER}\nChapter 3"))
    life.now = TUESDAY_MORNING
    settled(life, forget)
    assert life.text(TUE) == f"On Mon 30 Nov you wrote: “At chapter 2”\n“Chapter 3”\n{before}"


def test_words_that_we_quote_are_no_gesture(life: Life) -> None:
    life.type(MON, (STOP, f"{STOP}\n#done, but not well"))
    life.now = TUESDAY_MORNING
    life.apply()
    assert "“but not well”" in life.text(TUE)
    life.type(TUE, (STOP, f"{STOP}\nHere"))
    life.apply()
    assert not life.ours()[TUE].gestures
    assert life.changes() == []


def test_the_weekly_review_quotes_the_answers_of_its_week(tmp_path: Path, forget: Callable[[Life], None]) -> None:
    life = Life(tmp_path, top="horizon = '1d'", policies=ONLY_REFLECTION)
    life.now = TUESDAY_MORNING
    life.apply()
    (question, *_) = [line for line in life.text("day/2026-12-01").split("\n") if line.startswith("▸")]
    life.type("day/2026-12-01", (question, f"{question}\nSaid no, twice"))
    life.apply()
    (answer,) = filed(life)
    assert answer.question_id in life.ours()["day/2026-12-01"].mark.questions
    assert answer.calendar == life.ours()["day/2026-12-01"].event.ref.calendar
    life.now += timedelta(days=3)
    settled(life, forget)
    assert "Tue 1 Dec, no meetings: “Said no, twice”" in life.text("week/2026-W49")
    life.type("week/2026-W49", ("▸", "▸"), (FOOTER, f"Slowly\n{FOOTER}"))
    life.apply()
    assert filed(life)[-1].text == "Slowly"


# -- the command line -------------------------------------------------------------------------------------------------


def test_the_journal_is_shown_searched_and_exported(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    life.type(MON, (STOP, f"{STOP}\n{WORDS}"), (FOOTER, f"{FOOTER}\nWrite"))
    life.apply()

    def run(*args: str) -> str:
        assert main(["--config", str(life.base / "config.toml"), "--now", "2026-12-02T09:00", "journal", *args]) == 0
        return capsys.readouterr().out

    assert run("show") == (
        "Monday 30 November 2026\n  09:00  Focus\n      Write\n    Where did you stop, and what is the next step?\n"
        "      At chapter 2; it was <b>hard</b>, & late\n\n      - ask Ben\n"
    )
    assert run("show", "--from", "2026-12-01") == "Nothing was written in these days.\n"
    assert "Write" not in run("search", "BEN", "chapter")
    assert run("search", "Ben", "Write") == "Nothing was found.\n"
    rows = json.loads(run("export", "--json"))["entries"]
    assert [(r["day"], r["policy"], r["key"], r["question"], r["text"]) for r in rows] == [
        ("2026-11-30", "focus", MON, "", "Write"), ("2026-11-30", "focus", MON, STOP, WORDS),
    ]  # fmt: skip
    assert run("export").encode() == (life.base / "state/journal/2026-11-30.md").read_bytes()


def test_a_day_that_is_none(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(life.base / "config.toml"), "journal", "show", "--from", "soon"]) == 2
    assert "'soon' is not a day" in capsys.readouterr().err
