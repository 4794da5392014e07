"""The pages of the docs, done as they say.

A `console` block is run, command by command, and what comes is compared with what stands below it.  A line `…` stands
for any lines.  Everything happens to Ada, whose calendar `unbusy demo` makes, on Monday 30 November 2026 at 08:30 in
Warsaw.  The `toml` blocks of a section stand in her config while its commands run; one under a line with the name of a
file is that file.  Each section begins anew.

    <!-- calendar, Mon 07:00
    Tue 10:00-10:30 Layoff talk (1)
    home: Tue 16:00-16:30 Dentist
    -->

in a section says another moment, and other events: a number of others after the title, an account before the time; days
without a time (`Mon+1..Fri+1 Annual leave`) are whole.

`python tests/pages.py PAGE …` writes what comes into the pages, where no `…` stands.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

import tomli_w

from daemon.cli import main
from daemon.example import example, example_config
from living import EVENT
from making import ME, event, moment

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    p.relative_to(ROOT).as_posix()
    for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("systemd/*.md"))
    if p.name != "CHANGELOG.md"
)
ELSEWHERE = {"docs/extending.md"}
"""Done by a test of its own, in an environment of its own (test_extending)."""
NOW = "Mon 08:30"
ZONE = ZoneInfo("Europe/Warsaw")
BLOCK = re.compile(r"^(?:`([\w.-]+)`\n\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCENE = re.compile(r"^<!-- calendar(?:, (\w+ [\d:]+))?\n(.*?)^-->$", re.MULTILINE | re.DOTALL)
EVENT_LINE = re.compile(r"(?:(\w+): )?(\w{3}[-+\d.\w]*)((?: [\d:]+-[\d:]+)?) (.*?)(?: \((\d+)\))?")
STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
PLAIN = re.compile(r"unbusy [^|<>;&`]*")


class Block(NamedTuple):
    """What stands between fences: the file that it is, '' for none, its kind, and its text with where that begins."""

    file: str
    kind: str
    text: str
    start: int


class Step(NamedTuple):
    """A command, what is to come of it, and where that stands in the page."""

    command: str
    said: str
    start: int
    end: int


class Section(NamedTuple):
    """A part of a page under a heading: its calendar, what stands in config and other files, and what is run."""

    title: str
    now: str
    events: tuple[str, ...] | None
    blocks: tuple[Block, ...]
    steps: tuple[Step, ...]


def blocks(text: str) -> list[Block]:
    return [Block(m[1] or "", m[2], m[3], m.start(3)) for m in BLOCK.finditer(text)]


def sections(page: str) -> Iterator[Section]:
    """All of a page."""
    text = (ROOT / page).read_text()
    fences = [m.span() for m in BLOCK.finditer(text)]
    marks = [m.start() for m in re.finditer(r"^#+ ", text, re.MULTILINE)]
    heads = [mark for mark in marks if not any(start < mark < end for start, end in fences)]
    for start, end in zip([0, *heads], [*heads, len(text)], strict=True):
        here = tuple(b for b in blocks(text) if start <= b.start < end)
        steps = [
            Step(m[1], m[2], b.start + m.start(2), b.start + m.end(2))
            for b in here if b.kind == "console" for m in STEP.finditer(b.text)
        ]  # fmt: skip
        scene = SCENE.search(text, start, end)
        events = tuple(scene[2].splitlines()) if scene else None
        title = text[start:end].partition("\n")[0].lstrip("# ")
        yield Section(title, (scene and scene[1]) or NOW, events, here, tuple(steps))


def merged(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """A config with what another adds, table by table."""
    out = dict(one)
    for key, value in two.items():
        old = out.get(key)
        out[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def with_block(config: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A config with a block of a page: another account that is written to takes the place of the one before.

    Of an account that a page shows in part, the rest is a server's.
    """
    found = tomllib.loads(text)
    accounts = found.get("accounts", {})
    for name, table in accounts.items():
        if "type" not in table and name not in config.get("accounts", {}):
            accounts[name] = {"type": "caldav", "url": "https://cloud.example.com/dav", **table}
    old = {} if any("write" in table for table in accounts.values()) else config["accounts"]
    return merged({**config, "accounts": old}, found)


class Ada:
    """Her machine: a home with calendars, a config and a program."""

    def __init__(self, home: Path, section: Section) -> None:
        self.home, self.now = home, moment(section.now)
        self.config = home / ".config/unbusy/config.toml"
        self.config.parent.mkdir(parents=True)
        config: dict[str, Any] = tomllib.loads(example_config("~/calendars", ZONE.key, "~/state"))
        if section.events is None:
            for name, text in example(self.now, ZONE).items():
                self.put(home / "calendars" / name, text)
        else:
            config["accounts"]["demo"] |= {"read": ["Work"]}
            self.meets(section.events)
        for block in section.blocks:
            if block.file:
                (self.config.parent / block.file).write_text(block.text)
            elif block.kind == "toml":
                config = with_block(config, block.text)
        self.config.write_text(tomli_w.dumps(config))

    def put(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def meets(self, events: tuple[str, ...]) -> None:
        """The events of a scene."""
        (self.home / "calendars/Work").mkdir(parents=True)
        for n, line in enumerate(events):
            found = EVENT_LINE.fullmatch(line)
            assert found, line
            account, days, clock, title, others = found.groups()
            people = [f"ATTENDEE;CN=P{i}:mailto:p{i}@example.com\n" for i in range(1, int(others or 0) + 1)]
            mine = f"ORGANIZER:mailto:p1@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\n" if people else ""
            at = event(f"{days}{clock}").when.span(ZONE)
            text = EVENT.format(uid=f"e{n}", start=at.start, end=at.end, title=title, more=mine + "".join(people))
            if not clock:
                text = text.replace("END:VEVENT", "TRANSP:OPAQUE\nEND:VEVENT")
                for name, moment_of in (("DTSTART", at.start), ("DTEND", at.end)):
                    text = re.sub(f"{name}:.*", f"{name};VALUE=DATE:{moment_of.astimezone(ZONE):%Y%m%d}", text)
            folder = f".calendars/{account}/{account.capitalize()}" if account else "calendars/Work"
            self.put(self.home / folder / f"e{n}.ics", text)

    def runs(self, command: str) -> str:
        """What comes of a command, as it stands on a screen."""
        base = ["--config", str(self.config), "--now", self.now.isoformat()]
        env = {"HOME": str(self.home), "TZ": ZONE.key, "COLUMNS": "", "NO_COLOR": "1"}
        if PLAIN.fullmatch(command):
            said = io.StringIO()
            with patch.dict(os.environ, env), chdir(self.home), redirect_stdout(said), redirect_stderr(said):
                main([*base, *shlex.split(command)[1:]])
            text = said.getvalue()
        else:
            program = self.home / ".bin/unbusy"
            self.put(program, f'#!/bin/sh\nexec "{sys.executable}" -m daemon {shlex.join(base)} "$@"\n')
            program.chmod(0o755)
            env |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                ["sh", "-c", command], cwd=self.home, env=os.environ | env, capture_output=True, text=True, check=False
            )
            text = done.stdout + done.stderr
        return "".join(f"{line.rstrip()}\n" for line in text.replace(str(self.home), "~").splitlines())


def agrees(said: str, expected: str) -> bool:
    """Whether it is the same, but for what `…` stands for."""
    parts = re.split(r"^ *…\n", expected, flags=re.MULTILINE)
    return re.fullmatch("(?:.*\n)*?".join(map(re.escape, parts)), said) is not None


def write(page: str) -> None:
    """Bring what comes into a page."""
    text = (ROOT / page).read_text()
    for section in reversed([s for s in sections(page) if s.steps]):
        with tempfile.TemporaryDirectory() as home:
            ada = Ada(Path(home), section)
            came = [(step, ada.runs(step.command)) for step in section.steps]
        for step, said in reversed(came):
            if "…\n" not in step.said:
                text = text[: step.start] + said + text[step.end :]
            elif not agrees(said, step.said):
                print(f"{page}: {step.command}\n{said}")  # noqa: T201  this is for who writes pages
    (ROOT / page).write_text(text)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name not in ELSEWHERE:
            write(name)
