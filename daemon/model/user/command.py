"""Commands: the user's own events titled `unbusy: …`, in the calendar that unbusy writes to."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from urllib.parse import quote

from msgspec import Struct

from daemon.model.event import Event
from daemon.model.times import Week

PREFIX = "unbusy:"
"""How the title of a command begins, in any case."""

_LONGEST = 120  # characters of a UID in a mark, which has room for 600


class Verb(StrEnum):
    """What a command may ask for."""

    PAUSE = "pause"
    FOCUS = "focus"
    OBJECTIVE = "objective"
    REPORT = "report"
    WHY = "why"
    HELP = "help"


class Command(Struct, frozen=True, kw_only=True):
    """One occurrence of a command.

    `verb` None: it is not understood, and `fault` says what would be right.  With FOCUS: `minutes` of it for `what`, on
    the days up to `by`.  With OBJECTIVE: `what` is to be finished in `week`.
    """

    event: Event
    verb: Verb | None
    fault: str = ""
    minutes: int = 0
    what: str = ""
    by: date = date.max
    week: Week | None = None

    @property
    def key(self) -> str:
        """'command/UID', with the original start of an instance of a series: what hangs on it has this key."""
        uid, instance = self.event.ref.uid, self.event.ref.recurrence_id
        name = uid if len(quote(uid)) <= _LONGEST else hashlib.sha256(uid.encode()).hexdigest()[:32]
        return f"command/{name}/{instance}" if instance else f"command/{name}"
