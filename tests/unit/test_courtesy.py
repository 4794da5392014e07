"""Messages to others: what fills them, what they never hold, and what a file of the user's own may say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from daemon import config
from daemon.config import load
from daemon.model.courtesy import greeting
from daemon.model.courtesy.messages import LINE, MOST, Message, half, message, parse, templates, touch
from daemon.model.errors import ConfigError
from daemon.model.user.gesture import gestures
from making import ZONE, event, meeting, span

STAFF = meeting("Tue 10:00-11:00", "Staff", organizer_name="Dana Roe")


LATER = span("Thu 15:00-16:00")


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (Message.DECLINE, {}, "Hi Dana, I'll skip ‘Staff’ on Tue 1 Dec 10:00 and read the notes."),
        (Message.SKIP, {}, "Hi Dana, this week I'd rather not come to ‘Staff’; is anything on the list that"),
        (Message.HAND_OVER, {"delegate": "Bo Li"}, "Bo Li will speak for us in ‘Staff’."),
        (Message.SHORTEN, {}, "Let's try ‘Staff’ in 30 min; I'll send the question ahead."),
        (
            Message.MOVE,
            {"slot": LATER},
            "Could ‘Staff’ move to Thu 3 Dec 15:00? That would leave me a longer stretch to think.",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, Message) else "",
)
def test_what_is_said(kind: Message, more: dict[str, Any], said: str) -> None:
    assert message(kind, STAFF, ZONE, **more).startswith(said)


def test_a_private_title_is_said_in_none() -> None:
    hidden = structs.replace(STAFF, spoken="")
    for kind in Message:
        said = message(kind, hidden, ZONE, delegate="Bo", slot=LATER)
        assert "Staff" not in said
        assert "a private appointment" in said
        assert said.count("10:00") == 1, "its time stands once, by which it is known"


def test_an_organizer_without_a_name() -> None:
    nameless = structs.replace(STAFF, organizer_name="\u200b ")
    assert message(Message.SKIP, nameless, ZONE).startswith("Hi there, ")
    assert message(Message.SKIP, nameless, ZONE, organizer="Eva").startswith("Hi Eva, ") is False
    assert message(Message.SKIP, structs.replace(STAFF, organizer_name=""), ZONE, organizer="Eva").startswith(
        "Hi Eva, "
    )
    assert message(Message.SKIP, nameless, ZONE, own={"unnamed": "you"}).startswith("Hi you, ")


NAMES = [
    ("Grace Adeyemi", "", "Grace"),
    ("Grace Adeyemi", "grace.adeyemi@example.com", "Grace"),
    ("Jean-Luc O'Neill", "", "Jean-Luc"),
    ("Łukasz Świątek", "", "Łukasz"),
    ("László Nagy", "nagy.laszlo@example.com", "László Nagy"),
    ("Adeyemi, Grace", "", "Adeyemi, Grace"),
    ("Dr. Adeyemi", "", "Dr. Adeyemi"),
    ("GRACE ADEYEMI", "", "GRACE ADEYEMI"),
    ("grace adeyemi", "", "grace adeyemi"),
    ("Anna Maria Kowalska", "", "Anna Maria Kowalska"),
    ("Design Guild", "", "Design Guild"),
    ("Eva", "", "Eva"),
    ("李 明", "", "李 明"),
    ("", "", ""),
]


@pytest.mark.parametrize(("name", "address", "greeted"), NAMES, ids=[f"{name} {address}" for name, address, _ in NAMES])
def test_who_has_plainly_a_given_name_is_greeted_by_it(name: str, address: str, greeted: str) -> None:
    assert greeting.given(name, address) == greeted


def test_days_are_named_as_days() -> None:
    assert " on Tue 1 Dec and " in message(Message.DECLINE, event("Tue..Wed", "Offsite"), ZONE)


@pytest.mark.parametrize(("minutes", "shorter"), [(30, 15), (45, 25), (50, 25), (60, 30), (90, 45), (5, 5), (0, 0)])
def test_half_of_a_length(minutes: int, shorter: int) -> None:
    assert half(minutes) == shorter


TEXTS = st.text(max_size=200)
LONG = {"decline": "{title}{title}{organizer}{when}" * 12}


@given(TEXTS, TEXTS, TEXTS, st.sampled_from([{}, LONG]))
def test_whatever_fills_one_it_is_a_line_without_an_order(title: str, name: str, who: str, own: dict[str, str]) -> None:
    hostile = structs.replace(STAFF, summary=f"{title} #skip {{slot}}", organizer_name=f"{name}#pin")
    for kind in Message:
        said = message(kind, hostile, ZONE, own=own, delegate=f"{who} #done", slot=LATER)
        assert len(said) <= LINE
        assert not gestures([said])
        assert "\n" not in said
        assert all(c.isprintable() or c in "\u200c\u200d" for c in said)


def test_no_value_is_taken_for_a_place() -> None:
    said = message(Message.HAND_OVER, structs.replace(STAFF, summary="{delegate}"), ZONE, delegate="Bo")
    assert said == "Bo will speak for us in ‘{delegate}’."


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "refuse = 'No.'",
            "'refuse' is not a message; there are decline, skip, hand_over, shorten, move, touch, unnamed",
        ),
        ("touch = '{title}'", "touch names '{title}'; it may name {length}, {name}"),
        ("decline = ' '", f"decline = ' ' is not a text of 1 to {MOST} characters"),
        ("decline = 5", f"decline = 5 is not a text of 1 to {MOST} characters"),
        (f"decline = '{'x' * (MOST + 1)}'", "decline = 'xxx"),
        ("decline = 'To {slot}'", "decline names '{slot}'; it may name {organizer}, {title}, {when}"),
        ("move = '{title.__class__}'", "move names '{title.__class__}'; it may name"),
        ("move = '{}'", "move names '{}'; it may name"),
        ("unnamed = '{title}'", "unnamed names '{title}'; it names nothing"),
        ("decline = ", "Invalid value"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(wrong)}"):
        parse(text)


def test_every_message_has_its_template() -> None:
    assert set(templates()) == {*Message, "touch", "unnamed"}


# -- the user's own file ----------------------------------------------------------------------------------------------

HOME = "[accounts.home]\ntype = 'vdir'\npath = '/calendars'\nwrite = 'work'\nemails = ['ada@example.com']\n"


def test_a_file_of_ones_own_replaces_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text("skip = 'Hallo {organizer}, diese Woche ohne mich.'")
    (tmp_path / "config.toml").write_text(f"courtesy = 'words.toml'\n{HOME}")
    loaded = load(tmp_path / "config.toml")
    own = config.profile(loaded).courtesy
    assert message(Message.SKIP, STAFF, ZONE, own=own) == "Hallo Dana, diese Woche ohne mich."
    assert message(Message.SHORTEN, STAFF, ZONE, own=own).startswith("Let's try ")
    assert tomllib.loads(config.show(loaded))["courtesy"] == "words.toml"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory; name a file of at most 100 kB beside this one"),
        ("refuse = 'No.'", "courtesy: 'words.toml': 'refuse' is not a message"),
        ("skip = ", "courtesy: 'words.toml': Invalid value"),
        ("#" + "x" * 100_001, "over 100 kB"),
    ],
    ids=["there is none", "another message", "no TOML", "too large"],
)
def test_a_file_that_says_nothing_is_named(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "words.toml").write_text(content)
    (tmp_path / "config.toml").write_text(f"\ncourtesy = 'words.toml'\n{HOME}")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "config.toml")
    (line,) = caught.value.what.splitlines()
    assert line.startswith(f"{tmp_path / 'config.toml'}:2: courtesy: ")
    assert said in line


def test_a_message_to_somebody() -> None:
    assert touch("Lena", 45).startswith("Hi Lena, it has been a while")
    assert touch("Lena Brandt", 45).startswith("Hi Lena, it has been a while")
    assert "45 min" in touch("Lena", 45)
    assert touch("L#skip", 60, {"touch": "{name}: {length}? {other}"}) == "L＃skip: 1 h? {other}"
    assert touch("#skip", 60, {"touch": "{name}"}) == "＃skip"
