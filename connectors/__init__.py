"""The connectors: for each kind of store, talk (I/O, error translation) and codec (pure).

`CONNECTORS` is the table of those that come with unbusy: the `type` of an account, its options, and how to open it.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.ics import Ics, IcsOptions
from connectors.vdir import Vdir, VdirOptions
from daemon.model.protocols import ConnectorKind

CONNECTORS: Mapping[str, ConnectorKind] = {
    "ics": ConnectorKind(IcsOptions, Ics),
    "vdir": ConnectorKind(VdirOptions, Vdir),
}
