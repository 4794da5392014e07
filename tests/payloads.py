"""Short ways to write iCalendar by hand, and drafts of our own events."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from connectors.rfc5545.codec import reading
from daemon.model.event import CalendarId, Event, ResourceRef, ShowAs
from daemon.model.owner import Field, Mark, fingerprints
from daemon.model.plan import Draft, Problem
from daemon.model.protocols import End, Reader, Reading, Resource, Seen
from daemon.model.times import DateRange, TimeRange
from making import CALENDAR, ME, ZONE, event, moment

WINDOW = TimeRange(moment("Mon-4 00:00"), moment("Mon+4 00:00"))
"""2 November 2026 to 28 December 2026, Warsaw."""


def vevent(
    *lines: str, uid: str = "u1", start: str = "DTSTART:20261201T090000Z", end: str = "DTEND:20261201T100000Z"
) -> str:
    """A VEVENT; empty lines are left out."""
    return "\n".join(("BEGIN:VEVENT", *filter(None, (f"UID:{uid}" if uid else "", start, end, *lines)), "END:VEVENT"))


def ics(*blocks: str) -> bytes:
    """A VCALENDAR of some blocks; with none, of one event on Tuesday 10:00 to 11:00."""
    return (
        "\r\n".join(
            ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hand//EN", *(blocks or (vevent(),)), "END:VCALENDAR", "")
        )
        .replace("\r\n", "\n")
        .replace("\n", "\r\n")
        .encode()
    )


def read(
    payload: bytes, *, window: TimeRange = WINDOW, zone: ZoneInfo = ZONE, calendar: CalendarId = CALENDAR
) -> Reading:
    """What a payload says."""
    return reading(Resource(ResourceRef(calendar, "u1.ics", "1"), payload), window, zone)


def only(payload: bytes) -> Event:
    """The one event that a payload holds, without any problem."""
    found = read(payload)
    assert not found.problems
    (one,) = found.events
    return one


def draft(when: str | TimeRange | DateRange = "Tue 09:00-11:00", **more: object) -> Draft:
    """A focus block as it should stand; its mark holds the fingerprints of its fields."""
    values: dict[str, object] = {
        "calendar": CALENDAR, "when": event(when).when if isinstance(when, str) else when, "zone": "Europe/Warsaw",
        "title": "Focus", "text": "Two hours without meetings.", "show_as": ShowAs.FREE, "reminder": None, "colour": "",
        "mark": Mark(ME, "focus", "2026-W49/1", 0, {}),
    }  # fmt: skip
    return marked(Draft(**(values | more)))  # type: ignore[arg-type]  # a table of keyword arguments


def marked(one: Draft) -> Draft:
    """The same draft with a mark that tells its fields."""
    return replace(one, mark=replace(one.mark, base=asked(one)))


def asked(one: Draft) -> dict[Field, str]:
    """The fingerprints of a draft."""
    return fingerprints(
        when=one.when, calendar=one.calendar, title=one.title, show_as=one.show_as, reminder=one.reminder,
        colour=one.colour, text=one.text,
    )  # fmt: skip


def observed(one: Event) -> dict[Field, str]:
    """The fingerprints of an event as it was read."""
    return fingerprints(
        when=one.when, calendar=one.ref.calendar, title=one.summary, show_as=one.show_as, reminder=one.reminder,
        colour=one.colour, text=one.description,
    )  # fmt: skip


class Found(Struct, frozen=True):
    """`Changes` after its stream was gone through."""

    changed: tuple[Resource, ...]
    problems: tuple[Problem, ...]
    present: frozenset[str]
    state: str
    left: int = 0

    @property
    def versions(self) -> dict[str, str]:
        """Of what came, as the mirror holds them."""
        return {r.ref.href: r.ref.version for r in self.changed}


def looked(
    connector: Reader, calendar: CalendarId, known: Mapping[str, str] | None = None, state: str = "",
    *, window: TimeRange = WINDOW, stored: Mapping[str, bytes] | None = None,
) -> Found:  # fmt: skip
    """What a connector reports for a mirror that holds the versions `known` and the contents `stored`."""
    seen = Seen(window=window, recall=lambda: known or {}, state=state, payload=(stored or {}).get)
    found = connector.changes(calendar, seen)
    items = list(found.changed)
    end = next((i for i in items if isinstance(i, End)), End(found.state))
    return Found(
        tuple(i for i in items if isinstance(i, Resource)), tuple(i for i in items if isinstance(i, Problem)),
        frozenset(seen.versions) if found.present is None else found.present, *end,
    )  # fmt: skip
