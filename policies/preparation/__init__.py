"""Preparation: an hour of thought before the meetings of a week that matter most, and a few minutes after them."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.preparation.options import PreparationOptions
from policies.preparation.policy import keys, propose

KIND = PolicyKind(
    options=PreparationOptions,
    propose=propose,
    roles={"": Role.PREPARATION, "after": Role.PROMPT},
    keys=keys,
)
