"""Answers in the journal: word for word, updated by later edits, and nobody's words are ever written over."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.journal import JournalFolder
from daemon.journal import answers as diary
from daemon.journal.pages import note_skips, read_skips
from daemon.model.snapshot import Skip
from daemon.model.user.entry import Entry

DAY = date(2026, 12, 3)
ENTRY = Entry(
    policy="reflection", key="day/2026-12-03", day=DAY, at="2026-12-03T16:30", event="Journal",
    evidence="A few lines at the end of Thursday, while it is fresh.", question="What went well?",
    text="The deploy.\n\n- all of *it*",
)  # fmt: skip
OTHER = replace(ENTRY, question="What of ‘Board [1]’ was yours to change?", text="Nothing")

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def page(folder: Path, day: date = DAY) -> str:
    return (folder / f"{day}.md").read_bytes().decode()


def edit(folder: Path, old: str, new: str) -> None:
    """The user edits a file of the journal."""
    text = page(folder)
    assert old in text
    (folder / f"{DAY}.md").write_text(text.replace(old, new))


def entries(folder: Path) -> list[Entry]:
    return [block.entry for block in diary.read(JournalFolder(folder))]


def test_an_answer_as_it_stands_in_the_file(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY])
    plain = re.sub(r"question=\w+&text=\w+", "…", page(folder))
    assert plain == (
        "# 2026-12-03\n\n\n"
        "## What went well? <!-- unbusy answer policy=reflection&key=day/2026-12-03&at=2026-12-03T16:30&… -->\n\n"
        "Thu 3 Dec 2026 16:30, Journal\nWhy: A few lines at the end of Thursday, while it is fresh.\n\n"
        "> The deploy.\n>\n> - all of *it*\n"
    )


def test_beside_an_answer_stand_the_id_of_its_question_and_its_calendar(folder: Path) -> None:
    known = replace(ENTRY, question_id="wins-forward", calendar="work/My Calendar&x")
    diary.file(JournalFolder(folder), [known])
    assert "&calendar=work/My+Calendar%26x&id=wins-forward&question=" in page(folder)
    assert entries(folder) == [known]


def test_an_answer_that_was_filed_without_an_id_is_read_as_before_and_not_rewritten(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY])
    before = page(folder)
    diary.file(JournalFolder(folder), [replace(ENTRY, question_id="wins-forward", calendar="work/Work")])
    assert page(folder) == before
    assert entries(folder) == [ENTRY]


def test_answers_come_back_as_they_were_filed(folder: Path) -> None:
    note = replace(ENTRY, question="", text="By the way", at="2026-12-03", evidence="")
    diary.file(JournalFolder(folder), [ENTRY, OTHER, note])
    assert entries(folder) == [note, ENTRY, OTHER]


def test_filing_again_writes_nothing(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    before = page(folder), (folder / f"{DAY}.md").stat().st_ino
    diary.file(JournalFolder(folder), [OTHER, ENTRY])
    assert (page(folder), (folder / f"{DAY}.md").stat().st_ino) == before


def test_what_was_typed_into_an_event_that_was_made_anew_stands_beside_it(folder: Path) -> None:
    """However alike the two are."""
    diary.file(JournalFolder(folder), [ENTRY])
    diary.file(JournalFolder(folder), [replace(ENTRY, text=f"{ENTRY.text}, again", generation=1)])
    diary.file(JournalFolder(folder), [replace(ENTRY, text=f"{ENTRY.text}, and again", generation=1)])
    assert [e.text for e in entries(folder)] == [f"{ENTRY.text}\n\n{ENTRY.text}, and again"]
    assert [e.generation for e in entries(folder)] == [1]


def test_a_later_edit_updates_it(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    later = replace(ENTRY, text="The deploy.\n\n- all of *it*\n- and the rest")
    diary.file(JournalFolder(folder), [later, OTHER])
    assert entries(folder) == [later, OTHER]
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    assert entries(folder) == [ENTRY, OTHER]


def test_an_answer_that_is_gone_from_the_calendar_stays(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    before = page(folder)
    diary.file(JournalFolder(folder), [OTHER])
    diary.file(JournalFolder(folder), [])
    assert page(folder) == before


def test_what_has_nothing_in_common_with_the_old_answer_is_kept_beside_it(folder: Path) -> None:
    """Two phones may have written over each other."""
    diary.file(JournalFolder(folder), [ENTRY])
    other = replace(ENTRY, text="Kids were ill; we cancelled everything")
    diary.file(JournalFolder(folder), [other])
    assert "> The deploy." in page(folder)
    assert "\nLater, on the calendar:\n\n> Kids were ill; we cancelled everything\n" in page(folder)
    before = page(folder)
    diary.file(JournalFolder(folder), [other])
    assert page(folder) == before


def test_what_the_user_edits_in_the_file_stays(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY])
    edit(folder, "> The deploy.", "> The deploy, at last.")
    before = page(folder)
    diary.file(JournalFolder(folder), [ENTRY])
    assert page(folder) == before
    assert entries(folder)[0].text == "The deploy, at last.\n\n- all of *it*"


def test_edited_on_both_sides_both_stand(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY])
    edit(folder, "> The deploy.", "> The deploy, at last.\n\nMore, by hand.")
    later = replace(ENTRY, text=f"{ENTRY.text}\n- and tests")
    for _ in range(2):
        diary.file(JournalFolder(folder), [later])
    assert "> The deploy, at last." in page(folder)
    assert "More, by hand." in page(folder)
    assert page(folder).count("- and tests") == 1
    (block,) = diary.read(JournalFolder(folder))
    assert block.versions[-1] == later.text


def test_other_words_in_the_file_stay_to_the_byte(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    edit(folder, "\n## What of", "\nMy own paragraph \\* with > signs\n\n# A heading\r\n\n> a quote\n\n## What of")
    note_skips(JournalFolder(folder), DAY, [(Skip("focus", "2026-W49/1", DAY, 60), "Focus")])
    before = page(folder)
    later = replace(OTHER, text="Nothing at all")
    diary.file(JournalFolder(folder), [ENTRY, later])
    assert page(folder) == re.sub(r"(> Nothing)\n", r"\1 at all\n", before).replace(
        *(re.findall(r"&text=\w+", text)[1] for text in (before, page(folder)))
    )
    assert len(read_skips(JournalFolder(folder))) == 1


def test_an_event_that_was_moved_is_updated_where_it_was_filed(folder: Path) -> None:
    diary.file(JournalFolder(folder), [ENTRY])
    diary.file(
        JournalFolder(folder),
        [replace(ENTRY, day=date(2026, 12, 4), at="2026-12-04T16:30", text=f"{ENTRY.text}\nmore")],
    )
    assert [p.name for p in folder.iterdir()] == ["2026-12-03.md"]
    assert "> more" in page(folder)


def test_days_are_read_as_asked(folder: Path) -> None:
    for n in (1, 2, 3, 4):
        diary.file(JournalFolder(folder), [replace(ENTRY, day=date(2026, 12, n), key=f"day/{n}")])
    (folder / "2026-13-01.md").write_text(page(folder))
    (folder / "notes.md").write_text(page(folder))
    found = diary.read(JournalFolder(folder), date(2026, 12, 2), date(2026, 12, 3))
    assert [b.entry.key for b in found] == ["day/2", "day/3"]
    assert diary.answers(found) == {("reflection", f"day/{n}"): (ENTRY.text,) for n in (2, 3)}


def test_what_will_be_filed_is_known_before(folder: Path) -> None:
    """`plan` shows what `apply` does: an answer counts as soon as it is on the calendar."""
    diary.file(JournalFolder(folder), [ENTRY, OTHER])
    edit(folder, "> Nothing", "> Nothing, by hand")
    later = replace(ENTRY, text="The deploy.\n\n- all of *it*, and more")
    ahead = diary.answers(diary.with_entries(diary.read(JournalFolder(folder)), [later, OTHER]).values())
    diary.file(JournalFolder(folder), [later, OTHER])
    assert ahead == diary.answers(diary.read(JournalFolder(folder)))
    assert ahead["reflection", ENTRY.key] == (later.text, "Nothing, by hand")


@settings(max_examples=60)
@given(text=texts, question=texts, event=texts)
@example(text="> a\n>\n>> b\n- Skipped: x", question="## x <!-- unbusy answer a -->", event="a, b. c")
@example(text="## x <!-- unbusy answer policy=a&key=b&at=c&question=d&text=e -->", question="\\*", event="Thu 3 Dec")
def test_whatever_is_typed_comes_back(text: str, question: str, event: str) -> None:
    asked = replace(ENTRY, text=f"word{text}end", question=question, event=event)
    with tempfile.TemporaryDirectory() as name:
        diary.file(JournalFolder(Path(name)), [asked, OTHER])
        diary.file(JournalFolder(Path(name)), [asked, OTHER])
        first, second = entries(Path(name))
    assert first.text == re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", asked.text)
    assert second == OTHER
