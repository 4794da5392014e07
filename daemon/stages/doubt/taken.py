"""UIDs that something foreign has taken, and writes that somebody else is faster with each time.

Whoever knows the owner's name can compute our UIDs, and send an invitation that has one; and a server may know a UID
from a calendar that is not read.  Then ours gets the UID of its next generation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.ledger import Ledger, OwnRow, RunRow
from daemon.model.event import CalendarId, Event
from daemon.model.owner import Names, OwnState, Wish
from daemon.model.plan import Plan, Problem
from daemon.model.profile import Profile
from daemon.model.words import title
from daemon.planning.counting.ours import is_known
from daemon.stages.ours import own_state
from daemon.stages.runtime import Runtime

LOST = "lost race"
"""The outcome of a write that somebody else was faster with."""

_TO_COME = (OwnState.INTENDED, OwnState.WITHDRAWN)
"""What has no event of ours, and may get one: in its next generation, if unbusy has taken it back."""

TWICE, OFTEN = 2, 3
"""So many lost races in a row: of a creation, until its UID counts as taken; of any write, until it is a problem."""


def by_others(
    runtime: Runtime, now: datetime, calendars: Collection[CalendarId], names: Names, unseen: set[Wish]
) -> dict[Wish, Event]:
    """What stands there with a UID of ours, among what is not ours as it stands, and never was, as far as is known.

    But where ours stands all the same, in another generation and out of the window.
    """
    rows = runtime.ledger.own.rows()
    suspects = {w for w in unseen if w not in rows or rows[w].status in _TO_COME}
    others, ours = _told_apart(runtime, now, calendars, names, suspects)
    return {wish: event for wish, event in others.items() if wish not in ours}


def of_what_is_away(
    runtime: Runtime, now: datetime, calendars: Collection[CalendarId], names: Names, found: Collection[Wish]
) -> dict[Wish, Event]:
    """What stands there with a UID of something of which nothing of ours stands: that is to stay away, or has gone.

    It puts nothing back: neither what the user has turned down nor what `undo` has taken back.  Nor does it stand for
    what came in a later generation because of it.
    """
    rows = runtime.ledger.own.rows()
    away = {w for w in found if w in rows and rows[w].status in own_state.AWAY}
    later = {w for w in found if w in rows and rows[w].status is OwnState.STANDING and rows[w].generation}
    others, ours = _told_apart(runtime, now, calendars, names, away | later)
    earlier = {w for w in later & others.keys() if (m := others[w].mark) and m.generation < rows[w].generation}
    return {wish: others[wish] for wish in others.keys() & (away | earlier) - ours}


def _told_apart(
    runtime: Runtime, now: datetime, calendars: Collection[CalendarId], names: Names, wishes: Collection[Wish]
) -> tuple[dict[Wish, Event], set[Wish]]:
    """What somebody else has made with a UID of these wishes, in the latest generation; and the wishes of the rest."""
    found: dict[Wish, Event] = {}
    ours: set[Wish] = set()
    for event in own_state.ours_of_any_age(runtime, now, calendars, names, wishes) if wishes else ():
        if event.mark and _is_others(event, runtime.profile):
            before = found.get(event.mark.wish)
            if not (before and before.mark and before.mark.generation > event.mark.generation):
                found[event.mark.wish] = event
        elif event.mark:
            ours.add(event.mark.wish)
    return found, ours


def _is_others(event: Event, who: Profile) -> bool:
    """Whether somebody else has made it: guests of one of ours may be the user's, its organizer may not be another."""
    return who.is_other(event.organizer) or bool(event.cancelled and event.mark and not is_known(event.mark))


def by_the_unknown(ledger: Ledger, rows: Mapping[Wish, OwnRow]) -> dict[Wish, int]:
    """The generations that could not be created time and again, though nothing is seen that has their UID."""
    waiting = {wish: row for wish, row in rows.items() if row.status is OwnState.INTENDED}
    if not waiting:
        return {}
    runs = ledger.runs.latest(OFTEN)
    created = {c.uid: c for run in runs for c in run.changes if c.action == "create"}
    lost = {uid for (action, uid), n in _in_a_row(runs).items() if action == "create" and n >= TWICE}
    uids = {created[uid].wish: created[uid].after.get("generation") for uid in lost}
    return {wish: row.generation for wish, row in waiting.items() if uids.get(wish) == row.generation}


def problems(seen: Mapping[Wish, Event], hidden: Mapping[Wish, int], main: str, zone: ZoneInfo) -> Iterator[Problem]:
    """What has taken a UID of ours."""
    for wish, event in sorted(seen.items()):
        what = f"{title(event, zone)} has the UID that unbusy gives to {wish}; it is left alone, and ours gets another"
        yield Problem(event.ref.calendar, what, "if it is nothing of yours, delete it")
    for wish in sorted(hidden):
        what = f"the UID that unbusy gives to {wish} is taken by something that it cannot see; ours gets another"
        yield Problem(main, what, "look for it in the calendars of this account that are not read")


def lost_often(ledger: Ledger, plan: Plan) -> tuple[Problem, ...]:
    """A problem for each change of a plan that somebody else was faster with in each of the last runs."""
    runs = ledger.runs.latest(OFTEN) if plan.changes else ()
    lost = {key for key, n in _in_a_row(runs).items() if n >= OFTEN}
    return tuple(
        Problem(
            c.calendar,
            f"`{c.action} {c.wish}` came too late {OFTEN} times in a row: something writes there at the same time",
            "find the program that does, or look at `unbusy check`",
            1,
        )
        for c in plan.changes
        if (c.action.value, c.uid) in lost
    )


def _in_a_row(runs: Sequence[RunRow]) -> dict[tuple[str, str], int]:
    """How often each write was lost since it last was not; `runs`: the newest first."""
    lost: dict[tuple[str, str], int] = {}
    ended: set[tuple[str, str]] = set()
    for change in (c for run in runs for c in run.changes):
        key = (change.action, change.uid)
        if change.outcome != LOST:
            ended.add(key)
        elif key not in ended:
            lost[key] = lost.get(key, 0) + 1
    return lost
