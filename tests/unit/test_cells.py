"""How wide text is, and how it is cut and wrapped; wcwidth is asked for all of it, not for what needs it only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from daemon.views.cells import NARROW, cut, lead, shortened, width, wrapped


def test_what_is_taken_for_narrow_is_narrow_alone_and_beside_others() -> None:
    narrow = [c for c in map(chr, range(0x3000)) if NARROW.fullmatch(c)]
    assert len(narrow) > 1000
    assert [hex(ord(c)) for c in narrow if wcswidth(c) != 1 or len(list(iter_graphemes(f"a{c}a"))) != 3] == []


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_a_text_is_as_wide_as_wcwidth_says(text: str) -> None:
    units = [[unit] if wcswidth(unit) <= 2 else list(unit) for unit in iter_graphemes(text)]
    assert width(text) == sum(max(0, wcswidth(unit)) for parts in units for unit in parts)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("Focus", 5),
        ("深い仕事", 8),
        ("cafe\u0301", 4),
        ("\u1112\u1161\u11ab", 2),
        ("\U0001f1e9\U0001f1ea", 2),
        ("☕ tea", 6),
        ("👩\u200d👧 away", 7),
        ("👍🏽", 2),
        ("a🏽🏽", 5),
        ("\x1b[1;31mred\x1b[0m", 3),
        ("\x1b[1;31m深\x1b[0m", 2),
    ],
)
def test_a_text_takes_so_many_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Focus", 5, "Focus"),
        ("Focus", 4, "Foc…"),
        ("深い仕事", 8, "深い仕事"),
        ("深い仕事", 7, "深い仕…"),
        ("深い仕事", 6, "深い…"),
        ("Deep work", 6, "Deep…"),
        ("cafe\u0301 au lait", 5, "cafe\u0301…"),
        ("👩\u200d👧👩\u200d👧", 3, "👩\u200d👧…"),
    ],
)
def test_what_is_too_long_ends_in_an_ellipsis(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short


def test_a_cut_keeps_a_letter_and_its_accent_together_and_no_half_of_a_colour() -> None:
    assert cut("cafe\u0301s", 4) == "cafe\u0301"
    assert cut("\x1b[31mred\x1b[0m", 2) == "\x1b[31mre"
    assert cut("👩\u200d👧👦", 3) == "👩\u200d👧"


@pytest.mark.parametrize(
    ("line", "most", "hang", "rows"),
    [
        ("  one two three", 80, 2, ["  one two three"]),
        ("  one two three", 9, 2, ["  one two", "  three"]),
        ("a  b    c", 6, 0, ["a  b", "c"]),
        ("name  a long story", 12, 6, ["name  a long", "      story"]),
        ("x https://example.com/a", 10, 2, ["x https://", "  example.", "  com/a"]),
        ("深い 仕事 時間", 9, 0, ["深い 仕事", "時間"]),
        ("\x1b[33mone two\x1b[0m", 3, 0, ["\x1b[33mone", "two\x1b[0m"]),
    ],
)
def test_a_line_goes_on_under_its_text(line: str, most: int, hang: int, rows: list[str]) -> None:
    assert wrapped(line, most, hang) == rows


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("text", 0),
        ("  text", 2),
        ("      – Mon 09:30", 8),
        (" 12. because", 5),
        ("\x1b[1m  + \x1b[0m\x1b[32m09:00", 4),
        ("\x1b[33m! work: away", 2),
        ("-3 degrees", 0),
        ("", 0),
    ],
)
def test_a_text_begins_after_its_indent_and_sign(line: str, cells: int) -> None:
    assert lead(line) == cells


@given(st.text(st.sampled_from("ab  深e\u0301☕\u200d🏽")), st.integers(4, 30), st.integers(0, 15))
def test_wrapping_loses_nothing_and_no_row_is_too_wide(line: str, most: int, hang: int) -> None:
    rows = wrapped(line, most, min(hang, most // 2))
    assert "".join("".join(rows).split()) == "".join(line.split())
    assert max(map(width, rows)) <= most
    if line.isascii():
        assert max(map(len, rows)) <= most
