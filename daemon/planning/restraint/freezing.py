"""What hangs on a calendar that cannot be read: it stays as it is, and nothing else does.

A calendar that cannot be read stands as it was last read.  What is there because of its events alone says nothing new
of itself while that lasts: it is neither moved nor changed nor taken away, and nothing of the kind is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from daemon.model.event import CalendarId
from daemon.model.owner import Wish
from daemon.model.plan import Unplaced
from daemon.model.proposal import Blocks, Want
from daemon.model.snapshot import OwnEvent, Snapshot


class Frozen(Struct, frozen=True):
    """`left`: the wants that do not hang on such a calendar.  `kept`: the standing events that stay as they are."""

    left: tuple[Want, ...]
    kept: frozenset[Wish]
    unplaced: tuple[Unplaced, ...]


def frozen(snapshot: Snapshot, wants: Sequence[Want], stale: frozenset[CalendarId]) -> Frozen:
    """Tell them apart.  `stale`: the calendars that could not be read.

    What nobody wants any more is known by its role: while a calendar was never read at all, it may come from that one.
    """
    hanging = [w for w in wants if not w.source.isdisjoint(stale)]
    left = tuple(w for w in wants if w.source.isdisjoint(stale))
    kept = {o.wish for o in snapshot.ours if any(_is_of(o, w) for w in hanging)}
    if any(c.stale and c.read_at is None for c in snapshot.calendars):
        lost = (o for o in snapshot.ours if snapshot.role(o).hangs)
        kept |= {o.wish for o in lost if not any(_is_of(o, w) for w in left)}
    names = {c.id: c.name for c in snapshot.calendars}
    missing = (w for w in hanging if not any(_is_of(o, w) for o in snapshot.ours))
    return Frozen(
        left, frozenset(kept), tuple(Unplaced(w.policy, w.key, _why(w.source & stale, names)) for w in missing)
    )


def _is_of(own: OwnEvent, want: Want) -> bool:
    return want.wish == (own.wish.want if isinstance(want.when, Blocks) else own.wish)


def _why(calendars: Iterable[CalendarId], names: dict[CalendarId, str]) -> str:
    unread = " and ".join(sorted(names.get(c, c) for c in calendars))
    return f"it comes from {unread}, which cannot be read now"
