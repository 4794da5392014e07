"""A ledger in which everything is that a ledger can hold, made by the program itself over three days of a calendar.

    PYTHONPATH=.:tests python tests/ledgers/make.py tests/ledgers/v1.sqlite

The file of each schema is made once, by the last code that had it, before the schema changes; tests/test_migrations.py
brings it to the newest one.  Those of versions 4 and 5 are the one of version 3, brought there by the code of then.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from daemon import cycle, undo
from daemon.config import load
from daemon.ledger.notes import AccountNotes
from daemon.model.errors import RefusedError, TemporaryError
from daemon.model.event import CalendarId
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import CalendarInfo, Resource
from daemon.service.serve import one_cycle
from daemon.stages.runtime import Runtime, open_runtime
from living import EVENT, GUESTS
from making import ME, moment, span
from memory import Memory
from power import Killed

CONFIG = """\
timezone = "Europe/Warsaw"
state = "{base}/state"
horizon = "11d"
max_changes = 40

[accounts.work]
type = "vdir"
path = "{base}/calendars"
emails = ["{me}"]
write = "Work"

[accounts.home]
type = "vdir"
path = "{base}/home"

[policies.overload]
enabled = false
[policies.reflection]
daily = true
[policies.focus]
weekly_goal = "{goal}"
"""
UNTOUCHED = "2026-W49/3"
"""The block whose colour the store changes as it is written, and of which nobody else has changed anything."""


def _unfolded(payload: bytes) -> bytes:
    return payload.replace(b"\r\n ", b"")


class Store(Memory):
    """The calendars of the account "work": it paints one event, and does as it is told with the writes to others."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__("work", clock=clock)
        self.fails: Mapping[str, BaseException] = {}

    def put(self, calendar: CalendarId, href: str, payload: bytes) -> Resource:
        if UNTOUCHED.encode() in _unfolded(payload) and b"\r\nCOLOR" not in payload:
            payload = payload.replace(b"END:VEVENT", b"COLOR:tomato\r\nEND:VEVENT")
        return super().put(calendar, href, payload)

    def create(self, draft: Draft) -> Resource:
        self._asked(draft.mark.key)
        return super().create(draft)

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        self._asked(draft.mark.key)
        return super().update(resource, draft, fields)

    def _asked(self, key: str) -> None:
        if key in self.fails:
            raise self.fails[key]


class Home(Memory):
    """The calendars of the account "home", as long as they can be read."""

    well = True

    def calendars(self) -> list[CalendarInfo]:
        if not self.well:
            raise TemporaryError("no connection to home", "look at the cable")
        return list(super().calendars())


class Past:
    """Three days with unbusy."""

    def __init__(self, base: Path) -> None:
        self.base, self.now = base, moment("Mon 07:00")
        self.work = Store(self._clock)
        self.home = Home("home", ("Private",), clock=self._clock)

    def _clock(self) -> datetime:
        return self.now.astimezone(UTC)

    @contextmanager
    def runtime(self, goal: str = "8h") -> Iterator[Runtime]:
        path = self.base / "config.toml"
        path.write_text(CONFIG.format(base=self.base, me=ME, goal=goal))
        with open_runtime(load(path), self._clock) as runtime:
            yield replace(runtime, connectors={"work": self.work, "home": self.home})

    def meet(self, store: Memory, when: str, title: str, calendar: str = "Work", uid: str = "", more: str = "") -> None:
        uid, at = uid or title.lower().replace(" ", "-"), span(when)
        text = EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=more)
        store.put(f"{store.account}/{calendar}", f"{uid}.ics", text.encode())

    def apply(self, goal: str = "8h") -> None:
        with self.runtime(goal) as runtime:
            planned = cycle.plan(runtime, self.now)
            cycle.confirm(runtime, self.now)
            cycle.carry_out(runtime, planned, self.now, command="apply", force=True)

    def cycle(self) -> None:
        with self.runtime() as runtime:
            one_cycle(runtime, self.now, observe=False)

    def undo(self) -> None:
        with self.runtime() as runtime:
            undo.undo(runtime, undo.plan_undo(runtime, None, self.now), self.now)

    def remove(self, key: str) -> None:
        """The user deletes one of ours."""
        stored = self.work.stored["work/Work"]
        del stored[next(href for href, r in stored.items() if key.encode() in _unfolded(r.payload))]

    def lived(self) -> None:
        """Everything that happens."""
        self.meet(self.work, "Tue 13:00-14:00", "Steering", more=GUESTS)
        self.meet(self.work, "Mon-2 10:00-11:00", "Long ago")
        self.meet(self.home, "Wed 18:00-19:00", "Dentist", "Private")
        self.apply()
        self.now = moment("Mon 09:15")
        self.meet(self.work, "Thu 08:30-12:00", "Board", more=GUESTS)  # a block is booked over
        self.remove("2026-W49/2")  # and one is deleted
        self.meet(self.work, "Fri 15:00-15:15", "unbusy: help", uid="help")
        self.cycle()
        self.now = moment("Mon 11:00")
        self.apply("10h")
        self.now = moment("Mon 12:00")
        self.undo()
        self.now = moment("Tue 08:00")
        self.apply("6h")  # some are withdrawn
        self.now = moment("Tue 08:30")
        self.meet(self.work, "Wed 08:30-12:30", "Offsite", more=GUESTS)
        self.cycle()
        self.now = moment("Tue 10:30")
        self.meet(self.work, "Mon+1 08:30-12:30", "Planning", more=GUESTS)
        self.work.fails = {"2026-W50/1": RefusedError("not allowed", "ask for the right to write")}
        with self.runtime() as runtime:
            AccountNotes(runtime.ledger.drawer, "work").put("calendars", '{"at": "2026-12-01"}')
        self.home.well = False
        self.cycle()
        self.now = moment("Tue 10:40")
        self.meet(self.work, "Fri 08:30-12:30", "Visit", more=GUESTS)
        self.work.fails = {UNTOUCHED: Killed()}  # the process ends here
        with suppress(Killed):
            self.cycle()
        self.now = moment("Tue 10:42")
        self.work.fails = {"2026-W49/6": Killed()}
        with suppress(Killed):
            self.apply("10h")


def main(path: str) -> None:
    """Make the file."""
    with TemporaryDirectory() as folder:
        past = Past(Path(folder))
        past.lived()
        shutil.copy(past.base / "state" / "ledger.sqlite", path)


if __name__ == "__main__":
    main(sys.argv[1])
