"""What every connector promises, whatever it speaks to.  A new kind of store joins by one more `Store`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from connectors import CONNECTORS
from connectors.caldav.connector import Caldav
from connectors.caldav.options import CaldavOptions
from connectors.local.vdir import Vdir, VdirOptions
from daemon.model.errors import ExistsError, GoneError, LostRaceError, UnbusyError, UnreadableError
from daemon.model.event import CalendarId, ShowAs
from daemon.model.owner import Field
from daemon.model.protocols import Connector, Resource
from making import CALENDAR, ZONE
from memory import NOW, Memory
from payloads import WINDOW, Found, asked, draft, ics, looked, marked, observed, vevent
from servers import Account, Server


class Store(Protocol):
    """A calendar as its user and other programs see it."""

    connector: Connector
    calendar: CalendarId

    def put(self, name: str, payload: bytes) -> None:
        """Write a resource, or write over one."""
        ...

    def remove(self, name: str) -> None:
        """Delete a resource."""
        ...

    def vanish(self) -> None:
        """Take the whole calendar away."""
        ...

    def raw(self) -> Mapping[str, bytes]:
        """Every resource, byte for byte."""
        ...

    def stamps(self) -> Mapping[str, object]:
        """Whatever else shows that a resource was touched."""
        ...


@dataclass
class MemoryStore:
    connector: Memory = field(default_factory=Memory)
    calendar: CalendarId = CALENDAR

    def put(self, name: str, payload: bytes) -> None:
        self.connector.put(self.calendar, name, payload)

    def remove(self, name: str) -> None:
        del self.connector.stored[self.calendar][name]

    def vanish(self) -> None:
        self.connector.down.add(self.calendar)

    def raw(self) -> Mapping[str, bytes]:
        return {href: r.payload for href, r in self.connector.stored[self.calendar].items()}

    def stamps(self) -> Mapping[str, object]:
        return {href: r.ref.version for href, r in self.connector.stored[self.calendar].items()}


class VdirStore:
    """What others write has stood there for days, so that its times can be trusted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "Work"
        self.folder.mkdir()
        self.connector = Vdir("work", VdirOptions(path=str(folder)), lambda: NOW)
        self.calendar = CALENDAR
        self._times = count(1_780_000_000)

    def put(self, name: str, payload: bytes) -> None:
        path = self.folder / name
        path.write_bytes(payload)
        os.utime(path, (when := next(self._times), when))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def vanish(self) -> None:
        shutil.rmtree(self.folder)

    def raw(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def stamps(self) -> Mapping[str, object]:
        return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in self.folder.iterdir()}


class DavStore:
    """A calendar on a real server, seen through a client of its own."""

    def __init__(self, server: Server) -> None:
        self.account = server.account()
        self.there = self.account.make_calendar("Work")
        self.calendar = CALENDAR
        self.connector = dav(self.account)

    def put(self, name: str, payload: bytes) -> None:
        answer = self.there.ask("PUT", name, payload)
        if answer.status not in (201, 204):
            pytest.skip(f"this server does not take such a resource: {answer.status}")

    def remove(self, name: str) -> None:
        self.there.delete(name)

    def vanish(self) -> None:
        self.there.drop()

    def raw(self) -> Mapping[str, bytes]:
        return self.there.raw()

    def stamps(self) -> Mapping[str, object]:
        return {name: self.there.etag(name) for name in self.there.names()}


def dav(account: Account, **more: object) -> Caldav:
    """The connector of an account, opened as a cycle does it."""
    options = CaldavOptions(url=account.url, username=account.username, **more)  # type: ignore[arg-type]  # a table
    opened = CONNECTORS["caldav"].open("work", options, lambda: NOW, lambda: account.password, Remembered())
    assert isinstance(opened, Caldav)
    return opened


class Remembered(dict[str, str]):
    """Notes in memory."""

    def get(self, name: str) -> str:  # type: ignore[override]  # '' for nothing
        return super().get(name, "")

    def put(self, name: str, value: str) -> None:
        self[name] = value


@pytest.fixture(params=["memory", "vdir", "radicale", "xandikos"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    match request.param:
        case "memory":
            found: Store = MemoryStore()
        case "vdir":
            found = VdirStore(tmp_path)
        case name:
            found = DavStore(request.getfixturevalue(name))
    yield found
    found.connector.close()


def changes(store: Store, before: Found | None = None) -> Found:
    known = {r.ref.href: r.ref.version for r in before.changed} if before else {}
    return looked(store.connector, store.calendar, known, before.state if before else "")


def summaries(store: Store, found: Found) -> list[str]:
    return sorted(e.summary for r in found.changed for e in store.connector.read(r, WINDOW, ZONE).events)


def theirs(title: str, uid: str = "", **more: str) -> bytes:
    return ics(vevent(f"SUMMARY:{title}", uid=uid or title, **more))


def rewritten(store: Store, mine: Resource, old: str, new: str) -> Resource:
    """Our event after another program has changed a line of it."""
    content = mine.payload.decode()
    assert old in content
    store.put(mine.ref.href, content.replace(old, new).encode())
    (found,) = [r for r in changes(store).changed if r.ref.href == mine.ref.href]
    return found


# --- discovery and reading -----------------------------------------------------------------------------------


def test_calendars_are_named_after_their_account(store: Store) -> None:
    (found,) = store.connector.calendars()
    assert (found.id, found.name, found.owned, found.writable) == (store.calendar, "Work", True, True)


def test_an_empty_calendar_is_empty(store: Store) -> None:
    found = changes(store)
    assert (found.changed, found.present, found.problems) == ((), frozenset(), ())


def test_a_first_read_brings_everything(store: Store) -> None:
    store.put("a.ics", theirs("Standup"))
    store.put("b.ics", theirs("Review"))
    found = changes(store)
    assert summaries(store, found) == ["Review", "Standup"]
    assert found.present == {"a.ics", "b.ics"}
    assert {r.ref.calendar for r in found.changed} == {store.calendar}
    assert {r.ref.href: r.payload for r in found.changed} == store.raw()


def test_a_later_read_brings_only_what_changed(store: Store) -> None:
    for name in ("a.ics", "b.ics", "c.ics"):
        store.put(name, theirs(name))
    first = changes(store)
    store.put("b.ics", theirs("Moved", uid="b.ics"))
    store.put("d.ics", theirs("New"))
    store.remove("c.ics")
    second = changes(store, first)
    assert summaries(store, second) == ["Moved", "New"]
    assert second.present == {"a.ics", "b.ics", "d.ics"}


def test_nothing_new_is_nothing_to_read(store: Store) -> None:
    store.put("a.ics", theirs("Standup"))
    first = changes(store)
    assert changes(store, first).changed == ()
    assert changes(store, first).present == {"a.ics"}


def test_what_cannot_be_understood_costs_only_itself(store: Store) -> None:
    store.put("a.ics", theirs("Standup"))
    store.put("b.ics", b"<html>Please log in</html>")
    store.put("c.ics", theirs("Review"))
    found = changes(store)
    assert summaries(store, found) == ["Review", "Standup"]
    assert found.present == {"a.ics", "b.ics", "c.ics"}
    problems = [p for r in found.changed for p in store.connector.read(r, WINDOW, ZONE).problems]
    assert [p.where for p in problems] == [f"{store.calendar}/b.ics"]


def test_a_calendar_that_is_away_is_not_an_empty_one(store: Store) -> None:
    store.put("a.ics", theirs("Standup"))
    first = changes(store)
    store.vanish()
    with pytest.raises(UnreadableError) as error:
        changes(store, first)
    assert "Work" in error.value.what
    assert error.value.remedy


def test_an_unknown_calendar_is_unreadable(store: Store) -> None:
    with pytest.raises(UnreadableError):
        looked(store.connector, "work/Nobody")


def test_a_large_calendar_is_read_whole_and_then_not_again(store: Store) -> None:
    for n in range(300):
        store.put(f"{n}.ics", theirs(f"Event {n}"))
    first = changes(store)
    assert len(first.changed) == len(first.present) == 300
    store.put("7.ics", theirs("Changed", uid="Event 7"))
    assert [r.ref.href for r in changes(store, first).changed] == ["7.ics"]


# --- our own -------------------------------------------------------------------------------------------------


def test_what_was_created_is_read_back_as_it_was_asked_for(store: Store) -> None:
    asked_for = draft(title="Strategy; part 1", text="Why, what\nand how", show_as=ShowAs.TENTATIVE, reminder=10)
    made = store.connector.create(asked_for)
    (found,) = changes(store).changed
    assert found.payload == made.payload
    assert found.ref.href == made.ref.href
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    assert observed(event) == asked(asked_for)
    assert event.mark == asked_for.mark
    assert event.ref.uid == asked_for.uid
    assert (event.private, event.attendees, event.created) == (True, (), NOW)


def test_the_index_finds_our_mark_and_no_other(store: Store) -> None:
    made = store.connector.create(draft())
    copied = made.payload.replace(draft().uid.encode(), b"copy-of-it")
    assert store.connector.peek(made.payload).mark == draft().mark
    assert store.connector.peek(copied).mark is None
    assert store.connector.peek(theirs("Standup")).mark is None


def test_nothing_is_created_over_what_is_there(store: Store) -> None:
    made = store.connector.create(draft())
    before = dict(store.raw())
    with pytest.raises(ExistsError):
        store.connector.create(draft(title="Another"))
    assert store.raw() == before
    store.connector.delete(made.ref)
    assert not store.raw()


def test_the_version_of_our_own_write_is_current(store: Store) -> None:
    made = store.connector.create(draft())
    updated = store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
    store.connector.delete(updated.ref)
    assert not store.raw()


@pytest.mark.parametrize("field_", list(Field))
def test_an_update_changes_the_fields_that_it_names_and_no_other(store: Store, field_: Field) -> None:
    before = draft()
    after = draft(
        "Wed 14:00-15:30", title="Strategy", text="Why", show_as=ShowAs.BUSY, reminder=5, colour="teal"
    )  # fmt: skip
    made = store.connector.create(before)
    store.connector.update(made, after, frozenset({field_}))
    (found,) = changes(store).changed
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    assert observed(event) == asked(before) | {field_: asked(after)[field_]}
    assert event.mark == after.mark
    assert b"SEQUENCE:1\r\n" in found.payload


def test_an_update_takes_a_reminder_back(store: Store) -> None:
    made = store.connector.create(draft(reminder=10))
    store.connector.update(made, draft(), frozenset({Field.REMINDER}))
    (found,) = changes(store).changed
    assert b"VALARM" not in found.payload


def test_an_update_keeps_what_others_added(store: Store) -> None:
    added = (
        "X-MOZ-LASTACK:20261124T080000Z\r\nATTACH:https://example.com/a\r\nLOCATION:Library\\, 2nd floor \r\n"
        'BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT1H\r\nX-SOUND;X-KEY="a;:b":bell\r\nEND:VALARM\r\n'
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=END:PT0S\r\nDESCRIPTION:over\r\nEND:VALARM\r\nEND:VEVENT"
    )
    made = store.connector.create(draft(reminder=10))
    found = rewritten(store, made, "END:VEVENT", added)
    after = draft("Wed 14:00-15:30", title="Strategy", text="Why", show_as=ShowAs.BUSY, colour="teal")
    store.connector.update(found, after, frozenset(Field))
    content = store.raw()[made.ref.href].decode()
    assert set(added.splitlines()[:3]) < set(content.splitlines())
    assert content.count("BEGIN:VALARM") == 2
    assert 'X-SOUND;X-KEY="a;:b":bell' in content
    assert "TRIGGER:-PT10M" not in content


def test_nothing_is_written_over_an_edit_that_was_not_seen(store: Store) -> None:
    made = store.connector.create(draft())
    rewritten(store, made, "SUMMARY:Focus", "SUMMARY:My own title")
    before = dict(store.raw())
    with pytest.raises(LostRaceError) as update:
        store.connector.update(made, draft("Wed 09:00-10:00"), frozenset({Field.WHEN}))
    with pytest.raises(LostRaceError) as delete:
        store.connector.delete(made.ref)
    assert store.raw() == before
    assert not isinstance(update.value, GoneError)
    assert not isinstance(delete.value, GoneError)


def test_what_is_gone_is_said_to_be_gone(store: Store) -> None:
    made = store.connector.create(draft())
    store.remove(made.ref.href)
    with pytest.raises(GoneError):
        store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
    with pytest.raises(GoneError):
        store.connector.delete(made.ref)
    assert not store.raw()


def test_a_deleted_event_can_be_made_again(store: Store) -> None:
    first = store.connector.create(draft())
    store.connector.delete(first.ref)
    assert store.connector.create(draft()).payload == first.payload


OURS = draft()
NOT_OURS = {
    "a meeting": ("meeting.ics", theirs("Meeting")),
    "a meeting under our name": (f"{OURS.uid}.ics", ics(vevent("SUMMARY:Mine", uid=OURS.uid))),
    "a copy of ours": ("copy.ics", None),
    "a copy with a UID of its own": ("copy.ics", b"copy-of-it"),
    "ours with a mark of something else": (
        f"{OURS.uid}.ics",
        draft(mark=replace(OURS.mark, key="2026-W49/2")).uid.encode(),
    ),
    "ours beside another event": (f"{OURS.uid}.ics", vevent("SUMMARY:Mine", uid="mine").encode()),
    "no calendar at all": (f"{OURS.uid}.ics", b"to do: milk"),
}


def foreign(content: bytes | None, tmp: Memory) -> bytes:
    """A payload that is not ours, made of our own where only a part of one is given."""
    ours = tmp.create(OURS).payload
    if content is None:
        return ours
    if content.startswith(b"BEGIN:VEVENT"):
        return ours.replace(b"END:VCALENDAR", content.replace(b"\n", b"\r\n") + b"\r\nEND:VCALENDAR")
    if content.startswith((b"copy", b"unbusy")):
        return ours.replace(OURS.uid.encode(), content)
    return content


@pytest.mark.parametrize("kind", NOT_OURS)
def test_what_is_not_ours_is_never_touched(store: Store, kind: str) -> None:
    name, content = NOT_OURS[kind]
    store.put(name, foreign(content, Memory()))
    (found,) = changes(store).changed
    before = dict(store.raw()), dict(store.stamps())
    with pytest.raises(UnbusyError):
        store.connector.update(found, marked(replace(OURS, title="Taken over")), frozenset(Field))
    with pytest.raises(UnbusyError):
        store.connector.delete(found.ref)
    assert (dict(store.raw()), dict(store.stamps())) == before


def test_neighbours_stay_byte_for_byte(store: Store) -> None:
    bom = b"" if isinstance(store, DavStore) else b"\xef\xbb\xbf"  # no server takes one
    store.put("odd.ics", bom + theirs("Odd").replace(b"\r\n", b"\n") + b"\n\n")
    before = dict(store.raw()), dict(store.stamps())
    made = store.connector.create(draft())
    made = store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
    store.connector.delete(made.ref)
    changes(store)
    assert (dict(store.raw()), dict(store.stamps())) == before


def test_nothing_is_created_in_a_calendar_that_is_away(store: Store) -> None:
    made = store.connector.create(draft())
    store.vanish()
    with pytest.raises(UnbusyError):
        store.connector.create(draft(mark=replace(OURS.mark, key="2026-W49/2")))
    with pytest.raises(UnbusyError):
        store.connector.delete(made.ref)


def test_the_table_names_what_comes_with_unbusy() -> None:
    assert {"vdir"} <= set(CONNECTORS)
    opened = CONNECTORS["vdir"].open("home", VdirOptions(path="~/.calendars"), lambda: NOW, str, Remembered())
    assert isinstance(opened, Vdir)
    assert opened.root == Path.home() / ".calendars"
