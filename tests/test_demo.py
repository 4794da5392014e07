"""`unbusy demo`: whatever the day, it shows what unbusy does, and the same day shows the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545 import codec
from daemon.cli import main
from daemon.config import load, profile
from daemon.example import example, example_config
from daemon.model.event import ResourceRef
from daemon.model.figures.measure import measure_week
from daemon.model.plan import Create, Plan
from daemon.model.protocols import Resource
from daemon.model.snapshot import Snapshot
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from daemon.planning.snapshots import Memory, build, window
from making import ROLES
from policies import POLICIES

ZONE = ZoneInfo("Europe/Warsaw")
MONDAYS = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(52)]
CHANGES = [date(2026, 3, 23), date(2026, 3, 27), date(2026, 3, 29), date(2026, 10, 19), date(2026, 10, 25)]


def planned(tmp_path: Path, now: datetime) -> tuple[Snapshot, Plan]:
    """The demo's plan, without its files."""
    path = tmp_path / "config.toml"
    path.write_text(example_config(str(tmp_path), ZONE.key))
    config = load(path)
    who = profile(config)
    span = window(now, who, timedelta(days=config.lookback), timedelta(days=config.horizon))
    events = list(occurrences(now, span))
    memory = Memory(writing=frozenset({"demo/Work"}), roles=ROLES)
    snapshot = build(now, span, who, events, memory)
    wants = [w for name, options in config.policies.items() for w in POLICIES[name].propose(snapshot, options)]
    return snapshot, make_plan(snapshot, wants, Terms(main="demo/Work"), Limits())


def occurrences(now: datetime, span: object) -> Iterator[object]:
    for name, text in example(now, ZONE).items():
        folder, _, href = name.partition("/")
        found = codec.reading(Resource(ResourceRef(f"demo/{folder}", href, "1"), text.encode()), span, ZONE)
        assert found.problems == ()
        yield from found.events


@pytest.mark.parametrize("day", [*MONDAYS, *CHANGES], ids=str)
def test_any_day_shows_all_of_it(tmp_path: Path, day: date) -> None:
    now = datetime(day.year, day.month, day.day, 7, 0, tzinfo=ZONE)
    snapshot, plan = planned(tmp_path, now)
    made = {c.draft.mark.policy: c.draft for c in plan.changes if isinstance(c, Create)}
    assert set(made) >= {"focus", "overload"}
    assert day.weekday() > 4 or "▸" in made["reflection"].text
    flags = [c.draft.text for c in plan.changes if isinstance(c, Create) and c.draft.mark.key.startswith("week/")]
    assert any(re.search(r"Clearing it takes \d+ changes|changes? clears? it:", text) for text in flags)
    assert plan.unplaced
    assert all(u.reason for u in plan.unplaced)
    week = measure_week(snapshot, snapshot.weeks[0])
    if day.weekday() == 0:
        assert week.total("meeting") >= 20 * 60


def test_it_makes_plans_applies_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert main(["--now", "2026-11-30T08:30+01:00", "demo", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for part in ("Busy week", "Focus", "Monthly review", "No place for", "Before", "After", "0 left to make"):
        assert part in out
    assert len(re.findall(r"^ +\S+ --config ", out, flags=re.MULTILINE)) == 3
    assert max(map(len, out.split("Before")[1].split("Applied")[0].splitlines())) <= 80
    assert list((folder / "calendars" / "Work").glob("unbusy-*.ics"))
    assert main(["--config", str(folder / "config.toml"), "--now", "2026-11-30T08:30+01:00", "plan"]) == 0
    assert "Nothing to change." in capsys.readouterr().out


def test_the_same_moment_shows_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for _ in range(2):
        assert main(["--now", "2026-11-30T08:30+01:00", "demo", str(tmp_path / "demo")]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_it_overwrites_nothing_of_yours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["demo", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
