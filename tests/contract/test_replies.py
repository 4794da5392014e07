"""A reply to an invitation: the same promises for every kind of store that can be written to (Google: test_google)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.reader import changes
from contract.stores import WRITERS, writer
from contract.writer import WriterStore
from daemon.model.errors import GoneError, LostRaceError, UnbusyError
from daemon.model.event import EventRef, PartStat
from daemon.model.protocols import Resource
from making import ME, ZONE
from payloads import WINDOW, ics, vevent

MEET = EventRef("work/Work", "meet")
MINE = f"ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ME}"
PEOPLE = (
    "SUMMARY:Staff", "ORGANIZER;CN=Bob:mailto:bob@example.com",
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.com", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:eve@example.com",
)  # fmt: skip


def invitation(*lines: str, title: str = "Staff") -> bytes:
    return ics(vevent(*(lines or PEOPLE), MINE, "X-KEPT;X-P=1:yes", uid="meet")).replace(b"Staff", title.encode())


@pytest.fixture(params=WRITERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WriterStore]:
    with writer(request.param, request, tmp_path) as found:
        yield found


def put(store: WriterStore, payload: bytes) -> Resource:
    store.put("meet.ics", payload)
    (found,) = changes(store).changed
    return found


def respond(store: WriterStore, found: Resource, answer: PartStat = PartStat.DECLINED) -> Resource:
    return store.connector.respond(found, MEET, frozenset({ME}), answer, comment="No time")


def replies(store: WriterStore, found: Resource) -> dict[str, PartStat]:
    (event,) = store.connector.read(found, WINDOW, ZONE).events
    return {a.address: a.partstat for a in event.attendees}


@pytest.mark.parametrize("answer", [PartStat.DECLINED, PartStat.TENTATIVE])
def test_a_reply_changes_one_word_and_nothing_else(store: WriterStore, answer: PartStat) -> None:
    found = put(store, invitation())
    before = store.raw()["meet.ics"]
    written = respond(store, found, answer)
    after = store.raw()["meet.ics"]
    line = MINE.replace("NEEDS-ACTION", answer.value)
    assert sorted(after.replace(line.encode(), MINE.encode()).splitlines()) == sorted(before.splitlines())
    if store.keeps_bytes:
        assert after == before.replace(MINE.encode(), line.encode())
    assert written.payload == after
    assert replies(store, written)[ME] is answer


def test_it_is_written_once(store: WriterStore) -> None:
    written = respond(store, put(store, invitation()))
    before = dict(store.raw()), dict(store.stamps())
    with pytest.raises(UnbusyError, match="left as it is"):
        respond(store, written, PartStat.TENTATIVE)
    assert (dict(store.raw()), dict(store.stamps())) == before


def test_an_invitation_that_has_changed_since_is_not_answered(store: WriterStore) -> None:
    found = put(store, invitation())
    store.put("meet.ics", invitation(title="Staff meeting"))
    before = dict(store.raw()), dict(store.stamps())
    with pytest.raises(LostRaceError) as error:
        respond(store, found)
    assert not isinstance(error.value, GoneError)
    assert (dict(store.raw()), dict(store.stamps())) == before


def test_one_that_is_gone_is_said_to_be_gone(store: WriterStore) -> None:
    found = put(store, invitation())
    store.remove("meet.ics")
    with pytest.raises(GoneError):
        respond(store, found)
    assert not store.raw()


REFUSED = {
    "the user's own": ("SUMMARY:Staff", f"ORGANIZER:mailto:{ME}", "ATTENDEE:mailto:eve@example.com"),
    "one with an answer": (*PEOPLE, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"),
}


@pytest.mark.parametrize("lines", REFUSED.values(), ids=REFUSED)
def test_what_no_reply_is_written_to(store: WriterStore, lines: tuple[str, ...]) -> None:
    found = put(store, invitation(*lines))
    before = dict(store.raw()), dict(store.stamps())
    with pytest.raises(UnbusyError, match="left as it is"):
        respond(store, found)
    assert (dict(store.raw()), dict(store.stamps())) == before


def test_of_a_series_its_master_is_answered_and_no_changed_instance(store: WriterStore) -> None:
    master = vevent(*PEOPLE, MINE, "RRULE:FREQ=DAILY;COUNT=3", uid="meet")
    start, end = "DTSTART:20261202T100000Z", "DTEND:20261202T110000Z"
    changed = vevent(*PEOPLE, MINE, "RECURRENCE-ID:20261202T090000Z", uid="meet", start=start, end=end)
    store.put("meet.ics", ics(f"{master}\n{changed}"))
    (found,) = changes(store).changed
    written = respond(store, found)
    events = store.connector.read(written, WINDOW, ZONE).events
    said = {(e.override, a.partstat) for e in events for a in e.attendees if a.address == ME}
    assert said == {(False, PartStat.DECLINED), (True, PartStat.NEEDS_ACTION)}
