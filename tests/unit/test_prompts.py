"""The library of questions: what is in it, and which of them are asked."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.questions.prompts import Evidence, Finding, Prompt, Slot, library, parse, questions

THURSDAY = "Thursday 09:00 ‘Vendor escalation’"
FIRST_DAY = date(2026, 1, 1)


def general(slot: Slot) -> set[str]:
    return {p.text for p in library() if slot in p.slots and p.evidence is Evidence.ALWAYS}


# -- what is in it -------------------------------------------------------------------------------------------


def test_it_is_large_and_says_nothing_twice() -> None:
    texts = [p.text for p in library()]
    assert len(texts) >= 60
    assert len({t.casefold() for t in texts}) == len(texts)


@pytest.mark.parametrize("prompt", library(), ids=lambda p: p.id)
def test_each_is_one_short_question_that_stays_true_on_another_day(prompt: Prompt) -> None:
    assert prompt.text.endswith("?")
    assert prompt.text[0].isupper() or prompt.text.startswith("{")
    assert len(prompt.text) < 160
    relative = r"\b(today|tomorrow|yesterday|tonight|now and|ago|this (day|week|month)|(last|next) (week|month|day))\b"
    assert not re.search(relative, prompt.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "theme",
    [
        "influence", "respect", "doors", "growth", "quiet", "causes", "objective", "wins", "support", "advice",
        "evidence", "adoption", "thread", "recovery", "no", "busy",
    ],
)  # fmt: skip
def test_every_theme_has_several(theme: str) -> None:
    assert sum(p.theme == theme for p in library()) >= 3


@pytest.mark.parametrize("slot", Slot)
def test_every_slot_has_several(slot: Slot) -> None:
    assert sum(slot in p.slots for p in library()) >= 3


@pytest.mark.parametrize("evidence", Evidence)
def test_all_evidence_has_several_wordings_wherever_it_is_asked_about(evidence: Evidence) -> None:
    slots = {slot for p in library() if p.evidence is evidence for slot in p.slots}
    assert slots
    for slot in slots:
        assert sum(slot in p.slots and p.evidence is evidence for p in library()) >= 3


# -- what is wrong with a library ----------------------------------------------------------------------------

GOOD = {"id": "a-name", "theme": "doors", "slots": ["day"], "evidence": "always", "text": "Is this a question?"}


def toml(*prompts: dict[str, object]) -> str:
    return "\n".join("[[prompts]]\n" + "\n".join(f"{k} = {v!r}" for k, v in p.items()) for p in prompts)


def test_a_good_one_is_read() -> None:
    (prompt,) = parse(toml(GOOD))
    assert (prompt.id, prompt.slots, prompt.evidence) == ("a-name", (Slot.DAY,), Evidence.ALWAYS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "A name"}, "id"),
        ({"theme": ""}, "theme"),
        ({"slots": []}, "slots"),
        ({"slots": ["night"]}, "night"),
        ({"evidence": "mood"}, "mood"),
        ({"text": "Why? " * 40}, "159"),
        ({"text": "What about {event}?"}, "must name nothing"),
        ({"text": "What about {}, then?"}, "must name nothing"),
        ({"text": "What about {broken?"}, "expected '}'"),
        ({"evidence": "incident"}, "must name {'event'}"),
        ({"evidence": "incident", "text": "What about {answers}?"}, "must name {'event'}"),
        ({"evidence": "answered", "text": "What about {event}?"}, "must name {'answers'}"),
        ({"mood": "good"}, "mood"),
    ],
    ids=str,
)
def test_a_bad_one_is_refused_by_name(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(toml(GOOD | change))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (toml(GOOD, GOOD), "a-name"),
        (toml(GOOD).replace("prompts", "prompt"), "prompt"),
        ("[[prompts", "TOML|Expected"),
    ],
    ids=["the same name twice", "another table", "no TOML"],
)
def test_a_bad_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


# -- which are asked -----------------------------------------------------------------------------------------


def test_evidence_comes_first_the_most_telling_before_the_others_and_is_named() -> None:
    found = [Finding(Evidence.ONE_ON_ONE, "Monday 10:00 ‘Tom’"), Finding(Evidence.TENSE_MEETING, THURSDAY)]
    asked = questions(Slot.DAY, found, turn=5, count=3)
    assert THURSDAY in asked[0]
    assert "Monday 10:00 ‘Tom’" in asked[1]
    assert asked[2] in general(Slot.DAY)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_never_more_than_asked_for(count: int) -> None:
    found = [Finding(e, THURSDAY) for e in Evidence]
    assert len(questions(Slot.DAY, found, turn=1, count=count)) == count


@pytest.mark.parametrize(
    ("slot", "evidence"), [(Slot.DAY, Evidence.QUIET_WEEK), (Slot.FOCUS, Evidence.INCIDENT)], ids=str
)
def test_evidence_that_a_slot_does_not_ask_about_is_passed_over(slot: Slot, evidence: Evidence) -> None:
    assert questions(slot, [Finding(evidence, THURSDAY)], turn=3, count=2) == questions(slot, (), turn=3, count=2)


def test_a_slot_without_general_questions_asks_only_about_evidence() -> None:
    assert questions(Slot.OVERLOAD, (), turn=3, count=2) == ()
    assert len(questions(Slot.OVERLOAD, [Finding(Evidence.OVERLOAD_ENDS)], turn=3, count=2)) == 1


def test_a_small_pool_is_asked_once_not_in_circles() -> None:
    assert set(questions(Slot.FOCUS, (), turn=7, count=10)) == general(Slot.FOCUS)


@pytest.mark.parametrize("title", ["{0.__class__}", "{event}", "{", "}}", "%s", r"\1"])
def test_words_of_others_stay_as_they_are(title: str) -> None:
    assert title in questions(Slot.DAY, [Finding(Evidence.INCIDENT, title)], turn=0, count=1)[0]


def test_a_focus_block_can_ask_where_it_stopped() -> None:
    assert "Where did you stop? What is next?" in questions(Slot.FOCUS, (), turn=0, count=3)


@given(
    turn=st.integers(0, 10**6),
    count=st.integers(0, 5),
    slot=st.sampled_from(Slot),
    found=st.sets(st.sampled_from(Evidence)),
)
def test_the_same_facts_ask_the_same_once_each(turn: int, count: int, slot: Slot, found: set[Evidence]) -> None:
    findings = [Finding(e, THURSDAY) for e in sorted(found)]
    asked = questions(slot, findings, turn=turn, count=count)
    assert asked == questions(slot, reversed(findings), turn=turn, count=count)
    assert len(set(asked)) == len(asked) <= count


@pytest.mark.parametrize(
    ("slot", "count", "apart"),
    [(Slot.DAY, 3, 5), (Slot.WEEK, 5, 3), (Slot.MONTH, 5, 2), (Slot.QUARTER, 5, 2)],
    ids=["day: over any weekend", "week", "month", "quarter"],
)
@given(turn=st.integers(0, 10**6))
def test_general_questions_do_not_come_back_soon(slot: Slot, count: int, apart: int, turn: int) -> None:
    asked = [set(questions(slot, (), turn=turn + n, count=count)) for n in range(apart + 1)]
    assert not any(asked[0] & later for later in asked[1:])


@pytest.mark.parametrize("weekday", range(5))
def test_the_same_weekday_asks_something_else_in_the_week_after(weekday: int) -> None:
    turns = [(FIRST_DAY + timedelta(days=weekday + 7 * n)).toordinal() for n in range(52)]
    asked = [questions(Slot.DAY, (), turn=turn, count=3) for turn in turns]
    assert not any(set(a) & set(b) for a, b in pairwise(asked))


@pytest.mark.parametrize(
    ("slot", "count", "turns"), [(Slot.DAY, 3, 366), (Slot.WEEK, 5, 52), (Slot.MONTH, 5, 60), (Slot.QUARTER, 5, 40)]
)
def test_in_time_every_general_question_is_asked(slot: Slot, count: int, turns: int) -> None:
    asked = {q for turn in range(turns) for q in questions(slot, (), turn=turn, count=count)}
    assert asked == general(slot)


@given(turn=st.integers(0, 10**6))
def test_the_same_kind_of_evidence_is_asked_about_in_other_words_the_next_time(turn: int) -> None:
    found = [Finding(Evidence.DECISION_MEETING, THURSDAY)]
    assert questions(Slot.DAY, found, turn=turn, count=1) != questions(Slot.DAY, found, turn=turn + 1, count=1)
