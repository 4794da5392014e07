"""Replies to invitations: what a policy may wish to answer in the user's name, and what was answered so."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from daemon.model.event import Event, EventRef, PartStat
from daemon.model.owner import Subject

ANSWERS = frozenset({PartStat.DECLINED, PartStat.TENTATIVE})
"""What may ever be answered by a rule: a yes is the user's alone."""


class Rsvp(Struct, frozen=True, kw_only=True):
    """The only proposal about an event of somebody else: answer this invitation so.

    `event`: of a series the first occurrence ahead.  `rule`: what the user has asked this by, for `#never`; `reason`: a
    sentence on what of it holds.  `comment`: what the organizer reads beside it, where the store can say that.
    ValueError for an answer that no rule may give.
    """

    policy: str
    event: Event
    answer: PartStat
    rule: Subject
    reason: str
    comment: str = ""

    def __post_init__(self) -> None:
        """Never a yes."""
        if self.answer not in ANSWERS:
            raise ValueError(f"a rule may decline or say maybe, and never {self.answer.lower()}")

    @property
    def invitation(self) -> EventRef:
        """See `invitation_of`."""
        return invitation_of(self.event)


def invitation_of(event: Event) -> EventRef:
    """What an occurrence is asked for by: itself, or the whole series where nothing is said of it alone."""
    return event.ref if event.override else EventRef(event.ref.calendar, event.ref.uid)


class Sent(StrEnum):
    """How far a reply got."""

    OPEN = "open"  # it was about to be written, and what came of it is not known
    DONE = "done"  # it was written
    REFUSED = "refused"  # the store does not take it


class Replied(Struct, frozen=True, kw_only=True):
    """A reply by a rule.  `on`: the day on which it was written; `until`: that of the event.

    `version`: of the resource as it was before; one that is open and still in that version was not written.
    """

    answer: PartStat
    rule: str
    on: date
    until: date
    sent: Sent
    version: str = ""

    def settles(self, event: Event) -> bool:
        """Whether the invitation is not to be answered by a rule again, whatever the user has made of it since."""
        return self.sent is not Sent.OPEN or event.resource.version != self.version
