"""What the calendar takes for absence though nobody has called it that: said in one line, so that it can be mended.

It is said on the user's own terminal alone, and so names what it is about.
"""

from __future__ import annotations

from daemon.model.event import CountsAs, Event
from daemon.model.snapshot import Snapshot
from daemon.model.times import local_day
from daemon.model.words import few, quoted
from daemon.planning.counting.classify import by_title, called_away

_WAY = "list the title in `not_away_titles` if you are there, in `away_titles` if not"


def away_unsaid(snapshot: Snapshot) -> tuple[str, ...]:
    """'away on 5 days: ‘On call’ (…)' for the working days ahead, with the way to change it; () if all is said."""
    commands = {c.event.ref for c in snapshot.commands}
    events = [
        e for e in snapshot.events if e.counts_as is CountsAs.AWAY and e.ref not in commands and _unsaid(e, snapshot)
    ]
    days = {d for week in snapshot.weeks for d in week.days if d >= snapshot.today}
    taken = {d for d in days if any(r.overlaps(e.span) for e in events for r in snapshot.working(d))}
    ahead = [e for e in events if local_day(e.span.end, snapshot.zone) > snapshot.today]
    if not taken:
        return ()
    count = "one day" if len(taken) == 1 else f"{len(taken)} days"
    return (f"away on {count}: {few(quoted(e.summary) for e in ahead)} (all day and shown as busy; {_WAY})",)


def _unsaid(event: Event, snapshot: Snapshot) -> bool:
    return not called_away(event) and by_title(event.summary, snapshot.profile) is None
