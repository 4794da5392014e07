"""Time to breathe: a pause after a heavy talk, minutes after long runs of meetings, lunch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from daemon.model.proposal import Role, Want
from daemon.model.protocols import PolicyKind
from daemon.model.snapshot import Snapshot
from policies.breaks import lunch, recovery, talks
from policies.breaks.options import MOST, BreaksOptions, key


def propose(snapshot: Snapshot, options: BreaksOptions) -> Iterator[Want]:
    """Each kind that is switched on."""
    after_talks = list(talks.pauses(snapshot, options)) if options.decompression else []
    yield from after_talks
    if options.recovery:
        yield from recovery.pauses(snapshot, options)
    if options.lunch:
        yield from lunch.lunches(snapshot, options, after_talks)


def keys(snapshot: Snapshot, options: BreaksOptions) -> Iterator[str]:
    """`calm/2026-12-01` and `calm/2026-12-01-2` after talks, `recovery/2026-12-01`, `lunch/2026-12-01`."""
    del options
    for week in snapshot.all_weeks:
        for day in week.days:
            yield from (key("calm", day, n) for n in range(MOST))
            yield from (key("recovery", day), key("lunch", day))


def moments(snapshot: Snapshot, options: BreaksOptions) -> Iterator[datetime]:
    """When a pause after a long run of meetings is a day ahead."""
    if options.recovery:
        yield from recovery.moments(snapshot)


KIND = PolicyKind(
    options=BreaksOptions, propose=propose, roles={"": Role.PAUSE, "lunch": Role.LUNCH}, keys=keys, moments=moments
)
