"""What policies answer: wants.  A want says what should exist and why, never how it gets there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from daemon.model.event import CalendarId, ShowAs
from daemon.model.owner import Wish
from daemon.model.text import composed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the user reads.

    `busy_within`: minutes before the start from which it is shown as busy; where it is set, `show_as` only ever
    hardens on a standing event.  `reason`: one or two sentences without any relative time.  `question_ids`: of the
    `questions`, in the same order, without blanks; the first five stand in the mark.  `opening`: what comes before the
    reason on the next of such events, and on no other.  `focus`: it is focus time, which some stores know as a kind
    of event that is busy from the start.
    """

    title: str
    reason: str
    questions: tuple[str, ...] = ()
    question_ids: tuple[str, ...] = ()
    opening: str = ""
    show_as: ShowAs = ShowAs.FREE
    busy_within: int | None = None
    reminder: int | None = None
    colour: str = ""
    focus: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """A time that the policy knows: days or instants."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexible:
    """One event of `minutes` elapsed minutes, wholly inside one of `windows`.

    `late`: the later in its window the better (else the earlier).
    """

    minutes: int
    windows: tuple[TimeRange, ...]
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """As many events as it takes to come to `total` minutes in `week`, wholly inside `windows`.

    Each lasts `shortest` to `longest` minutes, best `ideal`; at most `per_day` minutes a day.  `prefer` are better
    times.  `buffer` minutes are kept free between such an event and busy time.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """An event (or, with `Blocks`, events) that a policy wishes to exist.

    `key` names the wish and never its time; with `Blocks` it is the part before the ordinal ('2026-W49').
    `calendar` None means the main one.
    """

    policy: str
    key: str
    content: Content
    when: Fixed | Flexible | Blocks
    level: Level = Level.REVIEW
    calendar: CalendarId | None = None

    @property
    def wish(self) -> Wish:
        """Its name; that of a block has an ordinal besides, see `Wish.want`."""
        return Wish(self.policy, self.key)


def text_of(content: Content) -> str:
    """The description of an event of ours."""
    return composed(content.reason, content.questions)
