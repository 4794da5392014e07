"""The page on policies and connectors of one's own, done as it says: its files are written, its commands are run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from daemon.model.event import Event, EventRef, ResourceRef
from daemon.model.plan import Problem
from daemon.model.protocols import Reading, Resource
from daemon.model.times import TimeRange
from making import ZONE
from payloads import WINDOW

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/extending.md").read_text()
FILE = re.compile(r"^`([\w/.-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPET = re.findall(r"^```python\n(def moment.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
PIP = "pip install --no-deps --no-index --no-build-isolation --disable-pip-version-check --target"
"""As on a machine without network."""


def files() -> dict[str, str]:
    return dict(FILE.findall(PAGE))


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command, and the lines that are to come of it."""
    for block in COMMANDS.findall(PAGE):
        yield from ((command, said.splitlines()) for command, said in STEP.findall(block))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside a checkout, and an environment of its own in front of the one that the tests run in."""
    base = tmp_path_factory.mktemp("extending")
    here, site, commands = base / "here", base / "site", base / "bin"
    for folder in (here, site, commands):
        folder.mkdir()
    (here / "unbusy").symlink_to(ROOT)
    scripts = {
        "unbusy": '-m daemon "$@"', "python": '"$@"', "pytest": '-m pytest -p no:cacheprovider "$@"',
        "pip": f'-m {PIP} "{site}" "$2"',  # after the word install
    }  # fmt: skip
    for name, arguments in scripts.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}\n')
    for command in commands.iterdir():
        command.chmod(0o755)
    return here


def run(command: str, here: Path) -> str:
    site, commands = here.parent / "site", here.parent / "bin"
    environment = {
        **os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "TZ": "Europe/Warsaw",
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(["sh", "-c", command], cwd=here, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_page_does_what_it_says(place: Path) -> None:
    for name, text in files().items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    for command, said in steps():
        lines = iter(run(command, place).splitlines())
        for expected in said:
            pattern = re.escape(expected) if not expected.endswith("passed") else rf"{expected}\b.*"
            assert any(re.fullmatch(pattern, line) for line in lines), f"{command}\ndoes not say {expected!r}"


def test_the_page_has_each_kind_whole_with_tests_and_the_policy_is_short() -> None:
    assert set(files()) == {
        "unbusy-walk/pyproject.toml", "unbusy-walk/unbusy_walk.py", "unbusy-walk/test_walk.py",
        "unbusy-zip/pyproject.toml", "unbusy-zip/unbusy_zip.py", "unbusy-zip/test_zip.py",
        "unbusy-jar/pyproject.toml", "unbusy-jar/unbusy_jar.py", "unbusy-jar/test_jar.py",
    }  # fmt: skip
    assert len([line for line in files()["unbusy-walk/unbusy_walk.py"].splitlines() if line]) <= 45


@pytest.mark.parametrize(
    ("payload", "titles", "problems"),
    [
        (b'{"title": "Dentist", "start": "2026-12-01T11:00", "end": "2026-12-01T12:00"}', ["Dentist"], []),
        (b'{"title": "Old", "start": "2016-12-01T11:00", "end": "2016-12-01T12:00"}', [], []),
        (b'{"title": "Dentist", "start": "2026-12-01T11:00"}', [], ["work/Work/a"]),
        (b"<html>", [], ["work/Work/a"]),
        (b"5", [], ["work/Work/a"]),
    ],
    ids=["an event", "one out of the window", "one without end", "no JSON", "no table"],
)
def test_what_the_page_says_of_other_content_reads_it(payload: bytes, titles: list[str], problems: list[str]) -> None:
    names = {"json": json, "Event": Event, "EventRef": EventRef, "Problem": Problem, "Reading": Reading,
             "Resource": Resource, "TimeRange": TimeRange, "ZoneInfo": ZoneInfo, "datetime": datetime}  # fmt: skip
    exec(SNIPPET[0], names)  # noqa: S102  what the page says
    read = cast(Callable[[object, Resource, TimeRange, ZoneInfo], Reading], names["read"])
    found = read(None, Resource(ResourceRef("work/Work", "a", "1"), payload), WINDOW, ZONE)
    assert [e.summary for e in found.events] == titles
    assert [p.where for p in found.problems] == problems


def test_every_target_that_contributors_are_told_of_is_there() -> None:
    told = set(re.findall(r"`?make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text()))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"check", "mutations"} <= told <= there


@pytest.mark.parametrize("page", ["docs/extending.md", "CONTRIBUTING.md"])
def test_what_a_page_leads_to_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text())
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / page).parent.joinpath(link).exists()] == []
