"""What the user has typed into our events, as entries of the journal.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from daemon.model.owner import Field
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import reason_of, typed
from daemon.model.user.entry import Entry
from daemon.model.user.gesture import without_orders


def entries(snapshot: Snapshot) -> tuple[Entry, ...]:
    """Everything that was typed into the events of the window, also into those that were skipped.

    Words that are orders, and nothing beside them, are no answer.
    """
    return entries_of((*snapshot.ours, *snapshot.skipped), snapshot.zone)


def entries_of(ours: Iterable[OwnEvent], zone: ZoneInfo) -> tuple[Entry, ...]:
    """The same for these events."""
    return tuple(entry for own in ours if Field.TEXT in own.yours for entry in _entries(own, zone))


def _entries(own: OwnEvent, zone: ZoneInfo) -> Iterable[Entry]:
    base, event = own.mark.base[Field.TEXT], own.event
    start = event.span.start.astimezone(zone)
    for answer in typed(event.description, base, own.mark.questions):
        if not without_orders(answer.text):
            continue
        yield Entry(
            policy=own.mark.policy, key=own.mark.key, day=start.date(), event=event.summary,
            at=start.date().isoformat() if event.all_day else f"{start:%Y-%m-%dT%H:%M}",
            evidence=reason_of(event.description, base), question=answer.question, text=answer.text,
            generation=own.mark.generation, question_id=answer.id, calendar=event.ref.calendar,
        )  # fmt: skip
