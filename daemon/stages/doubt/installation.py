"""Which installation of unbusy this is, and which others write for the same owner.

The ledger draws a name once; the mark of each event says which installation wrote it last, and is never written for
that sake.  What stands when a ledger is new may be of this very machine, before its ledger was lost: only a name that
comes to an event afterwards is of another installation that is at work.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.ledger.notes import INSTALLATION, OTHER_INSTALLATIONS, Others
from daemon.ledger.ports import Drawer
from daemon.model.owner import Mark
from daemon.model.plan import Change, Create, Problem, Update
from daemon.model.snapshot import OwnEvent
from daemon.model.words import moment

FOR = timedelta(days=14)
"""So long after its last write another installation is spoken of."""


def name(drawer: Drawer) -> str:
    """The name of this one, six characters [0-9a-v]; drawn when it is first asked for."""
    if not (known := INSTALLATION.get(drawer)):
        import secrets  # noqa: PLC0415 once in the life of an installation

        known = base64.b32hexencode(secrets.token_bytes(5)).decode().lower()[:6]
        INSTALLATION.put(drawer, known)
    return known


def signed(change: Change, me: str) -> Change:
    """The change with a mark that says who writes it."""
    if not isinstance(change, Create | Update):
        return change
    return replace(change, draft=replace(change.draft, mark=replace(change.draft.mark, by=me)))


def others(drawer: Drawer, ours: Iterable[OwnEvent], now: datetime, zone: ZoneInfo, account: str) -> list[Problem]:
    """A problem for each other installation that has written lately.  What is found is remembered."""
    me, before = name(drawer), OTHER_INSTALLATIONS.get(drawer)
    after = known_after(before, {o.event.ref.uid: written_as(o.mark) for o in ours if o.mark.by not in ("", me)}, now)
    if after != before:
        OTHER_INSTALLATIONS.put(drawer, after)
    return [_problem(account, other, at, zone) for other, at in sorted(after.at_work.items())]


def written_as(mark: Mark) -> str:
    """Who wrote an event, and a short digest of what they asked for: 'a1b2c3 0f1e2d3c'."""
    return f"{mark.by} {hashlib.sha256(repr(sorted(mark.base.items())).encode()).hexdigest()[:8]}"


def known_after(before: Others | None, wrote: Mapping[str, str], now: datetime) -> Others:
    """What is known after a look: whoever has written an event as it was not before is at work."""
    if before is None:
        return Others(wrote=dict(wrote), at_work={})
    new = {as_.partition(" ")[0] for uid, as_ in wrote.items() if before.wrote.get(uid) != as_}
    lately = {other: at for other, at in before.at_work.items() if now - at < FOR}
    return Others(wrote=dict(wrote), at_work=lately | dict.fromkeys(new, now))


def _problem(account: str, other: str, at: datetime, zone: ZoneInfo) -> Problem:
    return Problem(
        account,
        f"another installation of unbusy ({other}) writes here, too; last noticed {moment(at, zone)}",
        "let one of them write; `unbusy status` shows the name of each",
    )
