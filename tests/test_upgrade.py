"""Whoever comes from an older version feels no jolt.

`upgrade/0.1` is what version 0.1 left of a week of use, on Monday 30 November 2026 at 07:05: an example leader's
calendar with 44 events of unbusy, its ledger, its journal with five answers and a skip, and a config that sets every
option of 0.1.  The block 2026-W50/1 was retitled, /2 deleted, /3 moved, and one was asked for by a command.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.cli.app import cli
from daemon.config import load
from daemon.config.leaving import LEAVING
from daemon.stages.ours.rules import CHANGED

LEFT = Path(__file__).parent / "upgrade" / "0.1"
NOW = "2026-11-30T07:10"
TODAY = "2026-11-30"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(LEFT, tmp_path / "life")
    config = tmp_path / "life" / "config.toml"
    config.write_text(config.read_text().replace("@FOLDER@", str(tmp_path / "life")))
    for path in (tmp_path / "life" / "state").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (tmp_path / "life" / "state").chmod(0o700)
    return tmp_path / "life"


def unbusy(folder: Path, *args: str, now: str = NOW) -> str:
    done = CliRunner().invoke(cli, ["--config", str(folder / "config.toml"), "--now", now, *args])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert done.return_value in (None, 0), done.output
    return done.stdout


def changes(folder: Path) -> list[dict[str, object]]:
    plan = json.loads(unbusy(folder, "plan", "--json"))
    assert plan["stopped"] == ""
    found: list[dict[str, object]] = plan["changes"]
    return found


def run_once(folder: Path) -> str:
    """What one cycle of the daemon logs."""
    return subprocess.run(
        [sys.executable, "-m", "daemon", "--config", folder / "config.toml", "--now", NOW, "run", "--once"],
        capture_output=True, text=True, timeout=120, check=True,
    ).stderr  # fmt: skip


def ours(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (folder / "calendars").rglob("unbusy-*.ics")}


def test_nothing_goes_and_nothing_moves(folder: Path) -> None:
    for change in changes(folder):
        assert change["action"] != "delete", change
        if change["action"] == "update":
            assert "when" not in list(change["fields"]), change  # type: ignore[call-overload]  # JSON


def test_only_slots_and_flags_of_today_get_other_words(folder: Path) -> None:
    for change in changes(folder):
        if change["action"] == "update" and {"title", "text"} & set(change["fields"]):  # type: ignore[call-overload]  # JSON
            assert str(change["start"]).startswith(TODAY), change
            assert change["policy"] in ("overload", "reflection"), change


def test_what_the_user_did_stays_done(folder: Path) -> None:
    wishes = {(c["policy"], c["key"]): c for c in changes(folder)}
    touched = [("focus", f"2026-W50/{n}") for n in (1, 2, 3)]
    assert not wishes.keys() & set(touched), "retitled, deleted and moved by the user"
    assert not [key for _, key in wishes if str(key).startswith("command/")], "the command has its time"


def test_one_run_is_enough_and_leaves_alone_what_it_does_not_change(folder: Path) -> None:
    written = {f"{c['uid']}.ics" for c in changes(folder)}
    before = ours(folder)
    unbusy(folder, "apply", "--yes")
    after = ours(folder)
    assert {name for name in before if before[name] != after.get(name)} <= written
    assert changes(folder) == []


def test_history_and_journal_are_read_as_before(folder: Path) -> None:
    runs = json.loads(unbusy(folder, "log", "--json"))["runs"]
    assert [(r["run"], len(r["changes"])) for r in runs] == [
        (7, 13), (6, 4), (5, 2), (4, 2), (3, 6), (2, 2), (1, 34),
    ]  # fmt: skip
    said = unbusy(folder, "journal", "show")
    assert "If the migration slips again I will stop it." in said
    assert "Roadmap: nobody owns the cut list. I do now." in said


def test_the_last_run_can_be_taken_back(folder: Path) -> None:
    unbusy(folder, "undo", "--yes")
    assert len(ours(folder)) == 44 - 10


# -- options that go -------------------------------------------------------------------------------------------------


def test_options_that_go_are_told_with_what_follows_them(folder: Path) -> None:
    """By `check`, `plan` and the log; the plan is none the worse for it."""
    told = {f"{'.'.join(map(str, path))} still holds": option.remedy for path, option in LEAVING.items()}
    problems = {p["what"]: p["remedy"] for p in json.loads(unbusy(folder, "plan", "--json"))["problems"]}
    steps = {s["what"]: s["remedy"] for s in json.loads(unbusy(folder, "check", "--json"))["steps"] if s["what"]}
    for what, remedy in told.items():
        for place in (problems, steps):
            assert [remedy] == [r for w, r in place.items() if w.startswith(what)], place
    log = run_once(folder)
    assert all(what in log and remedy in log for what, remedy in told.items()), log


def test_an_option_that_goes_is_followed_by_one_of_its_table(folder: Path) -> None:
    config = load(folder / "config.toml")
    for path, option in LEAVING.items():
        assert path[0] == "policies", path
        section = config.policies[str(path[1])]
        assert hasattr(section, option.successor), path
        assert f"`{option.successor}" in option.remedy
        assert getattr(type(section)(), str(path[2])) is None, "it is not set by itself"


def test_without_them_nothing_is_told(folder: Path) -> None:
    config = folder / "config.toml"
    going = tuple(str(path[-1]) for path in LEAVING)
    config.write_text("".join(line for line in config.read_text().splitlines(True) if not line.startswith(going)))
    assert not [p for p in json.loads(unbusy(folder, "plan", "--json"))["problems"] if p["where"] == "config"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param('block = { ideal = "90m" }', id="what was aimed at was under two hours"),
        pytest.param('block = { ideal = "75m", max = "100m" }', id="no block was of two hours"),
        pytest.param('per_day = "90m"', id="a day had less than two hours"),
    ],
)
def test_lengths_that_0_1_took_are_taken(said: str, folder: Path) -> None:
    """Its blocks had an hour at least where `min` was not set; a later default contradicts nothing that is."""
    config = folder / "config.toml"
    lines = [line for line in config.read_text().splitlines() if not line.startswith(("block =", "per_day ="))]
    lines.insert(lines.index("[policies.focus]") + 1, said)
    config.write_text("\n".join(lines))
    assert changes(folder)


# -- other rules -----------------------------------------------------------------------------------------------------


def says_so(folder: Path) -> bool:
    """Whether the plan has the line; it has it once at most, and on a terminal, too."""
    notes = json.loads(unbusy(folder, "plan", "--json"))["notes"]
    assert notes.count(CHANGED) == (CHANGED in " ".join(unbusy(folder, "plan").split()))
    return CHANGED in notes


def test_that_the_rules_have_changed_is_said_before_the_first_run_by_them(folder: Path) -> None:
    assert says_so(folder)
    assert says_so(folder), "looking is no run"
    unbusy(folder, "apply", "--yes")
    assert not says_so(folder)


def test_it_is_said_where_the_ledger_is_lost_and_the_marks_are_of_0_1(folder: Path) -> None:
    shutil.rmtree(folder / "state")
    assert says_so(folder)
    unbusy(folder, "apply", "--yes")
    assert not says_so(folder), "although the marks of what stands are not written anew"


def test_it_is_said_where_only_the_ledger_remembers(folder: Path) -> None:
    for path in (folder / "calendars").rglob("unbusy-*.ics"):
        path.unlink()
    assert says_so(folder)


def test_it_is_said_in_the_log(folder: Path) -> None:
    first, second = (run_once(folder) for _ in range(2))
    assert CHANGED in first
    assert CHANGED not in second


def test_a_new_installation_never_sees_it(folder: Path) -> None:
    shutil.rmtree(folder / "state")
    for path in (folder / "calendars").rglob("unbusy-*.ics"):
        path.unlink()
    assert not says_so(folder)
    unbusy(folder, "apply", "--yes")
    assert not says_so(folder)
    shutil.rmtree(folder / "state")
    assert not says_so(folder), "its marks are of today, also where its ledger is lost"


def test_removing_all_is_a_run_by_them(folder: Path) -> None:
    unbusy(folder, "purge", "--yes")
    assert not says_so(folder)
