"""What is promised of every account, whatever it speaks to.  A new kind of store joins by one more `ReaderStore`:

class TestMine(ReaderContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ReaderStore:
        return MyStore(tmp_path)
"""

from __future__ import annotations

from typing import Protocol

import pytest

from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId
from daemon.model.protocols import Peek, Reader, Resource
from making import ZONE
from payloads import WINDOW, Found, ics, looked, vevent


class ReaderStore(Protocol):
    """One calendar, named Work, of an account named work, as its user and other programs see it."""

    @property
    def connector(self) -> Reader:
        """What unbusy sees it with."""
        ...

    calendar: CalendarId

    def put(self, name: str, payload: bytes) -> None:
        """Write a resource, or write over one; `pytest.skip` where there can be no such."""
        ...

    def remove(self, name: str) -> None:
        """Delete a resource."""
        ...

    def vanish(self) -> None:
        """Take the whole calendar away."""
        ...


def changes(store: ReaderStore, before: Found | None = None) -> Found:
    """What is new since; the mirror holds what came before."""
    known = before.versions if before else {}
    return looked(store.connector, store.calendar, known, before.state if before else "")


def titles(store: ReaderStore, found: Found) -> list[str]:
    """Of the events of all that is new."""
    return sorted(title for r in found.changed for title in titles_of(store, r))


def titles_of(store: ReaderStore, resource: Resource) -> list[str]:
    """Of the events of one resource, whose payload only its connector understands."""
    return [e.summary for e in store.connector.read(resource, WINDOW, ZONE).events]


def theirs(title: str, uid: str = "", **more: str) -> bytes:
    """An event of somebody else's."""
    return ics(vevent(f"SUMMARY:{title}", uid=uid or title, **more))


class ReaderContract:
    """Tests of a `store`."""

    def test_its_calendar_is_named_after_the_account(self, store: ReaderStore) -> None:
        (found,) = store.connector.calendars()
        assert (found.id, found.name, found.owned) == (store.calendar, "Work", True)

    def test_an_empty_calendar_is_empty(self, store: ReaderStore) -> None:
        found = changes(store)
        assert (found.changed, found.present, found.problems) == ((), frozenset(), ())

    def test_a_first_read_brings_everything(self, store: ReaderStore) -> None:
        store.put("a.ics", theirs("Standup"))
        store.put("b.ics", theirs("Review"))
        found = changes(store)
        assert titles(store, found) == ["Review", "Standup"]
        assert {r.ref.href for r in found.changed} == found.present
        assert {r.ref.calendar for r in found.changed} == {store.calendar}

    def test_a_later_read_brings_only_what_changed(self, store: ReaderStore) -> None:
        for name in ("a.ics", "b.ics", "c.ics"):
            store.put(name, theirs(name))
        first = changes(store)
        (gone,) = {r.ref.href for r in first.changed if titles_of(store, r) == ["c.ics"]}
        store.put("b.ics", theirs("Moved", uid="b.ics"))
        store.put("d.ics", theirs("New"))
        store.remove("c.ics")
        second = changes(store, first)
        assert titles(store, second) == ["Moved", "New"]
        assert second.present == first.present - {gone} | {r.ref.href for r in second.changed}
        assert len(second.present) == 3

    def test_nothing_new_is_nothing_to_read(self, store: ReaderStore) -> None:
        store.put("a.ics", theirs("Standup"))
        first = changes(store)
        again = changes(store, first)
        assert (again.changed, again.present, again.problems) == ((), first.present, ())

    def test_without_its_memory_all_is_read_again(self, store: ReaderStore) -> None:
        store.put("a.ics", theirs("Standup"))
        store.put("b.ics", theirs("Review"))
        first = changes(store)
        again = looked(store.connector, store.calendar)
        assert titles(store, again) == ["Review", "Standup"]
        assert (again.present, again.versions) == (first.present, first.versions)
        assert looked(store.connector, store.calendar, first.versions).present == first.present

    def test_what_cannot_be_understood_costs_only_itself(self, store: ReaderStore) -> None:
        store.put("a.ics", theirs("Standup"))
        store.put("b.ics", b"<html>Please log in</html>")
        store.put("c.ics", theirs("Review"))
        found = changes(store)
        assert titles(store, found) == ["Review", "Standup"]
        assert len(found.present) == 3
        problems = [p for r in found.changed for p in store.connector.read(r, WINDOW, ZONE).problems]
        assert [p.where for p in problems] == [f"{store.calendar}/b.ics"]

    @pytest.mark.parametrize("payload", [b"", b"\xff\0", b"<html>Please log in</html>", b"BEGIN:VCALENDAR\r\n"])
    def test_the_index_takes_what_it_does_not_understand_for_possible(self, store: ReaderStore, payload: bytes) -> None:
        assert store.connector.peek(payload) == Peek()

    def test_a_calendar_that_is_away_is_not_an_empty_one(self, store: ReaderStore) -> None:
        store.put("a.ics", theirs("Standup"))
        first = changes(store)
        store.vanish()
        with pytest.raises(UnreadableError) as error:
            changes(store, first)
        assert "Work" in error.value.what
        assert error.value.remedy

    def test_an_unknown_calendar_is_unreadable(self, store: ReaderStore) -> None:
        with pytest.raises(UnreadableError):
            looked(store.connector, "work/Nobody")

    def test_a_large_calendar_is_read_whole_and_then_not_again(self, store: ReaderStore) -> None:
        for n in range(300):
            store.put(f"{n}.ics", theirs(f"Event {n}"))
        first = changes(store)
        assert len(first.changed) == len(first.present) == 300
        store.put("7.ics", theirs("Changed", uid="Event 7"))
        assert titles(store, changes(store, first)) == ["Changed"]
