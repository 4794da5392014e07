"""The question that unbusy's plan begins with, answered by icalendar and recurring-ical-events: what is when?

    python bench/reading.py PATH FIRST DAYS     PATH is an .ics file, or a folder of them

They are in an environment of their own; see `bench/constraints.txt`.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events


def main(path: str, first: str, days: str) -> None:
    """Print how many occurrences there are."""
    start = datetime.combine(date.fromisoformat(first), time(), ZoneInfo("Europe/Berlin"))
    end = start + timedelta(days=int(days))
    where = Path(path)
    found = 0
    for file in sorted(where.glob("*.ics")) if where.is_dir() else [where]:
        found += len(recurring_ical_events.of(icalendar.Calendar.from_ical(file.read_bytes())).between(start, end))
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
