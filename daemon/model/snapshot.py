"""All calendars that are read, in one window, at one moment: the only thing that a policy looks at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from daemon.model.event import CalendarId, CountsAs, Event, PartStat
from daemon.model.options import PolicyOptions
from daemon.model.owner import EXTRA, Field, Mark, OwnState, Wish
from daemon.model.profile import Profile
from daemon.model.proposal import Role, Roles
from daemon.model.times import (
    MINUTE,
    TimeRange,
    Week,
    When,
    at,
    local_day,
    merged,
    minus,
    read_stamp,
    week_of,
    weeks_in,
)
from daemon.model.user.calendars import CalendarState
from daemon.model.user.command import Command
from daemon.model.user.contact import LastSeen
from daemon.model.user.entry import Entry
from daemon.model.user.gesture import Gesture
from daemon.model.user.people import People
from daemon.model.user.reply import Replied
from daemon.model.user.taken_back import TakenBack

Figure = TypeVar("Figure")
Theirs = TypeVar("Theirs", bound=PolicyOptions)

ABSENCE = frozenset({CountsAs.AWAY, CountsAs.HOLIDAY})
"""Time in which the user is not there: nothing is proposed in it, and it lowers what a week owes."""

TAKING = frozenset({CountsAs.MEETING, CountsAs.FOCUS, CountsAs.BUSY}) | ABSENCE
"""What takes time: nothing of ours is placed over it."""


class OwnEvent(Struct, frozen=True, kw_only=True):
    """One of ours as it stands.  `edited`: the fields that are the user's.  `gestures`: what they wrote into it.

    `never`: what each `#never` in it names, '' for nothing.  `taken_back`: the fields that are as `undo` put them back;
    until they are wanted again, they count as edited.
    """

    event: Event
    mark: Mark
    edited: frozenset[Field] = frozenset()
    gestures: frozenset[Gesture] = frozenset()
    never: tuple[str, ...] = ()
    taken_back: TakenBack | None = None

    @property
    def wish(self) -> Wish:
        """What it fulfils."""
        return self.mark.wish

    @property
    def state(self) -> OwnState:
        """STANDING, EDITED or PINNED."""
        if self.pinned:
            return OwnState.PINNED
        return OwnState.EDITED if self.edited else OwnState.STANDING

    @property
    def old(self) -> bool:
        """Whether it was placed by the rules of 0.1, whose marks know no ordinals."""
        return not self.mark.highest and not self.mark.local

    @property
    def yours(self) -> frozenset[Field]:
        """The fields that the user has changed, without what `undo` put back."""
        return self.edited - (self.taken_back.fields.keys() if self.taken_back else frozenset())

    @property
    def put_back(self) -> bool:
        """Whether `undo` has put its time back, and it is to stay there whatever lies over it."""
        return bool(self.taken_back and self.taken_back.holds and Field.WHEN in self.taken_back.fields)

    @property
    def extra(self) -> bool:
        """Whether `undo` has put it back although its policy does not want it: it counts towards no goal."""
        return self.put_back and self.mark.base[Field.WHEN].startswith(EXTRA)

    @property
    def pinned(self) -> bool:
        """Whether the user has chosen its time."""
        return Field.WHEN in self.edited

    @property
    def done(self) -> bool:
        """Whether the user says that it was kept, whatever else the calendar shows."""
        return Gesture.DONE in self.gestures

    @property
    def asked(self) -> When:
        """When it was last asked for."""
        return read_stamp(self.mark.base[Field.WHEN]) or self.event.when


class Skip(Struct, frozen=True):
    """A wish that the user turned down by deleting its event.  `minutes` of it were planned on `day`.

    `taken_back`: the day on which `undo` took the event back; then it is no skip of the user's, and only stays away
    like one.  `spent`: nor is it where unbusy took it back because it was booked over again.  `when`: where it was, as
    last asked for; None where only the day is known.
    """

    policy: str
    key: str
    day: date
    minutes: int
    taken_back: date | None = None
    spent: bool = False
    when: TimeRange | None = None

    @property
    def wish(self) -> Wish:
        """Its name."""
        return Wish(self.policy, self.key)


class GivenUp(Struct, frozen=True, kw_only=True):
    """A place that a focus block of ours had to leave because it was booked over.

    `since`: when the block came there, None if that is not known; `left`: when unbusy moved it or took it away.
    """

    key: str
    when: TimeRange
    left: datetime
    since: datetime | None = None


class Contest(Struct, frozen=True):
    """An event that another program writes, too: the last days on which that was so, and what was the user's then."""

    days: tuple[date, ...] = ()
    edited: tuple[Field, ...] = ()


class Snapshot(Struct, frozen=True, kw_only=True, dict=True):
    """Immutable; `events` are the foreign ones, one per meeting, sorted by start; `ours` are all of ours in the window.

    `skipped`: not among ours, because the user has declined or cancelled them, or wrote `#skip`.  `away`: spans in
    which nothing is proposed (out of office, all-day busy, `[[away]]`, `unbusy: pause`), merged.  `answers`: what the
    user wrote on events of ours, each answer for itself; `entries`: the same with what it answers and where, as far as
    the journal looks back.  `main`: the calendar that wants go to by default.  `roles`: what our events are for.
    `nevers`: see `never`.  `absences`: `away` without pauses.  `policies`: the options of each policy that is switched
    on, see `options_of`.  `last_seen`: by the id of a subject, those of whom policies have asked
    (`PolicyKind.recall`), as far as it is known.  `unread`: what of ours may stand, and cannot be seen now.
    `replies`: by the key of an invitation, what a rule has answered.
    """

    now: datetime
    window: TimeRange
    profile: Profile
    events: tuple[Event, ...] = ()
    ours: tuple[OwnEvent, ...] = ()
    skipped: tuple[OwnEvent, ...] = ()
    commands: tuple[Command, ...] = ()
    skips: tuple[Skip, ...] = ()
    away: tuple[TimeRange, ...] = ()
    calendars: tuple[CalendarState, ...] = ()
    answers: Mapping[Wish, tuple[str, ...]] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    main: CalendarId = ""
    given_up: tuple[GivenUp, ...] = ()
    roles: Roles = field(default_factory=Roles)
    nevers: frozenset[str] = frozenset()
    absences: tuple[TimeRange, ...] = ()
    policies: Mapping[str, PolicyOptions] = field(default_factory=dict)
    last_seen: Mapping[str, LastSeen] = field(default_factory=dict)
    unread: frozenset[Wish] = frozenset()
    replies: Mapping[str, Replied] = field(default_factory=dict)

    def options_of(self, policy: str, kind: type[Theirs]) -> Theirs | None:
        """The options of another policy, None while it is off: what it would say is then nobody's to say.

        So one policy can speak of what another one counts, from the same calendar, and takes nothing that it placed.
        """
        found = self.policies.get(policy)
        return found if isinstance(found, kind) else None

    def calendar_of(self, options: PolicyOptions) -> CalendarId:
        """Where a policy writes: the main calendar, or the one of that name beside it; '' where that is not known."""
        if not options.calendar:
            return self.main
        account = self.main.partition("/")[0]
        beside = (c.id for c in self.calendars if c.name == options.calendar and c.id.partition("/")[0] == account)
        return next(beside, "")

    def never(self, subject: str) -> bool:
        """Whether the user wants nothing more about a subject ('person:dana@example.com')."""
        return subject in self.nevers

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return self.profile.zone

    @property
    def today(self) -> date:
        """The local day of `now`."""
        return local_day(self.now, self.zone)

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks that may still be planned: from this one to the end of the window."""
        ahead = TimeRange(min(self.now, self.window.end), self.window.end)
        return weeks_in(ahead, self.zone, self.profile.week_starts)

    @cached_property
    def all_weeks(self) -> tuple[Week, ...]:
        """The weeks of the whole window, those gone by included."""
        return weeks_in(self.window, self.zone, self.profile.week_starts)

    @property
    def this_week(self) -> Week:
        """The week of `now`."""
        return week_of(self.today, self.profile.week_starts)

    @cached_property
    def people(self) -> People:
        """Who is who, as the config says and, where it leaves that to them, the events of the window."""
        return People.of(self.profile, self.events)

    def working(self, day: date) -> tuple[TimeRange, ...]:
        """Working time of a day, away or not."""
        if day not in self._working:
            self._working[day] = self.profile.hours.on(day, self.zone)
        return self._working[day]

    def present(self, day: date) -> tuple[TimeRange, ...]:
        """Working time of a day in which the user is there."""
        return minus(self.working(day), self.away)

    def begins(self, day: date) -> datetime:
        """When its work begins: its first working minute; 09:00 on a day off."""
        spans = self.working(day)
        return spans[0].start if spans else at(day, time(9), self.zone)

    def morning(self, day: date) -> datetime:
        """When a day begins for what is written on it: two hours before its work."""
        return self.begins(day) - timedelta(hours=2)

    @cached_property
    def days_off(self) -> frozenset[date]:
        """The days that a calendar of public holidays gives; they are part of `away`."""
        return frozenset(d for e in self.events if e.counts_as is CountsAs.HOLIDAY for d in e.days())

    @cached_property
    def meetings(self) -> tuple[Event, ...]:
        """Every meeting in the window, by start."""
        return tuple(e for e in self.events if e.counts_as is CountsAs.MEETING)

    @cached_property
    def hand_made(self) -> tuple[Event, ...]:
        """The focus blocks of the user's own, by start."""
        return tuple(e for e in self.events if e.counts_as is CountsAs.FOCUS)

    @cached_property
    def meetings_on(self) -> Mapping[date, tuple[Event, ...]]:
        """The meetings of each local day that has any, by start; one over midnight is of the day on which it starts."""
        days: dict[date, tuple[Event, ...]] = {}
        for day, events in groupby(self.meetings, lambda e: local_day(e.span.start, self.zone)):
            days[day] = (*days.get(day, ()), *events)
        return days

    @cached_property
    def _working(self) -> dict[date, tuple[TimeRange, ...]]:
        return {}

    def by_day(self, kind: type[Figure]) -> dict[date, Figure]:
        """A memo for what one kind of figure has been worked out to be so far, by day."""
        return cast(dict[date, Figure], self._figures.setdefault(kind, {}))

    @cached_property
    def _figures(self) -> dict[type, dict[date, Any]]:
        return {}

    @cached_property
    def busy(self) -> tuple[TimeRange, ...]:
        """Foreign time that is taken: meetings, solo holds, hand-made focus, absence; merged.  Ours is not in it."""
        return merged([*(e.span for e in self.events if e.counts_as in TAKING), *self.away])

    def busy_with(self, buffer: int) -> tuple[TimeRange, ...]:
        """The same, with so many minutes before and after each."""
        if buffer not in self._busy_with:
            pad = buffer * MINUTE
            self._busy_with[buffer] = merged(TimeRange(busy.start - pad, busy.end + pad) for busy in self.busy)
        return self._busy_with[buffer]

    @cached_property
    def _busy_with(self) -> dict[int, tuple[TimeRange, ...]]:
        return {}

    @cached_property
    def busy_beside_unanswered(self) -> tuple[TimeRange, ...]:
        """The same, without the time of invitations that have no answer."""
        taking = (e for e in self.events if e.counts_as in TAKING and e.reply is not PartStat.NEEDS_ACTION)
        return merged([*(e.span for e in taking), *self.away])

    @cached_property
    def skipped_weeks(self) -> frozenset[tuple[str, Week]]:
        """The policies that rest, each with the week, because an event of theirs in it says `#skip-week`."""
        said = (o for o in self.ours if Gesture.REST in o.gestures)
        return frozenset((o.mark.policy, self.week_of(o.event.when)) for o in said)

    def own(self, policy: str) -> tuple[OwnEvent, ...]:
        """The events of ours that one policy asked for, by start."""
        return tuple(o for o in self.ours if o.mark.policy == policy)

    def in_role(self, role: Role) -> tuple[OwnEvent, ...]:
        """The events of ours that are there for one purpose, whichever policies asked for them, by start."""
        return tuple(o for o in self.ours if self.role(o) is role)

    def role(self, own: OwnEvent | Skip) -> Role:
        """What an event of ours is for, or was before the user turned it down."""
        return self.roles.of(own.wish)

    def time_of(self, event: Event) -> tuple[TimeRange, ...]:
        """The time that an event stands for; an all-day one means the working time of its days."""
        return tuple(r for day in event.days() for r in self.working(day)) if event.all_day else (event.span,)

    def begun(self, event: Event) -> bool:
        """Whether it is history: a timed event begins at its start, an all-day one ends with its last day."""
        return event.when.begun(self.now, self.zone)

    def firm(self, own: OwnEvent) -> bool:
        """Whether an event of ours no longer moves: the user has chosen its time, or it has begun."""
        return own.pinned or self.begun(own.event)

    def week_of(self, when: When) -> Week:
        """The week in which it begins."""
        return week_of(when.first_day(self.zone), self.profile.week_starts)
