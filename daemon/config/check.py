"""What is wrong in the tables of a config: every fault, not only the first.

Types and bounds are msgspec's to judge.  It stops at the first fault, so a table that it refuses is gone through key
by key.  What concerns several tables is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from msgspec import Struct, ValidationError, convert
from msgspec.structs import fields, replace

from daemon.config import registry
from daemon.config.schema import NAME, WORKING_HOURS, Config
from daemon.config.values import Hours, Where, suggest
from daemon.model.errors import ConfigError
from daemon.model.event import ReadAs
from daemon.model.options import FaultsError, Minutes, decode, shown
from policies import POLICIES
from policies.focus.policy import FocusOptions

_SECRET = re.compile(
    r"pass(word|wd|phrase)|((access|refresh|bearer|auth)_)?token|(client_)?secret|(api|private)_key", re.IGNORECASE
)
_REMEDY = "take it out, and store it with `unbusy login ACCOUNT` or name a password_command"
_DELICATE = re.compile("pass|secret|token|key", re.IGNORECASE)


class Fault(NamedTuple):
    """What is wrong at a place of the config: what was found, and what would be valid."""

    path: Where
    text: str


def built(data: Mapping[str, Any]) -> Config:
    """The config that tables without a fault say; a policy that they do not name has its defaults."""
    sections = {name: {} for name in POLICIES} | data.get("policies", {})
    return replace(
        convert(_top(data), Config, dec_hook=decode),
        accounts={
            name: convert(table, registry.connector(table["type"]).options, dec_hook=decode)
            for name, table in data["accounts"].items()
        },
        policies={
            name: convert(table, registry.policy(name).options, dec_hook=decode) for name, table in sections.items()
        },
    )


def faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """All that is wrong, in no particular order."""
    yield from _secrets(data, ())
    data = _without_secrets(data)
    yield from _within(_top(data), Config, ())
    for key, check in (("accounts", _account), ("policies", _policy)):
        tables = data.get(key, {})
        if isinstance(tables, dict):
            for name, table in tables.items():
                yield from check((key, name), table)
        else:
            yield _wrong((key,), tables, f"tables [{key}.NAME]")
    yield from _writers(data.get("accounts", {}))
    yield from _goal(data)


def _top(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in {"accounts", "policies"}}


def _secrets(value: object, path: Where) -> Iterator[Fault]:
    """Every key that is named like a secret, wherever it stands."""
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        if _is_secret(key, item):
            yield Fault((*path, key), f"secrets never stand in the config; {_REMEDY}")
        yield from _secrets(item, (*path, key))


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 whatever TOML holds
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_secrets(item) for key, item in value.items() if not _is_secret(key, item)}


def _is_secret(key: str | int, value: object) -> bool:
    plain = str(key).replace("-", "_")
    return bool(_SECRET.fullmatch(plain)) and not isinstance(value, dict)


def _account(path: Where, table: object) -> Iterator[Fault]:
    if not NAME.fullmatch(str(path[-1])):
        yield Fault(path, "no name for an account; use letters, digits, - and _")
    if not isinstance(table, dict):
        yield _wrong(path, table, "a table")
        return
    try:
        kind = registry.connector(str(table.get("type", "")))
    except ConfigError as error:
        yield Fault((*path, "type"), f"{error.what if 'type' in table else 'missing'}; {error.remedy}")
    else:
        yield from _within(table, kind.options, path)
        yield from _reads(path, table)


def _reads(path: Where, table: Mapping[str, Any]) -> Iterator[Fault]:
    """A calendar is one thing, and the one that is written is the user's own."""
    listed = table.get("read")
    seen: set[str] = set()
    for at, one in enumerate(listed if isinstance(listed, list) else ()):
        said = one if isinstance(one, dict) else {"name": one}
        name = said.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Fault((*path, "read", at), f"{shown(name)} is there twice; name each calendar once")
        seen.add(name)
        if name == table.get("write") and said.get("as", ReadAs.MINE) != ReadAs.MINE:
            yield Fault((*path, "read", at, "as"), "this is the calendar of `write`, which is read as yours")


def _policy(path: Where, table: object) -> Iterator[Fault]:
    try:
        kind = registry.policy(str(path[-1]))
    except ConfigError as error:
        yield Fault(path, f"{error.what}; {error.remedy}")
    else:
        yield from _within(table, kind.options, path)


def _within(value: object, kind: Any, path: Where) -> list[Fault]:  # noqa: ANN401 a type, or what typing makes of types
    """The faults of a value: those of its parts, and if they have none, its own."""
    try:
        convert(value, kind, dec_hook=decode)
    except ValidationError as error:
        return [*_parts(value, kind, path)] or _told(error, value, kind, path)
    return []


def _parts(value: object, kind: Any, path: Where) -> Iterator[Fault]:  # noqa: ANN401 likewise
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    tables = [one for one in (bare, *get_args(bare)) if isinstance(one, type) and issubclass(one, Struct)]
    if isinstance(value, dict) and tables and get_origin(bare) is not tuple:
        yield from _table(value, tables[0], path)
    elif isinstance(value, list) and get_origin(bare) is tuple:
        for at, item in enumerate(value):
            yield from _within(item, get_args(bare)[0], (*path, at))


def _table(table: Mapping[str, object], kind: type[Struct], path: Where) -> Iterator[Fault]:
    known = {field.encode_name: field for field in fields(kind)}
    for key, value in table.items():
        if key in known:
            yield from _within(value, known[key].type, (*path, key))
        else:
            yield Fault((*path, key), f"unknown key; {suggest(key, known)}")
    for key, field in known.items():
        if field.required and key not in table:
            yield Fault((*path, key), f"missing; expected {_expected(field.type)}")


def _told(error: ValidationError, value: object, kind: Any, path: Where) -> list[Fault]:  # noqa: ANN401 likewise
    """What msgspec or one of our own types says of a value."""
    cause = error.__cause__
    if isinstance(cause, FaultsError):
        return [Fault((*path, key), text) for key, text in cause.faults.items()]
    if cause is None or _is_delicate(path, value):
        return [_wrong(path, value, _expected(kind))]
    return [Fault(path, str(cause))]


def _wrong(path: Where, value: object, valid: str) -> Fault:
    return Fault(path, f"expected {valid}" if _is_delicate(path, value) else f"{shown(value)}; expected {valid}")


def _is_delicate(path: Where, value: object) -> bool:
    """Whether a value may be part of a secret, so that it must not be quoted."""
    keys = [key for key in path if isinstance(key, str)]
    return not isinstance(value, dict) and bool(_DELICATE.search(keys[-1]))


def _expected(kind: Any) -> str:  # noqa: ANN401 likewise
    from daemon.config.json_schema import words  # noqa: PLC0415 only a fault needs it

    return words(kind)


def _writers(accounts: object) -> Iterator[Fault]:
    """Exactly one account is written to."""
    if not isinstance(accounts, dict):
        return
    writers = [name for name, table in accounts.items() if isinstance(table, dict) and table.get("write")]
    if not writers:
        found = "none of them has `write`" if accounts else "none"
        yield Fault(("accounts",), f"{found}; exactly one [accounts.NAME] must say write = the calendar for our events")
    for name in writers[1:]:
        yield Fault(
            ("accounts", name, "write"), f"a second one after that of {writers[0]}; write in exactly one account"
        )


def _goal(data: Mapping[str, Any]) -> Iterator[Fault]:
    """The week has room for its goal.  Silent where either is itself at fault."""
    sections = data.get("policies", {})
    table = sections.get("focus", {}) if isinstance(sections, dict) else {}
    try:
        focus = convert(table, FocusOptions, dec_hook=decode)
        hours = convert(data["working_hours"], Hours, dec_hook=decode) if "working_hours" in data else WORKING_HOURS
    except ValidationError:
        return
    if focus.enabled and focus.weekly_goal > hours.minutes:
        found = f"{focus.weekly_goal} is more than the {Minutes(hours.minutes)} of working_hours in a week"
        yield Fault(("policies", "focus", "weekly_goal"), f"{found}; lower the goal, or switch focus off")
