"""One occurrence as unbusy sees it, whatever store it came from."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from daemon.model.owner import Mark
from daemon.model.times import DateRange, TimeRange, When

CalendarId = str
"""'ACCOUNT/NAME'; NAME is what the store itself calls the calendar (a folder, the end of an href, a Google id)."""


class ReadAs(StrEnum):
    """Whose events a calendar holds that is read and not written: what those count as in which the user has no part."""

    MINE = "mine"  # the user's: a meeting counts though they are not named in it (an invitation to a list)
    OTHERS = "others"  # somebody else's: they take no time
    BUSY = "busy"  # they take time, and are no meeting, focus or absence of the user's
    HOLIDAYS = "holidays"  # all-day events are days off


class ShowAs(StrEnum):
    """TRANSP and STATUS as one (RFC 5545, 3.8.2.7 and 3.8.1.11): free < tentative < busy."""

    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"

    @property
    def strength(self) -> int:
        """0, 1, 2: how strongly the time is defended."""
        return list(ShowAs).index(self)


class PartStat(StrEnum):
    """An attendee's answer (RFC 5545, 3.2.12)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


class EventType(StrEnum):
    """Google's eventType; elsewhere DEFAULT, unless properties say more (X-MICROSOFT-CDO-BUSYSTATUS)."""

    DEFAULT = "default"
    FOCUS_TIME = "focusTime"
    OUT_OF_OFFICE = "outOfOffice"
    WORKING_LOCATION = "workingLocation"
    BIRTHDAY = "birthday"


class CountsAs(StrEnum):
    """What an occurrence is to the policies; exactly one of these."""

    MEETING = "meeting"  # timed, under 24 h, opaque, not declined, with at least one other person
    FOCUS = "focus"  # the user's own hand-made focus block: counts, is never touched
    OURS = "ours"  # ours, as section "Ours" of docs/architecture.md defines it
    AWAY = "away"  # out of office, or an all-day event that the user shows as busy
    HOLIDAY = "holiday"  # a day off, by a calendar of public holidays
    BUSY = "busy"  # any other opaque time, alone: dentist, train, a hold
    FREE = "free"  # transparent, a working location, a birthday, days at work, an unanswered invitation to whole days
    OTHERS = "others"  # somebody else's, in a calendar that is not written
    COPY = "copy"  # of one of ours, made by a mirror tool in a calendar that is only read
    DECLINED = "declined"  # the user said no, or sent somebody else
    CANCELLED = "cancelled"  # STATUS:CANCELLED
    IGNORED = "ignored"  # the user said `#ignore` in an event of their own, or the config names its title
    COMMAND = "command"  # the user's own event titled `unbusy: …`; one that pauses counts as away


class ParticipationRole(StrEnum):
    """How an attendee takes part (RFC 5545, 3.2.16; CHAIR counts as required)."""

    REQUIRED = "REQ-PARTICIPANT"
    OPTIONAL = "OPT-PARTICIPANT"
    NONE = "NON-PARTICIPANT"


class Attendee(Struct, frozen=True, omit_defaults=True):
    """One ATTENDEE line.  `address` is lower case, without `mailto:`; `person` is false for rooms and resources."""

    address: str
    name: str = ""
    partstat: PartStat = PartStat.NEEDS_ACTION
    role: ParticipationRole = ParticipationRole.REQUIRED
    person: bool = True


class EventRef(Struct, frozen=True, order=True, omit_defaults=True):
    """Identity of an occurrence.

    `recurrence_id` is the original start of an instance of a series, '20261203T090000Z' (always UTC) or
    '20261203' (all-day); empty for a single event.
    """

    calendar: CalendarId
    uid: str
    recurrence_id: str = ""

    @property
    def key(self) -> str:
        """Its name in the keys of ours, 'c3v1…' or 'c3v1…/20261203T090000Z' in a series; whichever calendar it is in.

        The first 16 characters of base32hex (RFC 4648, 7) of SHA-256 over the UID, which may be longer than a mark.
        """
        hashed = hashlib.sha256(self.uid.encode(errors="surrogatepass")).digest()
        name = base64.b32hexencode(hashed).decode().lower()[:16]
        return f"{name}/{self.recurrence_id}" if self.recurrence_id else name


class ResourceRef(Struct, frozen=True):
    """Where a resource is stored and in which version: file name or href or Google id, and ETag or its like."""

    calendar: CalendarId
    href: str
    version: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One occurrence in a window; immutable.  A struct, since thousands of them are made and changed a second.

    `span` is the occupied time in UTC.  `dates` is set for all-day events, whose `span` then runs between local
    midnights of the user's zone.  `organizer_name`: CN of the organizer, as it was written.  `reminder` is minutes
    before the start, None for none.  `created`, `modified` and `sequence` are CREATED, LAST-MODIFIED and SEQUENCE
    (RFC 5545, 3.8.7): when it was made and last changed, and how often its organizer has changed what matters; None and
    0 where it does not say.  `override`: a component of its own says what it is (RECURRENCE-ID), whether its series is
    there or not.  `uncertain` marks times that could not be known exactly (an unknown zone): shown so, and busy.
    `program`: of one that is named as ours are, which program wrote the resource as a whole (PRODID), where the store
    knows it.
    """

    ref: EventRef
    resource: ResourceRef
    span: TimeRange
    dates: DateRange | None = None
    summary: str = ""
    description: str = ""
    location: str = ""
    categories: tuple[str, ...] = ()
    show_as: ShowAs = ShowAs.BUSY
    cancelled: bool = False
    organizer: str = ""
    organizer_name: str = ""
    attendees: tuple[Attendee, ...] = ()
    type: EventType = EventType.DEFAULT
    private: bool = False
    series: bool = False
    override: bool = False
    created: datetime | None = None
    modified: datetime | None = None
    sequence: int = 0
    reminder: int | None = None
    colour: str = ""
    mark: Mark | None = None
    uncertain: bool = False
    program: str = ""
    # What follows is not on the wire: the snapshot adds it, because it depends on who "I" am.  `spoken`: what may be
    # said of its title in what is written; None for all of it, '' for nothing.  `also`: where copies of it stand.
    spoken: str | None = None
    counts_as: CountsAs = CountsAs.BUSY
    reply: PartStat = PartStat.ACCEPTED
    mine: bool = False
    also: frozenset[CalendarId] = frozenset()

    @property
    def all_day(self) -> bool:
        """Whether it is a matter of days, not of instants."""
        return self.dates is not None

    @property
    def said(self) -> str:
        """Its title as far as it may stand in what is written; '' for nothing."""
        return self.summary if self.spoken is None else self.spoken

    @property
    def secret(self) -> bool:
        """Whether its title may stand in nothing that is written."""
        return self.spoken == ""

    @property
    def unanswered(self) -> bool:
        """A meeting to which the user has not replied."""
        return self.counts_as is CountsAs.MEETING and self.reply is PartStat.NEEDS_ACTION

    @property
    def when(self) -> When:
        """As the store has it: days of an all-day event, else instants."""
        return self.dates or self.span

    def days(self) -> tuple[date, ...]:
        """The days of an all-day event, () for a timed one."""
        return self.dates.days if self.dates else ()
