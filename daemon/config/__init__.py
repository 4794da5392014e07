"""The config: what may stand in it, how it is found, read and checked, and what it says in the terms of the model."""

from __future__ import annotations

from daemon.config.digest import digest
from daemon.config.json_schema import schema
from daemon.config.leaving import leaving
from daemon.config.load import included, load
from daemon.config.places import NO_CONFIG, find, state_dir
from daemon.config.profile import away, profile, writing
from daemon.config.schema import Away, Config
from daemon.config.toml import show

__all__ = [
    "NO_CONFIG",
    "Away",
    "Config",
    "away",
    "digest",
    "find",
    "included",
    "leaving",
    "load",
    "profile",
    "schema",
    "show",
    "state_dir",
    "writing",
]
