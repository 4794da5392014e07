"""Habits: whatever the user wants to come back each week, at the best free time of its window.

What a habit is (`options`, `presets`), when the weekly ones come (`policy`), the minutes before the first meeting
(`first_meeting`), and what reviews say of them (`offers`, `look_back`).
"""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.habits.options import HabitsOptions
from policies.habits.policy import keys, propose

KIND = PolicyKind(
    options=HabitsOptions, propose=propose, roles={"": Role.HABIT, "three-minutes": Role.PROMPT}, keys=keys
)
