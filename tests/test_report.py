"""`report`: what became of focus time, over days of a real calendar; as a table, as JSON, and in the weekly review."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from wcwidth import wcswidth as cell_len

from daemon.cli import main
from daemon.model.event import Attendee
from daemon.model.figures.erosion import erosion
from daemon.model.figures.measure import measure_week
from daemon.views.report import Report as Figures
from daemon.views.report import ReportedWeek
from daemon.views.report.text import WIDTH, lines
from living import GUESTS, Life
from making import ME, meeting, moment, own, snapshot

Report = Callable[..., str]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    def call(life: Life, *args: str, code: int = 0) -> str:
        now = f"{life.now:%Y-%m-%dT%H:%M%z}"
        assert main(["--config", str(life.base / "config.toml"), "--now", now, "report", *args]) == code
        return capsys.readouterr().out

    return call


def made(when: str, people: str = GUESTS) -> str:
    """The lines of a meeting that was made at a moment."""
    return f"CREATED:{moment(when):%Y%m%dT%H%M%SZ}\n{people}"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Blocks of two hours: one moves out of the way of a meeting, one is booked over at the last moment."""
    life = Life(tmp_path, policies="[policies.overload]\nenabled = false\n")
    life.apply()
    life.now = moment("Mon 18:00")
    life.meet("Wed 10:00-11:00", "Vendor escalation", uid="vendor", more=made("Mon 17:30"))
    life.apply()
    life.now = moment("Thu 10:00")
    life.meet("Thu 10:00-10:30", "Ad hoc\\n\x9b31m: " + "定価" * 15, uid="adhoc", more=made("Thu 09:50"))
    life.apply()
    return life


def test_before_any_focus_has_come_it_shows_the_meetings(report: Report, tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.meet("Mon 09:00-12:00")
    out = report(life)
    assert out.startswith("No focus time has come yet")
    assert "2026-W49        3 h     7 %" in out
    assert "What took it" not in out


def test_the_account_of_a_week(report: Report, life: Life) -> None:
    life.now = moment("Mon+1 07:00")
    data = json.loads(report(life, "--json"))
    assert " ".join(data) == (
        "now weeks series organizers notice days limits past trends costs next not_met objectives words problems"
    )
    assert [w["week"] for w in data["weeks"]] == ["2026-W46", "2026-W47", "2026-W48", "2026-W49", "2026-W50"]
    assert data["weeks"][3]["focus"] == {"booked": 480, "taken": 90, "repaid": 60, "kept": 450}
    assert data["weeks"][3]["goal"] == 480
    assert [row for row in data["past"] if row["goal"]] == [{"week": "2026-W49", "kept": 450, "goal": 480}]
    assert data["trends"] == [{"weeks": 1, "kept": 450, "goal": 480}]
    assert data["next"]["week"] == "2026-W51"
    assert data["next"]["focus_booked"] == 480
    assert [(s["uid"], s["minutes"], s["meetings"]) for s in data["series"]] == [("vendor", 60, 1), ("adhoc", 30, 1)]
    assert data["organizers"] == [{"organizer": "p1@example.com", "minutes": 90, "meetings": 2}]
    assert [(n["notice"], n["minutes"]) for n in data["notice"]] == [("24 h and more", 60), ("up to 6 h", 30)]


def test_the_table_is_narrow_and_safe_to_print(report: Report, life: Life) -> None:
    life.now = moment("Mon+1 07:00")
    out = report(life)
    assert out.startswith("Focus kept: 7 h 30 of 8 h booked (94 %).\nMeetings took 1 h 30, of which 1 h came back.\n\n")
    assert "2026-W49     1 h 30     4 %        ·        8 h   1 h 30      1 h   7 h 30  94 %\n" in out
    assert "     1 h    1×  Vendor escalation, p1@example.com\n" in out
    assert "\x9b" not in out
    assert "  30 min    1×  Ad hoc 31m: 定価定価" in out
    assert max(map(cell_len, out.splitlines())) == WIDTH


def test_a_lost_ledger_takes_the_moves_with_it(report: Report, life: Life) -> None:
    life.lose_ledger()
    life.now = moment("Mon+1 07:00")
    focus = json.loads(report(life, "--json"))["weeks"][3]["focus"]
    assert (focus["taken"], focus["kept"]) == (30, 450)


def test_whom_a_policy_misses_is_known_however_long_ago_that_was(report: Report, tmp_path: Path) -> None:
    """By the light read of 400 days, as the slots of that policy know it."""
    people = '[[policies.network.people]]\nwho = ["p1@example.com"]\nevery = "6w"\n'
    life = Life(tmp_path, policies=f"[policies.network]\nenabled = true\n{people}")
    life.meet("Tue-20 12:00-13:00", "Lunch")
    assert json.loads(report(life, "--json"))["not_met"] == [
        {"name": "p1@example.com", "every": 42, "last": "2026-07-14", "next": None}
    ]
    assert "\nNot met\n  p1@example.com: last met 14 Jul; every 6 weeks is your wish\n" in report(life)


def test_it_reaches_back_as_far_as_asked_and_changes_nothing(report: Report, life: Life) -> None:
    life.meet("Wed-20 10:00-12:00", "Long ago")
    stored = {name: life.get(name) for name in life.names()}
    weeks = json.loads(report(life, "--weeks", "22", "--json"))["weeks"]
    assert (len(weeks), weeks[1]["week"], weeks[1]["meeting"]) == (22, "2026-W29", 120)
    assert {name: life.get(name) for name in life.names()} == stored
    assert life.changes() == []


def test_the_largest_are_named_and_the_rest_is_summed_up() -> None:
    people = (Attendee(ME), Attendee("hugo@example.com", "Hugo Lindqvist"))
    found = snapshot(
        meeting("Tue 09:00-10:00", "Hugo's", organizer="hugo@example.com", attendees=people),
        meeting("Tue 10:00-10:50", "Mine", mine=True),
        meeting("Tue 11:00-11:40", " ", organizer=""),
        *(meeting(f"Tue 12:{n}0-12:{n}5", f"Call {n}") for n in range(4)),
        now="Wed 07:00", ours=[own("Tue 09:00-13:00")],
    )  # fmt: skip
    row = ReportedWeek(measure_week(found, found.this_week), erosion(found, found.this_week))
    out = list(lines(Figures(found.now, (row,), frozenset({ME}))))
    first = out.index("\nWhat took it")
    assert out[first + 1 : first + 7] == [
        "     1 h    1×  Hugo's, Hugo Lindqvist",
        "  50 min    1×  Mine, you",
        "  40 min    1×  (no title), organizer not known",
        "   5 min    1×  Call 0, P1",
        "   5 min    1×  Call 1, P1",
        "  10 min    2×  2 more",
    ]
    assert out[-1] == "  2 h 50    7×  not known"


@pytest.mark.parametrize("weeks", ["0", "-1", "261", "x"])
def test_what_is_no_number_of_weeks_is_refused(report: Report, life: Life, weeks: str) -> None:
    assert report(life, "--weeks", weeks, code=2) == ""


def test_the_weekly_review_says_it_once(life: Life) -> None:
    life.now = moment("Fri 08:00")
    life.apply()
    text = life.ours()["week/2026-W49"].event.description
    assert "Week 49: 1 h 30 in meetings; the week before 0 min." in text
    assert "Focus kept: 5 h 30; the week before 0 min." in text
    assert life.changes() == []
    life.now = moment("Fri 13:00")
    assert life.changes() == []
