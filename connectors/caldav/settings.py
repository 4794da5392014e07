"""What a CalDAV server knows of its user: the zone of the calendars (RFC 4791, 5.2.2), working hours (RFC 7953)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from connectors.caldav.availability import Hours, hours_of
from connectors.caldav.dav import Dav
from connectors.caldav.discovery import discover, principal_at
from connectors.caldav.multistatus import CS, C
from connectors.caldav.options import CaldavOptions, web_of
from daemon.model.errors import UnbusyError
from daemon.model.protocols import Known

_TZID = re.compile(r"^TZID:(\S+)\s*$", re.MULTILINE)
SOME = 20
"""Calendars that are looked at."""


def known(options: CaldavOptions, secret: Callable[[], str]) -> Known:
    """The zone that most of the calendars have, '' where they name none; the hours in which the user is available."""
    dav = Dav(web_of(options, lambda: datetime.now(UTC), secret))
    with closing(dav.web):
        zones = Counter(zone for f in discover(dav, options.url)[:SOME] if f.owned and (zone := _zone(dav, f.path)))
        hours = _hours(dav, options.url)
    return Known(zone=zones.most_common(1)[0][0] if zones else "", hours=hours)


def _zone(dav: Dav, path: str) -> str:
    try:
        rows = dav.propfind(path, ["C:calendar-timezone"], 0)
    except UnbusyError:
        return ""
    said = _TZID.search(rows[0].text(f"{C}calendar-timezone")) if rows else None
    return said[1] if said else ""


def _hours(dav: Dav, url: str) -> Hours:
    """A property of the inbox of the user (RFC 7953, 7.2.4), which Apple had under a name of its own before."""
    try:
        (row,) = dav.propfind(principal_at(dav, url), ["C:schedule-inbox-URL"], 0)[:1] or (None,)
        inbox = row.hrefs(f"{C}schedule-inbox-URL") if row else ()
        rows = dav.propfind(inbox[0], ["C:calendar-availability", "CS:calendar-availability"], 0) if inbox else ()
    except UnbusyError:
        return ()
    texts = (row.text(f"{space}calendar-availability") for row in rows[:1] for space in (C, CS))
    return next((hours for text in texts if (hours := hours_of(text))), ())
