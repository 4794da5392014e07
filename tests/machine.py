"""A world around the cycle, in memory: the user, other people, other programs, the clock, and power cuts.

`World` carries out what they do and keeps its own record of it: what nobody but its author may change, which fields
are the user's, what the user deleted and typed.  `World.look` holds the calendars against that record.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from connectors.rfc5545 import codec
from connectors.rfc5545.lines import escaped
from daemon import cycle
from daemon import undo as undoing
from daemon.config import Config, load, profile, registry
from daemon.cycle import Planned
from daemon.journal import Journal, JournalFolder, taken_back
from daemon.journal import pages as journal
from daemon.ledger import Ledger, OwnRow, open_ledger
from daemon.ledger.notes import INSTALLATION
from daemon.model.errors import ConfigError, ExistsError, StoppedError, TemporaryError, UnbusyError
from daemon.model.event import CalendarId, Event, PartStat, ResourceRef, ShowAs
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import EXTRA, NOTHING_KNOWN, UNBUSY, UNDONE, Field, Mark, OwnState, Wish
from daemon.model.plan import Annotate, Change, Create, Delete, Draft, Plan, Update
from daemon.model.protocols import CalendarInfo, Reader, Reading, Resource
from daemon.model.times import DateRange, TimeRange, Week, at, local_day, week_of
from daemon.model.user.gesture import Gesture
from daemon.planning.diff import fingerprints_of
from daemon.planning.snapshots import observed
from daemon.stages import owners
from daemon.stages.applying import Applied
from daemon.stages.runtime import Runtime
from daemon.system.lock import FileLease, Lease
from living import said
from making import ME, ZONE
from memory import Memory
from modelserver import Habits, ModelServer, html, inside, joined, unfolded
from power import JOURNAL, RECORDS, WRITES, Killed, Power, Wired
from words import answer_under, bare, said_in, typed_under

T = TypeVar("T")
Place = tuple[CalendarId, str]
"""Calendar and href."""
Figure = dict[Place, tuple[Mark, dict[Field, str]]]
"""How everything of ours stands."""
Answers = dict[Place, str]
"""What is answered under each command."""

WORK, PROMPTS, TEAM = "work/Work", "work/Prompts", "work/Team"
PRIVATE = "home/Private"
"""The calendar of another account, which is only read."""

EVER = TimeRange(at(date(2025, 1, 1), time(), ZONE), at(date(2029, 1, 1), time(), ZONE))
ROOMS = Path("/dev/shm")  # noqa: S108  memory, where there is such a folder: SQLite waits for a disk

PRACTICES = ("preparation", "advisors", "network", "habits", "mirror")
"""Policies that are off by default."""

OPTIONS: Mapping[str, Sequence[object]] = {
    "goal": ("8h", "4h", "12h"),
    "prefer": ('"09:00-12:00"', '"14:00-17:30"', "[]"),
    "per_day": ("4h", "2h"),
    "show_as": ("auto", "free"),
    "buffer": ("0m", "15m"),
    "title": ("Focus", "Deep work"),
    "calendar": ("", "Prompts"),
    "breaks": ("true", "false"),
    "lunch": ("false", "true"),
    "focus": ("true", "false"),
    "overload": ("true", "false"),
    "reflection": ("true", "false"),
    **dict.fromkeys(PRACTICES, ("false", "true")),
    "horizon": ("1d", "7d"),
    "max_per_day": (6, 2),
    "max_changes": (40, 3),
    "fill": (0.8, 0.3),
    "lookback": ("7d", "28d", "1d"),
}
"""What the config may say; the first is what it says at first."""

CONFIG = """\
timezone = "Europe/Warsaw"
working_hours = {{ mon-fri = "09:00-17:30", sun = "01:00-05:00" }}
lookback = "{lookback}"
horizon = "{horizon}"
max_per_day = {max_per_day}
max_changes = {max_changes}
{owner}
fill = {fill}
[accounts.work]
type = "vdir"
path = "/nowhere"
emails = {emails}
write = "Work"
[accounts.home]
type = "vdir"
path = "/nowhere/either"
[people]
reports = ["p1@example.com"]
[policies.breaks]
enabled = {breaks}
lunch = {lunch}
[policies.focus]
enabled = {focus}
title = "{title}"
weekly_goal = "{goal}"
prefer = {prefer}
per_day = "{per_day}"
show_as = "{show_as}"
buffer = "{buffer}"
[policies.overload]
enabled = {overload}
[policies.reflection]
enabled = {reflection}
calendar = "{calendar}"
[policies.preparation]
enabled = {preparation}
[policies.advisors]
enabled = {advisors}
[policies.network]
enabled = {network}
people = [{{ who = ["p2@example.com"], every = "1w" }}]
[policies.habits]
enabled = {habits}
items = [
    {{ preset = "walk" }},
    {{ title = "Piano", for = "30m", between = "16:00-17:30", per_week = 1, show_as = "free" }},
]
[policies.mirror]
enabled = {mirror}
from = ["home"]
"""

NAMES = {
    ME: ("", [ME, "lovelace@example.org"]),
    "lovelace@example.org": ("", ["lovelace@example.org", ME]),
    "boss": ('owner = "boss"', [ME, "lovelace@example.org"]),
}  # fmt: skip
"""The names that the owner may have, and what the config says of each."""

FOREIGN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//tests//EN
{events}END:VCALENDAR
"""
GUESTS = f"ORGANIZER:mailto:p1@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\nATTENDEE:mailto:p1@example.com\n"
MEETINGS = (
    ("Meeting", GUESTS), ("Exit talk", GUESTS), ("Staff", f"{GUESTS}ATTENDEE:mailto:p2@example.com\n"),
    ("Steering", GUESTS),
)  # fmt: skip
"""A meeting of two, one after which there is a pause, one with two others, one to prepare for."""
INVITED = (f"ORGANIZER:mailto:{ME}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}", "ATTENDEE:mailto:p1@example.com")
"""What stands in an event of the user's own with a guest."""

ANCHOR = (
    "BEGIN:VEVENT\nUID:anchor\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:20260101\nTRANSP:TRANSPARENT\nEND:VEVENT\n"
)
"""Stands in each calendar, because one that is suddenly empty is taken to be unreadable."""


@lru_cache(maxsize=20_000)
def read(resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
    """The codec is pure, and most of what it is asked it was asked before."""
    return codec.reading(resource, window, zone)


@dataclass
class Store(ModelServer):
    """The account; `offline`: not even its list of calendars can be had; `reserved`: UIDs of what cannot be seen."""

    offline: bool = False
    reserved: set[str] = field(default_factory=set)

    def create(self, draft: Draft) -> Resource:
        if draft.uid in self.reserved:
            raise ExistsError("its UID is taken")
        return super().create(draft)

    def calendars(self) -> Sequence[CalendarInfo]:
        if self.offline:
            raise TemporaryError("the account cannot be reached")
        return super().calendars()

    def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
        return read(resource, window, zone)

    def _calendar(self, calendar: CalendarId) -> dict[str, Resource]:
        if self.offline:
            raise TemporaryError("the account cannot be reached")
        return super()._calendar(calendar)


def planned_whole(runtime: Runtime, now: datetime, *, again: bool = False) -> Planned:
    """The first plan for which every calendar was read in full; until then nothing new is placed."""
    parts = [""]
    while True:
        planned = cycle.plan(runtime, now, again=again)
        before, parts = parts, [c.part for c in planned.observation.snapshot.calendars]
        if not any(parts) or parts == before:
            return planned
        new = [c for c in planned.plan.changes if isinstance(c, Create) and c.wish.policy != UNBUSY]
        assert not new, f"{[said(c) for c in new]}, and {parts}"


@lru_cache
def config(text: str) -> Config:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(text)
        return load(path)


def vevent(uid: str, when: TimeRange, more: str = "", title: str = "Meeting") -> str:
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART:{stamp(when.start)}\nDTEND:{stamp(when.end)}\n"
        f"SUMMARY:{title}\n{more}END:VEVENT\n"
    )


def local_vevent(uid: str, start: datetime, minutes: int, more: str = "") -> str:
    """In local time, as a series must be."""
    end = start + timedelta(minutes=minutes)
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Warsaw:{start:%Y%m%dT%H%M%S}\n"
        f"DTEND;TZID=Europe/Warsaw:{end:%Y%m%dT%H%M%S}\nSUMMARY:Series\n{more}{GUESTS}END:VEVENT\n"
    )


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def ics(*events: str) -> bytes:
    return FOREIGN.format(events="".join(events)).encode()


def with_lines(payload: bytes, *changes: tuple[str, str]) -> bytes:
    """An event with some properties set, as a text editor does it; '' takes a property out."""

    def change(lines: list[str]) -> list[str]:
        for name, value in changes:
            lines = [n for n in lines if not n.startswith((f"{name}:", f"{name};"))]
            lines += [f"{name}{value if value[0] in ';:' else f':{value}'}"] if value else []
        return lines

    return inside(payload, change)


def with_more(payload: bytes, *lines: str) -> bytes:
    """One of ours with more lines in its event."""
    text = "\n".join(unfolded(payload))
    return text.replace("\nEND:VEVENT", "".join(f"\n{line}" for line in lines) + "\nEND:VEVENT").encode()


def when_lines(when: TimeRange | DateRange) -> tuple[tuple[str, str], tuple[str, str]]:
    if isinstance(when, DateRange):
        return ("DTSTART", f";VALUE=DATE:{when.first:%Y%m%d}"), ("DTEND", f";VALUE=DATE:{when.end:%Y%m%d}")
    return ("DTSTART", stamp(when.start)), ("DTEND", stamp(when.end))


class Files:
    """Where what is remembered lies: a folder for each state."""

    def ledger(self, state: Path) -> Ledger:
        return open_ledger(state)

    def journal(self, state: Path) -> Journal:
        return JournalFolder(state / "journal")

    def lease(self, state: Path, name: str) -> Lease:
        return FileLease(state / f"{name}.lock")

    def lose(self, state: Path) -> None:
        """The ledger, and nothing else."""
        for path in state.glob("ledger*"):
            path.unlink()

    def copy(self, state: Path, to: Path) -> None:
        copytree(state, to)

    def states(self, base: Path) -> list[Path]:
        return sorted(base.iterdir())

    def close(self) -> None:
        pass


class World:
    """One user with three calendars: Work (unbusy writes there), Prompts (perhaps there too) and Team.

    `kept`: where what is remembered lies.  `practices`: whether the policies are on that are off by default.
    """

    def __init__(
        self, monday: date, habits: Habits | None = None, kept: Files | None = None, *, practices: bool = False
    ) -> None:
        self.now = at(monday, time(7), ZONE)
        self.kept = kept or Files()
        self.base = TemporaryDirectory(dir=ROOMS if ROOMS.is_dir() else None)
        self.power = Power()
        self.counts: Counter[str] = Counter()
        self.state = Path(self.base.name) / "state"
        self.owner, self.adopted, self.written_as = ME, set[str](), set[str]()
        self.options = {name: values[0] for name, values in OPTIONS.items()}
        self.options |= dict.fromkeys(PRACTICES, "true") if practices else {}
        self.store = Store(names=("Work", "Prompts", "Team"), clock=lambda: self.now, habits=habits or Habits())
        self.home = Memory("home", ("Private",), clock=lambda: self.now)
        self.theirs: dict[Place, bytes] = {}
        self.busy: dict[Place, tuple[TimeRange, ...]] = {}
        self.busy_as_read: dict[Place, tuple[TimeRange, ...]] = {}
        self.broken: dict[Place, bytes] = {}
        self.edits: dict[Place, dict[Field, str]] = {}
        self.typed: dict[Place, str] = {}
        self.filed: dict[Place, str] = {}
        self.commands: set[Place] = set()
        self.hushed: set[Place] = set()
        self.ever_hushed: set[Place] = set()
        self.extras: dict[Place, set[str]] = {}
        self.invited: set[Place] = set()
        self.meant: set[Place] = set()
        self.doubtful: set[Wish] = set()
        self.trash: dict[Place, tuple[bytes, dict[Field, str]]] = {}
        self.confirmed: set[Wish] = set()
        self.deleted: set[Wish] = set()
        self.noted: set[Wish] = set()
        self.ever_deleted: set[Wish] = set()
        self.back: dict[Wish, object] = {}
        self.put_back: dict[Place, dict[Field, str]] = {}
        self.put_under: dict[Place, object] = {}
        self.lifted: dict[Place, dict[Field, str]] = {}
        self.marks: dict[str, Mark] = {}
        self.number = self.machines = 0
        for calendar in (WORK, PROMPTS, TEAM):
            self.write((calendar, "anchor.ics"), ics(ANCHOR))
        self.home.put(PRIVATE, "anchor.ics", ics(ANCHOR))
        self.runtime = self._open()

    # -- the process ----------------------------------------------------------------------------------------------

    def _open(self, ledger: Path | None = None) -> Runtime:
        owner, emails = NAMES[self.owner]
        text = CONFIG.format(**self.options, owner=owner, emails=json.dumps(emails))
        self.ledger = self.kept.ledger(ledger or self.state)
        if not INSTALLATION.get(self.ledger.drawer):
            self.machines += 1
            INSTALLATION.put(self.ledger.drawer, f"{self.machines:06}")
        if self.ledger.own.fresh or self.is_second:
            owners.adopt(self.ledger, self.adopted, ())  # as the user has done it once, by name
        known = owners.former(config(text), self.ledger, self.owner)
        runtime = Runtime(
            config=config(text), connectors=self._connectors(self.store, self.power),
            ledger=Wired(self.ledger, RECORDS, self.power), journal=self._journal(self.state, self.power),
            run_lease=self.kept.lease(self.state, "cycle"), service_lease=self.kept.lease(self.state, "daemon"),
            profile=profile(config(text), known), roles=registry.roles(config(text).policies),
        )  # fmt: skip
        if runtime.ledger.own.fresh:
            runtime.ledger.own.take_up(journal.read_skips(runtime.journal), taken_back.read(runtime.journal))
        return runtime

    def _connectors(self, store: Store, power: Power) -> dict[str, Reader]:
        return {"work": Wired(store, dict.fromkeys(WRITES), power), "home": self.home}

    def _journal(self, state: Path, power: Power) -> Journal:
        wired: Journal = Wired(self.kept.journal(state), JOURNAL, power)
        return wired

    def restart(self) -> None:
        self.ledger.close()
        self.runtime = self._open()

    def close(self) -> None:
        self.ledger.close()
        self.kept.close()
        self.base.cleanup()

    def configure(self, name: str, value: object) -> None:
        self.options[name] = value
        self.restart()

    def called(self, owner: str) -> None:
        """The owner has another name in the config."""
        self.owner = owner
        self.restart()

    def lose_ledger(self) -> None:
        """What was not in the journal yet is forgotten with it."""
        self.ledger.close()
        self.kept.lose(self.state)
        self.confirmed.clear()
        self.written_as.clear()
        self.deleted &= self.noted
        self.busy_as_read = {}
        self.marks = {uid: replace(mark, base=NOTHING_KNOWN) for uid, mark in self.marks.items()}
        self.edits |= self.theirs_of_unmarked()
        self.runtime = self._open()

    @property
    def is_second(self) -> bool:
        """Whether it is the other machine that runs."""
        return self.state.name == "second"

    def reopened(self) -> Runtime:
        """With the state of another machine, whose `state` is set; the ledger of this one stays open."""
        return self._open()

    def theirs_of_unmarked(self) -> dict[Place, dict[Field, str]]:
        """Of each of ours without its mark: how the fields stand that are not known to be as last asked for."""
        bare = {p: b for p, b in (self.ours() | self._broken_of_ours()).items() if carried(b) is None}
        return {p: dict(self.edited(p, b).items() - self.put_back.get(p, {}).items()) for p, b in bare.items()}

    def _broken_of_ours(self) -> dict[Place, bytes]:
        return {p: b for p, b in self.broken.items() if p not in self.theirs}

    @contextmanager
    def forgetful(self) -> Iterator[None]:
        """For a while, with a new ledger beside the old one."""
        runtime, ledger = self.runtime, self.ledger
        with TemporaryDirectory(dir=self.base.name) as folder:
            self.runtime = self._open(Path(folder))
            try:
                yield
            finally:
                self.ledger.close()
                self.runtime, self.ledger = runtime, ledger

    @property
    def unreadable(self) -> bool:
        return bool(self.store.down or self.broken) or self.store.offline

    # -- what stands ----------------------------------------------------------------------------------------------

    def contents(self, store: Store | None = None) -> dict[Place, bytes]:
        stored = (store or self.store).stored
        return {(c, href): r.payload for c, there in stored.items() for href, r in there.items()}

    def ours(self, store: Store | None = None) -> dict[Place, bytes]:
        """What unbusy wrote and can be read."""
        return {p: b for p, b in sorted(self.contents(store).items()) if p not in self.theirs and p not in self.broken}

    def mark(self, payload: bytes) -> Mark:
        """The mark of one of ours: as it bears it, else as the ledger knows it."""
        return carried(payload) or self.marks[uid_in(payload)]

    def wish_of(self, payload: bytes) -> Wish:
        return self.mark(payload).wish

    def figure(self, place: Place, payload: bytes) -> tuple[Mark, dict[Field, str]]:
        """What matters of one of ours: its mark, and how it stands."""
        return self.mark(payload), standing(place, payload)

    def edited(self, place: Place, payload: bytes) -> dict[Field, str]:
        """The fields that are not as last asked for."""
        base, found = self.mark(payload).base, standing(place, payload)
        return {f: found[f] for f in Field if found[f] != base[f]}

    def begun(self, place: Place, payload: bytes) -> bool:
        e = event(place, payload)
        if e.dates:
            return e.dates.end <= local_day(self.now, ZONE)
        return e.span.start <= self.now

    def booked_over(self, place: Place) -> bool:
        """Whether one of ours stands over the time of somebody else."""
        e = event(place, self.contents()[place])
        return not e.dates and any(e.span.overlaps(span) for spans in self.busy.values() for span in spans)

    def written_down(self, *, anywhere: bool = False) -> str:
        """The journal; `anywhere`: that of the other machine, too."""
        states = self.kept.states(Path(self.base.name)) if anywhere else [self.state]
        return "".join(page for state in states for _, page in self.kept.journal(state).pages())

    # -- other people, and the user's own events ------------------------------------------------------------------

    def write(self, place: Place, payload: bytes, busy: Iterable[TimeRange] = ()) -> None:
        """A foreign event as its author wants it."""
        self.store.put(*place, payload)
        self.theirs[place], self.busy[place] = payload, tuple(busy)
        self.commands.discard(place)
        self.hushed.discard(place)

    def command(self, place: Place, payload: bytes, busy: Iterable[TimeRange] = (), *, hushed: bool = False) -> None:
        """An event that orders something; `hushed`: the user has taken the answer away."""
        self.write(place, payload, busy)
        self.commands.add(place)
        self.hushed |= {place} if hushed else set()
        self.ever_hushed |= self.hushed

    def new_place(self, calendar: CalendarId, name: str) -> Place:
        self.number += 1
        return calendar, f"{name}-{self.number}.ics"

    def remove(self, place: Place) -> None:
        self.store.take(*place)
        del self.theirs[place], self.busy[place]
        self.commands.discard(place)

    def meetings(self) -> list[Place]:
        return sorted(p for p, spans in self.busy.items() if spans and p in self.theirs and p not in self.broken)

    def live(self, name: str, when: TimeRange | None) -> None:
        """Something private takes time, or no longer does."""
        place = PRIVATE, name
        if when:
            self.home.put(*place, ics(vevent(name, when, "", "Dentist")))
            self.busy[place] = (when,)
        else:
            del self.home.stored[PRIVATE][name], self.busy[place]

    def private(self) -> list[Place]:
        """What stands there and takes time."""
        return sorted(p for p in self.busy if p[0] == PRIVATE)

    def colleague(self, place: Place, name: str) -> bool:
        """A colleague's unbusy writes the same event into a calendar that both see."""
        payload = self.ours()[place]
        theirs = replace(self.mark(payload), owner=name)
        there = TEAM, f"{theirs.uid}.ics"
        if there in self.theirs:
            return False
        self.write(there, with_lines(payload, ("UID", theirs.uid), ("X-UNBUSY", write_mark(theirs))))
        return True

    def break_(self, place: Place) -> None:
        """Half of a resource is there."""
        whole = self.contents()[place]
        self.broken[place] = whole
        half = whole[: len(whole) // 2]
        self.store.put(*place, half)
        if place in self.theirs:
            self.theirs[place] = half

    def mend(self, place: Place) -> None:
        whole = self.broken.pop(place)
        self.store.put(*place, whole)
        if place in self.theirs:
            self.theirs[place] = whole

    def all_can_be_read(self) -> None:
        """What is down comes back, and what is broken is mended."""
        self.store.down.clear()
        self.store.offline = False
        for place in list(self.broken):
            self.mend(place)

    # -- the user, on our events ----------------------------------------------------------------------------------

    def edit(self, place: Place, *changes: tuple[str, str]) -> None:
        self.put_ours(place, with_lines(self.contents()[place], *changes))

    def add(self, place: Place, *lines: str) -> None:
        """What unbusy knows nothing of, or an alarm."""
        self.put_ours(place, with_more(self.contents()[place], *lines))
        self.extras.setdefault(place, set()).update(lines)

    def invite(self, place: Place) -> None:
        """With somebody else in it, it is no longer ours."""
        payload = with_more(self.contents()[place], *INVITED)
        self.edits.pop(place, None)
        self.extras.pop(place, None)
        self.invited.add(place)
        self.write(place, payload)

    def uninvite(self, place: Place) -> None:
        self.invited.discard(place)
        lines = [n for n in unfolded(self.theirs.pop(place)) if n not in INVITED]
        del self.busy[place]
        self.put_ours(place, joined(lines))

    def transfer(self, place: Place, calendar: CalendarId) -> None:
        """Into another calendar, as it is."""
        there = calendar, place[1]
        payload = self.store.take(*place).payload
        self.edits.pop(place, None)
        if place in self.typed:
            self.typed[there] = self.typed.pop(place)
        if place in self.filed:
            self.filed[there] = self.filed.pop(place)
        if place in self.extras:
            self.extras[there] = self.extras.pop(place)
        self.put_ours(there, payload)

    def put_ours(self, place: Place, payload: bytes) -> None:
        """One of ours, as the user has it now: the fields that are not as last asked for are the user's.

        But those that still are as `undo` has put them back, also where that is wanted no longer.
        """
        self.store.put(*place, payload)
        self._whose(place, payload)

    def _whose(self, place: Place, payload: bytes, put_back: Mapping[Field, str] | None = None) -> None:
        found = self.edited(place, payload)
        back = {**self.put_back.pop(place, {}), **(put_back or {})}
        if left := dict(found.items() & back.items()):
            self.put_back[place] = left
        self.edits[place] = dict(found.items() - back.items() - self.lifted.get(place, {}).items())

    def type(self, place: Place, words: str, *, under: bool = False, marked_up: bool = False) -> None:
        """In place of the description, or `under` its first question; `marked_up`: by a client that makes HTML."""
        payload = self.contents()[place]
        text = typed_under(event(place, payload).description, words, self.typed.get(place, "")) if under else words
        self.filed.pop(place, None)
        self.typed[place] = words
        payload = with_lines(payload, ("DESCRIPTION", f":{escaped(text)}"))
        self.put_ours(place, html(payload) if marked_up else payload)

    def orders(self, place: Place, payload: bytes) -> frozenset[Gesture]:
        """The words by which one of ours orders something: the user's, and not what `undo` gave back."""
        base, e = self.mark(payload).base, event(place, payload)
        texts = {Field.TITLE: e.summary, Field.TEXT: e.description}
        theirs = [t for f, t in texts.items() if f in self.edited(place, payload) and not base[f].startswith(UNDONE)]
        return frozenset(word for text in theirs for word in said_in(text))

    def resting(self) -> set[tuple[str, Week]]:
        """The policies that rest in a week."""
        return {
            (self.wish_of(payload)[0], week_of(local_day(event(place, payload).span.start, ZONE), 0))
            for place, payload in self.ours().items()
            if place[0] not in self.hidden
            and {Gesture.REST} == self.orders(place, payload) & {Gesture.REST, Gesture.SKIP}
            and not turned_down(place, payload)
        }  # fmt: skip

    def delete(self, place: Place) -> None:
        payload = self.contents()[place]
        self.trash[place] = payload, self.edits.pop(place, {})
        self.typed.pop(place, None)
        wish = self.wish_of(payload)
        self.ever_deleted.add(wish)
        if wish in self.confirmed:
            self.deleted.add(wish)
        self.extras.pop(place, None)
        self.store.take(*place)

    def restore(self, place: Place) -> None:
        """Out of the trash, as it was."""
        payload, _ = self.trash.pop(place)
        wish = self.wish_of(payload)
        self.deleted.discard(wish)
        self.noted.discard(wish)
        self.back.pop(wish, None)
        self.put_ours(place, payload)

    # -- runs -----------------------------------------------------------------------------------------------------

    def matters(self, policy: str) -> object:
        """What the config says of a policy."""
        mine = {
            "focus": ("goal", "prefer", "per_day", "show_as", "buffer", "title", "focus"),
            "breaks": ("breaks", "lunch"), "overload": ("overload",), "reflection": ("reflection", "calendar"),
            **{name: (name,) for name in PRACTICES},
        }  # fmt: skip
        return [NAMES[self.owner][1], *(self.options[name] for name in ("fill", "max_per_day", *mine.get(policy, ())))]

    def _lift(self, *, again: bool) -> None:
        """What no longer stays back, from now on or from a run on that is to come."""
        for wish in [w for w, then in self.back.items() if again or then != self.matters(w.policy)]:
            del self.back[wish]
        ours = self.ours()
        for place in list(self.put_back):
            held = place in ours and self.put_under.get(place) == self.matters(self.mark(ours[place]).policy)
            if again or not (held or place in self.broken):
                self.lifted[place] = self.lifted.get(place, {}) | self.put_back.pop(place)

    def plan(self, *, again: bool = False) -> Planned:
        """Writes to no calendar, and to the ledger nothing but the mirror."""
        before, memory = self.contents(), (self.ledger.own.rows(), self.ledger.runs.latest(1000), self.written_down())
        self._lift(again=again)
        planned = planned_whole(self.runtime, self.now, again=again)
        self.meant = {place_of(c) for c in planned.plan.changes}
        assert self.contents() == before
        assert (self.ledger.own.rows(), self.ledger.runs.latest(1000), self.written_down()) == memory
        self._has_read()
        resting = self.resting()
        for change in planned.plan.changes:
            self._check_place(change, resting)
        return planned

    def _has_read(self) -> None:
        """Whatever could be read is known as it is now; the rest stands as it was last read."""
        hidden = {p for p in self.busy if p[0] in self.hidden or p in self.broken}
        self.busy_as_read = {p: (self.busy_as_read.get(p, ()) if p in hidden else s) for p, s in self.busy.items()}

    def _check_place(self, change: Change, resting: set[tuple[str, Week]]) -> None:
        """Nothing is put into the past, over others' time, or where its policy is to rest.

        But lunch without room; and a hold is put over what it stands for.
        """
        if isinstance(change, Delete | Annotate) or (isinstance(change, Update) and Field.WHEN not in change.fields):
            return
        when = change.draft.when
        day = when.first if isinstance(when, DateRange) else local_day(when.start, ZONE)
        policy = change.wish.policy
        assert policy == UNBUSY or (policy, week_of(day, 0)) not in resting, f"{said(change)}, and it is to rest"
        if isinstance(when, DateRange):
            assert when.end > local_day(self.now, ZONE), said(change)
        else:
            assert when.start > self.now, said(change)
            over = [p for p, spans in self.busy_as_read.items() if any(s.overlaps(when) for s in spans)]
            lunch = change.wish.key.startswith("lunch/") and change.draft.show_as is ShowAs.FREE
            hold = policy == "mirror" and any(p[0] == PRIVATE for p in over)
            assert not over or lunch or hold, f"{said(change)} over {over}"

    def run(
        self, act: Callable[[], T], *, purging: bool = False, blind: bool = False, back_and_forth: bool = False
    ) -> T | None:
        """A run that may write, and what it must not touch; None if it failed as it had to.

        `blind`: it does not ask first whether the calendars can be read.  `back_and_forth`: it takes something back, or
        wants that again, and may touch what was put back.
        """
        before, broken = self.ours(), {p: self.contents()[p] for p in self.broken}
        armed, done = bool(self.power.cuts), None
        try:
            done = act()
        except Killed:
            self.busy_as_read = {}
            self.power.restore()
            self.restart()
        except UnbusyError as e:
            if isinstance(e, ConfigError) or (not armed and not (blind and self.unreadable)):
                raise
            self.busy_as_read = {}
        finally:
            self.power.restore()
        self._check_run(before, broken, purging=purging, back_and_forth=back_and_forth)
        new = {self.wish_of(b) for p, b in self.ours().items() if p not in before}
        gone = {self.wish_of(b) for p, b in before.items() if p not in self.contents()}
        self.doubtful = new if self.power.happened else set()
        self.ever_deleted |= gone if self.power.happened else set()
        if done is None:
            self.confirmed -= new
        return done

    def _check_run(
        self, before: dict[Place, bytes], broken: dict[Place, bytes], *, purging: bool, back_and_forth: bool
    ) -> None:
        after = self.contents()
        for place, payload in broken.items():
            assert after.get(place) == payload, f"{place} cannot be read, and was written"
        for place in before.keys() - after.keys():
            assert purging or not self.begun(place, before[place]), f"{place} is history, and was deleted"
            skipped = not purging and Gesture.SKIP in self.orders(place, before[place])
            anew = back_and_forth and self._made_by_undo(before[place])
            assert purging or skipped or anew or not self.edits.get(place), f"{place} is the user's, and was deleted"
            gone = purging or skipped or back_and_forth
            assert gone or not self.put_back.get(place), f"{place} was put back, and was deleted"
            if skipped:
                self._is_skipped(place, before[place])
            self.edits.pop(place, None)
            self.extras.pop(place, None)
            self.put_back.pop(place, None)
            self.lifted.pop(place, None)
        for place, payload in before.items():
            if place in after and after[place] != payload:
                orders = self.orders(place, payload)
                assert Gesture.DONE not in orders, f"{place} is done, and was changed"
                assert Gesture.PIN not in orders or event(place, payload).when == event(place, after[place]).when, place
                assert not self.begun(place, payload), f"{place} is history, and was changed"
                assert place in self.meant, f"{place} was changed, and the plan did not say so"
        for place, payload in self.ours().items():
            kept = carried(payload) or before.get(place) == payload
            assert kept, f"{place} was written, and has no mark of its UID"
            assert place in before or not self.begun(place, payload), f"{place} was created in the past"
            found, fields = self.edited(place, payload), self.edits.get(place, {})
            self.lifted[place] = dict(self.lifted.get(place, {}).items() & found.items())
            if back_and_forth and place in before and self._made_by_undo(before[place]):  # what a purge took goes again
                fields = self.edits[place] = dict(fields.items() & found.items())
            assert fields.items() <= found.items(), f"{place}: {fields} of the user's became {found}"
            stays = {} if back_and_forth else self.put_back.get(place, {})
            assert stays.items() <= found.items(), f"{place}: {stays} was put back, and became {found}"

    def _made_by_undo(self, payload: bytes) -> bool:
        return self.mark(payload).base[Field.WHEN].startswith(UNDONE)

    def _is_skipped(self, place: Place, payload: bytes) -> None:
        """It went because the user had said so in it."""
        self.trash[place] = payload, self.edits.get(place, {})
        for wishes in (self.deleted, self.noted, self.ever_deleted):
            wishes.add(self.wish_of(payload))

    def apply(self, *, force: bool = False) -> Applied | None:
        """Plan and carry it out; where the limits forbid the plan, a line on the calendar says so."""
        full: list[Planned] = []

        def act() -> Applied:
            planned = self.plan()
            if force or not planned.plan.stopped:
                full.append(planned)
            if planned.plan.stopped and not force:
                before = self.contents()
                with pytest.raises(StoppedError):
                    self._carry_out(planned)
                assert self.contents() == before
                self.counts["stopped by a limit"] += 1
                planned = cycle.plan_stopped(self.runtime, planned)
                self.meant = {place_of(c) for c in planned.plan.changes}
            return self._carry_out(planned, force=force)

        done = self._applied(self.run(act))
        if done and full and not done.lost and not self.power.happened:
            self._check_orders(full[0])
        return done

    def _check_orders(self, planned: Planned) -> None:
        """After a run: answers are filed, commands are answered, and what was to go is gone.

        But one that was brought back again and again is left as it is, and told of.
        """
        window = planned.observation.snapshot.window
        written, resting = self.written_down(anywhere=True), self.resting()
        paused = [span for place in self.commands for span in self.busy_as_read.get(place, ())]
        for place, payload in self.ours().items():
            e = event(place, payload)
            if place[0] in self.hidden or not e.span.overlaps(window):
                continue
            if place in self.typed:
                assert self.typed[place] in written, f"not filed: {self.typed[place]}"
                self.filed[place] = self.typed[place]
            if self.begun(place, payload):
                continue
            stays = Gesture.SKIP not in self.orders(place, payload) or fought(planned.plan, self.wish_of(payload))
            assert stays, f"{place} is to go, and stands"
            policy = self.wish_of(payload)[0]
            touched = self.edits.get(place) or self.put_back.get(place)
            if not touched and policy != UNBUSY and not turned_down(place, payload):
                assert (policy, week_of(local_day(e.span.start, ZONE), 0)) not in resting, f"{place} is to rest"
                assert e.dates or not any(e.span.overlaps(s) for s in paused), f"{place} stands in a pause"
        if WORK not in self.hidden:
            self._check_answers(window)

    def _check_answers(self, window: TimeRange) -> None:
        monday = week_of(local_day(self.now, ZONE), 0).first
        for place in self.commands - self.broken.keys() - self.hushed:
            payload = self.contents()[place]
            (one,) = read(Resource(ResourceRef(*place, ""), payload), EVER, ZONE).events
            if local_day(one.span.start, ZONE) >= monday and one.span.overlaps(window):
                assert answer_under(payload), f"{place} has no answer"

    def apply_late(self) -> Callable[[], Applied | None]:
        """Plan now; what is returned carries that plan out, whatever has happened by then."""
        planned, deleted = self.plan(), set(self.deleted)
        meant = self.meant
        standing = {self.wish_of(b) for b in self.ours().values()}

        def carry_out() -> Applied | None:
            before, self.meant = self.ours(), meant
            done = self._applied(self.run(lambda: self._carry_out(planned, force=True)), deleted)
            if done:
                self.confirmed &= standing | {self.wish_of(b) for p, b in self.ours().items() if p not in before}
            return done

        return carry_out

    def _carry_out(self, planned: Planned, *, force: bool = False) -> Applied:
        cycle.confirm(self.runtime, self.now)
        return cycle.carry_out(self.runtime, planned, self.now, command="apply", force=force)

    def _applied(self, done: Applied | None, deleted: set[Wish] | None = None) -> Applied | None:
        """What a run that was carried out to its end has taken note of."""
        if done:
            self.written_as |= set() if self.is_second else {self.owner}
            seen = {self.wish_of(b) for p, b in self.ours().items() if p[0] not in self.hidden}
            self.confirmed = (seen | (self.confirmed if self.hidden else set())) - self.doubtful
            self.noted |= set() if self.hidden else self.deleted if deleted is None else deleted
            rows = self.ledger.own.rows().items()
            skips = {w for w, row in rows if row.status is OwnState.SKIPPED and not inferred(row)}
            skips |= {(s.policy, s.key) for s in journal.read_skips(self.runtime.journal)}
            blind = self.is_second  # what the first machine has withdrawn is simply gone for it, as if by the user
            assert blind or skips <= self.ever_deleted, f"the user did not delete {skips - self.ever_deleted}"
        return done

    def answers(self, store: Store | None = None) -> Answers:
        contents = self.contents(store)
        return {p: answer_under(contents[p]) for p in self.commands if p in contents}

    def undisturbed(self) -> tuple[Figure, Answers, Counter[str]]:
        """Where two runs without a fault would lead, tried on a copy of everything; what points the first passes."""
        store, power = deepcopy(self.store), Power()
        with TemporaryDirectory(dir=self.base.name) as folder:
            state = Path(folder) / "state"
            self.kept.copy(self.state, state)
            ledger = self.kept.ledger(state)
            runtime = replace(
                self.runtime, connectors=self._connectors(store, power),
                ledger=Wired(ledger, RECORDS, power), journal=self._journal(state, power),
            )  # fmt: skip
            try:
                self._two_runs(runtime)
            finally:
                ledger.close()
        return {p: self.figure(p, b) for p, b in self.ours(store).items()}, self.answers(store), power.passed

    def _two_runs(self, runtime: Runtime) -> None:
        for _ in range(2):
            planned = planned_whole(runtime, self.now)
            cycle.confirm(runtime, self.now)
            cycle.carry_out(runtime, planned, self.now, command="apply", force=True)

    def recovered(self) -> Figure:
        """Where two runs lead."""
        for _ in range(2):
            self.apply(force=True)
        return {p: self.figure(p, b) for p, b in self.ours().items()}

    def main_is_known(self) -> bool:
        """Whether the calendar to write to was ever read: without it there is no plan."""
        return WORK in {c.id for c in self.ledger.mirror.calendars("work")}

    @property
    def hidden(self) -> set[CalendarId]:
        """Calendars that cannot be listed."""
        return set(self.store.stored) if self.store.offline else self.store.down

    def at_rest(self) -> None:
        """Nothing is new, so nothing is written."""
        left = changes(self.plan().plan)
        assert not left, f"not at rest: {left}"

    def at_rest_without_ledger(self) -> None:
        """The same from the marks and the journal alone.

        What is forgotten with the ledger: that a text was written today already (an answer may speak of it); that the
        user took an answer away, or another machine gave another; which places blocks had to leave (a report speaks of
        them), and that one had to for good, or was taken for turned down when more was owed: what is still owed, an
        answer may say and a block may come for; what was taken back again and again; that a skipped event was restored,
        or the undoing that would have deleted it broke off, if unbusy has taken the event back since.
        """
        own = self.ledger.own.rows()
        noted = (n for n in taken_back.read(self.runtime.journal) if n.taken_back and not n.taken_back.fields)
        away = {n.wish for n in (*noted, *journal.read_skips(self.runtime.journal))}
        if any(own[wish].status is OwnState.WITHDRAWN for wish in away if wish in own):
            return
        guessed = {w for w, row in own.items() if row.status is OwnState.SKIPPED and inferred(row)} - away
        spent = guessed | {w for w, row in own.items() if row.status is OwnState.SPENT}
        known = self.plan().plan
        with self.forgetful():
            plan = self.plan().plan
        texts = [c for c in plan.changes if isinstance(c, Update) and c.fields == {Field.TEXT}]
        answers = [c for c in plan.changes if isinstance(c, Annotate)]
        again = [
            c
            for c in answers
            if texts or spent or c.before.summary.endswith("report") or place_of(c) in self.ever_hushed
        ]
        changes = plan.changes
        if bare := {self.wish_of(b) for b in self.ours().values() if carried(b) is None}:
            changes = tuple(c for c in changes if c.wish in bare)
        more = [c for c in changes if isinstance(c, Create) and c.wish.want in {w.want for w in spent}]
        left = [said(c) for c in changes if c not in (*texts, *again, *more) and not fought(known, c.wish)]
        assert not left, f"without a ledger: {left}"

    def undo(self) -> bool:
        """Take the latest run back.  What it had created stays away, what it had changed stays as it was before."""
        parts: list[Change] = []

        def act() -> Applied:
            found = undoing.plan_undo(self.runtime, None, self.now)
            self._has_read()
            parts.extend(found.planned.plan.changes)
            self.meant = {place_of(c) for c in parts}
            return undoing.undo(self.runtime, found, self.now)

        try:
            done = self.run(act, blind=True, back_and_forth=True)
        except ConfigError:
            return False
        ours = self.ours()
        standing = {self.wish_of(b) for b in ours.values()}
        gone = {c.wish for c in parts if isinstance(c, Delete)} - standing
        self.back |= {wish: self.matters(wish.policy) for wish in gone}
        self.deleted -= standing
        self.confirmed -= gone if done else {c.wish for c in parts}
        for change in parts:
            place = place_of(change)
            if place in ours and not isinstance(change, Delete):
                self._whose(place, ours[place], put_back(change))
                self.put_under[place] = self.matters(change.wish.policy)
        return done is not None and bool(parts)

    def again(self) -> bool:
        """Want again what was taken back."""
        meant: list[Planned] = []

        def act() -> Applied:
            meant.append(self.plan(again=True))
            cycle.confirm(self.runtime, self.now)
            return cycle.carry_out(self.runtime, meant[0], self.now, command="apply --again", force=True)

        done = self._applied(self.run(act, back_and_forth=True))
        return done is not None and bool(meant[0].observation.wanted_again)

    def purge(self) -> bool:
        """Where it fails, nobody can tell later who deleted what it was to delete."""
        parts: list[Change] = []

        def act() -> Applied:
            planned = cycle.plan_purge(self.runtime, self.now)
            self._has_read()
            parts.extend(planned.plan.changes)
            self.meant = {place_of(c) for c in parts}
            return cycle.purge(self.runtime, planned, self.now)

        done = self.run(act, purging=True, blind=True)
        if not self.main_is_known():
            self.busy_as_read = {}  # a new ledger keeps nothing of what it has read for this
        if done is None:
            gone = {c.wish for c in parts if isinstance(c, Delete)}
            self.confirmed -= gone
            self.deleted -= gone - self.noted
        elif not self.unreadable:
            assert not self.ours()
        return done is not None

    # -- what must hold -------------------------------------------------------------------------------------------

    def look(self) -> None:
        contents, ours = self.contents(), self.ours()
        for place, payload in self.theirs.items():
            same = bare if place in self.commands and place not in self.broken else bytes
            assert same(contents.get(place, b"")) == same(payload), f"{place} is not ours, and was changed"
        wishes = Counter(self.wish_of(payload) for payload in ours.values())
        assert all(n == 1 for n in wishes.values()), f"twice: {[w for w, n in wishes.items() if n > 1]}"
        assert not self.deleted & wishes.keys(), "came back, though the user had deleted it"
        assert not self.back.keys() & wishes.keys(), "came back, though it was taken back"
        for place, lines in self.extras.items():
            if place in ours:
                assert lines <= set(unfolded(ours[place])), f"{place}: of {lines} something is lost"
        journal_text = self.written_down(anywhere=True)
        for place, words in self.typed.items():
            kept = place in contents and words in contents[place].decode().replace("\n ", "")
            kept = kept or place in self.broken
            assert kept or words in journal_text, f"lost: {words}"
        for words in self.filed.values():
            assert words in journal_text, f"lost from the journal: {words}"


# -- helpers ----------------------------------------------------------------------------------------------------------


def event(place: Place, payload: bytes) -> Event:
    """The one event of a resource of ours."""
    (one,) = read(Resource(ResourceRef(*place, ""), payload), EVER, ZONE).events
    return one


@lru_cache(maxsize=20_000)
def carried(payload: bytes) -> Mark | None:
    """The mark that one of ours bears itself."""
    return codec.peek(payload).mark


@lru_cache(maxsize=20_000)
def uid_in(payload: bytes) -> str:
    """The UID of a resource; '' where that is in the half that is missing."""
    return next((n.partition(":")[2] for n in unfolded(payload) if n.startswith("UID:")), "")


def inferred(row: OwnRow) -> bool:
    """Whether a new ledger takes a number that is missing in its week for turned down: it cannot know who took it away.

    See `daemon.planning.turned_down`.
    """
    return not row.calendar


def place_of(change: Change) -> Place:
    """Where the event of a change stands, or will."""
    if isinstance(change, Create):
        return change.draft.calendar, f"{change.draft.uid}.ics"
    if isinstance(change, Annotate):
        return change.before.resource.calendar, change.before.resource.href
    return change.before.event.ref.calendar, change.before.event.resource.href


@lru_cache(maxsize=20_000)
def standing(place: Place, payload: bytes) -> dict[Field, str]:
    """The fingerprints of one of ours, asked for many times and never changed."""
    return observed(event(place, payload))


def put_back(change: Change) -> dict[Field, str]:
    """The fields that a change of `undo` puts back."""
    if not isinstance(change, Create | Update):
        return {}
    wanted, base = fingerprints_of(change.draft), change.mark.base
    if isinstance(change, Update):
        return {f: wanted[f] for f in change.fields}
    return {f: v for f, v in wanted.items() if base[f] in (f"{UNDONE}{v}", f"{EXTRA}{v}")}


def turned_down(place: Place, payload: bytes) -> bool:
    """Cancelled, or declined on an attendee line of the user's own."""
    e = event(place, payload)
    return e.cancelled or any(a.partstat is PartStat.DECLINED for a in e.attendees)


def fought(plan: Plan, wish: Wish) -> bool:
    """Whether one of ours is left as it is, because somebody takes back each change of it."""
    return any("({} {})".format(*wish) in p.what for p in plan.problems)


def changes(plan: Plan) -> list[str]:
    return [said(c) for c in plan.changes]


def differences(one: Figure, other: Figure) -> str:
    """Where two figures differ, in words; which block of a week has which number is no difference."""
    first, second = (
        sorted(f"{numberless(mark.key)}: {tell(mark, found)}" for mark, found in f.values()) for f in (one, other)
    )
    return "" if first == second else "\n".join(["expected", *first, "found", *second])


def numberless(key: str) -> str:
    return re.sub(r"^(\d{4}-W\d\d|command/.*)/\d+$", r"\1", key)


def tell(mark: Mark, found: Mapping[Field, str]) -> str:
    return ", ".join(f"{f} {v}" + (f" (asked: {mark.base[f]})" if v != mark.base[f] else "") for f, v in found.items())
