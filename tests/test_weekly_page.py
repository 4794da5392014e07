"""`[policies.reflection] page`: the daemon writes the page of the week into a folder of the user's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.ledger.notes import HEALTH
from daemon.model.errors import EndedError
from daemon.service import serve as service
from living import Life
from making import moment

PAGE = "unbusy-2026-W49.html"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """One whose review is on Friday, in the cycle of that morning."""
    life = Life(
        tmp_path, policies=f'[policies.reflection]\npage = "{tmp_path}/pages"\n[policies.overload]\nenabled = false\n'
    )
    life.meet("Tue 10:00-11:00", "Vendor escalation")
    life.now = moment("Thu 06:00")
    life.apply()
    return life


def cycle(life: Life, when: str, *, observe: bool = False) -> None:
    life.now = moment(when)
    with life.runtime() as runtime:
        service.one_cycle(runtime, life.now, observe=observe)


def pages(life: Life) -> dict[str, int]:
    """The files in the folder, each with its inode: whoever is written anew has another one."""
    folder = life.base / "pages"
    return {path.name: path.lstat().st_ino for path in folder.iterdir()} if folder.exists() else {}


def troubles(life: Life) -> list[tuple[str, str, int]]:
    with life.runtime() as runtime:
        last = HEALTH.get(runtime.ledger.drawer)
        assert last
        return [(t.what, t.remedy, t.code) for t in last.troubles]


def test_it_is_written_in_the_morning_of_the_review_and_when_that_begins(life: Life) -> None:
    cycle(life, "Thu 23:00")
    assert pages(life) == {}
    cycle(life, "Fri 07:00")
    first = pages(life)
    assert [*first] == [PAGE]
    page = life.base / "pages" / PAGE
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert "<h1>Week 49</h1>" in page.read_text()
    cycle(life, "Fri 12:00")
    assert pages(life) == first
    review = life.ours()["week/2026-W49"].event
    life.now = review.span.start
    with life.runtime() as runtime:
        service.one_cycle(runtime, life.now, observe=False)
    assert pages(life) != first, "it holds what the review looks back at"
    second = pages(life)
    cycle(life, "Fri 23:00")
    assert pages(life) == second


def test_the_review_names_it_without_its_folder(life: Life) -> None:
    cycle(life, "Fri 07:00")
    text = life.ours()["week/2026-W49"].event.description
    assert f"The week as a page: {PAGE}\n" in text
    assert not re.search(r"pages|/", text.partition("▸")[0])
    assert life.changes() == []


def test_whoever_deletes_it_has_no_other(life: Life) -> None:
    cycle(life, "Fri 07:00")
    (life.base / "pages" / PAGE).unlink()
    cycle(life, "Fri 08:00")
    assert pages(life) == {}


def test_who_only_observes_writes_none(life: Life) -> None:
    cycle(life, "Fri 07:00", observe=True)
    assert pages(life) == {}


def test_a_link_in_its_place_is_not_followed(life: Life) -> None:
    (life.base / "pages").mkdir(mode=0o700)
    other = life.base / "other"
    other.write_text("mine")
    (life.base / "pages" / PAGE).symlink_to(other)
    cycle(life, "Fri 07:00")
    assert other.read_text() == "mine"
    ((what, remedy, code),) = troubles(life)
    assert what.startswith("it cannot be written: ")
    assert "is a link" in what
    assert (bool(remedy), code) == (True, 0), "the cycle is none the worse for it"
    (life.base / "pages" / PAGE).unlink()
    cycle(life, "Fri 07:05")
    assert [*pages(life)] == [PAGE]
    assert troubles(life) == []


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_in_which_others_write_is_refused_before_anything_is_read(
    mode: int, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    (life.base / "pages").mkdir()
    (life.base / "pages").chmod(mode)
    monkeypatch.setattr("daemon.views.report.report", lambda *_, **__: pytest.fail("it was read"))
    cycle(life, "Fri 07:00")
    assert pages(life) == {}
    assert "other users may write" in troubles(life)[0][0]


def test_a_folder_that_cannot_be_made_is_said_with_a_remedy(life: Life) -> None:
    (life.base / "pages").write_text("a file")
    cycle(life, "Fri 07:00")
    ((what, remedy, code),) = troubles(life)
    assert (what, code) == ("it cannot be written: File exists", 0)
    assert "`page`" in remedy
    assert life.ours()["week/2026-W49"], "all else is done"


def test_asked_to_end_meanwhile_it_ends(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written to the calendar stands, nothing is wrong, and the next cycle writes the page."""

    def ended(*_: object, **__: object) -> None:
        raise EndedError("stopped")

    with monkeypatch.context() as patched:
        patched.setattr("daemon.views.report.report", ended)
        cycle(life, "Fri 07:00")
    assert (pages(life), troubles(life)) == ({}, [])
    cycle(life, "Fri 07:05")
    assert [*pages(life)] == [PAGE]
