"""What all policies come to together: how much stands on a day and is asked, what comes back, what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from statistics import median

from msgspec import Struct

from simulate.engine import Own
from simulate.history import History, Life, changed
from simulate.people import DAY

SIX_WEEKS = 6 * 7 * DAY
FADED = 4
"""So many weeks pass until prompts have faded for one who never answers."""


class Together(Struct, frozen=True, kw_only=True):
    """Events that unbusy put on a day (holds are none): `daily` is the median of working days.

    `most_asked`: questions in a week, but for those of focus blocks, which are notes.  `look_backs`: slots of
    reflection in a week, once prompts may have faded: the mean.  `returned`: words of the user's own, the fewest times
    in six weeks.  `broken`: promises, each by its name and day.
    """

    daily: float
    most_daily: int
    most_weekly: int
    most_asked: int
    look_backs: float
    returned: int
    broken: tuple[str, ...]


def together(history: History) -> Together:
    """The account of a year; what the user has moved counts as theirs."""
    came = [own for life in history.lives.values() if (own := life.came) and own.day in set(history.days)]
    ours = [own for own in came if own.policy not in ("mirror", "unbusy")]
    mine = {own.uid for own in ours if history.lives[own.uid].placed_by == "us"}
    days = Counter(own.day for own in ours if own.uid in mine)
    weeks = Counter(_monday(own.day) for own in ours if own.uid in mine)
    asked = Counter({_monday(own.day): 0 for own in ours})
    for own in ours:
        asked[_monday(own.day)] += 0 if own.policy == "focus" else len(own.asks)
    return Together(
        daily=median(days[d] for d in history.days if history.present(d)),
        most_daily=max(days.values(), default=0),
        most_weekly=max(weeks.values(), default=0),
        most_asked=max(asked.values(), default=0),
        look_backs=_look_backs(history, ours),
        returned=_returned(history),
        broken=(*history.broken, *_taken_from_the_user(history.lives.values())),
    )


def _look_backs(history: History, ours: Iterable[Own]) -> float:
    """A week in which the leader was there, from the fifth on."""
    present = {_monday(d) for d in history.days if history.present(d)}
    late = {w for w in present if w >= _monday(history.days[0]) + FADED * 7 * DAY}
    slots = Counter(_monday(own.day) for own in ours if own.policy == "reflection")
    return sum(slots[w] for w in late) / max(1, len(late))


def _returned(history: History) -> int:
    """In the poorest six weeks of those in which the leader was there on 20 days or more."""
    days = [day for day, _ in _quoted(history)]
    counts = []
    for first in history.days[::7]:
        span = [first + n * DAY for n in range(SIX_WEEKS.days)]
        if span[-1] <= history.days[-1] and sum(map(history.present, span)) >= 20:
            counts.append(sum(first <= day <= span[-1] for day in days))
    return min(counts[FADED:], default=0)


def _quoted(history: History) -> Iterator[tuple[date, str]]:
    """Each answer that stands in another event of ours than the one in which it was typed, with the day of that."""
    typed = history.answered
    for uid, life in history.lives.items():
        own = life.came
        if own is not None:
            yield from ((own.day, words) for at, words in typed.items() if at != uid and words in own.text)


def _taken_from_the_user(lives: Iterable[Life]) -> Iterator[str]:
    """What the user had moved, and unbusy moved again."""
    for life in lives:
        held = False
        for (_, _, old), (at, who, new) in pairwise(life.seen):
            moved = changed(old, new) == "move"
            held |= moved and who == "user"
            if held and moved and who == "us":
                yield f"{at:%Y-%m-%d} moved what the user had moved: {new.policy} {new.key}"


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
