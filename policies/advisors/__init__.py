"""The team as advisors: two minutes before the 1:1s of a day, to stop being the one with the answers."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.advisors.drift import tell
from policies.advisors.options import AdvisorsOptions
from policies.advisors.policy import keys, propose

KIND = PolicyKind(options=AdvisorsOptions, propose=propose, roles={"": Role.PROMPT}, keys=keys, tell=tell)
