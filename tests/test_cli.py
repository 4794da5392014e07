"""The command line: what it prints where, its exit codes, and that it never writes unasked."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from daemon.cli import main
from daemon.ledger.notes import NEVERS
from daemon.model.owner import Subject
from daemon.model.user.never import Never
from daemon.system import lock
from daemon.system.lock import hold
from living import EVENT, Life
from terminals import on_a_terminal

NOW = "2026-11-30T07:00"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path, policies="")
    for day in ("Mon", "Tue", "Wed"):
        life.meet(f"{day} 11:00-16:00", title="Vendor escalation")
    return life


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(life: Life, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: str, now: str = NOW) -> tuple[int, str, str]:
        code = main(["--config", str(life.base / "config.toml"), "--now", now, *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def ours(life: Life) -> list[str]:
    return sorted(p.name for p in life.folder.glob("unbusy-*"))


def test_plan_shows_what_when_and_why(run: Run, life: Life) -> None:
    code, out, err = run("plan")
    assert (code, err) == (0, "Times: Europe/Warsaw, Mon–Fri 09:00–17:30\n")
    assert "  + 09:00–11:00   Focus\n      Mon 09:00: two hours of the times" in out
    assert "\x1b" not in out
    assert ours(life) == []


@pytest.fixture
def full(life: Life) -> Life:
    """A week with room for three blocks, and a question to unbusy."""
    for day in ("Thu", "Fri"):
        life.meet(f"{day} 09:00-17:30", title="Offsite")
    life.meet("Tue 17:00-17:15", title="unbusy: help", more="")
    return life


def test_a_plan_begins_with_what_it_comes_to(run: Run, full: Life) -> None:
    _, out, _ = run("plan")
    assert out.startswith(
        "To create: 19 focus blocks, 2 flags and 1 prompt. To answer: 1 command. 1 wish found no place. "
        "`-v` says all of it.\n\nWeek 49: 6 of 8 h in 3 blocks; 2 flags; 1 prompt; 7 changes\nWeek 50: 8 h in "
    )
    assert out.split("\n\n")[1].count("Week ") == 5
    run("apply", "--yes")
    first = "Nothing to change. 1 wish found no place.\n\nWeek 49: 6 of 8 h in 3 blocks; 2 flags; 1 prompt\n"
    assert run("plan")[1].startswith(first)


def test_the_rest_of_a_plan_stands_behind_v(run: Run, full: Life) -> None:
    _, short, _ = run("plan")
    _, whole, _ = run("plan", "-v")
    assert whole == run("-v", "plan")[1]
    for part in ("  + 09:00–11:00   Focus  focus 2026-W49/1\n", "      | "):
        assert (part in whole, part in short) == (True, False)
    assert short.count("  + ") == whole.count("  + ") == 22, "every change is shown"
    assert "Later\n  + Mon 14 Dec 09:00–11:00   Focus\n  + Tue 15 Dec 09:00–11:00   Focus\n" in short
    assert "Later" not in whole


def test_what_has_one_reason_is_told_once(run: Run, life: Life) -> None:
    path = life.base / "config.toml"
    path.write_text(path.read_text() + f'[accounts.home]\ntype = "vdir"\npath = "{life.base}/nowhere"\n')
    _, out, _ = run("plan")
    said = [line for line in out.splitlines() if line.startswith("  ? focus")]
    assert len(said) == 1
    assert said[0].startswith("  ? focus 2026-W49/1 and 19 more  ")
    assert run("plan", "-v")[1].count("  ? focus") == 20


def test_a_plan_is_wrapped_to_the_terminal(full: Life) -> None:
    command = [sys.executable, "-m", "daemon", "--config", str(full.base / "config.toml"), "--now", NOW, "plan"]
    lines = on_a_terminal(command, {**os.environ, "COLUMNS": "40", "NO_COLOR": "1"}).splitlines()
    assert len(lines) > 40
    assert max(map(len, lines)) <= 40
    assert "Week 49: 6 of 8 h in 3 blocks; 2 flags;" in lines
    assert "  1 prompt; 7 changes" in lines


def test_plan_json_is_the_contract(run: Run) -> None:
    code, out, _ = run("plan", "--json")
    data = json.loads(out)
    assert code == 0
    assert list(data) == ["now", "window", "changes", "unplaced", "metrics", "problems", "stopped", "notes"]
    assert data["now"] == "2026-11-30T07:00:00+01:00"
    change = next(c for c in data["changes"] if c["policy"] == "focus")
    assert list(change) == [
        "action", "policy", "key", "calendar", "uid", "start", "end", "summary", "show_as", "reason",
    ]  # fmt: skip
    assert (change["action"], change["key"], change["start"]) == ("create", "2026-W49/1", "2026-11-30T09:00:00+01:00")
    assert data["metrics"]["days"][0]["meeting"] == 300
    assert data["metrics"]["weeks"][0]["week"] == "2026-W49"


def test_apply_does_what_plan_showed(run: Run, life: Life) -> None:
    planned = {c["uid"] for c in json.loads(run("plan", "--json")[1])["changes"]}
    code, _, err = run("apply", "--yes")
    assert code == 0
    assert f"Applied {len(planned)} of {len(planned)} changes." in err
    assert {n.removesuffix(".ics") for n in ours(life)} == planned
    assert json.loads(run("plan", "--json")[1])["changes"] == []
    assert "Nothing to change." in run("plan")[1]


@pytest.mark.parametrize("command", ["apply", "purge"])
def test_without_a_terminal_and_a_yes_nothing_is_written(run: Run, life: Life, command: str) -> None:
    if command == "purge":
        run("apply", "--yes")
    before = ours(life)
    code, _, err = run(command)
    assert code == 2
    assert f"`unbusy {command} --yes`" in err
    assert ours(life) == before


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 5)])
def test_on_a_terminal_it_asks(life: Life, answer: str, code: int) -> None:
    command = [sys.executable, "-m", "daemon", "--config", str(life.base / "config.toml"), "--now", NOW, "apply"]
    main_fd, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.write(main_fd, f"{answer}\n".encode())
        process.communicate(timeout=60)
    os.close(terminal)
    assert b"Apply this?" in os.read(main_fd, 4096)
    os.close(main_fd)
    assert process.returncode == code
    assert bool(ours(life)) is (answer == "y")


def test_purge_removes_every_trace(run: Run, life: Life) -> None:
    run("apply", "--yes")
    code, _, err = run("purge", "--yes")
    assert code == 0
    assert "is empty now" not in err  # the user's own events stand there
    assert ours(life) == []
    assert run("purge", "--yes")[2] == "There was nothing to remove.\n"


def test_purge_names_a_calendar_that_it_leaves_empty(run: Run, life: Life) -> None:
    run("apply", "--yes")
    for name in life.names():
        if not name.startswith("unbusy-"):
            life.remove(name)
    assert "The calendar Work is empty now" in run("purge", "--yes")[2]


def test_agenda_lists_what_is_read(run: Run, life: Life) -> None:
    life.meet("Tue 09:00-10:00", title="Said no", more="STATUS:CANCELLED\n")
    (life.folder / "bad.ics").write_text("nothing")
    run("apply", "--yes")
    code, out, _ = run("agenda", "--json", "--from", "2026-12-01", "--to", "2026-12-01")
    rows = json.loads(out)
    assert code == 0
    kinds = {r["summary"]: (r["counts_as"], r["busy"]) for r in rows["occurrences"]}
    assert kinds["Vendor escalation"] == ("meeting", True)
    assert kinds["Said no"] == ("cancelled", False)
    assert kinds["Focus"][0] == "ours"
    assert [p["where"] for p in rows["problems"]] == ["work/Work/bad.ics"]
    assert "Vendor escalation" in run("agenda")[1]


def test_agenda_tells_what_is_free_and_what_cannot_be_known(run: Run, life: Life) -> None:
    life.meet("Tue 09:00-10:00", title="Shown as free", more="TRANSP:TRANSPARENT\n")
    nowhere = (life.folder / "Shown-as-free-Tue-0900-1000.ics").read_text().replace("Shown as free", "Somewhere")
    nowhere = nowhere.replace("DTSTART:20261201T080000Z", "DTSTART;TZID=Nowhere at all:20261201T090000")
    nowhere = nowhere.replace("DTEND:20261201T090000Z", "DTEND;TZID=Nowhere at all:20261201T100000")
    (life.folder / "nowhere.ics").write_text(
        nowhere.replace("TRANSP:TRANSPARENT\n", "").replace("UID:Shown", "UID:Nowhere")
    )
    _, out, _ = run("agenda", "--json", "--from", "2026-12-01", "--to", "2026-12-01")
    rows = {r["summary"]: r for r in json.loads(out)["occurrences"]}
    assert (rows["Shown as free"]["counts_as"], rows["Shown as free"]["busy"]) == ("free", False)
    assert (rows["Somewhere"]["uncertain"], rows["Somewhere"]["busy"]) == (True, True)
    assert rows["Somewhere"]["start"] == "2026-12-01T09:00:00+01:00", "as if it were in the zone of the user"


def test_agenda_reads_days_that_the_index_has_let_go(run: Run, life: Life) -> None:
    life.meet("Tue-9 09:00-10:00", title="Long ago")
    run("plan")
    assert "Long ago" in run("agenda", "--from", "2026-09-01", "--to", "2026-10-31")[1]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--from", "soon"], "write it like 2026-12-01", id="no day"),
        pytest.param(["--from", "2026-12-02", "--to", "2026-12-01"], "write the earlier day first", id="backwards"),
        pytest.param(["--from", "9999-12-31"], "write a day from 1971 to 2199", id="out of reach"),
    ],
)
def test_agenda_says_what_would_be_a_day(run: Run, args: list[str], said: str) -> None:
    code, _, err = run("agenda", *args)
    assert code == 2
    assert said in err


def test_calendars_names_them_and_what_they_are_for(run: Run) -> None:
    code, out, _ = run("calendars")
    assert code == 0
    assert out.split() == ["work/Work", "Work", "write"]
    assert json.loads(run("calendars", "--json")[1])["calendars"] == [
        {"id": "work/Work", "name": "Work", "use": "write", "read_as": ""}
    ]


def test_check_looks_at_everything_and_names_the_remedy(run: Run, life: Life) -> None:
    code, out, _ = run("check")
    assert code == 0
    assert "BAD" not in out
    assert "ok   write to work/Work" in out
    assert "ok   times: Europe/Warsaw, Mon–Fri 09:00–17:30" in out
    life.folder.rename(life.root / "Other")
    code, out, _ = run("check")
    assert code != 0
    assert "BAD" in out


@pytest.mark.parametrize(
    ("zone", "elsewhere"), [("Asia/Tokyo", True), ("Europe/Berlin", False)], ids=["another clock", "the same clock"]
)
def test_a_machine_in_another_zone_than_its_user_is_told(run: Run, life: Life, zone: str, elsewhere: bool) -> None:
    text = EVENT.format(uid="a", title="Staff", more="", start=life.now, end=life.now + timedelta(hours=1)).encode()
    life.put("a.ics", re.sub(rb"DT(START|END):(\S+)Z", rf"DT\1;TZID={zone}:\2".encode(), text))
    code, out, _ = run("check")
    assert code == 0
    assert (f'set timezone = "{zone}" in the config' in out) is elsewhere
    assert (f"; most of your events are in {zone}" in run("plan")[2]) is elsewhere


def test_status_before_and_after(run: Run) -> None:
    assert "unbusy apply" in json.loads(run("status", "--json")[1])["writing"]
    run("apply", "--yes")
    report = json.loads(run("status", "--json")[1])
    assert report["writing"] == "to work"
    assert report["last_run"].startswith("apply at 2026-11-30 07:00+01:00")
    assert report["next"]


def test_config_show_and_schema(run: Run) -> None:
    code, out, _ = run("config", "show")
    assert code == 0
    assert 'weekly_goal = "8h"' in out
    assert json.loads(run("config", "schema")[1])["type"] == "object"


@pytest.mark.parametrize(
    "now",
    [
        pytest.param("soon", id="no moment"),
        pytest.param("2026-13-01", id="no month"),
        pytest.param("0001-01-01T00:00", id="year 1"),
        pytest.param("9999-12-31T23:59", id="year 9999"),
    ],
)
def test_a_now_that_is_no_moment_is_a_usage_error(run: Run, now: str) -> None:
    code, _, err = run("plan", now=now)
    assert code == 2
    assert "write it like 2026-12-01T09:00" in err


@pytest.mark.parametrize("command", ["plan", "apply", "agenda", "calendars", "check", "status", "run", "purge"])
def test_without_a_config_every_command_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    for name in ("XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("UNBUSY_CONFIG", raising=False)
    assert main([command]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "unbusy demo" in err
    assert "config.toml" in err


def test_a_config_with_errors_names_all_of_them(run: Run, life: Life) -> None:
    path = life.base / "config.toml"
    path.write_text(path.read_text() + '[policies.focus]\nweekly_gaol = "8h"\nper_day = "soon"\n')
    code, out, err = run("plan")
    assert (code, out) == (2, "")
    assert "weekly_gaol" in err
    assert "weekly_goal" in err
    assert "per_day" in err


def test_a_bad_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--jsn"]) == 2
    assert "--json" in capsys.readouterr().err


def test_a_second_apply_waits_until_the_first_is_done(life: Life, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("plan")
    stood: list[list[str]] = []
    with ExitStack() as first:
        first.enter_context(hold(life.base / "state" / "cycle.lock", "`a long run`"))

        def sleep(_seconds: float) -> None:
            stood.append(ours(life))
            first.close()

        monkeypatch.setattr(lock, "hold", partial(hold, sleep=sleep))
        assert run("apply", "--yes")[0] == 0
    assert stood == [[]]
    assert ours(life)


def test_a_second_apply_that_waited_long_enough_names_the_holder(
    life: Life, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("plan")
    monkeypatch.setattr(lock, "hold", partial(hold, sleep=lambda _: None))
    with hold(life.base / "state" / "cycle.lock", "`a long run`"):
        code, _, err = run("apply", "--yes")
    assert code == 4
    assert "`a long run`" in err
    assert ours(life) == []


def test_a_closed_pipe_is_no_failure(life: Life) -> None:
    command = f"{sys.executable} -m daemon --config {life.base / 'config.toml'} --now {NOW} plan --json | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False, capture_output=True, timeout=60)
    assert done.stderr == b""


def test_a_full_disk_under_the_output_is_said_in_words(life: Life) -> None:
    command = [sys.executable, "-m", "daemon", "--config", str(life.base / "config.toml"), "--now", NOW, "plan"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "unbusy: the output cannot be written: No space left on device",
        "  make room where it goes, or send it elsewhere",
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert f"_UNBUSY_COMPLETE={shell}_complete" in capsys.readouterr().out
    typed = {"COMP_WORDS": "unbusy lo", "COMP_CWORD": "lo" if shell == "fish" else "1"}
    done = subprocess.run(
        [sys.executable, "-c", "from daemon.cli import main; main()"],
        env={**os.environ, **typed, "_UNBUSY_COMPLETE": f"{shell}_complete"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert "login" in done.stdout
    assert "plan" not in done.stdout


NEVER = ("person:a", "person:b")
COMPLETING = [sys.executable, "-c", "import sys; sys.argv = ['unbusy']; from daemon.cli import main; sys.exit(main())"]


def completed(config: Path, words: str) -> str:
    """What a shell is told that asks what comes next."""
    line = f"unbusy --config {config} {words}"
    asked = {"_UNBUSY_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(COMPLETING, env=os.environ | asked, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("words", "values"),
    [
        pytest.param("login ", ["work"], id="an account"),
        pytest.param("logout x", [], id="no account"),
        pytest.param("undo ", ["1"], id="a run"),
        pytest.param("docs ca", ["caldav", "calendar"], id="a page"),
        pytest.param("stat", ["status"], id="a command"),
    ],
)
def test_a_shell_completes_what_there_is(life: Life, words: str, values: list[str]) -> None:
    life.apply()
    said = completed(life.base / "config.toml", words)
    assert [row.partition(",")[2] for row in said.splitlines()] == values


def test_a_shell_completes_what_was_said_never_of(life: Life) -> None:
    life.apply()
    with life.runtime() as runtime:
        said = [
            Never(Subject(one, "Lena"), "preparation", "k", date(2026, 12, 1), holds=one == NEVER[1]) for one in NEVER
        ]
        NEVERS.put(runtime.ledger.drawer, tuple(said))
    assert completed(life.base / "config.toml", "forget ") == "plain,person:b"


def test_with_a_wrong_config_a_shell_completes_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[[")
    assert completed(tmp_path / "config.toml", "login ") == ""
