"""Working hours from a calendar-availability (RFC 7953), and what is proposed of them."""

from __future__ import annotations

import pytest

from connectors.caldav.availability import hours_of
from daemon.cli.setup.proposals import said_hours

WEEK = "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
NINE, FIVE = "DTSTART;TZID=Europe/Berlin:20261102T090000", "DTEND;TZID=Europe/Berlin:20261102T173000"


def calendar(*parts: str) -> str:
    """Each is an available time, its lines separated by blanks."""
    times = "".join("BEGIN:AVAILABLE\n{}\nUID:a\nEND:AVAILABLE\n".format(part.replace(" ", "\n")) for part in parts)
    return f"BEGIN:VCALENDAR\nBEGIN:VAVAILABILITY\n{times}END:VAVAILABILITY\nEND:VCALENDAR\n"


TABLE = {
    "every working day": (calendar(f"{NINE} {FIVE} {WEEK}"), "mon-fri 09:00-17:30"),
    "folded lines, and those of Windows": (
        calendar(f"{NINE} {FIVE} {WEEK}").replace("BYDAY=MO", "BYD\n AY=MO").replace("\n", "\r\n"),
        "mon-fri 09:00-17:30",
    ),
    "a time for each day, as Nextcloud writes it": (
        calendar(f"{NINE} {FIVE} RRULE:FREQ=WEEKLY;BYDAY=MO", f"{NINE} {FIVE} RRULE:FREQ=WEEKLY;BYDAY=TU"),
        "mon,tue 09:00-17:30",
    ),
    "by its first day": (calendar(f"{NINE} {FIVE} RRULE:FREQ=WEEKLY"), "mon 09:00-17:30"),
    "a duration": (calendar(f"{NINE} DURATION:PT3H30M {WEEK}"), "mon-fri 09:00-12:30"),
    "until midnight": (calendar(f"{NINE} DTEND:20261103T000000 {WEEK}"), "mon-fri 09:00-24:00"),
    "two parts of a day": (
        calendar(f"{NINE} DURATION:PT3H {WEEK}", f"DTSTART:20261102T130000 DURATION:PT4H {WEEK}"),
        "mon-fri 09:00-12:00 13:00-17:00",
    ),
    "parts that overlap": (calendar(f"{NINE} DURATION:PT5H {WEEK}", f"{NINE} DURATION:PT6H {WEEK}"), ""),
    "once only": (calendar(f"{NINE} {FIVE}"), ""),
    "every other week": (calendar(f"{NINE} {FIVE} {WEEK};INTERVAL=2"), ""),
    "in no zone of the user’s": (calendar(f"DTSTART:20261102T090000Z {FIVE} {WEEK}"), ""),
    "over midnight": (calendar(f"DTSTART:20261102T220000 DTEND:20261103T060000 {WEEK}"), ""),
    "a day that is none": (calendar(f"DTSTART:20269999T090000 {FIVE} RRULE:FREQ=WEEKLY"), ""),
    "nothing": ("", ""),
    "not a calendar": ("<html>" * 10_000, ""),
    "thousands of times": (calendar(*[f"{NINE} {FIVE} {WEEK}"] * 5_000), "mon-fri 09:00-17:30"),
}


@pytest.mark.parametrize("name", TABLE)
def test_available_times(name: str) -> None:
    text, said = TABLE[name]
    assert said_hours(hours_of(text)) == said
