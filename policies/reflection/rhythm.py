"""How often the journal comes: silence is an answer, and any word brings it back.

It is read off our own events of the last weeks and the journal, so that a lost ledger changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum, auto

from daemon.model.owner import Wish
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, local_day, week_of
from policies.reflection.periods import POLICY

IN_A_ROW = 5
"""So many slots that pass without a word make the journal rarer, and as many again end it."""

WEEKS = 42 * DAY
"""So far back it is looked."""

GAP = 10
"""After so many working days without a slot, it had ended before."""

SETTLED = 14 * DAY
"""A review that is so old shows that the journal is not only just beginning."""


class Rhythm(Enum):
    """On which working days there is a journal."""

    DAILY = auto()
    TWICE = auto()
    REVIEWS = auto()


def rhythm(snapshot: Snapshot, on: date) -> Rhythm:
    """That of a day, by what had passed before it."""
    slots = sorted(_days(snapshot, "day/", on))
    said = (e.day for e in snapshot.entries if on - WEEKS <= e.day < on or e.day > snapshot.today)
    spoken = max(said, default=None)
    silent = [day for day in slots if spoken is None or day > spoken]
    if not slots and spoken is None:
        settled = any(on - day >= SETTLED for day in _days(snapshot, "", on))
        return Rhythm.REVIEWS if settled else Rhythm.DAILY
    if len(silent) >= 2 * IN_A_ROW or (silent and _working_days(snapshot, silent[-1], on) >= GAP):
        return Rhythm.REVIEWS
    return Rhythm.TWICE if len(silent) >= IN_A_ROW else Rhythm.DAILY


def has_journal(snapshot: Snapshot, day: date) -> bool:
    """Whether the rhythm of a day gives it a journal; twice a week is on the second and the fourth working day."""
    match rhythm(snapshot, day):
        case Rhythm.DAILY:
            return True
        case Rhythm.TWICE:
            week = week_of(day, snapshot.profile.week_starts)
            return day in [d for d in week.days if snapshot.working(d)][1:4:2]
        case Rhythm.REVIEWS:
            return False


def _days(snapshot: Snapshot, begins: str, on: date) -> Iterable[date]:
    """The days before `on` for which there was a slot with such a key, deleted ones too."""
    stood = ((o.wish, local_day(o.event.span.start, snapshot.zone)) for o in (*snapshot.ours, *snapshot.skipped))
    skipped = ((s.wish, s.day) for s in snapshot.skips if s.taken_back is None)
    days: dict[Wish, date] = dict([*skipped, *stood])
    return [d for w, d in days.items() if w.policy == POLICY and w.key.startswith(begins) and on - WEEKS <= d < on]


def _working_days(snapshot: Snapshot, after: date, until: date) -> int:
    """How many working days on which the user was there lie between two days."""
    return sum(bool(snapshot.present(after + n * DAY)) for n in range(1, (until - after).days))
