"""Short ways to say a calendar, so that tables of tests read like their specification.

Times are written 'Tue 09:00', or 'Tue+1 09:00' for the week after; the week is that of Monday 30 November 2026
(2026-W49) in Europe/Warsaw, unless `monday` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from daemon.config import registry
from daemon.model.event import Attendee, CountsAs, Event, EventRef, ParticipationRole, PartStat, ResourceRef, ShowAs
from daemon.model.owner import Field, Mark, fingerprints
from daemon.model.profile import Profile
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, WorkingHours, at, week_of

ZONE = ZoneInfo("Europe/Warsaw")
MONDAY = date(2026, 11, 30)
ME = "ada@example.com"
CALENDAR = "work/Work"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ROLES = registry.roles()
NINE_TO_FIVE = WorkingHours((((time(9), time(17, 30)),),) * 5 + ((),) * 2)


def day(text: str, monday: date = MONDAY) -> date:
    """'Tue', 'Tue+1' (the week after), 'Tue-1'."""
    weeks = int(text[3:] or 0)
    return monday + (DAYS.index(text[:3]) + 7 * weeks) * DAY


def moment(text: str, monday: date = MONDAY, zone: ZoneInfo = ZONE) -> datetime:
    """'Tue 09:00'."""
    name, _, clock = text.partition(" ")
    return at(day(name, monday), time.fromisoformat(clock), zone)


def span(text: str, monday: date = MONDAY, zone: ZoneInfo = ZONE) -> TimeRange:
    """'Tue 09:00-10:30'."""
    name, _, clocks = text.partition(" ")
    start, _, end = clocks.partition("-")
    return TimeRange(moment(f"{name} {start}", monday, zone), moment(f"{name} {end}", monday, zone))


def event(when: str, title: str = "Hold", *, monday: date = MONDAY, zone: ZoneInfo = ZONE, **more: object) -> Event:
    """A foreign occurrence: 'Tue 09:00-10:30' timed, 'Tue' or 'Tue..Thu' (both inclusive) all-day."""
    dates = None
    if " " in when:
        time_range = span(when, monday, zone)
    else:
        first, _, last = when.partition("..")
        dates = DateRange(day(first, monday), day(last or first, monday) + DAY)
        time_range = dates.span(zone)
    uid = str(more.pop("uid", f"{title}-{when}".replace(" ", "-")))
    values: dict[str, object] = {
        "ref": EventRef(CALENDAR, uid),
        "resource": ResourceRef(CALENDAR, f"{uid}.ics", "1"),
        "span": time_range,
        "dates": dates,
        "summary": title,
    }
    return Event(**(values | more))  # type: ignore[arg-type]  # a table of keyword arguments


def meeting(
    when: str, title: str = "Meeting", *, others: int = 2, reply: PartStat = PartStat.ACCEPTED, optional: bool = False,
    mine: bool = False, **more: object,
) -> Event:  # fmt: skip
    """A meeting with `others` other people."""
    role = ParticipationRole.OPTIONAL if optional else ParticipationRole.REQUIRED
    people = [Attendee(f"p{n}@example.com", f"P{n}", PartStat.ACCEPTED) for n in range(1, others + 1)]
    values: dict[str, object] = {
        "attendees": (Attendee(ME, "Ada", reply, role), *people),
        "organizer": ME if mine else "p1@example.com",
        "counts_as": CountsAs.DECLINED if reply is PartStat.DECLINED else CountsAs.MEETING,
        "reply": reply,
        "mine": mine,
    }
    return event(when, title, **(values | more))  # type: ignore[arg-type]  # as above


def own(
    when: str, policy: str = "focus", key: str = "2026-W49/1", *, title: str = "Focus", text: str = "",
    edited: Iterable[Field] = (), generation: int = 0, owner: str = ME, created: str = "Mon-1 08:00",
    moves: int = 0, highest: int = 9, **more: object,
) -> OwnEvent:  # fmt: skip
    """One of ours; `highest` 0: as 0.1 marked it; `edited` fields have a base that differs from what stands."""
    plain = event(when, title, description=text, counts_as=CountsAs.OURS, **{"show_as": ShowAs.FREE, **more})  # type: ignore[arg-type]
    base = fingerprints(
        when=plain.when, calendar=CALENDAR, title=title, show_as=plain.show_as, reminder=plain.reminder,
        colour=plain.colour, text=text,
    )  # fmt: skip
    changed = frozenset(edited)
    asked = {f: "?" if f in changed else v for f, v in base.items()}
    mark = Mark(owner, policy, key, generation, asked, moves=moves, highest=highest)
    ours = Event(**{n: getattr(plain, n) for n in Event.__slots__} | {
        "mark": mark, "private": True, "created": moment(created),
        "ref": EventRef(CALENDAR, mark.uid), "resource": ResourceRef(CALENDAR, f"{mark.uid}.ics", "1"),
    })  # fmt: skip
    return OwnEvent(event=ours, mark=mark, edited=changed)


def profile(**more: object) -> Profile:
    """Ada, Warsaw, Monday to Friday 09:00 to 17:30; without lunch, which has tables of its own."""
    values: dict[str, object] = {
        "owner": ME, "zone": ZONE, "hours": NINE_TO_FIVE, "me": frozenset({ME}), "lunch": None,
    }  # fmt: skip
    return Profile(**(values | more))  # type: ignore[arg-type]  # as above


def snapshot(
    *events: Event, now: str | datetime = "Mon 07:00", ours: Iterable[OwnEvent] = (), skips: Iterable[Skip] = (),
    away: Iterable[TimeRange] = (), monday: date = MONDAY, horizon: int = 14, who: Profile | None = None,
) -> Snapshot:  # fmt: skip
    """A snapshot of 28 days back to the end of the week in which the horizon ends."""
    who = who or profile()
    when = now.astimezone(UTC) if isinstance(now, datetime) else moment(now, monday, who.zone)
    last = week_of((when + timedelta(days=horizon)).astimezone(who.zone).date(), who.week_starts)
    return Snapshot(
        now=when,
        window=TimeRange(when - 28 * DAY, last.span(who.zone).end),
        profile=who,
        events=tuple(sorted(events, key=lambda e: (e.span, e.ref))),
        ours=tuple(sorted(ours, key=lambda o: (o.event.span, o.event.ref))),
        skips=tuple(skips),
        away=tuple(away),
        absences=tuple(away),
        roles=ROLES,
    )
