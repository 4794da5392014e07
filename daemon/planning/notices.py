"""What unbusy says about itself on the calendar, for those who never look at a log: one all-day line a week at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum

from daemon.model.event import CalendarId
from daemon.model.owner import UNBUSY, Wish
from daemon.model.proposal import Content, Fixed, Level, Want
from daemon.model.snapshot import CalendarState, Snapshot
from daemon.model.times import DAY, DateRange, Week


class Topic(StrEnum):
    """What a notice is about; its key begins with it."""

    STALE = "stale"  # a calendar cannot be read
    STOPPED = "stopped"  # a plan is over the limits


def topic(wish: Wish) -> Topic | None:
    """What the notice of this name is about; None for what is none."""
    return next((t for t in Topic if wish.policy == UNBUSY and wish.key.startswith(f"{t}/")), None)


STALE_FOR = timedelta(hours=24)
"""How old the last reading of a calendar may be for new events to be made."""


def keys(week: Week, calendars: Iterable[CalendarId]) -> Iterator[str]:
    """Every key that a notice may have in a week."""
    yield from (f"{key}/{week.key}" for key in (Topic.STOPPED, *(f"{Topic.STALE}/{c}" for c in calendars)))


def unknown(snapshot: Snapshot) -> list[CalendarState]:
    """Calendars of which too little is known to plan on: not readable for a day, or never read."""
    return [
        c
        for c in snapshot.calendars
        if c.stale and (c.read_at is None or snapshot.now - c.read_at > STALE_FOR)
    ]  # fmt: skip


def stale(snapshot: Snapshot) -> list[Want]:
    """For each such calendar: nothing new is made until it can be read."""
    return [
        _notice(
            snapshot,
            f"{Topic.STALE}/{c.id}",
            f"unbusy cannot read {c.name}",
            f"The calendar {c.name} could not be read for a day or longer. What stands is kept, and nothing new is "
            "made until it can be read again. `unbusy check` says what is wrong.",
        )
        for c in unknown(snapshot)
    ]


def stopped(snapshot: Snapshot, why: str) -> Want:
    """The daemon holds a plan that is over the limits."""
    return _notice(
        snapshot,
        Topic.STOPPED,
        "unbusy has stopped and asks",
        f"Nothing was written: {why}. Look at `unbusy plan`; `unbusy apply --force` carries it out.",
    )


def _notice(snapshot: Snapshot, key: str, title: str, text: str) -> Want:
    """On today, once a week: later in the week it is history, and stays."""
    day = DateRange(snapshot.today, snapshot.today + DAY)
    return Want(
        policy=UNBUSY, key=f"{key}/{snapshot.this_week.key}", content=Content(title=title, reason=text),
        when=Fixed(day), level=Level.LUNCH,
    )  # fmt: skip
