"""The policies of unbusy: each a pure function from a snapshot and its own options to wants.

A new one is a file here (a folder once it needs a second), with a `KIND` that says what it is, a line in this table and
a section in the config.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.model.protocols import PolicyKind
from policies import (
    advisors,
    breaks,
    focus,
    habits,
    invitations,
    mirror,
    network,
    objectives,
    overload,
    preparation,
    reflection,
)

POLICIES: Mapping[str, PolicyKind] = {
    "advisors": advisors.KIND,
    "breaks": breaks.KIND,
    "focus": focus.KIND,
    "objectives": objectives.KIND,
    "network": network.KIND,
    "overload": overload.KIND,
    "preparation": preparation.KIND,
    "reflection": reflection.KIND,
    "habits": habits.KIND,
    "mirror": mirror.KIND,
    "invitations": invitations.KIND,
}
