"""Which clocks cannot be right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from daemon.model.times import DAY
from daemon.planning.restraint.clocks import looks_agree, off_past, off_server
from making import moment

NOW = moment("Mon 07:00")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("skew", "agreed", "why"),
    [
        pytest.param(None, 0, "", id="no server says what time it is"),
        pytest.param(HOUR, 0, "", id="an hour is within reach"),
        pytest.param(-HOUR, 0, "", id="on either side"),
        pytest.param(HOUR + SECOND, 0, "the clock is 1 h ahead of that of the server", id="over an hour ahead"),
        pytest.param(-2 * HOUR, 0, "the clock is 2 h behind that of the server", id="over an hour behind"),
        pytest.param(3 * HOUR, 3, "", id="the user has said that it may be"),
        pytest.param(5 * HOUR, 3, "the clock is 5 h ahead of that of the server", id="not so far"),
    ],
)
def test_the_time_of_a_server(skew: timedelta | None, agreed: int, why: str) -> None:
    assert off_server(skew, agreed * HOUR) == why


@pytest.mark.parametrize(
    ("last", "newest", "why"),
    [
        pytest.param(None, None, "", id="the first run of all"),
        pytest.param(NOW, NOW, "", id="just now"),
        pytest.param(NOW + DAY, NOW + DAY, "", id="a day back is within reach"),
        pytest.param(NOW + DAY + SECOND, None, "the clock is earlier than the last run", id="before the last run"),
        pytest.param(None, NOW + DAY + SECOND, "the clock is earlier than the newest file of the state",
                     id="before the newest file"),
        pytest.param(NOW - 14 * DAY, NOW - 14 * DAY, "", id="a laptop that slept through a fortnight"),
        pytest.param(NOW - 60 * DAY, None, "", id="sixty days are a long leave"),
        pytest.param(NOW - 61 * DAY, None, "the clock says that the last run was 61 days ago", id="more are none"),
        pytest.param(None, NOW - 900 * DAY, "", id="old files say nothing"),
    ],
)  # fmt: skip
def test_the_past(last: datetime | None, newest: datetime | None, why: str) -> None:
    assert off_past(NOW, last, newest) == why


@pytest.mark.parametrize(
    ("first", "agree"),
    [
        pytest.param(None, False, id="there was no first look"),
        pytest.param(NOW, False, id="at once"),
        pytest.param(NOW - timedelta(minutes=59), False, id="too soon"),
        pytest.param(NOW - HOUR, True, id="an hour later"),
        pytest.param(NOW - DAY - SECOND, False, id="it has jumped again"),
        pytest.param(NOW + HOUR, False, id="it has gone back"),
    ],
)
def test_a_second_look(first: datetime | None, agree: bool) -> None:
    assert looks_agree(first, NOW) is agree
