"""The effective config as TOML: what the file says, and the defaults where it is silent."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import fields

from daemon.config.schema import Config
from daemon.config.values import Groups, Hours


def show(config: Config) -> str:
    """TOML text that loads as an equal config.  It holds no secrets, as no config does, and no comments."""
    return dumps(table(config))


def dumps(tables: Mapping[str, object]) -> str:
    """TOML text of what `plain` gives (https://toml.io/en/v1.0.0)."""
    from tomli_w import dumps  # noqa: PLC0415  few commands write TOML, and all load this module

    return dumps(tables)


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
    if isinstance(value, Hours | Groups):
        return value.table()
    if hasattr(value, "parse"):
        return str(value)
    return [plain(item) for item in value] if isinstance(value, tuple) else value
