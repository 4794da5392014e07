"""Which connectors and policies there are: the two explicit tables, and what other packages bring.

Their packages announce a `ConnectorKind` or a `PolicyKind` by the entry points `unbusy.connectors` and
`unbusy.policies`.  They are looked at only for a name that the table does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from connectors import CONNECTORS
from daemon.config.values import suggest
from daemon.model.errors import ConfigError
from daemon.model.options import shown
from daemon.model.proposal import Roles
from daemon.model.protocols import ConnectorKind, PolicyKind
from policies import POLICIES

T = TypeVar("T")


def connector(name: str) -> ConnectorKind:
    """The kind of store that `type = "NAME"` means; ConfigError when there is none."""
    if name in CONNECTORS:
        return CONNECTORS[name]
    from daemon.system.outsiders import held  # noqa: PLC0415 only other people's connectors need it

    return held(_plugged("unbusy.connectors", name, connectors(), ConnectorKind), name)


def policy(name: str) -> PolicyKind:
    """The policy of `[policies.NAME]`; ConfigError when there is none."""
    return POLICIES.get(name) or _plugged("unbusy.policies", name, policies(), PolicyKind)


def connectors() -> list[str]:
    """Every `type` that an account can have here."""
    return list(dict.fromkeys([*CONNECTORS, *_plugs("unbusy.connectors")]))


def policies() -> list[str]:
    """Every policy that is installed."""
    return list({**POLICIES, **_plugs("unbusy.policies")})


def kinds(named: Iterable[str] = ()) -> dict[str, PolicyKind]:
    """Every policy that comes with unbusy, and those of these names."""
    return {name: policy(name) for name in dict.fromkeys([*POLICIES, *named])}


def roles(named: Iterable[str] = ()) -> Roles:
    """What their events are for."""
    return Roles({name: kind.roles for name, kind in kinds(named).items()})


def _plugged(group: str, name: str, known: list[str], kind: type[T]) -> T:
    if name not in known:
        raise ConfigError(f"{shown(name)} is not known", suggest(name, known))
    try:
        found = _plugs(group)[name]()
    except Exception as error:
        raise ConfigError(f"{shown(name)} cannot be loaded: {error!r}", "update or remove its package") from error
    if not isinstance(found, kind):
        raise ConfigError(f"{shown(name)} is not a {kind.__name__}", "update or remove its package")
    return found


def _plugs(group: str) -> dict[str, Callable[[], object]]:
    """The names that other packages announce, in order, and how to load each."""
    from importlib.metadata import entry_points  # noqa: PLC0415 only other people's names need it

    return {entry.name: entry.load for entry in sorted(entry_points(group=group), key=lambda entry: entry.name)}
