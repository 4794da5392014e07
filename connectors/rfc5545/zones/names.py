"""What a TZID means: an IANA zone, the file's own VTIMEZONE, a Windows name, or nothing that is known.

Resolved for each VCALENDAR by itself: two calendars may give one name to two zones, and Exchange does.  The only
thing that is remembered from one calendar to the next is what IANA names mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.rfc5545.lines import Component
from connectors.rfc5545.zones.vtimezone import file_zone

_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_NO_ZONES = ("localtime", "posixrules", "factory", "right", "posix")


@dataclass(slots=True)
class Zones:
    """The zones of one VCALENDAR: what its TZIDs mean, and the zone of times that name none."""

    files: dict[str, Component]
    floating: tzinfo | None
    known: dict[str, tzinfo | None] = field(default_factory=dict)

    def named(self, tzid: str) -> tzinfo | None:
        """What a TZID means here, None where that cannot be known."""
        if tzid not in self.known:
            self.known[tzid] = self._find(tzid)
        return self.known[tzid]

    def _find(self, tzid: str) -> tzinfo | None:
        name = tzid.strip().strip('"')
        zone = iana(name)
        if zone is None and name in self.files:
            zone = file_zone(self.files[name])
        return zone or windows(name)


def zones_of(frame: Component, default: ZoneInfo) -> Zones:
    """The zones of a calendar by its VTIMEZONEs and X-WR-TIMEZONE; times without a zone are in `default` else."""
    files: dict[str, Component] = {}
    for part in frame.parts:
        if part.name == "VTIMEZONE":
            files.setdefault(part.text("TZID").strip(), part)
    zones = Zones(files, default)
    if own := frame.text("X-WR-TIMEZONE").strip():
        zones.floating = zones.named(own)
    return zones


def iana(name: str) -> tzinfo | None:
    """The IANA zone of a name or alias; vendor prefixes ('/mozilla.org/20050126_1/Europe/Paris') are stripped."""
    parts = name.strip("/").split("/")
    names = [name] if not name.startswith("/") else ["/".join(parts[-n:]) for n in (3, 2, 1) if n <= len(parts)]
    return next((z for n in names if (z := _iana(n))), None)


@lru_cache(maxsize=1024)
def _iana(name: str) -> tzinfo | None:
    if name.upper() in ("UTC", "Z"):
        return UTC
    if len(name) > 40 or not _IANA.fullmatch(name) or name.lower().split("/")[0] in _NO_ZONES:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such name, a folder of names, a damaged file
        return None


def windows(name: str) -> tzinfo | None:
    """The zone of a Windows name, which Outlook may have numbered ('Eastern Standard Time 1')."""
    from connectors.rfc5545.zones.windows_zones import WINDOWS_ZONES

    found = WINDOWS_ZONES.get(name.rstrip(" 0123456789").lower())
    return iana(found) if found else None
