"""Beside another package of the same name: said in words, and nothing is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from typing_in import ROOT


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where pip has put unbusy."""
    for package in ("daemon", "connectors", "policies"):
        copytree(ROOT / package, tmp_path / package, ignore=lambda *_: ["__pycache__"])
    return tmp_path


def run(site: Path) -> tuple[int, str]:
    command = [sys.executable, "-c", "import sys; from daemon.cli import main; sys.exit(main(['config', 'schema']))"]
    environ = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=site, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


THEIRS = '"""Library to implement a well-behaved Unix daemon process."""\nclass DaemonContext: pass\n'


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("daemon/pidfile.py", "", "python-daemon has put its files into"),
        ("daemon/daemon.py", "", "python-daemon has put its files into"),
        ("daemon/__init__.py", THEIRS, "daemon/__init__.py is not unbusy's"),
        ("policies/__init__.py", "", "policies/__init__.py is not unbusy's"),
        ("connectors/__init__.py", "CONNECTORS = {}\n", "connectors/__init__.py is not unbusy's"),
    ],
)  # fmt: skip
def test_another_package_has_written_over_it(site: Path, file: str, text: str, says: str) -> None:
    (site / file).write_text(text)
    code, said = run(site)
    assert code == 1
    assert says in said
    assert "pipx install unbusy" in said
    assert "Traceback" not in said


def test_alone_it_runs(site: Path) -> None:
    assert run(site)[1] == ""
