"""The way into an absence and out of it, the note that goes from block to block, and what is suggested: each row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.owner import Field
from daemon.model.plan import Change, Create
from daemon.model.proposal import Level, Rank
from daemon.model.snapshot import CalendarState, OwnEvent, Snapshot
from daemon.model.times import TimeRange
from daemon.model.user.entry import Entry
from daemon.planning.diff import Terms, diff
from daemon.planning.placement.levels import place
from instances import carried_out
from living import Life, local
from making import CALENDAR, DAYS, ROLES, day, event, meeting, own, snapshot, span
from policies.focus.landing import absences
from policies.focus.options import FocusOptions
from policies.focus.policy import propose
from policies.focus.suggestion import suggested
from policies.questions.prompts import BY_NAME

OUT = tuple(f"{d}+1" for d in DAYS[:5])
"""Mon 7 – Fri 11 Dec."""


def gone(*days: str) -> list[TimeRange]:
    return [event(d).span for d in days]


def at(*events: Event, away: Iterable[str] = OUT, **more: object) -> Snapshot:
    return snapshot(*events, away=gone(*away), horizon=21, **more)  # type: ignore[arg-type]  # a table of keywords


def changes(snap: Snapshot, options: FocusOptions | None = None) -> tuple[Change, ...]:
    wants = propose(snap, options or FocusOptions())
    return diff(snap, place(snap, wants, fill=1), Terms(main=CALENDAR))


def made(snap: Snapshot, options: FocusOptions | None = None) -> dict[str, tuple[str, ShowAs]]:
    """The landings and handovers that a run makes."""
    rows = [c for c in changes(snap, options) if isinstance(c, Create)]
    return {c.draft.title: (local(c.when), c.show_as) for c in rows if c.wish.key[0] in "lh"}


# -- landing and handover: the table ----------------------------------------------------------------------------------


def test_a_week_away_has_a_way_into_it_and_out_of_it() -> None:
    assert made(at()) == {
        "Handover": ("Fri 17:00-17:30", ShowAs.BUSY),
        "Landing": ("Mon+2 09:00-10:30", ShowAs.BUSY),
    }


def test_they_are_held_as_soon_as_the_absence_is_known_and_ask_one_question_each() -> None:
    rows = {c.wish.key: c.draft for c in changes(at()) if isinstance(c, Create) and c.wish.key[0] in "lh"}
    assert set(rows) == {"landing/2026-12-14", "handover/2026-12-07"}
    for key, question in (("landing/2026-12-14", "landing-changed"), ("handover/2026-12-07", "handover-decides")):
        assert rows[key].text.count("▸") == 1
        assert BY_NAME[question] in rows[key].text
        assert rows[key].mark.questions == (question,)
        assert "5 working days away (Mon 7 Dec – Fri 11 Dec)" in rows[key].text


def test_they_rank_with_lunch_and_come_before_focus() -> None:
    wants = [w for w in propose(at(), FocusOptions()) if w.key[0] in "lh"]
    assert {(w.level, w.ranked(ROLES)) for w in wants} == {(Level.LUNCH, Rank.LANDING)}


GAPS: dict[str, tuple[list[Event], str]] = {
    "the first free 90 minutes": ([meeting("Mon+2 09:00-12:00")], "Mon+2 12:00-13:30"),
    "not at the grid": ([meeting("Mon+2 09:00-12:10")], "Mon+2 12:15-13:45"),
    "else the longest gap": ([meeting("Mon+2 09:00-12:00"), meeting("Mon+2 13:00-17:00")], "Mon+2 12:00-13:00"),
    "of thirty minutes": ([meeting("Mon+2 09:00-17:00")], "Mon+2 17:00-17:30"),
}


@pytest.mark.parametrize(("events", "place_"), GAPS.values(), ids=GAPS)
def test_a_landing_takes(events: list[Event], place_: str) -> None:
    assert made(at(*events))["Landing"] == (place_, ShowAs.BUSY)


def test_a_handover_is_in_the_last_three_hours_of_its_day() -> None:
    assert "Handover" not in made(at(meeting("Fri 14:30-17:30")))
    assert made(at(meeting("Fri 15:00-17:30")))["Handover"][0] == "Fri 14:30-15:00"


def test_without_a_gap_it_is_explained() -> None:
    snap = at(meeting("Mon+2 09:00-17:15"))
    assert "Landing" not in made(snap)
    placement = place(snap, propose(snap, FocusOptions()), fill=1)
    assert "landing/2026-12-14" in {u.key for u in placement.unplaced}


NONE: dict[str, Snapshot] = {
    "two days": at(away=("Thu", "Fri")),
    "days off alone": replace(
        at(away=()), away=tuple(gone("Mon+1", "Tue+1", "Wed+1")), absences=tuple(gone("Mon+1", "Tue+1", "Wed+1")),
        events=tuple(replace(event(f"{d}+1"), counts_as=CountsAs.HOLIDAY) for d in ("Mon", "Tue", "Wed")),
    ),
    "a pause": replace(at(), absences=()),
    "mornings": replace(at(away=()), absences=tuple(span(f"{d}+1 09:00-12:00") for d in DAYS[:5])),
}  # fmt: skip


@pytest.mark.parametrize("snap", NONE.values(), ids=NONE)
def test_there_is_none_for(snap: Snapshot) -> None:
    assert made(snap) == {}


def test_days_off_lie_between_without_a_break() -> None:
    """Thu and Fri, a weekend, and Monday: three working days."""
    (found,) = absences(at(away=("Thu", "Fri", "Mon+1")))
    assert found == (day("Thu"), day("Fri"), day("Mon+1"))
    assert made(at(away=("Thu", "Fri", "Mon+1")))["Landing"][0] == "Tue+1 09:00-10:30"


def test_part_of_the_last_day_is_its_last_three_hours() -> None:
    snap = at(away=(*OUT,))
    half = span("Fri 12:00-17:30")
    snap = replace(snap, away=(*snap.away, half), absences=(*snap.absences, half))
    assert made(snap)["Handover"][0] == "Fri 11:30-12:00"


def test_what_has_come_too_late_is_not_made() -> None:
    assert set(made(at(now="Mon+1 08:00"))) == {"Landing"}
    assert made(at(now="Mon+2 17:20")) == {}


@pytest.mark.parametrize("option", ["landing", "handover"])
def test_each_can_be_switched_off_and_has_its_title(option: str) -> None:
    off = FocusOptions(**{option: type(FocusOptions().landing)(0)})  # type: ignore[arg-type]  # a table of keywords
    assert option.title() not in made(at(), off)
    assert "Weg" in made(at(), FocusOptions(**{f"{option}_title": "Weg"}))  # type: ignore[arg-type]  # as above


def test_both_stand_outside_the_goal() -> None:
    snap = at(meeting("Mon+2 09:00-12:00"))
    without = FocusOptions(landing=type(FocusOptions().landing)(0), handover=type(FocusOptions().landing)(0))
    mine, theirs = (
        {w.key: w.when.total for w in propose(snap, o) if w.key[0] == "2"}  # type: ignore[union-attr]  # blocks
        for o in (FocusOptions(), without)
    )
    assert mine == theirs
    there = carried_out(snap, changes(snap))
    assert changes(there) == ()


def test_the_day_of_a_landing_has_its_blocks_all_the_same() -> None:
    """It is no focus time: neither the cap of the day counts it, nor the one block of a light week."""
    full = [meeting(f"{d}+2 09:00-17:30") for d in DAYS[1:5]]
    for options in (FocusOptions(per_day=type(FocusOptions().landing)(120)), FocusOptions()):
        there = carried_out(at(*full), changes(at(*full), options))
        here = [local(o.event.when) for o in there.ours if o.mark.key.startswith("2026-W51/")]
        assert "Mon+2 09:00-10:30" in [local(o.event.when) for o in there.ours]
        assert [when[:5] for when in here][:1] == ["Mon+2"]


# -- the life of a landing --------------------------------------------------------------------------------------------

ONLY_FOCUS = "[policies.overload]\nenabled = false\n[policies.reflection]\nenabled = false\n"
AWAY = "[[away]]\nfrom = 2026-12-07\nto = 2026-12-11\n"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path, top="horizon = '21d'\nmax_per_day = 9\n", policies=f"{ONLY_FOCUS}{AWAY}")
    life.apply()
    return life


LANDING = "landing/2026-12-14"


def test_deleted_it_is_skipped_and_never_is_never(life: Life) -> None:
    assert {LANDING, "handover/2026-12-07"} <= life.ours().keys()
    life.delete(LANDING)
    life.apply()
    assert LANDING not in life.ours()
    assert life.changes() == []
    life.configure(f"{ONLY_FOCUS}[[away]]\nfrom = 2026-12-07\nto = 2026-12-14\n", "horizon = '21d'\nmax_per_day = 9\n")
    life.apply(force=True)
    assert "landing/2026-12-15" in life.ours(), "the next absence has one again"
    life.type("landing/2026-12-15", (BY_NAME["landing-changed"], f"{BY_NAME['landing-changed']}\n\n#never"))
    life.apply()
    life.configure(f"{ONLY_FOCUS}[[away]]\nfrom = 2026-12-07\nto = 2026-12-15\n", "horizon = '21d'\nmax_per_day = 9\n")
    life.apply(force=True)
    assert "landing/2026-12-16" not in life.ours()


def test_moved_it_stays_and_when_the_absence_goes_it_goes(life: Life) -> None:
    life.move("handover/2026-12-07", "Fri 11:00-11:30")
    life.apply()
    assert local(life.ours()["handover/2026-12-07"].event.when) == "Fri 11:00-11:30"
    assert life.changes() == []
    life.lose_ledger()
    assert life.changes() == []
    life.configure(ONLY_FOCUS, "horizon = '21d'\nmax_per_day = 9\n")
    life.apply(force=True)
    assert LANDING not in life.ours()
    assert "handover/2026-12-07" in life.ours(), "the user has touched it"


def test_a_pause_of_a_week_is_no_absence(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '21d'\nmax_per_day = 9\n")
    for n, d in enumerate(OUT):
        life.meet(f"{d} 08:00-23:00", "unbusy: pause", uid=f"pause{n}", more="")
    life.apply()
    assert not [k for k in life.ours() if k[0] in "lh"]


# -- the note of a block ----------------------------------------------------------------------------------------------

TUE, WED, THU = (own(f"{d} 09:00-11:00", key=f"2026-W49/{n}") for n, d in enumerate(("Tue", "Wed", "Thu"), 1))


def note(text: str, n: int = 1, *, calendar: str = CALENDAR, question: str = "focus-resume") -> Entry:
    return Entry(
        policy="focus", key=f"2026-W49/{n}", day=day("Tue"), at="2026-12-01T09:00", event="Focus", evidence="",
        question=BY_NAME.get(question, ""), text=text, question_id=question, calendar=calendar,
    )  # fmt: skip


def opening(now: str, *entries: Entry, options: FocusOptions | None = None, ours: Iterable[OwnEvent] = ()) -> str:
    snap = replace(snapshot(now=now, ours=[TUE, WED, THU, *ours]), entries=entries, main=CALENDAR)
    found = [w.content.opening for w in propose(snap, options or FocusOptions()) if w.key == "2026-W49"]
    return found[0]


DATED = "On Tue 1 Dec you wrote: “cut list, then Hugo”"


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        pytest.param("Tue 10:00", "", id="while it is on it says nothing"),
        pytest.param("Tue 11:00", DATED, id="the next block opens with it"),
        pytest.param("Wed 10:00", "", id="while that is on nothing is written anew"),
        pytest.param("Wed 11:00", DATED, id="passed without a word, one more opens with it"),
        pytest.param("Thu 11:00", "", id="then it rests in the journal"),
    ],
)
def test_what_was_written_opens_the_next_block_and_one_more(now: str, opens: str) -> None:
    assert opening(now, note("cut list, then Hugo")) == opens


def test_a_newer_note_takes_its_place() -> None:
    assert opening("Wed 12:00", note("old"), note("new", 2)) == "On Wed 2 Dec you wrote: “new”"


def test_a_note_is_cut_and_never_from_another_calendar() -> None:
    long = opening("Tue 12:00", note("word " * 100))
    assert len(long) <= len("On Tue 1 Dec you wrote: “”") + 200
    assert opening("Tue 12:00", note("cut list", calendar="work/Private")) == ""
    beside = FocusOptions(calendar="Deep")
    snap = snapshot(now="Tue 12:00", ours=[TUE, WED, THU])
    states = (CalendarState(id="work/Deep", name="Deep", read_at=None),)
    snap = replace(snap, entries=(note("cut list"),), main=CALENDAR, calendars=states)
    assert {w.content.opening for w in propose(snap, beside)} == {""}


def test_the_answer_to_the_objective_is_no_note() -> None:
    assert opening("Tue 12:00", note("Hire plan", question="objective-now")) == ""


# -- visible ----------------------------------------------------------------------------------------------------------


def test_a_visible_block_is_not_private_asks_nothing_and_names_no_meeting(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'", policies=f"{ONLY_FOCUS}[policies.focus]\nvisible = true\nprefer = []\n")
    life.meet("Mon 09:00-12:00", "Secret plan")
    life.apply()
    ours = life.ours()
    assert {o.event.private for o in ours.values()} == {False}
    assert not any("▸" in o.event.description or "Secret" in o.event.description for o in ours.values())
    life.meet("Tue 09:00-17:30", "Secret move")
    life.apply()
    assert "Secret" not in "".join(o.event.description for o in life.ours().values())
    assert life.changes() == []


def test_what_stands_stays_private(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    life.configure(f"{ONLY_FOCUS}[policies.focus]\nvisible = true\n", "horizon = '1d'")
    life.apply()
    assert {o.event.private for o in life.ours().values()} == {True}


# -- a suggestion -----------------------------------------------------------------------------------------------------


def block(n: int, when: str, was: str = "") -> OwnEvent:
    """A block of last week; moved by the user, if it was asked for at another time."""
    stands = own(when, key=f"2026-W48/{n}")
    if not was:
        return stands
    base = {**stands.mark.base, Field.WHEN: own(was, key=f"2026-W48/{n}").mark.base[Field.WHEN]}
    return replace(stands, mark=replace(stands.mark, base=base), edited=frozenset({Field.WHEN}))


def five(*afternoon: int, to: str = "14:00-16:00") -> list[OwnEvent]:
    rows = []
    for n, d in enumerate(DAYS[:5], 1):
        here = f"{d}-1 09:00-11:00"
        rows.append(block(n, f"{d}-1 {to}", here) if n in afternoon else block(n, here))
    return rows


SAID = 'You moved 3 of 5 blocks to the afternoon; `prefer = "13:00-16:00"` does it for you.'


@pytest.mark.parametrize(
    ("ours", "prefer", "line"),
    [
        pytest.param(five(1, 3, 5), "09:00-12:00", (SAID,), id="three of the last five"),
        pytest.param(five(1, 3), "09:00-12:00", (), id="two are too few"),
        pytest.param(five(1, 3, 5), "13:00-17:00", (), id="they lie where the user prefers it already"),
        pytest.param(five(1, 3, 5)[1:], "09:00-12:00", (), id="five are looked at"),
        pytest.param(
            five(1, 3, 5, to="15:00-17:30"), "09:00-12:00", (SAID.replace("16:00", "17:30"),), id="as late as they were"
        ),
    ],
)
def test_a_suggestion(ours: list[OwnEvent], prefer: str, line: tuple[str, ...]) -> None:
    options = FocusOptions(prefer=type(FocusOptions().prefer)(prefer))
    assert suggested(snapshot(now="Fri 07:00", ours=ours), options, day("Fri")) == line


def test_it_is_said_once_in_four_weeks() -> None:
    for when, said in (("Fri-1", ()), ("Fri-4", (SAID,))):
        review = own(f"{when} 16:00-16:25", "reflection", "week/2026-W48", title="Weekly review", text=SAID)
        snap = snapshot(now="Fri 07:00", ours=[*five(1, 3, 5), review])
        assert suggested(snap, FocusOptions(), day("Fri")) == said
