"""What is proposed of the user's own settings: zone, first day of the week, working hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.google.options import GoogleOptions
from connectors.google.settings import known
from daemon.cli.setup.proposals import said_hours
from gcal import GoogleServer, google_server
from gcal.oauth import SCOPE

HOURS = (SCOPE + "calendar.calendars.readonly", SCOPE + "calendar.settings.readonly")
WEEK = [{"dayOfWeek": day, "periodStart": 540, "periodEnd": 1050} for day in ("monday", "tuesday", "thursday")]


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with google_server() as one:
        yield one


def told(server: GoogleServer, hours: Any, *scopes: str) -> str:
    server.world.calendars[server.user].hours = hours
    found = known(GoogleOptions(endpoint=server.url), lambda: json.dumps(server.secret(*scopes)))
    assert (found.zone, found.week_starts) == ("Europe/Warsaw", "monday")
    return said_hours(found.hours)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"workingHoursEnabled": True, "availableTimes": WEEK}, "mon,tue,thu 09:00-17:30"),
        ({"workingHoursEnabled": False, "availableTimes": WEEK}, ""),
        (None, ""),
        ("nine to five", ""),
        ({"workingHoursEnabled": True}, ""),
        ({"workingHoursEnabled": True, "availableTimes": [*WEEK, 7]}, ""),
        ({"workingHoursEnabled": True, "availableTimes": [WEEK[0] | {"periodStart": "nine"}]}, ""),
        ({"workingHoursEnabled": True, "availableTimes": [WEEK[0] | {"periodEnd": 10**12}]}, ""),
        ({"workingHoursEnabled": True, "availableTimes": [WEEK[0], WEEK[0]]}, ""),
    ],
    ids=[
        "as they are set", "switched off", "a consumer’s account", "words", "empty", "a period that is a number",
        "a time in words", "beyond the day", "twice the same",
    ],
)  # fmt: skip
def test_working_hours(server: GoogleServer, hours: object, said: str) -> None:
    assert told(server, hours, *HOURS) == said


def test_without_the_right_nothing_is_known_of_them_and_the_rest_is(server: GoogleServer) -> None:
    assert told(server, {"workingHoursEnabled": True, "availableTimes": WEEK}, HOURS[1]) == ""
