"""The connectors: for each kind of store, talk (I/O, error translation) and codec (pure).

`CONNECTORS` is the table of those that come with unbusy: the `type` of an account, its options, and how to open it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.ics import Ics, IcsOptions
from connectors.vdir import Vdir, VdirOptions
from daemon.model.protocols import Connector, ConnectorKind


def _local(make: Callable[[str, Any, Callable[[], datetime]], Connector]) -> Callable[..., Connector]:
    """Files have no secret."""
    return lambda name, options, clock, _secret: make(name, options, clock)


CONNECTORS: Mapping[str, ConnectorKind] = {
    "ics": ConnectorKind(IcsOptions, _local(Ics)),
    "vdir": ConnectorKind(VdirOptions, _local(Vdir)),
}
