"""Whether the config has changed where it matters to what `undo` took back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import fields

from daemon.config.schema import Config
from daemon.config.toml import plain


def digest(config: Config, policy: str) -> str:
    """16 hexadecimal digits over a policy's own options, hours, zone and accounts.

    Options at their defaults are left out, so that an option that a later version adds changes nothing.
    """
    section = config.policies.get(policy)
    matters = {
        "policy": _said(section) if section else {},
        "hours": plain(config.working_hours),
        "zone": config.timezone,
        "accounts": {name: _said(account) for name, account in config.accounts.items()},
    }
    return hashlib.sha256(json.dumps(matters, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _said(options: Struct) -> Mapping[str, object]:
    """What is not as it is by default."""
    pairs = ((f, getattr(options, f.name)) for f in fields(options))
    return {f.encode_name: plain(value) for f, value in pairs if f.required or value != f.default}
