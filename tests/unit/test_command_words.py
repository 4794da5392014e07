"""What a title asks for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.answers import BEGIN, END, answered, with_answer
from daemon.model.user.command import Verb
from daemon.model.user.command_words import parsed
from making import event, profile

FRIDAY, SUNDAY = date(2026, 12, 4), date(2026, 12, 6)


@pytest.mark.parametrize(
    ("title", "minutes", "what", "by"),
    [
        ("unbusy: focus 4h write the strategy by friday", 240, "write the strategy", FRIDAY),
        ("Unbusy:  FOCUS 4H  write  it BY Friday.", 240, "write it", FRIDAY),
        ("unbusy: focus 90m", 90, "", SUNDAY),
        ("unbusy: focus 90 min slides", 90, "slides", SUNDAY),
        ("unbusy: focus for 2 hours slides", 120, "slides", SUNDAY),
        ("unbusy: focus 1.5h x", 90, "x", SUNDAY),
        ("unbusy: focus 1,5 h x", 90, "x", SUNDAY),
        ("unbusy: focus 1h30 x", 90, "x", SUNDAY),
        ("unbusy: focus 1h 30m x", 90, "x", SUNDAY),
        ("unbusy: focus 1h30m", 90, "", SUNDAY),
        ("unbusy: focus 100m x", 105, "x", SUNDAY),
        ("unbusy: focus 15m", 15, "", SUNDAY),
        ("unbusy: focus 40h all", 2400, "all", SUNDAY),
        ("unbusy: focus 4h: plan, by thu", 240, "plan", date(2026, 12, 3)),
        ("unbusy: focus 4h by wed", 240, "", date(2026, 12, 2)),
        ("unbusy: focus 4h x by tuesday", 240, "x", date(2026, 12, 1)),
        ("unbusy: focus 4h x by monday", 240, "x", date(2026, 12, 7)),
        ("unbusy: focus 4h x by today", 240, "x", date(2026, 12, 1)),
        ("unbusy: focus 4h x by tomorrow", 240, "x", date(2026, 12, 2)),
        ("unbusy: focus 4h x by 2026-12-18", 240, "x", date(2026, 12, 18)),
        ("unbusy: focus 4h write by hand", 240, "write by hand", SUNDAY),
        ("unbusy: focus 4h stand by me by fri", 240, "stand by me", FRIDAY),
    ],
)
def test_named_focus(title: str, minutes: int, what: str, by: date) -> None:
    """The command stands on Tuesday."""
    found = parsed(event("Tue 08:00-08:15", title), profile())
    assert (found.verb, found.minutes, found.what, found.by, found.fault) == (Verb.FOCUS, minutes, what, by, "")


@pytest.mark.parametrize("title", ["focus", "focus 4", "focus x 4h", "focus 0h", "focus 10m?", "focus 41h", "focus h"])
def test_without_a_length_there_is_none(title: str) -> None:
    found = parsed(event("Tue 08:00-08:15", f"unbusy: {title}"), profile())
    assert found.verb is None or (title == "focus 10m?" and found.minutes == 15)
    assert bool(found.fault) == (found.verb is None)


@given(st.text(max_size=200))
def test_whatever_is_asked_has_an_answer(title: str) -> None:
    found = parsed(event("Tue 08:00-08:15", f"unbusy:{title}"), profile())
    assert (found.verb is None) == bool(found.fault)
    assert len(found.key) < 200


@given(st.text(min_size=1, max_size=2000))
def test_a_key_has_room_in_a_mark(uid: str) -> None:
    key = parsed(event("Tue 08:00-08:15", "unbusy: help", uid=uid), profile()).key
    assert len(key.encode()) < 400


# -- the answer in a description --------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_characters="─\r", exclude_categories=["Cs"]))


@given(words, words, words)
def test_what_stands_around_an_answer_stays(before: str, inside: str, later: str) -> None:
    first = with_answer(before, "One & <two>\nthree")
    assert first.startswith(before if before.strip() else BEGIN)
    edited = first.replace("three", inside) + later
    second = with_answer(edited, "Another")
    head, tail = edited[: edited.index(BEGIN)], edited[edited.index(END) + len(END) :]
    assert second.startswith(head + BEGIN)
    assert second.endswith(END + tail)
    assert second.count(BEGIN) == second.count(END) == 1
    assert answered(second) == "Another"


@pytest.mark.parametrize(
    ("description", "answer"),
    [
        ("", ""),
        ("mine", ""),
        (f"mine\n{BEGIN}\none\n{END}\nmore", "one"),
        (f"mine<br>{BEGIN}<br>one &amp; two<br>three<br>{END}<br>more", "one & two\nthree"),
        (f"{BEGIN}\nthe end is missing", ""),
        (f"{END}\nthe beginning is missing", ""),
    ],
)
def test_the_answer_that_stands(description: str, answer: str) -> None:
    assert answered(description) == answer
