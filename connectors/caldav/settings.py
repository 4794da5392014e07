"""What a CalDAV server knows of its user: the zone of the calendars (RFC 4791, 5.2.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from connectors.caldav.dav import Dav
from connectors.caldav.discovery import discover
from connectors.caldav.multistatus import C
from connectors.caldav.options import CaldavOptions, web_of
from daemon.model.errors import UnbusyError
from daemon.model.protocols import Known

_TZID = re.compile(r"^TZID:(\S+)\s*$", re.MULTILINE)
SOME = 20
"""Calendars that are looked at."""


def known(options: CaldavOptions, secret: Callable[[], str]) -> Known:
    """The zone that most of the calendars have, '' where they name none."""
    dav = Dav(web_of(options, lambda: datetime.now(UTC), secret))
    with closing(dav.web):
        zones = Counter(zone for f in discover(dav, options.url)[:SOME] if f.owned and (zone := _zone(dav, f.path)))
    return Known(zone=zones.most_common(1)[0][0] if zones else "")


def _zone(dav: Dav, path: str) -> str:
    try:
        rows = dav.propfind(path, ["C:calendar-timezone"], 0)
    except UnbusyError:
        return ""
    said = _TZID.search(rows[0].text(f"{C}calendar-timezone")) if rows else None
    return said[1] if said else ""
