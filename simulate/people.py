"""Who is simulated, and by which numbers: the file parameters.toml, read strictly.

Times are local wall times of the leader: a `date`, and minutes after its midnight.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path

import msgspec
from msgspec import Struct

FILE = Path(__file__).with_name("parameters.toml")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)
ME = "leader@example.com"


class _Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Seeds(_Strict, frozen=True, kw_only=True):
    """Those on which rules are tuned, and those on which they are reported."""

    tuning: tuple[int, ...]
    reporting: tuple[int, ...]


class Span(_Strict, frozen=True, kw_only=True):
    """The days that are lived, and the times of the two cycles of each."""

    first: date
    weeks: int
    warm_up: int
    morning: str
    midday: str


class Kind(_Strict, frozen=True, kw_only=True):
    """What a request may be about."""

    title: str
    share: float
    minutes: tuple[int, ...]
    others: tuple[int, int]


class Season(_Strict, frozen=True, kw_only=True):
    """ISO weeks in which `factor` times as much is asked."""

    weeks: tuple[int, ...]
    factor: float


class Colleagues(_Strict, frozen=True, kw_only=True):
    """See the file."""

    takes_tentative: float
    takes_busy: float
    double_books: float
    same_day: float
    next_day: float
    days_2_to_4: float
    days_5_to_9: float
    days_10_to_25: float
    hours: Mapping[str, float]
    open_to_one: float
    open_to_many: float
    pressing_soon: float
    pressing_later: float
    patience_soon: int
    patience_later: int
    patience: int
    gives_way: float
    evening_length: int
    cancelled: float
    moved: float
    series_cancelled: float
    series_moved: float
    mine: float
    optional: float
    week_spread: float
    seasons: tuple[Season, ...]
    kinds: tuple[Kind, ...]

    def wanted(self, start: int) -> float:
        """How likely a start is to be wanted, beside others."""
        return self.hours.get(str(start // 60), 0.1)


class User(_Strict, frozen=True, kw_only=True):
    """See the file."""

    moves: float
    deletes: float
    shortens: float
    answers: float
    follows: float


class Country(_Strict, frozen=True, kw_only=True):
    """A calendar of holidays, by its name and its days."""

    calendar: str
    public: tuple[date, ...]
    observances: tuple[date, ...]


class Standing(_Strict, frozen=True, kw_only=True):
    """A series that lasts all year, `times` of them; on a day and at a time that is drawn where none is given."""

    title: str
    minutes: int
    others: tuple[int, int]
    times: int = 1
    every: int = 1
    daily: bool = False
    fixed: str = ""
    start: str = ""


class Leader(_Strict, frozen=True, kw_only=True):
    """See the file."""

    name: str
    country: str
    zone: str
    days: str
    hours: str
    requests: float
    projects: int
    vacations: tuple[tuple[date, date], ...]
    sick: int
    standing: tuple[Standing, ...]
    kind: str = ""
    goal: str = "8h"
    far: float = 0.0
    on_call: int = 0
    incidents: float = 0.0
    errands: float = 0.0

    @property
    def span(self) -> tuple[int, int]:
        """The working hours of a working day."""
        start, _, end = self.hours.partition("-")
        return minute(start), minute(end)

    def works(self, day: date) -> bool:
        """Whether it is one of the working days of the week."""
        first, _, last = self.days.partition("-")
        return DAYS.index(first) <= day.weekday() <= DAYS.index(last)


class Parameters(_Strict, frozen=True, kw_only=True):
    """The whole file."""

    seeds: Seeds
    year: Span
    colleagues: Colleagues
    user: User
    variants: Mapping[str, Mapping[str, float]]
    countries: Mapping[str, Country]
    leaders: tuple[Leader, ...]

    def leader(self, name: str) -> Leader:
        """KeyError for a name that is not in the file."""
        return {one.name: one for one in self.leaders}[name]

    def variant(self, name: str) -> Parameters:
        """The same with what is different in a variant; KeyError for a name that is not in the file."""
        changes = self.variants[name]
        user = {k: v for k, v in changes.items() if k in User.__struct_fields__}
        theirs = {k: v for k, v in changes.items() if k not in user}
        return msgspec.structs.replace(
            self,
            user=msgspec.structs.replace(self.user, **user),
            colleagues=msgspec.structs.replace(self.colleagues, **theirs),
        )


def parameters() -> Parameters:
    """The file; ValueError names what is wrong in it."""
    return msgspec.convert(tomllib.loads(FILE.read_text()), Parameters)


def minute(clock: str) -> int:
    """'09:30' as minutes after midnight."""
    hour, _, rest = clock.partition(":")
    return 60 * int(hour) + int(rest)


def clock(at: int) -> str:
    """Minutes after midnight as '09:30'."""
    return f"{at // 60:02}:{at % 60:02}"


def chance(*what: object) -> float:
    """A number from 0 to 1 that depends on nothing but its arguments: the same whatever else has happened."""
    drawn = blake2b("/".join(map(str, what)).encode(), digest_size=7).digest()
    return int.from_bytes(drawn) / 2**56


def days_off(leader: Leader, countries: Mapping[str, Country]) -> frozenset[date]:
    """Public holidays of the leader's country."""
    return frozenset(countries[leader.country].public)


def vacation(leader: Leader) -> frozenset[date]:
    """Every day of the leader's vacations."""
    return frozenset(a + n * DAY for a, b in leader.vacations for n in range((b - a).days + 1))
