"""Short ways to put something into a ledger, and to ask what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from daemon.ledger import ChangeRow, Ledger, OwnRow
from daemon.model.event import ResourceRef
from daemon.model.owner import Mark, OwnState
from daemon.model.protocols import Changes, Peek, Resource

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
WORK, HOME = "work/Work", "work/Home"
MARK = Mark("ada@example.com", "focus", "2026-W49/1", 0, {})
TODAY = date(2026, 12, 1).toordinal()
FAR = date.max.toordinal()
ROW = OwnRow(
    policy="focus", key="2026-W49/1", generation=0, status=OwnState.STANDING, calendar=WORK, title="Focus",
    day=date(2026, 12, 1), minutes=120,
)  # fmt: skip
CHANGE = ChangeRow(
    action="update", policy="focus", key="2026-W49/1", uid="unbusy-1", before={"title": "Focus", "reminder": None},
    after={"title": "Denken", "reminder": 5}, reason="its title has changed", cause="wanted",
)  # fmt: skip


def found(href: str, version: str = "1", payload: bytes = b"BEGIN:VCALENDAR", calendar: str = WORK) -> Resource:
    return Resource(ResourceRef(calendar, href, version), payload)


def store(
    ledger: Ledger, *resources: Resource, present: Sequence[str] = (), state: str = "", since: int = 0,
    peeks: Sequence[Peek] = (), calendar: str = WORK, now: datetime = NOW,
) -> None:  # fmt: skip
    """What a read of a calendar has found; `present`: what is there beside the resources that changed."""
    here = frozenset([*present, *(r.ref.href for r in resources)])
    changes = Changes(changed=resources, present=here, state=state)
    name = calendar.partition("/")[2]
    intake = ledger.mirror.intake(calendar, since)
    for resource, peek in zip(resources, peeks or [Peek()] * len(resources), strict=True):
        intake.put(resource, peek)
    intake.commit(name, changes, state, now)


def known(ledger: Ledger, calendar: str = WORK, since: int = FAR) -> dict[str, str]:
    return dict(ledger.mirror.intake(calendar, since).versions())


def state(ledger: Ledger, calendar: str = WORK, since: int = FAR) -> str:
    return ledger.mirror.intake(calendar, since).state


def everything(ledger: Ledger) -> object:
    """All that can be asked of it."""
    mirror, calendars = ledger.mirror, (WORK, HOME)
    return (
        [(known(ledger, c), known(ledger, c, 0), state(ledger, c), mirror.read_at(c)) for c in calendars],
        [list(mirror.resources(c, 0, FAR)) for c in calendars], mirror.calendars("work"),
        mirror.marked(calendars, [MARK.owner]), mirror.unmarked(calendars),
        ledger.own.rows(), ledger.own.fresh, ledger.runs.latest(99), ledger.runs.done_since(NOW - timedelta(99)),
        [ledger.drawer.get(name) for name in "ab"],
    )  # fmt: skip
