"""What the company's file says, and the config of one leader: the company's word, then the cohort's, then their own.

What is `locked` is the company's alone.  Some is never the leader's: accounts, limits, files, and where the state is.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from daemon.config import Config
from daemon.config.check import built, faults
from daemon.model.errors import ConfigError, NoSecretError
from daemon.model.options import Folder, Included

Tables = dict[str, Any]
"""Tables of TOML."""

CLOSED = frozenset({
    "accounts", "state", "monitor", "courtesy", "owner", "log_titles", "interval", "max_changes",
    "policies.reflection.questions", "policies.reflection.page", "policies.mirror",
})  # fmt: skip
"""What no leader sets by an event: it names files, accounts, or limits that protect them."""

LARGEST = 20_000
"""Characters of a leader's own settings."""


class Cohort(Struct, frozen=True, forbid_unknown_fields=True):
    """Some of the leaders.  `observe`: nothing is written for them yet."""

    observe: bool = False
    settings: Tables = {}


class Fleet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    `database`: how the workers' role reaches it (a connection string of libpq).  `key_file`, `google_key_file`: for
    machines without systemd's credentials `unbusy.fleet-key` and `unbusy.fleet-google`.  `push`: the address at which
    Google reaches `unbusy fleet push`.  `google_a_minute`: requests that the project may send; `host_a_minute`: those
    that any other server is sent.  `brake`: over which share of leaders stopped by their limits all writing stops.
    """

    database: str
    defaults: Tables
    locked: tuple[str, ...] = ()
    cohorts: dict[str, Cohort] = {}
    key_file: str = ""
    google_key_file: str = ""
    push: str = ""
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    pushed_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    google_a_minute: Annotated[int, Meta(ge=10)] = 9_000
    host_a_minute: Annotated[int, Meta(ge=10)] = 1_200
    brake: Annotated[float, Meta(gt=0, le=1)] = 0.02

    def cohort(self, name: str) -> Cohort:
        """One by its name; one that is not in the file observes."""
        return self.cohorts.get(name) or Cohort(observe=bool(name))


def read(path: Path) -> Fleet:
    """The company's file; ConfigError for one that says nothing usable."""
    try:
        fleet = msgspec.convert(tomllib.loads(path.read_text()), Fleet)
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}", "name the company's file with --fleet") from e
    except (ValueError, msgspec.ValidationError) as e:
        raise ConfigError(f"{path}: {e}", "docs/fleet.md has an example") from e
    for name in ("", *fleet.cohorts):
        config_of(fleet, name, {}, "somebody@example.com")
    return fleet


def secret(name: str, file: str) -> str:
    """A secret of the fleet: systemd's credential of this name, else a file; NoSecretError where there is neither."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    for path in filter(None, (folder and f"{folder}/unbusy.{name}", file)):
        try:
            return Path(path).read_text().strip()
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as e:
            raise NoSecretError(f"the secret {name} cannot be read ({type(e).__name__})", f"mend {path}") from e
    raise NoSecretError(f"there is no secret {name}", f"load the credential unbusy.{name} (docs/fleet.md)")


# -- layers -----------------------------------------------------------------------------------------------------------


def config_of(fleet: Fleet, cohort: str, own: Tables, address: str) -> Config:
    """The config of one leader; ConfigError with all that is wrong in it, a line for each.

    `own`: what the leader has set, without what is not theirs.  {address} stands for their address in the accounts.
    """
    data = merged(merged(fleet.defaults, fleet.cohort(cohort).settings), allowed(fleet, own))
    data["accounts"] = _addressed(data.get("accounts", {}), address)
    if found := [f"{_dotted(fault.path)}{fault.text}" for fault in faults(data)]:
        raise ConfigError("\n".join(found))
    return built(data)


def own_settings(fleet: Fleet, cohort: str, text: str, address: str) -> tuple[Tables, tuple[str, ...]]:
    """What a leader has written as their settings, and what is wrong with it: then all of it counts as not written."""
    if len(text) > LARGEST:
        return {}, (f"It is longer than {LARGEST} characters.",)
    try:
        own = tomllib.loads(text)
    except (ValueError, RecursionError) as e:
        return {}, (f"It is not TOML: {e}.",)
    said = [f"{key} is set by your organisation." for key in _keys(own) if _is_closed(fleet, key)]
    if own.get("journal", "calendar") not in ("calendar", "company"):
        said.append('journal is "calendar" or "company".')
    if not said:
        try:
            theirs = dict(named_files(config_of(fleet, cohort, own, address)))
            known = dict(named_files(config_of(fleet, cohort, {}, address)))
            said = [f"{key} names a file; that is set by your organisation." for key in theirs if theirs != known]
        except ConfigError as e:
            said = e.what.splitlines()
    return ({}, tuple(said)) if said else (own, ())


def named_files(value: object, under: str = "") -> Iterator[tuple[str, str]]:
    """Every option that names a file or a folder, whatever brings it: a worker would read or write it."""
    if isinstance(value, Folder | Included):
        if value:
            yield under, str(value)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from named_files(getattr(value, name), f"{under}.{name}".lstrip("."))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from named_files(one, f"{under}.{name}")


def allowed(fleet: Fleet, own: Tables) -> Tables:
    """Of a leader's settings what is theirs to set: the company may have locked more since."""
    return _without({k: v for k, v in own.items() if k != "journal"}, fleet, "")


def _without(table: Tables, fleet: Fleet, under: str) -> Tables:
    rest: Tables = {}
    for key, value in table.items():
        name = f"{under}{key}"
        if not _is_closed(fleet, name):
            rest[key] = _without(value, fleet, f"{name}.") if isinstance(value, dict) else value
    return rest


def _is_closed(fleet: Fleet, key: str) -> bool:
    """Whether it, or a table that it stands in, is not the leader's."""
    parts = key.split(".")
    return any(".".join(parts[:n]) in {*CLOSED, *fleet.locked} for n in range(1, len(parts) + 1))


def _keys(table: Mapping[str, Any], under: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield from _keys(value, f"{under}{key}.") if isinstance(value, dict) else (f"{under}{key}",)


def merged(below: Tables, above: Tables) -> Tables:
    """Tables key by key, all else as a whole; nothing is shared with what it was made of."""
    found = deepcopy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = merged(found[key], value) if both else deepcopy(value)
    return found


def _addressed(value: Any, address: str) -> Any:  # noqa: ANN401  TOML
    if isinstance(value, str):
        return value.replace("{address}", address)
    if isinstance(value, list):
        return [_addressed(one, address) for one in value]
    return {k: _addressed(v, address) for k, v in value.items()} if isinstance(value, dict) else value


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path)) + (": " if path else "")
