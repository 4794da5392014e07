"""An entry of the journal: what the user wrote on one of our events, under one question."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from daemon.model.event import CalendarId
from daemon.model.owner import Wish


class Entry(Struct, frozen=True, kw_only=True):
    """`day`: of the event, by which it is filed.  `at`: its local start, '2026-12-03T16:30', or '2026-12-03'.

    `event`: its title.  `evidence`: its reason.  `question`: '' for what stands under none.  `text`: word for word.
    `generation`: of the event, which has another one when it is made anew.  `question_id`: of the question, and
    `calendar`: in which it was typed; '' where that is not known.
    """

    policy: str
    key: str
    day: date
    at: str
    event: str
    evidence: str
    question: str
    text: str
    generation: int = 0
    question_id: str = ""
    calendar: CalendarId = ""

    @property
    def wish(self) -> Wish:
        """What the event fulfils."""
        return Wish(self.policy, self.key)
