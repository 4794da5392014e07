"""Whether the config has changed where it matters to what `undo` took back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import fields

from daemon.config.schema import Config
from daemon.config.toml import plain

BESIDE = frozenset(
    {
        "title_prefix",
        "courtesy",
        "max_changes",
        "monitor",
        "mcp",
        "lookback",
        "horizon",
        "interval",
        "owner",
        "state",
        "log_titles",
        "policies",
    }
)
"""Options of the whole file that decide about no single event.  One that is added decides, unless it is here."""


def digest(config: Config, policy: str) -> str:
    """16 hexadecimal digits over a policy's own options, and those of the whole file that decide about its events.

    Options at their defaults are left out, so that an option that a later version adds changes nothing.
    """
    section = config.policies.get(policy)
    whole = {name: value for name, value in _table(config).items() if name not in BESIDE}
    matters = {"policy": _said(section) if section else {}, "whole": whole}
    return hashlib.sha256(json.dumps(matters, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _said(value: object) -> object:
    """A value of the config; of tables with options, what is not as it is by default."""
    if isinstance(value, Struct):
        return _table(value)
    if isinstance(value, Mapping):
        return {key: _said(item) for key, item in value.items()}
    return plain(value)


def _table(options: Struct) -> Mapping[str, object]:
    pairs = ((f, getattr(options, f.name)) for f in fields(options))
    return {f.encode_name: _said(value) for f, value in pairs if f.required or value != f.default}
