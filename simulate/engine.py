"""The one place that knows unbusy: its config, its cycle, its limits, and how its events are read and typed into.

What it writes is seen at the files alone, as colleagues and the user see it.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from msgspec import Struct

from connectors.rfc5545 import codec
from daemon import cycle
from daemon.config import load
from daemon.model.event import Event, ResourceRef
from daemon.model.protocols import Resource
from daemon.model.times import TimeRange, at
from daemon.stages.runtime import Runtime, open_runtime
from simulate.calendars.calendar import WORK
from simulate.people import ME, Leader, minute

CONFIG = """\
timezone = "{zone}"
working_hours = {{ {days} = "{hours}" }}
state = "{base}/state"

[accounts.life]
type = "vdir"
path = "{base}/calendars"
emails = ["{me}"]
write = "{work}"

[policies.focus]
weekly_goal = "{goal}"

[policies.breaks]
enabled = {breaks}
"""
EVERYTHING = """
[accounts.home]
type = "vdir"
path = "{base}/home"

[policies.preparation]
enabled = true

[policies.advisors]
enabled = true
notes = true

[policies.invitations]
enabled = true

[policies.mirror]
from = ["home"]

[policies.network]
enabled = true

[[policies.network.people]]
who = ["lena@example.com", "Lena*"]
every = "6w"
for = "30m"

[[policies.network.people]]
who = ["tom@example.com"]
every = "8w"
for = "30m"

[[policies.network.people]]
who = ["Demo*"]
every = "4w"
for = "30m"

[[policies.habits.items]]
preset = "walk"

[[policies.habits.items]]
preset = "office-hours"
"""
"""What is off by default, switched on, and what has nothing to do without words of the user's."""
SIGN = "▸"
"""How a question begins in the text of an event."""
ANSWERS = (
    "I will come back to this, no. {}.",
    "Wrote this down for myself, no. {}.",
    "Two of them have said so, no. {}.",
)
"""What is typed, in turn: each with a number of its own, so that it is known where it comes back."""
_EVER = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_EVENT = re.compile(r"(BEGIN:VEVENT.*END:VEVENT)", re.DOTALL)


class Own(Struct, frozen=True, kw_only=True):
    """An event of unbusy as it stands: on `day`, from `start` to `end`; all-day ones from `day` to `last`."""

    uid: str
    policy: str
    key: str
    day: date
    last: date
    start: int
    end: int
    show: str
    title: str
    text: str
    private: bool = True

    @property
    def all_day(self) -> bool:
        """Whether it is a matter of days; flags are."""
        return self.start == self.end

    @property
    def takes_time(self) -> bool:
        """Whether something else could be done there if it were not; lunch itself takes none of lunch."""
        return not self.all_day and not (self.policy == "breaks" and self.key.startswith("lunch/"))

    @property
    def is_block(self) -> bool:
        """Whether it is a block of focus; the way into absence and out of it is none."""
        return self.policy == "focus" and not self.all_day and not self.key.startswith(("landing/", "handover/"))

    @property
    def minutes(self) -> int:
        """Its length."""
        return self.end - self.start

    @property
    def asks(self) -> tuple[str, ...]:
        """Its questions, each of which begins with a sign; what it drafts for others to be asked is none."""
        lines = (line.strip() for line in self.text.split("\n"))
        return tuple(line.lstrip(SIGN).strip() for line in lines if line.startswith(SIGN))


class Limits(Struct, frozen=True, kw_only=True):
    """What a flag says of a day or a week, in minutes and shares; 0 for no such limit."""

    day_meetings: int
    day_share: float
    day_run: int
    week_meetings: int
    week_share: float
    week_after_hours: int
    week_long: int
    near: float
    """The part of a limit from which a flag is true: it stands until all is under that."""


class Engine:
    """unbusy for one leader, in one process, in a folder that holds calendars and state; `everything`: each policy."""

    def __init__(self, base: Path, leader: Leader, *, everything: bool = False) -> None:
        self.base, self.zone = base, ZoneInfo(leader.zone)
        self._now = datetime.now(UTC)
        self.private = base / "home" if everything else base / "calendars"
        for folder in (base / "calendars" / WORK, self.private):
            folder.mkdir(parents=True, exist_ok=True)
        path = base / "config.toml"
        words = {"days": leader.days, "hours": leader.hours, "goal": leader.goal, "zone": leader.zone}
        words |= {"base": str(base), "me": ME, "work": WORK, "breaks": str(everything).lower()}
        path.write_text((CONFIG + EVERYTHING * everything).format(**words))
        self._stack = ExitStack()
        self._runtime: Runtime = self._stack.enter_context(open_runtime(load(path), lambda: self._now))
        self._known: dict[str, tuple[tuple[int, int], Own]] = {}
        self.answered: dict[str, str] = {}
        """What was typed, by the UID of the event in which it was."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give ledger and accounts back."""
        self._stack.close()

    @property
    def limits(self) -> Limits:
        """Those of the config, as they are by default."""
        o: Any = self._runtime.config.policies["overload"]
        return Limits(
            day_meetings=int(o.day_meetings), day_share=o.day_share, day_run=int(o.day_run),
            week_meetings=int(o.week_meetings), week_share=o.week_share, week_after_hours=int(o.week_after_hours),
            week_long=o.week_long_blocks, near=o.leave_at,
        )  # fmt: skip

    @property
    def off(self) -> tuple[str, ...]:
        """The policies that are switched off."""
        policies: Any = self._runtime.config.policies
        return tuple(name for name in sorted(policies) if not policies[name].enabled)

    # -- its side -------------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> None:
        """The user has looked at a plan and said yes."""
        cycle.confirm(self._runtime, self._moment(now))

    def cycle(self, now: datetime, *, force: bool = False) -> str:
        """One cycle at a local wall time; why it was stopped, '' if it was not.  RuntimeError for what is not well."""
        self._now = moment = self._moment(now)
        planned = cycle.plan(self._runtime, moment, patient=True)
        if bad := [p for p in planned.plan.problems if p.code]:
            raise RuntimeError(f"{now}: {bad[0]}")
        stopped = planned.plan.stopped
        if stopped and not force:
            planned = cycle.plan_stopped(self._runtime, planned)
        cycle.carry_out(self._runtime, planned, moment, command="run", force=force)
        return "" if force else stopped

    def _moment(self, now: datetime) -> datetime:
        return at(now.date(), now.time(), self.zone)

    def others(self) -> frozenset[tuple[str, int, int]]:
        """Every file that is not of unbusy, with what shows a change."""
        calendars = (entry for folder in {self.base / "calendars", self.private} for entry in os.scandir(folder))
        files = (entry for calendar in calendars for entry in os.scandir(calendar))
        kept = (entry for entry in files if not entry.name.startswith("unbusy-"))
        return frozenset((entry.path, entry.stat().st_mtime_ns, entry.inode()) for entry in kept)

    # -- what it has written --------------------------------------------------------------------------------------

    def ours(self) -> dict[str, Own]:
        """All of its events, by UID, read anew where the file is another."""
        found = {}
        for path in sorted((self.base / "calendars" / WORK).glob("unbusy-*.ics")):
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            known = self._known.get(path.stem)
            found[path.stem] = known if known and known[0] == stamp else (stamp, self._read(path))
        self._known = found
        return {uid: own for uid, (_, own) in found.items()}

    def _read(self, path: Path) -> Own:
        resource = Resource(ResourceRef(f"life/{WORK}", path.name, "1"), path.read_bytes())
        (event,) = codec.reading(resource, _EVER, self.zone).events
        return own(event, self.zone)

    # -- the user's hand in it ------------------------------------------------------------------------------------

    def delete(self, one: Own) -> None:
        """It is gone."""
        self._path(one).unlink()

    def move(self, one: Own, day: date, start: int, minutes: int) -> None:
        """It gets another time, as a calendar program writes it."""
        clocks = {"DTSTART": start, "DTEND": start + minutes}
        self._edit(
            one, {n: f"{n};TZID={self.zone.key}:{day:%Y%m%d}T{m // 60:02}{m % 60:02}00" for n, m in clocks.items()}
        )

    def answer(self, one: Own) -> None:
        """A line is typed under its first question."""
        lines = one.text.split("\n")
        under = next(n for n, line in enumerate(lines) if one.asks[0] in line) + 1
        number = len(self.answered)
        self.answered[one.uid] = words = ANSWERS[number % len(ANSWERS)].format(number)
        text = "\n".join([*lines[:under], words, *lines[under:]])
        escaped = re.sub(r"[\\;,]", r"\\\g<0>", text).replace("\n", r"\n")
        self._edit(one, {"DESCRIPTION": f"DESCRIPTION:{escaped}"})

    def _path(self, one: Own) -> Path:
        return self.base / "calendars" / WORK / f"{one.uid}.ics"

    def _edit(self, one: Own, lines: dict[str, str]) -> None:
        path = self._path(one)
        text = path.read_bytes().decode().replace("\r\n ", "")
        head, body, tail = _EVENT.split(text)
        for name, line in lines.items():
            body, found = re.subn(rf"^{name}[;:][^\r\n]*", line.replace("\\", r"\\"), body, flags=re.MULTILINE)
            if found != 1:
                raise RuntimeError(f"{path.name} has {found} lines {name}")
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(f"{head}{body}{tail}".encode())
        beside.replace(path)


def own(event: Event, zone: ZoneInfo) -> Own:
    """One of unbusy's as the simulation sees it; its mark says what it is."""
    if event.mark is None:
        raise RuntimeError(f"{event.ref.uid} has no mark")
    if event.dates:
        day, last, start, end = event.dates.first, event.dates.end - timedelta(days=1), 0, 0
    else:
        begins, ends = event.span.start.astimezone(zone), event.span.end.astimezone(zone)
        day = last = begins.date()
        start, end = minute(f"{begins:%H:%M}"), minute(f"{ends:%H:%M}") or 24 * 60
    return Own(
        uid=event.ref.uid, policy=event.mark.policy, key=event.mark.key, day=day, last=last, start=start, end=end,
        show=event.show_as.value, title=event.summary, text=event.description, private=event.private,
    )  # fmt: skip
