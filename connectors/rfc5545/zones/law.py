"""Zones that the law knows: IANA names however they are spelled, and Windows names.

What such a name means changes when a country changes its clocks; the VTIMEZONE of a file is as old as the program that
wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from connectors.rfc5545.clocks import offset_of

AREAS = frozenset(
    ["africa", "america", "antarctica", "arctic", "asia", "atlantic", "australia", "europe", "indian", "pacific"]
)
"""The folders of the zone database that hold places."""
_FOLDERS = AREAS | {"brazil", "canada", "chile", "etc", "mexico", "us"}
APART = timedelta(hours=2)
"""By how much an offset that somebody wrote down may be off: laws have changed since."""
WINTER, SUMMER = datetime(2026, 1, 15), datetime(2026, 7, 15)
_IANA = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_NO_ZONES = ("localtime", "posixrules", "factory", "right", "posix")
_GONE = {"us/pacific-new": "America/Los_Angeles"}
"""Aliases that the zone database has dropped."""
_NUMBER = r"\s+\d{1,3}$"
_SEASON = r"\b(?:daylight|summer) time\b"
_BLANKS = r"[\s.]+"


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


@lru_cache(maxsize=1024)
def windows(name: str) -> tzinfo | None:
    """The zone of a Windows name as it is written; else numbered ('Eastern Standard Time 1'), or of its summer time."""
    key = _key(name)
    found = _windows().get(key) or _windows().get(re.sub(_SEASON, "standard time", re.sub(_NUMBER, "", key)))
    return iana(found) if found else None


@lru_cache(maxsize=1)
def _windows() -> dict[str, str]:
    from connectors.rfc5545.zones.windows_zones import WINDOWS_ZONES

    return {_key(name): zone for name, zone in WINDOWS_ZONES.items()}


def _key(name: str) -> str:
    """A Windows name without the dots and blanks that some writers leave out ('W.Europe Standard Time')."""
    return re.sub(_BLANKS, " ", name.lower()).strip()


@lru_cache(maxsize=1024)
def spelled(name: str) -> tzinfo | None:
    """An IANA name in another case, behind a prefix, or with another sign than '/' in it; a Windows name in a path."""
    plain = name.strip("/ ").lower().replace(" ", "_")
    parts = [p for p in plain.split("/") if p]
    if len(name) > 100 or not parts or not plain.isascii() or parts[-1] in _NO_ZONES:
        return None
    if len(parts) > 1:
        tails = ["/".join(parts[-n:]) for n in (3, 2) if n <= len(parts)]
        tails += [parts[-1]] if parts[-1] in ("utc", "gmt") else []
    else:
        tails = [plain] if plain.isalnum() else []
        tails += [plain.replace("-", "_")] if re.split("[_-]", plain)[0] in _FOLDERS else []
    found = next((z for t in tails if (known := names().get(t)) and (z := _iana(known))), None)
    return found or windows(parts[-1].replace("_", " "))


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Every IANA name by its lower-case form, and by that with '_' for '/' and '-'."""
    plain = _GONE | {name.lower(): name for name in sorted(_listed())}
    return {low.replace("/", "_").replace("-", "_"): name for low, name in plain.items()} | plain


def _listed() -> Iterable[str]:
    """The names as the package `tzdata` lists them; without it, those of the system's files, which takes longer."""
    from importlib.resources import files

    try:
        return files("tzdata").joinpath("zones").read_text().split()
    except (ModuleNotFoundError, OSError):
        return available_timezones()


def standard(zone: tzinfo) -> timedelta:
    """The offset of a zone in the season in which it is smaller."""
    return min(offset_of(moment, zone) for moment in (WINTER, SUMMER))
