"""Thirteen weeks of Ada's, up to a Friday afternoon: what a report has to tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from msgspec.structs import replace

from daemon.config import registry
from daemon.model.event import Attendee, CountsAs, Event
from daemon.model.options import PolicyOptions
from daemon.model.snapshot import GivenUp, OwnEvent, Snapshot
from daemon.model.times import DAY, TimeRange
from daemon.model.user.entry import Entry
from daemon.views.report import Report, reported
from making import CALENDAR, ME, day, event, meeting, moment, own, snapshot, span

WEEKS = range(-12, 3)
NAMES = {
    "grace": "Grace Adeyemi", "hugo": "Hugo Lindqvist", "ben": "Ben Fischer", "chen": "Chen Li", "dana": "Dana Horvat",
    "kofi": "Kofi Mensah", "ines": "Ines Duarte", "emeka": "Emeka Obi",
}  # fmt: skip
NOW = "Fri 16:30"


def with_(when: str, title: str, *people: str, by: str = "", **more: object) -> Event:
    """A meeting with these people; the first of them calls it, unless `by` says who does."""
    there = tuple(Attendee(f"{who}@example.com", NAMES.get(who, "")) for who in people)
    organizer = f"{by or people[0]}@example.com"
    return meeting(when, title, attendees=(Attendee(ME, "Ada"), *there), organizer=organizer, **more)


def _series() -> Iterator[Event]:
    for week in WEEKS:
        at = f"{week:+d}"
        yield from (
            with_(f"Mon{at} 10:00-11:00", "Leads weekly", "grace", "hugo", "ines", "kofi", uid="leads", series=True),
            with_(f"Tue{at} 13:30-14:30", "Roadmap review", "hugo", "ines", uid="roadmap", series=True),
            with_(f"Wed{at} 13:00-13:30", "1:1 Ben", "ben", by="ada", uid="ben", series=True),
            with_(f"Wed{at} 14:00-14:30", "1:1 Chen", "chen", by="ada", uid="chen", series=True),
            with_(
                f"Thu{at} 11:00-12:30", "Incident review", "kofi", "ben", "chen", "dana", uid="incidents", series=True
            ),
        )
        if week % 2 == 0:
            yield with_(f"Fri{at} 13:00-14:00", "Architecture forum", "chen", "ben", "emeka", uid="forum", series=True)


_SINGLE = (
    ("Tue-9 09:30-10:30", "Budget round", "grace", "Mon-9 09:00"),
    ("Wed-8 09:00-10:00", "Vendor escalation", "hugo", "Tue-8 17:30"),
    ("Thu-6 14:30-15:30", "Hiring panel", "ines", "Mon-6 09:00"),
    ("Tue-5 10:00-11:00", "Vendor escalation", "hugo", "Tue-5 08:30"),
    ("Wed-3 09:00-11:00", "Board preparation", "grace", "Mon-3 12:00"),
    ("Thu-2 15:00-16:00", "Pricing", "kofi", "Wed-2 18:00"),
    ("Tue-1 09:30-11:00", "Board preparation", "grace", "Mon-1 16:00"),
    ("Tue 09:00-10:00", "Vendor escalation", "hugo", "Mon 17:45"),
    ("Wed 15:30-16:30", "Pricing, second round", "kofi", "Wed 11:00"),
    ("Thu 18:00-19:30", "Call with Seattle", "emeka", "Tue 09:00"),
    ("Fri 10:00-10:30", "Go or no go", "grace", "Fri 08:40"),
    ("Mon+1 14:00-16:30", "Quarter planning", "grace", "Mon-1 10:00"),
    ("Tue+1 09:00-12:30", "Quarter planning", "grace", "Mon-1 10:00"),
    ("Wed+1 09:00-12:00", "Quarter planning", "grace", "Mon-1 10:00"),
    ("Thu+1 14:00-17:00", "Board", "grace", "Mon-3 10:00"),
)


def _others() -> Iterator[Event]:
    for when, title, who, made in _SINGLE:
        yield with_(when, title, who, "hugo", created=moment(made), uid=f"{title}-{when}".replace(" ", "-"))
    yield with_("Thu 09:30-10:00", "Dr. Weiss", "weiss", created=moment("Wed 09:00"), spoken="")
    yield event("Tue 16:00-16:45", "Dentist", counts_as=CountsAs.BUSY, spoken="")


def _blocks() -> Iterator[OwnEvent]:
    for week in range(-12, 2):
        key, at = day(f"Mon{week:+d}").isocalendar(), f"{week:+d}"
        for n, when in enumerate(
            ("Tue{} 09:00-11:00", "Wed{} 09:00-11:00", "Thu{} 14:30-16:30", "Fri{} 09:00-11:00"), 1
        ):
            if (week, n) not in {(-7, 4), (-4, 2), (1, 1), (1, 2)}:
                made = f"Mon{week - 1:+d} 08:00"
                yield own(when.format(at), key=f"{key.year}-W{key.week:02}/{n}", created=made)


_WORDS = (
    ("Tue-1", "If the migration slips again I will stop it."),
    ("Thu-1", "Good talk with Ben: he wants the platform work, and he should have it."),
    ("Tue", "Roadmap: nobody owns the cut list. I do now."),
    ("Thu", "Two hours with the door closed and the strategy page is written."),
)


def leader(*more: Event, now: str = NOW, **also: object) -> Snapshot:
    """All of it, and what else stands in the calendar."""
    found = snapshot(*_series(), *_others(), *more, now=now, ours=_blocks())
    policies: dict[str, PolicyOptions] = {
        name: kind.options() for name, kind in registry.kinds().items() if kind.options().enabled
    }
    entries = tuple(
        Entry(
            day=day(on),
            at=f"{day(on)}T17:00",
            policy="reflection",
            key=f"day/{day(on)}",
            event="Journal",
            evidence="",
            question="",
            text=text,
        )
        for on, text in _WORDS
    )
    gone = (
        GivenUp(key="2026-W49/3", when=span("Wed 15:30-17:30"), left=moment("Wed 11:05"), since=moment("Mon-1 08:00")),
    )
    window = TimeRange(found.now - 12 * 7 * DAY - 6 * DAY, found.window.end)
    values = {"policies": policies, "entries": entries, "given_up": gone, "main": CALENDAR, "window": window}
    return replace(found, **values | also)


@cache
def report(*more: Event) -> Report:
    """What a report tells of it."""
    return reported(leader(*more), 5)
