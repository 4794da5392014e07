"""A small year of `make simulate`: the same seed gives the same figures, they keep to bars, and its people are sane."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean

import msgspec
import pytest

from simulate import report
from simulate.__main__ import main
from simulate.calendars.calendar import PRIVATE, Calendar, Meeting
from simulate.colleagues import Asking, Found, find
from simulate.demand import Request, demand
from simulate.engine import Engine, Own
from simulate.figures.together import Together
from simulate.figures.yearly import Figures, figures, side
from simulate.people import DAY, FILE, parameters
from simulate.runs import Run, lived
from simulate.user import Leading, Suggestion, suggestions
from simulate.year import Year

PARAMS = parameters()
MONDAY = date(2025, 3, 3)
WEEKS = 8


@pytest.fixture(scope="module")
def year() -> Figures:
    """Of the leader who is bound by meetings."""
    return figures(*lived(Run(leader="director", seed=PARAMS.seeds.tuning[0], weeks=WEEKS)))


# -- the year ---------------------------------------------------------------------------------------------------------


def test_two_hour_time_grows(year: Figures) -> None:
    assert year.gain >= 1.25
    assert year.with_it.thin < year.without.thin


def test_what_it_costs_keeps_to_its_bars(year: Figures) -> None:
    """Those of a year; where eight weeks of a busy season cannot keep to them, as near as they come."""
    assert year.own_stops == 0
    assert year.writes <= 3.6
    assert year.writes_p90 <= 7
    assert year.text_only <= 0.2
    assert year.blocks.short <= 0.02
    assert year.blocks.kept_long >= 0.75
    assert year.blocks.moved_again == 0
    assert year.lunch_lost <= 2
    assert year.lunch_planned == 0
    assert year.off_blocks + year.off_prompts == 0
    assert year.flags.flapped == 0
    assert year.flags.withdrawn + year.flags.false <= 0.15 * year.flags.true
    assert year.flags.level_days <= 8
    assert year.questions.again <= 0.2 * year.questions.count
    assert year.questions.most <= 4
    assert year.with_it.evening - year.without.evening <= 0.35
    assert year.with_it.put_off <= 1.45 * year.without.put_off


def test_the_same_seed_gives_the_same_figures() -> None:
    run = Run(leader="part-time", seed=5, weeks=2)
    one, two = (msgspec.json.encode(figures(*lived(run))) for _ in range(2))
    assert one == two


def test_another_seed_is_another_year() -> None:
    one, two = (Year(params=PARAMS, leader=PARAMS.leader("light"), seed=seed, weeks=2).live() for seed in (5, 6))
    assert one.busy != two.busy


def test_the_table_has_every_row_for_every_leader(year: Figures) -> None:
    found = {Run(leader=name, seed=1): year for name in ("director", "light")}
    rows = [line for line in report.table(found) if line.startswith("| ")]
    assert f"| **… with, times without** | {year.gain:.2f} | {year.gain:.2f} |" in rows
    assert all(row.count("|") == 4 for row in rows)
    assert len(rows) >= len(report.ROWS) + 4


def test_runs_that_were_printed_make_the_same_table_again(
    year: Figures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {Run(leader="director", seed=1): year}
    (tmp_path / "runs.json").write_text(report.as_json(found))
    assert main(["--read", str(tmp_path / "runs.json")]) == 0
    assert capsys.readouterr().out.splitlines() == "\n".join(report.table(found)).splitlines()


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--leader", "light", "--seed", "7", "--weeks", "1", "--variant", "middle", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["leader"], row["seed"], row["variant"], row["weeks"]) == ("light", 7, "middle", 1)
    assert row["figures"]["with_it"]["meetings"] > 0


def test_blocks_are_drawn_by_their_seed_with_a_verdict_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blocks", "--leader", "light", "--seed", "7", "--weeks", "2"]) == 0
    out = capsys.readouterr().out
    assert "light, seed 7" in out
    assert "  <--" in out
    assert " kept; " in out.splitlines()[-1]


# -- demand -----------------------------------------------------------------------------------------------------------


def test_the_parameters_keep_to_their_bounds() -> None:
    theirs, user = PARAMS.colleagues, PARAMS.user
    assert 0.10 <= theirs.next_day <= 0.20
    assert 0.25 <= theirs.days_2_to_4 <= 0.35
    shares = [theirs.same_day, theirs.next_day, theirs.days_2_to_4, theirs.days_5_to_9, theirs.days_10_to_25]
    assert sum(shares) == pytest.approx(1)
    for variant in PARAMS.variants:
        taken = PARAMS.variant(variant).colleagues
        assert 0.20 <= taken.takes_tentative <= 0.70
        assert 0 <= taken.takes_busy <= 0.15
    assert all(0.04 <= share <= 0.05 for share in (user.moves, user.deletes, user.shortens))
    assert user.answers == 0.30
    assert not set(PARAMS.seeds.tuning) & set(PARAMS.seeds.reporting)


def test_every_number_has_a_source_or_is_assumed() -> None:
    section = FILE.read_text().partition("[colleagues]")[2].partition("# -- variants")[0]
    bare = [line for line in section.splitlines() if " = " in line and "#" not in line and not line.startswith(" ")]
    assert [line for line in bare if not line.startswith(("hours", "seasons", "kinds"))] == []


@pytest.mark.parametrize(("name", "least", "most"), [("director", 25, 30), ("part-time", 11, 14)])
def test_leaders_are_as_busy_as_they_are_said_to_be(name: str, least: float, most: float) -> None:
    seeds = (*PARAMS.seeds.tuning, *PARAMS.seeds.reporting)
    years = [Year(params=PARAMS, leader=PARAMS.leader(name), seed=seed, weeks=52).live() for seed in seeds]
    assert least <= mean(side(one).meetings for one in years) <= most


def test_requests_are_for_the_days_that_the_parameters_say() -> None:
    found = [r for seed in range(6) for r in demand(PARAMS, PARAMS.leader("director"), seed, 52).requests]
    single = [r for r in found if r.weeks == 1]
    days = Counter(min(r.ahead, 5) if r.ahead < 2 or r.ahead > 4 else 2 for r in single)
    theirs = PARAMS.colleagues
    assert days[1] / len(single) == pytest.approx(theirs.next_day, abs=0.02)
    assert days[2] / len(single) == pytest.approx(theirs.days_2_to_4, abs=0.02)


def test_a_part_of_a_year_is_its_beginning() -> None:
    leader = PARAMS.leader("on-call")
    whole, part = (demand(PARAMS, leader, 1, weeks) for weeks in (52, 8))
    assert whole.requests[: len(part.requests)] == part.requests
    assert (whole.series, {d for d in whole.sick if d < PARAMS.year.first + 56 * DAY}) == (part.series, part.sick)


# -- colleagues -------------------------------------------------------------------------------------------------------


def _found(
    calendar: Calendar, shown: dict[date, list[tuple[int, int, str]]], tentative: float = 0, busy: float = 0,
    **more: object,
) -> Found:  # fmt: skip
    """Where an hour comes to lie that is wanted on Tuesday, asked for on Monday morning."""
    values: dict[str, object] = {
        "uid": "ask", "title": "Sync", "made": datetime(2025, 3, 3, 9), "ahead": 1, "minutes": 60, "others": 1,
        "double": 0.5, "patience": 0,
    }  # fmt: skip
    request = Request(**(values | more))  # type: ignore[arg-type]  # a table of keyword arguments
    asking = Asking(
        request=request, day=MONDAY, after=540, leader=PARAMS.leader("light"), off=frozenset(), seed=1,
        colleagues=msgspec.structs.replace(PARAMS.colleagues, takes_tentative=tentative, takes_busy=busy),
    )  # fmt: skip
    return find(asking, calendar, shown)


def _calendar(*busy: tuple[int, int], where: str = "Work") -> Calendar:
    calendar = Calendar(zone="Europe/Berlin")
    for n, (start, end) in enumerate(busy):
        calendar.add(
            Meeting(uid=f"m{n}", title="M", day=MONDAY + DAY, start=start, end=end, made=datetime(2025, 3, 1),
                    others=2, calendar=where)
        )  # fmt: skip
    return calendar


ALL_DAY = (0, 24 * 60)


@pytest.mark.parametrize(
    ("show", "more", "evening"),
    [
        ("tentative", {"tentative": 1.0}, False),
        ("tentative", {"busy": 1.0}, True),
        ("busy", {"busy": 1.0}, False),
        ("busy", {"tentative": 1.0}, True),
        ("busy", {"yielding": 0.89}, False),
        ("busy", {"yielding": 0.91}, True),
    ],
    ids=[
        "who takes tentative slots",
        "who does not meets in the evening",
        "who takes busy slots",
        "who takes only tentative ones does not",
        "a block makes room where nothing is left but the evening",
        "or not, now and then",
    ],
)
def test_who_takes_what(show: str, more: dict[str, float], evening: bool) -> None:
    found = _found(_calendar(), {MONDAY + DAY: [(*ALL_DAY, show)]}, **more)
    assert (found.evening, found.day) == (evening, MONDAY + DAY)


def test_a_tentative_slot_is_taken_as_often_as_the_parameters_say() -> None:
    shown = {MONDAY + DAY: [(*ALL_DAY, "tentative")]}
    taken = [_found(_calendar(), shown, 0.4, uid=f"ask-{n}", minutes=510).evening for n in range(400)]
    open_ = PARAMS.colleagues.open_to_one  # a whole day has one start, at which its people may have no time
    assert taken.count(False) / 400 == pytest.approx(0.4 * open_, abs=0.05)


def test_what_is_shown_free_is_not_seen_and_what_is_private_neither() -> None:
    assert _found(_calendar(), {}) == _found(_calendar(ALL_DAY, where=PRIVATE), {})


def test_another_meeting_is_hardly_ever_booked_over() -> None:
    assert _found(_calendar((540, 1050)), {}).evening
    assert not _found(_calendar((540, 1050)), {}, double=0.03).evening


def test_who_finds_no_slot_puts_the_meeting_off() -> None:
    found = _found(_calendar((540, 1050)), {}, patience=3)
    assert (found.day, found.put_off, found.evening) == (MONDAY + 2 * DAY, 1, False)


def test_an_incident_begins_at_once() -> None:
    assert _found(_calendar(ALL_DAY), {}, incident=True, ahead=0) == Found(day=MONDAY, start=540, put_off=0)


# -- the user ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "– Thu 3 Dec 13:00 ‘Monthly review’, 1 h 45, frees 4 h 15 for focus, optional",
            Suggestion(day=date(2026, 12, 3), start=780, title="Monthly review", verb=""),
        ),
        (
            "– Thu 2026-12-03 13:00 ‘Monthly review’, 1 h 45, frees 4 h 15 for focus, optional",
            Suggestion(day=date(2026, 12, 3), start=780, title="Monthly review", verb=""),
        ),
        (
            "– Thu 3 Dec 13:00 ‘Staff’: shorten. “Let's try it in 30 min.”",
            Suggestion(day=date(2026, 12, 3), start=780, title="Staff", verb="shorten"),
        ),
        (
            "– Move to Fri 4 Dec 09:00: Thu 3 Dec 13:00 ‘Staff’, 1 h, frees 2 h for focus",
            Suggestion(day=date(2026, 12, 3), start=780, title="Staff", verb="move"),
        ),
        (
            "– Shorten to 30 min: Thu 3 Dec 13:00 ‘Staff’, 1 h",
            Suggestion(day=date(2026, 12, 3), start=780, title="Staff", verb="shorten"),
        ),
        ("Thu 3 Dec 13:00 ‘Staff’ took it.", None),
    ],
    ids=[
        "a way out of 0.1",
        "with the date in figures",
        "with a verb behind it",
        "as it is written today",
        "and here",
        "no way out",
    ],
)
def test_suggestions_are_read_off_the_text(line: str, found: Suggestion | None) -> None:
    assert list(suggestions(f"Busy.\n\n{line}\n", date(2026, 12, 1))) == ([found] if found else [])


def test_who_goes_the_ways_out_declines_what_the_flags_of_today_suggest(tmp_path: Path) -> None:
    leader, params = PARAMS.leader("director"), PARAMS.variant("follows")
    with Engine(tmp_path, leader) as engine:
        year = Year(params=params, leader=leader, seed=11, weeks=1, engine=engine)
        year.live()
    assert any(m.declined for row in year.calendar.days.values() for m in row)


def test_what_the_user_does_is_seen_in_the_file_and_kept_by_unbusy(tmp_path: Path) -> None:
    leader = PARAMS.leader("light")
    now = datetime(2025, 3, 3, 7)
    with Engine(tmp_path, leader) as engine:
        engine.begin(now)
        engine.cycle(now)
        blocks = [o for o in engine.ours().values() if o.policy == "focus"]
        gone, moved, answered = blocks[:3]
        place = (moved.day, moved.start + 30, moved.start + 90)
        engine.delete(gone)
        engine.move(moved, *place[:2], 60)
        engine.answer(answered)
        before = engine.ours()
        engine.cycle(now + timedelta(hours=5))
        after = engine.ours()
        assert gone.uid not in after
        for seen in (before, after):
            assert (seen[moved.uid].day, seen[moved.uid].start, seen[moved.uid].end) == place
        assert after[answered.uid].text == before[answered.uid].text != answered.text


@pytest.mark.parametrize(
    ("key", "block"), [("2025-W10/1", True), ("command/ask/1", True), ("landing/2025-03-03", False),
                       ("handover/2025-03-03", False)],
)  # fmt: skip
def test_the_way_into_absence_and_out_of_it_is_no_block(key: str, *, block: bool) -> None:
    one = Own(uid="unbusy-1", policy="focus", key=key, day=MONDAY, last=MONDAY, start=600, end=690, show="busy",
              title="", text="")  # fmt: skip
    assert one.is_block is block


def test_one_in_so_many_blocks_is_touched_and_each_only_once(tmp_path: Path) -> None:
    leader = PARAMS.leader("light")
    user = Leading(leader=leader, user=PARAMS.user, seed=3, done=set())
    ours = [
        Own(uid=f"unbusy-{n}", policy="focus", key=f"2025-W10/{n}", day=MONDAY, last=MONDAY, start=600, end=720,
            show="busy", title="Focus", text="")
        for n in range(1000)
    ]  # fmt: skip

    class Hand:
        """Counts what is done, in place of files."""

        def __init__(self) -> None:
            self.done: Counter[str] = Counter()

        def delete(self, _one: Own) -> None:
            self.done["deletes"] += 1

        def move(self, one: Own, day: date, _start: int, _minutes: int) -> None:
            self.done["shortens" if day == one.day else "moves"] += 1

    hand, now = Hand(), datetime(2025, 3, 3, 8)
    touched = user.tends(hand, ours, _calendar(), now, ())  # type: ignore[arg-type]  # as much of an engine as it needs
    assert touched == hand.done.total()
    assert all(30 <= hand.done[what] <= 60 for what in ("deletes", "shortens", "moves"))
    assert user.tends(hand, ours, _calendar(), now, ()) == 0  # type: ignore[arg-type]  # as above


# -- every policy on --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def all_of_them() -> Together:
    """Five weeks with every policy on, of a leader with children: the private calendar is another account."""
    run = Run(leader="parent", seed=PARAMS.seeds.tuning[0], weeks=5, variant="silent", everything=True)
    return figures(*lived(run)).together


def test_together_they_are_quiet(all_of_them: Together) -> None:
    assert all_of_them.daily <= 4
    assert all_of_them.most_daily <= 6
    assert all_of_them.most_weekly <= 20
    assert all_of_them.most_asked <= 15


def test_who_never_answers_is_asked_less(all_of_them: Together) -> None:
    assert 0 < all_of_them.look_backs <= 2


def test_no_promise_is_broken(all_of_them: Together, year: Figures) -> None:
    assert all_of_them.broken == ()
    assert year.together.broken == ()


def test_every_policy_is_on_that_can_be(tmp_path: Path) -> None:
    with Engine(tmp_path, PARAMS.leader("parent"), everything=True) as engine:
        assert engine.off == ()
    with Engine(tmp_path / "plain", PARAMS.leader("parent")) as engine:
        assert set(engine.off) == {"advisors", "breaks", "invitations", "network", "preparation"}
