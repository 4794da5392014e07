"""A plan is data: what would be done, in which order, and why; and what could not be placed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import Struct, field

from daemon.model.event import CalendarId, Event, EventRef, PartStat, ShowAs
from daemon.model.figures.metrics import Metrics
from daemon.model.ours.causes import Action, Cause
from daemon.model.ours.draft import Draft
from daemon.model.owner import UNBUSY, Field, Mark, OwnState, Wish
from daemon.model.snapshot import OwnEvent
from daemon.model.times import TimeRange, When
from daemon.model.user.reply import Rsvp

__all__ = [
    "Action", "Annotate", "Cause", "Change", "Create", "Delete", "Draft", "Plan", "Problem", "Respond", "Unplaced",
    "Update",
]  # fmt: skip


# -- changes ----------------------------------------------------------------------------------------------------------


class _Written(Struct, frozen=True, kw_only=True):
    """What changes that write a draft have in common."""

    draft: Draft
    reason: str

    @property
    def mark(self) -> Mark:
        """As it is written."""
        return self.draft.mark

    @property
    def wish(self) -> Wish:
        """What the event fulfils."""
        return self.mark.wish

    @property
    def uid(self) -> str:
        """Of the event."""
        return self.draft.uid

    @property
    def when(self) -> When:
        """As wanted, also where the time of the event is not written."""
        return self.draft.when


class Create(_Written, frozen=True, kw_only=True):
    """A new event of ours.

    All kinds of changes answer to the same names: `wish`, `uid`, `calendar`, `when`, `title` and `show_as` say which
    event it is about, as it will stand (one that goes: as it stands); `fields` are those that are written.
    """

    action: ClassVar = Action.CREATE
    fields: ClassVar = frozenset(Field)

    cause: Cause = Cause.WANTED

    @property
    def calendar(self) -> CalendarId:
        """In which it will stand."""
        return self.draft.calendar

    @property
    def title(self) -> str:
        """As wanted."""
        return self.draft.title

    @property
    def show_as(self) -> ShowAs:
        """As wanted."""
        return self.draft.show_as


class Update(_Written, frozen=True, kw_only=True):
    """A change of some fields of an event of ours; the others stay as they are found.  See `Create`."""

    action: ClassVar = Action.UPDATE

    before: OwnEvent
    fields: frozenset[Field]
    cause: Cause

    @property
    def calendar(self) -> CalendarId:
        """In which it stands."""
        return self.before.event.ref.calendar

    @property
    def title(self) -> str:
        """As it will stand: a field that is not written stays."""
        return self.draft.title if Field.TITLE in self.fields else self.before.event.summary

    @property
    def show_as(self) -> ShowAs:
        """Likewise."""
        return self.draft.show_as if Field.SHOW_AS in self.fields else self.before.event.show_as


class Delete(Struct, frozen=True, kw_only=True):
    """Taking an event of ours back.  See `Create`."""

    action: ClassVar = Action.DELETE
    fields: ClassVar = frozenset[Field]()

    before: OwnEvent
    reason: str
    cause: Cause = Cause.UNWANTED

    @property
    def mark(self) -> Mark:
        """As it stands."""
        return self.before.mark

    @property
    def becomes(self) -> OwnState:
        """What the wish is then: as if the user had deleted it, gone with its time, or withdrawn until it is wanted."""
        gone = {Cause.SKIPPED: OwnState.SKIPPED, Cause.BOOKED_OVER_AGAIN: OwnState.SPENT}
        return gone.get(self.cause, OwnState.WITHDRAWN)

    @property
    def wish(self) -> Wish:
        """What it fulfilled."""
        return self.mark.wish

    @property
    def uid(self) -> str:
        """Of the event."""
        return self.before.event.ref.uid

    @property
    def calendar(self) -> CalendarId:
        """In which it stands."""
        return self.before.event.ref.calendar

    @property
    def when(self) -> When:
        """As it stands."""
        return self.before.event.when

    @property
    def title(self) -> str:
        """As it stands."""
        return self.before.event.summary

    @property
    def show_as(self) -> ShowAs:
        """As it stands."""
        return self.before.event.show_as


class Annotate(Struct, frozen=True, kw_only=True):
    """An answer under a command: the user's own event `before` gets `text` for its description, `answer` in it.

    See `Create`; what is wished here is the answer, and the event carries no mark.  `private`: the event becomes so,
    else it is again what it was before an answer stood there.  `fallback`: what is written where the store does not
    keep it private.
    """

    action: ClassVar = Action.ANNOTATE
    fields: ClassVar = frozenset[Field]()

    before: Event
    key: str
    text: str
    answer: str
    reason: str
    cause: Cause = Cause.ANSWERED
    private: bool = True
    fallback: Annotate | None = None

    @property
    def wish(self) -> Wish:
        """The name of the answer."""
        return Wish(UNBUSY, self.key)

    @property
    def uid(self) -> str:
        """Of the command."""
        return self.before.ref.uid

    @property
    def calendar(self) -> CalendarId:
        """In which it stands."""
        return self.before.ref.calendar

    @property
    def when(self) -> When:
        """As it stands."""
        return self.before.when

    @property
    def title(self) -> str:
        """As it stands."""
        return self.before.summary

    @property
    def show_as(self) -> ShowAs:
        """As it stands."""
        return self.before.show_as


class Respond(Struct, frozen=True, kw_only=True):
    """A reply to an invitation, on the user's own attendee lines `me` (addresses, lower case) that have none yet.

    See `Create`.  `times`: of all occurrences ahead that it answers.
    """

    action: ClassVar = Action.RESPOND
    fields: ClassVar = frozenset[Field]()

    rsvp: Rsvp
    me: frozenset[str]
    times: tuple[TimeRange, ...]
    cause: Cause = Cause.RULE

    @property
    def before(self) -> Event:
        """The invitation as it stands; of a series the first occurrence ahead."""
        return self.rsvp.event

    @property
    def invitation(self) -> EventRef:
        """What is answered: an event or a series as a whole, or one instance that was asked for by itself."""
        return self.rsvp.invitation

    @property
    def answer(self) -> PartStat:
        """What is said."""
        return self.rsvp.answer

    @property
    def reason(self) -> str:
        """What of the rule holds."""
        return self.rsvp.reason

    @property
    def wish(self) -> Wish:
        """The name of the reply."""
        return Wish(self.rsvp.policy, f"reply/{self.invitation.key}")

    @property
    def uid(self) -> str:
        """Of the invitation."""
        return self.before.ref.uid

    @property
    def calendar(self) -> CalendarId:
        """In which it stands."""
        return self.before.ref.calendar

    @property
    def when(self) -> When:
        """As it stands."""
        return self.before.when

    @property
    def title(self) -> str:
        """As it stands."""
        return self.before.summary

    @property
    def show_as(self) -> ShowAs:
        """As it stands."""
        return self.before.show_as


Change = Create | Update | Delete | Annotate | Respond


class Unplaced(Struct, frozen=True):
    """A wish without a place, and why.  `taken_back`: it had one, and `undo` took that back."""

    policy: str
    key: str
    reason: str
    taken_back: bool = False

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)


class Problem(Struct, frozen=True):
    """Something that could not be read or done.

    `where` names it (account, calendar, file, policy); `remedy` may be empty.  `code`: the exit code of a run that
    has met it, 0 when the run is none the worse for it.
    """

    where: str
    what: str
    remedy: str = ""
    code: int = 0


class Plan(Struct, frozen=True, kw_only=True):
    """Everything that one cycle would do.

    `stopped`: why the limits forbid this plan, empty if they do not.  `notes`: what the user may want to know of how
    their calendar was understood, a line each.  `fewer`: on each event that asks less than it might, its time and why.
    """

    now: datetime
    window: TimeRange
    changes: tuple[Change, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    problems: tuple[Problem, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    stopped: str = ""
    notes: tuple[str, ...] = ()
    fewer: tuple[tuple[When, str], ...] = ()
