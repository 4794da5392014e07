"""What an event says besides its time: each property, its normal form, and what is made of bad ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.rfc5545.reader import NO_UID
from daemon.model.event import Attendee, CountsAs, Event, EventType, ParticipationRole, PartStat, ShowAs
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark
from reading import REF, calendar, events, ics

MARCH = "2026-03-01..2026-04-01"
WHEN = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")


def one(*lines: str, frame: tuple[str, ...] = ()) -> Event:
    [event] = events(ics(*WHEN, *lines, frame=frame), MARCH)
    return event


def test_an_event_with_nothing_but_a_time() -> None:
    event = one()
    assert (event.ref.calendar, event.ref.uid, event.ref.recurrence_id, event.resource) == ("work/Work", "u", "", REF)
    assert (event.summary, event.description, event.location, event.categories) == ("", "", "", ())
    assert (event.show_as, event.cancelled, event.private, event.type) == (ShowAs.BUSY, False, False, EventType.DEFAULT)
    assert (event.organizer, event.attendees, event.created, event.reminder) == ("", (), None, None)
    assert (event.colour, event.mark, event.series, event.uncertain, event.dates) == ("", None, False, False, None)
    assert (event.counts_as, event.reply, event.mine) == (CountsAs.BUSY, PartStat.ACCEPTED, False)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (r"SUMMARY:One\, two\; three \\ four", "summary", "One, two; three \\ four"),
        (r"DESCRIPTION:first\nsecond\Nthird", "description", "first\nsecond\nthird"),
        ("DESCRIPTION;LANGUAGE=en:a:b", "description", "a:b"),
        ('LOCATION;ALTREP="http://example.com/a:b;c":Room 1', "location", "Room 1"),
        ('SUMMARY;X-P="never closed:Lunch', "summary", "Lunch"),
        ("SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Caf=C3=A9", "summary", "Café"),
        (r"CATEGORIES:Deep work,A\,B,", "categories", ("Deep work", "A,B")),
        ("TRANSP:TRANSPARENT", "show_as", ShowAs.FREE),
        ("TRANSP:OPAQUE", "show_as", ShowAs.BUSY),
        ("STATUS:TENTATIVE", "show_as", ShowAs.TENTATIVE),
        ("STATUS:CONFIRMED", "show_as", ShowAs.BUSY),
        ("STATUS:cancelled", "cancelled", True),
        ("STATUS:Canceled", "cancelled", True),
        ("STATUS;X-A=b:c:CANCELLED", "cancelled", True),
        ("DESCRIPTION;ALTREP=http://example.com:8080/a;LANGUAGE=en:Agenda: one", "description", "Agenda: one"),
        ("DESCRIPTION;ALTREP=cid:part1@example.com:Agenda", "description", "Agenda"),
        ("SUMMARY;X-A=b:c;LANGUAGE=en:Stand-up: daily", "summary", "Stand-up: daily"),
        ("SUMMARY;LANGUAGE=en:Stand-up; TZID: which", "summary", "Stand-up; TZID: which"),
        ("ORGANIZER;CN=Unit: Ops:mailto:Ops@Example.com", "organizer", "ops@example.com"),
        ("ORGANIZER;CN=Ops;SENT-BY=mailto:a@b.c:mailto:ops@b.c", "organizer", "ops@b.c"),
        ("CLASS:PRIVATE", "private", True),
        ("CLASS:CONFIDENTIAL", "private", True),
        ("CLASS:PUBLIC", "private", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "type", EventType.OUT_OF_OFFICE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "type", EventType.DEFAULT),
        ("COLOR:turquoise", "colour", "turquoise"),
        ("CREATED:20260101T120000Z", "created", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("CREATED:lately", "created", None),
        ("ORGANIZER;CN=Ada:MAILTO:Ada@Example.com", "organizer", "ada@example.com"),
        ("ORGANIZER;EMAIL=Ada@Example.com:/principals/ada", "organizer", "ada@example.com"),
        ("ORGANIZER:invalid:nomail", "organizer", "invalid:nomail"),
    ],
)
def test_a_property(line: str, field: str, value: object) -> None:
    assert getattr(one(line), field) == value


@pytest.mark.parametrize(
    ("lines", "free"),
    [
        ((), True),
        (("TRANSP:OPAQUE",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:BUSY",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE",), True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "TRANSP:TRANSPARENT"), True),
    ],
)
def test_whether_days_are_free(lines: tuple[str, ...], free: bool) -> None:
    (event,) = events(ics("DTSTART;VALUE=DATE:20260302", *lines), MARCH)
    assert (event.show_as is ShowAs.FREE) is free


def test_free_wins_over_tentative() -> None:
    assert one("TRANSP:TRANSPARENT", "STATUS:TENTATIVE").show_as is ShowAs.FREE


def test_a_cancelling_message_cancels() -> None:
    assert one(frame=("METHOD:CANCEL",)).cancelled


@pytest.mark.parametrize(
    ("line", "attendee"),
    [
        ("ATTENDEE:mailto:a@b.c", Attendee("a@b.c")),
        (
            'ATTENDEE;CN="Ada; Countess: of Lovelace";PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:MAILTO:A@B.C',
            Attendee("a@b.c", "Ada; Countess: of Lovelace", PartStat.ACCEPTED, ParticipationRole.OPTIONAL),
        ),
        ("ATTENDEE;ROLE=CHAIR;PARTSTAT=declined:mailto:a@b.c", Attendee("a@b.c", "", PartStat.DECLINED)),
        ("ATTENDEE;ROLE=NON-PARTICIPANT;PARTSTAT=X-MAYBE:a@b.c", Attendee("a@b.c", role=ParticipationRole.NONE)),
        ("ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:r@b.c", Attendee("r@b.c", "Room 1", person=False)),
        ("ATTENDEE;CUTYPE=RESOURCE:mailto:r@b.c", Attendee("r@b.c", person=False)),
        ("ATTENDEE;CUTYPE=GROUP:mailto:g@b.c", Attendee("g@b.c")),
        ("ATTENDEE;CN=George ^'The Eye^' ^^ Herman:mailto:a@b.c", Attendee("a@b.c", 'George "The Eye" ^ Herman')),
        ("ATTENDEE;EMAIL=a@b.c:urn:uuid:1", Attendee("a@b.c")),
        ("ATTENDEE;CN=Platform: A;PARTSTAT=DECLINED:mailto:a@b.c", Attendee("a@b.c", "Platform: A", PartStat.DECLINED)),
        (
            "ATTENDEE;CN=mailto:x@y.z;PARTSTAT=DECLINED:MAILTO:a@b.c",
            Attendee("a@b.c", "mailto:x@y.z", PartStat.DECLINED),
        ),
        ("ATTENDEE;CN=A: B;PARTSTAT=DECLINED:a@b.c", Attendee("a@b.c", "A: B", PartStat.DECLINED)),
        ("ATTENDEE;CN=A: B;EMAIL=a@b.c:https://h.c:8443/p", Attendee("a@b.c", "A: B")),
    ],
)
def test_an_attendee(line: str, attendee: Attendee) -> None:
    assert one(line).attendees == (attendee,)


@pytest.mark.parametrize(
    ("line", "address", "name"),
    [
        ("ORGANIZER:mailto:a@b.c", "a@b.c", ""),
        ("ORGANIZER;CN=Ada Lovelace:MAILTO:A@B.C", "a@b.c", "Ada Lovelace"),
        ('ORGANIZER;CN="Lovelace, Ada":mailto:a@b.c', "a@b.c", "Lovelace, Ada"),
        ('ORGANIZER;SENT-BY="mailto:x@y.z";CN=Ada:mailto:a@b.c', "a@b.c", "Ada"),
        ("ORGANIZER;CN=" + "x" * 9000 + ":mailto:a@b.c", "a@b.c", "x" * 200),
    ],
    ids=["without a name", "with one", "with a comma", "after another parameter", "no longer than is of use"],
)
def test_the_organizer(line: str, address: str, name: str) -> None:
    assert (one(line).organizer, one(line).organizer_name) == (address, name)


@pytest.mark.parametrize(
    ("lines", "modified", "sequence"),
    [
        ((), None, 0),
        (("LAST-MODIFIED:20260301T080000Z", "SEQUENCE:3"), datetime(2026, 3, 1, 8, tzinfo=UTC), 3),
        (("LAST-MODIFIED:20260301T080000", "SEQUENCE:-1"), None, 0),
        (("LAST-MODIFIED:yesterday", "SEQUENCE:two"), None, 0),
        (("SEQUENCE:" + "9" * 5000,), None, 0),
        (("SEQUENCE:٣",), None, 0),
    ],
    ids=["not said", "said", "in no zone, and negative", "in words", "beyond all bounds", "in other digits"],
)
def test_when_it_was_last_changed(lines: tuple[str, ...], modified: datetime | None, sequence: int) -> None:
    assert (one(*lines).modified, one(*lines).sequence) == (modified, sequence)


def alarm(action: str, trigger: str) -> tuple[str, ...]:
    return (
        "BEGIN:VALARM",
        f"ACTION:{action}",
        f"TRIGGER{trigger}",
        "DESCRIPTION:Not the event's",
        "SUMMARY:Nor this",
        "END:VALARM",
    )


@pytest.mark.parametrize(
    ("alarms", "minutes"),
    [
        ([("DISPLAY", ":-PT15M")], 15),
        ([("AUDIO", ":-P1DT2H")], None),
        ([("DISPLAY", ":-P1DT2H")], 1560),
        ([("DISPLAY", ":PT0S")], 0),
        ([("DISPLAY", ";RELATED=START:-P0DT0H10M0S")], 10),
        ([("EMAIL", ":-PT1H"), ("DISPLAY", ":-PT5M"), ("DISPLAY", ":-PT1M")], 5),
        ([("DISPLAY", ":PT15M")], None),
        ([("DISPLAY", ";RELATED=END:-PT15M")], None),
        ([("DISPLAY", ";VALUE=DATE-TIME:20260302T080000Z")], None),
        ([("DISPLAY", ":soon"), ("DISPLAY", ":-PT2M")], 2),
    ],
)
def test_the_reminder(alarms: list[tuple[str, str]], minutes: int | None) -> None:
    event = one(*(line for a in alarms for line in alarm(*a)))
    assert (event.reminder, event.summary, event.description) == (minutes, "", "")


def test_our_mark() -> None:
    mark = Mark("ada@example.com", "focus", "2026-W49/1", 0, dict.fromkeys(Field, "x"))
    assert one(f"X-UNBUSY:{write_mark(mark)}").mark == mark
    assert one("X-UNBUSY:owner=ada").mark is None


@pytest.mark.parametrize("uid", ["", "UID:", "UID:  "])
def test_an_event_without_a_uid_is_named_by_its_content(uid: str) -> None:
    def names(*titles: str, stamp: str = "20260101T000000Z") -> list[str]:
        bodies = [("BEGIN:VEVENT", uid, f"DTSTAMP:{stamp}", *WHEN, f"SUMMARY:{t}", "END:VEVENT") for t in titles]
        return [e.ref.uid for e in events(calendar(*(line for b in bodies for line in b if line)), MARCH)]

    assert len(set(names("One", "Two"))) == 2
    assert names("One") == names("One", stamp="20260202T000000Z")
    assert names("One")[0].startswith(NO_UID)


@pytest.mark.parametrize("line", ["BEGIN:VTODO", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY"])
def test_only_events_are_read(line: str) -> None:
    payload = calendar(line, "UID:t", *WHEN, line.replace("BEGIN", "END"))
    assert events(payload, MARCH) == []
