"""Invitations: what a yes would cost, before it is given by reflex."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.invitations.options import InvitationsOptions
from policies.invitations.policy import keys, propose

KIND = PolicyKind(options=InvitationsOptions, propose=propose, roles={"": Role.PROMPT}, keys=keys)
