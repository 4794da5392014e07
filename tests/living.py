"""A user's calendar over days: meetings come, move and go, the user edits, unbusy runs.  Real stores, real ledger.

Other clients edit our events here as text editors and calendar programs do: by lines, not through our writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from msgspec.structs import replace

from connectors.rfc5545.lines import escaped
from daemon import cycle
from daemon.config import load
from daemon.model.owner import Field
from daemon.model.plan import Annotate, Change, Create, Delete, Plan, Respond, Update
from daemon.model.protocols import Writer
from daemon.model.snapshot import OwnEvent
from daemon.model.times import DateRange, TimeRange
from daemon.stages.runtime import Runtime, open_runtime
from gcal.shelf import GoogleShelf
from making import DAYS, ME, MONDAY, ZONE, moment, span
from memory import Memory
from shelves import Folder, InMemory, Shelf, Store

EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//tests//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:{title}
{more}END:VEVENT
END:VCALENDAR
"""
GUESTS = f"ORGANIZER:mailto:p1@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\nATTENDEE:mailto:p1@example.com\n"

CONFIG = """\
timezone = "Europe/Warsaw"
state = "{state}"
{top}
[accounts.work]
{account}
emails = ["{me}"]
write = "Work"
{policies}
"""
ONLY_FOCUS = "".join(f"[policies.{name}]\nenabled = false\n" for name in ("breaks", "overload", "reflection"))


class Life:
    """One user with one calendar; `now` is the moment of the next run.

    `store`: "vdir", "memory", or any other shelf (tests take the fixture `store`).  `folder`, `root` and `path` are
    those of a vdir.  `through`: what stands between unbusy and the store.
    """

    through: Callable[[Writer], Writer] = staticmethod(lambda connector: connector)

    def __init__(
        self, base: Path, *, now: str = "Mon 07:00", policies: str = ONLY_FOCUS, top: str = "",
        store: Store = "vdir",
    ) -> None:  # fmt: skip
        self.base = base
        base.mkdir(parents=True, exist_ok=True)
        self.root = base / "calendars"
        self.folder = self.root / "Work"
        self.shelf = self._shelf(store) if isinstance(store, str) else store
        self.now = moment(now)
        if isinstance(self.shelf, GoogleShelf):
            self.shelf.follow(lambda: self.now)
        self.configure(policies, top)

    def _shelf(self, store: str) -> Shelf:
        return InMemory(Memory(clock=lambda: self.now)) if store == "memory" else Folder(self.root)

    def configure(self, policies: str = ONLY_FOCUS, top: str = "") -> None:
        """Write another config."""
        text = CONFIG.format(
            state=self.base / "state", account=self.shelf.account, me=ME, top=top, policies=policies
        )  # fmt: skip
        (self.base / "config.toml").write_text(text)

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        with open_runtime(load(self.base / "config.toml"), lambda: self.now.astimezone(UTC)) as runtime:
            connector = self.through(self.shelf.connector or runtime.writer)
            yield replace(runtime, connectors={**runtime.connectors, "work": connector})

    # -- unbusy ---------------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        with self.runtime() as runtime:
            return cycle.plan(runtime, self.now).plan

    def apply(self, *, force: bool = False) -> Plan:
        with self.runtime() as runtime:
            planned = cycle.plan(runtime, self.now, accept_empty=force)
            cycle.confirm(runtime, self.now)
            cycle.carry_out(runtime, planned, self.now, command="apply", force=force)
            return planned.plan

    def changes(self) -> list[str]:
        """What the next run would do: 'create 2026-W49/1 Mon 09:00-11:00', in order."""
        return [said(c) for c in self.plan().changes]

    def ours(self) -> dict[str, OwnEvent]:
        """Ours as they stand, by key."""
        with self.runtime() as runtime:
            return {o.mark.key: o for o in cycle.plan(runtime, self.now).observation.snapshot.ours}

    def lose_ledger(self) -> None:
        for path in (self.base / "state").glob("ledger*"):
            path.unlink()

    # -- what is stored -------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        return self.shelf.names()

    def get(self, name: str) -> bytes:
        return self.shelf.get(name)

    def put(self, name: str, payload: bytes) -> None:
        self.shelf.put(name, payload)

    def remove(self, name: str) -> None:
        self.shelf.remove(name)

    # -- the user and other people --------------------------------------------------------------------------------

    def meet(self, when: str, title: str = "Meeting", *, uid: str = "", more: str = GUESTS) -> str:
        """A meeting is booked (or moved, with the UID of one that is there)."""
        uid = uid or f"{title}-{when}".replace(" ", "-").replace(":", "")
        at = span(when)
        self.put(f"{uid}.ics", EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=more).encode())
        return uid

    def cancel(self, uid: str) -> None:
        self.remove(f"{uid}.ics")

    def name(self, key: str) -> str:
        return f"{self.ours()[key].event.ref.uid}.ics"

    def path(self, key: str) -> Path:
        return self.folder / self.name(key)

    def edit(self, key: str, *changes: tuple[str, str]) -> None:
        """Set properties of one of ours, as an editor does."""
        name = self.name(key)
        text = self.get(name).decode().replace("\r\n ", "").replace("\r\n", "\n")
        for prop, value in changes:
            head, event, tail = re.split(r"(BEGIN:VEVENT.*END:VEVENT)", text, flags=re.DOTALL)
            line = f"{prop}{value}" if value[:1] in ";:" else f"{prop}:{value}"
            event, n = re.subn(rf"^{prop}[;:].*$", line.replace("\\", r"\\"), event, count=1, flags=re.MULTILINE)
            event = event if n else event.replace("END:VEVENT", f"{line}\nEND:VEVENT")
            text = head + event + tail
        self.put(name, text.encode())

    def text(self, key: str) -> str:
        """The description of one of ours."""
        return self.ours()[key].event.description

    def type(self, key: str, *changes: tuple[str, str], style: Callable[[str], str] = str) -> None:
        """Type into the description of one of ours; `style`: what the client makes of it."""
        text = self.text(key)
        for old, new in changes:
            assert old in text, text
            text = text.replace(old, new, 1)
        self.edit(key, ("DESCRIPTION", f":{escaped(style(text))}"))

    def move(self, key: str, when: str) -> None:
        at = span(when)
        self.edit(key, ("DTSTART", f":{at.start:%Y%m%dT%H%M%SZ}"), ("DTEND", f":{at.end:%Y%m%dT%H%M%SZ}"))

    def delete(self, key: str) -> None:
        self.remove(self.name(key))

    def drop_marks(self, *keys: str) -> None:
        """Write some of ours back without what a client does not know; without keys all of them."""
        for name in map(self.name, keys or self.ours()):
            self.put(name, unmarked(self.get(name)))

    def rename(self, key: str, name: str) -> None:
        """Give one of ours another file name."""
        old = self.name(key)
        payload = self.get(old)
        self.remove(old)
        self.put(name, payload)


def unmarked(payload: bytes) -> bytes:
    """Without any property that RFC 5545 does not know."""
    lines = payload.replace(b"\r\n", b"\n").replace(b"\n ", b"").split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b"X-"))


def said(change: Change) -> str:
    """A change in a few words."""
    key = change.wish.key
    match change:
        case Create():
            return f"create {key} {local(change.draft.when)}"
        case Delete():
            return f"delete {key}"
        case Annotate():
            return f"annotate {key}"
        case Respond():
            return f"respond {change.answer.lower()} {change.title}"
        case Update():
            what = local(change.draft.when) if Field.WHEN in change.fields else "+".join(sorted(change.fields))
            return f"update {key} {what}"


def local(when: object) -> str:
    """'Tue 09:00-11:00', with the week if it is not the first: 'Tue+1 …'; days as ISO."""
    if isinstance(when, DateRange):
        return f"{when.first}/{when.end}"
    assert isinstance(when, TimeRange)
    start, end = when.start.astimezone(ZONE), when.end.astimezone(ZONE)
    weeks = (start.date() - MONDAY).days // 7
    return f"{DAYS[start.weekday()]}{f'+{weeks}' if weeks else ''} {start:%H:%M}-{end:%H:%M}"
