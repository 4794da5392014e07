"""How long what fails is left alone.  What that means for accounts: tests/test_accounts.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.ledger import Drawer, open_ledger
from daemon.ledger.notes import write_rests
from daemon.model.errors import (
    ConfigError,
    LoginError,
    QuotaError,
    RefusedError,
    TemporaryError,
    UnbusyError,
    UnreadableError,
)
from daemon.stages import backoff as patience
from daemon.stages.backoff import LONGEST_REST, SLOWEST, TRIES, rest_after
from making import ZONE, moment

MOMENT = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("failures", "interval", "error", "rest"),
    [
        (1, 5 * MINUTE, TemporaryError("busy"), 5 * MINUTE),
        (2, 5 * MINUTE, TemporaryError("busy"), 10 * MINUTE),
        (3, 5 * MINUTE, RefusedError("no"), 20 * MINUTE),
        (4, 5 * MINUTE, KeyError("bug"), 40 * MINUTE),
        (5, 5 * MINUTE, TemporaryError("busy"), SLOWEST),
        (10**9, 5 * MINUTE, TemporaryError("busy"), SLOWEST),
        (3, 2 * HOUR, TemporaryError("busy"), 2 * HOUR),
        (1, 5 * MINUTE, TemporaryError("busy", retry_after=7 * MINUTE), 7 * MINUTE),
        (1, 5 * MINUTE, TemporaryError("busy", retry_after=2 * MINUTE), 5 * MINUTE),
        (3, 5 * MINUTE, TemporaryError("busy", retry_after=3 * HOUR), 3 * HOUR),
        (1, 5 * MINUTE, TemporaryError("busy", retry_after=timedelta(days=9999)), LONGEST_REST),
        (1, 5 * MINUTE, TemporaryError("busy", retry_after=-HOUR), 5 * MINUTE),
    ],
    ids=[
        "first", "doubles", "whatever the kind", "a bug too", "to an hour", "for ever", "never below the interval",
        "as the server asks", "but not sooner", "even over the hour", "but not for ever", "in the past",
    ],
)  # fmt: skip
def test_rest_after_failures(failures: int, interval: timedelta, error: Exception, rest: timedelta) -> None:
    assert rest_after(error, failures, interval) == rest


@given(
    st.integers(1, 10**6),
    st.timedeltas(MOMENT, timedelta(days=7)),
    st.none() | st.timedeltas(),
    st.floats(0, 1, exclude_max=True),
)
def test_a_rest_is_never_shorter_than_the_interval_nor_without_end(
    failures: int, interval: timedelta, asked: timedelta | None, drawn: float
) -> None:
    rest = rest_after(TemporaryError("busy", retry_after=asked), failures, interval, drawn)
    assert interval <= rest <= max(interval, LONGEST_REST) * 1.1


NOW = moment("Mon 07:00")


@pytest.fixture
def drawer(tmp_path: Path) -> Iterator[Drawer]:
    ledger = open_ledger(tmp_path)
    yield ledger.drawer
    ledger.close()


def until(drawer: Drawer, at: str = "Mon 07:00") -> str:
    """When the rest of the account ends, '' where it has none."""
    rest = patience.active_rest(drawer, "work", moment(at))
    return f"{rest.until.astimezone(ZONE):%a %H:%M}" if rest else ""


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (TemporaryError("busy"), "Mon 07:15"),
        (TemporaryError("busy", retry_after=2 * HOUR), "Mon 09:00"),
        (RefusedError("no"), "Mon 07:15"),
        (UnreadableError("unmounted"), ""),
        (ConfigError("no such calendar"), ""),
    ],
)
def test_what_makes_an_account_rest(drawer: Drawer, error: UnbusyError, end: str) -> None:
    patience.failed(drawer, "work", error, NOW, 15 * MINUTE)
    assert until(drawer) == end
    assert patience.active_rest(drawer, "home", NOW) is None


def test_it_rests_longer_with_each_failure_until_it_answers(drawer: Drawer) -> None:
    ends = []
    for at in ("Mon 07:00", "Mon 07:15", "Mon 07:45", "Mon 08:45"):
        assert until(drawer, at) == ""
        patience.failed(drawer, "work", TemporaryError("busy"), moment(at), 15 * MINUTE)
        ends.append(until(drawer, at))
    assert ends == ["Mon 07:15", "Mon 07:45", "Mon 08:45", "Mon 09:45"]
    patience.forget(drawer, "work")
    patience.failed(drawer, "work", TemporaryError("busy"), moment("Mon 08:50"), 15 * MINUTE)
    assert until(drawer, "Mon 08:50") == "Mon 09:05"


def test_a_rest_noted_under_a_clock_that_was_wrong_holds_nothing_up(drawer: Drawer) -> None:
    patience.failed(drawer, "work", TemporaryError("busy"), moment("Mon+9 07:00"), 15 * MINUTE)
    assert until(drawer) == ""


def test_it_says_what_was_wrong_and_when_it_asks_again(drawer: Drawer) -> None:
    patience.failed(drawer, "work", RefusedError("wrong password", "log in"), NOW, 15 * MINUTE)
    rest = patience.active_rest(drawer, "work", NOW)
    assert rest
    error = rest.error(NOW, ZONE)
    assert error.what == "wrong password; not asked again before Mon 30 Nov 07:15"
    assert (error.remedy, error.retry_after) == ("log in", 15 * MINUTE)


# -- writes -----------------------------------------------------------------------------------------------------------


def unwritten(drawer: Drawer, at: str = "Mon 07:00") -> list[str]:
    """The writes that rest, and until when."""
    rests = patience.unwritten(drawer, "work", moment(at)).items()
    return [f"{name} {rest.until.astimezone(ZONE):%a %H:%M}" for name, rest in rests]


@pytest.mark.parametrize(
    ("error", "rests"),
    [
        (UnbusyError("not valid"), ["a Mon 07:15"]),
        (TemporaryError("500"), ["a Mon 07:15"]),
        (RefusedError("403"), ["a Mon 07:15"]),
        (QuotaError("507"), ["a Mon 07:15"]),
        (UnreadableError("404"), ["a Mon 07:15"]),
        (TemporaryError("busy", retry_after=HOUR), []),
        (LoginError("401"), []),
        (None, []),
    ],
)
def test_what_makes_a_write_rest(drawer: Drawer, error: UnbusyError | None, rests: list[str]) -> None:
    patience.record_writes(drawer, "work", {"a": error, "b": None}, NOW, 15 * MINUTE)
    assert unwritten(drawer) == rests
    assert patience.unwritten(drawer, "home", NOW) == {}


def test_a_write_is_left_for_a_day_after_some_tries_and_whenever_it_fails_again(drawer: Drawer) -> None:
    for n in range(TRIES - 1):
        patience.record_writes(drawer, "work", {"a": TemporaryError("500")}, NOW + n * HOUR, 15 * MINUTE)
    assert unwritten(drawer, f"Mon {7 + TRIES - 1:02}:00") == []
    for at in ("Mon 13:00", "Tue 13:00", "Wed 13:00"):
        patience.record_writes(drawer, "work", {"a": TemporaryError("500")}, moment(at), 15 * MINUTE)
        assert unwritten(drawer, at) == [f"a {moment(at) + timedelta(days=1):%a} 13:00"]
    patience.record_writes(drawer, "work", {"a": None}, moment("Wed 14:00"), 15 * MINUTE)
    assert unwritten(drawer, "Wed 14:00") == []


def test_a_write_that_nobody_wants_any_more_is_forgotten_after_a_day(drawer: Drawer) -> None:
    patience.record_writes(drawer, "work", {"a": TemporaryError("500")}, NOW, 15 * MINUTE)
    patience.record_writes(drawer, "work", {"b": TemporaryError("500")}, moment("Tue 07:10"), 15 * MINUTE)
    assert (write_rests("work").get(drawer) or {}).keys() == {"a", "b"}
    patience.record_writes(drawer, "work", {"b": None}, moment("Tue 07:16"), 15 * MINUTE)
    assert write_rests("work").get(drawer) is None


def test_a_login_that_is_refused_keeps_what_is_known_of_a_write(drawer: Drawer) -> None:
    patience.record_writes(drawer, "work", {"a": TemporaryError("500")}, NOW, HOUR)
    patience.record_writes(drawer, "work", {"a": LoginError("401")}, NOW, HOUR)
    assert unwritten(drawer) == ["a Mon 08:00"]
