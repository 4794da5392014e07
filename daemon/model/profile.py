"""Who the user is: what the config says of them, apart from any policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from daemon.model.times import WorkingHours
from daemon.model.titles.patterns import AWAY_TITLES, FOCUS_TITLES, NOT_AWAY_TITLES

NOBODY = frozenset({"", "invalid:nomail", "unknownorganizer@calendar.google.com"})
"""What stands for an organizer where there is none: Apple's and Google's servers write the last two."""

_ROOMS = "@resource.calendar.google.com"


class Lunch(Struct, frozen=True, kw_only=True):
    """When lunch is: `minutes` of it inside `between`; `noon` is nobody's on an ordinary day.  Local wall times."""

    between: tuple[time, time] = (time(11, 30), time(14))
    noon: tuple[time, time] = (time(12), time(13))
    minutes: int = 30


class Profile(Struct, frozen=True, kw_only=True):
    """What the config says of the user, apart from any policy.

    `me`: all own addresses, lower case.  `logins`: how servers name the user besides: user names, and the paths of
    principals.  `ignore` and all `titles`: patterns of `daemon.model.titles`.  `region`: the user's part of a
    country, for its public holidays.  `week_starts`: Monday = 0.  `owner`: the name on our marks; `former`: the
    names on those that were written before.  `lunch`: None where none is kept free.  `quotes`: the accounts whose
    titles may all stand in what is written.  `groups`: addresses by the name of the group; `reports_by_calendar`:
    the reports are whom the calendar shows (`daemon.model.user.people`).  `internal`: the domains whose people are no
    guests, lower case; none: not known.  `courtesy`: the user's own templates of messages, by name.
    """

    owner: str
    zone: ZoneInfo
    hours: WorkingHours
    me: frozenset[str] = frozenset()
    logins: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    week_starts: int = 0
    ignore: tuple[str, ...] = ()
    focus_titles: tuple[str, ...] = FOCUS_TITLES
    focus_categories: tuple[str, ...] = ("focus", "deep work")
    away_titles: tuple[str, ...] = AWAY_TITLES
    not_away_titles: tuple[str, ...] = NOT_AWAY_TITLES
    region: str = ""
    unanswered_busy: bool = True
    lunch: Lunch | None = Lunch()
    quotes: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reports_by_calendar: bool = False
    internal: frozenset[str] = frozenset()
    courtesy: Mapping[str, str] = field(default_factory=dict)

    @property
    def owners(self) -> frozenset[str]:
        """Every name on marks of ours."""
        return self.former | {self.owner}

    def is_me(self, address: str) -> bool:
        """Whether an address (lower case) is the user's: also with a tag, as in ada+calendar@example.com."""
        if address in self.me or address in self.logins:
            return True
        if "/" in address:  # a principal: its path may be told with a host, and with a slash at its end
            path = address.rstrip("/")
            return any(path == p or path.endswith(p if p[0] == "/" else f"/{p}") for p in self._principals)
        name, plus, domain = address.partition("+")
        return bool(plus) and f"{name}@{domain.partition('@')[2]}" in self.me

    @property
    def _principals(self) -> list[str]:
        return [p for name in self.logins if (p := name.rstrip("/"))]

    def is_other(self, address: str) -> bool:
        """Whether an address is that of another person: a room is nobody."""
        return address not in NOBODY and not address.endswith(_ROOMS) and not self.is_me(address)
