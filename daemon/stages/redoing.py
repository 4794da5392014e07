"""The calendar as it was before the last undos: what they took back stands in it, as far as nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

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


def before_undos(runtime: Runtime, observation: Observation) -> tuple[Snapshot, Snapshot]:
    """The snapshot of an observation that was made with `again`, with the undos that it lifts taken back in turn.

    And as it is, with all of an event ours that an undo has made anew and nobody has touched since: also what had been
    the user's before a purge goes again.
    """
    snapshot, made = observation.snapshot, set[Wish]()
    ours, skips = {o.wish: o for o in snapshot.ours}, {s.wish: s for s in snapshot.skips}
    for row, cause in _undone(runtime, observation):
        stood = ours.get(row.wish)
        _put(ours, row, observation.own[row.wish], observation)
        if stood and row.wish not in ours:
            made.add(row.wish)
            if cause == Cause.SKIPPED:
                skips[row.wish] = skip_of(stood, snapshot.profile)
    in_order = sorted(ours.values(), key=lambda o: (o.event.span, o.event.ref))
    stands = (replace(o, edited=frozenset()) if o.wish in made else o for o in snapshot.ours)
    before = replace(snapshot, ours=tuple(in_order), skips=tuple(skips.values()))
    return before, replace(snapshot, ours=tuple(stands))


def _undone(runtime: Runtime, observation: Observation) -> Iterator[tuple[ChangeRow, str]]:
    """What the undos changed, the latest first, each with the cause of what it took back.

    What is lifted; and since the last apply also an event that was made anew with nothing of it put back: its time had
    been the user's.
    """
    known, lifted = runtime.ledger.own.rows(), {row.wish for row in observation.wanted_again}
    backs = (known[wish].taken_back for wish in lifted if wish in known)
    applied = taken_back.last_applied(runtime)
    since = taken_back.undone_since(runtime, (back.run for back in backs if back)) if lifted else applied
    runs = {run.id: run for run in runtime.ledger.runs.latest(taken_back.MOST)}
    for run in (r for r in runs.values() if r.undoes is not None and r.id > since):
        causes = {c.wish: c.cause for c in runs[run.undoes].changes} if run.undoes in runs else {}
        anew = {Action.CREATE} if run.id > applied else set[Action]()
        for row in reversed(run.changes):
            if row.outcome == DONE and row.wish in observation.own and (row.wish in lifted or row.action in anew):
                yield row, causes.get(row.wish, "")


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
        dates=when.dates, summary=str(before["title"]), description=str(before["text"]),
        private=before.get("visible") is not True, show_as=ShowAs(str(before["show_as"])),
        reminder=None if reminder is None else int(str(reminder)),
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
    return replace(event, **{name: v for f in back for name, v in values[f].items()})
