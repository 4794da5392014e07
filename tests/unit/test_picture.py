"""The week as a picture: exact where it is small, properties where titles and times are anybody's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from wcwidth import wcswidth as cell_len

from daemon.model.event import CountsAs, Event, EventRef, PartStat, ResourceRef, ShowAs
from daemon.model.figures.metrics import DayFigures, Metrics, WeekFigures
from daemon.model.proposal import Role, Roles
from daemon.model.times import DAY, TimeRange, Week, WorkingHours
from daemon.views.picture import bars, before_after, week
from making import MONDAY, ROLES, event, meeting, moment, profile, snapshot
from making import own as made

W49 = Week(MONDAY)

own = partial(made, show_as=ShowAs.BUSY)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def test_a_whole_week() -> None:
    seen = snapshot(
        meeting("Mon 09:00-10:30", "Staff meeting"),
        meeting("Mon 10:00-11:00", "Escalation"),
        meeting("Tue 09:15-09:30", "Standup"),
        meeting("Wed 16:30-18:30", "Audit", reply=PartStat.NEEDS_ACTION),
        event("Thu 12:00-12:45", "Dentist", counts_as=CountsAs.BUSY),
        event("Thu 09:00-11:00", "Deep work", counts_as=CountsAs.FOCUS),
        event("Fri", "Day off", counts_as=CountsAs.AWAY),
        away=[event("Fri").span],
        now="Tue 07:00",
        ours=[
            own("Tue 09:30-11:00"),
            own("Tue 17:00-17:10", "reflection", "day/2026-12-01", title="Journal"),
            own("Mon..Thu", "overload", "week/2026-W49", title="Busy week: 26 h in meetings"),
            own("Mon", "overload", "day/2026-11-30", title="Busy day"),
        ],
    )
    assert week(seen, W49, width=60).split("\n") == [
        "2026-W49, 30 Nov – 4 Dec 2026",
        "      Mon 30     Tue 1      Wed 2      Thu 3      Fri 4",
        "     ⚑Busy week: 26 h in meetings                ╱Day off",
        "     ⚑Busy day",
        "08:00                                             ╱╱╱╱╱╱╱╱╱╱",
        "                                                  ╱╱╱╱╱╱╱╱╱╱",
        "09:00│▒Staff me…│▒Standup ▒│          │─Deep work│╱╱╱╱╱╱╱╱╱╱",
        "     │▒▒▒▒▒▒▒▒▒▒│═Focus ═══│          │──────────│╱╱╱╱╱╱╱╱╱╱",
        "10:00│▒▒▒▒▒╳Esc…│══════════│          │──────────│╱╱╱╱╱╱╱╱╱╱",
        "     │▒▒▒▒▒▒▒▒▒▒│══════════│          │──────────│╱╱╱╱╱╱╱╱╱╱",
        "11:00│          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "12:00│          │          │          │░Dentist ░│╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │          │░░░░░░░░░░│╱╱╱╱╱╱╱╱╱╱",
        "13:00│          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "14:00│          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "15:00│          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "16:00│          │          │          │          │╱╱╱╱╱╱╱╱╱╱",
        "     │          │          │▒?Audit ▒▒│          │╱╱╱╱╱╱╱╱╱╱",
        "17:00│          │·Journal ·│▒▒▒▒▒▒▒▒▒▒│          │╱╱╱╱╱╱╱╱╱╱",
        "                            ▒▒▒▒▒▒▒▒▒▒            ╱╱╱╱╱╱╱╱╱╱",
        "18:00                       ▒▒▒▒▒▒▒▒▒▒            ╱╱╱╱╱╱╱╱╱╱",
        "                                                  ╱╱╱╱╱╱╱╱╱╱",
        "",
        "Exact times",
        "Tue 1   09:15–09:30 Standup, 17:00–17:10 Journal",
        "Thu 3   12:00–12:45 Dentist",
        "",
        "▒ meeting   ░ other busy time   ─ focus of your own   ╱ away",
        "╳ double booked   ? not answered",
        "unbusy: ═ focus   · prompt   ⚑ flag",
    ]


# -- one day ------------------------------------------------------------------------------------------------


def cut(picture: str, day: str, hours: str) -> list[str]:
    """The cells of one day, from one clock time up to another, of a picture whose columns are 10 wide."""
    first, _, last = hours.partition("-")
    lines = picture.split("\n")
    starts = {line[:5]: n for n, line in enumerate(lines)}
    left = 6 + DAYS.index(day) * 11
    return [part(line, left, left + 10) for line in lines[starts[first] : starts[last]]]


def part(line: str, start: int, end: int) -> str:
    """The characters that stand in the cells [start, end) of a line."""
    ends = [cell_len(line[: n + 1]) for n in range(len(line))]
    text = "".join(c for c, at in zip(line, ends, strict=True) if start < at <= end)
    return text + " " * (end - start - cell_len(text))


def drawn(*events: Event, width: int = 60, **more: object) -> str:
    return week(snapshot(*events, **more), W49, width=width)  # type: ignore[arg-type]  # knobs of the builder


@pytest.mark.parametrize(
    ("events", "hours", "expected"),
    [
        pytest.param(
            [meeting("Mon 09:00-10:00", "Budget")], "09:00-11:00",
            ["▒Budget ▒▒", "▒▒▒▒▒▒▒▒▒▒", "          ", "          "], id="an hour",
        ),
        pytest.param(
            [meeting("Mon 09:15-09:30", "Standup")], "09:00-10:00",
            ["▒Standup ▒", "          "], id="a quarter of an hour",
        ),
        pytest.param(
            [meeting("Mon 09:50-10:10", "Call")], "09:00-11:00",
            ["          ", "▒Call ▒▒▒▒", "▒▒▒▒▒▒▒▒▒▒", "          "], id="across the hour",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:15", "One"), meeting("Mon 09:15-09:30", "Two")], "09:00-10:00",
            ["▒One▒▒Two▒", "          "], id="two quarters of one half hour",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:15", "One"), event("Mon 09:15-09:30", "Two", counts_as=CountsAs.BUSY)],
            "09:00-10:00", ["▒One▒░Two░", "          "], id="of two kinds",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:45", "One"), meeting("Mon 09:45-10:30", "Two")], "09:00-11:00",
            ["▒One ▒▒▒▒▒", "▒Two ▒▒▒▒▒", "▒▒▒▒▒▒▒▒▒▒", "          "], id="one after the other at a quarter",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:50", "One"), meeting("Mon 09:50-10:30", "Two")], "09:00-11:00",
            ["▒One ▒▒▒▒▒", "▒▒▒▒▒▒▒▒▒▒", "▒Two ▒▒▒▒▒", "          "], id="the first has more of the half hour",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:50", "One"), meeting("Mon 09:50-10:00", "Two")], "09:00-10:00",
            ["▒One ▒▒▒▒▒", "▒Two ▒▒▒▒▒"], id="the second has no other half hour",
        ),
        pytest.param(
            [meeting("Mon 09:00-09:05", "One"), meeting("Mon 09:10-10:00", "Two")], "09:00-10:00",
            ["▒One ▒▒▒▒▒", "▒Two ▒▒▒▒▒"], id="the first has no other half hour",
        ),
        pytest.param(
            [meeting("Mon 09:00-10:00", "One"), meeting("Mon 09:30-10:30", "Two")], "09:00-11:00",
            ["▒One ▒▒▒▒▒", "▒▒▒▒▒╳Two▒", "▒▒▒▒▒▒▒▒▒▒", "          "], id="two overlap",
        ),
        pytest.param(
            [meeting("Mon 09:00-10:00", name) for name in ("Ant", "Bat", "Cat")], "09:00-10:00",
            ["▒A…╳B…╳Cat", "▒▒▒╳▒▒╳▒▒▒"], id="three at once",
        ),
        pytest.param(
            [meeting("Mon 09:00-10:00", name) for name in ("Ant", "Bat", "Cat", "Dog", "Elk")], "09:00-10:00",
            ["▒A…╳B…╳+3▒", "▒▒▒╳▒▒╳+3▒"], id="five at once",
        ),
        pytest.param(
            [meeting("Mon 09:00-10:00", "Audit", reply=PartStat.NEEDS_ACTION)], "09:00-10:00",
            ["▒?Audit ▒▒", "▒▒▒▒▒▒▒▒▒▒"], id="not answered",
        ),
        pytest.param(
            [event("Mon 09:00-10:00", "Flight", counts_as=CountsAs.AWAY)], "09:00-10:00",
            ["╱Flight ╱╱", "╱╱╱╱╱╱╱╱╱╱"], id="away for an hour",
        ),
        pytest.param(
            [
                meeting("Mon 09:00-09:30", "No", reply=PartStat.DECLINED),
                event("Mon 09:30-10:00", "Off", counts_as=CountsAs.CANCELLED),
                event("Mon 10:00-10:30", "Perhaps", counts_as=CountsAs.FREE),
                event("Mon 10:30-11:00", "Noise", counts_as=CountsAs.IGNORED),
            ],
            "09:00-11:00", ["          "] * 4, id="what takes no time is not drawn",
        ),
    ],
)  # fmt: skip
def test_a_day(events: list[Event], hours: str, expected: list[str]) -> None:
    assert cut(drawn(*events), "Mon", hours) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Quarter planning", "▒Quarter…▒"),
        ("zwölf", "▒zwölf ▒▒▒"),
        ("設計レビュー", "▒設計レビ…"),
        ("a設計レビュー", "▒a設計レ…▒"),
        ("🐢 slow", "▒🐢 slow ▒"),
        ("👩\u200d💻 pair", "▒👩\u200d💻 pair ▒"),
        ("❤\ufe0f", "▒❤ ▒▒▒▒▒▒▒"),
        ("one\r\ntwo", "▒one two ▒"),
        ("bell\a\x1b[2J", "▒bell [2J▒"),
        ("\u202eevil\u2066", "▒evil ▒▒▒▒"),
        ("\ud800x", "▒\ufffdx ▒▒▒▒▒▒"),
        ("\u200b", "▒(no titl…"),
        ("", "▒(no titl…"),
    ],
    ids=ascii,
)
def test_titles(title: str, expected: str) -> None:
    assert cut(drawn(meeting("Mon 09:00-09:30", title)), "Mon", "09:00-10:00")[0] == expected


FILLS = {
    Role.FLAG: "⚑", Role.PAUSE: "∘", Role.LUNCH: "∪", Role.LANDING: "»", Role.PREPARATION: "+", Role.HABIT: "~",
    Role.HOLD: ":",
}  # fmt: skip
OTHER_ROLES = Roles({**ROLES.table, **{role.value: {"": role} for role in FILLS}})


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("focus", "═Mine ════"),
        ("reflection", "·Mine ····"),
        ("not-installed", "·Mine ····"),
        ("unbusy", "⚑Mine ⚑⚑⚑⚑"),
        *((role.value, f"{fill}Mine {fill * 4}") for role, fill in FILLS.items()),
    ],
)
def test_ours(policy: str, expected: str) -> None:
    shown = replace(snapshot(ours=[own("Mon 09:00-09:30", policy, "any", title="Mine")]), roles=OTHER_ROLES)
    picture = week(shown, W49, width=60)
    assert cut(picture, "Mon", "09:00-10:00")[0] == expected


def test_a_meeting_over_a_focus_block_of_ours() -> None:
    picture = drawn(meeting("Mon 09:30-10:00", "Call"), ours=[own("Mon 09:00-10:30")])
    assert cut(picture, "Mon", "09:00-11:00") == ["═Focus ═══", "═════╳Call", "══════════", "          "]


# -- rows and columns ---------------------------------------------------------------------------------------


def rows(picture: str) -> list[str]:
    """What stands between the names of the days and the legend."""
    return re.split(r"\n\n(?=\S \w|unbusy|Exact)", picture)[0].split("\n")[2:]


CORE = [label for hour in range(8, 19) for label in (f"{hour:02}:00", "")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], CORE),
        ([meeting("Mon 08:00-19:00")], CORE),
        ([meeting("Mon 07:30-08:30")], ["07:30", *CORE]),
        ([meeting("Mon 06:00-07:00")], ["06:00", "", "⋮", *CORE]),
        ([meeting("Mon 18:00-20:10")], [*CORE, "19:00", "", "20:00"]),
        ([meeting("Mon 21:30-22:00")], [*CORE, "⋮", "21:30"]),
        ([event("Mon", "Off", counts_as=CountsAs.AWAY)], ["", *CORE]),
    ],
    ids=["nothing", "the core", "earlier", "much earlier", "later", "much later", "a whole day"],
)
def test_clock_times_in_the_margin(events: list[Event], expected: list[str]) -> None:
    assert [row[:5].strip() for row in rows(drawn(*events))] == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("Mon 23:15", "Tue 00:45", ["00:00            ▒Night ▒▒▒", "                 ▒▒▒▒▒▒▒▒▒▒",
                                    "23:00 ▒Night ▒▒▒", "      ▒▒▒▒▒▒▒▒▒▒"]),
        ("Mon 23:15", "Tue 00:00", ["23:00 ▒Night ▒▒▒", "      ▒▒▒▒▒▒▒▒▒▒"]),
        ("Sun-1 23:15", "Mon 00:20", ["00:00 ▒Night ▒▒▒"]),
    ],
    ids=["over midnight", "until midnight", "from the week before"],
)  # fmt: skip
def test_nights(start: str, end: str, expected: list[str]) -> None:
    span = TimeRange(moment(start), moment(end))
    assert [line for line in rows(drawn(meeting("Mon 12:00-13:00", "Night", span=span))) if "▒" in line] == expected


@pytest.mark.parametrize(
    ("monday", "start", "minutes", "expected"),
    [
        (date(2026, 3, 23), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 60, ["01:30", "02:00", "02:30", "03:00"]),
        (date(2026, 3, 23), datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 30, ["03:00"]),
        (date(2026, 10, 19), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 30, ["02:30"]),
        (date(2026, 10, 19), datetime(2026, 10, 25, 0, 45, tzinfo=UTC), 30, ["02:30"]),
        (date(2026, 10, 19), datetime(2026, 10, 25, 0, 0, tzinfo=UTC), 180, ["02:00", "02:30", "03:00", "03:30"]),
    ],
    ids=[
        "over the hour that does not exist",
        "after it",
        "before the hour that comes twice",
        "into its second time",
        "over both",
    ],
)
def test_the_clock_changes(monday: date, start: datetime, minutes: int, expected: list[str]) -> None:
    span = TimeRange(start, start + timedelta(minutes=minutes))
    seen = snapshot(meeting("Mon 12:00-13:00", "Night", span=span, monday=monday), monday=monday)
    clock, found = 0, []
    for line in rows(week(seen, Week(monday), width=71)):
        clock = int(line[:2]) * 60 + int(line[3:5]) if line[:2].isdigit() else clock + 30
        if "▒" in line:
            found.append(f"{clock // 60:02}:{clock % 60:02}")
    assert found == expected


def heading(picture: str) -> str:
    return picture.split("\n")[1].strip()


@pytest.mark.parametrize(
    ("events", "hours", "expected"),
    [
        ([], (), "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4"),
        ([meeting("Sun 18:00-19:00")], (), "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4 Sun 6"),
        ([meeting("Fri 23:00-23:30", span=TimeRange(moment("Fri 23:00"), moment("Sat 01:00")))], (),
         "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4 Sat 5"),
        ([event("Sat", "Off", counts_as=CountsAs.AWAY)], (), "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4 Sat 5"),
        ([event("Mon..Sun", "Off", counts_as=CountsAs.AWAY)], (), "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4"),
        ([], ((time(10), time(12)),), "Mon 30 Tue 1 Wed 2 Thu 3 Fri 4 Sat 5"),
    ],
    ids=["five days", "something on Sunday", "a night into it", "a free Saturday", "a holiday", "works on Saturday"],
)  # fmt: skip
def test_weekends(events: list[Event], hours: tuple[tuple[time, time], ...], expected: str) -> None:
    who = profile(hours=WorkingHours((((time(9), time(17)),),) * 5 + (hours, ())))
    assert " ".join(heading(week(snapshot(*events, who=who, now="Mon-1 07:00"), W49)).split()) == expected


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "Mon 30 (today) Tue 1          Wed 2          Thu 3          Fri 4"),
        (60, "Mon 30     Tue 1      Wed 2      Thu 3      Fri 4"),
        (30, "Mon… Tue… Wed… Thu… Fri…"),
    ],
)
def test_widths(width: int, expected: str) -> None:
    picture = drawn(meeting("Fri 09:00-10:00", "Budget"), width=width)
    assert heading(picture) == expected
    assert max(map(cell_len, rows(picture))) <= width


def test_week_from_sunday() -> None:
    seen = snapshot(meeting("Sun 18:00-19:00"), who=profile(week_starts=6), now="Mon 07:00")
    picture = week(seen, Week(MONDAY + 6 * DAY))
    assert picture.startswith("2026-W50, 6 Dec – 11 Dec 2026\n")
    assert heading(picture).split()[:4] == ["Sun", "6", "Mon", "7"]


def test_all_day_events_share_a_line_where_they_share_no_day() -> None:
    picture = drawn(
        ours=[
            own("Mon..Fri", "overload", "week/2026-W49", title="Busy week"),
            own("Mon", "overload", "day/2026-11-30", title="Overloaded day"),
            own("Wed", "overload", "day/2026-12-02", title="Busy day"),
        ],
        width=80,
    )
    assert picture.split("\n")[2:4] == ["     ⚑Busy week", "     ⚑Overloaded day               ⚑Busy day"]


# -- the whole ----------------------------------------------------------------------------------------------


def test_before_and_after() -> None:
    call = meeting("Tue 09:00-10:00", "Call")
    before, after = snapshot(call), snapshot(call, ours=[own("Wed 09:00-11:00")])
    lines = before_after(before, after, W49, width=60).split("\n")
    second = lines.index("After: 2026-W49, 30 Nov – 4 Dec 2026")
    assert lines[0] == "Before: 2026-W49, 30 Nov – 4 Dec 2026"
    assert "═" not in "".join(lines[:second])
    assert [line for line in lines[second:] if "═Focus" in line] == [
        "09:00│          │▒Call ▒▒▒▒│═Focus ═══│          │"
    ]
    assert lines[-3:] == ["", "▒ meeting", "unbusy: ═ focus"]


def test_an_empty_week_needs_no_legend() -> None:
    assert len(drawn().split("\n")) == 2 + 22


COLOUR = re.compile(r"\x1b\[[0-9;]*m")
EVENTS = st.builds(
    lambda title, kind, start, minutes, answer: Event(
        ref=EventRef("work/Work", f"{title}{start}"),
        resource=ResourceRef("work/Work", "1.ics", "1"),
        span=TimeRange(
            moment("Mon 00:00") + start * timedelta(minutes=5),
            moment("Mon 00:00") + (start + minutes) * timedelta(minutes=5),
        ),
        summary=title,
        counts_as=kind,
        reply=answer,
    ),
    st.text(max_size=20),
    st.sampled_from([CountsAs.MEETING, CountsAs.BUSY, CountsAs.FOCUS, CountsAs.AWAY]),
    st.integers(-50, 7 * 288),
    st.integers(0, 400),
    st.sampled_from([PartStat.ACCEPTED, PartStat.NEEDS_ACTION]),
)


@given(events=st.lists(EVENTS, max_size=12), width=st.integers(46, 120))
@settings(max_examples=150)
def test_no_title_and_no_time_breaks_a_column(events: list[Event], width: int) -> None:
    picture = drawn(*events, width=width)
    assert max(map(cell_len, picture.split("\n"))) <= width
    count = sum(day in heading(picture) for day in DAYS)
    edges = [5 + n * max((width - 5) // count, 5) for n in range(5)]
    for line in rows(picture):
        if re.match(r"(09|1[0-6]):00", line):  # within working hours
            assert [part(line, edge, edge + 1) for edge in edges] == ["│"] * 5


@given(events=st.lists(EVENTS, max_size=6))
@settings(max_examples=50)
def test_colour_changes_nothing_but_colour(events: list[Event]) -> None:
    seen = snapshot(*events)
    plain, coloured = week(seen, W49), week(seen, W49, colour=True)
    assert "\x1b" not in plain
    assert [line.rstrip() for line in COLOUR.sub("", coloured).split("\n")] == plain.split("\n")


def test_colours() -> None:
    coloured = week(snapshot(meeting("Mon 09:00-09:30", "Call")), W49, width=60, colour=True)
    assert "09:00│\x1b[1;97;44m\x1b[0;34;44m▒\x1b[0m\x1b[1;97;44mCall \x1b[0;34;44m▒▒▒▒\x1b[0m│" in coloured


# -- bars ---------------------------------------------------------------------------------------------------


def figures(*days: DayFigures) -> Metrics:
    return Metrics(days=days, weeks=(WeekFigures(week=W49, days=days),))


def test_bars() -> None:
    full = {"working": 510}
    metrics = figures(
        DayFigures(day=MONDAY, meeting=315, in_hours=315, focus_kept=75, **full),
        DayFigures(day=MONDAY + DAY, meeting=390, in_hours=360, after_hours=30, **full),
        DayFigures(day=MONDAY + 2 * DAY, **full),
        DayFigures(day=MONDAY + 3 * DAY, meeting=500, in_hours=500, focus_kept=510, **full),
        DayFigures(day=MONDAY + 4 * DAY),
        DayFigures(day=MONDAY + 5 * DAY, meeting=30, after_hours=30),
    )
    assert bars(metrics).split("\n") == [
        "2026-W49: 20 h 35 of 34 h in meetings, 9 h 45 focus",
        "Mon 30 │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒═════        │    5 h 15 of 8 h 30, 1 h 15 focus",
        "Tue 1  │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒          │▒▒  6 h 30 of 8 h 30",
        "Wed 2  │                                  │    0 min of 8 h 30",
        "Thu 3  │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒═│    8 h 20 of 8 h 30, 8 h 30 focus",
        "Sat 5  ││▒▒                                    30 min",
        "",
        "▒ in meetings   ═ focus kept",
    ]


@pytest.mark.parametrize(("working", "after"), [(0, 0), (510, 0), (510, 390), (1500, 0), (1500, 1500)])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_bars_keep_to_the_width(working: int, after: int, width: int) -> None:
    day = DayFigures(
        day=MONDAY, working=working, meeting=working + after, in_hours=working, after_hours=after, focus_kept=working
    )
    assert max(map(len, bars(figures(day), width=width).split("\n"))) <= width


def test_weeks_follow_each_other() -> None:
    week_figures = WeekFigures(week=W49, days=(DayFigures(day=MONDAY, working=60),))
    lines = bars(Metrics(weeks=(week_figures, week_figures))).split("\n")
    assert lines[2] == ""
    assert lines[:2] == lines[3:5]
