"""The glossary has each term once, and knows every state."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.model.owner import OwnState

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
TERMS = re.findall(r"^\| ([^|]+) \| ", PAGE.partition("## Terms")[2].partition("| --- |")[2], re.MULTILINE)
DRAWING = PAGE.split("```")[1]


def test_each_term_stands_there_once_in_order() -> None:
    assert sorted(set(TERMS), key=str.casefold) == TERMS


@pytest.mark.parametrize("state", [s if s is not OwnState.INTENDED else "intended" for s in OwnState])
def test_every_state_is_a_term_and_in_the_drawing(state: str) -> None:
    assert state in TERMS
    assert state in DRAWING


def test_no_term_takes_more_than_two_lines() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 240] == []
