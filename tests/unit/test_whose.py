"""Whose an event and a calendar is, which days are off, and which of several events are one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from connectors.rfc5545 import codec
from daemon.model.event import Attendee, CountsAs, Event, EventRef, EventType, PartStat, ReadAs, ResourceRef, ShowAs
from daemon.model.owner import Mark
from daemon.model.profile import Profile
from daemon.model.protocols import Resource
from daemon.model.times import DAY, TimeRange
from daemon.model.user.calendars import WRITTEN, CalendarState, CalendarUse
from daemon.planning.counting.classify import classify
from daemon.planning.counting.whose import is_of_holidays, judged
from daemon.planning.snapshots import Memory, build
from making import CALENDAR, ME, ZONE, event, meeting, moment, profile

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


# -- whose an event is -----------------------------------------------------------------------------------------------

BY_BOB: dict[str, object] = {"organizer": BOB}
WITH_OTHERS: dict[str, object] = {"organizer": BOB, "attendees": (person(BOB), person("cem@example.com"))}
WITH_ME: dict[str, object] = {"organizer": BOB, "attendees": (person(BOB), person(ME))}
TO_A_LIST: dict[str, object] = {"organizer": BOB, "attendees": (person(BOB), person("leads@example.com"))}
ANOTHER: dict[str, object] = {"mark": Mark(BOB, "focus", "2026-W49/1", 0, {})}
HOME: dict[str, object] = {"mark": Mark("ada+home@example.com", "focus", "2026-W49/1", 0, {})}
B, F, M, A, O = CountsAs.BUSY, CountsAs.FOCUS, CountsAs.MEETING, CountsAs.AWAY, CountsAs.OTHERS  # noqa: E741 a table


@pytest.mark.parametrize(
    ("when", "title", "more", "written", "mine", "judged_others", "others", "busy"),
    [
        pytest.param("Wed 10:00-11:00", "Sync", WITH_ME, M, M, M, M, M, id="a meeting with me"),
        pytest.param("Wed 10:00-11:00", "Sync", WITH_OTHERS, M, M, O, O, B, id="a meeting of others"),
        pytest.param("Wed 10:00-11:00", "Leads", TO_A_LIST, M, M, O, O, B, id="an invitation to a list"),
        pytest.param("Wed", "Bob on vacation", BY_BOB, A, O, O, O, B, id="somebody's vacation"),
        pytest.param("Wed", "Vacation", {}, A, A, O, O, B, id="a vacation of nobody's"),
        pytest.param("Wed", "Offsite", WITH_ME, A, A, A, A, A, id="days that I have accepted"),
        pytest.param(
            "Wed 10:00-11:00", "Doctor", BY_BOB | {"type": EventType.OUT_OF_OFFICE}, A, O, O, O, B, id="out for an hour"
        ),
        pytest.param("Wed 10:00-11:00", "Focus time", BY_BOB, M, M, O, O, B, id="somebody's focus time"),
        pytest.param("Wed 10:00-11:00", "Focus time", {}, F, F, B, O, B, id="focus time of nobody's"),
        pytest.param("Wed 10:00-11:00", "Focus", ANOTHER, F, O, O, O, B, id="a block of another unbusy"),
        pytest.param("Wed 10:00-11:00", "Focus", HOME, F, F, B, O, B, id="a block of another unbusy of mine"),
        pytest.param("Wed 10:00-11:00", "Dentist", {}, B, B, B, O, B, id="an hour of nobody's"),
    ],
)
def test_whose_an_event_is(
    when: str, title: str, more: dict[str, object], written: CountsAs, mine: CountsAs, judged_others: CountsAs,
    others: CountsAs, busy: CountsAs,
) -> None:  # fmt: skip
    found = event(when, title, **more)  # type: ignore[arg-type]  # a table of keyword arguments
    uses = (WRITTEN, MINE, JUDGED, THEIRS, BUSY)
    assert tuple(classify(found, profile(), use).counts_as for use in uses) == (
        written, mine, judged_others, others, busy
    )  # fmt: skip


def test_what_takes_no_time_takes_none_in_any_calendar() -> None:
    for use in (MINE, JUDGED, THEIRS, BUSY):
        assert classify(event("Wed", "Bob", show_as=ShowAs.FREE), profile(), use).counts_as is CountsAs.FREE
        assert classify(event("Wed 10:00-11:00", cancelled=True), profile(), use).counts_as is CountsAs.CANCELLED


def test_where_my_addresses_are_not_known_nothing_is_somebody_elses() -> None:
    who = profile(me=frozenset())
    assert classify(event("Wed", "Vacation", **BY_BOB), who, MINE).counts_as is CountsAs.AWAY  # type: ignore[arg-type]


# -- whose a calendar is ---------------------------------------------------------------------------------------------


def _others(n: int) -> list[Event]:
    return [event("Wed 10:00-11:00", uid=f"o{n}", organizer=BOB) for n in range(n)]


@pytest.mark.parametrize(
    ("events", "who", "expected"),
    [
        pytest.param([], profile(), ReadAs.MINE, id="nothing in it"),
        pytest.param([event("Wed", "Bob on vacation")], profile(), ReadAs.MINE, id="no event has people"),
        pytest.param(_others(1), profile(), ReadAs.OTHERS, id="one event of somebody's"),
        pytest.param([meeting("Wed 10:00-11:00"), *_others(1)], profile(), ReadAs.MINE, id="named in half of them"),
        pytest.param([meeting("Wed 10:00-11:00"), *_others(2)], profile(), ReadAs.OTHERS, id="named in fewer"),
        pytest.param(
            [*(meeting(f"{d} 10:00-11:00", uid="daily") for d in ("Mon", "Tue", "Wed")), *_others(2)],
            profile(),
            ReadAs.OTHERS,
            id="a series counts once",
        ),
        pytest.param(
            [event("Wed 10:00-11:00", attendees=(person("room@example.com", room=True),))],
            profile(),
            ReadAs.MINE,
            id="a room is nobody",
        ),
        pytest.param(_others(9), profile(me=frozenset()), ReadAs.MINE, id="my addresses are not known"),
        pytest.param(
            [event("Wed 10:00-11:00", organizer=BOB, attendees=(person("ada+x@example.com"),))],
            profile(),
            ReadAs.MINE,
            id="named with a tag",
        ),
    ],
)
def test_a_calendar_is_judged_by_its_events(events: list[Event], who: Profile, expected: ReadAs) -> None:
    assert judged(events, who) is expected


# -- public holidays -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "name", "expected"),
    [
        ("g/en.german#holiday@group.v.calendar.google.com", "anything", True), ("g/primary", "Feiertage", True),
        ("g/a", "Holidays in Poland", True), ("g/a", "Feiertage in Deutschland", True), ("g/a", "US Holidays", True),
        ("g/a", "Jours fériés en France", True), ("g/a", "Festivos en España", True), ("g/a", "Święta w Polsce", True),
        ("g/a", "日本の祝日", True), ("g/a", "UK Bank Holidays", False), ("g/a", "Bank holidays", True),
        ("g/a", "Holidays", False), ("g/a", "Team holidays", False), ("g/a", "Family", False), ("g/a", "", False),
    ],
)  # fmt: skip
def test_calendars_of_public_holidays(calendar: str, name: str, expected: bool) -> None:
    assert is_of_holidays(calendar, name) is expected


H = CountsAs.HOLIDAY


@pytest.mark.parametrize(
    ("description", "region", "unlabelled", "labelled"),
    [
        pytest.param("", "", H, O, id="nothing said"),
        pytest.param("Christmas", "", H, O, id="something else said"),
        pytest.param("Public holiday", "", H, H, id="a public holiday"),
        pytest.param("Gesetzlicher Feiertag", "", H, H, id="a public holiday in German"),
        pytest.param("Jour férié", "", H, H, id="a public holiday in French"),
        pytest.param("祝日", "", H, H, id="a public holiday in Japanese"),
        pytest.param("Public holiday\nThis is a half-day holiday.", "", H, H, id="with a second line"),
        pytest.param("Observance\nTo hide observances, go to Google Calendar Settings", "", O, O, id="an observance"),
        pytest.param("祭日\n祭日を非表示にするには、Google カレンダーの…", "", O, O, id="an observance in Japanese"),
        pytest.param("Xyz\nGoogle Calendar xyz", "", O, O, id="an observance in some language of Google's"),
        pytest.param("Public holiday in Bavaria, Saxony", "", O, O, id="elsewhere in the country"),
        pytest.param("Public holiday in Bavaria, Saxony", "saxony ", H, H, id="in the user's region"),
        pytest.param("Public holiday in Bavaria, Saxony", "Berlin", O, O, id="in another region"),
    ],
)
def test_days_off(description: str, region: str, unlabelled: CountsAs, labelled: CountsAs) -> None:
    found = event("Wed", "Some day", description=description, show_as=ShowAs.FREE)
    who = profile(region=region)
    kinds = [classify(found, who, replace(HOLIDAYS, labelled=said)).counts_as for said in (False, True)]
    assert kinds == [unlabelled, labelled]


def test_only_days_are_days_off() -> None:
    assert classify(event("Wed 10:00-11:00"), profile(), HOLIDAYS).counts_as is CountsAs.OTHERS
    assert classify(event("Wed", cancelled=True), profile(), HOLIDAYS).counts_as is CountsAs.CANCELLED


def test_nothing_is_proposed_on_a_day_off() -> None:
    feed = CalendarState(id="g/feed", name="Feiertage", read_at=None, use=HOLIDAYS)
    christmas = event("Wed", "Christmas", ref=EventRef("g/feed", "x"), show_as=ShowAs.FREE)
    memory = Memory(writing=frozenset({CALENDAR}), calendars=(feed,))
    found = build(
        moment("Mon 07:00"), TimeRange(moment("Mon 00:00"), moment("Sun 00:00")), profile(), [christmas], memory
    )
    (day,) = found.days_off
    assert found.present(day) == ()
    assert found.present(day + DAY) != ()


# -- copies ----------------------------------------------------------------------------------------------------------


def copy(of: Event, calendar: str = TEAM, **more: object) -> Event:
    values: dict[str, object] = {n: getattr(of, n) for n in Event.__slots__}
    return Event(**(values | {"ref": EventRef(calendar, "copy", "")} | more))  # type: ignore[arg-type]  # as above


BOARD = meeting("Wed 10:00-11:00", "Board")
SOLO: dict[str, object] = {"attendees": (), "organizer": ""}


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        pytest.param([BOARD, copy(BOARD)], [M], id="with the same people"),
        pytest.param([BOARD, copy(BOARD, summary=" board ")], [M], id="written in other letters"),
        pytest.param([BOARD, copy(BOARD, **SOLO)], [M], id="without people"),
        pytest.param(
            [BOARD, copy(BOARD, attendees=(person("p1@example.com"),), organizer="")], [M], id="with some of them"
        ),
        pytest.param([BOARD, copy(BOARD), copy(BOARD, ref=EventRef(CALENDAR, "third"))], [M], id="three of them"),
        pytest.param(
            [BOARD, copy(BOARD, attendees=(person("z@example.com"),))], [M, M], id="with somebody else: another"
        ),
        pytest.param([BOARD, copy(BOARD, summary="Audit")], [M, M], id="another title: another meeting"),
        pytest.param(
            [BOARD, copy(BOARD, span=meeting("Wed 10:00-11:30").span)], [M, M], id="another end: another meeting"
        ),
        pytest.param(
            [copy(BOARD, summary="", ref=EventRef(TEAM, u)) for u in "ab"], [M, M], id="no title says nothing"
        ),
        pytest.param(
            [meeting("Wed 10:00-11:00", "Board", reply=PartStat.DECLINED), copy(BOARD)],
            [CountsAs.DECLINED],
            id="declined, and so in its copy",
        ),
        pytest.param(
            [meeting("Wed 10:00-11:00", "Board", reply=PartStat.DECLINED), copy(BOARD, **SOLO)],
            [B, CountsAs.DECLINED],
            id="declined, and a hold of the same name",
        ),
        pytest.param([event("Wed 10:00-11:00", "Train", uid=u) for u in "ab"], [B, B], id="no meeting"),
    ],
)
def test_copies_of_a_meeting_are_one(events: list[Event], kinds: list[CountsAs]) -> None:
    span = TimeRange(moment("Mon 00:00"), moment("Sun 00:00"))
    for order in (events, events[::-1]):
        found = build(moment("Mon 07:00"), span, profile(), order, Memory(writing=frozenset({CALENDAR}))).events
        assert sorted(e.counts_as for e in found) == kinds


def test_of_copies_under_one_uid_an_answer_says_more_than_none() -> None:
    asked = meeting("Wed 10:00-11:00", "Board", reply=PartStat.NEEDS_ACTION, uid="a")
    accepted = copy(asked, ref=EventRef(TEAM, "a"), attendees=BOARD.attendees)
    span = TimeRange(moment("Mon 00:00"), moment("Sun 00:00"))
    (found,) = build(
        moment("Mon 07:00"), span, profile(), [asked, accepted], Memory(writing=frozenset({CALENDAR}))
    ).events
    assert found.reply is PartStat.ACCEPTED
