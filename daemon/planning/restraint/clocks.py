"""Whether the machine's clock can be right.  Pure: what is wrong with it, and whether a second look is enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.model.times import DAY
from daemon.model.words import lasting

BACK = DAY
"""A clock that is more than this behind what was seen before is wrong."""

OFF = timedelta(hours=1)
"""So far it may be off a server's."""

AHEAD = 60 * DAY
"""Where no server says what time it is, so long may have passed since the last run."""

AGAIN = timedelta(hours=1)
"""After so long a second look agrees with the first, if the clock has gone on as clocks do."""


def off_server(skew: timedelta | None, agreed: timedelta = timedelta(0)) -> str:
    """Why a server's time speaks against the clock, '' if it does not.  `agreed`: what the user has said it may be."""
    if skew is None or abs(skew - agreed) <= OFF:
        return ""
    return f"the clock is {lasting(abs(skew))} {'ahead of' if skew > timedelta(0) else 'behind'} that of the server"


def off_past(now: datetime, last: datetime | None, newest: datetime | None) -> str:
    """Why the past speaks against it: the last run, and the newest file of the state."""
    if last and last - now > BACK:
        return "the clock is earlier than the last run"
    if newest and newest - now > BACK:
        return "the clock is earlier than the newest file of the state"
    if last and now - last > AHEAD:
        return f"the clock says that the last run was {(now - last).days} days ago"
    return ""


def looks_agree(first: datetime | None, now: datetime) -> bool:
    """Whether a second look at a doubted clock is one hour later, and no more than a day."""
    return first is not None and AGAIN <= now - first <= DAY
