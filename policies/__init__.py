"""The policies: each a pure function from a snapshot and its own options to wants.

A new one is a file here (a folder once it needs a second), a line in this table and a section in the config.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.model.protocols import PolicyKind
from policies import reflection
from policies.focus import policy as focus
from policies.overload import policy as overload

POLICIES: Mapping[str, PolicyKind] = {
    "focus": PolicyKind(focus.FocusOptions, focus.propose),
    "overload": PolicyKind(overload.OverloadOptions, overload.propose),
    "reflection": PolicyKind(reflection.ReflectionOptions, reflection.propose),
}
