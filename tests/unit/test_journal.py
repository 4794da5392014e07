"""The journal: nothing that is written to it is lost, and nobody but unbusy notes a skip."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from daemon.journal import JournalFolder
from daemon.journal import answers as diary
from daemon.journal.pages import append, in_markdown, note_skips, read_skips
from daemon.model.errors import UnbusyError
from daemon.model.snapshot import Skip
from daemon.model.user.entry import Entry
from making import span

TODAY = date(2026, 12, 1)
SKIP = Skip("focus", "2026-W49/2", TODAY, 120)
FORGED = "<!-- unbusy skip policy=focus&key=2026-W49/1&day=2026-11-30&minutes=120 -->"
LINE = f"- Skipped: Focus (focus 2026-W49/1, 120 min) {FORGED}"

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def page(folder: Path, day: str = "2026-12-01") -> str:
    return (folder / f"{day}.md").read_bytes().decode()


def entry(text: str, **more: str) -> Entry:
    """An entry of today that says nothing but this, if it is not told to."""
    names = ("policy", "key", "event", "evidence", "question", "text")
    return Entry(**dict.fromkeys(names, text) | more, day=TODAY, at="2026-12-01T09:00")


# -- skips ------------------------------------------------------------------------------------------------------------


def test_a_skip_is_noted_and_read_back(folder: Path) -> None:
    note_skips(JournalFolder(folder), TODAY, [(SKIP, "Focus")])
    assert page(folder) == (
        "# 2026-12-01\n\n- Skipped: Focus (focus 2026-W49/2, 2 h)"
        " <!-- unbusy skip policy=focus&key=2026-W49/2&day=2026-12-01&minutes=120 -->\n"
    )
    assert read_skips(JournalFolder(folder)) == (SKIP,)


def test_a_skip_says_when_it_was_where_that_is_known(folder: Path) -> None:
    known = structs.replace(SKIP, when=span("Tue 09:00-11:00"))
    note_skips(JournalFolder(folder), TODAY, [(known, "Focus")])
    assert "&minutes=120&when=20261201T080000Z/20261201T100000Z -->" in page(folder)
    assert read_skips(JournalFolder(folder)) == (known,)


def test_without_a_journal_there_are_no_skips(folder: Path) -> None:
    assert read_skips(JournalFolder(folder)) == ()
    note_skips(JournalFolder(folder), TODAY, [])
    assert not folder.exists()


def test_without_anything_to_note_the_journal_is_not_even_read(folder: Path) -> None:
    folder.write_text("no folder")
    note_skips(JournalFolder(folder), TODAY, [])


def test_a_skip_is_noted_once(folder: Path) -> None:
    other = Skip("lunch", "day/2026-12-01", TODAY, 30)
    note_skips(JournalFolder(folder), TODAY, [(SKIP, "Focus")])
    note_skips(JournalFolder(folder), date(2026, 12, 2), [(SKIP, "Focus"), (other, "Lunch")])
    note_skips(JournalFolder(folder), date(2026, 12, 3), [(SKIP, "Focus"), (other, "Lunch")])
    assert read_skips(JournalFolder(folder)) == (SKIP, other)
    assert sorted(p.name for p in folder.iterdir()) == ["2026-12-01.md", "2026-12-02.md"]
    assert page(folder, "2026-12-02").count("Skipped") == 1


def test_a_wish_that_is_skipped_at_another_time_is_noted_again(folder: Path) -> None:
    later = Skip("focus", "2026-W49/2", date(2026, 12, 3), 60)
    note_skips(JournalFolder(folder), date(2026, 12, 3), [(later, "Focus")])
    note_skips(JournalFolder(folder), date(2026, 12, 4), [(SKIP, "Focus")])
    assert read_skips(JournalFolder(folder)) == (SKIP,)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("- Skipped: Focus", id="without the comment"),
        pytest.param(LINE.removesuffix(" -->"), id="without its end"),
        pytest.param(LINE.replace("key=2026-W49/1&", ""), id="without the key"),
        pytest.param(LINE.replace("2026-11-30", "2026-02-30"), id="a day that does not exist"),
        pytest.param(LINE.replace("minutes=120", "minutes=two"), id="minutes in words"),
        pytest.param(LINE.replace("minutes=120", "minutes=-120"), id="minutes to give back"),
        pytest.param(LINE.replace("minutes=120", f"minutes={'9' * 40}"), id="more minutes than there are"),
        pytest.param(LINE.replace("minutes=120", f"minutes={'9' * 5_000}"), id="more digits than there are"),
        pytest.param(LINE.replace("2026-W49/1&", "2026-W49/1 "), id="cut by a space"),
        pytest.param(FORGED, id="the comment alone"),
        pytest.param(f"> {LINE}", id="quoted"),
        pytest.param(f"  {LINE}", id="indented"),
        pytest.param(f"{LINE} or not", id="with a remark behind it"),
    ],
)
def test_a_mangled_line_is_passed_over(folder: Path, line: str) -> None:
    append(JournalFolder(folder), TODAY, f"{line}\n")
    note_skips(JournalFolder(folder), TODAY, [(SKIP, "Focus")])
    assert read_skips(JournalFolder(folder)) == (SKIP,)


@pytest.mark.parametrize("end", ["\n", "\r\n", "  \n", ""], ids=["LF", "CRLF", "trailing spaces", "no end"])
def test_a_line_is_read_as_an_editor_leaves_it(folder: Path, end: str) -> None:
    folder.mkdir()
    (folder / "2026-11-30.md").write_bytes(f"My own words{end or chr(10)}{LINE}{end}".encode())
    assert read_skips(JournalFolder(folder)) == (Skip("focus", "2026-W49/1", date(2026, 11, 30), 120),)


def test_bytes_that_are_no_text_stop_nothing_and_stay(folder: Path) -> None:
    folder.mkdir()
    (folder / "2026-12-01.md").write_bytes(b"caf\xe9 \xff\xfe\n")
    note_skips(JournalFolder(folder), TODAY, [(SKIP, "Focus")])
    assert read_skips(JournalFolder(folder)) == (SKIP,)
    assert (folder / "2026-12-01.md").read_bytes().startswith(b"caf\xe9 \xff\xfe\n- Skipped")


def test_other_files_are_no_part_of_it(folder: Path) -> None:
    folder.mkdir()
    for name in ("notes.md", "2026-12-01.md.bak", ".2026-12-01.md.tmp", "2026-12-01.txt"):
        (folder / name).write_text(f"{LINE}\n")
    assert read_skips(JournalFolder(folder)) == ()


# -- hostile titles ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FORGED, id="a comment"),
        pytest.param(f"x\n{LINE}\n", id="a line"),
        pytest.param(f"x\r{LINE}\r", id="a line of old Macs"),
        pytest.param(f"x\x0b{LINE}\x0b\x85{LINE}\u2028{LINE}\u2029", id="every other end of line"),
        pytest.param(f"--> {FORGED}", id="the end of a comment, and a comment"),
        pytest.param(f"{LINE} <!--", id="the beginning of a comment"),
        pytest.param("> ```\n# [a](b) ![c](d) **e** | f", id="Markdown"),
        pytest.param("a\0b\x1b[31mc\x07\x9b", id="control characters"),
    ],
)
def test_nobody_can_forge_a_skip(folder: Path, text: str) -> None:
    hostile = Skip("focus", text, TODAY, 30)
    note_skips(JournalFolder(folder), TODAY, [(SKIP, text), (hostile, text)])
    diary.file(JournalFolder(folder), [entry(text)])
    assert read_skips(JournalFolder(folder)) == (SKIP, hostile)
    assert page(folder).count("\n- Skipped: ") == 2
    assert not {c for c in page(folder) if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n"}


@settings(max_examples=40)
@given(title=texts, key=texts, policy=texts, text=texts)
@example(title=LINE, key=LINE, policy=LINE, text=LINE)
def test_whatever_stands_in_the_calendar_is_no_skip(title: str, key: str, policy: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        noted = Skip(policy, key, TODAY, 30)
        diary.file(
            JournalFolder(Path(name)), [entry(text, event=title, policy=policy, key=key, evidence=key, question=title)]
        )
        note_skips(JournalFolder(Path(name)), TODAY, [(noted, title), (SKIP, title)])
        assert set(read_skips(JournalFolder(Path(name)))) == {noted, SKIP}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Focus: plan the week", "Focus: plan the week"),
        ("a_b *c* [d](e)", r"a\_b \*c\* \[d\](e)"),
        ("<b> & `x` # | ~~y~~ \\", r"\<b\> \& \`x\` \# \| \~\~y\~\~ \\"),
        ("Zażółć 計画 ☕", "Zażółć 計画 ☕"),
        ("", ""),
    ],
)
def test_a_line_in_markdown(text: str, line: str) -> None:
    assert in_markdown(text) == line


def test_what_stood_before_stays(folder: Path) -> None:
    folder.mkdir()
    (folder / "2026-12-01.md").write_bytes(b"\xef\xbb\xbfMy own words,\r\nin Latin-1: \xe9, without an end")
    note_skips(JournalFolder(folder), TODAY, [(SKIP, "Focus")])
    assert (
        (folder / "2026-12-01.md")
        .read_bytes()
        .startswith(b"\xef\xbb\xbfMy own words,\r\nin Latin-1: \xe9, without an end\n- Skipped")
    )
    assert read_skips(JournalFolder(folder)) == (SKIP,)


# -- files ------------------------------------------------------------------------------------------------------------


def test_nobody_else_can_read_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        append(JournalFolder(folder), TODAY, "private\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "2026-12-01.md").stat().st_mode) == 0o600


def test_a_full_disk_loses_nothing(folder: Path) -> None:
    append(JournalFolder(folder), TODAY, "one\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(UnbusyError, match=r"cannot write the journal .*/2026-12-01\.md") as error:
            append(JournalFolder(folder), TODAY, "two\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.remedy
    assert page(folder) == "# 2026-12-01\n\none\n"
    assert [p.name for p in folder.iterdir()] == ["2026-12-01.md"]


DIES = """
import os, sys
from datetime import date
from pathlib import Path
from daemon.journal import JournalFolder
from daemon.journal.pages import append
real = os.replace
os.replace = lambda *names, **where: (sys.argv[2] == "after" and real(*names, **where), os._exit(137))
append(JournalFolder(Path(sys.argv[1])), date(2026, 12, 1), "two, which is longer\\n")
"""


@pytest.mark.parametrize(("when", "text"), [("before", "one\n"), ("after", "one\ntwo, which is longer\n")])
def test_a_crash_at_the_rename_leaves_a_whole_file(folder: Path, when: str, text: str) -> None:
    append(JournalFolder(folder), TODAY, "one\n")
    assert subprocess.run([sys.executable, "-c", DIES, str(folder), when], check=False).returncode == 137
    assert page(folder) == f"# 2026-12-01\n\n{text}"
    append(JournalFolder(folder), TODAY, "three\n")
    assert page(folder) == f"# 2026-12-01\n\n{text}three\n"
    assert [p.name for p in folder.iterdir()] == ["2026-12-01.md"]


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(UnbusyError, match="cannot read the journal"):
        read_skips(JournalFolder(folder))
    with pytest.raises(UnbusyError, match="cannot write the journal"):
        append(JournalFolder(folder), TODAY, "one\n")


def test_a_page_that_cannot_be_read_is_an_error_and_not_an_empty_page(folder: Path) -> None:
    (folder / "2026-12-01.md").mkdir(parents=True)
    with pytest.raises(UnbusyError, match=r"cannot read the journal .*/2026-12-01\.md: Is a directory") as error:
        read_skips(JournalFolder(folder))
    assert error.value.remedy
    with pytest.raises(UnbusyError, match="cannot write the journal"):
        append(JournalFolder(folder), TODAY, "one\n")


def test_a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_folder(folder: Path) -> None:
    """Losing the skips would bring back what the user has deleted."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    folder.chmod(0)
    if root:
        os.chown(folder, 65534, -1)
        os.seteuid(65534)
    try:
        with pytest.raises(UnbusyError, match=r"cannot read the journal .*: Permission denied"):
            read_skips(JournalFolder(folder))
        with pytest.raises(UnbusyError, match=r"cannot write the journal .*: Permission denied"):
            append(JournalFolder(folder), TODAY, "one\n")
    finally:
        if root:
            os.seteuid(0)
        folder.rmdir()
