"""The example says all that there is, with the defaults that are; what `config show` and `config schema` print."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import NODEFAULT, Struct, convert
from msgspec.structs import fields, replace

from connectors import CONNECTORS
from daemon.config import Away, Config, load, schema, show
from daemon.config.check import built, faults
from daemon.config.json_schema import words
from daemon.config.values import Days, Hours, Where, Zone
from daemon.model.options import Folder, Minutes, decode
from policies import POLICIES
from policies.habits.options import HabitOptions

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
OPTION = re.compile(r'^# (?=[a-z_]+ = |[\[\]]|    ")', re.MULTILINE)
"""What stands before an option, a table or the further lines of a list."""


@pytest.fixture(autouse=True)
def _in_warsaw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Warsaw")


def active() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text())


def everything() -> dict[str, Any]:
    """The example with every option taken out of its comment."""
    return tomllib.loads(OPTION.sub("", EXAMPLE.read_text()))


def _account(kind: str) -> str:
    """The account of the example that shows a kind of store."""
    return next(name for name, table in everything()["accounts"].items() if table["type"] == kind)


def tables() -> Iterator[tuple[Where, type[Struct]]]:
    """Every table that a config can have, and what it may hold."""
    yield (), Config
    yield ("away", 0), Away
    yield ("policies", "habits", "items", 0), HabitOptions
    for path, kind in (
        *((("accounts", _account(name)), kind.options) for name, kind in CONNECTORS.items()),
        *((("policies", name), kind.options) for name, kind in POLICIES.items()),
    ):
        yield path, kind
        for field in fields(kind):
            bare = get_args(field.type)[0] if get_args(field.type) else field.type
            if isinstance(bare, type) and issubclass(bare, Struct):
                yield (*path, field.encode_name), bare


def at(data: Any, path: Where) -> Any:
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*table, id=table[1].__name__) for table in tables()])
def test_the_example_holds_every_option(path: Where, kind: type[Struct]) -> None:
    assert set(at(everything(), path)) == {field.encode_name for field in fields(kind)}


def test_the_example_holds_every_policy_and_kind_of_store() -> None:
    assert set(everything()["policies"]) == set(POLICIES)
    assert {account["type"] for account in everything()["accounts"].values()} == set(CONNECTORS)


def test_the_example_makes_you_choose_no_more_than_it_must() -> None:
    assert active().keys() == {"accounts", "policies"}
    assert not any(active()["policies"].values())
    assert set(active()["accounts"]["home"]) == {"type", "path", "emails", "write"}


CHOSEN = {
    ("accounts",),
    ("policies",),
    ("away",),
    *(("away", 0, name) for name in ("from", "to")),
    *(("accounts", "home", name) for name in ("type", "path", "emails", "write")),
    *(("accounts", "work", name) for name in ("type", "url", "username")),
    ("accounts", "google", "type"),
    ("policies", "habits", "items"),
    ("policies", "habits", "items", 0, "title"),
    *(("accounts", "team", name) for name in ("type", "path")),
    ("policies", "network", "people"),
    ("policies", "invitations", "rules"),
}
"""What is an example, and no default."""


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*table, id=table[1].__name__) for table in tables()])
def test_the_defaults_in_the_example_are_the_defaults_in_the_code(path: Where, kind: type[Struct]) -> None:
    table = at(everything(), path)
    for field in fields(kind):
        name, default = field.encode_name, field.default
        if (*path, name) not in CHOSEN:
            value = convert(table[name], field.type, dec_hook=decode)
            default = field.default_factory() if default is NODEFAULT else default
            assert agrees(value, default), f"{name} in the example is no default"


def agrees(value: object, default: object) -> bool:
    """Whether a value is what goes without saying: it is the default, or none is set."""
    if isinstance(value, Struct) and isinstance(default, Struct):
        return all(agrees(getattr(value, f.name), getattr(default, f.name)) for f in fields(value))
    return value == default or default is None


def test_every_option_in_the_example_is_explained() -> None:
    """By a comment beside it, or by one before it in its paragraph."""
    for paragraph in re.split(r"\n\n+", EXAMPLE.read_text()):
        explained = False
        for line in paragraph.splitlines():
            is_option = " = " in OPTION.sub("", line).partition("#")[0]
            explained |= not is_option and not OPTION.match(line)
            assert explained or not is_option or re.search(r"  # \S", line), f"{line!r} is not explained"


def test_the_example_loads_as_it_is_and_with_every_option() -> None:
    assert list(faults(everything())) == []
    assert load(EXAMPLE) == built({"accounts": active()["accounts"]})


def test_a_config_is_shown_whole() -> None:
    shown = show(load(EXAMPLE))
    told = tomllib.loads(shown)
    assert set(told) == {field.encode_name for field in fields(Config)}
    assert told["accounts"]["home"] == active()["accounts"]["home"] | {"read": [], "quote_titles": False}
    assert told["policies"]["focus"]["block"] == {"ideal": "2h", "max": "3h"}
    assert shown == show(load(EXAMPLE))


TEXT = st.text(st.characters(codec="utf-8"), max_size=10)
ADDRESSES = st.from_regex(r"[a-z'\"\\]+@[a-z]+", fullmatch=True)
SPANS = st.sampled_from(["09:00-12:00", "13:00-17:30", ["08:00-09:00", "22:00-24:00"], []])
CONFIGS = st.builds(
    lambda accounts, **more: replace(built({"accounts": accounts}), **more),
    st.dictionaries(
        st.from_regex(r"[a-zA-Z0-9_-]+", fullmatch=True),
        st.fixed_dictionaries(
            {"type": st.just("vdir"), "path": TEXT.map(lambda text: f"/{text}"), "write": TEXT},
            optional={"emails": st.lists(ADDRESSES, max_size=2), "read": st.lists(TEXT, max_size=2)},
        ),
        min_size=1,
        max_size=3,
    ),
    ignore=st.lists(TEXT, max_size=3).map(tuple),
    title_prefix=TEXT,
    fill=st.floats(0, 1, exclude_min=True),
    log_titles=st.booleans(),
    horizon=st.integers(1, 366).map(Days),
    state=TEXT.map(lambda text: Folder("/" + text.replace("\0", ""))),
    timezone=st.sampled_from(["UTC", "Europe/Warsaw"]).map(Zone),
    working_hours=st.dictionaries(st.sampled_from(["mon", "tue", "wed-fri", "sat,sun"]), SPANS).map(Hours.parse),
    away=st.lists(
        st.dates(date(1970, 1, 1), date(2100, 1, 1)).map(lambda day: Away(first=day, last=date(2100, 1, 1))), max_size=2
    ).map(tuple),
)


@given(CONFIGS)
def test_what_is_shown_reads_back_as_the_same_config(config: Config) -> None:
    assert built(tomllib.loads(show(config))) == config


def test_the_schema_names_every_option_with_its_default_and_meaning() -> None:
    whole = schema()
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$ref" not in str(whole)
    stores = {
        s["properties"]["type"]["const"]: s for s in whole["properties"]["accounts"]["additionalProperties"]["oneOf"]
    }
    sections = whole["properties"]["policies"]["properties"]
    away = whole["properties"]["away"]["items"]
    kinds = [(whole, Config), (away, Away)]
    kinds += [(stores[name], kind.options) for name, kind in CONNECTORS.items()]
    kinds += [(sections[name], kind.options) for name, kind in POLICIES.items()]
    for table, kind in kinds:
        assert table["additionalProperties"] is False
        assert set(table["properties"]) == {field.encode_name for field in fields(kind)}
        for name, option in table["properties"].items():
            assert "const" in option or option.get("description"), f"{kind.__name__}.{name} has no description"
    assert sections["focus"]["properties"]["weekly_goal"]["default"] == "8h"
    assert stores["vdir"]["required"] == ["type", "path"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (bool, "true or false"),
        (tuple[str, ...], "a list of: a string"),
        (Minutes | None, "a string, such as '1h30m'"),
        (date, "a date"),
        (Away, "a table"),
        (tuple[Away, ...], "a list of: a table"),
        (int | bool, "a whole number or true or false"),
    ],
)
def test_what_would_be_valid_in_words(kind: Any, text: str) -> None:
    assert words(kind) == text
