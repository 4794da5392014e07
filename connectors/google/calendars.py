"""The calendars in the user's list at Google, and whose each is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from daemon.model.protocols import CalendarInfo

PRIMARY = "primary"
"""The id of the user's main calendar, whatever their address is; the only one with native focus time."""

KEPT = timedelta(days=1)
"""For how long the list of calendars is taken for true."""

_FEEDS = ("@import.calendar.google.com", "@group.v.calendar.google.com")
"""How ids end of what nobody owns: feeds by their address, and Google's own calendars (holidays, birthdays, sports)."""


def row_of(listed: Any) -> list[str]:  # noqa: ANN401  JSON
    """Id, name and role of a calendar in the list."""
    name = str(listed.get("summaryOverride") or listed.get("summary") or listed["id"])
    return [PRIMARY if listed.get("primary") else str(listed["id"]), name, str(listed["accessRole"])]


def info_of(account: str, name: str, title: str, role: str, *, native: bool) -> CalendarInfo:
    """A calendar of the list, by what `row_of` gives; `native`: the account has focus time."""
    return CalendarInfo(
        id=f"{account}/{name}", name=title, owned=role == "owner", writable=role in ("owner", "writer"),
        shared=role != "owner" and not name.endswith(_FEEDS), focus_time=native and name == PRIMARY, comments=True,
    )  # fmt: skip


def remembered(note: str, now: datetime) -> list[list[str]]:
    """The rows of a note, [] when it is too old or says nothing."""
    try:
        said = json.loads(note)
        if not timedelta(0) <= now - datetime.fromisoformat(said["at"]) < KEPT:
            return []
        return [[str(word) for word in row] for row in said["rows"] if len(row) == 3]
    except (ValueError, TypeError, KeyError):
        return []
