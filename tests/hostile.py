"""Input that is made to cost much, of any size: for counts in the tests, for seconds in the bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_HEAD = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
_TAIL = b":x\r\nDTSTART:20260302T090000Z\r\nEND:VEVENT\r\n"

BOMBS: Mapping[str, Callable[[int], bytes]] = {
    "VEVENTs": lambda n: b"BEGIN:VEVENT\r\n" * n,
    "VCALENDARs": lambda n: b"BEGIN:VCALENDAR\r\n" * n,
    "calendars, then events": lambda n: (
        b"BEGIN:VCALENDAR\nEND:VCALENDAR\n" * (n // 3) + b"BEGIN:VEVENT\nEND:VEVENT\n" * (n // 3)
    ),
    "unmatched": lambda n: b"BEGIN:A\r\n" * n + b"END:B\r\n" * n,
    "quotes": lambda n: _HEAD + b"SUMMARY;" + b'A="' * (3 * n),
    "a name": lambda n: _HEAD + b"SUMMARY;" + b"A" * (15 * n),
    "soft breaks": lambda n: _HEAD + b"X;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * (6 * n),
    "parameters": lambda n: _HEAD + b"ATTENDEE;" + b"A=" * (5 * n) + _TAIL,
    "folds": lambda n: b"\r\n " * (5 * n),
}
"""Calendars that are none: so many pieces of a kind."""

TAGS = ("<", "<a", "<style>", "<title ", "&", "</", "<br", '<a href="', "<!--", "<p>", "?\n")
"""What is repeated in a description that looks like HTML."""
