"""`unbusy week`: one's own week as a drawing, a list and a picture, before and after the plan."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.cli import main
from daemon.config import load
from daemon.model.event import CountsAs, ShowAs
from daemon.model.profile import Lunch
from daemon.model.times import TimeRange, Week
from daemon.views import picture
from daemon.views.cells import width
from daemon.views.svg import week_svg
from daemon.views.weekly import line, listing, summary, total
from living import Life
from making import MONDAY, event, meeting, moment, own, profile, snapshot

W49 = Week(MONDAY)
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>&lt;", "\x00\x1b[2J", "\u202egnp", "a" * 5000,
]  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path, top="horizon = '14d'")
    life.meet("Wed 09:00-17:30", title="Offsite")
    return life


def shown(life: Life, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(["--config", str(life.base / "config.toml"), "--now", life.now.isoformat(), "week", *args])
    out = capsys.readouterr()
    return code, out.out, out.err


# -- the command ------------------------------------------------------------------------------------------------------


def test_before_and_after_while_there_is_a_plan_and_one_drawing_afterwards(
    life: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = shown(life, capsys)
    assert code == 0
    assert out.startswith("Before: 2026-W49, 30 Nov – 4 Dec 2026\n")
    assert "After: 2026-W49" in out
    life.apply()
    code, out, _ = shown(life, capsys)
    assert out.startswith("2026-W49, 30 Nov – 4 Dec 2026\n")
    assert "Focus" in out


@pytest.mark.parametrize(
    ("when", "first"),
    [("", "2026-W49"), ("next", "2026-W50"), ("2026-12-10", "2026-W50"), ("2026-11-25", "2026-W48")],
)
def test_the_week_that_is_meant(life: Life, capsys: pytest.CaptureFixture[str], when: str, first: str) -> None:
    life.apply()
    code, out, _ = shown(life, capsys, *filter(None, [when]))
    assert (code, out[:8]) == (0, first)


@pytest.mark.parametrize(
    ("when", "said"),
    [("soon", "write it like 2026-12-03"), ("2030-01-01", "is out of sight"), ("2026-13-01", "is not a day")],
)
def test_a_week_that_is_not_known(life: Life, capsys: pytest.CaptureFixture[str], when: str, said: str) -> None:
    code, _, err = shown(life, capsys, when)
    assert code == 2
    assert said in err


def test_plain_has_no_drawing_and_exact_times(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    life.apply()
    _, out, _ = shown(life, capsys, "--plain")
    assert "Monday 30 November (today)\n  09:00–11:00  Focus (unbusy, shown" in out
    assert "Wednesday 2 December\n  09:00–17:30  Offsite (meeting)\n" in out
    assert not set(out) & set("│▒═┄╌┊")


def test_a_picture_is_written_where_it_is_asked_for(
    life: Life, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = shown(life, capsys, "--svg", str(tmp_path / "week.svg"))
    assert code == 0
    assert out.startswith("Week 49: ")
    assert "Wrote" in err
    ET.parse(tmp_path / "week.svg")  # noqa: S314  our own
    code, _, err = shown(life, capsys, "--svg", str(tmp_path / "no" / "week.svg"))
    assert code == 1
    assert "cannot write" in err


# -- the words --------------------------------------------------------------------------------------------------------


def test_what_a_week_comes_to_and_what_is_missing(life: Life) -> None:
    config = load(life.base / "config.toml")

    def said(*days: str) -> str:
        ours = [own(f"{d} 09:00-11:00", key=f"2026-W49/{n}", edited=()) for n, d in enumerate(days, 1)]
        return summary(total(snapshot(now="Mon 07:00", ours=ours), config, W49))

    assert said("Mon", "Tue", "Wed", "Thu") == "Week 49: 8 h of focus in 4 blocks."
    assert said("Mon", "Tue", "Thu") == "Week 49: 6 of 8 h of focus in 3 blocks; Wednesday and Friday have none."
    assert said("Mon") == "Week 49: 2 of 8 h of focus in 1 block; Tuesday, Wednesday, Thursday and Friday have none."
    assert said() == "Week 49: 0 of 8 h of focus."


def test_what_is_made_by_hand_counts_as_far_as_no_meeting_takes_it(life: Life) -> None:
    by_hand = event("Tue 13:00-15:00", "Focus: strategy", counts_as=CountsAs.FOCUS)
    seen = snapshot(by_hand, meeting("Tue 14:30-15:30"), ours=[own("Mon 09:00-11:00")])
    said = summary(total(seen, load(life.base / "config.toml"), W49))
    assert said.startswith("Week 49: 3 h 30 of 8 h of focus in 2 blocks; Wednesday, Thursday and Friday have none")


def test_a_week_in_a_line(life: Life) -> None:
    ours = [
        own("Mon 09:00-11:00"), own("Mon..Fri", "overload", "week/2026-W49"), own("Mon", "overload", "day/2026-11-30"),
        own("Mon 17:00-17:10", "reflection", "day/2026-11-30"), own("Sun-1", "overload", "day/2026-11-29"),
    ]  # fmt: skip
    config = load(life.base / "config.toml")
    assert (
        line(total(snapshot(ours=ours), config, W49, 12))
        == "Week 49: 2 of 8 h in 1 block; 2 flags; 1 prompt; 12 changes"
    )
    assert line(total(snapshot(ours=ours), config, W49, 1)).endswith("; 1 change")
    life.configure("[policies.focus]\nenabled = false")
    assert line(total(snapshot(), load(life.base / "config.toml"), W49)) == "Week 49: nothing"


def test_a_list_says_of_each_event_what_it_is() -> None:
    until = TimeRange(moment("Tue 23:30"), moment("Wed 00:30"))
    late = replace(event("Tue 23:30-23:45", "", counts_as=CountsAs.BUSY), span=until)
    seen = snapshot(
        event("Tue", "Day off", counts_as=CountsAs.AWAY), event("Tue 12:00-13:00", "Dentist", counts_as=CountsAs.BUSY),
        late,
        ours=[own("Tue 14:00-16:00", show_as=ShowAs.TENTATIVE)],
    )  # fmt: skip
    assert list(listing(seen, W49)) == [
        "Tuesday 1 December",
        "  all day      Day off (away)",
        "  12:00–13:00  Dentist (busy)",
        "  14:00–16:00  Focus (unbusy, shown tentative)",
        "  23:30–00:30  (no title) (busy)",
        "Wednesday 2 December",
        "  23:30–00:30  (no title) (busy)",
    ]


# -- the drawing ------------------------------------------------------------------------------------------------------


def test_free_tentative_and_busy_are_told_apart_and_noon_is_seen() -> None:
    ways = {"Mon": ShowAs.BUSY, "Tue": ShowAs.TENTATIVE, "Wed": ShowAs.FREE}
    ours = [own(f"{d} 09:00-11:00", key=f"2026-W49/{n}", show_as=way) for n, (d, way) in enumerate(ways.items(), 1)]
    drawn = picture.week(snapshot(ours=ours, who=profile(lunch=Lunch())), W49, width=60)
    rows = {line[:5]: line for line in drawn.splitlines()}
    assert rows["09:00"] == "09:00│═Focus ═══│╌Focus ╌╌╌│┄Focus ┄┄┄│          │"
    assert rows["12:00"].startswith("12:00┊          ┊")
    assert rows["13:00"].startswith("13:00│          │")
    assert drawn.endswith("┊ noon\nunbusy: ═ focus   ╌ focus, shown tentative\n┄ focus, shown free")


@pytest.mark.parametrize("cells", [40, 80, 120])
def test_what_is_written_from_right_to_left_turns_nothing_beside_it(cells: int) -> None:
    drawn = picture.week(snapshot(meeting("Mon 09:00-10:00", "תקציב 2027")), W49, width=cells)
    (line,) = (line for line in drawn.splitlines() if line.startswith("09:00"))
    assert line.count("\u2068") == line.count("\u2069") == 1
    assert all(width(line) <= cells for line in drawn.splitlines())


# -- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", HOSTILE)
def test_titles_are_text_in_a_picture(title: str) -> None:
    drawn = week_svg(snapshot(meeting("Mon 09:00-10:00", title), event("Tue", title, counts_as=CountsAs.AWAY)), W49)
    root = ET.fromstring(drawn)  # noqa: S314  our own
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "style", "text", "line", "rect", "g", "title"}
    assert not any(name.startswith("on") or name.endswith("href") for e in root.iter() for name in e.attrib)
    assert len(drawn) < 40_000


def test_a_picture_says_what_and_when_and_stands_by_itself() -> None:
    seen = snapshot(
        meeting("Mon 09:00-10:30", "Budget"), event("Sat 06:00-07:00", "Run", counts_as=CountsAs.BUSY),
        ours=[own("Mon 14:00-16:00", show_as=ShowAs.FREE)],
    )  # fmt: skip
    drawn = week_svg(seen, W49, "Week 49: 2 h of focus.")
    root = ET.fromstring(drawn)  # noqa: S314  our own
    titles = {(e.text, e.tag) for e in root.iter(f"{SVG}title")}
    assert {text for text, _ in titles} == {"09:00–10:30 Budget", "06:00–07:00 Run", "14:00–16:00 Focus"}
    assert root.attrib["aria-label"] == "2026-W49, 30 Nov – 5 Dec 2026. Week 49: 2 h of focus."
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    texts = [e.text for e in root.iter(f"{SVG}text")]
    assert "06:00" in texts
    assert "Sat 5" in texts
