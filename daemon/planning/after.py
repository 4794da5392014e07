"""The calendar as it will stand once a plan is carried out."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, EventRef, ResourceRef
from daemon.model.owner import Field
from daemon.model.plan import Change, Create, Delete, Draft, Respond, Update
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.planning.restraint.replies import with_replies


def after(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """The snapshot with our events, and the invitations that are answered, as the changes leave them."""
    changes, ours = tuple(changes), {o.event.ref.uid: o for o in snapshot.ours}
    for change in changes:
        match change:
            case Delete():
                ours.pop(change.before.event.ref.uid, None)
            case Create():
                draft = change.draft
                event = Event(
                    ref=EventRef(draft.calendar, draft.uid), resource=ResourceRef(draft.calendar, "", ""),
                    span=snapshot.window, private=not draft.visible, created=snapshot.now, counts_as=CountsAs.OURS,
                )  # fmt: skip
                ours[draft.uid] = _as_drafted(event, draft, frozenset(Field), snapshot)
            case Update():
                before = change.before
                now = _as_drafted(before.event, change.draft, change.fields, snapshot)
                ours[change.draft.uid] = replace(before, event=now.event, mark=now.mark)
            case _:
                pass
    snapshot = with_replies(snapshot, (c for c in changes if isinstance(c, Respond)))
    return replace(snapshot, ours=tuple(sorted(ours.values(), key=lambda o: (o.event.span, o.event.ref))))


def _as_drafted(event: Event, draft: Draft, fields: frozenset[Field], snapshot: Snapshot) -> OwnEvent:
    if Field.WHEN in fields:
        event = replace(event, span=draft.when.span(snapshot.zone), dates=draft.when.dates)
    event = replace(
        event,
        summary=draft.title if Field.TITLE in fields else event.summary,
        description=draft.text if Field.TEXT in fields else event.description,
        show_as=draft.show_as if Field.SHOW_AS in fields else event.show_as,
        mark=draft.mark,
    )
    return OwnEvent(event=event, mark=draft.mark)
