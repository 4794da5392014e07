"""What every journal must be able to do, whatever it keeps its pages in (`daemon.journal.ports`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from clusters import Kept
from daemon.journal import Journal, JournalFolder, answers, nevers, pages, taken_back
from daemon.model.owner import Subject
from daemon.model.snapshot import Skip
from daemon.model.user.entry import Entry
from daemon.model.user.never import Never
from daemon.model.user.taken_back import Noted, TakenBack
from remembering import JournalInMemory

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 4)
SKIP = Skip("focus", "2026-W49/1", TUESDAY, 120)
ENTRY = Entry(
    policy="focus", key="2026-W49/1", day=MONDAY, at="2026-11-30T09:00", event="Focus", evidence="", question="Next?",
    text="Write.",
)  # fmt: skip


@pytest.fixture(params=["in a folder", "in PostgreSQL", "in memory"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    if request.param == "in PostgreSQL":
        leader: Kept = request.getfixturevalue("leader")
        return leader.journal()
    return JournalFolder(tmp_path / "journal") if request.param == "in a folder" else JournalInMemory()


def test_a_new_one_is_empty(journal: Journal) -> None:
    assert list(journal.pages()) == []


def test_a_page_begins_with_its_day_and_grows(journal: Journal) -> None:
    journal.rewrite(TUESDAY, lambda text: text + "one\n")
    journal.rewrite(TUESDAY, lambda text: text + "two\n")
    assert list(journal.pages()) == [(TUESDAY, "# 2026-12-01\n\none\ntwo\n")]


@pytest.mark.parametrize("text", ["", "é – 𝛼\n", "\udcff no UTF-8\n", "a\r\nb\r", "\0\n"])
def test_what_is_written_is_read_to_the_letter(journal: Journal, text: str) -> None:
    journal.rewrite(TUESDAY, lambda before: before + text)
    assert list(journal.pages()) == [(TUESDAY, f"# 2026-12-01\n\n{text}")]


def test_pages_come_by_day_and_of_the_days_that_are_asked_for(journal: Journal) -> None:
    for day in (FRIDAY, MONDAY, TUESDAY):
        journal.rewrite(day, lambda text: text + "a")
    assert [day for day, _ in journal.pages()] == [MONDAY, TUESDAY, FRIDAY]
    assert [day for day, _ in journal.pages(TUESDAY, FRIDAY)] == [TUESDAY, FRIDAY]
    assert [day for day, _ in journal.pages(last=MONDAY)] == [MONDAY]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_change_that_fails_changes_nothing(journal: Journal, error: type[BaseException]) -> None:
    def fails(_: str) -> str:
        raise error

    journal.rewrite(TUESDAY, lambda text: text + "one\n")
    before = list(journal.pages())
    with pytest.raises(error):
        journal.rewrite(TUESDAY, fails)
    assert list(journal.pages()) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda journal: pages.note_skips(journal, TUESDAY, [(SKIP, "Focus")]), id="skips"),
        pytest.param(lambda journal: answers.file(journal, [ENTRY]), id="answers"),
    ],
)
def test_the_same_again_changes_nothing(journal: Journal, change: Callable[[Journal], None]) -> None:
    change(journal)
    before = list(journal.pages())
    change(journal)
    assert list(journal.pages()) == before
    assert len(before) == 1


def test_skips_and_answers_stand_beside_each_other(journal: Journal) -> None:
    pages.note_skips(journal, MONDAY, [(SKIP, "Focus")])
    answers.file(journal, [ENTRY])
    pages.append(journal, MONDAY, "A line of the user's.\n")
    assert pages.read_skips(journal) == (SKIP,)
    assert [block.entry for block in answers.read(journal)] == [ENTRY]


LENA = Never(Subject("person:lena@example.com", "Lena"), "network", "2026-W49/one", TUESDAY)
BACK = Noted(
    policy="focus", key="2026-W49/1", generation=0, day=TUESDAY, minutes=120,
    taken_back=TakenBack(on=TUESDAY, digest="ab12"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("note", "read", "said", "unsaid"),
    [
        pytest.param(
            lambda journal, what: pages.note_skips(journal, TUESDAY, [(what, "Focus")]), pages.read_skips,
            SKIP, replace(SKIP, minutes=90), id="a skip",
        ),
        pytest.param(
            lambda journal, what: taken_back.note(journal, TUESDAY, [(what, "Focus")]), taken_back.read,
            BACK, replace(BACK, taken_back=None), id="taken back, wanted again",
        ),
        pytest.param(
            lambda journal, what: nevers.note(journal, TUESDAY, [what]), nevers.read,
            LENA, replace(LENA, holds=False), id="never again, forgotten",
        ),
    ],
)  # fmt: skip
def test_what_was_said_last_counts_also_where_it_was_said_before_on_that_day(
    journal: Journal, note: Callable[[Journal, Struct], None], read: Callable[[Journal], tuple[Struct, ...]],
    said: Struct, unsaid: Struct,
) -> None:  # fmt: skip
    for what in (said, unsaid, said):
        note(journal, what)
        assert read(journal) == (what,)
