"""Series: UNTIL, EXDATE, RDATE, overrides, THISANDFUTURE, rules that cannot be followed (RFC 5545, 3.8.4, 3.8.5)."""

from __future__ import annotations

import pytest

from connectors.rfc5545.reader import ALL_CANDIDATES
from connectors.rfc5545.recurrence.rules import CANDIDATES, Budget
from daemon.model.event import Event
from reading import calendar, events, ics, reading, told

MARCH = "2026-03-01..2026-04-01"
BERLIN_9 = ("DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;TZID=Europe/Berlin:20260302T100000")
DAYS = ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303")


def starts(*lines: str, window: str = MARCH) -> str:
    """The days (and hours, unless all are the same) of the occurrences."""
    seen = events(ics(*lines), window)
    clocks = {f"{e.span.start:%H:%M}" for e in seen}
    return " ".join(f"{e.span.start:%d}" if len(clocks) < 2 else f"{e.span.start:%dT%H}" for e in seen)


def series(*overrides: tuple[str, ...], master: tuple[str, ...] = (*BERLIN_9, "RRULE:FREQ=DAILY;COUNT=4")) -> bytes:
    """A master, four days at 9 in Berlin, and what overrides it."""
    lines = ["BEGIN:VEVENT", "UID:u", "SUMMARY:Master", *master, "END:VEVENT"]
    for override in overrides:
        lines += ["BEGIN:VEVENT", "UID:u", "SUMMARY:Override", *override, "END:VEVENT"]
    return calendar(*lines)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("20260305T080000Z", "02 03 04 05"),
        ("20260305T075959Z", "02 03 04"),
        ("20260305T090000", "02 03 04 05"),
        ("20260305T085959", "02 03 04"),
        ("20260305", "02 03 04 05"),
        ("2026-03-05", "02 03 04 05"),
        ("2026-03-05T09:00:00+01:00", "02 03 04 05"),
        ("20260301T000000Z", ""),
    ],
)
def test_until_of_a_timed_series(until: str, expected: str) -> None:
    assert starts(*BERLIN_9, f"RRULE:FREQ=DAILY;UNTIL={until}") == expected


@pytest.mark.parametrize(
    ("until", "expected"), [("20260304", 3), ("20260304T000000Z", 3), ("20260303T235959", 2), ("20260301", 0)]
)
def test_until_of_a_series_of_days(until: str, expected: int) -> None:
    assert len(told(ics(*DAYS, f"RRULE:FREQ=DAILY;UNTIL={until}"), MARCH)) == expected


def test_until_of_a_time_that_occurs_twice_is_compared_as_an_instant() -> None:
    lines = ("DTSTART;TZID=Europe/Berlin:20261024T023000", "DURATION:PT15M")
    assert told(ics(*lines, "RRULE:FREQ=DAILY;UNTIL=20261025T003000Z"), "2026-10-01..2026-11-01")[1:] == [
        "10-25 00:30 15"
    ]
    assert told(ics(*lines, "RRULE:FREQ=DAILY;UNTIL=20261025T002959Z"), "2026-10-01..2026-11-01")[1:] == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"])
@pytest.mark.parametrize(
    "end", [f"{day}T{clock}" for day in range(20260222, 20260229) for clock in ("000000", "235959Z")]
)
def test_a_series_that_is_over_is_told_as_one_whose_length_is_a_duration(zone: str, end: str) -> None:
    """By the digits of the lines alone, or by all that they say."""
    rule = f"RRULE:FREQ=DAILY;UNTIL={end}"
    start = f"DTSTART;TZID={zone}:20250101T000500"
    by_end = told(ics(start, f"DTEND;TZID={zone}:20250101T235500", rule), MARCH)
    assert by_end == told(ics(start, "DURATION:PT23H50M", rule), MARCH)


@pytest.mark.parametrize(
    ("exdate", "expected"),
    [
        ("EXDATE;TZID=Europe/Berlin:20260303T090000", "02 04 05"),
        ("EXDATE:20260303T080000Z", "02 04 05"),
        ("EXDATE;TZID=America/New_York:20260303T030000", "02 04 05"),
        ("EXDATE;VALUE=DATE:20260303", "02 04 05"),
        ("EXDATE:20260303T090000", "02 04 05"),
        ("EXDATE:20260303T090000Z", "02 03 04 05"),
        ("EXDATE;TZID=Europe/Berlin:20260302T090000", "03 04 05"),
        ("EXDATE;TZID=Europe/Berlin:20260303T090000,20260304T090000,nonsense", "02 05"),
        ("EXDATE;TZID=Europe/Berlin:20260303T090000;20260304T0900", "02 05"),
        ("EXDATE:2026-03-03", "02 04 05"),
        ("EXDATE:2026-03-03 09:00", "02 04 05"),
        ("EXRULE:FREQ=DAILY", ""),
        ("EXRULE:FREQ=DAILY;INTERVAL=2", "03 05"),
        ("EXRULE:FREQ=WEEKLY;BYDAY=TU,WE", "02 05"),
        ("EXRULE:FREQ=DAILY;UNTIL=20260303T080000Z", "04 05"),
        ("EXRULE:FREQ=DAILY;COUNT=1", "03 04 05"),
        ("EXRULE:FREQ=SOMETIMES", "02 03 04 05"),
    ],
)
def test_exdate_of_a_timed_series(exdate: str, expected: str) -> None:
    assert starts(*BERLIN_9, "RRULE:FREQ=DAILY;COUNT=4", exdate) == expected


@pytest.mark.parametrize("exdate", ["EXDATE;VALUE=DATE:20260303", "EXDATE:20260303T000000Z", "EXDATE:20260303T235900"])
def test_exdate_of_a_series_of_days(exdate: str) -> None:
    assert told(ics(*DAYS, "RRULE:FREQ=DAILY;COUNT=3", exdate), MARCH) == ["03-02..03-03", "03-04..03-05"]


@pytest.mark.parametrize(
    ("rdate", "expected"),
    [
        ("RDATE:20260310T080000Z,20260311T070000Z", ["03-02 08:00 60", "03-10 08:00 60", "03-11 07:00 60"]),
        ("RDATE;TZID=Asia/Tokyo:20260310T090000", ["03-02 08:00 60", "03-10 00:00 60"]),
        ("RDATE;VALUE=DATE:20260310", ["03-02 08:00 60", "03-10 08:00 60"]),
        ("RDATE:20260302T080000Z", ["03-02 08:00 60"]),
        ("RDATE;VALUE=PERIOD:20260310T080000Z/20260310T110000Z", ["03-02 08:00 60", "03-10 08:00 180"]),
        ("RDATE;VALUE=PERIOD:20260310T080000Z/PT20M", ["03-02 08:00 60", "03-10 08:00 20"]),
        ("RDATE;VALUE=PERIOD:20260302T080000Z/PT20M", ["03-02 08:00 20"]),
        ("RDATE;VALUE=PERIOD:20260220T080000Z/P20D", ["02-20 08:00 28800", "03-02 08:00 60"]),
    ],
)
def test_rdate(rdate: str, expected: list[str]) -> None:
    assert told(ics(*BERLIN_9, rdate), MARCH) == expected


def test_rdate_of_a_series_of_days() -> None:
    assert told(ics(*DAYS, "RDATE;VALUE=DATE:20260310"), MARCH) == ["03-02..03-03", "03-10..03-11"]


def test_a_start_that_its_rule_does_not_give_is_busy_and_not_counted() -> None:
    assert starts(*BERLIN_9, "RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=2") == "02 04 11"


def test_two_rules_are_the_union_of_both() -> None:
    assert starts(*BERLIN_9, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2") == "02 03 09"


# --- overrides ---------------------------------------------------------------------------------------------

MOVED = ("DTSTART;TZID=Europe/Berlin:20260320T150000", "DTEND;TZID=Europe/Berlin:20260320T170000")


@pytest.mark.parametrize(
    "identity",
    [
        "RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000",
        "RECURRENCE-ID:20260303T080000Z",
        "RECURRENCE-ID;TZID=Asia/Kolkata:20260303T133000",
        "RECURRENCE-ID;VALUE=DATE:20260303",
        "RECURRENCE-ID:20260303T090000",
    ],
)
def test_an_override_replaces_its_instance_however_it_is_named(identity: str) -> None:
    seen = events(series((identity, *MOVED)), MARCH)
    assert [f"{e.span.start:%dT%H} {e.summary}" for e in seen] == [
        "02T08 Master",
        "04T08 Master",
        "05T08 Master",
        "20T14 Override",
    ]
    assert [e.ref.recurrence_id for e in seen] == [
        "20260302T080000Z",
        "20260304T080000Z",
        "20260305T080000Z",
        "20260303T080000Z",
    ]
    assert all(e.series for e in seen)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("2026-03-03..2026-03-04", []),
        ("2026-03-20..2026-03-21", ["Override"]),
        ("2026-03-02..2026-03-03", ["Master"]),
    ],
    ids=["moved out of the window", "moved into the window", "another day"],
)
def test_the_window_is_that_of_the_new_time(window: str, expected: list[str]) -> None:
    payload = series(("RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000", *MOVED))
    assert [e.summary for e in events(payload, window)] == expected


def test_an_override_of_a_long_instance_that_began_before_the_window() -> None:
    master = ("DTSTART:20260203T080000Z", "DTEND:20260217T080000Z", "RRULE:FREQ=MONTHLY")
    moved = ("RECURRENCE-ID:20260303T080000Z", "DTSTART:20260225T080000Z", "DTEND:20260225T090000Z")
    payload = series(moved, master=master)
    assert [e.summary for e in events(payload, "2026-03-10..2026-03-12")] == []
    assert [e.summary for e in events(series(master=master), "2026-03-10..2026-03-12")] == ["Master"]


def test_an_override_never_recurs() -> None:
    payload = series(("RECURRENCE-ID:20260303T080000Z", *MOVED, "RRULE:FREQ=DAILY"))
    assert [e.summary for e in events(payload, MARCH)].count("Override") == 1


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_overrides_the_newer_counts(order: int) -> None:
    old = ("RECURRENCE-ID:20260303T080000Z", "SEQUENCE:1", "DTSTAMP:20260201T000000Z", "DTSTART:20260310T080000Z")
    new = ("RECURRENCE-ID:20260303T080000Z", "SEQUENCE:1", "DTSTAMP:20260202T000000Z", "DTSTART:20260311T080000Z")
    newest = ("RECURRENCE-ID:20260303T080000Z", "SEQUENCE:2", "DTSTAMP:20260101T000000Z", "DTSTART:20260312T080000Z")
    assert [e.summary for e in events(series(*[old, new][::order]), "2026-03-11..2026-03-12")] == ["Override"]
    assert [e.summary for e in events(series(*[newest, old][::order]), "2026-03-12..2026-03-13")] == ["Override"]


def test_of_two_masters_the_newer_counts_wherever_it_stands() -> None:
    old = ("UID:u", "SUMMARY:Old", *BERLIN_9, "SEQUENCE:1")
    new = ("UID:u", "SUMMARY:New", *MOVED, "SEQUENCE:2")
    for first, second in ((old, new), (new, old)):
        payload = calendar("BEGIN:VEVENT", *first, "END:VEVENT", "BEGIN:VEVENT", *second, "END:VEVENT")
        assert [e.summary for e in events(payload, "2026-03-02..2026-03-03")] == []
        assert [e.summary for e in events(payload, "2026-03-20..2026-03-21")] == ["New"]


@pytest.mark.parametrize("order", [1, -1])
def test_masters_that_nothing_orders_all_count_and_are_a_problem(order: int) -> None:
    parts = [("UID:u", "DTSTAMP:20260101T000000Z", f"SUMMARY:{n}", f"DTSTART:202603{n}T090000Z", "DURATION:PT1H")
             for n in (10, 12, 17)]  # fmt: skip
    lines = [line for part in parts[::order] for line in ("BEGIN:VEVENT", *part, "END:VEVENT")]
    seen = reading(calendar(*lines), MARCH)
    assert sorted(e.summary for e in seen.events) == ["10", "12", "17"]
    assert len({e.ref for e in seen.events}) == 3
    [problem] = seen.problems
    assert "UID" in problem.what
    assert problem.remedy
    assert reading(calendar(*lines), "2026-05-01..2026-06-01").problems == ()


def test_copies_of_one_master_are_one() -> None:
    part = ("BEGIN:VEVENT", "UID:u", "DTSTART:20260310T090000Z", "DURATION:PT1H", "LAST-MODIFIED:2026030{}T000000Z")
    lines = [line.format(n) for n in (1, 2) for line in (*part, "END:VEVENT")]
    seen = reading(calendar(*lines), MARCH)
    assert (len(seen.events), seen.problems) == (1, ())
    assert seen.events[0].ref.recurrence_id == ""


def test_two_masters_and_what_overrides_one_of_them() -> None:
    daily = ("UID:u", "DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
    single = ("UID:u", "DTSTART:20260310T090000Z", "DURATION:PT1H")
    moved = ("UID:u", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260320T090000Z", "DURATION:PT1H")
    for parts in ((daily, single, moved), (moved, single, daily)):
        lines = [line for part in parts for line in ("BEGIN:VEVENT", *part, "END:VEVENT")]
        assert told(calendar(*lines), MARCH) == ["03-02 09:00 60", "03-04 09:00 60", "03-10 09:00 60", "03-20 09:00 60"]


def test_exdate_takes_an_override_away_too() -> None:
    master = (*BERLIN_9, "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260303T080000Z")
    payload = series(("RECURRENCE-ID:20260303T080000Z", *MOVED), master=master)
    assert [e.summary for e in events(payload, MARCH)] == ["Master"] * 3


def test_a_newer_master_without_its_instance_takes_an_override_away() -> None:
    override = ("RECURRENCE-ID:20260313T080000Z", *MOVED)
    for sequence, expected in (("SEQUENCE:1", 4), ("SEQUENCE:0", 5)):
        master = (*BERLIN_9, "RRULE:FREQ=DAILY;COUNT=4", sequence)
        assert len(events(series(override, master=master), MARCH)) == expected


@pytest.mark.parametrize("sequence", [0, 2])
def test_an_override_that_a_newer_master_no_longer_lists_stands_while_the_series_goes_on(sequence: int) -> None:
    master = ("DTSTART;TZID=Europe/Berlin:20260302T110000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", "SEQUENCE:1")
    override = ("RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000", *MOVED, f"SEQUENCE:{sequence}")
    seen = events(series(override, master=master), MARCH)
    assert [e.summary for e in seen] == ["Master"] * 4 + ["Override"]


def test_overrides_without_a_master_are_single_events() -> None:
    payload = ics("RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000", *MOVED)
    [event] = events(payload, MARCH)
    assert (event.ref.recurrence_id, event.series, f"{event.span.start:%d}") == ("20260303T080000Z", True, "20")


def test_a_cancelled_instance_is_listed_as_such() -> None:
    payload = series(("RECURRENCE-ID:20260303T080000Z", "STATUS:CANCELLED"))
    assert [(f"{e.span.start:%d}", e.cancelled) for e in events(payload, MARCH)] == [
        ("02", False),
        ("03", True),
        ("04", False),
        ("05", False),
    ]


def test_days_are_overridden_by_day() -> None:
    master = (*DAYS, "RRULE:FREQ=DAILY;COUNT=3")
    moved = ("RECURRENCE-ID;VALUE=DATE:20260303", "DTSTART;VALUE=DATE:20260310")
    seen = events(series(moved, master=master), MARCH)
    assert [e.ref.recurrence_id for e in seen] == ["20260302", "20260304", "20260303"]


# --- THISANDFUTURE -----------------------------------------------------------------------------------------


def clocks(seen: list[Event]) -> list[str]:
    return [f"{e.span.start:%dT%H:%M} {e.summary} {e.span.minutes}" for e in seen]


@pytest.mark.parametrize("identity", ["TZID=Europe/Berlin:20260303T090000", "X-A=b:20260303T080000Z"])
@pytest.mark.parametrize("start", ["TZID=Europe/Berlin:20260303T113000", "X-A=b:20260303T103000Z"])
def test_this_and_future_moves_all_that_follow(identity: str, start: str) -> None:
    payload = series((f"RECURRENCE-ID;RANGE=THISANDFUTURE;{identity}", f"DTSTART;{start}", "DURATION:PT90M"))
    assert clocks(events(payload, MARCH)) == [
        "02T08:00 Master 60",
        "03T10:30 Override 90",
        "04T10:30 Override 90",
        "05T10:30 Override 90",
    ]


def test_this_and_future_holds_across_a_change_of_the_clock() -> None:
    master = ("DTSTART;TZID=Europe/Berlin:20260301T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=6")
    later = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260308T080000Z", "DTSTART:20260309T090000Z", "DURATION:PT1H")
    seen = events(series(later, master=master), "2026-03-01..2026-05-01")
    assert clocks(seen)[1:] == [
        f"{d} Override 60" for d in ("09T09:00", "16T09:00", "23T09:00", "30T08:00", "06T08:00")
    ]


def test_the_last_this_and_future_counts_and_single_overrides_stand() -> None:
    first = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T080000Z", "DTSTART:20260303T100000Z", "DURATION:PT1H")
    second = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T080000Z", "DTSTART:20260304T120000Z", "DURATION:PT1H")
    single = ("RECURRENCE-ID:20260305T080000Z", "DTSTART:20260305T180000Z", "DURATION:PT1H")
    seen = events(series(single, second, first), MARCH)
    assert [f"{e.span.start:%dT%H}" for e in seen] == ["02T08", "03T10", "04T12", "05T18"]


def test_a_far_move_of_this_and_future_is_seen_where_it_lands() -> None:
    moved = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T080000Z", "DTSTART:20260603T080000Z", "DURATION:PT1H")
    payload = series(moved)
    assert [f"{e.span.start:%m-%d}" for e in events(payload, "2026-06-01..2026-07-01")] == ["06-03", "06-04", "06-05"]
    assert [f"{e.span.start:%m-%d}" for e in events(payload, MARCH)] == ["03-02"]


def test_this_and_future_with_a_rule_of_its_own_is_busy_at_both_and_uncertain() -> None:
    moved = (
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T080000Z",
        "DTSTART:20260304T100000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY",
    )
    seen = events(series(moved), MARCH)
    assert [f"{e.ref.recurrence_id[6:11]} {e.uncertain}" for e in seen] == [
        "02T08 False",
        "03T08 False",
        "04T08 False",
        "05T08 True",
        "05T08 True",
    ]


# --- what cannot be followed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=1000000000",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=NEVER",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;BYHOUR=99",
    ],
)
def test_a_rule_that_cannot_be_followed_is_a_problem_and_its_start_is_busy(rule: str) -> None:
    seen = reading(series(("RECURRENCE-ID:20260320T080000Z", *MOVED), master=(*BERLIN_9, f"RRULE:{rule}")), MARCH)
    assert {f"{e.span.start:%dT%H}" for e in seen.events} == {"02T08", "20T14"}
    assert len(seen.problems) == 1
    assert seen.problems[0].where == "work/Work/a.ics"


def test_many_hostile_series_share_one_budget() -> None:
    lines: list[str] = []
    for n in range(300):
        lines += ["BEGIN:VEVENT", f"UID:{n}", *BERLIN_9, "RRULE:FREQ=MINUTELY;INTERVAL=5", "END:VEVENT"]
    seen = reading(calendar(*lines), MARCH)
    assert len({e.ref.uid for e in seen.events}) == 300
    assert len(seen.events) < 30_000
    assert seen.problems


def test_many_runaway_series_cost_no_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = []
    spend = Budget.spend
    monkeypatch.setattr(Budget, "spend", lambda self, n: (spent.append(n), spend(self, n))[1])
    lines: list[str] = []
    for n in range(1000):
        lines += ["BEGIN:VEVENT", f"UID:{n}", *BERLIN_9, "RRULE:FREQ=SECONDLY", "END:VEVENT"]
    seen = reading(calendar(*lines), MARCH)
    assert len(seen.events) == 1000
    assert CANDIDATES < sum(spent) < 1.1 * ALL_CANDIDATES  # and not a thousand times CANDIDATES


def test_one_bad_event_costs_no_other() -> None:
    good = ("BEGIN:VEVENT", "UID:good", *BERLIN_9, "END:VEVENT")
    bad = ("BEGIN:VEVENT", "UID:bad", "DTSTART:yesterday", "END:VEVENT")
    seen = reading(calendar(*bad, *good, *bad), MARCH)
    assert [e.ref.uid for e in seen.events] == ["good"]
    assert [p.what for p in seen.problems] == ["DTSTART: no date or time: 'yesterday'"]
