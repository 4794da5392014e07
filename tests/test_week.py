"""`unbusy week`: one's own week as a drawing, a list and a picture, before and after the plan."""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.cli import main
from daemon.config import load
from daemon.model.event import CountsAs, ShowAs
from daemon.model.profile import Lunch
from daemon.model.proposal import Role, Roles
from daemon.model.times import TimeRange, Week
from daemon.views import picture
from daemon.views.cells import width
from daemon.views.picture import kinds
from daemon.views.svg import STYLE, week_svg
from daemon.views.weekly import NAMES, line, listing, summary, total
from living import Life
from making import MONDAY, event, meeting, moment, own, profile, snapshot
from terminals import on_a_terminal

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
    working = "working time 09:00–17:30, noon 12:00–13:00"
    assert f"Monday 30 November (today), {working}\n  09:00–11:00  Focus (unbusy, shown" in out
    assert f"Wednesday 2 December, {working}\n  09:00–17:30  Offsite (meeting)\n" in out
    assert ", new)" not in out
    assert not set(out) & set("│▒═┄╌┊")


def test_plain_says_what_the_plan_would_do(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = shown(life, capsys, "--plain")
    assert out.startswith("As the plan would leave it:\nMonday 30 November (today), ")
    assert "Focus (unbusy, shown free, new)" in out


@pytest.mark.parametrize("first", ["monday", "sunday"])
def test_weeks_begin_when_the_config_says(life: Life, capsys: pytest.CaptureFixture[str], first: str) -> None:
    life.configure(top=f"horizon = '14d'\nweek_starts = '{first}'")
    life.meet("Sun-1 10:00-11:00", title="Market")
    life.apply()
    _, out, _ = shown(life, capsys, "--plain")
    assert out.startswith("Sunday 29 November\n" if first == "sunday" else "Monday 30 November (today)")
    assert ("Market" in out) is (first == "sunday")
    assert ("Market" in shown(life, capsys)[1].replace("Mar…", "Market")) is (first == "sunday")


@pytest.mark.parametrize(
    ("setting", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_colours_on_a_terminal_that_wants_them(life: Life, setting: dict[str, str], coloured: bool) -> None:
    life.apply()
    asked = ["--config", str(life.base / "config.toml"), "--now", life.now.isoformat(), "week"]
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm", "COLUMNS": "60"} | setting
    said = on_a_terminal([sys.executable, "-m", "daemon", *asked], env)
    assert ("\x1b[" in said) is coloured
    assert max(width(line) for line in said.splitlines()) == 60


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


def test_each_role_has_a_name_and_a_way_to_be_drawn() -> None:
    assert set(NAMES) == set(Role)
    for role in Role:
        ours = own("Mon 09:00-10:00", role.value, "any", title="Mine")
        seen = replace(snapshot(ours=[ours]), roles=Roles({role.value: {"": role}}))
        assert "Mine" in picture.week(seen, W49)


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
    assert list(listing(seen, seen, W49)) == [
        "Monday 30 November (today), working time 09:00–17:30",
        "  nothing",
        "Tuesday 1 December, working time 09:00–17:30",
        "  all day      Day off (away)",
        "  12:00–13:00  Dentist (busy)",
        "  14:00–16:00  Focus (unbusy, shown tentative)",
        "  23:30–00:30  (no title) (busy)",
        "Wednesday 2 December, working time 09:00–17:30",
        "  23:30–00:30  (no title) (busy)",
        "Thursday 3 December, working time 09:00–17:30",
        "  nothing",
        "Friday 4 December, working time 09:00–17:30",
        "  nothing",
    ]


def test_a_list_says_what_a_plan_changes() -> None:
    stood = [own(f"{d} 09:00-11:00", key=f"2026-W49/{n}") for n, d in enumerate(("Mon", "Tue", "Wed", "Thu"), 1)]
    moved, busy = (
        own("Wed 14:00-16:00", key="2026-W49/2"),
        own("Wed 09:00-11:00", key="2026-W49/3", show_as=ShowAs.BUSY),
    )
    then = snapshot(ours=[stood[0], moved, busy, own("Fri 09:00-11:00", key="2026-W49/5", title="לחשוב")])
    assert [line for line in listing(snapshot(ours=stood), then, W49) if line[0] == " " and "nothing" not in line] == [
        "  09:00–11:00  Focus (unbusy, shown free)",
        "  09:00–11:00  Focus (unbusy, shown busy, changed)",
        "  14:00–16:00  Focus (unbusy, shown free, moved from Tue 1 Dec 09:00–11:00)",
        "  09:00–11:00  Focus (unbusy, to be taken back)",
        "  09:00–11:00  \u2068לחשוב\u2069 (unbusy, shown free, new)",
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


ODD = [
    meeting("Mon 09:15-09:30", "Standup"), meeting("Mon 09:30-10:30", "Staff meeting"),
    meeting("Tue 09:10-10:20", "Interview"), meeting("Wed 09:00-10:00", "Budget"), meeting("Wed 09:45-10:15", "Call"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "there", "listed"),
    [
        (40, [], ["Mon 30  09:15–09:30 Standup", "Tue 1   09:10–10:20 Interview", "Wed 2   09:45–10:15 Call"]),
        (80, ["▒09:10–10:20 ▒"], ["Mon 30  09:15–09:30 Standup", "Wed 2   09:45–10:15 Call"]),
        (120, ["▒09:15–09:30 Standup ▒", "▒09:10–10:20 ▒▒▒▒▒▒▒▒▒"], ["Wed 2   09:45–10:15 Call"]),
    ],
)
def test_exact_times_are_said_where_there_is_room_or_below(cells: int, there: list[str], listed: list[str]) -> None:
    drawn = picture.week(snapshot(*ODD), W49, width=cells)
    above, _, below = drawn.partition("\n\nExact times\n")
    assert below.split("\n\n")[0].split("\n") == listed
    assert [part for part in there if part in above] == there
    assert ("09:1" in above) is bool(there)
    assert max(map(width, drawn.splitlines())) <= cells


def test_what_the_rows_say_needs_no_list() -> None:
    drawn = picture.week(snapshot(meeting("Mon 09:00-09:30"), meeting("Mon 09:30-11:00")), W49)
    assert "Exact" not in drawn


def test_meetings_that_touch_are_told_apart_at_every_width() -> None:
    seen = snapshot(*(meeting(f"Mon {at}", title) for at, title in [("09:00-10:00", "Ant"), ("10:00-11:00", "Bat")]))
    for cells in (40, 80, 120):
        rows = [line[6 : 6 + (cells - 5) // 5 - 1] for line in picture.week(seen, W49, width=cells).splitlines()]
        assert [row.strip("▒ ") for row in rows if "▒" in row][:4] == ["Ant", "", "Bat", ""]


XTERM = {  # https://invisible-island.net/xterm/manpage/xterm.html, VT100 widget resources
    "30": "#000000", "32": "#00cd00", "33": "#cdcd00", "36": "#00cdcd", "37": "#e5e5e5", "97": "#ffffff",
    "41": "#cd0000", "42": "#00cd00", "43": "#cdcd00", "44": "#0000ee", "46": "#00cdcd", "47": "#e5e5e5",
}  # fmt: skip


def test_colours_are_legible_on_light_and_dark_terminals() -> None:
    """Text has a background of its own, or is the terminal's own; the fill never fades into the text's background."""
    for kind in (*kinds.YOURS, *kinds.OURS, kinds.HEADING):
        fore, back = ([c for c in kind.colour.split(";") if c[:-1] in of] for of in (("3", "9"), ("4", "10")))
        if back:
            assert contrast(XTERM[fore[0]], XTERM[back[0]]) >= 4.5, kind
        else:
            assert fore in ([], ["31"]), kind  # red is legible on both


@pytest.mark.parametrize("cells", [40, 80, 120])
def test_what_is_written_from_right_to_left_turns_nothing_beside_it(cells: int) -> None:
    drawn = picture.week(snapshot(meeting("Mon 09:00-10:00", "תקציב 2027")), W49, width=cells)
    (line,) = (line for line in drawn.splitlines() if line.startswith("09:00"))
    assert line.count("\u2068") == line.count("\u2069") == 1
    assert all(width(line) <= cells for line in drawn.splitlines())


# -- the picture ------------------------------------------------------------------------------------------------------


def contrast(one: str, two: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_picture_is_legible_in_light_and_dark(dark: bool) -> None:
    light, _, then = STYLE.partition("@media(prefers-color-scheme:dark){")
    rules = {**colours(light), **(colours(then) if dark else {})}
    ground = {name: value["fill"] for name, value in rules.items() if name not in ("text", ".t") and "fill" in value}
    assert len(ground) == 7
    for under in [*ground.values(), rules["svg"]["background"]]:
        assert contrast(rules["text"]["fill"], under) >= 4.5
    assert contrast(rules[".t"]["fill"], rules["svg"]["background"]) >= 4.5
    for kind in (rule for rule in rules.values() if "stroke" in rule and "fill" in rule):
        assert contrast(kind["stroke"], rules[".work"]["fill"]) >= 3


def colours(style: str) -> dict[str, dict[str, str]]:
    found = re.findall(r"([a-z.]+)\{([^}]*)\}", style)
    return {name: dict(p.split(":", 1) for p in body.split(";") if "#" in p) for name, body in found if "#" in body}


def boxes(drawn: str) -> dict[str, tuple[int, int, int, int]]:
    """Where each event stands: x, y, width and height, by what it says."""
    found = {}
    for group in ET.fromstring(drawn).iter(f"{SVG}g"):  # noqa: S314  our own
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        found[group.findtext(f"{SVG}title")] = tuple(int(rect.attrib[n]) for n in ("x", "y", "width", "height"))
    return found


def test_no_event_hides_another_in_a_picture() -> None:
    seen = snapshot(
        meeting("Mon 09:00-11:00", "Ant"), meeting("Mon 10:00-12:00", "Bat"), meeting("Mon 11:00-12:00", "Cat"),
        meeting("Mon 12:00-13:00", "Dog"), event("Mon..Tue", "Away", counts_as=CountsAs.AWAY),
    )  # fmt: skip
    found = list(boxes(week_svg(seen, W49)).values())
    assert len(found) == 5
    for n, (x, y, wide, high) in enumerate(found):
        for left, above, broad, tall in found[n + 1 :]:
            assert x + wide <= left or left + broad <= x or y + high <= above or above + tall <= y
    assert found[0][2] > 200, "what goes on stands over both days"


def test_a_wide_title_stays_in_its_box_and_is_whole_where_it_is_heard() -> None:
    drawn = week_svg(snapshot(meeting("Mon 09:00-10:00", "設計" * 20)), W49)
    assert boxes(drawn).keys() == {f"09:00–10:00 {'設計' * 20}"}
    (text,) = (e for e in ET.fromstring(drawn).iter(f"{SVG}text") if "設" in (e.text or ""))  # noqa: S314  our own
    assert width(text.text or "") <= 18
    assert text.attrib["unicode-bidi"] == "isolate"


def test_working_time_and_noon_are_seen_in_a_picture() -> None:
    root = ET.fromstring(week_svg(snapshot(who=profile(lunch=Lunch())), W49))  # noqa: S314  our own
    heights = [(e.attrib["class"], e.attrib["height"]) for e in root.iter(f"{SVG}rect")]
    assert heights == [("work", "340"), ("noon", "40")] * 5


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
