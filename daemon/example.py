"""The calendar of an example engineering leader, so that a newcomer sees real data before touching their own.

The fortnight that it tells stands around one Monday: that of the current week, at a weekend that of the coming one.
Both weeks are overloaded and leave little room to think; the one after is lighter, and those behind hold the series
only, so that an ordinary week can be told from a bad one.  The owner is Ada, a head of engineering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.config.toml import dumps
from daemon.model.event import ParticipationRole, PartStat
from daemon.model.options import DAY_NAMES
from daemon.model.times import DAY, MINUTE, local_day, week_of

ADA = "ada@example.com"

_WEEK = timedelta(weeks=1)
_SERIES_BEGAN = 12  # weeks ago; even, so that a fortnightly series meets this week
_PEOPLE = {
    "ada": f"Ada Nowak <{ADA}>",
    "grace": "Grace Adeyemi <grace@example.com>",  # her manager
    "ben": "Ben Fischer <ben@example.com>",  # her reports
    "chen": "Chen Li <chen@example.com>",
    "dana": "Dana Horvat <dana@example.com>",
    "emeka": "Emeka Obi <emeka@example.com>",
    "farah": "Farah Haddad <farah@example.com>",
    "hugo": "Hugo Lindqvist <hugo@example.com>",  # product
    "ines": "Ines Duarte <ines@example.com>",  # design
    "jonas": "Jonas Weber <jonas@example.com>",  # finance
    "kofi": "Kofi Mensah <kofi@example.com>",  # operations
    "mira": "Mira Patel <mira@example.com>",  # people
    "lena": "Lena Brandt <lena@partner.example>",
}
_REPORTS = "ben chen dana emeka farah"
_EVERYBODY = "grace ada hugo ines jonas kofi mira " + _REPORTS


class _Change(Struct, frozen=True):
    """One instance of a series, by its original start, with what is different about it."""

    original: str
    when: str = ""
    title: str = ""
    reply: PartStat = PartStat.ACCEPTED


class _Entry(Struct, frozen=True):
    """One resource.

    `file`: without its suffix; its name is that of the UID too.  `when`: 'Tue 10:00-11:00', or 'Mon+1..Wed+1' for whole
    days; Tue+1 is a week later.  `people`: keys of `_PEOPLE`, the organizer first.  `rule`: an RRULE without BYDAY,
    empty for a single event.  `dropped`: original starts of instances that were taken out.
    """

    file: str
    title: str
    when: str
    people: str = ""
    rule: str = ""
    changes: tuple[_Change, ...] = ()
    dropped: tuple[str, ...] = ()
    reply: PartStat = PartStat.ACCEPTED
    optional: bool = False
    cancelled: bool = False
    free: bool = False
    location: str = ""
    text: str = ""


_WEEKLY, _FORTNIGHTLY, _MONTHLY = "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"
_OFF = PartStat.DECLINED
_OPEN = PartStat.NEEDS_ACTION

_ENTRIES = (
    # What every week holds: about 13 hours.
    _Entry("Work/standup", "Standup", "Mon..Fri 09:15-09:30", "emeka ada ben chen dana farah", _WEEKLY,
           changes=(_Change("Fri+1 09:15", reply=_OFF),)),
    _Entry("Work/staff", "Staff meeting", "Mon 09:30-10:30", "grace ada hugo ines jonas kofi mira", _WEEKLY,
           location="Room Baltic"),
    _Entry("Work/one-on-one-ben", "1:1 Ben / Ada", "Mon 10:30-11:00", "ada ben", _WEEKLY, dropped=("Mon+1 10:30",)),
    _Entry("Work/operations", "Operations review", "Mon 14:30-15:30", "kofi ada emeka farah", _WEEKLY),
    _Entry("Work/product", "Product sync", "Tue 11:30-12:30", "hugo ada ines", _WEEKLY),
    _Entry("Work/platform-planning", "Platform planning", "Tue 14:00-15:30", "ada ben chen kofi", _WEEKLY),
    _Entry("Work/roadmap", "Roadmap review", "Tue 16:00-17:00", "hugo ada ines jonas", _WEEKLY),
    _Entry("Work/one-on-one-dana", "1:1 Dana / Ada", "Wed 11:00-11:30", "ada dana", _WEEKLY,
           changes=(_Change("Wed 11:00", title="1:1 Dana / Ada: promotion case"),)),
    _Entry("Work/architecture", "Architecture review", "Wed 13:30-15:00", "chen ada ben dana kofi", _FORTNIGHTLY,
           text="Proposals go out two days ahead; no slides.\n\nOwner of the minutes: whoever proposed last."),
    _Entry("Work/one-on-one-chen", "1:1 Chen / Ada", "Thu 09:30-10:00", "ada chen", _WEEKLY),
    _Entry("Work/hiring", "Hiring sync", "Thu 10:00-10:30", "mira ada", _WEEKLY),
    _Entry("Work/one-on-one-emeka", "1:1 Emeka / Ada", "Thu 11:00-11:30", "ada emeka", _WEEKLY),
    _Entry("Work/business-review", "Monthly business review", "Thu 13:00-14:45", "grace ada hugo jonas kofi", _MONTHLY),
    _Entry("Work/one-on-one-farah", "1:1 Farah / Ada", "Thu 16:00-16:30", "ada farah", _WEEKLY,
           changes=(_Change("Thu 16:00", when="Fri 09:30-10:00"),)),
    _Entry("Work/one-on-one-grace", "1:1 Ada / Grace", "Fri 11:00-11:45", "grace ada", _WEEKLY,
           dropped=("Fri+1 11:00",)),
    _Entry("Work/demo", "Sprint demo", "Fri 15:00-16:00", f"dana ada hugo ines {_REPORTS}", _WEEKLY,
           changes=(_Change("Fri+1 15:00", reply=_OFF),)),
    # The week before: one long evening, with which it began.
    _Entry("Work/outage", "Checkout outage: incident call", "Thu-1 18:00-20:00", "kofi ada chen emeka"),
    # This week: about 27 hours.
    _Entry("Work/reorganisation", "Reorganisation: platform and payments", "Mon 11:00-12:00", "grace ada mira"),
    _Entry("Work/panel-staff", "Hiring panel: staff engineer", "Mon 12:45-13:45", "mira ada ben dana"),
    _Entry("Work/escalation", "Customer escalation: Northwind", "Mon 15:00-16:00", "hugo ada lena",
           text="Lena joins from the partner's side.\nPlease read the timeline before the call, it is two pages."),
    _Entry("Work/release-check", "Payments: release check", "Mon 17:00-17:15", "farah ada kofi"),
    _Entry("Work/lunch-lena", "Lunch with Lena (Northwind)", "Tue 12:30-13:30", "ada lena", location="Cafe Meridian"),
    _Entry("Work/vendor-logs", "Vendor call: log storage", "Tue 15:30-16:00", "jonas ada kofi", optional=True),
    _Entry("Work/incident-review", "Incident review: checkout outage", "Wed 09:30-10:30", "kofi ada chen emeka hugo",
           text="Blameless. What happened, what helped, what we change; the draft of the timeline is in the wiki."),
    _Entry("Work/debrief", "Interview debrief", "Wed 12:00-12:45", "mira ada ben dana"),
    _Entry("Work/cloud-budget", "Budget: cloud spend", "Wed 15:30-16:30", "jonas ada kofi"),
    _Entry("Work/launch", "Launch readiness: checkout v2", "Wed 16:00-17:00", "hugo ada ines dana emeka"),
    _Entry("Work/audit", "Security audit: follow-up", "Wed 17:00-18:00", "kofi ada jonas farah"),
    _Entry("Work/demo-flags", "Vendor demo: feature flags", "Thu 11:30-12:30", "hugo ada", cancelled=True),
    _Entry("Work/ledger-design", "Design review: splitting the ledger", "Thu 15:45-16:45", "farah ada chen",
           reply=_OPEN, optional=True),
    _Entry("Work/leads-lunch", "Leads lunch: on-call load", "Fri 12:00-12:45", f"ada {_REPORTS}"),
    _Entry("Work/quarter-kickoff", "Quarter planning: kickoff", "Fri 13:00-14:30", "grace ada hugo ines jonas"),
    _Entry("Private/school", "School: class concert", "Fri 16:30-18:00"),
    # Next week: about 21 hours in four days.
    _Entry("Work/ben-leave", "Ben on leave", "Mon+1..Wed+1", free=True),
    _Entry("Work/quarter-one", "Quarter planning: capacity", "Mon+1 10:30-12:30", "grace ada hugo ines jonas"),
    _Entry("Work/panel-manager", "Hiring panel: engineering manager", "Mon+1 13:00-14:00", "mira ada dana emeka"),
    _Entry("Work/go-no-go", "Payments migration: go or no-go", "Mon+1 16:00-17:00", "ada farah kofi hugo"),
    _Entry("Work/penetration-test", "Security: penetration test results", "Tue+1 13:00-13:45", "kofi ada farah"),
    _Entry("Work/vendor-renewal", "Vendor renewal: observability", "Tue+1 15:30-16:30", "jonas ada kofi",
           optional=True),
    _Entry("Work/northwind", "Partner call: Northwind rollout", "Tue+1 17:00-18:00", "lena ada hugo"),
    _Entry("Work/strategy", "Focus: platform strategy", "Wed+1 09:30-11:00"),
    _Entry("Work/rehearsal", "All hands: rehearsal", "Wed+1 12:00-13:00", "grace ada hugo mira", optional=True),
    _Entry("Work/calibration", "Performance calibration", "Wed+1 13:30-15:00", "mira ada grace hugo"),
    _Entry("Work/all-hands", "All hands", "Wed+1 16:30-17:15", _EVERYBODY),
    _Entry("Private/dentist", "Dentist", "Thu+1 12:00-12:45", location="Market Square 4"),
    _Entry("Work/quarter-two", "Quarter planning: trade-offs", "Thu+1 13:30-15:00", "grace ada hugo ines jonas"),
    _Entry("Work/board-deck", "Board deck: engineering pages", "Thu+1 15:15-16:00", "grace ada jonas"),
    _Entry("Work/cut-over", "Payments: cut-over check", "Thu+1 17:00-17:15", "farah ada kofi"),
    _Entry("Private/day-off", "Day off", "Fri+1"),
    # The week after, lighter.
    _Entry("Work/quarter-close", "Quarter planning: wrap-up", "Tue+2 13:00-13:45", "grace ada hugo ines jonas"),
    _Entry("Work/dry-run", "Conference talk: dry run", "Thu+2 14:00-14:45", "dana ada ines"),
)  # fmt: skip


def example(now: datetime, zone: ZoneInfo) -> Mapping[str, str]:
    """File path ('Work/standup.ics') → iCalendar text with CRLF; the same for every `now` of one week in one zone."""
    monday = week_of(local_day(now, zone), 5).first + 2 * DAY  # of the week that began on Saturday
    rules = _timezone(zone, monday)
    return {f"{entry.file}.ics": _resource(entry, monday, zone, rules) for entry in _ENTRIES}


def example_config(folder: str, zone_name: str, state: str = "") -> str:
    """The config that goes with it, in TOML; `folder` is the one that holds the calendars."""
    account = {"type": "vdir", "path": folder, "emails": [ADA], "write": "Work", "read": ["Work", "Private"]}
    whole = {"state": state} if state else {}
    tables = {"accounts": {"demo": account}, "policies": {"focus": {"weekly_goal": "8h"}}}
    return dumps({**whole, "timezone": zone_name, **tables})


def _resource(entry: _Entry, monday: date, zone: ZoneInfo, rules: tuple[str, ...]) -> str:
    """One VCALENDAR: the event or the series, then those of its instances that differ."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//unbusy//example//EN"]
    lines += rules if " " in entry.when else ()
    lines += _event(entry, monday, zone)
    for change in entry.changes:
        lines += _event(_instance(entry, change), monday, zone, change.original)
    folded = (re.sub(r"(.{74})(?=.)", r"\1\r\n ", line) for line in [*lines, "END:VCALENDAR"])  # RFC 5545, 3.1
    return "\r\n".join(folded) + "\r\n"


def _instance(entry: _Entry, change: _Change) -> _Entry:
    when = change.when or f"{change.original}-{entry.when.rpartition('-')[2]}"
    title = change.title or entry.title
    return replace(entry, when=when, title=title, reply=change.reply, rule="", dropped=())


def _event(entry: _Entry, monday: date, zone: ZoneInfo, original: str = "") -> Iterator[str]:
    """The lines of one VEVENT; `original` makes it an instance of the series (RECURRENCE-ID)."""
    days, _, clocks = entry.when.partition(" ")
    start, _, end = clocks.partition("-")
    first, last = _days(days, monday)
    first, rule = _series(entry.rule, first, last) if entry.rule else (first, "")
    written = f"{min(first, monday) - 3 * DAY:%Y%m%d}T120000Z"
    yield from ("BEGIN:VEVENT", f"UID:{entry.file.partition('/')[2]}@example.com")
    yield from (f"DTSTAMP:{written}", f"CREATED:{written}")
    if original:
        yield f"RECURRENCE-ID{_moment(original, monday, zone)}"
    yield from (f"EXDATE{_moment(dropped, monday, zone)}" for dropped in entry.dropped)
    if clocks:
        yield from (f"DTSTART{_local(first, start, zone)}", f"DTEND{_local(first, end, zone)}")
    else:
        yield from (f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}")
    texts = {"RRULE": rule, "SUMMARY": _text(entry.title), "LOCATION": entry.location, "DESCRIPTION": _text(entry.text)}
    yield from (f"{name}:{value}" for name, value in texts.items() if value)
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if entry.free else 'OPAQUE'}"
    yield from _attendance(entry)
    yield "END:VEVENT"


def _attendance(entry: _Entry) -> Iterator[str]:
    """ORGANIZER and ATTENDEE lines; the organizer is an attendee too, as the servers write it."""
    for number, person in enumerate(dict.fromkeys(entry.people.split())):
        name, _, address = _PEOPLE[person].rstrip(">").partition(" <")
        if number == 0:
            yield f"ORGANIZER;CN={name}:mailto:{address}"
        reply = entry.reply if address == ADA else PartStat.ACCEPTED
        role = ParticipationRole.OPTIONAL if entry.optional and address == ADA else ParticipationRole.REQUIRED
        yield f"ATTENDEE;CN={name};ROLE={role};PARTSTAT={reply}:mailto:{address}"


def _text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    return re.sub(r"[\\;,]", r"\\\g<0>", value).replace("\n", r"\n")


def _days(text: str, monday: date) -> tuple[date, date]:
    """First and last day of 'Tue', 'Tue+1', 'Mon+1..Wed+1'."""
    first, _, last = text.partition("..")
    one, two = (monday + DAY_NAMES.index(t[:3].lower()) * DAY + int(t[3:] or 0) * _WEEK for t in (first, last or first))
    return one, two


def _moment(text: str, monday: date, zone: ZoneInfo) -> str:
    """'Tue+1 10:00' as parameters and value of a DATE-TIME property."""
    day, _, clock = text.partition(" ")
    return _local(_days(day, monday)[0], clock, zone)


def _local(day: date, clock: str, zone: ZoneInfo) -> str:
    return f";TZID={zone.key}:{day:%Y%m%d}T{clock.replace(':', '')}00"


def _series(rule: str, first: date, last: date) -> tuple[date, str]:
    """The first day of a series that meets the days `first` to `last` of the week that counts, and its whole rule."""
    days = ",".join(name[:2].upper() for name in DAY_NAMES[first.weekday() : last.weekday() + 1])
    if rule == _MONTHLY:  # it begins here; the fifth Thursday of a month is written as its last
        return first, f"{rule};BYDAY={-1 if first.day > 28 else (first.day + 6) // 7}{days}"
    return first - _SERIES_BEGAN * _WEEK, f"{rule};BYDAY={days}"


def _timezone(zone: ZoneInfo, monday: date) -> tuple[str, ...]:
    """A VTIMEZONE from the first series to a year ahead (RFC 5545, 3.6.5): one observance for each clock change."""
    start = datetime.combine(monday - _SERIES_BEGAN * _WEEK - DAY, time(), UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone.key}", *_observance(start, zone, _offset(start, zone))]
    for day in (start + n * DAY for n in range(64 * 7)):
        before = _offset(day, zone)
        if _offset(day + DAY, zone) != before:
            moments = (day + n * 15 * MINUTE for n in range(24 * 4 + 1))
            change = next(moment for moment in moments if _offset(moment, zone) != before)
            lines += _observance(change, zone, before)
    return (*lines, "END:VTIMEZONE")


def _observance(moment: datetime, zone: ZoneInfo, before: timedelta) -> Iterator[str]:
    """What holds from a moment on; its DTSTART is in the local time that held until then."""
    old, new = moment.astimezone(timezone(before)), moment.astimezone(zone)
    kind = "DAYLIGHT" if new.dst() else "STANDARD"
    yield from (f"BEGIN:{kind}", f"DTSTART:{old:%Y%m%dT%H%M%S}", f"TZNAME:{new.tzname()}")
    yield from (f"TZOFFSETFROM:{old:%z}", f"TZOFFSETTO:{new:%z}", f"END:{kind}")


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
