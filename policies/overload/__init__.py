"""Busy mode: flags on days and weeks over their limits, and the way out."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.overload.causes import tell
from policies.overload.policy import OverloadOptions, keys, moments, propose

KIND = PolicyKind(
    options=OverloadOptions,
    propose=propose,
    roles={"": Role.FLAG, "after": Role.PROMPT},
    keys=keys,
    moments=moments,
    tell=tell,
)
