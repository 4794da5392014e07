"""What an event counts as: tables of events as programs write them, and the calendar that each is in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from connectors.rfc5545 import codec
from daemon.model.event import Attendee, CountsAs, Event, EventType, PartStat, ReadAs, ResourceRef, ShowAs
from daemon.model.protocols import Resource
from daemon.model.times import TimeRange
from daemon.model.titles.patterns import FOCUS_TITLES, fits
from daemon.model.user.calendars import CalendarUse
from daemon.planning.counting.classify import classify
from daemon.planning.counting.ours import mark_of
from daemon.planning.snapshots import Memory, build
from making import CALENDAR, ME, ZONE, event, meeting, moment, own, profile

TEAM = "work/Team"
BOB = "bob@example.com"
JUDGED = CalendarUse(read_as=ReadAs.OTHERS)
"""By its events; those without people may be the user's."""
THEIRS = CalendarUse(read_as=ReadAs.OTHERS, whole=True)
"""By the config, or because somebody else owns it."""
MINE, BUSY = CalendarUse(read_as=ReadAs.MINE), CalendarUse(read_as=ReadAs.BUSY, whole=True)
HOLIDAYS = CalendarUse(read_as=ReadAs.HOLIDAYS)


def person(address: str, partstat: PartStat = PartStat.ACCEPTED, *, room: bool = False) -> Attendee:
    return Attendee(address, partstat=partstat, person=not room)


def read(*lines: str, zone: ZoneInfo = ZONE) -> Event:
    """The one event of a file, as it counts."""
    body = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", *lines, "SUMMARY:X", "END:VEVENT", "END:VCALENDAR", "")
    window = TimeRange(moment("Mon-6 00:00"), moment("Sun+2 00:00"))
    resource = Resource(ResourceRef(CALENDAR, "a.ics", "1"), "\r\n".join(body).encode())
    (found,) = codec.reading(resource, window, zone).events
    return classify(found, profile(zone=zone))


# -- what Outlook and Exchange write ---------------------------------------------------------------------------------

DAYS = ("DTSTART;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261204", "TRANSP:OPAQUE")
TIMED = ("DTSTART:20261202T090000Z", "DTEND:20261202T100000Z", "TRANSP:OPAQUE")
STATUS = "X-MICROSOFT-CDO-BUSYSTATUS:"
PEOPLE = (f"ORGANIZER:mailto:{BOB}", f"ATTENDEE:mailto:{BOB}")


@pytest.mark.parametrize(
    ("lines", "counts_as"),
    [
        pytest.param((*DAYS, STATUS + "WORKINGELSEWHERE"), CountsAs.FREE, id="working elsewhere, all day"),
        pytest.param((*TIMED, STATUS + "WORKINGELSEWHERE"), CountsAs.FREE, id="working elsewhere, timed"),
        pytest.param((*TIMED, STATUS + "workingelsewhere "), CountsAs.FREE, id="working elsewhere, in small letters"),
        pytest.param(
            (*TIMED, "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS:WORKINGELSEWHERE"), CountsAs.FREE, id="by its older name"
        ),
        pytest.param((*DAYS, STATUS + "OOF"), CountsAs.AWAY, id="out of office, all day"),
        pytest.param((*TIMED, STATUS + "OOF"), CountsAs.AWAY, id="out of office, timed"),
        pytest.param((*DAYS[:2], STATUS + "OOF"), CountsAs.AWAY, id="out of office without TRANSP"),
        pytest.param((*DAYS, "SUMMARY:Home office", STATUS + "OOF"), CountsAs.AWAY, id="a word in the title is weaker"),
        pytest.param((*TIMED, STATUS + "BUSY"), CountsAs.BUSY, id="busy"),
        pytest.param((*TIMED, STATUS + "TENTATIVE"), CountsAs.BUSY, id="tentative"),
        pytest.param((*TIMED, STATUS + "FREE"), CountsAs.BUSY, id="TRANSP wins over FREE"),
        pytest.param(
            (*TIMED, *PEOPLE, f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:{BOB}":mailto:{ME}'),
            CountsAs.DECLINED,
            id="delegated to somebody else",
        ),
        pytest.param(
            (*DAYS, *PEOPLE, f"ATTENDEE;PARTSTAT=DELEGATED:mailto:{ME}"), CountsAs.DECLINED, id="delegated days"
        ),
        pytest.param(
            (*TIMED, *PEOPLE, f'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:{BOB}":mailto:{ME}'),
            CountsAs.MEETING,
            id="delegated to me, and accepted",
        ),
    ],
)
def test_kinds_of_days_in_outlook(lines: tuple[str, ...], counts_as: CountsAs) -> None:
    assert read(*lines).counts_as is counts_as


def midnights(zone: str, *more: str, end: str = "20261205T000000", start: str = "20261202T000000") -> tuple[str, ...]:
    return (f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{end}", "TRANSP:OPAQUE", *more)


ALL_DAY = "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
UTC_DAYS = ("DTSTART:20261202T000000Z", "DTEND:20261205T000000Z", ALL_DAY)
WEEKLY = midnights("Asia/Tokyo", ALL_DAY, "RRULE:FREQ=WEEKLY;COUNT=1")
DAYS_2_TO_4 = ("2026-12-02", "2026-12-05")


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        pytest.param(midnights("America/Los_Angeles", ALL_DAY), DAYS_2_TO_4, id="west of the user"),
        pytest.param(midnights("Asia/Tokyo", ALL_DAY), DAYS_2_TO_4, id="east of the user"),
        pytest.param(midnights("Tokyo Standard Time", ALL_DAY), DAYS_2_TO_4, id="in a zone of Windows"),
        pytest.param(UTC_DAYS, DAYS_2_TO_4, id="in UTC"),
        pytest.param(midnights("GMT-0800", ALL_DAY), DAYS_2_TO_4, id="in a zone that says itself"),
        pytest.param(WEEKLY, DAYS_2_TO_4, id="an instance of a series"),
        pytest.param(
            midnights("Asia/Tokyo", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT:true"), DAYS_2_TO_4, id="by its older name"
        ),
        pytest.param(midnights("Europe/Warsaw", ALL_DAY), None, id="in the user's zone: its instants are its days"),
        pytest.param(midnights("Asia/Tokyo"), None, id="without the mark"),
        pytest.param(midnights("Asia/Tokyo", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE"), None, id="marked as timed"),
        pytest.param(midnights("Asia/Tokyo", ALL_DAY, end="20261204T170000"), None, id="not to a midnight"),
        pytest.param(midnights("Asia/Tokyo", ALL_DAY, end="20261202T000000"), None, id="without length"),
    ],
)
def test_all_day_in_another_zone(lines: tuple[str, ...], days: tuple[str, str] | None) -> None:
    found = read(*lines)
    assert (found.dates and (str(found.dates.first), str(found.dates.end))) == days
    if found.dates:
        assert (found.span, found.counts_as) == (found.dates.span(ZONE), CountsAs.AWAY)


@pytest.mark.parametrize(
    ("lines", "counts_as"),
    [
        pytest.param(midnights("Europe/Warsaw"), CountsAs.AWAY, id="from one local midnight to another"),
        pytest.param(midnights("Europe/Warsaw", ALL_DAY), CountsAs.AWAY, id="and marked as all-day"),
        pytest.param(midnights("Europe/Warsaw", "SUMMARY:On call"), CountsAs.FREE, id="by the title at work"),
        pytest.param(
            midnights("Europe/Warsaw", start="20261025T000000", end="20261026T000000"), CountsAs.AWAY, id="25 hours"
        ),
        pytest.param(
            midnights("Europe/Warsaw", start="20261202T150000"), CountsAs.BUSY, id="a stay from the afternoon"
        ),
        pytest.param(midnights("Asia/Tokyo"), CountsAs.BUSY, id="between midnights of somebody else's"),
    ],
)
def test_whole_days_as_times(lines: tuple[str, ...], counts_as: CountsAs) -> None:
    assert read(*lines).counts_as is counts_as


# -- days away, and days at work -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "counts_as"),
    [
        ("On call", CountsAs.FREE), ("on-call (backend)", CountsAs.FREE), ("Home office", CountsAs.FREE),
        ("Homeoffice", CountsAs.FREE), ("WFH", CountsAs.FREE), ("🏠 WFH", CountsAs.FREE), ("Remote", CountsAs.FREE),
        ("Rufbereitschaft", CountsAs.FREE), ("Télétravail", CountsAs.FREE), ("Astreinte", CountsAs.FREE),
        ("Guardia", CountsAs.FREE), ("Teletrabajo", CountsAs.FREE), ("Dyżur", CountsAs.FREE),
        ("Praca zdalna", CountsAs.FREE), ("在宅勤務", CountsAs.FREE), ("Urlaubsvertretung", CountsAs.FREE),
        ("Cover for Bob’s vacation", CountsAs.FREE), ("Bob's birthday", CountsAs.FREE),
        ("Vacation", CountsAs.AWAY), ("Urlaub", CountsAs.AWAY), ("Congés", CountsAs.AWAY),
        ("jour férié", CountsAs.AWAY),
        ("Vacaciones", CountsAs.AWAY), ("Urlop", CountsAs.AWAY), ("OOO", CountsAs.AWAY), ("PTO 🌴", CountsAs.AWAY),
        ("Lisbon", CountsAs.AWAY), ("", CountsAs.AWAY), ("Office move", CountsAs.AWAY),
    ],
)  # fmt: skip
def test_all_day_busy_events_by_their_title(title: str, counts_as: CountsAs) -> None:
    assert classify(event("Wed", title), profile()).counts_as is counts_as
    assert classify(event("Wed", title, show_as=ShowAs.FREE), profile()).counts_as is CountsAs.FREE
    assert classify(event("Wed 09:00-10:00", title), profile()).counts_as is CountsAs.BUSY


@pytest.mark.parametrize(
    ("away", "there", "counts_as"),
    [
        pytest.param(("home*",), (), CountsAs.AWAY, id="away, by the only list"),
        pytest.param((), ("HOME*",), CountsAs.FREE, id="there, in any case"),
        pytest.param(("home office",), ("home*",), CountsAs.AWAY, id="the longer pattern says more"),
        pytest.param(("home*",), ("home office",), CountsAs.FREE, id="the longer pattern of the other list"),
        pytest.param(("home office",), ("home office",), CountsAs.AWAY, id="away where both say the same"),
        pytest.param((), (), CountsAs.AWAY, id="away where neither says anything"),
    ],
)
def test_the_lists_of_the_config(away: tuple[str, ...], there: tuple[str, ...], counts_as: CountsAs) -> None:
    who = profile(away_titles=away, not_away_titles=there)
    assert classify(event("Wed", "Home office"), who).counts_as is counts_as


# -- invitations -----------------------------------------------------------------------------------------------------

ASKED = {"attendees": (person(BOB), person(ME, PartStat.NEEDS_ACTION)), "organizer": BOB}


@pytest.mark.parametrize(
    ("when", "more", "counts_as"),
    [
        pytest.param("Wed", ASKED, CountsAs.FREE, id="all-day"),
        pytest.param("Wed", ASKED | {"type": EventType.OUT_OF_OFFICE}, CountsAs.FREE, id="all-day, as out of office"),
        pytest.param("Mon..Fri", ASKED, CountsAs.FREE, id="a week"),
        pytest.param("Wed 10:00-11:00", ASKED, CountsAs.MEETING, id="timed"),
        pytest.param(
            "Wed 10:00-11:00", ASKED | {"type": EventType.OUT_OF_OFFICE}, CountsAs.MEETING, id="timed, as out of office"
        ),
        pytest.param("Wed", ASKED | {"organizer": ME}, CountsAs.AWAY, id="one's own, where nobody is asked"),
        pytest.param(
            "Wed", {"attendees": (person(BOB), person(ME)), "organizer": BOB}, CountsAs.AWAY, id="all-day and accepted"
        ),
        pytest.param(
            "Wed 10:00-11:00",
            {"attendees": (person(BOB), person(ME, PartStat.NEEDS_ACTION), person("ada+x@example.com")),
             "organizer": BOB},
            CountsAs.MEETING,
            id="accepted under another address",
        ),
    ],
)  # fmt: skip
def test_an_invitation_without_an_answer(when: str, more: dict[str, object], counts_as: CountsAs) -> None:
    found = classify(event(when, **more), profile())  # type: ignore[arg-type]  # a table of keyword arguments
    assert found.counts_as is counts_as
    assert found.unanswered is (found.reply is PartStat.NEEDS_ACTION and counts_as is CountsAs.MEETING)


def test_whole_days_as_times_without_an_answer_take_nothing_either() -> None:
    asked = (*PEOPLE, f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}")
    assert read(*midnights("Europe/Warsaw", *asked)).counts_as is CountsAs.FREE
    assert read(*midnights("Asia/Tokyo", ALL_DAY, *asked)).counts_as is CountsAs.FREE


@pytest.mark.parametrize(
    ("more", "ignored"),
    [
        pytest.param({}, True, id="an event of one's own"),
        pytest.param({"organizer": ME, "attendees": (person(ME), person(BOB))}, True, id="a meeting of one's own"),
        pytest.param({"attendees": (person("room@example.com", room=True),)}, True, id="one's own with a room"),
        pytest.param({"organizer": "invalid:nomail"}, True, id="one's own, as a server writes it"),
        pytest.param({"organizer": BOB, "attendees": (person(ME), person(BOB))}, False, id="an invitation"),
        pytest.param({"organizer": BOB}, False, id="somebody's event"),
        pytest.param({"attendees": (person(BOB),)}, False, id="people without an organizer"),
    ],
)
@pytest.mark.parametrize("where", ["summary", "description"])
def test_ignore_is_the_users_own_word(more: dict[str, object], ignored: bool, where: str) -> None:
    found = event("Wed 10:00-11:00", **(more | {where: "Please #ignore this"}))  # type: ignore[arg-type]  # as above
    assert (classify(found, profile()).counts_as is CountsAs.IGNORED) is ignored
    assert classify(found, profile(ignore=("*",))).counts_as is CountsAs.IGNORED, "the config is the user's word"


# -- who is me -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "me", "other"),
    [
        (ME, True, False), ("ada+calendar@example.com", True, False), ("ada+a+b@example.com", True, False),
        ("ada+x@elsewhere.example", False, True), ("bob+ada@example.com", False, True), ("+@example.com", False, True),
        ("ada", True, False), ("/principals/users/ada/", True, False), ("/principals/users/ada", True, False),
        ("https://cloud.example.com/remote.php/dav/principals/users/ada/", True, False),
        ("/principals/users/canada/", False, True), ("/principals/users/bob/", False, True),
        ("/dav/ada-lovelace/", True, False), ("https://cloud.example.com/dav/ada-lovelace", True, False),
        ("invalid:nomail", False, False), ("", False, False), ("unknownorganizer@calendar.google.com", False, False),
        ("c_1@resource.calendar.google.com", False, False),
    ],
)  # fmt: skip
def test_who_is_me(address: str, me: bool, other: bool) -> None:
    who = profile(logins=frozenset({"ada", "/dav/ada-lovelace/"}))
    assert (who.is_me(address), who.is_other(address)) == (me, other)


@pytest.mark.parametrize(
    ("more", "ours"),
    [
        pytest.param({}, True, id="nobody in it"),
        pytest.param({"organizer": ME}, True, id="organized by me"),
        pytest.param({"organizer": "ada+x@example.com"}, True, id="by an address of mine with a tag"),
        pytest.param({"organizer": "/principals/users/ada/"}, True, id="by my principal"),
        pytest.param({"organizer": "ada"}, True, id="by my login"),
        pytest.param({"organizer": "invalid:nomail"}, True, id="by nobody"),
        pytest.param({"attendees": (person("room@example.com", room=True),)}, True, id="with a room"),
        pytest.param({"organizer": BOB}, False, id="by somebody else"),
        pytest.param({"organizer": "/principals/users/bob/"}, False, id="by the principal of somebody else"),
        pytest.param({"attendees": (person(BOB),)}, False, id="with somebody else"),
    ],
)
def test_what_a_server_puts_in_makes_no_event_foreign(more: dict[str, object], ours: bool) -> None:
    who = profile(logins=frozenset({"ada"}))
    block = own("Wed 10:00-12:00", **more).event  # type: ignore[arg-type]  # as above
    assert (mark_of(block, who, frozenset({CALENDAR}), {}) is not None) is ours


def test_a_room_pins_a_block() -> None:
    block = own("Wed 10:00-12:00", attendees=(person("room@example.com", room=True),)).event
    span = TimeRange(moment("Mon 00:00"), moment("Sun 00:00"))
    (found,) = build(moment("Mon 07:00"), span, profile(), [block], Memory(writing=frozenset({CALENDAR}))).ours
    assert found.pinned


# -- hand-made blocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["Focus", "focus: strategy", "FOCUS TIME", "Focus time (via Clockwise)", "🎧 Focus time",
     "❇️ Focus Time (via Reclaim)", "Focus block 2", "Deep work", "Write the strategy (focus)", "Fokuszeit",
     "Temps de concentration",
     "Tiempo de concentración", "Czas skupienia", "Focustijd", "集中時間", "专注时间", "[Focus time]"],
)  # fmt: skip
def test_titles_of_hand_made_blocks(title: str) -> None:
    assert classify(event("Wed 10:00-12:00", title), profile()).counts_as is CountsAs.FOCUS
    assert classify(meeting("Wed 10:00-12:00", title), profile()).counts_as is CountsAs.MEETING


@pytest.mark.parametrize(
    "title",
    ["Focus area review", "Focus group", "Focusing on Q3", "Out of focus", "Hocus focus", "Deepwork?", "Refocus"],
)
def test_titles_of_other_things(title: str) -> None:
    assert not fits(title, FOCUS_TITLES)
    assert classify(event("Wed 10:00-12:00", title), profile()).counts_as is CountsAs.BUSY


def test_a_block_with_a_room_is_still_ones_own() -> None:
    room = (person("room@example.com", room=True), person(ME))
    assert classify(event("Wed 10:00-12:00", "Focus", attendees=room), profile()).counts_as is CountsAs.FOCUS
    held = event("Wed 10:00-12:00", "Focus", attendees=room, organizer="room@example.com")
    assert classify(held, profile()).counts_as is CountsAs.FOCUS


def test_a_config_keeps_its_own_titles() -> None:
    who = profile(focus_titles=("focus*",))
    assert classify(event("Wed 10:00-12:00", "Focus group"), who).counts_as is CountsAs.FOCUS
