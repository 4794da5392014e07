"""The example calendar: believable, overloaded by our own measures for any `now`, and read alike by the reference."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from daemon.config import load
from daemon.example import example, example_config
from daemon.model.event import Attendee, CountsAs, Event, EventRef, PartStat, ResourceRef, ShowAs
from daemon.model.figures.measure import measure_week
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, TimeRange, at, minus, week_of
from daemon.planning.snapshots import Memory, build
from making import ME, ROLES, ZONE, profile

MONDAYS = [date(2026, 1, 5) + n * 7 * DAY for n in range(52)]
ZONES = ["Europe/Warsaw", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
SPRING, AUTUMN = date(2026, 3, 23), date(2026, 10, 19)  # the clock changes on their Sundays in Warsaw
MONDAY = date(2026, 11, 23)
SOME = [MONDAY, SPRING, SPRING + 7 * DAY, AUTUMN, AUTUMN + 7 * DAY]
LAST, THIS, NEXT, AFTER = -1, 0, 1, 2  # weeks


@dataclass(frozen=True)
class Occurrence:
    """As the reference reads it; `day` and `clock` are local, from the Monday that counts."""

    path: str
    title: str
    day: int
    clock: str
    event: Component

    @property
    def week(self) -> int:
        return self.day // 7

    @property
    def people(self) -> dict[str, str]:
        """Address → answer."""
        lines = self.event.get("ATTENDEE", [])
        return {str(a).removeprefix("mailto:"): a.params["PARTSTAT"] for a in lines}


def occurrences(files: dict[str, str], monday: date, zone: ZoneInfo) -> Iterator[Occurrence]:
    for path, text in files.items():
        for event in recurring_ical_events.of(Calendar.from_ical(text)).between(monday - 28 * DAY, monday + 21 * DAY):
            start, end = event["DTSTART"].dt, event["DTEND"].dt
            timed = isinstance(start, datetime)
            day = (start.date() if timed else start) - monday
            clock = f"{start:%H:%M}-{end:%H:%M}" if timed else f"{(end - start).days} d"
            yield Occurrence(path, str(event["SUMMARY"]), day.days, clock, event)


@cache
def told(monday: date, zone: ZoneInfo = ZONE) -> tuple[Occurrence, ...]:
    files = example(at(monday, time(7), zone), zone)
    return tuple(sorted(occurrences(dict(files), monday, zone), key=lambda o: (o.day, o.clock, o.path)))


def shape(seen: tuple[Occurrence, ...]) -> list[tuple[str, str, int, str, str]]:
    return [(o.path, o.title, o.day, o.clock, o.event["STATUS"]) for o in seen]


@cache
def snapshot(monday: date, zone: ZoneInfo = ZONE) -> Snapshot:
    now = at(monday, time(7), zone)
    span = TimeRange(now - 28 * DAY, at(monday + 21 * DAY, time(), zone))
    events = [_event(o, zone) for o in told(monday, zone)]
    return build(now, span, profile(zone=zone), events, Memory(writing=frozenset({"demo/Work"}), roles=ROLES))


def _event(o: Occurrence, zone: ZoneInfo) -> Event:
    start, end = o.event["DTSTART"].dt, o.event["DTEND"].dt
    dates = None if isinstance(start, datetime) else DateRange(start, end)
    calendar = f"demo/{o.path.partition('/')[0]}"
    return Event(
        ref=EventRef(calendar, str(o.event["UID"]), f"{start:%Y%m%dT%H%M%S}"),
        resource=ResourceRef(calendar, o.path, "1"),
        span=dates.span(zone) if dates else TimeRange(start, end),
        dates=dates,
        summary=o.title,
        show_as=ShowAs.FREE if o.event["TRANSP"] == "TRANSPARENT" else ShowAs.BUSY,
        cancelled=o.event["STATUS"] == "CANCELLED",
        organizer=str(o.event.get("ORGANIZER", "")).removeprefix("mailto:"),
        attendees=tuple(Attendee(address, partstat=PartStat(answer)) for address, answer in o.people.items()),
    )


# -- for any now --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("monday", MONDAYS, ids=str)
def test_every_week_of_a_year_tells_the_same(monday: date) -> None:
    assert shape(told(monday)) == shape(told(MONDAY))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("monday", SOME, ids=str)
def test_it_tells_the_same_in_every_zone(monday: date, zone: str) -> None:
    assert shape(told(monday, ZoneInfo(zone))) == shape(told(MONDAY))


@given(
    now=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, ZONE])),
    zone=st.sampled_from([ZoneInfo(name) for name in ZONES]),
)
@settings(max_examples=100)
def test_any_now_is_told_around_its_week_or_at_a_weekend_around_the_coming_one(now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    monday = next(day for day in (today + n * DAY for n in (0, 1, 2)) if day.weekday() < 5)
    monday -= monday.weekday() * DAY
    files = example(now, zone)
    assert files == example(at(monday, time(12), zone), zone)
    assert f"DTSTART;VALUE=DATE:{monday + 11 * DAY:%Y%m%d}\r\n" in files["Private/day-off.ics"]


# -- what it measures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("week", [THIS, NEXT], ids=["this week", "next week"])
@pytest.mark.parametrize("monday", SOME, ids=str)
def test_both_weeks_are_overloaded(monday: date, week: int) -> None:
    figures = measure_week(snapshot(monday), week_of(monday + week * 7 * DAY, 0))
    assert figures.total("meeting") >= 20 * 60
    assert figures.share > 0.5
    assert figures.long_blocks < 2
    assert max(day.meeting for day in figures.days) >= 6 * 60
    assert max(day.longest_run for day in figures.days) >= 2 * 60
    assert sum(day.fragments for day in figures.days) >= 15


@pytest.mark.parametrize(
    ("week", "hours"),
    [(-4, 13), (-3, 11.5), (-2, 13), (LAST, 13.5), (THIS, 26.5), (NEXT, 21), (AFTER, 14.5)],
    ids=["4 weeks ago", "3 weeks ago", "2 weeks ago", "last week", "this week", "next week", "the week after"],
)
def test_hours_of_meetings(week: int, hours: float) -> None:
    assert measure_week(snapshot(MONDAY), week_of(MONDAY + week * 7 * DAY, 0)).total("meeting") == hours * 60


@pytest.mark.parametrize("week", [THIS, NEXT], ids=["this week", "next week"])
@pytest.mark.parametrize("monday", SOME, ids=str)
def test_a_focus_block_fits_into_both_weeks_and_the_goal_into_neither(monday: date, week: int) -> None:
    seen = snapshot(monday)
    days = week_of(monday + week * 7 * DAY, 0).days
    gaps = [r.minutes for day in days for r in minus(seen.present(day), seen.busy) if r.minutes >= 60]
    present = sum(r.minutes for day in days for r in seen.present(day))
    by_hand = sum(e.span.minutes for e in seen.events if e.counts_as is CountsAs.FOCUS) if week == NEXT else 0
    assert max(gaps) >= 90
    assert sum(gaps) + by_hand < 8 * 60 * present / (5 * 510) - 45


@pytest.mark.parametrize(("week", "day"), [(THIS, 2), (NEXT, 1)], ids=["this Wednesday", "next Tuesday"])
@pytest.mark.parametrize("monday", SOME, ids=str)
def test_one_evening_of_both_weeks_has_no_minute_left(monday: date, week: int, day: int) -> None:
    seen = snapshot(monday)
    evening = monday + (week * 7 + day) * DAY
    assert minus([TimeRange(at(evening, time(15, 30), ZONE), at(evening, time(18), ZONE))], seen.busy) == ()


# -- what is in it ------------------------------------------------------------------------------------------


def found(title: str, week: int) -> list[Occurrence]:
    return [o for o in told(MONDAY) if o.title.startswith(title) and o.week == week]


@pytest.mark.parametrize(
    ("title", "week", "expected"),
    [
        ("Standup", THIS, [(day, "09:15-09:30") for day in range(5)]),
        ("Staff meeting", LAST, [(-7, "09:30-10:30")]),
        ("1:1 Ben", THIS, [(0, "10:30-11:00")]),
        ("1:1 Ben", NEXT, []),  # taken out of the series
        ("1:1 Ben", AFTER, [(14, "10:30-11:00")]),
        ("1:1 Farah", THIS, [(4, "09:30-10:00")]),  # moved from Thursday 16:00
        ("1:1 Farah", NEXT, [(10, "16:00-16:30")]),
        ("1:1 Dana / Ada: promotion case", THIS, [(2, "11:00-11:30")]),  # renamed
        ("1:1 Dana / Ada: promotion case", NEXT, []),
        ("Architecture review", LAST, []),
        ("Architecture review", THIS, [(2, "13:30-15:00")]),
        ("Architecture review", NEXT, []),
        ("Architecture review", AFTER, [(16, "13:30-15:00")]),
        ("Monthly business review", THIS, [(3, "13:00-14:45")]),
        ("Monthly business review", NEXT, []),
        ("Incident review: checkout outage", THIS, [(2, "09:30-10:30")]),
        ("Lunch with", THIS, [(1, "12:30-13:30")]),
        ("Focus: platform strategy", NEXT, [(9, "09:30-11:00")]),
        ("Day off", NEXT, [(11, "1 d")]),
        ("Dentist", NEXT, [(10, "12:00-12:45")]),
        ("School", THIS, [(4, "16:30-18:00")]),
    ],
    ids=lambda value: str(value) if isinstance(value, (str, int)) else "",
)
def test_ingredients(title: str, week: int, expected: list[tuple[int, str]]) -> None:
    assert [(o.day, o.clock) for o in found(title, week)] == expected


@pytest.mark.parametrize(
    ("thursday", "rule"),
    [
        (date(2026, 10, 1), "1TH"),
        (date(2026, 5, 7), "1TH"),
        (date(2026, 10, 8), "2TH"),
        (date(2026, 5, 28), "4TH"),
        (date(2026, 10, 29), "-1TH"),  # most months have no fifth
        (date(2026, 12, 31), "-1TH"),
    ],
    ids=str,
)
def test_the_monthly_review_is_monthly(thursday: date, rule: str) -> None:
    text = example(at(thursday, time(9), ZONE), ZONE)["Work/business-review.ics"]
    assert f"\r\nRRULE:FREQ=MONTHLY;BYDAY={rule}\r\n" in text


def test_reports_have_a_weekly_one_on_one() -> None:
    pairs = {frozenset(o.people) for o in told(MONDAY) if o.week == -2 and len(o.people) == 2}
    assert {frozenset({ME, f"{name}@example.com"}) for name in ("ben", "chen", "dana", "emeka", "farah")} <= pairs


@pytest.mark.parametrize(
    ("title", "week", "counts_as"),
    [
        ("Design review: splitting the ledger", THIS, CountsAs.MEETING),
        ("Vendor demo: feature flags", THIS, CountsAs.CANCELLED),
        ("Sprint demo", NEXT, CountsAs.DECLINED),
        ("Lunch with Lena", THIS, CountsAs.MEETING),
        ("School: class concert", THIS, CountsAs.BUSY),
        ("Ben on leave", NEXT, CountsAs.FREE),
        ("Focus: platform strategy", NEXT, CountsAs.FOCUS),
        ("Day off", NEXT, CountsAs.AWAY),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_it_counts_as(title: str, week: int, counts_as: CountsAs) -> None:
    monday = MONDAY
    days = DateRange(monday + week * 7 * DAY, monday + (week + 1) * 7 * DAY).span(ZONE)
    assert [e.counts_as for e in snapshot(monday).events if e.summary.startswith(title) and e.span.overlaps(days)] == [
        counts_as
    ]


def test_one_invitation_is_not_answered() -> None:
    assert [e.summary for e in snapshot(MONDAY).events if e.unanswered] == ["Design review: splitting the ledger"]


def test_a_guest_comes_from_outside() -> None:
    assert "lena@partner.example" in found("Lunch with", THIS)[0].people


@pytest.mark.parametrize(
    ("week", "pairs"),
    [
        (THIS, [("Operations review", "Customer escalation: Northwind"),
                ("Budget: cloud spend", "Launch readiness: checkout v2")]),
        (NEXT, [("Vendor renewal: observability", "Roadmap review")]),
    ],
    ids=["this week", "next week"],
)  # fmt: skip
def test_double_bookings(week: int, pairs: list[tuple[str, str]]) -> None:
    seen = snapshot(MONDAY)
    days = week_of(MONDAY + week * 7 * DAY, 0).span(ZONE)
    held = [e for e in seen.meetings if e.span.overlaps(days)]
    both = [(a.summary, b.summary) for n, a in enumerate(held) for b in held[n + 1 :] if a.span.overlaps(b.span)]
    assert both == pairs


# -- how it is written --------------------------------------------------------------------------------------


def test_the_same_moment_gives_the_same_bytes() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert example(now, ZONE) == example(now, ZONE)


def test_lines_end_in_crlf_and_are_folded_at_75_octets() -> None:
    for text in example(datetime(2026, 11, 24, 9, tzinfo=UTC), ZONE).values():
        *lines, last = text.encode().split(b"\r\n")
        assert last == b""
        assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)


def test_files_lie_in_two_calendars_and_no_uid_comes_twice() -> None:
    files = example(datetime(2026, 11, 24, 9, tzinfo=UTC), ZONE)
    assert {path.partition("/")[0] for path in files} == {"Work", "Private"}
    uids = [{str(e["UID"]) for e in Calendar.from_ical(text).walk("VEVENT")} for text in files.values()]
    assert all(len(own) == 1 for own in uids)
    assert len(set().union(*uids)) == len(files)


@pytest.mark.parametrize("zone", [*ZONES, "Europe/Dublin", "Africa/Casablanca"])
def test_the_written_zone_is_the_zone(zone: str) -> None:
    real = ZoneInfo(zone)
    calendar = Calendar.from_ical(example(datetime(2026, 11, 24, 9, tzinfo=UTC), real)["Work/standup.ics"])
    written = calendar.timezones[0].to_tz(lookup_tzid=False)
    first = datetime(2026, 8, 31, tzinfo=UTC)
    local = [(first + n * timedelta(hours=1)).astimezone(real) for n in range(24 * 7 * 60)]
    assert [t.replace(tzinfo=written).utcoffset() for t in local] == [t.utcoffset() for t in local]


def test_text_is_escaped() -> None:
    text = example(datetime(2026, 11, 24, 9, tzinfo=UTC), ZONE)["Work/architecture.ics"]
    assert r"ahead\; no slides.\n\nOwner" in text.replace("\r\n ", "")
    (event, *_) = Calendar.from_ical(text).walk("VEVENT")
    assert event["DESCRIPTION"] == (
        "Proposals go out two days ahead; no slides.\n\nOwner of the minutes: whoever proposed last."
    )


# -- its config ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["unbusy demo", 'a "quoted" one', "back\\slash", "new\nline", "del\x7f", "żółw 🐢"], ids=ascii
)
def test_the_config_is_valid_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    folder = f"/home/ada/{name}"
    text = example_config(folder, "Europe/Warsaw")
    assert tomllib.loads(text)["accounts"]["demo"]["path"] == folder
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    config = load(tmp_path / "config.toml")
    account = config.accounts["demo"]
    assert (account.emails, account.write, account.read) == ((ME,), "Work", ("Work", "Private"))
