"""Recurrence rules (RFC 5545, 3.3.10): by table, and against dateutil occurrence by occurrence."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.rfc5545.recurrence.rules import CANDIDATES, Budget, RunawayError, parse
from connectors.rfc5545.recurrence.starts import between, counted

FAR = datetime(9999, 12, 31, 23, 59, 59)


def starts(rule: str, start: datetime, low: datetime, high: datetime, candidates: int = CANDIDATES) -> list[datetime]:
    """The starts in [low, high], COUNT included, UNTIL not (that hangs on the zone)."""
    parsed, budget = parse(rule), Budget(candidates)
    top = min(high, counted(parsed, start, high, budget)) if parsed.times else high
    return list(between(parsed, start, low, top, budget))


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", "1997-09-02", "09-02 09-12 09-22"),
        ("FREQ=DAILY;BYMONTH=1;COUNT=3", "1997-12-30", "01-01 01-02 01-03"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "08-05 08-10 08-19 08-24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "08-05 08-17 08-19 08-31"),
        ("FREQ=MONTHLY;BYDAY=1SU,-1SU;INTERVAL=2;COUNT=4", "1997-09-07", "09-07 09-28 11-02 11-30"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3", "1997-09-28", "09-28 10-29 11-28"),
        ("FREQ=MONTHLY;COUNT=3", "2026-01-31", "01-31 03-31 05-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "01-15 01-30 02-15 03-15 03-30"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "1998-02-13", "02-13 03-13 11-13"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3", "1997-09-29", "09-29 10-30 11-27"),
        ("FREQ=MONTHLY;BYDAY=SA,2TU;COUNT=4", "2026-01-03", "01-03 01-10 01-13 01-17"),
        ("FREQ=YEARLY;COUNT=2", "2024-02-29", "02-29 02-29"),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=2", "1997-05-19", "05-19 05-18"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=2", "1997-05-12", "05-12 05-11"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU;COUNT=2", "2027-01-03", "01-03 01-02"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=MO;COUNT=2", "2027-01-10", "01-10 01-09"),
        ("FREQ=YEARLY;BYWEEKNO=1;COUNT=3", "2025-12-31", "12-31 01-06 01-05"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "1997-01-01", "01-01 04-10 07-19 01-01"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;INTERVAL=4;COUNT=2", "1996-11-05", "11-05 11-07"),
        ("FREQ=YEARLY;BYMONTH=6,7;COUNT=3", "1997-06-10", "06-10 07-10 06-10"),
        ("freq=weekly;byday=mo;count=2;", "2026-03-02", "03-02 03-09"),
        ("FREQ=DAILY\\;COUNT=2", "2026-03-02", "03-02 03-03"),
        ("RRULE:RRULE:FREQ=DAILY;COUNT=2", "2026-03-02", "03-02 03-03"),
        (" FREQ = DAILY ;\tINTERVAL=2.0; COUNT=2.", "2026-03-02", "03-02 03-04"),
        ('"FREQ=WEEKLY;BYDAY=Tue, Thursday;COUNT=2"', "2026-03-02", "03-03 03-05"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4", "2026-01-31", "01-31 02-28 03-31 04-30"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;COUNT=4", "2026-01-31", "01-31 03-01 03-31 05-01"),
        ("RSCALE=GREGORY;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=1,31;COUNT=4", "2026-02-01", "02-01 03-01 03-31 04-01"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=-31;COUNT=3", "2026-01-01", "01-01 01-31 03-01"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=15;COUNT=3", "2026-01-15", "01-15 02-15 03-15"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD;COUNT=3", "2024-02-29", "02-29 02-28 02-28"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;BYYEARDAY=366;COUNT=3", "2024-12-31", "12-31 01-01 01-01"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT;COUNT=3", "2026-01-31", "01-31 03-31 05-31"),
        ("RSCALE=GREGORIAN;FREQ=DAILY;SKIP=FORWARD;COUNT=2", "2026-02-28", "02-28 03-01"),
    ],
)
def test_days(rule: str, start: str, expected: str) -> None:
    begin = datetime.fromisoformat(f"{start} 09:00")
    got = starts(rule, begin, begin, begin + timedelta(days=9 * 366))
    assert " ".join(f"{m:%m-%d}" for m in got) == expected
    assert {m.hour for m in got} == {9}


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=HOURLY;INTERVAL=3;COUNT=3", "09:00", "02 09:00, 02 12:00, 02 15:00"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=3", "09:00", "02 09:00, 02 10:30, 02 12:00"),
        ("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30;COUNT=5", "09:00", "02 09:00, 02 09:30, 02 17:00, 02 17:30, 03 09:00"),
        ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,16;COUNT=4", "09:00", "02 09:00, 02 09:20, 02 09:40, 02 16:00"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYDAY=TU;COUNT=3", "09:00", "03 00:00, 03 00:30, 03 01:00"),
        ("FREQ=HOURLY;BYMINUTE=10,20,30;BYSETPOS=-1;COUNT=2", "09:00", "02 09:30, 02 10:30"),
        ("FREQ=SECONDLY;INTERVAL=43200;COUNT=3", "09:00", "02 09:00, 02 21:00, 03 09:00"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=8,10;BYSETPOS=2,-1;COUNT=3", "09:00", "02 10:00, 04 10:00, 09 10:00"),
    ],
)
def test_times(rule: str, start: str, expected: str) -> None:
    begin = datetime.fromisoformat(f"2026-03-02 {start}")
    got = starts(rule, begin, begin, begin + timedelta(days=10))
    assert ", ".join(f"{m:%d %H:%M}" for m in got) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=FORTNIGHTLY",
        "COUNT=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=many",
        "FREQ=MONTHLY;BYDAY=6XX",
        "FREQ=MONTHLY;BYDAY=MOONDAY",
        "FREQ=DAILY;INTERVAL=1.5",
        "FREQ=MONTHLY;BYDAY=",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;BYHOUR=a",
        "FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=5",
        "D3 #50",
    ],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1;BYSETPOS=1;BYHOUR=1",
    ],
)
def test_a_rule_that_runs_away_is_stopped(rule: str) -> None:
    begin = datetime(1, 1, 1)
    with pytest.raises(RunawayError):
        starts(rule, begin, datetime(5000, 1, 1), datetime(5001, 1, 1), 3000)


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        ("FREQ=DAILY", 31),
        ("FREQ=DAILY;COUNT=1000000", 31),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=1000000", 13),
        ("FREQ=WEEKLY;INTERVAL=2", 2),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=100000", 1),
        ("FREQ=MONTHLY;BYMONTHDAY=7,31", 2),
        ("FREQ=YEARLY;BYMONTH=3;COUNT=9000", 1),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 0),
        ("FREQ=MINUTELY;INTERVAL=1440;COUNT=100000000", 31),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 0),
    ],
)
def test_a_window_costs_the_same_however_old_the_series(rule: str, size: int) -> None:
    old, late = datetime(1026, 3, 2, 9), datetime(2026, 3, 1)
    assert len(starts(rule, old, late, late + timedelta(days=31), 100)) == size


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=999999999",
        "FREQ=MONTHLY",
        "FREQ=YEARLY;COUNT=5",
        "FREQ=HOURLY;INTERVAL=99999999999999999999",
        "FREQ=YEARLY;BYWEEKNO=52",
        "FREQ=WEEKLY;COUNT=99999",
        "FREQ=SECONDLY;COUNT=2",
        "FREQ=DAILY;INTERVAL=99999999999",
    ],
)
@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year(rule: str, year: int) -> None:
    begin = datetime(year, 12, 30, 23, 59, 59)
    got = starts(rule, begin, begin, min(begin + timedelta(days=1), FAR) if year == 1 else FAR)
    assert begin in got or "WEEKNO" in rule


@given(
    start=st.datetimes(datetime(2023, 1, 1), datetime(2028, 12, 31)).map(lambda d: d.replace(microsecond=0)),
    skip=st.sampled_from(["OMIT", "BACKWARD", "FORWARD"]),
    numbers=st.sets(st.sampled_from([-31, -30, -29, -1, 1, 15, 28, 29, 30, 31]), max_size=3),
    months=st.sets(st.integers(1, 12), max_size=2),
    step=st.integers(1, 5),
    after=st.integers(0, 900),
)
def test_days_that_do_not_exist_move_as_rfc_7529_says(
    start: datetime, skip: str, numbers: set[int], months: set[int], step: int, after: int
) -> None:
    """Held against each month by itself: a day that it has, or the one beside the gap."""
    expected = set()
    for n in range(0, 1200, step):
        first = (start.replace(day=1) + timedelta(days=0)).replace(year=start.year + (start.month - 1 + n) // 12,
                                                                   month=(start.month - 1 + n) % 12 + 1)  # fmt: skip
        size = ((first + timedelta(days=32)).replace(day=1) - first).days
        for number in numbers or {start.day}:
            place = number - 1 if number > 0 else size + number
            if not 0 <= place < size:
                place = {"OMIT": None, "BACKWARD": -1 if place < 0 else size - 1, "FORWARD": 0 if place < 0 else size}[
                    skip
                ]
            if place is not None and (not months or first.month in months):
                expected.add(first + timedelta(days=place))
    low = start + timedelta(days=after)
    high = low + timedelta(days=100)
    rule = f"RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL={step};SKIP={skip}"
    rule += f";BYMONTHDAY={','.join(map(str, numbers))}" if numbers else ""
    rule += f";BYMONTH={','.join(map(str, months))}" if months else ""
    assert starts(rule, start, low, high) == sorted(m for m in expected if low <= m <= high)


NUMBERED = st.tuples(
    st.sampled_from([1, 2, 3, 4, -1, -2]), st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
).map(lambda d: f"{d[0]}{d[1]}")
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True).map(
    ",".join
)
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(lambda m: ",".join(map(str, m)))
MONTHDAYS = st.lists(st.sampled_from([1, 2, 13, 28, -1, -2, -28]), min_size=1, max_size=3, unique=True).map(
    lambda m: ",".join(map(str, m))
)
YEARDAYS = st.lists(st.sampled_from([1, 60, 100, 366, -1, -366]), min_size=1, max_size=3, unique=True).map(
    lambda m: ",".join(map(str, m))
)
WEEKNOS = st.lists(st.sampled_from([1, 2, 20, 52, 53, -1]), min_size=1, max_size=3, unique=True).map(
    lambda m: ",".join(map(str, m))
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that have a start every few years at least: dateutil searches the others until the year 9999.

    Numbered and plain weekdays are not mixed: dateutil takes the intersection of the two, the RFC their union.
    """
    parts = []
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "MINUTELY"]))
    month = draw(st.none() | MONTHS) if freq not in ("HOURLY", "MINUTELY") else None
    numbered = st.lists(NUMBERED, min_size=1, max_size=3, unique=True).map(",".join)
    match freq:
        case "DAILY" | "WEEKLY" | "HOURLY" | "MINUTELY":
            days = [("BYDAY", draw(st.none() | DAYS))]
        case "MONTHLY":
            days = draw(
                st.sampled_from(
                    [[], [("BYMONTHDAY", draw(MONTHDAYS))], [("BYDAY", draw(DAYS))], [("BYDAY", draw(numbered))]]
                )
            )
        case _:
            choices = [[], [("BYDAY", draw(numbered))]]
            choices += [[("BYMONTHDAY", draw(MONTHDAYS))], [("BYDAY", draw(DAYS))]]
            if not month:
                choices += [[("BYYEARDAY", draw(YEARDAYS))], [("BYWEEKNO", draw(WEEKNOS)), ("BYDAY", draw(DAYS))]]
            days = draw(st.sampled_from(choices))
    steps = [1, 7, 11] if freq in ("HOURLY", "MINUTELY") else [1, 5] if month else [1, 2, 3, 5]
    parts += [("FREQ", freq), ("INTERVAL", draw(st.sampled_from(steps)))]
    parts += [("WKST", draw(st.none() | st.sampled_from(["MO", "SU", "WE"]))), ("BYMONTH", month), *days]
    if draw(st.booleans()):
        parts += [("BYHOUR", draw(st.sampled_from(["9", "8,17", "0,12,23"])))]
    if freq != "MINUTELY" and draw(st.booleans()):
        parts += [("BYMINUTE", draw(st.sampled_from(["0", "15,45"])))]
    if days and days[-1][1] and freq not in ("HOURLY", "MINUTELY") and draw(st.booleans()):
        parts += [("BYSETPOS", draw(st.sampled_from(["1", "-1", "1,-1"])))]
    if draw(st.booleans()):
        parts += [("COUNT", draw(st.integers(1, 60)))]
    return ";".join(f"{name}={value}" for name, value in parts if value is not None)


@settings(max_examples=120)
@given(
    rule=rules(),
    start=st.datetimes(datetime(1999, 1, 1), datetime(2025, 1, 1)).map(
        lambda d: d.replace(day=min(d.day, 28), microsecond=0)
    ),
    after=st.integers(-3, 400),
    length=st.sampled_from([1, 28, 100]),
)
def test_every_start_is_that_of_dateutil(rule: str, start: datetime, after: int, length: int) -> None:
    short = "MINUTELY" in rule or "HOURLY" in rule
    low = start + timedelta(days=after // 100 if short else after)
    high = low + timedelta(days=1 if short else length)
    theirs = [m for m in takewhile(lambda m: m <= high, rrulestr(rule, dtstart=start)) if m >= low]
    assert starts(rule, start, low, high, 10**6) == theirs
