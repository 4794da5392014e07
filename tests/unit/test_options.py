"""The value types of the config: what may be written, what it means, and what is said of anything else."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model.options import (
    AccountOptions,
    ClockRange,
    ClockRanges,
    Minutes,
    Options,
    Weekdays,
    decode,
    shown,
)

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("text", "minutes", "written"),
    [
        ("8h", 480, "8h"),
        ("90m", 90, "1h30m"),
        ("90min", 90, "1h30m"),
        ("1h30m", 90, "1h30m"),
        (" 1 H 5 m ", 65, "1h05m"),
        ("0m", 0, "0m"),
    ],
)
def test_a_duration(text: str, minutes: int, written: str) -> None:
    assert Minutes.parse(text) == minutes
    assert str(Minutes(minutes)) == written


@pytest.mark.parametrize("text", ["", "h", "90", "1.5h", "-5m", "30m1h", "1h 1h", "99999h", "٣h", "5m\n5m"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it like '90m', '8h' or '1h30m'"):
        Minutes.parse(text)


@pytest.mark.parametrize(
    ("text", "start", "end", "written"),
    [
        ("09:00-12:00", time(9), time(12), "09:00-12:00"),
        ("9:00 – 12:30", time(9), time(12, 30), "09:00-12:30"),
        ("22:00-24:00", time(22), time(), "22:00-24:00"),
        ("00:00-24:00", time(), time(), "00:00-24:00"),
    ],
)
def test_a_span_of_clock_times(text: str, start: time, end: time, written: str) -> None:
    assert ClockRange.parse(text) == ClockRange(start, end)
    assert str(ClockRange(start, end)) == written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a span of clock times; write it like '09:00-12:00'"),
        ("09:00", "is not a span"),
        ("9-12", "is not a span"),
        ("09:00-12:00-13:00", "is not a span"),
        ("24:00-09:00", "is not a span"),
        ("09:00-25:00", "is not a span"),
        ("09:00:30-12:00", "is not a span"),
        ("09:00+01:00-12:00", "is not a span"),
        ("12:00-09:00", "ends before it begins; write the earlier time first"),
        ("09:00-09:00", "ends before it begins"),
        ("22:00-00:00", "midnight as 24:00"),
    ],
)
def test_no_span_of_clock_times(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        ClockRange.parse(text)


@pytest.mark.parametrize(
    ("day", "text", "hours"),
    [
        (date(2026, 12, 1), "00:00-24:00", 24),
        (date(2026, 3, 29), "00:00-24:00", 23),
        (date(2026, 10, 25), "00:00-24:00", 25),
        (date(2026, 10, 25), "22:00-24:00", 2),
    ],
    ids=["plain day", "clocks go forward", "clocks go back", "after the change"],
)
def test_a_span_on_a_day_lasts_as_long_as_it_lasts(day: date, text: str, hours: int) -> None:
    span = ClockRange.parse(text).on(day, WARSAW)
    assert span.end - span.start == timedelta(hours=hours)


@pytest.mark.parametrize(("text", "minutes"), [("09:00-10:30", 90), ("22:00-24:00", 120), ("00:00-24:00", 1440)])
def test_a_span_has_a_length_by_the_clock(text: str, minutes: int) -> None:
    assert ClockRange.parse(text).minutes == minutes


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("09:00-12:00", ["09:00-12:00"]),
        ("9:00-12:00, 14:00-16:00", ["09:00-12:00", "14:00-16:00"]),
        (["09:00-12:00", "14:00-16:00"], ["09:00-12:00", "14:00-16:00"]),
        ("", []),
        ([], []),
    ],
    ids=["one", "several in a string", "several in a list", "none", "none in a list"],
)
def test_spans_of_a_day(written: object, spans: list[str]) -> None:
    parsed = msgspec.convert(written, ClockRanges, dec_hook=decode)
    assert [str(span) for span in parsed.spans] == spans
    assert len(parsed.on(date(2026, 12, 1), WARSAW)) == len(spans)
    assert ClockRanges.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "days", "written"),
    [
        ("mon", {0}, "mon"),
        ("mon-thu", {0, 1, 2, 3}, "mon-thu"),
        ("Mon, Wed ,fri", {0, 2, 4}, "mon,wed,fri"),
        ("sat-mon", {5, 6, 0}, "mon,sat,sun"),
        ("mon-wed,sun", {0, 1, 2, 6}, "mon-wed,sun"),
        ("tue-tue", {1}, "tue"),
        ("mon-sun", {0, 1, 2, 3, 4, 5, 6}, "mon-sun"),
    ],
)
def test_days_of_the_week(text: str, days: set[int], written: str) -> None:
    assert Weekdays.parse(text) == days
    assert str(Weekdays(days)) == written


@pytest.mark.parametrize("text", ["", "monday", "mon-", "-mon", "mon,", "mon-tue-wed", "0"])
def test_no_days_of_the_week(text: str) -> None:
    with pytest.raises(ValueError, match="names no days; write 'mon', 'mon-thu' or 'mon,wed,fri'"):
        Weekdays.parse(text)


@given(st.integers(0, 60 * 9999))
def test_a_duration_reads_back(minutes: int) -> None:
    assert Minutes.parse(str(Minutes(minutes))) == minutes


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_a_span_reads_back(start: int, length: int) -> None:
    first, last = divmod(start, 60), divmod(min(start + length, 1440), 60)
    span = ClockRange.parse(f"{first[0]:02}:{first[1]:02}-{last[0]:02}:{last[1]:02}")
    assert ClockRange.parse(str(span)) == span
    assert span.minutes == min(start + length, 1440) - start


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_days_read_back(days: frozenset[int]) -> None:
    assert Weekdays.parse(str(Weekdays(days))) == days


def refusal(written: object, kind: type) -> str:
    try:
        msgspec.convert(written, kind, dec_hook=decode)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


@given(st.text() | st.lists(st.text()) | st.integers(), st.sampled_from([Minutes, ClockRange, ClockRanges, Weekdays]))
def test_whatever_is_written_is_read_or_briefly_refused(written: object, kind: type) -> None:
    assert len(refusal(written, kind)) < 200


class Lunch(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table with one option of each type."""

    length: Minutes = Minutes(30)
    window: ClockRange = ClockRange(time(12), time(14))
    better: ClockRanges = ClockRanges("12:00-13:00")
    days: Weekdays = Weekdays(range(5))
    reminder: Minutes | None = None


def test_structs_hold_the_value_types() -> None:
    written = {"length": "45m", "window": "11:30-14:00", "better": ["12:00-12:30"], "days": "mon-sat", "reminder": "5m"}
    lunch = msgspec.convert(written, Lunch, dec_hook=decode)
    assert lunch == Lunch(
        length=Minutes(45),
        window=ClockRange(time(11, 30), time(14)),
        better=ClockRanges("12:00-12:30"),
        days=Weekdays(range(6)),
        reminder=Minutes(5),
    )


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"length": 45}, "45; write a string such as '1h30m'"),
        ({"window": ["12:00", "13:00"]}, "a list; write a string such as '09:00-12:00'"),
        ({"days": {}}, "a table; write a string such as 'mon-thu'"),
        ({"better": 5}, "5; write a string such as '09:00-12:00'"),
        ({"lenght": "45m"}, "unknown field `lenght`"),
    ],
)
def test_structs_refuse_what_is_no_such_value(written: object, says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(written, Lunch, dec_hook=decode)


def test_a_type_that_is_not_ours_is_not_taken_for_one() -> None:
    with pytest.raises(NotImplementedError):
        decode(complex, "1")


@pytest.mark.parametrize("address", ["ada@example.com", "Ada.L+x@[10.0.0.1]", "ada@localhost"])
def test_an_address(address: str) -> None:
    assert msgspec.convert({"emails": [address]}, AccountOptions).emails == (address,)


@pytest.mark.parametrize("address", ["ada", "@example.com", "ada@", "ada@@x", "mailto:ada@x", "Ada <ada@x>", "a@x b@x"])
def test_no_address(address: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="regex"):
        msgspec.convert({"emails": [address]}, AccountOptions)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (5, "5"),
        (True, "true"),
        (float("nan"), "nan"),
        ({"password": "x"}, "a table"),
        (["x"] * 1000, "a list"),
        (10**5000, "a number without measure"),
        ("x" * 1000, "'" + "x" * 58 + "…"),
        ("a\nb\x1b", r"'a\nb\x1b'"),
    ],
    ids=["string", "number", "bool", "nan", "table", "list", "huge number", "long string", "control characters"],
)
def test_a_message_quotes_briefly(value: object, text: str) -> None:
    assert shown(value) == text
