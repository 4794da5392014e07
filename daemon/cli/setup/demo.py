"""`unbusy demo`: the whole product in a folder of its own, on an example leader's calendar."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

import click
from msgspec.structs import replace

from daemon import cycle
from daemon.cli.session import home
from daemon.cli.show import show_planned
from daemon.cli.terminal import coloured, columns, put, waiting
from daemon.config import load
from daemon.config.values import system_zone
from daemon.example import example, example_config
from daemon.model.errors import UnbusyError
from daemon.model.plan import Action
from daemon.model.proposal import Role
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week, local_day, week_of
from daemon.stages.runtime import Runtime, open_runtime
from daemon.system.rights import act_as_owner
from daemon.views import picture

MARKER = ".unbusy-demo"
"""Marks a folder that a demo may make anew."""


def demo(folder: str | None, clock: Callable[[ZoneInfo], datetime], now_text: str) -> int:
    """Make the example in `folder` (a new one by default), plan, apply, and show the week before and after."""
    zone = ZoneInfo(system_zone())
    now = clock(zone)
    root = _folder(folder)
    _write(root, now, zone)
    with open_runtime(load(root / "config.toml"), lambda: now) as runtime:
        with waiting("Planning"):
            planned = cycle.plan(runtime, now)
        put(f"Ada leads a platform team. This is her calendar, made for you in {home(root)}.")
        put("")
        show_planned(planned, runtime.config, verbose=False, weeks=True)
        put("")
        with runtime.run_lease.hold("`unbusy demo`"), waiting("Writing"):
            cycle.confirm(runtime, now)
            done = cycle.carry_out(runtime, planned, now, command="demo", force=True)
            after = cycle.plan(runtime, now)
        _pictures(runtime, planned, after)
    put("")
    put(f"Applied {done.done} changes. Planning again finds {len(after.plan.changes)} left to make.")
    for line in ("", "Three commands to try next.", ""):
        put(line)
    for line in _next(root / "config.toml", now_text, planned, zone):
        click.echo(f"  {line}")
    return 0


def _folder(name: str | None) -> Path:
    """An empty folder, or one that an earlier demo made."""
    if name is None:
        return Path(mkdtemp(prefix="unbusy-demo-"))
    root = Path(name).expanduser().absolute()
    act_as_owner(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()) and not (root / MARKER).exists():
            raise UnbusyError(f"{root} is not empty", "name a new folder; the demo overwrites nothing of yours")
        for part in ("calendars", "state"):
            if (root / part).exists():
                shutil.rmtree(root / part)
    except OSError as e:
        raise UnbusyError(f"cannot make the demo in {root}: {e.strerror}", "name a folder that you can write to") from e
    return root


def _write(root: Path, now: datetime, zone: ZoneInfo) -> None:
    (root / MARKER).write_text("Made by `unbusy demo`, which makes it anew when it runs here again.\n")
    for name, text in example(now, zone).items():
        path = root / "calendars" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    config = example_config(str(root / "calendars"), zone.key, str(root / "state"))
    (root / "config.toml").write_text(config)


def _pictures(runtime: Runtime, before: cycle.Planned, after: cycle.Planned) -> None:
    """The busiest week that gained something, before and after."""
    week = _week(runtime, before)
    width, colour = min(columns(sys.stdout) or 80, 120), coloured(sys.stdout)
    click.echo(
        picture.before_after(
            _bare(before.observation.snapshot), after.observation.snapshot, week, width=width, colour=colour
        )
    )
    click.echo(picture.bars(after.plan.metrics, width=width, colour=colour))


def _bare(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, ours=())


def _week(runtime: Runtime, planned: cycle.Planned) -> Week:
    """The first week in which something begins."""
    who = runtime.profile
    days = [c.when.first_day(who.zone) for c in planned.plan.changes if c.action is Action.CREATE]
    return week_of(min(days, default=local_day(planned.plan.now, who.zone)), who.week_starts)


def _next(config: Path, now_text: str, planned: cycle.Planned, zone: ZoneInfo) -> list[str]:
    """Three commands to try, with the clock of the demo."""
    program = "unbusy" if shutil.which("unbusy") else home(Path(sys.argv[0]))
    base = f"{program} --config {shlex.quote(str(config))}" + (f" --now {shlex.quote(now_text)}" if now_text else "")
    roles = planned.observation.snapshot.roles
    new = (c for c in planned.plan.changes if c.action is Action.CREATE)
    blocks = (c for c in new if roles.of(c.wish) is Role.FOCUS)
    moment = next((c.when.span(zone).start for c in blocks if not c.when.all_day), planned.plan.now)
    return [
        "Why is it there, and why is nothing elsewhere?",
        f"    {base} explain {moment.astimezone(zone):%Y-%m-%dT%H:%M}",
        f"Move or delete one of its events in {home(config.parent / 'calendars' / 'Work')}, then see who wins:",
        f"    {base} plan",
        "Take it all back:",
        f"    {base} undo",
    ]
