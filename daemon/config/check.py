"""What is wrong in the tables of a config: every fault, not only the first.

Types and bounds are msgspec's to judge.  It stops at the first fault, so a table that it refuses is gone through key
by key.  What concerns several tables is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from msgspec import Struct, ValidationError, convert
from msgspec.structs import fields, replace

from daemon.config import registry
from daemon.config.schema import NAME, WORKING_HOURS, Config
from daemon.config.values import Hours, Where, suggest
from daemon.model.errors import ConfigError
from daemon.model.event import ReadAs
from daemon.model.options import FaultsError, decode, shown

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
    sections = {name: {} for name in registry.kinds()} | data.get("policies", {})
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
    working = _working(data)
    accounts = data.get("accounts")
    checks: Mapping[str, Callable[[Where, object], Iterator[Fault]]] = {
        "accounts": _account,
        "policies": lambda path, table: _policy(path, table, working, accounts if isinstance(accounts, dict) else {}),
    }
    for key, check in checks.items():
        tables = data.get(key, {})
        if isinstance(tables, dict):
            rows = {name: {} for name in registry.kinds()} | tables if key == "policies" else tables
            for name, table in rows.items():
                yield from check((key, name), table)
        else:
            yield _wrong((key,), tables, f"tables [{key}.NAME]")
    yield from _writers(data.get("accounts", {}))


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
        yield Fault(path, "not a name for an account; use letters, digits, - and _")
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
        if table.get("write") and not kind.writes:
            yield Fault((*path, "write"), f"accounts of type {shown(table['type'])} are only read; write to another")
        if table.get("write") and table.get("interval"):
            what = "the account that is written to is asked with every look; set the interval at the top instead"
            yield Fault((*path, "interval"), what)


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


def _policy(path: Where, table: object, working: int | None, accounts: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of its options, and if there are none, what it says of them itself.

    `working`: minutes of working time in a week, None where they are at fault themselves.
    """
    try:
        kind = registry.policy(str(path[-1]))
    except ConfigError as error:
        yield Fault(path, f"{error.what}; {error.remedy}")
        return
    found = _within(table, kind.options, path)
    yield from found
    if kind.check and working is not None and not found:
        options = convert(table, kind.options, dec_hook=decode)
        for key, text in kind.check(options, working):
            yield Fault((*path, *key.split(".")), text)
    if kind.accounts and not found:
        key, names = kind.accounts(convert(table, kind.options, dec_hook=decode))
        for at, name in enumerate(names):
            if text := _not_a_source(name, accounts):
                yield Fault((*path, key, at), text)


def _not_a_source(name: str, accounts: Mapping[str, Any]) -> str:
    """Why an account cannot be read for what is written to another one; '' if it can."""
    if name not in accounts:
        return f"{shown(name)} is not an account of this file; {suggest(name, list(accounts))}"
    table = accounts[name]
    if isinstance(table, dict) and table.get("write"):
        return f"{shown(name)} is the account that is written to, which others see already; name another one"
    return ""


def _working(data: Mapping[str, Any]) -> int | None:
    with suppress(ValidationError):
        hours = data.get("working_hours")
        return (convert(hours, Hours, dec_hook=decode) if hours is not None else WORKING_HOURS).minutes
    return None


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
