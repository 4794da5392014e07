"""iCalendar to events, and our own events to iCalendar and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from msgspec.structs import replace

from connectors.rfc5545.codec import edited, peek, written
from daemon.model.errors import UnbusyError
from daemon.model.event import Attendee, EventType, ParticipationRole, PartStat, ShowAs
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import UID_PREFIX, Field, Mark
from daemon.model.times import DateRange, TimeRange
from making import ME, moment, span
from payloads import asked, draft, ics, marked, observed, only, read, vevent

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

# --- reading -------------------------------------------------------------------------------------------------


def test_a_time_without_a_zone_is_read_in_the_zone_that_is_asked_for_also_a_second_time() -> None:
    payload = ics(vevent(start="DTSTART:20261201T090000", end="DTEND:20261201T100000"))
    zones = [ZoneInfo(name) for name in ("Europe/Warsaw", "Asia/Tokyo", "Europe/Warsaw")]
    starts = [read(payload, zone=zone).events[0].span.start for zone in zones]
    assert starts == [datetime(2026, 12, 1, 9, tzinfo=zone) for zone in zones]


def alarm(*lines: str, action: str = "DISPLAY") -> str:
    return "\n".join(("BEGIN:VALARM", f"ACTION:{action}", *lines, "END:VALARM"))


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        ([], "show_as", ShowAs.BUSY),
        (["TRANSP:OPAQUE", "STATUS:CONFIRMED"], "show_as", ShowAs.BUSY),
        (["TRANSP:TRANSPARENT"], "show_as", ShowAs.FREE),
        (["transp:transparent"], "show_as", ShowAs.FREE),
        (["STATUS:TENTATIVE"], "show_as", ShowAs.TENTATIVE),
        (["STATUS:TENTATIVE", "TRANSP:TRANSPARENT"], "show_as", ShowAs.FREE),
        (["STATUS:CANCELLED"], "cancelled", True),
        (["STATUS:CONFIRMED"], "cancelled", False),
        (["SUMMARY:Lunch\\, then\\; talk\\nand \\\\o/"], "summary", "Lunch, then; talk\nand \\o/"),
        (["SUMMARY;LANGUAGE=de:Mittag"], "summary", "Mittag"),
        (["SUMMARY:A long ti", " tle"], "summary", "A long title"),
        (["DESCRIPTION:One\\NTwo"], "description", "One\nTwo"),
        (["LOCATION:Room 1"], "location", "Room 1"),
        (["CATEGORIES:Focus,Deep work"], "categories", ("Focus", "Deep work")),
        (["CATEGORIES:A\\, B", "CATEGORIES:C,,"], "categories", ("A, B", "C")),
        (["ORGANIZER;CN=Ada:MAILTO:Ada@Example.com"], "organizer", "ada@example.com"),
        (["ORGANIZER;EMAIL=ada@example.com:/principals/1"], "organizer", "ada@example.com"),
        (["CLASS:PRIVATE"], "private", True),
        (["CLASS:CONFIDENTIAL"], "private", True),
        (["CLASS:X-SECRET"], "private", True),
        (["CLASS:PUBLIC"], "private", False),
        ([], "private", False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "type", EventType.OUT_OF_OFFICE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], "type", EventType.DEFAULT),
        (["COLOR:teal"], "colour", "teal"),
        (["CREATED:20261101T080000Z"], "created", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        (["CREATED:yesterday"], "created", None),
        ([alarm("TRIGGER:-PT15M")], "reminder", 15),
        ([alarm("TRIGGER:-P1DT1H")], "reminder", 1500),
        ([alarm("TRIGGER:-P1W")], "reminder", 10080),
        ([alarm("TRIGGER:PT0S")], "reminder", 0),
        ([alarm("TRIGGER:-PT5M"), alarm("TRIGGER:-PT1H")], "reminder", 60),
        ([alarm("TRIGGER:-PT5M", action="AUDIO")], "reminder", None),
        ([alarm("TRIGGER:PT5M")], "reminder", None),
        ([alarm("TRIGGER;RELATED=END:-PT5M")], "reminder", None),
        ([alarm("TRIGGER;VALUE=DATE-TIME:20261201T080000Z")], "reminder", None),
        ([alarm("TRIGGER:soon")], "reminder", None),
        ([], "reminder", None),
        ([], "mark", None),
        (["X-UNBUSY:owner=x"], "mark", None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)  # fmt: skip
def test_a_field_is_read_from_its_properties(lines: list[str], name: str, value: object) -> None:
    assert getattr(only(ics(vevent(*lines))), name) == value


@pytest.mark.parametrize(
    ("line", "attendee"),
    [
        ("ATTENDEE:mailto:Bob@Example.com", Attendee("bob@example.com")),
        (
            'ATTENDEE;CN="Roe, Jane";PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:jane@example.com',
            Attendee("jane@example.com", "Roe, Jane", PartStat.ACCEPTED, ParticipationRole.OPTIONAL),
        ),
        ("ATTENDEE;ROLE=CHAIR;PARTSTAT=X-MAYBE:mailto:c@example.com", Attendee("c@example.com")),
        ("ATTENDEE;CUTYPE=ROOM:mailto:r1@example.com", Attendee("r1@example.com", person=False)),
        ("ATTENDEE;cutype=resource:mailto:beamer@example.com", Attendee("beamer@example.com", person=False)),
        ("ATTENDEE;CUTYPE=GROUP:mailto:team@example.com", Attendee("team@example.com")),
        ("ATTENDEE;EMAIL=D@example.com:urn:uuid:1", Attendee("d@example.com")),
        ("ATTENDEE;EMAIL=other@example.com:mailto:e@example.com", Attendee("e@example.com")),
    ],
)
def test_an_attendee_is_read_from_its_line(line: str, attendee: Attendee) -> None:
    assert only(ics(vevent(line))).attendees == (attendee,)


def test_a_timed_event_has_instants_and_an_all_day_one_days() -> None:
    timed = only(ics())
    days = only(ics(vevent(start="DTSTART;VALUE=DATE:20261201", end="DTEND;VALUE=DATE:20261203")))
    assert (timed.when, timed.dates) == (span("Tue 10:00-11:00"), None)
    assert (days.dates, days.span) == (
        DateRange(date(2026, 12, 1), date(2026, 12, 3)),
        TimeRange(moment("Tue 00:00"), moment("Thu 00:00")),
    )


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (b"", "no calendar"),
        (b"<html>Log in</html>", "no calendar"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ""),
        (ics()[:-15], "end of the calendar"),
        (ics().replace(b"END:VEVENT\r\n", b""), "end of an event"),
        (ics()[:90], "cut off"),
        (ics().replace(b"-//hand", b"\0\0"), "NUL"),
        (ics(vevent("SUMMARY:Café")).replace("é".encode(), b"\xe9"), "UTF-8"),
        (ics(vevent(start="")), "no DTSTART"),
        (ics(vevent(start="DTSTART:20261301T090000Z")), "DTSTART"),
        (ics(vevent(start="DTSTART;VALUE=DATE,X:20261201")), ""),
        (ics(vevent(end="DTEND:tomorrow")), "DTEND"),
        (ics(vevent("RRULE:FREQ=NEVER")), "FREQ=NEVER"),
        (ics(vevent("RRULE:FREQ=SECONDLY")), "more instances than can be listed"),
        (ics(vevent("RRULE:FREQ=MINUTELY;COUNT=1000000000")), "more instances than can be listed"),
        (ics(vevent("RRULE:FREQ=DAILY;INTERVAL=0")), "INTERVAL"),
        (ics(vevent("RRULE:FREQ=DAILY;COUNT=0")), "COUNT"),
        (ics(vevent("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")), ""),
        (ics(vevent("EXDATE:whenever", "RRULE:FREQ=DAILY")), "EXDATE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_understood_is_a_problem_with_a_place(payload: bytes, what: str) -> None:
    problems = read(payload).problems
    assert bool(problems) == bool(what)
    assert not what or any(what in p.what for p in problems)
    for problem in problems:
        assert problem.where == "work/Work/u1.ics"
        assert problem.what.isprintable()
        assert len(problem.what) <= 200


def test_other_events_in_a_file_are_read_beside_a_bad_one() -> None:
    found = read(
        ics(vevent(uid="a"), vevent("RRULE:FREQ=SECONDLY", uid="b"), vevent(uid="c", start=""), vevent(uid="d"))
    )
    assert sorted(e.ref.uid for e in found.events) == ["a", "b", "d"]  # of b only its start
    assert len(found.problems) == 2


def test_a_file_in_windows_1252_is_read_and_said_so() -> None:
    found = read(ics(vevent("SUMMARY:Café")).replace("é".encode(), b"\xe9"))
    assert [e.summary for e in found.events] == ["Café"]
    assert len(found.problems) == 1


def test_a_file_in_utf_16_is_read() -> None:
    assert only(ics(vevent("SUMMARY:Café")).decode().encode("utf-16")).summary == "Café"


def test_a_byte_order_mark_and_a_fold_inside_a_character_are_harmless() -> None:
    payload = ics(vevent("SUMMARY:Café")).replace("é".encode(), b"\xc3\r\n \xa9")
    assert only(b"\xef\xbb\xbf" + payload).summary == "Café"


@settings(max_examples=150)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 40))
def test_no_payload_raises(noise: bytes, at: int, cut: int) -> None:
    whole = ics(vevent("RRULE:FREQ=WEEKLY;COUNT=3", "ATTENDEE;CN=x:mailto:a@b", alarm("TRIGGER:-PT5M")))
    read(noise)
    read(whole[:at] + noise + whole[at + cut :])


# --- our own -------------------------------------------------------------------------------------------------

WRITTEN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//unbusy//unbusy//EN
BEGIN:VTIMEZONE
TZID:Europe/Warsaw
BEGIN:STANDARD
DTSTART:20251231T010000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20270328T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20271031T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261124T080000Z
CREATED:20261124T080000Z
LAST-MODIFIED:20261124T080000Z
SEQUENCE:0
DTSTART;TZID=Europe/Warsaw:20261201T090000
DTEND;TZID=Europe/Warsaw:20261201T110000
SUMMARY:Focus\\, deep
DESCRIPTION:Why\\nand how
TRANSP:OPAQUE
STATUS:TENTATIVE
CLASS:PRIVATE
COLOR:teal
X-UNBUSY:{mark}
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Focus\\, deep
TRIGGER:-PT10M
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_an_event_of_ours_as_it_is_written() -> None:
    ours = draft(title="Focus, deep", text="Why\nand how", show_as=ShowAs.TENTATIVE, reminder=10, colour="teal")
    payload = written(ours, NOW)
    unfolded = payload.decode().replace("\r\n ", "").replace("\r\n", "\n")
    assert unfolded == WRITTEN.format(uid=ours.uid, mark=write_mark(ours.mark))
    assert payload == written(ours, NOW)


@pytest.mark.parametrize(
    ("show_as", "lines"),
    [
        (ShowAs.FREE, (b"TRANSP:TRANSPARENT", b"STATUS:CONFIRMED")),
        (ShowAs.TENTATIVE, (b"TRANSP:OPAQUE", b"STATUS:TENTATIVE")),
        (ShowAs.BUSY, (b"TRANSP:OPAQUE", b"STATUS:CONFIRMED")),
    ],
)
def test_how_an_event_of_ours_is_shown(show_as: ShowAs, lines: tuple[bytes, bytes]) -> None:
    assert set(lines) < set(written(draft(show_as=show_as), NOW).split(b"\r\n"))


@pytest.mark.parametrize(
    ("when", "zone", "lines"),
    [
        ("Tue 09:00-11:00", "UTC", ["DTSTART:20261201T080000Z", "DTEND:20261201T100000Z"]),
        ("Tue", "Europe/Warsaw", ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"]),
        (
            TimeRange(datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)),
            "Europe/Warsaw",
            ["DTSTART;TZID=Europe/Warsaw:20261025T021500", "DTEND;TZID=Europe/Warsaw:20261025T030000"],
        ),
        (
            TimeRange(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)),
            "Europe/Warsaw",
            ["DTSTART:20261025T011500Z", "DTEND:20261025T020000Z"],
        ),
    ],
    ids=["UTC", "all day", "the first of two", "the second of two"],
)  # fmt: skip
def test_the_time_of_an_event_of_ours(when: str | TimeRange, zone: str, lines: list[str]) -> None:
    ours = draft(when, zone=zone)
    content = written(ours, NOW).decode()
    assert re.findall(r"(?m)^DT(?:START|END).*(?=\r)", content.partition("BEGIN:VEVENT")[2]) == lines
    assert ("BEGIN:VTIMEZONE" in content) == any("TZID" in line for line in lines)


@pytest.mark.parametrize(
    "zone", ["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo"]
)
def test_the_zone_in_an_event_of_ours_agrees_with_the_zone_database(zone: str) -> None:
    observances = Calendar.from_ical(written(draft(zone=zone), NOW)).timezones[0].subcomponents
    onsets = sorted(
        ((local - part.TZOFFSETFROM).replace(tzinfo=UTC), part.TZOFFSETTO)
        for part in observances
        for local in [part.DTSTART]
    )  # RFC 5545, 3.6.5: the offset is that of the last onset, which is given on the clock before it
    for hours in range(2 * 8760 - 48):
        at = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(hours=hours)
        assert [to for onset, to in onsets if onset <= at][-1] == at.astimezone(ZoneInfo(zone)).utcoffset()


def test_control_characters_are_left_out() -> None:
    ours = written(draft(title="A\0B\x1b[1mC\x0bD\x85E", text="one\rtwo\r\nthree"), NOW)
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", ours)
    assert (only(ours).summary, only(ours).description) == ("AB[1mCD\x85E", "one\ntwo\nthree")


texts = st.text(
    st.one_of(
        st.sampled_from("\\nN,;:\"'\n\r ^%=+-äß😀👩\u200d🚀\u2028\u0301"),
        st.characters(exclude_categories=["Cc", "Cs"]),
    ),
    max_size=300,
)
zones = st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "UTC"])
instants = st.datetimes(datetime(2026, 10, 20), datetime(2026, 12, 20), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
times = st.builds(lambda at, minutes: TimeRange(at, at + timedelta(minutes=minutes)), instants, st.integers(1, 3000))
days = st.builds(
    lambda first, n: DateRange(first, first + timedelta(days=n)),
    st.dates(date(2026, 11, 5), date(2026, 12, 20)),
    st.integers(1, 9),
)
drafts = st.builds(
    draft, st.one_of(times, days), zone=zones, title=texts, text=texts, show_as=st.sampled_from(ShowAs),
    reminder=st.none() | st.integers(0, 20000), colour=st.sampled_from(["", "teal", "tomato"]),
)  # fmt: skip

WIDE = TimeRange(datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))


@settings(max_examples=150)
@given(drafts)
@example(draft(title="C:\\New\\north, \\\\; x", text="\\N\\n\\"))
@example(draft(title="x" * 74 + "👩\u200d🚀" * 40, text="ä" * 500))
def test_what_is_written_is_read_back(ours: object) -> None:
    payload = written(ours, NOW)
    (found,) = read(payload, window=WIDE).events
    assert observed(found) == asked(ours)
    assert found.mark == ours.mark
    assert peek(payload).mark == ours.mark
    assert found.description.split() == ours.text.split()
    assert payload.endswith(b"\r\n")
    for line in payload.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()  # no character is split


@settings(max_examples=100)
@given(drafts, drafts, st.sets(st.sampled_from(Field)))
def test_an_edit_writes_its_fields_and_keeps_the_rest(before: object, after: object, fields: set[Field]) -> None:
    after = marked(replace(after, mark=before.mark))
    payload = edited(written(before, NOW), after, frozenset(fields), NOW + timedelta(hours=1))
    (found,) = read(payload, window=WIDE).events
    assert observed(found) == {f: asked(after if f in fields else before)[f] for f in Field}
    assert (found.mark, found.created) == (after.mark, NOW)
    assert re.findall(rb"(SEQUENCE|LAST-MODIFIED|DTSTAMP):(.*)\r", payload)[:3] == [
        (b"DTSTAMP", b"20261124T090000Z"), (b"LAST-MODIFIED", b"20261124T090000Z"), (b"SEQUENCE", b"1"),
    ]  # fmt: skip
    assert all(len(line) <= 75 for line in payload.split(b"\r\n"))
    if zone := re.search(rb"DTSTART;TZID=(\S+):", payload):
        assert payload.count(b"TZID:" + zone[1] + b"\r\n") == 1


def test_a_reminder_that_is_taken_back_takes_no_other_alarm_with_it() -> None:
    payload = written(draft(reminder=10), NOW)
    second = alarm("TRIGGER:-PT2M").replace("\n", "\r\n") + "\r\nEND:VEVENT"
    payload = edited(payload.replace(b"END:VEVENT", second.encode()), draft(), frozenset({Field.REMINDER}), NOW)
    assert re.findall(rb"TRIGGER:(.*)\r", payload) == [b"-PT2M"]


def test_an_edit_of_something_else_is_refused() -> None:
    with pytest.raises(UnbusyError, match="not the event"):
        edited(ics(), draft(), frozenset(), NOW)
    with pytest.raises(UnbusyError, match="not the event"):
        edited(written(draft(), NOW), draft(mark=Mark(ME, "focus", "2026-W50/1", 0, {})), frozenset(), NOW)


# --- what other programs do to our events without an edit ------------------------------------------------------


def reversed_lines(payload: bytes) -> bytes:
    """The properties of the event in the opposite order."""
    head, begin, rest = payload.replace(b"\r\n ", b"").partition(b"BEGIN:VEVENT\r\n")
    body, end, tail = rest.partition(b"BEGIN:VALARM")
    return head + begin + b"".join(reversed(body.splitlines(keepends=True))) + end + tail


REWRITES = {
    "line feeds only": lambda p: p.replace(b"\r\n", b"\n"),
    "unfolded": lambda p: p.replace(b"\r\n ", b""),
    "folded at 40 with tabs": lambda p: re.sub(rb"([^\r\n]{40})(?=[^\r\n])", rb"\1\r\n\t", p.replace(b"\r\n ", b"")),
    "reordered": reversed_lines,
    "serialised by another program": lambda p: Calendar.from_ical(p).to_ical(sorted=True),
    "stamped": lambda p: re.sub(rb"(SEQUENCE|DTSTAMP|LAST-MODIFIED):.*\r", rb"\1:20270101T000000Z\r", p),
    "another PRODID": lambda p: p.replace(b"-//unbusy//unbusy//EN", b"-//khal//EN"),
    "another zone for the same instants": lambda p: p.replace(
        b"DTSTART;TZID=Europe/Warsaw:20261201T090000", b"DTSTART:20261201T080000Z"
    ),
    "a duration for the end": lambda p: p.replace(b"DTEND;TZID=Europe/Warsaw:20261201T110000", b"DURATION:PT2H"),
    "without its VTIMEZONE": lambda p: re.sub(rb"(?s)BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n", b"", p),
    "categories and properties of its own": lambda p: p.replace(
        b"CLASS:", b"CATEGORIES:A,B\r\nCATEGORIES:C\r\nX-MOZ-GENERATION:3\r\nCLASS:"
    ),
    "names in lower case": lambda p: re.sub(rb"(?m)^(SUMMARY|TRANSP|STATUS)", lambda m: m[0].lower(), p),
    "spaces at the ends of the text": lambda p: p.replace(b"and how", b"and how  \\n\\n"),
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_rewrite_without_an_edit_changes_no_field(rewrite: str) -> None:
    ours = draft(
        title="Focus, déep " + "x" * 80, text="Why\nand how", show_as=ShowAs.TENTATIVE, reminder=10, colour="teal"
    )
    payload = written(ours, NOW)
    changed = REWRITES[rewrite](payload)
    assert changed != payload
    found = only(changed)
    assert observed(found) == asked(ours)
    assert found.mark == ours.mark
    assert peek(changed).mark == ours.mark


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"SUMMARY:Focus", b"SUMMARY:My time", Field.TITLE),
        (b"T090000", b"T093000", Field.WHEN),
        (b"TRANSP:TRANSPARENT", b"TRANSP:OPAQUE", Field.SHOW_AS),
        (b"-PT10M", b"-PT5M", Field.REMINDER),
        (b"COLOR:teal", b"COLOR:red", Field.COLOUR),
        (b"meetings.", b"meetings.\\nBut tea.", Field.TEXT),
    ],
)
def test_an_edit_changes_just_its_field(old: bytes, new: bytes, field: Field) -> None:
    ours = draft(reminder=10, colour="teal")
    payload = written(ours, NOW)
    assert old in payload
    found = observed(only(payload.replace(old, new, 1) if field is not Field.WHEN else payload.replace(old, new)))
    assert {f for f in Field if found[f] != asked(ours)[f]} == {field}


def test_ours_is_one_event_whose_mark_yields_its_uid() -> None:
    ours = draft()
    payload = written(ours, NOW)
    override = vevent("RECURRENCE-ID:20261201T080000Z", uid=ours.uid) + "\n"
    end = b"END:VCALENDAR"
    assert ours.uid.startswith(UID_PREFIX)
    assert peek(payload).mark == ours.mark
    assert peek(payload.replace(end, override.encode() + end)).mark == ours.mark
    for other in (
        ics(),
        payload.replace(ours.uid.encode(), b"copy"),
        payload.replace(b"focus", b"other"),
        payload.replace(end, b"BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO\r\n" + end),
        payload.replace(end, b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" + end),
        payload.replace(end, override.replace(ours.uid, "mine").encode() + end),
        payload.replace(b":VEVENT", b":VTODO"),
        payload + payload,
        payload.replace(end, b""),
        payload[40:],
    ):
        assert peek(other).mark is None


UID = rb"\r\nUID:[^\r]*"
LONG = b"\r\nX-LONG:" + b"x" * 200
ALARM = b"\r\nBEGIN:VALARM\r\nUID:alarm\r\nACTION:DISPLAY\r\nTRIGGER:PT0S" + LONG + b"\r\nEND:VALARM"
ZONE = b"BEGIN:VTIMEZONE\r\nUID:zone" + LONG + b"\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(lambda p, uid: p, id="as we write it"),
        pytest.param(lambda p, uid: p.replace(b"\r\n", b"\n"), id="with other ends of lines"),
        pytest.param(lambda p, uid: p.replace(uid, b"").replace(b"\r\nEND:VEV", uid + b"\r\nEND:VEV"), id="at the end"),
        pytest.param(lambda p, uid: p.replace(uid, ALARM + uid), id="behind an alarm with a UID"),
        pytest.param(lambda p, uid: p.replace(uid, uid.lower()), id="in small letters"),
        pytest.param(lambda p, uid: p.replace(uid, uid.replace(b"UID:", b"UID;X-A=b:")), id="with a parameter"),
        pytest.param(lambda p, uid: p.replace(uid, uid[:-9] + b"\r\n " + uid[-9:]), id="folded"),
        pytest.param(lambda p, uid: p.replace(b"BEGIN:VEVENT", ZONE), id="behind a zone with a UID"),
    ],
)
def test_ours_is_found_wherever_its_uid_stands(moved: Callable[[bytes, bytes], bytes]) -> None:
    ours = draft()
    payload = written(ours, NOW)
    (uid,) = re.findall(UID, payload)
    found = peek(moved(payload, uid))
    assert (found.name, found.mark) == (ours.mark.digits, ours.mark)
