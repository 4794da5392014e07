"""What a name says of itself where no law knows it: an offset from UTC, an abbreviation, or the places it names.

A VTIMEZONE of that name knows better, and comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache

from connectors.rfc5545.clocks import offset_of
from connectors.rfc5545.zones.law import APART, SUMMER, WINTER, iana, standard
from connectors.rfc5545.zones.places import UNIVERSAL, places

_SAID = r"(?:(?:UTC|GMT|Z)\s*)?([+-])\s*(\d{1,2})(?:\s*[:.]?\s*([0-5]\d))?"
_OFFSET = re.compile(rf"(?:\(\s*{_SAID}\s*\)|{_SAID})", re.IGNORECASE | re.ASCII)
_DISPLAYED = re.compile(
    rf"(?:\(\s*(?:{_SAID}|UTC|GMT)\s*\)|{_SAID}(?=\s))\s*(.*)", re.IGNORECASE | re.ASCII | re.DOTALL
)
_MOST = timedelta(hours=14)

ABBREVIATIONS = {
    "America/New_York": "EDT ET",
    "America/Chicago": "CST CDT CT",
    "America/Denver": "MDT MT",
    "America/Los_Angeles": "PST PDT PT",
    "America/Anchorage": "AKST AKDT",
    "America/Halifax": "AST ADT",
    "America/St_Johns": "NST NDT",
    "America/Sao_Paulo": "BRT",
    "America/Argentina/Buenos_Aires": "ART",
    "Europe/London": "BST",
    "Europe/Lisbon": "WEST",
    "Europe/Berlin": "CEST MEZ MESZ",
    "Europe/Helsinki": "EEST OEZ OESZ",
    "Europe/Moscow": "MSK",
    "Europe/Istanbul": "TRT",
    "Africa/Johannesburg": "SAST",
    "Africa/Nairobi": "EAT",
    "Africa/Lagos": "WAT",
    "Africa/Harare": "CAT",
    "Asia/Dubai": "GST",
    "Asia/Karachi": "PKT",
    "Asia/Kolkata": "IST",
    "Asia/Kathmandu": "NPT",
    "Asia/Bangkok": "ICT",
    "Asia/Jakarta": "WIB",
    "Asia/Singapore": "SGT",
    "Asia/Hong_Kong": "HKT",
    "Asia/Manila": "PHT",
    "Asia/Tokyo": "JST",
    "Asia/Seoul": "KST",
    "Australia/Perth": "AWST",
    "Australia/Adelaide": "ACST ACDT",
    "Australia/Sydney": "AEST AEDT",
    "Pacific/Auckland": "NZST NZDT",
}
"""What is no IANA name itself.  One that means several zones means that of the user, else what most people mean."""


def said(name: str, near: Iterable[tzinfo]) -> tzinfo | None:
    """The zone that a name tells, None where it tells none.

    `near`: the zones of the calendar and of the user; an abbreviation that one of them has means that one.
    """
    plain = name.replace("−", "-").replace("±", "+").strip()
    if found := _OFFSET.fullmatch(plain):
        return _fixed(*(found.groups()[:3] if found[1] else found.groups()[3:]))
    if plain.isalpha() and len(plain) <= 5 and (zone := _abbreviated(plain.upper(), near)):
        return zone
    zone = _displayed(plain)
    if isinstance(zone, timezone):  # an offset with a place that nobody knows
        return next((z for z in near if standard(z) == offset_of(WINTER, zone)), zone)
    return zone


def _abbreviated(name: str, near: Iterable[tzinfo]) -> tzinfo | None:
    used = (z for z in near if name in {m.replace(tzinfo=z).tzname() for m in (WINTER, SUMMER)})
    return next(used, None) or next((iana(z) for z, short in ABBREVIATIONS.items() if name in short.split()), None)


@lru_cache(maxsize=256)
def _displayed(name: str) -> tzinfo | None:
    """By the places of '(UTC+01:00) Amsterdam, Berlin', with its offset or without one.

    Of several places the one nearest to the offset counts, if it is not far from it; else the offset alone.
    """
    found = _DISPLAYED.fullmatch(name)
    offset = next(((s, h, m) for s, h, m in (found.groups()[:3], found.groups()[3:6]) if s), None) if found else None
    fixed = _fixed(*offset) if offset else UTC if found else None
    named = list(places(found[7] if found else name))
    if offset or set(named) != {UNIVERSAL}:
        named = [place for place in named if place != UNIVERSAL]  # "Greenwich Mean Time : Dublin, Lisbon"
    known = [zone for place in named if (zone := iana(place))]
    if fixed is None:
        return known[0] if known else None
    apart = [(abs(standard(z) - offset_of(WINTER, fixed)), n) for n, z in enumerate(known)]
    off, n = min(apart, default=(_MOST, 0))
    return known[n] if off <= APART else fixed


def _fixed(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if size > _MOST:
        return None
    return timezone(size if sign == "+" else -size) if size else UTC
