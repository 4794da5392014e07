"""A support network: one light nudge a week at most, about somebody whom the config names, before they are needed."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.network.due import tell
from policies.network.options import NetworkOptions, check
from policies.network.people import recall
from policies.network.policy import keys, propose

KIND = PolicyKind(
    options=NetworkOptions, propose=propose, roles={"": Role.PROMPT}, keys=keys, check=check, recall=recall, tell=tell
)
