"""What Google knows of its user (https://developers.google.com/workspace/calendar/api/v3/reference/settings).

The working hours are no setting: since 3 November 2026 the main calendar of users of Workspace has them
(https://developers.google.com/workspace/calendar/api/v3/reference/calendars).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from connectors.google.api import Api
from connectors.google.options import GoogleOptions
from daemon.model.errors import UnbusyError
from daemon.model.protocols import Known

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST = 100
_FIRST = {"0": "sunday", "1": "monday", "6": "saturday"}


def known(options: GoogleOptions, secret: Callable[[], str]) -> Known:
    """The zone, the first day of the week and the working hours, as they are set there."""
    api = Api(options, lambda: datetime.now(UTC), secret)
    try:
        first = _FIRST.get(_value(api, "weekStart"), "")
        return Known(zone=_value(api, "timezone"), week_starts=first, hours=_hours(api))
    finally:
        api.close()


def _value(api: Api, name: str) -> str:
    """'' where the login may not read it."""
    try:
        found = api.call(api.service.settings().get(setting=name), f"your setting {name}")
    except UnbusyError:
        return ""
    return str(found.get("value", ""))


def _hours(api: Api) -> tuple[tuple[int, int, int], ...]:
    """() where they are off, the account has none, or the login may not read them."""
    try:
        found = api.call(api.service.calendars().get(calendarId="primary"), "your working hours")
    except UnbusyError:
        return ()
    hours = found.get("workingHours")
    if not isinstance(hours, dict) or hours.get("workingHoursEnabled") is not True:
        return ()
    periods = hours.get("availableTimes")
    return tuple(_period(p) for p in periods[:_MOST]) if isinstance(periods, list) else ()


def _period(said: object) -> tuple[int, int, int]:
    """Minutes from the start of the day; nothing at all of what is not such a period."""
    day, start, end = (
        said.get(k) if isinstance(said, dict) else None for k in ("dayOfWeek", "periodStart", "periodEnd")
    )
    if day in _DAYS and type(start) is int and type(end) is int:
        return _DAYS.index(day), start, end
    return 0, 0, 0
