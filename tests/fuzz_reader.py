"""Fuzz target of the reader of calendars: `python tests/fuzz_reader.py [CORPUS_FOLDER] [-max_total_time=60]`.

Holds the promises of `connectors.rfc5545.reader`: no exception, the source untouched, the same answer twice, and
nothing hidden by the cheap scan.  What takes too long is the fuzzer's own matter (`-timeout=10`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
with atheris.instrument_imports(include=["connectors"]):
    from connectors.rfc5545.reader import read
    from connectors.rfc5545.scan import reach

from calendar_words import WORDS
from daemon.model.event import ResourceRef
from daemon.model.times import TimeRange
from reading import span

HEAD = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260302T090000Z\r\n"
TAIL = b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
WINDOWS = tuple(map(span, ("2026-03-01..2026-05-01", "1997-06-01..1998-08-01", "0001-01-01..9999-12-31")))
ZONE = ZoneInfo("Europe/Berlin")
REF = ResourceRef("a/b", "fuzz.ics", "")


def holds(payload: bytes, window: TimeRange) -> None:
    """Raise where a promise is broken."""
    copy = bytes(bytearray(payload))
    seen = read(payload, REF, window, ZONE)
    if payload != copy or read(payload, REF, window, ZONE) != seen:
        raise AssertionError("not the same twice")
    if any("cannot be read" in p.what for p in seen.problems):
        raise AssertionError(seen.problems)
    days = reach(payload)
    if seen.events and days and (days[0] > window.end.toordinal() or days[1] < window.start.toordinal()):
        raise AssertionError("hidden by the scan")


def one_input(data: bytes) -> None:
    """The input as it is, and inside a sound calendar, in a window that its first byte chooses.

    And as a sentence: each byte is one of the words that calendars are made of.
    """
    window = WINDOWS[data[0] % len(WINDOWS)] if data else WINDOWS[0]
    holds(data, window)
    holds(HEAD + data[1:] + TAIL, window)
    holds(HEAD + b"".join(WORDS[byte % len(WORDS)] for byte in data[1:]) + TAIL, window)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
