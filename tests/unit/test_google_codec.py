"""Events of the Google Calendar API: what is read from them, and that what we write reads back as it was asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.google.api import addressed
from connectors.google.codec import Bundle, Item, body_of, calendar_of, new_body, visibility
from connectors.rfc5545 import codec
from daemon.model.event import Event, PartStat, ShowAs
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark
from daemon.model.times import DateRange
from making import ME, day
from payloads import asked, draft, marked, observed, only

TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Warsaw"},
    "end": {"dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Warsaw"},
}
WIDEST = {"o": "ł" * 30, "k": "meeting-" + "x" * 60}


def item(**more: Any) -> dict[str, Any]:
    return {"id": "abcde", "iCalUID": "abcde@google.com", "etag": '"1"', "status": "confirmed", **TIMES, **more}


def read(body: dict[str, Any], me: str = ME) -> Event:
    return only(calendar_of(Bundle(body), me))


def person(email: str, reply: str = "accepted", **more: Any) -> dict[str, Any]:
    return {"email": email, "responseStatus": reply, **more}


@pytest.mark.parametrize(
    ("before", "now", "was"),
    [
        ({}, "private", "default"),
        ({"visibility": "default"}, "private", "default"),
        ({"visibility": "public"}, "private", "public"),
        ({"visibility": "private"}, None, None),
        ({"visibility": "confidential"}, None, None),
    ],
    ids=str,
)
def test_an_event_becomes_private_and_what_it_was(before: Item, now: str | None, was: str | None) -> None:
    change = visibility(before, private=True)
    assert change.get("visibility") == now
    back = visibility(before | change, private=False)
    assert back.get("visibility") == was
    assert visibility(before, private=False) == {}
    assert visibility(before | change | {"visibility": "public"}, private=False) == {}, "that was the user"


@pytest.mark.parametrize(
    ("more", "name", "value"),
    [
        ({}, "show_as", ShowAs.BUSY),
        ({"transparency": "opaque"}, "show_as", ShowAs.BUSY),
        ({"transparency": "transparent"}, "show_as", ShowAs.FREE),
        ({"status": "tentative"}, "show_as", ShowAs.TENTATIVE),
        ({"eventType": "workingLocation"}, "show_as", ShowAs.FREE),
        ({"eventType": "birthday"}, "show_as", ShowAs.FREE),
        ({"eventType": "outOfOffice"}, "show_as", ShowAs.BUSY),
        ({"eventType": "quantumTime", "eventLabelId": "7"}, "show_as", ShowAs.BUSY),
        ({"summary": "One, two; three\nfour \\"}, "summary", "One, two; three\nfour \\"),
        ({"summary": None}, "summary", ""),
        ({"description": "a &lt;b&gt; &amp; c"}, "description", "a <b> & c"),
        ({"description": "a<br>b &amp; c"}, "description", "a<br>b &amp; c"),
        ({"description": "1 < 2"}, "description", "1 < 2"),
        ({"visibility": "private"}, "private", True),
        ({"visibility": "confidential"}, "private", True),
        ({"visibility": "public"}, "private", False),
        ({"created": "2026-11-01T08:00:00.000Z"}, "created", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ({"created": "yesterday"}, "created", None),
        ({"updated": "2026-11-01T08:00:00.000Z"}, "modified", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ({"updated": 5}, "modified", None),
        ({"sequence": 3}, "sequence", 3),
        ({"sequence": "3"}, "sequence", 0),
        ({"organizer": {"email": "bob@example.com", "displayName": "Bob; Roe"}}, "organizer_name", "Bob; Roe"),
        ({"organizer": {"email": "bob@example.com", "displayName": 'B"\r\nUID:x'}}, "organizer_name", "BUID:x"),
        ({"organizer": {"email": "bob@example.com"}}, "organizer_name", ""),
        ({"colorId": "11"}, "colour", "tomato"),
        ({"colorId": "99"}, "colour", "99"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]}}, "reminder", 15),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "email", "minutes": 15}]}}, "reminder", None),
        ({"reminders": {"useDefault": True}}, "reminder", None),
        ({"organizer": {"email": ME, "self": True}}, "organizer", ""),
        ({"organizer": {"email": "bob@example.com"}}, "organizer", "bob@example.com"),
        ({"extendedProperties": {"private": {"unbusy": 5}}}, "mark", None),
        ({"extendedProperties": []}, "mark", None),
    ],
    ids=str,
)  # fmt: skip
def test_a_field_is_read(more: dict[str, Any], name: str, value: object) -> None:
    assert getattr(read(item(**more)), name) == value


def test_whom_google_calls_self_is_the_user_whatever_the_address() -> None:
    body = item(attendees=[person("a@alias.example", "declined", self=True), person("bob@example.com")])
    assert {a.address: a.partstat for a in read(body).attendees} == {
        ME: PartStat.DECLINED, "bob@example.com": PartStat.ACCEPTED,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a\r\nATTENDEE:mailto:eve@example.com", 'x"\r\nRRULE:FREQ=DAILY', "\x00", "\u2028END:VEVENT"]
)
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    hostile = item(
        summary=text, description=text, location=text, iCalUID=text, colorId=text,
        attendees=[person(f"p@example.com{text}", displayName=text, self=True)],
        recurrence=[f"EXDATE:20300101T000000Z\r\n{text}"], eventType=text, visibility=text,
        start=TIMES["start"] | {"timeZone": text}, end=TIMES["end"] | {"timeZone": text},
    )  # fmt: skip
    found = read(hostile, me="")
    assert len(found.attendees) == 1


@pytest.mark.parametrize(
    "payload", [b"", b"5", b"[]", b"{}", b'{"main": 5, "exceptions": {}}', b'{"main": {"id": "a"}}']
)
def test_a_payload_that_is_none_is_refused(payload: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        calendar_of(Bundle.parse(payload), ME)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n<>&;\"'\\,"), max_size=60)


@given(
    title=texts, text=texts, show_as=st.sampled_from(ShowAs), reminder=st.none() | st.integers(0, 40320),
    colour=st.sampled_from(["", "red", "tomato", "navy", "no such colour"]), all_day=st.booleans(),
)  # fmt: skip
def test_what_is_written_reads_back_as_asked(
    title: str, text: str, show_as: ShowAs, reminder: int | None, colour: str, all_day: bool
) -> None:
    when = DateRange(day("Tue"), day("Wed")) if all_day else draft().when
    one = draft(when, title=title, text=text, show_as=show_as, reminder=reminder, colour=colour)
    stored = json.loads(json.dumps(new_body(one)))
    found = codec.peek(calendar_of(Bundle(stored), ME)).mark
    assert found == one.mark
    differs = {f for f, v in observed(read(stored)).items() if v != asked(one)[f]}
    assert differs <= ({Field.COLOUR} if colour == "no such colour" else set())


def test_only_the_fields_that_were_asked_for_are_sent() -> None:
    one = draft(title="New")
    assert body_of(one, frozenset({Field.TITLE})) == {
        "summary": "New", "extendedProperties": {"private": {"unbusy": write_mark(one.mark)}},
    }  # fmt: skip


def test_a_field_of_an_event_becomes_another_kind_of_time() -> None:
    """A patch merges: what does not hold any more is taken away by name."""
    assert body_of(draft(), frozenset({Field.WHEN}))["start"]["date"] is None
    whole = body_of(draft(DateRange(day("Tue"), day("Wed"))), frozenset({Field.WHEN}))
    assert (whole["start"]["dateTime"], whole["end"]["timeZone"], whole["end"]["date"]) == (None, None, "2026-12-02")


def test_ours_are_private_but_for_what_is_to_be_visible_and_no_patch_says_so_again() -> None:
    assert new_body(draft())["visibility"] == "private"
    assert new_body(replace(draft(), visible=True))["visibility"] == "public"
    assert "visibility" not in body_of(replace(draft(), visible=True), frozenset(Field))


def test_the_longest_mark_is_within_google_s_limits() -> None:
    one = marked(replace(draft(), mark=Mark(WIDEST["o"], "reflection", WIDEST["k"], 99, {})))
    private = new_body(replace(one, colour="navy"))["extendedProperties"]["private"]
    assert all(len(key) <= 44 and len(value.encode()) <= 1024 for key, value in private.items())


@pytest.mark.parametrize(
    ("endpoint", "root", "path"),
    [
        ("https://www.googleapis.com/calendar/v3/", "https://www.googleapis.com/", "calendar/v3/"),
        ("https://gateway.example.com", "https://gateway.example.com/", "calendar/v3/"),
        ("https://gateway.example.com/", "https://gateway.example.com/", "calendar/v3/"),
        ("http://127.0.0.1:8080/calendar/v3", "http://127.0.0.1:8080/", "calendar/v3/"),
        ("https://gateway.example.com/google", "https://gateway.example.com/google/", ""),
        ("https://gateway.example.com/google/calendar/v3", "https://gateway.example.com/google/", "calendar/v3/"),
        ("https://gateway.example.com/calendar/v3/mine/", "https://gateway.example.com/calendar/v3/mine/", ""),
    ],
)
def test_an_endpoint_without_a_path_is_the_root_of_its_server(endpoint: str, root: str, path: str) -> None:
    assert addressed(endpoint) == {"rootUrl": root, "servicePath": path}
