"""reflection."""

from __future__ import annotations

from daemon.model.options import PolicyOptions
from daemon.model.proposal import Want
from daemon.model.snapshot import Snapshot


class ReflectionOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options."""


def propose(snapshot: Snapshot, options: ReflectionOptions) -> tuple[Want, ...]:
    """Propose."""
    return ()
