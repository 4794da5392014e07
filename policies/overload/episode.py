"""Whether a week belongs to a spell of busy weeks: what is not needed rests meanwhile."""

from __future__ import annotations

from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from policies.overload.options import POLICY, OverloadOptions
from policies.overload.spells import Weeks


def lasts(snapshot: Snapshot, week: Week) -> bool:
    """Whether it is over a limit, or a spell goes on in it; read off the calendar, whether or not a flag stands.

    By the limits of the user; where nothing watches over them, no week is busy.
    """
    options = snapshot.options_of(POLICY, OverloadOptions)
    if not options:
        return False
    weeks = Weeks(snapshot, options)
    span = weeks.span(week)
    return bool(span.over) or (bool(weeks.before(week)) and not span.calm)
