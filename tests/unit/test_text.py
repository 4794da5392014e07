"""The description of our events: what others make of it is no edit, and what the user typed is found word for word."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.model.text import FOOTER, Answer, composed, fingerprint, normal_text, plain_text, typed, words
from daemon.model.user.gesture import Gesture, gestures
from effort import statements
from hostile import TAGS

REASON = "Time to think, held for your focus goal of week 49.\nPreferred times: 09:00-12:00."
STOP, NEXT = "Where did you stop?", "What is the very next step? And who waits for it?"
LONG = "You wrote:\nMonday: “Slow”\nRead together, what do your own words tell you?"
TEXT = composed(REASON, (STOP, NEXT))
BASE = fingerprint(TEXT)


def edited(*changes: tuple[str, str], text: str = TEXT) -> str:
    """Our description after the user has typed into it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def google(text: str) -> str:
    """As Google's web page stores what is edited there."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def paragraphs(text: str) -> str:
    """As mail programs wrap it."""
    lines = "".join(f"<p>{html.escape(line) or '&nbsp;'}</p>\r\n" for line in text.split("\n"))
    return f"<html><head><title>x</title><style>p {{ margin: 0 }}</style></head>\r\n<body>{lines}</body></html>"


def boxes(text: str) -> str:
    """As editable areas of browsers do."""
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.split("\n"))


# -- the normal form --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda t: t.replace("\n", "\r\n"), id="line ends"),
        pytest.param(lambda t: t.replace("\n", " \n") + "\n\n", id="blanks at ends"),
        pytest.param(lambda t: t.replace("\n\n", "\n"), id="blank lines dropped"),
        pytest.param(lambda t: t.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(google, id="the web page of Google"),
        pytest.param(paragraphs, id="paragraphs"),
        pytest.param(boxes, id="boxes"),
        pytest.param(lambda t: f"<span>{google(t)}</span>", id="a span around it"),
        pytest.param(lambda t: google(t).replace("<br>", "<BR/>\n"), id="tags in capitals, and line ends"),
    ],
)
@pytest.mark.parametrize("text", [TEXT, composed(REASON, (LONG,)), composed("A & B <c> ‘x’", ())])
def test_what_others_rewrite_is_the_same_text(text: str, rewrite: object) -> None:
    assert fingerprint(rewrite(text)) == fingerprint(text)  # type: ignore[operator]  # a table of functions
    assert typed(rewrite(text), fingerprint(text)) == ()  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "x", TEXT.replace("49", "50"), edited((STOP, f"{STOP}\nHere")), FOOTER])
def test_another_text_is_another(text: str) -> None:
    assert fingerprint(text) != BASE


@given(st.text())
def test_a_normal_form_is_its_own(text: str) -> None:
    assert normal_text(normal_text(text)) in (normal_text(text), normal_text(plain_text(normal_text(text))))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\r\nb\rc \n\n\n\n d\n", "a\nb\nc\n\n d"),
        ("1 < 2 and <b>bold</b>\nsecond", "1 < 2 and <b>bold</b>\nsecond"),
        ("a<br>b<br/>c<br />d", "a\nb\nc\nd"),
        ("<p>a</p><p>b&amp;c</p>", "a\n\nb&c"),
        ("a<br><ul><li>one</li><li>two</li></ul>b", "a\n- one\n- two\nb"),
        ('<a href="https://x.org/y">https://x.org/y</a><br><a href="https://x.org">there</a>',
         "https://x.org/y\nthere (https://x.org)"),
        ('<a href="mailto:a@b.c">a@b.c</a><br>', "a@b.c"),
        ("a<br><tag>kept</tag>", "a\n<tag>kept</tag>"),
        ("<!-- note -->a<br>b", "a\nb"),
        ("<title>never closed<br>b", "never closed\nb"),
        ("<html><body>one\ntwo<br>three</body></html>", "one two\nthree"),
        (f"use <br> here\n{FOOTER}", f"use <br> here\n{FOOTER}"),
    ],
)  # fmt: skip
def test_html_as_plain_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize("piece", TAGS)
def test_hostile_html_costs_no_more_than_its_length(piece: str) -> None:
    some, twice = (statements(lambda n=n: typed(f"<br>{piece * n}", BASE)) for n in (500, 1000))
    assert twice < 2.1 * some


# -- what the user typed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [str, google, paragraphs, boxes])
@pytest.mark.parametrize(
    ("changes", "answers"),
    [
        pytest.param([(STOP, f"{STOP}\nAt chapter 2")], [Answer(STOP, "At chapter 2")], id="under a question"),
        pytest.param(
            [(STOP, f"{STOP}\nAt 2\n- why? no\n- & <so>"), (NEXT, f"{NEXT}\nTests")],
            [Answer(STOP, "At 2\n- why? no\n- & <so>"), Answer(NEXT, "Tests")],
            id="under both",
        ),
        pytest.param([(STOP, f"{STOP} Page 7? Yes.")], [Answer(STOP, "Page 7? Yes.")], id="behind a question"),
        pytest.param([(NEXT, f"{NEXT} Ben")], [Answer(NEXT, "Ben")], id="behind one with two marks"),
        pytest.param([(FOOTER, f"{FOOTER} By the way")], [Answer("", "By the way")], id="behind the last line"),
        pytest.param([(FOOTER, f"{FOOTER}\n\nA\nB")], [Answer("", "A\nB")], id="after the last line"),
        pytest.param([(REASON, f"Mine\n{REASON}")], [Answer("", "Mine")], id="above it all"),
        pytest.param([(REASON, f"{REASON}\nMine\nand more")], [Answer("", "Mine\nand more")], id="under the reason"),
        pytest.param([(FOOTER, ""), (STOP, f"{STOP}\nHere")], [Answer(STOP, "Here")], id="without the last line"),
        pytest.param(
            [(f"▸ {NEXT}", ""), (STOP, f"{STOP}\nHere")], [Answer(STOP, "Here")], id="without the other question"
        ),
        pytest.param([(STOP, f"{STOP}\n{'x' * 300}")], [Answer(STOP, "x" * 300)], id="long"),
    ],
)
def test_what_was_typed_is_found_question_by_question(
    changes: list[tuple[str, str]], answers: list[Answer], store: object
) -> None:
    found = typed(store(edited(*changes)), BASE)  # type: ignore[operator]  # a table of functions
    gaps = "\n\n" if store is paragraphs else "\n"  # a paragraph each
    assert [Answer(a.question, a.text.replace(gaps, "\n")) for a in found] == answers


def test_a_question_of_several_lines_is_one() -> None:
    text = composed(REASON, (LONG, STOP))
    typed_in = edited(("words tell you?", "words tell you?\nThat I rush"), text=text)
    assert typed(typed_in, fingerprint(text)) == (Answer(LONG, "That I rush"),)


AVOIDING, RULE, PROMISE = "The thing I am avoiding is …", "When it runs over again, I will …", "Name one open promise."
OPEN = composed(REASON, (AVOIDING, STOP, PROMISE))


@pytest.mark.parametrize("store", [str, google, paragraphs, boxes])
@pytest.mark.parametrize(
    ("changes", "answers"),
    [
        ([(AVOIDING, f"{AVOIDING} the talk with Dana.")], [Answer(AVOIDING, "the talk with Dana.", "a")]),
        ([(AVOIDING, f"{AVOIDING}the talk… and more")], [Answer(AVOIDING, "the talk… and more", "a")]),
        ([(AVOIDING, f"{AVOIDING}\nthe talk")], [Answer(AVOIDING, "the talk", "a")]),
        ([(AVOIDING, "The thing I am avoiding is the talk")], [Answer(AVOIDING, "the talk", "a")]),
        ([(PROMISE, f"{PROMISE} The cut list.")], [Answer(PROMISE, "The cut list.", "c")]),
        (
            [(AVOIDING, f"{AVOIDING} the talk"), (STOP, f"{STOP} Page 7."), (PROMISE, f"{PROMISE} To Ben")],
            [Answer(AVOIDING, "the talk", "a"), Answer(STOP, "Page 7.", "b"), Answer(PROMISE, "To Ben", "c")],
        ),
        ([(f"▸ {STOP}", ""), (AVOIDING, f"{AVOIDING}\nthe talk")], [Answer(AVOIDING, "the talk")]),
    ],
    ids=[
        "behind its open end", "behind it without a blank", "under it", "written over its open end",
        "behind a full stop", "behind each", "where a question is gone, nobody knows the ids",
    ],
)  # fmt: skip
def test_a_sentence_that_the_user_finishes_is_told_from_what_they_finish_it_with(
    changes: list[tuple[str, str]], answers: list[Answer], store: object
) -> None:
    found = typed(store(edited(*changes, text=OPEN)), fingerprint(OPEN), ("a", "b", "c"))
    assert found == tuple(answers)


def test_where_nothing_tells_what_was_asked_for_an_open_end_is_the_end() -> None:
    text = edited(("Time to think", "Time"), (AVOIDING, f"{AVOIDING} the talk"), text=OPEN)
    assert Answer(AVOIDING, "the talk") in typed(text, fingerprint(OPEN))


OLD = "– Move it, edit it or delete it: unbusy follows you. What you type here stays."


def test_the_last_line_of_older_versions_is_ours_and_its_wording_no_reason_to_write() -> None:
    old = edited((FOOTER, OLD))
    assert fingerprint(old) == fingerprint(TEXT)
    assert fingerprint(edited((FOOTER, ""))) != fingerprint(TEXT)
    assert typed(edited((STOP, f"{STOP}\nHere"), text=old), fingerprint(old)) == (Answer(STOP, "Here"),)
    assert typed(f"{old}\nBy the way", fingerprint(old)) == (Answer("", "By the way"),)


@pytest.mark.parametrize("text", [TEXT, OPEN, composed(REASON, (LONG,))])
def test_reason_and_questions_can_be_read_back(text: str) -> None:
    found = words(text)
    assert found.reason == REASON
    assert composed(found.reason, found.questions) == text


def test_in_place_of_our_text_all_is_the_users() -> None:
    assert typed("My own plan\n\nfor this hour", BASE) == (Answer("", "My own plan\n\nfor this hour"),)


def test_a_head_that_was_changed_is_the_users() -> None:
    assert typed(edited(("Time to think", "Time to sleep")), BASE) == (Answer("", REASON.replace("think", "sleep")),)


lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
    lambda t: t.strip() and t.strip()[0] not in "▸▹–"
)


@given(st.lists(lines, min_size=1, max_size=5))
@example(["a", "?", "▸".join("ab")])
def test_every_word_under_a_question_comes_back(said: list[str]) -> None:
    answer = "\n".join(said)
    (found,) = typed(edited((STOP, f"{STOP}\n{answer}")), BASE)
    assert found == Answer(STOP, "\n".join(w.rstrip() for w in said))


# -- gestures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#skip", {Gesture.SKIP}),
        ("Focus #SKIP", {Gesture.SKIP}),
        ("not today. #Skip.", {Gesture.SKIP}),
        ("(#pin)", {Gesture.PIN}),
        ("#pin, #done!", {Gesture.PIN, Gesture.DONE}),
        ("one\n#done\ntwo", {Gesture.DONE}),
        ("#skip-week", {Gesture.REST}),
        ("#skip-week #skip", {Gesture.REST, Gesture.SKIP}),
        ("#skip-weekend", set()),
        ("#skipped", set()),
        ("#pin-board", set()),
        ("skip", set()),
        ("# skip", set()),
        ("##skip", set()),
        ("a#skip", set()),
        ("https://example.com/#done", set()),
        ("&#skip", set()),
        ("‘Plan #skip now’ was booked", set()),
        ("‘Plan\n#skip now’ was booked", set()),
        ("‘Ben’s #skip now’ was booked", set()),
        ("„Plan #skip“ was booked", set()),
        ("«Plan #skip» was booked", set()),
        ("'Plan #skip' was booked", set()),
        ('"Plan #skip", he said', set()),
        ("&ldquo;Plan #skip&rdquo; was booked", set()),
        ("&amp;#8216;Plan #skip&amp;#8217; was booked", set()),
        ("’Plan’ was booked #skip", {Gesture.SKIP}),
        ("‘Plan\n\n#skip\n\nnow’", {Gesture.SKIP}),
        ("it isn't mine #skip, it's Ben's", {Gesture.SKIP}),
        ("it isn’t mine #skip, it’s Ben’s", {Gesture.SKIP}),
        ('a 5" screen #skip 6"', {Gesture.SKIP}),
        ("‘Plan’ was booked #skip ‘Staff’", {Gesture.SKIP}),
        ("", set()),
    ],
)
def test_gestures_are_words(text: str, found: set[Gesture]) -> None:
    assert gestures([text]) == found


def test_a_title_that_we_quote_is_no_gesture() -> None:
    """Somebody else's meeting may be called anything, and stand in our reason or in a question of ours."""
    text = composed("Moved for ‘#skip all of it’", ("What of ‘x #done’ was yours?",))
    answers = typed(edited(("was yours?", "was yours?\nNothing"), text=text), fingerprint(text))
    assert gestures(a.text for a in answers) == set()
