"""What may stand without its mark: the names of our wishes, by the ledger, and where it knows none, by hashing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from itertools import product

from msgspec.structs import replace

from daemon.config import registry
from daemon.ledger import OwnRow
from daemon.model.event import CalendarId
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import NOTHING_KNOWN, UNBUSY, Mark, Names, Wish, named
from daemon.model.snapshot import Snapshot
from daemon.model.times import TimeRange
from daemon.planning import notices
from daemon.planning.counting.ours import hashed, is_known
from daemon.stages.runtime import Runtime

LONGEST = timedelta(days=2 * 366)
"""How far from now the wishes are hashed when every trace is to be found."""


def known(runtime: Runtime, calendars: Collection[CalendarId], snapshot: Callable[[], Snapshot]) -> Names:
    """The marks of what stands in these calendars without one.  `snapshot`: made where the ledger is not enough."""
    stray = {name for name, _ in runtime.ledger.mirror.unmarked(calendars)}
    if not stray:
        return {}
    found = recorded(runtime.ledger.own.rows().values(), runtime.profile.owners)
    names = {digits: found[digits] for digits in stray & found.keys()}
    missing = stray - names.keys()
    return names | (guessed(runtime, snapshot(), missing) if missing else {})


def recorded(rows: Iterable[OwnRow], owners: Iterable[str]) -> dict[str, Mark]:
    """The marks of what the ledger knows, of the last generation with their base."""
    found: dict[str, Mark] = {}
    for row, owner in product(rows, owners):
        for n in range(row.generation + 1):
            mark = Mark(owner, row.policy, row.key, n, NOTHING_KNOWN)
            found[mark.digits] = mark
        if (last := read_mark(row.mark)) and last.digits == mark.digits:
            found[mark.digits] = last
    return found


def guessed(runtime: Runtime, snapshot: Snapshot, missing: Collection[str]) -> dict[str, Mark]:
    """Those of these names that any wish in the window may have; how it was asked for nobody knows."""
    marks = hashed(runtime.profile.owners, _wishes(runtime, snapshot)) if missing else ()
    return {digits: mark for mark in marks if (digits := mark.digits) in missing}


def wishes_of(runtime: Runtime, snapshot: Snapshot, uids: Iterable[str]) -> frozenset[Wish]:
    """The wishes in the window that may have events with these UIDs."""
    return frozenset(mark.wish for mark in guessed(runtime, snapshot, {named(uid) for uid in uids}).values())


def of_any_age(runtime: Runtime, calendars: Collection[CalendarId], snapshot: Snapshot) -> Names:
    """The same as `known`, with the wishes of years."""
    ever = TimeRange(snapshot.now - LONGEST, snapshot.now + LONGEST / 2)
    return known(runtime, calendars, lambda: replace(snapshot, window=ever))


def _wishes(runtime: Runtime, snapshot: Snapshot) -> Iterable[Wish]:
    for name, options in runtime.config.policies.items():
        yield from (Wish(name, key) for key in registry.policy(name).keys(snapshot, options))
    calendars = [c.id for c in snapshot.calendars]
    for week in snapshot.all_weeks:
        yield from (Wish(UNBUSY, key) for key in notices.keys(week, calendars))


def line_of(mark: Mark, before: OwnRow | None) -> str:
    """The mark as the ledger keeps it; where nothing is known of it, as the ledger has it already."""
    if not is_known(mark):
        return before.mark if before and before.generation == mark.generation else ""
    try:
        return write_mark(mark)
    except ValueError:  # somebody has written it by hand
        return ""
