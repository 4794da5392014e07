"""Time to think slowly: a weekly goal, in blocks."""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.focus.limits import limits, tell
from policies.focus.options import FocusOptions, by_hand, check
from policies.focus.policy import keys, propose

KIND = PolicyKind(
    options=FocusOptions, propose=propose, keys=keys, explain=limits, check=check, by_hand=by_hand,
    tell=tell,
    roles={"": Role.FOCUS, "landing": Role.LANDING, "handover": Role.LANDING},
)  # fmt: skip
