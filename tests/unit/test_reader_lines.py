"""The bytes: folds, line ends, encodings, case, broken structure; small files of ours for each bug that was found."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calendar_words import WORDS
from connectors.rfc5545.lines import calendars, components, normal
from connectors.rfc5545.reader import read
from daemon.model.times import TimeRange
from effort import statements
from hostile import BOMBS
from reading import BERLIN, REF, calendar, events, ics, reading, span, told

MARCH = "2026-03-01..2026-04-01"
WHEN = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
PLAIN = ics(*WHEN, "SUMMARY:Größe 🚀")
CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def folded(payload: bytes, every: int, fold: bytes = b"\r\n ") -> bytes:
    """Every line folded after so many bytes, also inside characters."""
    lines = payload.split(b"\r\n")
    return b"\r\n".join(fold.join(line[n : n + every] for n in range(0, max(1, len(line)), every)) for line in lines)


@pytest.mark.parametrize(
    "payload",
    [
        PLAIN,
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"\r\n", b"\r"),
        PLAIN.replace(b"\r\n", b"\n", 3),
        PLAIN.replace(b"\r\n", b"\r\r\n"),
        PLAIN.replace(b"\r\n", b"\r\n\r\n"),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        PLAIN + b"\r\n\r\n",
        PLAIN.rstrip(),
        b"garbage\r\n" + PLAIN,
        folded(PLAIN, 1),
        folded(PLAIN, 3),
        folded(PLAIN, 7, b"\r\n\t"),
        folded(PLAIN, 7, b"\n "),
        PLAIN.replace(b"DTSTART", b"dtstart")
        .replace(b"BEGIN:VEVENT", b"begin:vevent")
        .replace(b"END:VEVENT", b"End:vEvent"),
        PLAIN.replace(b"DTEND", b"dtend").replace(b"BEGIN:VEVENT", b"Begin:VEvent"),
        PLAIN.replace(b"SUMMARY", b"a line without a colon\r\nSUMMARY"),
        PLAIN.replace(b"SUMMARY", b"X-FOO:BEGIN:VEVENT\r\nSUMMARY"),
        PLAIN.replace(b"SUMMARY", b"DESCRIPTION:\\nBEGIN:VEVENT\\nEND:VEVENT\r\n  BEGIN:VEVENT\r\nSUMMARY"),
        PLAIN.replace(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", b"").replace(b"END:VCALENDAR\r\n", b""),
        PLAIN.replace(b"BEGIN:VEVENT", b"BEGIN:X-BOX\r\nEND:X-LID\r\nBEGIN:VEVENT"),
    ],
    ids=[
        "as it should be",
        "LF",
        "CR",
        "mixed line ends",
        "CR CR LF",
        "blank lines",
        "BOM",
        "UTF-16",
        "blank end",
        "no last line end",
        "garbage before",
        "folded at each byte",
        "folded in characters",
        "folded by tabs",
        "folded by LF",
        "lower case",
        "mixed case",
        "no colon",
        "BEGIN in a value",
        "BEGIN in a text",
        "no VCALENDAR",
        "unbalanced parts",
    ],
)
def test_however_it_is_written_it_is_the_same_event(payload: bytes) -> None:
    [event] = events(payload, MARCH)
    assert (event.ref.uid, event.summary, f"{event.span.start:%d %H}") == ("u", "Größe 🚀", "02 09")


def test_bytes_that_are_not_utf_8_are_taken_as_windows_1252_line_by_line() -> None:
    payload = ics(*WHEN, "SUMMARY:Größe", "LOCATION:Büro")
    payload = payload.replace("Größe".encode(), "Größe".encode("cp1252"))
    [event] = events(payload, MARCH)
    assert (event.summary, event.location) == ("Größe", "Büro")


def test_nul_and_control_characters_harm_nothing() -> None:
    [event] = events(ics(*WHEN, "SUMMARY:a\0b\x1b[31mc", "\0:x", "\x01\x02"), MARCH)
    assert event.summary == "a\0b\x1b[31mc"


def test_soft_line_breaks_of_vcalendar_1() -> None:
    payload = ics(*WHEN, "SUMMARY;ENCODING=QUOTED-PRINTABLE:one=20=\r\ntwo=\r\nthree")
    [event] = events(payload, MARCH)
    assert event.summary == "one twothree"


def test_several_calendars_in_one_stream_keep_to_themselves() -> None:
    one = ics("DTSTART:20260302T090000", frame=("X-WR-TIMEZONE:Asia/Tokyo",))
    two = ics("DTSTART:20260303T090000").replace(b"UID:u", b"UID:v")
    assert told(one + two + one, MARCH) == ["03-02 00:00 0", "03-02 00:00 0", "03-03 08:00 0"]


@pytest.mark.parametrize(
    ("payload", "uids", "problem"),
    [
        (b"", [], "no calendar data"),
        (b"<html><body>Log in</body></html>\n", [], "no calendar data"),
        (b"\x00\x01\x02", [], "no calendar data"),
        (calendar(), [], None),
        (PLAIN[: PLAIN.index(b"END:VCALENDAR")], ["u"], "cut off: the end of the calendar is missing"),
        (PLAIN[: PLAIN.index(b"SUMMARY")], ["u"], "cut off: the end of the calendar is missing"),
        (PLAIN.replace(b"END:VEVENT\r\n", b""), ["u"], "cut off: the end of an event is missing"),
        (
            calendar("BEGIN:VEVENT", "UID:a", *WHEN, "BEGIN:VEVENT", "UID:b", *WHEN, "END:VEVENT"),
            ["a", "b"],
            "cut off: the end of an event is missing",
        ),
        (b"BEGIN:VCALENDAR\r\n" + PLAIN + b"END:VCALENDAR\r\n", [], "a calendar inside a calendar"),
        (
            PLAIN.replace(b"END:VCALENDAR\r\n", b"") + PLAIN.replace(b"UID:u", b"UID:v"),
            ["u", "v"],
            "cut off: the end of the calendar is missing",
        ),
        (PLAIN.replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT "), [], "an event begins with a line that cannot be read"),
    ],
    ids=[
        "empty",
        "a web page",
        "bytes",
        "no event",
        "cut after an event",
        "cut in an event",
        "no END",
        "no END between two",
        "nested",
        "cut, then another",
        "a blank after VEVENT",
    ],
)
def test_what_is_broken_is_said_and_the_rest_is_read(payload: bytes, uids: list[str], problem: str | None) -> None:
    seen = reading(payload, MARCH)
    assert sorted(e.ref.uid for e in seen.events) == uids
    assert [p.what for p in seen.problems][:1] == ([problem] if problem else [])


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_no_more_than_its_size(make: Callable[[int], bytes]) -> None:
    reading(make(1), MARCH)  # what is done once
    some, twice = (statements(lambda n=n: reading(make(n), MARCH)) for n in (500, 1000))
    assert twice < 2.1 * some


@given(st.binary(max_size=400))
@example(b"BEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VEVENT")
def test_no_bytes_raise(payload: bytes) -> None:
    for wrapped in (payload, ics(*WHEN).replace(b"END:VEVENT", payload + b"\r\nEND:VEVENT")):
        reading(wrapped, MARCH)
        components(wrapped)


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(b"".join), st.sampled_from([MARCH, "0001-01-01..9999-12-31"]))
def test_no_words_in_any_order_raise(words: bytes, window: str) -> None:
    payload = ics(*WHEN).replace(b"UID:u", b"UID:u\r\n" + words)
    copy = bytes(bytearray(payload))
    assert not [p for p in reading(payload, window).problems if p.what.startswith("cannot")]
    assert payload == copy


@given(st.integers(1, 80), st.sampled_from([b"\r\n ", b"\n ", b"\r\n\t"]))
def test_folding_anywhere_changes_nothing(every: int, fold: bytes) -> None:
    payload = ics(*WHEN, "SUMMARY:Größe 🚀 " + "x" * 100, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T090000Z")
    assert reading(folded(payload, every, fold), MARCH) == reading(payload, MARCH)


def test_a_mapped_file_is_read_as_its_bytes_are(tmp_path: Path) -> None:
    payload = PLAIN + PLAIN.replace(b"UID:u", b"UID:v")
    (tmp_path / "a.ics").write_bytes(payload)
    with (tmp_path / "a.ics").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert read(mapped, REF, span(MARCH), BERLIN) == reading(payload, MARCH)


def test_events_that_are_well_formed_are_only_pointed_at() -> None:
    stream = normal(PLAIN + PLAIN)
    found = calendars(stream)
    assert [[stream[a:b].count(b"VEVENT") for a, b in c.events] for c in found] == [[2], [2]]
    assert [c.frame.closed for c in found] == [True, True]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.ics")), ids=lambda p: p.name)
def test_each_bug_that_was_found(path: Path) -> None:
    """Each file says in its X-EXPECT lines what must be read from it, in March 2026 in Berlin."""
    payload = path.read_bytes()
    expected = [
        line.split(b":", 1)[1].decode().strip() for line in payload.splitlines() if line.startswith(b"X-EXPECT:")
    ]
    window = TimeRange(span(MARCH).start, span(MARCH).end)
    seen = sorted(read(payload, REF, window, BERLIN).events, key=lambda e: (e.span, e.ref))
    assert [
        f"{e.ref.uid} {e.dates.first}" if e.dates else f"{e.ref.uid} {e.span.start:%d %H:%M} {e.span.minutes}"
        for e in seen
    ] == expected


PIECES = (
    "A",
    "SUMMARY",
    "x-y",
    "é",
    " ",
    ";",
    "P=",
    '"',
    ":",
    ",",
    "\\n",
    "\n",
    "\n",
    "\t",
    "=",
    "v",
    "\u2028",
    "\x0b",
    "^",
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example('A;P="x:y";Q=z:v:w')
@example('A;P="x:v')
@example("A:\n\nB:c")
def test_lines_that_are_taken_apart_at_once_or_one_by_one_are_the_same(body: str) -> None:
    """A line that is none makes the difference."""
    whole, odd = (components(f"BEGIN:VEVENT\n{body}{more}\nEND:VEVENT\n".encode()) for more in ("", "\nnone"))
    assert whole == odd
