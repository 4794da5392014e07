"""A plan is data: what would be done, in which order, and why; and what could not be placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from daemon.model.event import CalendarId, Event, ShowAs
from daemon.model.figures.metrics import Metrics
from daemon.model.owner import Field, Mark
from daemon.model.snapshot import OwnEvent
from daemon.model.times import DateRange, TimeRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event of ours as it should stand; enough for any connector to write it.

    Always private, without attendees.  `zone` is the name of the user's zone, in which timed ones are written.
    `focus`: it is focus time, if the store knows such a kind of event.
    """

    calendar: CalendarId
    mark: Mark
    when: TimeRange | DateRange
    zone: str
    title: str
    text: str
    show_as: ShowAs
    reminder: int | None
    colour: str
    focus: bool = False

    @property
    def uid(self) -> str:
        """See `Mark.uid`."""
        return self.mark.uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A new event of ours."""

    draft: Draft
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A change of some fields of an event of ours; the others stay as they are found."""

    before: OwnEvent
    draft: Draft
    fields: frozenset[Field]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Taking an event of ours back.

    `ordered`: the user asked for it, so no limit counts it.  `skips`: as if the user had deleted it, for good.
    """

    before: OwnEvent
    reason: str
    ordered: bool = False
    skips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotate:
    """An answer under a command: the user's own event `before` gets `text` for its description, `answer` in it."""

    before: Event
    key: str
    text: str
    answer: str
    reason: str


Change = Create | Update | Delete | Annotate


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A wish without a place, and why."""

    policy: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or done.

    `where` names it (account, calendar, file, policy); `remedy` may be empty.  `code`: the exit code of a run that
    has met it, 0 when the run is none the worse for it.
    """

    where: str
    what: str
    remedy: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that one cycle would do.

    `stopped`: why the limits forbid this plan, empty if they do not.
    """

    now: datetime
    window: TimeRange
    changes: tuple[Change, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    problems: tuple[Problem, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    stopped: str = ""
