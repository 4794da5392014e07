"""The library of questions: what is in it, what is wrong with one, and what a file of the user's own does to it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from daemon.config import load
from daemon.model.errors import ConfigError
from daemon.model.options import Included
from policies.questions import prompts
from policies.questions.own import OwnQuestions
from policies.questions.prompts import Evidence, Finding, Form, Library, Prompt, Slot, Tone, library, merged, parse

THEMES = (
    "trust", "evidence", "adoption", "objective", "wins", "support", "advice", "feedback", "slow thinking", "busy",
    "causes", "respect", "doors", "influence", "growth", "answers", "recovery", "strengths", "carrying", "home",
)  # fmt: skip
FREQUENT = (Evidence.ONE_ON_ONE, Evidence.DECISION_MEETING, Evidence.HIGH_STAKES, Evidence.OVERLOADED_DAY)


def of(theme: str) -> list[Prompt]:
    return [p for p in library() if p.theme == theme]


def bare(prompt: Prompt) -> str:
    """Its words without what is put in, and without the sentence that only says what it is about."""
    about = r"\{day\} had \{load\} of meetings\.|\{event\} gave way to \{taker\}\.|\(?\{\w+\}\)?"
    return re.sub(about, " ", prompt.text).strip(" :,.…?")


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_it_is_large_and_says_nothing_twice() -> None:
    words = [" ".join(re.findall(r"\w+", bare(p).casefold())) for p in library()]
    assert len(words) >= 160
    assert [w for w, n in Counter(words).items() if n > 1] == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_has_questions_of_all_forms_and_tones_that_begin_differently(theme: str) -> None:
    prompts = of(theme)
    tones = Counter(tone for p in prompts for tone in p.tone)
    assert len(prompts) >= 12
    assert {p.form for p in prompts} == set(Form)
    assert tones[Tone.AHEAD] >= 3
    assert tones[Tone.WELL] >= 2
    assert tones[Tone.QUIET] >= 2 or theme == "answers", "words of one's own are read again in any week"
    begin = Counter(" ".join(bare(p).casefold().split()[:2]) for p in prompts if not p.evidence.fixed)
    assert [words for words, n in begin.items() if n > 1] == []


def test_our_own_file_is_read_as_one_of_the_users_would_be() -> None:
    assert parse((Path(prompts.__file__).with_name("prompts.toml")).read_text()) == Library(library())


def test_there_is_no_other_theme() -> None:
    assert {p.theme for p in library()} == set(THEMES)


@pytest.mark.parametrize("evidence", FREQUENT)
def test_what_is_seen_often_has_a_dozen(evidence: Evidence) -> None:
    assert sum(p.evidence is evidence for p in library()) >= 12


@pytest.mark.parametrize("evidence", [e for e in Evidence if not e.fixed])
@pytest.mark.parametrize("slot", Slot)
def test_all_evidence_has_several_wordings_wherever_it_is_asked_about(slot: Slot, evidence: Evidence) -> None:
    n = sum(slot in p.slots and p.evidence is evidence for p in library())
    assert n >= 3 or not n or (slot, evidence) == (Slot.FOCUS, Evidence.ALWAYS)


@pytest.mark.parametrize("slot", Slot)
def test_every_slot_has_some(slot: Slot) -> None:
    assert any(slot in p.slots for p in library())


RELATIVE = r"\b(today|tomorrow|yesterday|tonight|now and|ago|this (day|week|month)|(last|next) (week|month|day))\b"
FORBIDDEN = r"\b(courage|fail\w*|should have|guilt\w*|fault|blame\w*|overdue|missed? your)\b"
CLAUSES = r"(?:^|[.,:;] |\band |\bor )(?:who|whom|whose|what|which|when|where|why|how|did|do|is|are|was|were|could)\b"


@pytest.mark.parametrize("prompt", library(), ids=lambda p: p.id)
def test_each_is_short_asks_one_thing_presumes_nothing_and_is_true_on_another_day(prompt: Prompt) -> None:
    text = prompt.text
    assert len(bare(prompt).split()) <= 16
    assert len(text) < 160
    assert text[0].isupper() or text[0] == "{"
    assert not re.match(r"(To whom|With whom|Why didn)", text)
    assert not re.search(RELATIVE, text, re.IGNORECASE)
    assert not re.search(FORBIDDEN, text, re.IGNORECASE)
    assert len(re.findall(r"\band\b", bare(prompt))) <= 1
    assert len(re.findall(CLAUSES, bare(prompt), re.IGNORECASE)) <= 2, "a question, and a condition or a choice"


@pytest.mark.parametrize("prompt", library(), ids=lambda p: p.id)
def test_each_ends_as_its_form_does(prompt: Prompt) -> None:
    marks = prompt.text.count("?")
    match prompt.form:
        case Form.QUESTION:
            assert marks == 1
        case Form.NAME:
            assert marks <= 1
            assert prompt.text.endswith((".", "?"))
        case Form.IF_THEN:
            assert prompt.text.endswith("…")
            assert marks == 0
            assert re.search(r"\b(I|it)\b", prompt.text)
        case Form.SENTENCE:
            assert prompt.text.endswith("…")
            assert marks == 0


@pytest.mark.parametrize("prompt", library(), ids=lambda p: p.id)
def test_each_has_a_slot_that_can_ask_it(prompt: Prompt) -> None:
    assert set(prompt.slots) <= prompt.evidence.slots


# -- what is wrong with a file ----------------------------------------------------------------------------------------

GOOD = {
    "id": "a-name", "form": "question", "slots": "day week", "evidence": "always", "tone": "well",
    "text": "Is this a question?",
}  # fmt: skip


def toml(*rows: dict[str, str], theme: str = "doors") -> str:
    return f"{theme} = [{', '.join(str(list(row.values())) for row in rows)}]"


def test_a_good_one_is_read() -> None:
    (prompt,) = parse(toml(GOOD)).prompts
    assert (prompt.id, prompt.theme, prompt.form) == ("a-name", "doors", Form.QUESTION)
    assert (prompt.slots, prompt.evidence, prompt.tone) == ((Slot.DAY, Slot.WEEK), Evidence.ALWAYS, {Tone.WELL})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "A name"}, "matching regex"),
        ({"form": "riddle"}, "riddle"),
        ({"slots": ""}, "length"),
        ({"slots": " "}, "is never seen where it may be asked"),
        ({"slots": "night"}, "a-name: 'night' is not known; write some of: day, week, month"),
        ({"evidence": "mood"}, "mood"),
        ({"tone": "grim"}, "a-name: 'grim' is not known; write some of: ahead, well"),
        ({"text": "Why? " * 40}, "159"),
        ({"text": "What about {event}?"}, "must name nothing"),
        ({"text": "What about {}, then?"}, "must name nothing"),
        ({"text": "What about {broken?"}, "a brace stands alone"),
        ({"evidence": "incident"}, "must name {'event'}"),
        ({"evidence": "incident", "text": "What about {words}?"}, "must name {'event'}"),
        ({"evidence": "incident", "text": "What about {event.ref}?"}, "must name {'event'}"),
        ({"evidence": "incident", "text": "What about {event!r:>99999999}?"}, "must name {'event'}"),
        (
            {"evidence": "quiet_week", "slots": "day"},
            "quiet_week is never seen where it may be asked; that is in: week",
        ),
        ({"mood": "good"}, "at most length 6"),
    ],
    ids=str,
)
def test_a_bad_one_is_refused_by_name(change: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(toml(GOOD | change))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (toml(GOOD, GOOD), "more than one question is called a-name"),
        ("doors = 1", "array"),
        ("drop = 'x'", "array"),
        ("doors = [[", "Invalid value"),
    ],
    ids=["the same name twice", "no table", "drop is no list", "no TOML"],
)
def test_a_bad_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


@pytest.mark.parametrize("title", ["{0.__class__}", "{event}", "{", "}}", "%s", r"\1"])
def test_words_of_others_stay_as_they_are(title: str) -> None:
    (prompt,) = parse(toml(GOOD | {"evidence": "incident", "text": "And {event}?"})).prompts
    assert prompt.worded(Finding(Evidence.INCIDENT, title)) == f"And {title}?"


# -- the user's own file ----------------------------------------------------------------------------------------------


def test_their_own_questions_come_beside_ours_replace_them_and_take_some_away() -> None:
    own = parse("drop = ['wins-laughed']\n" + toml(GOOD, GOOD | {"id": "wins-easy", "text": "Wann lief es leicht?"}))
    prompts = {p.id: p for p in merged(own)}
    assert prompts.keys() == {p.id for p in library()} - {"wins-laughed"} | {"a-name"}
    assert prompts["wins-easy"].text == "Wann lief es leicht?"
    assert merged(Library()) == library()


def test_a_name_alone_changes_nothing() -> None:
    assert OwnQuestions.parse("mine.toml").prompts == library()
    assert OwnQuestions.parse(Included("mine.toml", toml(GOOD))).prompts[-1].id == "a-name"


CONFIG = """\
timezone = "Europe/Warsaw"
[accounts.home]
type = "vdir"
path = "/calendars"
write = "work"
emails = ["ada@example.com"]
[policies.reflection]
questions = "mine.toml"
"""


def test_the_config_reads_the_file_that_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "mine.toml").write_text(toml(GOOD))
    questions = load(tmp_path / "config.toml").policies["reflection"].questions
    assert questions == "mine.toml"
    assert "a-name" in {p.id for p in questions.prompts}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file or directory; name a file of at most 100 kB beside this one"),
        (b"\xff", "byte 0xff; save the file as UTF-8"),
        (b"#" * 100_001, "over 100 kB"),
        (b"doors = [[", "'mine.toml': Invalid value"),
        (b"drop = ['nope']", "'mine.toml': `drop` names 'nope', which is no question's id"),
        (toml(GOOD | {"slots": "night"}).encode(), "'mine.toml': a-name: 'night' is not known"),
    ],
    ids=["no file", "no text", "too large", "no TOML", "an id that is not known", "a place that is none"],
)
def test_a_file_that_cannot_be_used_is_a_fault_at_its_line(tmp_path: Path, text: bytes | None, said: str) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    if text is not None:
        (tmp_path / "mine.toml").write_bytes(text)
    with pytest.raises(ConfigError) as error:
        load(tmp_path / "config.toml")
    assert str(error.value).startswith(f"{tmp_path / 'config.toml'}:8: policies.reflection.questions: ")
    assert said in str(error.value)
