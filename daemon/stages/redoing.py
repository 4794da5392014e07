"""The calendar as it was before the last undos: what they took back stands in it, as far as nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec import structs

from daemon.ledger import ChangeRow, OwnRow
from daemon.model.event import CountsAs, Event, EventRef, ResourceRef, ShowAs
from daemon.model.owner import Field, Mark, Wish
from daemon.model.plan import Action, Cause
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.planning.snapshots import observed, skip_of
from daemon.stages import fields, taken_back
from daemon.stages.applying import DONE
from daemon.stages.observe import Observation
from daemon.stages.runtime import Runtime


def before_undos(runtime: Runtime, observation: Observation) -> Snapshot:
    """The snapshot of an observation that was made with `again`, with the undos that it lifts taken back in turn."""
    lifted = {row.wish: row for row in observation.wanted_again}
    snapshot = observation.snapshot
    ours, skips = {o.wish: o for o in snapshot.ours}, {s.wish: s for s in snapshot.skips}
    for row, cause in _undone(runtime, observation) if lifted else ():
        if row.wish in lifted and row.outcome == DONE:
            stood = ours.get(row.wish)
            _put(ours, row, lifted[row.wish], observation)
            if cause == Cause.SKIPPED and stood and row.wish not in ours:
                skips[row.wish] = skip_of(stood, snapshot.profile)
    in_order = sorted(ours.values(), key=lambda o: (o.event.span, o.event.ref))
    return replace(snapshot, ours=tuple(in_order), skips=tuple(skips.values()))


def _undone(runtime: Runtime, observation: Observation) -> Iterator[tuple[ChangeRow, str]]:
    """What the undos changed, the latest first, each with the cause of what it took back."""
    known = runtime.ledger.own.rows()
    backs = (known[row.wish].taken_back for row in observation.wanted_again if row.wish in known)
    since = taken_back.undone_since(runtime, (back.run for back in backs if back))
    runs = {run.id: run for run in runtime.ledger.runs.latest(taken_back.MOST)}
    for run in runs.values():
        if run.undoes is not None and run.id > since:
            causes = {c.wish: c.cause for c in runs[run.undoes].changes} if run.undoes in runs else {}
            yield from ((row, causes.get(row.wish, "")) for row in reversed(run.changes))


def _put(ours: dict[Wish, OwnEvent], row: ChangeRow, known: OwnRow, observation: Observation) -> None:
    """Take one change of an undo back, if it is as the undo left it."""
    own, snapshot = ours.get(row.wish), observation.snapshot
    match row.action:
        case Action.DELETE if own is None and row.before["generation"] == known.generation:
            ghost = _ghost(row, observation)
            if not snapshot.begun(ghost.event) and ghost.event.span.overlaps(snapshot.window):
                ours[row.wish] = ghost
        case Action.UPDATE if own is not None and not snapshot.begun(own.event):
            ours[row.wish] = _with_fields(own, row, snapshot)
        case Action.CREATE if own is not None and not snapshot.begun(own.event):
            read_back = known.read_back or {}
            left = fields.fingerprinted(row.after)
            if all(v in (left[f], read_back.get(f)) for f, v in observed(own.event).items()):
                del ours[row.wish]


def _ghost(row: ChangeRow, observation: Observation) -> OwnEvent:
    """An event that went, as it stood: all of it ours."""
    before, snapshot = row.before, observation.snapshot
    when = fields.when(before)
    assert when is not None  # noqa: S101  every event has a time
    bare = Mark(snapshot.profile.owner, row.policy, row.key, int(str(before["generation"])), {})
    mark = replace(bare, base=fields.fingerprinted(before))
    calendar, reminder = str(before["calendar"]), before["reminder"]
    event = Event(
        ref=EventRef(calendar, mark.uid), resource=ResourceRef(calendar, "", ""), span=when.span(snapshot.zone),
        dates=when.dates, summary=str(before["title"]), description=str(before["text"]), private=True,
        show_as=ShowAs(str(before["show_as"])), reminder=None if reminder is None else int(str(reminder)),
        colour=str(before["colour"]), created=snapshot.now, counts_as=CountsAs.OURS, mark=mark,
    )  # fmt: skip
    return OwnEvent(event=event, mark=mark)


def _with_fields(own: OwnEvent, row: ChangeRow, snapshot: Snapshot) -> OwnEvent:
    """One with the fields of a change as they were before it, where they still are as it left them."""
    before, after, found = fields.fingerprinted(row.before), fields.fingerprinted(row.after), observed(own.event)
    back = {f for f in Field if before[f] != after[f] and found[f] == after[f] and f not in own.yours}
    if Field.WHEN in back and _is_history(row.before, snapshot):
        back.discard(Field.WHEN)
    mark = replace(own.mark, base={**own.mark.base, **{f: before[f] for f in back}})
    return replace(own, event=_event(own.event, row.before, back, snapshot), mark=mark, edited=own.edited - back)


def _is_history(before: Mapping[str, object], snapshot: Snapshot) -> bool:
    when = fields.when(before)
    return when is None or when.begun(snapshot.now, snapshot.zone)


def _event(event: Event, before: Mapping[str, object], back: set[Field], snapshot: Snapshot) -> Event:
    """An event with these fields as they were."""
    when, reminder = fields.when(before) or event.when, before["reminder"]
    values: dict[Field, dict[str, object]] = {
        Field.WHEN: {"span": when.span(snapshot.zone), "dates": when.dates},
        Field.TITLE: {"summary": str(before["title"])},
        Field.SHOW_AS: {"show_as": ShowAs(str(before["show_as"]))},
        Field.REMINDER: {"reminder": None if reminder is None else int(str(reminder))},
        Field.COLOUR: {"colour": str(before["colour"])},
        Field.TEXT: {"description": str(before["text"])},
    }
    return structs.replace(event, **{name: v for f in back for name, v in values[f].items()})
