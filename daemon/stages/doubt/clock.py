"""The machine's clock: believed, or doubted until a second look an hour later agrees or the user confirms it."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.ledger.notes import CLOCK, Clock
from daemon.model.plan import Problem
from daemon.model.protocols import Timed
from daemon.planning.restraint.clocks import looks_agree, off_past, off_server
from daemon.stages.runtime import Runtime

REMEDY = "set the clock; nothing is written until a look an hour later agrees, or `unbusy apply` confirms it"


def doubt(runtime: Runtime, now: datetime) -> Problem | None:
    """What is wrong with the clock, once the accounts were read; None while it is believed.

    A server that agrees with it settles the matter; one that does not is not outvoted by a second look.
    """
    if runtime.told:
        return None
    known, skew = CLOCK.get(runtime.ledger.drawer) or Clock(), _skew(runtime)
    if why := off_server(skew, timedelta(seconds=known.skew)):
        return Problem("clock", why, REMEDY, 1)
    if skew is None and (why := off_past(now, known.believed, runtime.newest)):
        return None if looks_agree(known.doubted, now) else Problem("clock", why, REMEDY, 1)
    return None


def note(runtime: Runtime, now: datetime, doubted: Problem | None) -> None:
    """Remember a look at the clock."""
    if runtime.told:
        return
    known = CLOCK.get(runtime.ledger.drawer) or Clock()
    if doubted is None:
        known = replace(known, believed=now, doubted=None)
    elif known.doubted is None or not timedelta(0) <= now - known.doubted <= timedelta(days=1):
        known = replace(known, doubted=now)
    CLOCK.put(runtime.ledger.drawer, known)


def confirm(runtime: Runtime, now: datetime) -> None:
    """The user has said yes: the clock is right."""
    if not runtime.told:
        skew = _skew(runtime) or timedelta(0)
        CLOCK.put(runtime.ledger.drawer, Clock(believed=now, skew=skew.total_seconds() if off_server(skew) else 0.0))


def _skew(runtime: Runtime) -> timedelta | None:
    """Of the servers that say what time it is, the one that is nearest to our clock."""
    said = [c.skew() for c in runtime.connectors.values() if isinstance(c, Timed)]
    return min((s for s in said if s is not None), key=abs, default=None)
