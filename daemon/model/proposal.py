"""What policies answer: wants.  A want says what should exist and why, never how it gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

from msgspec import Struct, field

from daemon.model.event import CalendarId, ShowAs
from daemon.model.options import ClockRange
from daemon.model.owner import UNBUSY, Subject, Wish
from daemon.model.text import FOOTER, composed
from daemon.model.times import TimeRange, Week, When


class Level(IntEnum):
    """The order in which wants get their place; each level is solved exactly, given those before it."""

    LUNCH = 1
    PREPARATION = 2
    NAMED = 3  # focus time that the user asked for by name
    FOCUS = 4
    REVIEW = 5
    RECOVERY = 6
    HABIT = 7
    NETWORK = 8


class Rank(IntEnum):
    """In which order events and questions are left out where a day or a week has too many: from the last one up."""

    FLAG = 1
    LANDING = 2  # lunch, a pause after a heavy talk, the way into absence and out of it
    PREPARATION = 3
    FOCUS = 4
    REVIEW = 5  # of a week and more; a look back
    JOURNAL = 6
    RECOVERY = 7
    REPLIES = 8  # what is to answer
    HABIT = 9
    ADVICE = 10  # before meetings of two
    CONTACT = 11  # somebody who was not met for long


_RANKS = {
    Level.LUNCH: Rank.LANDING,
    Level.PREPARATION: Rank.PREPARATION,
    Level.NAMED: Rank.FOCUS,
    Level.FOCUS: Rank.FOCUS,
    Level.REVIEW: Rank.REVIEW,
    Level.RECOVERY: Rank.RECOVERY,
    Level.HABIT: Rank.HABIT,
    Level.NETWORK: Rank.CONTACT,
}


class Role(StrEnum):
    """What an event of ours is for.  Whoever measures, draws or explains asks for it, never for a policy's name."""

    FOCUS = "focus"  # time to think: counts as focus time
    FLAG = "flag"  # says something of a day or a week
    PROMPT = "prompt"  # asks something
    PAUSE = "pause"  # after heavy talks and long runs
    LUNCH = "lunch"  # where it lies, no other time has to stay free for that
    LANDING = "landing"  # the way into absence and out of it
    PREPARATION = "preparation"  # before or after one event of somebody else
    HABIT = "habit"  # a routine of the user's
    HOLD = "hold"  # stands for time that is taken in another calendar
    NOTICE = "notice"  # what unbusy says of itself

    @property
    def counts(self) -> bool:
        """Whether `max_per_day` and `max_per_week` limit it: not what only stands for another."""
        return self is not Role.HOLD

    @property
    def hangs(self) -> bool:
        """Whether it is there because of single events of others: without them it goes, however near it is."""
        return self in {Role.PAUSE, Role.LUNCH, Role.PREPARATION, Role.HOLD}


class Roles(Struct, frozen=True):
    """What each of our events is for: for each policy, by the part of the key before the first slash.

    '' stands for every other key.  An event of a policy that is not installed (any more) is a prompt.
    """

    table: Mapping[str, Mapping[str, Role]] = field(default_factory=dict)

    def of(self, wish: Wish) -> Role:
        """The role of the event of that name."""
        if wish.policy == UNBUSY:
            return Role.NOTICE
        roles = self.table.get(wish.policy, {})
        return roles.get(wish.key.partition("/")[0]) or roles.get("", Role.PROMPT)

    def lane(self, wish: Wish) -> str:
        """Equal for blocks that share a day's limit and keep apart: all of a policy, or all habits of one name.

        A landing counts with no block.
        """
        by_name = self.of(wish) in {Role.HABIT, Role.LANDING}
        return f"{wish.policy}/{wish.key.partition('/')[0]}" if by_name else wish.policy


class Showing(Struct, frozen=True, kw_only=True):
    """How an event is shown as time goes: as busy as `Content.show_as` says, and never less than it was asked for.

    `busy_within`: minutes before the start from which it is busy, None for never.  `busy_first`: blocks of a week up to
    this ordinal are busy at once.  `by_fate`: so is one that was moved because it was booked over; one that was and has
    no other place is free meanwhile; and after two changes it stays as it is.  `as_made`: it never changes.
    """

    busy_within: int | None = None
    busy_first: int = 0
    by_fate: bool = False
    as_made: bool = False


class Content(Struct, frozen=True, kw_only=True):
    """What the user reads.

    `showing`: None where it is always shown as `show_as`.  `reason`: one or two sentences without any relative
    time.  `question_ids`: of the `questions`, in the same order, without blanks; the first five stand in the mark.
    `opening`: what comes before the reason on the next of such events, and on no other.  `revised`: what its words
    spoke of is gone, so they are written once more.  `last`: its last line, one of `daemon.model.text`, '' for none.
    `focus`: it is focus time, which some stores know as a kind of event that is busy from the start.  `visible`:
    whoever may see the calendar reads it; all others of ours are private.  `silent`: nothing is written in it; the
    reason is told by `plan` alone.  `shows`: its reason is worth its place, though it asks nothing.  `titles`: of
    single blocks, by key, in place of `title`.  `first`: what the first of the blocks asks in place of `questions`,
    each with its id.
    """

    title: str
    reason: str
    questions: tuple[str, ...] = ()
    question_ids: tuple[str, ...] = ()
    opening: str = ""
    show_as: ShowAs = ShowAs.FREE
    showing: Showing | None = None
    reminder: int | None = None
    colour: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    first: tuple[tuple[str, str], ...] = ()
    focus: bool = False
    revised: bool = False
    last: str = FOOTER
    visible: bool = False
    silent: bool = False
    shows: bool = False


class Noon(StrEnum):
    """What an event has to do with noon, which is nobody's, and with the one stretch that stays free for lunch."""

    APART = "apart"  # it is never at noon
    BESIDE = "beside"  # it may be, and leaves a time for lunch where there is one
    LUNCH = "lunch"  # it may be, and takes the time for lunch: it is lunch itself


class Fixed(Struct, frozen=True):
    """A time that the policy knows: days or instants."""

    when: When


class Flexible(Struct, frozen=True, kw_only=True):
    """One event of `minutes` elapsed minutes, wholly inside one of `windows`.

    `late`: the later in its window the better (else the earlier).  `unless`: it is not there at all where another timed
    event of ours begins in one of these.  `cuts`: where it finds no room, the last block of focus time of its day ends
    so many minutes earlier at most, for its sake.
    """

    minutes: int
    windows: tuple[TimeRange, ...]
    late: bool = False
    noon: Noon = Noon.APART
    unless: tuple[TimeRange, ...] = ()
    cuts: int = 0


class Blocks(Struct, frozen=True, kw_only=True):
    """As many events as it takes to come to `total` minutes in `week`, wholly inside `windows`.

    Each lasts `shortest` to `longest` minutes, best `ideal`; at most `per_day` minutes a day.  `prefer` are better
    times.  `buffer` minutes are kept free between such an event and busy time.  `one_a_day`: there is no second on a
    day.  `each`: it is their number that counts, and none is too short for its place.  `slack` minutes of a day's
    working time are left free of busy time and of all of ours.
    `goal`: the minutes of which `total` is what is left, and `held` is kept already: then the reason of each block
    compares it with its week; 0: it is the want's.  `stays`: keys of blocks that others make room for, and not they.
    """

    week: Week
    total: int
    shortest: int
    ideal: int
    longest: int
    per_day: int
    windows: tuple[TimeRange, ...]
    prefer: tuple[TimeRange, ...] = ()
    buffer: int = 0
    one_a_day: bool = False
    each: bool = False
    slack: int = 0
    goal: int = 0
    held: int = 0
    stays: frozenset[str] = frozenset()


class Want(Struct, frozen=True, kw_only=True):
    """An event (or, with `Blocks`, events) that a policy wishes to exist.

    `key` names the wish and never its time; with `Blocks` it is the part before the ordinal ('2026-W49').
    `calendar` None means the main one.  `source`: the calendars whose events alone it comes from (what prepares one of
    them, what stands for one of them): while one of these cannot be read, it stays as it is.  Empty: the calendar as a
    whole, which is known well enough without one.  `rank`: see `ranked`.
    `about`: its subjects; it is left out once all of them are never to come again (`Snapshot.never`).
    """

    policy: str
    key: str
    content: Content
    when: Fixed | Flexible | Blocks
    level: Level = Level.REVIEW
    calendar: CalendarId | None = None
    source: frozenset[CalendarId] = frozenset()
    rank: Rank | None = None
    about: tuple[Subject, ...] = ()

    def ranked(self, roles: Roles) -> Rank:
        """Its place where there are too many: that of its role, else of its level, unless it says another."""
        role = roles.of(self.wish)
        by_role = {Role.FLAG: Rank.FLAG, Role.NOTICE: Rank.FLAG, Role.LANDING: Rank.LANDING}
        return self.rank or by_role.get(role) or _RANKS[self.level]

    @property
    def wish(self) -> Wish:
        """Its name; that of a block has an ordinal besides, see `Wish.want`."""
        return Wish(self.policy, self.key)


class Option(NamedTuple):
    """An option of a policy by its name in the config ('block.min'), and its value in minutes."""

    name: str
    minutes: int


class Switch(NamedTuple):
    """An option that must have another value before anything comes at all, why, and what the user is told to do."""

    option: str
    value: object
    because: str
    change: str


class BlockLimits(Struct, frozen=True, kw_only=True):
    """What the options of a policy say that can keep blocks of it away in a week.

    `role`, `level`: of its blocks.  `owed`: minutes that the week still owes.  `goals`: gives larger goals, from small
    to large.  `prefer`: the name of the option (a `ClockRanges`) with the better times of the day, '' where there is
    none, and `preferred`: those that it names.  `may_help`: other switches, of which one may be enough.
    """

    role: Role
    level: Level
    owed: int
    goal: Option
    goals: Callable[[], Iterable[int]]
    shortest: Option
    ideal: int
    per_day: Option
    buffer: Option
    prefer: str = ""
    preferred: tuple[ClockRange, ...] = ()
    switches: tuple[Switch, ...] = ()
    may_help: tuple[Switch, ...] = ()


def text_of(content: Content) -> str:
    """The description of an event of ours."""
    return "" if content.silent else composed(content.reason, content.questions, content.last)
