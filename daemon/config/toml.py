"""The effective config as TOML: what the file says, and the defaults where it is silent."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import fields

from daemon.config.schema import NAME, Config
from daemon.config.values import Hours


def show(config: Config) -> str:
    """TOML text that loads as an equal config.  It holds no secrets, as no config does."""
    whole = table(config)
    del whole["accounts"], whole["policies"]
    accounts = ((f"accounts.{name}", account) for name, account in config.accounts.items())
    policies = ((f"policies.{_key(name)}", policy) for name, policy in config.policies.items())
    sections = (f"[{header}]\n{_pairs(table(options))}" for header, options in (*accounts, *policies))
    return "\n".join((_pairs(whole), *sections))


def table(options: Struct) -> dict[str, object]:
    """A table of the config as TOML has it; options that are None are left out."""
    pairs = ((field.encode_name, getattr(options, field.name)) for field in fields(options))
    return {key: plain(value) for key, value in pairs if value is not None}


def plain(value: object) -> object:
    """A value of the config as TOML has it: tables, lists, strings, numbers, dates."""
    if isinstance(value, Struct):
        return table(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Hours):
        return value.table()
    if hasattr(value, "parse"):
        return str(value)
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _pairs(table: Mapping[str, object]) -> str:
    return "".join(f"{_key(key)} = {_written(value)}\n" for key, value in table.items())


def _written(value: object) -> str:
    match value:
        case bool() | str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_key(key)} = {_written(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)


def _key(name: str) -> str:
    return name if NAME.fullmatch(name) else _written(name)
