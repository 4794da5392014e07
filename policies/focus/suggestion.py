"""What the weekly review says of blocks that the user moves: an option that does it for them.  Nothing is learnt."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import MINUTE, TimeRange, at, local_day, within
from policies.focus.options import FocusOptions

LAST, ENOUGH = 5, 3
"""Of so many blocks so many were moved to the same half of their day."""
REST = timedelta(days=28)
"""It is said once in so long."""
SAID = "does it for you."
HALVES = {"morning": (time(9), time(12)), "afternoon": (time(13), time(16))}
NOON = time(12)


def suggested(snapshot: Snapshot, options: FocusOptions, on: date) -> tuple[str, ...]:
    """'You moved 3 of 5 blocks to the afternoon; `prefer = "13:00-16:00"` does it for you.'; () for nothing.

    `on`: the day of the review.  Where the times that the user prefers lie there already, nothing is said.
    """
    until = at(on, time(), snapshot.zone)
    blocks = sorted((o for o in snapshot.in_role(Role.FOCUS) if o.event.span.end <= until), key=lambda o: o.event.span)
    moved = [o.event.span for o in blocks[-LAST:] if _is_moved(o)]
    for half in HALVES:
        here = [span for span in moved if _half(snapshot, span.start) == half]
        if len(blocks) >= LAST and len(here) >= ENOUGH and not _was_said(snapshot, on):
            prefer = _prefer(snapshot, half, here)
            if not all(_is_preferred(snapshot, options, span) for span in here):
                return (f'You moved {len(here)} of {LAST} blocks to the {half}; `prefer = "{prefer}"` {SAID}',)
    return ()


def _is_preferred(snapshot: Snapshot, options: FocusOptions, span: TimeRange) -> bool:
    return bool(within([span], options.prefer.on(local_day(span.start, snapshot.zone), snapshot.zone)))


def _is_moved(own: OwnEvent) -> bool:
    """Whether the user gave it another start, and not only another length."""
    asked = own.asked
    return own.pinned and isinstance(asked, TimeRange) and asked.start != own.event.span.start


def _half(snapshot: Snapshot, start: datetime) -> str:
    return "morning" if start.astimezone(snapshot.zone).time() < NOON else "afternoon"


def _prefer(snapshot: Snapshot, half: str, spans: list[TimeRange]) -> str:
    """The usual hours of that half, and those in which the blocks lay."""
    first, last = HALVES[half]
    starts = [s.start.astimezone(snapshot.zone).time() for s in spans]
    ends = [(s.end - MINUTE).astimezone(snapshot.zone) for s in spans]
    end = max([last, *((e + timedelta(minutes=1)).time() for e in ends)])
    return f"{min([first, *starts]):%H:%M}-{end:%H:%M}"


def _was_said(snapshot: Snapshot, on: date) -> bool:
    prompts = (o for o in snapshot.in_role(Role.PROMPT) if SAID in o.event.description)
    return any(on - REST < local_day(o.event.span.start, snapshot.zone) < on for o in prompts)
