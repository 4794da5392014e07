"""What Google knows of its user (https://developers.google.com/workspace/calendar/api/v3/reference/settings)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from connectors.google.api import Api
from connectors.google.options import GoogleOptions
from daemon.model.errors import UnbusyError
from daemon.model.protocols import Known

_FIRST = {"0": "sunday", "1": "monday", "6": "saturday"}


def known(options: GoogleOptions, secret: Callable[[], str]) -> Known:
    """The zone and the first day of the week, as they are set there."""
    api = Api(options, lambda: datetime.now(UTC), secret)
    try:
        return Known(zone=_value(api, "timezone"), week_starts=_FIRST.get(_value(api, "weekStart"), ""))
    finally:
        api.close()


def _value(api: Api, name: str) -> str:
    """'' where the login may not read it."""
    try:
        found = api.call(api.service.settings().get(setting=name), f"your setting {name}")
    except UnbusyError:
        return ""
    return str(found.get("value", ""))
