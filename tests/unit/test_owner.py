"""Identity and ownership: what names an event of ours, and when a field is still as we asked for it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.ours.clock import as_of_today, local_time, read_local
from daemon.model.ours.mark_line import MARK_LIMIT, read_mark, write_mark
from daemon.model.owner import Field, Mark, digits, fingerprints, normal_title
from daemon.model.times import DateRange, TimeRange, read_stamp

THURSDAY = TimeRange(datetime(2026, 12, 3, 8, tzinfo=UTC), datetime(2026, 12, 3, 10, tzinfo=UTC))
DAYS = DateRange(date(2026, 12, 3), date(2026, 12, 4))


def prints(**other: object) -> dict[Field, str]:
    values: dict[str, object] = {
        "when": THURSDAY,
        "calendar": "work/Work",
        "title": "Focus",
        "show_as": "free",
        "reminder": None,
        "colour": "",
        "text": "Part of your goal.",
    }
    return fingerprints(**(values | other))  # type: ignore[arg-type]  # a table of keyword arguments


MARK = Mark("ada@example.com", "focus", "2026-W49/1", 0, prints())


# Names.


def test_a_uid_is_computed_from_the_wish() -> None:
    """A fixed value: if it changes, nobody's events are theirs any longer."""
    assert MARK.uid == "unbusy-7jrqsql9768dge7orileb1v7lbr2e1dq"
    assert Mark("ada@example.com", "focus", "2026-W49/1", 1, {}).digits == "7cov1hs3jt3fbbdkldgs0u1kb8b0d3kl"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("bob@example.com", "focus", "2026-W49/1", 0), id="owner"),
        pytest.param(("ada@example.com", "habits", "2026-W49/1", 0), id="policy"),
        pytest.param(("ada@example.com", "focus", "2026-W49/2", 0), id="key"),
        pytest.param(("ada@example.com", "focus", "2026-W49/1", 1), id="generation"),
        pytest.param(("ada@example.comfocus", "", "2026-W49/1", 0), id="the same letters, parted elsewhere"),
    ],
)
def test_each_part_of_the_wish_is_in_the_name(other: tuple[str, str, str, int]) -> None:
    assert digits(*other) != MARK.digits


@given(st.text(), st.text(), st.text(), st.integers(0))
def test_every_name_is_a_valid_google_event_id(owner: str, policy: str, key: str, generation: int) -> None:
    assert re.fullmatch(r"[0-9a-v]{32}", digits(owner, policy, key, generation))


def test_what_stands_on_the_event_does_not_change_its_name() -> None:
    assert Mark("ada@example.com", "focus", "2026-W49/1", 0, {}).uid == MARK.uid


# The mark as a line.


def test_a_mark_as_it_is_written() -> None:
    assert write_mark(MARK) == (
        "owner=ada%40example.com&policy=focus&key=2026-W49/1&generation=0"
        "&when=20261203T080000Z/20261203T100000Z%40104ab921&title=9d3cab2b5efed4ea&show_as=free&reminder=&colour="
        "&text=2903fde73afd6602.2903fde7"
    )


WHOLE = replace(
    MARK, zone="Europe/Warsaw", local="20261203T090000/20261203T110000", moves=1, highest=4,
    questions=("resume", "trust-promise-kept"),
)  # fmt: skip


def test_a_mark_as_it_is_written_with_all_that_it_may_hold() -> None:
    assert write_mark(WHOLE) == write_mark(MARK) + (
        "&moves=1&highest=4&zone=Europe/Warsaw&local=20261203T090000/20261203T110000"
        "&questions=resume+trust-promise-kept"
    )


names = st.text(min_size=1, max_size=4)
bases = st.lists(st.text(max_size=2), min_size=6, max_size=6).map(lambda values: dict(zip(Field, values, strict=True)))
clocks = st.sampled_from([{}, {"zone": "Europe/Warsaw", "local": "20261203T090000/20261203T110000"}])
ids = st.lists(st.sampled_from(["resume", "last-week", "trust-promise"]), max_size=5).map(tuple)


@given(names, names, names, st.integers(0, 10**6), bases, clocks, st.integers(0, 9999), st.integers(0, 9999), ids)
def test_a_mark_comes_back_as_it_was(
    owner: str, policy: str, key: str, generation: int, base: dict[Field, str], clock: dict[str, str], moves: int,
    highest: int, questions: tuple[str, ...],
) -> None:  # fmt: skip
    mark = Mark(owner, policy, key, generation, base, moves=moves, highest=highest, questions=questions, **clock)
    line = write_mark(mark)
    assert read_mark(line) == mark
    assert re.fullmatch(r"[A-Za-z0-9_.~%+=&/:-]*", line), "plain ASCII that iCalendar need not escape or quote"


@pytest.mark.parametrize(
    ("owner", "key"),
    [
        pytest.param("a" * 242 + "@example.com", "2026-W49/1", id="the longest e-mail address (RFC 5321, 4.5.3.1)"),
        pytest.param("ada@example.com", f"prep/{'0' * 112}/20261203T090000Z", id="the UID of an Exchange meeting"),
        pytest.param("a" * 242 + "@example.com", f"prep/{'0' * 112}/20261203T090000Z", id="both"),
    ],
)
def test_long_marks_stay_under_the_limit(owner: str, key: str) -> None:
    base = prints(reminder=40320, show_as="tentative", colour="#a1b2c3")
    mark = Mark(owner, "preparation", key, 12, base)
    assert len(write_mark(mark)) <= MARK_LIMIT == 600
    assert read_mark(write_mark(mark)) == mark


OWNER, IN = "a" * 48 + "@example.com", "America/Argentina/Buenos_Aires"
FIVE = tuple(f"{n}-trust-promise-kept-and-said-" for n in range(5))


@pytest.mark.parametrize(
    ("policy", "key", "questions"),
    [
        pytest.param("reflection", "quarter/2026-Q4", FIVE, id="a review with five questions"),
        pytest.param("preparation", f"after/{'0' * 16}/20261203T090000Z", FIVE, id="on a meeting, with five"),
        pytest.param("focus", f"command/{'0' * 120}/12", FIVE[:2], id="a block that a command asks for, with two"),
    ],
)
def test_there_is_room_for_all_with_an_owner_of_60_and_a_zone_of_30(
    policy: str, key: str, questions: tuple[str, ...]
) -> None:
    assert (len(OWNER), len(IN), len(FIVE[0])) == (60, 30, 30)
    base = prints(reminder=40320, show_as="tentative", colour="mediumspringgreen")
    mark = replace(WHOLE, owner=OWNER, policy=policy, key=key, base=base, zone=IN, questions=questions)
    mark = replace(mark, generation=12, moves=12, highest=12)
    assert len(write_mark(mark)) < MARK_LIMIT
    assert read_mark(write_mark(mark)) == mark


def test_what_has_no_room_is_left_out_and_the_ids_of_questions_go_first() -> None:
    long = replace(WHOLE, owner="a" * 180 + "@example.com", questions=FIVE)
    kept = read_mark(write_mark(long))
    assert kept == replace(long, questions=kept.questions if kept else ())
    assert kept
    assert FIVE[: len(kept.questions)] == kept.questions
    assert 0 < len(kept.questions) < 5
    longer = replace(long, owner="a" * 350 + "@example.com")
    assert read_mark(write_mark(longer)) == replace(longer, questions=(), zone="", local="")


def test_a_sixth_question_is_not_named() -> None:
    asked = read_mark(write_mark(replace(WHOLE, questions=(*"abcdef",))))
    assert asked == replace(WHOLE, questions=(*"abcde",))


def test_a_mark_over_the_limit_is_an_error_and_never_cut() -> None:
    with pytest.raises(ValueError, match="over 600"):
        write_mark(Mark("ada@example.com", "focus", "x" * 600, 0, prints()))


LINE = write_mark(MARK)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("hello", id="no pairs"),
        pytest.param(LINE.replace("owner=ada%40example.com&", ""), id="no owner"),
        pytest.param(LINE.replace("ada%40example.com", ""), id="an empty owner"),
        pytest.param(LINE.replace("policy=focus", "policy="), id="an empty policy"),
        pytest.param(LINE.replace("2026-W49/1", ""), id="an empty key"),
        pytest.param(LINE.replace("&generation=0", ""), id="no generation"),
        pytest.param(LINE.replace("generation=0", "generation=-1"), id="a generation before the first"),
        pytest.param(LINE.replace("generation=0", "generation=one"), id="a generation in words"),
        pytest.param(LINE.replace("generation=0", "generation=" + "0" * 600), id="a line over the limit"),
        pytest.param(LINE.replace("&colour=", ""), id="a field without a base"),
        pytest.param(LINE + "&x=" * 20, id="too many fields"),
        pytest.param("x" * 10**6, id="a million letters"),
    ],
)
def test_hostile_marks_are_no_marks(line: str) -> None:
    assert read_mark(line) is None


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("&moves=-1&highest=one", id="numbers that are none"),
        pytest.param("&moves=99999&highest=%D9%A3%D9%A3%D9%A3%D9%A3%D9%A3", id="numbers that are too long"),
        pytest.param("&zone=Europe/Warsaw", id="a zone without a time"),
        pytest.param("&local=20261203T090000/20261203T110000", id="a time without a zone"),
        pytest.param("&zone=Europe/Warsaw&local=yesterday", id="a time that is none"),
        pytest.param("&questions=", id="no questions"),
    ],
)
def test_what_is_odd_in_the_rest_is_as_if_it_were_not_there(tail: str) -> None:
    assert read_mark(LINE + tail) == MARK


@given(st.text() | st.text("&=%+0123456789", max_size=50).map(lambda tail: LINE + tail))
def test_no_line_breaks_the_reader(line: str) -> None:
    mark = read_mark(line)
    assert mark is None or (mark.uid and set(mark.base) == set(Field))


def test_white_space_around_a_mark_is_the_stores() -> None:
    assert read_mark(f" {LINE}\r\n") == MARK


# Fingerprints.


def changed(**other: object) -> set[Field]:
    """The fields that are no longer as asked for."""
    before, after = prints(), prints(**other)
    return {f for f in Field if before[f] != after[f]}


ONE_HOUR_ON = TimeRange(THURSDAY.start + timedelta(hours=1), THURSDAY.end + timedelta(hours=1))
IN_TOKYO = TimeRange(*(t.astimezone(ZoneInfo("Asia/Tokyo")) for t in (THURSDAY.start, THURSDAY.end)))


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        pytest.param({}, set(), id="nothing"),
        pytest.param({"when": ONE_HOUR_ON}, {Field.WHEN}, id="moved"),
        pytest.param({"when": TimeRange(THURSDAY.start, ONE_HOUR_ON.end)}, {Field.WHEN}, id="resized"),
        pytest.param({"when": DAYS}, {Field.WHEN}, id="made all-day"),
        pytest.param({"when": IN_TOKYO}, set(), id="written in another zone"),
        pytest.param({"calendar": "work/Reflection"}, {Field.WHEN}, id="moved to another calendar"),
        pytest.param({"calendar": "job/Work"}, set(), id="the account renamed in the config"),
        pytest.param({"title": "focus"}, {Field.TITLE}, id="retitled"),
        pytest.param({"title": "  Focus\t"}, set(), id="white space around the title"),
        pytest.param({"show_as": "busy"}, {Field.SHOW_AS}, id="blocked"),
        pytest.param({"reminder": 10}, {Field.REMINDER}, id="a reminder"),
        pytest.param({"reminder": 0}, {Field.REMINDER}, id="a reminder at the start is not none"),
        pytest.param({"colour": "11"}, {Field.COLOUR}, id="recoloured"),
        pytest.param({"text": "Part of your goal. And more."}, {Field.TEXT}, id="typed"),
        pytest.param({"text": "Part of your goal.\r\n"}, set(), id="line ends"),
        pytest.param({"text": "\n\nPart of your goal.  \n\n"}, set(), id="white space around the text"),
    ],
)
def test_what_is_an_edit(other: dict[str, object], fields: set[Field]) -> None:
    assert changed(**other) == fields


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Focus", "Focus"),
        (" a \t b\n c ", "a b c"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("non\u00a0breaking", "non breaking"),
        ("", ""),
    ],
)
def test_normal_titles(title: str, expected: str) -> None:
    assert normal_title(title) == expected


@given(st.text())
def test_a_normal_form_is_its_own(text: str) -> None:
    assert normal_title(normal_title(text)) == normal_title(text)


# Times on the line.

moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))
ranges = st.tuples(moments, moments).map(lambda p: TimeRange(min(p), max(p)))
dates = st.dates(date(1900, 1, 1), date(2200, 1, 1))
date_ranges = st.tuples(dates, dates).map(lambda p: DateRange(min(p), max(p)))


@given(ranges | date_ranges)
def test_times_come_back_as_they_were(when: TimeRange | DateRange) -> None:
    assert read_stamp(when.stamp) == when
    assert read_stamp(prints(when=when)[Field.WHEN]) == when


zones = st.sampled_from(["Europe/Warsaw", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])


@given(ranges, zones)
def test_a_local_time_is_read_as_it_was_written(when: TimeRange, zone: str) -> None:
    line = local_time(when, ZoneInfo(zone))
    assert not line or read_local(line, ZoneInfo(zone)) == when


def test_what_a_clock_shows_twice_has_no_local_time() -> None:
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local_time(TimeRange(twice, twice + timedelta(hours=1)), ZoneInfo("Europe/Warsaw")) == ""


def found(hours: float) -> str:
    """The block on Thursday from 09:00 to 11:00 in Warsaw, found that much later."""
    later = timedelta(hours=hours)
    return prints(when=TimeRange(THURSDAY.start + later, THURSDAY.end + later))[Field.WHEN]


BEFORE_THE_LAW = replace(WHOLE, base={**WHOLE.base, Field.WHEN: found(-1)})
"""Written when the clocks of Warsaw were still thought to show 09:00 an hour before."""


@pytest.mark.parametrize(
    ("mark", "stands", "base"),
    [
        pytest.param(WHOLE, found(0), found(0), id="as asked for: nothing else"),
        pytest.param(BEFORE_THE_LAW, found(0), found(0), id="at the same local time: that is the base now"),
        pytest.param(BEFORE_THE_LAW, found(-1), found(-1), id="a store that keeps instants: as asked for"),
        pytest.param(BEFORE_THE_LAW, found(1), found(-1), id="moved by the user: the base stays"),
        pytest.param(replace(BEFORE_THE_LAW, zone="Mars/Phobos"), found(0), found(-1), id="a zone that is none"),
        pytest.param(replace(BEFORE_THE_LAW, zone="../../etc/passwd"), found(0), found(-1), id="a path for a zone"),
        pytest.param(replace(BEFORE_THE_LAW, zone="", local=""), found(0), found(-1), id="a mark of 0.1"),
    ],
)
def test_the_base_of_a_time_is_read_with_the_zones_of_today(mark: Mark, stands: str, base: str) -> None:
    assert as_of_today(mark, stands).base[Field.WHEN] == base


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("20261203", id="no end"),
        pytest.param("20261203T080000Z", id="no end of a timed one"),
        pytest.param("20261203/20261203T080000Z", id="a day and an instant"),
        pytest.param("20261203T080000/20261203T100000", id="floating"),
        pytest.param("20261203T100000Z/20261203T080000Z", id="the end before the start"),
        pytest.param("20261303T080000Z/20261303T100000Z", id="no such month"),
        pytest.param("?", id="anything else"),
    ],
)
def test_anything_else_is_no_time(line: str) -> None:
    assert read_stamp(line) is None
