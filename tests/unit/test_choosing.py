"""Which questions are asked: by what is shown, and by what was asked lately."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.questions.choosing import (
    MOST,
    PER_WEEK,
    SOON,
    Asked,
    Occasion,
    Past,
    choose,
    in_turn,
    past,
    put_in,
    recognised,
)  # fmt: skip
from policies.questions.prompts import Evidence, Finding, Prompt, Slot, Tone, library

THU = date(2026, 12, 3)
WEEK = tuple(date(2026, 11, 30) + timedelta(days=n) for n in range(7))
TENSE = Finding(Evidence.TENSE_MEETING, "‘Vendor escalation’ (Thu 09:00)")
INCIDENT = Finding(Evidence.INCIDENT, "‘Outage’ (Thu 10:00)")
DECISION = Finding(Evidence.DECISION_MEETING, "‘Go/no-go’ (Thu 11:00)")
TALK = Finding(Evidence.ONE_ON_ONE, "‘Tom’ (Thu 12:00)")
UNFINISHED = Finding(Evidence.UNFINISHED)
BY_ID = {p.id: p for p in library()}


def at(slot: Slot = Slot.DAY, **more: object) -> Occasion:
    return Occasion(**{"slot": slot, "day": THU, "count": 2, "week": WEEK} | more)


def chosen(*findings: Finding, before: Past = Past(), occasion: Occasion | None = None) -> list[Prompt]:  # noqa: B008  it is immutable
    return [BY_ID[a.id] for a in choose(library(), findings, before, occasion or at())]


def kinds(*findings: Finding, **more: object) -> list[str]:
    return [str(p.evidence) for p in chosen(*findings, **more)]


# -- by what is shown -------------------------------------------------------------------------------------------------


def test_one_is_about_what_is_shown_the_most_telling_first_and_one_is_general() -> None:
    assert kinds(TALK, DECISION) == ["decision_meeting", "always"]
    assert kinds(DECISION, TALK) == ["decision_meeting", "always"]
    (about, _) = choose(library(), [TALK, DECISION], Past(), at())
    assert "‘Go/no-go’ (Thu 11:00)" in about.text


def test_what_is_unfinished_is_asked_first_and_leaves_room_for_a_general_one() -> None:
    assert kinds(INCIDENT, UNFINISHED) == ["unfinished", "always"]
    assert kinds(INCIDENT, UNFINISHED, occasion=at(count=1)) == ["unfinished"]
    day_before = Past((Asked("objective-unfinished", "…", Evidence.UNFINISHED, THU - timedelta(days=1)),))
    assert kinds(UNFINISHED, before=day_before) == ["unfinished", "always"], "it is the same each time"


def test_an_echo_comes_beside_the_questions_of_a_review() -> None:
    echo = Finding(Evidence.ECHO, day="26 Oct", words="“I will stop it.”")
    asked = choose(library(), [echo], Past(), at(Slot.MONTH, general=2))
    assert asked[0].text == "On 26 Oct you wrote: “I will stop it.” What happened?"
    assert [str(a.evidence) for a in asked] == ["echo", "always", "always"]


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("slot", [Slot.DAY, Slot.WEEK, Slot.MONTH, Slot.QUARTER])
def test_never_more_than_asked_for_and_never_more_than_three(slot: Slot, count: int) -> None:
    found = [Finding(e, f"‘{e}’", "‘x’", "Thu", "6 h", "“y”") for e in Evidence if not e.fixed]
    assert len(chosen(*found, occasion=at(slot, count=count))) == min(count, MOST)
    assert len(chosen(*found, UNFINISHED, occasion=at(slot, count=count))) <= MOST


def test_a_weekly_review_has_one_about_what_went_well() -> None:
    for n in range(30):
        rows = chosen(INCIDENT, occasion=at(Slot.WEEK, day=THU + timedelta(weeks=n), well=True))
        assert any(Tone.WELL in p.tone for p in rows)


def test_a_light_week_hears_nothing_of_load_and_a_heavy_day_nothing_uncomfortable() -> None:
    full = Finding(Evidence.OVERLOADED_DAY, day="Thursday", load="6 h")
    for n in range(60):
        day = THU + timedelta(days=n)
        assert not any(Tone.LOAD in p.tone for p in chosen(full, occasion=at(day=day, light=True)))
        assert not any(p.is_hard for p in chosen(TENSE, occasion=at(day=day, gentle=True)))


@given(days=st.integers(0, 400), count=st.integers(1, 3), slot=st.sampled_from([Slot.DAY, Slot.WEEK]))
def test_never_two_that_are_uncomfortable_and_no_theme_twice(days: int, count: int, slot: Slot) -> None:
    occasion = at(slot, day=THU + timedelta(days=days), count=count, general=0)
    rows = chosen(TENSE, INCIDENT, DECISION, occasion=occasion)
    assert sum(p.is_hard for p in rows) <= 1
    assert len({p.theme for p in rows}) == len(rows) == count


# -- by what was asked ------------------------------------------------------------------------------------------------


def asked(finding: Finding, day: date, name: str = "") -> Asked:
    prompt = BY_ID[name] if name else next(p for p in library() if p.evidence is finding.evidence)
    return Asked(prompt.id, prompt.worded(finding), finding.evidence, day)


def test_the_same_kind_of_evidence_is_asked_about_twice_a_week() -> None:
    others = [Finding(Evidence.DECISION_MEETING, f"‘Other {n}’ (Mon 09:00)") for n in range(PER_WEEK)]
    before = Past(tuple(asked(f, WEEK[n]) for n, f in enumerate(others)))
    assert kinds(DECISION, before=Past(before.asked[:1])) == ["decision_meeting", "always"]
    assert kinds(DECISION, before=before) == ["always", "always"]
    assert kinds(DECISION, TALK, before=before) == ["one_on_one", "always"]
    assert kinds(DECISION, before=before, occasion=at(day=THU + timedelta(days=7), week=())) != ["always", "always"]


@pytest.mark.parametrize(("days", "again"), [(1, False), (28, False), (29, True)])
def test_the_same_meeting_is_asked_about_once_in_four_weeks(days: int, again: bool) -> None:
    before = Past((asked(TALK, THU - timedelta(days=days)),))
    later = Finding(Evidence.ONE_ON_ONE, "‘Tom’ (Thu 15:00)")
    assert ("one_on_one" in kinds(later, before=before)) is again
    assert "one_on_one" in kinds(Finding(Evidence.ONE_ON_ONE, "‘Eva’ (Thu 15:00)"), before=before)


def test_no_question_comes_back_within_six_weeks() -> None:
    rows: list[Asked] = []
    for n in range(200):
        day = WEEK[0] + timedelta(days=n)
        if day.weekday() < 4:
            found = [Finding(Evidence.DECISION_MEETING, f"‘D{n}’"), Finding(Evidence.ONE_ON_ONE, f"‘T{n}’")]
            week = tuple(day + timedelta(days=m) for m in range(-day.weekday(), 7 - day.weekday()))
            new = choose(library(), found, Past(tuple(rows)), at(day=day, week=week))
            assert len(new) == 2
            for one in new:
                assert not [r for r in rows if r.id == one.id and day - r.day < SOON], one
            rows += new
    assert {r.evidence for r in rows} == {Evidence.DECISION_MEETING, Evidence.ONE_ON_ONE, Evidence.ALWAYS}


def test_where_the_library_is_too_small_the_least_lately_asked_comes_back() -> None:
    few = [p for p in library() if p.evidence is Evidence.ALWAYS and Slot.DAY in p.slots][:3]
    before = Past(tuple(Asked(p.id, p.text, p.evidence, THU - timedelta(days=9 - n)) for n, p in enumerate(few)))
    (first,) = choose(few, [], before, at(count=1))
    assert first.id == few[0].id


def test_a_new_question_of_a_theme_that_was_just_touched_comes_before_an_old_one_of_another() -> None:
    day = [p for p in library() if p.evidence is Evidence.ALWAYS and Slot.DAY in p.slots]
    touched, new = [p for p in day if p.theme == "wins"][:2]
    old = next(p for p in day if p.theme == "home")
    others = (Asked(f"other-{n}", "?", day=THU - timedelta(days=n)) for n in (2, 3, 4))
    before = Past((asked_of(touched, 1), asked_of(old, 10), *others))
    (first,) = choose([touched, new, old], [], before, at(count=1))
    assert first.id == new.id


def asked_of(prompt: Prompt, days: int) -> Asked:
    return Asked(prompt.id, prompt.text, prompt.evidence, THU - timedelta(days=days))


@given(found=st.lists(st.sampled_from([TENSE, INCIDENT, DECISION, TALK]), unique=True), count=st.integers(0, 3))
def test_the_same_facts_ask_the_same(found: list[Finding], count: int) -> None:
    occasion = at(count=count)
    assert choose(library(), found, Past(), occasion) == choose(library(), found[::-1], Past(), occasion)


def test_weeks_that_are_overloaded_ask_in_turn() -> None:
    first, second = (in_turn(Slot.OVERLOAD, Evidence.OVERLOAD_ENDS, turn, 2) for turn in (0, 1))
    assert len({a.id for a in first}) == 2
    assert first != second
    assert in_turn(Slot.FOCUS, Evidence.OVERLOAD_ENDS, 0, 2) == ()


# -- what was asked is known again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", library(), ids=lambda p: p.id)
def test_a_question_is_known_by_its_words_whatever_was_put_in(prompt: Prompt) -> None:
    finding = Finding(prompt.evidence, "‘A? {event}’ (Thu 09:00)", "‘B’", "Thu", "6 h", "“x”")
    text = prompt.worded(finding)
    assert recognised(library(), text) is prompt
    found = put_in(prompt, text)
    assert found is not None
    assert all(getattr(found, name) == getattr(finding, name) for name in prompt.evidence.placeholders)


def test_an_id_counts_whatever_the_words_have_become() -> None:
    rows = [(THU, "wins-easy", "When was it easy, long ago?"), (THU, "", "What moved forward, however little?")]
    known = past(library(), [*rows, (THU, "", "Words of another version")])
    assert [a.id for a in known.asked] == ["wins-easy", "wins-forward", ""]
    assert known.last(BY_ID["wins-easy"]) == THU
    assert known.last(BY_ID["wins-laughed"]) == date.min


def test_what_stands_on_the_event_and_in_the_journal_was_asked_once() -> None:
    text = BY_ID["doors-who-else"].worded(DECISION)
    known = past(library(), [(THU, "doors-who-else", text), (THU, "", text)])
    assert known.often(Evidence.DECISION_MEETING, WEEK) == 1
