"""What a TZID means: a zone that the law knows, the file's own VTIMEZONE, what the name says, or the best guess.

Resolved for each VCALENDAR by itself: two calendars may give one name to two zones, and Exchange does.  The only
things that are remembered from one calendar to the next are those that names mean everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from connectors.rfc5545.lines import Component
from connectors.rfc5545.zones.law import APART, iana, spelled, standard, windows
from connectors.rfc5545.zones.vtimezone import FileZone, file_zone

_DAY = timedelta(days=1)
_MOST = 20
"""How many names of a calendar are asked for the zone of those that are not known."""


class Guess(tzinfo):
    """A zone in place of one that is not known; `name` is what it was called."""

    __slots__ = ("name", "zone")

    def __init__(self, name: str, zone: tzinfo) -> None:
        """That zone, as far as anybody can tell."""
        self.name = name
        self.zone = zone

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """That of the zone in its place."""
        return self.zone.utcoffset(moment)

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Likewise."""
        return self.zone.dst(moment)

    def tzname(self, moment: datetime | None) -> str | None:
        """Likewise."""
        return self.zone.tzname(moment)


def name_of(zone: tzinfo) -> str:
    """What a zone is called."""
    return zone.key if isinstance(zone, ZoneInfo) else zone.name if isinstance(zone, FileZone | Guess) else str(zone)


class Zones:
    """The zones of one VCALENDAR: what its TZIDs mean, and the zone of times that name none.

    `home` is the user's; `own` that of X-WR-TIMEZONE, where it is known.  `met` gives the TZIDs of all its events.
    """

    def __init__(self, frame: Component, home: ZoneInfo, met: Callable[[], Iterable[str]]) -> None:
        """By its VTIMEZONEs; times without a zone are the user's."""
        self.frame = frame
        self.home = home
        self.met = met
        self.floating: tzinfo = home
        self.own: tzinfo | None = None
        self.known: dict[str, tzinfo] = {}
        self.guess: tzinfo | None = None

    @cached_property
    def files(self) -> dict[str, Component]:
        """The VTIMEZONEs by name, also in any case; of two the first counts, and one that is written just so."""
        parts = [(_plain(part.text("TZID")), part) for part in self.frame.parts if part.name == "VTIMEZONE"]
        return dict(reversed([*parts, *((name.casefold(), part) for name, part in parts)]))

    def named(self, tzid: str) -> tzinfo:
        """What a TZID means here: a `Guess` where that cannot be known."""
        if tzid not in self.known:
            self.known[tzid] = self._find(tzid) or Guess(_plain(tzid), self._guessed())
        return self.known[tzid]

    def _find(self, tzid: str) -> tzinfo | None:
        """By law, by the file, by what the name says: a known name is not described anew, but an unknown one may be."""
        name = _plain(tzid)
        if zone := iana(name):
            return zone
        law, own = windows(name), self._file(name)
        if law and own:
            return law if isinstance(own, FileZone) and _is_old(own, law) else own
        return law or own or spelled(name) or self._said(name)

    def _said(self, name: str) -> tzinfo | None:
        from connectors.rfc5545.zones.said import said  # its tables are read where they are needed

        return said(name, (zone for zone in (self.own, self.home) if zone))

    def _file(self, name: str) -> tzinfo | None:
        part = self.files.get(name) or self.files.get(name.casefold())
        return (file_zone(part) or iana(part.text("X-LIC-LOCATION").strip())) if part else None

    def _guessed(self) -> tzinfo:
        """X-WR-TIMEZONE, else the zone of most other events, else the only one that the file describes, else home."""
        if self.guess is None:
            self.guess = self.own or self._most() or self._only() or self.home
        return self.guess

    def _most(self) -> tzinfo | None:
        """The zone that most of the times name; of several that of the user."""
        counts: Counter[tzinfo] = Counter()
        for name, n in Counter(filter(None, self.met())).most_common(_MOST):
            zone = self.known.get(name) or self._find(name)
            if zone and not isinstance(zone, Guess):
                counts[self.known.setdefault(name, zone)] += n
        often = [z for z, n in counts.items() if n == max(counts.values())]
        return self.home if self.home in often else min(often, key=name_of, default=None)

    def _only(self) -> tzinfo | None:
        parts = {id(part): part for part in self.files.values()}
        return file_zone(next(iter(parts.values()))) if len(parts) == 1 else None


def _is_old(own: FileZone, law: tzinfo) -> bool:
    """Whether a VTIMEZONE may be what the law was: all of its offsets are near, or a day away, as Samoa's was."""
    apart = [(o.after - standard(law)) % _DAY for o in own.observances]
    return all(min(off, _DAY - off) <= APART for off in apart)


def zones_of(frame: Component, default: ZoneInfo, met: Callable[[], Iterable[str]] = tuple) -> Zones:
    """The zones of a calendar by its VTIMEZONEs and X-WR-TIMEZONE; times without a zone are in `default` else."""
    zones = Zones(frame, default, met)
    if own := frame.text("X-WR-TIMEZONE").strip():
        zones.floating = zones.named(own)
        zones.own = None if isinstance(zones.floating, Guess) else zones.floating
    return zones


def _plain(tzid: str) -> str:
    """A name without blanks and quotes around it, and without what was escaped or written twice."""
    if tzid.replace("/", "").isalpha():
        return tzid
    name = tzid.replace("\\", "").strip(" \t\"'")
    return name[5:].strip(" \"'") if name[:5].upper() == "TZID=" else name
