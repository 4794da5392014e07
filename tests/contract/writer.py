"""What is promised of every account that can be written to, beside what `reader.py` promises of all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

import pytest
from msgspec.structs import replace

from contract.reader import ReaderStore, changes, theirs
from daemon.model.errors import ExistsError, GoneError, LostRaceError, UnbusyError
from daemon.model.event import ShowAs
from daemon.model.owner import Field
from daemon.model.protocols import Resource, Writer
from making import ZONE
from memory import NOW, Memory
from payloads import WINDOW, asked, draft, ics, marked, observed, vevent


class WriterStore(ReaderStore, Protocol):
    """A calendar that its user and other programs write to as well; its clock stands at `memory.NOW`.

    `keeps_bytes`: what others put there stands as they wrote it, whatever it is; servers want a calendar.
    """

    keeps_bytes: bool

    @property
    def connector(self) -> Writer:
        """What unbusy reads and writes it with."""
        ...

    def raw(self) -> Mapping[str, bytes]:
        """Every resource, byte for byte."""
        ...

    def stamps(self) -> Mapping[str, object]:
        """Whatever else shows that a resource was touched."""
        ...


def rewritten(store: WriterStore, mine: Resource, old: str, new: str) -> Resource:
    """Our event after another program has changed a line of it."""
    content = mine.payload.decode()
    assert old in content
    store.put(mine.ref.href, content.replace(old, new).encode())
    (found,) = [r for r in changes(store).changed if r.ref.href == mine.ref.href]
    return found


OURS = draft()
NOT_OURS = {
    "a meeting": ("meeting.ics", theirs("Meeting")),
    "a meeting under our name": (f"{OURS.uid}.ics", ics(vevent("SUMMARY:Mine", uid="mine"))),
    "a copy with a UID of its own": ("copy.ics", b"copy-of-it"),
    "a copy with a UID that is nearly like one of ours": ("copy.ics", f"{OURS.uid}-1".encode()),
    "ours beside another event": (f"{OURS.uid}.ics", vevent("SUMMARY:Mine", uid="mine").encode()),
    "no calendar at all": (f"{OURS.uid}.ics", b"to do: milk"),
}


def foreign(content: bytes, tmp: Memory) -> bytes:
    """A payload that is not ours, made of our own where only a part of one is given."""
    ours = tmp.create(OURS).payload
    if content.startswith(b"BEGIN:VEVENT"):
        return ours.replace(b"END:VCALENDAR", content.replace(b"\n", b"\r\n") + b"\r\nEND:VCALENDAR")
    if content.startswith((b"copy", b"unbusy")):
        return ours.replace(OURS.uid.encode(), content)
    return content


MARKED = Memory().create(OURS).payload
UNMARKED = re.sub(rb"X-UNBUSY:.*\r\n(?: .*\r\n)*", b"", MARKED)


class WriterContract:
    """Tests of a `store`."""

    def test_its_calendar_can_be_written_to(self, store: WriterStore) -> None:
        assert [info.writable for info in store.connector.calendars()] == [True]
        assert isinstance(store.connector, Writer)

    def test_what_is_read_is_what_is_stored(self, store: WriterStore) -> None:
        store.put("a.ics", theirs("Standup"))
        store.put("b.ics", theirs("Review"))
        assert {r.ref.href: r.payload for r in changes(store).changed} == store.raw()

    def test_what_was_created_is_read_back_as_it_was_asked_for(self, store: WriterStore) -> None:
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

    def test_the_index_finds_our_mark_and_no_other(self, store: WriterStore) -> None:
        made = store.connector.create(draft())
        copied = made.payload.replace(draft().uid.encode(), b"copy-of-it")
        assert store.connector.peek(made.payload).mark == draft().mark
        assert store.connector.peek(copied).mark is None
        assert store.connector.peek(theirs("Standup")).mark is None

    def test_nothing_is_created_over_what_is_there(self, store: WriterStore) -> None:
        made = store.connector.create(draft())
        before = dict(store.raw())
        with pytest.raises(ExistsError):
            store.connector.create(draft(title="Another"))
        assert store.raw() == before
        store.connector.delete(made.ref)
        assert not store.raw()

    def test_the_version_of_our_own_write_is_current(self, store: WriterStore) -> None:
        made = store.connector.create(draft())
        updated = store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
        store.connector.delete(updated.ref)
        assert not store.raw()

    @pytest.mark.parametrize("field_", list(Field))
    def test_an_update_changes_the_fields_that_it_names_and_no_other(self, store: WriterStore, field_: Field) -> None:
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

    def test_an_update_takes_a_reminder_back(self, store: WriterStore) -> None:
        made = store.connector.create(draft(reminder=10))
        store.connector.update(made, draft(), frozenset({Field.REMINDER}))
        (found,) = changes(store).changed
        assert b"VALARM" not in found.payload

    def test_an_update_keeps_what_others_added(self, store: WriterStore) -> None:
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

    def test_nothing_is_written_over_an_edit_that_was_not_seen(self, store: WriterStore) -> None:
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

    def test_what_is_gone_is_said_to_be_gone(self, store: WriterStore) -> None:
        made = store.connector.create(draft())
        store.remove(made.ref.href)
        with pytest.raises(GoneError):
            store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
        with pytest.raises(GoneError):
            store.connector.delete(made.ref)
        assert not store.raw()

    def test_a_deleted_event_can_be_made_again(self, store: WriterStore) -> None:
        first = store.connector.create(draft())
        store.connector.delete(first.ref)
        assert store.connector.create(draft()).payload == first.payload

    @pytest.mark.parametrize("kind", NOT_OURS)
    def test_what_is_not_ours_is_never_touched(self, store: WriterStore, kind: str) -> None:
        name, content = NOT_OURS[kind]
        store.put(name, foreign(content, Memory()))
        (found,) = changes(store).changed
        before = dict(store.raw()), dict(store.stamps())
        with pytest.raises(UnbusyError):
            store.connector.update(found, marked(replace(OURS, title="Taken over")), frozenset(Field))
        with pytest.raises(UnbusyError):
            store.connector.delete(found.ref)
        assert (dict(store.raw()), dict(store.stamps())) == before

    @pytest.mark.parametrize("name", [f"{OURS.uid}.ics", "renamed by a client.ics"])
    @pytest.mark.parametrize("payload", [MARKED, UNMARKED], ids=["marked", "unmarked"])
    def test_ours_is_known_by_its_uid_under_any_name_and_without_a_mark(
        self, store: WriterStore, name: str, payload: bytes
    ) -> None:
        store.put(name, payload)
        (found,) = changes(store).changed
        assert store.connector.peek(found.payload).name == OURS.mark.digits
        asked_for = marked(replace(OURS, title="Strategy"))
        updated = store.connector.update(found, asked_for, frozenset({Field.TITLE}))
        assert updated.ref.href == found.ref.href
        (event,) = store.connector.read(updated, WINDOW, ZONE).events
        assert (event.summary, event.mark) == ("Strategy", asked_for.mark), "the mark is back"
        store.connector.delete(updated.ref)
        assert not store.raw()

    def test_an_update_of_another_of_ours_is_refused(self, store: WriterStore) -> None:
        made = store.connector.create(OURS)
        with pytest.raises(UnbusyError):
            store.connector.update(made, draft(mark=replace(OURS.mark, key="2026-W49/2")), frozenset(Field))
        assert store.raw()[made.ref.href] == made.payload

    def test_neighbours_stay_byte_for_byte(self, store: WriterStore) -> None:
        bom = b"\xef\xbb\xbf" if store.keeps_bytes else b""
        store.put("odd.ics", bom + theirs("Odd").replace(b"\r\n", b"\n") + b"\n\n")
        before = dict(store.raw()), dict(store.stamps())
        made = store.connector.create(draft())
        made = store.connector.update(made, draft(title="Strategy"), frozenset({Field.TITLE}))
        store.connector.delete(made.ref)
        changes(store)
        assert (dict(store.raw()), dict(store.stamps())) == before

    def test_nothing_is_created_in_a_calendar_that_is_away(self, store: WriterStore) -> None:
        made = store.connector.create(draft())
        store.vanish()
        with pytest.raises(UnbusyError):
            store.connector.create(draft(mark=replace(OURS.mark, key="2026-W49/2")))
        with pytest.raises(UnbusyError):
            store.connector.delete(made.ref)
