"""Weeks with far too many meetings, for what looks for the way out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random

from daemon.model.event import Event
from daemon.model.times import TimeRange, Week
from making import MONDAY, meeting, moment
from policies.overload.bounds import Bounds

WEEK = Week(MONDAY).days
WEEK_BOUNDS = Bounds(meeting=1080, in_hours=1148, after_hours=108, long_blocks=2)


def at(day_number: int, start: int, length: int, **more: object) -> Event:
    """A meeting `start` minutes after the midnight of a day of the week."""
    begin = moment("Mon 00:00") + timedelta(days=day_number, minutes=start)
    return meeting("Mon 00:00-00:01", span=TimeRange(begin, begin + timedelta(minutes=length)), **more)


def busy_week(seed: int, count: int, *, days: int = 5) -> list[Event]:
    """Meetings at random between 08:00 and 19:30, so that many are booked twice and some lie early or late."""
    random = Random(seed)  # noqa: S311 no secrets here
    return [
        at(random.randrange(days), 480 + 15 * random.randrange(46), random.choice((15, 30, 30, 45, 60, 60, 90)),
           uid=f"{n}", others=random.randrange(1, 9), optional=random.random() < 0.2, series=random.random() < 0.6)
        for n in range(count)
    ]  # fmt: skip


def in_pairs(_: int) -> list[Event]:
    """Every slot booked twice."""
    return [at(n % 5, 540 + 60 * (n // 10), 60, uid=f"{n}") for n in range(40)]


def staggered(_: int) -> list[Event]:
    """Each begins in the middle of the one before."""
    return [at(n % 5, 540 + 30 * (n // 5), 60, uid=f"{n}") for n in range(40)]


def odd(seed: int) -> list[Event]:
    """Lengths of any minute, across the edges of the working time: no two sums are equal."""
    random = Random(seed)  # noqa: S311 no secrets here
    return [at(n % 5, random.randrange(420, 1200), random.randrange(7, 97), uid=f"{n}") for n in range(40)]


LARGE: Mapping[str, Callable[[int], list[Event]]] = {
    "at random": lambda seed: busy_week(seed, 40),
    "in pairs": in_pairs,
    "staggered": staggered,
    "odd": odd,
}
"""Forty meetings of a kind, by a seed."""
