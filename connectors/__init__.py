"""The connectors of unbusy: for each kind of store, talk (I/O, error translation) and codec (pure).

`CONNECTORS` is the table of those that come with unbusy: the `type` of an account, its options, and how to open it.
Each is loaded when it is looked up: what speaks to servers costs more than reading a folder does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from daemon.model.protocols import ConnectorKind

_MODULES = {
    "caldav": "connectors.caldav.connector",
    "google": "connectors.google.connector",
    "ics": "connectors.local.ics",
    "vdir": "connectors.local.vdir",
}
"""The `type` of an account, and the module whose `KIND` it is."""


class _Table(Mapping[str, ConnectorKind]):
    def __getitem__(self, name: str) -> ConnectorKind:
        kind: ConnectorKind = import_module(_MODULES[name]).KIND
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


CONNECTORS: Mapping[str, ConnectorKind] = _Table()
