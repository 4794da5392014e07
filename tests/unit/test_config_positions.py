"""Line numbers of keys, in every way in which TOML lets them be written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config.positions import lines
from daemon.config.values import Where


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("a = 1\n\n# b = 2\nc = 3", {("a",): 1, ("c",): 4}),
        ("a = 1\r\nb = 2\r\n", {("a",): 1, ("b",): 2}),
        ("\n[a.b]\nc = 1\n[a]\nd = 2", {("a",): 2, ("a", "b"): 2, ("a", "b", "c"): 3, ("a", "d"): 5}),
        ("[ a . 'b.c' ]\n\"d\\u0065\" = 1", {("a",): 1, ("a", "b.c"): 1, ("a", "b.c", "de"): 2}),
        ("a.b = 1\na . c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}),
        ("a = { b = 1, c.d = { } }", {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1}),
        ("a = [\n  1, # x]\n  [2,\n 3],\n]\nb = 1", {
            ("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 1): 4, ("b",): 6,
        }),
        ("[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 1\n[[a.e]]\n[[a.e]]", {
            ("a",): 1, ("a", 0): 1, ("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "c"): 4, ("a", 1, "c", "d"): 5,
            ("a", 1, "e"): 6, ("a", 1, "e", 0): 6, ("a", 1, "e", 1): 7,
        }),
        ("a = [{b = 1},\n{b = 2}]", {("a",): 1, ("a", 0): 1, ("a", 0, "b"): 1, ("a", 1): 2, ("a", 1, "b"): 2}),
        ('a = """\nb = 1\n\\"""\n[c]"""\nd = 1', {("a",): 1, ("d",): 5}),
        ('a = """"x"""""\nb = 1', {("a",): 1, ("b",): 2}),
        ("a = '''\nb = 1''\n'''''\nd = 1", {("a",): 1, ("d",): 4}),
        ("a = \"#[']\" # '''\nb = '\"' # \"\"\"\nc = 1", {("a",): 1, ("b",): 2, ("c",): 3}),
        ("a = 2026-12-03 09:00:00 # b\nb = [2026-12-03 09:00:00,2026-12-03]", {
            ("a",): 1, ("b",): 2, ("b", 0): 2, ("b", 1): 2,
        }),
    ],
    ids=[
        "empty", "pairs, blank lines, comments", "CRLF", "tables, nested first", "quoted keys", "dotted keys",
        "inline tables", "arrays over lines", "arrays of tables", "arrays of inline tables", "strings over lines",
        "quotes before the end", "literal strings over lines", "strings that look like structure", "dates with a space",
    ],
)  # fmt: skip
def test_each_key_has_its_line(text: str, found: dict[Where, int]) -> None:
    tomllib.loads(text)
    assert lines(text) == found


def leaves(value: object, path: Where = ()) -> set[Where]:
    """Every path in parsed TOML."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {inner for key, item in items for inner in leaves(item, (*path, key))}


class Writer:
    """Writes tables as TOML, at each turn in one of the ways that there are, and notes the line of everything."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.text, self.wanted = draw, "", dict[Where, int]()

    def flip(self) -> bool:
        return self.draw(st.booleans())

    def note(self, path: Where) -> None:
        for length in range(1, len(path) + 1):
            self.wanted.setdefault(path[:length], self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        if re.fullmatch(r"[A-Za-z0-9_-]+", key) and self.flip():
            return key
        if "'" not in key and key.isprintable() and self.flip():
            return f"'{key}'"
        return quoted(key)

    def header(self, path: Where) -> str:
        return ".".join(self.key(key) for key in path if isinstance(key, str))

    def gap(self) -> None:
        self.text += self.draw(st.sampled_from(["", "\n", "# a = 1\n", '# """ [x]\n', "\r\n"]))

    def table(self, path: Where, table: Mapping[str, object]) -> None:
        later: list[tuple[Where, object]] = []
        for key, value in table.items():
            inner = (*path, key)
            if (isinstance(value, dict) or is_tables(value)) and self.flip():
                later.append((inner, value))
            elif isinstance(value, dict) and value and self.flip():
                for sub, item in value.items():
                    self.pair((*inner, sub), f"{self.key(key)} . {self.key(sub)}", item)
            else:
                self.pair(inner, self.key(key), value)
        for inner, value in later:
            for at, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
                self.gap()
                self.note(inner if at is None else (*inner, at))
                self.text += (f"[{self.header(inner)}]" if at is None else f"[[ {self.header(inner)} ]] # [") + "\n"
                self.table(inner if at is None else (*inner, at), item)

    def pair(self, path: Where, key: str, value: object) -> None:
        self.gap()
        self.note(path)
        self.text += f"  {key} = "
        self.value(path, value)
        self.text += self.draw(st.sampled_from(["\n", " # x = [\n", "\r\n"]))

    def value(self, path: Where, value: object) -> None:
        match value:
            case dict():
                self.text += "{ "
                for at, (key, item) in enumerate(value.items()):
                    self.text += ", " if at else ""
                    self.note((*path, key))
                    self.text += f"{self.key(key)} = "
                    self.value((*path, key), item)
                self.text += "}"
            case list():
                self.text += "["
                for at, item in enumerate(value):
                    self.text += self.draw(st.sampled_from(["", "\n  ", " # ]\n"]))
                    self.note((*path, at))
                    self.value((*path, at), item)
                    self.text += self.draw(st.sampled_from([",", " ,\n"]))
                self.text += "]"
            case str():
                self.text += self.string(value)
            case bool():
                self.text += str(value).lower()
            case datetime():
                self.text += value.isoformat(sep=self.draw(st.sampled_from(["T", " "])))
            case _:
                self.text += str(value)

    def string(self, value: str) -> str:
        if value.isprintable() and "'" not in value and self.flip():
            return self.draw(st.sampled_from([f"'{value}'", f"'''\n{value}'''"]))
        if self.flip():
            return f'"""\n{quoted(value)[1:-1]}"""'.replace("\\n", "\n")
        return quoted(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\\\\n", "\\u005cn")


def is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


KEYS = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(["a", "b", "c-1", "'", '"', "#", "[", "="])
SCALARS = (
    st.integers(-(2**63), 2**63)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.sampled_from(["]", "}", "#", "\n[x]\n", "'''", '"""', "\\", "a = 1\n"])
    | st.dates(date(1000, 1, 1))
    | st.datetimes(datetime(1000, 1, 1))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=5)


@settings(max_examples=300)
@given(TABLES, st.data())
def test_lines_are_right_however_it_is_written(data: dict[str, object], choices: st.DataObject) -> None:
    writer = Writer(choices.draw)
    writer.table((), data)
    assert tomllib.loads(writer.text) == data
    assert lines(writer.text) == writer.wanted
    assert set(writer.wanted) | {()} == leaves(data)
