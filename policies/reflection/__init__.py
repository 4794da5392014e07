"""Reflection and a journal: short slots in the calendar, with questions that come from what the calendar shows.

Which slots a day has (`periods`, `rhythm`), what they say (`review`, `echoes`) and what they ask (`asking`).
"""

from __future__ import annotations

from daemon.model.proposal import Role
from daemon.model.protocols import PolicyKind
from policies.reflection.echoes import tell
from policies.reflection.options import ReflectionOptions
from policies.reflection.policy import keys, propose
from policies.reflection.weekly_page import page

KIND = PolicyKind(options=ReflectionOptions, propose=propose, roles={"": Role.PROMPT}, keys=keys, tell=tell, page=page)
