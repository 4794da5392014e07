"""What else is remembered, in one place: under which name each note lies in the drawer, and what is in it.

A note lies there as JSON.  One that cannot be read counts as none; each is such that the program then asks again, or
does less.  A change of names or contents is a step in `sqlite/migrations.py`.
"""

import json
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, ValidationError, convert, to_builtins

from daemon.ledger.ports import Drawer
from daemon.model.errors import TemporaryError
from daemon.model.event import CalendarId
from daemon.model.protocols import CalendarInfo
from daemon.model.snapshot import Contest
from daemon.model.user.contact import LastSeen
from daemon.model.user.never import Never
from daemon.model.user.reply import Replied
from daemon.model.words import moment

T = TypeVar("T")


class Note(Generic[T]):
    """One note: its name in the drawer, and its type."""

    __slots__ = ("kind", "name")

    def __init__(self, name: str, kind: type[T]) -> None:
        self.name = name
        self.kind = kind

    def get(self, drawer: Drawer) -> T | None:
        """What was noted, None for nothing."""
        try:
            return convert(json.loads(text), self.kind) if (text := drawer.get(self.name)) else None
        except (ValueError, RecursionError, ValidationError):
            return None

    def put(self, drawer: Drawer, value: T | None) -> None:
        """Note it, in place of what was noted before; None: nothing."""
        drawer.put(self.name, "" if value is None else self.text(value))

    def text(self, value: T) -> str:
        """A value as it lies in the drawer: in ASCII, since the name of a file may be no Unicode."""
        return json.dumps(to_builtins(value))


class Rest(Struct, frozen=True, kw_only=True):
    """An account or a write is left alone until a moment.  `failures`: in a row; the others: what was last wrong."""

    until: datetime
    failures: int
    what: str
    remedy: str
    code: int = TemporaryError.code

    def error(self, now: datetime, zone: ZoneInfo) -> TemporaryError:
        """What is said in place of an answer, with the exit code of what was wrong."""
        what = f"{self.what}; not asked again before {moment(self.until, zone)}"
        error = TemporaryError(what, self.remedy, self.until - now)
        error.code = self.code
        return error

    def lasts(self, now: datetime, longest: timedelta) -> bool:
        """Whether it is not over.  One beyond all bounds was noted under another clock."""
        return now < self.until <= now + longest


class Asked(Struct, frozen=True):
    """An account was well: it is not asked again before `due`.  `read`: its calendars; `listed`: all that it named."""

    due: datetime
    read: tuple[CalendarInfo, ...]
    listed: tuple[CalendarId, ...]


class Trouble(Struct, frozen=True):
    """Something that is wrong, as a problem tells it; `since`: when a cycle first met it."""

    where: str
    what: str
    remedy: str
    code: int
    since: datetime


class Health(Struct, frozen=True, kw_only=True):
    """What the daemon's last cycle came to.

    `stopped`: the limit that it met, '' for none.  `observing`: nothing was to be written.  `failed`: it did not come
    to its end.  `kept`, `booked`: minutes of focus in the week of `at`, so far and as planned.
    """

    at: datetime
    said: str
    stopped: str
    troubles: tuple[Trouble, ...] = ()
    observing: bool = False
    failed: bool = False
    kept: int = 0
    booked: int = 0


class Unread(Struct, frozen=True, kw_only=True):
    """A calendar that nobody has named could not be read: when that was, and why."""

    at: datetime
    why: str


class Part(Struct, frozen=True, kw_only=True):
    """A calendar that was not read in full yet: how many of its resources were, and how many there are."""

    read: int
    of: int

    def __str__(self) -> str:
        """'still being read: 5,000 of 12,300'."""
        return f"still being read: {self.read:,} of {self.of:,}"


class Others(Struct, frozen=True, kw_only=True):
    """Other installations: by UID who wrote an event last and how, and when each was last seen at work."""

    wrote: dict[str, str]
    at_work: dict[str, datetime]


class Clock(Struct, frozen=True, kw_only=True):
    """What was made of the machine's clock.

    `believed`: the last moment that was.  `doubted`: the first look at a clock that cannot be right.  `skew`: how many
    seconds it may be ahead of the server's, by the user's word.
    """

    believed: datetime | None = None
    doubted: datetime | None = None
    skew: float = 0.0


class Contacts(Struct, frozen=True, kw_only=True):
    """When the people whom the config names were last met: dates alone, by the id of each.

    `asked`: a digest of whom and how far back.  `tried`: the day on which the calendars were last gone through for it;
    `whole`: whether that was all of them.
    """

    asked: str
    tried: date
    whole: bool
    people: dict[str, LastSeen]


class Written(Struct, frozen=True, kw_only=True):
    """A file that was written into a folder of the user's, and when."""

    file: str
    at: datetime


PAGE = Note("page", Written)
"""The page of a week, as it was last written."""

CONTACTS = Note("contacts", Contacts)
"""Made anew from the calendars where it is missing; see `daemon.stages.past.contacts`."""

CLOCK = Note("clock", Clock)

HEALTH = Note("health", Health)

LOGINS = Note("names of the user", tuple[str, ...])
"""The names that stores have for the user."""

OWNERS = Note("owners", tuple[str, ...])
"""Every name under which events were written, the last one at the end."""

ADOPTED = Note("adopted", tuple[str, ...])
"""Other names whose events the user has taken over."""

SKIPS_TAKEN_UP = Note("skips taken up", bool)
"""Whether the skips of the journal are in the ledger."""


RULES = Note("rules", int)
"""By which set of rules the last run went; see `daemon.stages.ours.rules`."""

INSTALLATION = Note("installation", str)
"""The name of this installation; see `daemon.stages.doubt.installation`."""

NEVERS = Note("nevers", tuple[Never, ...])
"""What was said with `#never`, and what of it was taken back; see `daemon.stages.ours.nevers`."""

REPLIES = Note("replies", dict[str, Replied])
"""By the key of the invitation, what rules have answered; see `daemon.stages.ours.replies`."""

OTHER_INSTALLATIONS = Note("other installations", Others)

CONTESTS = Note("contests", dict[str, Contest])
"""By UID, the events that other programs write, too."""


def consent(account: str) -> Note[datetime]:
    """When the user first said yes to writing to an account."""
    return Note(f"confirmed {account}", datetime)


def addresses(account: str) -> Note[tuple[str, ...]]:
    """The user's addresses, as the server of an account told them last."""
    return Note(f"addresses {account}", tuple[str, ...])


def account_rest(account: str) -> Note[Rest]:
    """The rest of an account that failed as a whole."""
    return Note(f"rests {account}", Rest)


def asked(account: str) -> Note[Asked]:
    """When an account with an interval of its own was asked, while all was well."""
    return Note(f"asked {account}", Asked)


def write_rests(account: str) -> Note[dict[str, Rest]]:
    """The rests of single writes to an account, by what was tried."""
    return Note(f"unwritten {account}", dict[str, Rest])


def answered(calendar: CalendarId, uid: str) -> Note[str]:
    """The fingerprint of what was last answered to a command."""
    return Note(f"answered {calendar} {uid}", str)


def read_as(calendar: CalendarId) -> Note[str]:
    """As what a calendar was read when it was first judged; see `daemon.stages.calendars`."""
    return Note(f"read as {calendar}", str)


def unread(calendar: CalendarId) -> Note[Unread]:
    """That a calendar could not be read; it is asked again after a day."""
    return Note(f"unread {calendar}", Unread)


def part(calendar: CalendarId) -> Note[Part]:
    """How far a calendar was read that one reading has not gone through; nothing for any other."""
    return Note(f"part {calendar}", Part)


def keeps_marks(calendar: CalendarId) -> Note[bool]:
    """Whether the mark stood on the event when the store was last asked what it has made of a write of ours."""
    return Note(f"keeps marks {calendar}", bool)


class AccountNotes(Struct, frozen=True):
    """What a connector remembers of its account; see `daemon.model.protocols.Notes`."""

    drawer: Drawer
    account: str

    def get(self, name: str) -> str:
        """What was noted."""
        return self._note(name).get(self.drawer) or ""

    def put(self, name: str, value: str) -> None:
        """Note it."""
        self._note(name).put(self.drawer, value or None)

    def _note(self, name: str) -> Note[str]:
        return Note(f"note {self.account} {name}", str)


def readings(calendar: CalendarId, *, before: bool) -> str:
    """The name of what the resources of a calendar said in the window, or of ours before it.

    `daemon.ledger.readings` packs it.
    """
    return f"readings {'before ' * before}{calendar}"
