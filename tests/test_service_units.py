"""`unbusy service`: units for whoever has no make at hand; nothing of anybody else's is written over or taken away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.system import manager
from daemon.system.manager import Scope, unit_text
from living import Life

ROOT = Path(__file__).parent.parent
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path / "a life with 100 % ünits")


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The command as an installer makes it."""
    path = tmp_path / "bin" / "unbusy"
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\nimport sys\nfrom daemon.cli import main\nsys.exit(main())\n")
    path.chmod(0o755)
    return path


def run(command: Path, *args: str, home: Path) -> subprocess.CompletedProcess[str]:
    """On a machine whose service manager has no bus for this user."""
    home.mkdir(exist_ok=True)
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [str(command), *args], env=environ, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_it_is_put_in_place_with_this_command_and_this_config(life: Life, command: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    config = life.base / "config.toml"
    done = run(command, "--config", str(config), "service", "install", home=home)
    unit = home / ".config/systemd/user/unbusy.service"
    assert "Traceback" not in done.stderr
    assert "Wrote ~/.config/systemd/user/unbusy.service.\n" in done.stderr
    starts = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    quoted = str(config).replace("%", "%%")
    assert starts == [f'ExecStart={command} --config "{quoted}" run']
    assert unit.stat().st_mode & 0o777 == 0o644
    if done.returncode:  # nobody to ask: it says what to run later
        assert done.returncode == 4
        assert "later, run `systemctl --user enable --now unbusy`" in done.stderr
    if ANALYZE:
        environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_COLORS": "0"}
        verified = subprocess.run(
            [ANALYZE, "--user", "verify", str(unit)], env=environ, capture_output=True, text=True, check=False
        )
        assert (verified.returncode, verified.stderr) == (0, "")
    gone = run(command, "service", "uninstall", home=home)
    assert gone.returncode == 0
    assert not unit.exists()
    assert "`unbusy purge` removes the events" in gone.stderr
    assert config.exists()


def test_without_a_config_nothing_is_put_in_place(command: Path, tmp_path: Path) -> None:
    done = run(command, "service", "install", home=tmp_path / "home")
    assert done.returncode == 2
    assert "There is no config yet" in done.stderr
    assert not (tmp_path / "home/.config/systemd").exists()


@pytest.mark.parametrize("words", [["install", "--no-start"], ["uninstall"]], ids=["install", "uninstall"])
def test_a_unit_of_somebody_else_s_is_left(command: Path, tmp_path: Path, words: list[str]) -> None:
    unit = tmp_path / "home/.config/systemd/user/unbusy.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Unit]\nDescription=Unbusy my own\n")
    done = run(command, "service", *words, home=tmp_path / "home")
    assert done.returncode == 3
    assert "is not a unit of unbusy's" in done.stderr
    assert unit.read_text() == "[Unit]\nDescription=Unbusy my own\n"


def test_nothing_installed_is_said(command: Path, tmp_path: Path) -> None:
    done = run(command, "service", "uninstall", home=tmp_path / "home")
    assert (done.returncode, "There is no unit of unbusy's" in done.stderr) == (0, True)
    assert run(command, "service", "status", home=tmp_path / "home").returncode in (3, 4)


def test_a_system_unit_that_could_not_see_the_command_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager, "command_here", lambda: Path("/home/ada/.local/bin/unbusy"))
    with pytest.raises(manager.RefusedError, match="a system unit cannot see /home/ada"):
        manager.write_units(Scope.SYSTEM, None)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_unit_differs_from_the_one_that_came_with_it_in_its_command_alone(scope: Scope) -> None:
    for source in manager.UNITS[scope].values():
        before, after = (ROOT / source).read_text(), unit_text(source, Path("/opt/unbusy/bin/unbusy"))
        changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
        assert [new for _, new in changed if not new.startswith("ExecStart=/opt/unbusy/bin/unbusy ")] == []
        assert after.splitlines()[[*before.splitlines()].index(changed[0][0])].endswith(" run")


def test_docs_and_the_example_come_with_it(command: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    listed = run(command, "docs", home=home)
    assert {p.stem for p in (ROOT / "docs").glob("*.md")} <= {line.split()[0] for line in listed.stdout.splitlines()}
    assert run(command, "docs", "calendar", home=home).stdout == (ROOT / "docs/calendar.md").read_text() + "\n"
    assert "there are: accounts" in run(command, "docs", "nothing", home=home).stderr
    assert run(command, "config", "example", home=home).stdout == (ROOT / "config.example.toml").read_text()
